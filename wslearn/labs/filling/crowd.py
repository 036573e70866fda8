"""Many clients in a process of their own: ``python -m wslearn.labs.filling.crowd PORT``.

It connects to whoever started it, and obeys one line of JSON after another. Each is answered with a line::

    {"open": 500, "kind": "ws", "port": 4711}   500 more connections; {"seconds": 0.1}
    {"talk": 20, "members": 50, "kind": "ws"}   50 of them say 20 things, each after the answer to another
    {"tell": 5}                                 one says 5 things that everybody hears
    {"visit": 200, "port": 4711}                200 requests, each on a connection of its own
    {"look": true}                              {"open": 1000, "gone": 0, "pings": 0}
    {"close": true}                             no connection is left

Whatever fails is answered with ``{"refused": "…"}``.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
import time
from typing import Any

from wslearn.errors import HandshakeError, UsageError
from wslearn.labs.files import allow_files, most_files
from wslearn.labs.filling.members import Member, Page, Talker
from wslearn.labs.filling.servers import PATH, TO_ALL

__all__ = ["Crowd", "source"]

_AT_ONCE = 64  # connections under way; a server's queue has room for about 100
_PATIENCE = 30.0  # seconds for an answer
_READ = 65536  # bytes
_PORTS = 20_000  # connections from one address; Linux has about 28,000 ports for them, others fewer
_RESET = struct.pack("ii", 1, 0)
_SAID = "x" * 64
_KINDS: dict[str, type[Talker | Page]] = {"ws": Talker, "http": Page}
_NO_PORT_YET = 24  # IP_BIND_ADDRESS_NO_PORT of Linux, which Python has no name for before 3.14


def source(number: int) -> str:
    """Give the address that a client connects from: each has only so many ports.

    A TCP connection is known by its two addresses and two ports. With the server's fixed, there can be as
    many from one address as it has ports for clients. On Linux all of 127.0.0.0/8 is this machine.

    Parameters
    ----------
    number
        Of the client, from 0 on.

    Examples
    --------
    >>> source(0), source(19_999), source(20_000), source(5_080_000)
    ('127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.1.1')
    """
    high, low = divmod(number // _PORTS, 254)
    return f"127.0.{high}.{low + 1}"


class Crowd:
    """The clients, on the running loop."""

    def __init__(self) -> None:
        self._members: dict[socket.socket, Member] = {}
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._gone = 0
        self._under_way = 0

    async def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked, and say what came of it."""
        match order:
            case {"open": int(count), "kind": kind, "port": port}:
                return await self._open(count, kind, port)
            case {"talk": int(messages), "members": int(members), "kind": kind}:
                return await self._talk(messages, members, kind)
            case {"tell": int(messages)}:
                return await self._tell(messages)
            case {"visit": int(visits), "port": port}:
                return await self._visit(visits, port)
            case {"close": True}:
                self.close()
        pings = sum(member.pings for member in self._members.values())
        return {"open": len(self._members), "gone": self._gone, "pings": pings}

    def close(self) -> None:
        """Drop all connections at once: by a reset, which leaves no port waiting."""
        for sock in list(self._members):
            self._drop(sock)

    def _drop(self, sock: socket.socket) -> None:
        del self._members[sock]
        self._loop.remove_reader(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        sock.close()

    # ----------------------------------------------------------------------------- connections

    async def _open(self, count: int, kind: str, port: int) -> dict[str, Any]:
        began = time.perf_counter()
        for at in range(0, count, _AT_ONCE):
            await asyncio.gather(
                *(self._connect(_member(kind, port), port) for _ in range(min(_AT_ONCE, count - at)))
            )
        return {"seconds": time.perf_counter() - began}

    async def _connect(self, member: Member, port: int) -> socket.socket:
        sock = socket.socket()
        address = source(len(self._members) + self._under_way)
        self._under_way += 1
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address != "127.0.0.1":
                if sys.platform == "linux":  # the port is chosen by the connection, not by the address alone
                    sock.setsockopt(socket.IPPROTO_IP, _NO_PORT_YET, 1)
                sock.bind((address, 0))
            await self._loop.sock_connect(sock, ("127.0.0.1", port))
            await self._loop.sock_sendall(sock, member.hello())
            while not member.ready:
                data = await self._loop.sock_recv(sock, _READ)
                if not data:
                    raise UsageError("The server hung up during the handshake.")
                member.take(data)
        except BaseException:
            sock.close()
            raise
        finally:
            self._under_way -= 1
        self._members[sock] = member
        self._loop.add_reader(sock, self._on_readable, sock, member)
        return sock

    def _on_readable(self, sock: socket.socket, member: Member) -> None:
        try:
            data = sock.recv(_READ)
        except OSError:
            data = b""
        if not data:
            self._gone += 1
            self._drop(sock)
            self._news.set()
            return
        before = member.answers
        if answer := member.take(data):
            sock.send(answer)  # some bytes of a pong: there is room for them
        if member.answers != before:
            self._news.set()

    # ----------------------------------------------------------------------------- what they say

    async def _answered(self, members: list[Member]) -> None:
        """Wait until each of these has one more answer than it has now."""
        goals = [(member, member.answers + 1) for member in members]
        gone = self._gone
        async with asyncio.timeout(_PATIENCE):
            while any(member.answers < goal for member, goal in goals):
                if self._gone > gone:
                    raise UsageError("The server dropped a connection.")
                self._news.clear()
                await self._news.wait()

    def _of(self, kind: str) -> list[tuple[socket.socket, Member]]:
        found = [each for each in self._members.items() if isinstance(each[1], _KINDS[kind])]
        if not found:
            raise UsageError("Nobody is connected who could do that: open connections first.")
        return found

    async def _talk(self, messages: int, members: int, kind: str) -> dict[str, Any]:
        chosen = self._of(kind)[:members]
        speakers = [member for _, member in chosen]
        began, before = time.perf_counter(), _answers(speakers)
        for _ in range(messages):
            for sock, member in chosen:
                sock.send(member.say(_SAID))
            await self._answered(speakers)
        return {"count": _answers(speakers) - before, "seconds": time.perf_counter() - began}

    async def _tell(self, messages: int) -> dict[str, Any]:
        all_of_them = self._of("ws")
        sock, speaker = all_of_them[0]
        members = [member for _, member in all_of_them]
        began, before = time.perf_counter(), _answers(members)
        for _ in range(messages):
            sock.send(speaker.say(TO_ALL + _SAID[1:]))
            await self._answered(members)
        return {"count": _answers(members) - before, "seconds": time.perf_counter() - began}

    async def _visit(self, visits: int, port: int) -> dict[str, Any]:
        began = time.perf_counter()
        for _ in range(visits):
            member = Page(f"127.0.0.1:{port}", PATH, keep=False)
            self._drop(await self._connect(member, port))
        return {"count": visits, "seconds": time.perf_counter() - began}


def _answers(members: list[Member]) -> int:
    return sum(member.answers for member in members)


def _member(kind: str, port: int) -> Member:
    return Talker(f"ws://127.0.0.1:{port}{PATH}") if kind == "ws" else Page(f"127.0.0.1:{port}", PATH)


async def main(port: int) -> None:
    """Obey until the connection to whoever started this ends."""
    allow_files(most_files())
    crowd = Crowd()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while line := await reader.readline():
        try:
            said = await crowd.obey(json.loads(line))
        except (UsageError, HandshakeError, OSError, TimeoutError) as error:
            said = {"refused": str(error) or type(error).__name__}
        writer.write(json.dumps(said).encode() + b"\n")
        await writer.drain()
    crowd.close()
    writer.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
