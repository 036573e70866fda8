"""The matches: all nodes play them, and all see the same, each event once and in order."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

from tests.labs.playing import BEGIN, Clock, Page, ids, matches_of, on, published
from tests.labs.shared import Shared, nodes, post
from tests.net.on_loop import on_loop, until
from wslearn.labs.apps.season import ROUND
from wslearn.labs.backplane import KEEP, Backplane, Nats
from wslearn.labs.cluster.broker import Broker
from wslearn.labs.programs import Programs
from wslearn.net import Server


class Late(Shared):
    """Nodes hear a little later what one of them said, and ids are forgotten at once."""

    async def append(self, log: str, event: str, event_id: str = "") -> int:
        await asyncio.sleep(0.001)
        return await super().append(log, event)

    async def follow(self, log: str, on_event: Callable[[int, str], None]) -> None:
        def later(number: int, event: str) -> None:
            asyncio.get_running_loop().call_later(0.003, on_event, number, event)

        await super().follow(log, later)


class Behind(Shared):
    """What comes while they follow, all but the first node hear a good deal later."""

    def __init__(self) -> None:
        super().__init__()
        self._wait = 0.0

    async def follow(self, log: str, on_event: Callable[[int, str], None]) -> None:
        then, self._wait = self._wait, 0.03
        wait = 0.0

        def later(number: int, event: str) -> None:
            if wait:
                asyncio.get_running_loop().call_later(wait, on_event, number, event)
            else:
                on_event(number, event)

        await super().follow(log, later)
        wait = then


async def written(plane: Backplane) -> list[dict[str, Any]]:
    """Follow the log: a list that grows."""
    log: list[dict[str, Any]] = []
    await plane.follow("scores", lambda _, event: log.append(json.loads(event)))
    return log


def once_and_in_order(log: list[dict[str, Any]]) -> bool:
    keys = [tuple(map(int, event["id"].split("-"))) for event in log]
    return keys == sorted({*keys})


class TestNodes:
    @on_loop
    async def test_clocks_that_differ_write_one_log(self) -> None:
        plane, clocks = Shared(), [Clock(), Clock(ahead=1.7), Clock(ahead=-0.9)]
        log, next_clock, chance = await written(plane), iter(clocks), random.Random(3)
        async with nodes(lambda shared: on(next(next_clock))(shared), 3, plane) as servers:  # noqa: PLW0108
            pages = [await (await Page("league-north").connect(server)).states(1) for server in servers]
            begun = [page.topics["league-north"] for page in pages]
            for _ in range(20):
                for clock in clocks:
                    clock.now += chance.random()
                await asyncio.sleep(0.03)
            for clock in clocks:
                clock.now = BEGIN + 2 * ROUND
            await until(lambda: matches_of(servers[0])._at >= (302, 0))
            north = [event["id"] for event in log if "league-north" in event["numbers"]]
            for page, first in zip(pages, begun, strict=True):
                assert await page.until(len(north) - first) == north[first:]
        assert once_and_in_order(log)

    @on_loop
    async def test_what_is_in_the_log_twice_counts_once(self) -> None:
        """A node that was asleep, and says again what all know, after the log has forgotten the ids."""
        plane, clock = Late(), Clock()
        clock.now -= 2 * ROUND
        log = await written(plane)
        async with nodes(on(clock), 2, plane) as servers:
            pages = await asyncio.gather(*(Page("league-north").connect(server) for server in servers))
            begun = [(await page.states(1)).topics["league-north"] for page in pages]
            clock.now = BEGIN + 50
            await until(lambda: all(matches_of(server)._at >= (300, 40) for server in servers))
            assert not once_and_in_order(log)
            assert len(log) <= 2 * len({event["id"] for event in log}), "each node says it once"
            north = published(["league-north"], BEGIN - 4 * ROUND - 0.001, clock.now)
            for page, first in zip(pages, begun, strict=True):
                assert await page.until(len(north) - first) == ids(north)[first:]
            assert matches_of(servers[0]).numbers == matches_of(servers[1]).numbers

    @on_loop
    async def test_a_page_that_goes_to_a_node_which_is_behind(self) -> None:
        """Which hears of everything later than the page did, and whose clock is late, too."""
        clock, topics = Clock(), ("league-north", "team-owls")
        clocks = iter([clock, Clock(ahead=-ROUND)])
        async with nodes(lambda plane: on(next(clocks))(plane), 2, Behind()) as servers:  # noqa: PLW0108
            page = await (await Page(*topics).connect(servers[0])).states(2)
            await (await Page().connect(servers[1])).states(0)
            for _ in range(12):
                clock.now += 4
                wanted = published(topics, BEGIN, clock.now)
                assert await page.until(len(wanted)) == ids(wanted)
                for server in servers[::-1]:
                    page.ws.abort()
                    await page.connect(server)
                    await post(page.ws, type="count")
                    assert (await page.take())["type"] == "count", "and no state before it"

    @on_loop
    async def test_a_node_that_comes_when_the_log_has_forgotten_its_beginning(self) -> None:
        clock = Clock()
        async with nodes(on(clock), 2) as servers:
            old, new = map(matches_of, servers)
            while old.feed.last < KEEP + 200:
                clock.now += ROUND
                await old.begin({})
            page = Page("league-north")
            page.log = old.log
            page.topics["league-north"] = old.numbers["league-north"] - 3
            await page.connect(servers[1])
            last = published(["league-north"], BEGIN, clock.now)[-3:]
            assert await page.until(3) == ids(last)
            assert new.numbers == old.numbers
            assert new.state("league-coast") == old.state("league-coast")

    @on_loop
    async def test_who_plays_when_nobody_looks(self) -> None:
        clock = Clock()
        async with nodes(on(clock)) as (server,):
            assert matches_of(server).feed.last == 0
            page = await (await Page("league-north").connect(server)).states(1)
            await page.ws.close()
            playing = matches_of(server)._playing
            assert playing is not None
            await until(playing.done)
            last = matches_of(server).feed.last
            clock.now += ROUND
            await asyncio.sleep(0.2)
            assert matches_of(server).feed.last == last
            wanted = published(["league-north"], BEGIN, clock.now)
            assert await (await page.connect(server)).until(len(wanted)) == ids(wanted)

    @on_loop
    async def test_over_a_real_broker(self) -> None:
        clock, topics = Clock(), ("league-north", "team-owls")
        with Programs() as programs:
            url = Broker(programs).url
            watching = Nats(url)
            log = await written(watching)
            servers = [Server(on(clock)(Nats(url))) for _ in range(2)]
            for server in servers:
                await server.start()
            pages = await asyncio.gather(*(Page(*topics).connect(server) for server in servers))
            begun = [len((await page.states(2)).events) for page in pages]
            assert begun == [0, 0]
            clock.now += ROUND - 1
            wanted = published(topics, BEGIN, clock.now)
            for page in pages:
                await page.until(len(wanted) // 2)
                page.ws.abort()
            pages[0], pages[1] = [
                await page.connect(server) for page, server in zip(pages, servers[::-1], strict=True)
            ]
            for page in pages:
                assert await page.until(len(wanted)) == ids(wanted)
            assert once_and_in_order(log)
            for server in servers:
                await server.stop()
                assert list(server.errors) == []
            await watching.close()
