"""What waits for one person: sent to each of their devices, again and again, until one acknowledges it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wslearn.errors import ConnectionClosed
from wslearn.labs.backplane import KEEP, Backplane
from wslearn.labs.feed import Feed

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["MOST_WAITING", "Inbox"]

MOST_WAITING = 50  # notes


class Inbox:
    """The notes that wait for one person, and the person's devices on this node.

    Notes and acknowledgements are events of one log, and every node that follows it comes to the same
    result. Nothing that waits is ever dropped: see `full`.

    Parameters
    ----------
    plane
        What the log is on.
    name
        The log's name.
    """

    def __init__(self, plane: Backplane, name: str) -> None:
        self._log = Feed(plane, name, self._on_event)
        self._taken: dict[str, int] = {}  # the notes that the log remembers, by id: their numbers
        self._waiting: dict[str, dict[str, str]] = {}  # those that nobody has acknowledged
        self._coming = 0  # notes that are on their way into the log
        self._news = asyncio.Event()
        self._devices: dict[WebSocket, asyncio.Task[None]] = {}

    async def begin(self) -> None:
        """Learn what is in it; to be awaited before anything else."""
        await self._log.begin()

    def _on_event(self, number: int, event: str) -> None:
        note = json.loads(event)
        if "ack" in note:
            self._waiting.pop(note["ack"], None)
        elif note["id"] not in self._taken:
            self._taken[note["id"]] = number
            self._waiting[note["id"]] = note
        if self._taken and self._taken[oldest := next(iter(self._taken))] <= number - KEEP:
            del self._taken[oldest]
            self._waiting.pop(oldest, None)
        self._news.set()
        self._news = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether it takes no more until something is acknowledged.

        The log forgets its oldest events, and what waits must not be among them.
        """
        oldest = self._taken[next(iter(self._waiting))] if self._waiting else self._log.last
        span = self._log.last - oldest + self._coming
        return len(self._waiting) + self._coming >= MOST_WAITING or span >= KEEP - 2 * MOST_WAITING

    def has(self, note_id: str) -> bool:
        """Tell whether a note of this id was put here, as far as the log remembers."""
        return note_id in self._taken

    async def put(self, note: dict[str, str]) -> None:
        """Add a note, whose ``"id"`` counts once."""
        self._coming += 1
        try:
            await self._log.append(note, note["id"])
        finally:
            self._coming -= 1

    async def acknowledge(self, note_id: str) -> None:
        """Take a note away, from all devices; one that does not wait is no fault."""
        if note_id in self._waiting:
            await self._log.append({"ack": note_id}, f"ack:{note_id}")

    async def arrived(self, note_id: str) -> None:
        """Wait until a note was acknowledged."""
        while note_id not in self._taken or note_id in self._waiting:
            await self._news.wait()

    async def join(self, ws: WebSocket, last: int) -> None:
        """Send a device what waits and what happens to it, until it leaves or is gone.

        Parameters
        ----------
        ws
            The device's connection.
        last
            The number of the last event that it knows of, perhaps from another node.
        """
        await self._log.reach(lambda: self._log.last >= last)
        task = asyncio.create_task(self._serve(ws), name="inbox")
        self._devices[ws] = task
        task.add_done_callback(lambda _: self._devices.pop(ws, None))

    def leave(self, ws: WebSocket) -> None:
        """Send a device no more; whoever is none already is no fault."""
        if task := self._devices.pop(ws, None):
            task.cancel()

    async def _serve(self, ws: WebSocket) -> None:
        """Tell a device how what waits differs from what it was told: never more than waits at once."""
        told: set[str] = set()

        async def tell(**message: Any) -> None:
            await ws.send(json.dumps({**message, "last": self._log.last}))

        with suppress(ConnectionClosed):
            await tell(type="joined", waiting=list(self._waiting))
            while True:
                news = self._news
                for note in [note for name, note in self._waiting.items() if name not in told]:
                    told.add(note["id"])
                    await tell(type="note", **note)
                for gone in told - self._waiting.keys():
                    told.remove(gone)
                    await tell(type="gone", id=gone)
                await news.wait()
