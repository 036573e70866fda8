"""The server behind TLS."""

from __future__ import annotations

import asyncio
import os
import ssl

import pytest

from tests.net.conftest import Tls
from tests.net.on_loop import on_loop
from tests.net.raw import Raw
from tests.net.test_server import GET_ECHO, refused
from wslearn import ConnectionClosed
from wslearn.net import Limits, Server, connect


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
    async def test_the_client_names_the_server_it_wants(
        self, tls: Tls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """§4.1, item 5: "Clients MUST use the Server Name Indication extension"."""
        names: list[str | None] = []
        monkeypatch.setattr(tls.server, "sni_callback", lambda _socket, name, _context: names.append(name))
        async with (
            Server(host="localhost", ssl_context=tls.server) as server,
            connect(server.url, ssl_context=tls.client),
        ):
            pass
        assert names == ["localhost"]

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
