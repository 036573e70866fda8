"""Spans: which bits mean what. Every explanation and every picture is this one list.

::

    data         81       05       48 …
    bits         0 1…3 4–7  8 9–15   16…
    spans        FIN RSV opcode  MASK length  payload
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from wslearn.connection import Event, Role
    from wslearn.deflate import Deflate
    from wslearn.errors import HandshakeError, ProtocolError
    from wslearn.frames import Frame

__all__ = ["MARKS", "Explanation", "Kind", "Part", "Span", "count", "visible"]

Kind = Literal["flags", "opcode", "length", "key", "payload", "http", "fault"]

MARKS = {"legal": "✓", "accepted": "✓", "incomplete": "…", "nothing": "…"}  # every other verdict has ✗
_ROWS = 200  # of the plain text: enough for a terminal, and a long capture stays printable


@dataclass(frozen=True, slots=True)
class Span:
    """One field of a frame or of an HTTP head.

    Parameters
    ----------
    start, stop
        Where it lies, in bits from the start of the data.
    name
        The RFC's word for it.
    value
        What it holds, in printable characters.
    meaning
        What that means, in one sentence; at a fault, the rule that it breaks.
    section
        Where the RFC says so, such as ``"§5.2"``.
    kind
        What kind of field it is: it decides the colour.
    fault
        The error that this field earns, or ``None``.

    Examples
    --------
    >>> print(Span(0, 1, "FIN", "1", "The last fragment of its message.", "§5.2", "flags"))
    FIN 1: The last fragment of its message. (§5.2)
    """

    start: int
    stop: int
    name: str
    value: str
    meaning: str
    section: str
    kind: Kind
    fault: ProtocolError | HandshakeError | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.value}: {self.meaning} ({self.section})"

    def at_fault(self, error: ProtocolError | HandshakeError) -> Span:
        """Give the span as the one that breaks a rule."""
        return replace(self, meaning=visible(error.args[0]), section=error.section, kind="fault", fault=error)


@dataclass(frozen=True, slots=True)
class Part:
    """A run of spans that belong together: one frame, one HTTP head, one body.

    Parameters
    ----------
    title
        What it is, such as ``"frame 2"``.
    first, behind
        The index of its first span, and the one behind its last.
    frame
        The frame, when it is one and all of it is there.
    """

    title: str
    first: int
    behind: int
    frame: Frame | None = None


class Explanation(list[Span]):
    """Spans that cover every bit of `data` exactly once and in order; `wslearn.explain.explain` makes it.

    Parameters
    ----------
    data
        The bytes that are explained.
    role
        Who sent them: ``"client"`` or ``"server"``.

    Attributes
    ----------
    parts : list of Part
        The spans, grouped into heads and frames.
    frames : list of Frame
        Every frame that is all there, the one at fault included.
    events : list
        What `Connection.receive` on the other side gives for the frames.
    fault : ProtocolError, HandshakeError or None
        The rule that is broken.
    deflate : Deflate or None
        The compression in use: as it was given, or as the 101 in `data` says.
    missing : int
        At least so many bytes are still to come; 0 when the data ends where something ends.
    verdict, summary : str
        In one or two words, and in a sentence.

    Examples
    --------
    >>> Explanation(b"", "client").fault is None
    True
    """

    def __init__(self, data: bytes, role: Role) -> None:
        super().__init__()
        self.data = data
        self.role = role
        self.parts: list[Part] = []
        self.frames: list[Frame] = []
        self.events: list[Event] = []
        self.fault: ProtocolError | HandshakeError | None = None
        self.deflate: Deflate | None = None
        self.missing = 0
        self.verdict = "nothing"
        self.summary = "There are no bytes to explain."

    def add(self, title: str, spans: list[Span], frame: Frame | None = None) -> None:
        """Add a part; it goes on where the one before it ended."""
        self.parts.append(Part(title, len(self), len(self) + len(spans), frame))
        self.extend(spans)
        if frame is not None:
            self.frames.append(frame)

    def __str__(self) -> str:
        """Lay the spans out as a plain table, with the verdict below it."""
        rows = [("byte", "bits", "field", "value", "meaning")]
        for span in self[:_ROWS]:
            byte, bit = divmod(span.start, 8)
            size = span.stop - span.start
            bits = f"{bit}" if size == 1 else f"{bit}–{bit + size - 1}" if size < 8 else "all"
            rows.append((str(byte), bits, span.name, span.value[:48], f"{span.meaning} ({span.section})"))
            if span.fault is not None:
                rows[-1] = (*rows[-1][:2], f"✗ {span.name}", *rows[-1][3:])
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [
            "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]])
            for row in rows
        ]
        if len(self) > _ROWS:
            lines.append(f"… and {count(len(self) - _ROWS, 'more field')}")
        lines.append(f"{MARKS.get(self.verdict, '✗')} {self.verdict}: {self.summary}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from wslearn.picture import explanation_html

        return explanation_html(self)


def count(number: int, noun: str) -> str:
    """Write a number and its noun.

    Examples
    --------
    >>> count(1, "byte"), count(65536, "byte")
    ('1 byte', '65,536 bytes')
    """
    return f"{number:,} {noun}" + "s" * (number != 1)


def visible(text: str, limit: int = 400) -> str:
    r"""Make text fit to be shown: what cannot be printed becomes ``·``, what is long is cut.

    Examples
    --------
    >>> visible("a\x1b[2Jb")
    'a·[2Jb'
    """
    shown = "".join(character if character.isprintable() else "·" for character in text[:limit])
    return shown + "…" * (len(text) > limit)
