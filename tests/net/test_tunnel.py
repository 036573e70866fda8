"""The client behind a forward proxy: what it asks for, what it takes for an answer, and TLS inside."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress

import pytest

from tests.net.conftest import Tls
from tests.net.on_loop import on_loop
from tests.net.raw import Behave, Raw, answers, listening
from wslearn import HandshakeError, Request, UsageError, server_response
from wslearn.net import Limits, Server, WebSocket, connect
from wslearn.net.tunnel import CONNECT, Proxy, connect_request

OK = b"HTTP/1.1 200 Connection established\r\n\r\n"


def tunnels(asked: list[Request], answer: bytes = OK, port: int | None = None) -> Behave:
    """Make a proxy that answers, and copies bytes to a port of this machine: the one that it is asked for."""

    async def behave(raw: Raw) -> None:
        request = await raw.request()
        asked.append(request)
        to = port or int(request.target.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", to)
        raw.send(answer)
        await asyncio.gather(copy(raw.reader, writer), copy(reader, raw.writer))
        for each in (writer, raw.writer):
            each.close()
            with suppress(OSError):
                await each.wait_closed()

    return behave


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # either end may be gone
        while data := await reader.read(65536):
            writer.write(data)
        writer.write_eof()


def of(url: str) -> str:
    """Make the URL of a proxy of a listener's."""
    return url.replace("ws:", "http:")


class TestRfc9110Section936:
    @pytest.mark.parametrize(
        ("host", "port", "target"),
        [
            ("example.org", 443, b"example.org:443"),
            ("example.org", 80, b"example.org:80"),
            ("127.0.0.1", 8765, b"127.0.0.1:8765"),
            ("::1", 443, b"[::1]:443"),
        ],
    )
    def test_the_request_names_host_and_port(self, host: str, port: int, target: bytes) -> None:
        assert connect_request(host, port) == b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (target, target)

    def test_credentials(self) -> None:
        """The example of RFC 6455 §4.1."""
        request = Request.parse(connect_request("example.com", 80, "ednamode:nocapes!"))
        assert request.headers["Proxy-Authorization"] == "Basic ZWRuYW1vZGU6bm9jYXBlcyE="

    @pytest.mark.parametrize("host", ["a b", "a\r\nX: y", ""])
    def test_a_host_that_breaks_the_line(self, host: str) -> None:
        with pytest.raises(UsageError):
            connect_request(host + " ", 1)


class TestWhereTheProxyIs:
    @pytest.mark.parametrize(
        ("url", "proxy"),
        [
            ("http://127.0.0.1:3128", Proxy("127.0.0.1", 3128)),
            ("http://proxy.example:8080/", Proxy("proxy.example", 8080)),
            ("http://[::1]:3128", Proxy("::1", 3128)),
            ("http://ada:s%3Ae%40cret@h:1", Proxy("h", 1, "ada:s:e@cret")),
            ("http://ada@h:1", Proxy("h", 1, "ada:")),
        ],
    )
    def test_read(self, url: str, proxy: Proxy) -> None:
        assert Proxy.parse(url) == proxy

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "h:1",
            "127.0.0.1:3128",
            "http://h",
            "http://:1",
            "https://h:1",
            "socks5://h:1",
            "http://h:0",
            "http://h:99999",
            "http://h:1/path",
            "http://[h:1",
        ],
    )
    def test_not_one(self, url: str) -> None:
        with pytest.raises(UsageError, match="http://host:port"):
            connect("ws://example.org/", proxy=url)

    def test_a_user_with_a_colon(self) -> None:
        with pytest.raises(UsageError, match="no colon"):
            Proxy.parse("http://a%3Ab:c@h:1")

    def test_a_password_is_not_shown(self) -> None:
        assert "secret" not in repr(Proxy.parse("http://ada:secret@h:1"))


