"""Tornado's IOStream as a stream that hands out bytes as they come, and can be paused."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tornado.iostream import StreamClosedError

from tests.net.conftest import Tls
from tests.net.on_loop import on_loop, until
from wslearn.net.stream import Stream, open_stream


@asynccontextmanager
async def stream_and_peer() -> AsyncIterator[tuple[Stream, socket.socket]]:
    """Give a stream, and a plain socket at its other end."""
    ours, theirs = socket.socketpair()
    stream = open_stream(ours, None, server_side=True)
    with theirs:
        yield stream, theirs
        stream.close()


@asynccontextmanager
async def two_streams(tls: Tls) -> AsyncIterator[tuple[Stream, Stream]]:
    """Give both ends of a TLS connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = open_stream(socket.socket(), tls.client, server_side=False)
        connecting = client.connect(listening.getsockname(), server_hostname="localhost")
        server = open_stream(listening.accept()[0], tls.server, server_side=True)
        await connecting
        yield client, server
        client.close()
        server.close()


class TestDelivering:
    @on_loop
    async def test_every_read_at_once(self) -> None:
        got: list[bytes] = []
        ended = asyncio.Event()
        async with stream_and_peer() as (stream, peer):
            stream.deliver(got.append, ended.set)
            for piece in (b"one", b"two"):
                peer.send(piece)
                await until(lambda: b"".join(got).endswith(piece))  # noqa: B023 - it is called here only
            assert got == [b"one", b"two"]
            peer.shutdown(socket.SHUT_WR)
            await ended.wait()
            assert stream.closed()

    @on_loop
    async def test_handing_over_to_plain_reads(self) -> None:
        """What was delivered already is read again, in any portions."""
        async with stream_and_peer() as (stream, peer):
            stream.deliver(stream.hand_over, lambda: None)
            peer.send(b"head\r\n" + bytes(40_000))
            await until(lambda: stream.on_bytes is None)
            peer.send(b"\x01" * 3)
            assert await stream.read_until(b"\r\n") == b"head\r\n"
            rest = await stream.read_bytes(40_003)
            assert rest == bytes(40_000) + b"\x01" * 3


class TestPausing:
    @on_loop
    async def test_stops_and_goes_on_where_it_stopped(self) -> None:
        got: list[bytes] = []
        async with stream_and_peer() as (stream, peer):
            stream.deliver(got.append, lambda: None)
            for round_ in range(3):
                stream.pause()
                assert stream.paused
                peer.send(bytes((round_,)) * 50_000)
                before = len(got)
                await asyncio.sleep(0.01)
                assert len(got) == before
                stream.resume()
                await until(lambda: len(b"".join(got)) == 50_000 * (round_ + 1))  # noqa: B023
            assert b"".join(got) == b"".join(bytes((round_,)) * 50_000 for round_ in range(3))

    @on_loop
    async def test_at_once_and_twice_and_without_need(self) -> None:
        got: list[bytes] = []
        async with stream_and_peer() as (stream, peer):
            stream.deliver(got.append, lambda: None)
            stream.resume()
            stream.pause()
            stream.pause()
            stream.resume()
            stream.resume()
            peer.send(b"x")
            await until(lambda: got == [b"x"])

    @on_loop
    async def test_again_from_inside_the_delivery(self) -> None:
        got: list[bytes] = []

        async with stream_and_peer() as (stream, peer):

            def one_at_a_time(data: bytes) -> None:
                got.append(data)
                stream.pause()
                asyncio.get_running_loop().call_soon(stream.resume)

            stream.deliver(one_at_a_time, lambda: None)
            for _ in range(20):
                peer.send(bytes(10_000))
                await asyncio.sleep(0)
            await until(lambda: sum(map(len, got)) == 200_000)

    @on_loop
    async def test_while_the_peer_hangs_up(self) -> None:
        got: list[bytes] = []
        ended = asyncio.Event()
        async with stream_and_peer() as (stream, peer):
            stream.deliver(got.append, ended.set)
            stream.pause()
            peer.send(b"last words")
            peer.shutdown(socket.SHUT_RDWR)
            await asyncio.sleep(0.01)
            assert got == []
            stream.resume()
            await ended.wait()
            assert got == [b"last words"]

    @on_loop
    async def test_of_a_stream_that_is_closed_meanwhile(self) -> None:
        got: list[bytes] = []
        async with stream_and_peer() as (stream, peer):
            stream.deliver(got.append, lambda: None)
            stream.pause()
            peer.send(b"too late")
            await asyncio.sleep(0.01)
            stream.close()
            stream.resume()
            assert got == []

    @on_loop
    async def test_while_a_write_is_under_way(self) -> None:
        """Listening goes on again after a pause, although nothing of what is being written leaves."""
        got: list[bytes] = []
        async with stream_and_peer() as (stream, peer):
            stream.deliver(got.append, lambda: None)
            writing = stream.put(bytes(4 << 20))
            assert writing is not None
            stream.pause()
            peer.send(b"1")
            await asyncio.sleep(0.01)
            stream.resume()
            peer.send(b"2")
            await until(lambda: b"".join(got) == b"12")
            assert not writing.done()

    @pytest.mark.parametrize("size", [1, 16_384, 16_385, 100_000])
    @on_loop
    async def test_leaves_nothing_inside_tls(self, tls: Tls, size: int) -> None:
        got: list[bytes] = []
        async with two_streams(tls) as (client, server):
            server.deliver(got.append, lambda: None)
            for number in range(1, 6):
                server.pause()
                writing = client.put(bytes(size))
                await asyncio.sleep(0.005)
                server.resume()
                if writing is not None:
                    await writing
                await until(lambda: sum(map(len, got)) == size * number)  # noqa: B023


