"""The kernel's side of a console: one connection at a time, on a loop of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, Protocol

from wslearn.errors import ConnectionClosed, HandshakeError, UsageError
from wslearn.net import Limits
from wslearn.net.thread import LoopThread
from wslearn.widgets.console_log import Reading, entry
from wslearn.wire import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from wslearn.connection import Role
    from wslearn.net import WebSocket

__all__ = ["Listener", "Speaker", "State"]

State = Literal["closed", "connecting", "open", "closing"]

# Keepalive pings would fill the log; 5 seconds are long enough for somebody who waits in front of it.
_LIMITS = Limits(open_timeout=5.0, close_timeout=3.0, ping_interval=None)


class Listener(Protocol):
    """Who hears what happens; called on the speaker's thread."""

    def heard(self, rows: list[dict[str, Any]]) -> None:
        """Take rows for the log."""

    def turned(self, state: State | None, problem: str = "") -> None:
        """Take the new state, and why it came so."""


class Speaker:
    """Connects and speaks; it starts a thread when it is needed first, and ends it by `stop`.

    Parameters
    ----------
    listener
        Who hears of it.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._thread: LoopThread | None = None
        self._ws: WebSocket | None = None

    def connect(self, url: str) -> None:
        """Begin to connect.

        Raises
        ------
        UsageError
            For what is not a WebSocket URL.
        """
        readings: dict[Role, Reading] = {"client": Reading("client"), "server": Reading("server")}
        watched = Watched(url, lambda role, data: self._see(readings[role], data), limits=_LIMITS)
        if self._thread is None:
            self._thread = LoopThread("wslearn console")
        asyncio.run_coroutine_threadsafe(self._live(watched), self._thread.loop)

    def send(self, message: str | bytes) -> None:
        """Send a message."""
        self._do(lambda ws: self._await(ws.send(message)))

    def send_raw(self, data: bytes) -> None:
        """Write bytes as they are."""
        self._do(lambda ws: self._await(ws.send_raw(data)))

    def ping(self) -> None:
        """Send a ping, and say when its pong came."""
        self._do(self._ping)

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake."""
        self._do(lambda ws: ws.close(code, reason))

    def stop(self) -> None:
        """Drop the connection and end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.stop()

    def _do(self, work: Callable[[WebSocket], Coroutine[Any, Any, None]]) -> None:
        async def guarded() -> None:
            if self._ws is None:
                self._listener.turned("closed", "There is no connection: press “connect” first.")
                return
            try:
                await work(self._ws)
            except ConnectionClosed:
                text = "This side has sent its close frame, or the connection is gone: nothing can be sent."
                self._listener.turned(None, text)
            except UsageError as error:
                self._listener.turned(None, str(error))

        if self._thread is None:
            self._listener.turned("closed", "There is no connection: press “connect” first.")
        else:
            asyncio.run_coroutine_threadsafe(guarded(), self._thread.loop)

    async def _await(self, sending: Any) -> None:
        await sending

    async def _ping(self, ws: WebSocket) -> None:
        seconds = await ws.ping()
        self._listener.heard([entry("·", "note", None, f"the pong came after {seconds * 1000:.1f} ms")])

    def _see(self, reading: Reading, data: bytes) -> None:
        if rows := reading.feed(data):
            self._listener.heard(rows)

    async def _live(self, opening: Watched) -> None:
        """Live through one connection; what the messages say is in the log already."""
        problem = ""
        try:
            self._ws = ws = await opening
            self._listener.turned("open")
            try:
                async for _ in ws:
                    if ws.close_code is not None:
                        self._listener.turned("closing")
                await ws.wait_closed()
            finally:
                ws.abort()
            self._listener.heard([entry("·", "note", None, f"closed: {ws.closed}")])
        except ConnectionRefusedError:
            problem = "Nothing listens there. Is the server running, and is the port the right one?"
        except HandshakeError as error:
            problem = str(error)
        except OSError as error:  # a TimeoutError too
            problem = f"No connection: {error}"
        finally:
            self._ws = None
            self._listener.turned("closed", problem)
