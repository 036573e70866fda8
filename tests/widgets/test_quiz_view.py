"""QuizView in Python: an answer is judged once, and gets its own word."""

from collections.abc import Sequence

import pytest

from tests.course.drawn import drawn
from wslearn.course.bank import Choice, Question
from wslearn.errors import UsageError
from wslearn.widgets.quiz_view import QuizView

EVIL = "<img src=x onerror=alert(1)>"
ONE = Question(
    id="a-one",
    lesson="02_handshake",
    topic="topic",
    difficulty=1,
    question="What is `a < b`?",
    choices=(
        Choice(EVIL, "Not `that`.", False),
        Choice("True.", "So it is.", True),
        Choice("Nothing.", "No."),
    ),
    reason="The rule is `a`.",
    section="RFC 6455 §4.1",
)
MANY = Question(
    id="a-many",
    lesson="02_handshake",
    topic="topic",
    difficulty=2,
    question="Which? More than one is right.",
    choices=(Choice("A.", "Yes a.", True), Choice("B.", "Not b.", False), Choice("C.", "Yes c.", True)),
    reason="All but b.",
)


class Heard(list[tuple[str, list[int], bool]]):
    def answered(self, question: Question, chosen: Sequence[int], right: bool) -> None:
        self.append((question.id, list(chosen), right))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def view(heard: Heard) -> QuizView:
    return QuizView("02_handshake", [ONE, MANY], heard.answered)


class TestAnswers:
    def test_before_any(self, view: QuizView, heard: Heard) -> None:
        assert repr(view) == "<quiz 02_handshake: 2 questions>"
        assert (view.verdict["mark"], view.verdict["verdict"]) == ("–", "question 1 of 2")
        assert view.verdict["note"] == ""
        assert view.results == [{}, {}]
        assert heard == []

    def test_right(self, view: QuizView, heard: Heard) -> None:
        view.answer(1)
        assert view.results[0] == {
            "chosen": [1],
            "right": True,
            "say": [{"at": 1, "right": True, "why": "So it is."}],
        }
        assert view.verdict == {
            "mark": "✓",
            "verdict": "right",
            "text": "The rule is a.",
            "note": "RFC 6455 §4.1",
        }
        assert heard == [("a-one", [1], True)]

    def test_wrong_and_again(self, view: QuizView, heard: Heard) -> None:
        view.answer(0)
        assert [each["why"] for each in view.results[0]["say"]] == ["Not `that`."]
        assert (view.verdict["mark"], view.verdict["verdict"]) == ("✗", "not yet")
        view.answer(1)
        assert view.verdict["mark"] == "✓"
        assert heard == [("a-one", [0], False), ("a-one", [1], True)]

    @pytest.mark.parametrize(
        ("chosen", "right", "said"),
        [
            ((0, 2), True, "All but b."),
            ((2, 0, 2), True, "All but b."),
            ((0,), False, "1 right answer is missing. All but b."),
            ((0, 1), False, "All but b."),
            ((0, 1, 2), False, "All but b."),
        ],
    )
    def test_several(self, view: QuizView, chosen: tuple[int, ...], right: bool, said: str) -> None:
        view.at = 1
        assert view.verdict["text"] == "Choose all that are right."
        view.answer(*chosen)
        assert view.results[1]["right"] is right
        assert view.results[1]["chosen"] == sorted(set(chosen))
        assert view.verdict["text"] == said

    def test_each_question_keeps_its_own(self, view: QuizView) -> None:
        view.answer(0)
        view.at = 1
        assert view.verdict["mark"] == "–"
        view.at = 0
        assert view.verdict["mark"] == "✗"

    def test_what_is_right_is_not_told_before(self, view: QuizView) -> None:
        state = repr(view.get_state(["items", "results", "verdict", "at", "name", "asked"]))
        for secret in ("So it is", "The rule", "'right': True"):
            assert secret not in state


class TestBadOrders:
    @pytest.mark.parametrize(
        ("chosen", "said"),
        [((), "Choose an answer first."), ((7,), "Choose an answer first."), ((0, 1), "Choose one answer.")],
    )
    def test_nothing_to_judge(self, view: QuizView, heard: Heard, chosen: tuple[int, ...], said: str) -> None:
        view.answer(*chosen)
        assert view.problem == said
        assert view.results == [{}, {}]
        assert heard == []
        view.answer(1)
        assert view.problem == ""
        assert view.results[0]["right"]

    @pytest.mark.parametrize("order", [[], [9, [0], 0], ["0", [0], 0], [0, 0, 0], [0, [0]]])
    def test_what_is_no_answer(self, view: QuizView, heard: Heard, order: list[object]) -> None:
        view.asked = [1, [1], 0]
        view.asked = order
        assert view.problem == "An answer is the question, what was chosen, and the turn."
        assert len(heard) == 1

    def test_a_late_order_is_not_obeyed(self, view: QuizView, heard: Heard) -> None:
        view.asked = [0, [1], 0]
        view.asked = [0, [0], 0]
        assert heard == [("a-one", [1], True)]

    @pytest.mark.parametrize(("asked", "shown"), [(-1, 0), (7, 1)])
    def test_no_such_question(self, view: QuizView, asked: int, shown: int) -> None:
        view.at = asked
        assert view.at == shown

    def test_no_questions_is_misuse(self) -> None:
        with pytest.raises(UsageError, match="no questions for 01_why_not_http"):
            QuizView("01_why_not_http", [])


class TestStill:
    def test_questions_first_and_answers_to_be_opened(self, view: QuizView) -> None:
        html = view.still()
        shown = drawn(html)
        assert "What is a < b ? ○ <img src=x onerror=alert(1)> ○ True. ○ Nothing. Answer" in shown.text
        assert "☐ A. ☐ B. ☐ C. Answer" in shown.text
        for details in html.split("<details>")[1:]:
            assert "<summary>Answer</summary>" in details
        before = "".join(part.split("</details>")[-1] for part in html.split("<details>"))
        for answer in ("So it is", "Not <code>that</code>", "The rule"):
            assert answer in html
            assert answer not in before
        assert shown.tags.count("details") == 2

    def test_it_shows_what_was_answered(self, view: QuizView) -> None:
        before = view.still()
        view.answer(0)
        text = drawn(view.still()).text
        assert "● <img src=x onerror=alert(1)> ○ True. ○ Nothing. ✗ not yet Answer" in text
        view.answer(1)
        assert "○ <img src=x onerror=alert(1)> ● True. ○ Nothing. ✓ right Answer" in drawn(view.still()).text
        assert QuizView("02_handshake", [ONE, MANY]).still() == before
