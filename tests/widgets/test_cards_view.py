"""CardsView in Python: an order is obeyed once, and the page knows no answer before the card is turned."""

from pathlib import Path

import pytest

from tests.course.drawn import drawn
from tests.interview.decks import (
    AGAIN,
    EASY,
    EVIL,
    GOOD,
    MANY,
    ONE,
    OPEN,
    Clock,
    card,
    deck,
    rate,
    reviews,
)
from wslearn.course.bank import Item
from wslearn.course.progress import progress
from wslearn.course.store import FILE
from wslearn.widgets.cards_view import CardsView

A, B, C = card("a"), card("b"), card("c", "closing")
STATE = ("topic", "topics", "order", "turn", "face", "can_undo", "verdict", "notice", "problem")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WSLEARN_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def view(clock: Clock) -> CardsView:
    return made(A, B, C, clock=clock)


def made(*items: Item, clock: Clock, topic: str = "") -> CardsView:
    return CardsView(deck(*items, clock=clock), topic)


def verdict(view: CardsView) -> str:
    return f"{view.verdict['mark']} {view.verdict['verdict']}"


class TestCard:
    def test_before_it_is_turned_over(self, view: CardsView) -> None:
        assert repr(view) == "<cards: 0 due, 3 new>"
        assert view.face == {
            "kind": "card",
            "topic": "masking",
            "question": "What is `a`?",
            "choices": [],
            "many": False,
        }
        assert view.verdict == {
            "mark": "–",
            "verdict": "0 due, 3 new",
            "text": "Say the answer, then look.",
            "note": "masking",
        }

    @pytest.mark.parametrize("item", [A, ONE, MANY, OPEN])
    def test_what_is_right_is_not_told_before(self, clock: Clock, item: Item) -> None:
        view = made(item, clock=clock)
        state = repr(view.get_state(list(STATE)))
        for secret in ("The `a`", "Why a", "So it is", "Yes a", "The rule", "It is so", "'right'"):
            assert secret not in state

    def test_turned_over(self, view: CardsView) -> None:
        view.reveal()
        assert [part["texts"] for part in view.face["parts"]] == [("The `a`.",), ("Why a.",)]
        assert view.face["ratings"] == [
            {"name": "Again", "interval": "1 min"},
            {"name": "Hard", "interval": "6 min"},
            {"name": "Good", "interval": "10 min"},
            {"name": "Easy", "interval": "8 days"},
        ]
        assert view.face["source"] == "RFC 6455 §5.3 · lesson 04_masking"
        assert verdict(view) == "– the answer"
        assert reviews() == []

    def test_rated(self, view: CardsView) -> None:
        view.reveal()
        view.rate(GOOD)
        assert reviews() == [("a", GOOD)]
        assert view.face["question"] == "What is `b`?"
        assert "parts" not in view.face
        assert view.can_undo
        assert (repr(view), verdict(view)) == (
            "<cards: 0 due, 2 new, 1 again soon>",
            "– 0 due, 2 new, 1 again soon",
        )

    def test_undo(self, view: CardsView) -> None:
        view.reveal()
        view.rate(GOOD)
        view.undo()
        assert (reviews(), view.can_undo) == ([], False)
        assert view.face["question"] == "What is `a`?"
        assert "parts" not in view.face
        view.undo()
        assert view.problem == "There is no rating to take back."
        view.reveal()
        view.rate(EASY)
        assert (reviews(), view.problem) == ([("a", EASY)], "")

    def test_undo_brings_a_card_of_another_topic(self, view: CardsView) -> None:
        view.reveal()
        view.rate(EASY)
        view.topic = "closing"
        view.undo()
        assert (view.face["topic"], view.topic) == ("masking", "masking"), "the list names the card's set"
        assert (view.verdict["note"], view.verdict["verdict"]) == ("masking", "0 due, 2 new")

    def test_undo_leaves_all_topics_chosen(self, view: CardsView) -> None:
        view.reveal()
        view.rate(EASY)
        view.undo()
        assert (view.face["topic"], view.topic, view.verdict["verdict"]) == ("masking", "", "0 due, 3 new")

    def test_a_rating_that_stays_leaves_the_topic(self, clock: Clock) -> None:
        view = made(A, C, clock=clock)
        view.reveal()
        view.rate(AGAIN)
        rate(deck(A, clock=clock), EASY)
        view.topic = "closing"
        view.undo()
        assert view.problem.endswith("that rating stays.")
        assert (view.face["topic"], view.topic) == ("closing", "closing")


