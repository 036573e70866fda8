"""Cards to learn the bank by: a few every day, each again when it is about to be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.errors import UsageError

if TYPE_CHECKING:
    from wslearn.widgets.cards_view import CardsView

__all__ = ["cards"]


def cards(topic: str | None = None, *, new_per_day: int = 20) -> CardsView:
    """Ask the cards that are due, and some new ones, in the notebook.

    See the question, recall the answer, turn the card over with the space bar, and say with 1 to 4 how well
    it went. FSRS reckons from that when to ask again: the free spaced repetition scheduler, which Anki has,
    too. What you rated is kept with your progress.

    Parameters
    ----------
    topic
        Begin with the cards of this topic: ``"masking"``. It can be changed on the page.
    new_per_day
        How many cards you begin in a day at most.

    Raises
    ------
    UsageError
        For a topic that has no cards: the message names those that have some. For a limit below zero.

    Examples
    --------
    >>> cards("masking", new_per_day=3)
    <cards about masking: 0 due, 3 new>
    """
    from wslearn.interview.deck import Deck
    from wslearn.interview.faces import recalled
    from wslearn.widgets.cards_view import CardsView

    if new_per_day < 0:
        raise UsageError(f"You begin no fewer than 0 cards a day; not {new_per_day}.")
    recalled(topic)
    return CardsView(Deck(recalled(), new_per_day=new_per_day), topic or "")
