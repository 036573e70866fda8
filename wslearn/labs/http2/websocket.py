"""A WebSocket on a stream of HTTP/2: the same frames, inside DATA in place of TCP (RFC 8441 §5)."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from wslearn.closing import CloseCode
from wslearn.connection import Connection, State
from wslearn.errors import ConnectionClosed, HandshakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wslearn.connection import Role
    from wslearn.labs.http2.session import Headers2, Session

__all__ = ["Http2WebSocket"]

_PATIENCE = 5.0  # seconds for the closing handshake
_ALIVE = (State.OPEN, State.CLOSING)
_MOST_WAITING = 64  # messages that wait for the application before the other side is held back


class Http2WebSocket:
    """An open WebSocket on a stream, either side. Frames are masked and closed as on any other connection.

    Parameters
    ----------
    session
        The HTTP/2 connection.
    role
        ``"client"`` or ``"server"``.
    request
        The header fields of the request that opened it.

    Attributes
    ----------
    stream_id : int
        The number of the stream.
    request, response : list of tuple of str
        The header fields of both sides; a response comes at the client's only.
    """

    def __init__(self, session: Session, role: Role, request: Headers2) -> None:
        self._session = session
        self._connection = Connection(role, state=State.CONNECTING)
        self._messages: deque[str | bytes] = deque()
        self._news = asyncio.Event()
        self._ended = False
        self._owed = 0  # bytes of flow control that are not given back yet
        self.stream_id = 0
        self.request = request
        self.response: Headers2 = []

    def __repr__(self) -> str:
        return f"<Http2WebSocket {self._connection.role} {self._connection.state.name}>"

    @property
    def path(self) -> str:
        """The path and query of its URL."""
        return dict(self.request)[":path"]

    @property
    def state(self) -> State:
        """CONNECTING, OPEN, CLOSING or CLOSED."""
        return self._connection.state

    @property
    def closed(self) -> ConnectionClosed:
        """Both close frames, as `recv` raises them."""
        connection = self._connection
        return ConnectionClosed(received=connection.close_received, sent=connection.close_sent)

    def opened(self) -> None:
        """Take note that the handshake is done."""
        self._connection.opened()

    async def answered(self) -> None:
        """Wait for the answer to a client's request.

        Raises
        ------
        HandshakeError
            When it is not a 2xx, or none came.
        """
        while not self.response and self.state is State.CONNECTING:
            await self._some_news()
        status = int(dict(self.response).get(":status", 0))
        if 200 <= status < 300:
            return
        self._session.reset(self.stream_id)
        why = f"The server refused the extended CONNECT with {status}." if status else "No answer came."
        raise HandshakeError(why, status=status or 502, section="RFC 8441 §5", headers=self.response)

    async def _some_news(self) -> None:
        self._news.clear()
        await self._news.wait()

    # ------------------------------------------------------------------------------- messages

    async def send(self, message: str | bytes) -> None:
        """Send a message, and wait while the other side takes no more of this stream.

        Raises
        ------
        ConnectionClosed
            When a close frame was sent, or the stream is over.
        """
        try:
            data = self._connection.send(message)
        except UsageError:
            if self._connection.sendable:
                raise
            raise self.closed from None
        self._session.send(self.stream_id, data)
        await self._session.drained(self.stream_id)

    async def recv(self) -> str | bytes:
        """Wait for the next message.

        Raises
        ------
        ConnectionClosed
            When there will be none.
        """
        while not self._messages:
            if self.state is State.CLOSED or self._connection.deaf:
                raise self.closed
            await self._some_news()
        message = self._messages.popleft()
        if self._owed and len(self._messages) < _MOST_WAITING:
            owed, self._owed = self._owed, 0
            self._session.acknowledge(self.stream_id, owed)
        return message

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Give message after message, until the end."""
        while True:
            try:
                yield await self.recv()
            except ConnectionClosed:
                return

    async def close(self, code: int = CloseCode.NORMAL_CLOSURE.value, reason: str = "") -> None:
        """Close, and wait until it is closed: the closing handshake, then the end of the stream."""
        if self.state in _ALIVE:
            self._session.send(self.stream_id, self._connection.close(code, reason))
            self._settle()
        try:
            async with asyncio.timeout(_PATIENCE):
                while self.state is not State.CLOSED:
                    await self._some_news()
        except TimeoutError:
            self._session.reset(self.stream_id)

    # ------------------------------------------------------------------------------- the session's side

    def on_headers(self, headers: Headers2) -> None:
        """Take the answer: any 2xx opens, where HTTP/1.1 has 101 (RFC 9113 §8.5, RFC 8441 §5.1)."""
        self.response = headers
        if 200 <= int(dict(headers)[":status"]) < 300:
            self.opened()
        self._news.set()

    def on_data(self, data: bytes, size: int) -> None:
        """Take what came, as if from TCP."""
        if self.state in _ALIVE:  # else it is the page of a refusal, or comes too late
            events = self._connection.receive(data)
            self._messages.extend(event for event in events if isinstance(event, str | bytes))
            self._settle()
        if len(self._messages) < _MOST_WAITING:
            self._session.acknowledge(self.stream_id, size)
        else:  # more comes when some of these are taken; other streams go on meanwhile
            self._owed += size
        self._news.set()

    def on_end(self, *, reset: bool) -> None:
        """Take note that nothing more comes: an end is what a FIN was, a reset what a RST was."""
        self._connection.tcp_closed()
        if not reset:
            self._end()
        self._session.forget(self.stream_id)
        self._news.set()

    def _settle(self) -> None:
        """Send the automatic answers; the server ends the stream after both close frames (§7.1.1)."""
        connection = self._connection
        if answers := connection.bytes_to_send():
            self._session.send(self.stream_id, answers)
        if connection.done and (connection.role == "server" or connection.close_received is None):
            self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._session.send(self.stream_id, b"", end=True)
