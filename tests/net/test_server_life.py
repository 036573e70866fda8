"""The server starts and stops, its applications fail, its clients race, and nothing is left of them."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from typing import NoReturn

import psutil
import pytest

from tests.net.on_loop import on_loop, until
from tests.net.raw import Raw, closing, masked
from tests.net.test_server import GET_ECHO, refused
from wslearn import ConnectionClosed, Deflate, Opcode, UsageError, client_request
from wslearn.net import Limits, Server, WebSocket, connect

# Threads in which asyncio looks up host names, for clients; a server has none.
MOST_RESOLVERS = min(32, (os.cpu_count() or 1) + 4)


async def send_without_end(ws: WebSocket) -> NoReturn:
    while True:
        await ws.send(b"x" * 1000)


class Lasting:
    """An app that has something of its own to begin and to end."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def __call__(self, ws: WebSocket) -> None:
        self.told.append("connection")

    async def astart(self, server: Server) -> None:
        self.told.append(f"start {server.port}")
        await asyncio.sleep(0)
        if len(self.told) > 4:
            raise UsageError("There is no broker.")

    async def aclose(self) -> None:
        self.told.append("close")


class TestAppsOfTheirOwn:
    @on_loop
    async def test_begin_before_the_first_connection_and_end_after_the_last(self) -> None:
        app = Lasting()
        async with Server({"/app": app}) as server:
            port = server.port
            async with connect(server.url) as ws:
                await ws.wait_closed()
        assert app.told == [f"start {port}", "connection", "close"]

    @on_loop
    async def test_one_that_cannot_begin(self) -> None:
        app = Lasting()
        app.told = [""] * 4
        server = Server(app)
        with pytest.raises(UsageError, match="no broker"):
            await server.start()
        assert app.told[5:] == ["close"]
        with pytest.raises(UsageError, match="start it first"):
            _ = server.port


