"""The members of a crowd notice whatever a room does wrong, and come back after every cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest

from tests.net.on_loop import on_loop, until
from wslearn.labs.apps.chat import chat
from wslearn.labs.crowd.crowd import Crowd
from wslearn.labs.crowd.member import Member, Notes, Where
from wslearn.net import Server, WebSocket


def event(number: int, message_id: str = "", text: str = "Hi") -> str:
    return json.dumps({"number": number, "event": {"id": message_id or f"x-{number}", "text": text}})


@asynccontextmanager
async def living(server: Server, name: str = "m0") -> AsyncIterator[tuple[Member, Notes]]:
    notes = Notes()
    member = Member(name, Where(server.url, "lobby"), lambda _failed: 0.01, notes)
    task = asyncio.create_task(member.live(asyncio.Semaphore(1)))
    async with asyncio.timeout(10):
        yield member, notes
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await member.leave()


class TestMember:
    @pytest.mark.parametrize(
        ("sent", "lost", "repeated", "different", "last"),
        [
            ([event(1), event(2), event(3)], 0, 0, 0, 3),
            ([event(1), event(4)], 2, 0, 0, 4),
            ([event(1), event(1), event(2), event(1)], 0, 2, 0, 2),
            ([event(1), event(2, "another-2")], 0, 0, 1, 2),
        ],
    )
    @on_loop
    async def test_notices(
        self, sent: list[str], lost: int, repeated: int, different: int, last: int
    ) -> None:
        async def app(ws: WebSocket) -> None:
            await ws.recv()
            await ws.send('{"type": "joined", "room": "lobby"}')
            for each in sent:
                await ws.send(each)
            await ws.recv()

        async with Server(app) as server, living(server) as (member, notes):
            notes.room[2] = "x-2"
            await until(lambda: member.last == last)
            await asyncio.sleep(0.02)
            assert (notes.lost, notes.repeated, notes.different) == (lost, repeated, different)

    @on_loop
    async def test_says_where_it_was_and_says_again_what_it_did_not_see(self) -> None:
        heard: list[list[dict[str, Any]]] = []

        async def app(ws: WebSocket) -> None:
            told: list[dict[str, Any]] = []
            heard.append(told)
            told.append(json.loads(await ws.recv()))
            await ws.send('{"type": "joined", "room": "lobby"}')
            if len(heard) == 1:
                await ws.send(event(1))
            told.append(json.loads(await ws.recv()))
            if len(heard) == 1:
                ws.abort()
                return
            await ws.send(event(2, told[1]["id"], told[1]["text"]))
            await ws.recv()

        async with Server(app) as server, living(server) as (member, notes):
            await until(lambda: member.last == 1)
            member.say(0)
            await until(lambda: member.last == 2)
            assert member.unconfirmed == 0
            assert [each[0]["last"] for each in heard] == [0, 1]
            assert heard[0][1] == heard[1][1]
            assert len(notes.latencies) == 1
            ((gone, back, code),) = notes.returns
            assert code == 1006
            assert back > gone

    @on_loop
    async def test_tells_the_close_code_and_counts_refusals(self) -> None:
        async def app(ws: WebSocket) -> None:
            await ws.recv()
            await ws.send('{"type": "joined", "room": "lobby"}')
            await ws.close(1001)

        async with Server(app) as server:
            port = server.port
            async with living(server) as (_, notes):
                await until(lambda: len(notes.returns) > 1)
                assert {code for _, _, code in notes.returns} == {1001}
                assert notes.refused == 0
                await server.stop()
                await until(lambda: notes.refused > 2)
                assert len(notes.attempts) >= 5
        assert port

    @on_loop
    async def test_a_server_that_speaks_no_websocket_is_a_refusal(self) -> None:
        async with Server("echo") as server:
            where = Where(server.url_of("/nowhere"), "lobby")
            notes = Notes()
            member = Member("m0", where, lambda _failed: 0.01, notes)
            task = asyncio.create_task(member.live(asyncio.Semaphore(1)))
            async with asyncio.timeout(5):
                await until(lambda: notes.refused > 2)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class TestCrowd:
    OPTIONS: ClassVar[dict[str, Any]] = {"base": 0.01, "cap": 0.1, "jitter": True, "at_once": 5}

    @on_loop
    async def test_all_hear_all(self) -> None:
        async with Server(chat()) as server:
            crowd = Crowd("c-")
            await crowd.join(server.url, "lobby", 7, **self.OPTIONS)
            await crowd.say(20, 500, 3)
            await crowd.say(10, 500, 3)
            async with asyncio.timeout(10):
                await until(lambda: crowd.report()["least"] == 30)
            report, details = crowd.report(), crowd.details()
            assert (report["members"], report["most"], report["unconfirmed"]) == (7, 30, 0)
            assert len(details["room"]) == 30
            assert len(details["latencies"]) == 7 * 30
            await crowd.leave()
            assert crowd.report()["members"] == 0
            assert crowd.details()["room"] == []
            async with asyncio.timeout(5):
                await until(lambda: not server.connections)
            assert list(server.errors) == []

    @on_loop
    async def test_some_go_and_the_others_stay(self) -> None:
        async with Server(chat()) as server:
            crowd = Crowd("c-")
            await crowd.join(server.url, "lobby", 7, **self.OPTIONS)
            async with asyncio.timeout(5):
                await until(lambda: len(server.connections) == 7)
                await crowd.thin(3)
                await until(lambda: len(server.connections) == 3)
            assert [member.name for member in crowd._members] == ["c-0", "c-3", "c-6"]
            await crowd.leave()

    @on_loop
    async def test_without_jitter_all_wait_the_same(self) -> None:
        async with Server(chat()) as server:
            pauses = []
            for jitter in (True, False):
                crowd = Crowd("c-")
                await crowd.join(
                    server.url, "lobby", 1, **{**self.OPTIONS, "jitter": jitter, "base": 3.0, "cap": 4.0}
                )
                pauses.append([crowd._members[0]._pause(failed) for failed in (0, 0, 1, 1)])
                await crowd.leave()
        assert len(set(pauses[0])) == 4
        assert pauses[1] == [3.0, 3.0, 4.0, 4.0]
