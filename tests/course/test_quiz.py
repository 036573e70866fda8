"""A lesson's quiz: its own questions, and every answer kept."""

from pathlib import Path

import pytest

from wslearn.course.bank import quiz_questions
from wslearn.course.contents import LESSONS
from wslearn.course.progress import progress
from wslearn.course.quiz import quiz
from wslearn.errors import UsageError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WSLEARN_DATA", str(tmp_path))
    return tmp_path


def test_it_asks_the_lessons_questions() -> None:
    view = quiz("03_frames")
    assert view.questions == quiz_questions("03_frames")
    assert repr(view) == f"<quiz 03_frames: {len(view.questions)} questions>"


@pytest.mark.parametrize("lesson", [name for name in LESSONS if quiz_questions(name)])
def test_each_can_be_answered_rightly(lesson: str) -> None:
    view = quiz(lesson)
    for at, question in enumerate(view.questions):
        view.at = at
        view.answer(*question.right)
    assert all(result["right"] for result in view.results)
    stop = next(stop for stop in progress().map.stops if stop.lesson.name == lesson)
    assert stop.questions.done == stop.questions.of == len(view.questions)


def test_answers_are_kept() -> None:
    view = quiz("02_handshake")
    question = view.questions[0]
    wrong = next(at for at in range(len(question.choices)) if at not in question.right)
    view.answer(wrong)
    view.answer(*question.right)
    kept = progress().answers
    assert [(row["question"], row["lesson"], row["is_right"]) for row in kept] == [
        (question.id, "02_handshake", False),
        (question.id, "02_handshake", True),
    ]
    assert kept[0]["chosen"] == [question.choices[wrong].text]


def test_showing_it_leaves_no_trace(folder: Path) -> None:
    quiz("02_handshake").still()
    assert list(folder.iterdir()) == []


def test_a_lesson_without_questions_names_those_with() -> None:
    with pytest.raises(UsageError, match=r"no questions for 'handshake', but for .*02_handshake"):
        quiz("handshake")
