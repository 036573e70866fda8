"""The ways beside each other: the same events, from one server, to as many clients as you like."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from wslearn.errors import ConnectionClosed, UsageError
from wslearn.labs.realtime.clients import CLIENTS, open_websocket
from wslearn.labs.realtime.lane import Lane
from wslearn.labs.realtime.plan import Plan
from wslearn.labs.realtime.process import Control, PushServer
from wslearn.labs.realtime.result import Measured, Result
from wslearn.labs.realtime.wire import Counts, Site
from wslearn.net.thread import LoopThread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from wslearn.net.tap import Tap

__all__ = ["compare", "race", "upstream"]

_PATIENCE = 20.0  # seconds that the last event may take beyond its time
_EVERY = 0.1  # seconds between two looks at a race


def compare(
    server: PushServer | None = None,
    *,
    ways: Sequence[str] = tuple(CLIENTS),
    through: Tap | None = None,
    **plan: Any,
) -> Result:
    """Deliver the same events in each way, one way after another, and measure what each costs.

    Parameters
    ----------
    server
        Whose processor time is measured; one is started for this call when not given.
    ways
        Which: ``"polling"``, ``"long polling"``, ``"SSE"``, ``"WebSocket"``.
    through
        A tap in front of the server, to see what crosses. It slows all of them down.
    **plan
        See `Plan`: ``rate``, ``duration``, ``clients``, ``interval``, ``keep_alive``, ``size``, ``burst``.

    Raises
    ------
    UsageError
        For an argument that cannot work, or a server that is stopped.

    Examples
    --------
    >>> result = compare(ways=["SSE", "WebSocket"], rate=50, duration=0.1, clients=2)
    >>> result.same, [way.delivered for way in result.ways]
    (True, [10, 10])
    """
    wanted = Plan(**plan)
    _known(ways)

    async def run(server: PushServer, port: int) -> list[Measured]:
        return [
            each
            for name in ways
            for each in await _run(server, [Lane(name, wanted, server.host, port)], wanted, None)
        ]

    found = _on_a_thread(server, through, run)
    return Result(_title(wanted), tuple(found), wanted.stream.digest)


def race(
    server: PushServer | None = None,
    *,
    through: Tap | None = None,
    look: Callable[[list[Measured]], None] | None = None,
    **plan: Any,
) -> Result:
    """Deliver one stream in all four ways at once: each event leaves for all of them at the same moment.

    The processor time is that of all together, so it is not told.

    Parameters
    ----------
    server
        One is started for this call when not given.
    through
        A tap in front of it, as in `compare`.
    look
        Called ten times a second, on another thread, with what was measured so far.
    **plan
        As in `compare`.

    Raises
    ------
    UsageError
        As `compare`.
    """
    wanted = Plan(**plan)

    async def run(server: PushServer, port: int) -> list[Measured]:
        lanes = [Lane(name, wanted, server.host, port) for name in CLIENTS]
        return await _run(server, lanes, wanted, look)

    return Result(_title(wanted), tuple(_on_a_thread(server, through, run)), wanted.stream.digest)


def upstream(server: PushServer | None = None, *, messages: int = 100, size: int = 64) -> Result:
    """Send messages to the server, one after the answer to another, by POST and by WebSocket.

    Parameters
    ----------
    server
        As in `compare`.
    messages
        How many.
    size
        Bytes of each.

    Raises
    ------
    UsageError
        As `compare`.

    Examples
    --------
    >>> [way.delivered for way in upstream(messages=3).ways]
    [3, 3]
    """
    for name, value, most in (("messages", messages, 100_000), ("size", size, 65_536)):
        if type(value) is not int or not 1 <= value <= most:
            raise UsageError(f"{name} is a whole number from 1 to {most:,}, not {value!r}.")

    async def run(server: PushServer, port: int) -> list[Measured]:
        return [await _say(server, port, name, messages, "x" * size) for name in ("POST", "WebSocket")]

    found = _on_a_thread(server, None, run)
    return Result(f"{messages:,} messages of {size:,} bytes to the server", tuple(found), unit="message")


def _known(ways: Sequence[str]) -> None:
    if not ways or any(name not in CLIENTS for name in ways):
        raise UsageError(f"ways is a list of {', '.join(map(repr, CLIENTS))}, not {ways!r}.")


def _title(plan: Plan) -> str:
    clients = f"{plan.clients:,} client{'s' * (plan.clients != 1)}"
    if not plan.count:
        return f"No events for {plan.duration:g} s, {clients} each, polls every {plan.interval:g} s"
    burst = f" in bursts of {plan.burst}" if plan.burst > 1 else ""
    return (
        f"{plan.rate:g} events a second of {plan.size} bytes{burst}, {clients} each, "
        f"polls every {plan.interval:g} s{'' if plan.keep_alive else ', no keep-alive'}"
    )


def _on_a_thread(
    server: PushServer | None,
    through: Tap | None,
    work: Callable[[PushServer, int], Coroutine[Any, Any, list[Measured]]],
) -> list[Measured]:
    """Run the clients on a loop of their own: a notebook's is busy with the cell that waits for them."""
    with ExitStack() as ending:
        if server is None:
            server = ending.enter_context(PushServer())
        thread = LoopThread("wslearn realtime")
        ending.callback(thread.stop)
        try:
            return thread.run(work(server, server.port if through is None else through.port))
        except (OSError, ConnectionClosed) as error:
            raise UsageError(
                f"The server went away: {error} It printed: {server.log or '(nothing)'}"
            ) from error


