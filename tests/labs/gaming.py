"""A player without a picture, for tests of the game."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any, Self

from tests.net.on_loop import until
from wslearn.labs.apps.arena import Arena
from wslearn.net import Server, WebSocket, connect


class Gamer:
    """A page without a picture."""

    def __init__(self, name: str, token: str = "") -> None:
        self.name = name
        self.token = token or f"{abs(hash(name)):032x}"[:32]
        self.you = ""
        self.number = 0
        self.world: dict[str, Any] = {}
        self.names: dict[str, str] = {}
        self.told: list[dict[str, Any]] = []
        self.ws: WebSocket
        self._listening: asyncio.Task[None]

    async def play(self, server: Server) -> Self:
        self.ws = await connect(server.url)
        self.world = {}
        self._listening = asyncio.create_task(self._listen())
        await self.post(type="play", name=self.name, token=self.token)
        async with asyncio.timeout(5):
            await until(lambda: self.you in self.figures)
        return self

    async def _listen(self) -> None:
        async for message in self.ws:
            told = json.loads(message)
            match told["type"]:
                case "world":
                    self.world = told
                case "names":
                    self.names = told["names"]
                case "playing":
                    self.you = told["you"]
                case _:
                    self.told.append(told)

    async def post(self, **message: Any) -> None:
        await self.ws.send(json.dumps(message))

    async def move(self, x: int, y: int) -> int:
        self.number += 1
        await self.post(type="move", number=self.number, x=x, y=y)
        return self.number

    async def decided(self) -> None:
        """Wait until the server has decided about the last move."""
        async with asyncio.timeout(5):
            await until(lambda: self.mine["seen"] >= self.number)

    @property
    def figures(self) -> dict[str, dict[str, int]]:
        fields = ("x", "y", "score", "seen", "here")
        return {who: dict(zip(fields, rest, strict=True)) for who, *rest in self.world.get("figures", ())}

    @property
    def mine(self) -> dict[str, int]:
        return self.figures[self.you]

    @property
    def place(self) -> tuple[int, int]:
        return self.mine["x"], self.mine["y"]

    async def leave(self) -> None:
        self.ws.abort()
        await self._listening


def arena_of(server: Server) -> Arena:
    arena: Arena = server._apps["/game"].run._arena  # type: ignore[attr-defined]
    return arena


def asleep(arena: Arena) -> bool:
    return arena._running is None or arena._running.done()


async def collect(gamer: Gamer, server: Server) -> None:
    """Lay a coin beside a figure and take it."""
    arena, had = arena_of(server), gamer.mine["score"]
    assert arena.ticking == arena.node
    x, y = gamer.place
    way = 1 if x < 320 else -1
    arena.world = replace(arena.world, coins=((x + 24 * way, y), *arena.world.coins[1:]))
    await gamer.move(way, 0)
    async with asyncio.timeout(5):
        await until(lambda: gamer.mine["score"] == had + 1)
