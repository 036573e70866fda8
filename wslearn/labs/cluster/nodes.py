"""A node of a cluster, as the cluster sees it: to ask, to drain, to kill, and to start again."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from wslearn.errors import UsageError
from wslearn.labs.asking import answers, ask
from wslearn.labs.programs import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wslearn.labs.programs import Program, Programs

__all__ = ["Node", "NodeStats", "cordon", "uncordon", "wait_for"]

_ATTEMPTS = 5  # ports that are tried when another program was faster
_PATIENCE = 3.0  # seconds that a node may take to say good-bye to its clients


@dataclass(frozen=True, slots=True)
class NodeStats:
    """What a node said of itself.

    Parameters
    ----------
    name
        The node.
    state
        ``"ready"``; ``"cordoned"``: it gets no more clients; ``"draining"``, ``"drained"``.
    open
        WebSockets that are open now.
    accepted
        WebSockets since it started.
    received, sent
        Messages since it started.
    memory
        Bytes of this process that are in memory (its resident set).
    descriptors
        File descriptors that are open: each connection is one.
    cpu
        Seconds of processor time since it started.
    pid
        Its process.
    probes
        How often somebody asked for its health.
    errors
        What went wrong in its applications.
    """

    name: str
    state: str
    open: int
    accepted: int
    received: int
    sent: int
    memory: int
    descriptors: int
    cpu: float
    pid: int
    probes: int
    errors: tuple[str, ...]

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """Read what a node told."""
        known = {each.name: told[each.name] for each in fields(cls)}
        return cls(**{**known, "errors": tuple(told["errors"])})


class Node:
    """One node.

    Parameters
    ----------
    programs
        Those it belongs to.
    name
        Its name.
    apps
        The names of its apps.
    backplane
        Where the broker is; ``None`` for none.
    """

    def __init__(self, programs: Programs, name: str, apps: Sequence[str], backplane: str | None) -> None:
        self._programs = programs
        self.name = name
        self.apps = tuple(apps)
        self._more = [] if backplane is None else ["--backplane", backplane]
        self._program: Program
        self.port = free_port()
        self._launch()

    def __repr__(self) -> str:
        return f"<{self.name} {'running' if self.running else 'stopped'}>"

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self._program.running

    @property
    def url(self) -> str:
        """The WebSocket URL of its first app on this node, past the balancer."""
        return f"ws://127.0.0.1:{self.port}/{self.apps[0]}"

    @property
    def log(self) -> str:
        """What it printed, its last lines: nothing, unless something went wrong."""
        return self._program.log

    def _launch(self) -> None:
        own = ["--port", str(self.port), "--name", self.name]
        argv = [sys.executable, "-m", "wslearn.labs.node.node", *own, *self._more, *self.apps]
        self._program = self._programs.start(self.name, argv)

    def await_ready(self, *, move: bool = False) -> None:
        """Wait until it answers.

        Parameters
        ----------
        move
            Whether it may take another port, when its own is taken.

        Raises
        ------
        UsageError
            When it does not start: the message has what it printed.
        """
        for attempt in range(_ATTEMPTS):
            try:
                ready = partial(answers, self.port, "/node/stats", self._program.pid)
                wait_until(ready, self._program, "it answered")
                return
            except UsageError as error:
                if "Cannot listen" not in str(error) or attempt == _ATTEMPTS - 1:
                    raise
                if move:
                    self.port = free_port()
                else:
                    time.sleep(0.5)
                self._launch()

    def stats(self) -> NodeStats:
        """Ask it how it is.

        Raises
        ------
        UsageError
            When it does not run.
        """
        return NodeStats.of(self._ask("/node/stats"))

    def handshakes(self) -> list[float]:
        """Tell when its clients came: seconds as `time.time` counts them, the oldest first."""
        return list(self._ask("/node/handshakes"))

    def _ask(self, target: str, *, post: bool = False) -> Any:
        if not self.running:
            raise UsageError(f"{self.name} does not run. Start it: .start()")
        try:
            return ask(self.port, target, post=post)
        except OSError as error:
            raise UsageError(f"{self.name} does not answer: {error}") from error

    def drain(self, seconds: float = 2.0, *, wait: bool = True) -> int:
        """Take no more clients, and close the connections that there are, over so many seconds, with 1001.

        It stays so until `uncordon`, or until it is stopped and started.

        Parameters
        ----------
        seconds
            Over how many seconds the connections are closed. It begins as soon as the balancer knows.
        wait
            Whether to wait until the last one is gone.

        Returns
        -------
        int
            How many connections there were.

        Raises
        ------
        UsageError
            When it does not run, or its connections do not end.
        """
        there = int(self._ask(f"/node/drain?seconds={seconds}", post=True)["open"])
        if wait:
            wait_for(lambda: self.stats().state == "drained", f"{self.name} was empty", seconds + 10)
        return there

    def cordon(self, *, wait: bool = True) -> None:
        """Take no more clients, keep those that there are, and `wait` until the balancer knows."""
        self._ask("/node/cordon", post=True)
        if wait:
            self.await_probe()

    def uncordon(self, *, wait: bool = True) -> None:
        """Take clients again, and `wait` until the balancer knows."""
        self._ask("/node/uncordon", post=True)
        if wait:
            self.await_probe()

    def await_probe(self) -> None:
        """Wait until the balancer knows how this node is."""
        # The answer to the first probe may be on its way still, and a failure before it not forgotten.
        wanted = self.stats().probes + 2
        wait_for(lambda: self.stats().probes >= wanted, f"the balancer asked {self.name} for its health")

    def kill(self) -> None:
        """End it as a crash would: no close frame, and every connection is gone."""
        self._program.kill()

    def stop(self) -> None:
        """End it: it closes its connections with 1001."""
        self._program.stop(_PATIENCE)

    def start(self) -> None:
        """Start it again, on the port that it had, and wait until the balancer knows."""
        if not self.running:
            self._launch()
            self.await_ready()
            self.await_probe()


def cordon(nodes: Sequence[Node]) -> None:
    """Let nodes take no more clients, and wait until the balancer knows of all of them."""
    for node in nodes:
        node.cordon(wait=False)
    for node in nodes:
        node.await_probe()


def uncordon(nodes: Sequence[Node]) -> None:
    """Let nodes take clients again, and wait until the balancer knows of all of them."""
    for node in nodes:
        node.uncordon(wait=False)
    for node in nodes:
        node.await_probe()


def wait_for(question: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Wait until the answer is yes.

    Raises
    ------
    UsageError
        When it takes too long.

    Examples
    --------
    >>> wait_for(lambda: False, "the tide was out", seconds=0)
    Traceback (most recent call last):
    wslearn.errors.UsageError: It took more than 0 s until the tide was out.
    """
    until = time.monotonic() + seconds
    while not question():
        if time.monotonic() > until:
            raise UsageError(f"It took more than {seconds:g} s until {what}.")
        time.sleep(0.02)