class TestWriting:
    @on_loop
    async def test_is_done_at_once_where_the_network_takes_it(self) -> None:
        async with stream_and_peer() as (stream, peer):
            assert stream.put(b"small") is None
            assert stream.put(b"") is None
            assert peer.recv(100) == b"small"

    @on_loop
    async def test_goes_on_later_in_order_where_it_does_not(self) -> None:
        async with stream_and_peer() as (stream, peer):
            peer.setblocking(False)
            first, second = stream.put(bytes(1 << 20)), stream.put(b"\x01" * 100)
            assert first is not None
            assert second is not None
            data = b""
            loop = asyncio.get_running_loop()
            while len(data) < (1 << 20) + 100:
                data += await loop.sock_recv(peer, 1 << 20)
            assert data == bytes(1 << 20) + b"\x01" * 100
            await asyncio.gather(first, second)

    @on_loop
    async def test_to_a_peer_that_is_gone(self) -> None:
        async with stream_and_peer() as (stream, peer):
            peer.close()
            writing = stream.put(b"x")
            assert writing is not None
            with pytest.raises(StreamClosedError):
                await writing
            with pytest.raises(StreamClosedError):
                stream.put(b"x")

    @on_loop
    async def test_no_more(self) -> None:
        async with stream_and_peer() as (stream, peer):
            stream.put(b"the end")
            stream.shut_down_sending()
            assert (peer.recv(100), peer.recv(100)) == (b"the end", b"")
            assert not stream.closed()

    @on_loop
    async def test_no_more_to_a_peer_that_never_was(self) -> None:
        stream = open_stream(socket.socket(), None, server_side=True)
        stream.shut_down_sending()
        assert stream.closed()

    @on_loop
    async def test_no_more_behind_tls(self, tls: Tls) -> None:
        async with two_streams(tls) as (client, server):
            ended = asyncio.Event()
            got: list[bytes] = []
            client.deliver(got.append, ended.set)
            await asyncio.sleep(0.01)  # the session tickets that come behind the handshake
            server.put(b"the end")
            server.shut_down_sending()
            await ended.wait()
            assert got == [b"the end"]


class TestOpening:
    @on_loop
    async def test_behind_tls_on_a_socket_whose_peer_is_gone(self, tls: Tls) -> None:
        with socket.socket() as unconnected:
            stream = open_stream(unconnected, tls.server, server_side=True)
            assert isinstance(stream.socket, ssl.SSLSocket)
            stream.close()
