"""The dashboard: the newest figures at each page's pace, measured once, and only while somebody looks."""

from __future__ import annotations

import asyncio
from itertools import chain, pairwise
from typing import Any

import pytest

from tests.labs.shared import hear, nodes, post
from tests.net.on_loop import on_loop, until
from wslearn.labs.apps import gauge
from wslearn.labs.apps.dashboard import Dashboard, dashboard
from wslearn.labs.apps.gauge import Gauge
from wslearn.net import Server, WebSocket, connect


async def watch(server: Server, every: int = 100) -> WebSocket:
    ws = await connect(server.url_of("/dashboard"))
    await post(ws, type="watch", every=every)
    return ws


async def draw(ws: WebSocket, count: int) -> list[dict[str, Any]]:
    """Do what a page does: take the figures, and say that they are drawn."""
    drawn = []
    for _ in range(count):
        figures = await hear(ws)
        assert figures["type"] == "figures"
        await post(ws, type="drawn", tick=figures["tick"])
        drawn.append(figures)
    return drawn


def gauge_of(server: Server) -> Gauge:
    app = server._apps["/dashboard"].run
    assert isinstance(app, Dashboard)
    return app._gauge


def measures(server: Server) -> bool:
    task = gauge_of(server)._measuring
    return task is not None and not task.done()


class TestPace:
    @on_loop
    async def test_each_page_has_its_own(self) -> None:
        async with nodes(dashboard) as (server,):
            fast, slow = await watch(server, 100), await watch(server, 500)
            hasty, steady = await asyncio.gather(draw(fast, 15), draw(slow, 3))
        ticks = [figures["tick"] for figures in steady]
        assert all(later - earlier >= 3 for earlier, later in pairwise(ticks))
        for figures in hasty, steady:
            assert [each["sent"] for each in figures] == [*range(1, len(figures) + 1)]
        assert steady[-1]["measured"] - steady[-1]["sent"] >= 4

    @on_loop
    async def test_one_measurement_serves_all(self) -> None:
        async with nodes(dashboard) as (server,):
            pages = [await watch(server) for _ in range(5)]
            shown = await asyncio.gather(*(draw(ws, 5) for ws in pages))
        by_tick: dict[int, list[Any]] = {}
        for figures in chain.from_iterable(shown):
            by_tick.setdefault(figures["tick"], []).append(figures["machine"])
        assert max(map(len, by_tick.values())) == 5
        assert all(each == machines[0] for machines in by_tick.values() for each in machines)

    @on_loop
    async def test_what_was_not_drawn_holds_the_next_back_and_the_rest_is_dropped(self) -> None:
        async with nodes(dashboard) as (server,):
            busy, other = await watch(server), await watch(server)
            first = await hear(busy)
            passed = await draw(other, 6)
            assert busy.buffered == 0
            await post(busy, type="drawn", tick=first["tick"] + 1)  # of figures that it was not sent
            passed += await draw(other, 2)
            assert busy.buffered == 0
            await post(busy, type="drawn", tick=first["tick"])
            (second,) = await draw(busy, 1)
        assert second["tick"] >= passed[-1]["tick"]
        assert second["sent"] == 2
        assert second["measured"] - second["sent"] >= 6

    @on_loop
    async def test_a_page_changes_its_mind(self) -> None:
        async with nodes(dashboard) as (server,):
            ws = await watch(server, 10_000)
            (first,) = await draw(ws, 1)
            await post(ws, type="watch", every=100)
            (second,) = await draw(ws, 1)
            assert second["tick"] - first["tick"] < 10
            await post(ws, type="watch", every=500)
            third = (await draw(ws, 3))[-1]
            assert third["tick"] - second["tick"] >= 6

    @on_loop
    async def test_the_age_is_that_of_the_value(self) -> None:
        async with nodes(dashboard) as (server,):
            ws = await watch(server, 500)
            for figures in await draw(ws, 3):
                (node,) = figures["nodes"]
                assert node["node"] == figures["here"]
                assert 0 <= node["age"] < 0.3

    @on_loop
    async def test_after_a_cut_it_begins_anew(self) -> None:
        async with nodes(dashboard) as (server,):
            ws = await watch(server)
            await draw(ws, 3)
            ws.abort()
            (figures,) = await draw(await watch(server), 1)
            assert figures["sent"] == 1


class TestNobody:
    @on_loop
    async def test_who_does_not_watch_has_nothing_measured(self) -> None:
        async with nodes(dashboard) as (server,):
            ws = await connect(server.url)
            await post(ws, type="drawn", tick=0)
            await hear(ws)
            assert not measures(server)
            assert gauge_of(server).tick == 0

    @on_loop
    async def test_it_ends_with_the_last_page_and_begins_with_the_next(self) -> None:
        async with nodes(dashboard) as (server,):
            one, two = await watch(server), await watch(server)
            await draw(one, 1)
            one.abort()
            await draw(two, 3)
            assert measures(server)
            await two.close()
            await until(lambda: not measures(server))
            tick = gauge_of(server).tick
            await asyncio.sleep(0.25)
            assert gauge_of(server).tick == tick
            (figures,) = await draw(await watch(server), 1)
            assert figures["tick"] == tick + 1


class TestFigures:
    @on_loop
    async def test_connections_are_those_of_the_server_and_messages_those_of_the_app(self) -> None:
        async with Server({"/dashboard": dashboard()}) as server:
            others = [await connect(server.url_of("/echo")) for _ in range(7)]
            ws = await watch(server)
            *_, last = await draw(ws, 12)
            (node,) = last["nodes"]
            assert node["connections"] == 8
            assert 5 < node["messages"] < 25  # ten each way, at most
            for other in others:
                other.abort()
            assert list(server.errors) == []

    @on_loop
    async def test_of_every_node_side_by_side(self) -> None:
        async with nodes(dashboard, 3) as servers:
            assert not any(map(measures, servers))
            ws, _other = await watch(servers[0]), await connect(servers[1].url_of("/echo"))
            while len(figures := (await draw(ws, 1))[0]["nodes"]) < 3:
                pass
            assert all(map(measures, servers)), "nodes without a page measure, too, while any page watches"
            by_port = {int(node["node"].split()[1].strip(",")): node for node in figures}
            assert [by_port[server.port]["connections"] for server in servers] == [1, 1, 0]
            assert not any(node["gone"] for node in figures)

    @on_loop
    async def test_all_rest_when_no_page_watches_anywhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gauge, "_GONE", 0.3)
        async with nodes(dashboard, 2) as servers:
            ws = await watch(servers[0])
            await draw(ws, 2)
            await until(lambda: measures(servers[1]))
            ws.abort()
            await until(lambda: not any(map(measures, servers)))

    @on_loop
    async def test_a_node_that_falls_silent_is_gone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gauge, "_GONE", 0.4)
        monkeypatch.setattr(gauge, "_FORGOTTEN", 0.8)
        async with nodes(dashboard, 2) as servers:
            ws = await watch(servers[0])
            while len((await draw(ws, 1))[0]["nodes"]) < 2:
                pass
            await servers[1].stop()
            seen = []
            while len(told := (await draw(ws, 1))[0]["nodes"]) == 2:
                seen.append([node for node in told if node["gone"]])
            assert seen[0] == []
            assert all(node["age"] > 0.4 for node in seen[-1])
            assert [len(gone) for gone in seen] == sorted(len(gone) for gone in seen)
            assert len(seen[-1]) == 1
            assert str(servers[0].port) in told[0]["node"], "the one that is forgotten is the other"
