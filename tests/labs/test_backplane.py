"""Both backplanes keep the same promises: the same events, in the same order, with the same numbers, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sized
from contextlib import asynccontextmanager, suppress

import pytest

import wslearn.labs.backplane
from tests.net.on_loop import on_loop, until
from wslearn.labs.backplane import KEEP, Backplane, Local, Nats, Unreachable, backplane
from wslearn.labs.cluster.broker import Broker
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
    async def test_the_last_number(self, planes: Callable[[], Backplane]) -> None:
        plane, log = planes(), next(names)
        assert await plane.last(log) == 0
        for number in (1, 2, 3):
            await plane.append(log, "event")
            assert await plane.last(log) == number
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


class Wire:
    """What is between a node and a broker: it may swallow what the broker says, and break."""

    def __init__(self, broker: Broker) -> None:
        self._broker = int(broker.url.rpartition(":")[2])
        self._ends: set[asyncio.StreamWriter] = set()
        self.swallows = False  # then it takes no new connection either

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """Give the URL of the broker at this end."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        async with server:
            yield f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self.cut()
            await until(lambda: not self._ends)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await until(lambda: not self.swallows)
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self._broker)
        ends = {writer, to_broker}
        self._ends |= ends

        async def down() -> None:
            while data := await from_broker.read(1 << 16):
                if not self.swallows:
                    writer.write(data)

        answering = asyncio.create_task(down())
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                to_broker.write(data)
        for end in ends:
            end.close()
        await asyncio.wait([answering])
        self._ends -= ends

    def cut(self) -> None:
        for end in self._ends:
            end.transport.abort()


class TestFollower:
    @on_loop
    async def test_what_was_on_its_way_when_the_network_broke_comes_after_all(self, broker: Broker) -> None:
        """The broker has sent it, and so it is delivered, as far as the broker knows."""
        wire, other, log = Wire(broker), Nats(broker.url), next(names)
        seen: list[int] = []
        async with wire.laid() as url:
            plane = Nats(url)
            await plane.follow(log, lambda number, _event: seen.append(number))
            await other.append(log, "first")
            await eventually(seen, 1)
            wire.swallows = True
            for _ in range(5):
                await other.append(log, "lost on the way")
            await asyncio.sleep(0.1)
            wire.cut()
            wire.swallows = False
            await other.append(log, "last")
            await eventually(seen, 7)
            assert seen == [1, 2, 3, 4, 5, 6, 7]
            await plane.close()
        await other.close()

    @on_loop
    async def test_a_broker_that_is_silent_is_left(
        self, broker: Broker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wslearn.labs.backplane, "_PING", 0.2)
        wire, other, log = Wire(broker), Nats(broker.url), next(names)
        seen: list[int] = []
        async with wire.laid() as url:
            plane = Nats(url)
            await plane.follow(log, lambda number, _event: seen.append(number))
            wire.swallows = True
            await other.append(log, "not heard of")
            there = set(wire._ends)
            async with asyncio.timeout(5):
                await until(lambda: not there & wire._ends)
            assert not seen
            wire.swallows = False
            await eventually(seen, 1)
            await plane.close()
        await other.close()

    @on_loop
    async def test_a_broker_that_starts_again_repeats_nothing(self, broker: Broker) -> None:
        plane, log = Nats(broker.url), next(names)
        seen: list[int] = []
        await plane.follow(log, lambda number, _event: seen.append(number))
        for round_ in range(3):
            for _ in range(5):
                await plane.append(log, "event")
            await eventually(seen, 5 * round_ + 5)
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
        async with asyncio.timeout(20):
            while True:
                with suppress(Unreachable):
                    assert await plane.append(log, "last", "once") == 16
                    break
        await eventually(seen, 16)
        assert seen == list(range(1, 17))
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
            plane.last("log"),
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
