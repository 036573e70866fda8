"""A server and a crowd of clients, each in a process of its own, and what the server uses for them."""

from __future__ import annotations

import json
import socket
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from wslearn.errors import UsageError
from wslearn.labs.files import most_files
from wslearn.labs.filling.gauge import Gauge, kernel_memory
from wslearn.labs.filling.result import Cost, Filled, Stage
from wslearn.labs.programs import Programs, free_port, wait_until
from wslearn.net.thread import Stoppable

__all__ = ["NAMES", "Filling", "fill"]

#: The servers that can be filled; the last two where they are installed.
NAMES = ("wslearn", "tornado", "websockets", "aiohttp")

_WARM = 100  # connections that bring in modules and caches, and are not counted
_SPARE = 60  # files that a process opens beside its connections
_WAIT = 120.0  # seconds that the crowd may take for one order
_SELECTS = 450  # sockets that an event loop on Windows can wait for


class Filling(Stoppable):
    """A server in a process of its own, and one for its clients: a context manager, or call `stop`.

    Both raise their own limit on open files to the hard one, `most_files`. They end, too, when this Python
    ends or is killed.

    Parameters
    ----------
    server
        ``"wslearn"``, ``"tornado"`` (its own WebSocketHandler), ``"websockets"`` or ``"aiohttp"``.
    ping_interval
        Seconds between two pings of the server on each connection; none when not given.

    Raises
    ------
    UsageError
        For a server that is not known, not installed, or does not start.

    Examples
    --------
    >>> with Filling() as server:
    ...     filled = server.fill(300)
    ...     heard = server.tell(2)
    >>> filled.connections, round(filled.files), heard.count
    (300, 1, 600)
    """

    def __init__(self, server: str = "wslearn", *, ping_interval: float | None = None) -> None:
        _check(server, ping_interval)
        self.name = server
        self._programs = Programs()
        try:
            self.port = free_port()
            argv = [sys.executable, "-m", "wslearn.labs.filling.servers", server, str(self.port)]
            self._server = self._programs.start("server", [*argv, str(ping_interval or 0)])
            self._crowd = self._hire()
            wait_until(self._listens, self._server, "it listened")
        except BaseException:
            self._programs.stop()
            raise
        self._gauge = Gauge(self._server.pid)
        self._opened = 0

    def __repr__(self) -> str:
        state = "running" if self._server.running else "stopped"
        return f"<Filling of {self.name}, {state}>"

    def stop(self) -> None:
        """End both. A second call does nothing."""
        with suppress(UsageError):  # the clients reset their connections, so that no port is left waiting
            self._order(close=True)
        self._server.kill()
        self._programs.stop()
        self._reports.close()
        self._orders.close()

    # ----------------------------------------------------------------------------- what is measured

    def fill(self, connections: int, stages: int = 4) -> Filled:
        """Open idle WebSockets, a hundred first that are not counted, and look at the server now and then.

        Parameters
        ----------
        connections
            How many in all, 200 or more.
        stages
            How often to look on the way.

        Raises
        ------
        UsageError
            For a number that cannot be, or more than this machine allows: the message says what to do.
        """
        return self._fill("ws", connections, stages)

    def keep_pages(self, connections: int, stages: int = 4) -> Filled:
        """Open connections that ask for a page over HTTP, kept then for the next request; as `fill`."""
        self._ours("keeps pages")
        return self._fill("http", connections, stages)

    def idle(self, seconds: float = 1.0) -> Cost:
        """Let nothing happen for a while but the server's own pings, which are counted."""
        pings, before, began = self._order(look=True)["pings"], self._gauge.cpu(), time.perf_counter()
        time.sleep(seconds)
        spent, took = self._gauge.cpu() - before, time.perf_counter() - began
        return Cost("ping", self._order(look=True)["pings"] - pings, spent, took)

    def talk(self, messages: int = 20, clients: int = 50) -> Cost:
        """Let clients send messages of 64 bytes, each after the answer to another, and count the answers."""
        return self._cost("message", talk=messages, members=clients, kind="ws")

    def ask(self, requests: int = 20, clients: int = 50) -> Cost:
        """Let clients whose connections `keep_pages` keeps ask for the page again, as `talk` does."""
        return self._cost("request", talk=requests, members=clients, kind="http")

    def tell(self, messages: int = 5) -> Cost:
        """Let one client send a message of 64 bytes to all, some times, and count those that arrive."""
        self._ours("sends to all")
        return self._cost("delivered message", tell=messages)

    def visit(self, visits: int = 200) -> Cost:
        """Let clients ask for a page, each on a TCP connection of its own that ends with the answer.

        It returns when the server has let go of the last of them.
        """
        self._ours("has a page")
        before = self._gauge.files()
        cost = self._cost("visit", visit=visits, port=self.port)
        self._await_files(before)
        return cost

    def look(self) -> Stage:
        """Look at the server."""
        return self._look(0)

    def empty(self) -> None:
        """Drop all connections, and wait until the server has noticed."""
        most = self._gauge.files() - self._opened
        self._order(close=True)
        self._await_files(most)
        self._opened = 0

    # ----------------------------------------------------------------------------- how

    def _hire(self) -> Any:
        """Start the crowd, which connects to this process."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            argv = [sys.executable, "-m", "wslearn.labs.filling.crowd", str(port)]
            crowd = self._programs.start("crowd", argv)
            listening.settimeout(0.1)
            came: list[socket.socket] = []

            def has_come() -> bool:
                came.append(listening.accept()[0])
                return True

            wait_until(has_come, crowd, "it came")
        with came[0] as sock:
            sock.settimeout(_WAIT)
            self._orders, self._reports = sock.makefile("w"), sock.makefile("r")
        return crowd

    def _listens(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    def _order(self, **order: Any) -> dict[str, Any]:
        """Tell the crowd what to do, and wait until it is done."""
        self._must_run()
        try:
            self._orders.write(json.dumps(order) + "\n")
            self._orders.flush()
            answer: dict[str, Any] = json.loads(self._reports.readline())
        except (OSError, ValueError) as error:
            raise UsageError(f"The clients went away: {self._crowd.log or error}") from None
        if "refused" in answer:
            raise UsageError(f"{self.name}: {answer['refused']} {self._server.log}".rstrip())
        return answer

    def _must_run(self) -> None:
        if not self._server.running or not self._crowd.running:
            said = self._server.log or self._crowd.log
            raise UsageError(f"{self!r}: make a new one. {f'It printed: {said}' if said else ''}".rstrip())

    def _cost(self, unit: str, **order: Any) -> Cost:
        self._must_run()
        before = self._gauge.cpu()
        done = self._order(**order)
        return Cost(unit, done["count"], self._gauge.cpu() - before, done["seconds"])

    def _ours(self, does: str) -> None:
        if self.name != "wslearn":
            raise UsageError(f'Here only our own server {does}: Filling("wslearn").')

    def _fill(self, kind: str, connections: int, stages: int) -> Filled:
        _check_room(connections, stages, self._opened)
        there = self._opened
        self._open(kind, _WARM)
        looks, cpu, took, done = [self._look(there)], 0.0, 0.0, _WARM
        for stage in range(1, stages + 1):
            goal = _WARM + (connections - _WARM) * stage // stages
            before = self._gauge.cpu()
            took += self._open(kind, goal - done)
            cpu += self._gauge.cpu() - before
            done = goal
            looks.append(self._look(there))
        opening = Cost("handshake" if kind == "ws" else "first request", connections - _WARM, cpu, took)
        what = "idle WebSockets" if kind == "ws" else "idle HTTP connections, kept for a next request"
        return Filled(self.name, tuple(looks), opening, what)

    def _await_files(self, most: int) -> None:
        wait_until(lambda: self._gauge.files() <= most, self._server, "it let go of its connections")

    def _look(self, others: int) -> Stage:
        """Look at the server; of its connections, `others` do not count."""
        connections = self._order(look=True)["open"] - others
        return Stage(connections, self._gauge.memory(), self._gauge.files(), kernel_memory())

    def _open(self, kind: str, connections: int) -> float:
        took = self._order(open=connections, kind=kind, port=self.port)["seconds"]
        self._opened += connections
        return float(took)


def fill(connections: int = 1000, server: str = "wslearn", *, ping_interval: float | None = None) -> Filled:
    """Fill a server with idle WebSockets, and say what each costs; then everything ends.

    Parameters
    ----------
    connections
        How many, 200 or more.
    server, ping_interval
        See `Filling`.

    Raises
    ------
    UsageError
        As `Filling` does, and its `Filling.fill`.

    Examples
    --------
    >>> fill(300, "tornado").connections
    300
    """
    with Filling(server, ping_interval=ping_interval) as filling:
        return filling.fill(connections)


def _check(server: str, ping_interval: float | None) -> None:
    if server not in NAMES:
        raise UsageError(f"There is no server {server!r} to fill. There is {', '.join(NAMES)}.")
    if find_spec(server) is None:
        raise UsageError(f"{server} is not installed: python -m pip install {server}")
    if ping_interval is not None and not 0.05 <= ping_interval <= 3600:
        raise UsageError(f"ping_interval is from 0.05 to 3,600 seconds, or None: not {ping_interval!r}.")


def _check_room(connections: int, stages: int, open_now: int) -> None:
    if type(connections) is not int or connections < 2 * _WARM:
        raise UsageError(f"connections is a whole number from {2 * _WARM} on, not {connections!r}.")
    if type(stages) is not int or not 1 <= stages <= 100:
        raise UsageError(f"stages is a whole number from 1 to 100, not {stages!r}.")
    needed = connections + open_now
    if sys.platform == "win32" and needed > _SELECTS:
        raise UsageError(f"On Windows, Python's event loop waits for about {_SELECTS} sockets. Open fewer.")
    if needed + _SPARE > (most := most_files()):
        limit = needed + _SPARE
        raise UsageError(
            f"Each connection is a file, and a process may open {most:,} of them here: that is its hard "
            "limit, up to which it has raised the soft one already. "
            f"Open at most {most - _SPARE - open_now:,} more. "
            "Or have the hard limit raised before JupyterLab starts: as root with "
            f"`ulimit -n {limit}`, for a user by the line `* hard nofile {limit}` in "
            f"/etc/security/limits.conf, for a container with `docker run --ulimit nofile={limit}`."
        )
