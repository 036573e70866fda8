"""The server's side of extended CONNECT, with a page beside it (RFC 8441 §3–§5)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from wslearn.closing import CloseCode
from wslearn.errors import ConnectionClosed
from wslearn.handshake import VERSION, choose_subprotocol, origin_allowed
from wslearn.labs.http2.session import Session, hang_up
from wslearn.labs.http2.websocket import Http2WebSocket
from wslearn.labs.streams import StreamServer
from wslearn.net.server import LOOPBACK_ORIGINS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Collection, Sequence

    from wslearn.labs.http2.session import Headers2

__all__ = ["Http2Server"]

App = Callable[[Http2WebSocket], Awaitable[None]]

_PAGE = b"<!doctype html><html lang=en><title>HTTP/2</title><link rel=icon href=data:,><h1>HTTP/2</h1>"


async def _echo(ws: Http2WebSocket) -> None:
    async for message in ws:
        await ws.send(message)


class Http2Server(StreamServer):
    """A server on a thread of its own that speaks HTTP/2 alone: a context manager, or call `stop`.

    ``/`` is a page, ``/echo`` a WebSocket.

    Parameters
    ----------
    ssl_context
        Its certificate. It offers HTTP/2, and nothing else, from now on.
    app
        What runs on each WebSocket: an echo, unless said otherwise.
    origins
        Those whose pages may connect: pages from this machine, unless said otherwise.
    subprotocols
        Those it speaks.

    Raises
    ------
    UsageError
        When `h2` is not installed.

    Attributes
    ----------
    port : int
        Where it listens, on 127.0.0.1.
    url : str
        That of the WebSocket.
    connections : int
        How many TCP connections came so far.
    errors : deque of str
        What went wrong, the newest last.
    """

    def __init__(
        self,
        ssl_context: ssl.SSLContext,
        app: App = _echo,
        *,
        origins: Collection[str] = LOOPBACK_ORIGINS,
        subprotocols: Sequence[str] = (),
    ) -> None:
        ssl_context.set_alpn_protocols(["h2"])
        self._app, self._origins, self._subprotocols = app, origins, subprotocols
        self.connections = 0
        self.errors: deque[str] = deque(maxlen=100)
        super().__init__("wslearn http2 server", ssl_context)
        self.url = f"wss://127.0.0.1:{self.port}/echo"

    def __repr__(self) -> str:
        return f"<Http2Server {'running' if self.running else 'stopped'}: /, /echo>"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if writer.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
            await hang_up(writer)
            return
        session = Session(reader, writer, lambda number, headers: self._asked(session, number, headers))
        await session.run()

    def _asked(self, session: Session, number: int, headers: Headers2) -> None:
        """Answer a request, or open a WebSocket."""
        fields = dict(headers)
        status = self._status(fields)
        if fields[":method"] != "CONNECT" or status != 200:
            page = _PAGE if status == 200 else b""
            kind = ("content-type", "text/html; charset=utf-8")
            session.answer(number, [(":status", str(status)), kind], page)
            return
        ws = Http2WebSocket(session, "server", headers)
        ws.stream_id = number
        ws.opened()
        session.streams[number] = ws
        answer = [(":status", "200")]
        offered = [name.strip() for name in fields.get("sec-websocket-protocol", "").split(",")]
        if chosen := choose_subprotocol(offered, self._subprotocols):
            answer.append(("sec-websocket-protocol", chosen))
        session.answer(number, answer)
        self._run(self._serve(ws))

    def _status(self, fields: dict[str, str]) -> int:
        """Decide on a request: 200 stands for yes, where HTTP/1.1 has 101."""
        path = fields.get(":path", "").partition("?")[0]
        if fields[":method"] != "CONNECT":
            return 405 if fields[":method"] != "GET" else 200 if path == "/" else 404
        if fields.get(":protocol") != "websocket":  # without it, it is the CONNECT that proxies know
            return 501
        if path != "/echo":
            return 404
        if "origin" in fields and not origin_allowed(fields["origin"], self._origins):
            return 403
        return 200 if fields.get("sec-websocket-version") == VERSION else 400

    async def _serve(self, ws: Http2WebSocket) -> None:
        code = CloseCode.NORMAL_CLOSURE
        try:
            await self._app(ws)
        except ConnectionClosed:
            pass
        except Exception as error:  # noqa: BLE001 - an application fails as it likes, and the server goes on
            code = CloseCode.INTERNAL_ERROR
            self.errors.append(f"{ws.path}: {type(error).__name__}: {error}")
        await ws.close(code)
