"""A slow reader stops the writer, a slow application stops the peer, and memory stays within bounds."""

from __future__ import annotations

import asyncio
import os

import psutil
import pytest

from tests.net.conftest import Tls
from tests.net.on_loop import on_loop, until
from tests.net.pairs import pair
from tests.net.raw import Raw, masked
from wslearn import ConnectionClosed, Deflate, Opcode
from wslearn.net import Limits, Server, WebSocket, connect, echo

MIB = 1 << 20
PATIENT = Limits(ping_interval=None, close_timeout=0.05)
PROCESS = psutil.Process()


class Growth:
    """How much this process has grown since."""

    def __init__(self) -> None:
        self._before = PROCESS.memory_info().rss

    def __int__(self) -> int:
        return int(PROCESS.memory_info().rss - self._before)


async def still(count: list[int]) -> int:
    """Wait until a number stops changing."""
    before = -1
    while before != count[0]:
        before = count[0]
        await asyncio.sleep(0.05)
    return before


class TestASlowReader:
    @on_loop
    async def test_stops_the_writer(self) -> None:
        sent = [0]

        async def flood(ws: WebSocket) -> None:
            while True:
                await ws.send(bytes(MIB // 4))
                sent[0] += 1

        async with Server(flood, limits=PATIENT) as server:
            raw = await Raw.upgrade(server.url, room=64 * 1024)
            raw.stop_reading()
            growth = Growth()
            stopped_at = await still(sent)
            assert stopped_at < 64
            assert int(growth) < 32 * MIB
            raw.go_on_reading()
            for _ in range(3 * stopped_at + 3):
                assert await raw.frame() is not None
            assert sent[0] > stopped_at
            raw.reset()
            await until(lambda: not server.connections)

    @on_loop
    async def test_stops_answers_to_what_came_in_one_read(self) -> None:
        """Small messages that are answered with large ones: the answers are not gathered without end."""
        sent = [0]

        async def amplify(ws: WebSocket) -> None:
            async for _ in ws:
                await ws.send(bytes(64 * 1024))
                sent[0] += 1

        async with Server(amplify, limits=PATIENT) as server:
            raw = await Raw.upgrade(server.url, room=64 * 1024)
            raw.stop_reading()
            growth = Growth()
            raw.send(masked(b"") * 5000)
            assert await still(sent) < 200
            assert int(growth) < 32 * MIB
            raw.reset()
            await until(lambda: not server.connections)

    @on_loop
    async def test_stops_many_small_answers_to_one_message(self) -> None:
        sent = [0]

        async def amplify(ws: WebSocket) -> None:
            async for _ in ws:
                for _ in range(100_000):
                    await ws.send(bytes(100))
                    sent[0] += 1

        async with Server(amplify, limits=PATIENT) as server:
            raw = await Raw.upgrade(server.url, room=64 * 1024)
            raw.stop_reading()
            raw.send(masked(b"") * 2)
            assert 0 < await still(sent) < 90_000
            raw.reset()
            await until(lambda: not server.connections)

    @on_loop
    async def test_stops_being_read(self) -> None:
        await self._is_stopped(masked(bytes(MIB // 4)), Opcode.BINARY)

    @on_loop
    async def test_is_sent_no_pongs_without_end(self) -> None:
        await self._is_stopped(masked(bytes(125), Opcode.PING) * 2000, Opcode.PONG)

    async def _is_stopped(self, data: bytes, answer: int) -> None:
        """Write the same over and over, and read no answers."""
        async with Server(limits=PATIENT) as server:
            raw = await Raw.upgrade(server.url, room=64 * 1024)
            raw.stop_reading()
            (served,) = server.connections
            transport, growth = raw.writer.transport, Growth()
            for _ in range(400):
                raw.send(data)
                await until(lambda: not transport.get_write_buffer_size() or served._stream.paused)
                if served._stream.paused:
                    break
            else:
                pytest.fail("the server took 100 MiB and nobody read its answers")
            assert int(growth) < 40 * MIB
            raw.go_on_reading()
            frame = await raw.frame()
            assert frame is not None
            assert frame.opcode == answer
            raw.reset()
            await until(lambda: not server.connections)

    @on_loop
    async def test_does_not_hold_up_the_others(self) -> None:
        async with Server(limits=PATIENT) as server:
            raw = await Raw.upgrade(server.url, room=64 * 1024)
            raw.stop_reading()
            raw.send(masked(bytes(8 * MIB)))
            async with connect(server.url) as ws:
                await ws.send("Hello")
                assert await ws.recv() == "Hello"
            raw.reset()
            await until(lambda: not server.connections)


class TestBothWaysAtOnce:
    @pytest.mark.parametrize("wss", [False, True])
    @on_loop
    async def test_large_messages_meet(self, tls: Tls, wss: bool) -> None:
        """Each side writes more than the network holds before it reads: neither may stop listening."""
        message = os.urandom(8 * MIB)
        received = []

        async def both(ws: WebSocket) -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send(ws, message))
                received.append(await ws.recv())

        async with Server(both, ssl_context=tls.server if wss else None) as server:
            async with connect(server.url, ssl_context=tls.client if wss else None) as ws:
                await both(ws)
            await until(lambda: len(received) == 2)
        assert received == [message, message]

    @staticmethod
    async def _send(ws: WebSocket, message: bytes) -> None:
        await ws.send(message)

    @on_loop
    async def test_streams_meet_while_one_task_reads_and_one_writes(self) -> None:
        async def both(ws: WebSocket) -> int:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write(ws))
                sizes = [len(await ws.recv()) for _ in range(100)]
            return sum(sizes)

        async def app(ws: WebSocket) -> None:
            await both(ws)

        limits = Limits(max_queue=2)
        async with Server(app, limits=limits) as server, connect(server.url, limits=limits) as ws:
            assert await both(ws) == 100 * 200_000

    @staticmethod
    async def _write(ws: WebSocket) -> None:
        for _ in range(100):
            await ws.send(bytes(200_000))
            await asyncio.sleep(0)


class TestASlowApplication:
    @on_loop
    async def test_stops_a_fast_peer(self) -> None:
        async with pair(Limits(max_queue=8, close_timeout=0.05)) as (client, served):
            count = [0]

            async def flood() -> None:
                while True:
                    await client.send(bytes(10_000))
                    count[0] += 1

            flooding = asyncio.create_task(flood())
            stopped_at = await still(count)
            assert 8 <= served.buffered < 8 + 256 * 1024 // 10_000 + 2
            for _ in range(stopped_at):
                assert await served.recv() == bytes(10_000)
            await until(lambda: count[0] > stopped_at)
            flooding.cancel()

    @on_loop
    async def test_holds_a_bounded_number_of_bytes(self) -> None:
        async with pair(Limits(max_message_size=MIB, close_timeout=0.05)) as (client, served):
            growth = Growth()
            count = [0]

            async def flood() -> None:
                while True:
                    await client.send(bytes(MIB))
                    count[0] += 1

            flooding = asyncio.create_task(flood())
            await still(count)
            assert 1 < served.buffered < 4
            assert int(growth) < 32 * MIB
            flooding.cancel()

    @on_loop
    async def test_inflated_bytes_are_bounded_too(self) -> None:
        started = asyncio.Event()

        async def sleep(ws: WebSocket) -> None:
            started.set()
            await ws.wait_closed()

        limits = Limits(max_message_size=MIB)
        async with Server(sleep, limits=limits) as server, connect(server.url, deflate=Deflate()) as ws:
            await started.wait()
            (served,) = server.connections
            for _ in range(100):
                await ws.send(bytes(MIB))
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            assert 1 < served.buffered < 64
            ws.abort()

    @pytest.mark.parametrize("wss", [False, True])
    @on_loop
    async def test_gets_everything_when_it_comes(self, tls: Tls, wss: bool) -> None:
        """Stopping and going on, over and over, with TLS records of every size."""
        sizes = [size for step in range(60) for size in (step, 16383 + step, 40_000 + 7 * step, 3)]

        async def app(ws: WebSocket) -> None:
            got = []
            async for message in ws:
                got.append(len(message))
                await asyncio.sleep(0)
                if len(got) == len(sizes):
                    await ws.send(repr(got))

        context = tls.server if wss else None
        async with (
            Server(app, ssl_context=context, limits=Limits(max_queue=3)) as server,
            connect(server.url, ssl_context=tls.client if wss else None) as ws,
        ):
            for size in sizes:
                await ws.send(bytes(size))
            assert await ws.recv() == repr(sizes)

    @on_loop
    async def test_on_a_client(self) -> None:
        async def flood(ws: WebSocket) -> None:
            for number in range(500):
                await ws.send(f"{number:05}" * 2000)

        async with Server(flood) as server, connect(server.url, limits=Limits(max_queue=4)) as ws:
            await until(lambda: ws.buffered >= 4)
            await asyncio.sleep(0.02)
            assert ws.buffered < 40
            assert [message[:5] async for message in ws] == [f"{number:05}" for number in range(500)]

    @on_loop
    async def test_may_wait_for_the_network_later(self) -> None:
        async with pair() as (client, served):
            writing = client.send(bytes(8 * MIB))
            assert len(await served.recv()) == 8 * MIB
            await writing


class TestClosingUnderPressure:
    @on_loop
    async def test_a_client_that_leaves_a_stream(self) -> None:
        async def flood(ws: WebSocket) -> None:
            while True:
                await ws.send(bytes(1000))

        async with Server(flood) as server:
            async with asyncio.timeout(3):  # less than the closing handshake may take
                async with connect(server.url, limits=Limits(max_queue=4)) as ws:
                    await ws.recv()
            assert ws.closed.received is not None

    @on_loop
    async def test_what_is_received_meanwhile_is_kept_as_far_as_the_queue_goes(self) -> None:
        async def flood(ws: WebSocket) -> None:
            try:
                for number in range(20_000):
                    await ws.send(str(number))
            except ConnectionClosed:
                return

        async with Server(flood) as server:
            ws = await connect(server.url, limits=Limits(max_queue=50))
            await until(lambda: ws.buffered >= 50)
            await ws.close()
            kept = [message async for message in ws]
            assert kept == list(map(str, range(len(kept))))
            assert len(kept) >= 50

    @on_loop
    async def test_a_peer_that_reads_nothing(self) -> None:
        async def once(ws: WebSocket) -> None:
            ws.send(bytes(8 * MIB)).close()  # type: ignore[attr-defined]

        async with Server(once, limits=PATIENT) as server:
            raw = await Raw.upgrade(server.url, room=64 * 1024)
            raw.stop_reading()
            await until(lambda: not server.connections)
            raw.reset()

    @on_loop
    async def test_a_rule_broken_while_the_answer_is_under_way(self) -> None:
        async with Server() as server:
            raw = await Raw.upgrade(server.url, room=64 * 1024)
            raw.stop_reading()
            raw.send(masked(bytes(4 * MIB)))
            await asyncio.sleep(0.05)
            raw.send(masked(b"", 0x3))
            await asyncio.sleep(0.05)
            raw.go_on_reading()
            first, last = await raw.frames()
            assert len(first.payload) == 4 * MIB
            assert last.payload[:2] == (1002).to_bytes(2, "big")
            raw.hang_up()
            await until(lambda: not server.connections)

    @on_loop
    async def test_an_application_that_echoes_to_the_end(self) -> None:
        """The close frame comes while the answers wait for a slow reader; all of them still leave."""
        async with Server(echo) as server:
            raw = await Raw.upgrade(server.url, room=64 * 1024)
            raw.stop_reading()
            raw.send(masked(bytes(MIB)) * 8, masked(b"\x03\xe8", Opcode.CLOSE))
            await asyncio.sleep(0.05)
            raw.go_on_reading()
            frames = await raw.frames()
            assert [len(frame.payload) for frame in frames] == [MIB] * 8 + [2]
            raw.hang_up()
