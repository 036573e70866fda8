"""MockView in Python: what each step shows, and what is kept of it."""

from collections.abc import Iterable, Mapping

import pytest

from tests.course.drawn import drawn
from tests.interview.rehearsing import EVIL, ONE, THREE, TWO, Clock
from wslearn.interview.bank import TOPICS
from wslearn.interview.drawing import MIX
from wslearn.interview.rehearsal import Rehearsal
from wslearn.widgets.mock_view import MockView

NEVER_TOLD = ("Because of", "q-one one", "Well.")


class Heard(list[tuple[str, int]]):
    def keep(self, held: Rehearsal) -> None:
        held.settle()
        self.append((held.phase, held.question))


class Room:
    """A view, its clock, what it kept, and what it was asked to begin with."""

    def __init__(self) -> None:
        self.clock, self.kept = Clock(), Heard()
        self.begun: list[tuple[int, list[str], list[str]]] = []
        self.view = MockView(15, MIX, TOPICS, self.begin, self.kept.keep)

    def begin(self, minutes: int, mix: Mapping[str, float], topics: Iterable[str]) -> Rehearsal:
        self.begun.append((minutes, list(mix), list(topics)))
        return Rehearsal((ONE, TWO, THREE), minutes, "", self.clock)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def view(room: Room) -> MockView:
    return room.view


def said(view: MockView) -> tuple[str, str]:
    return view.verdict["mark"], view.verdict["verdict"]


class TestReady:
    def test_what_can_be_chosen(self, view: MockView, room: Room) -> None:
        assert view.phase == "ready"
        assert view.offered["minutes"] == [15, 30, 45]
        assert view.offered["kinds"].keys() == MIX.keys()
        assert view.offered["topics"] == TOPICS
        assert said(view) == ("–", "not begun")
        all_of_it = "15 minutes: short answers, decisions, estimates, designs; all 26 topics."
        assert view.verdict["text"] == all_of_it
        assert room.kept == []

    def test_a_choice(self, view: MockView, room: Room) -> None:
        view.choice = {"minutes": 45, "kinds": ["design", "short"], "topics": ["tls", "masking"]}
        assert view.verdict["text"] == "45 minutes: designs, short answers; tls, masking."
        view.step("begin")
        assert room.begun == [(45, ["short", "design"], ["masking", "tls"])]

    @pytest.mark.parametrize(
        ("choice", "problem"),
        [
            (
                {"minutes": 20, "kinds": ["short"], "topics": []},
                "A mock interview takes 15, 30 or 45 minutes",
            ),
            ({"minutes": 15, "kinds": [], "topics": []}, "Choose a topic, and a kind"),
            ({"minutes": 15, "kinds": ["card"], "topics": []}, "There is no kind 'card'"),
            ({"minutes": 15, "kinds": ["short"], "topics": ["x"]}, "There is no topic 'x'"),
            ({"minutes": "15"}, "A choice is of minutes, kinds and topics."),
        ],
    )
    def test_a_bad_choice(self, view: MockView, room: Room, choice: dict[str, object], problem: str) -> None:
        view.choice = choice
        assert view.problem.startswith(problem)
        view.step("begin")
        assert view.problem.startswith(problem)
        assert (view.phase, room.begun) == ("ready", [])

    @pytest.mark.parametrize("step", ["pause", "next", "end", "finish"])
    def test_other_steps_come_later(self, view: MockView, step: str) -> None:
        view.step(step)
        assert view.problem == "Begin the interview first."


class TestAsking:
    @pytest.fixture(autouse=True)
    def begun(self, view: MockView) -> None:
        view.step("begin")

    def test_a_question(self, view: MockView) -> None:
        assert view.phase == "asking"
        assert view.shown["text"] == "Why `q-one`?"
        assert view.shown["about"] == "short · masking · about 3 minutes"
        assert view.shown["before"] == []
        assert said(view) == ("", "question 1 of 3")
        assert view.clock == {"elapsed": 0, "of": 900, "running": True, "up": False}

    def test_what_is_typed_is_kept_at_once(self, view: MockView, room: Room) -> None:
        before = len(room.kept)
        view.typed = [0, 0, "a"]
        assert view.kept == "a"
        assert len(room.kept) == before + 1

    def test_a_step_brings_what_was_typed_last(self, view: MockView) -> None:
        view.order = [view.turn, "next", [0, 0, "just typed"]]
        assert view.held
        assert view.held.said == {("q-one", 0): "just typed"}
        assert view.shown["text"] == "And then?"
        assert view.shown["before"] == [{"asked": "Why `q-one`?", "said": "just typed"}]
        assert view.kept == ""

    def test_what_is_late_or_comes_twice_is_not_obeyed(self, view: MockView) -> None:
        turn = view.turn
        view.order = [turn, "next", []]
        view.order = [turn, "skip", []]
        assert (view.shown["question"], view.shown["part"]) == (0, 1)

    @pytest.mark.parametrize("order", [[], [0], [0, "burn", []], ["0", "next", []], [0, "next", "text"]])
    def test_what_is_no_order(self, view: MockView, order: list[object]) -> None:
        view.order = order
        assert view.problem == "An order is a turn, the name of a step, and an answer or nothing."

    @pytest.mark.parametrize("typed", [[0, 0], [0, 0, 5], ["0", 0, "a"]])
    def test_what_is_no_answer(self, view: MockView, typed: list[object]) -> None:
        view.typed = typed
        assert view.problem == "An answer is the question, the part and the text."

    def test_an_answer_that_is_refused_does_not_stop_the_next_step(self, view: MockView) -> None:
        view.order = [view.turn, "next", [0, 0, "a" * 20_001]]
        assert "room for 20,000 characters" in view.problem
        assert view.shown["part"] == 0
        view.step("next")
        assert (view.problem, view.shown["part"]) == ("", 1)

    def test_a_pause(self, view: MockView, room: Room) -> None:
        room.clock.time += 10
        view.step("pause")
        assert (view.clock["elapsed"], view.clock["running"]) == (10, False)
        assert said(view) == ("–", "paused")
        room.clock.time += 1000
        view.step("resume")
        assert (view.clock["elapsed"], view.clock["running"]) == (10, True)

    def test_a_look_tells_the_time(self, view: MockView, room: Room) -> None:
        for elapsed in (100, 200):
            room.clock.time += 100
            view.look()
            assert view.clock["elapsed"] == elapsed

    def test_the_time_is_over(self, view: MockView, room: Room) -> None:
        for _ in range(9):
            room.clock.time += 100
            view.look()
        assert view.clock["up"]
        assert said(view) == ("", "time is over")
        assert view.shown["next"] == "scoring"

    def test_it_is_begun_once(self, view: MockView, room: Room) -> None:
        view.step("begin")
        assert view.problem == "This interview has begun."
        assert len(room.begun) == 1

    def test_what_is_right_is_not_told_before_the_end(self, view: MockView) -> None:
        view.step("next")
        state = repr(view.get_state())
        assert not [text for text in NEVER_TOLD if text in state]
        assert not [text for text in NEVER_TOLD if text in view.still()]

    def test_there_is_no_report_yet(self, view: MockView) -> None:
        assert "no report yet" in repr(view.report)


