"""How a connection ends: by agreement, by a broken rule, or without a word."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest

from tests.net.conftest import Tls
from tests.net.on_loop import on_loop, until
from tests.net.pairs import pair
from tests.net.raw import Raw, closing, listening, masked
from wslearn import Close, ConnectionClosed, Frame, Opcode, State, UsageError
from wslearn.net import Limits, Server, WebSocket, connect


class TestSection7Closing:
    @pytest.mark.parametrize("code", [1000, 1001, 3000, 4999, 1005])
    @on_loop
    async def test_both_codes_and_which_was_first(self, code: int) -> None:
        reason = "" if code == 1005 else "that is it"
        for first, second in ((0, 1), (1, 0)):
            async with pair() as both:
                await both[first].close(code, reason)
                await both[second].wait_closed()
                for number in (first, second):
                    assert both[number].close_code == code
                    assert both[number].closed.received == both[number].closed.sent == Close(code, reason)
                    assert both[number].closed.received_first is (number == second)
                    assert both[number].state is State.CLOSED

    @on_loop
    async def test_twice_and_afterwards(self) -> None:
        async with pair() as (client, served):
            await asyncio.gather(client.close(4000), client.close(4001), served.close(4002))
            await client.close(4003)
            for ws in (client, served):
                with pytest.raises(ConnectionClosed):
                    ws.send("too late")
                with pytest.raises(ConnectionClosed):
                    await ws.recv()
                with pytest.raises(ConnectionClosed):
                    ws.ping()

    @pytest.mark.parametrize(("code", "reason"), [(1006, ""), (999, ""), (1000, "x" * 124), (1005, "why")])
    @on_loop
    async def test_what_must_not_be_sent(self, code: int, reason: str) -> None:
        async with pair() as (client, served):
            with pytest.raises(UsageError):
                await client.close(code, reason)
            await client.send("still open")
            assert await served.recv() == "still open"

    @on_loop
    async def test_answers_leave_before_the_answer_to_the_close_frame(self) -> None:
        messages = [masked(str(number).encode(), Opcode.TEXT) for number in range(2000)]
        async with Server() as server:
            raw = await Raw.upgrade(server.url)
            raw.send(*messages, closing(1000, "bye"), b"what comes now is ignored")
            frames = await raw.frames()
            assert [frame.payload for frame in frames[:-1]] == [
                str(number).encode() for number in range(2000)
            ]
            assert frames[-1] == Frame(Opcode.CLOSE, Close(1000, "bye").serialize())
            raw.hang_up()

    @on_loop
    async def test_the_answer_survives_what_the_client_still_sends(self) -> None:
        """A pong on a closed socket would reset the connection, and the answer would be lost with it."""
        async with Server() as server:
            raw = await Raw.upgrade(server.url)
            raw.stop_reading()
            raw.send(closing(1000))
            for _ in range(3):
                await asyncio.sleep(0.01)
                raw.send(masked(b"late", Opcode.PONG))
            raw.go_on_reading()
            assert await raw.frame() == Frame(Opcode.CLOSE, b"\x03\xe8")
            assert await raw.reader.read() == b""
            raw.hang_up()

    @on_loop
    async def test_section_5_5_1_the_server_ends_the_tcp_connection_at_once(self) -> None:
        """And does not wait for the client to do so, or for its own patience to end."""
        async with asyncio.timeout(5), Server(limits=Limits(close_timeout=20)) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(closing(1000))
            assert [frame.opcode for frame in await raw.frames()] == [Opcode.CLOSE]
            raw.hang_up()

    @on_loop
    async def test_pings_until_the_end_over_tls(self, tls: Tls) -> None:
        async def pinging(ws: WebSocket) -> None:
            async for message in ws:
                ws.ping()
                await ws.send(message)
                ws.ping()

        async with Server(pinging, ssl_context=tls.server) as server:
            for _ in range(20):
                ws = await connect(server.url, ssl_context=tls.client)
                for _ in range(30):
                    await ws.send(bytes(30_000))
                await ws.close()
                assert ws.closed.code == 1000

    @on_loop
    async def test_messages_before_the_close_frame_are_received(self) -> None:
        async with pair() as (client, served):
            await client.send("last words")
            closing_ = asyncio.create_task(client.close(1000, "bye"))
            await until(lambda: served.close_code is not None)
            assert await served.recv() == "last words"
            await served.send("heard")
            with pytest.raises(ConnectionClosed, match="received 1000"):
                await served.recv()
            await closing_
            assert await client.recv() == "heard"

    @on_loop
    async def test_an_application_that_does_not_come_for_its_messages(self) -> None:
        async with pair(Limits(close_timeout=0.03), Limits()) as (client, served):
            await client.send("never read")
            await client.close()
            assert client.closed.received == Close(1000)
            await served.wait_closed()
            assert served.buffered == 1

    @on_loop
    async def test_a_peer_that_never_answers(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.accept()
            assert await raw.frame() is not None
            assert await raw.ended()

        async with listening(behave) as url:
            ws = await connect(url, limits=Limits(close_timeout=0.03))
            await ws.close(4000)
            assert str(ws.closed) == "received no close frame, sent 4000 private"
            assert (ws.closed.code, ws.close_code) == (1006, 1006)

    @on_loop
    async def test_a_server_that_does_not_hang_up(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.accept()
            await raw.frame()
            raw.send(Frame(Opcode.CLOSE, b"\x03\xe8").serialize())
            assert await raw.ended()

        async with listening(behave) as url:
            ws = await connect(url, limits=Limits(close_timeout=0.03))
            await ws.close()
            assert (ws.close_code, ws.state) == (1000, State.CLOSED)

    @on_loop
    async def test_aborting(self) -> None:
        async with pair() as (client, served):
            client.abort()
            await served.wait_closed()
            await client.wait_closed()
            assert str(served.closed) == "received no close frame, sent no close frame"
            assert served.close_code == 1006


class TestSection717Failing:
    BAD: ClassVar = {
        "not masked": (Frame(Opcode.TEXT, b"x").serialize(), 1002),
        "reserved opcode": (masked(b"", 0x3), 1002),
        "not UTF-8": (masked(b"\xff", Opcode.TEXT), 1007),
        "too big": (b"\x82\xff" + (1 << 40).to_bytes(8, "big") + bytes(4), 1009),
        "close code": (masked(b"\x03\xee", Opcode.CLOSE), 1002),
    }

    @pytest.mark.parametrize("name", BAD)
    @on_loop
    async def test_says_why_and_ends(self, name: str) -> None:
        data, code = self.BAD[name]
        async with Server() as server:
            raw = await Raw.upgrade(server.url)
            raw.send(masked(b"before") + data + masked(b"after") + bytes(100_000))
            first, last = await raw.frames()
            assert first.payload == b"before"
            assert (last.opcode, last.payload[:2]) == (Opcode.CLOSE, code.to_bytes(2, "big"))
            raw.hang_up()
            await until(lambda: not server.connections)

    @on_loop
    async def test_a_server_ends_the_tcp_connection_at_once(self) -> None:
        async with asyncio.timeout(5), Server(limits=Limits(close_timeout=20)) as server:
            raw = await Raw.upgrade(server.url, first=b"\x00\x00")
            assert [frame.opcode for frame in await raw.frames()] == [Opcode.CLOSE]
            raw.hang_up()

    @on_loop
    async def test_a_client_ends_the_tcp_connection_at_once(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.accept()
            raw.send(masked(b"a server does not mask"))
            assert [frame.opcode for frame in await raw.frames()] == [Opcode.CLOSE]

        async with (
            asyncio.timeout(5),
            listening(behave) as url,
            connect(url, limits=Limits(close_timeout=20)) as ws,
        ):
            await ws.wait_closed()

    @on_loop
    async def test_a_peer_that_stays_is_left(self) -> None:
        async with Server(limits=Limits(close_timeout=0.03)) as server:
            raw = await Raw.upgrade(server.url, first=b"\x00")
            raw.send(b"\x00")
            await raw.frames()
            await until(lambda: not server.connections)
            raw.hang_up()

    @on_loop
    async def test_by_a_client(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.accept()
            raw.send(masked(b"a server does not mask"))
            frame = await raw.frame()
            assert frame is not None
            assert frame.payload[:2] == (1002).to_bytes(2, "big")
            assert await raw.ended()

        async with listening(behave) as url, connect(url) as ws:
            with pytest.raises(ConnectionClosed, match="sent 1002"):
                await ws.recv()


class TestVanishing:
    @pytest.mark.parametrize("data", [b"", masked(b"whole"), masked(b"half a frame")[:7], b"\x81"], ids=repr)
    @pytest.mark.parametrize("leave", [Raw.reset, Raw.hang_up])
    @on_loop
    async def test_a_client(self, data: bytes, leave: object) -> None:
        async with Server() as server:
            raw = await Raw.upgrade(server.url)
            raw.send(data)
            (served,) = server.connections
            assert callable(leave)
            leave(raw)
            await until(lambda: not server.connections)
            assert served.closed.code == 1006
            assert list(server.errors) == []

    @on_loop
    async def test_a_client_to_which_much_is_being_sent(self) -> None:
        refused = []

        async def flood(ws: WebSocket) -> None:
            try:
                while True:
                    await ws.send(bytes(1 << 20))
            except ConnectionClosed as closed:
                refused.append(closed.code)
                raise

        async with Server(flood) as server:
            for data in (b"", masked(b""), Frame(Opcode.TEXT).serialize()):  # the last breaks a rule
                raw = await Raw.upgrade(server.url)
                raw.stop_reading()
                raw.send(data)
                await asyncio.sleep(0.02)
                raw.reset()
            await until(lambda: not server.connections)
            assert refused == [1006] * 3
            assert list(server.errors) == []
