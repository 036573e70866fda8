"""A node is killed, and all its clients come back: all at once, or each at a moment of its own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.crowd.crowds import Crowd
from wslearn.labs.experiments.drawn import Drawn
from wslearn.labs.experiments.histogram import bins, histogram, sparkline
from wslearn.labs.experiments.restoring import check_fit, policy_of, restored
from wslearn.labs.table import seconds
from wslearn.spans import count

if TYPE_CHECKING:
    from wslearn.labs.cluster import Cluster

__all__ = ["Storm", "Storms", "storm"]

_BIN = 0.05  # seconds
_MOST = 4000
_LONGEST = 10.0  # seconds
_RATE = 5.0  # messages in a second, while it goes on


@dataclass(frozen=True)
class Storm:
    """How the clients of a node that was killed came back.

    Parameters
    ----------
    clients
        How many it had.
    jitter
        Whether each of them waited a random part of the time, or all of it.
    wait
        Seconds: that time.
    attempts
        When they tried to connect again, in seconds since it was killed, the first one first.
    handshakes
        When the other nodes had accepted them.
    away
        Seconds that each client was away, the shortest first.
    refused
        Attempts that failed.
    messages
        How many were said in the room meanwhile.
    lost, repeated
        How many of these a client did not get, or got twice; of all clients together.
    """

    clients: int
    jitter: bool
    wait: float
    attempts: tuple[float, ...]
    handshakes: tuple[float, ...]
    away: tuple[float, ...]
    refused: int
    messages: int
    lost: int
    repeated: int

    @property
    def name(self) -> str:
        """What they did, in words."""
        return f"0 to {self.wait:g} s" if self.jitter else f"{self.wait:g} s"

    @property
    def peak(self) -> int:
        """The most attempts within 50 ms."""
        return max(bins(self.attempts, _BIN, self.all_back + _BIN))

    @property
    def busiest(self) -> int:
        """The most handshakes within 50 ms: what the nodes and the balancer could bear."""
        return max(bins(self.handshakes, _BIN, self.all_back + _BIN))

    @property
    def all_back(self) -> float:
        """Seconds from the kill to the last handshake."""
        return self.handshakes[-1]


@dataclass(frozen=True)
class Storms:
    """Several storms on one scale: a table, and a histogram each.

    Parameters
    ----------
    storms
        In the order in which they were.
    """

    storms: tuple[Storm, ...]

    def __getitem__(self, at: int) -> Storm:
        return self.storms[at]

    def __add__(self, other: Storms) -> Storms:
        return Storms(self.storms + other.storms)

    @property
    def exact(self) -> bool:
        """Whether every client got every message once."""
        return not any(each.lost or each.repeated for each in self.storms)

    @property
    def _length(self) -> float:
        return max(each.all_back for each in self.storms) + 2 * _BIN

    @property
    def _most(self) -> int:
        return max(max(each.peak, each.busiest) for each in self.storms)

    def _attempts(self, storm: Storm) -> list[int]:
        return bins(storm.attempts, _BIN, self._length)

    @property
    def drawn(self) -> Drawn:
        """How it is shown."""
        heads = (
            *("wait", "clients", "tried in 50 ms", "accepted in 50 ms"),
            *("away p50", "all back", "refused", "lost", "repeated"),
        )
        rows = [
            (
                each.name,
                f"{each.clients:,}",
                f"{each.peak:,}",
                f"{each.busiest:,}",
                seconds(each.away[len(each.away) // 2]),
                seconds(each.all_back),
                *(f"{number:,}" for number in (each.refused, each.lost, each.repeated)),
            )
            for each in self.storms
        ]
        hues = ["payload" if each.jitter else "fault" for each in self.storms]
        charts = tuple(
            histogram(
                f"each waits {each.name}: attempts in 50 ms, and accepted (line)",
                self._attempts(each),
                _BIN,
                self._most,
                hue,
                bins(each.handshakes, _BIN, self._length),
            )
            for hue, each in zip(hues, self.storms, strict=True)
        )
        said = sum(each.messages for each in self.storms)
        verdict = (
            ("✓", "exactly once", f"Every client got each of the {count(said, 'message')} once, in order.")
            if self.exact
            else ("✗", "not exactly once", "Messages were lost or repeated.")
        )
        return Drawn("A node is killed", "its clients come back", [heads, *rows], hues, verdict, charts)

    def __repr__(self) -> str:
        lines = [f"▕{sparkline(self._attempts(each), self._most)}▏ {each.name}" for each in self.storms]
        return "\n".join([*lines, self.drawn.text])

    def _repr_html_(self) -> str:
        return self.drawn.html


def storm(
    cluster: Cluster,
    clients: int = 1000,
    *,
    jitter: bool | None = True,
    wait: float = 2.0,
    processes: int = 2,
) -> Storms:
    """Put clients on the first node, kill it, and see how they come back to the next one.

    Meanwhile somebody says something in their room, five times a second. Two results can be added, to be
    shown on one scale.

    Parameters
    ----------
    cluster
        With the chat and a backplane, and two nodes or more.
    clients
        How many.
    jitter
        Whether each waits a random part of `wait` before its first attempt (full jitter, as
        `wslearn.backoff` has it), or all of them wait all of it. With ``None`` half of them do the one and
        half the other, in a room of their own: that gives two storms, first the one without.
    wait
        Seconds.
    processes
        In how many processes the clients live.

    Raises
    ------
    UsageError
        For a cluster or a number that cannot work.
    """
    check_fit(cluster, shared=True)
    kinds = (False, True) if jitter is None else (jitter,)
    if not len(kinds) <= clients <= _MOST or not 0.1 <= wait <= _LONGEST:
        raise UsageError(
            f"Take {len(kinds)} to {_MOST:,} clients, and a wait of 0.1 to {_LONGEST:g} s: "
            f"not {clients!r} and {wait!r} s."
        )
    each, messages = clients // len(kinds), round((wait + 1) * _RATE)
    # By this policy all of them are at one node, as if a balancer had filled it, and then all at the next.
    with restored(cluster), policy_of(cluster, "first"), ExitStack() as ending:
        crowds = [ending.enter_context(Crowd(cluster, max(1, processes // len(kinds)))) for _ in kinds]
        for crowd, kind in zip(crowds, kinds, strict=True):
            crowd.join(each, base=wait, cap=max(wait, 5.0), jitter=kind, wait=False)
        for crowd in crowds:
            crowd.await_all(each)
            crowd.say(messages, _RATE, wait=False)
        killed = time.time()
        cluster.nodes[0].kill()
        time.sleep(wait)
        found = [
            _came_back(crowd, kind, wait, messages, killed) for crowd, kind in zip(crowds, kinds, strict=True)
        ]
    return Storms(tuple(found))


def _came_back(crowd: Crowd, jitter: bool, wait: float, messages: int, killed: float) -> Storm:
    crowd.await_all()
    crowd.await_heard()
    report, details = crowd.report(), crowd.details()
    return Storm(
        report.members,
        jitter,
        wait,
        tuple(at - killed for at in details.attempts if at >= killed),
        tuple(sorted(back - killed for _, back, _ in details.returns)),
        tuple(sorted(back - gone for gone, back, _ in details.returns)),
        report.refused,
        messages,
        report.lost,
        report.repeated + report.different + details.different,
    )
