"""A small process that starts other programs and ends them all when its own parent is gone.

A notebook's kernel may be restarted or killed at any moment, and then nobody is left to stop what it had
started. So it starts this one, and holds the other end of its standard input. When that end is closed, by
whatever means, every program is stopped and their folder is removed. It imports the standard library
alone and runs without it being installed: ``python keeper.py``.

::

    in   {"start": "nats", "argv": [...], "env": {...}}      {"stop": "nats", "patience": 2.0}
    out  {"folder": "..."}   {"started": "nats", "pid": 4711}   {"ended": "nats", "code": 0}
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

PATIENCE = 3.0  # seconds that a program may take to end by itself


class Keeper:
    """The programs, and the folder they share."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wslearn-"))
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._busy = False
        self._asked = False

    def say(self, **told: Any) -> None:
        """Tell the parent, if it still listens."""
        with self._lock, contextlib.suppress(OSError):
            os.write(1, json.dumps(told).encode() + b"\n")

    def start(self, name: str, argv: list[str], env: dict[str, str]) -> None:
        """Start a program; what it prints goes to a file of its name."""
        log = (self.folder / f"{name}.log").open("ab")
        try:
            program = subprocess.Popen(  # noqa: S603 - what the lab asks for
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={**os.environ, **env},
            )
        except OSError as error:
            self.say(ended=name, code=None, why=str(error))
            return
        finally:
            log.close()
        self._programs[name] = program
        self.say(started=name, pid=program.pid)
        threading.Thread(target=self._await, args=(name, program)).start()  # Python waits until it has told

    def _await(self, name: str, program: subprocess.Popen[bytes]) -> None:
        self.say(ended=name, code=program.wait())

    def stop(self, name: str, patience: float) -> None:
        """End a program: ask it, and after `patience` seconds do not ask any more."""
        program = self._programs.get(name)
        if program is None or program.poll() is not None:
            return
        if patience > 0:
            program.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(patience)
        program.kill()
        program.wait()

    def obey(self, order: dict[str, Any]) -> None:
        """Start or stop a program, as the parent wishes."""
        self._busy = True
        if "start" in order:
            self.start(order["start"], order["argv"], order.get("env", {}))
        else:
            self.stop(order["stop"], order["patience"])
        self._busy = False
        if self._asked:
            sys.exit()

    def ask_to_end(self, *_: object) -> None:
        """Take a signal: end now, or behind the order at hand, lest a program run that nobody knows."""
        first, self._asked = not self._asked, True
        if first and not self._busy:
            sys.exit()

    def end(self) -> None:
        """End all of them at once and remove the folder."""
        self._busy = True  # to be asked now must not interrupt it
        running = [program for program in self._programs.values() if program.poll() is None]
        for program in running:
            program.terminate()
        for name in self._programs:
            self.stop(name, PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


def main() -> None:
    """Obey what comes in, until nothing can come any more."""
    for name in ("SIGINT", "SIGHUP"):  # an interrupt of a cell is none of ours
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    keeper = Keeper()
    signal.signal(signal.SIGTERM, keeper.ask_to_end)
    keeper.say(folder=str(keeper.folder))
    try:
        for line in sys.stdin:
            keeper.obey(json.loads(line))
    finally:
        keeper.end()


if __name__ == "__main__":
    main()
