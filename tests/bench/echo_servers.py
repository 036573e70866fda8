"""One echo server in a process of its own: ``python -m tests.bench.echo_servers NAME`` prints its port.

Each is written the way its documentation shows, with compression off and everything else as it comes.
It serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

LIMIT = 8 << 20  # bytes of one message, for everybody


def serve_wslearn() -> None:
    """On a thread of its own, as `serve` does it."""
    from wslearn.net import Limits, WebSocket, serve

    async def echo(ws: WebSocket) -> None:
        async for message in ws:
            await ws.send(message)

    with serve(echo, deflate=None, limits=Limits(max_message_size=LIMIT)) as server:
        print(server.port, flush=True)
        sys.stdin.read()


async def serve_websockets() -> int:
    """The asyncio implementation."""
    from websockets.asyncio.server import ServerConnection, serve

    async def echo(ws: ServerConnection) -> None:
        async for message in ws:
            await ws.send(message)

    server = await serve(echo, "127.0.0.1", 0, compression=None, max_size=LIMIT)
    return _port(server.sockets)


async def serve_aiohttp() -> int:
    """An application with one route."""
    from aiohttp import WSMsgType, web

    async def echo(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False, max_msg_size=LIMIT)
        await ws.prepare(request)
        async for message in ws:
            if message.type is WSMsgType.BINARY:
                await ws.send_bytes(message.data)
            elif message.type is WSMsgType.TEXT:
                await ws.send_str(message.data)
        return ws

    app = web.Application()
    app.router.add_get("/echo", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return int(runner.addresses[0][1])


async def serve_picows() -> int:
    """A listener, called for each frame."""
    from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

    class Echo(WSListener):
        def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
            if frame.msg_type == WSMsgType.CLOSE:
                transport.send_close(frame.get_close_code(), frame.get_close_message())
                transport.disconnect()
            else:
                transport.send(frame.msg_type, frame.get_payload_as_bytes())

    def listener(request: WSUpgradeRequest) -> WSListener:
        return Echo()

    server = await ws_create_server(listener, "127.0.0.1", 0)
    return _port(server.sockets)


async def serve_tornado() -> int:
    """Tornado's own handler."""
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from tornado.web import Application
    from tornado.websocket import WebSocketHandler

    class Echo(WebSocketHandler):
        def on_message(self, message: str | bytes) -> Awaitable[None]:
            return self.write_message(message, binary=isinstance(message, bytes))

    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(Application([("/echo", Echo)])).add_sockets(sockets)
    return _port(sockets)


async def serve_wsproto() -> int:
    """The glue that its documentation shows; it has no limit, and no sockets of its own."""
    from wsproto import ConnectionType
    from wsproto.events import AcceptConnection, CloseConnection, Ping, Request
    from wsproto.utilities import RemoteProtocolError

    from tests.interop.wsproto_peer import Glue, message_event

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        glue = Glue(ConnectionType.SERVER, reader, writer)
        try:
            async for event in glue.events():
                if isinstance(event, Request):
                    await glue.send(AcceptConnection())
                elif isinstance(event, str | bytes):
                    await glue.send(message_event(event))
                elif isinstance(event, Ping | CloseConnection):
                    await glue.send(event.response())
                if isinstance(event, CloseConnection):
                    break
        except RemoteProtocolError as error:  # a handshake that must be refused
            if error.event_hint is not None:
                await glue.send(error.event_hint)
        finally:
            writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    return _port(server.sockets)


async def serve_autobahn() -> int:
    """A protocol of its asyncio flavour."""
    from autobahn.asyncio.websocket import WebSocketServerFactory, WebSocketServerProtocol

    class Echo(WebSocketServerProtocol):
        def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
            self.sendMessage(payload, isBinary)  # type: ignore[no-untyped-call]

    factory = WebSocketServerFactory()  # type: ignore[no-untyped-call]
    factory.protocol = Echo
    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0)
    return _port(server.sockets)


def _port(sockets: object) -> int:
    return int(next(iter(sockets)).getsockname()[1])  # type: ignore[call-overload]


ON_ASYNCIO: dict[str, Callable[[], Awaitable[int]]] = {
    "websockets": serve_websockets,
    "aiohttp": serve_aiohttp,
    "picows": serve_picows,
    "tornado": serve_tornado,
    "wsproto": serve_wsproto,
    "autobahn": serve_autobahn,
}
#: Those that are measured: the others are looked at only for what they answer.
NAMES = ("wslearn", "websockets", "aiohttp", "picows", "tornado")


async def _serve(start: Callable[[], Awaitable[int]]) -> None:
    print(await start(), flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Run the server that the command line names."""
    name = sys.argv[1]
    if name == "wslearn":
        serve_wslearn()
    else:
        asyncio.run(_serve(ON_ASYNCIO[name]))


if __name__ == "__main__":
    main()
