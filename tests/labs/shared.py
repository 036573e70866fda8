"""Nodes of an application on one backplane, in one process, and what a page of it says and hears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol

from wslearn.labs.backplane import Backplane, Local
from wslearn.net import Limits, Server, WebSocket


class Shared(Local):
    """What several nodes share goes on when one of them stops."""

    async def close(self) -> None:
        pass


class Application(Protocol):
    limits: Limits

    async def __call__(self, ws: WebSocket) -> None: ...


@asynccontextmanager
async def nodes(
    app: Callable[[Backplane], Application], count: int = 1, plane: Backplane | None = None
) -> AsyncIterator[list[Server]]:
    """Servers of an application, which wait for no page that does not read; and which raise nothing."""
    plane = plane or Shared()
    apps = [app(plane) for _ in range(count)]
    for each in apps:
        each.limits = replace(each.limits, close_timeout=0.2)
    servers = [Server(each) for each in apps]
    try:
        for server in servers:
            await server.start()
        yield servers
        assert [error for server in servers for error in server.errors] == []
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


async def post(ws: WebSocket, **message: Any) -> None:
    await ws.send(json.dumps(message))


async def hear(ws: WebSocket) -> Any:
    async with asyncio.timeout(5):
        return json.loads(await ws.recv())
