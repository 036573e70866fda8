"""A line is as long as it says, in both directions, and changes nothing."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from tests.net.on_loop import on_loop
from wslearn.labs.line import Line
from wslearn.net import Server, connect


@on_loop
async def test_a_round_trip_takes_twice_the_delay() -> None:
    async with Server() as server:
        with Line(server.port, delay=0.05) as line:
            ws = await connect(server.url.replace(str(server.port), str(line.port)))
            trips = []
            for _ in range(3):
                began = time.monotonic()
                await ws.send("there and back")
                await ws.recv()
                trips.append(time.monotonic() - began)
            assert min(trips) == pytest.approx(0.1, abs=0.04)
            assert min(trips) >= 0.1
            await ws.close(4000)
            assert ws.closed.code == 4000


@on_loop
async def test_everything_arrives_in_order() -> None:
    messages = [os.urandom(size) for size in (0, 1, 1000, 500_000, 3)]
    async with Server() as server:
        with Line(server.port, delay=0.01) as line:
            async with connect(server.url.replace(str(server.port), str(line.port))) as ws:
                for message in messages:
                    await ws.send(message)
                assert [await ws.recv() for _ in messages] == messages


@on_loop
async def test_it_is_cut() -> None:
    async with Server() as server:
        line = Line(server.port, delay=0.01)
        ws = await connect(server.url.replace(str(server.port), str(line.port)))
        await asyncio.to_thread(line.stop)
        await ws.wait_closed()
        assert ws.close_code == 1006
        line.stop()
