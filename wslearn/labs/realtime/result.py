"""What was measured: one row for each way, and the proof that all of them delivered the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wslearn.labs.realtime.chart import chart_html
from wslearn.labs.realtime.table import table
from wslearn.labs.table import columns

if TYPE_CHECKING:
    from wslearn.labs.realtime.wire import Counts

__all__ = ["Arrival", "Measured", "Result"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event at the first client of a way.

    Parameters
    ----------
    number
        Which one.
    happened, arrived
        Seconds since the stream began.
    """

    number: int
    happened: float
    arrived: float


@dataclass(frozen=True)
class Measured:
    """What one way cost.

    Parameters
    ----------
    name
        The way.
    clients
        How many clients.
    delivered
        Events that arrived, at all clients together.
    opening
        What was sent and opened before the stream began.
    counts
        What was sent and opened from then on.
    held
        TCP connections that were open when it ended.
    latencies
        Seconds from the event to the client that has it, for each that arrived, the shortest first.
    cpu
        Seconds of processor time that the server spent; ``None`` when several ways ran on it at once.
    seconds
        How long it was measured.
    digests
        What stands for the events that each client got, once for each different one.
    arrivals
        Those at the first client.
    """

    name: str
    clients: int
    delivered: int
    opening: Counts
    counts: Counts
    held: int
    latencies: tuple[float, ...]
    cpu: float | None
    seconds: float
    digests: frozenset[str]
    arrivals: tuple[Arrival, ...] = field(default=(), repr=False)

    def latency(self, share: float) -> float | None:
        """Give the latency, in seconds, that this share of the events stayed at or below.

        Examples
        --------
        >>> from wslearn.labs.realtime.wire import Counts
        >>> counts = Counts()
        >>> Measured("x", 1, 4, counts, counts, 1, (1.0, 2.0, 3.0, 9.0), 0.1, 1.0, frozenset()).latency(0.5)
        2.0
        """
        if not self.latencies:
            return None
        return self.latencies[max(0, -int(-share * len(self.latencies) // 1) - 1)]

    @property
    def p50(self) -> float | None:
        """Half of the events arrived within so many seconds."""
        return self.latency(0.50)

    @property
    def p99(self) -> float | None:
        """Ninety-nine of a hundred events arrived within so many seconds."""
        return self.latency(0.99)

    def each(self, amount: float | None) -> float | None:
        """Divide by the events that arrived; where none did, by the seconds that all clients waited."""
        if amount is None:
            return None
        return amount / (self.delivered or self.clients * self.seconds)

    @property
    def up(self) -> float | None:
        """Bytes to the server, see `each`."""
        return self.each(self.counts.up)

    @property
    def down(self) -> float | None:
        """Bytes from the server, see `each`."""
        return self.each(self.counts.down)

    @property
    def requests(self) -> float | None:
        """Requests, see `each`."""
        return self.each(self.counts.requests)

    @property
    def cpu_each(self) -> float | None:
        """Seconds of the server's processor, see `each`."""
        return self.each(self.cpu)


@dataclass(frozen=True)
class Result:
    """The ways beside each other: shown as a chart and a table.

    Parameters
    ----------
    title
        What was compared.
    ways
        What each way cost.
    expected
        The digest of the events as they should arrive; empty where it was not about events.
    unit
        What arrived: ``"event"`` or ``"message"``.
    """

    title: str
    ways: tuple[Measured, ...]
    expected: str = ""
    unit: str = "event"

    def __getitem__(self, name: str) -> Measured:
        for way in self.ways:
            if way.name == name:
                return way
        raise KeyError(f"{name!r} was not measured; {', '.join(way.name for way in self.ways)} were.")

    @property
    def same(self) -> bool:
        """Whether every client of every way got exactly the events that happened, each once, in order."""
        return all(way.digests == {self.expected} for way in self.ways)

    @property
    def verdict(self) -> tuple[str, str, str]:
        """A mark, a word and a sentence about that."""
        if not self.expected:
            return "✓", "answered", "Every message was answered."
        clients = sum(way.clients for way in self.ways)
        if self.same:
            if not any(way.delivered for way in self.ways):
                return "✓", "idle", f"Nothing happened, and {clients:,} clients waited for it."
            return (
                "✓",
                "the same",
                f"Each of {clients:,} clients got exactly the events that happened, in order.",
            )
        wrong = ", ".join(way.name for way in self.ways if way.digests != {self.expected})
        return "✗", "not the same", f"Not every client got exactly the events that happened: {wrong}."

    def __repr__(self) -> str:
        mark, _, sentence = self.verdict
        return "\n".join([self.title, *columns(table(self.ways, self.unit)), f"{mark} {sentence}"])

    def _repr_html_(self) -> str:
        return chart_html(self)
