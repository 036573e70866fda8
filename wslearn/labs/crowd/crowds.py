"""A crowd of chat members in processes of their own, as those who measure see it: to send, and to ask."""

from __future__ import annotations

import secrets
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from wslearn.errors import UsageError
from wslearn.labs.asking import answers, ask
from wslearn.labs.cluster.nodes import wait_for
from wslearn.labs.crowd.report import Details, Report
from wslearn.labs.programs import free_port, wait_until
from wslearn.net.thread import Stoppable

if TYPE_CHECKING:
    from wslearn.labs.cluster import Cluster
    from wslearn.labs.programs import Program

__all__ = ["Crowd"]

_ATTEMPTS = 5  # ports that are tried when another program was faster
_MOST = 4000  # members of one process


class Crowd(Stoppable):
    """Members of one room of a cluster's chat: a context manager, or call `stop`.

    Parameters
    ----------
    cluster
        Where they go, through its balancer.
    processes
        In how many processes they live.

    Raises
    ------
    UsageError
        When the cluster has no chat, or is stopped.

    Examples
    --------
    >>> from wslearn.labs.cluster import cluster
    >>> with cluster(nodes=2) as c, Crowd(c) as crowd:
    ...     crowd.join(6)
    ...     crowd.say(10, rate=100)
    ...     crowd.report().exact, crowd.report().least
    (True, 10)
    """

    def __init__(self, cluster: Cluster, processes: int = 1) -> None:
        if "chat" not in cluster.apps:
            raise UsageError('These members chat. Start a cluster with the chat: cluster(app="chat")')
        self._cluster = cluster
        self._said = 0
        self._room = f"r-{secrets.token_hex(4)}"
        self._programs: list[Program] = []
        self._ports: list[int] = []
        try:
            for _ in range(processes):
                self._launch()
            for at in range(processes):
                self._await_ready(at)
        except BaseException:
            self.stop()
            raise

    def _launch(self) -> None:
        port, name = free_port(), f"crowd-{secrets.token_hex(3)}"
        argv = ["-m", "wslearn.labs.crowd.crowd", "--port", str(port), "--name", f"{name[6:]}-"]
        self._programs.append(self._cluster.programs.start(name, [sys.executable, *argv]))
        self._ports.append(port)

    def _await_ready(self, at: int) -> None:
        for attempt in range(_ATTEMPTS):
            port, program = self._ports[at], self._programs[at]
            try:
                wait_until(partial(answers, port, "/crowd/report", program.pid), program, "it answered")
                return
            except UsageError as error:
                if "Cannot listen" not in str(error) or attempt == _ATTEMPTS - 1:
                    raise
                self._launch()  # on another port, in place of this one
                self._programs[at], self._ports[at] = self._programs.pop(), self._ports.pop()

    def _ask(self, target: str, told: list[dict[str, Any]] | None = None) -> list[Any]:
        """Ask all processes at once."""
        each: list[Any] = [None] * len(self._ports) if told is None else told
        with ThreadPoolExecutor(max(1, len(self._ports))) as pool:
            return list(pool.map(lambda port, words: ask(port, target, words), self._ports, each))

    def _share(self, number: int) -> list[int]:
        """Share a number out."""
        processes = len(self._ports)
        return [number // processes + (at < number % processes) for at in range(processes)]

    def join(
        self,
        count: int,
        *,
        base: float = 0.5,
        cap: float = 5.0,
        jitter: bool = True,
        at_once: int = 50,
        wait: bool = True,
    ) -> None:
        """Let so many more members come.

        Parameters
        ----------
        count
            How many.
        base, cap
            Seconds: how long they wait before they come back, see `wslearn.backoff`.
        jitter
            Whether each waits a random part of that, or all of them all of it.
        at_once
            How many come at the same time; of 1, each comes when the one before is there.
        wait
            Whether to wait until all are there.
        """
        if not 0 < count <= (most := _MOST * len(self._ports)):
            raise UsageError(f"This crowd takes 1 to {most:,} members at a time, not {count!r}.")
        files = self._cluster.balancer.certificates
        common = {
            "url": self._cluster.url_of("/chat"),
            "room": self._room,
            "base": base,
            "cap": cap,
            "jitter": jitter,
            "at_once": at_once,
            "authority": str(files.authority) if files else None,
        }
        before = self.report().members
        self._ask("/crowd/join", [{**common, "count": share} for share in self._share(count)])
        if wait:
            self.await_all(before + count)

    def await_all(self, count: int | None = None, seconds: float = 30.0) -> None:
        """Wait until all members are connected, or `count` of them."""

        def there() -> bool:
            report = self.report()
            return report.connected >= (report.members if count is None else count)

        wait_for(there, "all members were connected", seconds)

    def say(
        self, messages: int, rate: float, *, speakers: int = 10, wait: bool = True, seconds: float = 30.0
    ) -> None:
        """Let some members say something in turn.

        Parameters
        ----------
        messages
            How many messages, of all speakers together.
        rate
            How many in a second.
        speakers
            How many members speak.
        wait
            Whether to wait until every member has seen all messages.
        seconds
            How long that may take beyond the time of speaking.
        """
        told = [
            {"messages": share, "rate": rate * share / messages, "speakers": max(1, by)}
            for share, by in zip(self._share(messages), self._share(speakers), strict=True)
        ]
        self._ask("/crowd/say", told)
        self._said += messages
        if wait:
            self.await_heard(seconds + messages / rate)

    def await_heard(self, seconds: float = 30.0) -> None:
        """Wait until every member has seen all that was said."""
        wait_for(lambda: self.report().least >= self._said, "all had seen all messages", seconds)

    def report(self) -> Report:
        """Ask how they are."""
        told = self._ask("/crowd/report")

        def total(name: str) -> int:
            return sum(each[name] for each in told)

        nodes: Counter[str] = sum((Counter(each["nodes"]) for each in told), Counter())
        return Report(
            total("members"),
            nodes,
            min(each["least"] for each in told),
            max(each["most"] for each in told),
            *map(total, ("unconfirmed", "lost", "repeated", "different", "refused")),
        )

    def details(self) -> Details:
        """Ask what they noticed."""
        told = self._ask("/crowd/details")
        room: dict[int, str] = {}
        seen = [(number, message_id) for each in told for number, message_id in each["room"]]
        different = {at for at, message_id in seen if room.setdefault(at, message_id) != message_id}
        return Details(
            dict(sorted(room.items())),
            len(different),
            tuple(sorted(latency / 1e6 for each in told for latency in each["latencies"])),
            tuple(sorted((gone, back, code) for each in told for gone, back, code in each["returns"])),
            tuple(sorted(at for each in told for at in each["attempts"])),
        )

    def keep_every(self, number: int) -> None:
        """Let all go but the first one, and each so-manieth after it, of each process."""
        self._ask("/crowd/thin", [{"keep": number} for _ in self._ports])

    def leave(self) -> None:
        """Let all members go, forget what they noticed, and take another room for the next ones."""
        self._ask("/crowd/leave", [{} for _ in self._ports])
        self._said, self._room = 0, f"r-{secrets.token_hex(4)}"

    def stop(self) -> None:
        """End its processes. A second call does nothing."""
        for program in self._programs:
            program.kill()
