"""A player without a picture, for tests of the game."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from dataclasses import replace
from typing import Any, Self

from tests.labs.living import Live
from tests.net.on_loop import until
from wslearn.labs.apps.arena import Arena
from wslearn.labs.cluster import Cluster
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


class Bot(Live):
    """A player who goes for the nearest coin."""

    def __init__(self, c: Cluster, name: str) -> None:
        super().__init__(c.url_of("/game"))
        self.name, self.token, self.you, self.number = name, secrets.token_hex(16), "", 0
        self.best: dict[str, int] = {}
        self.dice = random.Random(name)
        self.playing = True

    async def opened(self, ws: WebSocket) -> None:
        await self.post(type="play", name=self.name, token=self.token)

    async def take(self, message: str | bytes) -> None:
        told = json.loads(message)
        if told["type"] == "playing":
            self.you = told["you"]
        elif told["type"] == "world":
            for who, x, y, score, *_ in told["figures"]:
                assert score >= self.best.get(who, 0)
                self.best[who] = score
                if who == self.you and self.playing:
                    await self.step(x, y, told["coins"])

    async def step(self, x: int, y: int, coins: list[list[int]]) -> None:
        to = min(coins, key=lambda coin: (coin[0] - x) ** 2 + (coin[1] - y) ** 2)
        if self.dice.random() < 0.3:  # or two would be in each other's way for ever
            to = self.dice.choice(coins)
        self.number += 1
        way = [(there > here) - (there < here) for there, here in zip(to, (x, y), strict=True)]
        await self.post(type="move", number=self.number, x=way[0], y=way[1])


class Collecting:
    """Four who collect coins: no score that anybody saw goes down, and in the end all see the same ones."""

    def __init__(self, c: Cluster) -> None:
        self.lives = [Bot(c, name) for name in ("ada", "bob", "cy", "dee")]

    async def speak(self) -> None:
        """They play by themselves."""

    async def arrived(self) -> bool:
        if sum(self.lives[0].best.values()) < 6:
            return False
        for bot in self.lives:
            bot.playing = False
        return all(bot.best == self.lives[0].best for bot in self.lives)

    def compare(self) -> None:
        scores = self.lives[0].best
        assert scores.keys() == {bot.you for bot in self.lives}


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
