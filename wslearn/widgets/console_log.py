"""What a console shows of its connection: a row for each head, frame and note, made from the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.closing import Close
from wslearn.errors import ProtocolError
from wslearn.frames import MASK, Frame, Opcode, payload_length
from wslearn.spans import visible
from wslearn.wire import hex_dump

if TYPE_CHECKING:
    from wslearn.connection import Role

__all__ = ["LONGEST", "Reading", "entry"]

LONGEST = 2000  # characters of a row
_WAYS: dict[Role, str] = {"client": "→", "server": "←"}
_LARGEST_HEADER = 14  # bytes


def entry(
    way: str, what: str, size: int | None = None, text: str = "", *, fault: bool = False
) -> dict[str, Any]:
    """Make a row.

    Parameters
    ----------
    way
        ``"→"``, ``"←"``, or ``"·"`` for what did not cross the wire.
    what
        The opcode's name, ``"http"``, ``"raw"`` or ``"note"``.
    size
        Bytes of payload, or of a head; ``None`` for none of them.
    text
        What it carries; control characters are made visible.
    fault
        Whether a rule is broken.

    Examples
    --------
    >>> entry("←", "text", 5, "Hello")["text"]
    'Hello'
    """
    shown = visible(text, LONGEST)
    return {"way": way, "what": what, "size": -1 if size is None else size, "text": shown, "fault": fault}


class Reading:
    """Reads what one side sends: an HTTP head, then frames, as their last byte passes.

    Parameters
    ----------
    sender
        ``"client"`` or ``"server"``.

    Examples
    --------
    >>> reading = Reading("server")
    >>> data = b"HTTP/1.1 101 Switching Protocols" + bytes.fromhex("0d 0a 0d 0a 81 02 48 69")
    >>> [(row["what"], row["text"]) for row in reading.feed(data)]
    [('http', 'HTTP/1.1 101 Switching Protocols'), ('text', 'Hi')]
    """

    def __init__(self, sender: Role) -> None:
        self._sender = sender
        self._buffer = bytearray()
        self._is_framed = False
        self._is_lost = False

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Take in bytes; give a row for all that is whole now."""
        rows: list[dict[str, Any]] = []
        if self._is_lost:  # where the next frame would begin, nobody can say
            return rows
        self._buffer += data
        if not self._is_framed:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return rows
            first = bytes(self._buffer[:end]).partition(b"\r\n")[0].decode("latin-1")
            rows.append(entry(_WAYS[self._sender], "http", end + 4, first))
            self._is_framed = self._sender == "client" or first[9:12] == "101"
            self._is_lost = not self._is_framed
            del self._buffer[: end + 4]
        try:
            while self._is_framed and (size := self._whole()):
                frame = Frame.parse(bytes(self._buffer[:size]))
                del self._buffer[:size]
                if frame is not None:
                    rows.append(self._row(frame[0]))
        except ProtocolError as error:
            self._is_lost = True
            rows.append(entry(_WAYS[self._sender], "reserved", None, str(error), fault=True))
        return rows

    def _whole(self) -> int:
        """Give the size of the frame in front, once all of it is there; a large one is not copied before."""
        start = bytes(self._buffer[:_LARGEST_HEADER])
        if len(start) < 2 or (length := payload_length(start, 0)) is None:
            return 0
        size = sum(length) + (4 if start[1] & MASK else 0)
        return size if len(self._buffer) >= size else 0

    def _row(self, frame: Frame) -> dict[str, Any]:
        opcode, payload = frame.opcode, frame.payload
        name = opcode.name.lower() if isinstance(opcode, Opcode) else f"reserved {opcode:#x}"
        text = _carried(frame) + ("" if frame.fin else " … more to come")
        try:
            frame.check(self._sender)
        except ProtocolError as error:
            return entry(_WAYS[self._sender], name, len(payload), f"{text} ✗ {error}".strip(), fault=True)
        return entry(_WAYS[self._sender], name, len(payload), text)


def _carried(frame: Frame) -> str:
    payload = frame.payload
    if frame.opcode == Opcode.CLOSE:
        try:
            return str(Close.parse(payload))
        except ProtocolError as error:
            return f"{hex_dump(payload)} ✗ {error}"
    if frame.opcode == Opcode.TEXT:
        return payload[: 4 * LONGEST].decode("utf-8", "replace")
    try:
        text = payload[: 4 * LONGEST].decode()
    except UnicodeDecodeError:
        return hex_dump(payload)
    return text if text.isprintable() and frame.opcode != Opcode.BINARY else hex_dump(payload)
