"""The single things that a `Tap` records, and the memory that it has for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from wslearn.connection import Role

__all__ = ["Budget", "End", "How", "Record"]

How = Literal["FIN", "RST"]

_COST = 512  # bytes that a record, or a connection without any, takes beside its data; rounded up


@dataclass(frozen=True, slots=True)
class Record:
    """Bytes that arrived at the tap together.

    TCP is a stream: where one record ends and the next begins says nothing about frames.

    Parameters
    ----------
    time
        Seconds since the connection began.
    direction
        Who sent them: ``"client"`` or ``"server"``.
    data
        The bytes.

    Examples
    --------
    >>> Record(0.25, "client", b"Hello").data
    b'Hello'
    """

    time: float
    direction: Role
    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """One side sends no more.

    Parameters
    ----------
    time
        Seconds since the connection began.
    direction
        Whose sending ended.
    how
        ``"FIN"``: it said so. ``"RST"``: it gave the connection up; so do hosts whose program is gone.
    """

    time: float
    direction: Role
    how: How


class Budget:
    """The memory that all captures of a tap share.

    Parameters
    ----------
    size
        In bytes.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self.dropped = 0

    def take(self, size: int) -> bool:
        """Take `size` bytes, and what they cost beside; ``False`` when there are not so many left."""
        if self._left < size + _COST:
            return False
        self._left -= size + _COST
        return True
