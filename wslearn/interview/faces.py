"""The bank as cards: which items are asked so, and what a card shows at its back, here and in Anki."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wslearn.errors import UsageError
from wslearn.interview.bank import TOPICS, Card, Design, Estimate, Open, bank
from wslearn.labs.table import figure

if TYPE_CHECKING:
    from wslearn.course.bank import Item

__all__ = ["Part", "back", "recalled", "source"]


class Part(NamedTuple):
    """One part of an answer.

    Parameters
    ----------
    name
        What it is: ``"A strong answer"``.
    texts
        A sentence or two; a list where there are more texts than one. Backticks mark code.
    hue
        The class of its colour: ``"payload"`` for what is right, ``"fault"`` for what is not.
    """

    name: str
    texts: tuple[str, ...]
    hue: str = "flags"


def recalled(topic: str | None = None) -> tuple[Item, ...]:
    """Give the items that are asked as cards, in the order in which to learn them.

    A design is none of them: it takes half an hour, and is for the rehearsal.

    Parameters
    ----------
    topic
        Give those of one topic: ``"masking"``.

    Raises
    ------
    UsageError
        For a topic that has none: the message names those that have some.

    Examples
    --------
    >>> recalled()[0].topic, {item.topic for item in recalled("masking")}
    ('why', {'masking'})
    """
    order = list(TOPICS)
    found = sorted(
        (item for item in bank() if not isinstance(item, Design)),
        key=lambda item: (order.index(item.topic), item.difficulty),
    )
    there = dict.fromkeys(item.topic for item in found)
    if topic is not None and topic not in there:
        raise UsageError(f"There are no cards about {topic!r}, but about {', '.join(there)}.")
    return tuple(item for item in found if topic in {None, item.topic})


def back(item: Item) -> tuple[Part, ...]:
    """Give what is seen of an item when its card is turned; of a question with choices, what is said of all.

    Examples
    --------
    >>> from wslearn.interview.bank import item
    >>> [part.name for part in back(item("scaling-memory-ten-million"))]
    ['Answer', 'Step by step', 'Why']
    >>> back(item("scaling-memory-ten-million"))[0].texts
    ('100 GB',)
    """
    match item:
        case Card():
            parts = [Part("Answer", (item.answer,), "payload")]
        case Estimate():
            result = f"{figure(item.result())} {item.unit}"
            parts = [Part("Answer", (result,), "payload"), Part("Step by step", item.steps)]
        case Open():
            parts = [
                Part("Answer", (item.answer,), "payload"),
                Part("What to look for", item.points),
                Part("A strong answer", (item.strong,), "payload"),
                Part("A weak answer", (item.weak,), "fault"),
                Part("Asked next", item.follow_ups),
            ]
        case _:  # what is said of each choice stands beside it
            parts = []
    return tuple(part for part in (*parts, Part("Why", (item.reason,))) if part.texts)


def source(item: Item) -> str:
    """Say where the rule stands, and which lesson teaches it.

    Examples
    --------
    >>> from wslearn.interview.bank import item
    >>> source(item("handshake-key-why"))
    'RFC 6455 §1.3 · lesson 02_handshake'
    """
    _, _, heading = item.see.partition("#")
    lesson = f"lesson {item.see.partition('#')[0] or item.lesson}" + (f", “{heading}”" if heading else "")
    return " · ".join(filter(None, (item.section, lesson)))
