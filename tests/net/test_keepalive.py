"""Pings, their pongs, and the peer that gives none (RFC 6455 §5.5.2, §5.5.3)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.net.on_loop import on_loop, until
from tests.net.pairs import QUIET, pair
from tests.net.raw import Raw, listening, masked
from wslearn import Close, ConnectionClosed, Frame, Opcode, State, UsageError
from wslearn.net import Limits, Server, WebSocket, connect, echo
from wslearn.net.keepalive import Keepalive


class TestSection552PingAndPong:
    @on_loop
    async def test_latency(self) -> None:
        async with pair() as (client, served):
            seconds = await client.ping()
            assert 0 < seconds < 5
            assert client.latency == seconds
            assert await served.ping(b"payload") == served.latency

    @on_loop
    async def test_pings_at_once_are_told_apart(self) -> None:
        async with pair() as (client, _):
            assert all(seconds > 0 for seconds in await asyncio.gather(*[client.ping() for _ in range(50)]))

    @on_loop
    async def test_a_pong_answers_the_older_pings_too(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.accept()
            await raw.frame()
            await raw.frame()
            await raw.frame()
            for payload in (b"nobody asked", b"2", b"1", b"0"):
                raw.send(Frame(Opcode.PONG, payload).serialize())
            await raw.frames()

        async with listening(behave) as url, connect(url, limits=Limits(close_timeout=0.05)) as ws:
            first, second, given_up = ws.ping(b"1"), ws.ping(b"2"), asyncio.ensure_future(ws.ping(b"0"))
            given_up.cancel()
            assert await first >= await second

    @on_loop
    async def test_which_cannot_be_sent(self) -> None:
        async with pair() as (client, _):
            under_way = client.ping(b"same")
            with pytest.raises(UsageError, match="could not be told apart"):
                client.ping(b"same")
            with pytest.raises(UsageError, match="room for 125 bytes"):
                client.ping(bytes(126))
            await under_way
            await client.close()
            with pytest.raises(ConnectionClosed, match="sent 1000"):
                client.ping()

    @on_loop
    async def test_whose_pong_never_comes(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.accept()
            await raw.frame()
            raw.hang_up()

        async with listening(behave) as url, connect(url) as ws:
            forgotten, awaited, given_up = ws.ping(), ws.ping(), asyncio.ensure_future(ws.ping())
            given_up.cancel()
            with pytest.raises(ConnectionClosed, match="received no close frame"):
                await awaited
            assert forgotten is not awaited

    @on_loop
    async def test_pongs_do_not_wait_for_a_busy_application(self) -> None:
        async with Server({"/": self._sleep}) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(masked(b"1") + masked(b"a", Opcode.PING) + masked(b"2"))
            frame = await raw.frame()
            assert frame == Frame(Opcode.PONG, b"a")
            raw.reset()
            await until(lambda: not server.connections)

    @staticmethod
    async def _sleep(ws: WebSocket) -> None:
        await ws.wait_closed()


class TestKeepalive:
    @on_loop
    async def test_a_peer_that_is_there(self) -> None:
        async with pair(limits=Limits(ping_interval=0.01, ping_timeout=0.3)) as (client, served):
            first = served.latency
            await until(lambda: first != served.latency is not None)
            again = served.latency
            await until(lambda: served.latency != again)
            assert client.state is served.state is State.OPEN

    @on_loop
    async def test_a_peer_that_is_gone_without_a_word(self) -> None:
        async with Server(limits=Limits(ping_interval=0.01, ping_timeout=0.03)) as server:
            raw = await Raw.upgrade(server.url)
            frames = await raw.frames()
            assert [frame.opcode for frame in frames] == [Opcode.PING, Opcode.CLOSE]
            assert frames[-1].payload == Close(1011, "no pong in time").serialize()
            await until(lambda: not server.connections)
            raw.hang_up()

    @on_loop
    async def test_without_a_deadline(self) -> None:
        async with Server(limits=Limits(ping_interval=0.005, ping_timeout=None)) as server:
            raw = await Raw.upgrade(server.url)
            assert [await raw.frame() is not None for _ in range(5)] == [True] * 5
            raw.reset()
            await until(lambda: not server.connections)

    @on_loop
    async def test_a_busy_application_is_not_the_peer_s_fault(self) -> None:
        """The pong waits behind the messages that the application does not come for."""
        wake = asyncio.Event()

        async def busy(ws: WebSocket) -> None:
            await wake.wait()
            await echo(ws)

        limits = Limits(max_queue=2, ping_interval=0.01, ping_timeout=0.01)
        async with Server(busy, limits=limits) as server, connect(server.url, limits=QUIET) as ws:
            for _ in range(100):
                await ws.send(b"x" * 10000)
            await asyncio.sleep(0.1)
            wake.set()
            assert [await ws.recv() for _ in range(100)] == [b"x" * 10000] * 100


class Clock:
    """A keepalive whose timers fire when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, timeout: float | None) -> None:
        self.sent = list[bytes]()
        self.timers = list[tuple[float, asyncio.TimerHandle]]()
        self.given_up = 0
        self.behind = False
        loop = asyncio.get_running_loop()
        call_later = loop.call_later

        def note(delay: float, *what: Any) -> asyncio.TimerHandle:
            self.timers.append((delay, call_later(3600, *what)))
            return self.timers[-1][1]

        monkeypatch.setattr(loop, "call_later", note)
        self.keepalive = Keepalive(timeout, self.sent.append, lambda: self.behind, self.give_up)

    def give_up(self) -> None:
        self.given_up += 1

    def fire(self) -> float:
        """Let the one timer fire that waits; give its delay."""
        [(delay, handle)], self.timers = self.timers, []
        handle._run()
        handle.cancel()
        return delay


class TestTimers:
    @pytest.mark.parametrize(("interval", "patience", "pause"), [(10, 3, 7), (3, 3, 0), (2, 3, 0)])
    @on_loop
    async def test_one_ping_in_every_interval(
        self, monkeypatch: pytest.MonkeyPatch, interval: float, patience: float, pause: float
    ) -> None:
        clock = Clock(monkeypatch, patience)
        clock.keepalive.keep_alive(interval)
        for number in (1, 2, 3):
            assert len(clock.sent) == number
            assert clock.keepalive.pong(clock.sent[-1]) is not None
            assert (clock.fire(), clock.fire()) == (patience, pause)
        clock.keepalive.stop()
        assert clock.timers[0][1].cancelled()

    @on_loop
    async def test_a_pong_that_waits_behind_messages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock(monkeypatch, 3)
        clock.behind = True
        clock.keepalive.keep_alive(10)
        clock.fire()
        assert (clock.given_up, len(clock.timers)) == (0, 1)
        clock.fire()
        clock.behind = False
        clock.fire()
        assert (clock.given_up, clock.timers) == (1, [])

    @on_loop
    async def test_a_pong_does_not_answer_younger_pings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keepalive = Clock(monkeypatch, None).keepalive
        pings = [keepalive.ping(payload) for payload in (b"1", b"2", b"3")]
        assert keepalive.pong(b"unasked") is None
        assert keepalive.pong(b"2") is not None
        assert [ping.done() for ping in pings] == [True, True, False]
        keepalive.end(ConnectionClosed(received=None, sent=None))
        with pytest.raises(ConnectionClosed):
            await pings[2]
