"""A kernel that ends in the middle of a lesson leaves nothing: no process, no port, no temporary folder.

The lessons that start programs and servers run up to where most of them are there, in a real kernel, and the
last of those cells is still at work when the kernel is restarted or killed. What a lesson leaves that runs to
its end, `test_course` looks at.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager

from tests.labs.test_programs import SLEEP, soon
from tests.notebooks.afterwards import left, listening
from tests.notebooks.lesson import FOLDER, read
from wslearn.labs.programs import Programs
from wslearn.net import serve

SECONDS = 60  # for a cell, or for a kernel to come


@dataclass(frozen=True)
class Busy:
    """Where most is there in a lesson.

    Attributes
    ----------
    lesson
        Its name.
    cells
        Those that run: a line of each that no other cell has, or a part of it. The last is not waited for.
    programs
        The processes that are there then: words of their command lines, and how many have them, or more.
    servers
        On how many ports the kernel itself listens for them, or more.
    """

    lesson: str
    cells: str
    programs: dict[str, int]
    servers: int

    def sources(self) -> list[str]:
        """Give the cells."""
        cells = read(FOLDER / f"{self.lesson}.ipynb").cells
        every = [cell.source for cell in cells if cell.cell_type == "code"]
        found = {part: [source for source in every if part in source] for part in self.cells.split("\n")}
        assert all(len(sources) == 1 for sources in found.values()), found
        return [source for (source,) in found.values()]


BUSY = [
    Busy(
        "01_why_not_http",
        """server = PushServer()
