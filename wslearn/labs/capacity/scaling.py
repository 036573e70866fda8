"""Four questions of whoever has more than one node: which one, whose room, how many, how fast they come."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["busiest_second", "home_of", "least_connections", "nodes_needed"]


def least_connections(open_now: Mapping[str, int]) -> str:
    """Choose the node for a new connection: the one that holds the fewest.

    Parameters
    ----------
    open_now
        How many connections each node holds. Of those with as few, the first named is taken.

    Raises
    ------
    UsageError
        When there is no node.

    Examples
    --------
    >>> least_connections({"a": 7, "b": 2, "c": 2})
    'b'
    """
    if not open_now:
        raise UsageError("There is no node to connect to.")
    return min(open_now, key=lambda node: open_now[node])


def home_of(room: str, nodes: Sequence[str]) -> str:
    """Say on which node a room is at home, by rendezvous hashing.

    Whoever knows the names of the nodes gets the same answer, without asking anybody. When a node goes,
    only its own rooms move; when one comes, only those that move to it.

    Parameters
    ----------
    room
        Its name.
    nodes
        Names of the nodes, in any order.

    Returns
    -------
    str
        The node whose SHA-256 of ``"node room"``, in UTF-8, is the largest.

    Raises
    ------
    UsageError
        When there is no node.

    Examples
    --------
    >>> [home_of(f"room-{number}", ["a", "b", "c"]) for number in range(6)]
    ['c', 'a', 'b', 'a', 'b', 'a']
    """
    if not nodes:
        raise UsageError("There is no node where a room could be.")
    return max(nodes, key=lambda node: hashlib.sha256(f"{node} {room}".encode()).digest())


def nodes_needed(connections: int, holds: Mapping[str, int]) -> tuple[int, str]:
    """Say how many nodes are needed, and what it is that makes it so many.

    Parameters
    ----------
    connections
        How many there are to hold.
    holds
        How many one node holds as far as its memory goes, its processor, and so on. It holds no more than
        the least of them; of those that are as small, the first named is the reason.

    Returns
    -------
    tuple of int and str
        Nodes, one of which may fail without the others becoming too full; and what binds.

    Raises
    ------
    UsageError
        When a node holds none.

    Examples
    --------
    >>> nodes_needed(1_000_000, {"memory": 500_000, "processor": 300_000})
    (5, 'processor')
    """
    binds = min(holds, key=lambda name: holds[name])
    if holds[binds] < 1:
        raise UsageError(f"A node holds no connection at all: its {binds} is too small.")
    return -(-connections // holds[binds]) + 1, binds


def busiest_second(moments: Sequence[int]) -> int:
    """Count the most things that happen within any one second.

    Parameters
    ----------
    moments
        When each happens, in milliseconds, in any order. What happens 1,000 ms later is in the next second.

    Examples
    --------
    >>> busiest_second([0, 900, 1_100, 1_500, 1_899, 1_900])
    4
    """
    ordered = sorted(moments)
    most = first = 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= 1000:
            first += 1
        most = max(most, last - first + 1)
    return most
