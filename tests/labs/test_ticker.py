"""The ticker: newer prices for who reads slowly, all of them for who can take them, the same on all nodes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from tests.labs import shared
from tests.labs.shared import Shared
from tests.net.on_loop import on_loop, until
from wslearn import ConnectionClosed
from wslearn.connection import State
from wslearn.labs.apps.page import LIMITS
from wslearn.labs.apps.prices import SYMBOLS, step
from wslearn.labs.apps.ticker import Ticker, ticker
from wslearn.labs.backplane import Backplane
from wslearn.labs.conflation import MOST_WAITING, Every, Latest
from wslearn.net import Server, WebSocket, connect


class Market(Shared):
    """What several nodes share; it notes what was said."""

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__()
        self.delay = delay  # seconds
        self.ticks: list[tuple[int, dict[str, float]]] = []

    async def tell(self, subject: str, word: str) -> None:
        told = json.loads(word)
        self.ticks.append((told["tick"], told["prices"]))
        if self.delay:
            await asyncio.sleep(self.delay)
        await super().tell(subject, word)


@asynccontextmanager
async def nodes(
    count: int = 1, plane: Market | None = None, rate: float = 200.0
) -> AsyncIterator[list[Server]]:
    def quick(plane: Backplane) -> Ticker:
        app = ticker(plane, rate)
        app.limits = replace(LIMITS, max_message_rate=1000)
        return app

    async with shared.nodes(quick, count, plane or Market()) as servers, asyncio.timeout(15):
        yield servers


def market(server: Server) -> Ticker:
    app = server._apps["/ticker"].run
    assert isinstance(app, Ticker)
    return app


async def join(server: Server, mode: str = "latest") -> WebSocket:
    ws = await connect(server.url, deflate=None)
    await ws.send(json.dumps({"type": "join", "mode": mode}))
    return ws


async def hear(ws: WebSocket) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await ws.recv())
    return told


async def take(ws: WebSocket) -> dict[str, Any]:
    """Read a message, and be ready for the next one."""
    told = await hear(ws)
    await ws.send('{"type": "ready"}')
    return told


class TestLatest:
    @on_loop
    async def test_a_slow_reader_gets_the_newest_price_of_each_symbol_and_no_more(self) -> None:
        async with nodes() as (server,):
            ws = await join(server)
            await take(ws)
            app = market(server)
            until_tick = app._tick + 100
            await until(lambda: app._tick >= until_tick)  # the reader is busy with something else
            board = {symbol: price for symbol, price, _ in app._board.values()}
            old = await take(ws)  # was on its way when it was ready last
            new = await take(ws)
            assert len(new["values"]) == len(SYMBOLS)
            assert {symbol: price for symbol, price, _ in new["values"]} == board
            assert new["conflated"] > 200
            assert new["waiting"] == 0
            assert max(age for _, _, age in new["values"]) < 1
            assert len(old["values"]) <= len(SYMBOLS)
            ws.abort()

    @on_loop
    async def test_every_price_is_received_or_conflated_or_waits(self) -> None:
        async with nodes() as (server,):
            ws, received, conflated = await join(server), 0, 0
            for number in range(50):
                if number % 10 == 5:
                    await asyncio.sleep(0.05)
                told = await take(ws)
                received, conflated = received + len(told["values"]), told["conflated"]
                assert told["made"] == received + conflated + told["waiting"]
            assert conflated > 0
            ws.abort()

    @on_loop
    async def test_no_message_without_a_credit(self) -> None:
        async with nodes() as (server,):
            ws = await join(server)
            await hear(ws)
            app = market(server)
            for _ in range(3):  # however often it is said, it is worth one message
                await ws.send('{"type": "ready"}')
            await hear(ws)
            tick = app._tick
            await until(lambda: app._tick > tick + 20)
            more: list[str | bytes] = []
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    while True:
                        more.append(await ws.recv())
            assert len(more) <= 2
            ws.abort()

    @on_loop
    async def test_who_comes_back_has_the_board_at_once(self) -> None:
        async with nodes(rate=20) as (server,):
            ws = await join(server)
            await take(ws)
            ws.abort()
            ws = await join(server)
            told = await hear(ws)
            assert [symbol for symbol, _, _ in told["values"]] == list(SYMBOLS)
            ws.abort()


class TestEvery:
    @on_loop
    async def test_a_quick_reader_gets_all_in_order(self) -> None:
        plane = Market()
        async with nodes(1, plane) as (server,):
            ws = await join(server, "every")
            seen: dict[str, list[float]] = {symbol: [] for symbol in SYMBOLS}
            while len(seen["BOLT"]) < 50:
                for symbol, price, _ in (await take(ws))["values"]:
                    seen[symbol].append(price)
            ws.abort()
        for symbol in SYMBOLS:
            walk = [prices[symbol] for _, prices in plane.ticks]
            moves = [price for before, price in zip([None, *walk], walk, strict=False) if price != before]
            assert seen[symbol] == moves[: len(seen[symbol])]

    @on_loop
    async def test_a_slow_reader_gets_older_and_older_ones_and_is_let_go(self) -> None:
        async with nodes() as (server,):
            slow, quick = await join(server, "every"), await join(server, "every")
            ages, waiting = [], []

            async def read_on() -> None:
                with suppress(ConnectionClosed):
                    while True:
                        await take(quick)

            other = asyncio.create_task(read_on())
            with suppress(ConnectionClosed):
                while True:
                    told = await take(slow)
                    ages.append(told["values"][0][2])
                    waiting.append(told["waiting"])
                    await asyncio.sleep(0.1)
            assert slow.closed.code == 1013
            assert slow.closed.reason == f"You read too slowly: {MOST_WAITING} values wait for you."
            assert waiting[-1] > MOST_WAITING / 2
            assert ages[1:] == sorted(ages[1:])
            assert ages[-1] > 0.3
            assert not other.done()
            assert (await connected(server)) == 1
            other.cancel()
            quick.abort()

    @on_loop
    async def test_what_waits_is_there_for_who_is_ready(self) -> None:
        async with nodes(rate=1) as (server,):
            ws, app = await join(server, "every"), market(server)
            await until(lambda: bool(app._readers))
            for tick in range(1, 6):
                app._on_tick(json.dumps({"tick": tick, "prices": dict.fromkeys(SYMBOLS, float(tick))}))
            async with asyncio.timeout(0.5):
                said = [await take(ws) for _ in range(5)]
            assert [told["values"][0][1] for told in said] == [1, 2, 3, 4, 5]
            assert [told["waiting"] for told in said] == [24, 18, 12, 6, 0]
            ws.abort()

    @on_loop
    async def test_who_never_is_ready_again_is_let_go_at_once(self) -> None:
        async with nodes() as (server,):
            ws, app = await join(server, "every"), market(server)
            await hear(ws)
            ws._stream.pause()  # not even the close frame is read
            (there,) = server.connections
            await until(lambda: there.state is State.CLOSING)
            assert not app._readers
            await until(lambda: not server.connections)
            ws.abort()


class TestNetwork:
    """One that says "ready" all the time and does not read its socket."""

    @on_loop
    async def test_in_every_the_queue_grows_until_it_is_let_go(self) -> None:
        async with nodes(rate=500) as (server,):
            ws = await join(server, "every")
            await take(ws)
            (there,) = server.connections
            async with blocked(ws, there):
                (reader,) = market(server)._readers.values()
                while server.connections:
                    with suppress(ConnectionClosed):
                        await ws.send('{"type": "ready"}')
                    await asyncio.sleep(0.005)
                assert len(reader._waiting) == MOST_WAITING

    @on_loop
    async def test_in_latest_nothing_grows_and_it_goes_on_with_new_prices(self) -> None:
        async with nodes(rate=500) as (server,):
            ws, app = await join(server, "latest"), market(server)
            await take(ws)
            (there,) = server.connections
            async with blocked(ws, there):
                (reader,) = app._readers.values()
                for _ in range(100):
                    await ws.send('{"type": "ready"}')
                    await asyncio.sleep(0.005)
                assert server.connections == [there]
                assert len(reader._waiting) == len(SYMBOLS)
                late: list[dict[str, Any]] = []
                while len(late) < 3:  # one or two were on their way
                    message = await ws.recv()
                    if isinstance(message, str):
                        late.append(json.loads(message))
                        await ws.send('{"type": "ready"}')
                assert late[2]["conflated"] > 200
                assert max(age for _, _, age in late[2]["values"]) < 1


@asynccontextmanager
async def blocked(ws: WebSocket, there: WebSocket) -> AsyncIterator[None]:
    """Read no more, and fill the network; at the end drop the connection."""
    ws._stream.pause()
    filling = asyncio.create_task(fill(there))
    await until(lambda: there._draining is not None)
    yield
    ws.abort()
    await filling


async def fill(there: WebSocket) -> None:
    with suppress(ConnectionClosed):
        for _ in range(64):
            await there.send(bytes(256 << 10))


async def connected(server: Server) -> int:
    await until(lambda: len(server.connections) < 2)
    return len(server.connections)


class TestNodes:
    @on_loop
    async def test_all_show_the_same_prices_and_one_says_them(self) -> None:
        plane = Market()
        async with nodes(3, plane) as servers:
            readers = [await join(server) for server in servers]
            for _ in range(10):
                for ws in readers:
                    await take(ws)
            boards = [
                {symbol: price for symbol, price, _ in market(server)._board.values()} for server in servers
            ]
            assert boards[0] == boards[1] == boards[2] == plane.ticks[-1][1]
            by_tick = dict(plane.ticks)
            assert all(by_tick[tick] == prices for tick, prices in plane.ticks)
            assert len(plane.ticks) < 2 * len(by_tick)
            for ws in readers:
                ws.abort()

    @on_loop
    async def test_when_a_node_dies_another_one_goes_on(self) -> None:
        plane = Market()
        async with nodes(2, plane) as servers:
            readers = [await join(server) for server in servers]
            for ws in readers:
                await take(ws)
            last = plane.ticks[-1][0]
            await servers[0].stop()
            await until(lambda: plane.ticks[-1][0] > last + 20)
            ticks = [tick for tick, _ in plane.ticks]
            assert ticks == sorted(ticks)
            assert set(range(1, ticks[-1] + 1)) == set(ticks)
            for ws in readers:
                ws.abort()

    @on_loop
    async def test_a_new_node_first_hears_where_the_others_are(self) -> None:
        plane = Market(delay=0.015)  # three ticks
        async with nodes(2, plane) as (one, other):
            first = await join(one)
            await until(lambda: len(plane.ticks) > 50)
            second = await join(other)
            told = await take(second)
            assert market(other)._tick > 50
            ticks = [tick for tick, _ in plane.ticks]
            assert ticks.count(1) == 1
            assert len(told["values"]) == len(SYMBOLS)
            first.abort()
            second.abort()

    @on_loop
    async def test_an_old_tick_is_no_news(self) -> None:
        plane = Market()
        async with nodes(1, plane) as (server,):
            ws = await join(server)
            await take(ws)
            app = market(server)
            board = dict(app._board)
            app._on_tick(json.dumps({"tick": app._tick, "prices": dict.fromkeys(SYMBOLS, 1.0)}))
            assert app._board == board
            ws.abort()

    @on_loop
    async def test_without_readers_the_market_stands_still_and_then_goes_on(self) -> None:
        plane = Market()
        async with nodes(1, plane) as (server,):
            ws = await join(server)
            await take(ws)
            ws.abort()
            app = market(server)
            await until(lambda: app._running is not None and app._running.done())
            last = app._tick
            ws = await join(server)
            await until(lambda: app._tick > last)
            assert plane.ticks[last][0] == last + 1
            ws.abort()


class TestWalk:
    def test_a_tick_is_the_same_wherever_it_is_said(self) -> None:
        prices = dict.fromkeys(SYMBOLS, 100.0)
        assert step(prices, 1, seed=7) == step(prices, 1, seed=7)
        assert step(prices, 1, seed=7) != step(prices, 2, seed=7) != step(prices, 2, seed=8)

    def test_prices_stay_prices(self) -> None:
        prices = {"PENNY": 1.0, "DEAR": 9999.0, "BOLT": 100.0}
        moved = 0
        for tick in range(1, 1001):
            walked = step(prices, tick, seed=1)
            moved += walked["BOLT"] != prices["BOLT"]
            prices = walked
            assert all(1 <= price <= 9999 and round(price, 2) == price for price in prices.values())
        assert 400 < moved < 600


class TestWaiting:
    def test_in_latest_a_symbol_has_one_place(self) -> None:
        waiting = Latest()
        for number in range(10_000):
            assert waiting.put((f"S{number % 3}", number, 0.0))
        assert len(waiting) == 3
        assert waiting.conflated == 9_997
        assert waiting.take(2) == [("S0", 9_999, 0.0), ("S1", 9_997, 0.0)]  # each keeps its place
        assert waiting.take(2) == [("S2", 9_998, 0.0)]
        assert waiting.take(2) == []

    def test_in_every_there_is_room_for_so_many(self) -> None:
        waiting = Every()
        for number in range(MOST_WAITING):
            assert waiting.put(("S", number, 0.0))
        assert not waiting.put(("S", -1, 0.0))
        assert [value for _, value, _ in waiting.take(10**6)] == list(range(MOST_WAITING))
