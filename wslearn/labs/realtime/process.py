"""The server in a process of its own, so that its processor time is not that of its clients."""

from __future__ import annotations

import json
import socket
import sys
from typing import TYPE_CHECKING, Any, Self

from wslearn.errors import UsageError
from wslearn.labs.programs import Programs, free_port, wait_until
from wslearn.net.client import connect
from wslearn.net.thread import Stoppable

if TYPE_CHECKING:
    from types import TracebackType

    from wslearn.net.websocket import WebSocket

__all__ = ["Control", "PushServer"]


class PushServer(Stoppable):
    """The server that delivers one stream of events in four ways: a context manager, or call `stop`.

    It ends, too, when this Python ends or is killed.

    Raises
    ------
    UsageError
        When it does not start.

    Examples
    --------
    >>> with PushServer() as server:
    ...     server
    <PushServer running>
    >>> server
    <PushServer stopped>
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self._programs = Programs()
        try:
            self.port = free_port()
            argv = [sys.executable, "-m", "wslearn.labs.realtime", str(self.port)]
            self._program = self._programs.start("realtime", argv)
            wait_until(self._answers, self._program, "it listened")
        except BaseException:
            self._programs.stop()
            raise

    def _answers(self) -> bool:
        with socket.create_connection((self.host, self.port), timeout=1):
            return True

    def __repr__(self) -> str:
        return f"<PushServer {'running' if self.running else 'stopped'}>"

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._program.running

    @property
    def url(self) -> str:
        """The URL of its WebSocket; `wslearn.net.Tap` takes it, too."""
        return f"ws://{self.host}:{self.port}/realtime"

    @property
    def log(self) -> str:
        """What it printed, its last lines; nothing unless something went wrong."""
        return self._program.log

    def stop(self) -> None:
        """End it. A second call does nothing."""
        self._programs.stop()


class Control:
    """A connection on which the server is told what to do: ``async with Control(server) as control``.

    Raises
    ------
    UsageError
        When the server does not run.
    """

    def __init__(self, server: PushServer) -> None:
        if not server.running:
            raise UsageError("This server is stopped. Make a new one: server = PushServer()")
        self._connecting = connect(f"ws://{server.host}:{server.port}/control")
        self._ws: WebSocket

    async def __aenter__(self) -> Self:
        self._ws = await self._connecting
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._ws.close()

    async def tell(self, **told: Any) -> float:
        """Tell the server something.

        Returns
        -------
        float
            Seconds of processor time that it has spent so far.
        """
        await self._ws.send(json.dumps(told))
        answer = json.loads(await self._ws.recv())
        if "refused" in answer:
            raise UsageError(answer["refused"])
        return float(answer["cpu"])
