"""The server: Tornado's TCP and HTTP, our handshake and frames, all on one port (RFC 6455 §4.2)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Self

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application

from wslearn.closing import CloseCode
from wslearn.connection import State
from wslearn.deflate import Deflate, agreed
from wslearn.errors import ConnectionClosed, HandshakeError, UsageError
from wslearn.http import Request
from wslearn.net.apps import mount
from wslearn.net.arrival import Arrival
from wslearn.net.limits import Limits
from wslearn.net.listen import listen
from wslearn.net.pages import TornadoEcho, routes
from wslearn.net.stream import Stream, open_stream
from wslearn.net.websocket import WebSocket

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Collection, Mapping, Sequence
    from types import TracebackType

    from tornado.iostream import IOStream

    from wslearn.net.apps import App

__all__ = ["LOOPBACK_ORIGINS", "Server"]

log = logging.getLogger("wslearn.net")
# Without a handler of their own, loggers would write into whatever notebook cell is running.
log.addHandler(logging.NullHandler())
logging.getLogger("tornado").addHandler(logging.NullHandler())

# The C library maps a large block anew each time, at the price of a page fault every 4 KiB, until one of
# this size was freed once. A message of 1 MiB takes a third of the time afterwards.
_ALLOCATOR_HINT = (32 << 20) - 65536

# Pages need neither a connection for long nor a body; Tornado would bear an hour and 100 MB.
_IDLE_PAGE = 60.0  # seconds
_LARGEST_BODY = 64 * 1024  # bytes

_ACCEPT_AT_ONCE = 128  # connections, before those that are open get their turn

LOOPBACK_ORIGINS = frozenset(
    f"{scheme}://{host}{port}"
    for scheme in ("http", "https")
    for host in ("127.0.0.1", "localhost", "[::1]")
    for port in ("", ":*")
)


class Server:
    """A server on the running loop: ``async with Server(app) as server``.

    `serve` runs one on a thread of its own, which is what a notebook needs; its parameters are these.
    """

    def __init__(
        self,
        app: str | App | Mapping[str, App] = "echo",
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        ssl_context: ssl.SSLContext | None = None,
        origins: Collection[str] | None = LOOPBACK_ORIGINS,
        subprotocols: Sequence[str] = (),
        deflate: Deflate | None = Deflate(server_max_window_bits=12, client_max_window_bits=12),  # noqa: B008
        limits: Limits = Limits(),  # noqa: B008 - both are frozen
        max_connections: int = 10_000,
    ) -> None:
        self._apps = mount(app)
        self._host = host
        self._ask_port = port
        self._context = ssl_context
        self._origins = origins
        self._subprotocols = subprotocols
        self._deflate = deflate
        self._limits = limits
        self._max_connections = max_connections
        self._sockets: list[socket.socket] = []
        self._accepting = False
        self._arriving: dict[Arrival, float] = {}  # and since when, the oldest first
        self._sweeper: asyncio.TimerHandle | None = None
        self._tasks: dict[asyncio.Task[None], WebSocket] = {}
        self._tornado_echoes: dict[TornadoEcho, asyncio.Future[None]] = {}
        self._http = HTTPServer(
            Application(
                routes(self._apps, origins, self._tornado_echoes, self._again),
                log_function=lambda _: None,
            ),
            protocol="http" if ssl_context is None else "https",
            idle_connection_timeout=_IDLE_PAGE,
            body_timeout=limits.open_timeout,
            max_body_size=_LARGEST_BODY,
        )
        self.errors: deque[str] = deque(maxlen=100)

    # --------------------------------------------------------------------------------- life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. A second call does nothing.

        Raises
        ------
        UsageError
            When the port is taken or the address is not this machine's: the message says which.
        """
        if self._sockets:
            return
        self._sockets = listen(self._host, self._ask_port)
        bytes(_ALLOCATOR_HINT)
        try:
            for app in self._apps.values():
                if app.astart is not None:
                    await app.astart(self)
        except BaseException:
            await self.stop()
            raise
        self._sweep()

    async def stop(self) -> None:
        """Close every connection with 1001, then the port. A second call does nothing."""
        self._stop_accepting()
        for sock in self._sockets:
            sock.close()
        self._sockets = []
        if self._sweeper is not None:
            self._sweeper.cancel()
        for arrival in list(self._arriving):
            arrival.drop()
        why = (CloseCode.GOING_AWAY.value, "the server stops")
        for tornado_echo in list(self._tornado_echoes):
            tornado_echo.close(*why)
        closing = [ws.close(*why) for ws in self._tasks.values()]
        await asyncio.gather(*closing, *self._tornado_echoes.values(), return_exceptions=True)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.close_all_connections()
        for app in self._apps.values():
            if app.aclose is not None:
                await app.aclose()

    @property
    def port(self) -> int:
        """The port it listens on."""
        if not self._sockets:
            raise UsageError("The server does not run: start it first.")
        return int(self._sockets[0].getsockname()[1])

    @property
    def paths(self) -> list[str]:
        """The paths of its apps."""
        return list(self._apps)

    @property
    def url(self) -> str:
        """The URL of the first app."""
        return self.url_of(next(iter(self._apps)))

    def url_of(self, path: str) -> str:
        """Give the WebSocket URL of a path on this server."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'ws' if self._context is None else 'wss'}://{host}:{self.port}{path}"

    @property
    def connections(self) -> list[WebSocket]:
        """The WebSockets that are open now."""
        return list(self._tasks.values())

    def let_in(self, origin: str) -> None:
        """Let pages of one more origin connect to its apps, from now on."""
        if self._origins is not None:
            self._origins = {*self._origins, origin}

    # --------------------------------------------------------------------------------- connections

    def _accept(self, listening: socket.socket, _events: int) -> None:
        for _ in range(_ACCEPT_AT_ONCE):
            try:
                connection, address = listening.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                # Out of file descriptors. Whoever waits goes on waiting until the next sweep; to ask
                # again at once would keep the loop busy with nothing else.
                self.note("Cannot accept connections for a moment", error)
                self._stop_accepting()
                return
            if len(self._arriving) >= self._max_connections:
                connection.close()
                continue
            try:
                stream = open_stream(connection, self._context, server_side=True)
            except OSError:  # it is gone already
                connection.close()
                continue
            self._arriving[Arrival(stream, address, self._route, self._leave)] = self._now()

    def _stop_accepting(self) -> None:
        self._accepting = False
        for sock in self._sockets:
            IOLoop.current().remove_handler(sock)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _leave(self, arrival: Arrival) -> None:
        self._arriving.pop(arrival, None)

    def _sweep(self) -> None:
        """Drop who takes too long over a handshake: one timer for all costs less than one for each."""
        if not self._accepting:
            self._accepting = True
            for sock in self._sockets:
                IOLoop.current().add_handler(sock, self._accept, IOLoop.READ)
        loop = asyncio.get_running_loop()
        limit = self._limits.open_timeout
        for arrival, since in list(self._arriving.items()):
            if loop.time() - since < limit:
                break
            arrival.drop()
        self._sweeper = loop.call_later(min(limit / 4, 1.0), self._sweep)

    def _route(self, stream: Stream, address: tuple[str, int], head: bytes, rest: bytes) -> None:
        """Send a request where it belongs; a `HandshakeError` says why not."""
        request = Request.parse(head)
        app = self._apps.get(request.path)
        if app is not None and not (app.pages and "Upgrade" not in request.headers):
            self._upgrade(stream, head, request, rest)
        else:  # a page, or Tornado's own WebSocket: Tornado reads the request again, from the start
            stream.hand_over(head + rest)
            self._http.handle_stream(stream, address)

    def _again(self, stream: IOStream, head: bytes) -> None:
        """Take back a connection that served pages, because a handshake came on it."""
        if isinstance(stream, Stream):
            address = stream.socket.getpeername()[:2]
            rest = stream.take_back()
            arrival = Arrival(stream, address, self._route, self._leave)
            self._arriving[arrival] = self._now()
            arrival.take(head + rest)

    def _upgrade(self, stream: Stream, head: bytes, request: Request, rest: bytes) -> None:
        if len(self._tasks) >= self._max_connections:
            raise HandshakeError(
                f"This server holds {self._max_connections} connections and takes no more.",
                status=503,
                section="§4.2.2",
                headers=[("Retry-After", "5")],
            )
        app = self._apps[request.path]
        if app.split_head is not None:
            head, rest = app.split_head(head + rest)
            request = Request.parse(head)
        response = app.server_response(
            request,
            subprotocols=self._subprotocols,
            origins=self._origins,
            extensions=[] if self._deflate is None else [self._deflate],
        )
        answer = response.serialize()
        stream.put(answer)
        if stream.closed():
            return
        limits = app.limits or self._limits
        connection = app.connection(
            "server", max_message_size=limits.max_message_size, state=State.CONNECTING
        )
        connection.opened(self._deflate and agreed(request, response, self._deflate))
        ws = WebSocket(stream, connection, head, answer, limits, rest)
        task = asyncio.get_running_loop().create_task(self._run(ws, app.run), name="wslearn app")
        self._tasks[task] = ws
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]

    async def _run(self, ws: WebSocket, app: App) -> None:
        """Run the application on one connection; whatever it does, the connection ends cleanly."""
        code, reason = CloseCode.NORMAL_CLOSURE, ""
        try:
            await app(ws)
        except ConnectionClosed:
            pass
        except (Exception, asyncio.CancelledError, SystemExit) as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # by `stop`
                ws.abort()
                raise
            code, reason = CloseCode.INTERNAL_ERROR, "the application failed"
            self.note(f"{ws.request.method} {ws.request.target}", error)
        await ws.close(code, reason)

    def note(self, where: str, error: BaseException | None) -> None:
        """Keep what went wrong: in `errors`, and in the log for those who listen to it."""
        self.errors.append(f"{where}: {type(error).__name__}: {error}")
        log.error("%s", where, exc_info=error)
