"""Matches that any node plays and all nodes see alike: a log, with an id for whatever happens.

Who plays them? What happens when is a pure function of seed and time, so each node could go by its own
clock alone. But no two clocks agree on what has happened by now, a client that changes nodes would see a goal
come and go, and real scores are no function: they come from outside, once. So a node puts what is due into
the log that all share, under an id made of round and place. Whoever is first puts it there; the log takes
an id once. And a node makes an event only when it has read the one before it. So it does not matter how
many nodes play: each would write the same log, and any one of them is enough.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wslearn.labs.apps.season import FIXTURES, TOPICS, next_moment
from wslearn.labs.backplane import KEEP, Backplane, Unreachable
from wslearn.labs.feed import Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Matches", "parsed"]

_MATCHES = [match for matches in FIXTURES for match in matches]
_TICK = 0.1  # seconds between two looks at the clock


@lru_cache(maxsize=KEEP)
def parsed(event: str) -> dict[str, Any]:
    """Read an event; once for all pages that it is for, so nobody may change it."""
    told: dict[str, Any] = json.loads(event)
    return told


class Matches:
    """What one node knows of the matches, which is what the log says.

    Parameters
    ----------
    plane
        What the nodes share.
    seed
        Decides all results: the same on all nodes.
    clock
        Gives the seconds since 1970.
    """

    def __init__(self, plane: Backplane, seed: str = "2025", clock: Callable[[], float] = time.time) -> None:
        self._plane = plane
        self._seed = seed
        self._clock = clock
        self._at = (0, 0)  # the key of the last moment
        self._kept: deque[tuple[int, dict[str, int]]] = deque(
            maxlen=KEEP
        )  # where each event is, in log and topics
        self.fixtures = [{"match": each.name, **asdict(each)} for each in _MATCHES]  #: not how they stand
        self._known = dict(zip((each.name for each in _MATCHES), self.fixtures, strict=True))
        self._playing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self.feed = Feed(plane, "scores", self._on_event)
        self.log = ""  #: the id of its first event: where another one began, its numbers mean something else
        self.numbers = dict.fromkeys(TOPICS, 0)  #: of the last event of each topic

    async def begin(self, seen: Mapping[str, int]) -> None:
        """Know what the log says, play on to this moment, and wait for what a page has seen elsewhere.

        Parameters
        ----------
        seen
            Topics, each with the number of the last event.
        """
        await self.feed.begin()
        await self._play()
        await self.feed.reach(lambda: all(self.numbers[topic] >= number for topic, number in seen.items()))

    def go_on(self) -> None:
        """Play for as long as the feed has members."""
        if self._playing is None or self._playing.done():
            self._playing = asyncio.create_task(self._play_on(), name="matches")

    async def close(self) -> None:
        """Play no more, and let go of what the nodes share."""
        if self._playing is not None:
            self._playing.cancel()
        await self._plane.close()

    def state(self, topic: str) -> dict[str, Any]:
        """Give the matches of a topic as they stand, with the number of its last event."""
        matches = [self._known[each.name] for each in _MATCHES if topic in each.topics]
        return {"topic": topic, "last": self.numbers[topic], "matches": matches, "now": self._clock()}

    def before(self, topic: str, number: int, log: str) -> int | None:
        """Say from where in the log to go on for all events of a topic after its `number` in the log `log`.

        Returns
        -------
        int or None
            The number in the log of an event before them; ``None`` when some of them are forgotten,
            or this is another log: one in the memory of a server ends with it.
        """
        places = [place for place, numbers in self._kept if numbers.get(topic, 0) > number]
        if log != self.log or len(places) != self.numbers[topic] - number:
            return None
        return places[0] - 1 if places else self.feed.last

    def _on_event(self, place: int, event: str) -> None:
        told = parsed(event)
        number, index = map(int, told["id"].split("-"))
        if (number, index) > self._at:  # else a node that was asleep says again what all know
            self._at = (number, index)
            self.log = told["log"]
            self._known[told["match"]] = {**self._known[told["match"]], **told}
            self._kept.append((place, told["numbers"]))
            self.numbers.update(told["numbers"])

    async def _play_on(self) -> None:
        while len(self.feed):
            await asyncio.sleep(_TICK)
            with suppress(Unreachable):
                await self._play()

    async def _play(self) -> None:
        """Put into the log what has happened by now, one event after the other."""
        async with self._turn:
            while moment := next_moment(self._seed, self._at, self._clock()):
                event_id = "{}-{}".format(*moment.key)
                event = {
                    "id": event_id,
                    "log": self.log or event_id,
                    "match": moment.match.name,
                    "at": moment.at,
                    **moment.told,
                    "numbers": {topic: self.numbers[topic] + 1 for topic in moment.match.topics},
                }
                place = await self.feed.append(event, event_id)
                if not await self.feed.reach(lambda: self.feed.last >= place):  # noqa: B023 - awaited here
                    return
