"""Which items are cards, and what each kind has at its back."""

import pytest

from wslearn.errors import UsageError
from wslearn.interview.bank import TOPICS, Card, Design, Estimate, Given, Short, bank, kind_of
from wslearn.interview.faces import Part, back, recalled, source

COMMON = {"id": "a-b", "lesson": "11_scaling", "topic": "scaling", "difficulty": 1, "question": "Why?"}


class TestRecalled:
    def test_all_but_designs(self) -> None:
        assert {item.id for item in bank()} - {item.id for item in recalled()} == {
            item.id for item in bank() if isinstance(item, Design)
        }
        assert {"card", "choice", "short", "decision", "estimate"} == {kind_of(item) for item in recalled()}

    def test_in_the_order_in_which_to_learn(self) -> None:
        order = list(TOPICS)
        places = [(order.index(item.topic), item.difficulty) for item in recalled()]
        assert places == sorted(places)

    def test_of_one_topic(self) -> None:
        assert recalled("masking") == tuple(item for item in recalled() if item.topic == "masking")

    def test_another_topic_names_those_there_are(self) -> None:
        with pytest.raises(UsageError, match=r"no cards about 'masks', but about why, .*masking"):
            recalled("masks")


class TestBack:
    def test_a_card(self) -> None:
        card = Card(**COMMON, answer="So.", reason="Because.")  # type: ignore[arg-type]
        assert back(card) == (Part("Answer", ("So.",), "payload"), Part("Why", ("Because.",)))

    def test_an_open_one_shows_both_answers(self) -> None:
        more = {"answer": "A.", "weak": "W.", "strong": "S.", "points": ("1.", "2."), "reason": "R."}
        short = Short(**COMMON, **more)  # type: ignore[arg-type]
        parts = {part.name: part for part in back(short)}
        assert [*parts] == ["Answer", "What to look for", "A strong answer", "A weak answer", "Why"]
        assert parts["A strong answer"] == Part("A strong answer", ("S.",), "payload")
        assert parts["A weak answer"] == Part("A weak answer", ("W.",), "fault")
        assert parts["What to look for"].texts == ("1.", "2.")

    def test_an_estimate_is_computed(self) -> None:
        given = {"nodes": Given(3, "nodes")}
        more = {"given": given, "formula": "nodes * 1000.4", "unit": "kB", "steps": ("3.",), "reason": "R."}
        parts = back(Estimate(**COMMON, **more))  # type: ignore[arg-type]
        assert [part.texts for part in parts] == [("3,001 kB",), ("3.",), ("R.",)]

    def test_none_of_the_bank_is_empty(self) -> None:
        assert [item.id for item in recalled() for part in back(item) if not all(part.texts)] == []


def test_where_it_stands() -> None:
    card = Card(**COMMON, answer="So.", reason="R.", see="06_lifecycle#A peer")  # type: ignore[arg-type]
    assert source(card) == "lesson 06_lifecycle, “A peer”"
