"""A tap with a bare socket at each end, so that a test decides what each side does, and when."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from wslearn.net import Capture, Tap

FAMILY = {False: socket.AF_INET, True: socket.AF_INET6}
RESET = struct.pack("ii", 1, 0)


@dataclass
class Wire:
    """One connection through a tap."""

    tap: Tap
    client: socket.socket
    server: socket.socket

    @property
    def capture(self) -> Capture:
        """What the tap saw of it."""
        return self.tap.wait()


@contextmanager
def wire(host: str = "127.0.0.1", max_bytes: int = 64 << 20) -> Iterator[Wire]:
    """Open one."""
    with socket.create_server((host, 0), family=FAMILY[":" in host]) as listener:
        listener.settimeout(10)
        with (
            Tap((host, listener.getsockname()[1]), max_bytes=max_bytes) as tap,
            socket.create_connection(("127.0.0.1", tap.port), timeout=10) as client,
            listener.accept()[0] as server,
        ):
            server.settimeout(10)
            yield Wire(tap, client, server)


def reset(sock: socket.socket) -> None:
    """Close a socket as a program does that crashed: without a word."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()


def read_all(sock: socket.socket) -> bytes:
    """Read until the other side sends no more."""
    chunks = []
    while chunk := sock.recv(1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)


def fill(sock: socket.socket, size: int) -> int:
    """Send up to `size` bytes; return how many were taken before half a second without progress."""
    sent = 0
    sock.settimeout(0.5)
    with suppress(TimeoutError):
        while sent < size:
            sent += sock.send(bytes(min(65536, size - sent)))
    sock.settimeout(10)
    return sent
