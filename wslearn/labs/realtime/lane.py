"""One way of delivery while it is measured: its clients, and what they got so far."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wslearn.labs.realtime.clients import CLIENTS, Follower
from wslearn.labs.realtime.result import Arrival, Measured
from wslearn.labs.realtime.wire import Counts, Site

if TYPE_CHECKING:
    from wslearn.labs.realtime.plan import Plan
    from wslearn.labs.realtime.stream import Event

__all__ = ["Lane"]

_AT_ONCE = 100  # clients that open their connections together: a server's queue for new ones is not long


class Lane:
    """The clients of one way.

    Parameters
    ----------
    name
        A key of `CLIENTS`.
    plan
        How many there are, and what they wait for.
    host, port
        Where they connect to.
    """

    def __init__(self, name: str, plan: Plan, host: str, port: int) -> None:
        self.name = name
        self._plan = plan
        self._counts = Counts()
        self._opening = Counts()
        self._site = Site(host, port, self._counts, keep_alive=plan.keep_alive)
        self._latencies: list[float] = []
        self._arrivals: list[Arrival] = []
        self._gun = asyncio.Event()
        self._began = 0
        self._first = Follower(plan.count, self._arrive)
        others = (Follower(plan.count, self._got) for _ in range(plan.clients - 1))
        self._followers = [self._first, *others]
        self._tasks: list[asyncio.Task[None]] = []

    def _got(self, event: Event, now: int) -> None:
        self._latencies.append((now - event.at) / 1e9)

    def _arrive(self, event: Event, now: int) -> None:
        self._got(event, now)
        since = self._began
        self._arrivals.append(Arrival(event.number, (event.at - since) / 1e9, (now - since) / 1e9))

    async def open(self) -> None:
        """Let the clients connect, and wait until each is ready for events."""
        # Polls of many clients come at any time, and not together; but in each run at the same.
        phases = random.Random(self._plan.clients)  # noqa: S311 - no secret
        client, interval = CLIENTS[self.name], self._plan.interval
        for start in range(0, len(self._followers), _AT_ONCE):
            some = self._followers[start : start + _AT_ONCE]
            for each in some:
                work = client(self._site, each, self._gun, interval, phases.random())
                self._tasks.append(asyncio.create_task(work))
            await self._all([each.ready for each in some])

    def begin(self, now: int) -> None:
        """Count from now on, a time in nanoseconds: what was sent until now was for opening."""
        self._opening = replace(self._counts)
        self._began = now
        self._gun.set()

    async def finish(self) -> None:
        """Wait until every client has every event."""
        await self._all([each.done for each in self._followers])

    async def _all(self, events: list[asyncio.Event]) -> None:
        """Wait for all of them; raise what a client raises meanwhile."""

        async def each() -> None:
            for event in events:
                await event.wait()

        waiting = asyncio.create_task(each())
        try:
            await asyncio.wait({waiting, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in self._tasks:
                if task.done():
                    task.result()
        finally:
            waiting.cancel()

    def measured(self, cpu: float | None) -> Measured:
        """Say what it cost up to now."""
        return Measured(
            name=self.name,
            clients=len(self._followers),
            delivered=len(self._latencies),
            opening=self._opening,
            counts=self._counts - self._opening,
            held=self._site.held,
            latencies=tuple(sorted(self._latencies)),
            cpu=cpu,
            seconds=(time.perf_counter_ns() - self._began) / 1e9,
            digests=frozenset(each.digest for each in self._followers),
            arrivals=tuple(self._arrivals),
        )

    async def close(self) -> None:
        """End all clients."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._site.close()
