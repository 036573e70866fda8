"""The seven applications as an attacker meets them, and in each two pages that are to notice nothing."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Self, TypeVar, cast

import pytest

from tests.labs.playing import BEGIN, Clock, ids, on, published
from tests.labs.shared import Application, nodes, post
from tests.labs.writing import Client, same
from tests.net.on_loop import until
from wslearn.labs.apps.chat import chat
from wslearn.labs.apps.dashboard import dashboard
from wslearn.labs.apps.editor import editor
from wslearn.labs.apps.game import game
from wslearn.labs.apps.notifications import notifications
from wslearn.labs.apps.ticker import ticker
from wslearn.labs.backplane import Backplane
from wslearn.net import Server, WebSocket, connect

V = TypeVar("V", bound="Victim")

TOKEN = "0123456789abcdef" * 2


class Page:
    """A page that notes what it hears, and is always ready for more."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.ws: WebSocket
        self._listening: asyncio.Task[None]

    async def open(self, url: str, first: dict[str, Any]) -> Self:
        self.ws = await connect(url)
        self._listening = asyncio.create_task(self._listen())
        await post(self.ws, **first)
        await until(lambda: bool(self.heard))
        return self

    async def _listen(self) -> None:
        async for message in self.ws:
            self.heard.append(told := json.loads(message))
            if told.get("type") == "figures":
                await post(self.ws, type="drawn", tick=told["tick"])
            elif told.get("type") == "values":
                await post(self.ws, type="ready")

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.heard if each.get("type", "event") == kind]

    @property
    def kinds(self) -> set[str]:
        return {each.get("type", "event") for each in self.heard}

    async def leave(self) -> None:
        await self.ws.close()
        await self._listening


class Victim:
    """An application of JSON messages with two pages in it, `ada` and `bob`."""

    make: Callable[[Backplane], Any]  # an `Application`
    #: A message of each type; the first is the one that lets a page in.
    good: ClassVar[dict[str, dict[str, Any]]] = {}
    #: The types of all that a page is sent that did nothing wrong.
    tells: frozenset[str] = frozenset()

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = server.url
        self.app = cast("Any", server._apps[server.paths[0]].run)
        self.limit: int = self.app.limits.max_message_size
        self.words: list[str] = []  # what the pages have heard, if all went well

    @property
    def first(self) -> dict[str, Any]:
        """What a page says first."""
        return self.message(next(iter(self.good)))

    def message(self, kind: str, **fields: Any) -> dict[str, Any]:
        return {"type": kind, **self.good[kind], **fields}

    async def come(self) -> None:
        self.ada, self.bob = [await Page().open(self.url, self.of(name)) for name in ("ada", "bob")]

    def of(self, _name: str) -> dict[str, Any]:
        """Give what a page of this name says first."""
        return self.first

    async def talk(self) -> None:
        """Let them do what they do, and see that all of it arrives, once, and nothing else."""
        await self.exchange(f"word {len(self.words)}")
        assert self.ada.kinds | self.bob.kinds <= self.tells

    async def exchange(self, word: str) -> None:
        raise NotImplementedError

    def here(self) -> int:
        """Count whom the application thinks to be there."""
        raise NotImplementedError

    def kept(self) -> set[str]:
        """Name what the application keeps when all are gone."""
        return set()

    async def leave(self) -> None:
        await self.ada.leave()
        await self.bob.leave()


class Chat(Victim):
    make = staticmethod(chat)
    good: ClassVar[dict[str, dict[str, Any]]] = {
        "join": {"room": "lobby", "name": "Ada", "last": 0},
        "say": {"id": "a-1", "text": "Hello"},
    }
    tells = frozenset({"joined", "event"})

    async def exchange(self, word: str) -> None:
        self.words.append(word)
        await post(self.ada.ws, type="say", id=f"w-{len(self.words)}", text=word)
        for page in (self.ada, self.bob):
            await until(lambda page=page: len(page.of("event")) >= len(self.words))  # type: ignore[misc]
            assert [each["event"]["text"] for each in page.of("event")] == self.words

    def here(self) -> int:
        return sum(map(len, self.app._rooms.values()))

    def kept(self) -> set[str]:
        return {*self.app._rooms}


class Notifications(Victim):
    make = staticmethod(notifications)
    good: ClassVar[dict[str, dict[str, Any]]] = {
        "join": {"person": "mallory", "last": 0},
        "notify": {"id": "m-1", "to": "ada", "text": "Hello"},
        "ack": {"id": "m-2"},
    }
    tells = frozenset({"joined", "note", "gone", "taken", "arrived"})

    def of(self, name: str) -> dict[str, Any]:
        return self.message("join", person=name)

    async def exchange(self, word: str) -> None:
        self.words.append(word)
        await post(self.bob.ws, type="notify", id=f"w-{len(self.words)}", to="ada", text=word)
        await until(lambda: len(self.ada.of("note")) >= len(self.words))
        assert [each["text"] for each in self.ada.of("note")] == self.words
        assert self.bob.of("note") == []
        await post(self.ada.ws, type="ack", id=f"w-{len(self.words)}")
        await until(lambda: self.bob.heard[-1] == {"type": "arrived", "id": f"w-{len(self.words)}"})

    def here(self) -> int:
        return sum(len(box._devices) for box in self.app._boxes.values())

    def kept(self) -> set[str]:
        return {*self.app._boxes} - {"mallory"}


