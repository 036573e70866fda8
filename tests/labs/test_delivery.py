"""What an app promises to deliver arrives, once and in order, whatever is killed, cut or paused meanwhile.

Each app runs on a cluster: three nodes, Caddy in front of them and NATS behind. While a known stream flows, a
node and the broker are killed and started again, connections are cut all the time, and readers stop reading.
In the end what every client got is compared with what was sent.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Protocol

import pytest

from tests.labs.living import Live, flowing
from tests.labs.playing import SEED, ids, published
from tests.labs.test_notifications import Device
from tests.labs.writing import Client
from tests.net.on_loop import on_loop, until
from wslearn import ConnectionClosed
from wslearn.labs.apps.ysync import Step, sync
from wslearn.labs.cluster import Cluster, cluster
from wslearn.labs.nodes import Node
from wslearn.labs.prices import OPENING, SYMBOLS, step
from wslearn.labs.season import ROUND
from wslearn.net import WebSocket

QUICK = 20  # times as fast as the clock goes the season's

# A node whose season is the one of these tests, and goes by quickly.
NODE = f"""
import time
from wslearn.labs import node, matches
matches.Matches.__init__.__defaults__ = ({SEED!r}, lambda: {QUICK} * time.time())
node.main()
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    def launch(node: Node) -> None:
        own = ["--port", str(node.port), "--name", node.name, *node._more, *node.apps]
        node._program = node._programs.start(node.name, [sys.executable, "-c", NODE, *own])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Node, "_launch", launch)
        with cluster(app=list(STREAMS)) as c:
            yield c


class Stream(Protocol):
    """A stream of one app: who takes part, what is said, and what has to come of it."""

    def __init__(self, c: Cluster) -> None: ...

    @property
    def lives(self) -> Sequence[Live]:
        """Who takes part."""

    async def speak(self) -> None:
        """Say something more."""

    async def arrived(self) -> bool:
        """Do what is left to be done, and tell whether all is there; if not, it may still come."""

    def compare(self) -> None:
        """Compare what every client got with what was sent."""


# ---------------------------------------------------------------------------------------- chat


class Member(Live):
    def __init__(self, c: Cluster, name: str) -> None:
        super().__init__(c.url_of("/chat"))
        self.name = name
        self.last, self.seen, self.repeated, self.gaps = 0, "", 0, 0
        self.outbox: dict[str, dict[str, str]] = {}
        self.heard: list[str] = []

    async def opened(self, ws: WebSocket) -> None:
        await self.post(type="join", room="lobby", name=self.name, last=self.last, seen=self.seen)
        for message in list(self.outbox.values()):
            await self.post(**message)

    async def say(self, message_id: str) -> None:
        self.outbox[message_id] = {"type": "say", "id": message_id, "text": f"I say {message_id}"}
        await self.post(**self.outbox[message_id])

    async def take(self, message: str | bytes) -> None:
        told = json.loads(message)
        if "number" not in told:
            self.gaps += told["type"] == "gap"
            return
        number, event = told["number"], told["event"]
        if number <= self.last:
            self.repeated += 1
            return
        assert number == self.last + 1
        self.last, self.seen = number, event["id"]
        self.outbox.pop(event["id"], None)
        self.heard.append(event["id"])


class Chat:
    def __init__(self, c: Cluster) -> None:
        self.lives = [Member(c, name) for name in ("ada", "bob", "cy", "dee")]
        self.sent: list[str] = []

    async def speak(self) -> None:
        speaker = self.lives[len(self.sent) % 3]
        self.sent.append(f"{speaker.name}-{len(self.sent)}")
        await speaker.say(self.sent[-1])

    async def arrived(self) -> bool:
        return all(member.last >= len(self.sent) and not member.outbox for member in self.lives)

    def compare(self) -> None:
        for member in self.lives:
            assert sorted(member.heard) == sorted(self.sent)
            assert member.heard == self.lives[0].heard
            assert (member.repeated, member.gaps) == (0, 0)
        for speaker in self.lives[:3]:
            own = [message for message in self.sent if message.startswith(speaker.name)]
            assert [message for message in speaker.heard if message.startswith(speaker.name)] == own


# ---------------------------------------------------------------------------------------- notifications


