"""A cache that knows HTTP and has never heard of WebSocket: what lesson 04 attacks (RFC 6455 §10.3).

::

    client  <--- TCP --->  cache  <--- TCP --->  server

It stands where all traffic passes, forwards it, and keeps answers for whoever asks next. Two things make it
naive, and §10.3 warns of both:

- What it cannot read it skips, until something looks like a request, wherever that stands.
- It keeps an answer under the name that the *request* gave, whichever server it came from.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.net.listen import listen
from wslearn.net.thread import LoopThread

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Callable

__all__ = ["NaiveCache", "Traffic"]

_FIELDS = rb"(?:[^\r\n]+\r\n)*?"
_REQUEST = re.compile(rb"GET (/\S*) HTTP/1\.1\r\n" + _FIELDS + rb"Host: *(\S+)\r\n" + _FIELDS + rb"\r\n")
_ANSWER = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [^\r\n]*\r\n" + _FIELDS + rb"\r\n")
_SIZE = re.compile(rb"\r\nContent-Length: *([0-9]{1,6})\r\n")
_AT_ONCE = 65536  # bytes of a read


class Traffic:
    r"""What the cache makes of one connection: bytes in, bytes out.

    Parameters
    ----------
    kept
        Where it keeps answers, by host and path.

    Examples
    --------
    >>> traffic = Traffic(kept := {})
    >>> onward, back = traffic.requested(b"GET / HTTP/1.1\r\nHost: ads.example\r\n\r\n")
    >>> traffic.answered(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello")
    >>> list(kept)
    ['ads.example/']
    """

    def __init__(self, kept: dict[str, bytes]) -> None:
        self._kept = kept
        self._asked: deque[str] = deque()  # the names whose answers are still to come, the oldest first
        self._request = b""  # one that has begun, perhaps
        self._seen = b""  # of the server's bytes, while an answer is to come

    def requested(self, data: bytes) -> tuple[bytes, bytes]:
        """Take what the client sends; give what goes on to the server, and what comes back from the cache."""
        data, onward, back = self._request + data, b"", b""
        while found := _REQUEST.search(data):
            name = (found[2] + found[1]).decode("latin-1")
            onward += data[: found.start()]
            if name in self._kept:
                back += self._kept[name]
            else:
                self._asked.append(name)
                onward += found[0]
            data = data[found.end() :]
        start = data.rfind(b"GET /")  # it may begin here; one whose first five bytes come apart goes unseen
        if start < 0 or b"\r\n\r\n" in data[start:]:
            start = len(data)
        self._request = data[start:]
        return onward + data[:start], back

    def answered(self, data: bytes) -> None:
        """Take what the server sends, and keep what looks like the answer to the oldest request."""
        self._seen += data
        while self._asked and (found := _ANSWER.search(self._seen)):
            size = _SIZE.search(found[0])
            stop = found.end() + (int(size[1]) if size else 0)
            if len(self._seen) < stop:
                return
            name = self._asked.popleft()
            if found[1] == b"200":
                self._kept[name] = self._seen[found.start() : stop]
            self._seen = self._seen[stop:]
        if not self._asked:
            self._seen = b""


class NaiveCache:
    """The cache, on a thread of its own.

    Attributes
    ----------
    kept : dict of str to bytes
        Each answer by its host and path: ``"ads.example/ads.js"``.

    Examples
    --------
    >>> cache = NaiveCache()
    >>> cache
    <NaiveCache keeps nothing>
    >>> cache.stop()
    """

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self._thread: LoopThread | None = LoopThread("wslearn cache")
        self._listeners: list[asyncio.Server] = []

    def __repr__(self) -> str:
        return f"<NaiveCache keeps {', '.join(self.kept) or 'nothing'}>"

    def way_to(self, port: int) -> int:
        """Give a port whose connections go through the cache to a server on this computer.

        The network tells a real cache where a connection is meant to go. Here each server has its own port.

        Parameters
        ----------
        port
            The server's.

        Raises
        ------
        UsageError
            When it was stopped.
        """
        if self._thread is None:
            raise UsageError("This cache was stopped. Make a new one: NaiveCache().")
        (listening,) = listen("127.0.0.1", 0)

        async def begin() -> asyncio.Server:
            return await asyncio.start_server(lambda *ends: self._forward(port, *ends), sock=listening)

        self._listeners.append(self._thread.run(begin()))
        return int(listening.getsockname()[1])

    def stop(self) -> None:
        """Drop every connection and free the ports. A second call does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            for listener in self._listeners:
                thread.call(listener.close)
            thread.stop()

    async def _forward(self, port: int, client: StreamReader, to_client: StreamWriter) -> None:
        traffic = Traffic(self.kept)

        def requested(data: bytes) -> None:
            onward, back = traffic.requested(data)
            to_server.write(onward)
            to_client.write(back)

        def answered(data: bytes) -> None:
            traffic.answered(data)  # first, so that who has the answer finds it kept
            to_client.write(data)

        # `stop` cancels this. Python 3.11 would complain of a connection's task that ends as cancelled.
        with suppress(OSError, asyncio.CancelledError):
            server, to_server = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_carry(client, requested, to_server), _carry(server, answered, to_client))
        to_client.close()


async def _carry(source: StreamReader, use: Callable[[bytes], None], sink: StreamWriter) -> None:
    """Use what arrives until its sender ends, then end the other side."""
    try:
        with suppress(OSError):
            while data := await source.read(_AT_ONCE):
                use(data)
                await sink.drain()
    finally:
        sink.close()
