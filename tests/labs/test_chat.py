"""The chat: one order for all, nothing lost and nothing twice, and an answer to whatever comes in."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.net.on_loop import on_loop
from wslearn.labs.apps.chat import chat
from wslearn.labs.apps.page import LIMITS
from wslearn.labs.backplane import KEEP, Local
from wslearn.labs.feed import Feed
from wslearn.net import Server, WebSocket, connect
from wslearn.reconnect import fresh


async def join(server: Server, name: str = "Ada", last: int = 0, room: str = "lobby") -> WebSocket:
    ws = await connect(server.url, deflate=None)
    await post(ws, type="join", name=name, last=last, room=room)
    assert await hear(ws) == {"type": "joined", "room": room}
    return ws


async def post(ws: WebSocket, **message: Any) -> None:
    await ws.send(json.dumps(message))


async def say(ws: WebSocket, text: str, message_id: str) -> None:
    await post(ws, type="say", id=message_id, text=text)


async def hear(ws: WebSocket) -> Any:
    async with asyncio.timeout(5):
        return json.loads(await ws.recv())


async def texts(ws: WebSocket, count: int) -> list[tuple[int, str]]:
    heard = [await hear(ws) for _ in range(count)]
    return [(each["number"], each["event"]["text"]) for each in heard]


@asynccontextmanager
async def room() -> AsyncIterator[Server]:
    """A server whose app raised nothing, and which waits for no member that does not read."""
    app = chat()
    app.limits = replace(LIMITS, close_timeout=0.2)
    async with Server(app) as server:
        yield server
        assert list(server.errors) == []


class TestRoom:
    @on_loop
    async def test_all_hear_the_same_in_one_order(self) -> None:
        async with room() as server:
            members = [await join(server, name) for name in ("Ada", "Bob", "Cy")]
            await asyncio.gather(
                *(say(ws, f"{who} {n}", f"m{who}-{n}") for who, ws in enumerate(members) for n in range(20))
            )
            heard = [await texts(ws, 60) for ws in members]
        assert heard[0] == heard[1] == heard[2]
        assert [number for number, _ in heard[0]] == list(range(1, 61))
        for who in range(3):
            mine = [text for _, text in heard[0] if text.startswith(f"{who} ")]
            assert mine == [f"{who} {n}" for n in range(20)]

    @on_loop
    async def test_rooms_are_apart(self) -> None:
        async with room() as server:
            here, there = await join(server), await join(server, room="kitchen")
            await say(here, "in the lobby", "a-1")
            await say(there, "in the kitchen", "a-1")
            assert await texts(here, 1) == [(1, "in the lobby")]
            assert await texts(there, 1) == [(1, "in the kitchen")]

    @on_loop
    async def test_who_was_away_goes_on_where_it_was(self) -> None:
        async with room() as server:
            ada, bob = await join(server), await join(server, "Bob")
            await say(ada, "one", "a-1")
            assert await texts(bob, 1) == [(1, "one")]
            bob.abort()
            for number in range(2, 6):
                await say(ada, str(number), f"a-{number}")
            bob = await join(server, "Bob", last=1)
            await say(ada, "6", "a-6")
            assert await texts(bob, 5) == [(number, str(number)) for number in range(2, 7)]

    @on_loop
    async def test_what_was_sent_again_is_there_once(self) -> None:
        async with room() as server:
            ada = await join(server)
            await say(ada, "hello", "a-1")
            await texts(ada, 1)
            ada.abort()
            ada = await join(server, last=1)
            await say(ada, "hello", "a-1")
            await say(ada, "there", "a-2")
            assert await texts(ada, 1) == [(2, "there")]

    @on_loop
    async def test_cuts_lose_and_repeat_nothing(self) -> None:
        """A member who is cut off every few messages has in the end what another one has."""
        async with room() as server:
            ada, bob = await join(server), await join(server, "Bob")
            last, heard = 0, []
            for number in range(60):
                await say(ada, str(number), f"a-{number}")
                if number % 7 == 3:
                    last, new = fresh(last, await texts(bob, number + 1 - last))
                    heard += new
                    bob.abort()
                    bob = await join(server, "Bob", last=last)
            last, new = fresh(last, await texts(bob, 60 - last))
            assert heard + new == [str(number) for number in range(60)]

    @on_loop
    async def test_who_was_away_for_too_long_is_told_so(self) -> None:
        async with room() as server:
            plane = server._apps["/chat"].run._backplane  # type: ignore[attr-defined]
            for number in range(KEEP + 10):
                await plane.append("chat-lobby", json.dumps({"text": str(number), "id": "x"}))
            ws = await join(server, last=3)
            assert await hear(ws) == {"type": "gap", "from": 11}
            assert await texts(ws, 1) == [(11, "10")]


class TestAnew:
    @pytest.mark.parametrize(("seen", "heard"), [("old-2", [1, 2, 3]), ("a-2", [3]), ("", [3])])
    @on_loop
    async def test_a_server_that_counts_anew_does_not_take_the_numbers_of_the_old_one_for_its_own(
        self, seen: str, heard: list[int]
    ) -> None:
        """A page comes back with number 2, when other messages have been numbered 1 to 3 meanwhile."""
        async with room() as server:
            ada = await join(server)
            for number in (1, 2, 3):
                await say(ada, str(number), f"a-{number}")
            await texts(ada, 3)
            bob = await connect(server.url)
            await post(bob, type="join", name="Bob", room="lobby", last=2, seen=seen)
            assert (await hear(bob))["type"] == "joined"
            if heard[0] == 1:
                assert await hear(bob) == {"type": "gap", "from": 1}
            assert [number for number, _ in await texts(bob, len(heard))] == heard

    @on_loop
    async def test_a_node_that_missed_what_the_log_forgot_goes_on_with_what_is_left(self) -> None:
        plane = Local()
        feed = Feed(plane, "log")
        await feed.begin()
        feed._on_event(1, "{}")
        feed._on_event(2000, '{"text": "left"}')
        assert feed.last == 2000
        assert feed._replay.missed(1) is None
        assert feed._replay.missed(1999) == [(2000, '{"text": "left"}')]


class TestSlowMember:
    @on_loop
    async def test_costs_the_others_nothing_and_is_let_go(self) -> None:
        async with room() as server:
            slow = await join(server)
            slow._stream.pause()
            for ws, buffer in ((slow, socket.SO_RCVBUF), (server.connections[0], socket.SO_SNDBUF)):
                ws._stream.socket.setsockopt(socket.SOL_SOCKET, buffer, 1 << 16)
            quick = await join(server)
            heard = asyncio.create_task(texts(quick, 3 * KEEP))
            for number in range(3 * KEEP):
                plane = server._apps["/chat"].run._backplane  # type: ignore[attr-defined]
                event = {"text": "x" * 10_000, "id": f"a-{number}"}
                await plane.append("chat-lobby", json.dumps(event))
                if number % 50 == 0:
                    await asyncio.sleep(0.001)
            assert len(await heard) == 3 * KEEP
            async with asyncio.timeout(10):
                async for _ in slow:
                    pass
            assert slow.closed.code == 1013
            assert "too slowly" in slow.closed.reason


class TestRefusal:
    @on_loop
    async def test_rooms_without_end(self) -> None:
        async with room() as server:
            for number in range(100):
                (await join(server, room=f"r{number}")).abort()
            ws = await connect(server.url)
            await post(ws, type="join", room="one-more", name="A", last=0)
            assert "100 rooms already" in (await hear(ws))["why"]
            ws.abort()


class TestFeed:
    @on_loop
    async def test_an_event_that_is_known_elsewhere_is_waited_for(self) -> None:
        """A member comes from another node, with a number that this one has not heard of yet."""
        plane, sent = Local(), asyncio.Event()

        async def app(ws: WebSocket) -> None:
            feed = Feed(plane, "log")
            joining = asyncio.create_task(feed.join(ws, last=2))
            await sent.wait()
            await joining
            await ws.recv()
            feed.leave(ws)

        async with Server(app) as server, connect(server.url) as ws:
            await asyncio.sleep(0.05)
            for text in ("one", "two", "three"):
                await plane.append("log", json.dumps({"text": text}))
            sent.set()
            assert await texts(ws, 1) == [(3, "three")]
            await ws.send("end")
        assert list(server.errors) == []
