"""What waits for a reader who takes it at a pace of its own: all of it, or the newest of each kind."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from wslearn.closing import CloseCode
from wslearn.errors import ConnectionClosed

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["MOST_WAITING", "Every", "Latest", "Paced", "Value"]

MOST_WAITING = 500  # values, in a queue

Value = tuple[str, float, float]  # a name, its value, and when that was new (seconds)


class Latest:
    """The newest value of each name. There is always room: a newer value takes the place of the older.

    Examples
    --------
    >>> waiting = Latest()
    >>> [waiting.put(value) for value in (("a", 1, 0.0), ("b", 5, 0.1), ("a", 2, 0.2))]
    [True, True, True]
    >>> waiting.take(10), waiting.conflated
    ([('a', 2, 0.2), ('b', 5, 0.1)], 1)
    """

    room = None  # without a limit: there are no more values than names

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}
        self.conflated = 0

    def __len__(self) -> int:
        return len(self._values)

    def put(self, value: Value) -> bool:
        """Let a value wait, and none of that name that is older; tell whether there was room."""
        self.conflated += value[0] in self._values
        self._values[value[0]] = value  # a name keeps its place: one that changes all the time gets its turn
        return True

    def take(self, most: int) -> list[Value]:
        """Give what waits, the name that has waited longest first: at most so many."""
        return [self._values.pop(name) for name in list(self._values)[:most]]


class Every:
    """Every value, in order. There is room for `MOST_WAITING`.

    Examples
    --------
    >>> waiting = Every()
    >>> [waiting.put(value) for value in (("a", 1, 0.0), ("b", 5, 0.1), ("a", 2, 0.2))]
    [True, True, True]
    >>> waiting.take(2), len(waiting)
    ([('a', 1, 0.0), ('b', 5, 0.1)], 1)
    """

    room = MOST_WAITING
    conflated = 0

    def __init__(self) -> None:
        self._values: deque[Value] = deque()

    def __len__(self) -> int:
        return len(self._values)

    def put(self, value: Value) -> bool:
        """Let a value wait behind the others; tell whether there was room."""
        if len(self._values) == self.room:
            return False
        self._values.append(value)
        return True

    def take(self, most: int) -> list[Value]:
        """Give what has waited longest: at most so many."""
        return [self._values.popleft() for _ in range(min(most, len(self._values)))]


class Paced:
    """A reader who says when it is ready for more.

    Each `ready` is worth one message, however often it is said before that message is sent; and the message
    is sent when the network has taken the one before. So what waits, waits where it can be conflated.

    Parameters
    ----------
    ws
        The reader's connection.
    waiting
        Where values wait for it.
    most
        How many values one message holds.
    """

    def __init__(self, ws: WebSocket, waiting: Latest | Every, most: int) -> None:
        self._ws = ws
        self._waiting = waiting
        self._most = most
        self._made = 0
        self._news = asyncio.Event()
        self._ready = asyncio.Event()
        self._task = asyncio.create_task(self._serve(), name="paced")

    def ready(self) -> None:
        """Note that the reader has dealt with what it was sent."""
        self._ready.set()

    def put(self, value: Value) -> bool:
        """Let a value wait for the reader; where there is no room, let the reader go with 1013.

        Returns
        -------
        bool
            Whether there was room.
        """
        self._made += 1
        self._news.set()
        room = self._waiting.put(value)
        if not room:
            self._task.cancel()  # it may wait for the network, which does not take the last message
            reason = f"You read too slowly: {MOST_WAITING} values wait for you."
            self._task = asyncio.create_task(self._ws.close(CloseCode.TRY_AGAIN_LATER, reason))
        return room

    def leave(self) -> None:
        """Send no more."""
        self._task.cancel()

    async def _serve(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._ready.wait()
                await self._news.wait()
                self._ready.clear()
                values = self._waiting.take(self._most)
                if not self._waiting:
                    self._news.clear()
                message: dict[str, Any] = {
                    "type": "values",
                    "values": [[name, value, round(monotonic() - since, 3)] for name, value, since in values],
                    "made": self._made,
                    "conflated": self._waiting.conflated,
                    "waiting": len(self._waiting),
                    "room": self._waiting.room,
                }
                await self._ws.send(json.dumps(message))
