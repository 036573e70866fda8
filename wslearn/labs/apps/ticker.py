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
two. Nobody is elected, and when a node dies another one goes on; a node that missed a tick works it out.
Without readers the market stands still.

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
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from wslearn.labs.apps.page import LIMITS, Refused, page, read, refuse
from wslearn.labs.apps.prices import OPENING, SYMBOLS, step
from wslearn.labs.backplane import Backplane, Local, Unreachable
from wslearn.labs.conflation import Every, Latest, Paced, Value
from wslearn.labs.once import Once

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["Ticker", "ticker"]

_SHAPES: dict[str, dict[str, type]] = {"join": {"mode": str}, "ready": {}}
_MODES: dict[str, type[Latest | Every]] = {"latest": Latest, "every": Every}
_LISTEN = 5  # intervals in which a new node hears where the others are


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
        self._hear = Once(lambda: backplane.hear("ticker", self._on_tick))
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
        await self._hear()
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
                self._take(heard + 1, prices := self._next())
                with suppress(Unreachable):  # then here time goes on alone
                    await self._backplane.tell("ticker", json.dumps({"tick": heard + 1, "prices": prices}))

    def _next(self) -> dict[str, float]:
        prices = {symbol: price for symbol, price, _ in self._board.values()} or OPENING
        return step(prices, self._tick + 1, self._seed)

    def _on_tick(self, word: str) -> None:
        told = json.loads(word)
        while self._readers and 0 < self._tick < told["tick"] - 1:  # words were lost
            self._take(self._tick + 1, self._next())
        if told["tick"] > self._tick:  # else it was said twice, or comes too late
            self._take(told["tick"], told["prices"])

    def _take(self, tick: int, prices: dict[str, float]) -> None:
        self._tick, now = tick, monotonic()
        for symbol, price in prices.items():
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
