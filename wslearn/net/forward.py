"""One end of a forwarded connection: what comes in here goes out at the other end.

asyncio's transports carry this rather than Tornado's streams: they tell "sends no more" from "is gone".
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.connection import Role
    from wslearn.net.capture import Capture

__all__ = ["Side"]

# No lingering: what is closed now is reset (SO_LINGER, on for 0 seconds).
_RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Side(asyncio.Protocol):
    """One of the two TCP connections of a forwarded one. What arrives here leaves by its peer."""

    transport: asyncio.Transport
    gone: asyncio.Future[None]
    _peer: Side
    _capture: Capture

    def __init__(self, role: Role, on_made: Callable[[Side], None] | None = None) -> None:
        self._role: Role = role
        self._on_made = on_made
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hold what arrives until there is somewhere to send it."""
        self.transport = cast("asyncio.Transport", transport)
        self.gone = asyncio.get_running_loop().create_future()
        self.transport.pause_reading()
        if self._on_made is not None:
            self._on_made(self)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of whoever is there."""
        # A peer that has reset the connection already has no address any more.
        host, port, *_ = self.transport.get_extra_info("peername") or ("0.0.0.0", 0)  # noqa: S104
        return host, port

    def join(self, peer: Side, capture: Capture) -> None:
        """Begin to forward."""
        self._peer, self._capture = peer, capture
        self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Record, and pass on."""
        self._capture.record(self._role, data)
        self._peer.transport.write(data)

    def eof_received(self) -> bool:
        """Pass on that there will be no more; the other direction goes on."""
        self._capture.end(self._role, "FIN")
        self.ended = True
        if self._peer.ended:
            self.transport.close()
            self._peer.transport.close()
        else:
            with suppress(OSError):  # the peer is gone; its own connection_lost says so in a moment
                self._peer.transport.write_eof()
        return True

    def pause_writing(self) -> None:
        """Read no more from the peer while this side takes no more."""
        self._peer.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read from the peer again."""
        self._peer.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """Pass a reset on."""
        self.gone.set_result(None)
        if error is not None:
            self._capture.end(self._role, "RST")
            self._peer.reset()

    def reset(self) -> None:
        """Give up as the other side did: what is still unsent is lost, as it is without a tap."""
        if not self.gone.done():
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.transport.abort()
