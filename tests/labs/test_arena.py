"""The arena: which node's word counts."""

from __future__ import annotations

import json

from tests.net.on_loop import on_loop
from wslearn.labs.apps.arena import Arena
from wslearn.labs.apps.world import World
from wslearn.labs.backplane import Local


class Others:
    """Other nodes, and one that listens."""

    def __init__(self) -> None:
        self.plane = Local()
        self.seen: list[int] = []
        self.arena = Arena(self.plane, lambda world: self.seen.append(world.tick), lambda: None)

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
    assert others.seen == [120, 111]
