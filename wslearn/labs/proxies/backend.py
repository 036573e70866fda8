"""What stands behind the proxies: an echo, a stream of events, a page, and an app that compares names."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from wslearn.errors import HandshakeError
from wslearn.handshake import server_response
from wslearn.labs.realtime.sse import sse_event
from wslearn.net.apps import App, echo
from wslearn.net.limits import Limits
from wslearn.net.thread import Handle, serve

if TYPE_CHECKING:
    from wslearn.http import Request, Response
    from wslearn.net.websocket import WebSocket

__all__ = ["EVENTS", "backend", "same_host"]

EVENTS = 5
_PAUSE = 0.2  # seconds between two events


class _Events(RequestHandler):
    """An event at once, and one every 0.2 seconds; each says how long after the first it was sent."""

    async def get(self) -> None:
        """Send them."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        began = time.monotonic()
        try:
            for number in range(1, EVENTS + 1):
                self.write(sse_event(number, f"{time.monotonic() - began:.3f}"))
                await self.flush()
                await asyncio.sleep(_PAUSE if number < EVENTS else 0)
        except StreamClosedError:  # whoever asked has gone
            pass


class _Page(RequestHandler):
    """What a path answers to those who do not ask for a WebSocket."""

    def get(self) -> None:
        """Send a page."""
        self.finish("<!doctype html><title>A page</title><p>This is the chat's page.")


class _App:
    """An app that brings pages along."""

    def __init__(self, handler: type[RequestHandler]) -> None:
        self.pages = [("", handler, dict[str, Any]())]

    async def __call__(self, ws: WebSocket) -> None:
        """Echo, to those who do ask for one."""
        await echo(ws)


def same_host(request: Request, **options: Any) -> Response:
    """Accept a handshake as `wslearn.server_response` does, from pages of this very server alone.

    It compares the host and port in Origin with the Host header, as many frameworks do unless told otherwise.
    That works as long as a proxy passes the Host on as the browser wrote it (RFC 6455 §10.2).

    Raises
    ------
    HandshakeError
        With 403, where they differ.

    Examples
    --------
    >>> from wslearn import client_request
    >>> same_host(client_request("ws://here.example/", origin="http://here.example")).status
    101
    >>> same_host(client_request("ws://10.0.0.7:8765/", origin="http://here.example"))
    Traceback (most recent call last):
    wslearn.errors.HandshakeError: The page is from here.example, and this is 10.0.0.7:8765. (HTTP 403, §10.2)
    """
    page, here = urlsplit(request.headers.get("Origin")).netloc, request.headers.get("Host")
    if page and page != here:
        raise HandshakeError(f"The page is from {page}, and this is {here}.", status=403, section="§10.2")
    return server_response(request, **{**options, "origins": None})


class _SameHost:
    """An app for pages of the same host, which tells who asks."""

    server_response = staticmethod(same_host)

    async def __call__(self, ws: WebSocket) -> None:
        """Send what of the request the proxies on the way have written, then echo."""
        for name in ("Host", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"):
            await ws.send(f"{name}: {ws.request.headers.get(name, '–')}")
        await echo(ws)


def backend(*, pings: float | None = None) -> Handle:
    """Start the server that the proxies lead to.

    ``/echo`` echoes. ``/events`` sends five events in a stream (`EVENTS`), 0.8 seconds in all. ``/chat`` is
    a page to a browser and a WebSocket to a client. ``/account`` takes pages of its own host alone (see
    `same_host`), and tells its client what arrived of the request.

    Parameters
    ----------
    pings
        Seconds between two pings of the server; ``None`` sends none, so that a connection is really idle.

    Examples
    --------
    >>> with backend() as server:
    ...     server
    <wslearn server running: /echo, /events, /chat, /account>
    """
    apps: dict[str, App] = {
        "/echo": echo,
        "/events": _App(_Events),
        "/chat": _App(_Page),
        "/account": _SameHost(),
    }
    return serve(apps, limits=Limits(ping_interval=pings, ping_timeout=pings))
