"""The interview room: cards, drills and a rehearsal, from one question bank."""

from wslearn.interview.anki import anki_deck
from wslearn.interview.cards import cards
from wslearn.interview.deciding import decide, rules
from wslearn.interview.estimating import estimate
from wslearn.interview.mock import mock, reports

__all__ = ["anki_deck", "cards", "decide", "estimate", "mock", "reports", "rules"]