class TestChoices:
    @pytest.mark.parametrize(
        ("item", "chosen", "said"),
        [
            (ONE, (), "– the answer"),
            (ONE, (1,), "✓ right"),
            (ONE, (0,), "✗ not so"),
            (MANY, (0, 2), "✓ right"),
            (MANY, (2, 0), "✓ right"),
            (MANY, (0,), "✗ not so"),
            (MANY, (0, 1, 2), "✗ not so"),
        ],
    )
    def test_judged(self, clock: Clock, item: Item, chosen: tuple[int, ...], said: str) -> None:
        view = made(item, clock=clock)
        view.reveal(*chosen)
        assert verdict(view) == said
        assert [at for at, each in enumerate(view.face["judged"]) if each["chosen"]] == sorted(chosen)
        assert reviews() == [], "how well it was known is for the student to say"

    def test_how_many(self, clock: Clock) -> None:
        assert made(ONE, clock=clock).verdict["text"] == "Choose an answer."
        view = made(MANY, clock=clock)
        assert view.face["many"]
        assert view.verdict["text"] == "Choose all that are right, then look."

    def test_each_has_its_reason(self, clock: Clock) -> None:
        view = made(ONE, clock=clock)
        view.reveal()
        assert view.face["judged"][:2] == [
            {"text": EVIL, "right": False, "why": "Not `that`.", "chosen": False},
            {"text": "True.", "right": True, "why": "So it is.", "chosen": False},
        ]


class TestTopic:
    def test_by_name(self, clock: Clock) -> None:
        view = made(A, C, clock=clock, topic="closing")
        assert (view.face["topic"], repr(view)) == ("closing", "<cards about closing: 0 due, 1 new>")

    def test_chosen_on_the_page(self, view: CardsView) -> None:
        view.topic = "closing"
        assert view.face["question"] == "What is `c`?"
        view.topic = ""
        assert view.face["question"] == "What is `a`?"

    def test_counts(self, view: CardsView, clock: Clock) -> None:
        view.reveal()
        view.rate(AGAIN)
        clock.on(minutes=1)
        view.order = [view.turn, "look"]
        assert view.topics == [
            {"name": "masking", "due": 1, "new": 1},
            {"name": "closing", "due": 0, "new": 1},
        ]

    def test_one_that_is_not_there(self, view: CardsView) -> None:
        view.topic = EVIL
        assert view.problem == f"There are no cards about {EVIL}."
        assert view.face == {}


class TestNothingLeft:
    def test_until_the_next_is_due(self, clock: Clock) -> None:
        view = made(A, clock=clock)
        view.reveal()
        view.rate(EASY)
        assert view.face == {}
        assert view.verdict == {
            "mark": "✓",
            "verdict": "done for now",
            "text": "The next card is due in 8 days.",
            "note": "",
        }
        clock.on(days=8)
        view.order = [view.turn, "look"]
        assert view.face["question"] == "What is `a`?"

    def test_enough_new_ones_for_today(self, clock: Clock) -> None:
        view = CardsView(deck(A, B, C, clock=clock, new_per_day=1))
        view.reveal()
        view.rate(EASY)
        assert view.verdict["text"] == (
            "The next card is due in 8 days. 2 new cards wait: you begin 1 a day. "
            "For more today: cards(new_per_day=21)."
        )
        view.topic = "closing"
        assert view.verdict["text"].startswith("1 new card waits: ")


