"""The game: the server decides, everybody sees the same, and a world outlives its node."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.labs.gaming import Gamer, arena_of, asleep, collect
from tests.net.on_loop import on_loop, until
from wslearn.labs.apps.game import game
from wslearn.labs.apps.page import LIMITS
from wslearn.labs.apps.world import RATE
from wslearn.labs.backplane import Backplane, Local
from wslearn.net import Limits, Server, connect


@asynccontextmanager
async def nodes(count: int = 1, make: Callable[[], Backplane] = Local) -> AsyncIterator[list[Server]]:
    plane, servers = make(), []
    for _ in range(count):
        app = game(plane)
        app.limits = replace(LIMITS, close_timeout=0.2)
        servers.append(Server(app))
        await servers[-1].start()
    try:
        yield servers
    finally:
        for server in servers:
            await server.stop()
    assert [error for server in servers for error in server.errors] == []


class TestAuthority:
    @on_loop
    async def test_moves_are_made_and_all_see_the_same(self) -> None:
        async with nodes() as (server,):
            ada, bob = await Gamer("Ada").play(server), await Gamer("Bob").play(server)
            start = ada.place
            for _ in range(4):
                await ada.move(0, 1 if start[1] < 200 else -1)
                await ada.decided()
            assert abs(ada.place[1] - start[1]) == 24
            await until(lambda: bob.figures[ada.you] == ada.mine)
            assert sorted(bob.names.values()) == ["Ada", "Bob"]
            await ada.leave()
            await bob.leave()

    @on_loop
    async def test_nobody_is_faster_than_the_ticks(self) -> None:
        async with nodes() as (server,):
            ada = await Gamer("Ada").play(server)
            way = 1 if ada.place[0] < 320 else -1
            start, tick = ada.place[0], ada.world["tick"]
            for _ in range(60):
                await ada.move(way, 0)
            await until(lambda: ada.world["tick"] > tick + 20)
            assert abs(ada.place[0] - start) <= 6 * (ada.world["tick"] - tick + 4)
            await ada.leave()

    @pytest.mark.parametrize(("x", "y"), [(2, 0), (0, -9), (10**9, 10**9)])
    @on_loop
    async def test_an_impossible_move_is_refused_and_counted(self, x: int, y: int) -> None:
        async with nodes() as (server,):
            ada = await Gamer("Ada").play(server)
            start = ada.place
            await ada.move(x, y)
            await ada.decided()
            assert ada.place == start
            assert ada.told[0]["type"] == "refused"
            assert f"and not {x}, {y}: you stay" in ada.told[0]["why"]
            await ada.leave()

    @on_loop
    async def test_it_ticks_only_while_somebody_plays(self) -> None:
        async with nodes() as (server,):
            arena = arena_of(server)
            assert asleep(arena)
            ada = await Gamer("Ada").play(server)
            tick = ada.world["tick"]
            await asyncio.sleep(0.5)
            assert RATE * 0.2 < arena.world.tick - tick < RATE
            await ada.leave()
            await until(lambda: asleep(arena))
            tick = arena.world.tick
            bob = await Gamer("Bob").play(server)
            assert bob.world["tick"] < tick + 20
            await bob.leave()

    @on_loop
    async def test_a_coin_is_one_point_for_one(self) -> None:
        async with nodes() as (server,):
            ada, bob = await Gamer("Ada").play(server), await Gamer("Bob").play(server)
            await collect(ada, server)
            await collect(bob, server)
            await until(lambda: ada.figures == bob.figures)
            assert ada.mine["score"] >= 1
            assert bob.mine["score"] >= 1
            await ada.leave()
            await bob.leave()


class TestComingBack:
    @on_loop
    async def test_figure_and_score_stay(self) -> None:
        async with nodes() as (server,):
            ada = await Gamer("Ada").play(server)
            await collect(ada, server)
            before = ada.mine
            await ada.leave()
            await ada.play(server)
            assert ada.mine == before
            other = await Gamer("Ada", "f" * 32).play(server)
            assert other.you != ada.you
            assert other.mine["score"] == 0
            await ada.leave()
            await other.leave()

    @on_loop
    async def test_a_newer_connection_replaces_the_older_one(self) -> None:
        async with nodes() as (server,):
            ada = await Gamer("Ada").play(server)
            older = ada.ws
            await ada.play(server)
            async with asyncio.timeout(5):
                await older.wait_closed()
            assert older.closed.code == 4000
            await asyncio.sleep(0.1)
            arena = arena_of(server)
            assert list(arena._names) == [ada.you]
            await ada.leave()


class TestNodes:
    @on_loop
    async def test_one_node_ticks_for_all(self) -> None:
        async with nodes(3) as servers:
            gamers = [await Gamer(name).play(server) for name, server in zip("abc", servers, strict=True)]
            for gamer in gamers:
                await gamer.move(1, 0)
                await gamer.decided()
            assert len({gamer.world["node"] for gamer in gamers}) == 1
            await until(lambda: gamers[0].figures == gamers[1].figures == gamers[2].figures)
            arenas = [arena_of(server) for server in servers]
            assert len({arena.ticking for arena in arenas}) == 1
            for gamer in gamers:
                await gamer.leave()

    @on_loop
    async def test_another_one_takes_over(self) -> None:
        async with nodes(3) as servers:
            gamers = [await Gamer(name).play(server) for name, server in zip("abc", servers, strict=True)]
            arenas = [arena_of(server) for server in servers]
            first = next(arena for arena in arenas if arena.node == arena.ticking)
            await collect(gamers[1], servers[arenas.index(first)])
            left = [gamer for gamer, arena in zip(gamers, arenas, strict=True) if arena is not first]
            score, seen = left[0].figures[gamers[1].you]["score"], left[0].world["tick"]
            clock = asyncio.get_running_loop().time
            began = clock()
            await first.close()  # as one does that is killed or cut off
            async with asyncio.timeout(5):
                await until(lambda: all(gamer.world["node"] != first.node for gamer in left))
            assert clock() - began < 2.5
            assert left[0].world["node"] == left[1].world["node"]
            assert left[0].world["tick"] >= seen
            assert left[0].figures[gamers[1].you]["score"] >= score
            for gamer in left:
                await gamer.move(0, 0)
                await gamer.decided()
            for gamer in gamers:
                await gamer.leave()

    @on_loop
    async def test_two_who_take_over_at_once_agree(self) -> None:
        async with nodes(2) as servers:
            ada, bob = [await Gamer(name).play(server) for name, server in zip("ab", servers, strict=True)]
            arenas = [arena_of(server) for server in servers]
            for _ in range(5):
                await asyncio.gather(*(arena._save() for arena in arenas))
                assert len({arena.ticking for arena in arenas}) == 1
                await ada.move(0, 0)
                await ada.decided()
            await until(lambda: ada.world["tick"] == bob.world["tick"])
            assert ada.figures == bob.figures
            await ada.leave()
            await bob.leave()

    @on_loop
    async def test_a_world_outlives_all_nodes(self) -> None:
        plane = Local()
        async with Server(game(plane)) as server:
            ada = await Gamer("Ada").play(server)
            await collect(ada, server)
            arena = arena_of(server)
            await ada.leave()
            await until(lambda: asleep(arena))
            score = arena.world.figures[ada.you].score
        async with Server(game(plane)) as server:
            ada = await ada.play(server)
            assert ada.mine["score"] == score
            await ada.leave()

    @on_loop
    async def test_without_the_other_nodes_players_are_told_and_may_come_again(self) -> None:
        class Gone(Local):
            fault = False

            async def append(self, log: str, event: str, event_id: str = "") -> int:
                if self.fault:
                    raise OSError
                return await super().append(log, event, event_id)

        plane = Gone()
        async with nodes(make=lambda: plane) as (server,):
            ada = await Gamer("Ada").play(server)
            plane.fault = True
            async with asyncio.timeout(5):
                await ada.ws.wait_closed()
            assert ada.ws.closed.code == 1013
            plane.fault = False
            await ada.play(server)
            await ada.leave()


class TestSlowPlayer:
    @on_loop
    async def test_gets_the_newest_and_costs_the_others_nothing(self) -> None:
        async with nodes() as (server,):
            ada = await Gamer("Ada").play(server)
            slow = await connect(server.url, limits=Limits(max_queue=1))
            await slow.send(json.dumps({"type": "play", "name": "Slow", "token": "a" * 32}))
            players = server._apps["/game"].run._players  # type: ignore[attr-defined]
            await until(lambda: len(players) == 2)
            reader = next(player for who, player in players.items() if who != ada.you)
            while not reader._skipped:
                reader.show("{}", "x" * 60_000)
                await asyncio.sleep(0)
            for _ in range(5):
                await ada.move(0, 0)
                await ada.decided()
            assert reader._skipped >= 5
            reader.show("{}", "the end")
            told = []
            async with asyncio.timeout(10):
                while "the end" not in told:
                    told.append(await slow.recv())
            assert '{"type": "skipped"' in told[-2][:20] or len(told) > 10
            slow.abort()
            await ada.leave()


class TestBadInput:
    @on_loop
    async def test_no_place_is_left(self) -> None:
        async with nodes() as (server,):
            gamers = [await Gamer(f"g{number}", f"{number:032x}").play(server) for number in range(16)]
            ws = await connect(server.url)
            await ws.send(json.dumps({"type": "play", "name": "Late", "token": "f" * 32}))
            assert "All 16 places are taken" in json.loads(await ws.recv())["why"]
            ws.abort()
            for gamer in gamers:
                await gamer.leave()
