"""One HTTP/2 connection: the library `h2` knows the protocol, this carries the bytes (RFC 9113).

On it are *streams*, each with a number, each a conversation of its own: a request and its answer, or a
WebSocket. A stream has two kinds of frames that matter here, HEADERS and DATA, and an end in each direction.
Frames of all streams share the TCP connection; each stream, and all of them together, may send only as many
bytes of DATA as the other side has said it will take (*flow control*, RFC 9113 §5.2).
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from wslearn.errors import UsageError
from wslearn.labs.http2.frames import FrameReader, Http2Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from h2.connection import H2Connection

__all__ = ["CANCEL", "Headers2", "Session", "Stream", "hang_up"]

Headers2 = list[tuple[str, str]]

_POLITENESS = 1.0  # seconds for the end of TLS
# Bytes of DATA for all streams together. One stream may have 64 KiB under way; with as little for all of
# them, a single application that does not read would hold up the others.
_TOGETHER = 16 << 20
_READ_SIZE = 65536  # bytes
_MOST_FRAMES = 1000  # that are kept to be looked at

CANCEL = 0x8  # RFC 9113 §7: the stream is no longer needed; RFC 8441 §5: what a TCP reset was


class Stream(Protocol):
    """Who gets what arrives on a stream."""

    def on_headers(self, headers: Headers2) -> None:
        """Take an answer's header fields."""

    def on_data(self, data: bytes, size: int) -> None:
        """Take bytes of DATA, which cost `size` bytes of flow control."""

    def on_end(self, *, reset: bool) -> None:
        """Take note that the other side sends no more on this stream."""