class Dashboard(Victim):
    make = staticmethod(dashboard)
    good: ClassVar[dict[str, dict[str, Any]]] = {"watch": {"every": 100}, "drawn": {"tick": 0}}
    tells = frozenset({"figures"})

    async def exchange(self, word: str) -> None:
        for page in (self.ada, self.bob):
            had = page.of("figures")[-1]
            await until(lambda page=page, had=had: page.of("figures")[-1]["tick"] > had["tick"])  # type: ignore[misc]
            assert [each["sent"] for each in page.of("figures")] == [*range(1, len(page.heard) + 1)]

    def here(self) -> int:
        return len(self.app._pages)


class Game(Victim):
    make = staticmethod(game)
    good: ClassVar[dict[str, dict[str, Any]]] = {
        "play": {"name": "Mallory", "token": "f" * 32},
        "move": {"number": 1, "x": 0, "y": 1},
    }
    tells = frozenset({"playing", "names", "world", "skipped"})
    names = frozenset({"ada", "bob", "Mallory"})

    def of(self, name: str) -> dict[str, Any]:
        return self.message("play", name=name, token=TOKEN if name == "ada" else TOKEN[::-1])

    @property
    def first(self) -> dict[str, Any]:
        return self.message("play", token=f"{self.here():032x}")  # a token is for one connection at a time

    async def exchange(self, word: str) -> None:
        self.words.append(word)
        await post(self.ada.ws, type="move", number=len(self.words), x=0, y=0)
        you = self.ada.of("playing")[0]["you"]
        await until(lambda: self.seen(you) == len(self.words))
        assert {*self.bob.of("names")[-1]["names"].values()} <= self.names

    def seen(self, you: str) -> int | None:
        worlds = self.bob.of("world")
        figures = worlds[-1]["figures"] if worlds else []
        return next((seen for who, _x, _y, _score, seen, _here in figures if who == you), None)

    def here(self) -> int:
        return max(len(self.app._players), len(self.app._arena._names))


class Scores(Victim):
    good: ClassVar[dict[str, dict[str, Any]]] = {
        "follow": {"log": "", "topics": {"league-north": None}},
        "subscribe": {"topic": "team-foxes"},
        "unsubscribe": {"topic": "team-foxes"},
    }
    tells = frozenset({"fixtures", "state", "change"})

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.clock: Clock = self.app._matches._clock

    @staticmethod
    def make(plane: Backplane) -> Application:
        return on(Clock())(plane)

    async def exchange(self, word: str) -> None:
        self.clock.now += 5
        wanted = ids(published(["league-north"], BEGIN, self.clock.now))
        for page in (self.ada, self.bob):
            await until(lambda page=page: len(page.of("change")) >= len(wanted))  # type: ignore[misc]
            assert [each["event"]["id"] for each in page.of("change")] == wanted

    def here(self) -> int:
        return len(self.app._matches.feed)


class Ticker(Victim):
    make = staticmethod(ticker)
    good: ClassVar[dict[str, dict[str, Any]]] = {"join": {"mode": "latest"}, "ready": {}}
    tells = frozenset({"values"})

    async def exchange(self, word: str) -> None:
        for page in (self.ada, self.bob):
            had = len(page.heard)
            await until(lambda page=page, had=had: len(page.heard) > had + 1)  # type: ignore[misc]
            prices = sum(len(each["values"]) for each in page.heard)
            last = page.heard[-1]
            assert last["made"] == prices + last["conflated"] + last["waiting"]

    def here(self) -> int:
        return len(self.app._readers)


class Editor(Victim):
    """It has no JSON messages: whoever says something wrong is let go."""

    make = staticmethod(editor)

    async def come(self) -> None:
        self.pens = [await Client(number).connect(self.server) for number in (1, 2)]

    async def talk(self) -> None:
        self.words.append(f"word {len(self.words)}, ")
        await self.pens[0].put(self.words[-1])
        assert await same(*self.pens) == "".join(self.words)
        assert {*self.pens[0].others, *self.pens[1].others} <= {1, 2, 3}

    def here(self) -> int:
        return sum(len(writers._here) for writers in self.app._documents.values())

    def kept(self) -> set[str]:
        return {*self.app._documents}

    async def leave(self) -> None:
        for pen in self.pens:
            await pen.leave()


@asynccontextmanager
async def attacked(kind: type[V], log: pytest.LogCaptureFixture) -> AsyncIterator[V]:
    """Run an application with two pages; see afterwards that they, the log and its memory are as before."""
    async with nodes(kind.make) as (server,), asyncio.timeout(20):
        victim = kind(server)
        await victim.come()
        await victim.talk()
        here, kept, tasks = victim.here(), victim.kept(), len(asyncio.all_tasks())
        assert here == len(server.connections) == 2
        yield victim
        await victim.talk()
        await until(lambda: len(server.connections) == victim.here() == here)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert victim.kept() == kept
        await victim.leave()
    assert [each.getMessage() for each in log.records if each.levelno >= logging.WARNING] == []
