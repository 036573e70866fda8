"""What two who wrote at the same time agree on without asking anybody: merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.using.once import LESSON, SECTION

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["MERGE", "merge"]

Copy = dict[str, tuple[int, str, str]]


def merge(a: Copy, b: Copy) -> Copy:
    """Make one copy of two: of each field, the value that was written last.

    Parameters
    ----------
    a, b
        By the name of a field: when it was written, as a count; by whom; and its value. Nobody writes twice
        at the same count.

    Returns
    -------
    dict
        Of each field that is in either, what has the higher count, or at the same count the writer whose
        name is higher.

    Examples
    --------
    >>> merge({"title": (1, "ada", "Draft")}, {"title": (2, "bob", "Plan"), "size": (1, "bob", "A4")})
    {'title': (2, 'bob', 'Plan'), 'size': (1, 'bob', 'A4')}
    """
    merged = {**a, **b}
    for field in a.keys() & b.keys():
        merged[field] = max(a[field], b[field])
    return merged


def _copies() -> SearchStrategy[tuple[Copy, Copy]]:
    from hypothesis import strategies as st

    def value(written: tuple[int, str]) -> tuple[int, str, str]:
        count, writer = written
        return count, writer, f"{'zyxwv'[count]} of {writer}"

    written = st.tuples(st.integers(1, 3), st.sampled_from(("ada", "bob", "cy"))).map(value)
    copy = st.dictionaries(st.sampled_from(("title", "size")), written, max_size=2)
    return st.tuples(copy, copy)


def _second_wins(a: Copy, b: Copy) -> Copy:
    return {**a, **b}


def _first_wins(a: Copy, b: Copy) -> Copy:
    return {**b, **a}


def _tie_to_a(a: Copy, b: Copy) -> Copy:
    later = {field: written for field, written in b.items() if field not in a or written[0] > a[field][0]}
    return {**a, **later}


def _tie_to_b(a: Copy, b: Copy) -> Copy:
    return _tie_to_a(b, a)


def _writer_first(a: Copy, b: Copy) -> Copy:
    merged = {**a, **b}
    for field in a.keys() & b.keys():
        merged[field] = max(a[field], b[field], key=lambda written: (written[1], written[0]))
    return merged


def _value_decides(a: Copy, b: Copy) -> Copy:
    merged = {**a, **b}
    for field in a.keys() & b.keys():
        merged[field] = max(a[field], b[field], key=lambda written: (written[0], written[2]))
    return merged


def _whole_copy(a: Copy, b: Copy) -> Copy:
    return max((a, b), key=lambda copy: sorted(copy.values())[-1:])


def _in_both(a: Copy, b: Copy) -> Copy:
    return {field: max(a[field], b[field]) for field in a if field in b}


_ADA, _BOB = (1, "ada", "Draft"), (1, "bob", "Plan")
_LATER, _LONG = (2, "ada", "Report"), (2, "bob", "Agenda")

MERGE = Exercise(
    model=merge,
    lesson=LESSON,
    section=SECTION,
    examples=(
        ({}, {}),
        ({"title": _ADA}, {}),
        ({}, {"title": _ADA}),
        ({"title": _ADA}, {"title": _ADA}),
        ({"title": _ADA}, {"size": _BOB}),
        ({"title": _ADA}, {"title": _BOB}),
        ({"title": _BOB}, {"title": _ADA}),
        ({"title": (1, "cy", "List")}, {"title": _BOB}),
        ({"title": _LATER}, {"title": _BOB}),
        ({"title": _BOB}, {"title": _LATER}),
        ({"title": _LATER}, {"title": _LONG}),
        ({"title": _LONG}, {"title": _LATER}),
        ({"title": _LATER, "size": _ADA}, {"title": _ADA, "size": _LONG}),
    ),
    inputs=_copies,
    hints=(
        "Each side calls its own copy `a`, and they must agree: so nothing may depend on which one that is.",
        "A field that only one of them has: take it. `{**a, **b}` has all fields.",
        "A field that both have: compare the counts, and where they are the same, the writers.",
        "Python compares tuples in just that order: `max(a[field], b[field])`.",
    ),
    misconceptions=(
        Misconception(
            "the second copy always wins",
            "You let `b` win. On the other side `a` and `b` are the other way round: both end up with the "
            "other's value, and never agree.",
            _second_wins,
        ),
        Misconception(
            "the first copy always wins",
            "You let `a` win. On the other side `a` and `b` are the other way round: each keeps its own "
            "value, and they never agree.",
            _first_wins,
        ),
        Misconception(
            "the first copy wins when the counts are the same",
            "Where the counts are the same you keep the value of `a`. The other side keeps its own, and they "
            "never agree: the writer's name decides.",
            _tie_to_a,
        ),
        Misconception(
            "the second copy wins when the counts are the same",
            "Where the counts are the same you take the value of `b`. The other side takes yours, and they "
            "never agree: the writer's name decides.",
            _tie_to_b,
        ),
        Misconception(
            "the writer before the count",
            "You let the writer's name decide first. Then what one of them writes never changes anything, "
            "however late it is: the count comes first.",
            _writer_first,
        ),
        Misconception(
            "the value decides",
            "Where the counts are the same you compare the values. Both sides agree on that, too; the rule "
            "here is the writer's name, and all have to follow the same rule.",
            _value_decides,
        ),
        Misconception(
            "one whole copy",
            "You take one of the two copies whole. What the other side wrote into other fields is lost: "
            "decide for each field.",
            _whole_copy,
        ),
        Misconception(
            "only fields that both have",
            "You drop fields that only one of them has. It may just have been added there.",
            _in_both,
        ),
    ),
)
