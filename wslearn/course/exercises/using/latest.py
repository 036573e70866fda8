"""What is out of date a moment later, and waits for a slow reader: conflate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.using.once import LESSON, SECTION

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["CONFLATE", "conflate"]

Prices = list[tuple[str, int]]


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
