"""A server of byte streams on a thread of its own: what a line, a forward proxy and an HTTP/2 server are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from wslearn.net.listen import listen
from wslearn.net.thread import LoopThread

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable
    from types import TracebackType

__all__ = ["StreamServer"]


class StreamServer:
    """A server on a free port of 127.0.0.1: a context manager, or call `stop`.

    Whoever builds on it says in `_talk` how it lives through one connection, and calls this `__init__` last,
    since the first connection may come at once.

    Parameters
    ----------
    name
        That of the thread.
    ssl_context
        Its certificate, where it speaks TLS.

    Attributes
    ----------
    port : int
        Where it listens.
    """

    def __init__(self, name: str, ssl_context: ssl.SSLContext | None = None) -> None:
        (listening,) = listen("127.0.0.1", 0)
        self.port = int(listening.getsockname()[1])
        self._talks: set[asyncio.Task[None]] = set()
        self._thread: LoopThread | None = LoopThread(name)
        self._server = self._thread.run(asyncio.start_server(self._arrived, sock=listening, ssl=ssl_context))

    @property
    def running(self) -> bool:
        """Whether it has not been stopped."""
        return self._thread is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Drop every connection and free the port. A second call does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.run(self._close())
            thread.stop()

    async def _close(self) -> None:
        self._server.close()
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def _run(self, talk: Awaitable[None]) -> None:
        task = asyncio.ensure_future(talk)
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._run(self._talk(reader, writer))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Live through one connection, and close it."""
        raise NotImplementedError
