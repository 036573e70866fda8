"""A connection made of parts: bytes in → frames → messages, messages in → frames → bytes.

::

    receive   bytes ─▶ check_bits ─▶ payload_length ─▶ take_frames ─┬▶ text, binary ─▶ reassemble ─▶ message
                                                                    ├▶ ping ─▶ answer_ping ─▶ pong
                                                                    └▶ close ─▶ parse_close
    send      message ─▶ fragment ─▶ header, mask ─▶ bytes

Each name above is a function of `Parts`: a student's, or the library's. `wslearn.Connection` does the same
with short cuts; of the library's functions alone, both make the same events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.closing import NO_STATUS, Close, CloseCode
from wslearn.connection import TRANSITIONS, Compression, Connection, Event, Ping, Pong, State, Step
from wslearn.course.mine.deflate import Alone, inflate
from wslearn.course.mine.faults import Broken
from wslearn.course.mine.parts import Parts
from wslearn.course.mine.text import Text, is_message
from wslearn.errors import ProtocolError, UsageError
from wslearn.frames import FIN, MASK, RSV1, Frame, Opcode
from wslearn.messages import too_big

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.connection import Role

__all__ = ["Assembled"]

_FRAGMENT_SIZE = 1 << 20  # bytes of payload; what is longer is sent in fragments


class Assembled(Connection):
    """One connection, either side, from the 101 on (RFC 6455 §5–§7).

    Parameters
    ----------
    parts
        The functions it is made of.
    role, options
        As of `wslearn.Connection`.

    Examples
    --------
    >>> connection = Assembled(Parts(), "server")
    >>> connection.receive(bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))
    ['Hello']
    >>> connection.send("Hello").hex(" ")
    '81 05 48 65 6c 6c 6f'
    """

    __slots__ = ("_collected", "_fragments", "_looked_at", "_parts", "_text")

    def __init__(self, parts: Parts, role: Role, **options: Any) -> None:
        self._parts = parts
        self._fragments: list[Frame] = []  # of the message that is not whole yet
        self._collected = 0  # bytes of their payloads
        self._looked_at = 0  # bytes of a text frame's payload that were judged before the frame was whole
        self._text = Text(parts.utf8_so_far)
        super().__init__(role, **options)

    # ---------------------------------------------------------------------------------- receiving

    def receive(self, data: bytes) -> list[Event]:
        """Take in bytes from the peer, however they were cut (§6.2); as `Connection.receive`."""
        if self.state not in {State.OPEN, State.CLOSING}:
            raise UsageError(f"Nothing can be received while {self.state.name}.")
        events: list[Event] = []
        data, at = self._tail + data, 0
        try:
            # One frame at a time, so that what came before an illegal one is not lost with it.
            while not self.deaf and (end := self._end_of_frame(data, at)) is not None:
                self._take(self._parse(data[at:end]), events)
                at = end
        except ProtocolError as error:
            self._fail(error, events)
        except Broken as broken:
            self._give_up(broken, events)
        self._tail = b"" if self.deaf else data[at:]
        return events

    def _end_of_frame(self, data: bytes, at: int) -> int | None:
        """Check the frame at `at` as far as it is there (§5.1, §5.2); ``None`` while it is not whole."""
        if len(data) < at + 2:
            return None
        first, second = data[at], data[at + 1]
        from_client, rsv1_means = self.role == "server", self._codec is not None
        self._parts.check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)
        is_data = first & 0x0F < 0x8
        if is_data:
            self._check_order(first & 0x0F)
        length = self._parts.payload_length(data, at)
        if length is None:
            return None
        size, start = length
        if start < at + 2:
            self._parts.fail("payload_length", f"gave {length}: inside the first two bytes", data, at)
        key_at, start = start, start + (4 if second & MASK else 0)
        if len(data) < start:
            return None
        if is_data:
            self._check_size(first, size)
        if len(data) >= start + size:
            return start + size
        if is_data:
            self._look_ahead(first, data[key_at:start], data[start:])
        return None

    def _check_order(self, opcode: int) -> None:
        """See that fragments come in a row: only control frames may come between them (§5.4)."""
        if opcode == Opcode.CONTINUATION and not self._fragments:
            message = "A continuation frame, and no message to continue."
        elif opcode != Opcode.CONTINUATION and self._fragments:
            message = "A new message, and the fragmented one before it is not finished."
        else:
            return
        raise ProtocolError(message, close_code=1002, section="§5.4", field="opcode")

    def _check_size(self, first: int, size: int) -> None:
        """Refuse what is too big when it is announced: before any memory is spent (§10.4)."""
        limit = self.max_message_size
        most = 2 * limit + 1024 if self._is_compressed(first) else limit  # DEFLATE never doubles a message
        if self._collected + size > most:
            raise too_big(limit)

    def _is_compressed(self, first: int) -> bool:
        """Tell whether the message is that a frame with this first byte belongs to (RFC 7692 §6.1)."""
        return self._fragments[0].rsv1 if self._fragments else bool(first & RSV1)

    def _is_plain_text(self, first: int) -> bool:
        opcode = self._fragments[0].opcode if self._fragments else first & 0x0F
        return opcode == Opcode.TEXT and not self._is_compressed(first)

    def _look_ahead(self, first: int, masking_key: bytes, payload: bytes) -> None:
        """Fail at the first byte that no text has there, and not when the frame is whole (§8.1)."""
        if self._is_plain_text(first):
            new = payload[self._looked_at :]
            if masking_key:
                new = self._parts.mask_integer(new, self._parts.rotate(masking_key, self._looked_at))
            self._looked_at = len(payload)
            self._text.feed(new)

    def _parse(self, data: bytes) -> Frame:
        """Read the one frame that these bytes are (§5.2)."""
        frames, rest = self._parts.take_frames(data)
        if len(frames) != 1 or rest:
            parts = ("take_frames", "parse_frame", "payload_length")
            name = next((part for part in parts if part in self._parts.mine), parts[0])
            found = f"{len(frames)} frames and {len(rest)} bytes over"
            what = f"gave {found}, where payload_length sees one frame of {len(data)} bytes"
            self._parts.fail(name, what, data)
        return frames[0]

    def _take(self, frame: Frame, events: list[Event]) -> None:
        if frame.opcode == Opcode.PING:
            # §5.5.2: "MUST send a Pong frame in response, unless it already received a Close frame"
            self._out.append(self._write(self._parts.answer_ping(frame)))
            events.append(Ping(frame.payload))
        elif frame.opcode == Opcode.PONG:
            events.append(Pong(frame.payload))
        elif frame.opcode == Opcode.CLOSE:
            self._take_close(self._parts.parse_close(frame.payload), events)
        elif frame.opcode < 0x8:
            self._take_data(frame, events)

    def _take_data(self, frame: Frame, events: list[Event]) -> None:
        """Collect the fragments of a message, and give the message with the last one (§5.4)."""
        self._fragments.append(frame)
        self._collected += len(frame.payload)
        if frame.fin:
            fragments, self._fragments, self._collected = self._fragments, [], 0
            if self._codec is not None and fragments[0].rsv1:
                payload = b"".join(fragment.payload for fragment in fragments)
                inflated = inflate(self._codec, payload, self.max_message_size)
                fragments = [Frame(fragments[0].opcode, inflated)]
            events += self._parts.reassemble(fragments)
            self._text.end()
        elif self._is_plain_text(frame.first_byte):
            self._text.feed(frame.payload[self._looked_at :])
        self._looked_at = 0

    def _take_close(self, close: Close, events: list[Event]) -> None:
        self.step(Step.CLOSE_RECEIVED)
        self.close_received = close
        self.received_first = self.close_sent is None
        self.deaf = True
        self._answer = close  # §5.5.1: "the endpoint MUST send a Close frame in response"
        events.append(close)

    @property
    def unfinished(self) -> bytes | None:
        """What is here of a message that is not whole yet (§5.4); as `Connection.unfinished`."""
        return b"".join(frame.payload for frame in self._fragments) if self._fragments else None

    # ------------------------------------------------------------------------------------ sending

    def send(self, message: str | bytes, *, fin: bool = True) -> bytes:
        """Send a message, or a fragment of one (§6.1, §5.4); as `Connection.send`."""
        if not self.sendable:
            raise UsageError(f"Nothing can be sent while {self.state.name}.")
        if self._codec is not None or self._sending or not fin or not is_message(message):
            general = super()._send_general
            return self._or_give_up(lambda: general(message, fin))
        return self._or_give_up(
            lambda: b"".join(map(self._write, self._parts.fragment(message, _FRAGMENT_SIZE)))
        )

    def bytes_to_send(self) -> bytes:
        """Give the automatic answers that wait (§5.5); as `Connection.bytes_to_send`."""
        return self._or_give_up(super().bytes_to_send)

    def close(self, code: int = CloseCode.NORMAL_CLOSURE.value, reason: str = "") -> bytes:
        """Start the closing handshake (§7.1.2); as `Connection.close`."""
        start = super().close
        return self._or_give_up(lambda: start(code, reason))

    def _user_control(self, opcode: Opcode, payload: bytes) -> bytes:
        send = super()._user_control
        return self._or_give_up(lambda: send(opcode, payload))

    def _write(self, frame: Frame) -> bytes:
        """Write a frame; a client masks it with a key of its own (§5.3)."""
        masking_key = frame.masking_key if self.role == "server" else self._next_key()
        head = self._parts.header(frame.first_byte, len(frame.payload), masking_key)
        if masking_key is None:
            return head + frame.payload
        return head + self._parts.mask_integer(frame.payload, masking_key)

    def _serialize(self, first: int, payload: bytes) -> bytes:
        return self._write(Frame(first & 0x0F, payload, fin=bool(first & FIN), rsv1=bool(first & RSV1)))

    def _close_frame(self, close: Close) -> bytes:
        """Write a close frame with any code: which may be sent was for `parse_close` to say."""
        payload = b"" if close == NO_STATUS else close.code.to_bytes(2, "big") + close.reason.encode()
        frame = self._serialize(FIN | Opcode.CLOSE, payload)
        self.step(Step.CLOSE_SENT)
        self.close_sent = close
        return frame

    # ------------------------------------------------------------------------------------- states

    def step(self, step: Step) -> None:
        """Obey `next_state`. Where it contradicts `TRANSITIONS` it is broken: TCP ends by these states."""
        right = TRANSITIONS[self.state].get(step)
        if right is None:
            super().step(step)  # raises UsageError
        new = self._parts.next_state(self.state, step)
        if new is not right:
            self._parts.fail("next_state", f"gave {new}, not {right}", self.state, step)
        self.state = new

    def opened(self, deflate: Compression | None = None) -> None:
        """Go from CONNECTING to OPEN (§4.1); as `Connection.opened`."""
        try:
            super().opened(deflate)
        except Broken as broken:
            self._parts = Parts()
            super().opened(deflate)
            self._give_up(broken, [])
        if self._codec is not None and self._parts.compress_alone:
            self._codec = Alone(self._parts, self._codec)

    def tcp_closed(self) -> None:
        """Take note that the TCP connection ended (§7.1.4)."""
        try:
            super().tcp_closed()
        except Broken:
            self._parts = Parts()
            super().tcp_closed()
        self._fragments = []

    def _fail(self, error: ProtocolError, events: list[Event]) -> None:
        """Fail the connection (§7.1.7), as `Connection` does."""
        try:
            super()._fail(error, events)
        except Broken as broken:
            self._give_up(broken, events)
        self._fragments = []

    def _give_up(self, broken: Broken, events: list[Event]) -> None:
        """Fail the connection for a fault of this side (§7.4.1); the library says good-bye."""
        self._parts = Parts()
        part, what = broken.fault.part, broken.fault.what
        self._fail(ProtocolError(f"{part} {what}", close_code=1011, section="§7.4.1", field=part), events)

    def _or_give_up(self, work: Callable[[], bytes]) -> bytes:
        try:
            return work()
        except Broken as broken:
            self._give_up(broken, [])
            return self.bytes_to_send()
