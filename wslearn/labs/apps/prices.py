"""Prices that walk at random: those of a tick follow from those before, its number and a seed."""

from __future__ import annotations

from random import Random

__all__ = ["OPENING", "SYMBOLS", "step"]

SYMBOLS = ("BOLT", "CLAY", "FERN", "GULL", "MOSS", "REED")
OPENING = dict.fromkeys(SYMBOLS, 100.0)  #: before the first tick


def step(prices: dict[str, float], tick: int, seed: int) -> dict[str, float]:
    """Let about half of the prices go up or down, by some tenths of a percent.

    Examples
    --------
    >>> step(OPENING, 1, seed=1) == step(OPENING, 1, seed=1) != step(OPENING, 2, seed=1)
    True
    """
    random = Random(f"{seed} {tick}")  # noqa: S311 - no secret
    moves = {symbol: random.choice((0, random.gauss(0, 0.003))) for symbol in prices}
    return {symbol: round(min(max(prices[symbol] * (1 + moves[symbol]), 1), 9999), 2) for symbol in prices}
