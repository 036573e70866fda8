"""Independent implementations in Python, each as a server and as a client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import aiohttp
import tornado.httpserver
import tornado.web
import tornado.websocket
import websockets
from aiohttp import web
from tornado.netutil import bind_sockets

from tests.interop import wsproto_peer
from tests.interop.scenarios import ASK, CODE, REASON, SUBPROTOCOL, Scenario, Transcript, closed, seen


class Peer(Protocol):
    """Somebody else's WebSocket."""

    #: What its interface has no way to send, or to notice.
    cannot: frozenset[str]
    #: The code with which its server answers any close frame; ``None`` where it echoes ours.
    answer: int | None

    def serve(self) -> AbstractAsyncContextManager[str]:
        """Be the server of every scenario; give its URL."""

    async def visit(self, url: str, scenario: Scenario) -> Transcript:
        """Be the client of a scenario."""


class Websockets:
    """The `websockets` package, on asyncio."""

    cannot: frozenset[str] = frozenset()
    answer: int | None = None

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        async def handle(ws: websockets.ServerConnection) -> None:
            async for message in ws:
                if message == ASK:
                    await ws.close(CODE, REASON)
                else:
                    await ws.send(message)

        def select(_: object, offered: Sequence[websockets.Subprotocol]) -> websockets.Subprotocol | None:
            return next((name for name in offered if name == SUBPROTOCOL), None)

        serving = websockets.serve(handle, "127.0.0.1", 0, select_subprotocol=select, max_size=None)
        async with serving as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"

    async def visit(self, url: str, scenario: Scenario) -> Transcript:
        ws = await websockets.connect(
            url,
            compression="deflate" if scenario.deflate else None,
            subprotocols=[websockets.Subprotocol(name) for name in scenario.subprotocols] or None,
            max_size=None,
        )
        lines: Transcript = [["open", ws.subprotocol or "", bool(ws.protocol.extensions)]]
        for message in scenario.messages:
            await ws.send(message)
        lines += [seen(await ws.recv()) for _ in scenario.messages]
        if scenario.fragments:
            await ws.send(iter(scenario.fragments))
            lines.append(seen(await ws.recv()))
        for payload in scenario.pings:
            await (await ws.ping(payload))
            lines.append(["pong", payload.hex()])
        if scenario.code is None:
            await ws.send(ASK)
            await ws.wait_closed()
        else:
            await ws.close(scenario.code, scenario.reason)
        return [*lines, closed(ws.close_code, ws.close_reason, scenario)]


class _TornadoHandler(tornado.websocket.WebSocketHandler):
    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def get_compression_options(self) -> dict[str, int]:
        return {}

    async def on_message(self, message: str | bytes) -> None:
        if message == ASK:
            self.close(CODE, REASON)
        else:
            await self.write_message(message, binary=isinstance(message, bytes))


class Tornado:
    """Tornado's own WebSocket."""

    cannot: frozenset[str] = frozenset({"fragments", "pings"})
    answer: int | None = None

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        server = tornado.httpserver.HTTPServer(tornado.web.Application([("/", _TornadoHandler)]))
        (sock,) = bind_sockets(0, "127.0.0.1")
        server.add_sockets([sock])
        yield f"ws://127.0.0.1:{sock.getsockname()[1]}/"
        server.stop()
        await server.close_all_connections()

    async def visit(self, url: str, scenario: Scenario) -> Transcript:
        ws = await tornado.websocket.websocket_connect(
            url,
            compression_options={} if scenario.deflate else None,
            subprotocols=list(scenario.subprotocols) or None,
        )
        deflated = "Sec-WebSocket-Extensions" in (ws.headers or {})
        lines: Transcript = [["open", ws.selected_subprotocol or "", deflated]]
        for message in scenario.messages:
            await ws.write_message(message, binary=isinstance(message, bytes))
        for _ in scenario.messages:
            echoed = await ws.read_message()
            assert echoed is not None
            lines.append(seen(echoed))
        if scenario.code is None:
            await ws.write_message(ASK)
        else:
            ws.close(scenario.code, scenario.reason)
        assert await ws.read_message() is None
        ws.close()
        return [*lines, closed(ws.close_code, ws.close_reason, scenario)]


class Aiohttp:
    """aiohttp, with its parts in C."""

    cannot: frozenset[str] = frozenset({"fragments"})
    answer: int | None = 1000

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        async def handle(request: web.Request) -> web.WebSocketResponse:
            ws = web.WebSocketResponse(protocols=[SUBPROTOCOL], max_msg_size=0)
            await ws.prepare(request)
            async for message in ws:
                if message.data == ASK:
                    await ws.close(code=CODE, message=REASON.encode())
                elif message.type is aiohttp.WSMsgType.TEXT:
                    await ws.send_str(message.data)
                else:
                    await ws.send_bytes(message.data)
            return ws

        app = web.Application()
        app.add_routes([web.get("/", handle)])
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
        await runner.cleanup()

    async def visit(self, url: str, scenario: Scenario) -> Transcript:
        compress = 15 if scenario.deflate else 0
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                url, protocols=scenario.subprotocols, compress=compress, autoping=False, max_msg_size=0
            ) as ws,
        ):
            lines: Transcript = [["open", ws.protocol or "", bool(ws.compress)]]
            for message in scenario.messages:
                await (ws.send_str(message) if isinstance(message, str) else ws.send_bytes(message))
            lines += [seen((await ws.receive()).data) for _ in scenario.messages]
            for payload in scenario.pings:
                await ws.ping(payload)
                pong = await ws.receive()
                lines.append([pong.type.name.lower(), bytes(pong.data).hex()])
            if scenario.code is None:
                await ws.send_str(ASK)
                last = await ws.receive()
                return [*lines, closed(last.data, last.extra, scenario)]
            await ws.close(code=scenario.code, message=scenario.reason.encode())
            return [*lines, closed(ws.close_code, None, scenario)]


class Wsproto:
    """wsproto, which has no I/O of its own, on asyncio's streams."""

    cannot: frozenset[str] = frozenset()
    answer: int | None = None

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(wsproto_peer.handle, "127.0.0.1", 0)
        async with server:
            yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

    async def visit(self, url: str, scenario: Scenario) -> Transcript:
        return await wsproto_peer.visit(url, scenario)


class Node:
    """The `ws` package of Node.js, in a process of its own."""

    cannot: frozenset[str] = frozenset()
    answer: int | None = None

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        process = await self._start("echo.mjs")
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip()
        assert process.stdin is not None
        process.stdin.close()  # it ends with its standard input
        await process.wait()

    async def visit(self, url: str, scenario: Scenario) -> Transcript:
        process = await self._start("visit.mjs", url)
        out, _ = await process.communicate(json.dumps(scenario.as_json()).encode())
        lines: Transcript = json.loads(out)
        return lines

    @staticmethod
    async def _start(script: str, *arguments: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        path = str(Path(__file__).parent / script)
        return await asyncio.create_subprocess_exec("node", path, *arguments, stdin=pipe, stdout=pipe)
