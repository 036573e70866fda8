"""What was done is recorded, shown, exported, and forgotten only by who means it."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.course.drawn import drawn
from wslearn.course.bank import questions
from wslearn.course.exercise import exercises
from wslearn.course.progress import (
    CONFIRMATION,
    ExerciseRecord,
    exercise_record,
    progress,
    record_answer,
    record_exercise,
    record_help,
    record_prediction,
)
from wslearn.course.store import FILE
from wslearn.errors import UsageError

LESSON = "02_handshake"
TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WSLEARN_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


class TestExercise:
    def test_from_not_attempted_to_right(self) -> None:
        states = [exercise_record("accept_key").state]
        for verdict in ("not attempted", "not yet", "right", "not yet"):
            record_exercise("accept_key", LESSON, verdict)
            states.append(exercise_record("accept_key").state)
        assert states == ["not attempted", "not attempted", "tried", "right", "right"]
        kept = exercise_record("accept_key")
        assert kept.attempts == 3
        assert kept.first_right
        assert TIME.fullmatch(kept.first_right)

    def test_the_first_time_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # The package has a function of the module's name.
        module = import_module("wslearn.course.progress")
        for time in ("monday", "tuesday"):
            monkeypatch.setattr(module, "now", lambda time=time: time)
            record_exercise("accept_key", LESSON, "right")
            record_help("accept_key", LESSON, solution=True)
        assert exercise_record("accept_key") == ExerciseRecord(2, "monday", 0, "monday")

    def test_help(self) -> None:
        for hints in (1, 2, 1):
            record_help("accept_key", LESSON, hints=hints)
        kept = exercise_record("accept_key")
        assert (kept.hints, kept.solution_seen, kept.state) == (2, None, "not attempted")
        record_help("accept_key", LESSON, solution=True)
        kept = exercise_record("accept_key")
        assert kept.hints == 2
        assert TIME.fullmatch(kept.solution_seen or "")

    def test_an_exercise_not_attempted_leaves_no_trace(self, folder: Path) -> None:
        record_exercise("accept_key", LESSON, "not attempted")
        assert not folder.exists()

    def test_another_verdict_is_misuse(self) -> None:
        with pytest.raises(UsageError, match=r"'Right'\.$"):
            record_exercise("accept_key", LESSON, "Right")


class TestProgress:
    def test_what_is_kept(self) -> None:
        record_exercise("accept_key", LESSON, "not yet")
        record_answer("handshake-key-why", LESSON, ["A “choice”", "another"], False)
        record_answer("handshake-key-why", LESSON, ["A choice"], True)
        record_prediction("How many?", "5", "11", False)
        kept = progress()
        assert [row["name"] for row in kept.exercises] == ["accept_key"]
        assert [(row["chosen"], row["is_right"]) for row in kept.answers] == [
            (["A “choice”", "another"], False),
            (["A choice"], True),
        ]
        assert [(row["guess"], row["actual"], row["is_right"]) for row in kept.predictions] == [
            ("5", "11", False)
        ]
        assert kept.answers[0]["is_right"] is False

    def test_it_does_not_change_behind_ones_back(self) -> None:
        before = progress()
        record_prediction("How many?", "5", "11", False)
        assert before.predictions == ()

    def test_it_counts_what_the_course_has(self) -> None:
        """With the real exercises, questions and lessons."""
        record_exercise("server_frame", "00_start_here", "right")
        first = [question for question in questions() if question.lesson == "00_start_here"]
        for question in first[:2]:
            record_answer(question.id, "00_start_here", [], True)
        stop = progress().map.stops[0]
        assert stop.lesson.title == "00 · Start here"
        assert stop.exercises == (1, sum(each.lesson == "00_start_here" for each in exercises()))
        assert stop.questions == (2, len(first))
        assert stop.state == "begun"
        shown = drawn(progress()._repr_html_())
        assert f"{progress().map.totals}" in shown.text
        assert "begun, exercises 1/1" in repr(progress())

    def test_a_fault_of_the_disk_is_told(self, folder: Path) -> None:
        folder.write_text("in the way")
        record_exercise("accept_key", LESSON, "right")
        assert progress().exercises[0]["attempts"] == 1
        assert "until this kernel ends" in repr(progress())
        assert "until this kernel ends" in drawn(progress()._repr_html_()).text


class TestExport:
    def test_json(self, tmp_path: Path) -> None:
        record_exercise("accept_key", LESSON, "right")
        record_answer("handshake-key-why", LESSON, ["“”"], True)
        path = progress().export(str(tmp_path / "mine.json"))
        written = path.read_text("utf-8")
        assert "“”" in written
        exported = json.loads(written)
        tables = {"exercises", "answers", "predictions", "cards", "reviews"}
        interviews = {"interviews", "interview_questions", "interview_answers"}
        assert exported.keys() == {"format", "exported", *tables, *interviews}
        assert exported["exercises"][0]["attempts"] == 1
        assert exported["answers"][0]["chosen"] == ["“”"]
        assert TIME.fullmatch(exported["exported"])

    def test_no_notebook_is_overwritten(self, tmp_path: Path) -> None:
        lesson = tmp_path / "02_handshake.ipynb"
        lesson.write_text("my work")
        with pytest.raises(UsageError, match=r"to a \.json file"):
            progress().export(lesson)
        assert lesson.read_text() == "my work"

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="No such file"):
            progress().export(tmp_path / "nowhere" / "mine.json")


class TestReset:
    @pytest.mark.parametrize("word", ["", "yes", "Erase", "reset"])
    def test_not_by_accident(self, word: str, folder: Path) -> None:
        record_exercise("accept_key", LESSON, "right")
        with pytest.raises(UsageError, match=f'Nothing was erased.*reset."{CONFIRMATION}"'):
            progress().reset(word)
        assert exercise_record("accept_key").state == "right"
        assert [path.name for path in folder.iterdir()] == [FILE]

    def test_a_dated_copy_stays(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        record_exercise("accept_key", LESSON, "right")
        record_answer("handshake-key-why", LESSON, [], True)
        record_prediction("How many?", "5", "11", False)
        copy = progress().reset(CONFIRMATION)
        assert copy
        assert re.fullmatch(r"progress-before-reset-20\d{6}-\d{6}\.sqlite3", copy.name)
        assert (progress().exercises, progress().answers, progress().predictions) == ((), (), ())
        monkeypatch.setenv("WSLEARN_DATA", str(folder.parent / "again"))
        (folder.parent / "again").mkdir()
        copy.rename(folder.parent / "again" / FILE)
        assert exercise_record("accept_key").state == "right"
        assert len(progress().answers) == len(progress().predictions) == 1

    def test_in_memory_there_is_no_copy(self, folder: Path) -> None:
        folder.write_text("in the way")
        record_exercise("accept_key", LESSON, "right")
        assert progress().reset(CONFIRMATION) is None
        assert exercise_record("accept_key").state == "not attempted"