tap = Tap((server
wire_view = WireView(tap)
view = RaceView(""",
        {"keeper.py": 2, "wslearn.labs.realtime": 2},  # the lesson's, and the race's
        1,  # the tap
    ),
    Busy(
        "10_use_cases",
        """server = serve(
clients = []
async def join(
async def hear(
everybody = (join(
field = serve(
season = serve(
class Forgetful(
class Mine(
rooms = {
async def watch(""",
        {},
        6,  # five servers, and the tap
    ),
    Busy(
        "11_scaling",
        """from wslearn.labs.cluster import
server = Filling()
server.fill(
fleet = cluster(
def run(
run(storm,""",
        {
            "keeper.py": 2,
            "labs.filling.servers": 1,
            "labs.filling.crowd": 1,
            "nats-server": 1,
            "caddy": 1,
            "labs.node": 3,
            "labs.crowd": 1,
        },
        0,
    ),
    Busy(
        "12_proxies",
        """import trustme
paths = Paths(
hops = predict(
front = Tap(
authority = trustme.CA()
proxy = ForwardProxy()
modern = Http2Server(
with Sites(server)""",
        {"keeper.py": 2, "caddy": 1, "nginx": 2, "haproxy": 1},  # of nginx a master and a worker
        8,  # three servers, the forward proxy, HTTP/2, and three taps
    ),
]
NEEDS = {"12_proxies": [pytest.mark.needs("nginx"), pytest.mark.needs("haproxy")]}


class Kernel:
    """A real one, whose temporary folder is its own, and that of all it starts."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(
            cwd=str(folder),
            env={**os.environ, "TMPDIR": str(self.temporary)},
            extra_arguments=["--log-level=CRITICAL"],
        )
        self._client = self.manager.blocking_client()
        self._client.start_channels()
        self._own: set[tuple[str, int]] = set()

    def stop(self) -> None:
        """End it."""
        self._client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    @property
    def process(self) -> psutil.Process:
        """Find its process: the only one of ours that was given the kernel's file."""
        (found,) = [
            each for each in psutil.Process().children() if self.manager.connection_file in told(each)
        ]
        return found

    def run_to(self, busy: Busy) -> None:
        """Run the cells, wait until all is there, and see that the last cell still runs."""
        self._client.wait_for_ready(timeout=SECONDS)
        self._own = listens(self.process)
        *before, last = busy.sources()
        for source in before:
            answer = self._client.execute(source, reply=True, timeout=SECONDS)["content"]
            assert answer["status"] == "ok", f"{source}\n{answer}"
        self._client.execute(last)
        assert soon(lambda: self._has(busy), SECONDS), [*map(told, self.processes())]
        with pytest.raises(queue.Empty):
            self._client.get_shell_msg(timeout=0)

    def _has(self, busy: Busy) -> bool:
        lines = [" ".join(told(each)) for each in self.processes()]
        return (
            all(sum(words in line for line in lines) >= count for words, count in busy.programs.items())
            and len(listens(self.process) - self._own) >= busy.servers
        )

    def processes(self) -> set[psutil.Process]:
        """Find what descends from it, and the kernel itself."""
        return {self.process, *self.process.children(recursive=True)}

    def heirs(self) -> set[psutil.Process]:
        """Find all else that has its temporary folder: a process that detaches itself keeps its variables."""
        return {
            each
            for each in psutil.process_iter(["environ"])
            if (each.info["environ"] or {}).get("TMPDIR") == str(self.temporary)
            and self.manager.connection_file not in told(each)
        }

    def look(self) -> Seen:
        """See what is there beside the ports of any kernel."""
        processes = self.processes() | self.heirs()
        return Seen(processes, set().union(*map(listens, processes)) - self._own)

    def folders(self) -> list[Path]:
        """Find what is in its temporary folder."""
        return list(self.temporary.iterdir())


def told(process: psutil.Process) -> list[str]:
    """Give the command line of a process; of one that has just ended, none."""
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []


def listens(process: psutil.Process) -> set[tuple[str, int]]:
    """Find where a process listens; one that has just ended, nowhere."""
    with suppress(psutil.NoSuchProcess):
        return listening(process)
    return set()


def runs(process: psutil.Process) -> bool:
    """Whether it is still the same process, and more than an entry that nobody has asked for."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def answers(address: tuple[str, int]) -> bool:
    """Whether somebody listens there."""
    with suppress(OSError), socket.create_connection(address, timeout=1):
        return True
    return False


def restart(kernel: Kernel) -> None:
    """As a menu does: it is asked to end, and may take its time."""
    kernel.manager.restart_kernel()


def restart_now(kernel: Kernel) -> None:
    """Without asking."""
    kernel.manager.restart_kernel(now=True)


def kill(kernel: Kernel) -> None:
    """It alone, as the system does when memory runs out."""
    os.kill(kernel.process.pid, signal.SIGKILL)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.stop()


@dataclass(frozen=True)
class Seen:
    """What was there before a kernel ended."""

    processes: set[psutil.Process]
    ports: set[tuple[str, int]]

    def left(self) -> list[str]:
        """Say what of it is still there."""
        return [
            *(f"program: {told(each)}" for each in self.processes if runs(each)),
            *(f"port: {host}:{port}" for host, port in self.ports if answers((host, port))),
        ]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "busy", [pytest.param(each, id=each.lesson, marks=NEEDS.get(each.lesson, ())) for each in BUSY]
)
def test_nothing_is_left_of_a_lesson_whose_kernel_ends(kernel: Kernel, busy: Busy) -> None:
    for end in (restart, restart_now, kill):
        kernel.run_to(busy)
        seen = kernel.look()
        assert {each.partition(":")[0] for each in seen.left()} == {"program", "port"}
        assert bool(kernel.folders()) == bool(busy.programs)
        end(kernel)
        assert_gone(kernel, seen)


def test_nothing_is_left_of_a_cluster_whose_kernel_is_killed_while_it_starts(kernel: Kernel) -> None:
    kernel.run_to(
        Busy("11_scaling", "from wslearn.labs.cluster import\nfleet = cluster(", {"nats-server": 1}, 0)
    )
    seen = kernel.look()
    kill(kernel)
    assert_gone(kernel, seen)


def assert_gone(kernel: Kernel, seen: Seen) -> None:
    soon(lambda: not seen.left() and not kernel.folders() and not kernel.heirs())
    assert (seen.left(), kernel.folders(), kernel.heirs()) == ([], [], set())


def test_what_is_left_is_found() -> None:
    before = listening()
    with serve() as server, Programs() as programs:
        sleeper = programs.start("sleeper", SLEEP)
        found = left(before)
        assert {"thread: wslearn server", f"port: 127.0.0.1:{server.port}"} <= set(found)
        assert f"folder: {programs.folder.name}" in found
        assert f"program: {SLEEP}" in found
        assert sleeper.running
    assert f"port: 127.0.0.1:{server.port}" not in left(before)
