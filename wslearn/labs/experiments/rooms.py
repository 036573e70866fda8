"""One chat room, whose members are on all nodes: who hears what, how often, and how soon."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.crowd.crowds import Crowd
from wslearn.labs.experiments.drawn import Drawn
from wslearn.labs.table import seconds
from wslearn.spans import count

if TYPE_CHECKING:
    from wslearn.labs.cluster import Cluster

__all__ = ["RoomRun", "one_room"]

_MOST = {"members": 2000, "messages": 1000, "rate": 5000}
_QUIET = 0.5  # seconds without news after which nothing more will come
_PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class RoomRun:
    """What the members of one room heard.

    Parameters
    ----------
    members
        How many on each node.
    messages
        How many were said.
    heard
        How many messages the members had heard in the end: the one who heard fewest, and the one who heard
        most.
    took
        Seconds from the first message said to the last one heard.
    latencies
        Seconds from a speaker to a member, for each message and member, the shortest first.
    lost, repeated, different
        Messages that a member missed among those it heard, heard twice, or heard under a number that
        another message has for others.
    """

    members: dict[str, int]
    messages: int
    heard: tuple[int, int]
    took: float
    latencies: tuple[float, ...]
    lost: int
    repeated: int
    different: int

    @property
    def exact(self) -> bool:
        """Whether each member heard each message exactly once, in the same order as all others."""
        whole = self.heard == (self.messages, self.messages)
        return whole and not (self.lost or self.repeated or self.different)

    @property
    def rate(self) -> float:
        """Messages in a second, as measured."""
        return self.messages / self.took

    @property
    def deliveries(self) -> float:
        """Messages to members in a second, as measured."""
        return len(self.latencies) / self.took

    @property
    def p50(self) -> float:
        """Half of the messages reached a member within so many seconds."""
        return self.latencies[len(self.latencies) // 2]

    @property
    def p99(self) -> float:
        """Ninety-nine of a hundred messages reached a member within so many seconds."""
        return self.latencies[len(self.latencies) * 99 // 100]

    @property
    def drawn(self) -> Drawn:
        """How it is shown."""
        least, most = self.heard
        rows = [
            ("", "measured"),
            ("members", ", ".join(f"{name} {number:,}" for name, number in self.members.items())),
            ("messages said", f"{self.messages:,}"),
            ("heard by each", f"{least:,}" if least == most else f"{least:,} to {most:,}"),
            ("said in a second", f"{self.rate:,.0f}"),
            ("heard in a second", f"{self.deliveries:,.0f}"),
            ("latency p50", seconds(self.p50)),
            ("latency p99", seconds(self.p99)),
        ]
        total = sum(self.members.values())
        verdict = (
            ("✓", "exactly once", f"All {count(total, 'member')} heard every message once, in one order.")
            if self.exact
            else ("✗", "not one room", "Not everyone heard everything, or not the same.")
        )
        hues = ["opcode", *["flags"] * 4, "length", "length"]
        return Drawn("One room", f"on {count(len(self.members), 'node')}", rows, hues, verdict)

    def __repr__(self) -> str:
        return self.drawn.text

    def _repr_html_(self) -> str:
        return self.drawn.html


def one_room(cluster: Cluster, members: int = 30, messages: int = 300, rate: float = 200.0) -> RoomRun:
    """Let the members of one room speak, and see what each of them hears.

    Parameters
    ----------
    cluster
        With the chat. Without a backplane each node has a room of its own by that name.
    members
        How many, shared out by the balancer; ten of them speak in turn.
    messages
        How many, of all speakers together; 1,000 at most, which is what a room keeps.
    rate
        How many in a second.

    Raises
    ------
    UsageError
        For a cluster or a number that cannot work.
    """
    for name, value in (("members", members), ("messages", messages), ("rate", rate)):
        if not 1 <= value <= _MOST[name]:
            raise UsageError(f"{name} is a number from 1 to {_MOST[name]:,}, not {value!r}.")
    with Crowd(cluster) as crowd:
        crowd.join(members)
        on_nodes = cluster.stats().open
        begun = time.monotonic()
        crowd.say(messages, rate, wait=False)
        took = _await_quiet(crowd, messages) - begun
        report, details = crowd.report(), crowd.details()
    return RoomRun(
        on_nodes,
        messages,
        (report.least, report.most),
        took,
        details.latencies,
        report.lost,
        report.repeated,
        report.different,
    )


def _await_quiet(crowd: Crowd, messages: int) -> float:
    """Wait until all heard everything, or nothing more comes; give the time of the last news."""
    before, since = crowd.report(), time.monotonic()
    until = since + _PATIENCE
    while time.monotonic() < until:
        time.sleep(0.02)
        now = crowd.report()
        if now != before:
            before, since = now, time.monotonic()
        if now.least >= messages or (now.most and not now.unconfirmed and time.monotonic() > since + _QUIET):
            return since
    return since
