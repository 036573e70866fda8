"""Pings: whether the peer is still there, and how long a byte takes there and back (RFC 6455 §5.5.2, §5.5.3).

TCP tells of a peer that hangs up, not of one that is gone: a cable that was cut, a laptop that sleeps, a
router that forgot the connection. Whoever only listens waits for such a peer for ever. A ping asks it.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.errors import ConnectionClosed

__all__ = ["Keepalive"]


class Keepalive:
    """The pings of one connection: those under way, and the one that goes out at every interval.

    Parameters
    ----------
    timeout
        Seconds that a pong may take, `Limits.ping_timeout`.
    send
        Puts a ping with this payload on its way.
    behind
        Says whether this side has stopped reading: then a pong may have come, and nobody looked.
    give_up
        Fails the connection.
    """

    __slots__ = ("_behind", "_give_up", "_loop", "_send", "_timeout", "_timer", "_under_way")

    def __init__(
        self,
        timeout: float | None,
        send: Callable[[bytes], None],
        behind: Callable[[], bool],
        give_up: Callable[[], None],
    ) -> None:
        self._timeout = timeout
        self._send = send
        self._behind = behind
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._under_way: dict[bytes, tuple[float, asyncio.Future[float]]] = {}  # the oldest first
        self._timer: asyncio.TimerHandle | None = None

    def ping(self, payload: bytes | None = None) -> asyncio.Future[float]:
        """Send a ping; the result is the time until its pong, in seconds.

        Raises
        ------
        UsageError
            For a payload that a ping under way has already, and where `send` raises it.
        """
        if payload is None:
            payload = secrets.token_hex(4).encode()
        if payload in self._under_way:
            raise UsageError("A ping with this payload is under way; its pong could not be told apart.")
        self._send(payload)
        pong: asyncio.Future[float] = self._loop.create_future()
        self._under_way[payload] = (self._loop.time(), pong)
        return pong

    def pong(self, payload: bytes) -> float | None:
        """Take a pong: it answers this ping, and the older ones with it; give its time in seconds."""
        if payload not in self._under_way:
            return None  # §5.5.3: an unsolicited pong needs no answer
        now = self._loop.time()
        while True:
            oldest = next(iter(self._under_way))
            sent_at, pong = self._under_way.pop(oldest)
            latency = now - sent_at
            if not pong.done():
                pong.set_result(latency)
            if oldest == payload:
                return latency

    def keep_alive(self, interval: float) -> None:
        """Ping now and every `interval` seconds; give up when a pong does not come in time."""
        pong = self.ping()
        if self._timeout is None:
            self._timer = self._loop.call_later(interval, self.keep_alive, interval)
        else:
            self._timer = self._loop.call_later(self._timeout, self._check, pong, interval, self._timeout)

    def _check(self, pong: asyncio.Future[float], interval: float, waited: float) -> None:
        if pong.done() or self._behind():
            self._timer = self._loop.call_later(max(0, interval - waited), self.keep_alive, interval)
        else:
            self._give_up()

    def stop(self) -> None:
        """Send no more pings of its own."""
        if self._timer is not None:
            self._timer.cancel()

    def end(self, why: ConnectionClosed) -> None:
        """Tell those who wait for a pong that none will come."""
        self.stop()
        for _, pong in self._under_way.values():
            if not pong.done():
                pong.set_exception(why)
                pong.exception()  # whoever awaits it still gets it; nobody is warned when nobody does
