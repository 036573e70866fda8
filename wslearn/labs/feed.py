"""A numbered log, and everybody who follows it over a WebSocket: nothing lost, nothing twice, in order."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wslearn.closing import CloseCode
from wslearn.errors import ConnectionClosed
from wslearn.labs.backplane import KEEP, Backplane, Unreachable
from wslearn.labs.once import Once
from wslearn.reconnect import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.labs.backplane import OnEvent
    from wslearn.net.websocket import WebSocket

    Write = Callable[[int, str], str | None]

__all__ = ["Feed"]

_ELSEWHERE = -1  # after no event of this log
_CATCH_UP = 2.0  # seconds in which another node's event reaches this one


def _numbered(number: int, event: str) -> str:
    return f'{{"number": {number}, "event": {event}}}'


class Feed:
    """The members of one log on this node.

    A member says the number of the last event it has seen, and is sent everything after it, at the speed
    at which it reads. One that falls so far behind that events it needs are forgotten is let go with 1013.
    So a slow member costs the others nothing, and this node no memory but the log's.

    Parameters
    ----------
    plane
        What the log is on.
    name
        The log's name.
    on_event
        Is called with number and event for each that this node hears of, before any member gets it.
    """

    def __init__(self, plane: Backplane, name: str, on_event: OnEvent = lambda _number, _event: None) -> None:
        self._plane = plane
        self._name = name
        self._also = on_event
        self._replay: Replay[str] = Replay(KEEP)
        self._numbers: dict[str, int] = {}  # of the events that are kept, by their ids
        self._news = asyncio.Event()
        self._follow = Once(lambda: plane.follow(name, self._on_event))
        self._members: dict[WebSocket, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._members)

    @property
    def last(self) -> int:
        """The number of the newest event that this node knows."""
        return self._replay.last

    async def begin(self) -> None:
        """Follow the log, and return when all that it keeps is known here; `join` does so by itself."""
        await self._follow()

    async def join(self, ws: WebSocket, last: int = 0, write: Write = _numbered, seen: str = "") -> None:
        """Send a member what it missed, and from then on everything, until it leaves or is gone.

        Parameters
        ----------
        ws
            The member's connection.
        last
            The number of the last event it has seen; 0 for a new one, who gets all that is kept.
        write
            Makes the message from number and event; ``None`` when this event is not for this member.
        seen
            The ``"id"`` of the last event it has seen. A log that lives in the memory of a server counts anew
            when the server does; where another event has that number now, the member is told of a gap.

        Raises
        ------
        Unreachable
            When this node is behind the log, or cannot know.
        """
        await self.begin()
        await self.reach(lambda: self.last >= last)
        if seen and not self._has(last, seen):
            last = _ELSEWHERE
        task = asyncio.create_task(self._serve(ws, last, write), name=f"feed {self._name}")
        self._members[ws] = task
        task.add_done_callback(lambda _: self._members.pop(ws, None))

    def leave(self, ws: WebSocket) -> None:
        """Send a member no more; whoever is none already is no fault."""
        if task := self._members.pop(ws, None):
            task.cancel()

    async def append(self, event: dict[str, Any], event_id: str = "") -> int:
        """Put an event into the log; see `Backplane.append`.

        The plane remembers an id for a while; this node, as long as the log keeps an event of that ``"id"``.
        """
        if event_id and (number := self._numbers.get(event_id)):
            return number
        return await self._plane.append(self._name, json.dumps(event), event_id)

    def _on_event(self, number: int, event: str) -> None:
        if number > self._replay.last + 1:  # the log has forgotten those between
            self._replay = Replay(KEEP, last=number - 1)
        if number == self._replay.last + 1:
            self._replay.append(event)
            self._remember(number, event)
            self._also(number, event)
            self._news.set()
            self._news = asyncio.Event()

    def _remember(self, number: int, event: str) -> None:
        if event_id := json.loads(event).get("id"):
            self._numbers.setdefault(event_id, number)
        if self._numbers and self._numbers[oldest := next(iter(self._numbers))] <= number - KEEP:
            del self._numbers[oldest]

    def _has(self, number: int, event_id: str) -> bool:
        events = self._replay.missed(number - 1)
        return bool(events and json.loads(events[0][1]).get("id") == event_id)

    async def reach(self, known: Callable[[], bool]) -> bool:
        """Wait until this node knows what another one knows, two seconds at most; say whether it does.

        Raises
        ------
        Unreachable
            When it does not, and there is more in the log than this node has heard of, or nobody can say.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_CATCH_UP):
                while not known():
                    await self._news.wait()
        if not known() and await self._plane.last(self._name) > self.last:
            raise Unreachable("This node has not caught up with the others.")
        return known()

    async def _serve(self, ws: WebSocket, last: int, write: Write) -> None:
        with suppress(ConnectionClosed):
            if self._replay.missed(last) is None:  # it was away for too long: all that is left, said plainly
                last = max(0, self._replay.last - KEEP)
                await ws.send(json.dumps({"type": "gap", "from": last + 1}))
            while (missed := self._replay.missed(last)) is not None:
                news = self._news
                for last, event in missed:
                    if (message := write(last, event)) is not None:
                        await ws.send(message)
                if last == self._replay.last:
                    await news.wait()
            await ws.close(CloseCode.TRY_AGAIN_LATER, "You read too slowly: connect again and go on.")
