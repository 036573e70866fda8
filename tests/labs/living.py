"""Clients that come back, as ``live.js`` lets pages do; and what is done to them and to their cluster."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from wslearn import ConnectionClosed, HandshakeError, backoff
from wslearn.labs.cluster import Cluster
from wslearn.net import Limits, WebSocket, connect

_LIMITS = Limits(open_timeout=5, close_timeout=0.2)


class Live:
    """A client that comes back, until `end`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.ws: WebSocket | None = None  # while it is connected
        self.codes: Counter[int | None] = Counter()  # how its connections ended
        self._living = asyncio.create_task(self._live())

    async def opened(self, ws: WebSocket) -> None:
        """Say where it was, and again what nobody has confirmed."""
        raise NotImplementedError

    async def take(self, message: str | bytes) -> None:
        """Deal with what came."""
        raise NotImplementedError

    async def post(self, **message: Any) -> None:
        """Send now or never."""
        if self.ws is not None:
            with suppress(ConnectionClosed):
                await self.ws.send(json.dumps(message, ensure_ascii=False))

    async def _live(self) -> None:
        failed = 0
        while True:
            with suppress(OSError, HandshakeError):
                ws = self.ws = await connect(self._url, limits=_LIMITS)
                with suppress(ConnectionClosed):
                    await self.opened(ws)
                    async for message in ws:
                        failed = 0
                        await self.take(message)
                self.ws = None
                self.codes[ws.close_code] += 1
            await asyncio.sleep(backoff(failed, 0.1, 0.5))
            failed += 1

    def cut(self) -> None:
        """Drop the connection, as a tunnel or a lift does."""
        if self.ws is not None:
            self.ws.abort()

    async def pause(self, seconds: float) -> None:
        """Read nothing for so long."""
        ws = self.ws
        if ws is not None:
            ws._stream.pause()
        await asyncio.sleep(seconds)
        if ws is not None:
            ws._stream.resume()

    def check(self) -> None:
        """Raise what went wrong here."""
        if self._living.done():
            self._living.result()

    async def end(self) -> None:
        """Come back no more."""
        while not self._living.done():
            self._living.cancel()
            self.cut()
            await asyncio.wait([self._living], timeout=0.2)


class Part(Protocol):
    """A node or the broker."""

    def kill(self) -> None: ...
    def start(self) -> None: ...


async def killed(part: Part, after: float, away: float) -> None:
    """Kill it, and start it again; what waits for that waits in a thread."""
    await asyncio.sleep(after)
    await asyncio.to_thread(part.kill)
    await asyncio.sleep(away)
    await asyncio.to_thread(part.start)


async def harm(c: Cluster, lives: Sequence[Live], dice: random.Random) -> None:
    """Kill two nodes and the broker, and start them again; cut connections and stop reading all the while."""
    assert c.broker is not None
    first, second = dice.sample(c.nodes, 2)
    killing = asyncio.gather(killed(first, 0.2, 0.3), killed(c.broker, 1.0, 0.6), killed(second, 1.3, 0.3))
    while not killing.done():
        dice.choice(lives).cut()
        await dice.choice(lives).pause(0.2)
    await killing


async def flowing(c: Cluster, lives: Sequence[Live], speak: Callable[[], Awaitable[None]], seed: int) -> None:
    """Let something be said again and again before harm is done, meanwhile, and a moment longer."""
    over = asyncio.Event()

    async def speaking() -> None:
        while not over.is_set():
            await speak()
            await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as group:
        group.create_task(speaking())
        await asyncio.sleep(0.6)
        await harm(c, lives, random.Random(seed))
        await asyncio.sleep(0.2)
        over.set()