async def _run(
    server: PushServer, lanes: list[Lane], plan: Plan, look: Callable[[list[Measured]], None] | None
) -> list[Measured]:
    """Measure lanes together, in one stream."""
    async with Control(server) as control:
        await control.tell(reset=True)
        looking = None
        try:
            for lane in lanes:
                await lane.open()
            began = time.perf_counter_ns()
            for lane in lanes:
                lane.begin(began)
            until = time.monotonic() + plan.duration
            before = await control.tell(begin=asdict(plan.stream))
            if look is not None:
                looking = asyncio.create_task(_look(lanes, look))
            with suppress(TimeoutError):
                async with asyncio.timeout(plan.duration + _PATIENCE):
                    await asyncio.gather(*(lane.finish() for lane in lanes))
            await asyncio.sleep(until - time.monotonic())
            spent = await control.tell() - before
            return [lane.measured(spent if len(lanes) == 1 else None) for lane in lanes]
        finally:
            if looking is not None:
                looking.cancel()
            for lane in lanes:
                await lane.close()
            with suppress(ConnectionClosed):
                await control.tell(reset=True)


async def _look(lanes: list[Lane], look: Callable[[list[Measured]], None]) -> None:
    while True:
        look([lane.measured(None) for lane in lanes])
        await asyncio.sleep(_EVERY)


async def _say(server: PushServer, port: int, name: str, messages: int, text: str) -> Measured:
    """Send messages in one way."""
    counts = Counts()
    site = Site(server.host, port, counts)
    async with Control(server) as control:
        try:
            say = await (_posting(site, text) if name == "POST" else _sending(site, text))
            opening = replace(counts)
            began, before = time.perf_counter(), await control.tell()
            taken = []
            for _ in range(messages):
                start = time.perf_counter()
                await say()
                taken.append(time.perf_counter() - start)
            spent = await control.tell() - before
        finally:
            held = site.held
            site.close()
    return Measured(
        name=name,
        clients=1,
        delivered=messages,
        opening=opening,
        counts=counts - opening,
        held=held,
        latencies=tuple(sorted(taken)),
        cpu=spent,
        seconds=time.perf_counter() - began,
        digests=frozenset(),
    )


async def _posting(site: Site, text: str) -> Callable[[], Coroutine[Any, Any, None]]:
    wire = await site.connect()
    body = text.encode()
    fields = (
        ("Content-Type", "text/plain;charset=UTF-8"),
        ("Content-Length", str(len(body))),
        ("Origin", site.origin),
        ("Accept", "*/*"),
    )

    async def say() -> None:
        await site.fetch(wire, "POST", "/realtime/say", *fields, body=body)

    return say


async def _sending(site: Site, text: str) -> Callable[[], Coroutine[Any, Any, None]]:
    wire, connection, _ = await open_websocket(site, "/realtime")

    async def say() -> None:
        wire.write(connection.send(text))
        while not connection.receive(await wire.read()):
            pass

    return say
