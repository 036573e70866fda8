"""A crowd: a process full of members of a chat room, told over HTTP what to do; see `crowds` and `member`.

::

    python -m wslearn.labs.crowd.crowd --port 9001 --name a

    POST /crowd/join    {"url", "room", "count", "base", "cap", "jitter", "at_once", "authority"}
    POST /crowd/say     {"messages", "rate", "speakers"}
    POST /crowd/thin    {"keep"}
    POST /crowd/leave
    GET  /crowd/report  how they are
    GET  /crowd/details what they noticed

It is a process of its own, so that what is measured is not how busy the one who measures is.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import ssl
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tornado.web import RequestHandler

from wslearn.labs.crowd.member import Member, Notes, Where
from wslearn.labs.files import allow_files
from wslearn.net.server import Server
from wslearn.reconnect import backoff

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from wslearn.net.websocket import WebSocket

__all__ = ["Crowd"]

_PATIENCE = 2.0  # seconds that those who go may take to say good-bye


class Crowd:
    """The members in this process.

    Parameters
    ----------
    name
        What their names begin with.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._members: list[Member] = []
        self._notes = Notes()
        self._numbers = itertools.count()
        self._tasks: dict[asyncio.Task[None], Member | None] = {}
        orders: dict[str, Callable[..., Awaitable[Any]]] = {
            "join": self.join,
            "say": self.say,
            "thin": self.thin,
            "leave": self.leave,
        }
        self.pages = (
            ("/(report|details)", _Report, {"pages": {"report": self.report, "details": self.details}}),
            ("/(join|say|thin|leave)", _Order, {"orders": orders}),
        )

    async def __call__(self, ws: WebSocket) -> None:
        """Nothing: whoever wants something asks over HTTP."""

    async def join(
        self,
        url: str,
        room: str,
        count: int,
        *,
        base: float,
        cap: float,
        jitter: bool,
        at_once: int,
        authority: str | None = None,
    ) -> None:
        """Let so many more members come. They wait as `backoff` says, or without `jitter` all the same."""
        where = Where(url, room, ssl.create_default_context(cafile=authority) if authority else None)

        def pause(failed: int) -> float:
            return backoff(failed, base, cap) if jitter else backoff(failed, base, cap, lambda: 1.0)

        first = asyncio.Semaphore(at_once)
        for _ in range(count):
            member = Member(f"{self._name}{len(self._members)}", where, pause, self._notes)
            self._members.append(member)
            self._begin(member.live(first), member)

    def _begin(self, work: Coroutine[Any, Any, None], member: Member | None = None) -> None:
        task = asyncio.create_task(work)
        self._tasks[task] = member
        task.add_done_callback(self._tasks.pop)

    async def say(self, messages: int, rate: float, speakers: int) -> None:
        """Let the first `speakers` members say so many messages in turn, so many in a second."""
        self._begin(self._say(messages, rate, self._members[:speakers]))

    async def _say(self, messages: int, rate: float, speakers: Sequence[Member]) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number in range(messages):
            await asyncio.sleep(begun + number / rate - loop.time())
            speakers[number % len(speakers)].say(next(self._numbers))

    async def thin(self, keep: int) -> None:
        """Let all go but the first one, and each `keep`-th after it."""
        await self._dismiss([member for at, member in enumerate(self._members) if at % keep])

    async def leave(self) -> None:
        """Let all of them go, and forget what they noticed."""
        await self._dismiss(self._members)
        for task in list(self._tasks):
            task.cancel()
        self._notes = Notes()

    async def _dismiss(self, going: list[Member]) -> None:
        gone = set(going)
        self._members = [member for member in self._members if member not in gone]
        tasks = [task for task, member in self._tasks.items() if member in gone]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await asyncio.gather(*(member.leave() for member in going))

    def report(self) -> dict[str, Any]:
        """Tell how they are: few words, so that it can be asked often."""
        notes, lasts = self._notes, [member.last for member in self._members]
        return {
            "pid": os.getpid(),
            "members": len(self._members),
            "nodes": Counter(member.node for member in self._members if member.node is not None),
            "least": min(lasts, default=0),
            "most": max(lasts, default=0),
            "unconfirmed": sum(member.unconfirmed for member in self._members),
            "lost": notes.lost,
            "repeated": notes.repeated,
            "different": notes.different,
            "refused": notes.refused,
        }

    def details(self) -> dict[str, Any]:
        """Tell the rest, too: see `Notes`."""
        notes = self._notes
        return {
            "room": list(notes.room.items()),
            "latencies": list(notes.latencies),
            "returns": notes.returns,
            "attempts": notes.attempts,
        }


class _Report(RequestHandler):
    def initialize(self, pages: dict[str, Callable[[], dict[str, Any]]]) -> None:
        """Take what reports."""
        self._pages = pages

    def get(self, name: str) -> None:
        """Report."""
        self.finish(self._pages[name]())


class _Order(RequestHandler):
    def initialize(self, orders: dict[str, Callable[..., Awaitable[Any]]]) -> None:
        """Take what obeys."""
        self._orders = orders

    async def post(self, name: str) -> None:
        """Do as told."""
        await self._orders[name](**(json.loads(self.request.body) or {}))
        self.finish("{}")


async def _run(port: int, name: str) -> None:
    crowd = Crowd(name)
    async with Server({"/crowd": crowd}, port=port):
        await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Obey until the process is ended."""
    parser = argparse.ArgumentParser(prog="wslearn.labs.crowd", description="Be many members of a room.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", required=True)
    told = parser.parse_args(arguments)
    allow_files()
    asyncio.run(_run(told.port, told.name))


if __name__ == "__main__":
    main()
