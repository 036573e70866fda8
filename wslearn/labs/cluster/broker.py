"""NATS with JetStream, the broker behind the backplane: it can be killed, and goes on with what it had."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wslearn.labs.programs import executable, wait_until

if TYPE_CHECKING:
    from wslearn.labs.programs import Program, Programs

__all__ = ["Broker"]

_PATIENCE = 2.0  # seconds that it may take to write down what it has


class Broker:
    """A NATS server on 127.0.0.1, whose streams are files in the folder of its `Programs`.

    Parameters
    ----------
    programs
        Those it shall belong to.

    Raises
    ------
    UsageError
        When it is not installed or does not start.

    Examples
    --------
    >>> from wslearn.labs.programs import Programs
    >>> with Programs() as programs:
    ...     Broker(programs).url.rpartition(":")[0]
    'nats://127.0.0.1'
    """

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._port = -1  # it takes a free one
        self._program: Program
        self.start()

    def __repr__(self) -> str:
        return f"<broker {'running' if self.running else 'stopped'}>"

    @property
    def url(self) -> str:
        """Where it is, for `wslearn.labs.backplane.Nats`."""
        return f"nats://127.0.0.1:{self._port}"

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._program.running

    def start(self) -> None:
        """Start it, again on the port that it had, and wait until it listens."""
        told = self._programs.folder / "nats.ports"
        told.mkdir(exist_ok=True)
        for old in told.iterdir():
            old.unlink()
        address = ["-a", "127.0.0.1", "-p", str(self._port)]
        files = ["-js", "-sd", str(self._programs.folder / "nats"), "--ports_file_dir", str(told)]
        self._program = self._programs.start("nats", [executable("nats-server"), *address, *files])
        wait_until(lambda: any(each.stat().st_size for each in told.iterdir()), self._program, "it listened")
        (url,) = json.loads(next(told.iterdir()).read_text())["nats"]
        self._port = int(url.rpartition(":")[2])

    def kill(self) -> None:
        """End it as a crash would."""
        self._program.kill()

    def stop(self) -> None:
        """End it."""
        self._program.stop(_PATIENCE)
