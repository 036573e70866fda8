"""Starting and stopping the programs that a lab consists of: nodes, a load balancer, a message broker."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wslearn.errors import UsageError
from wslearn.labs import keeper
from wslearn.net.thread import Stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Program", "Programs", "executable", "free_port", "wait_until"]

_INSTALL = 'python -m pip install "wslearn[cluster]"'
_LOG_LINES = 8


class Program:
    """One running program.

    Parameters
    ----------
    name
        What it is called here.
    programs
        Those it belongs to.
    """

    def __init__(self, name: str, programs: Programs) -> None:
        self.name = name
        self.pid = 0
        self.code: int | None = None
        self.why = ""
        self._programs = programs
        self._started = threading.Event()
        self._ended = threading.Event()

    def __repr__(self) -> str:
        return f"<{self.name} {'running' if self.running else 'ended'}>"

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._started.is_set() and not self._ended.is_set()

    @property
    def log(self) -> str:
        """What it printed, its last lines."""
        try:
            text = (self._programs.folder / f"{self.name}.log").read_text("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-_LOG_LINES:])

    def note(self, told: Mapping[str, Any]) -> None:
        """Take in what the keeper tells of it."""
        if "started" in told:
            self.pid = told["pid"]
        else:
            self.code, self.why = told["code"], told.get("why", "")
            self._ended.set()
        self._started.set()

    def await_start(self) -> None:
        """Wait until it runs.

        Raises
        ------
        UsageError
            When it cannot be started.
        """
        self._started.wait(10)
        if self.why:
            raise UsageError(f"{self.name} cannot be started: {self.why}.")

    def stop(self, patience: float = keeper.PATIENCE) -> None:
        """Ask it to end, and make it end when it does not within `patience` seconds. Once is enough."""
        if self.running:
            self._programs.order(stop=self.name, patience=patience)
            self._ended.wait(patience + 5)

    def kill(self) -> None:
        """End it at once, as a crash or a power cut would: it says goodbye to nobody."""
        self.stop(0)


class Programs(Stoppable):
    """The programs of one lab, in one temporary folder: a context manager, or call `stop`.

    They end, and the folder goes, when they are stopped, when Python ends, and when it is killed.

    Examples
    --------
    >>> with Programs() as programs:
    ...     sleeper = programs.start("sleeper", [sys.executable, "-c", "input()"])
    ...     sleeper.pid > 0, programs.folder.is_dir()
    (True, True)
    >>> programs.folder.exists()
    False
    """

    def __init__(self) -> None:
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._keeper = subprocess.Popen(  # noqa: S603 - this Python, that file
            [sys.executable, "-I", "-S", keeper.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )
        if self._keeper.stdin is None or self._keeper.stdout is None:
            raise AssertionError
        self._orders, self._reports = self._keeper.stdin, self._keeper.stdout
        self.folder = Path(json.loads(self._reports.readline())["folder"])
        self._programs: dict[str, Program] = {}
        self._lock = threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="wslearn programs", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        for line in self._reports:
            told = json.loads(line)
            self._programs[told.get("started") or told["ended"]].note(told)

    def order(self, **order: Any) -> None:
        """Tell the keeper what to do."""
        with self._lock:
            self._orders.write(json.dumps(order) + "\n")
            self._orders.flush()

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str] = {}) -> Program:
        """Start a program in the folder.

        Parameters
        ----------
        name
            A name that none of the others has.
        argv
            The program and its arguments.
        env
            Variables beside those of this process.

        Raises
        ------
        UsageError
            When the name is taken by one that runs, the program cannot be started, or all were stopped.
        """
        if not self.running:
            raise UsageError("These programs are stopped. Start anew.")
        if name in self._programs and self._programs[name].running:
            raise UsageError(f"{name} runs already.")
        program = self._programs[name] = Program(name, self)
        self.order(start=name, argv=list(argv), env=dict(env))
        program.await_start()
        return program

    @property
    def running(self) -> bool:
        """Whether programs can be started here."""
        return self._keeper.poll() is None

    def stop(self) -> None:
        """End all of them and remove their folder. A second call does nothing."""
        if not self._orders.closed:
            self._orders.close()
        self._keeper.wait()
        self._listener.join()
        self._reports.close()


def executable(name: str) -> str:
    """Find a program that the `cluster` extra brings.

    Raises
    ------
    UsageError
        When it is not there: the message says how to install it.

    Examples
    --------
    >>> executable("no-such-balancer")
    Traceback (most recent call last):
    wslearn.errors.UsageError: no-such-balancer is not installed: python -m pip install "wslearn[cluster]"
    """
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(name, path=places)
    if found is None:
        raise UsageError(f"{name} is not installed: {_INSTALL}")
    return found


def free_port() -> int:
    """Give a port of 127.0.0.1 that is free now.

    Examples
    --------
    >>> 1024 <= free_port() < 65536
    True
    """
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], program: Program, what: str, seconds: float = 15.0) -> None:
    """Wait until a program is ready.

    Parameters
    ----------
    ready
        Asks; an `OSError` counts as no.
    program
        The one that is waited for: when it ends, so does the wait.
    what
        What is waited for, for the message.
    seconds
        How long at most.

    Raises
    ------
    UsageError
        When it ended or took too long: the message has the last lines that it printed.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until and program.running:
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.02)
    how = "took too long" if program.running else f"ended with code {program.code}"
    raise UsageError(f"{program.name} {how} before {what}. It printed:\n{program.log or '(nothing)'}")
