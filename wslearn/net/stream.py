"""Tornado's IOStream, handing bytes out as they come.

A WebSocket has no "read until": whatever arrives is meant for the connection at once. So these streams
call `on_bytes` from inside the event loop's read event, without a future and a task switch per read.
They do it through `read_from_fd`, which Tornado documents for subclasses to override, and lean on what
an IOStream without a pending read does anyway: it listens, to notice when the peer hangs up, unless
there is something in its own buffer. That buffer is where a paused stream puts what it read last.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Stream", "open_stream", "secured"]

_READ_SIZE = 256 * 1024  # bytes asked for at once
_CHUNK_SIZE = 16 * 1024  # bytes of a TLS record, so that a paused stream leaves none inside the TLS library


class Stream(IOStream):
    """An IOStream that delivers bytes by calling, and can be paused."""

    on_bytes: Callable[[bytes], None] | None = None
    _unread = b""
    _paused = False
    _stashed = False

    def deliver(self, on_bytes: Callable[[bytes], None], on_closed: Callable[[], None]) -> None:
        """From now on call `on_bytes` with every read, and `on_closed` once the stream is closed."""
        self.on_bytes = on_bytes
        self.set_close_callback(on_closed)

    def hand_over(self, unread: bytes) -> None:
        """Go back to plain IOStream reading, starting with `unread`."""
        self.on_bytes = None
        self.set_close_callback(None)
        self._unread = unread

    def take_back(self) -> bytes:
        """End plain IOStream reading, and give what it has read and nobody has asked for."""
        size = self._read_buffer_size
        buffered = asyncio.ensure_future(self.read_bytes(size)).result() if size else b""
        unread, self._unread = self._unread, b""
        return buffered + unread

    @property
    def paused(self) -> bool:
        """Whether the peer's bytes wait in the network."""
        return self._paused

    def pause(self) -> None:
        """Stop delivering; the peer's bytes wait in the network, after one last chunk."""
        self._paused = True

    def reading(self) -> bool:
        """Tell IOStream to listen while it writes, too: a peer that is writing may read only afterwards."""
        return (self.on_bytes is not None and not self._paused) or super().reading()

    def resume(self) -> None:
        """Deliver again."""
        if not self._paused:
            return
        self._paused = False
        if self._stashed and not self.closed():
            self._stashed = False
            # The bytes are in the stream's buffer, so this future is done already.
            stashed = asyncio.ensure_future(self.read_bytes(_CHUNK_SIZE, partial=True)).result()
            self._add_io_state(IOLoop.READ)  # IOStream left off listening when it had something to give
            if self.on_bytes is not None:
                self.on_bytes(stashed)

    def put(self, data: bytes) -> asyncio.Future[None] | None:
        """Write: at once, as far as the network takes it, and the rest as IOStream does.

        Returns
        -------
        Future or None
            ``None`` when all of it is written.
        """
        sent = 0
        if not self.writing() and not self.closed():
            try:
                sent = self.write_to_fd(memoryview(data))
            except OSError:  # would block, or is broken: IOStream knows what to do about either
                sent = 0
            if sent == len(data):
                return None
        return self.write(memoryview(data)[sent:])

    def shut_down_sending(self) -> None:
        """Send no more, so that the peer sees the end; behind TLS nothing can be understood from then on."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:  # the peer was faster
            self.close()

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read once: into `buf` for a plain IOStream read, else straight to `on_bytes`."""
        if self._unread:
            size = min(len(buf), len(self._unread))
            buf[:size], self._unread = self._unread[:size], self._unread[size:]
            return size
        if self.on_bytes is None or self._paused:
            size_or_none = super().read_from_fd(buf)
            self._stashed = self._paused and bool(size_or_none)
            return size_or_none
        try:
            data = self.socket.recv(_READ_SIZE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        if not data:
            return 0
        self.on_bytes(data)
        return None


class _TlsStream(Stream, SSLIOStream):
    """The same behind TLS: `super` in `Stream` finds SSLIOStream here."""


def open_stream(connection: socket.socket, context: ssl.SSLContext | None, *, server_side: bool) -> Stream:
    """Put a stream on a socket, with TLS where there is a context (RFC 6455 §10.6)."""
    connection.setblocking(False)
    if context is None:
        return Stream(connection, read_chunk_size=_CHUNK_SIZE)
    if server_side:
        connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return _TlsStream(connection, read_chunk_size=_CHUNK_SIZE)
    return _TlsStream(connection, read_chunk_size=_CHUNK_SIZE, ssl_options=context)


async def secured(connection: socket.socket, context: ssl.SSLContext, name: str) -> Stream:
    """Make the client's TLS handshake on a connection that is there already: a tunnel through a proxy.

    Parameters
    ----------
    connection
        It is the stream's from now on, and closed when the handshake fails.
    context
        Whom to trust.
    name
        The server's, as its certificate must have it.

    Raises
    ------
    OSError
        When the handshake fails; `ssl.SSLCertVerificationError` when the server is not whom it must be.
    """
    wrapped = context.wrap_socket(connection, server_hostname=name, do_handshake_on_connect=False)
    stream = _TlsStream(wrapped, read_chunk_size=_CHUNK_SIZE)
    try:
        await stream.wait_for_handshake()
    except StreamClosedError:
        raise ConnectionResetError("The TCP connection was closed during the TLS handshake.") from None
    except BaseException:
        stream.close()
        raise
    return stream
