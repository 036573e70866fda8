"""What a crowd tells: how it is, and what it noticed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter

__all__ = ["Details", "Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """How a crowd is.

    Parameters
    ----------
    members
        How many there are.
    nodes
        How many are connected to each node.
    least, most
        The number of the last message that the one who is furthest behind has seen, and the one furthest
        ahead.
    unconfirmed
        Messages that were said and not yet seen by those who said them.
    lost, repeated, different
        Messages that a member did not get, got twice, or got with another content than others did.
    refused
        Attempts to connect that failed.
    """

    members: int
    nodes: Counter[str]
    least: int
    most: int
    unconfirmed: int
    lost: int
    repeated: int
    different: int
    refused: int

    @property
    def connected(self) -> int:
        """How many are connected."""
        return self.nodes.total()

    @property
    def exact(self) -> bool:
        """Whether nothing was lost, nothing came twice, and all got the same."""
        return not (self.lost or self.repeated or self.different)


@dataclass(frozen=True, slots=True)
class Details:
    """What a crowd noticed.

    Parameters
    ----------
    room
        The id of each message, by its number.
    different
        Numbers under which two processes saw different messages.
    latencies
        Seconds from the speaker to a member, for each message and member, the shortest first.
    returns
        For each cut: when it was and when the member was back, in seconds as `time.time` counts them, and
        the close code that it was told, 1006 for none.
    attempts
        When members tried to connect, the first one first.
    """

    room: dict[int, str]
    different: int
    latencies: tuple[float, ...]
    returns: tuple[tuple[float, float, int], ...]
    attempts: tuple[float, ...]