class TestLife:
    @on_loop
    async def test_a_port_in_use(self) -> None:
        async with Server() as server:
            with pytest.raises(
                UsageError, match=rf"Cannot listen on 127.0.0.1:{server.port}: Address already in use"
            ):
                await Server(port=server.port).start()

    @pytest.mark.parametrize("port", [-1, 65536, 70000])
    @on_loop
    async def test_a_port_that_does_not_exist(self, port: int) -> None:
        with pytest.raises(UsageError, match=f"There is no port {port}"):
            await Server(port=port).start()

    @on_loop
    async def test_an_address_of_another_machine(self) -> None:
        with pytest.raises(UsageError, match=r"Cannot listen on 192\.0\.2\.1:0"):
            await Server(host="192.0.2.1").start()

    @on_loop
    async def test_starting_twice_and_stopping_twice(self) -> None:
        server = Server()
        await server.start()
        port = server.port
        await server.start()
        assert server.port == port
        await server.stop()
        await server.stop()
        with pytest.raises(UsageError, match="start it first"):
            _ = server.port
        with pytest.raises(ConnectionRefusedError):
            await connect(f"ws://127.0.0.1:{port}/")
        await server.start()
        async with connect(server.url):
            pass
        await server.stop()

    @on_loop
    async def test_stopping_before_it_starts(self) -> None:
        await Server().stop()

    @on_loop
    async def test_a_name_with_several_addresses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One of which this machine does not have."""
        families = socket.AF_INET, socket.AF_INET, socket.AF_INET6
        hosts = "192.0.2.1", "127.0.0.1", "2001:db8::1"
        found = [
            (family, socket.SOCK_STREAM, 6, "", (host, 0))
            for family, host in zip(families, hosts, strict=True)
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
        async with Server(host="localhost") as server:
            raw = await Raw.dial(server.port)
            raw.send(GET_ECHO)
            assert (await raw.response()).status == 400
            raw.hang_up()

    @on_loop
    async def test_stopping_frees_the_port(self) -> None:
        async with Server() as server, connect(server.url) as ws:
            port = server.port
            await ws.send("Hello")
            await ws.recv()
            await server.stop()
            async with Server(port=port) as again, connect(again.url):
                pass

    @on_loop
    async def test_stopping_closes_every_connection_with_1001(self) -> None:
        async with Server() as server:
            sockets = [await connect(server.url_of(path)) for path in ("/echo", "/echo", "/tornado")]
            arriving, page = await Raw.dial(server.port), await Raw.dial(server.port)
            arriving.send(b"GET /echo")
            page.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await page.response()
            await server.stop()
            for ws in sockets:
                with pytest.raises(ConnectionClosed, match="received 1001 GOING_AWAY “the server stops”"):
                    await ws.recv()
                assert ws.closed.received_first
            for raw in (arriving, page):
                assert await raw.ended()
                raw.hang_up()
            assert server.connections == []

    @on_loop
    async def test_stopping_waits_only_so_long(self) -> None:
        started = asyncio.Event()

        async def stubborn(ws: WebSocket) -> None:
            started.set()
            await asyncio.Event().wait()

        async with Server(stubborn, limits=Limits(close_timeout=0.05)) as server:
            raw = await Raw.upgrade(server.url)
            await started.wait()
            await server.stop()
            frames = await raw.frames()
            assert [frame.opcode for frame in frames] == [Opcode.CLOSE]
            raw.hang_up()

    @on_loop
    async def test_stopping_during_traffic(self) -> None:
        async with Server() as server:

            async def chatter() -> int:
                async with connect(server.url) as ws:
                    try:
                        while True:
                            await ws.send(b"x" * 20000)
                            await ws.recv()
                    except ConnectionClosed as closed:
                        return closed.code

            tasks = [asyncio.create_task(chatter()) for _ in range(20)]
            await until(lambda: len(server.connections) == 20)
            await server.stop()
            assert await asyncio.gather(*tasks) == [1001] * 20

    @on_loop
    async def test_ipv6(self) -> None:
        async with Server(host="::1") as server:
            assert server.url.startswith("ws://[::1]:")
            async with connect(server.url) as ws:
                await ws.send("Hello")
                assert await ws.recv() == "Hello"
                assert ws.remote_address == ("::1", server.port)


class TestApplications:
    @pytest.mark.parametrize(
        "error",
        [ZeroDivisionError("division by zero"), SystemExit(3), asyncio.CancelledError("mine")],
        ids=repr,
    )
    @on_loop
    async def test_one_that_raises(
        self, error: BaseException, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail(ws: WebSocket) -> None:
            await ws.recv()
            raise error

        async with Server(fail) as server:
            async with connect(server.url) as ws:
                await ws.send("Hello")
                with pytest.raises(ConnectionClosed) as caught:
                    await ws.recv()
                assert (caught.value.code, caught.value.reason) == (1011, "the application failed")
            assert list(server.errors) == [f"GET /fail: {type(error).__name__}: {error}"]
            assert [(record.name, record.levelno) for record in caplog.records] == [
                ("wslearn.net", logging.ERROR)
            ]
            async with connect(server.url_of("/echo")) as ws:
                await ws.send("still here")
                assert await ws.recv() == "still here"
        assert capfd.readouterr() == ("", "")

    @on_loop
    async def test_one_whose_peer_hangs_up_did_nothing_wrong(self) -> None:
        async def wait(ws: WebSocket) -> None:
            await ws.recv()

        async with Server(wait) as server:
            async with connect(server.url):
                pass
            await until(lambda: not server.connections)
            assert list(server.errors) == []

    @on_loop
    async def test_one_that_returns(self) -> None:
        async def once(ws: WebSocket) -> None:
            await ws.send(await ws.recv())

        async with Server(once) as server, connect(server.url) as ws:
            await ws.send("Hello")
            assert [message async for message in ws] == ["Hello"]
            assert ws.closed.code == 1000
            assert ws.closed.received_first

    @on_loop
    async def test_one_that_returns_while_the_client_goes_on(self) -> None:
        """What nobody will read is not waited for: behind it is the client's close frame."""

        async def first_only(ws: WebSocket) -> None:
            await ws.recv()

        async with Server(first_only, limits=Limits(close_timeout=20, max_queue=16)) as server:
            async with asyncio.timeout(10), connect(server.url) as ws:
                with pytest.raises(ConnectionClosed, match="received 1000"):
                    await send_without_end(ws)
            assert ws.closed.sent is not None
            await until(lambda: not server.connections)


