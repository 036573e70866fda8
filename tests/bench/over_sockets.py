"""Echo servers over TCP: each in a process of its own, the client on plain sockets in this one.

The client sends bytes that were made before and counts the bytes that come back, so that next to
nothing of what is measured is its own.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import psutil

from tests.bench.echo_servers import NAMES
from tests.bench.peers_in_memory import UPGRADE
from tests.bench.rounds import Figure, interleave
from wslearn import Frame, Opcode
from wslearn.labs.files import allow_files
from wslearn.labs.filling.gauge import Gauge

KEY = bytes.fromhex("37fa213d")
CLOSE = Frame(Opcode.CLOSE, (1000).to_bytes(2, "big"), masking_key=KEY).serialize()
HEAD = UPGRADE.replace(b"GET / ", b"GET /echo ")


class Server:
    """A running echo server, seen from outside."""

    def __init__(self, name: str) -> None:
        command = [sys.executable, "-m", "tests.bench.echo_servers", name]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.pid = self._process.pid

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def cpu(self) -> int:
        """Give the nanoseconds of CPU that all its threads have used."""
        return round(Gauge(self.pid).cpu() * 1e9)

    def memory(self) -> int:
        """Give the bytes of its resident memory."""
        return Gauge(self.pid).memory()

    def connect(self) -> socket.socket:
        """Open a WebSocket."""
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(HEAD)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += sock.recv(4096)
        assert answer.startswith(b"HTTP/1.1 101"), answer
        return sock

    @contextmanager
    def session(self) -> Iterator[socket.socket]:
        """Open a WebSocket and close it properly: soon enough that no server pings in between."""
        with self.connect() as sock:
            yield sock
            sock.sendall(CLOSE)
            while sock.recv(4096):
                pass


@contextmanager
def servers() -> Iterator[dict[str, Server]]:
    """Start all of them; the idle ones cost the others nothing."""
    with ExitStack() as stack:
        started = {}
        for name in NAMES:
            started[name] = Server(name)
            stack.callback(started[name].stop)
        yield started


def pipelined(quick: bool) -> list[Figure]:
    """Measure how fast messages of 16 B go through when the client does not wait for the answers."""
    count = 10_000 if quick else 30_000
    with servers() as started:
        contenders = {name: partial(_pipeline, server, count) for name, server in started.items()}
        costs = interleave(contenders, 5 if quick else 11)
    bars = {"websockets": 5.0, "picows": 1.3}
    return [Figure("16 B, pipelined", "ns of server CPU", costs, bars)]


def _pipeline(server: Server, count: int) -> float:
    frame = Frame(Opcode.BINARY, bytes(16), masking_key=KEY).serialize()
    unsent = memoryview(frame * count)
    expected = 18 * count  # bytes: the echo has no masking key
    buffer = bytearray(1 << 18)
    with server.session() as sock:
        start = server.cpu()
        while expected:
            readable, writable, _ = select.select([sock], [sock] if unsent else [], [])
            if writable:
                unsent = unsent[sock.send(unsent[: 1 << 16], socket.MSG_DONTWAIT) :]
            if readable:
                expected -= _receive(sock, buffer)
        return (server.cpu() - start) / count


def _receive(sock: socket.socket, buffer: bytearray) -> int:
    size = sock.recv_into(buffer)
    if not size:
        raise EOFError("The server hung up.")
    return size


def pingpong(quick: bool) -> list[Figure]:
    """Measure one message at a time, client and server on the same core."""
    with servers() as started, _on_one_core(started):
        small = _pingpong_costs(started, 16, 500 if quick else 1000, 7 if quick else 15)
        large = _pingpong_costs(started, 1 << 20, 3 if quick else 10, 5 if quick else 11)
    return [
        Figure("16 B, ping-pong", "µs of server CPU", small[0], {"websockets": 1 / 0.65}),
        Figure("16 B, ping-pong", "µs until the echo", small[1]),
        Figure("1 MiB, ping-pong", "µs of server CPU", large[0]),
        Figure("1 MiB, ping-pong", "µs until the echo", large[1], {"websockets": 1}),
    ]


def _pingpong_costs(
    started: dict[str, Server], size: int, count: int, rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Give the server's CPU time, and the time that passes."""
    frame = Frame(Opcode.BINARY, bytes(size), masking_key=KEY).serialize()
    passed: dict[str, list[float]] = {name: [] for name in started}

    def bounce(name: str) -> float:
        server, buffer = started[name], bytearray(len(frame))
        with server.session() as sock:
            cpu, start = server.cpu(), time.perf_counter()
            for _ in range(count):
                sock.sendall(frame)
                expected = len(frame) - 4
                while expected:
                    expected -= _receive(sock, buffer)
            passed[name].append((time.perf_counter() - start) / count * 1e6)
            return (server.cpu() - cpu) / count / 1e3

    cpu_costs = interleave({name: partial(bounce, name) for name in started}, rounds)
    # As in the costs, the first round warmed up.
    return cpu_costs, {name: times[1:] for name, times in passed.items()}


def idle(quick: bool) -> list[Figure]:
    """Measure what a connection costs that is opened and then says nothing."""
    rounds, batch = (5, 80) if quick else (10, 200)
    allow_files(len(NAMES) * (rounds + 1) * batch + 200)
    with ExitStack() as stack, servers() as started:  # the servers end before their clients hang up
        before: dict[str, int] = {}
        after: dict[str, int] = {}

        def open_batch(name: str) -> float:
            server = started[name]
            start = server.cpu()
            for _ in range(batch):
                stack.enter_context(server.connect())
            cost = (server.cpu() - start) / batch / 1e3
            # The first batch brings in modules and caches; what counts is what each further one adds.
            after[name] = server.memory()
            before.setdefault(name, after[name])
            return cost

        handshakes = interleave({name: partial(open_batch, name) for name in started}, rounds)
        memory = {name: [(after[name] - before[name]) / 1024 / batch / rounds] for name in started}
    return [
        Figure("idle connection", "KiB", memory, at_most=6),
        Figure("handshake", "µs of server CPU", handshakes, {"websockets": 249 / 120}, at_most=120),
    ]


@contextmanager
def _on_one_core(started: dict[str, Server]) -> Iterator[None]:
    """Keep this process and the servers on one core, so that neither waits for another core to wake up."""
    if sys.platform != "linux":
        yield
        return
    mine = os.sched_getaffinity(0)
    core = {max(mine)}
    os.sched_setaffinity(0, core)
    for server in started.values():
        for thread in psutil.Process(server.pid).threads():
            os.sched_setaffinity(thread.id, core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


SECTIONS: dict[str, tuple[str, Callable[[bool], list[Figure]]]] = {
    "pipelined": ("Echo server, messages in a row; each in a process of its own", pipelined),
    "pingpong": ("Echo server, one message at a time, client and server on one core", pingpong),
    "idle": ("Connections that say nothing", idle),
}
