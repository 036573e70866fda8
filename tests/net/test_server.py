"""The server: routes, refusals, limits."""

from __future__ import annotations

import asyncio
import functools
import resource
import socket

import pytest

from tests.net.on_loop import on_loop, until
from tests.net.raw import Raw, masked
from wslearn import ConnectionClosed, Deflate, HandshakeError, Response, UsageError, client_request
from wslearn.net import LOOPBACK_ORIGINS, Limits, Server, WebSocket, connect, echo

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

    @pytest.mark.parametrize("first", [[], [b"at once"]], ids=["nothing", "a message"])
    @on_loop
    async def test_an_upgrade_after_a_page(self, first: list[bytes]) -> None:
        """A proxy keeps connections open and uses them again, for whatever comes."""
        async with asyncio.timeout(5), Server() as server:
            raw = await Raw.dial(server.port)
            raw.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await raw.response()
            raw.send(client_request(server.url).serialize(), *map(masked, first))
            assert (await raw.response()).status == 101
            raw.send(masked(b"later"))
            for payload in [*first, b"later"]:
                frame = await raw.frame()
                assert frame is not None
                assert frame.payload == payload
            raw.hang_up()

    @on_loop
    async def test_a_refused_upgrade_after_a_page(self) -> None:
        async with asyncio.timeout(5), Server() as server:
            raw = await Raw.dial(server.port)
            raw.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await raw.response()
            raw.send(GET_ECHO)
            response = await raw.response()
            assert response.status == 400
            assert b"Did a proxy remove it?" in response.body
            assert await raw.ended()
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

    @on_loop
    async def test_section_7_2_2_a_refusal_is_the_end(self) -> None:
        """Of the connection: a better request needs a new one."""
        async with asyncio.timeout(5), Server() as server:
            raw = await Raw.dial(server.port)
            raw.send(GET_ECHO)
            assert (await raw.response()).status == 400
            raw.send(client_request(server.url).serialize())
            assert await raw.ended()
            raw.hang_up()


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

    @on_loop
    async def test_one_more_is_let_in_while_it_runs(self) -> None:
        async with Server() as server:
            assert (await refused(server.url, origin="https://example.org")).status == 403
            server.let_in("https://example.org")
            for origin in ("https://example.org", self.LOCAL[0]):
                async with connect(server.url, origin=origin):
                    pass
            assert (await refused(server.url, origin="https://example.com")).status == 403
        async with Server(origins=None) as server:
            server.let_in("https://example.org")
            async with connect(server.url, origin="null"):
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

    @pytest.mark.parametrize("size", [10, 100_000])
    @on_loop
    async def test_time_and_size_of_a_body(self, size: int) -> None:
        async with Server(limits=Limits(open_timeout=0.05)) as server:
            raw = await Raw.dial(server.port)
            raw.send(f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\nx".encode())
            data = await raw.reader.read()
            assert data.startswith(b"HTTP/1.1 400 Bad Request" if size > 64 * 1024 else b"")
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
