"""How long and how much an endpoint bears with its peer (RFC 6455 §10.4)."""

from __future__ import annotations

from dataclasses import dataclass

from wslearn.errors import UsageError
from wslearn.messages import MAX_MESSAGE_SIZE

__all__ = ["Bucket", "Limits", "take_token"]

_MAY_BE_OFF = frozenset({"ping_interval", "ping_timeout", "max_message_rate"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much an endpoint bears with its peer; ``None`` switches pings or the rate limit off.

    Parameters
    ----------
    max_message_size
        Bytes of one message, inflated; more fails the connection with 1009.
    max_queue
        Messages that wait for the application before this side stops reading. It stops sooner when they
        hold more than `max_message_size` together, or when the application waits for a slow peer.
    open_timeout
        Seconds for the opening handshake.
    close_timeout
        Seconds for the closing handshake; then the TCP connection is dropped.
    ping_interval
        Seconds between two pings of this side; `ping_timeout`, where that is longer.
    ping_timeout
        Seconds that a pong may take; then the connection is failed with 1011.
    max_message_rate
        Messages in a second, over time; more fails the connection with 1008. Pings and pongs count, too.
    max_message_burst
        How many of them may come at once, or sooner than that, before the rate counts.

    Raises
    ------
    UsageError
        For a limit that is not above zero.
    """

    max_message_size: int = MAX_MESSAGE_SIZE
    max_queue: int = 1024
    open_timeout: float = 10.0
    close_timeout: float = 5.0
    ping_interval: float | None = 20.0
    ping_timeout: float | None = 20.0
    max_message_rate: float | None = None
    max_message_burst: int = 100

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is None and name in _MAY_BE_OFF:
                continue
            if not isinstance(value, int | float) or value <= 0:
                raise UsageError(f"{name} must be above zero, not {value!r}.")


def take_token(tokens: float, elapsed: float, rate: float, burst: float) -> tuple[bool, float]:
    """Take a token from a bucket, if there is one: how a limit on a rate lets short bursts pass.

    The bucket starts full, `burst` tokens; each message takes one, and `rate` come back in every second.
    So over a long time no more than `rate` a second pass, and never more than `burst` at once.

    Parameters
    ----------
    tokens
        How many were left in it.
    elapsed
        Seconds since then.
    rate
        Tokens that come back in a second.
    burst
        Tokens that it holds at most.

    Returns
    -------
    tuple of bool and float
        Whether there was one to take, and how many are left.

    Examples
    --------
    >>> take_token(tokens=0, elapsed=0.5, rate=4, burst=10)
    (True, 1.0)
    >>> take_token(tokens=0.25, elapsed=0, rate=4, burst=10)
    (False, 0.25)
    """
    tokens = min(burst, tokens + elapsed * rate)
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)


class Bucket:
    """The tokens of one connection (RFC 6455 §10.4).

    Parameters
    ----------
    rate, burst
        As in `take_token`.
    now
        Seconds on any clock that never goes back.

    Examples
    --------
    >>> bucket = Bucket(rate=1, burst=2, now=0.0)
    >>> bucket.take(5, now=0.0), bucket.take(5, now=1.0)
    (2, 1)
    """

    __slots__ = ("_burst", "_rate", "_since", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._since = now

    def take(self, count: int, now: float) -> int:
        """Take a token for each of `count` messages; say for how many there was one."""
        elapsed, self._since = now - self._since, now
        for taken in range(count):
            passes, self._tokens = take_token(self._tokens, elapsed, self._rate, self._burst)
            if not passes:
                return taken
            elapsed = 0.0
        return count
