"""Three leagues of four teams that play on and on, faster than real time: a pure function of seed and time.

A round takes a minute: in each league two matches, two minutes of play in a second. After three rounds
everybody has met everybody, and the same fixtures come again. Whoever has the seed and a clock knows what
happens when; so no node needs to tell another.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

__all__ = ["FIXTURES", "ROUND", "TOPICS", "Match", "Moment", "next_moment"]

ROUND = 60.0  #: seconds of the clock
_LEAGUES = {
    "north": ("ravens", "foxes", "otters", "herons"),
    "south": ("badgers", "owls", "hares", "kites"),
    "coast": ("gulls", "seals", "terns", "crabs"),
}
_PAIRS = (((0, 1), (2, 3)), ((2, 0), (3, 1)), ((0, 3), (1, 2)))  # who meets whom in each round
_MINUTE = 0.5  # seconds of the clock
_PAUSE = 3.0  # seconds of the clock, between the halves
_LATER = 0.7  # seconds by which each match begins after the one before it
_PLAYED = {"kick-off": 0, "half-time": 45, "second half": 45, "full-time": 90}
_GOALS = (0, 1, 1, 2, 2, 2, 3, 3, 4, 5)
_CARDS = (0, 1, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Match:
    """A match of the fixture list."""

    league: str
    home: str
    away: str

    @property
    def name(self) -> str:
        """What it is called, such as ``ravens-foxes``."""
        return f"{self.home}-{self.away}"

    @property
    def topics(self) -> tuple[str, ...]:
        """What its events are about: this match, both teams, the league."""
        return f"match-{self.name}", f"team-{self.home}", f"team-{self.away}", f"league-{self.league}"


FIXTURES: tuple[tuple[Match, ...], ...] = tuple(
    tuple(
        Match(league, teams[home], teams[away]) for league, teams in _LEAGUES.items() for home, away in pairs
    )
    for pairs in _PAIRS
)
TOPICS = frozenset(topic for matches in FIXTURES for match in matches for topic in match.topics)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens in a match.

    Parameters
    ----------
    key
        Number of the round since 1970 and of the moment in it: the later one is greater.
    at
        When, in seconds since 1970.
    match
        In which match.
    told
        ``kind``, ``minute``, ``score`` so far, and ``team`` for a goal or a card.
    """

    key: tuple[int, int]
    at: float
    match: Match
    told: dict[str, Any]


@lru_cache(maxsize=8)
def _round(seed: str, number: int) -> tuple[Moment, ...]:
    found = [
        (number * ROUND + _LATER * place + after, match, told)
        for place, match in enumerate(FIXTURES[number % len(FIXTURES)])
        for after, told in _play(match, random.Random(f"{seed} {number} {match.name}"))  # noqa: S311 - a game
    ]
    found.sort(key=lambda each: each[0])
    return tuple(Moment((number, index), *each) for index, each in enumerate(found))


def _play(match: Match, chance: random.Random) -> list[tuple[float, dict[str, Any]]]:
    """List what happens in a match, each with the seconds since its kick-off."""
    kinds = ["goal"] * chance.choice(_GOALS) + ["card"] * chance.choice(_CARDS)
    minutes = chance.sample([*range(1, 45), *range(46, 90)], len(kinds))
    happened = [(minute, kind) for kind, minute in _PLAYED.items()] + list(zip(minutes, kinds, strict=True))
    order = list(_PLAYED)
    happened.sort(key=lambda each: (each[0], order.index(each[1]) if each[1] in order else 0))
    score = {match.home: 0, match.away: 0}
    told = []
    for minute, kind in happened:
        event: dict[str, Any] = {"kind": kind, "minute": minute}
        if kind in {"goal", "card"}:
            event["team"] = chance.choices([match.home, match.away], [55, 45])[0]
            score[event["team"]] += kind == "goal"
        event["score"] = list(score.values())
        told.append((minute * _MINUTE + (_PAUSE if minute > 45 or kind == "second half" else 0.0), event))
    return told


def next_moment(seed: str, after: tuple[int, int], now: float) -> Moment | None:
    """Give what happens next in all matches, if it has happened by now.

    Parameters
    ----------
    seed
        Another one, other results.
    after
        The key of the last moment that is known. Whatever is older than three rounds is passed over: since
        then every match has begun anew.
    now
        Seconds since 1970.

    Examples
    --------
    >>> first = next_moment("demo", (0, 0), now=6000.0)
    >>> first.key, first.at, first.match.name, first.told["kind"]
    ((98, 0), 5880.0, 'ravens-herons', 'kick-off')
    >>> next_moment("demo", first.key, now=5880.0) is None
    True
    """
    current = int(now // ROUND)
    for number in range(max(after[0], current - len(FIXTURES) + 1), current + 1):
        for moment in _round(seed, number):
            if moment.key > after:
                return moment if moment.at <= now else None
    return None
