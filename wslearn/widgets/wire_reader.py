"""What crosses one TCP connection, head by head and frame by frame, while it crosses (RFC 6455 §4, §5.2).

`wslearn.explain.explain` reads all bytes at once. Here they come a few at a time, for hours maybe: each side
has a `Connection` of the receiving kind that goes on judging, and nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from wslearn.connection import Connection
from wslearn.errors import HandshakeError, ProtocolError
from wslearn.explain import explain
from wslearn.explain_frame import Layout, frame_spans
from wslearn.frames import FIN, RSV1, Frame, Opcode
from wslearn.http import Request, split_head
from wslearn.net.record import End, Record
from wslearn.picture import said
from wslearn.spans import Kind, Part, visible
from wslearn.widgets.wire_event import WireEvent

if TYPE_CHECKING:
    from wslearn.connection import Role
    from wslearn.deflate import Deflate
    from wslearn.net.capture import Capture
    from wslearn.spans import Explanation

__all__ = ["Reader"]

_RECEIVER: dict[Role, Role] = {"client": "server", "server": "client"}
_NAMES = {opcode.value: opcode.name.lower() for opcode in Opcode}
_LONGEST_METHOD = 8  # bytes, with the blank: below that, letters may still become a request
_HEADS = {"request", "response"}
_ENDS = {"FIN": "FIN: sends no more", "RST": "RST: gives the connection up"}


class Reader:
    """Reads a capture from its beginning, as far as it goes now, and later on from there.

    Parameters
    ----------
    capture
        The connection.
    number
        Its number in the diagram.

    Attributes
    ----------
    request : Request or None
        What the client asked last, as far as it is HTTP.
    answered : bool
        Whether the server has answered with a 101: only then it is known what RSV1 means.
    deflate : Deflate or None
        What both agreed on.
    is_done : bool
        Whether the connection is over, and all of it was read.
    """

    def __init__(self, capture: Capture, number: int) -> None:
        self.capture = capture
        self.number = number
        self.request: Request | None = None
        self.answered = False
        self.deflate: Deflate | None = None
        self.is_done = False
        self._sides = {sender: _Side(self, sender) for sender in _RECEIVER}
        self._flow = self._events()

    def take(self, most: int) -> list[WireEvent]:
        """Give the next events, so many at most; none when there is nothing new."""
        taken: list[WireEvent] = []
        while len(taken) < most and (event := next(self._flow)) is not None:
            taken.append(event)
        return taken

    def note(self, time: float, text: str, hue: Kind = "flags") -> WireEvent:
        """Make a note."""
        return WireEvent(self.capture.began / 1e9 + time, self.number, "client", "note", hue, text)

    def _events(self) -> Iterator[WireEvent | None]:
        capture = self.capture
        yield self.note(0, f"TCP connection {self.number}: {_address(capture.client)} opens it")
        records = ends = 0
        while True:
            # In this order: nothing that came before an end, or the last end, is missed then.
            is_closed, more_ends, more = capture.closed, capture.ends[ends:], capture.records[records:]
            records, ends = records + len(more), ends + len(more_ends)
            things: list[Record | End] = [*more, *more_ends]
            for thing in sorted(things, key=lambda each: each.time):
                side = self._sides[thing.direction]
                if isinstance(thing, Record):
                    yield from side.feed(thing)
                    yield from self._sides["client"].go_on()  # it may have waited for the server's 101
                else:
                    yield from side.finish(thing)
            if is_closed and not self.is_done:
                for side in self._sides.values():
                    yield from side.finish(None)
                self.is_done = True
            yield None


class _Side:
    """What one of the two sends."""

    def __init__(self, reader: Reader, sender: Role) -> None:
        self._reader = reader
        self._sender = sender
        self._receiver = Connection(_RECEIVER[sender])
        self._is_framed = False
        self._chunks: list[bytes] = []  # what came and is not read yet; joined when it is enough
        self._have = 0
        self._need = 1
        self._start = 0  # of the first of them, in all that was sent
        self._message = 0
        self._compressed = False
        self._time = 0.0
        self._read: Callable[[bytes], Iterator[WireEvent]] = self._begin

    def feed(self, record: Record) -> Iterator[WireEvent]:
        self._chunks.append(record.data)
        self._have += len(record.data)
        self._time = record.time
        yield from self.go_on()

    def go_on(self) -> Iterator[WireEvent]:
        while self._have and self._have >= self._need:
            data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            self._chunks = [data]
            before, read = self._start, self._read
            yield from self._read(data)
            used = self._start - before
            self._chunks = [data[used:]] if used < len(data) else []
            self._have -= used
            if not used and read == self._read:
                return

    def finish(self, end: End | None) -> Iterator[WireEvent]:
        """Show what is there of a head or a frame that will never be whole."""
        data = b"".join(self._chunks)
        if data:
            self._chunks, self._have = [], 0
            if self._is_framed:
                yield self._frame(data, Layout.find(data, 0))
            else:
                told = explain(data, self._sender)
                text, hue = said(told.parts[0], told[told.parts[0].first : told.parts[0].behind])
                kind = "http" if told.parts[0].title in _HEADS else "bytes"
                yield self._event(kind, hue, text + ", not whole" * (kind == "http"), len(data))
            self._start += len(data)
        if end is not None:
            self._time = end.time
            yield self._event("tcp", "flags", _ENDS[end.how], 0)

    def _begin(self, data: bytes) -> Iterator[WireEvent]:
        """Tell HTTP from frames."""
        if data[:1].isupper() and len(data) < _LONGEST_METHOD:
            self._need = len(data) + 1
        elif explain(data[:4096], self._sender).parts[0].title in _HEADS:
            self._read = self._head
        else:
            self._speak_frames()
        yield from ()

    def _speak_frames(self) -> None:
        self._receiver = Connection(_RECEIVER[self._sender], deflate=self._reader.deflate)
        self._is_framed = True
        self._need = 1
        self._read = self._frames

    def _head(self, data: bytes) -> Iterator[WireEvent]:
        try:
            cut = split_head(data)
        except HandshakeError:
            cut = data, b""
        if cut is None:
            self._need = len(data) + 1
            return
        head = cut[0]
        reader = self._reader
        if self._sender == "client":
            reader.request = _request(head)
        told = explain(head, self._sender, request=reader.request if self._sender == "server" else None)
        self._need = 1
        yield self._said_head(told, len(head))
        self._start += len(head)
        self._read = self._rest
        if told.fault is not None:
            return
        if self._sender == "client":
            self._read = self._wait
            self._need = 0
        else:
            reader.deflate, reader.answered = told.deflate, True
            ends = f"{_address(reader.capture.client)} ↔ {reader.capture.server[1]}"
            yield reader.note(self._time, f"the same TCP connection, {ends}: from here on, frames", "payload")
            self._speak_frames()

    def _said_head(self, told: Explanation, size: int) -> WireEvent:
        part, request = told.parts[0], self._reader.request
        spans = told[part.first : part.behind]
        fault = told.fault
        if request is not None and "Upgrade" not in request.headers and not _asks(request):
            # Any page is fetched like this: it is no handshake that went wrong.
            spans = [replace(span, fault=None) for span in spans]
            fault = None
        text, hue = said(part, spans)
        return self._event("http", hue, text, size, fault=fault)

    def _wait(self, _: bytes) -> Iterator[WireEvent]:
        if self._reader.answered:
            self._speak_frames()
        yield from ()

    def _frames(self, data: bytes) -> Iterator[WireEvent]:
        at = 0
        while at < len(data):
            layout = Layout.find(data, at)
            if layout.missing:
                self._need = len(data) - at + layout.missing
                return
            frame = data[at : layout.stop]
            event = self._frame(frame, Layout.find(frame, 0))
            at = layout.stop
            self._start += len(frame)
            self._need = 1
            yield event
            if event.fault is not None or self._receiver.close_received is not None:
                self._read = self._rest
                return

    def _frame(self, data: bytes, layout: Layout) -> WireEvent:
        """Ask the receiver what it says to a frame."""
        told = self._receiver.receive(data)
        self._receiver.bytes_to_send()  # the answers go nowhere
        fault = told[-1] if told and isinstance(told[-1], ProtocolError) else None
        opcode = data[0] & 0x0F
        if opcode in {Opcode.TEXT, Opcode.BINARY}:
            self._message = self._start
            self._compressed = self._reader.deflate is not None and bool(data[0] & RSV1)
        is_part = opcode < Opcode.CLOSE and (self._compressed or opcode == Opcode.CONTINUATION)
        spans = frame_spans(data, layout, compressed=self._compressed and opcode < Opcode.CLOSE)
        parsed = Frame.parse(data) if layout.is_whole else None
        text, hue = said(Part("frame", 0, len(spans), parsed and parsed[0]), spans)
        if fault is not None:
            text, hue = f"✗ {text}: {fault.args[0]}", "fault"
        return self._event(
            _NAMES.get(opcode, "reserved"),
            hue,
            text,
            len(data),
            message=self._message if is_part else self._start,
            plain=not is_part and bool(data[0] & FIN) and fault is None,
            fault=fault,
        )

    def _rest(self, data: bytes) -> Iterator[WireEvent]:
        """Show what nobody reads any more, or a body; a connection that stays HTTP may go on with a head."""
        if not self._is_framed and explain(data[:4096], self._sender).parts[0].title in _HEADS:
            self._read = self._head
            return
        text = "not read any more"
        if not self._is_framed:
            text = f"body: {' '.join(data[:400].decode('utf-8', 'replace').split())}"
        yield self._event("bytes", "flags", text, len(data))
        self._start += len(data)

    def _event(self, kind: str, hue: str, text: str, size: int, **more: Any) -> WireEvent:
        return WireEvent(
            time=self._reader.capture.began / 1e9 + self._time,
            connection=self._reader.number,
            sender=self._sender,
            kind=kind,
            hue=cast("Kind", hue),
            text=visible(text, 200),
            start=self._start,
            size=size,
            **more,
        )


def _request(head: bytes) -> Request | None:
    try:
        return Request.parse(head)
    except HandshakeError:
        return None


def _asks(request: Request) -> bool:
    """Tell whether a request is meant as a handshake, whatever a proxy took from it."""
    return any(name.lower().startswith("sec-websocket-") for name, _ in request.headers)


def _address(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
