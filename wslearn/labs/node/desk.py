"""The desk of a node: plain HTTP beside its WebSockets, for those who run it and not for its clients.

::

    GET  /node/health              200, or 503 while it is to get no more clients
    GET  /node/stats               what it holds and what it costs, as JSON
    GET  /node/handshakes          when each of the last clients came, in seconds of the machine's clock
    POST /node/drain?seconds=2     no more clients; and those it has are closed, spread over so many seconds
    POST /node/cordon              no more clients; those it has stay
    POST /node/uncordon            clients again

Connections of a drained node are closed with 1001. The registry has 1012, too, "Service Restart", but
that one asks a client to stay away for 5 to 30 seconds: it is for a service that is not there meanwhile.
Here the service goes on, on the other nodes; only this endpoint is "going away" (RFC 6455 §7.4.1). That
the clients do not come all at once is seen to by the node, which does not close them all at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil
from tornado.web import HTTPError, RequestHandler

from wslearn.closing import CloseCode
from wslearn.errors import HandshakeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.net.server import Server
    from wslearn.net.websocket import WebSocket

__all__ = ["Desk"]

_NOTICE = 2.0  # seconds in which a balancer asks for the health of a node at least once
_A_MOMENT = 0.1  # seconds in which a handshake that was on its way to this node arrives
_LONGEST = 3600.0  # seconds
_MOST_HANDSHAKES = 20_000


class Desk:
    """What a node knows of itself, and what it is told to do.

    Parameters
    ----------
    name
        The node's name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.server: Server
        self.accepted = self.received = self.sent = self.probes = 0
        self._handshakes: deque[float] = deque(maxlen=_MOST_HANDSHAKES)
        self.state = "ready"  # or "cordoned", "draining", "drained"
        self._full = False  # nobody more is let in
        self._noticed = asyncio.Event()
        self._draining: asyncio.Task[None] | None = None
        pages: dict[str, Callable[[RequestHandler], Any]] = {
            "stats": lambda _: self.stats(),
            "handshakes": lambda _: list(self._handshakes),
        }
        orders: dict[str, Callable[[RequestHandler], Any]] = {
            "drain": lambda request: self.drain(float(request.get_query_argument("seconds", "2"))),
            "cordon": lambda _: self.cordon(),
            "uncordon": lambda _: self.uncordon(),
        }
        self.pages = (
            ("/health", _Health, {"ask": self.probe}),
            ("/(stats|handshakes)", _Page, {"pages": pages}),
            ("/(drain|cordon|uncordon)", _Order, {"orders": orders}),
        )

    async def __call__(self, ws: WebSocket) -> None:
        """Answer each message with the stats."""
        async for _ in ws:
            await ws.send(json.dumps(self.stats()))

    # --------------------------------------------------------------------------------- what it says

    def arrived(self) -> None:
        """Take note of a client that came, or send it away.

        Raises
        ------
        HandshakeError
            When this node is drained.
        """
        if self._full:
            raise HandshakeError(
                f"{self.name} is being drained: connect again.",
                status=503,
                section="§4.2.2",
                headers=[("Retry-After", "1")],
            )
        self.accepted += 1
        self._handshakes.append(time.time())

    def probe(self) -> bool:
        """Tell a balancer whether to send clients here."""
        self.probes += 1
        if self.state == "ready":
            return True
        self._noticed.set()
        return False

    def stats(self) -> dict[str, Any]:
        """Tell what it holds, and what it costs."""
        process = psutil.Process()
        times = process.cpu_times()
        return {
            "name": self.name,
            "pid": os.getpid(),
            "state": self.state,
            "open": len(self.server.connections),
            "accepted": self.accepted,
            "received": self.received,
            "sent": self.sent,
            "memory": process.memory_info().rss,
            "descriptors": _descriptors(process),
            "cpu": times.user + times.system,
            "probes": self.probes,
            "errors": list(self.server.errors),
        }

    # --------------------------------------------------------------------------------- what it is told

    def cordon(self) -> dict[str, Any]:
        """Be unhealthy from now on; who is here stays."""
        if self.state == "ready":
            self.state = "cordoned"
        return self.stats()

    def uncordon(self) -> dict[str, Any]:
        """Be healthy again, and close nobody any more."""
        if self._draining is not None:
            self._draining.cancel()
        self.state, self._full, self._draining = "ready", False, None
        self._noticed.clear()
        return self.stats()

    def drain(self, seconds: float) -> dict[str, Any]:
        """Be unhealthy, and close the connections, one by one, in the course of so many seconds."""
        if not 0 <= seconds <= _LONGEST:
            raise ValueError
        if self._draining is None:
            self.state = "draining"
            self._draining = asyncio.create_task(self._drain(seconds), name=f"drain {self.name}")
        return self.stats()

    async def _drain(self, seconds: float) -> None:
        with suppress(TimeoutError):  # there is no balancer
            async with asyncio.timeout(_NOTICE):
                await self._noticed.wait()
        await asyncio.sleep(_A_MOMENT)
        self._full = True
        loop = asyncio.get_running_loop()
        begun, connections = loop.time(), self.server.connections
        async with asyncio.TaskGroup() as closing:
            for number, ws in enumerate(connections):
                await asyncio.sleep(begun + seconds * number / len(connections) - loop.time())
                closing.create_task(ws.close(CloseCode.GOING_AWAY, f"{self.name} is drained: connect again"))
        self.state = "drained"


def _descriptors(process: psutil.Process) -> int:
    if sys.platform == "win32":
        return process.num_handles()
    return process.num_fds()


class _Health(RequestHandler):
    def initialize(self, ask: Callable[[], bool]) -> None:
        """Take what knows."""
        self._ask = ask

    def get(self) -> None:
        """Answer a balancer."""
        healthy = self._ask()
        self.set_status(200 if healthy else 503)
        self.finish("healthy\n" if healthy else "no more clients, please\n")


class _Page(RequestHandler):
    def initialize(self, pages: dict[str, Callable[[RequestHandler], Any]]) -> None:
        """Take what answers."""
        self._pages = pages

    def get(self, name: str) -> None:
        """Tell something."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(self._pages[name](self)))


class _Order(RequestHandler):
    def initialize(self, orders: dict[str, Callable[[RequestHandler], Any]]) -> None:
        """Take what obeys."""
        self._orders = orders

    def post(self, name: str) -> None:
        """Do as told; but not by a page in somebody's browser, which would say where it is from."""
        if "Origin" in self.request.headers:
            raise HTTPError(403)
        try:
            told = self._orders[name](self)
        except ValueError:
            self.set_status(400)
            self.finish(f"seconds is a number from 0 to {_LONGEST:,.0f}.\n")
        else:
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps(told))
