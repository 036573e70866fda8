"""Game: everybody moves at once, and the server decides, tick by tick.

The pattern is *authority*. A page does not say where its figure is, but what its player wants: "my 17th
move is one to the right". The server lets time pass in ticks, 20 a second while somebody plays. In each it
makes the moves that have come, one for each figure, and decides who was in the way and who got the coin (see
`world`). A page does not wait for that: it shows its own moves at once, and when the world comes, with the
number of the last move that was decided about, it begins from there and makes the later ones again. Mostly
it was right. Where it was not, the figure jumps: the server's world is the true one.

::

    page → {"type": "play", "name": "Ada", "token": "32 hexadecimal digits that nobody else knows"}
    ← {"type": "playing", "you": "3f2a…"}    {"type": "names", "names": {"3f2a…": "Ada"}}
    page → {"type": "move", "number": 17, "x": 1, "y": 0}
    ← {"type": "world", "tick": 412, "figures": [["3f2a…", 100, 50, 3, 17, 1]], "coins": [[10, 20]], …}
    ← {"type": "refused", "why": "…"}

A world is not promised to come: who reads slowly gets the newest, and fewer of them. Moves are lost with
the connection. The figure and its score stay, for whoever has the token; the id that all see is its hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from wslearn.closing import CloseCode
from wslearn.labs.apps.arena import Arena
from wslearn.labs.apps.page import LIMITS, Refused, page, read, refuse
from wslearn.labs.apps.player import Player
from wslearn.labs.apps.world import MOST_HERE, Move, World
from wslearn.labs.backplane import Backplane, Local

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["Game", "game"]

_SHAPES: dict[str, dict[str, type]] = {
    "play": {"name": str, "token": str},
    "move": {"number": int, "x": int, "y": int},
}
_TOKEN = re.compile(r"[0-9a-f]{32}")
_REPLACED = 4000  # a close code of our own


class Game:
    """The game on one node; see `game`."""

    __name__ = "game"  # its path
    pages = page("game", "arena.js")
    limits = LIMITS

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._arena = Arena(backplane, self._on_world, self._on_lost)
        self._players: dict[str, Player] = {}

    async def aclose(self) -> None:
        """Stop ticking, and let go of the backplane."""
        await self._arena.close()
        await self._backplane.close()

    async def __call__(self, ws: WebSocket) -> None:
        """Serve one page."""
        who, player = "", Player(ws)
        sending = asyncio.create_task(player.send())
        try:
            async for message in ws:
                try:
                    told = read(message, _SHAPES)
                    if told["type"] == "play":
                        if who:
                            raise Refused("You play already.")
                        who = await self._admit(player, told)
                        await ws.send(json.dumps({"type": "playing", "you": who}))
                        await self._arena.enter(who, told["name"].strip())
                    elif not who:
                        raise Refused('The first message is "play".')
                    else:
                        await self._move(who, told)
                except Refused as why:
                    await refuse(ws, why)
        finally:
            sending.cancel()
            if self._players.get(who) is player:
                del self._players[who]
                self._arena.leave(who)

    async def _admit(self, player: Player, told: dict[str, Any]) -> str:
        name = told["name"].strip()
        if not 1 <= len(name) <= 12 or not name.isprintable():
            raise Refused("A name has 1 to 12 characters, all of which can be seen.")
        if not _TOKEN.fullmatch(told["token"]):
            raise Refused("A token has 32 hexadecimal digits.")
        who = hashlib.sha256(told["token"].encode()).hexdigest()[:12]
        await self._arena.open()
        here = self._arena.world.here
        if who not in here and len(here) >= MOST_HERE:
            raise Refused(f"All {MOST_HERE} places are taken. Come again later.")
        if before := self._players.get(who):
            before.let_go(_REPLACED, "You play over a newer connection.")
        self._players[who] = player
        return who

    async def _move(self, who: str, told: dict[str, Any]) -> None:
        number, x, y = told["number"], told["x"], told["y"]
        if not 0 < number < 2**31:
            raise Refused("Moves are numbered from 1 on.")
        fair = x in {-1, 0, 1} and y in {-1, 0, 1}
        await self._arena.move(who, Move(number, x, y) if fair else Move(number, 0, 0))
        if not fair:
            wish = f"{x!r:.12}, {y!r:.12}"  # neither need be short
            raise Refused(f"A move is one step, −1, 0 or 1 in each direction, and not {wish}: you stay.")

    def _on_world(self, world: World) -> None:
        names, view = world.names(), world.view(self._arena.ticking)
        for player in self._players.values():
            player.show(names, view)

    def _on_lost(self) -> None:
        for player in self._players.values():
            player.let_go(CloseCode.TRY_AGAIN_LATER, "The other nodes are out of reach: connect again.")


def game(backplane: Backplane | None = None) -> Game:
    """Give the application, for `wslearn.net.serve`.

    Parameters
    ----------
    backplane
        What this node shares with others; nothing unless said otherwise.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve(app=game()) as server:
    ...     server.url.endswith("/game")
    True
    """
    return Game(backplane or Local())
