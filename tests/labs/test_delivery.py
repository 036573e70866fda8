"""What an app promises to deliver arrives, once and in order, whatever is killed, cut or paused meanwhile.

Each app runs on a cluster: three nodes, Caddy in front of them and NATS behind. While a known stream flows, a
node and the broker are killed and started again, connections are cut all the time, and readers stop reading.
In the end what every client got is compared with what was sent.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
from collections.abc import Iterator, Sequence
from typing import Protocol

import pytest

from tests.labs.gaming import Collecting
from tests.labs.living import Live, flowing
from tests.labs.playing import QUICK, SEED, Season
from tests.labs.test_notifications import Device
from tests.labs.ticking import Pricing
from tests.labs.writing import Scribbling
from tests.net.on_loop import on_loop, until
from wslearn.labs.backplane import KEEP
from wslearn.labs.cluster import Cluster, cluster
from wslearn.labs.cluster.nodes import Node
from wslearn.net import WebSocket

# A node whose season is the one of these tests, and goes by quickly.
NODE = f"""
import time
from wslearn.labs.apps import matches
from wslearn.labs.node import node
matches.Matches.__init__.__defaults__ = ({SEED!r}, lambda: {QUICK} * time.time())
node.main()
"""


@pytest.fixture(scope="module")
def c() -> Iterator[Cluster]:
    def launch(node: Node) -> None:
        own = ["--port", str(node.port), "--name", node.name, *node._more, *node.apps]
        node._program = node._programs.start(node.name, [sys.executable, "-c", NODE, *own])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Node, "_launch", launch)
        with cluster(app=list(STREAMS)) as running:
            yield running


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
    def __init__(self, c: Cluster, name: str, room: str = "lobby") -> None:
        super().__init__(c.url_of("/chat"))
        self.name, self.room = name, room
        self.last, self.seen, self.repeated = 0, "", 0
        self.gaps: list[tuple[int, int]] = []
        self.outbox: dict[str, dict[str, str]] = {}
        self.heard: list[str] = []

    async def opened(self, ws: WebSocket) -> None:
        await self.post(type="join", room=self.room, name=self.name, last=self.last, seen=self.seen)
        for message in list(self.outbox.values()):
            await self.post(**message)

    async def say(self, message_id: str, text: str = "Hello") -> None:
        self.outbox[message_id] = {"type": "say", "id": message_id, "text": text}
        await self.post(**self.outbox[message_id])

    async def take(self, message: str | bytes) -> None:
        told = json.loads(message)
        if "number" not in told:
            if told["type"] == "gap":
                self.gaps.append((self.last, told["from"]))
                self.last, self.seen = told["from"] - 1, ""
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
            assert (member.repeated, member.gaps) == (0, [])
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


STREAMS: dict[str, type[Stream]] = {
    "chat": Chat,
    "notifications": Notifications,
    "scores": Season,
    "editor": Scribbling,
    "ticker": Pricing,
    "game": Collecting,
}


@pytest.mark.parametrize("app", STREAMS)
@on_loop
async def test_nothing_is_lost_and_nothing_comes_twice(c: Cluster, app: str) -> None:
    stream = STREAMS[app](c)
    lives = stream.lives
    try:
        async with asyncio.timeout(10):
            await until(lambda: all(live.ws for live in lives))
        await flowing(c, lives, stream.speak, seed=6455)
        async with asyncio.timeout(15):
            while not await stream.arrived():
                for live in lives:
                    live.check()
                await asyncio.sleep(0.02)
        stream.compare()
    finally:
        for live in lives:
            await live.end()
    assert sum(sum(live.codes.values()) for live in lives) > len(lives)
    assert [node.stats().errors for node in c.nodes] == [()] * 3
    assert [node.log for node in c.nodes] == [""] * 3


@on_loop
async def test_a_reader_who_stops_while_much_is_said(c: Cluster) -> None:
    """More than fits into all buffers on the way: its node waits for it, and the second time lets it go."""
    slow, *quick = members = [Member(c, f"m{number}", "much") for number in range(13)]
    before, sent = sum(node.stats().sent for node in c.nodes), list[str]()

    async def stop_reading(waiting: int) -> None:
        """Go on when so many messages wait at its node."""
        assert slow.ws is not None
        slow.ws._stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        slow.ws._stream.pause()
        due = 0
        while due - sum(node.stats().sent for node in c.nodes) + before < waiting:
            for speaker in quick * 5:
                sent.append(f"m-{len(sent)}")
                await speaker.say(sent[-1], "\N{GRINNING FACE}" * 2000)
            due = len(members) * (len(sent) + 1)
            await until(lambda: all(member.last == len(sent) for member in quick))
        slow.ws._stream.resume()
        await until(lambda: slow.last == len(sent))

    try:
        async with asyncio.timeout(25):
            await until(lambda: all(member.ws for member in members))
            await stop_reading(100)
            assert slow.heard == quick[0].heard
            await stop_reading(KEEP + 20)
    finally:
        for member in members:
            await member.end()
    ((last, begin),) = slow.gaps
    assert (slow.codes[1013], slow.repeated) == (1, 0)
    assert slow.heard == quick[0].heard[:last] + quick[0].heard[begin - 1 :]
    assert sorted(quick[0].heard) == sorted(sent)
