"""Applications of a server: what runs on each connection, and on which path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from tornado.web import RequestHandler

from wslearn.connection import Connection
from wslearn.errors import UsageError
from wslearn.handshake import server_response
from wslearn.http import Response
from wslearn.net.limits import Limits
from wslearn.net.websocket import WebSocket

if TYPE_CHECKING:
    from wslearn.net.server import Server

__all__ = ["App", "Mounted", "Route", "echo", "mount"]

App = Callable[[WebSocket], Awaitable[None]]
Route = tuple[str, type[RequestHandler], dict[str, Any]]


async def echo(ws: WebSocket) -> None:
    """Send every message back: text as text, bytes as bytes."""
    async for message in ws:
        await ws.send(message)


@dataclass(frozen=True, slots=True)
class Mounted:
    """An app on its path, and the protocol that is spoken there.

    That is the library's. An app that is an object with attributes of these names brings its own.

    Parameters
    ----------
    run
        The app.
    server_response, connection
        As `wslearn.server_response` and `wslearn.Connection`.
    split_head
        As `wslearn.http.split_head`; it is given a whole head and what came behind it. ``None`` where it
        was split already, as it is anyway to find the path.
    pages
        What plain HTTP is answered on this path and below it: routes as Tornado's `Application` takes them,
        whose patterns are written behind the path. The pattern ``""`` is the path itself.
    limits
        Those of its connections, where they are not the server's.
    astart
        What is awaited with the server when it starts, before it takes the first connection.
    aclose
        What is awaited when the server stops, after the last connection is closed. Twice must do no harm.
    """

    run: App
    server_response: Callable[..., Response] = server_response
    connection: Callable[..., Connection] = Connection
    split_head: Callable[[bytes], tuple[bytes, bytes]] | None = None
    pages: Sequence[Route] = ()
    limits: Limits | None = None
    astart: Callable[[Server], Awaitable[None]] | None = None
    aclose: Callable[[], Awaitable[None]] | None = None

    @classmethod
    def of(cls, app: App) -> Self:
        """Look up what an app brings."""
        own = [each.name for each in fields(cls) if hasattr(app, each.name) and each.name != "run"]
        return cls(app, **{name: getattr(app, name) for name in own})


APPS: dict[str, App] = {"echo": echo}


def mount(app: str | App | Mapping[str, App]) -> dict[str, Mounted]:
    """Give each app its path: a function is mounted at its name, and `echo` is always there."""
    if isinstance(app, str):
        if app not in APPS:
            raise UsageError(
                f"There is no app {app!r}. There is {', '.join(APPS)}; or give your own function."
            )
        apps: dict[str, App] = {f"/{app}": APPS[app]}
    elif callable(app):
        name = getattr(app, "__name__", "")
        apps = {f"/{name}" if name.isidentifier() else "/app": app}
    elif not isinstance(app, Mapping):
        raise UsageError(f"An app is a name, an async function, or a mapping of paths to such, not {app!r}.")
    else:
        apps = dict(app)
        if wrong := [path for path in apps if not path.startswith("/")]:
            raise UsageError(f"A path starts with a slash: write /{wrong[0]}.")
    apps = {**apps, "/echo": apps.get("/echo", echo)}
    return {path: Mounted.of(each) for path, each in apps.items()}
