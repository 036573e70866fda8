"""What one connection costs, as the student measured it: what an estimate for millions is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import TYPE_CHECKING, Self

from wslearn.errors import UsageError
from wslearn.labs.filling.filling import Filling
from wslearn.labs.filling.result import size
from wslearn.labs.table import columns, seconds

if TYPE_CHECKING:
    from wslearn.labs.filling.result import Cost, Filled

__all__ = ["Measured", "measure", "measured"]

_NAME = "connection"


@dataclass(frozen=True)
class Measured:
    """What one connection costs a server.

    Parameters
    ----------
    memory
        Bytes of the server's process, while it is idle.
    kernel
        Bytes of the kernel, for the server's end; 0 where that is not known.
    files
        File descriptors.
    handshake
        Seconds of processor time to open it, without TLS.
    message
        Seconds of processor time for a message that comes and its answer.
    delivery
        Seconds of processor time for one of many members to whom the same message is sent.
    ping
        Seconds of processor time for a ping and its pong.

    Raises
    ------
    UsageError
        For a figure that nothing can cost: below zero, or no memory at all.

    Examples
    --------
    >>> mine = Measured(6000, 4500, 1, 90e-6, 12e-6, 8e-6, 30e-6)
    >>> round(mine.receive * 1e6)
    4
    """

    memory: float
    kernel: float
    files: float
    handshake: float
    message: float
    delivery: float
    ping: float

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not isinstance(value, int | float) or not isfinite(value) or value < 0:
                raise UsageError(f"{each.name} is a number from 0 on, not {value!r}.")
        if not self.memory:
            raise UsageError("A connection that takes no memory was not measured.")

    @classmethod
    def of(cls, filled: Filled, talk: Cost, tell: Cost, idle: Cost) -> Self:
        """Put together what a `Filling` measured.

        Parameters
        ----------
        filled
            From its `fill`.
        talk, tell
            From its methods of these names.
        idle
            From its `idle`, with pings.
        """
        return cls(
            memory=filled.memory,
            kernel=filled.kernel or 0.0,
            files=round(filled.files, 2),
            handshake=filled.opening.each,
            message=talk.each,
            delivery=tell.each,
            ping=idle.each,
        )

    @property
    def receive(self) -> float:
        """Seconds of processor time for a message that comes: a message and its answer, less the answer."""
        return max(0.0, self.message - self.delivery)

    def keep(self) -> Self:
        """Keep the figures on this computer, for `measured`, until others are kept."""
        from wslearn.course.measurements import record_measurement

        record_measurement(_NAME, asdict(self))
        return self

    def __repr__(self) -> str:
        figures = [
            ("memory of the process", size(self.memory)),
            ("memory of the kernel", size(self.kernel)),
            ("descriptors", f"{self.files:g}"),
            ("handshake", seconds(self.handshake)),
            ("message and answer", seconds(self.message)),
            ("delivery to one of many", seconds(self.delivery)),
            ("ping and pong", seconds(self.ping)),
        ]
        return "\n".join(columns([("one connection", ""), *figures]))


def measured() -> Measured | None:
    """Give the figures that were kept last, or ``None`` when there are none yet.

    Examples
    --------
    >>> Measured(6000, 4500, 1, 90e-6, 12e-6, 8e-6, 30e-6).keep() == measured()
    True
    """
    from wslearn.course.measurements import measurement

    figures = measurement(_NAME)
    try:
        return None if figures is None else Measured(**figures)  # type: ignore[arg-type]
    except (TypeError, UsageError):  # kept by another version of this
        return None


def measure(connections: int = 1000) -> Measured:
    """Measure all of it on this machine, in a few seconds: see `Filling`.

    Parameters
    ----------
    connections
        How many are opened, 200 or more.

    Raises
    ------
    UsageError
        As `Filling.fill` does.
    """
    with Filling() as plain:
        filled, talk, tell = plain.fill(connections), plain.talk(40), plain.tell()
    with Filling(ping_interval=0.5) as pinging:
        pinging.fill(connections)
        return Measured.of(filled, talk, tell, pinging.idle(1.2))
