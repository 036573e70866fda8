"""Ticker: a slow reader gets newer prices, not more of them.

The pattern is *conflation for slow consumers*. What a reader has not taken yet waits. In the mode "latest" it
waits in one place for each symbol, where a newer price takes the place of the older. In the mode "every" it
waits in a queue: a slow reader's prices get older and older, until that is full and 1013 ends it.

The pace has to come from the reader. A page cannot leave its socket unread: the browser reads for it, and
megabytes of old prices fit into the buffers on the way. So a page says "ready" when it has dealt with a
message, and gets one more: a *credit*. Who says so and yet leaves the bytes in the network is held up by
``await ws.send``, which waits while the network takes no more.

Which of several nodes ticks? Whoever has heard no tick for an interval says the next one to all. The prices
of a tick follow from those before, its number and the seed: it does not matter who it was, nor if it was
two. Nobody is elected, and when a node dies another one goes on. Without readers the market stands still.

Promised: in "latest", the newest price of each symbol; in "every", all since joining, in order, or 1013.

::

    page → {"type": "join", "mode": "latest"}            or "every"; worth a credit, too
    ← {"type": "values", "values": [["BOLT", 101.25, 0.031]],      symbol, price, its age in seconds
       "made": 20, "conflated": 13, "waiting": 0, "room": null}    since joining; now
    page → {"type": "ready"}
"""

from __future__ import annotations

import asyncio
import json
from random import Random
from time import monotonic
from typing import TYPE_CHECKING

from wslearn.labs.apps.page import LIMITS, Refused, page, read, refuse
from wslearn.labs.backplane import Backplane, Local
from wslearn.labs.conflation import Every, Latest, Paced, Value

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["SYMBOLS", "Ticker", "ticker"]

SYMBOLS = ("BOLT", "CLAY", "FERN", "GULL", "MOSS", "REED")
_OPENING = dict.fromkeys(SYMBOLS, 100.0)
_SHAPES: dict[str, dict[str, type]] = {"join": {"mode": str}, "ready": {}}
_MODES: dict[str, type[Latest | Every]] = {"latest": Latest, "every": Every}
_LISTEN = 5  # intervals in which a new node hears where the others are


def _step(prices: dict[str, float], tick: int, seed: int) -> dict[str, float]:
    """Let about half of the prices walk at random, by some tenths of a percent."""
    random = Random(f"{seed} {tick}")  # noqa: S311 - no secret
    moves = {symbol: random.choice((0, random.gauss(0, 0.003))) for symbol in prices}
    return {symbol: round(min(max(prices[symbol] * (1 + moves[symbol]), 1), 9999), 2) for symbol in prices}


class Ticker:
    """The market as one node sees it; see `ticker`."""

    __name__ = "ticker"  # its path
    pages = page("ticker")
    limits = LIMITS

    def __init__(self, backplane: Backplane, rate: float, seed: int) -> None:
        self._backplane, self._interval, self._seed = backplane, 1 / rate, seed
        self._tick = 0
        self._board: dict[str, Value] = {}  # symbol, price, and when it was new on this node's clock
        self._readers: dict[WebSocket, Paced] = {}
        self._hearing: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None

    async def aclose(self) -> None:
        """End the market, and let go of the backplane."""
        if self._running is not None:
            self._running.cancel()
        await self._backplane.close()

    async def __call__(self, ws: WebSocket) -> None:
        """Serve one reader."""
        reader = None
        try:
            async for message in ws:
                try:
                    told = read(message, _SHAPES)
                    if (told["type"] == "join") != (reader is None):
                        raise Refused('The first message is "join", and no other one is.')
                    if reader is None:
                        reader = await self._join(ws, told["mode"])
                    reader.ready()
                except Refused as why:
                    await refuse(ws, why)
        finally:
            self._readers.pop(ws, None)
            if reader is not None:
                reader.leave()

    async def _join(self, ws: WebSocket, mode: str) -> Paced:
        if mode not in _MODES:
            raise Refused('"mode" is "latest" or "every".')
        if self._hearing is None:
            self._hearing = asyncio.create_task(self._backplane.hear("ticker", self._on_tick))
        await asyncio.shield(self._hearing)
        reader = self._readers[ws] = Paced(ws, _MODES[mode](), len(SYMBOLS))
        for value in self._board.values():
            reader.put(value)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name="ticker")
        return reader

    async def _run(self) -> None:
        """Say the next tick whenever nobody else has for an interval."""
        while self._readers:
            heard = self._tick
            await asyncio.sleep(self._interval * (1 if heard else _LISTEN))
            if self._tick == heard:
                prices = {symbol: price for symbol, price, _ in self._board.values()} or _OPENING
                word = json.dumps({"tick": heard + 1, "prices": _step(prices, heard + 1, self._seed)})
                self._on_tick(word)  # whether or not the others can be told
                await self._backplane.tell("ticker", word)

    def _on_tick(self, word: str) -> None:
        told, now = json.loads(word), monotonic()
        if told["tick"] <= self._tick:  # said twice, or too late
            return
        self._tick = told["tick"]
        for symbol, price in told["prices"].items():
            if symbol not in self._board or self._board[symbol][1] != price:
                self._board[symbol] = value = (symbol, price, now)
                for ws in [ws for ws, reader in self._readers.items() if not reader.put(value)]:
                    del self._readers[ws]


def ticker(backplane: Backplane | None = None, rate: float = 20.0, seed: int = 1) -> Ticker:
    """Give the application, for `wslearn.net.serve`.

    Parameters
    ----------
    backplane
        What this node shares with others; nothing unless said otherwise.
    rate, seed
        Ticks in a second, and where the random walk comes from: the same on all nodes.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve(app=ticker()) as server:
    ...     server.url.endswith("/ticker")
    True
    """
    return Ticker(backplane or Local(), rate, seed)
