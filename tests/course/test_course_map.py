"""The map says of each lesson what is done, in words and numbers, and which one is next."""

from typing import Any, NamedTuple

import pytest

from tests.course.drawn import drawn
from wslearn.course.bank import Choice, Question
from wslearn.course.contents import Lesson
from wslearn.course.course_map import Count, CourseMap, course_map
from wslearn.course.progress import Progress


class Exercise(NamedTuple):
    name: str
    lesson: str


FIRST = Lesson("00_start_here", "00 · Start <here>", True, ("How many?",))
EMPTY = Lesson("01_why_not_http", "01 · Why not HTTP", True, ("Who?", "When?"))
SECOND = Lesson("02_handshake", "02 · Handshake", True)
LAST = Lesson("03_frames", "03 · Frames")
EXERCISES = (
    Exercise("server_frame", FIRST.name),
    Exercise("accept_key", SECOND.name),
    Exercise("check_answer", SECOND.name),
    Exercise("header", LAST.name),
)
QUESTIONS = tuple(
    Question(
        id=f"{lesson.name[:2]}-{number}",
        lesson=lesson.name,
        topic="topic",
        difficulty=1,
        question="?",
        choices=(Choice("a", "b", True),),
        reason="c",
    )
    for lesson in (FIRST, SECOND)
    for number in range(2)
)


def drawn_map(
    exercises: dict[str, bool] | None = None,
    answers: dict[str, bool] | None = None,
    predictions: tuple[str, ...] = (),
    notice: str = "",
) -> CourseMap:
    """Draw the map of somebody who did this: names and whether they are right."""

    def rows(what: dict[str, bool] | None, name: str, right: str) -> tuple[dict[str, Any], ...]:
        return tuple({name: key, right: value} for key, value in (what or {}).items())

    kept = Progress(
        tuple(
            {"name": name, "first_right": "2026" if right else None}
            for name, right in (exercises or {}).items()
        ),
        rows(answers, "question", "is_right"),
        tuple({"question": question} for question in predictions),
        notice,
    )
    return course_map(kept, (FIRST, EMPTY, SECOND, LAST), EXERCISES, QUESTIONS)


def states(drawn: CourseMap) -> list[str]:
    return [stop.state for stop in drawn.stops]


class TestStates:
    def test_nothing_done(self) -> None:
        found = drawn_map()
        assert states(found) == ["not begun", "not begun", "not begun", "coming"]
        assert found.next
        assert (found.next.lesson, found.next.todo) == (FIRST, "exercise server_frame")
        assert found.totals == "0 of 3 exercises, 0 of 4 questions, 0 of 3 predictions"

    def test_an_exercise_that_was_tried_is_not_done(self) -> None:
        assert drawn_map({"server_frame": False}).stops[0].exercises == Count(0, 1)

    def test_begun(self) -> None:
        found = drawn_map({"server_frame": True}, {"00-0": True, "00-1": False})
        assert states(found)[0] == "begun"
        assert found.stops[0].questions == Count(1, 2)
        assert found.next
        assert (found.next.lesson, found.next.todo) == (FIRST, "the quiz")

    def test_done_without_its_predictions(self) -> None:
        found = drawn_map({"server_frame": True}, {"00-0": True, "00-1": True})
        assert states(found)[0] == "done"
        assert found.stops[0].predictions == Count(0, 1)
        assert found.next
        assert (found.next.lesson, found.next.todo) == (EMPTY, "")

    @pytest.mark.parametrize(("made", "state"), [(("Who?",), "begun"), (("Who?", "When?"), "done")])
    def test_where_there_is_nothing_but_predictions(self, made: tuple[str, ...], state: str) -> None:
        assert drawn_map(predictions=made).stops[1].state == state

    def test_what_the_course_does_not_know_is_not_counted(self) -> None:
        found = drawn_map({"gone": True}, {"00-9": True}, ("Mine?",))
        assert found.totals == "0 of 3 exercises, 0 of 4 questions, 0 of 3 predictions"
        assert states(found)[0] == "not begun"

    def test_all_done(self) -> None:
        found = drawn_map(
            {exercise.name: True for exercise in EXERCISES},
            {question.id: True for question in QUESTIONS},
            ("Who?", "When?"),
        )
        assert states(found) == ["done", "done", "done", "coming"]
        assert found.next is None
        assert "All that is there is done." in found.text()
        assert "✓ done All that is there." in drawn(found.html()).text


class TestText:
    def test_all_of_it(self) -> None:
        found = drawn_map({"server_frame": True, "accept_key": False}, {"02-0": True}, notice="In memory.")
        assert found.text().splitlines() == [
            "Your progress: 1 of 3 exercises, 1 of 4 questions, 0 of 3 predictions",
            "In memory.",
            "◐ 00 · Start <here>  begun, exercises 1/1, questions 0/2, predictions 0/1",
            "○ 01 · Why not HTTP  not begun, predictions 0/2",
            "◐ 02 · Handshake     begun, exercises 0/2, questions 1/2",
            "… 03 · Frames        coming",
            "Next: 00_start_here.ipynb: the quiz",
        ]

    def test_next_with_nothing_to_name(self) -> None:
        done = drawn_map({"server_frame": True}, {"00-0": True, "00-1": True})
        assert done.text().endswith("\nNext: 01_why_not_http.ipynb")


class TestPicture:
    def test_links_lead_to_the_notebooks_that_are_there(self) -> None:
        picture = drawn(drawn_map({"server_frame": True}).html())
        lessons = [("00_start_here.ipynb", "00 · Start <here>"), ("01_why_not_http.ipynb", EMPTY.title)]
        assert picture.links == [*lessons, ("02_handshake.ipynb", SECOND.title), lessons[0]]

    def test_it_says_in_words_what_it_shows_in_colours(self) -> None:
        text = drawn(drawn_map({"server_frame": True}, notice="<b>").html()).text
        for said in ("next, begun 1/1 0/2 0/1", "not begun", "coming", "▸ next 00 · Start <here> , the quiz"):
            assert said in text
        assert "<b> state lesson exercises questions predictions" in text

    def test_a_box_for_each(self) -> None:
        html = drawn_map({"accept_key": True}).html()
        assert html.count('<b class="wsl-full"></b><b></b>') == 1
        assert html.count('<b class="wsl-full">') == 1
