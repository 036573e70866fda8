"""The season on paper, a clock that is put forward by hand, and pages that take what comes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from tests.labs.living import Live
from tests.labs.shared import hear, post
from wslearn.labs.apps.matches import Matches
from wslearn.labs.apps.scores import Scores
from wslearn.labs.apps.season import ROUND, Moment, next_moment
from wslearn.labs.backplane import Backplane
from wslearn.labs.cluster import Cluster
from wslearn.net import Server, WebSocket, connect

SEED = "any"
BEGIN = 300 * ROUND
QUICK = 20  # times as fast as the clock goes the season of those who are in a hurry


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead
        self.now = BEGIN

    def __call__(self) -> float:
        return self.now + self.ahead


def on(clock: Callable[[], float]) -> Callable[[Backplane], Scores]:
    return lambda plane: Scores(plane, seed=SEED, clock=clock)


def published(topics: Iterable[str], begin: float, end: float) -> list[Moment]:
    """List what happens about any of some topics, after one moment and up to another."""
    key, found, wanted = (0, 0), [], {*topics}
    now = begin
    while now < end:  # next_moment passes over what is older than three rounds
        now = min(now + ROUND, end)
        while (moment := next_moment(SEED, key, now)) is not None:
            key = moment.key
            if moment.at > begin and wanted & {*moment.match.topics}:
                found.append(moment)
    return found


def ids(moments: Iterable[Moment]) -> list[str]:
    return ["{}-{}".format(*moment.key) for moment in moments]


class Page:
    """What a page does: it knows the last number of each topic, and takes each event once."""

    def __init__(self, *topics: str) -> None:
        self.topics: dict[str, Any] = dict.fromkeys(topics)
        self.events: list[dict[str, Any]] = []
        self.matches: dict[str, dict[str, Any]] = {}
        self.gaps: list[str] = []
        self.log = ""

    async def connect(self, server: Server) -> Page:
        self.ws = await connect(server.url, deflate=None)
        await post(self.ws, type="follow", log=self.log, topics=self.topics)
        told = await hear(self.ws)
        assert told["type"] == "fixtures"
        self.log, self.most = told["log"], told["most"]
        assert len(told["matches"]) == 18
        return self

    async def states(self, count: int) -> Page:
        for _ in range(count):
            await self.take()
        return self

    async def take(self) -> dict[str, Any]:
        told: dict[str, Any] = await hear(self.ws)
        if told["type"] == "state":
            self.topics[told["topic"]] = told["last"]
            self.matches |= {match["match"]: match for match in told["matches"]}
            self.gaps += [told["topic"]] * told["gap"]
        elif told["type"] == "change":
            for topic, number in told["topics"].items():
                assert number == self.topics[topic] + 1, f"{topic} {number} after {self.topics[topic]}"
                self.topics[topic] = number
            event = told["event"]
            self.events.append(event)
            self.matches[event["match"]] = {**self.matches.get(event["match"], {}), **event}
        return told

    async def until(self, count: int) -> list[str]:
        """Take what comes until there are so many events; give the ids of all."""
        while len(self.events) < count:
            await self.take()
        return [event["id"] for event in self.events]


def matches_of(server: Server) -> Matches:
    app = server._apps["/scores"].run
    assert isinstance(app, Scores)
    return app._matches


class Fan(Live):
    """A page that comes back."""

    def __init__(self, c: Cluster, *topics: str) -> None:
        super().__init__(c.url_of("/scores"))
        self.topics: dict[str, int | None] = dict.fromkeys(topics)
        self.log = ""
        self.gaps = 0
        self.events: list[str] = []

    async def opened(self, ws: WebSocket) -> None:
        await self.post(type="follow", log=self.log, topics=self.topics)

    async def take(self, message: str | bytes) -> None:
        told = json.loads(message)
        if told["type"] == "fixtures":
            self.log = told["log"]
        elif told["type"] == "state":
            self.topics[told["topic"]] = told["last"]
            self.gaps += told["gap"]
        else:
            for topic, number in told["topics"].items():
                assert number == (self.topics[topic] or 0) + 1, (
                    f"{topic}: {number} after {self.topics[topic]}"
                )
                self.topics[topic] = number
            self.events.append(told["event"]["id"])


class Season:
    """Two kinds of fans, two of each: what they get is what the season has, from when they came."""

    def __init__(self, c: Cluster) -> None:
        self.all = [("league-north", "team-owls"), ("league-coast", "league-south")]
        self.lives = [Fan(c, *topics) for topics in self.all for _ in range(2)]
        self.begun = QUICK * time.time() - 2 * ROUND

    async def speak(self) -> None:
        self.until = QUICK * time.time()

    async def arrived(self) -> bool:
        return all(self.published(fan)[-1] in fan.events for fan in self.lives)

    def published(self, fan: Fan) -> list[str]:
        return ids(published(fan.topics, self.begun, self.until))

    def compare(self) -> None:
        for fan in self.lives:
            assert fan.gaps == 0
            wanted = self.published(fan)
            begin = wanted.index(fan.events[0])
            assert fan.events[: len(wanted) - begin] == wanted[begin:]
            assert len(fan.events) > 10
