"""What is remembered of a card: FSRS reckons from it when the card is to be asked again.

It is kept as FSRS's own record of a card, in JSON, without the number that FSRS gives to each.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, cast

from wslearn.spans import count

if TYPE_CHECKING:
    from datetime import datetime

    import fsrs

__all__ = ["RATINGS", "rated", "read", "spoken", "written"]

#: How well an answer was remembered: the first is rated 1.
RATINGS = ("Again", "Hard", "Good", "Easy")


def read(memory: str | None) -> fsrs.Card:
    """Give FSRS's record of a card; a new one where nothing is remembered.

    Parameters
    ----------
    memory
        As `written` gave it.
    """
    import fsrs

    if memory is None:
        return fsrs.Card(card_id=0)
    return fsrs.Card.from_dict(json.loads(memory) | {"card_id": 0})


def written(card: fsrs.Card) -> str:
    """Write FSRS's record down; the same record is the same text each time.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> monday = datetime(2026, 3, 2, tzinfo=UTC)
    >>> memory = written(rated(None, 4, monday))
    >>> read(memory).due - monday, written(read(memory)) == memory
    (datetime.timedelta(days=8), True)
    """
    record = cast("dict[str, object]", card.to_dict())
    return json.dumps({name: value for name, value in record.items() if name != "card_id"})


def rated(memory: str | None, rating: int, at: datetime) -> fsrs.Card:
    """Let FSRS put a card off.

    Parameters
    ----------
    memory
        What was remembered of it; none of a new one.
    rating
        1 for the first of `RATINGS` to 4.
    at
        When it was rated, in UTC.
    """
    import fsrs

    return _scheduler().review_card(read(memory), fsrs.Rating(rating), at)[0]


def spoken(interval: timedelta) -> str:
    """Say how long something is put off.

    Examples
    --------
    >>> [spoken(timedelta(days=days)) for days in (0.0001, 0.2, 1, 59, 100, 900)]
    ['1 min', '5 h', '1 day', '59 days', '3 months', '2.5 years']
    """
    days = interval / timedelta(days=1)
    if days < 1 / 24:
        return f"{max(round(days * 24 * 60), 1)} min"
    if days < 1:
        return f"{round(days * 24)} h"
    if days < 60:
        return count(round(days), "day")
    return f"{days / 30.44:.0f} months" if days < 730 else f"{days / 365.25:.1f} years"


@cache
def _scheduler() -> fsrs.Scheduler:
    import fsrs

    # By default it puts cards off by some days more or less at random. What a button says is what it does.
    return fsrs.Scheduler(enable_fuzzing=False)