class TestThroughATunnel:
    @pytest.mark.parametrize(
        "answer", [OK, b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", b"HTTP/1.1 299 \r\n\r\n"]
    )
    @on_loop
    async def test_ws(self, answer: bytes) -> None:
        """Any 2xx is a yes, and a Content-Length in it means nothing (RFC 9110 §9.3.6)."""
        asked: list[Request] = []
        async with (
            Server() as server,
            listening(tunnels(asked, answer)) as proxy,
            connect(server.url, proxy=of(proxy)) as ws,
        ):
            await ws.send("through")
            assert await ws.recv() == "through"
            host = ws.request.headers["Host"]
            assert host == f"127.0.0.1:{server.port}"
        assert [(each.method, each.target) for each in asked] == [("CONNECT", host)]

    @on_loop
    async def test_section_4_1_item_5_wss_makes_tls_inside(self, tls: Tls) -> None:
        asked: list[Request] = []
        async with (
            Server(host="localhost", ssl_context=tls.server) as server,
            listening(tunnels(asked)) as proxy,
            connect(server.url, proxy=of(proxy), ssl_context=tls.client) as ws,
        ):
            for size in (0, 16384, 1 << 20):
                await ws.send(bytes(size))
                assert await ws.recv() == bytes(size)
            assert asked[0].target == f"localhost:{server.port}"

    @on_loop
    async def test_the_certificate_is_the_server_s_matter(self, tls: Tls) -> None:
        async with Server(ssl_context=tls.server) as server, listening(tunnels([])) as proxy:
            with pytest.raises(ssl.SSLCertVerificationError):
                await connect(server.url, proxy=of(proxy))

    @on_loop
    async def test_the_server_s_name_is_looked_up_by_the_proxy(self, tls: Tls) -> None:
        names: list[str | None] = []
        asked: list[Request] = []
        tls.server.sni_callback = lambda _socket, name, _context: names.append(name)
        try:
            async with (
                Server(ssl_context=tls.server) as server,
                listening(tunnels(asked, port=server.port)) as proxy,
            ):
                url = "wss://no-such-host.invalid/echo"
                with pytest.raises(ssl.SSLCertVerificationError):
                    await connect(url, proxy=of(proxy), ssl_context=tls.client)
        finally:
            tls.server.sni_callback = None
        assert [each.target for each in asked] == ["no-such-host.invalid:443"]
        assert names == ["no-such-host.invalid"]

    @pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
    @on_loop
    async def test_who_speaks_no_tls_in_there(self, tls: Tls, said: bytes) -> None:
        async def behave(raw: Raw) -> None:
            await raw.request()
            raw.send(OK)
            await raw.reader.read(1)
            raw.send(said)

        async with listening(behave) as proxy:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await connect("wss://example.org/", proxy=of(proxy), ssl_context=tls.client)

    @on_loop
    async def test_credentials_go_to_the_proxy_alone(self) -> None:
        asked: list[Request] = []
        async with Server() as server, listening(tunnels(asked)) as proxy:
            with_user = of(proxy).replace("//", "//ada:secret@")
            async with connect(server.url, proxy=with_user) as ws:
                assert "Proxy-Authorization" not in ws.request.headers
        assert asked[0].headers["Proxy-Authorization"] == "Basic YWRhOnNlY3JldA=="

    @on_loop
    async def test_section_4_1_item_2_one_at_a_time_by_name(self) -> None:
        """Behind a proxy "each host name refers to a distinct remote host", and to each it is one by one."""
        connecting: list[str] = []
        seen: list[list[str]] = []
        two, answer = asyncio.Event(), asyncio.Event()

        async def behave(raw: Raw) -> None:
            name = (await raw.request()).target
            connecting.append(name)
            seen.append(sorted(connecting))
            if len(seen) == 2:
                two.set()
            await answer.wait()
            raw.send(OK)
            raw.send(server_response(await raw.request()).serialize())
            connecting.remove(name)
            await raw.frames()

        async with listening(behave) as proxy:
            urls = ["ws://a.example/", "ws://a.example/", "ws://b.example/", "ws://b.example/"]
            opening = [asyncio.ensure_future(connect(url, proxy=of(proxy))) for url in urls]
            await two.wait()
            answer.set()
            for ws in await asyncio.gather(*opening):
                ws.abort()
        assert seen[1] == ["a.example:80", "b.example:80"]
        assert all(len(set(names)) == len(names) for names in seen)
        assert len(seen) == 4


class TestSection41Item4Refusals:
    @pytest.mark.parametrize(
        ("answer", "status", "says"),
        [
            (
                b'HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic realm="office"\r\n\r\n',
                407,
                r'refused a tunnel to example\.org:80 with 407 .*asks for Basic realm="office"',
            ),
            (b"HTTP/1.1 403 Forbidden\r\n\r\nNot that port.", 403, "403 Forbidden. Not that port."),
            (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", 502, "502 Bad Gateway"),
            (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", 101, "refused a tunnel"),
            (b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", 302, "302 Found"),
            (OK + b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 502, "bytes behind its answer"),
            (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 502, "is no HTTP.*Not an HTTP status line"),
            (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", 502, "without a colon"),
            (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 20000, 502, "The head exceeds"),
            (b"HTTP/1.1 200 O", 502, "closed the TCP connection without an answer"),
            (b"", 502, "closed the TCP connection without an answer"),
        ],
    )
    @on_loop
    async def test_are_explained(self, answer: bytes, status: int, says: str) -> None:
        async with listening(answers(answer)) as proxy:
            with pytest.raises(HandshakeError, match=says) as caught:
                await connect("ws://example.org/", proxy=of(proxy))
        assert caught.value.status == status
        assert caught.value.section == CONNECT

    @on_loop
    async def test_a_reset(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.request()
            raw.reset()

        async with listening(behave) as proxy:
            with pytest.raises(HandshakeError, match="without an answer"):
                await connect("ws://example.org/", proxy=of(proxy))

    @on_loop
    async def test_an_answer_in_pieces(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.request()
            for at in range(len(OK)):
                raw.send(OK[at : at + 1])
                await asyncio.sleep(0)
            raw.send(server_response(await raw.request()).serialize())
            await raw.frames()

        async with listening(behave) as proxy:
            ws = await connect("ws://example.org/", proxy=of(proxy))
            assert isinstance(ws, WebSocket)
            ws.abort()

    @on_loop
    async def test_the_server_s_refusal_is_told_from_the_proxy_s(self) -> None:
        async with Server() as server, listening(tunnels([])) as proxy:
            with pytest.raises(HandshakeError) as caught:
                await connect(server.url, proxy=of(proxy), origin="https://evil.example")
        assert caught.value.status == 403
        assert caught.value.section != CONNECT

    @on_loop
    async def test_nobody_is_there(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        with pytest.raises(ConnectionRefusedError):
            await connect("ws://example.org/", proxy=f"http://127.0.0.1:{port}")

    @pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 O", OK])
    @on_loop
    async def test_it_takes_too_long(self, said: bytes) -> None:
        """The time for the opening handshake is for all of it."""

        async def behave(raw: Raw) -> None:
            await raw.request()
            raw.send(said)
            await raw.reader.read()

        async with listening(behave) as proxy:
            with pytest.raises(TimeoutError, match=r"example\.org was not done in 0\.05 s"):
                await connect("ws://example.org/", proxy=of(proxy), limits=Limits(open_timeout=0.05))

    @on_loop
    async def test_tls_that_takes_too_long(self, tls: Tls) -> None:
        async def behave(raw: Raw) -> None:
            await raw.request()
            raw.send(OK)
            await raw.reader.read()

        async with listening(behave) as proxy:
            with pytest.raises(TimeoutError):
                await connect(
                    "wss://example.org/",
                    proxy=of(proxy),
                    ssl_context=tls.client,
                    limits=Limits(open_timeout=0.05),
                )
