"""Readers who want every price, and the walk that the prices take."""

from __future__ import annotations

import json

from tests.labs.living import Live
from wslearn.labs.apps.prices import OPENING, SYMBOLS, step
from wslearn.labs.cluster import Cluster
from wslearn.net import WebSocket


class Reader(Live):
    """One who wants every price, in order; each connection begins anew."""

    def __init__(self, c: Cluster) -> None:
        super().__init__(c.url_of("/ticker"))
        self.runs: list[list[tuple[str, float]]] = []

    async def opened(self, ws: WebSocket) -> None:
        self.runs.append([])
        await self.post(type="join", mode="every")

    async def take(self, message: str | bytes) -> None:
        self.runs[-1] += [(symbol, price) for symbol, price, _ in json.loads(message)["values"]]
        await self.post(type="ready")


class Pricing:
    """Readers of every price: each connection has a piece of the walk, with nothing left out."""

    def __init__(self, c: Cluster) -> None:
        self.lives = [Reader(c) for _ in range(4)]

    async def speak(self) -> None:
        """Whoever ticks does."""

    async def arrived(self) -> bool:
        return all(len(reader.runs[-1]) > 30 for reader in self.lives)

    def compare(self) -> None:
        walk, begins = walked(1000)
        for reader in self.lives:
            for run in filter(None, reader.runs):
                begin = begins[tuple(run[: len(SYMBOLS)])]  # it begins with the board as it was
                assert run[len(SYMBOLS) :] == walk[begin : begin + len(run) - len(SYMBOLS)]


def walked(ticks: int) -> tuple[list[tuple[str, float]], dict[tuple[tuple[str, float], ...], int]]:
    """Give all changes of prices from the opening on; and for each board, how many there were up to it."""
    walk: list[tuple[str, float]] = []
    begins = {}
    prices = OPENING
    for tick in range(1, ticks + 1):
        before, prices = prices, step(prices, tick, seed=1)
        walk += [(symbol, price) for symbol, price in prices.items() if price != before[symbol]]
        begins[tuple(prices.items())] = len(walk)
    return walk, begins
