"""The figures of this node, measured in ticks as long as anybody looks, and those of the other nodes."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from wslearn.labs.apps.machine import Machine
from wslearn.labs.backplane import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.labs.backplane import Backplane
    from wslearn.net.server import Server

__all__ = ["Gauge"]

_SUBJECT = "figures"
_GONE = 3.0  # seconds of silence after which a node is gone, and nobody watches at it
_AGAIN = 0.5  # seconds after which it tries again to hear of the others
_FORGOTTEN = 60.0  # seconds after which it is not even shown as that


class Gauge:
    """What one node measures, and hears of the others.

    A node tells its figures with each tick, as words: they are out of date a moment later, so nobody keeps
    them. It says with them whether somebody watches there, and then the others measure, too.

    Parameters
    ----------
    plane
        What the nodes share.
    tick
        Seconds between two measurements.
    watched
        Whether somebody watches at this node.
    """

    def __init__(self, plane: Backplane, tick: float, watched: Callable[[], bool]) -> None:
        self._plane = plane
        self._every = tick
        self._watched = watched
        self._stopped = False
        self._elsewhere = 0.0  # until when somebody watches at another node
        self._measuring: asyncio.Task[None] | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._machine: dict[str, Any] = {}
        self._nodes: dict[str, tuple[float, dict[str, Any]]] = {}  # when each told its figures
        self.tick = 0  # measurements so far
        self.messages = 0  # those of the application, which counts them here
        self.news = asyncio.Event()  # of the next tick

    async def start(self, server: Server) -> None:
        """Hear of the others, and be ready to measure: this process, and the connections of this server."""
        self._stopped = False
        self._server = server
        self._name = f"port {server.port}, process {os.getpid()}"
        self._hearing = asyncio.create_task(self._hear(), name="gauge hears")

    async def _hear(self) -> None:
        """Hear of the others as soon as they can be reached: this node can be of use without them."""
        while True:
            try:
                return await self._plane.hear(_SUBJECT, self._on_word)
            except Unreachable:
                await asyncio.sleep(_AGAIN)

    def stop(self) -> None:
        """Measure no more, whoever asks for it."""
        self._stopped = True
        for task in (self._hearing, self._measuring):
            if task is not None:
                task.cancel()

    def measure(self) -> None:
        """Begin to measure, unless that is under way; it ends when nobody watches, on any node."""
        if self._measuring is None or self._measuring.done():
            self._measuring = asyncio.create_task(self._ticks(), name="gauge")

    def figures(self) -> dict[str, Any]:
        """Give the newest: what is known of this machine, and of every node; ``age`` is in seconds."""
        now = monotonic()
        nodes = [
            {"node": name, "age": round(now - told, 3), "gone": now - told > _GONE, **figures}
            for name, (told, figures) in sorted(self._nodes.items())
        ]
        return {"here": self._name, "machine": self._machine, "nodes": nodes}

    async def _ticks(self) -> None:
        machine, self._nodes = Machine(self.messages), {}
        while self._watched() or monotonic() < self._elsewhere:
            await asyncio.sleep(self._every)
            self.tick += 1
            self._machine, figures = machine.measure(self.messages)
            figures["connections"] = len(self._server.connections)
            now = monotonic()
            self._nodes[self._name] = (now, figures)
            self._nodes = {name: was for name, was in self._nodes.items() if now - was[0] < _FORGOTTEN}
            self.news.set()
            self.news = asyncio.Event()
            word = {"node": self._name, "watched": self._watched(), "figures": figures}
            with suppress(Unreachable):
                await self._plane.tell(_SUBJECT, json.dumps(word))

    def _on_word(self, word: str) -> None:
        told = json.loads(word)
        if self._stopped or told["node"] == self._name:
            return
        self._nodes[told["node"]] = (monotonic(), told["figures"])
        if told["watched"]:
            self._elsewhere = monotonic() + _GONE
            self.measure()
