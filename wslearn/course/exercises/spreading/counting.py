"""Lesson 11, `nodes_needed` and `busiest_second`: how many nodes, and how fast clients come back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import UsageError
from wslearn.labs.capacity.scaling import busiest_second, nodes_needed

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["BUSIEST_SECOND", "NODES_NEEDED"]

LESSON = "11_scaling"
Needed = tuple[int, str]


# ---------------------------------------------------------------------------------------- nodes_needed


def _plans() -> SearchStrategy[tuple[int, dict[str, int]]]:
    from hypothesis import strategies as st

    names = st.sampled_from(("memory", "processor", "network", "descriptors"))
    held = st.dictionaries(names, st.integers(0, 12), min_size=1, max_size=4)
    return st.tuples(st.integers(0, 60), held)


def _checked(holds: dict[str, int]) -> str:
    binds = min(holds, key=lambda name: holds[name])
    if holds[binds] < 1:
        raise UsageError("A node holds none.")
    return binds


def _none_to_spare(connections: int, holds: dict[str, int]) -> Needed:
    nodes, binds = nodes_needed(connections, holds)
    return nodes - 1, binds


def _rounded_down(connections: int, holds: dict[str, int]) -> Needed:
    binds = _checked(holds)
    return connections // holds[binds] + 1, binds


def _rounded(connections: int, holds: dict[str, int]) -> Needed:
    binds = _checked(holds)
    return round(connections / holds[binds]) + 1, binds


def _one_more_always(connections: int, holds: dict[str, int]) -> Needed:
    binds = _checked(holds)
    return connections // holds[binds] + 2, binds


def _roomiest(connections: int, holds: dict[str, int]) -> Needed:
    binds = max(holds, key=lambda name: holds[name])
    _checked(holds)
    return -(-connections // holds[binds]) + 1, binds


def _all_together(connections: int, holds: dict[str, int]) -> Needed:
    binds = _checked(holds)
    return -(-connections // sum(holds.values())) + 1, binds


def _a_float(connections: int, holds: dict[str, int]) -> tuple[float, str]:
    binds = _checked(holds)
    return connections / holds[binds] + 1, binds


def _unchecked(connections: int, holds: dict[str, int]) -> Needed:
    binds = min(holds, key=lambda name: holds[name])
    return -(-connections // max(1, holds[binds])) + 1, binds


NODES_NEEDED = Exercise(
    model=nodes_needed,
    lesson=LESSON,
    section="",
    examples=(
        (0, {"memory": 1}),
        (1, {"memory": 1}),
        (1, {"memory": 2}),
        (10, {"memory": 5}),
        (11, {"memory": 5}),
        (14, {"memory": 5}),
        (10, {"memory": 5, "processor": 2}),
        (10, {"processor": 2, "memory": 5}),
        (10, {"memory": 5, "processor": 5}),
        (1_000_000, {"memory": 500_000, "processor": 300_000}),
        (10_000_000, {"memory": 900_000, "descriptors": 2_000_000, "processor": 700_000}),
        (5, {"memory": 5, "processor": 0}),
    ),
    inputs=_plans,
    hints=(
        "A node is full as soon as one of its parts is. Which one is full first?",
        "`min(holds, key=…)` gives the name of the part that holds the fewest.",
        "Divide, and round up: a node for the rest is a whole node. `-(-a // b)` rounds up without floats.",
        "And one more: when a node fails, the others must hold its connections, too.",
    ),
    misconceptions=(
        Misconception(
            "none to spare",
            "You count as many nodes as are just full. When one fails its clients come to the others, which"
            " have no room for them. One more is needed.",
            _none_to_spare,
        ),
        Misconception(
            "rounded down",
            "You round down. The connections that are left over need a node as well.",
            _rounded_down,
        ),
        Misconception(
            "rounded to the nearest",
            "You round to the nearest number. Of less than half a node you lose the connections: round up.",
            _rounded,
        ),
        Misconception(
            "one too many",
            "You round down and add one for the rest, even where there is no rest. Then you pay for a node "
            "that nothing needs.",
            _one_more_always,
        ),
        Misconception(
            "the part that holds the most",
            "You take the part that holds the most. It does not help to have memory for more connections "
            "when the processor can serve no more: the smallest binds.",
            _roomiest,
        ),
        Misconception(
            "the parts added up",
            "You add up what the parts hold. Each connection needs all of them at once: the smallest binds.",
            _all_together,
        ),
        Misconception(
            "part of a node",
            "You give a number with a part of a node. Nodes are whole: round up.",
            _a_float,
        ),
        Misconception(
            "a node that holds none",
            "You give a number where a node holds no connection at all. No number of such nodes is enough: "
            "raise the error.",
            _unchecked,
        ),
    ),
)


# -------------------------------------------------------------------------------------- busiest_second


def _moments() -> SearchStrategy[tuple[list[int]]]:
    from hypothesis import strategies as st

    return st.tuples(st.lists(st.integers(0, 30).map(lambda tenth: tenth * 100), max_size=9))


def _by_the_clock(moments: list[int]) -> int:
    return max(Counter(moment // 1000 for moment in moments).values(), default=0)


def _from_the_first(moments: list[int]) -> int:
    return sum(moment - min(moments) < 1000 for moment in moments)


def _unsorted(moments: list[int]) -> int:
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 1000:
            first += 1
        most = max(most, last - first + 1)
    return most


def _one_too_long(moments: list[int]) -> int:
    return max((sum(start <= each <= start + 1000 for each in moments) for start in moments), default=0)


def _both_sides(moments: list[int]) -> int:
    return max((sum(abs(each - start) < 1000 for each in moments) for start in moments), default=0)


def _on_average(moments: list[int]) -> int:
    if not moments:
        return 0
    span = max(moments) - min(moments)
    return len(moments) if span < 1000 else -(-len(moments) * 1000 // span)


def _once_each(moments: list[int]) -> int:
    return busiest_second(sorted(set(moments)))


def _fails_on_none(moments: list[int]) -> int:
    if not moments:
        raise ValueError("max() arg is an empty sequence")
    return busiest_second(moments)


def _from_the_one_before(moments: list[int]) -> int:
    most = run = 0
    ordered = sorted(moments)
    for at, moment in enumerate(ordered):
        run = run + 1 if at and moment - ordered[at - 1] < 1000 else 1
        most = max(most, run)
    return most


BUSIEST_SECOND = Exercise(
    model=busiest_second,
    lesson=LESSON,
    section="RFC 6455 §7.2.3",
    examples=(
        ([],),
        ([5],),
        ([5, 5],),
        ([0, 999],),
        ([0, 1000],),
        ([900, 1100],),
        ([1500, 0],),
        ([0, 1500, 1600],),
        ([0, 900, 1800],),
        ([2000, 100, 1900, 0, 2100],),
        ([0, 900, 1100, 1500, 1899, 1900],),
        ([700, 700, 1200, 1699, 1700],),
        ([55, 60, 1054],),
    ),
    inputs=_moments,
    hints=(
        "The busiest second may begin at any moment. It is enough to try those at which something happens.",
        "For each moment count those from it on, up to and without 1,000 ms later. The largest count is it.",
        (
            "`sum(start <= each < start + 1000 for each in moments)` counts them; `default=0` helps `max` "
            "with none."
        ),
        (
            "It goes in one pass, too: sort, and move two marks through the list, the later one forwards, "
            "the earlier one until it is less than 1,000 ms behind."
        ),
    ),
    misconceptions=(
        Misconception(
            "seconds of the clock",
            "You count second by second of the clock. What happens at 900 and at 1,100 ms is within one "
            "second, but not within one of those.",
            _by_the_clock,
        ),
        Misconception(
            "the first second only",
            "You count what happens within a second of the first. The busiest one may come later.",
            _from_the_first,
        ),
        Misconception(
            "a thousand and one",
            "You count what happens exactly 1,000 ms later, too. That is in the next second.",
            _one_too_long,
        ),
        Misconception(
            "a second on either side",
            "You count a second before each moment and one after it. That is two seconds.",
            _both_sides,
        ),
        Misconception(
            "the order taken for granted",
            "You go through the moments as if they were in order. They come as the clients happened to be "
            "asked: sort them first.",
            _unsorted,
        ),
        Misconception(
            "from one to the next",
            "You count on as long as each is less than a second after the one before it. Then the last may "
            "be many seconds behind the first: compare with the first.",
            _from_the_one_before,
        ),
        Misconception(
            "the average",
            (
                "You give the average over all the time. A server is not flattened by the average, but by "
                "the peak."
            ),
            _on_average,
        ),
        Misconception(
            "the same moment once",
            "You count a moment once, however many come in it. That they all come in the same one is what "
            "this is about.",
            _once_each,
        ),
        Misconception(
            "nothing happened",
            "You fail where nothing happens at all. Then the busiest second has none: 0.",
            _fails_on_none,
        ),
    ),
)
