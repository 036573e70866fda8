"""The wire of one connection, explained as the bytes pass: ``wslearn connect --explain``.

`Watched` sees the very bytes that the socket gives and takes, below the handshake and the frames and
above TLS; so the server sees the same Host, and the same certificate is checked, as without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.deflate import Deflate, agreed
from wslearn.explain import explain
from wslearn.frames import Opcode
from wslearn.http import Request, Response
from wslearn.net.client import connect
from wslearn.spans import count

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from wslearn.connection import Role
    from wslearn.net.stream import Stream
    from wslearn.spans import Explanation, Part

__all__ = ["Watched", "Wire", "hex_dump"]

_SHOWN = 64  # bytes in hexadecimal


def hex_dump(data: bytes) -> str:
    """Write the first bytes in hexadecimal.

    Examples
    --------
    >>> hex_dump(b"Hello"), len(hex_dump(bytes(1000)))
    ('48 65 6c 6c 6f', 193)
    """
    return data[:_SHOWN].hex(" ") + " …" * (len(data) > _SHOWN)


class _Witness:
    """A socket that tells of every byte that it takes and gives."""

    def __init__(self, connected: Any, see: Callable[[Role, bytes], None]) -> None:
        self._socket = connected
        self._see = see

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def recv(self, size: int) -> bytes:
        data: bytes = self._socket.recv(size)
        self._see("server", data)
        return data

    def recv_into(self, buffer: bytearray | memoryview, size: int) -> int:
        received: int = self._socket.recv_into(buffer, size)
        self._see("server", bytes(buffer[:received]))
        return received

    def send(self, data: memoryview) -> int:
        sent: int = self._socket.send(data)
        self._see("client", bytes(data[:sent]))
        return sent


class Watched(connect):
    """A `connect` whose bytes can be watched.

    Parameters
    ----------
    url
        As for `connect`.
    see
        Called with who sent them, and the bytes, for each read and each write.
    **options
        As for `connect`.
    """

    def __init__(self, url: str, see: Callable[[Role, bytes], None], **options: Any) -> None:
        super().__init__(url, **options)
        self._see = see

    async def _connect(self, sock: socket.socket, address: tuple[object, ...]) -> Stream:
        stream = await super()._connect(sock, address)
        stream.socket = _Witness(stream.socket, self._see)  # type: ignore[assignment]
        return stream


class Wire:
    """Explains the bytes of both directions, part by part, as they pass.

    Parameters
    ----------
    say
        Called with each explanation.

    Examples
    --------
    >>> wire = Wire(lambda text: print(text.splitlines()[0]))
    >>> wire.see("server", bytes.fromhex("81 05 48 65"))
    >>> wire.see("server", b"llo")
    ← frame 1, 7 bytes: 81 05 48 65 6c 6c 6f
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._data: dict[Role, bytes] = {"client": b"", "server": b""}
        self._told: dict[Role, int] = {"client": 0, "server": 0}  # parts of the data that were shown
        self._frames: dict[Role, int] = {"client": 0, "server": 0}
        self._request: Request | None = None
        self._deflate: Deflate | None = None

    def see(self, role: Role, data: bytes) -> None:
        """Take in what one side sent, and explain each part that is whole now."""
        if not data:
            return
        self._data[role] += data
        told = explain(self._data[role], role, deflate=self._deflate, request=self._request)
        parts = told.parts[:-1] if told.missing else told.parts
        for part in parts[self._told[role] :]:
            self._show(told, part)
        self._told[role] = len(parts)
        if told.fault is None and not told.missing and self._forgettable(role, told):
            self._data[role], self._told[role] = b"", 0

    def _show(self, told: Explanation, part: Part) -> None:
        spans = told[part.first : part.behind]
        data = told.data[spans[0].start // 8 : spans[-1].stop // 8]
        title = f"{part.title}, {count(len(data), 'byte')}"
        if part.title.startswith("frame"):
            self._frames[told.role] += 1
            title = f"frame {self._frames[told.role]}, {count(len(data), 'byte')}: {hex_dump(data)}"
        arrow = "→" if told.role == "client" else "←"
        rows = (f"    {span}" if span.fault is None else f"  ✗ {span}" for span in spans)
        self._say("\n".join([f"{arrow} {title}", *rows]))

    def _forgettable(self, role: Role, told: Explanation) -> bool:
        """Whether nothing that comes later needs these bytes to be understood."""
        if told.parts[0].title == "request":
            self._request = Request.parse(told.data)
        elif told.parts[0].title == "response" and self._request is not None:
            head = told.data[: told[told.parts[0].behind - 1].stop // 8]
            self._deflate = agreed(self._request, Response.parse(head))
        data_frames = [frame for frame in told.frames if frame.opcode < Opcode.CLOSE]
        if data_frames and not data_frames[-1].fin:
            return False
        if self._deflate is None or not data_frames:
            return True
        if role == "client":
            return self._deflate.client_no_context_takeover
        return self._deflate.server_no_context_takeover
