"""What is to be compared: how events come, and who waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from wslearn.errors import UsageError
from wslearn.labs.files import allow_files
from wslearn.labs.realtime.stream import Stream

__all__ = ["Plan"]

_RANGES = {"rate": (0.0, 2_000.0), "interval": (0.01, 60.0), "duration": (0.05, 60.0), "clients": (1, 10_000)}
_SPARE_FILES = 100


@dataclass(frozen=True)
class Plan:
    """How events come, and who waits for them.

    Parameters
    ----------
    rate
        Events in a second; 0 for none at all, which shows what waiting costs.
    duration
        Seconds for which they come.
    clients
        How many wait for them, in each way.
    interval
        Seconds from one poll to the next.
    keep_alive
        Whether HTTP requests share a connection (RFC 9112 §9.3).
    size, burst
        As in `Stream`.

    Raises
    ------
    UsageError
        For what is not in range, or more clients than this process may open connections.

    Examples
    --------
    >>> Plan(rate=20, duration=1.5).count
    30
    """

    rate: float = 10.0
    duration: float = 2.0
    clients: int = 10
    interval: float = 1.0
    keep_alive: bool = True
    size: int = 64
    burst: int = 1

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
                raise UsageError(f"{name} is a number from {least:g} to {most:,g}, not {value!r}.")
        if not isinstance(self.clients, int):
            raise UsageError(f"clients is a whole number, not {self.clients!r}.")
        if self.clients > 200 and self.clients + _SPARE_FILES > (files := allow_files()):
            raise UsageError(
                f"This process may open {files} files, and each connection is one. Take fewer clients, or "
                "raise the limit before you start it: ulimit -n 20000"
            )
        self.stream  # noqa: B018 - it checks the rest

    @property
    def count(self) -> int:
        """How many events there are."""
        return round(self.rate * self.duration)

    @property
    def stream(self) -> Stream:
        """The events."""
        return Stream(rate=self.rate or 1.0, count=self.count, size=self.size, burst=self.burst)
