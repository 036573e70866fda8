"""A tap: put in front of any server, it forwards everything and records it.

::

    client  <--- TCP --->  tap  <--- TCP --->  target

The tap knows nothing of WebSockets: bytes, ends of streams and resets go over to the other side as they
come. When one side takes no more, the other is not read any further, so a slow reader is as slow
through the tap as without it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wslearn.errors import UsageError
from wslearn.net.capture import Capture
from wslearn.net.forward import Side
from wslearn.net.listen import listen
from wslearn.net.pcapng import pcapng
from wslearn.net.record import Budget
from wslearn.net.thread import Handle, LoopThread, Stoppable

if TYPE_CHECKING:
    from urllib.parse import SplitResult

__all__ = ["Tap"]

_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}
_CONNECT_TIMEOUT = 10.0  # seconds


class Tap(Stoppable):
    """A forwarder that records every byte in both directions, on a thread of its own.

    An intermediary that does not understand all that was agreed on must leave the frames as they are (RFC
    6455 §5.4). This one does not even look at them.

    Parameters
    ----------
    target
        The server: a ``ws``, ``wss``, ``http`` or ``https`` URL, what `serve` gave, or host and port.
        It may speak TLS, or anything else on TCP: bytes are recorded as they are.
    host
        The address to listen on: this machine only, unless said otherwise.
    port
        0 takes a free one.
    max_bytes
        Memory for recording. When it is used up, traffic goes on and `dropped` counts what is not kept.

    Raises
    ------
    UsageError
        When the port is taken, or for a target that cannot be one.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve() as server, Tap(server) as tap:
    ...     tap.url == f"ws://127.0.0.1:{tap.port}/echo", tap.connections
    (True, [])
    """

    def __init__(
        self,
        target: str | Handle | tuple[str, int],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        max_bytes: int = 64 << 20,
    ) -> None:
        parts = _aim(target)
        self._target = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
        self._budget = Budget(max_bytes)
        self._changed = threading.Condition()
        self._captures: list[Capture] = []
        self._errors: deque[str] = deque(maxlen=100)
        self._listeners: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        sockets = listen(host, port)
        self.port = int(sockets[0].getsockname()[1])
        # A certificate for localhost is not one for 127.0.0.1, so that name stays.
        name = "localhost" if self._target[0] == "localhost" and host in {"127.0.0.1", "::1"} else host
        self.url = parts._replace(netloc=_netloc(name, self.port)).geturl()
        self._thread: LoopThread | None = LoopThread("wslearn tap")
        self._thread.loop.set_exception_handler(lambda _, context: self._note(context))
        self._thread.run(self._listen(sockets))

    def __repr__(self) -> str:
        return f"<Tap {'running' if self.running else 'stopped'}>"

    # ------------------------------------------------------------------------------- for the user

    @property
    def running(self) -> bool:
        """Whether it still forwards."""
        return self._thread is not None

    @property
    def connections(self) -> list[Capture]:
        """Every TCP connection that reached the target, the oldest first, open or not."""
        with self._changed:
            return list(self._captures)

    @property
    def errors(self) -> list[str]:
        """What went wrong, such as a target that does not listen: never printed, always kept."""
        return list(self._errors)

    @property
    def dropped(self) -> int:
        """Bytes that were forwarded and not recorded, because `max_bytes` was used up."""
        return self._budget.dropped

    def wait(self, connections: int = 1, *, timeout: float = 5.0) -> Capture:
        """Wait for a connection.

        Parameters
        ----------
        connections
            1 for the first that there ever was, and so on.
        timeout
            In seconds.

        Returns
        -------
        Capture
            That connection.

        Raises
        ------
        TimeoutError
            When there are fewer by then.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._captures) >= connections, timeout):
                raise TimeoutError(f"{len(self._captures)} of {connections} connections came in {timeout} s.")
            return self._captures[connections - 1]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all connections into a pcapng file, which Wireshark opens.

        Raises
        ------
        OSError
            When the file cannot be written.
        """
        Path(path).write_bytes(pcapng(self.connections))

    def stop(self) -> None:
        """Drop every connection and free the port; the recordings stay. A second call does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.run(self._close())
            thread.stop()

    # ------------------------------------------------------------------------------- on its thread

    async def _listen(self, sockets: list[socket.socket]) -> None:
        loop = asyncio.get_running_loop()
        for sock in sockets:
            self._listeners.append(await loop.create_server(lambda: Side("client", self._arrived), sock=sock))

    async def _close(self) -> None:
        for listener in self._listeners:
            listener.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _note(self, context: dict[str, Any]) -> None:
        """Keep what asyncio would log: a notebook shows logs below whatever cell is running."""
        self._errors.append(f"{context['message']}: {context.get('exception')!r}")

    def _arrived(self, client: Side) -> None:
        task = asyncio.get_running_loop().create_task(self._forward(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward(self, client: Side) -> None:
        """Live through one connection, from its client's arrival to its end."""
        began = time.perf_counter_ns()
        sides = [client]
        capture = None
        try:
            server = await self._reach()
            sides.append(server)
            capture = Capture(client.address, server.address, began, self._budget)
            if self._budget.take(0):
                with self._changed:
                    self._captures.append(capture)
                    self._changed.notify_all()
            client.join(server, capture)
            server.join(client, capture)
            await asyncio.wait([client.gone, server.gone])
        except (OSError, UnicodeError) as error:  # what Python raises for a host name that cannot be one
            self._errors.append(f"{_netloc(*self._target)}: {type(error).__name__}: {error}")
        finally:
            for side in sides:
                side.transport.abort()
            if capture is not None:
                capture.finish()

    async def _reach(self) -> Side:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_TIMEOUT):
            _, server = await loop.create_connection(lambda: Side("server"), *self._target)
        return server


def _aim(target: str | Handle | tuple[str, int]) -> SplitResult:
    """Read the target as a URL."""
    if isinstance(target, tuple):
        url = f"ws://{_netloc(*target)}/"
    else:
        url = target if isinstance(target, str) else target.url
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and parts.hostname and parts.port != 0
    except ValueError as error:
        raise UsageError(f"{url!r} is not a URL: {error}.") from None
    if not usable:
        raise UsageError(f"{url!r} is no server's URL. Write ws://host:port/path (or wss, http, https).")
    return parts


def _netloc(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
