"""What plain HTTP gets, and Tornado's own WebSocket beside ours."""

from __future__ import annotations

import re

import pytest

from tests.net.on_loop import on_loop
from tests.net.raw import Raw
from wslearn import Response
from wslearn.net import Server, connect, echo


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
