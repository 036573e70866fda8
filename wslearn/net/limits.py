"""How long and how much an endpoint bears with its peer (RFC 6455 §10.4)."""

from __future__ import annotations

from dataclasses import dataclass

from wslearn.errors import UsageError
from wslearn.messages import MAX_MESSAGE_SIZE

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much an endpoint bears with its peer; ``None`` switches the pings off.

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

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is None and name.startswith("ping"):
                continue
            if not isinstance(value, int | float) or value <= 0:
                raise UsageError(f"{name} must be above zero, not {value!r}.")
