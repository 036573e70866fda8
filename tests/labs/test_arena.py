"""The arena: which node's word counts."""

from __future__ import annotations

import asyncio
import json

from tests.net.on_loop import on_loop, until
from wslearn.labs.apps.arena import Arena
from wslearn.labs.apps.world import World
from wslearn.labs.backplane import Local


class Others:
    """Other nodes, and one that listens."""

    def __init__(self, plane: Local | None = None) -> None:
        self.plane = plane or Local()
        self.seen: list[int] = []
        self.arena = Arena(self.plane, lambda world: self.seen.append(world.tick), lambda: None)

    @property
    def saved(self) -> list[int]:
        """The ticks of the worlds in the log."""
        events = self.plane._logs["game"].missed(0) or []
        return [World.loads(json.loads(event)["world"]).tick for _, event in events]

    async def save(self, node: str, tick: int) -> None:
        await self.plane.append("game", json.dumps({"node": node, "world": World(tick).dumps()}))

    async def say(self, node: str, tick: int) -> None:
        await self.plane.tell("game", json.dumps({"node": node, "world": World(tick).dumps()}))


@on_loop
async def test_only_the_node_of_the_newest_event_is_heard() -> None:
    others = Others()
    await others.save("a", 90)
    await others.save("b", 100)
    await others.arena.open()
    assert (others.arena.ticking, others.arena.world.tick) == ("b", 100)
    await others.say("a", 500)
    await others.say("b", 101)
    assert others.seen == [101]
    await others.say("b", 103)
    await others.save("b", 102)  # an event may come behind the words that follow it
    assert (others.seen, others.arena.world.tick) == ([101, 103], 103)
    assert others.saved == [90, 100, 102]


@on_loop
async def test_who_takes_over_says_how_the_world_is_even_if_that_is_older() -> None:
    others = Others()
    await others.arena.open()
    await others.save("a", 100)
    await others.say("a", 120)
    await others.save("b", 110)
    assert (others.arena.ticking, others.arena.world.tick) == ("b", 110)
    await others.say("a", 121)
    await others.say("b", 111)
    assert others.seen == [120], "pages see no score go down"


@on_loop
async def test_whoever_heard_more_than_the_one_that_takes_over_objects() -> None:
    others = Others()
    await others.arena.open()
    await others.save("a", 100)
    await others.say("a", 120)
    await others.save("b", 110)
    await until(lambda: others.arena.ticking == others.arena.node)
    assert (others.saved, others.arena.world.tick) == ([100, 110, 120], 120)
    await others.say("b", 111)
    assert others.seen == [120]
    await others.save("b", 119)
    await others.save("a", 125)  # another one was faster
    await asyncio.sleep(0.01)
    assert (others.saved[3:], others.arena.ticking) == ([119, 125], "a")
    await others.arena.close()


@on_loop
async def test_nobody_objects_to_what_happened_before_it_came() -> None:
    others = Others()
    for node, tick in (("a", 100), ("b", 50), ("a", 100)):
        await others.save(node, tick)
    await others.arena.open()
    await asyncio.sleep(0.01)
    assert (others.saved, others.arena.world.tick) == ([100, 50, 100], 100)


@on_loop
async def test_who_heard_no_word_leaves_it_to_others_to_take_over() -> None:
    others = Others()
    await others.save("gone", 100)
    late = Others(others.plane)
    for each in (others, late):
        await each.arena.open()
    await others.say("gone", 115)
    late.arena._current = False  # it began a moment later
    for each in (late, others):
        await each.arena.enter("ada", "Ada")
    await until(lambda: others.arena.ticking != "gone")
    assert others.arena.ticking == others.arena.node
    await until(lambda: late.arena.ticking == others.arena.node)
    assert late.arena.world.tick >= 115
    for each in (late, others):
        await each.arena.close()
