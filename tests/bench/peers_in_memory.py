"""The peers without a server around them: each one's own way from bytes to messages, and back."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import picows
from aiohttp import WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp._websocket.writer import WebSocketWriter
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage

from wslearn import Connection as OurConnection

Parse = Callable[[Iterable[bytes]], int]  # takes reads in, gives the number of messages
Encode = Callable[[bytes], object]

LIMIT = 8 << 20  # bytes of one message, for everybody
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def wslearn_parse() -> Parse:
    """`Connection.receive`."""
    receive = OurConnection("server", max_message_size=LIMIT).receive

    def parse(reads: Iterable[bytes]) -> int:
        return sum(len(receive(read)) for read in reads)

    return parse


def websockets_parse() -> Parse:
    """`ServerProtocol`, with its C function for masking."""
    protocol = ServerProtocol(state=State.OPEN, max_size=LIMIT)

    def parse(reads: Iterable[bytes]) -> int:
        messages = 0
        for read in reads:
            protocol.receive_data(read)
            messages += sum(event.opcode is Opcode.BINARY for event in protocol.events_received())  # type: ignore[union-attr]
        return messages

    return parse


def wsproto_parse() -> Parse:
    """`Connection`, whose pieces of a message count once it is finished."""
    connection = Connection(ConnectionType.SERVER)

    def parse(reads: Iterable[bytes]) -> int:
        messages = 0
        for read in reads:
            connection.receive_data(read)
            messages += sum(event.message_finished for event in connection.events())  # type: ignore[attr-defined]
        return messages

    return parse


class _Flow:
    """What aiohttp's queue asks of the protocol it belongs to."""

    _reading_paused = False

    def pause_reading(self) -> None:
        self._reading_paused = True

    def resume_reading(self) -> None:
        self._reading_paused = False


def aiohttp_parse(loop: asyncio.AbstractEventLoop) -> Parse:
    """The reader in C, its queue, and a task that waits on the queue, stepped by hand."""
    queue = WebSocketDataQueue(_Flow(), 2**18, loop=loop)  # type: ignore[arg-type]
    reader = WebSocketReader(queue, LIMIT, compress=False, decode_text=True)
    messages = 0

    async def application() -> None:
        nonlocal messages
        while True:
            await queue.read()
            messages += 1

    task = application()
    waiter: asyncio.Future[None] = task.send(None)

    def parse(reads: Iterable[bytes]) -> int:
        nonlocal waiter
        before = messages
        for read in reads:
            reader.feed_data(read)
            while waiter.done():
                waiter = task.send(None)
        return messages - before

    return parse


class _Transport:
    """What picows and aiohttp ask of an asyncio transport. What is written goes nowhere."""

    def __init__(self) -> None:
        self.socket, self._peer = socket.socketpair()

    def get_extra_info(self, name: str) -> object:
        return self.socket if name == "socket" else None

    def get_write_buffer_size(self) -> int:
        return 1  # picows would else write to the socket itself, which is not encoding

    def write(self, data: object) -> None:
        pass

    def is_closing(self) -> bool:
        return False


_BINARY, _TEXT = picows.WSMsgType.BINARY, picows.WSMsgType.TEXT


class _Collector(picows.WSListener):
    """picows hands out frames; this makes of them what everybody else gives: `str` and `bytes`."""

    def __init__(self) -> None:
        self.messages: list[str | bytes] = []

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == _BINARY:
            self.messages.append(frame.get_payload_as_bytes())
        elif frame.msg_type == _TEXT:
            self.messages.append(frame.get_payload_as_utf8_text())


def picows_parse(loop: asyncio.AbstractEventLoop) -> Parse:
    """The protocol that `ws_create_server` makes, with what it makes by default, and a Python listener."""
    core: Any = import_module("picows.picows")
    listener = _Collector()

    async def make() -> Any:
        log = logging.getLogger("picows.server")
        ping = (False, 20, 20, picows.WSAutoPingStrategy.PING_WHEN_IDLE)
        rest = (True, LIMIT, None, 16 * 1024)  # auto pong, frame size, headers, first size of the buffer
        return core.WSProtocol(None, None, False, lambda request: listener, log, True, 5, *ping, *rest)

    protocol = loop.run_until_complete(make())
    with_socket = _Unix()
    protocol.connection_made(with_socket)

    def parse(reads: Iterable[bytes]) -> int:
        messages = 0
        for read in reads:
            at = 0
            while at < len(read):  # as recv_into would: never more than the buffer has room for
                buffer = protocol.get_buffer(-1)
                size = min(len(buffer), len(read) - at)
                buffer[:size] = memoryview(read)[at : at + size]
                protocol.buffer_updated(size)
                at += size
            messages += len(listener.messages)
            listener.messages.clear()
        return messages

    parse([UPGRADE])
    return parse


class _Tcp(socket.socket):
    """A socket pair is no TCP connection, and picows sets options of TCP."""

    def setsockopt(self, *args: object) -> None:
        pass

    def getsockopt(self, *args: object) -> int:  # type: ignore[override]
        return 0


class _Unix(_Transport):
    def __init__(self) -> None:
        super().__init__()
        self.socket = _Tcp(fileno=self.socket.detach())


def parsers(loop: asyncio.AbstractEventLoop) -> dict[str, Parse]:
    """Make a fresh one of each."""
    return {
        "wslearn": wslearn_parse(),
        "websockets": websockets_parse(),
        "wsproto": wsproto_parse(),
        "aiohttp": aiohttp_parse(loop),
        "picows": picows_parse(loop),
    }


def encoders(loop: asyncio.AbstractEventLoop) -> dict[str, Encode]:
    """Make for each what turns a payload into a masked binary frame, ready to be written."""
    protocol = ClientProtocol(parse_uri("ws://127.0.0.1/"), state=State.OPEN)

    def websockets(payload: bytes) -> object:
        protocol.send_binary(payload)
        return protocol.data_to_send()

    connection = Connection(ConnectionType.CLIENT)

    def wsproto(payload: bytes) -> object:
        return connection.send(BytesMessage(data=payload))

    writer = WebSocketWriter(_Flow(), _Transport(), use_mask=True, limit=1 << 60)  # type: ignore[arg-type]

    def aiohttp(payload: bytes) -> object:
        try:
            writer.send_frame(payload, WSMsgType.BINARY).send(None)
        except StopIteration:
            return None
        raise AssertionError("a frame without compression is written at once")

    core: Any = import_module("picows.picows")
    transport = core.WSTransport(True, _Transport(), logging.getLogger("picows.client"), loop)

    def picows_send(payload: bytes) -> object:
        return transport.send(picows.WSMsgType.BINARY, payload)

    return {
        "wslearn": OurConnection("client").send,
        "websockets": websockets,
        "wsproto": wsproto,
        "aiohttp": aiohttp,
        "picows": picows_send,
    }
