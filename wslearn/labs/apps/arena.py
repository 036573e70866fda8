"""One world on several nodes: one of them ticks, all of them know.

The node that ticks says the world after each tick, as a word, and puts it into the log once a second. The
log decides who that is: the node of its newest event. A node that hears nothing from there for more than
half a second puts what it knows into the log, and so takes over; if two do so at once, the log has an order,
and the later one stays. Whoever ticked before reads that, and stops. A node that takes over may have missed
what others heard: whoever knows of a later world objects, and puts that into the log; and whoever knows only
what the log says waits longer. So what is lost with a node is what happened since it last spoke; a world of
which all nodes are gone goes on from the last event.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from wslearn.labs.apps.world import RATE, Move, World, greet, step
from wslearn.labs.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.labs.backplane import Backplane

__all__ = ["Arena"]

_NAME = "game"  # of the log, and of the words
_PATIENCE = 0.6  # seconds without a word after which a node takes over; up to half as much again
_UNSURE = 2  # times as much, for who has heard no word yet
_AT_LEAST = RATE // 4  # ticks between two words when nothing happens
_MOST_WAITING = 10  # moves of one figure


class Arena:
    """A node's part in it.

    Parameters
    ----------
    plane
        What the nodes share.
    on_world
        Is called with each world that this node hears of.
    on_lost
        Is called when the other nodes are out of reach: nothing moves here until somebody enters.
    """

    def __init__(
        self, plane: Backplane, on_world: Callable[[World], None], on_lost: Callable[[], None]
    ) -> None:
        self.node = secrets.token_hex(3)
        self.ticking = ""  # the node that ticks; the newest event says so
        self.world = World(seed=secrets.randbits(64))
        self._plane = plane
        self._on_world = on_world
        self._on_lost = on_lost
        self._names: dict[str, str] = {}  # of those who play on this node
        self._moves: dict[str, list[Move]] = defaultdict(list)
        self._heard = 0.0  # when something came from the node that ticks
        self._told = World()
        self._shown = 0  # the tick of the last world that was passed on
        self._opened = self._current = False  # whether it knows what the log says; and what was said since
        self._next_word = 0.0  # when to say again who plays here
        self._hear = Once(lambda: plane.hear(_NAME, self._on_word))
        self._follow = Once(lambda: plane.follow(_NAME, self._on_event))
        self._running: asyncio.Task[None] | None = None
        self._objecting: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self) -> None:
        """Learn what is known."""
        await self._hear()
        await self._follow()
        self._opened = True

    async def enter(self, who: str, name: str) -> None:
        """Let somebody play from now on."""
        self._names[who] = name
        self._wake()
        await self._tell(here={who: name})

    def leave(self, who: str) -> None:
        """Somebody plays here no more: others see that in two seconds."""
        self._names.pop(who, None)

    async def move(self, who: str, move: Move) -> None:
        """Pass on what somebody wants to do."""
        await self._tell(who=who, move=move)

    async def close(self) -> None:
        """Tick no more, and for good."""
        self._closed = True
        for task in (self._running, self._objecting):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])

    async def _tell(self, **word: object) -> None:
        await self._plane.tell(_NAME, json.dumps(word))

    def _on_word(self, word: str) -> None:
        told = json.loads(word)
        ours = self.ticking == self.node
        if "world" in told and told["node"] == self.ticking:
            self._heard, self._current = asyncio.get_running_loop().time(), self._opened
            if not ours:
                self.world = World.loads(told["world"])
            if self.world.tick > self._shown:
                self._shown = self.world.tick
                self._on_world(self.world)
        elif "here" in told and ours:
            self.world = greet(self.world, told["here"])
            self._wake()
        elif "move" in told and ours and len(self._moves[told["who"]]) < _MOST_WAITING:
            self._moves[told["who"]].append(Move(*told["move"]))

    def _on_event(self, _number: int, event: str) -> None:
        told = json.loads(event)
        world = World.loads(told["world"])
        if told["node"] != self.ticking:
            self._next_word = 0.0
            if self._current and world.tick < self.world.tick and not self._closed:
                self._objecting = asyncio.create_task(self._object(self.world))
        if told["node"] != self.ticking or world.tick > self.world.tick:
            self.world = world
        self.ticking = told["node"]
        self._heard = asyncio.get_running_loop().time()

    async def _object(self, world: World) -> None:
        if world.tick > self.world.tick:  # else another one was faster
            self.world = world
            with suppress(OSError):
                await self._save()

    def _wake(self) -> None:
        if not self._closed and (self._running is None or self._running.done()):
            self._heard = asyncio.get_running_loop().time()
            self._running = asyncio.create_task(self._run(), name=f"arena {self.node}")
            self._running.add_done_callback(self._on_end)

    def _on_end(self, running: asyncio.Task[None]) -> None:
        if not running.cancelled() and running.exception() is not None:
            self._on_lost()

    async def _run(self) -> None:
        """Tick, or listen whether another node does, while somebody plays."""
        clock = asyncio.get_running_loop().time
        patience = _PATIENCE * random.uniform(1, 1.5)  # noqa: S311 - nobody gains by guessing it
        at = clock()
        while self._names or (self.ticking == self.node and self.world.here):
            if clock() >= self._next_word:
                self._next_word = clock() + 1
                await self._tell(here=self._names)
                if self.ticking == self.node:
                    await self._save()
            if self.ticking == self.node:
                await self._tick()
            elif not self.ticking or clock() > self._heard + patience * (1 if self._current else _UNSURE):
                self._heard = clock()
                await self._save()
            at = max(at + 1 / RATE, clock() - 1 / RATE)  # one late tick is made up for, a pause is not
            await asyncio.sleep(at - clock())
        if self.ticking == self.node:
            await self._save()

    async def _tick(self) -> None:
        world = self.world = step(self.world, self._moves)
        moves, self._moves = self._moves, defaultdict(list)
        for who, figure in world.figures.items():
            if waiting := [move for move in moves.get(who, ()) if move.number > figure.seen]:
                self._moves[who] = waiting
        changed = replace(world, tick=0) != replace(self._told, tick=0)
        if changed or world.tick >= self._told.tick + _AT_LEAST:
            self._told = world
            await self._tell(node=self.node, world=world.dumps())

    async def _save(self) -> None:
        await self._plane.append(_NAME, json.dumps({"node": self.node, "world": self.world.dumps()}))
