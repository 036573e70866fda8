"""One arrow of a sequence diagram, and how it is told to a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wslearn.connection import Role
    from wslearn.errors import HandshakeError, ProtocolError
    from wslearn.spans import Kind

__all__ = ["KINDS", "WireEvent", "clock"]

# What can be picked out, and how it is called.
KINDS = {
    "": "everything",
    "http": "HTTP",
    "text": "text",
    "binary": "binary",
    "continuation": "continuation",
    "close": "close",
    "ping": "ping",
    "pong": "pong",
    "reserved": "reserved opcodes",
    "bytes": "other bytes",
    "tcp": "ends of TCP",
    "fault": "✗ faults",
}
_ARROWS = {"client": "→", "server": "←"}


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One arrow of a sequence diagram, or a note between two of them.

    Parameters
    ----------
    time
        When its last byte came, in seconds since 1970.
    connection
        Which TCP connection, counted from 1.
    sender
        ``"client"`` or ``"server"``.
    kind
        ``"http"``, an opcode's name, ``"reserved"``, ``"bytes"``, ``"tcp"`` or ``"note"``.
    hue
        The kind of field whose colour it has.
    text
        What it is, in one line of printable characters.
    start, size
        Where it stands in what the sender sent, in bytes.
    message
        Where the message begins that it is a part of, in bytes.
    plain
        Whether it means the same without what came before it: not a fragment, not compressed.
    fault
        The rule that it breaks.
    """

    time: float
    connection: int
    sender: Role
    kind: str
    hue: Kind
    text: str
    start: int = 0
    size: int = 0
    message: int = 0
    plain: bool = True
    fault: ProtocolError | HandshakeError | None = None

    def fits(self, kind: str, sender: str, connection: int, search: str) -> bool:
        """Tell whether it is wanted: empty strings and 0 ask for nothing; `search` is in lower case.

        Examples
        --------
        >>> event = WireEvent(0.0, 1, "client", "ping", "opcode", "ping, masked")
        >>> event.fits("ping", "", 0, "mask"), event.fits("", "server", 0, "")
        (True, False)
        """
        return (
            (not kind or kind == self.kind or (kind == "fault" and self.fault is not None))
            and (not sender or (sender == self.sender and self.kind != "note"))
            and (not connection or connection == self.connection)
            and (not search or search in self.text.lower())
        )

    def told(self, index: int, began: float) -> dict[str, Any]:
        """Give it as a page draws it.

        Parameters
        ----------
        index
            Its place in the log.
        began
            When the diagram's clock was 0, in seconds since 1970.
        """
        return {
            "n": index,
            "time": clock(self.time - began),
            "way": _ARROWS[self.sender],
            "kind": self.kind,
            "hue": self.hue,
            "text": self.text,
            "size": f"{self.size:,} B" if self.size else "",
            "connection": self.connection,
        }


def clock(seconds: float) -> str:
    """Write a time in a few characters.

    Examples
    --------
    >>> clock(0.0004), clock(75.25)
    ('0.4 ms', '75.250 s')
    """
    seconds = max(seconds, 0.0)
    return f"{seconds * 1000:,.1f} ms" if seconds < 10 else f"{seconds:,.3f} s"
