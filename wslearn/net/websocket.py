"""An open WebSocket: a `wslearn.Connection` on a stream, with time and backpressure (RFC 6455 §5–§7)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from tornado.iostream import StreamClosedError

from wslearn.closing import Close, CloseCode
from wslearn.connection import Connection, Event, Pong, State
from wslearn.errors import ConnectionClosed, ProtocolError, UsageError
from wslearn.http import Request, Response
from wslearn.net.keepalive import Keepalive
from wslearn.net.limits import Bucket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Generator

    from wslearn.net.limits import Limits
    from wslearn.net.stream import Stream

__all__ = ["WebSocket"]

_MESSAGES = frozenset({str, bytes})
_SMALL = 1024  # bytes of a frame that waits for others, to be written with them
_MOST_UNSENT = 1024  # of such frames
_MOST_OWED = 64 * 1024  # bytes of pongs that a peer who does not read may leave with us


class _Ready:
    """An awaitable that is ready: nothing is allocated for a send that need not wait."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        return iter(())  # type: ignore[return-value]


_READY = _Ready()


class WebSocket:
    """An open connection, either side.

    Iterate over it for the messages; the iteration ends when the connection does, and `close_code` says
    how. Nothing here is thread-safe: use it on the loop that it lives on.

    Parameters
    ----------
    stream
        The stream, past the handshake.
    connection
        Its state.
    request, response
        The handshake that opened it, as bytes: parsed, it would be half of an idle connection's memory.
    limits
        See `Limits`.
    rest
        Bytes that came right behind the handshake.
    """

    __slots__ = (
        "_bucket",
        "_closed",
        "_connection",
        "_draining",
        "_keepalive",
        "_limits",
        "_loop",
        "_owed",
        "_queue",
        "_request",
        "_response",
        "_stream",
        "_timer",
        "_unsent",
        "_waiter",
        "latency",
    )

    def __init__(
        self,
        stream: Stream,
        connection: Connection,
        request: bytes,
        response: bytes,
        limits: Limits,
        rest: bytes = b"",
    ) -> None:
        self._stream = stream
        self._connection = connection
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._queue: list[str | bytes] = []  # messages for the application, the oldest last
        self._unsent: list[bytes] = []  # frames of this turn of the loop, to be written together
        self._owed = 0  # bytes of automatic answers that the peer does not come to read
        self._waiter: asyncio.Future[None] | None = None
        self._draining: asyncio.Future[None] | None = None  # the last write, while the peer is slow
        self._closed: asyncio.Future[None] | None = None
        self._keepalive: Keepalive | None = None  # made for the first ping
        self._timer: asyncio.TimerHandle | None = None  # until the first ping, or to the end of the closing
        self._bucket: Bucket | None = None
        self.latency: float | None = None
        self._request = request
        self._response = response
        stream.deliver(self._on_bytes, self._on_tcp_closed)
        if limits.ping_interval is not None:
            self._timer = self._loop.call_later(limits.ping_interval, self._keep_alive, limits.ping_interval)
        if limits.max_message_rate is not None:
            self._bucket = Bucket(limits.max_message_rate, limits.max_message_burst, self._loop.time())
        if rest:
            self._on_bytes(rest)

    def __repr__(self) -> str:
        return f"<WebSocket {self._connection.role} {self.request.path} {self.state.name}>"

    # ------------------------------------------------------------------------------- what it is

    @property
    def connection(self) -> Connection:
        """What it knows of the protocol: to look at, not to use past this side's stream."""
        return self._connection

    @property
    def state(self) -> State:
        """CONNECTING, OPEN, CLOSING or CLOSED."""
        return self._connection.state

    @property
    def request(self) -> Request:
        """The client's half of the handshake."""
        return Request.parse(self._request)

    @property
    def response(self) -> Response:
        """The server's half of the handshake."""
        return Response.parse(self._response)

    @property
    def local_address(self) -> tuple[str, int] | None:
        """Address and port of this side of the TCP connection; ``None`` once it is closed."""
        return self._address("getsockname")

    @property
    def remote_address(self) -> tuple[str, int] | None:
        """Address and port of the peer's side; ``None`` once the connection is closed."""
        return self._address("getpeername")

    def _address(self, asked: str) -> tuple[str, int] | None:
        with suppress(OSError):  # the peer may have reset it, and nobody has read that yet
            if not self._stream.closed():
                address: tuple[str, int] = getattr(self._stream.socket, asked)()[:2]
                return address
        return None

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the handshake chose, or ``None``."""
        return self.response.headers.get("Sec-WebSocket-Protocol") or None

    @property
    def close_code(self) -> int | None:
        """The Close Code of RFC 6455 §7.1.5; ``None`` until the closing handshake began."""
        return self._connection.close_code

    @property
    def closed(self) -> ConnectionClosed:
        """Both close frames and their order, as `recv` and `send` raise them once there are any."""
        connection = self._connection
        return ConnectionClosed(
            received=connection.close_received,
            sent=connection.close_sent,
            received_first=connection.received_first,
        )

    @property
    def buffered(self) -> int:
        """Messages received and not yet taken by the application."""
        return len(self._queue)

    # ------------------------------------------------------------------------------- messages

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Give message after message until the connection ends, however it ends."""
        queue = self._queue
        while True:
            while queue:
                yield queue.pop()
            waiting = self._wait()
            if waiting is None:
                return
            await waiting

    async def recv(self) -> str | bytes:
        """Wait for the next message.

        Raises
        ------
        ConnectionClosed
            When there will be none.
        """
        while not self._queue:
            waiting = self._wait()
            if waiting is None:
                raise self.closed
            await waiting
        return self._queue.pop()

    def send(self, message: str | bytes, *, fin: bool = True) -> Awaitable[None]:
        """Send a message, or with ``fin=False`` a fragment of one (RFC 6455 §6.1, §5.4).

        The message is on its way when this returns. Await the result: it waits while the peer is slow,
        and that is what keeps a slow peer from filling this side's memory.

        Raises
        ------
        ConnectionClosed
            When this side has sent its close frame, or the TCP connection is gone.
        UsageError
            For what is neither `str` nor `bytes`.
        """
        try:
            data = self._connection.send(message, fin=fin)
        except UsageError:
            if self._connection.sendable:
                raise
            raise self.closed from None
        if self._queue:  # more of the same read is waiting: answer all of it in one write
            if not self._unsent:
                self._loop.call_soon(self._flush)
            self._unsent.append(data)
            if len(data) > _SMALL or len(self._unsent) > _MOST_UNSENT:
                self._flush()
        else:
            self._write(data)
        return _READY if self._draining is None else self._drained()

    def send_raw(self, data: bytes) -> Awaitable[None]:
        """Write bytes as they are: to see how a peer takes frames that `send` would never make.

        Raises
        ------
        ConnectionClosed
            As `send` does.
        """
        if not self._connection.sendable:
            raise self.closed
        self._write(data)
        return _READY if self._draining is None else self._drained()

    def ping(self, payload: bytes | None = None) -> Awaitable[float]:
        """Send a ping (RFC 6455 §5.5.2).

        Parameters
        ----------
        payload
            At most 125 bytes; chosen by this side when not given.

        Returns
        -------
        awaitable of float
            Seconds until the pong came. It raises `ConnectionClosed` when none will come.

        Raises
        ------
        ConnectionClosed
            As `send` does.
        UsageError
            For a payload that is too long, or that a ping under way has already.
        """
        try:
            return self._pings().ping(payload)
        except UsageError:
            if self._connection.sendable:
                raise
            raise self.closed from None

    async def close(self, code: int = CloseCode.NORMAL_CLOSURE.value, reason: str = "") -> None:
        """Close, and wait until it is closed: at most `Limits.close_timeout` seconds (RFC 6455 §7.1.2).

        Messages that arrive meanwhile can still be received. Closing twice is fine.

        Raises
        ------
        UsageError
            For a code or reason that must not be sent.
        """
        data = self._connection.close(code, reason)
        if data:
            self._write(data)
            self._linger()
            self._stream.resume()  # the peer's close frame is behind what waits in the network
        self._settle()
        await self.wait_closed()

    async def wait_closed(self) -> None:
        """Wait until the TCP connection is gone."""
        if self.state is State.CLOSED:
            return
        if self._closed is None:
            self._closed = self._loop.create_future()
        await asyncio.shield(self._closed)

    def abort(self) -> None:
        """Drop the TCP connection, without a close frame: the peer sees 1006."""
        self._stream.close()

    # ------------------------------------------------------------------------------- the stream's side

    def _on_bytes(self, data: bytes) -> None:
        events = self._connection.receive(data)
        if not events:
            return
        if self._bucket is not None:
            self._limit_rate(self._bucket, events)
        queue = self._queue
        waiting = len(queue)
        if _MESSAGES.issuperset(map(type, events)):
            queue[:0] = events[::-1]  # type: ignore[assignment]
        else:
            self._sort(events)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        if waiting or self._owed or len(queue) >= self._limits.max_queue:
            self._hold_back(waiting)

    def _limit_rate(self, bucket: Bucket, events: list[Event]) -> None:
        """Fail the connection of a peer who sends faster than it may; drop what was too much (§10.4)."""
        passed = bucket.take(len(events), self._loop.time())
        connection = self._connection
        if passed == len(events) or connection.close_sent is not None:
            return
        del events[passed:]
        self._settle()
        reason = f"too many messages: at most {self._limits.max_message_rate:g} a second"
        self._write(connection.close(CloseCode.POLICY_VIOLATION, reason))
        connection.deaf = True
        self._linger()
        self._settle()

    def _hold_back(self, waiting: int) -> None:
        """Stop reading when the application does not keep up with the peer, or the peer with us.

        An application that waits for a slow peer while no other of its tasks takes messages is behind, too.
        """
        queue = self._queue
        full = len(queue) >= self._limits.max_queue or sum(map(len, queue)) > self._limits.max_message_size
        if self._owed > _MOST_OWED:
            self._stream.pause()
        elif self._connection.close_sent is None:
            if full or (waiting and self._draining is not None):
                self._stream.pause()
        elif full and waiting:
            # §5.5.1: "there is no guarantee that the endpoint that has already sent a Close frame will
            # continue to process data"; and behind these messages is the peer's close frame.
            del queue[: len(queue) - waiting]

    def _sort(self, events: list[Event]) -> None:
        """Take the events apart that are not all messages."""
        self._queue[:0] = [event for event in reversed(events) if isinstance(event, str | bytes)]
        for event in events:
            if isinstance(event, Pong) and self._keepalive is not None:
                latency = self._keepalive.pong(event.payload)
                self.latency = self.latency if latency is None else latency
            elif isinstance(event, Close | ProtocolError):
                self._linger()
        # Our close frame waits for the answers to the messages that came before it; a pong waits for nothing.
        ends = isinstance(events[-1], Close | ProtocolError)
        if not (ends and self._queue and self._connection.close_sent is None):
            self._settle()

    def _wait(self) -> Awaitable[None] | None:
        """Finish what was answered so far, and give what to await; ``None`` when nothing more will come."""
        if self._unsent:
            self._flush()
        self._settle()
        if self._owed <= _MOST_OWED:
            self._stream.resume()
        connection = self._connection
        if self._queue:
            return _READY
        if connection.deaf or connection.state is State.CLOSED:
            return None
        if self._waiter is not None and not self._waiter.done():
            raise UsageError("Another task is waiting for a message of this connection already.")
        self._waiter = self._loop.create_future()
        return self._waiter

    def _settle(self) -> None:
        """Send the automatic answers, and close the TCP connection when it is time to (§7.1.1)."""
        answers = self._connection.bytes_to_send()
        if answers:
            self._write(answers)
            if self._draining is not None:
                self._owed += len(answers)
        if self._connection.done and not self._stream.closed():
            self._hang_up()

    def _hang_up(self) -> None:
        """End the TCP connection: the server at once, the client when the server has (§5.5.1, §7.1.1).

        Closing a socket with unread bytes, or before the peer's last ones, would reset the connection, and
        the reset could overtake our close frame. So stop sending, and read until the peer hangs up, too.
        """
        if self._draining is not None:
            self._draining.add_done_callback(lambda _: self._settle())
        elif self._connection.close_received is None or self._connection.role == "server":
            self._stream.shut_down_sending()

    def _linger(self) -> None:
        """Give the closing handshake its time, then drop the connection."""
        self._stop_timers()
        self._timer = self._loop.call_later(self._limits.close_timeout, self._give_up)

    def _stop_timers(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._keepalive is not None:
            self._keepalive.stop()

    def _give_up(self) -> None:
        """Drop the TCP connection of a peer that does not end it in time (§5.5.1, §7.1.1)."""
        if self._connection.sendable:  # the application did not come for the messages before the close frame
            self._settle()
        self._stream.close()

    def _flush(self) -> None:
        if self._unsent:
            data, self._unsent = b"".join(self._unsent), []
            self._write(data)

    def _write(self, data: bytes) -> None:
        if self._unsent:
            self._unsent.append(data)
            data, self._unsent = b"".join(self._unsent), []
        stream = self._stream
        if stream.closed():
            return
        written = stream.put(data)
        if written is not None:
            self._draining = written
            written.add_done_callback(self._on_drained)

    def _on_drained(self, written: asyncio.Future[None]) -> None:
        if written is self._draining:
            self._draining = None
            self._owed = 0
            if not self._queue:
                self._stream.resume()

    async def _drained(self) -> None:
        if self._draining is not None:
            try:
                await asyncio.shield(self._draining)
            except StreamClosedError:
                raise self.closed from None

    def _pings(self) -> Keepalive:
        if self._keepalive is None:
            timeout = self._limits.ping_timeout
            self._keepalive = Keepalive(timeout, self._send_ping, self._behind, self._fail_unanswered)
        return self._keepalive

    def _keep_alive(self, interval: float) -> None:
        self._pings().keep_alive(interval)

    def _send_ping(self, payload: bytes) -> None:
        self._write(self._connection.ping(payload))

    def _behind(self) -> bool:
        """Tell whether the application does not come for its messages: a pong may be waiting behind them."""
        return self._stream.paused and self._draining is None

    def _fail_unanswered(self) -> None:
        self._write(self._connection.close(CloseCode.INTERNAL_ERROR, "no pong in time"))
        self._stream.close()

    def _on_tcp_closed(self) -> None:
        """Tell all who wait; without a close frame from the peer the connection has failed (§7.2.1)."""
        self._connection.tcp_closed()
        self._stop_timers()
        if self._keepalive is not None:
            self._keepalive.end(self.closed)
            self._keepalive = None
        for future in (self._waiter, self._closed):
            if future is not None and not future.done():
                future.set_result(None)
