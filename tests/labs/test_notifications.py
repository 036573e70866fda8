"""Notifications: kept until acknowledged, shown once by id, and gone everywhere."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pytest

from tests.labs import shared
from tests.labs.shared import Shared
from tests.net.on_loop import on_loop, until
from wslearn import ConnectionClosed
from wslearn.labs.apps.notifications import notifications
from wslearn.labs.backplane import KEEP
from wslearn.labs.inbox import MOST_WAITING, Inbox
from wslearn.net import Server, WebSocket, connect

nodes = partial(shared.nodes, notifications)


class Device:
    """What a page does: it shows a note once, and holds on to what nobody has confirmed."""

    def __init__(self, person: str) -> None:
        self.person = person
        self.last = 0
        self.ids: set[str] = set()  # of all that it has ever shown
        self.shown: dict[str, str] = {}
        self.log: list[str] = []  # the texts, as they were shown
        self.joined = self.again = 0
        self.outbox: dict[str, dict[str, Any]] = {}
        self.arrived: list[str] = []
        self.refused: list[str] = []

    async def connect(self, server: Server) -> Device:
        self.ws = await connect(server.url, deflate=None)
        await self.post(type="join", person=self.person, last=self.last)
        for message in self.outbox.values():
            await self.post(**message)
        self.task = asyncio.create_task(self._listen(self.ws))
        return self

    async def post(self, **message: Any) -> None:
        with suppress(ConnectionClosed):
            await self.ws.send(json.dumps(message))

    async def send(self, **message: Any) -> None:
        self.outbox[f"{message['type']} {message['id']}"] = message
        await self.post(**message)

    async def notify(self, to: str, text: str, note_id: str) -> None:
        await self.send(type="notify", id=note_id, to=to, text=text)

    async def ack(self, note_id: str) -> None:
        await self.send(type="ack", id=note_id)

    async def cut(self) -> None:
        self.ws.abort()
        await self.task

    async def _listen(self, ws: WebSocket) -> None:
        async for message in ws:
            self._take(json.loads(message))

    def _take(self, told: dict[str, Any]) -> None:
        self.last = told.get("last", self.last)
        match told["type"]:
            case "joined":
                self.joined += 1
                for gone in self.shown.keys() - told["waiting"]:
                    self._gone(gone)
            case "note":
                self.again += told["id"] in self.ids
                if told["id"] not in self.ids:
                    self.ids.add(told["id"])
                    self.shown[told["id"]] = told["text"]
                    self.log.append(told["text"])
            case "gone":
                self._gone(told["id"])
            case "taken":
                self.outbox.pop(f"notify {told['id']}", None)
            case "arrived":
                self.arrived.append(told["id"])
            case "refused":
                self.refused.append(told["why"])
                self.outbox.pop(f"notify {told.get('id')}", None)

    def _gone(self, note_id: str) -> None:
        self.shown.pop(note_id, None)
        self.outbox.pop(f"ack {note_id}", None)


@asynccontextmanager
async def devices(server: Server, *people: str) -> AsyncIterator[list[Device]]:
    opened = [await Device(person).connect(server) for person in people]
    try:
        async with asyncio.timeout(10):
            yield opened
    finally:
        for device in opened:
            await device.cut()


class TestTargeted:
    @on_loop
    async def test_it_comes_to_all_devices_of_one_person_and_to_nobody_else(self) -> None:
        async with (
            nodes() as (server,),
            devices(server, "ada", "ada", "bob", "cy") as (phone, laptop, bob, cy),
        ):
            await bob.notify("ada", "<script>alert(1)</script>", "b-1")
            await cy.notify("bob", "for Bob", "c-1")
            await until(lambda: bool(phone.shown and laptop.shown and bob.shown))
            assert phone.log == laptop.log == ["<script>alert(1)</script>"]
            assert bob.log == ["for Bob"]
            await until(lambda: not cy.outbox)
            assert cy.log == []

    @on_loop
    async def test_what_is_acknowledged_anywhere_is_gone_everywhere_and_the_sender_hears_of_it(self) -> None:
        async with nodes() as (server,), devices(server, "ada", "ada", "bob") as (phone, laptop, bob):
            await bob.notify("ada", "one", "b-1")
            await bob.notify("ada", "two", "b-2")
            await until(lambda: len(phone.shown) == len(laptop.shown) == 2)
            assert bob.arrived == []
            await phone.ack("b-1")
            await until(lambda: list(laptop.shown) == ["b-2"] and bob.arrived == ["b-1"])
            assert phone.shown == laptop.shown
            assert phone.outbox == {}

    @on_loop
    async def test_it_waits_for_who_is_not_there(self) -> None:
        async with nodes() as (server,), devices(server, "bob") as (bob,):
            await bob.notify("ada", "later", "b-1")
            await until(lambda: not bob.outbox)
            async with devices(server, "ada") as (ada,):
                await until(lambda: ada.log == ["later"])
                await ada.ack("b-1")
                await until(lambda: bob.arrived == ["b-1"])
            async with devices(server, "ada") as (ada,):
                await bob.notify("ada", "next", "b-2")
                await until(lambda: bool(ada.log))
                assert ada.log == ["next"]


class TestAgain:
    @on_loop
    async def test_what_nobody_acknowledged_comes_again_and_is_shown_once(self) -> None:
        async with nodes() as (server,), devices(server, "ada", "bob") as (ada, bob):
            await bob.notify("ada", "one", "b-1")
            await until(lambda: ada.log == ["one"])
            await ada.cut()
            await bob.notify("ada", "two", "b-2")
            await ada.connect(server)
            await until(lambda: ada.log == ["one", "two"])
            assert ada.again == 1
            assert ada.shown == {"b-1": "one", "b-2": "two"}

    @on_loop
    async def test_what_was_acknowledged_elsewhere_meanwhile_is_gone_after_a_cut(self) -> None:
        async with nodes() as (server,), devices(server, "ada", "ada", "bob") as (phone, laptop, bob):
            await bob.notify("ada", "one", "b-1")
            await until(lambda: bool(phone.shown and laptop.shown))
            await phone.cut()
            await phone.ack("b-1")  # said into a dead connection
            await laptop.ack("b-1")
            await until(lambda: not laptop.shown)
            await phone.connect(server)
            await until(lambda: not phone.shown and not phone.outbox)
            assert phone.again == 0

    @on_loop
    async def test_an_acknowledgement_that_was_lost_is_said_again(self) -> None:
        async with nodes() as (server,), devices(server, "ada", "bob") as (ada, bob):
            await bob.notify("ada", "one", "b-1")
            await until(lambda: bool(ada.shown))
            await ada.cut()
            await ada.ack("b-1")
            await ada.connect(server)
            await until(lambda: not ada.shown and bob.arrived == ["b-1"])

    @on_loop
    async def test_a_sender_who_sends_again_is_taken_once_and_still_hears_that_it_arrived(self) -> None:
        async with nodes() as (server,), devices(server, "ada", "bob") as (ada, bob):
            await bob.notify("ada", "one", "b-1")
            await until(lambda: bool(ada.shown))
            await bob.cut()
            await ada.ack("b-1")
            await bob.connect(server)
            await bob.notify("ada", "one", "b-1")
            await until(lambda: bob.arrived == ["b-1"])
            await bob.notify("ada", "two", "b-2")
            await until(lambda: len(ada.log) == 2)
            assert ada.log == ["one", "two"]

    @on_loop
    async def test_an_id_that_the_broker_does_not_remember_counts_once_all_the_same(self) -> None:
        plane = Shared()
        async with nodes(1, plane) as (server,), devices(server, "ada", "bob") as (ada, bob):
            await bob.notify("ada", "one", "b-1")
            await until(lambda: bool(ada.shown))
            await ada.ack("b-1")
            await until(lambda: not ada.shown)
            await plane.append("notes-ada", json.dumps({"id": "b-1", "from": "bob", "text": "one"}))
            async with devices(server, "ada") as (phone,):
                await bob.notify("ada", "two", "b-2")
                await until(lambda: bool(phone.log and ada.shown))
                assert phone.log == ["two"]
                assert ada.again == 0

    @on_loop
    async def test_cuts_on_two_nodes_lose_and_repeat_nothing(self) -> None:
        """Sixty notes while every device is cut off again and again, and comes back on either node."""
        dice = random.Random(6455)
        async with nodes(2) as servers, devices(servers[0], "ada", "ada", "bob") as everybody:
            phone, laptop, bob = everybody
            for number in range(60):
                await bob.notify("ada", str(number), f"b-{number}")
                if number % 3 == 0:
                    device = everybody[dice.randrange(3)]
                    await device.cut()
                    await device.connect(dice.choice(servers))
                for device in (phone, laptop):
                    if device.shown and dice.random() < 0.7:
                        await device.ack(next(iter(device.shown)))
                await asyncio.sleep(0.001)
            await until(lambda: not bob.outbox)
            await until(lambda: not phone.shown.keys() ^ laptop.shown.keys())
            while phone.shown or laptop.shown:
                for note_id in list(phone.shown):
                    await phone.ack(note_id)
                await asyncio.sleep(0.01)
            assert bob.refused == []
            for device in (phone, laptop):
                assert len(device.log) == len(set(device.log))
            assert {*phone.log, *laptop.log} == {str(number) for number in range(60)}
            await until(lambda: not phone.outbox and not laptop.outbox)

    @on_loop
    async def test_a_node_that_has_heard_less_waits_for_the_rest(self) -> None:
        """A device comes with an acknowledgement from a node that was a moment ahead of this one."""
        late: list[tuple[Any, int, str]] = []

        class Late(Shared):
            async def follow(self, log: str, on_event: Any) -> None:
                await super().follow(log, lambda number, event: late.append((on_event, number, event)))

        plane = Late()
        async with nodes(1, plane) as (server,):
            ada = Device("ada")
            ada.last, ada.ids, ada.shown = 1, {"b-1"}, {"b-1": "one"}
            ada.outbox["ack b-1"] = {"type": "ack", "id": "b-1"}
            await ada.connect(server)
            await plane.append("notes-ada", json.dumps({"id": "b-1", "from": "bob", "text": "one"}), "b-1")
            await until(lambda: bool(late))
            assert ada.outbox
            for on_event, number, event in late:
                on_event(number, event)
            late.clear()
            await until(lambda: bool(late))
            assert json.loads(late[0][2]) == {"ack": "b-1"}
            on_event, number, event = late[0]
            on_event(number, event)
            await until(lambda: not ada.outbox)
            assert ada.log == []
            await ada.cut()


class TestBounds:
    @on_loop
    async def test_a_full_box_refuses_and_drops_nothing(self) -> None:
        async with nodes() as (server,), devices(server, "bob") as (bob,):
            for number in range(MOST_WAITING + 1):
                await bob.notify("ada", str(number), f"b-{number}")
            await until(lambda: not bob.outbox)
            assert bob.refused == ["The box of ada is full until they acknowledge something."]
            async with devices(server, "ada") as (ada,):
                await until(lambda: len(ada.log) == MOST_WAITING)
                assert ada.log == [str(number) for number in range(MOST_WAITING)]
                await bob.notify("ada", "0", "b-0")  # was taken before, and is no news
                await until(lambda: not bob.outbox)
                assert len(bob.refused) == 1
                await ada.ack("b-7")
                await until(lambda: len(ada.shown) == MOST_WAITING - 1)
                await bob.notify("ada", "more", "b-more")
                await until(lambda: ada.log[-1] == "more")

    @on_loop
    async def test_what_waits_is_never_among_what_the_log_forgets(self) -> None:
        plane = Shared()
        async with nodes(1, plane) as (server,), devices(server, "ada", "bob") as (ada, bob):
            await bob.notify("ada", "the first", "b-first")
            await until(lambda: bool(ada.shown))
            for number in range(KEEP):
                await bob.notify("ada", str(number), f"b-{number}")
                await until(lambda: not bob.outbox)
                if bob.refused:
                    break
                await ada.ack(f"b-{number}")
                await until(lambda: not ada.outbox)
                if number % 100 == 99:  # a new connection has a new allowance
                    for device in (ada, bob):
                        await device.cut()
                        await device.connect(server)
            assert bob.refused
            assert number > 400
            async with nodes(1, plane) as (fresh,), devices(fresh, "ada") as (phone,):
                await until(lambda: bool(phone.log))
                assert phone.log == ["the first"]
                await phone.ack("b-first")
                await until(lambda: not phone.shown)
                bob.refused.clear()
                await bob.notify("ada", "again", "b-again")
                await until(lambda: phone.log[-1] == "again")
                assert bob.refused == []

    @on_loop
    async def test_of_what_was_sent_only_the_last_is_watched(self) -> None:
        async with nodes() as (server,), devices(server, "ada", "bob") as (ada, bob):
            for number in range(41):
                await bob.notify("ada", str(number), f"b-{number}")
            await until(lambda: len(ada.shown) == 41 and not bob.outbox)
            for number in range(41):
                await ada.ack(f"b-{number}")
            await until(lambda: len(bob.arrived) == 40)
            assert bob.arrived == [f"b-{number}" for number in range(1, 41)]

    @on_loop
    async def test_an_inbox_remembers_no_more_than_its_log(self) -> None:
        plane = Shared()
        inbox = Inbox(plane, "notes-ada")
        await inbox.begin()
        for number in range(2 * KEEP):
            await plane.append("notes-ada", json.dumps({"id": str(number), "from": "bob", "text": "Hi"}))
        assert inbox.has(str(KEEP))
        assert not inbox.has(str(KEEP - 1))
        assert len(inbox._taken) == len(inbox._waiting) == KEEP

    @on_loop
    async def test_what_changes_nothing_takes_no_place_in_the_log(self) -> None:
        plane = Shared()
        async with nodes(1, plane) as (server,), devices(server, "ada") as (ada,):
            for _ in range(3):
                await ada.post(type="ack", id="never-there")
                await ada.notify("ada", "to myself", "a-1")
            await until(lambda: not ada.outbox)
            assert plane._logs["notes-ada"].last == 1
            inbox = Inbox(plane, "notes-ada")  # one more node, which has heard of nothing yet
            await inbox.put({"id": "a-1", "from": "ada", "text": "to myself"})
            assert plane._logs["notes-ada"].last == 1

    @on_loop
    async def test_people_without_end(self) -> None:
        async with nodes() as (server,):
            for number in range(200):
                ws = await connect(server.url)
                await ws.send(json.dumps({"type": "join", "person": f"p{number}", "last": 0}))
                await ws.recv()
                ws.abort()
            async with devices(server, "one-more", "p7") as (stranger, known):
                await until(lambda: bool(stranger.refused))
                assert stranger.refused == ["There are 200 people already. Take one of them."]
                await known.notify("one-more", "hello", "k-1")
                await until(lambda: bool(known.refused))
                assert known.outbox == {}

    @on_loop
    async def test_a_device_that_does_not_read_costs_nothing_and_then_hears_what_is_so(self) -> None:
        async with nodes() as (server,), devices(server, "slow") as (slow,):
            await until(lambda: slow.joined == 1)
            (there,) = server.connections
            there._stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            slow.ws._stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.ws._stream.pause()
            async with devices(server, "slow", "bob") as (quick, bob):
                for number in range(90):
                    await bob.notify("slow", "x" * 2000, f"b-{number}")
                    await until(lambda number=number: f"b-{number}" in quick.shown)  # type: ignore[misc]
                    await quick.ack(f"b-{number}")
                assert there._draining is not None
                await bob.notify("slow", "the last", "b-last")
                await until(lambda: list(quick.shown) == ["b-last"])
                slow.ws._stream.resume()
                await until(lambda: list(slow.shown) == ["b-last"])
                assert len(slow.log) < 60


class TestRefusal:
    @pytest.mark.parametrize(
        ("to", "text"), [("Ada!", "Hi"), ("ada", " "), ("ada", "x" * 2001), ("ada", "\ud800")]
    )
    @on_loop
    async def test_what_is_refused_for_good_need_not_be_sent_again(self, to: str, text: str) -> None:
        async with nodes() as (server,), devices(server, "bob") as (bob,):
            await bob.notify(to, text, "b-1")
            await until(lambda: bool(bob.refused))
            assert bob.outbox == {}
