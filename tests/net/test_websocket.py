"""An open connection: messages, pings, keepalive."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from tests.net.on_loop import on_loop, until
from tests.net.pairs import pair
from tests.net.raw import Raw, closing, masked
from wslearn import Close, ConnectionClosed, Deflate, Frame, Opcode, State, UsageError
from wslearn.net import Server, WebSocket, connect


class TestWhatItSays:
    @on_loop
    async def test_of_itself(self) -> None:
        async with pair() as (client, served):
            assert repr(client) == "<WebSocket client /hold OPEN>"
            assert repr(client.connection) == "<Connection client OPEN>"
            assert client.remote_address == served.local_address
            assert client.local_address == served.remote_address
            assert client.request == served.request
            assert client.response == served.response
            assert client.response.status == 101
            assert (client.subprotocol, client.close_code, client.latency) == (None, None, None)
            await client.close()
            assert (client.local_address, client.remote_address) == (None, None)
            assert repr(client) == "<WebSocket client /hold CLOSED>"

    @on_loop
    async def test_of_a_peer_that_vanished_this_moment(self) -> None:
        async with pair() as (client, served):
            there = client.remote_address
            client._stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client._stream.close()
            assert served.state is State.OPEN  # it has not read of it yet
            assert (served.local_address, served.remote_address) == (there, None)


class TestSection6Messages:
    @on_loop
    async def test_text_is_str_and_binary_is_bytes(self) -> None:
        async with pair() as (client, served):
            for message in ("", b"", "a€𝄞", b"\xff\x00", "x" * 70000):
                await client.send(message)
                assert await served.recv() == message
                await served.send(message)
                assert await client.recv() == message

    @on_loop
    async def test_fragments(self) -> None:
        async with pair() as (client, served):
            for fin, piece in ((False, "Hel"), (False, ""), (True, "lo")):
                await client.send(piece, fin=fin)
                await client.ping()
            assert await served.recv() == "Hello"

    @on_loop
    async def test_many_at_once_are_counted_and_kept_in_order(self) -> None:
        async with pair() as (client, served):
            for number in range(100):
                await client.send(str(number))
            await until(lambda: served.buffered == 100)
            assert [await served.recv() for _ in range(100)] == list(map(str, range(100)))

    @on_loop
    async def test_pipelined_batches_are_answered_in_order(self) -> None:
        """Small and large, with pings between, in reads that end anywhere."""
        sizes = [0, 1, 125, 126, 1023, 1024, 1025, 5000, 65535, 65536] * 30
        batch = [masked(index.to_bytes(4, "big") + bytes(size)) for index, size in enumerate(sizes)]
        async with Server() as server:
            raw = await Raw.upgrade(server.url)
            data = b"".join(frame + masked(b"?", Opcode.PING) for frame in batch)

            async def write() -> None:
                for at in range(0, len(data), 77777):
                    raw.send(data[at : at + 77777])
                    await raw.writer.drain()
                raw.send(closing(1000))

            writing = asyncio.create_task(write())
            frames = await raw.frames()
            await writing
            raw.hang_up()
        answers = [frame for frame in frames if frame.opcode == Opcode.BINARY]
        assert [int.from_bytes(frame.payload[:4], "big") for frame in answers] == list(range(len(sizes)))
        assert [len(frame.payload) - 4 for frame in answers] == sizes
        assert sum(frame.opcode == Opcode.PONG for frame in frames) == len(sizes)
        assert frames[-1].opcode == Opcode.CLOSE

    @on_loop
    async def test_a_part_of_a_batch_is_answered(self) -> None:
        async def greet(ws: WebSocket) -> None:
            async for message in ws:
                if message == b"Hello":
                    await ws.send("Welcome")

        async with Server(greet) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(masked(b"Hello") + masked(b"and nothing else"))
            assert await raw.frame() == Frame(Opcode.TEXT, b"Welcome")
            raw.hang_up()
            await until(lambda: not server.connections)

    @on_loop
    async def test_what_is_no_message(self) -> None:
        async with pair() as (client, _):
            with pytest.raises(UsageError, match="A message is str or bytes, not int"):
                client.send(5)  # type: ignore[arg-type]
            with pytest.raises(UsageError, match="written as UTF-8"):
                client.send("\ud800")

    @on_loop
    async def test_raw_bytes(self) -> None:
        async with pair() as (client, served):
            await client.send_raw(masked(b"by hand"))
            assert await served.recv() == b"by hand"
            await client.send_raw(Frame(Opcode.TEXT, b"not masked").serialize())
            with pytest.raises(ConnectionClosed, match="sent 1002"):
                await served.recv()
            with pytest.raises(ConnectionClosed, match="received 1002"):
                await client.recv()
            with pytest.raises(ConnectionClosed):
                client.send_raw(b"")

    @on_loop
    async def test_one_byte_at_a_time(self) -> None:
        async with Server() as server:
            raw = await Raw.upgrade(server.url)
            for byte in (
                masked("Grüße".encode(), Opcode.TEXT) + masked(b"?", Opcode.PING) + closing(1000, "bye")
            ):
                raw.send(bytes((byte,)))
                await asyncio.sleep(0)
            frames = await raw.frames()
            assert [frame.payload for frame in frames] == [
                "Grüße".encode(),
                b"?",
                Close(1000, "bye").serialize(),
            ]
            raw.hang_up()


class TestReceiving:
    @on_loop
    async def test_two_tasks_at_once(self) -> None:
        async with pair() as (client, served):
            first = asyncio.create_task(client.recv())
            await asyncio.sleep(0)
            with pytest.raises(UsageError, match="Another task is waiting"):
                await client.recv()
            await served.send("for the first")
            assert await first == "for the first"

    @on_loop
    async def test_giving_up_loses_nothing(self) -> None:
        async with pair() as (client, served):
            received = []
            for number in range(300):
                sending = asyncio.get_running_loop().call_later(0.0005, served.send, str(number))
                try:
                    received.append(await asyncio.wait_for(client.recv(), 0.0005))
                except TimeoutError:
                    await until(lambda: client.buffered > 0)
                    received.append(await client.recv())
                sending.cancel()
            assert received == list(map(str, range(300)))

    @on_loop
    async def test_leaving_the_loop_and_coming_back(self) -> None:
        async with pair() as (client, served):
            for number in range(4):
                await served.send(str(number))
            async for message in client:
                assert message == "0"
                break
            assert await client.recv() == "1"
            closing_ = asyncio.create_task(served.close())
            assert [message async for message in client] == ["2", "3"]
            assert [message async for message in client] == []
            await closing_


class TestDeflate:
    @on_loop
    async def test_fragments_and_history(self) -> None:
        async with Server() as server, connect(server.url, deflate=Deflate()) as ws:
            for _ in range(3):
                await ws.send("Hello, ", fin=False)
                await ws.ping()
                await ws.send("Hello, ", fin=False)
                await ws.send("Hello!")
                assert await ws.recv() == "Hello, Hello, Hello!"
