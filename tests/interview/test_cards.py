"""What a student calls: the bank's cards in the notebook."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.course.drawn import drawn
from tests.interview.decks import memories
from wslearn.course.progress import progress
from wslearn.errors import UsageError
from wslearn.interview import cards
from wslearn.interview.bank import Design, bank
from wslearn.interview.faces import recalled

SCRIPT = """
import sys
import wslearn.interview
print([name for name in ("anki", "fsrs", "genanki") if name in sys.modules])
"""


def test_every_card_can_be_asked_and_rated(folder: Path) -> None:
    folder.write_text("in the way: memory is faster")
    view = cards(new_per_day=1000)
    names: list[str] = []
    while view.face and len(names) < 1000:
        top = view.deck.deal().top
        assert top
        names.append(top.item.id)
        assert view.face["question"] == top.item.question
        view.reveal()
        assert all(part["texts"] for part in view.face["parts"]), top.item.id
        view.rate(4)
        assert view.problem == ""
    assert names == [item.id for item in recalled()]
    assert len(names) == len(bank()) - sum(isinstance(item, Design) for item in bank())
    assert memories().keys() == set(names)
    assert len(progress().reviews) == len(names)


def test_of_one_topic() -> None:
    view = cards("masking")
    assert view.topic == "masking"
    assert {"name": "masking", "due": 0, "new": len(recalled("masking"))} in view.topics
    assert repr(view) == f"<cards about masking: 0 due, {min(len(recalled('masking')), 20)} new>"


def test_no_more_than_the_bank_has_and_the_day_allows() -> None:
    assert repr(cards(new_per_day=7)) == "<cards: 0 due, 7 new>"
    assert repr(cards(new_per_day=10_000)) == f"<cards: 0 due, {len(recalled())} new>"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"topic": "nothing"}, "no cards about 'nothing', but about why, "),
        ({"topic": ""}, "no cards about '', but about why, "),
        ({"new_per_day": -1}, "no fewer than 0 cards a day; not -1"),
    ],
)
def test_misuse(given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        cards(**given)  # type: ignore[arg-type]


def test_showing_it_begins_no_card() -> None:
    first = cards()
    assert drawn(first.still()).text.startswith("Cards 0 due, 20 new")
    assert memories() == {}
    assert cards().still() == first.still(), "a lesson's notebook is the same each time it is run"


def test_the_room_is_entered_quickly() -> None:
    """What takes long to import is imported by who uses it."""
    said = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"
