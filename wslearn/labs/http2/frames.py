r"""The frames of HTTP/2, as they cross the connection inside TLS (RFC 9113 §4.1).

::

    +-----------------------------------------------+
    |                 Length (24)                   |
    +---------------+---------------+---------------+
    |   Type (8)    |   Flags (8)   |
    +-+-------------+---------------+-------------------------------+
    |R|                 Stream Identifier (31)                      |
    +-+-------------------------------------------------------------+
    |                   Frame Payload (Length)                    ...
    +---------------------------------------------------------------+

HTTP/2 has frames, and WebSocket has frames, and they are not the same: a WebSocket frame travels as the
payload of a DATA frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wslearn.connection import Role

__all__ = ["PREFACE", "FrameReader", "Http2Frame"]

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # RFC 9113 §3.4: what a client says first

_HEADER = 9  # bytes
_KINDS = (
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
)
_END_STREAM = 0x1
_ACK = 0x1


@dataclass(frozen=True, slots=True)
class Http2Frame:
    """One frame of HTTP/2.

    Parameters
    ----------
    sender
        ``"client"`` or ``"server"``.
    kind
        ``"DATA"``, ``"HEADERS"``, …
    flags
        Eight bits.
    stream
        The number of its stream; 0 for what concerns the connection.
    payload
        Its bytes.

    Examples
    --------
    >>> print(Http2Frame("client", "DATA", 0, 1, bytes(11)))
    client  DATA on stream 1, 11 bytes
    """

    sender: Role
    kind: str
    flags: int
    stream: int
    payload: bytes

    def __str__(self) -> str:
        where = f" on stream {self.stream}" if self.stream else ""
        flag = ""
        if self.kind in {"DATA", "HEADERS"} and self.flags & _END_STREAM:
            flag = ", END_STREAM"
        elif self.kind in {"SETTINGS", "PING"} and self.flags & _ACK:
            flag = ", ACK"
        return f"{self.sender}  {self.kind}{where}, {len(self.payload)} bytes{flag}"


class FrameReader:
    """Cuts what one side sends into frames, however it arrives.

    Parameters
    ----------
    sender
        Whose it is: a client's begins with the `PREFACE`.

    Examples
    --------
    >>> reader = FrameReader("server")
    >>> reader.feed(bytes.fromhex("000000 04 01")), reader.feed(bytes(4))[0].kind
    ([], 'SETTINGS')
    """

    def __init__(self, sender: Role) -> None:
        self._sender: Role = sender
        self._data = b""
        self._skip = len(PREFACE) if sender == "client" else 0

    def feed(self, data: bytes) -> list[Http2Frame]:
        """Take in bytes, and give the frames that are whole now."""
        skipped = data[: self._skip]
        self._skip -= len(skipped)
        data = self._data + data[len(skipped) :]
        frames, at = list[Http2Frame](), 0
        while len(data) - at >= _HEADER:
            size = int.from_bytes(data[at : at + 3], "big")
            end = at + _HEADER + size
            if end > len(data):
                break
            kind, flags = data[at + 3], data[at + 4]
            stream = int.from_bytes(data[at + 5 : at + 9], "big") & 0x7FFFFFFF
            name = _KINDS[kind] if kind < len(_KINDS) else f"type {kind}"
            frames.append(Http2Frame(self._sender, name, flags, stream, data[at + _HEADER : end]))
            at = end
        self._data = data[at:]
        return frames
