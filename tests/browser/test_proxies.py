"""A real Chromium on the ways of lesson 12: through a tunnel of a forward proxy, and over HTTP/2."""

from __future__ import annotations

import ssl

import pytest
import trustme
from playwright.sync_api import Browser as Chromium

from wslearn.errors import ConnectionClosed
from wslearn.labs.http2 import Http2Server, Http2WebSocket
from wslearn.labs.proxies.forward import ForwardProxy
from wslearn.net import serve

pytestmark = pytest.mark.needs("chromium")

EXCHANGE = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url, "v1")
  socket.onopen = () => socket.send("x".repeat(100000))
  socket.onmessage = ({ data }) => {
    socket.onclose = ({ code, reason }) => resolve([data.length, socket.protocol, code, reason])
    socket.close(4000, "done")
  }
  socket.onclose = ({ code }) => resolve([0, "", code, ""])
})"""
THREE = f"(url) => Promise.all([1, 2, 3].map(() => ({EXCHANGE})(url)))"
ANSWERED = [100000, "v1", 4000, "done"]


def context(authority: trustme.CA) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(made)
    return made


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


class TestHttp2:
    def test_three_websockets_on_one_connection(self, started: Chromium, authority: trustme.CA) -> None:
        """RFC 8441: a page that came over HTTP/2 gets its WebSockets on the same connection."""
        opened: list[Http2WebSocket] = []

        async def echo(ws: Http2WebSocket) -> None:
            opened.append(ws)
            try:
                await ws.send(await ws.recv())
                await ws.recv()
            except ConnectionClosed:
                return

        with Http2Server(context(authority), echo, subprotocols=["v1"]) as server:
            window = started.new_context(ignore_https_errors=True)
            page = window.new_page()
            page.goto(server.url.replace("wss", "https").replace("echo", ""))
            assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
            assert page.evaluate(THREE, server.url) == [ANSWERED] * 3
            window.close()
            assert list(server.errors) == []
        assert len({ws._session for ws in opened}) == 1
        assert len({ws.stream_id for ws in opened}) == 3
        fields = dict(opened[0].request)
        assert fields[":method"] == "CONNECT"
        assert fields[":protocol"] == "websocket"
        assert fields["origin"] == server.url.replace("wss", "https").removesuffix("/echo")
        assert "sec-websocket-key" not in fields

    def test_a_server_that_says_no(self, started: Chromium, authority: trustme.CA) -> None:
        with Http2Server(context(authority), origins=()) as server:
            window = started.new_context(ignore_https_errors=True)
            page = window.new_page()
            page.goto(server.url.replace("wss", "https").replace("echo", ""))
            assert page.evaluate(EXCHANGE, server.url) == [0, "", 1006, ""]
            window.close()


class TestForwardProxy:
    @pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
    def test_a_browser_asks_for_a_tunnel(
        self, started: Chromium, authority: trustme.CA, *, secure: bool
    ) -> None:
        """By CONNECT, for `ws` as for `wss` (RFC 6455 §4.1)."""
        tls = context(authority) if secure else None
        with serve(origins=None, subprotocols=["v1"], ssl_context=tls) as server, ForwardProxy() as proxy:
            window = started.new_context(
                ignore_https_errors=True, proxy={"server": proxy.url, "bypass": "<-loopback>"}
            )
            assert window.new_page().evaluate(EXCHANGE, server.url) == ANSWERED
            window.close()
            assert set(proxy.log) == {f"CONNECT 127.0.0.1:{server.port} → 200"}
