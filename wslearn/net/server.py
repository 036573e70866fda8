"""The server: Tornado's TCP and HTTP, our handshake and frames, all on one port (RFC 6455 §4.2)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from tornado.httpserver import HTTPServer
from tornado.netutil import add_accept_handler, bind_sockets
from tornado.web import Application

from wslearn.closing import CloseCode
from wslearn.connection import Connection, State
from wslearn.deflate import Deflate, agreed
from wslearn.errors import ConnectionClosed, HandshakeError, UsageError
from wslearn.handshake import refusal, server_response
from wslearn.http import Request, split_head
from wslearn.net.pages import routes
from wslearn.net.stream import Stream, open_stream
from wslearn.net.websocket import Limits, WebSocket

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
    from types import TracebackType

    App = Callable[[WebSocket], Awaitable[None]]

__all__ = ["LOOPBACK_ORIGINS", "Server", "echo"]

log = logging.getLogger("wslearn.net")
# Without a handler of its own, logging would write into whatever notebook cell is running.
log.addHandler(logging.NullHandler())

# The C library maps a large block anew each time, at the price of a page fault every 4 KiB, until one of
# this size was freed once. A message of 1 MiB takes a third of the time afterwards.
_ALLOCATOR_HINT = (32 << 20) - 65536

LOOPBACK_ORIGINS = frozenset(
    f"{scheme}://{host}{port}"
    for scheme in ("http", "https")
    for host in ("127.0.0.1", "localhost", "[::1]")
    for port in ("", ":*")
)


async def echo(ws: WebSocket) -> None:
    """Send every message back: text as text, bytes as bytes."""
    async for message in ws:
        await ws.send(message)


APPS: dict[str, App] = {"echo": echo}


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
        self._apps = _mount(app)
        self._host = host
        self._ask_port = port
        self._context = ssl_context
        self._origins = origins
        self._subprotocols = subprotocols
        self._deflate = deflate
        self._limits = limits
        self._max_connections = max_connections
        self._sockets: list[socket.socket] = []
        self._stop_accepting: list[Callable[[], None]] = []
        self._arriving: dict[_Arrival, float] = {}  # and since when, the oldest first
        self._sweeper: asyncio.TimerHandle | None = None
        self._tasks: dict[asyncio.Task[None], WebSocket] = {}
        self._http = HTTPServer(
            Application(routes(self._apps, origins), log_function=lambda handler: None),
            protocol="http" if ssl_context is None else "https",
        )
        self.errors: deque[str] = deque(maxlen=100)

    # --------------------------------------------------------------------------------- life

    async def __aenter__(self) -> Server:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen.

        Raises
        ------
        UsageError
            When the port is taken or the address is not this machine's: the message says which.
        """
        try:
            self._sockets = bind_sockets(self._ask_port, self._host)
        except OSError as error:
            raise UsageError(
                f"Cannot listen on {self._host}:{self._ask_port}: {error.strerror or error}. "
                "Take another port, or port=0 to be given a free one."
            ) from error
        bytes(_ALLOCATOR_HINT)
        self._stop_accepting = [add_accept_handler(sock, self._accept) for sock in self._sockets]
        self._sweep()

    async def stop(self) -> None:
        """Close every connection with 1001, then the port. A second call does nothing."""
        for stop_accepting in self._stop_accepting:
            stop_accepting()
        for sock in self._sockets:
            sock.close()
        self._stop_accepting, self._sockets = [], []
        if self._sweeper is not None:
            self._sweeper.cancel()
        for arrival in list(self._arriving):
            arrival.drop()
        closing = [ws.close(CloseCode.GOING_AWAY, "the server stops") for ws in self._tasks.values()]
        await asyncio.gather(*closing, return_exceptions=True)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.close_all_connections()

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

    # --------------------------------------------------------------------------------- connections

    def _accept(self, connection: socket.socket, address: tuple[str, int]) -> None:
        try:
            stream = open_stream(connection, self._context, server_side=True)
        except OSError:  # it is gone already
            connection.close()
            return
        _Arrival(self, stream, address)

    def _sweep(self) -> None:
        """Drop who takes too long over a handshake: one timer for all costs less than one for each."""
        loop = asyncio.get_running_loop()
        limit = self._limits.open_timeout
        for arrival, since in list(self._arriving.items()):
            if loop.time() - since < limit:
                break
            arrival.drop()
        self._sweeper = loop.call_later(min(limit / 4, 1.0), self._sweep)

    def _upgrade(self, stream: Stream, head: bytes, request: Request, rest: bytes) -> None:
        """Accept or refuse a WebSocket handshake."""
        try:
            if len(self._tasks) >= self._max_connections:
                raise HandshakeError(
                    f"This server holds {self._max_connections} connections and takes no more.",
                    status=503,
                    section="§4.2.2",
                    headers=[("Retry-After", "5")],
                )
            response = server_response(
                request,
                subprotocols=self._subprotocols,
                origins=self._origins,
                extensions=[] if self._deflate is None else [self._deflate],
            )
        except HandshakeError as error:
            _refuse(stream, error)
            return
        connection = Connection("server", max_message_size=self._limits.max_message_size, state=State.CONNECTING)
        answer = response.serialize()
        stream.put(answer)
        connection.opened(self._deflate and agreed(request, response, self._deflate))
        ws = WebSocket(stream, connection, head, answer, self._limits, rest)
        task = asyncio.get_running_loop().create_task(self._run(ws, self._apps[request.path]))
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
        except Exception as error:
            code, reason = CloseCode.INTERNAL_ERROR, "the application failed"
            self.errors.append(f"{request_line(ws.request)}: {type(error).__name__}: {error}")
            log.exception("The application failed on %s", request_line(ws.request))
        await ws.close(code, reason)


