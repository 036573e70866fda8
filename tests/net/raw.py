"""A peer that speaks in bytes, to do what no honest one would."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from wslearn import Close, Frame, Opcode, Request, Response, client_request, server_response

KEY = b"\x37\xfa\x21\x3d"


def masked(payload: bytes, opcode: int = Opcode.BINARY, *, fin: bool = True) -> bytes:
    """Write a frame as a client does."""
    return Frame(opcode, payload, fin=fin, masking_key=KEY).serialize()


def closing(code: int = 1000, reason: str = "") -> bytes:
    """Write a close frame as a client does."""
    return masked(Close(code, reason).serialize(), Opcode.CLOSE)


class Raw:
    """One end of a TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._data = b""

    @classmethod
    async def dial(cls, port: int, context: ssl.SSLContext | None = None, *, room: int | None = None) -> Raw:
        """Connect; `room` is the size of the receive buffer in bytes."""
        sock = socket.socket()
        if room is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        name = None if context is None else "localhost"
        return cls(*await asyncio.open_connection(sock=sock, ssl=context, server_hostname=name))

    @classmethod
    async def upgrade(cls, url: str, *, room: int | None = None, first: bytes = b"") -> Raw:
        """Connect and shake hands, as a client; `first` rides on the request."""
        request = client_request(url)
        raw = await cls.dial(int(request.headers["Host"].rpartition(":")[2]), room=room)
        raw.send(request.serialize() + first)
        assert (await raw.response()).status == 101
        return raw

    def send(self, *pieces: bytes) -> None:
        self.writer.writelines(pieces)

    async def request(self) -> Request:
        """Read the head of a request."""
        return Request.parse(await self.reader.readuntil(b"\r\n\r\n"))

    async def accept(self) -> None:
        """Shake hands, as a server."""
        self.send(server_response(await self.request()).serialize())

    async def response(self) -> Response:
        """Read a response, and its body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        size = int(Response.parse(head).headers.get("Content-Length", "0"))
        return Response.parse(head + await self.reader.readexactly(size))

    async def frame(self) -> Frame | None:
        """Read a frame; ``None`` at the end of the connection, however it ends."""
        while (parsed := Frame.parse(self._data)) is None:
            try:
                data = await self.reader.read(1 << 20)
            except ConnectionError:
                return None
            if not data:
                return None
            self._data += data
        frame, self._data = parsed
        return frame

    async def frames(self) -> list[Frame]:
        """Read frames until the connection ends."""
        frames = []
        while (frame := await self.frame()) is not None:
            frames.append(frame)
        return frames

    async def ended(self) -> bool:
        """Wait for the end of the connection; tell whether nothing more came before it."""
        return await self.frame() is None

    def stop_reading(self) -> None:
        """Leave what comes in the network."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    def go_on_reading(self) -> None:
        """Read again."""
        self.writer.transport.resume_reading()  # type: ignore[attr-defined]

    def hang_up(self) -> None:
        """Close the TCP connection, politely."""
        self.writer.close()

    def reset(self) -> None:
        """Vanish: the peer gets a RST."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


Behave = Callable[[Raw], Awaitable[None]]


def answers(*pieces: bytes) -> Behave:
    """Make a server that reads the request, writes these pieces, and hangs up."""

    async def behave(raw: Raw) -> None:
        await raw.request()
        for piece in pieces:
            raw.send(piece)
            await asyncio.sleep(0)

    return behave


@asynccontextmanager
async def listening(behave: Behave, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a server that behaves like this on each connection; give its URL."""
    busy: set[asyncio.Task[None]] = set()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        busy.add(task)
        try:
            await behave(Raw(reader, writer))
        finally:
            writer.close()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0, ssl=context)
    async with server:
        scheme = "ws" if context is None else "wss"
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        if busy:
            await asyncio.wait(busy)
