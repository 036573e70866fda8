"""A connection to which only the newest world is sent, however slowly it is read."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from wslearn.errors import ConnectionClosed

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["Player"]


class Player:
    """Somebody's connection; `send` runs beside whatever reads from it.

    Parameters
    ----------
    ws
        The connection.
    """

    def __init__(self, ws: WebSocket) -> None:
        self._ws = ws
        self._news = asyncio.Event()
        self._names = self._view = ""
        self._skipped = 0
        self._end: tuple[int, str] | None = None

    def show(self, names: str, view: str) -> None:
        """Have a world sent; one that waits is not sent any more."""
        self._skipped += self._news.is_set()
        self._names, self._view = names, view
        self._news.set()

    def let_go(self, code: int, reason: str) -> None:
        """Have the connection closed."""
        self._end = (code, reason)
        self._news.set()

    async def send(self) -> None:
        """Send the newest world, the names when they change, and how many worlds were not sent."""
        names, skipped = "", 0
        with suppress(ConnectionClosed):
            while await self._news.wait():
                self._news.clear()
                if self._end:
                    return await self._ws.close(*self._end)
                if names != self._names:
                    names = self._names
                    await self._ws.send(names)
                if skipped != self._skipped:
                    skipped = self._skipped
                    await self._ws.send(json.dumps({"type": "skipped", "count": skipped}))
                await self._ws.send(self._view)
        return None
