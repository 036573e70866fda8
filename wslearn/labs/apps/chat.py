"""Chat: rooms, in which what one says all get, in the same order, once.

The pattern is *fan-out*: one message comes in, and goes out to every member. It is easy as long as nobody
is slow and no connection breaks. So each room is a numbered log: a member who was away says the last
number it has seen, and goes on from there. A page sends each message with an id of its own and sends it
again until it sees it in the room; the log takes an id once.

::

    page → {"type": "join", "room": "lobby", "name": "Ada", "last": 0, "seen": ""}     number, id of the last
    page → {"type": "say", "id": "k3v9-1", "text": "Hello"}
    ← {"number": 1, "event": {"id": "k3v9-1", "name": "Ada", "text": "Hello"}}
    ← {"type": "joined", "room": "lobby"}    {"type": "gap", "from": 12}    {"type": "refused", "why": "…"}
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wslearn.labs.apps.page import LIMITS, Refused, page, read, refuse
from wslearn.labs.backplane import Backplane, Local
from wslearn.labs.feed import Feed

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["Chat", "chat"]

_SHAPES: dict[str, dict[str, type]] = {
    "join": {"room": str, "name": str, "last": int},
    "say": {"id": str, "text": str},
}
_ROOM = re.compile(r"[a-z0-9-]{1,20}")
_MOST_ROOMS = 100


class Chat:
    """The rooms of one node; see `chat`."""

    __name__ = "chat"  # its path
    pages = page("chat")
    limits = LIMITS

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._rooms: dict[str, Feed] = {}

    async def aclose(self) -> None:
        """Let go of the backplane."""
        await self._backplane.close()

    async def __call__(self, ws: WebSocket) -> None:
        """Serve one page."""
        room, name = None, ""
        try:
            async for message in ws:
                try:
                    told = read(message, _SHAPES)
                    if told["type"] == "join":
                        if room is not None:
                            raise Refused("You are in a room already: connect again for another one.")
                        room, name = await self._join(ws, told), told["name"].strip()
                    elif room is None:
                        raise Refused('The first message is "join".')
                    else:
                        await self._say(room, name, told)
                except Refused as why:
                    await refuse(ws, why)
        finally:
            if room is not None:
                room.leave(ws)

    async def _join(self, ws: WebSocket, told: dict[str, Any]) -> Feed:
        if not _ROOM.fullmatch(told["room"]):
            raise Refused("A room is called by 1 to 20 small letters, digits and hyphens.")
        name, seen = told["name"].strip(), told.get("seen", "")
        if not 1 <= len(name) <= 30 or not name.isprintable():  # nor does one turn what stands behind it
            raise Refused("A name has 1 to 30 characters, all of which can be seen.")
        if told["last"] < 0:
            raise Refused('"last" is the number of the last message you saw, or 0.')
        if not isinstance(seen, str):
            raise Refused('"seen" is the id of the last message you saw, or "".')
        if told["room"] not in self._rooms and len(self._rooms) >= _MOST_ROOMS:
            raise Refused(f"There are {_MOST_ROOMS} rooms already. Take one of them.")
        room = self._rooms.setdefault(told["room"], Feed(self._backplane, f"chat-{told['room']}"))
        await ws.send(json.dumps({"type": "joined", "room": told["room"]}))
        await room.join(ws, told["last"], seen=seen)
        return room

    @staticmethod
    async def _say(room: Feed, name: str, told: dict[str, Any]) -> None:
        if not told["text"].strip():
            raise Refused("There is nothing in it.", told["id"])
        await room.append({"id": told["id"], "name": name, "text": told["text"]}, told["id"])


def chat(backplane: Backplane | None = None) -> Chat:
    """Give the application, for `wslearn.net.serve`.

    Parameters
    ----------
    backplane
        What this node shares with others; nothing unless said otherwise.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve(app=chat()) as server:
    ...     server.url.endswith("/chat")
    True
    """
    return Chat(backplane or Local())
