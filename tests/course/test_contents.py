"""The contents of the course are those of its notebooks."""

import json
from pathlib import Path

import pytest

from wslearn.course.contents import LESSONS, lessons, read_lesson
from wslearn.errors import UsageError
from wslearn.lessons import find_lessons


def notebook(path: Path, *cells: tuple[str, str]) -> Path:
    written = [{"cell_type": kind, "source": source.splitlines(keepends=True)} for kind, source in cells]
    path.write_text(json.dumps({"cells": written}), "utf-8")
    return path


def test_each_notebook_is_a_lesson_and_says_so() -> None:
    here = {lesson.name: lesson.title for lesson in lessons() if lesson.is_here}
    folder = find_lessons().folder
    assert here.keys() == {path.stem for path in folder.glob("[0-9][0-9]_*.ipynb")}
    for name, title in here.items():
        assert title.startswith(f"{name[:2]} · "), f"{name}.ipynb begins with “# {title}”"


def test_the_order() -> None:
    assert [name[:2] for name in LESSONS] == [f"{number:02}" for number in range(14)]
    assert [lesson.name for lesson in lessons()] == [*LESSONS]


def test_a_prediction_is_named_by_its_question_alone() -> None:
    questions = [question for lesson in lessons() for question in lesson.predictions]
    assert len(questions) == len(set(questions)), "two predictions ask the same question"


class TestRead:
    def test_heading_and_predictions(self, tmp_path: Path) -> None:
        path = notebook(
            tmp_path / "02_handshake.ipynb",
            ("markdown", "# 02 · The handshake\n\n**Time:** 20 minutes\n"),
            ("markdown", 'predict("no code")'),
            ("code", 'a = predict("One "\n    "question?", unit="bytes")\na'),
            ("code", "x = await y()\nif x:\n    predict('Another?', [1, 2])"),
            ("code", "%time predict('magic')"),
            ("code", "predict(question)\nmodel.predict('another thing')"),
        )
        lesson = read_lesson(path)
        assert (lesson.name, lesson.title, lesson.is_here) == ("02_handshake", "02 · The handshake", True)
        assert lesson.predictions == ("One question?", "Another?")
        assert lesson.file == path.name

    def test_one_that_is_not_written_yet(self, tmp_path: Path) -> None:
        lesson = read_lesson(tmp_path / "01_why_not_http.ipynb")
        assert (lesson.title, lesson.is_here, lesson.predictions) == ("01 · Why not HTTP", False, ())

    def test_without_cells(self, tmp_path: Path) -> None:
        assert read_lesson(notebook(tmp_path / "11_scaling.ipynb")).title == "11 · Scaling"


def test_an_installation_without_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise UsageError("The lessons are not here.")

    monkeypatch.setattr("wslearn.course.contents.find_lessons", none)
    found = lessons.__wrapped__()
    assert [lesson.name for lesson in found] == [*LESSONS]
    assert not any(lesson.is_here for lesson in found)