class _Arrival:
    """A TCP connection whose first request is not whole yet."""

    __slots__ = ("_address", "_data", "_server", "_stream")

    def __init__(self, server: Server, stream: Stream, address: tuple[str, int]) -> None:
        self._server = server
        self._stream = stream
        self._address = address
        self._data = b""
        server._arriving[self] = asyncio.get_running_loop().time()
        stream.set_nodelay(True)
        stream.deliver(self._on_bytes, self._leave)

    def _leave(self) -> None:
        self._server._arriving.pop(self, None)

    def drop(self) -> None:
        """Give up on it."""
        self._leave()
        self._stream.close()

    def _on_bytes(self, data: bytes) -> None:
        self._data += data
        try:
            cut = split_head(self._data)
            if cut is None:
                return
            head, rest = cut
            request = Request.parse(head)
        except HandshakeError as error:
            self._leave()
            _refuse(self._stream, error)
            return
        self._leave()
        if request.path in self._server._apps:
            self._server._upgrade(self._stream, head, request, rest)
        else:  # a page, or Tornado's own WebSocket: Tornado reads the request again, from the start
            self._stream.hand_over(head + rest)
            self._server._http.handle_stream(self._stream, self._address)


def request_line(request: Request) -> str:
    """Name a request for a log."""
    return f"{request.method} {request.target}"


def _refuse(stream: Stream, error: HandshakeError) -> None:
    stream.hand_over(b"")
    answer = stream.write(refusal(error).serialize())
    answer.add_done_callback(lambda _: stream.close())


def _mount(app: str | App | Mapping[str, App]) -> dict[str, App]:
    """Give each app its path: a function is mounted at its name, and `echo` is always there."""
    if isinstance(app, str):
        if app not in APPS:
            raise UsageError(f"There is no app {app!r}. There are: {', '.join(APPS)}; or give your own function.")
        apps: dict[str, App] = {f"/{app}": APPS[app]}
    elif callable(app):
        apps = {f"/{getattr(app, '__name__', 'app')}": app}
    else:
        apps = dict(app)
        if wrong := [path for path in apps if not path.startswith("/")]:
            raise UsageError(f"A path starts with a slash: write /{wrong[0]}.")
    return {**apps, "/echo": apps.get("/echo", echo)}
