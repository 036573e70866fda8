"""What an endpoint bears with its peer, and the token bucket that limits a rate (RFC 6455 §10.4)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.net.on_loop import on_loop, until
from tests.net.pairs import QUIET, pair
from tests.net.raw import Raw, closing, masked
from wslearn import Close, ConnectionClosed, Opcode, UsageError
from wslearn.net import Limits, Server, WebSocket, connect
from wslearn.net.limits import Bucket, take_token


class TestLimits:
    @pytest.mark.parametrize(
        "wrong", [{"max_queue": 0}, {"open_timeout": -1}, {"close_timeout": None}, {"ping_interval": "1"}]
    )
    def test_are_above_zero(self, wrong: dict[str, int]) -> None:
        with pytest.raises(UsageError, match=f"{next(iter(wrong))} must be above zero"):
            Limits(**wrong)

    @on_loop
    async def test_pings_can_be_switched_off(self) -> None:
        async with pair(limits=QUIET) as (client, served):
            await served.send("no timer is needed")
            assert await client.recv() == "no timer is needed"


class TestTokenBucket:
    @pytest.mark.parametrize(
        ("tokens", "elapsed", "rate", "burst", "expected"),
        [
            (10, 0, 5, 10, (True, 9)),
            (1, 0, 5, 10, (True, 0)),
            (0.5, 0, 5, 10, (False, 0.5)),
            (0, 0.125, 4, 10, (False, 0.5)),
            (0, 0.25, 4, 10, (True, 0)),
            (0, 3600, 4, 10, (True, 9)),
            (10, 1, 4, 10, (True, 9)),
        ],
    )
    def test_one_token(
        self, tokens: float, elapsed: float, rate: float, burst: float, expected: tuple[bool, float]
    ) -> None:
        assert take_token(tokens, elapsed, rate, burst) == expected

    @given(st.integers(1, 20), st.integers(1, 20), st.lists(st.integers(0, 8), max_size=80))
    def test_no_more_than_burst_and_rate_pass(self, rate: int, burst: int, gaps: list[int]) -> None:
        """Times are eighths of a second, rates whole numbers: nothing is rounded."""
        passed, tokens, elapsed = 0, float(burst), 0.0
        for gap in gaps:
            passes, tokens = take_token(tokens, gap / 8, rate, burst)
            elapsed += gap / 8
            passed += passes
            assert 0 <= tokens <= burst
            assert passed <= burst + rate * elapsed

    def test_a_bucket_takes_one_for_each(self) -> None:
        bucket = Bucket(rate=2, burst=3, now=10.0)
        taken = [bucket.take(count, now) for count, now in ((2, 10.0), (2, 10.0), (9, 11.0), (1, 11.25))]
        assert taken == [2, 1, 2, 0]
        assert bucket.take(1, 11.5) == 1


class TestMessageRate:
    """Each of these rates gives back no token while the test runs."""

    LIMITS = Limits(max_message_rate=0.001, max_message_burst=3, ping_interval=None)
    WHY = Close(1008, "too many messages: at most 0.001 a second")

    @on_loop
    async def test_too_many_in_one_read(self) -> None:
        async with Server(limits=self.LIMITS) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(b"".join(masked(bytes((number,))) for number in range(10)))
            frames = await raw.frames()
            assert (frames[-1].opcode, frames[-1].payload) == (Opcode.CLOSE, self.WHY.serialize())
            raw.hang_up()
            await until(lambda: not server.connections)
            assert list(server.errors) == []

    @on_loop
    async def test_too_many_one_by_one(self) -> None:
        async with Server(limits=self.LIMITS) as server, connect(server.url, limits=QUIET) as ws:
            for number in range(3):
                await ws.send(str(number))
                assert await ws.recv() == str(number)
            await ws.send("one too many")
            with pytest.raises(ConnectionClosed, match="received 1008 POLICY_VIOLATION “too many messages"):
                await ws.recv()

    @on_loop
    async def test_what_came_before_is_delivered_and_nothing_behind(self) -> None:
        received = list[str | bytes]()

        async def keep(ws: WebSocket) -> None:
            async for message in ws:
                received.append(message)

        async with Server(keep, limits=self.LIMITS) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(b"".join(masked(bytes((number,))) for number in range(5)))
            assert [frame.opcode for frame in await raw.frames()] == [Opcode.CLOSE]
            raw.send(masked(b"more"), closing(1000))
            raw.hang_up()
            await until(lambda: not server.connections)
        assert received == [b"\0", b"\1", b"\2"]

    @on_loop
    async def test_a_busy_application_is_not_waited_for(self) -> None:
        async def busy(ws: WebSocket) -> None:
            await ws.wait_closed()

        limits = replace(self.LIMITS, close_timeout=3600)
        async with Server(busy, limits=limits) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(b"".join(masked(b"x") for _ in range(4)))
            assert [frame.opcode for frame in await raw.frames()] == [Opcode.CLOSE]
            raw.hang_up()
            await until(lambda: not server.connections)

    @on_loop
    async def test_pings_count_and_are_answered_first(self) -> None:
        async with Server(limits=self.LIMITS) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(b"".join(masked(b"?", Opcode.PING) for _ in range(4)))
            frames = await raw.frames()
            assert [frame.opcode for frame in frames] == [Opcode.PONG] * 4 + [Opcode.CLOSE]
            raw.hang_up()

    @on_loop
    async def test_tokens_come_back(self) -> None:
        limits = Limits(max_message_rate=1000, max_message_burst=1, ping_interval=None)
        async with Server(limits=limits) as server, connect(server.url, limits=QUIET) as ws:
            for number in range(5):
                await asyncio.sleep(0.005)  # five tokens' time, in a bucket for one
                await ws.send(str(number))
                assert await ws.recv() == str(number)

    @on_loop
    async def test_whoever_closes_first_is_left_in_peace(self) -> None:
        ended = list[ConnectionClosed]()

        async def leave(ws: WebSocket) -> None:
            await ws.close(1001, "later")
            ended.append(ws.closed)

        async with Server(leave, limits=self.LIMITS) as server:
            raw = await Raw.upgrade(server.url)
            assert await raw.frame() is not None
            raw.send(b"".join(masked(b"x") for _ in range(10)))
            [ws] = server.connections
            await until(lambda: ws.buffered == 10)
            raw.send(closing(4000, "me too"))
            assert await raw.ended()
            raw.hang_up()
            await until(lambda: not server.connections)
        assert (ended[0].sent, ended[0].received) == (Close(1001, "later"), Close(4000, "me too"))

    @on_loop
    async def test_a_client_has_limits_too(self) -> None:
        async with Server(self._flood) as server, connect(server.url, limits=self.LIMITS) as ws:
            assert [message async for message in ws] == [b"0", b"1", b"2"]
            assert ws.closed.sent == self.WHY

    @staticmethod
    async def _flood(ws: WebSocket) -> None:
        for number in range(100):
            await ws.send(str(number).encode())
        await ws.wait_closed()
