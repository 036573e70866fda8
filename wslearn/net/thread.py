"""A server on a thread of its own, for notebooks and consoles.

A server on the notebook's own loop gives no answer while a cell runs. So it lives on a second thread,
with its own loop, and everything asked of it from outside is handed over to that loop.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self, TypeVar

from wslearn.errors import UsageError
from wslearn.net.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Mapping
    from types import TracebackType

    from wslearn.net.apps import App

__all__ = ["Handle", "LoopThread", "Stoppable", "serve"]

T = TypeVar("T")


class Stoppable(ABC):
    """What is stopped at the end of a ``with``, or by `stop`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def stop(self) -> None:
        """End it, and wait until it is over. A second call does nothing."""


class LoopThread:
    """An event loop on a thread, for as long as somebody uses it."""

    def __init__(self, name: str) -> None:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.loop = self._runner.get_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with self._runner:  # at the end it cancels the tasks that applications left behind
            self._runner.run(self._stopping.wait())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there, and wait for its result."""
        if threading.current_thread() is self._thread:
            work.close()
            raise UsageError("This would wait for its own thread. Inside a handler, use await instead.")
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def call(self, function: Callable[[], T]) -> T:
        """Call a function there, and wait for its result."""

        async def work() -> T:
            return function()

        return self.run(work())

    def stop(self) -> None:
        """End the loop and the thread."""
        self.loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()


class Handle(Stoppable):
    """A running server, and how to stop it: a context manager, or call `stop`.

    Parameters
    ----------
    server
        A server that is not started yet.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._thread: LoopThread | None = LoopThread("wslearn server")
        # What a task of an application raises, and nobody awaits, would be printed otherwise.
        self._thread.loop.set_exception_handler(
            lambda _loop, context: server.note(context["message"], context.get("exception"))
        )
        try:
            self._thread.run(server.start())
        except BaseException:
            self._thread.stop()
            raise
        self.port = server.port
        self.url = server.url
        self._paths = {path: server.url_of(path) for path in server.paths}
        self._stopped = threading.Event()
        self._afterwards: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"<wslearn server {'running' if self.running else 'stopped'}: {', '.join(self._paths)}>"

    def __await__(self) -> Generator[Any, None, Self]:
        """Give the handle itself: in a script, ``server = await serve()`` reads well."""
        return self
        yield

    @property
    def running(self) -> bool:
        """Whether it still listens."""
        return self._thread is not None

    @property
    def page(self) -> str:
        """The URL of its page for a browser."""
        return self.url_of("/").replace("ws", "http", 1)

    @property
    def errors(self) -> list[str]:
        """What went wrong in applications, the newest last: never printed, always kept."""
        return list(self._server.errors)

    @property
    def connections(self) -> int:
        """How many WebSockets are open now."""
        return 0 if self._thread is None else len(self._thread.call(lambda: self._server.connections))

    @property
    def paths(self) -> list[str]:
        """The paths of its apps."""
        return list(self._paths)

    def let_in(self, origin: str) -> None:
        """Let pages of one more origin connect to its apps, from now on; see `serve`'s `origins`."""
        self._server.let_in(origin)

    def url_of(self, path: str) -> str:
        """Give the WebSocket URL of a path on this server."""
        return self.url.removesuffix(next(iter(self._paths))) + path

    def stop(self) -> None:
        """Close every connection with 1001 and free the port. A second call does nothing.

        Raises
        ------
        UsageError
            From inside one of its own handlers, which would be waited for.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            thread.run(self._server.stop())
        except UsageError:
            self._thread = thread
            raise
        thread.stop()
        self._stopped.set()
        for function in self._afterwards:
            function()

    def when_stopped(self, function: Callable[[], None]) -> None:
        """Have a function called when it has stopped, by whoever stops it."""
        self._afterwards.append(function)

    def wait(self) -> None:
        """Wait until it is stopped, from another thread or by Ctrl-C."""
        try:
            self._stopped.wait()
        except KeyboardInterrupt:
            self.stop()


def serve(
    app: str | App | Mapping[str, App] = "echo",
    host: str = "127.0.0.1",
    port: int = 0,
    **options: Any,
) -> Handle:
    """Start a server on a thread of its own.

    It answers on one port: WebSockets on the paths of its apps and on ``/echo``, Tornado's own
    WebSocket on ``/tornado``, and a small page that talks to ``/echo`` on ``/``.

    Parameters
    ----------
    app
        ``"echo"``; an ``async def handler(ws)``, mounted at its name; or a mapping of paths to handlers.
        The connection is closed when the handler returns: with 1000, or 1011 when it raised. A handler
        that is an object may bring its own protocol, see `wslearn.net.apps.Mounted`.
    host
        The address to listen on: this machine only, unless said otherwise.
    port
        0 takes a free one.
    **options
        ``ssl_context`` makes it ``wss``. ``origins`` are those whose pages may connect, pages from this
        machine unless said otherwise. ``subprotocols`` it speaks. ``deflate`` it agrees to, or ``None``.
        ``limits`` on messages and waiting, see `Limits`. ``max_connections`` it holds at once (10,000).

    Returns
    -------
    Handle
        With ``url``, ``port`` and ``stop()``; a context manager.

    Raises
    ------
    UsageError
        When the port is taken, or for an argument that cannot work.

    Examples
    --------
    >>> with serve() as server:
    ...     server.url.startswith("ws://127.0.0.1:")
    True
    """
    return Handle(Server(app, host, port, **options))
