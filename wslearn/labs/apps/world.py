"""The world of the game: figures in an arena, who collect coins. One call is one tick; there is no clock.

A world is a value: the same world and the same moves give the same next one, on every node, and in a
test. All is counted in whole numbers, so that a page that guesses its own next place in JavaScript comes to
the very same.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["HEIGHT", "MOST_HERE", "RATE", "WIDTH", "Figure", "Move", "World", "greet", "step"]

RATE = 20  # ticks a second
WIDTH, HEIGHT = 640, 400
RADIUS = 14  # of a figure
REACH = 22  # of a figure, for a coin
STRAIGHT, SLANTING = 6, 4  # how far a step goes in each direction: 6, or 4 and 4, which is about as far
MOST_SAVED = 4  # steps that one who stood still, or whose messages were late, may catch up with in a tick
COINS = 6
AWAY_AFTER = 2 * RATE  # ticks since a node last said that somebody is there
SHOWN = 30 * RATE
MOST_HERE = 16
MOST_KEPT = 100  # figures, with those who are away


class Move(NamedTuple):
    """A step that somebody wants to make: the numbers of one figure's moves count up."""

    number: int
    x: int  # -1, 0 or 1
    y: int


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody in the arena."""

    name: str
    x: int
    y: int
    heard: int  # the tick in which a node last said that they are there
    score: int = 0
    seen: int = 0  # the number of the last move that was decided about
    saved: int = 0  # steps


@dataclass(frozen=True, slots=True)
class World:
    """All there is.

    Parameters
    ----------
    tick
        Its number.
    seed
        Where coins will lie; 64 bits that no page may know.
    figures
        By their ids, also those who are away.
    coins
        Where they are.
    laid
        How many coins and figures were laid out so far.
    """

    tick: int = 0
    seed: int = 0
    figures: Mapping[str, Figure] = field(default_factory=dict)
    coins: Sequence[tuple[int, int]] = ()
    laid: int = 0

    @property
    def here(self) -> dict[str, Figure]:
        """The figures that are not away, in an order that has nothing to do with who they are."""
        here = [who for who, figure in self.figures.items() if self.tick - figure.heard <= AWAY_AFTER]
        turn = self.tick % len(here) if here else 0
        return {who: self.figures[who] for who in here[turn:] + here[:turn]}

    @property
    def shown(self) -> dict[str, Figure]:
        """The figures that pages show: those who are here, or were half a minute ago."""
        return {who: each for who, each in self.figures.items() if self.tick - each.heard < SHOWN}

    def names(self) -> str:
        """Write the names of the figures as a page gets them."""
        return json.dumps({"type": "names", "names": {who: each.name for who, each in self.shown.items()}})

    def view(self, node: str) -> str:
        """Write what changes as a page gets it, with the name of the node that ticks."""
        here = self.here
        figures = [(who, f.x, f.y, f.score, f.seen, int(who in here)) for who, f in self.shown.items()]
        view = {"type": "world", "tick": self.tick, "node": node, "figures": figures, "coins": self.coins}
        return json.dumps(view, separators=(",", ":"))

    def dumps(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> World:
        """Read it from JSON.

        Examples
        --------
        >>> world = greet(World(seed=7), {"a1": "Ada"})
        >>> World.loads(world.dumps()) == world
        True
        """
        told = json.loads(text)
        told["figures"] = {who: Figure(**figure) for who, figure in told["figures"].items()}
        told["coins"] = tuple(map(tuple, told["coins"]))
        return cls(**told)


def greet(world: World, names: Mapping[str, str]) -> World:
    """Say who is there: whoever is new gets a place, as long as there is one.

    Examples
    --------
    >>> greet(World(), {"a1": "Ada"}).figures["a1"].score
    0
    """
    figures, laid, here = dict(world.figures), world.laid, set(world.here)
    for who, name in names.items():
        if who not in here and len(here) >= MOST_HERE:
            continue
        here.add(who)
        if who in figures:
            figures[who] = replace(figures[who], name=name, heard=world.tick)
        else:
            laid += 1
            figures[who] = Figure(name, *_place(world.seed, laid), world.tick)
    for who in sorted(figures, key=lambda who: figures[who].heard)[:-MOST_KEPT]:
        del figures[who]
    return replace(world, figures=figures, laid=laid)


def step(world: World, moves: Mapping[str, Sequence[Move]]) -> World:
    """Let one tick pass.

    Everybody may make one step in a tick; steps that were not made are saved, up to four, for those whose
    messages come in bursts. Who is in the way is in the way. A coin goes to the nearest who can reach it.

    Parameters
    ----------
    world
        As it is.
    moves
        By figure: the moves that wait, in order. Those that were decided about already do nothing. Those
        that are still to be decided about have a larger number than `Figure.seen` afterwards.

    Examples
    --------
    >>> world = greet(World(), {"a1": "Ada"})
    >>> after = step(world, {"a1": [Move(1, 1, 0), Move(2, 1, 0)]}).figures["a1"]
    >>> after.x - world.figures["a1"].x, after.seen
    (6, 1)
    """
    figures = dict(world.figures)
    here = world.here
    for who in here:
        figures[who] = replace(figures[who], saved=min(figures[who].saved + 1, MOST_SAVED))
    waiting = [[(who, move) for move in moves.get(who, ()) if move.number > here[who].seen] for who in here]
    for turn in zip_longest(*waiting):
        for who, move in filter(None, turn):
            if figures[who].saved > 0:
                others = [figures[other] for other in here if other != who]
                figures[who] = _moved(figures[who], move, others)
    coins, laid = list(world.coins), world.laid
    for at, coin in enumerate(coins):
        reach = [(_far(figures[who], *coin), figures[who].score, who) for who in here]
        if reach and min(reach)[0] <= REACH**2:
            who = min(reach)[2]
            figures[who] = replace(figures[who], score=figures[who].score + 1)
            laid += 1
            coins[at] = _place(world.seed, laid)
    while len(coins) < COINS:
        laid += 1
        coins.append(_place(world.seed, laid))
    return replace(world, tick=world.tick + 1, figures=figures, coins=tuple(coins), laid=laid)


def _moved(figure: Figure, move: Move, others: Sequence[Figure]) -> Figure:
    length = SLANTING if move.x and move.y else STRAIGHT
    x = min(max(figure.x + move.x * length, RADIUS), WIDTH - RADIUS)
    y = min(max(figure.y + move.y * length, RADIUS), HEIGHT - RADIUS)
    decided = replace(figure, seen=move.number, saved=figure.saved - 1)
    for other in others:
        if _far(other, x, y) < min((2 * RADIUS) ** 2, _far(other, figure.x, figure.y)):
            return decided
    return replace(decided, x=x, y=y)


def _far(figure: Figure, x: int, y: int) -> int:
    """Give the distance, squared."""
    return (figure.x - x) ** 2 + (figure.y - y) ** 2


def _place(seed: int, number: int) -> tuple[int, int]:
    """Give a place: they fill the arena evenly (Roberts' R2 sequence, from a secret beginning)."""
    across = (seed + number * 3242174889) % 2**32 * (WIDTH - 2 * RADIUS) >> 32
    down = ((seed >> 32) + number * 2447445414) % 2**32 * (HEIGHT - 2 * RADIUS) >> 32
    return RADIUS + across, RADIUS + down
