"""What is out of date a moment later, sent at the pace of the screen: sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.using.once import LESSON, SECTION

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["SAMPLE", "sample"]

Readings = list[tuple[int, int]]


def sample(readings: Readings, pace: int) -> Readings:
    """Give what a page is sent that wants one value at each tick.

    Parameters
    ----------
    readings
        Pairs of a time in milliseconds and a value, the oldest first.
    pace
        Milliseconds from one tick to the next; ticks are at 0, `pace`, twice `pace` and so on.

    Returns
    -------
    list of pairs
        Of the tick, and the latest value then. Nothing at a tick before which no new reading came; a new
        one may have the value of the one before.

    Examples
    --------
    >>> sample([(3, 50), (7, 60), (10, 70), (38, 10)], 10)
    [(10, 70), (40, 10)]
    """
    latest = {}
    for time, value in readings:
        latest[-(-time // pace) * pace] = value
    return list(latest.items())


def _measured() -> SearchStrategy[tuple[Readings, int]]:
    from hypothesis import strategies as st

    times = st.lists(st.integers(0, 45), max_size=5, unique=True).map(sorted)
    readings = times.flatmap(
        lambda found: st.tuples(*(st.tuples(st.just(time), st.integers(1, 9)) for time in found)).map(list)
    )
    return st.tuples(readings, st.sampled_from((10, 7, 1)))


def _first(readings: Readings, pace: int) -> Readings:
    return sorted(sample(readings[::-1], pace))


def _mean(readings: Readings, pace: int) -> Readings:
    means = []
    for tick, _ in sample(readings, pace):
        values = [value for time, value in readings if tick - pace < time <= tick]
        means.append((tick, sum(values) // len(values)))
    return means


def _tick_before(readings: Readings, pace: int) -> Readings:
    return list({time // pace * pace: value for time, value in readings}.items())


def _not_on_the_tick(readings: Readings, pace: int) -> Readings:
    return list({(time // pace + 1) * pace: value for time, value in readings}.items())


def _throttled(readings: Readings, pace: int) -> Readings:
    sent: Readings = []
    for time, value in readings:
        if not sent or time - sent[-1][0] >= pace:
            sent.append((time, value))
    return sent


def _stops_too_early(readings: Readings, pace: int) -> Readings:
    last = max((time for time, _ in readings), default=0)
    return [(tick, value) for tick, value in sample(readings, pace) if tick <= last]


def _times_of_the_readings(readings: Readings, pace: int) -> Readings:
    return list({-(-time // pace): (time, value) for time, value in readings}.values())


def _the_same_left_out(readings: Readings, pace: int) -> Readings:
    sent: Readings = []
    for tick, value in sample(readings, pace):
        if not sent or sent[-1][1] != value:
            sent.append((tick, value))
    return sent


def _again_and_again(readings: Readings, pace: int) -> Readings:
    sampled = dict(sample(readings, pace))
    if not sampled:
        return []
    value, sent = 0, []
    for tick in range(min(sampled), max(sampled) + pace, pace):
        value = sampled.get(tick, value)
        sent.append((tick, value))
    return sent


SAMPLE = Exercise(
    model=sample,
    lesson=LESSON,
    section=SECTION,
    examples=(
        ([], 10),
        ([(3, 5)], 10),
        ([(3, 5), (7, 6)], 10),
        ([(10, 5)], 10),
        ([(0, 5)], 10),
        ([(10, 5), (11, 6)], 10),
        ([(3, 5), (27, 6)], 10),
        ([(3, 9), (7, 1), (12, 4), (19, 8), (20, 2)], 10),
        ([(3, 5), (13, 5)], 10),
        ([(3, 5), (4, 6), (12, 7)], 1),
    ),
    inputs=_measured,
    hints=(
        "Which tick is the first at or after a reading? That is when it is sent, unless a newer one comes.",
        "A reading at 10 is sent at 10, one at 11 is sent at 20: divide, and round *up*.",
        "To round up is to round the negative down: `-(-time // pace) * pace`.",
        "A dict from tick to value keeps the latest of each tick: a later reading replaces it.",
    ),
    misconceptions=(
        Misconception(
            "the first value of a tick",
            "You send the first value since the last tick. It was out of date by then: the latest counts.",
            _first,
        ),
        Misconception(
            "the mean",
            "You send the mean. That is a value which was never read. It may be useful; the latest value is "
            "another thing.",
            _mean,
        ),
        Misconception(
            "sent before it was read",
            "You send a reading at the tick before it, when nobody knew of it.",
            _tick_before,
        ),
        Misconception(
            "late by one tick",
            "You let a reading that comes exactly at a tick wait for the next one.",
            _not_on_the_tick,
        ),
        Misconception(
            "the last value never sent",
            "You send a reading at once, and none for a while afterwards. When nothing comes any more, the "
            "page shows an old value for ever: the latest one must go out at the next tick.",
            _throttled,
        ),
        Misconception(
            "no tick after the last reading",
            "Your ticks end with the last reading. One that comes between two ticks is sent at the second of "
            "them, which is later than the reading.",
            _stops_too_early,
        ),
        Misconception(
            "the times of the readings",
            "You give the time at which a value was read. Asked for is the tick at which it is sent.",
            _times_of_the_readings,
        ),
        Misconception(
            "the same value left out",
            "You leave out a new reading that has the value of the one before. It is news all the same: "
            "without it the page cannot tell a figure that stays from one that nobody measures any more.",
            _the_same_left_out,
        ),
        Misconception(
            "the same again",
            "You send the old value again at ticks at which nothing new is there. The page has it.",
            _again_and_again,
        ),
    ),
)
