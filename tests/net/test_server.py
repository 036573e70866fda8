"""The server: routes, refusals, limits, and how it starts and stops."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import os
import resource
import socket
import ssl
from typing import NoReturn

import psutil
import pytest

from tests.net.conftest import Tls
from tests.net.on_loop import on_loop, until
from tests.net.raw import Raw, closing, masked
from wslearn import ConnectionClosed, Deflate, HandshakeError, Opcode, Response, UsageError, client_request
from wslearn.net import LOOPBACK_ORIGINS, Limits, Server, WebSocket, connect, echo

# Threads in which asyncio looks up host names, for clients; a server has none.
MOST_RESOLVERS = min(32, (os.cpu_count() or 1) + 4)
GET_ECHO = b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def refused(url: str, **options: object) -> HandshakeError:
    """Connect, and give the refusal."""
    with pytest.raises(HandshakeError) as caught:
        await connect(url, **options)  # type: ignore[arg-type]
    return caught.value


async def answer(server: Server, request: bytes) -> Response:
    """Send a request on a connection of its own."""
    raw = await Raw.dial(server.port)
    raw.send(request)
    response = await raw.response()
    raw.hang_up()
    return response


async def send_without_end(ws: WebSocket) -> NoReturn:
    while True:
        await ws.send(b"x" * 1000)


class TestRoutes:
    @pytest.mark.parametrize("path", ["/echo", "/tornado"])
    @on_loop
    async def test_two_implementations_echo_on_one_port(self, path: str) -> None:
        async with Server() as server, connect(server.url_of(path)) as ws:
            for message in ("Hello", b"Hello"):
                await ws.send(message)
                assert await ws.recv() == message

    @pytest.mark.parametrize("path", ["/echo", "/tornado"])
    @on_loop
    async def test_a_message_may_ride_on_the_handshake(self, path: str) -> None:
        async with Server() as server:
            raw = await Raw.upgrade(server.url_of(path), first=masked(b"early"))
            frame = await raw.frame()
            assert frame is not None
            assert frame.payload == b"early"
            raw.hang_up()

    @on_loop
    async def test_a_handshake_byte_by_byte(self) -> None:
        async with Server() as server:
            raw = await Raw.dial(server.port)
            for byte in client_request(server.url).serialize():
                raw.send(bytes((byte,)))
                await asyncio.sleep(0)
            assert (await raw.response()).status == 101
            raw.hang_up()

    @on_loop
    async def test_pages_keep_their_connection(self) -> None:
        async with Server() as server:
            raw = await Raw.dial(server.port)
            raw.send(
                b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"
            )
            assert [(await raw.response()).status, (await raw.response()).status] == [200, 404]
            raw.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"Echo over a WebSocket" in (await raw.response()).body
            raw.hang_up()

    @on_loop
    async def test_an_upgrade_after_a_page_needs_a_connection_of_its_own(self) -> None:
        async with Server() as server:
            raw = await Raw.dial(server.port)
            raw.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await raw.response()
            raw.send(client_request(server.url).serialize())
            response = await raw.response()
            assert response.status == 400
            assert response.body.startswith(
                b"400 Bad Request\n\nOpen a new TCP connection for the handshake."
            )
            raw.hang_up()

    @pytest.mark.parametrize(
        ("request_head", "status", "says"),
        [
            (GET_ECHO, 400, b"Upgrade is ''; it must name 'websocket'. Did a proxy remove it?"),
            (GET_ECHO.replace(b"GET", b"POST"), 405, b"The method is POST"),
            (GET_ECHO.replace(b"1.1", b"1.0"), 400, b"HTTP/1.0: an upgrade needs HTTP/1.1."),
            (b"\x00\x01\r\n\r\n", 400, b"Not an HTTP request line"),
            (
                GET_ECHO.replace(b"\r\n\r\n", b"\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
                426,
                b"this server speaks 13",
            ),
        ],
    )
    @on_loop
    async def test_a_refusal_can_be_read(self, request_head: bytes, status: int, says: bytes) -> None:
        async with Server() as server:
            response = await answer(server, request_head)
            assert response.status == status
            assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert says in response.body


class TestApps:
    @on_loop
    async def test_each_at_its_path(self) -> None:
        async def shout(ws: WebSocket) -> None:
            async for message in ws:
                await ws.send(str(message).upper())

        async with Server({"/shout": shout, "/a+b(c": echo}) as server:
            assert server.paths == ["/shout", "/a+b(c", "/echo"]
            assert server.url == server.url_of("/shout")
            for path, expected in (
                ("/shout", "HI"),
                ("/shout?room=1", "HI"),
                ("/a+b(c", "hi"),
                ("/echo", "hi"),
            ):
                async with connect(server.url_of(path)) as ws:
                    await ws.send("hi")
                    assert await ws.recv() == expected
            assert (await answer(server, GET_ECHO.replace(b"/echo", b"/aab(c"))).status == 404

    def test_a_function_is_mounted_at_its_name(self) -> None:
        async def chat(ws: WebSocket) -> None:
            pass

        assert Server(chat).paths == ["/chat", "/echo"]
        assert Server(functools.partial(echo)).paths == ["/app", "/echo"]
        assert Server({"/echo": chat}).paths == ["/echo"]

    @pytest.mark.parametrize(
        ("app", "says"),
        [
            ("ecko", "There is no app 'ecko'"),
            ({"chat": echo}, "write /chat"),
            (5, "mapping of paths"),
        ],
    )
    def test_what_is_no_app(self, app: object, says: str) -> None:
        with pytest.raises(UsageError, match=says):
            Server(app)  # type: ignore[arg-type]


class TestOrigins:
    LOCAL = ("http://localhost:8888", "https://127.0.0.1", "http://[::1]:8080")
    FOREIGN = ("https://example.org", "null", "http://localhost.example.org", "http://127.0.0.1.example:80")

    @pytest.mark.parametrize("path", ["/echo", "/tornado"])
    @on_loop
    async def test_pages_of_this_machine_may_connect_and_no_others(self, path: str) -> None:
        async with Server() as server:
            for origin in self.LOCAL:
                async with connect(server.url_of(path), origin=origin):
                    pass
            for origin in self.FOREIGN:
                error = await refused(server.url_of(path), origin=origin)
                assert error.status == 403
            assert (
                (await refused(server.url, origin="null"))
                .args[0]
                .endswith("Pages from null may not connect here. (HTTP 403, §4.2.2, §10.2)")
            )

    @pytest.mark.parametrize("path", ["/echo", "/tornado"])
    @on_loop
    async def test_others_are_let_in_by_name_or_all_at_once(self, path: str) -> None:
        async with Server(origins={"https://example.org"} | LOOPBACK_ORIGINS) as server:
            async with connect(server.url_of(path), origin="https://example.org"):
                pass
            assert (await refused(server.url_of(path), origin="null")).status == 403
        async with Server(origins=None) as server, connect(server.url_of(path), origin="null"):
            pass


class TestNegotiation:
    @on_loop
    async def test_the_client_s_favourite_subprotocol_is_chosen(self) -> None:
        async with Server(subprotocols=["v1.chat", "v2.chat"]) as server:
            async with connect(server.url, subprotocols=["v3.chat", "v2.chat", "v1.chat"]) as ws:
                assert ws.subprotocol == "v2.chat"
                assert [served.subprotocol for served in server.connections] == ["v2.chat"]
            async with connect(server.url, subprotocols=["other"]) as ws:
                assert ws.subprotocol is None

    @on_loop
    async def test_messages_are_compressed_where_both_want_it(self) -> None:
        async with Server() as server, connect(server.url, deflate=Deflate()) as ws:
            assert ws.response.headers["Sec-WebSocket-Extensions"].startswith("permessage-deflate")
            for message in ("ab" * 5000, "", b"\x00" * 70000):
                await ws.send(message)
                assert await ws.recv() == message
        async with Server(deflate=None) as server, connect(server.url, deflate=Deflate()) as ws:
            assert "Sec-WebSocket-Extensions" not in ws.response.headers


class TestLimits:
    @on_loop
    async def test_connections(self) -> None:
        async with Server(max_connections=2) as server:
            async with connect(server.url), connect(server.url):
                error = await refused(server.url)
                assert error.status == 503
                assert "holds 2 connections and takes no more" in str(error)
            await until(lambda: not server.connections)
            async with connect(server.url):
                pass

    @on_loop
    async def test_connections_that_never_become_one(self) -> None:
        async with Server(max_connections=2, limits=Limits(open_timeout=20)) as server:
            silent = [await Raw.dial(server.port) for _ in range(2)]
            third = await Raw.dial(server.port)
            assert await third.ended()
            for raw in (*silent, third):
                raw.hang_up()

    @on_loop
    async def test_time_for_the_handshake(self) -> None:
        async with Server(limits=Limits(open_timeout=0.08)) as server:
            slow = await Raw.dial(server.port)
            head = client_request(server.url).serialize()

            async def drip() -> None:
                for byte in head:
                    slow.send(bytes((byte,)))
                    await asyncio.sleep(0.02)

            dripping = asyncio.create_task(drip())
            silent = await Raw.dial(server.port)
            refused_one = await Raw.dial(server.port)
            refused_one.send(GET_ECHO)
            assert (await refused_one.response()).status == 400
            for raw in (slow, silent, refused_one):  # the last does not hang up although it was told to
                assert await raw.ended()
                raw.hang_up()
            dripping.cancel()

    @pytest.mark.parametrize("size", [16 * 1024, 300_000, 5_000_000])
    @on_loop
    async def test_size_of_the_head(self, size: int) -> None:
        async with Server() as server:
            raw = await Raw.dial(server.port)
            raw.send(b"GET / HTTP/1.1\r\nA: ", b"a" * size)
            response = await raw.response()
            assert response.status == 431
            assert b"The head exceeds 16384 bytes." in response.body
            raw.hang_up()

    @on_loop
    async def test_number_of_header_fields(self) -> None:
        async with Server() as server:
            response = await answer(server, GET_ECHO[:-2] + b"A: 1\r\n" * 200 + b"\r\n")
            assert response.status == 431

    @on_loop
    async def test_size_of_a_message(self) -> None:
        async with Server(limits=Limits(max_message_size=1000)) as server:
            async with connect(server.url) as ws:
                await ws.send("x" * 1000)
                assert await ws.recv() == "x" * 1000
                await ws.send("x" * 1001)
                with pytest.raises(ConnectionClosed, match="limit of 1000 bytes") as caught:
                    await ws.recv()
                assert caught.value.code == 1009
            async with connect(server.url, deflate=Deflate()) as ws:
                await ws.send(bytes(10_000_000))
                with pytest.raises(ConnectionClosed) as caught:
                    await ws.recv()
                assert caught.value.code == 1009

    @on_loop
    async def test_file_descriptors(self) -> None:
        """Who cannot be accepted waits; the server neither spins nor gives up."""
        async with Server() as server:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            spare: list[socket.socket] = []
            waiting = socket.socket()
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (waiting.fileno() + 1, hard))
                with pytest.raises(OSError, match="Too many open files"):
                    spare.extend(iter(socket.socket, None))
                waiting.connect(("127.0.0.1", server.port))
                await until(lambda: bool(server.errors))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                for sock in spare:
                    sock.close()
            assert server.errors[0].startswith("Cannot accept connections for a moment: OSError")
            assert len(server.errors) <= 2
            async with connect(server.url) as ws:
                await ws.send("Hello")
                assert await ws.recv() == "Hello"
            waiting.close()


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


class TestTls:
    @pytest.mark.parametrize("path", ["/echo", "/tornado"])
    @on_loop
    async def test_wss(self, tls: Tls, path: str) -> None:
        async with Server(ssl_context=tls.server) as server:
            assert server.url.startswith("wss://")
            async with connect(server.url_of(path), ssl_context=tls.client) as ws:
                for size in (0, 125, 126, 16384, 65536, 1 << 20):
                    await ws.send(bytes(size))
                    assert await ws.recv() == bytes(size)

    @on_loop
    async def test_the_page(self, tls: Tls) -> None:
        async with Server(ssl_context=tls.server) as server:
            raw = await Raw.dial(server.port, tls.client)
            raw.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await raw.response()).status == 200
            raw.hang_up()

    @on_loop
    async def test_a_refusal(self, tls: Tls) -> None:
        async with Server(ssl_context=tls.server) as server:
            error = await refused(server.url, ssl_context=tls.client, origin="null")
            assert error.status == 403
            assert "may not connect here" in str(error)

    @on_loop
    async def test_who_breaks_a_rule_need_not_wait_for_the_end(self, tls: Tls) -> None:
        limits = Limits(max_message_size=10, close_timeout=20)
        async with (
            asyncio.timeout(5),
            Server(ssl_context=tls.server, limits=limits) as server,
            connect(server.url, ssl_context=tls.client) as ws,
        ):
            await ws.send("x" * 11)
            with pytest.raises(ConnectionClosed, match="received 1009"):
                await ws.recv()

    @on_loop
    async def test_garbage(self, tls: Tls, capfd: pytest.CaptureFixture[str]) -> None:
        async with Server(ssl_context=tls.server) as server:
            for garbage in (GET_ECHO, b"\x16\x03\x01\x02\x00" + bytes(512), os.urandom(100), b""):
                for leave in (Raw.hang_up, Raw.reset):
                    raw = await Raw.dial(server.port)
                    raw.send(garbage)
                    await asyncio.sleep(0)
                    leave(raw)
            async with connect(server.url, ssl_context=tls.client) as ws:
                await ws.send("Hello")
                assert await ws.recv() == "Hello"
        assert capfd.readouterr() == ("", "")

    @on_loop
    async def test_a_client_without_tls(self, tls: Tls) -> None:
        async with Server(ssl_context=tls.server) as server:
            error = await refused(server.url.replace("wss", "ws"))
            assert "closed the TCP connection without an answer" in str(error)

    @on_loop
    async def test_a_server_that_is_not_trusted(self, tls: Tls) -> None:
        async with Server(ssl_context=tls.server) as server:
            with pytest.raises(ssl.SSLCertVerificationError):
                await connect(server.url)


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
            arrival._on_bytes(head)
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
