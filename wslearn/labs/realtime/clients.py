"""The four clients: each gets the same events, in another way."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from wslearn.connection import Connection
from wslearn.errors import UsageError
from wslearn.handshake import check_response, client_request
from wslearn.labs.realtime.sse import parse_sse
from wslearn.labs.realtime.stream import Digest, Event
from wslearn.labs.realtime.wire import read_head

if TYPE_CHECKING:
    from wslearn.labs.realtime.wire import Site, Wire

__all__ = ["CLIENTS", "Follower", "open_websocket"]


class Follower:
    """What one client got.

    Parameters
    ----------
    wanted
        How many events there will be.
    got
        Called with each event and the time at which it was there.
    """

    def __init__(self, wanted: int, got: Callable[[Event, int], None]) -> None:
        self._wanted = wanted
        self._got = got
        self._digest = Digest()
        self.last = 0
        self.delivered = 0
        self.ready = asyncio.Event()
        self.done = asyncio.Event()
        if not wanted:
            self.done.set()

    def take(self, told: dict[str, Any]) -> None:
        """Take an event that came just now."""
        now = time.perf_counter_ns()
        event = Event(told["n"], told["at"], told["data"])
        self.last = event.number
        self.delivered += 1
        self._digest.add(event.number, event.data)
        self._got(event, now)
        if event.number == self._wanted:
            self.done.set()

    @property
    def digest(self) -> str:
        """What stands for the events that came, in the order in which they came."""
        return self._digest.value


Client = Callable[["Site", Follower, asyncio.Event, float, float], Coroutine[Any, Any, None]]


async def _poll(site: Site, me: Follower, gun: asyncio.Event, interval: float, phase: float) -> None:
    """Ask again and again, whether there is something or not."""
    wire = await _ask(site, None, me, "poll")
    me.ready.set()
    await gun.wait()
    loop = asyncio.get_running_loop()
    due = loop.time() + phase * interval
    while True:
        await asyncio.sleep(due - loop.time())
        wire = await _ask(site, wire, me, "poll")
        due = max(due + interval, loop.time())


async def _long_poll(site: Site, me: Follower, _gun: asyncio.Event, _interval: float, _phase: float) -> None:
    """Ask, wait for the answer, ask again."""
    wire = await _ask(site, None, me, "long", "&wait=0")
    while True:
        wire = await _ask(site, wire, me, "long", asked=me.ready.set)


async def _ask(
    site: Site,
    wire: Wire | None,
    me: Follower,
    how: str,
    more: str = "",
    asked: Callable[[], None] | None = None,
) -> Wire | None:
    """Ask for the events after those that are here, and take them."""
    target = f"/realtime/{how}?after={me.last}{more}"
    wire, body = await site.fetch(wire, "GET", target, ("Accept", "*/*"), asked=asked)
    for event in json.loads(body):
        me.take(event)
    return wire


async def _events(site: Site, me: Follower, _gun: asyncio.Event, _interval: float, _phase: float) -> None:
    """Ask once; the answer does not end."""
    wire = await site.connect()
    fresh = (("Pragma", "no-cache"), ("Cache-Control", "no-cache"))
    site.ask(wire, "GET", "/realtime/events", ("Accept", "text/event-stream"), *fresh)
    _, chunked = await read_head(wire)
    me.ready.set()
    text = b""
    while True:
        body, chunked = _unchunk(chunked)
        text += body
        whole, mark, text = text.rpartition(b"\n\n")
        for _, data in parse_sse((whole + mark).decode()):
            me.take(json.loads(data))
        chunked += await wire.read()


def _unchunk(data: bytes) -> tuple[bytes, bytes]:
    """Take the whole chunks off the front of a response without a length (RFC 9112 §7.1)."""
    pieces = []
    while (end := data.find(b"\r\n")) >= 0:
        size = int(data[:end], 16)
        if len(data) < end + 2 + size + 2:
            break
        pieces.append(data[end + 2 : end + 2 + size])
        data = data[end + 2 + size + 2 :]
    return b"".join(pieces), data


async def open_websocket(site: Site, path: str) -> tuple[Wire, Connection, bytes]:
    """Open a WebSocket with the headers of a browser, on the library's own `Connection`.

    Returns
    -------
    tuple of Wire, Connection and bytes
        The last is what came behind the handshake.
    """
    wire = await site.connect()
    url = f"ws://{site.host}:{site.port}{path}"
    request = client_request(url, origin=site.origin, headers=site.handshake_headers)
    site.counts.requests += 1
    wire.write(request.serialize())
    response, rest = await read_head(wire)
    check_response(request, response)
    return wire, Connection("client"), rest


async def _websocket(site: Site, me: Follower, _gun: asyncio.Event, _interval: float, _phase: float) -> None:
    """Ask once for another protocol; then both sides send when they like."""
    wire, connection, data = await open_websocket(site, "/realtime?after=0")
    me.ready.set()
    while True:
        for event in connection.receive(data):
            if not isinstance(event, str):
                raise UsageError(f"The server sent {event!r}.")
            me.take(json.loads(event))
        data = await wire.read()


#: The ways, by name, in the order in which they were invented.
CLIENTS: dict[str, Client] = {
    "polling": _poll,
    "long polling": _long_poll,
    "SSE": _events,
    "WebSocket": _websocket,
}
