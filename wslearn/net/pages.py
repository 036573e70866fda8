"""What the server answers to plain HTTP: its page, and Tornado's own WebSocket beside ours."""

from __future__ import annotations

import asyncio
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from wslearn.errors import HandshakeError
from wslearn.handshake import origin_allowed, refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    Route = tuple[str, type[RequestHandler], dict[str, Any]]

__all__ = ["TornadoEcho", "routes"]


def routes(
    paths: Iterable[str], origins: Collection[str] | None, echoes: dict[TornadoEcho, asyncio.Future[None]]
) -> list[Route]:
    """List the routes of the Tornado application.

    Parameters
    ----------
    paths
        Where our own WebSockets are: plain HTTP is told so there.
    origins
        Whose pages may connect to ``/tornado``; ``None`` for all.
    echoes
        Where the open connections of ``/tornado`` are kept, each with a future that is done when it ends.
    """
    return [
        ("/", _Page, {}),
        ("/tornado", TornadoEcho, {"origins": origins, "echoes": echoes}),
        *((re.escape(path), _UpgradeRequired, {}) for path in paths),
    ]


class _Page(RequestHandler):
    def get(self) -> None:
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'unsafe-inline'; "
            "style-src 'unsafe-inline'; connect-src *; base-uri 'none'",
        )
        self.finish((files("wslearn.net") / "page.html").read_bytes())


class _UpgradeRequired(RequestHandler):
    """A handshake on a connection that has served plain HTTP before: it needs one of its own."""

    def get(self) -> None:
        error = HandshakeError("Open a new TCP connection for the handshake.", status=400, section="§4.2.1")
        answer = refusal(error)
        self.set_status(answer.status)
        for name, value in answer.headers:
            self.set_header(name, value)
        self.finish(answer.body)


class TornadoEcho(WebSocketHandler):
    """The same echo on Tornado's implementation: an independent peer on the same port."""

    def initialize(
        self, origins: Collection[str] | None, echoes: dict[TornadoEcho, asyncio.Future[None]]
    ) -> None:
        """Take what `routes` was given."""
        self._origins = origins
        self._echoes = echoes

    def open(self, *_args: str, **_kwargs: str) -> None:
        """Take note of an open connection."""
        self._echoes[self] = asyncio.get_running_loop().create_future()

    def on_close(self) -> None:
        """Take note that it is closed."""
        self._echoes.pop(self).set_result(None)

    def check_origin(self, origin: str) -> bool:
        """Ask the same question as our own handshake."""
        return self._origins is None or origin_allowed(origin, self._origins)

    async def on_message(self, message: str | bytes) -> None:
        """Send a message back."""
        await self.write_message(message, binary=isinstance(message, bytes))
