"""A TCP connection on which every byte is counted, and HTTP on it as a browser's page would speak it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.http import Headers, Response, split_head

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Counts", "Site", "Wire", "read_head"]

_BROWSER = (
    ("sec-ch-ua", '"Chromium";v="140", "Not=A?Brand";v="24"'),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-ch-ua-platform", '"Linux"'),
    (
        "User-Agent",
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36"
        ),
    ),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
)
_FETCH = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
)


@dataclass(slots=True)
class Counts:
    """What all clients of one way did together.

    Attributes
    ----------
    requests : int
        HTTP requests, a WebSocket's handshake among them.
    connections : int
        TCP connections that were opened.
    up, down : int
        Bytes on them, to the server and from it. TCP's and IP's own headers are not counted.
    """

    requests: int = 0
    connections: int = 0
    up: int = 0
    down: int = 0

    def __sub__(self, before: Counts) -> Counts:
        return Counts(
            self.requests - before.requests,
            self.connections - before.connections,
            self.up - before.up,
            self.down - before.down,
        )


class Wire(asyncio.Protocol):
    """One TCP connection.

    Parameters
    ----------
    counts
        Where its bytes are counted.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._received = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self._counts.connections += 1

    def data_received(self, data: bytes) -> None:
        """Count what came, and keep it."""
        self._counts.down += len(data)
        self._received += data
        self._wake()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Take note of the end."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def ended(self) -> bool:
        """Whether the connection is gone."""
        return self._ended

    def write(self, data: bytes) -> None:
        """Send."""
        self._counts.up += len(data)
        self._transport.write(data)

    async def read(self) -> bytes:
        """Give what came since the last time, as soon as there is something.

        Raises
        ------
        ConnectionResetError
            When nothing more will come.
        """
        while not self._received:
            if self._ended:
                raise ConnectionResetError("The server closed the connection.")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = bytes(self._received)
        self._received.clear()
        return data

    def close(self) -> None:
        """Drop the connection."""
        self._transport.abort()


class Site:
    """The server as a client of it sees it: where it is, and how to ask it over HTTP.

    Parameters
    ----------
    host, port
        Where it is.
    counts
        Where requests, connections and bytes are counted.
    keep_alive
        Whether one connection carries many requests, as HTTP/1.1 has it unless told otherwise
        (RFC 9112 §9.3).
    """

    def __init__(self, host: str, port: int, counts: Counts, *, keep_alive: bool = True) -> None:
        self.host, self.port, self.counts = host, port, counts
        self._keep_alive = keep_alive
        connection = "keep-alive" if keep_alive else "close"
        common = (("Host", f"{host}:{port}"), ("Connection", connection), *_BROWSER, *_FETCH)
        page = ("Referer", f"http://{host}:{port}/")
        self._common = Headers([*common, page]).serialize()
        # A browser offers compression as well (RFC 7692); here nothing is compressed, in any of the ways.
        self.handshake_headers = (
            ("Pragma", "no-cache"),
            ("Cache-Control", "no-cache"),
            *_BROWSER[3:],
        )
        self.origin = f"http://{host}:{port}"
        self._wires: set[Wire] = set()

    async def connect(self) -> Wire:
        """Open a TCP connection."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: Wire(self.counts), self.host, self.port)
        self._wires.add(wire)
        return wire

    @property
    def held(self) -> int:
        """How many connections are open."""
        return sum(not wire.ended for wire in self._wires)

    def close(self) -> None:
        """Drop all connections."""
        for wire in self._wires:
            wire.close()
        self._wires.clear()

    def ask(self, wire: Wire, method: str, target: str, *fields: tuple[str, str], body: bytes = b"") -> None:
        """Send a request."""
        self.counts.requests += 1
        line = f"{method} {target} HTTP/1.1\r\n".encode()
        wire.write(line + self._common + Headers(fields).serialize() + b"\r\n" + body)

    async def fetch(
        self,
        wire: Wire | None,
        method: str,
        target: str,
        *fields: tuple[str, str],
        body: bytes = b"",
        asked: Callable[[], None] | None = None,
    ) -> tuple[Wire | None, bytes]:
        """Send a request and wait for the whole answer, on a connection that is open or else on a new one.

        When the request is on its way, and the answer is not here yet, `asked` is called.

        Returns
        -------
        tuple of Wire or None, and bytes
            The connection, when it can be used again, and the body.
        """
        if wire is None or wire.ended:
            wire = await self.connect()
        self.ask(wire, method, target, *fields, body=body)
        if asked is not None:
            asked()
        response, rest = await read_head(wire)
        wanted = int(response.headers.get("Content-Length", "0"))
        while len(rest) < wanted:
            rest += await wire.read()
        if self._keep_alive:
            return wire, rest
        wire.close()
        self._wires.discard(wire)
        return None, rest


async def read_head(wire: Wire) -> tuple[Response, bytes]:
    """Wait for the head of an answer, and give what came behind it as well.

    Raises
    ------
    ConnectionRefusedError
        When it is a refusal.
    """
    data = await wire.read()
    while (cut := split_head(data)) is None:
        data += await wire.read()
    response = Response.parse(cut[0])
    if response.status >= 400:
        raise ConnectionRefusedError(f"The server answered {response.status} {response.reason}.")
    return response, cut[1]