class Owner(Live):
    """A device of a person."""

    def __init__(self, c: Cluster, person: str) -> None:
        super().__init__(c.url_of("/notifications"))
        self.device = Device(person)
        self.sent: dict[str, dict[str, str]] = {}

    async def notify(self, to: str, note_id: str) -> None:
        self.sent[note_id] = {"type": "notify", "id": note_id, "to": to, "text": note_id}
        await self.device.send(**self.sent[note_id])

    async def acknowledge(self) -> None:
        """Acknowledge the oldest two that are shown, unless that is said already."""
        waiting = [note_id for note_id in self.device.shown if f"ack {note_id}" not in self.device.outbox]
        for note_id in waiting[:2]:
            await self.device.ack(note_id)

    async def opened(self, ws: WebSocket) -> None:
        self.device.ws = ws
        await self.post(type="join", person=self.device.person, last=self.device.last)
        for message in list(self.device.outbox.values()):
            await self.post(**message)

    async def take(self, message: str | bytes) -> None:
        told = json.loads(message)
        self.device._take(told)
        if told["type"] == "joined":  # sent again, a note is taken once, and the answer is how far it has got
            for note_id in list(self.sent)[-20:]:
                if note_id not in self.device.arrived:
                    await self.device.post(**self.sent[note_id])


class Notifications:
    def __init__(self, c: Cluster) -> None:
        self.lives = [Owner(c, person) for person in ("ada", "ada", "bob")]
        *self.adas, self.bob = self.lives
        self.dice = random.Random(5)

    async def speak(self) -> None:
        if len(self.bob.sent) - len(self.bob.device.arrived) < 40:
            await self.bob.notify("ada", f"b-{len(self.bob.sent)}")
        await self.dice.choice(self.adas).acknowledge()

    async def arrived(self) -> bool:
        for ada in self.adas:
            await ada.acknowledge()
        watched = list(self.bob.sent)[-20:]
        return not any(each.device.outbox or each.device.shown for each in self.lives) and {*watched} <= {
            *self.bob.device.arrived
        }

    def compare(self) -> None:
        logs = [ada.device.log for ada in self.adas]
        assert {*logs[0], *logs[1]} == {*self.bob.sent}
        for log in logs:
            assert len(log) == len({*log})
        assert self.bob.device.refused == []


# ---------------------------------------------------------------------------------------- scores


class Fan(Live):
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


class Scores:
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


# ---------------------------------------------------------------------------------------- editor


class Scribe(Live):
    def __init__(self, c: Cluster) -> None:
        super().__init__(f"{c.url_of('/editor')}?doc=poem")
        self.client = Client()

    async def opened(self, ws: WebSocket) -> None:
        self.client.ws = ws
        await self.client.ask()

    async def take(self, message: str | bytes) -> None:
        await self.client.take(message)

    async def write(self, text: str, at: int | None) -> None:
        update = self.client.write(text, at)
        with suppress(ConnectionClosed):
            await self.client.ws.send(sync(Step.UPDATE, update))
            await self.client.ask()


class Editor:
    def __init__(self, c: Cluster) -> None:
        self.lives = [Scribe(c) for _ in range(3)]
        self.written: list[str] = []
        self.dice = random.Random(6)

    async def speak(self) -> None:
        self.written.append(f"[{len(self.written)}]")
        await self.dice.choice(self.lives).write(self.written[-1], self.dice.choice([None, 0]))

    async def arrived(self) -> bool:
        texts = {scribe.client.text for scribe in self.lives}
        return len(texts) == 1 and all(word in texts.copy().pop() for word in self.written)

    def compare(self) -> None:
        text = self.lives[0].client.text
        assert all(text.count(word) == 1 for word in self.written)
        assert len(text) == sum(map(len, self.written))


# ---------------------------------------------------------------------------------------- ticker


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


class Ticker:
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


# ---------------------------------------------------------------------------------------- game


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


class Game:
    def __init__(self, c: Cluster) -> None:
        self.lives = [Bot(c, name) for name in ("ada", "bob", "cy", "dee")]

    async def speak(self) -> None:
        """They play by themselves."""

    async def arrived(self) -> bool:
        if sum(self.lives[0].best.values()) < 10:
            return False
        for bot in self.lives:
            bot.playing = False
        return all(bot.best == self.lives[0].best for bot in self.lives)

    def compare(self) -> None:
        scores = self.lives[0].best
        assert scores.keys() == {bot.you for bot in self.lives}


STREAMS: dict[str, type[Stream]] = {
    "chat": Chat,
    "notifications": Notifications,
    "scores": Scores,
    "editor": Editor,
    "ticker": Ticker,
    "game": Game,
}


@pytest.mark.parametrize("app", STREAMS)
@on_loop
async def test_nothing_is_lost_and_nothing_comes_twice(shared: Cluster, app: str) -> None:
    stream = STREAMS[app](shared)
    lives = stream.lives
    try:
        await until(lambda: all(live.ws for live in lives))
        await flowing(shared, lives, stream.speak, seed=1)
        async with asyncio.timeout(20):
            while not await stream.arrived():
                for live in lives:
                    live.check()
                await asyncio.sleep(0.02)
        stream.compare()
    finally:
        for live in lives:
            await live.end()
    assert [node.stats().errors for node in shared.nodes] == [()] * 3
    assert [node.log for node in shared.nodes] == [""] * 3
