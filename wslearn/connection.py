"""One WebSocket connection without I/O: bytes in → events, messages in → bytes (RFC 6455 §5.4–§7).

::

                    opened                  close sent or received, or failed
    CONNECTING ───────────────▶ OPEN ─────────────────────────────────────────▶ CLOSING
        │ refused                │ TCP closed                         TCP closed  │
        └──────────▶ CLOSED ◀────┴───────────────────────────────────────────────┘

`TRANSITIONS` is that picture as a table; the code obeys it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import Enum
from struct import Struct, iter_unpack
from typing import Literal, Protocol

from wslearn.closing import Close, CloseCode
from wslearn.errors import ProtocolError, UsageError
from wslearn.frames import FIN, RSV1, Opcode, check_bits, header, payload_length
from wslearn.masking import large_from, mask_behind, mask_part, small
from wslearn.messages import MAX_MESSAGE_SIZE, Assembler, Inflater, not_utf8, too_big

__all__ = [
    "TRANSITIONS",
    "Codec",
    "Compression",
    "Connection",
    "Event",
    "Ping",
    "Pong",
    "Role",
    "State",
    "Step",
]

Role = Literal["client", "server"]


class State(Enum):
    """Where a connection stands (RFC 6455 §4.1, §7.1.3, §7.1.4)."""

    CONNECTING = "connecting"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Step(Enum):
    """What moves a connection from one `State` to the next."""

    OPENED = "the opening handshake succeeded"
    REFUSED = "the opening handshake failed"
    CLOSE_SENT = "a close frame was sent"
    CLOSE_RECEIVED = "a close frame was received"
    FAILED = "the peer broke a rule"
    TCP_CLOSED = "the TCP connection ended"


TRANSITIONS: dict[State, dict[Step, State]] = {
    State.CONNECTING: {
        Step.OPENED: State.OPEN,
        Step.REFUSED: State.CLOSED,
        Step.TCP_CLOSED: State.CLOSED,
    },
    State.OPEN: {
        Step.CLOSE_SENT: State.CLOSING,
        Step.CLOSE_RECEIVED: State.CLOSING,
        Step.FAILED: State.CLOSING,
        Step.TCP_CLOSED: State.CLOSED,
    },
    State.CLOSING: {
        Step.CLOSE_SENT: State.CLOSING,
        Step.CLOSE_RECEIVED: State.CLOSING,
        Step.FAILED: State.CLOSING,
        Step.TCP_CLOSED: State.CLOSED,
    },
    State.CLOSED: {
        Step.TCP_CLOSED: State.CLOSED,
    },
}


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping arrived, and its pong is in `Connection.bytes_to_send` (RFC 6455 §5.5.2)."""

    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Pong:
    """A pong arrived, asked for or not (RFC 6455 §5.5.3)."""

    payload: bytes = b""


Event = str | bytes | Ping | Pong | Close | ProtocolError


class Codec(Inflater, Protocol):
    """A negotiated compression at work on one connection."""

    def compress(self, payload: bytes, *, fin: bool) -> bytes:
        """Compress the next fragment of a message."""


class Compression(Protocol):
    """A negotiated compression; `wslearn.deflate.Deflate` is one."""

    def codec(self, role: Role) -> Codec:
        """Start it for one side of one connection."""


_HEADS = {
    first: [bytes((first, second)) for second in range(256)] for first in (0x81, 0x82)
}  # of small messages
# A small masked frame as a struct, by its size: one call takes key and payload out.
_SMALL_MASKED = [Struct(f"2x4s{size}s").unpack_from for size in range(126)]
_MIDDLE_MASKED = Struct(">2xH4s").unpack_from  # the same for a 16-bit length: the length and the key
_WHOLE = frozenset({0x81, 0x82})  # FIN and text or binary, nothing else
_KEYS_AT_ONCE = 64
_NO_KEYS: list[bytes] = []  # shared by all that have not sent yet; replaced, never added to
_WORTH_A_VIEW = 4096  # bytes from which a view costs less than a copy
_OPEN = State.OPEN  # looking a member up in its enum costs as much as reading a header


