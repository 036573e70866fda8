"""What plain HTTP gets, and Tornado's own WebSocket beside ours."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import pytest
from tornado.web import RequestHandler

from tests.net.on_loop import on_loop
from tests.net.raw import Raw
from wslearn import Response, client_request
from wslearn.net import Server, WebSocket, connect, echo
from wslearn.net.apps import Route


async def get(server: Server, path: str) -> Response:
    raw = await Raw.dial(server.port)
    raw.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    response = await raw.response()
    raw.hang_up()
    return response


class TestThePage:
    @on_loop
    async def test_asks_for_nothing_from_elsewhere(self) -> None:
        async with Server() as server:
            page = await get(server, "/")
        assert page.status == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert re.findall(rb"(?:src|href|url)\s*[=(]\s*['\"]?\w+:?//", page.body) == []
        assert b"innerHTML" not in page.body

    @on_loop
    async def test_gives_way_to_an_app_at_its_path(self) -> None:
        async with Server({"/": echo}) as server:
            assert (await get(server, "/")).status == 400
            async with connect(server.url) as ws:
                await ws.send("Hello")
                assert await ws.recv() == "Hello"

    @pytest.mark.parametrize("path", ["/nothing", "/echo/", "/tornado/x", "/favicon.ico"])
    @on_loop
    async def test_is_the_only_one(self, path: str) -> None:
        async with Server() as server:
            assert (await get(server, path)).status == 404


class Hello(RequestHandler):
    def get(self) -> None:
        self.finish("Hello")


class Chat:
    """An app that is an object and has pages."""

    pages: Sequence[Route] = (("", Hello, {}), ("/more", Hello, {}))

    async def __call__(self, ws: WebSocket) -> None:
        await ws.send("talk")


class TestPagesOfAnApp:
    @on_loop
    async def test_on_its_path_and_below(self) -> None:
        async with Server({"/a.b": Chat()}) as server:
            for path in ("/a.b", "/a.b/more"):
                assert (await get(server, path)).body == b"Hello"
            for path in ("/a.b/", "/a.b/most", "/aab"):
                assert (await get(server, path)).status == 404
            async with connect(server.url) as ws:
                assert await ws.recv() == "talk"

    @on_loop
    async def test_page_and_handshake_on_one_connection(self) -> None:
        async with asyncio.timeout(5), Server({"/chat": Chat()}) as server:
            raw = await Raw.dial(server.port)
            for _ in range(2):
                raw.send(b"GET /chat HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert (await raw.response()).body == b"Hello"
            raw.send(client_request(server.url).serialize())
            assert (await raw.response()).status == 101
            frame = await raw.frame()
            assert frame is not None
            assert frame.payload == b"talk"
            raw.hang_up()

    @on_loop
    async def test_a_handshake_that_is_wrong_gets_no_page(self) -> None:
        async with Server({"/chat": Chat()}) as server:
            raw = await Raw.dial(server.port)
            raw.send(b"GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n")
            response = await raw.response()
            assert response.status == 400
            assert b"Connection" in response.body
            raw.hang_up()


class TestTornado:
    @on_loop
    async def test_comes_and_goes(self) -> None:
        async with Server() as server:
            for end in range(2):
                ws = await connect(server.url_of("/tornado"))
                await ws.send(b"\x00")
                assert await ws.recv() == b"\x00"
                if end:
                    ws.abort()
                else:
                    await ws.close(4000, "bye")
                    assert ws.close_code == 4000

    @on_loop
    async def test_a_page_is_not_a_handshake(self) -> None:
        async with Server() as server:
            response = await get(server, "/tornado")
            assert response.status == 400
            assert b"WebSocket" in response.body
