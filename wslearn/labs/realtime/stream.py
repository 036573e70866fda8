"""The stream of numbered events that is delivered in four ways: what is in it, and how that is proved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from wslearn.errors import UsageError

__all__ = ["Digest", "Event", "Stream", "write_event"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST = {"rate": 2_000, "count": 100_000, "size": 64 * 1024, "burst": 1_000}


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Parameters
    ----------
    number
        1 for the first.
    at
        When it happened, in nanoseconds by `time.perf_counter_ns`: a clock that all processes of a machine
        share, so that what one of them wrote can be subtracted in another.
    data
        Its content.
    """

    number: int
    at: int
    data: str


@dataclass(frozen=True, slots=True)
class Stream:
    """How events come.

    Parameters
    ----------
    rate
        Events in a second.
    count
        How many there are; 0 for a stream in which nothing happens.
    size
        Characters of each event's data, all of them ASCII.
    burst
        How many happen at one moment; the rate stays as it is, over time.

    Raises
    ------
    UsageError
        For what is not in range.

    Examples
    --------
    >>> Stream(rate=10, count=3, size=8).data(12)
    '12mnopqr'
    """

    rate: float = 10.0
    count: int = 10
    size: int = 64
    burst: int = 1

    def __post_init__(self) -> None:
        for name, least in (("rate", 0.01), ("count", 0), ("size", 1), ("burst", 1)):
            value, whole = getattr(self, name), name != "rate"
            if type(value) is not int and (whole or type(value) is not float):
                raise UsageError(f"{name} is a {'whole ' * whole}number, not {value!r}.")
            if not least <= value <= _MOST[name]:
                raise UsageError(f"{name} is from {least} to {_MOST[name]:,}, not {value!r}.")

    def data(self, number: int) -> str:
        """Give the content of an event: the same in every run, and that of no other number."""
        text = str(number)
        again = self.size // len(_LETTERS) + 2
        return (text + (_LETTERS * again)[number % len(_LETTERS) :])[: self.size]

    @property
    def digest(self) -> str:
        """What `Digest` comes to when every event arrived once, unchanged and in order."""
        digest = Digest()
        for number in range(1, self.count + 1):
            digest.add(number, self.data(number))
        return digest.value


class Digest:
    """A short text that stands for a sequence of events: another for other events, or another order.

    Examples
    --------
    >>> there, back = Digest(), Digest()
    >>> for number in (1, 2):
    ...     there.add(number, "a")
    >>> for number in (2, 1):
    ...     back.add(number, "a")
    >>> there.value == back.value
    False
    """

    __slots__ = ("_hash",)

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=8)

    def add(self, number: int, data: str) -> None:
        """Take in the next event."""
        self._hash.update(f"{number}:{len(data)}:{data}".encode())

    @property
    def value(self) -> str:
        """The text, up to now."""
        return self._hash.hexdigest()


def write_event(event: Event) -> str:
    """Write an event as JSON: what every way carries, byte for byte the same.

    Examples
    --------
    >>> write_event(Event(1, 500, "1bcd"))
    '{"n":1,"at":500,"data":"1bcd"}'
    """
    told = {"n": event.number, "at": event.at, "data": event.data}
    return json.dumps(told, separators=(",", ":"))