class Connection:
    """Both directions of one connection, from the 101 on (RFC 6455 §5–§7).

    What the peer does comes back from `receive` as a list of events: a text message is a `str`, a binary
    one is `bytes`, then `Ping`, `Pong`, `Close`, and, at most once and last, a `ProtocolError`. What this
    side asks for comes back as bytes to write. Pongs and the answers to a close frame are made without
    asking and wait in `bytes_to_send`.

    Parameters
    ----------
    role
        Which side this is: ``"client"`` or ``"server"``.
    max_message_size
        The most bytes that a message from the peer may have, inflated; 16 MiB unless said otherwise.
    deflate
        The agreed permessage-deflate (RFC 7692), or ``None``.
    state
        `State.CONNECTING` for a connection whose handshake is still going on; then `opened` opens it.
    masking_key
        The same four bytes for every frame, so that a picture can be drawn again. Leave it out on any
        real connection: each frame then gets a key of its own from `secrets` (§5.3, §10.3).

    Raises
    ------
    UsageError
        For another role, or a masking key that is not four bytes long or not a client's.

    Examples
    --------
    >>> client, server = Connection("client"), Connection("server")
    >>> server.receive(client.send("Hello") + client.ping(b"?"))
    ['Hello', Ping(payload=b'?')]
    >>> client.receive(server.bytes_to_send())
    [Pong(payload=b'?')]
    """

    __slots__ = (
        "_answer",
        "_codec",
        "_filling",
        "_fin",
        "_keys",
        "_large",
        "_left",
        "_mask",
        "_masking_key",
        "_message",
        "_out",
        "_sending",
        "_tail",
        "close_received",
        "close_sent",
        "deaf",
        "max_message_size",
        "received_first",
        "role",
        "state",
    )

    def __init__(
        self,
        role: Role,
        *,
        max_message_size: int = MAX_MESSAGE_SIZE,
        deflate: Compression | None = None,
        state: State = State.OPEN,
        masking_key: bytes | None = None,
    ) -> None:
        if role not in {"client", "server"}:
            raise UsageError(f"A connection's role is 'client' or 'server', not {role!r}.")
        if masking_key is not None and (len(masking_key) != 4 or role == "server"):
            raise UsageError("A masking key has four bytes, and only a client masks (§5.1, §5.3).")
        self.role = role
        self.state = state
        self.max_message_size = max_message_size
        self.close_received: Close | None = None
        self.close_sent: Close | None = None
        self.received_first: bool | None = None
        self._codec = None if deflate is None else deflate.codec(role)
        self._mask, self._large = small(), large_from()
        self._masking_key = masking_key  # given, or None for a new one per frame
        self._keys = _NO_KEYS  # random and not used yet
        self._tail = b""  # the start of a frame that is not whole yet: a header, or a control frame
        self._filling: Assembler | None = None  # the message, while the payload of one of its frames arrives
        self._left = 0  # bytes of that payload still to come
        self._fin = True
        self._message: Assembler | None = None
        self._sending = 0  # opcode of the fragmented message that is being sent
        self._out: list[bytes] = []
        self._answer: Close | None = None  # what the automatic close frame will say
        self.deaf = False  # §7.1.7, §5.5.1: nothing counts after an error or a close frame

    def __repr__(self) -> str:
        return f"<Connection {self.role} {self.state.name}>"

    def _repr_html_(self) -> str:
        from wslearn.picture import connection_html

        return connection_html(self, buffered=len(self._tail), waiting=sum(map(len, self._out)))

    @property
    def sendable(self) -> bool:
        """Whether messages may be sent: from the handshake until this side's close frame (§5.5.1)."""
        return self.state is State.OPEN or (self.state is State.CLOSING and self.close_sent is None)

    @property
    def done(self) -> bool:
        """Whether the TCP connection should end now: both close frames crossed, or it failed (§7.1.1)."""
        return self.deaf and self.close_sent is not None

    @property
    def close_code(self) -> int | None:
        """The Close Code of §7.1.5: the peer's; 1005 if it had none; 1006 if the peer sent no close frame.

        ``None`` while the connection is not closed.
        """
        if self.close_received is not None:
            return self.close_received.code
        return CloseCode.ABNORMAL_CLOSURE.value if self.state is State.CLOSED else None

    @property
    def unread(self) -> bytes:
        """The start of a frame that is not whole yet: of its header, or of a control frame (§5.2, §5.5)."""
        return self._tail

    @property
    def unfinished(self) -> bytes | None:
        """What is here of a message that is not whole yet (§5.4); ``None`` where none has begun."""
        return None if self._message is None else self._message.so_far

    def step(self, step: Step) -> None:
        """Obey `TRANSITIONS`.

        Raises
        ------
        UsageError
            For a step that the present state does not know.
        """
        try:
            self.state = TRANSITIONS[self.state][step]
        except KeyError:
            raise UsageError(f"Not possible while {self.state.name}: {step.value}.") from None

    def opened(self, deflate: Compression | None = None) -> None:
        """Go from CONNECTING to OPEN (§4.1), with the compression that the handshake agreed on."""
        self.step(Step.OPENED)
        self._codec = None if deflate is None else deflate.codec(self.role)

    # ---------------------------------------------------------------------------------- receiving

    def receive(self, data: bytes) -> list[Event]:
        """Take in bytes from the peer, however they were cut, and trust none of them (§6.2, §10.7).

        Parameters
        ----------
        data
            One read.

        Returns
        -------
        list of events
            In order. After a `Close` or a `ProtocolError` everything else is ignored.

        Raises
        ------
        UsageError
            Before the handshake is done, or after the TCP connection ended.
        """
        if self.state is not _OPEN and self.state is not State.CLOSING:
            raise UsageError(f"Nothing can be received while {self.state.name}.")
        if self.deaf:
            return []
        if self._tail:
            data = self._tail + data
            self._tail = b""
        events: list[Event] = []
        at, end = 0, len(data)
        short_cut = self._whole_masked if self.role == "server" else self._whole_unmasked
        try:
            while at < end and not self.deaf:
                if self._filling is not None:
                    at = self._payload(self._filling, data, at, events)
                    continue
                if self._message is None and (at := short_cut(data, at, end, events)) == end:
                    break
                start = self._frame(data, at, events)
                if start == at:
                    self._tail = data[at:]
                    break
                at = start
        except UnicodeDecodeError:
            self._fail(not_utf8(), events)
        except ProtocolError as error:
            self._fail(error, events)
        return events

    def _whole_masked(self, data: bytes, at: int, end: int, events: list[Event]) -> int:
        """Take whole, unfragmented, uncompressed messages of a client; stop at anything else."""
        mask, large, limit = self._mask, self._large, self.max_message_size
        if limit < 125:
            return at
        while at + 8 <= end:
            first, second = data[at], data[at + 1]
            if first not in _WHOLE or second < 0x80:
                break
            if second < 0xFE:
                stop = at + second - 0x7A  # 2 of header, 4 of key, second - 0x80 of payload
                if stop > end:
                    break
                payload = mask(*_SMALL_MASKED[second - 0x80](data, at))
            elif second == 0xFE:
                size, masking_key = _MIDDLE_MASKED(data, at)
                start = at + 8
                stop = start + size
                if not 126 <= size <= limit or stop > end:
                    break
                if size < large:
                    payload = mask(masking_key, data[start:stop])
                else:
                    payload = mask_part(data, start, stop, masking_key)
            else:
                break
            events.append(payload if first == 0x82 else payload.decode())
            at = stop
        return at

    def _whole_unmasked(self, data: bytes, at: int, end: int, events: list[Event]) -> int:
        """Take whole, unfragmented, uncompressed messages of a server; stop at anything else."""
        limit, append = self.max_message_size, events.append
        while at + 2 <= end:
            size = data[at + 1]
            if size < 126:
                start = at + 2
            elif size == 126 and at + 4 <= end and (size := data[at + 2] << 8 | data[at + 3]) >= 126:
                start = at + 4
            else:
                break
            stop = start + size
            if stop > end or size > limit:
                break
            first = data[at]
            if first == 0x82:
                append(data[start:stop])
            elif first == 0x81:
                append(data[start:stop].decode())
            else:
                break
            at = stop
        return at

    def _frame(self, data: bytes, at: int, events: list[Event]) -> int:
        """Take the frame at `at`, or the part of a data frame that is there; return `at` to ask for more."""
        if len(data) - at < 2:
            return at
        first, second = data[at], data[at + 1]
        check_bits(first, second, from_client=self.role == "server", rsv1_means=self._codec is not None)
        opcode = first & 0x0F
        if opcode < 0x8:
            self._check_sequence(opcode)
        length = payload_length(data, at)
        if length is None:
            return at
        size, start = length
        masking_key = b""
        if self.role == "server":
            masking_key = data[start : start + 4]
            start += 4
            if len(data) < start:
                return at
        if opcode >= 0x8:
            if len(data) < start + size:
                return at
            payload = data[start : start + size]
            self._control(opcode, self._mask(masking_key, payload) if masking_key else payload, events)
            return start + size
        return self._data(first, size, masking_key, data, start, events)

    def _check_sequence(self, opcode: int) -> None:
        if opcode == Opcode.CONTINUATION and self._message is None:
            message, field = "A continuation frame, and no message to continue.", "opcode"
        elif opcode != Opcode.CONTINUATION and self._message is not None:
            message, field = "A new message, and the fragmented one before it is not finished.", "opcode"
        else:
            return
        raise ProtocolError(message, close_code=1002, section="§5.4", field=field)

    def _data(
        self, first: int, size: int, masking_key: bytes, data: bytes, start: int, events: list[Event]
    ) -> int:
        """Begin a data frame whose header is read, and take what is there of its payload (§6.2, §10.4)."""
        if self._message is None:
            inflater = self._codec if first & RSV1 else None
            text = first & 0x0F == Opcode.TEXT
            if first & FIN and inflater is None and start + size <= len(data):  # whole: no need to assemble
                if size > self.max_message_size:
                    raise too_big(self.max_message_size)
                stop = start + size
                payload = mask_part(data, start, stop, masking_key) if masking_key else data[start:stop]
                events.append(payload.decode() if text else payload)
                return stop
            self._message = Assembler(text=text, limit=self.max_message_size, inflater=inflater)
        self._message.begin_frame(size, masking_key)
        self._filling, self._left, self._fin = self._message, size, bool(first & FIN)
        return self._payload(self._message, data, start, events)

    def _payload(self, message: Assembler, data: bytes, at: int, events: list[Event]) -> int:
        """Take what is there of the current data frame's payload."""
        size = min(self._left, len(data) - at)
        stop = at + size
        piece = memoryview(data)[at:stop] if size > _WORTH_A_VIEW else data[at:stop]
        message.feed(piece)
        self._left -= size
        if self._left == 0:
            self._filling = None
            message.end_frame()
            if self._fin:
                self._message = None
                events.append(message.finish())
        return stop

    def _control(self, opcode: int, payload: bytes, events: list[Event]) -> None:
        """Take a control frame: they may come between the fragments of a message (§5.4, §5.5)."""
        if opcode == Opcode.PING:
            # §5.5.2: "MUST send a Pong frame in response, unless it already received a Close frame"
            self._out.append(self._serialize(FIN | Opcode.PONG, payload))
            events.append(Ping(payload))
        elif opcode == Opcode.PONG:
            events.append(Pong(payload))
        else:
            close = Close.parse(payload)
            self.step(Step.CLOSE_RECEIVED)
            self.close_received = close
            self.received_first = self.close_sent is None
            self.deaf = True
            self._message = None
            self._answer = close  # §5.5.1: "the endpoint MUST send a Close frame in response"
            events.append(close)

    def _fail(self, error: ProtocolError, events: list[Event]) -> None:
        """Fail the connection (§7.1.7): say why in a close frame, and listen no more."""
        self.step(Step.FAILED)
        self.deaf = True
        self._message = self._filling = None
        error.__traceback__ = error.__context__ = None  # their stack frames would keep the message alive
        self._answer = Close(error.close_code, str(error.args[0]).encode()[:123].decode(errors="ignore"))
        events.append(error)

    def tcp_closed(self) -> None:
        """Take note that the TCP connection ended (§7.1.4)."""
        self.step(Step.TCP_CLOSED)
        self._message = self._filling = self._codec = None
        self._tail = b""

    # ------------------------------------------------------------------------------------ sending

    def bytes_to_send(self) -> bytes:
        """Give the automatic answers that wait: pongs, and the close frame that answers or fails (§5.5).

        Write them before anything that is sent later. The close frame counts as sent from here on, so
        that answers to messages which came before it can still be sent first (§5.5.1).
        """
        if self._answer is not None:
            if self.close_sent is None and self.state is not State.CLOSED:
                self._out.append(self._close_frame(self._answer))
            self._answer = None
        if not self._out:
            return b""
        waiting, self._out = b"".join(self._out), []
        return waiting

    def send(self, message: str | bytes, *, fin: bool = True) -> bytes:
        """Send a message, or a fragment of one (§6.1, §5.4).

        Parameters
        ----------
        message
            Text goes out as a text message, bytes as a binary one.
        fin
            ``False`` when the next call goes on with the same message. Pings may come in between.

        Returns
        -------
        bytes
            To be written to the peer.

        Raises
        ------
        UsageError
            When the connection is not open, when a fragment is of another type than the one before it,
            or when the text cannot be written as UTF-8.

        Examples
        --------
        >>> Connection("server").send("Hello").hex(" ")
        '81 05 48 65 6c 6c 6f'
        >>> server = Connection("server")
        >>> (server.send("Hel", fin=False) + server.send("lo")).hex(" ")
        '01 03 48 65 6c 80 02 6c 6f'
        """
        if self.state is not _OPEN and not self.sendable:
            raise UsageError(f"Nothing can be sent while {self.state.name}.")
        if self._codec is not None or self._sending or not fin:
            return self._send_general(message, fin)
        if message.__class__ is bytes:
            first, payload = 0x82, message
        elif message.__class__ is str:
            first, payload = 0x81, _encode(message)
        else:
            return self._send_general(message, fin)
        size = len(payload)
        if size > 125:
            return self._serialize(first, payload)
        if self.role == "server":
            return _HEADS[first][size] + payload
        masking_key = self._keys.pop() if self._keys else self._next_key()
        return _HEADS[first][0x80 | size] + masking_key + self._mask(masking_key, payload)

    def _send_general(self, message: str | bytes, fin: bool) -> bytes:
        """Send what is fragmented, compressed, or not plainly `str` or `bytes`."""
        if not isinstance(message, (str, bytes, bytearray, memoryview)):
            raise UsageError(f"A message is str or bytes, not {type(message).__name__}.")
        opcode = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
        if self._sending not in {0, opcode}:
            raise UsageError(
                "The fragments of a message are of one type, and the one before was not this one (§5.4)."
            )
        payload = _encode(message) if isinstance(message, str) else bytes(message)
        first: int = Opcode.CONTINUATION if self._sending else opcode
        if self._codec is not None:
            payload = self._codec.compress(payload, fin=fin)
            first |= 0 if self._sending else RSV1  # RFC 7692 §6.1: on the first fragment only
        self._sending = 0 if fin else opcode
        return self._serialize(first | (FIN if fin else 0), payload)

    def ping(self, payload: bytes = b"") -> bytes:
        """Ask for a pong with this payload, at most 125 bytes (§5.5.2).

        Raises
        ------
        UsageError
            When the connection is not open, or the payload too long.
        """
        return self._user_control(Opcode.PING, payload)

    def pong(self, payload: bytes = b"") -> bytes:
        """Send a pong that nobody asked for: a one-way heartbeat (§5.5.3); raises as `ping` does."""
        return self._user_control(Opcode.PONG, payload)

    def close(self, code: int = CloseCode.NORMAL_CLOSURE.value, reason: str = "") -> bytes:
        """Start the closing handshake (§7.1.2). A second call does nothing and gives ``b""``.

        Parameters
        ----------
        code
            A code that may be sent; 1005 sends an empty close frame.
        reason
            At most 123 bytes of UTF-8.

        Raises
        ------
        UsageError
            For a code or reason that must not be sent, or before the handshake is done.

        Examples
        --------
        >>> Connection("server").close(1001, "bye").hex(" ")
        '88 05 03 e9 62 79 65'
        """
        close = Close(int(code), reason)
        close.serialize()
        if self.state is State.CONNECTING:
            raise UsageError("There is nothing to close while CONNECTING: drop the TCP connection.")
        if self.close_sent is not None or self.state is State.CLOSED:
            return b""
        return self._close_frame(close)

    def _close_frame(self, close: Close) -> bytes:
        self.step(Step.CLOSE_SENT)
        self.close_sent = close
        return self._serialize(FIN | Opcode.CLOSE, close.serialize())

    def _user_control(self, opcode: Opcode, payload: bytes) -> bytes:
        if not self.sendable:
            raise UsageError(f"Nothing can be sent while {self.state.name}.")
        if len(payload) > 125:
            raise UsageError(f"A control frame has room for 125 bytes, not {len(payload)} (§5.5).")
        return self._serialize(FIN | opcode, payload)

    def _serialize(self, first: int, payload: bytes) -> bytes:
        if self.role == "server":
            return header(first, len(payload)) + payload
        masking_key = self._next_key()
        head = header(first, len(payload), masking_key)
        if len(payload) < self._large:
            return head + self._mask(masking_key, payload)
        return mask_behind(head, payload, masking_key)

    def _next_key(self) -> bytes:
        """Give a key that was never used and cannot be foreseen (§5.3, §10.3)."""
        if self._masking_key is not None:
            return self._masking_key
        if not self._keys:
            self._keys = [key for (key,) in iter_unpack("4s", secrets.token_bytes(4 * _KEYS_AT_ONCE))]
        return self._keys.pop()


def _encode(text: str) -> bytes:
    """Encode a text message (§5.6)."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"The text cannot be written as UTF-8: {error.reason}, character {error.start}."
        ) from None
