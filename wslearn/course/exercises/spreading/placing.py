"""Lesson 11, `least_connections` and `home_of`: on which node a connection or a room is."""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import UsageError
from wslearn.labs.capacity.scaling import home_of, least_connections

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["HOME_OF", "LEAST_CONNECTIONS"]

LESSON = "11_scaling"
_NAMES = ("node-1", "node-2", "node-3", "node-4", "a", "b", "ä")


def _unless_none(wrong: Callable[..., Any]) -> Callable[..., Any]:
    """Let a wrong function raise the error where there is no node, as whoever was asked to does."""

    @wraps(wrong)
    def written(*args: Any) -> Any:
        if not args[-1]:
            raise UsageError("There is no node.")
        return wrong(*args)

    return written


# ----------------------------------------------------------------------------------- least_connections


def _loads() -> SearchStrategy[tuple[dict[str, int]]]:
    from hypothesis import strategies as st

    return st.tuples(st.dictionaries(st.sampled_from(_NAMES), st.integers(0, 4), min_size=1, max_size=5))


@_unless_none
def _most(open_now: dict[str, int]) -> str:
    return max(open_now, key=lambda node: open_now[node])


@_unless_none
def _first(open_now: dict[str, int]) -> str:
    return next(iter(open_now))


@_unless_none
def _smallest_name(open_now: dict[str, int]) -> str:
    return min(open_now)


@_unless_none
def _last_of_equals(open_now: dict[str, int]) -> str:
    return min(reversed(list(open_now)), key=lambda node: open_now[node])


@_unless_none
def _name_decides(open_now: dict[str, int]) -> str:
    return min(open_now, key=lambda node: (open_now[node], node))


@_unless_none
def _number(open_now: dict[str, int]) -> int:
    return min(open_now.values())


@_unless_none
def _not_the_empty_one(open_now: dict[str, int]) -> str:
    return min(open_now, key=lambda node: open_now[node] or 10**9)


@_unless_none
def _below_a_bound(open_now: dict[str, int]) -> str:
    node, fewest = "", 1000
    for each, number in open_now.items():
        if number < fewest:
            node, fewest = each, number
    return node


LEAST_CONNECTIONS = Exercise(
    model=least_connections,
    lesson=LESSON,
    section="RFC 6455 §1.1",
    examples=(
        ({"a": 1},),
        ({"a": 2, "b": 1},),
        ({"a": 1, "b": 2},),
        ({"b": 3, "a": 3},),
        ({"a": 3, "b": 3},),
        ({"a": 5, "b": 0, "c": 4},),
        ({"c": 5, "b": 2, "a": 2},),
        ({"node-1": 120, "node-2": 120, "node-3": 0},),
        ({"node-1": 2_000_000_000, "node-2": 1_500_000_000},),
        ({},),
    ),
    inputs=_loads,
    hints=(
        "Go through the nodes, and keep the one that has the fewest so far.",
        "`min` takes a `key`: what to compare instead of the things themselves.",
        "Going through a dict gives its keys, the names. What is to be compared is `open_now[name]`.",
        (
            "`min` gives the first of those that are equal, which is what is asked for. An empty dict needs"
            " the error."
        ),
    ),
    misconceptions=(
        Misconception(
            "the name instead of the number",
            "You compare the names of the nodes. A dict gives its keys when you go through it; compare what "
            "stands behind them.",
            _smallest_name,
        ),
        Misconception(
            "always the first",
            "You take the first node, however full it is. Then all connections are on one node, and the "
            "others idle.",
            _first,
        ),
        Misconception(
            "the fullest",
            "You take the node with the most connections. The full one gets fuller, and stays so.",
            _most,
        ),
        Misconception(
            "the number given back",
            "You give the number of connections. Asked for is the node that has so few: its name.",
            _number,
        ),
        Misconception(
            "an empty node passed over",
            "You pass over the node that has none. Zero is the fewest there can be: a node that has just "
            "started is where the next ones belong.",
            _not_the_empty_one,
        ),
        Misconception(
            "fuller than the first guess",
            "You begin with a number that you take for large, and look for a smaller one. Where all nodes "
            "hold more, none is found: begin with the first node.",
            _below_a_bound,
        ),
        Misconception(
            "the last of those that are equal",
            "Of nodes with as few you take the last one. Here the first named is asked for.",
            _last_of_equals,
        ),
        Misconception(
            "names decide between equals",
            "Of nodes with as few you take the one whose name comes first in the alphabet. Here the first "
            "named in the dict is asked for.",
            _name_decides,
        ),
    ),
)