class TestOrders:
    @pytest.mark.parametrize(
        "order", [[0], [0, "burn"], [0, "rate", 3], [0, "reveal"], [0, "reveal", 1], [0, "rate", "3"]]
    )
    def test_what_is_no_order(self, view: CardsView, order: list[object]) -> None:
        view.order = order
        assert view.problem == "Turn the card over, then rate it with 1 to 4."
        assert (view.face["question"], "parts" in view.face, reviews()) == ("What is `a`?", False, [])

    @pytest.mark.parametrize("rating", [0, 5, -1, 99])
    def test_what_is_no_rating(self, view: CardsView, rating: int) -> None:
        view.reveal()
        view.rate(rating)
        assert view.problem == "Rate the card with 1 to 4."
        assert ("parts" in view.face, reviews()) == (True, [])
        view.rate(GOOD)
        assert (view.problem, reviews()) == ("", [("a", GOOD)])

    def test_what_was_not_offered_is_not_chosen(self, clock: Clock) -> None:
        view = made(ONE, clock=clock)
        view.reveal(9, "1", [1], None)  # type: ignore[arg-type]
        assert verdict(view) == "– the answer"

    def test_a_late_one_is_not_obeyed(self, view: CardsView) -> None:
        """Two pages show the same card, and both rate it; or somebody pressed twice."""
        view.reveal()
        turn = view.turn
        view.order = [turn, "rate", GOOD]
        view.order = [turn, "rate", EASY]
        view.order = [turn, "undo"]
        assert reviews() == [("a", GOOD)]

    def test_a_card_is_turned_over_once(self, view: CardsView) -> None:
        view.reveal()
        view.reveal()
        assert view.problem == "Turn the card over, then rate it with 1 to 4."


class TestElsewhere:
    def test_a_card_that_was_rated_elsewhere(self, view: CardsView, clock: Clock) -> None:
        view.reveal()
        rate(deck(A, B, C, clock=clock), EASY)
        view.rate(AGAIN)
        assert view.problem.startswith("This card was rated in another notebook meanwhile")
        assert reviews() == [("a", EASY)]
        assert view.face["question"] == "What is `b`?"
        assert not view.can_undo
        view.reveal()
        view.rate(GOOD)
        assert (reviews(), view.problem) == ([("a", EASY), ("b", GOOD)], "")

    def test_a_rating_that_was_built_on_elsewhere(self, clock: Clock) -> None:
        view = made(A, clock=clock)
        view.reveal()
        view.rate(AGAIN)
        rate(deck(A, clock=clock), EASY)
        view.undo()
        assert view.problem.endswith("that rating stays.")
        assert not view.can_undo

    def test_after_a_reset(self, view: CardsView) -> None:
        view.reveal()
        view.rate(AGAIN)
        progress().reset("erase")
        view.order = [view.turn, "look"]
        assert repr(view) == "<cards: 0 due, 3 new>"

    def test_a_fault_of_the_file_is_told(self, view: CardsView, folder: Path) -> None:
        view.reveal()
        (folder / FILE).write_bytes(b"no database" * 500)
        view.rate(GOOD)
        assert "could not be read: it is kept as progress-damaged-" in view.notice
        assert reviews() == [("a", GOOD)], "the rating is in the new file"


class TestStill:
    def test_question_first_and_the_answer_to_be_opened(self, view: CardsView) -> None:
        shown = drawn(view.still())
        assert shown.text == (
            "Cards 0 due, 3 new What is a ? Answer Answer The a . Why Why a. "
            "RFC 6455 §5.3 · lesson 04_masking By topic topic due new masking 0 2 closing 0 1"
        )
        assert shown.tags.count("details") == 2

    def test_choices(self, clock: Clock) -> None:
        text = drawn(made(ONE, clock=clock).still()).text
        assert f"What is a < b ? {EVIL} True. Nothing. Answer ✗ wrong: {EVIL} Not that ." in text

    def test_lists(self, clock: Clock) -> None:
        text = drawn(made(OPEN, clock=clock).still()).text
        assert "What to look for It is so. A price. A strong answer It is so, at the price of that." in text
        assert f"A weak answer Well, {EVIL}." in text

    def test_nothing_left(self, clock: Clock) -> None:
        view = made(A, clock=clock)
        view.reveal()
        view.rate(EASY)
        assert drawn(view.still()).text.startswith(
            "Cards 0 due, 0 new The next card is due in 8 days. By topic"
        )
