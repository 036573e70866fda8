"""One TCP connection of a conformance run: all that comes is kept, and whoever waits is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FLOOD", "Wire"]

FLOOD = 4 << 20  # bytes: more than twice what any case asks for


class Wire(asyncio.Protocol):
    """One TCP connection: all that comes is kept, and whoever waits is told.

    `asyncio.StreamReader` forgets what came before a reset.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.ended = False
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport from the loop."""
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Keep what came; hang up on a server that floods."""
        self.data += data
        if len(self.data) > FLOOD:
            self._transport.abort()
        self._news.set()

    def connection_lost(self, _error: Exception | None) -> None:
        """Take note of the end, however it came."""
        self.ended = True
        self._news.set()

    async def until(self, done: Callable[[], object], seconds: float) -> bool:
        """Wait until `done`, or for the end of the connection; tell whether it came in time."""
        try:
            async with asyncio.timeout(seconds):
                while not done() and not self.ended:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def write(self, data: bytes, chop: int = 0) -> None:
        """Write bytes, `chop` at a time; each lot is a packet of its own when the peer is quick."""
        size = chop or len(data)
        for start in range(0, len(data), size):
            if not self.ended:
                self._transport.write(data[start : start + size])
                await asyncio.sleep(0)