# --------------------------------------------------------------------------------------------- home_of


def _rooms() -> SearchStrategy[tuple[str, list[str]]]:
    from hypothesis import strategies as st

    nodes = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=5, unique=True)
    return st.tuples(st.text(alphabet="lobyé€ 12", max_size=6), nodes)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@_unless_none
def _modulo(room: str, nodes: list[str]) -> str:
    return nodes[int.from_bytes(_digest(room), "big") % len(nodes)]


@_unless_none
def _python_s_hash(room: str, nodes: list[str]) -> str:
    return nodes[hash(room) % len(nodes)]


@_unless_none
def _least(room: str, nodes: list[str]) -> str:
    return min(nodes, key=lambda node: _digest(f"{node} {room}"))


@_unless_none
def _turned(room: str, nodes: list[str]) -> str:
    return max(nodes, key=lambda node: _digest(f"{room} {node}"))


@_unless_none
def _no_blank(room: str, nodes: list[str]) -> str:
    return max(nodes, key=lambda node: _digest(f"{node}{room}"))


@_unless_none
def _room_only(room: str, nodes: list[str]) -> str:
    return max(nodes, key=lambda _node: _digest(room))


@_unless_none
def _node_only(_room: str, nodes: list[str]) -> str:
    return max(nodes, key=_digest)


@_unless_none
def _the_start(room: str, nodes: list[str]) -> str:
    return max(nodes, key=lambda node: _digest(f"{node} {room}")[0])


HOME_OF = Exercise(
    model=home_of,
    lesson=LESSON,
    section="RFC 8584 §3",
    examples=(
        ("lobby", ["a"]),
        ("lobby", ["a", "b"]),
        ("lobby", ["b", "a"]),
        ("kitchen", ["a", "b"]),
        ("", ["a", "b", "c"]),
        *((f"room {number}", ["node-1", "node-2", "node-3"]) for number in range(8)),
        ("room 1", ["node-3", "node-2", "node-1"]),
        ("room 1", ["node-1", "node-2"]),
        ("room 280286", ["node-1", "node-2"]),  # the digests begin with the same two bytes
        ("Küche", ["node-1", "ä"]),
        ("lobby", []),
    ),
    inputs=_rooms,
    hints=(
        "Give each node a number for this room, one that everybody works out alike. The largest one wins.",
        "The number is a hash of the node's name and the room's together: `hashlib.sha256(…).digest()`.",
        (
            'What is hashed are bytes: `f"{node} {room}".encode()`. Digests are compared like any bytes: '
            "from the left."
        ),
        "`max(nodes, key=…)`, where the key makes the digest of a node. Without nodes raise the error.",
    ),
    misconceptions=(
        Misconception(
            "modulo the number of nodes",
            "You hash the room and take the rest of a division by the number of nodes. As long as no node "
            "comes or goes that is fine; when one does, most rooms move. Hash node and room "
            "together, and take the node with the largest hash.",
            _modulo,
        ),
        Misconception(
            "Python's own hash",
            "You use `hash()`. Python salts it anew for each process, so each node would find another home "
            "for the same room.",
            _python_s_hash,
        ),
        Misconception(
            "the room's hash alone",
            "You hash the room without the node. Then all nodes are equal for it, and the first one gets "
            "every room.",
            _room_only,
        ),
        Misconception(
            "the node's hash alone",
            "You hash the node without the room. Then the same node wins every time, for every room.",
            _node_only,
        ),
        Misconception(
            "the start of the digest alone",
            "You compare the start of the digests alone. For some rooms it is the same for two nodes. Then "
            "their order in the list decides, which may be another one elsewhere: compare all of it.",
            _the_start,
        ),
        Misconception(
            "the smallest",
            "You take the node with the smallest digest. That works as well as the largest, but only if all "
            "nodes do the same: agreed is the largest.",
            _least,
        ),
        Misconception(
            "the room first",
            'You hash the room and then the node. Agreed is `"node room"`: whoever puts them together in '
            "another way finds another home.",
            _turned,
        ),
        Misconception(
            "no blank in between",
            "You put node and room together without a blank. Then `node-1` with room `2` is the same as "
            "`node-12` with an empty name.",
            _no_blank,
        ),
    ),
)
