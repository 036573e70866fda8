"""Both backplanes keep the same promises: the same events, in the same order, with the same numbers, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sized

import pytest

import wslearn.labs.backplane
from tests.net.on_loop import on_loop
from wslearn.labs.backplane import KEEP, Backplane, Local, Nats, Unreachable, backplane
from wslearn.labs.broker import Broker
from wslearn.labs.feed import Feed
from wslearn.labs.follower import Follower
from wslearn.labs.programs import Programs, free_port


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Programs() as programs:
        yield Broker(programs)


@pytest.fixture(params=["local", "nats"])
def planes(request: pytest.FixtureRequest, broker: Broker) -> Callable[[], Backplane]:
    """Make the backplane of one more node; `Local` has one node only."""
    if request.param == "local":
        local = Local()
        return lambda: local
    return lambda: backplane(broker.url)


names = (f"log-{number}" for number in range(10_000))


async def eventually(seen: Sized, count: int) -> None:
    async with asyncio.timeout(5):
        while len(seen) < count:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0.01)


class TestLog:
    @on_loop
    async def test_every_node_sees_the_same(self, planes: Callable[[], Backplane]) -> None:
        one, other, log = planes(), planes(), next(names)
        seen: list[list[tuple[int, str]]] = [[], []]
        await one.follow(log, lambda number, event: seen[0].append((number, event)))
        numbers = [await (one, other)[i % 2].append(log, f"e{i}") for i in range(20)]
        await other.follow(log, lambda number, event: seen[1].append((number, event)))
        numbers += [await other.append(log, "last")]
        for each in seen:
            await eventually(each, 21)
        assert numbers == list(range(1, 22))
        assert seen[0] == seen[1] == [*((i + 1, f"e{i}") for i in range(20)), (21, "last")]
        await one.close()
        await other.close()

    @on_loop
    async def test_what_is_sent_twice_is_there_once(self, planes: Callable[[], Backplane]) -> None:
        one, other, log = planes(), planes(), next(names)
        assert await one.append(log, "hello", "ada-1") == 1
        assert await one.append(log, "hello", "bob-1") == 2
        assert await other.append(log, "hello", "ada-1") == 1
        assert await other.append(log, "hello") == 3
        assert await other.append(log, "hello") == 4
        await one.close()
        await other.close()

    @on_loop
    async def test_logs_do_not_mix(self, planes: Callable[[], Backplane]) -> None:
        plane, log, other = planes(), next(names), next(names)
        seen: list[tuple[int, str]] = []
        await plane.append(other, "elsewhere")
        await plane.follow(log, lambda number, event: seen.append((number, event)))
        await plane.append(other, "elsewhere")
        assert await plane.append(log, "here", "x") == 1
        assert await plane.append(other, "elsewhere", "x") == 3
        await eventually(seen, 1)
        assert seen == [(1, "here")]
        await plane.close()

    @on_loop
    async def test_only_the_last_are_kept(self, planes: Callable[[], Backplane]) -> None:
        plane, log = planes(), next(names)
        for number in range(KEEP + 5):
            await plane.append(log, str(number))
        seen: list[tuple[int, str]] = []
        await plane.follow(log, lambda number, event: seen.append((number, event)))
        assert len(seen) == KEEP
        assert seen[0] == (6, "5")
        assert seen[-1] == (KEEP + 5, str(KEEP + 4))
        await plane.close()

    @on_loop
    async def test_a_broker_that_comes_back_goes_on(self, broker: Broker) -> None:
        plane, log = Nats(broker.url), next(names)
        seen: list[tuple[int, str]] = []
        try:
            await plane.follow(log, lambda number, event: seen.append((number, event)))
            await plane.append(log, "before")
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
            async with asyncio.timeout(20):
                while True:
                    try:
                        assert await plane.append(log, "after", "once") == 2
                        break
                    except Unreachable:
                        await asyncio.sleep(0.1)
            await eventually(seen, 2)
            assert seen == [(1, "before"), (2, "after")]
        finally:
            await plane.close()


class TestUnreachable:
    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wslearn.labs.backplane, "_PATIENCE", 0.3)

    @on_loop
    async def test_nobody_was_ever_there(self) -> None:
        plane = Nats(f"nats://127.0.0.1:{free_port()}")
        for asked in (
            plane.append("log", "event"),
            plane.follow("log", lambda _number, _event: None),
            plane.tell("subject", "word"),
            plane.hear("subject", lambda _word: None),
        ):
            with pytest.raises(Unreachable, match="The broker does not answer"):
                await asked
        await plane.close()

    @on_loop
    async def test_a_broker_that_is_gone_and_comes_back(self, broker: Broker) -> None:
        plane, log = Nats(broker.url), next(names)
        await plane.append(log, '{"id": "one"}', "one")
        feed = Feed(plane, log)
        await asyncio.to_thread(broker.kill)
        try:
            with pytest.raises(Unreachable):
                await plane.append(log, '{"id": "two"}', "two")
            with pytest.raises(Unreachable):
                await feed.begin()
        finally:
            await asyncio.to_thread(broker.start)
        async with asyncio.timeout(20):
            while True:
                try:
                    assert await plane.append(log, '{"id": "two"}', "two") == 2
                    await feed.begin()  # what failed once is tried again
                    break
                except Unreachable:
                    await asyncio.sleep(0.05)
        assert feed.last == 2
        await plane.close()

    @on_loop
    async def test_a_follower_ends_though_it_missed_that_it_was_cancelled(self) -> None:
        async def deaf(times: int) -> None:
            while True:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    times -= 1
                    if not times:
                        raise

        follower = Follower("log", lambda _number, _event: None)
        follower._task = asyncio.create_task(deaf(2))
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await follower.end()
        assert follower._task.cancelled()


class TestWords:
    @on_loop
    async def test_reach_all_who_hear_and_none_later(self, planes: Callable[[], Backplane]) -> None:
        one, other = planes(), planes()
        subject, heard = next(names), [[], []]  # type: ignore[var-annotated]
        await one.tell(subject, "too early")
        await one.hear(subject, heard[0].append)
        await other.hear(subject, heard[1].append)
        await other.tell(subject, "hi")
        for each in heard:
            await eventually(each, 1)
        assert heard == [["hi"], ["hi"]]
        await one.close()
        await other.close()
