"""The fields of one frame as spans, whole or cut off, legal or not (RFC 6455 §5.2).

::

    bit  0    1 2 3   4…7     8     9…15            0, 16 or 64 bits         0 or 32 bits  the rest
         FIN  RSV1–3  opcode  MASK  payload length  extended payload length  masking key   payload

Nothing is judged here; `wslearn.explain` asks a `Connection` for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.closing import CloseCode
from wslearn.errors import ProtocolError
from wslearn.frames import FIN, MASK, Opcode, payload_length, shorten
from wslearn.masking import mask
from wslearn.spans import Kind, Span, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Layout", "frame_spans"]

_OPCODES = {
    0x0: ("continuation", "Goes on with the message that began before.", "§5.4"),
    0x1: ("text", "The payload is text in UTF-8.", "§5.2, §11.8"),
    0x2: ("binary", "The payload is bytes; what they mean is up to the application.", "§5.2, §11.8"),
    0x8: ("close", "Starts the closing handshake, or answers it.", "§5.5.1"),
    0x9: ("ping", "Asks for a pong with the same payload.", "§5.5.2"),
    0xA: ("pong", "Answers a ping; unasked, it says: I am here.", "§5.5.3"),
}
_CODES = {
    1000: "The purpose is fulfilled.",
    1001: "One side leaves: a server stops, a page is closed.",
    1002: "The other side broke the protocol.",
    1003: "The message is of a type that this side cannot accept.",
    1004: "Reserved.",
    1005: "Stands for a close frame without a code.",
    1006: "Stands for a connection that ended without a close frame.",
    1007: "The message does not hold what its type says.",
    1008: "The message breaks a rule of the application.",
    1009: "The message is too big.",
    1010: "The client needs an extension that the server did not accept.",
    1011: "Something unexpected went wrong on the server.",
    1012: "The service restarts.",
    1013: "Try again later.",
    1014: "A gateway got an invalid answer.",
    1015: "Stands for a TLS handshake that failed.",
}
_SEEN = 200  # bytes of a payload that its one-line value is made from
_WIDTHS = {126: 2, 127: 8}  # bytes of extended payload length


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the pieces of one frame lie, as far as they are there.

    Parameters
    ----------
    at
        Offset of its first byte.
    size
        The payload length in bytes, or ``None`` where it is illegal or not all there.
    length_end, key_end
        Where the length and the masking key end, whether they are there or not.
    stop
        Where the frame ends, or the data, if that comes first; behind the length where it is illegal.
    missing
        Bytes still to come: exact where `size` is known, else the least.

    Examples
    --------
    >>> Layout.find(bytes.fromhex("81 85 37 fa 21 3d 7f"), 0)
    Layout(at=0, size=5, length_end=2, key_end=6, stop=7, missing=4)
    """

    at: int
    size: int | None
    length_end: int
    key_end: int
    stop: int
    missing: int

    @classmethod
    def find(cls, data: bytes, at: int) -> Layout:
        """Find the pieces of the frame whose first byte stands at `at`."""
        second = data[at + 1] if at + 1 < len(data) else 0
        length_end = at + 2 + _WIDTHS.get(second & 0x7F, 0)
        size = None
        if length_end <= len(data):
            try:
                size = (payload_length(data, at) or (None,))[0]
            except ProtocolError:
                size = None  # what is wrong is for the connection to say
        key_end = length_end + (4 if second & MASK else 0)
        end = key_end + (size or 0)
        illegal = size is None and length_end <= len(data)
        stop = length_end if illegal else min(end, len(data))
        return cls(at, size, length_end, key_end, stop, 0 if illegal else end - stop)

    @property
    def is_whole(self) -> bool:
        """Whether all of the frame is there, and its end is known."""
        return self.size is not None and not self.missing


def frame_spans(data: bytes, layout: Layout, *, compressed: bool = False) -> list[Span]:
    """Name the fields of the frame at `layout`, as far as they are there.

    Parameters
    ----------
    data
        The bytes it lies in.
    layout
        Where.
    compressed
        Whether it belongs to a message that permessage-deflate compressed.

    Examples
    --------
    >>> data = bytes.fromhex("89 00")
    >>> [span.name for span in frame_spans(data, Layout.find(data, 0))]
    ['FIN', 'RSV1', 'RSV2', 'RSV3', 'opcode', 'MASK', 'payload length']
    """
    spans = list(_first_byte(data, layout.at))
    if layout.at + 1 < len(data):
        spans += _second_byte(data, layout)
        if layout.size is not None:
            spans += _key_and_payload(data, layout, compressed=compressed)
    return spans


