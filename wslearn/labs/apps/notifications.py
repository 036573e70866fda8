"""Notifications: to one person, until they have said on one of their devices that it arrived.

The pattern is *targeted push with acknowledgement*. That a message was sent says nothing: the connection
may have been dead for a minute. So what is meant for a person waits in a box until a device of theirs
acknowledges it. A device is sent all that waits when it connects, and again when it connects again: *at
least once* on the wire. A page knows by the id what it has shown: *exactly once* on the screen. No timer
sends again on the same connection: while that lives, TCP does it. The sender's page does the same: it
sends again until it hears that the box has the note, and the box takes an id once.

Promised: what was taken waits until it is acknowledged, so a full box refuses and drops nothing; what is
acknowledged anywhere disappears everywhere. Not promised: that an id is known for ever, it counts once
among the last 1,000 events of a person; that a person is who they say they are, see lesson 09.

::

    page → {"type": "join", "person": "ada", "last": 0}     the last event it knows of
    ← {"type": "joined", "waiting": ["k3-1"], "last": 12}   whatever else it shows is gone
    ← {"type": "note", "id": "k3-1", "from": "bob", "text": "Lunch?", "last": 12}
    page → {"type": "ack", "id": "k3-1"}
    ← {"type": "gone", "id": "k3-1", "last": 13}
    page → {"type": "notify", "id": "p8-1", "to": "bob", "text": "At one."}
    ← {"type": "taken", "id": "p8-1"}                       or {"type": "refused", "id": …, "why": "…"}
    ← {"type": "arrived", "id": "p8-1"}                     when Bob has acknowledged it
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wslearn.errors import ConnectionClosed
from wslearn.labs.apps.page import LIMITS, Refused, page, read, refuse
from wslearn.labs.backplane import Backplane, Local
from wslearn.labs.inbox import Inbox

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["Notifications", "notifications"]

_SHAPES: dict[str, dict[str, type]] = {
    "join": {"person": str, "last": int},
    "notify": {"id": str, "to": str, "text": str},
    "ack": {"id": str},
}
_PERSON = re.compile(r"[a-z0-9-]{1,20}")
_MOST_PEOPLE = 200
_MOST_WATCHED = 40  # notes of one page, until they are acknowledged; then the oldest is no longer watched


class Notifications:
    """The boxes that one node knows; see `notifications`."""

    __name__ = "notifications"  # its path
    pages = page("notifications")
    limits = LIMITS

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._boxes: dict[str, Inbox] = {}

    async def aclose(self) -> None:
        """Let go of the backplane."""
        await self._backplane.close()

    async def __call__(self, ws: WebSocket) -> None:
        """Serve one device of a person."""
        box, person = None, ""
        watched: dict[str, asyncio.Task[None]] = {}
        try:
            async for message in ws:
                try:
                    told = read(message, _SHAPES)
                    if (told["type"] == "join") != (box is None):
                        raise Refused('The first message is "join", and no other one is.')
                    if box is None:
                        if told["last"] < 0:
                            raise Refused('"last" is the number of the last event you know of, or 0.')
                        box, person = await self._box(told["person"]), told["person"]
                        await box.join(ws, told["last"])
                    elif told["type"] == "ack":
                        await box.acknowledge(told["id"])
                    else:
                        await self._notify(ws, person, told, watched)
                except Refused as why:
                    await refuse(ws, why)
        finally:
            for task in watched.values():
                task.cancel()
            if box is not None:
                box.leave(ws)

    async def _box(self, person: str, about: str = "") -> Inbox:
        if not _PERSON.fullmatch(person):
            raise Refused("A person is called by 1 to 20 small letters, digits and hyphens.", about)
        if person not in self._boxes and len(self._boxes) >= _MOST_PEOPLE:
            raise Refused(f"There are {_MOST_PEOPLE} people already. Take one of them.", about)
        box = self._boxes.setdefault(person, Inbox(self._backplane, f"notes-{person}"))
        await box.begin()
        return box

    async def _notify(
        self, ws: WebSocket, person: str, told: dict[str, Any], watched: dict[str, asyncio.Task[None]]
    ) -> None:
        note_id, text = told["id"], told["text"].strip()
        if not text:
            raise Refused("There is nothing in it.", note_id)
        box = await self._box(told["to"], note_id)
        if not box.has(note_id):
            if box.full:
                raise Refused(f"The box of {told['to']} is full until they acknowledge something.", note_id)
            await box.put({"id": note_id, "from": person, "text": text})
        await ws.send(json.dumps({"type": "taken", "id": note_id}))
        if note_id not in watched:
            watched[note_id] = asyncio.create_task(self._watch(ws, box, note_id))
        if len(watched) > _MOST_WATCHED:
            watched.pop(next(iter(watched))).cancel()

    @staticmethod
    async def _watch(ws: WebSocket, box: Inbox, note_id: str) -> None:
        await box.arrived(note_id)
        with suppress(ConnectionClosed):
            await ws.send(json.dumps({"type": "arrived", "id": note_id}))


def notifications(backplane: Backplane | None = None) -> Notifications:
    """Give the application, for `wslearn.net.serve`.

    Parameters
    ----------
    backplane
        What this node shares with others; nothing unless said otherwise.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve(app=notifications()) as server:
    ...     server.url.endswith("/notifications")
    True
    """
    return Notifications(backplane or Local())
