"""What is out of date a moment later, and need not all be sent: sample, conflate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.using.once import LESSON, SECTION

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["CONFLATE", "SAMPLE", "conflate", "sample"]

Readings = list[tuple[int, int]]
Prices = list[tuple[str, int]]


# ------------------------------------------------------------------------------------------------ sample


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
        Of the tick, and the latest value then. Nothing at a tick before which nothing new came.

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
            "the same again",
            "You send the old value again at ticks at which nothing new is there. The page has it.",
            _again_and_again,
        ),
    ),
)


# ---------------------------------------------------------------------------------------------- conflate


def conflate(waiting: Prices, symbol: str, price: int) -> Prices:
    """Let a price wait for a reader who is not ready.

    Parameters
    ----------
    waiting
        Pairs of a symbol and a price, no symbol twice. The reader takes the first ones first.
    symbol, price
        What is new.

    Returns
    -------
    list of pairs
        What waits now: a new price at the place of the symbol's old one, or else at the end.

    Examples
    --------
    >>> conflate([("BOLT", 100), ("FERN", 40)], "BOLT", 101)
    [('BOLT', 101), ('FERN', 40)]
    """
    prices = dict(waiting)
    prices[symbol] = price  # a key that is there keeps its place
    return list(prices.items())


def _waiting() -> SearchStrategy[tuple[Prices, str, int]]:
    from hypothesis import strategies as st

    symbol, price = st.sampled_from(("BOLT", "FERN", "MOSS")), st.integers(1, 9)
    prices = st.lists(st.tuples(symbol, price), max_size=3, unique_by=lambda pair: pair[0])
    return st.tuples(prices, symbol, price)


def _queued(waiting: Prices, symbol: str, price: int) -> Prices:
    return [*waiting, (symbol, price)]


def _to_the_end(waiting: Prices, symbol: str, price: int) -> Prices:
    return [pair for pair in waiting if pair[0] != symbol] + [(symbol, price)]


def _to_the_front(waiting: Prices, symbol: str, price: int) -> Prices:
    return [(symbol, price)] + [pair for pair in waiting if pair[0] != symbol]


def _old_kept(waiting: Prices, symbol: str, price: int) -> Prices:
    known = [known for known, _ in waiting]
    return list(waiting) if symbol in known else [*waiting, (symbol, price)]


def _the_newest_alone(_waiting: Prices, symbol: str, price: int) -> Prices:
    return [(symbol, price)]


def _unknown_dropped(waiting: Prices, symbol: str, price: int) -> Prices:
    return [(known, price if known == symbol else old) for known, old in waiting]


def _highest(waiting: Prices, symbol: str, price: int) -> Prices:
    return conflate(waiting, symbol, max(price, dict(waiting).get(symbol, price)))


_TWO: Prices = [("BOLT", 100), ("FERN", 40)]

CONFLATE = Exercise(
    model=conflate,
    lesson=LESSON,
    section=SECTION,
    examples=(
        ([], "BOLT", 100),
        ([("BOLT", 100)], "BOLT", 101),
        ([("BOLT", 100)], "BOLT", 99),
        ([("BOLT", 100)], "FERN", 40),
        (_TWO, "BOLT", 101),
        (_TWO, "FERN", 41),
        (_TWO, "MOSS", 7),
    ),
    inputs=_waiting,
    hints=(
        "Does a price of this symbol wait already? Then nobody wants that one any more.",
        "A new price takes the place of the old one: the reader is not to wait longer for it.",
        "A symbol that does not wait yet goes to the end, behind those that wait longer.",
        "A dict does both: `prices = dict(waiting)`, and `prices[symbol] = price` leaves a key where it is.",
    ),
    misconceptions=(
        Misconception(
            "every price queued",
            "You let the old price wait, too. A reader who is slower than the market falls further behind "
            "with each price, and the queue grows without end.",
            _queued,
        ),
        Misconception(
            "the symbol back to the end",
            "You send the symbol back to the end of the line. One that changes all the time would never be "
            "first, and a slow reader would never see it: let it keep its place.",
            _to_the_end,
        ),
        Misconception(
            "the newest to the front",
            "You put the new price in front of the others. A symbol that changes all the time would always "
            "be first, and the others would never be sent.",
            _to_the_front,
        ),
        Misconception(
            "the old price kept",
            "You keep the price that waits, and drop the new one. The reader gets a price that is known to "
            "be out of date.",
            _old_kept,
        ),
        Misconception(
            "only the newest price of all",
            "You keep one price in all. The newest of each symbol counts: what waits of the others is their "
            "latest price.",
            _the_newest_alone,
        ),
        Misconception(
            "a symbol that does not wait dropped",
            "You drop a price when none of its symbol waits. The reader has taken the last one; this one is "
            "news.",
            _unknown_dropped,
        ),
        Misconception(
            "the higher price",
            "You keep the higher of two prices. The newer one counts, also when it is lower.",
            _highest,
        ),
    ),
)
