"""Which items of one kind a drill asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from wslearn.errors import UsageError
from wslearn.interview.bank import TOPICS, bank, item, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.course.bank import Item

__all__ = ["pick"]

T = TypeVar("T", bound="Item")


def pick(kind: type[T], names: Sequence[str] = (), topic: str = "") -> tuple[T, ...]:
    """Pick items of the question bank: by their ids, in that order, or else all, the easy ones first.

    Parameters
    ----------
    kind
        `wslearn.interview.bank.Decision`, or another class of items.
    names
        Their ids.
    topic
        One of `wslearn.interview.bank.TOPICS`; empty for all.

    Raises
    ------
    UsageError
        When there is none, or an id is that of another kind: the message names those there are.

    Examples
    --------
    >>> from wslearn.interview.bank import Estimate
    >>> [each.topic for each in pick(Estimate, ["scaling-memory-ten-million"])]
    ['scaling']
    """
    there = [each for each in bank() if isinstance(each, kind)]
    word = kind.__name__.lower()
    if names:
        chosen = []
        for each in map(item, names):
            if not isinstance(each, kind):
                ids = ", ".join(one.id for one in there)
                raise UsageError(f"{each.id!r} is of another kind, {kind_of(each)}. There are {ids}.")
            chosen.append(each)
        return tuple(chosen)
    found = sorted((each for each in there if topic in {"", each.topic}), key=lambda each: each.difficulty)
    if not found:
        topics = ", ".join(name for name in TOPICS if any(each.topic == name for each in there))
        raise UsageError(f"There is no {word} about {topic!r}, but about {topics}.")
    return tuple(found)