class TestScoring:
    @pytest.fixture(autouse=True)
    def scoring(self, view: MockView) -> None:
        view.step("begin")
        view.typed = [0, 0, "one"]
        view.step("skip")
        view.typed = [1, 0, "two"]
        view.step("end")

    def test_beside_a_strong_answer_and_a_weak_one(self, view: MockView) -> None:
        assert view.phase == "scoring"
        first = view.scored[0]
        assert first["said"] == [{"asked": "Why `q-one`?", "said": "one"}]
        assert (first["strong"], first["weak"]) == ("Because of `q-one` < 2.", "Well.")
        assert first["points"] == list(ONE.points)
        assert first["link"]["href"] == "04_masking.ipynb#Why"
        assert said(view) == ("", "scoring 1 of 2")

    def test_ticks(self, view: MockView, room: Room) -> None:
        before = len(room.kept)
        view.ticked = [[2, 0], []]
        assert view.ticked == [[0, 2], []]
        view.ticked = [[2], [1]]
        assert view.ticked == [[2], [1]]
        assert len(room.kept) == before + 2
        assert view.report.score == "2 of 6 points"

    @pytest.mark.parametrize("ticked", [[[9], []], [[-1], []]])
    def test_a_point_that_there_is_not(self, view: MockView, ticked: list[list[int]]) -> None:
        view.ticked = ticked
        assert view.problem == "There is no such point to score."
        view.ticked = [[1]]
        assert view.ticked == [[1], []]

    @pytest.mark.parametrize(("at", "shown"), [(1, 1), (7, 1), (-1, 0)])
    def test_from_one_to_the_other(self, view: MockView, at: int, shown: int) -> None:
        view.at = at
        assert view.at == shown
        assert said(view) == ("", f"scoring {shown + 1} of 2")


class TestDone:
    @pytest.fixture(autouse=True)
    def done(self, view: MockView) -> None:
        view.step("begin")
        view.typed = [0, 0, EVIL]
        view.step("end")
        view.ticked = [[0]]
        view.step("finish")

    def test_the_report(self, view: MockView) -> None:
        assert said(view) == ("✓", "1 of 3 points")
        shown = drawn(view.told)
        assert EVIL in shown.text
        assert "masking 1 of 3" in shown.text
        assert drawn(view.still()).text == drawn(view.report._repr_html_()).text

    def test_it_is_saved(self, view: MockView, tmp_path_factory: pytest.TempPathFactory) -> None:
        assert view.held
        assert view.path == f"mock-interview-{view.held.begun[:10]}.md"
        path = tmp_path_factory.mktemp("saved") / "mine.md"
        for text in ("one", "two"):
            view.path = str(path)
            view.step("save")
            assert view.verdict["text"] == f"The report is in {path}."
            assert path.exists(), text
            path.unlink()
        view.path = "mine.txt"
        view.step("save")
        assert "as .md or .html" in view.problem

    def test_another_one(self, view: MockView, room: Room) -> None:
        view.step("again")
        assert view.phase == "ready"
        view.step("begin")
        assert (view.phase, len(room.begun)) == ("asking", 2)
        assert view.kept == ""


class TestStill:
    def test_before_it_begins_it_is_the_same_each_time(self, view: MockView) -> None:
        assert view.still() == Room().view.still()
        text = drawn(view.still()).text
        assert "Mock interview 15 minutes" in text
        assert "The report says what to revise" in text
        assert "not begun" in text

    def test_while_it_is_held(self, view: MockView) -> None:
        view.step("begin")
        view.order = [view.turn, "next", [0, 0, EVIL]]
        text = drawn(view.still()).text
        assert f"Why q-one ? {EVIL} And then? Nothing." in text
        assert "And last?" not in text
        assert "q-two" not in text


def test_a_view_of_one_that_was_begun_before() -> None:
    held = Rehearsal((ONE, TWO), 30, "", Clock())
    held.say(0, 0, "before")
    view = MockView(15, MIX, ["tls"], lambda *_: pytest.fail("it was begun"), lambda _: None, held)
    assert (view.phase, view.kept) == ("asking", "before")
    assert said(view) == ("–", "paused")
