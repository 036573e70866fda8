"""A node is drained: it gets no more clients, those it has are sent away one by one, and nothing is lost."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.crowd.crowds import Crowd
from wslearn.labs.experiments.drawn import Drawn
from wslearn.labs.experiments.histogram import bins, histogram
from wslearn.labs.experiments.restoring import check_fit, restored
from wslearn.labs.table import seconds

if TYPE_CHECKING:
    from wslearn.labs.cluster import Cluster

__all__ = ["Drained", "drain"]

_BIN = 0.1  # seconds
_MOST = 2000
_LONGEST = 30.0  # seconds
_RATE = 20.0  # messages in a second, while it goes on


@dataclass(frozen=True)
class Drained:
    """How the clients of a node moved to the others.

    Parameters
    ----------
    node
        The one that was drained.
    before, after
        The clients of each node.
    closings
        When its clients were sent away, in seconds since it was told to drain, the first one first.
    away
        Seconds that each of them was without a connection, the shortest first.
    codes
        How many clients were told which close code.
    messages
        How many were said in the room meanwhile.
    lost, repeated
        How many of these a client did not get, or got twice; of all clients together.
    """

    node: str
    before: dict[str, int]
    after: dict[str, int]
    closings: tuple[float, ...]
    away: tuple[float, ...]
    codes: Counter[int]
    messages: int
    lost: int
    repeated: int

    @property
    def exact(self) -> bool:
        """Whether every client got every message once."""
        return not (self.lost or self.repeated)

    @property
    def drawn(self) -> Drawn:
        """How it is shown."""
        rows = [
            ("", "clients before", "after"),
            *((name, f"{self.before[name]:,}", f"{self.after[name]:,}") for name in self.before),
        ]
        hues = ["length" if name == self.node else "payload" for name in self.before]
        codes = ", ".join(str(code) for code in sorted(self.codes))
        told = (
            f"{len(self.closings):,} clients were closed with {codes} and were away for "
            f"{seconds(self.away[-1])} at most."
        )
        mark = ("✓", "nothing lost") if self.exact else ("✗", "not exactly once")
        sentence = f"{told} Lost {self.lost:,}, repeated {self.repeated:,} of {self.messages:,} messages."
        counts = bins(self.closings, _BIN, self.closings[-1] + 2 * _BIN)
        chart = histogram(f"closed by {self.node} in 100 ms", counts, _BIN, max(counts), "length")
        return Drawn("A node is drained", self.node, rows, hues, (*mark, sentence), (chart,))

    def __repr__(self) -> str:
        return self.drawn.text

    def _repr_html_(self) -> str:
        return self.drawn.html


def drain(cluster: Cluster, clients: int = 90, spread: float = 1.5) -> Drained:
    """Drain the first node while somebody speaks, and let it take clients again afterwards.

    Parameters
    ----------
    cluster
        With the chat and a backplane, and two nodes or more.
    clients
        How many there are on all nodes.
    spread
        Seconds over which the connections of the node are closed.

    Raises
    ------
    UsageError
        For a cluster or a number that cannot work.
    """
    check_fit(cluster, shared=True)
    if not len(cluster.nodes) <= clients <= _MOST or not 0 <= spread <= _LONGEST:
        raise UsageError(
            f"Take {len(cluster.nodes)} to {_MOST:,} clients, and 0 to {_LONGEST:g} s: "
            f"not {clients!r} and {spread!r} s."
        )
    first = cluster.nodes[0]
    messages = round((spread + 0.8) * _RATE)
    with restored(cluster), Crowd(cluster) as crowd:
        crowd.join(clients, base=0.2)
        before = cluster.stats().open
        crowd.say(messages, _RATE, wait=False)
        told = time.time()
        first.drain(spread)
        crowd.await_all()
        crowd.await_heard()
        after, report, details = cluster.stats().open, crowd.report(), crowd.details()
    return Drained(
        first.name,
        before,
        after,
        tuple(gone - told for gone, _, _ in details.returns),
        tuple(sorted(back - gone for gone, back, _ in details.returns)),
        Counter(code for _, _, code in details.returns),
        messages,
        report.lost,
        report.repeated + report.different,
    )
