"""One node of a cluster: a process that serves applications, and says on request how it is.

::

    python -m wslearn.labs.node.node --port 8001 --name node-1 --backplane nats://127.0.0.1:4222 chat

Each app is served at its name, ``/chat``, with ``/whoami`` and ``/count`` (see `whoami`), and ``/node/…``
(see `desk`). Every answer to a handshake carries the node's name in a header, ``Served-By``. The process
prints nothing but errors. At SIGTERM it closes its connections with 1001 and ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from wslearn.closing import CloseCode
from wslearn.connection import Connection
from wslearn.errors import UsageError
from wslearn.labs.backplane import Unreachable, backplane
from wslearn.labs.files import allow_files
from wslearn.labs.node.desk import Desk
from wslearn.labs.node.whoami import Count, Whoami
from wslearn.net.apps import Mounted
from wslearn.net.limits import Limits
from wslearn.net.server import Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.connection import Event
    from wslearn.http import Request, Response
    from wslearn.labs.backplane import Backplane
    from wslearn.net.apps import App
    from wslearn.net.websocket import WebSocket

__all__ = ["SERVED_BY", "app_names", "load", "server"]

#: The header that names the node, in the answer to each handshake.
SERVED_BY = "Served-By"


def app_names() -> list[str]:
    """List the apps there are: each has a module and a page of its name.

    Examples
    --------
    >>> "chat" in app_names()
    True
    """
    apps = files("wslearn.labs.apps")
    names = {each.name.removesuffix(".html") for each in (apps / "pages").iterdir() if ".html" in each.name}
    return sorted(name for name in names if (apps / f"{name}.py").is_file())


def load(name: str, plane: Backplane) -> App:
    """Make an app by its name.

    Parameters
    ----------
    name
        That of its module in `wslearn.labs.apps`, and of the function in it.
    plane
        What it shares with other nodes.

    Raises
    ------
    UsageError
        When there is none of this name.
    """
    if name not in app_names():
        raise UsageError(f"There is no app {name!r}. There is {', '.join(app_names())}.")
    app: App = getattr(import_module(f"wslearn.labs.apps.{name}"), name)(plane)
    return app


class _Counted(Connection):
    """A connection whose messages are counted at the desk."""

    __slots__ = ("_desk",)

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._desk = desk

    def receive(self, data: bytes) -> list[Event]:
        events = super().receive(data)
        self._desk.received += sum(isinstance(event, str | bytes) for event in events)
        return events

    def send(self, message: str | bytes, *, fin: bool = True) -> bytes:
        data = super().send(message, fin=fin)
        self._desk.sent += fin
        return data


class _OnNode:
    """An app whose clients are told the node's name, and counted.

    Parameters
    ----------
    app
        The app.
    desk
        The node's.
    """

    def __init__(self, app: App, desk: Desk) -> None:
        self._app = Mounted.of(app)
        self._desk = desk
        self.pages, self.limits = self._app.pages, self._app.limits
        self.astart, self.aclose = self._app.astart, self._app.aclose

    async def __call__(self, ws: WebSocket) -> None:
        try:
            await self._app.run(ws)
        except Unreachable:
            await ws.close(CloseCode.TRY_AGAIN_LATER, "What is shared cannot be reached: connect again.")

    def server_response(self, request: Request, **options: Any) -> Response:
        response = self._app.server_response(request, headers=[(SERVED_BY, self._desk.name)], **options)
        self._desk.arrived()
        return response

    def connection(self, *args: Any, **options: Any) -> Connection:
        return _Counted(self._desk, *args, **options)


def server(port: int, name: str, apps: Sequence[str], url: str | None) -> Server:
    """Make the server of a node.

    Parameters
    ----------
    port
        Where it listens; 0 takes a free one.
    name
        The node's.
    apps
        The names of those it serves.
    url
        Where the backplane is; ``None`` for one of its own.

    Raises
    ------
    UsageError
        For an app that there is not.
    """
    desk, plane = Desk(name), backplane(url)
    mounted: dict[str, App] = {f"/{each}": load(each, plane) for each in apps}
    mounted |= {"/whoami": Whoami(name), "/count": Count(name)}
    served: dict[str, App] = {path: _OnNode(app, desk) for path, app in mounted.items()}
    desk.server = Server({**served, "/node": desk}, port=port, limits=Limits(close_timeout=1.0))
    return desk.server


async def _run(server: Server) -> None:
    ending = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # as on Windows, where a process is ended at once
            asyncio.get_running_loop().add_signal_handler(name, ending.set)
    async with server:
        await ending.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="wslearn.labs.node", description="Serve one node of a cluster.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--backplane", metavar="URL")
    parser.add_argument("apps", nargs="*", metavar="app")
    told = parser.parse_args(arguments)
    allow_files()
    try:
        asyncio.run(_run(server(told.port, told.name, told.apps, told.backplane)))
    except UsageError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
