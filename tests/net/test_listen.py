"""Listening sockets, and what those accepted from them inherit."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.net.on_loop import on_loop
from wslearn import UsageError
from wslearn.net.listen import listen


@on_loop
async def test_what_is_accepted_waits_for_nothing() -> None:
    """Without Nagle's algorithm: a forwarder such as a tap writes pieces as they come."""
    accepted: list[bool] = []

    def arrived(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        accepted.append(bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        writer.close()

    (listening,) = listen("127.0.0.1", 0)
    async with await asyncio.start_server(arrived, sock=listening):
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        await reader.read()
        writer.close()
    assert accepted == [True]


def test_one_port_on_every_address() -> None:
    sockets = listen("localhost", 0)
    assert len({sock.getsockname()[1] for sock in sockets}) == 1
    assert not any(sock.getblocking() for sock in sockets)
    for sock in sockets:
        sock.close()


@pytest.mark.parametrize("port", [-1, 65536])
def test_no_such_port(port: int) -> None:
    with pytest.raises(UsageError, match="from 1 to 65535"):
        listen("127.0.0.1", port)


def test_a_port_that_is_taken() -> None:
    (first,) = listen("127.0.0.1", 0)
    with first, pytest.raises(UsageError, match="Take another port"):
        listen("127.0.0.1", first.getsockname()[1])
