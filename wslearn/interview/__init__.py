"""The interview room: cards, drills and a rehearsal, from one question bank."""

from wslearn.interview.anki import anki_deck
from wslearn.interview.cards import cards
from wslearn.interview.cheat_sheet import cheat_sheet
from wslearn.interview.deciding import decide, rules
from wslearn.interview.estimating import estimate
from wslearn.interview.mock import mock, reports
from wslearn.interview.plans import plan

__all__ = ["anki_deck", "cards", "cheat_sheet", "decide", "estimate", "mock", "plan", "reports", "rules"]
