"""What is done once for all who wait for it."""

from __future__ import annotations

import asyncio

import pytest

from tests.net.on_loop import on_loop
from wslearn.labs.once import Once


class Act:
    """Something to be done, which may fail or take long."""

    def __init__(self) -> None:
        self.count = 0
        self.fault: Exception | None = None
        self.go = asyncio.Event()

    async def __call__(self) -> None:
        self.count += 1
        await self.go.wait()
        if self.fault:
            raise self.fault


@on_loop
async def test_all_wait_for_one() -> None:
    act = Act()
    once = Once(act)
    waiting = [asyncio.create_task(once()) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert not any(task.done() for task in waiting)
    act.go.set()
    await asyncio.gather(*waiting)
    await once()
    assert act.count == 1


@on_loop
async def test_what_failed_is_told_to_all_who_waited_and_tried_again_for_the_next() -> None:
    act = Act()
    once = Once(act)
    act.fault = OSError("away")
    act.go.set()
    for result in await asyncio.gather(once(), once(), return_exceptions=True):
        assert str(result) == "away"
    assert act.count == 1
    act.fault = None
    await once()
    await once()
    assert act.count == 2


@on_loop
async def test_who_gives_up_does_not_break_it_off_for_the_others() -> None:
    act = Act()
    once = Once(act)
    hasty, patient = asyncio.create_task(once()), asyncio.create_task(once())
    await asyncio.sleep(0)
    hasty.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hasty
    act.go.set()
    await patient
    assert act.count == 1
