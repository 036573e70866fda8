"""What the server answers to plain HTTP: its page, and Tornado's own WebSocket beside ours."""

from __future__ import annotations

import asyncio
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tornado.routing import Matcher, PathMatches, Rule
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from wslearn.handshake import origin_allowed
from wslearn.http import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tornado.httputil import HTTPServerRequest
    from tornado.iostream import IOStream

    from wslearn.net.apps import Mounted

__all__ = ["TornadoEcho", "routes"]


def routes(
    apps: Mapping[str, Mounted],
    origins: Collection[str] | None,
    echoes: dict[TornadoEcho, asyncio.Future[None]],
    again: Callable[[IOStream, bytes], None],
) -> list[Rule]:
    """List the routes of the Tornado application.

    Parameters
    ----------
    apps
        Where our own WebSockets are, and the pages that they bring.
    origins
        Whose pages may connect to ``/tornado``; ``None`` for all.
    echoes
        Where the open connections of ``/tornado`` are kept, each with a future that is done when it ends.
    again
        Takes a connection back, with the head of a handshake that came on it.
    """
    pages = [
        (re.escape(path) + pattern, handler, options)
        for path, app in apps.items()
        for pattern, handler, options in app.pages
    ]
    return [
        Rule(_Handshake(apps), _Late, {"again": again}),
        *(
            Rule(PathMatches(pattern), handler, options)
            for pattern, handler, options in (
                *pages,
                ("/", _Page, {}),
                ("/tornado", TornadoEcho, {"origins": origins, "echoes": echoes}),
            )
        ),
    ]


class _Page(RequestHandler):
    def get(self) -> None:
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'unsafe-inline'; "
            "style-src 'unsafe-inline'; connect-src *; base-uri 'none'",
        )
        self.finish((files("wslearn.net") / "page.html").read_bytes())


class _Handshake(Matcher):
    """A request for one of our WebSockets, on a connection that has served plain HTTP before."""

    def __init__(self, apps: Mapping[str, Mounted]) -> None:
        self._apps = apps

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Find a handshake, or a request that nothing but a handshake answers."""
        app = self._apps.get(request.path)
        return {} if app is not None and not (app.pages and "Upgrade" not in request.headers) else None


class _Late(RequestHandler):
    """A proxy that keeps connections open sends a handshake on one that it used for pages before."""

    def initialize(self, again: Callable[[IOStream, bytes], None]) -> None:
        """Take what `routes` was given."""
        self._again = again

    def prepare(self) -> None:
        """Give the connection back with what was read of it."""
        request = self.request
        head = Request(
            request.uri or "/",
            Headers(request.headers.get_all()),
            method=request.method or "GET",
            version=request.version.removeprefix("HTTP/"),
        ).serialize()
        self._again(self.detach(), head)


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
