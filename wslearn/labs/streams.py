"""A server of byte streams on a thread of its own: a site, a line, a forward proxy, an HTTP/2 server."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from wslearn.net.listen import listen
from wslearn.net.thread import LoopThread, Stoppable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable

__all__ = ["StreamServer"]


class StreamServer(Stoppable):
    """A server on a port of 127.0.0.1: a context manager, or call `stop`.

    Whoever builds on it says in `_talk` how it lives through one connection, and calls this `__init__` last,
    since the first connection may come at once.

    Parameters
    ----------
    name
        That of the thread.
    ssl_context
        Its certificate, where it speaks TLS.
    port
        0 takes a free one.

    Raises
    ------
    UsageError
        When the port is taken.

    Attributes
    ----------
    port : int
        Where it listens.
    """

    def __init__(self, name: str, ssl_context: ssl.SSLContext | None = None, *, port: int = 0) -> None:
        (self._listening,) = listen("127.0.0.1", port)
        self.port = int(self._listening.getsockname()[1])
        self._ssl_context = ssl_context
        self._stopping = False
        self._talks: set[asyncio.Task[None]] = set()
        self._thread: LoopThread | None = LoopThread(name)
        self._accepting = self._thread.call(lambda: asyncio.create_task(self._accept()))

    @property
    def running(self) -> bool:
        """Whether it has not been stopped."""
        return self._thread is not None

    def stop(self) -> None:
        """Drop every connection and free the port. A second call does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.run(self._close())
            thread.stop()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping:
            try:
                connection, _ = await loop.sock_accept(self._listening)
            except OSError:  # out of file descriptors; or whoever it was has gone
                await asyncio.sleep(0.1)
                continue
            self._run(self._arrived(connection))

    async def _arrived(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        with suppress(OSError):  # a client that does not trust the certificate hangs up
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=self._ssl_context
            )
            await self._talk(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def _close(self) -> None:
        self._stopping = True
        # Cancelled, `sock_accept` would lose a connection that comes in this moment. So bring it one.
        with socket.create_connection(("127.0.0.1", self.port)):
            await self._accepting
        self._listening.close()
        await asyncio.sleep(0)  # every talk has begun now: one that never begins would leave its socket open
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def _run(self, talk: Awaitable[None]) -> None:
        task = asyncio.ensure_future(talk)
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Live through one connection, and close it."""
        raise NotImplementedError