def _first_byte(data: bytes, at: int) -> Iterator[Span]:
    first, bit = data[at], at * 8
    opcode = first & 0x0F
    fin = "The last fragment of its message." if first & FIN else "More fragments of this message follow."
    if opcode >= 0x8:
        fin = "A control frame is always whole."
    yield Span(bit, bit + 1, "FIN", str(first >> 7), fin, "§5.2", "flags")
    for number in (1, 2, 3):
        value = first >> (7 - number) & 1
        meaning, section = "Reserved for extensions.", "§5.2"
        if number == 1 and value:
            meaning, section = "With permessage-deflate: the message is compressed.", "RFC 7692 §6"
        yield Span(bit + number, bit + number + 1, f"RSV{number}", str(value), meaning, section, "flags")
    name, meaning, section = _OPCODES.get(opcode, ("reserved", "Reserved for a later version.", "§5.2"))
    yield Span(bit + 4, bit + 8, "opcode", f"{opcode:#x} {name}", meaning, section, "opcode")


def _second_byte(data: bytes, layout: Layout) -> Iterator[Span]:
    start, bit = layout.at + 2, layout.at * 8 + 8
    second = data[layout.at + 1]
    meaning = (
        "Masked, as every frame from a client."
        if second & MASK
        else "Not masked, as every frame from a server."
    )
    yield Span(bit, bit + 1, "MASK", str(second >> 7), meaning, "§5.1, §5.2", "flags")
    length = second & 0x7F
    width = _WIDTHS.get(length, 0)
    meaning = "Up to 125 it fits into these seven bits."
    if width:
        meaning = f"The length follows in {width * 8} bits."
    yield Span(bit + 1, bit + 8, "payload length", str(length), meaning, "§5.2", "length")
    stop = min(layout.length_end, len(data))
    if stop == start:
        return
    written = data[start:stop]
    value = f"{int.from_bytes(written, 'big'):,}" if len(written) == width else written.hex(" ")
    meaning = f"The length in {width * 8} bits, the most significant byte first."
    yield Span(start * 8, stop * 8, "extended payload length", value, meaning, "§5.2", "length")


def _key_and_payload(data: bytes, layout: Layout, *, compressed: bool) -> Iterator[Span]:
    start, stop = layout.length_end, min(layout.key_end, layout.stop)
    key = data[start:stop] if start < stop else b""
    if key:
        meaning = "Each client frame is XORed with a fresh key."
        yield Span(start * 8, stop * 8, "masking key", key.hex(" "), meaning, "§5.3", "key")
    start = layout.key_end
    if start >= layout.stop:
        return
    seen = data[start : min(layout.stop, start + _SEEN)]
    plain = mask(seen, key) if key else seen
    xor = _xor(seen[0], plain[0]) if key else ""
    if data[layout.at] & 0x0F == Opcode.CLOSE:
        yield from _close(plain, start, layout.stop)
        return
    meaning = xor or "As it is: only clients mask."
    if compressed:
        meaning = f"Compressed with DEFLATE. {xor}".strip()
    value = plain[:13].hex(" ") + " …" * (len(plain) > 13) if compressed else shorten(plain)
    yield Span(start * 8, layout.stop * 8, "payload", value, meaning, "§5.2", "payload")


def _xor(seen: int, plain: int) -> str:
    character = chr(plain)
    what = ""
    if character.isascii() and character.isprintable():
        what = f", the letter {character}" if character.isalpha() else f", the character “{character}”"
    return f"{seen:02x} ⊕ {seen ^ plain:02x} = {plain:02x}{what}, and so on."


def _close(payload: bytes, start: int, stop: int) -> Iterator[Span]:
    middle = min(start + 2, stop)
    code = int.from_bytes(payload[:2], "big")
    kind: Kind = "payload"
    if middle < start + 2:
        meaning = "A close code has two bytes."
        yield Span(start * 8, middle * 8, "close code", payload.hex(), meaning, "§5.5.1", kind)
        return
    value = f"{code} {CloseCode(code).name}" if code in _CODES else str(code)
    yield Span(start * 8, middle * 8, "close code", value, _code_meaning(code), "§7.4", kind)
    if middle < stop:
        reason = f"“{visible(payload[2:].decode(errors='replace'))}”"
        yield Span(middle * 8, stop * 8, "close reason", reason, "For a person, in UTF-8.", "§5.5.1", kind)


def _code_meaning(code: int) -> str:
    if 3000 <= code <= 3999:
        return "Registered by a library or a framework."
    if 4000 <= code <= 4999:
        return "Private: its meaning is the application's own."
    return _CODES.get(code, "Not registered.")
