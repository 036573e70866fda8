"""Dashboard: the latest value, at the pace of the screen.

The pattern is *sampling*. A figure of ten a second is out of date a tenth of a second later, and whoever
missed it wants the newest, not that one. So nothing is queued: a node measures once in a tick, however
many pages watch, and not at all when none does; each page is sent the newest figures at its own pace, and
only when it has drawn the last ones. Those between are dropped, and counted. Nothing is promised but that:
after a cut a page begins anew. A node tells its figures to the others as words, as long as a page of any
node watches; whoever has been silent for three seconds is shown as gone.

::

    page → {"type": "watch", "every": 500}     ms, at least, between two; again to change it
    page → {"type": "drawn", "tick": 17}       they are on the screen: send newer ones when there are any
    ← {"type": "figures", "tick": 17, "measured": 9, "sent": 2, "here": "…", "machine": {…}, "nodes": […]}
    ← {"type": "refused", "why": "…"}
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from wslearn.errors import ConnectionClosed
from wslearn.labs.apps.gauge import Gauge
from wslearn.labs.apps.page import LIMITS, Refused, page, read, refuse
from wslearn.labs.backplane import Backplane, Local

if TYPE_CHECKING:
    from wslearn.net.server import Server
    from wslearn.net.websocket import WebSocket

__all__ = ["Dashboard", "dashboard"]

_SHAPES: dict[str, dict[str, type]] = {"watch": {"every": int}, "drawn": {"tick": int}}
_TICK = 0.1  # seconds between two measurements
_FASTEST, _SLOWEST = 100, 10_000  # milliseconds between two values of one page


@dataclass(eq=False, slots=True)
class _Page:
    since: int  # the tick at which it came
    every: float = 0.0  # seconds; it has not said it yet
    due: float = 0.0  # when it may have the next figures
    tick: int = 0  # of the last figures that it was sent
    drawn: bool = True
    sent: int = 0


class Dashboard:
    """The figures of one node, and of those that it hears of; see `dashboard`."""

    __name__ = "dashboard"  # its path
    pages = page("dashboard")
    limits = LIMITS

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._pages: set[_Page] = set()
        self._gauge = Gauge(backplane, _TICK, lambda: bool(self._pages))

    async def astart(self, server: Server) -> None:
        """Listen to the other nodes."""
        await self._gauge.start(server)

    async def aclose(self) -> None:
        """Measure no more, and let go of the backplane."""
        self._gauge.stop()
        await self._backplane.close()

    async def __call__(self, ws: WebSocket) -> None:
        """Serve one page."""
        page = _Page(since=self._gauge.tick)
        showing = asyncio.create_task(self._show(ws, page))
        try:
            async for message in ws:
                self._gauge.messages += 1
                try:
                    self._take(page, read(message, _SHAPES))
                except Refused as why:
                    await refuse(ws, why)
        finally:
            self._pages.discard(page)
            showing.cancel()

    def _take(self, page: _Page, told: dict[str, Any]) -> None:
        if told["type"] == "watch":
            if not _FASTEST <= told["every"] <= _SLOWEST:
                raise Refused(f'"every" is {_FASTEST} to {_SLOWEST} milliseconds.')
            page.every = told["every"] / 1000
            page.due = min(page.due, monotonic() + page.every)
            self._pages.add(page)
            self._gauge.measure()
        elif page not in self._pages:
            raise Refused('The first message is "watch".')
        elif told["tick"] < 0:
            raise Refused('"tick" is that of the last figures you were sent.')
        elif told["tick"] == page.tick:  # else a page says late what it drew before a cut
            page.drawn = True

    async def _show(self, ws: WebSocket, page: _Page) -> None:
        """Send a page the newest figures whenever its time has come and it has drawn the last ones."""
        with suppress(ConnectionClosed):
            while True:
                await self._gauge.news.wait()
                now = monotonic()
                if page in self._pages and page.drawn and now >= page.due:
                    page.drawn, page.tick, page.due = False, self._gauge.tick, now + page.every - _TICK / 2
                    page.sent += 1
                    self._gauge.messages += 1
                    await ws.send(json.dumps(self._figures(page)))

    def _figures(self, page: _Page) -> dict[str, Any]:
        counts = {"tick": page.tick, "measured": self._gauge.tick - page.since, "sent": page.sent}
        return {"type": "figures", **counts, **self._gauge.figures()}


def dashboard(backplane: Backplane | None = None) -> Dashboard:
    """Give the application, for `wslearn.net.serve`.

    Parameters
    ----------
    backplane
        What this node shares with others; nothing unless said otherwise.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve(app=dashboard()) as server:
    ...     server.url.endswith("/dashboard")
    True
    """
    return Dashboard(backplane or Local())