class Session:
    """One HTTP/2 connection, either side.

    Parameters
    ----------
    reader, writer
        The TCP connection, past the TLS handshake.
    on_request
        Called with the number of a stream and its header fields, for each request: a server's; a client
        gives none.

    Attributes
    ----------
    frames : deque of Http2Frame
        The last frames of both sides, in order.

    Raises
    ------
    UsageError
        When `h2` is not installed.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_request: Callable[[int, Headers2], None] | None = None,
    ) -> None:
        self._reader, self._writer, self._on_request = reader, writer, on_request
        self.h2 = _connection(client=on_request is None)
        self.streams: dict[int, Stream] = {}
        self.settled = asyncio.Event()  # the other side's first SETTINGS have come
        self.frames: deque[Http2Frame] = deque(maxlen=_MOST_FRAMES)
        ends = FrameReader("client"), FrameReader("server")
        self._ours, self._theirs = ends if on_request is None else ends[::-1]
        self._unsent: dict[int, bytearray] = {}
        self._ending: set[int] = set()
        self._room = asyncio.Event()
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(_TOGETHER)
        self.flush()

    async def run(self) -> None:
        """Take what comes, until nothing comes any more; then all streams are over."""
        try:
            while data := await self._read():
                self.frames.extend(self._theirs.feed(data))
                events = self._understood(data)
                if events is None:
                    break
                for event in events:
                    self._take(event)
                self.flush()
        finally:
            self.settled.set()
            for number in list(self.streams):
                self._over(number, reset=True)
            await hang_up(self._writer)

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(_READ_SIZE)
        except OSError:  # a reset is an end, too
            return b""

    def _understood(self, data: bytes) -> Sequence[Any] | None:
        """Give what bytes mean; who breaks the rules of HTTP/2 is told so, and is to be hung up on."""
        from h2.exceptions import ProtocolError

        try:
            return self.h2.receive_data(data)
        except ProtocolError:
            self.flush()  # the reason is in there
            return None

    def _take(self, event: Any) -> None:
        kind = type(event).__name__
        number = getattr(event, "stream_id", 0) or 0
        stream = self.streams.get(number)
        if kind == "RemoteSettingsChanged":
            self.settled.set()
            self._pump()
        elif kind == "WindowUpdated":
            self._pump()
        elif kind == "RequestReceived" and self._on_request is not None:
            self._on_request(number, event.headers)
        elif kind == "ResponseReceived" and stream is not None:
            stream.on_headers(event.headers)
        elif kind == "DataReceived":
            if stream is None:  # nobody wants it, and it must not block the others
                self.acknowledge(number, event.flow_controlled_length)
            else:
                stream.on_data(event.data, event.flow_controlled_length)
        elif kind == "StreamEnded" and stream is not None:
            stream.on_end(reset=False)
        elif kind == "StreamReset":
            self._over(number, reset=True)

    def _over(self, number: int, *, reset: bool) -> None:
        self._unsent.pop(number, None)
        self._ending.discard(number)
        self._room.set()
        if stream := self.streams.pop(number, None):
            stream.on_end(reset=reset)

    # ------------------------------------------------------------------------------- sending

    def request(self, headers: Headers2, stream: Stream) -> int:
        """Send a request, and leave its stream open for what follows; give the number of the stream."""
        number = self.h2.get_next_available_stream_id()
        self.streams[number] = stream
        self.h2.send_headers(number, headers)
        self.flush()
        return number

    def answer(self, number: int, headers: Headers2, body: bytes | None = None) -> None:
        """Send an answer: whole, or without a body its header fields alone, for a stream that stays open."""
        self.h2.send_headers(number, headers)
        if body is not None:
            self._put(number, body, end=True)
        self.flush()

    def send(self, number: int, data: bytes, *, end: bool = False) -> None:
        """Put bytes on a stream: at once, as far as flow control allows, and the rest when it does."""
        if number in self.streams:
            self._put(number, data, end=end)
            self.flush()

    def _put(self, number: int, data: bytes, *, end: bool) -> None:
        self._unsent.setdefault(number, bytearray()).extend(data)
        if end:
            self._ending.add(number)
        self._pump()

    async def drained(self, number: int) -> None:
        """Wait until all bytes of a stream are on their way."""
        while self._unsent.get(number):
            self._room.clear()
            await self._room.wait()
        with suppress(OSError):
            await self._writer.drain()

    def _pump(self) -> None:
        """Send what flow control allows, of every stream."""
        from h2.exceptions import StreamClosedError

        for number in list(self._unsent):
            try:
                self._send_some(number)
            except StreamClosedError:  # the other side has given it up a moment ago
                self._unsent.pop(number, None)
        self._room.set()

    def _send_some(self, number: int) -> None:
        unsent = self._unsent[number]
        while unsent:
            window = self.h2.local_flow_control_window(number)
            size = min(window, self.h2.max_outbound_frame_size, len(unsent))
            if size <= 0:
                return
            self.h2.send_data(number, bytes(unsent[:size]))
            del unsent[:size]
        del self._unsent[number]
        if number in self._ending:
            self._ending.discard(number)
            self.h2.end_stream(number)

    def acknowledge(self, number: int, size: int) -> None:
        """Let the other side send so many bytes more."""
        self.h2.acknowledge_received_data(size, number)
        self.flush()

    def reset(self, number: int) -> None:
        """Give a stream up."""
        from h2.exceptions import StreamClosedError

        with suppress(StreamClosedError):
            self.h2.reset_stream(number, CANCEL)
        self._over(number, reset=True)
        self.flush()

    def forget(self, number: int) -> None:
        """Deliver nothing more of a stream that is over in both directions."""
        self.streams.pop(number, None)

    def flush(self) -> None:
        """Write what `h2` has to say."""
        if (data := self.h2.data_to_send()) and not self._writer.is_closing():
            self.frames.extend(self._ours.feed(data))
            self._writer.write(data)

    def say_goodbye(self) -> None:
        """Say that this is the end of it; whoever cancels `run` hangs up."""
        from h2.exceptions import ProtocolError

        with suppress(ProtocolError):
            self.h2.close_connection()
        self.flush()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """End a TLS connection, politely where the other side takes part in it."""
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_POLITENESS):
            await writer.wait_closed()
    writer.transport.abort()


def _connection(*, client: bool) -> H2Connection:
    try:
        from h2.config import H2Configuration
        from h2.connection import H2Connection
        from h2.settings import SettingCodes, Settings
    except ImportError:
        raise UsageError('h2 is not installed: python -m pip install "wslearn[cluster]"') from None
    connection = H2Connection(H2Configuration(client_side=client, header_encoding="utf-8"))
    # RFC 8441 §3: only a server says it, in SETTINGS; and what a client must not send, it does not ask for.
    extended: dict[Any, int] = {} if client else {SettingCodes.ENABLE_CONNECT_PROTOCOL: 1}
    usual: dict[Any, int] = dict(connection.local_settings)
    connection.local_settings = Settings(client=client, initial_values={**usual, **extended})
    return connection
