"""Going on where it broke off: fresh.

This is an agreement of the application: RFC 6455 §7.2.3 only says when to come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import UsageError
from wslearn.reconnect import fresh

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["FRESH"]

LESSON = "06_lifecycle"


def _events() -> SearchStrategy[tuple[int, list[tuple[int, str]]]]:
    from hypothesis import strategies as st

    numbers = st.lists(st.integers(1, 6), max_size=4).map(sorted)
    events = numbers.map(lambda found: [(number, "abcdef"[number - 1]) for number in found])
    return st.tuples(st.integers(0, 6), events)


Events = list[tuple[int, str]]


def _old_ones_refused(last: int, events: Events) -> tuple[int, list[str]]:
    if any(number != last + place for place, (number, _) in enumerate(events, 1)):
        raise UsageError("Not the next number.")
    return fresh(last, events)


def _stops_at_a_gap(last: int, events: Events) -> tuple[int, list[str]]:
    new: list[str] = []
    for number, payload in events:
        if number == last + 1:
            last, new = number, [*new, payload]
    return last, new


def _number_kept(last: int, events: Events) -> tuple[int, list[str]]:
    return last, fresh(last, events)[1]


def _unfiltered(last: int, events: Events) -> tuple[int, list[str]]:
    fresh(last, events)
    return max([last, *(number for number, _ in events)]), [payload for _, payload in events]


def _last_again(last: int, events: Events) -> tuple[int, list[str]]:
    again = [payload for number, payload in events if number == last]
    seen, new = fresh(last, events)
    return seen, again + new


def _gaps_missed(last: int, events: Events) -> tuple[int, list[str]]:
    new = {number: payload for number, payload in events if number > last}
    return max(new, default=last), list(new.values())


def _backwards(last: int, events: Events) -> tuple[int, list[str]]:
    return (events[-1][0] if events else last), fresh(last, events)[1]


def _counted(last: int, events: Events) -> tuple[int, list[str]]:
    return last + len(events), fresh(last, events)[1]


def _twice_in_one(last: int, events: Events) -> tuple[int, list[str]]:
    seen, _ = fresh(last, events)
    return seen, [payload for number, payload in events if number > last]


FRESH = Exercise(
    model=fresh,
    lesson=LESSON,
    section="the application's, beyond RFC 6455 §7.2.3",
    examples=(
        (0, []),
        (3, []),
        (0, [(1, "a")]),
        (1, [(1, "a")]),
        (5, [(1, "a")]),
        (0, [(2, "b")]),
        (2, [(1, "a"), (2, "b"), (3, "c"), (4, "d")]),
        (2, [(3, "c"), (3, "c")]),
        (2, [(3, "c"), (5, "e")]),
        (4, [(2, "b"), (3, "c")]),
    ),
    inputs=_events,
    hints=(
        "Go through the events in order and keep the number of the last one that you took.",
        "A number up to that one: seen before, leave it out. The next number: take it, and remember it.",
        (
            "Anything higher: at least one event is missing. Raise `UsageError`; to go on would lose it for "
            "good."
        ),
        "The number you give back is that of the last event taken; `last` itself when there was none.",
    ),
    misconceptions=(
        Misconception(
            "the last one again",
            "You take the event number `last` again. It was the last one seen: new is what comes after it.",
            _last_again,
        ),
        Misconception(
            "twice in one go",
            "The same number comes twice in one call, and you take both. Compare with the last number taken, "
            "not with the one from the start.",
            _twice_in_one,
        ),
        Misconception(
            "the number goes backwards",
            "You give back the number of the last event in the list, even when it is an old one. Then the "
            "next reconnect asks for events again that were taken long ago.",
            _backwards,
        ),
        Misconception(
            "the number not moved",
            "You give back `last` as it was. The next time the client would ask for these events again: give "
            "the number of the last one taken.",
            _number_kept,
        ),
        Misconception(
            "old events refused",
            "You raise an error for an event that was seen before. After a reconnect a server may well send "
            "such: leave it out. An error is for a number that is skipped.",
            _old_ones_refused,
        ),
        Misconception(
            "silent at a gap",
            "A number is missing, and you leave out what comes behind it without a word. The client would "
            "wait for ever: raise `UsageError`, so that it asks for everything after `last`.",
            _stops_at_a_gap,
        ),
        Misconception(
            "counted, not read",
            "You add the number of events to `last`. Those that you left out count for nothing: give back "
            "the number of the last one taken.",
            _counted,
        ),
        Misconception(
            "a gap not noticed",
            "A number is missing, and you go on. Nobody will ever ask for that event again: raise "
            "`UsageError`, so that the client asks for everything after `last`.",
            _gaps_missed,
        ),
        Misconception(
            "nothing left out",
            "You take all events. After a reconnect a server may well send what was seen already: leave out "
            "numbers up to `last`.",
            _unfiltered,
        ),
    ),
)
