"""Applications of a server: what runs on each connection, and on which path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from wslearn.errors import UsageError
from wslearn.net.websocket import WebSocket

__all__ = ["App", "echo", "mount"]

App = Callable[[WebSocket], Awaitable[None]]


async def echo(ws: WebSocket) -> None:
    """Send every message back: text as text, bytes as bytes."""
    async for message in ws:
        await ws.send(message)


APPS: dict[str, App] = {"echo": echo}


def mount(app: str | App | Mapping[str, App]) -> dict[str, App]:
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
    return {**apps, "/echo": apps.get("/echo", echo)}
