"""Each exercise: its model passes, its stub was not attempted, each known mistake is found and named."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wslearn
from tests.course.rfc_sections import UNRULED
from wslearn.course.checking import check
from wslearn.course.exercise import LESSONS, Exercise, Misconception, exercises, find
from wslearn.course.helping import source
from wslearn.course.report import Report
from wslearn.errors import UsageError

ALL = exercises()
MISTAKES = [
    pytest.param(exercise, mistake, id=f"{exercise.name}-{mistake.name}")
    for exercise in ALL
    for mistake in exercise.misconceptions
]
each = pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)


def as_student(exercise: Exercise, function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function the exercise's name, as it has in a student's notebook."""

    @functools.wraps(function)
    def written(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    written.__name__ = exercise.name
    return written


def timed(function: Callable[..., Any]) -> tuple[Report, float]:
    start = time.process_time()
    return check(function), time.process_time() - start


def test_there_are_at_least_24() -> None:
    assert len(ALL) >= 24
    assert len({exercise.name for exercise in ALL}) == len(ALL)


def test_every_file_of_exercises_is_listed() -> None:
    folder = Path(wslearn.__file__).parent / "course" / "exercises"
    assert {path.stem for path in folder.glob("*.py")} == {*LESSONS, "__init__"}


@each
class TestExercise:
    def test_the_model_is_right(self, exercise: Exercise) -> None:
        report, taken = timed(as_student(exercise, exercise.model))
        assert report.verdict == "right", report
        assert taken < 2

    def test_the_stub_is_not_attempted(self, exercise: Exercise) -> None:
        namespace: dict[str, Any] = {}
        parameters = ", ".join(
            f"*, {name}" if name in exercise.keywords[:1] else name
            for name in inspect.signature(exercise.model).parameters
        )
        for body in ('"""What to do."""', "pass", "...", "raise NotImplementedError", "return None"):
            exec(f"def {exercise.name}({parameters}):\n    {body}", namespace)
            assert check(namespace[exercise.name]).verdict == "not attempted", body

    def test_an_answer_that_is_always_the_same_is_wrong(self, exercise: Exercise) -> None:
        for answer in (b"", "", True, False, 0, [], object()):
            report = check(as_student(exercise, lambda *_args, answer=answer, **_kwargs: answer))
            assert report.verdict == "not yet", answer
            assert report.values is not None

    def test_the_solution_runs_where_it_is_put(self, exercise: Exercise) -> None:
        namespace: dict[str, Any] = {}
        exec(source(exercise.model), namespace)
        assert check(namespace[exercise.name]).verdict == "right"

    def test_helps_on(self, exercise: Exercise) -> None:
        assert len(exercise.hints) >= 3
        assert len({mistake.message for mistake in exercise.misconceptions}) >= 3
        assert "§" in exercise.section or exercise.lesson in UNRULED
        assert all(line == line.strip() and line for line in exercise.hints)
        assert (inspect.getdoc(exercise.model) or "") != ""


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES)
def test_a_mistake_is_named(exercise: Exercise, mistake: Misconception) -> None:
    report, taken = timed(as_student(exercise, mistake.wrong))
    assert report.verdict == "not yet"
    assert report.misconception is mistake, report
    assert report.values is not None
    assert mistake.message in repr(report)
    assert exercise.name in report.call
    assert report._repr_html_().count("<tr") >= 2
    assert taken < 2


def test_finding_one_that_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"no exercise 'acept_key'\. There is accept_key"):
        find("acept_key")
