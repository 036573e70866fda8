"""A member of a chat room who comes back after every cut, and checks that nothing is lost and nothing twice.

It does by itself what the page ``live.js`` does in a browser: says the last number it has seen, and sends
again what it has not seen in the room. It is written for crowds: a thousand of them in one process.
Unlike `wslearn.net.connect` it waits for nobody else to connect first (RFC 6455 §4.1, item 2): each of
them stands for a client on a machine of its own.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wslearn.closing import CloseCode
from wslearn.connection import Connection
from wslearn.errors import ConnectionClosed, HandshakeError
from wslearn.handshake import Target, check_response, client_request
from wslearn.http import Response, split_head
from wslearn.labs.node.node import SERVED_BY

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

__all__ = ["Member", "Notes", "Where"]

_PATIENCE = 15.0  # seconds from the first byte to the room's answer


@dataclass(slots=True)
class Notes:
    """What the members of one crowd noticed.

    Attributes
    ----------
    room : dict of int and str
        The id of each message, by its number.
    lost, repeated, different : int
        Messages that a member did not get, got twice, or got another one than others under the same number.
    refused : int
        Attempts to connect that failed.
    attempts : list of float
        When members' waits were over and they tried to connect, in seconds of the machine's clock. A
        process that is busy with the others may come to it a bit later.
    latencies : list of int
        Microseconds from the speaker to a member, for each message and member.
    returns : list of tuple
        For each cut: when it was, when the member was back (seconds of the machine's clock), and the close
        code that it was told, 1006 for none.
    """

    room: dict[int, str] = field(default_factory=dict)
    lost: int = 0
    repeated: int = 0
    different: int = 0
    refused: int = 0
    attempts: list[float] = field(default_factory=list)
    latencies: list[int] = field(default_factory=list)
    returns: list[tuple[float, float, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a room is.

    Parameters
    ----------
    url
        Of the chat.
    room
        The room.
    context
        For ``wss``: whom to trust.
    """

    url: str
    room: str
    context: ssl.SSLContext | None = None


class Member:
    """One member.

    Parameters
    ----------
    name
        Its name; its messages' ids begin with it.
    where
        Where to.
    pause
        Says how many seconds to wait before an attempt, given how many have failed.
    notes
        Where it notes what it sees.
    """

    def __init__(self, name: str, where: Where, pause: Callable[[int], float], notes: Notes) -> None:
        self.name = name
        self.node: str | None = None  # that it is connected to
        self.last = 0  # the number of the last message it has seen
        self._where, self._pause, self._notes = where, pause, notes
        self._outbox: dict[str, str] = {}
        self._link: _Link | None = None
        self._target = Target.parse(where.url)

    @property
    def unconfirmed(self) -> int:
        """How many of its own messages it has not seen in the room."""
        return len(self._outbox)

    def say(self, number: int) -> None:
        """Say when it is now, and say it again after every cut until it is in the room."""
        message_id = f"{self.name}-{number}"
        text = {"type": "say", "id": message_id, "text": f"{time.time():.6f}"}
        self._outbox[message_id] = json.dumps(text)
        if self.node is not None and self._link is not None:
            self._link.send(self._outbox[message_id])

    async def live(self, first: asyncio.Semaphore) -> None:
        """Connect, and connect again, until cancelled."""
        async with first:
            await self._connect(time.time())
        while True:
            assert self._link is not None  # noqa: S101 - for the type checker
            code, gone = await asyncio.shield(self._link.ended)
            self.node = None
            await self._connect(gone + self._pause(0))
            self._notes.returns.append((gone, time.time(), code))

    async def _connect(self, due: float) -> None:
        """Try at this time, and again until it succeeds."""
        failed = 0
        while True:
            await asyncio.sleep(due - time.time())
            self._notes.attempts.append(due)
            if await self._open():
                return
            failed += 1
            due = time.time() + self._pause(failed)

    async def _open(self) -> bool:
        loop = asyncio.get_running_loop()
        link = _Link(self._where.url, self._take)
        try:
            async with asyncio.timeout(_PATIENCE):
                await loop.create_connection(
                    lambda: link, self._target.host, self._target.port, ssl=self._where.context
                )
                node = await link.opened
                joined = {"type": "join", "room": self._where.room, "name": self.name[:30], "last": self.last}
                link.send(json.dumps(joined))
                await link.joined
        except (OSError, HandshakeError, ConnectionClosed):
            link.drop()
            self._notes.refused += 1
            return False
        except BaseException:
            link.drop()
            raise
        self._link, self.node = link, node
        for message in self._outbox.values():
            link.send(message)
        return True

    def _take(self, number: int, message_id: str, text: str) -> None:
        notes = self._notes
        if number <= self.last:
            notes.repeated += 1
            return
        notes.lost += number - self.last - 1
        self.last = number
        if notes.room.setdefault(number, message_id) != message_id:
            notes.different += 1
        with suppress(ValueError):  # somebody else may say something, too
            notes.latencies.append(round((time.time() - float(text)) * 1e6))
        self._outbox.pop(message_id, None)

    async def leave(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()
            await asyncio.shield(self._link.ended)


class _Link(asyncio.Protocol):
    """One connection of a member, from TCP to its end."""

    def __init__(self, url: str, take: Callable[[int, str, str], None]) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[str] = loop.create_future()
        self.joined: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[tuple[int, float]] = loop.create_future()  # the code, and when
        self._request = client_request(url)
        self._take = take
        self._head = b""
        self._connection: Connection | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        transport.write(self._request.serialize())

    def data_received(self, data: bytes) -> None:
        if self._connection is None:
            try:
                self._shake_hands(data)
            except HandshakeError as error:
                self._fail(error)
        else:
            self._receive(data)

    def _shake_hands(self, data: bytes) -> None:
        self._head += data
        cut = split_head(self._head)
        if cut is None or self.opened.done():
            return
        response = Response.parse(cut[0])
        check_response(self._request, response)
        self._connection = Connection("client")
        self.opened.set_result(response.headers.get(SERVED_BY))
        if cut[1]:
            self._receive(cut[1])

    def _receive(self, data: bytes) -> None:
        connection = self._connection
        assert connection is not None  # noqa: S101 - for the type checker
        for message in connection.receive(data):
            if isinstance(message, str):
                self._told(json.loads(message))
        if answers := connection.bytes_to_send():
            self._write(answers)

    def _told(self, told: dict[str, Any]) -> None:
        if "number" in told:
            self._take(told["number"], told["event"]["id"], told["event"]["text"])
        elif told["type"] == "joined" and not self.joined.done():
            self.joined.set_result(None)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def send(self, message: str) -> None:
        """Send, unless it is too late for that."""
        if self._connection is not None and self._connection.sendable:
            self._write(self._connection.send(message))

    def close(self) -> None:
        """Begin the closing handshake."""
        if self._connection is not None and self._connection.sendable:
            self._write(self._connection.close(CloseCode.NORMAL_CLOSURE))
        elif not self.ended.done():
            self.drop()

    def drop(self) -> None:
        """Drop the TCP connection."""
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, error: Exception) -> None:
        for future in (self.opened, self.joined):
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever awaits it still gets it; nobody is warned when nobody does
        self.drop()

    def connection_lost(self, error: Exception | None) -> None:
        code = None
        if self._connection is not None:
            self._connection.tcp_closed()
            code = self._connection.close_code
        self._fail(error or ConnectionResetError("The server hung up."))
        self.ended.set_result((code or CloseCode.ABNORMAL_CLOSURE.value, time.time()))
