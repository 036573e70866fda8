"""The forward proxy: what it lets through, what it refuses, and clients that are not ours."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.net.conftest import Tls
from tests.net.conftest import tls as tls  # noqa: PLC0414 - a fixture
from tests.net.on_loop import on_loop
from wslearn import HandshakeError, Request, Response
from wslearn.labs.proxies.forward import ForwardProxy
from wslearn.net import Server, connect
from wslearn.net.tunnel import CONNECT

WORD = "swordfish"


def ask(proxy: ForwardProxy, line: str, *fields: str) -> Response:
    """Send a request as it is written here, and read the answer."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as sock:
        sock.sendall("\r\n".join([line, *fields, "", ""]).encode())
        data = b""
        while b"\r\n\r\n" not in data and (more := sock.recv(4096)):
            data += more
    return Response.parse(data)


class TestTunnels:
    @on_loop
    async def test_ws_can_be_read_on_the_way_and_wss_not(self, tls: Tls) -> None:
        read = {}
        async with (
            Server(host="localhost") as plain,
            Server(host="localhost", ssl_context=tls.server) as secure,
        ):
            for server in (plain, secure):
                with ForwardProxy() as proxy:
                    async with connect(
                        server.url, proxy=proxy.url, ssl_context=tls.client, masking_key=bytes(4)
                    ) as ws:
                        await ws.send(WORD)
                        assert await ws.recv() == WORD
                    assert proxy.log == [f"CONNECT localhost:{server.port} → 200"]
                    read[server.url.partition(":")[0]] = WORD.encode() in proxy.bytes_seen
                    assert proxy.bytes_seen.startswith(b"GET" if server is plain else b"\x16\x03")
        assert read == {"ws": True, "wss": False}

    @on_loop
    async def test_a_port_that_is_not_allowed(self, tls: Tls) -> None:
        """What many proxies of companies do: 443 and nothing else."""
        async with Server() as plain, Server(ssl_context=tls.server) as secure:
            with ForwardProxy(ports={secure.port}) as proxy:
                with pytest.raises(HandshakeError, match="403 Forbidden") as caught:
                    await connect(plain.url, proxy=proxy.url)
                assert caught.value.section == CONNECT
                async with connect(secure.url, proxy=proxy.url, ssl_context=tls.client) as ws:
                    await ws.send("through")
                    assert await ws.recv() == "through"
                assert [line.rpartition(" ")[2] for line in proxy.log] == ["403", "200"]

    @on_loop
    async def test_a_password(self) -> None:
        async with Server() as server:
            with ForwardProxy(user="ada:secret") as proxy:
                for wrong in ("", "ada:wrong@", "ada@"):
                    with pytest.raises(HandshakeError, match=r"407 .*asks for Basic realm") as caught:
                        await connect(server.url, proxy=proxy.url.replace("//", f"//{wrong}"))
                    assert caught.value.status == 407
                async with connect(server.url, proxy=proxy.url.replace("//", "//ada:secret@")) as ws:
                    await ws.send("through")
                    assert await ws.recv() == "through"

    @on_loop
    async def test_both_close_frames_go_through(self) -> None:
        async with Server() as server:
            with ForwardProxy() as proxy:
                ws = await connect(server.url, proxy=proxy.url)
                await ws.close(4000, "done")
                assert ws.closed.code == 4000

    @on_loop
    async def test_an_end_goes_through_in_one_direction(self) -> None:
        """Who has said all may still listen."""

        async def answer_at_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"You said: " + await reader.read())
            writer.close()

        async with await asyncio.start_server(answer_at_the_end, "127.0.0.1", 0) as server:
            target = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            with ForwardProxy() as proxy:
                reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
                writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"all")
                writer.write_eof()
                async with asyncio.timeout(5):
                    assert await reader.read() == b"You said: all"
                writer.close()

    @on_loop
    async def test_a_tunnel_that_is_cut(self) -> None:
        async with Server() as server:
            proxy = ForwardProxy()
            ws = await connect(server.url, proxy=proxy.url)
            await asyncio.to_thread(proxy.stop)
            await ws.wait_closed()
            assert ws.close_code == 1006


class TestRefusals:
    @pytest.mark.parametrize(
        "target",
        [
            "example.org:443",
            "10.0.0.1:80",
            "0.0.0.0:80",
            "localhost.example.org:80",
            "[2001:db8::1]:443",
            "[::]:1",
        ],
    )
    def test_it_leads_to_this_machine_alone(self, target: str) -> None:
        with ForwardProxy() as proxy:
            assert ask(proxy, f"CONNECT {target} HTTP/1.1", f"Host: {target}").status == 403

    @pytest.mark.parametrize(
        ("line", "status"),
        [
            ("CONNECT localhost HTTP/1.1", 400),
            ("CONNECT http://localhost:80/ HTTP/1.1", 400),
            ("CONNECT localhost:999999 HTTP/1.1", 400),
            ("CONNECT localhost:99999 HTTP/1.1", 502),
            ("CONNECT 127.0.0.1:1 HTTP/1.1", 502),
            ("GET http://localhost/ HTTP/1.1", 405),
        ],
    )
    def test_others(self, line: str, status: int) -> None:
        with ForwardProxy() as proxy:
            assert ask(proxy, line).status == status

    def test_who_speaks_no_http(self) -> None:
        with ForwardProxy() as proxy, socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as sock:
            sock.sendall(b"\x16\x03\x01\r\n\r\n")
            assert sock.recv(100) == b""
            assert proxy.log == []

    def test_after_the_end_nobody_is_there(self) -> None:
        proxy = ForwardProxy()
        proxy.stop()
        proxy.stop()
        assert repr(proxy) == "<ForwardProxy stopped, 0 asked>"
        with pytest.raises(ConnectionRefusedError):
            ask(proxy, Request("/").serialize().decode())
