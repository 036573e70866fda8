"""Reconnecting: when to try again, and how to go on where it broke off (RFC 6455 §7.2.3).

::

    attempt    waits a random part of        a cap of 30 s
    0          base                          0.5 s
    1          2 · base                      1 s
    2          4 · base                      2 s
    …          …                             …
    6 and on   the cap                       30 s

A new connection knows nothing of the one before it. So whoever must not lose an event gives each one a
number: the client remembers the last number that it has seen and says it when it comes back, the server
sends again what came after it. `Replay` is the server's side of that, `fresh` the client's.
"""

from __future__ import annotations

import secrets
from collections import deque
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Generic, TypeVar

from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Replay", "backoff", "fresh"]

T = TypeVar("T")

_MOST_DOUBLINGS = 1023  # 2.0 ** 1024 is no float; by then every cap is reached
_random = secrets.SystemRandom().random


def backoff(
    attempt: int,
    base: float = 0.5,
    cap: float = 30.0,
    random: Callable[[], float] = _random,
) -> float:
    """Say how long to wait before connecting again: exponential backoff with full jitter (RFC 6455 §7.2.3).

    §7.2.3 asks for a random delay before the first attempt already, and for longer ones after it by "a
    method such as truncated binary exponential backoff": thousands of clients that lose one server must
    not come back to it in the same moment, and again in the same moment after each doubling.

    Parameters
    ----------
    attempt
        How many attempts have failed since the connection was lost: 0 before the first.
    base
        Seconds: the most that the first attempt waits. §7.2.3 calls 0 to 5 reasonable.
    cap
        Seconds: the most that any attempt waits.
    random
        Gives a number from 0 to 1, another one each time.

    Returns
    -------
    float
        Seconds, anywhere from 0 to ``min(cap, base * 2**attempt)``.

    Raises
    ------
    UsageError
        For a negative attempt, or a base or cap that is negative or not finite.

    Examples
    --------
    >>> [backoff(attempt, random=lambda: 1) for attempt in (0, 1, 2, 3, 10, 10**6)]
    [0.5, 1.0, 2.0, 4.0, 30.0, 30.0]
    >>> 0 <= backoff(3) <= 4
    True
    """
    if attempt < 0 or not 0 <= base < inf or not 0 <= cap < inf:
        raise UsageError(
            f"Attempts count from 0, base and cap are seconds: not attempt {attempt}, {base} s, {cap} s."
        )
    return random() * min(cap, base * 2.0 ** min(attempt, _MOST_DOUBLINGS))


def fresh(last: int, events: Iterable[tuple[int, T]]) -> tuple[int, list[T]]:
    """Take what is new of numbered events: nothing lost, and nothing twice.

    Parameters
    ----------
    last
        The number of the last event that was taken before; 0 for none.
    events
        Pairs of a number and a payload, in the order of their numbers. Those up to `last` are dropped:
        after a reconnect a server may well send what was seen already.

    Returns
    -------
    tuple of int and list
        The new `last`, and the payloads that were not seen before.

    Raises
    ------
    UsageError
        When a number is missing. Then `last` holds still: ask again for everything after it, or for the
        present state instead.

    Examples
    --------
    >>> fresh(2, [(2, "b"), (3, "c"), (4, "d")])
    (4, ['c', 'd'])
    >>> fresh(4, [(7, "g")])
    Traceback (most recent call last):
    wslearn.errors.UsageError: Events 5 to 6 are missing: ask again for everything after 4.
    """
    seen = last
    new = []
    for number, payload in events:
        if number > seen + 1:
            lost = f"Event {seen + 1} is" if number == seen + 2 else f"Events {seen + 1} to {number - 1} are"
            raise UsageError(f"{lost} missing: ask again for everything after {last}.")
        if number == seen + 1:
            new.append(payload)
            seen = number
    return seen, new


class Replay(Generic[T]):
    """The last events that a server sent, numbered, so that whoever missed some can have them again.

    Parameters
    ----------
    keep
        How many events are kept; older ones are forgotten.
    last
        The number of the last event before this. A server that starts again and keeps its numbers goes on
        behind them; were it to count from 1 anew, a client would take new events for old ones.

    Raises
    ------
    UsageError
        When `keep` is below 1 or `last` is negative.

    Examples
    --------
    >>> replay = Replay[str](keep=3)
    >>> [replay.append(goal) for goal in ("1:0", "1:1", "2:1", "2:2")]
    [(1, '1:0'), (2, '1:1'), (3, '2:1'), (4, '2:2')]
    >>> replay.missed(2)
    [(3, '2:1'), (4, '2:2')]
    >>> replay.missed(0) is None  # (1, '1:0') is forgotten
    True
    """

    __slots__ = ("_kept", "last")

    def __init__(self, keep: int = 1000, last: int = 0) -> None:
        if keep < 1 or last < 0:
            raise UsageError(f"Keep at least one event, and count from 0 or above: not {keep} from {last}.")
        self._kept: deque[T] = deque(maxlen=keep)
        self.last = last

    def append(self, payload: T) -> tuple[int, T]:
        """Keep an event, and give it with its number, as it is to be sent."""
        self._kept.append(payload)
        self.last += 1
        return self.last, payload

    def missed(self, last: int) -> list[tuple[int, T]] | None:
        """Give every event after number `last`, in order.

        Returns
        -------
        list of events, or None
            ``None`` when some of them are forgotten, or when no event has had the number `last` yet: what
            the client then needs is the present state, and the number that belongs to it, `self.last`.
        """
        count = self.last - last
        if not 0 <= count <= len(self._kept):
            return None
        return list(enumerate(islice(self._kept, len(self._kept) - count, None), last + 1))
