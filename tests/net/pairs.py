"""Both ends of one connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.net.on_loop import until
from wslearn.net import Limits, Server, WebSocket, connect

QUIET = Limits(ping_interval=None)


@asynccontextmanager
async def pair(
    limits: Limits = QUIET, client_limits: Limits | None = None
) -> AsyncIterator[tuple[WebSocket, WebSocket]]:
    """Give both ends of one connection: the client's, and the server's, which has no application."""
    over = asyncio.Event()

    async def hold(ws: WebSocket) -> None:
        await over.wait()

    async with (
        Server(hold, limits=limits) as server,
        connect(server.url, limits=client_limits or limits) as client,
    ):
        await until(lambda: bool(server.connections))
        yield client, server.connections[0]
        over.set()
