"""AppView: an application's own page in the notebook, several times, each with a connection of its own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import Bool, Int, List, Unicode

from wslearn.errors import UsageError
from wslearn.net.thread import Handle
from wslearn.spans import count
from wslearn.widgets.base import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["AppView"]

_MOST = 4
_STILL = "Open this notebook in JupyterLab and run it: then they are here."


class AppView(Widget):
    """One app of a server, as the browser shows it: a few of its pages side by side, and a link to more.

    Each page is a client of its own, as if it were in another tab. The pages come when the picture is
    scrolled to. Where the notebook does not come from this machine, they come through
    jupyter-server-proxy, and the server is told to let pages of the notebook's origin in.

    Parameters
    ----------
    server
        What `serve` gave.
    path
        The app's path: ``"/chat"``.
    queries
        For each page, what to put behind its address: ``"?room=kitchen"``, or nothing. One to four pages.
    height
        Of each, in pixels.

    Attributes
    ----------
    url : str
        Where the app is, for a WebSocket.
    origin, let_in : str
        The origin of the page that shows the notebook, and the one that the server was told of.
    running : bool
        Whether the server does; when it has stopped, the pages go.
    situation : str
        ``"idle"``, ``"shown"``, ``"proxied"``, ``"unreachable"`` or ``"stopped"``.

    Raises
    ------
    UsageError
        For anything but a running server, a path that it does not have, or another number of pages.

    Examples
    --------
    >>> from wslearn.labs.apps.chat import chat
    >>> from wslearn.net import serve
    >>> with serve(chat()) as server:
    ...     AppView(server, "/chat")
    <AppView: /chat, 2 pages>
    """

    url = Unicode().tag(sync=True)
    path = Unicode().tag(sync=True)
    queries: List[str] = List(Unicode()).tag(sync=True)
    height = Int().tag(sync=True)
    origin = Unicode().tag(sync=True)
    let_in = Unicode().tag(sync=True)
    running = Bool(True).tag(sync=True)
    situation = Unicode("idle").tag(sync=True)

    def __init__(
        self, server: Handle, path: str, queries: Sequence[str] = ("", ""), *, height: int = 660
    ) -> None:
        if not isinstance(server, Handle):
            raise UsageError(f"The server of an AppView is what serve() gave, not {server!r}.")
        if not server.running:
            raise UsageError("This server has stopped: start one with serve().")
        if path not in server.paths:
            raise UsageError(
                f"There is no app at {path!r} on this server. There is {', '.join(server.paths)}."
            )
        if isinstance(queries, str) or not 1 <= len(queries) <= _MOST:
            raise UsageError(f"An AppView has 1 to {_MOST} pages: give a list of queries, not {queries!r}.")
        self._server = server
        super().__init__(url=server.url_of(path), path=path, queries=list(queries), height=height)
        server.when_stopped(self._stopped)

    def __repr__(self) -> str:
        return f"<AppView: {self.path}, {count(len(self.queries), 'page')}>"

    def _stopped(self) -> None:
        self.running = False

    @traitlets.observe("origin")
    def _came(self, change: dict[str, Any]) -> None:
        self._server.let_in(change["new"])
        self.let_in = change["new"]

    def still(self) -> str:
        """Say what would be here."""
        pages = count(len(self.queries), "page")
        name = escape(f"App {self.path}")
        told = escape(f"{pages} of the app at {self.path}, each with a WebSocket of its own. {_STILL}")
        # Without the style sheet of the other pictures: there is nothing to be drawn.
        inside = f'<div class="wsl-bar"><strong>{name}</strong></div><div class="wsl-part">{told}</div>'
        return f'<div class="wsl-still" role="figure" aria-label="{name}">{inside}</div>'
