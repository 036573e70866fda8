"""A server to be filled, in its own process: ``python -m wslearn.labs.filling.servers NAME PORT PINGS``.

Four implementations, each written the way its documentation shows. All of them send back what comes on
``/fill``. PINGS is the number of seconds between two pings on each connection, or 0 for none. Ours answers
a plain ``GET /fill``, too, and sends a message that begins with ``*`` to all of its connections.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from tornado.web import RequestHandler

from wslearn.errors import ConnectionClosed
from wslearn.labs.files import allow_files, most_files

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wslearn.net.apps import Route
    from wslearn.net.websocket import WebSocket

__all__ = ["GREETING", "PATH", "SERVERS", "TO_ALL"]

PATH = "/fill"
GREETING = b"Hello"
#: What a message to all begins with.
TO_ALL = "*"

_LARGEST = 8 << 20  # bytes of a message, for everybody
_NO_END = 1 << 20  # connections; the limit on files comes first


class Fill:
    """Sends back what comes; what begins with `TO_ALL`, to everybody. And one page that knows nobody."""

    def __init__(self) -> None:
        self._all: set[WebSocket] = set()
        self.pages: list[Route] = [("", _Page, {})]

    async def __call__(self, ws: WebSocket) -> None:
        """Answer the messages of one connection."""
        self._all.add(ws)
        try:
            async for message in ws:
                if isinstance(message, str) and message.startswith(TO_ALL):
                    await self._tell(message)
                else:
                    await ws.send(message)
        finally:
            self._all.discard(ws)

    async def _tell(self, message: str) -> None:
        for each in tuple(self._all):
            with suppress(ConnectionClosed):
                await each.send(message)


class _Page(RequestHandler):
    def get(self) -> None:
        """Say the same to everybody, and remember nobody."""
        self.finish(GREETING)


async def serve_wslearn(port: int, pings: float | None) -> object:
    """Start ours."""
    from wslearn.net.limits import Limits
    from wslearn.net.server import Server

    # The next ping waits for the time that the pong before it may take.
    limits = Limits(max_message_size=_LARGEST, ping_interval=pings, ping_timeout=pings)
    server = Server({PATH: Fill()}, port=port, limits=limits, max_connections=_NO_END)
    await server.start()
    return server


async def serve_tornado(port: int, pings: float | None) -> object:
    """Start a Tornado application with its own WebSocketHandler."""
    from tornado.web import Application
    from tornado.websocket import WebSocketHandler

    class Echo(WebSocketHandler):
        def on_message(self, message: str | bytes) -> Awaitable[None]:
            return self.write_message(message, binary=isinstance(message, bytes))

    application = Application(
        [(PATH, Echo)], websocket_ping_interval=pings, websocket_max_message_size=_LARGEST
    )
    return application.listen(port, "127.0.0.1")


async def serve_websockets(port: int, pings: float | None) -> object:
    """Start the asyncio server of `websockets`."""
    from websockets.asyncio.server import ServerConnection, serve

    async def echo(ws: ServerConnection) -> None:
        async for message in ws:
            await ws.send(message)

    return await serve(echo, "127.0.0.1", port, compression=None, max_size=_LARGEST, ping_interval=pings)


async def serve_aiohttp(port: int, pings: float | None) -> object:
    """Start an application of `aiohttp` with one route."""
    from aiohttp import WSMsgType, web

    async def echo(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False, max_msg_size=_LARGEST, heartbeat=pings)
        await ws.prepare(request)
        async for message in ws:
            if message.type is WSMsgType.BINARY:
                await ws.send_bytes(message.data)
            elif message.type is WSMsgType.TEXT:
                await ws.send_str(message.data)
        return ws

    app = web.Application()
    app.router.add_get(PATH, echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


#: How to start each of them, by the name of its package.
SERVERS: dict[str, Callable[[int, float | None], Awaitable[object]]] = {
    "wslearn": serve_wslearn,
    "tornado": serve_tornado,
    "websockets": serve_websockets,
    "aiohttp": serve_aiohttp,
}


async def main(name: str, port: int, pings: float) -> None:
    """Serve until the process is ended."""
    allow_files(most_files())
    running = await SERVERS[name](port, pings or None)
    await asyncio.Event().wait()
    del running  # until here it is held


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