class Scripted:
    """A listening socket on which strange things happen, one after the other."""

    def __init__(self, *steps: socket.socket | OSError) -> None:
        self._steps = iter((*steps, BlockingIOError()))

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        step = next(self._steps)
        if isinstance(step, OSError):
            raise step
        return step, ("127.0.0.1", 1)


class TestRaces:
    """A client may be gone at any moment, and the system says so in different places."""

    @on_loop
    async def test_before_it_is_accepted(self) -> None:
        closed = socket.socket()
        closed.close()
        async with Server() as server:
            server._accept(Scripted(ConnectionAbortedError(), closed), 0)  # type: ignore[arg-type]
            assert not server.connections
            assert not server.errors

    @pytest.mark.parametrize(
        "head", [client_request("ws://localhost/echo").serialize(), GET_ECHO, b"?\r\n\r\n"]
    )
    @on_loop
    async def test_before_it_is_answered(self, head: bytes) -> None:
        ours, theirs = socket.socketpair()
        async with Server() as server:
            server._accept(Scripted(ours), 0)  # type: ignore[arg-type]
            (arrival,) = server._arriving
            theirs.close()
            arrival.take(head)
            assert not server.connections
            assert not server.errors
            await until(lambda: not server._arriving)

    @on_loop
    async def test_a_burst(self) -> None:
        async with Server() as server:
            clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(129)]
            for client in clients:
                client.send(client_request(server.url).serialize())
            await until(lambda: len(server.connections) == 129)
            for client in clients:
                client.close()
            await until(lambda: not server.connections)


class TestWhatIsLeft:
    async def _open_and_close(self, server: Server, number: int) -> None:
        """Connect, one way or another, and end it, one way or another."""
        way = number % 6
        if way == 0:
            async with connect(server.url) as ws:
                await ws.send("Hello")
                await ws.recv()
        elif way == 1:
            (await connect(server.url, deflate=Deflate())).abort()
        elif way == 2:
            assert (await refused(server.url, origin="null")).status == 403
        elif way == 3:
            raw = await Raw.upgrade(server.url, first=masked(b"x") + closing())
            await raw.frames()
            raw.hang_up()
        elif way == 4:
            raw = await Raw.upgrade(server.url, first=masked(b"cut off")[:4])
            raw.reset()
        else:
            raw = await Raw.dial(server.port)
            raw.send(b"GET /echo HTTP")
            raw.hang_up()

    @on_loop
    async def test_nothing_after_200_connections(self) -> None:
        process = psutil.Process()
        async with Server() as server:
            for number in range(6):
                await self._open_and_close(server, number)
            await until(lambda: not server.connections)
            gc.collect()
            sockets = [thing for thing in gc.get_objects() if isinstance(thing, WebSocket)]
            files, threads, tasks = process.num_fds(), process.num_threads(), len(asyncio.all_tasks())
            for batch in range(20):
                await asyncio.gather(*[self._open_and_close(server, batch + number) for number in range(10)])
            await until(lambda: not server.connections and len(asyncio.all_tasks()) == tasks)
            await until(lambda: process.num_fds() == files)
            gc.collect()
            assert process.num_threads() <= threads + MOST_RESOLVERS
            assert [thing for thing in gc.get_objects() if isinstance(thing, WebSocket)] == sockets
            assert list(server.errors) == []
