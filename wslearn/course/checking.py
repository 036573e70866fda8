"""Checking a student's function against the library's."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception, find
from wslearn.course.guard import Guard, Outcome, Stopped, is_stub
from wslearn.course.progress import record_exercise
from wslearn.course.report import Report
from wslearn.course.store import store
from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ["check"]

_PATIENCE = 5.0  # seconds until a check is stopped
_SEARCH = 1.2  # seconds for made-up inputs, and for making a counterexample small
_INPUTS = 150


def check(function: Callable[..., Any]) -> Report:
    """Check your answer to an exercise, which is found by the function's name.

    Your function is run on the RFC's own examples, on both sides of every limit, and on inputs made up
    for the occasion, and compared with the library's. When they differ you see the smallest input that was
    found, both results, where they first differ, and the mistake behind it where it is a known one.

    Parameters
    ----------
    function
        What you wrote, under the name that the exercise gave it.

    Returns
    -------
    Report
        Its `works` is your function when it is right, else the library's, so that the lesson can go on.

    Raises
    ------
    UsageError
        When there is no exercise of that name.

    Examples
    --------
    >>> def accept_key(key):
    ...     ...
    >>> check(accept_key)
    accept_key: not attempted yet
    """
    name = getattr(function, "__name__", None)
    if name is None or not callable(function):
        raise UsageError(f"check takes the function itself: check(accept_key), not {function!r}.")
    exercise = find(name)
    report = _report(exercise, function)
    record_exercise(exercise.name, exercise.lesson, report.verdict)
    return report


def _report(exercise: Exercise, function: Callable[..., Any]) -> Report:
    if is_stub(function):
        return Report(exercise, "not attempted")
    trial = Trial(exercise, function)
    _import_hypothesis()  # on a busy machine that alone can take seconds, which are not the student's
    try:
        missing = Guard(_PATIENCE).run(trial.run)
    except Stopped as stopped:
        told = f"It was stopped after {_PATIENCE:.0f} seconds. Does its loop end? {stopped}".strip()
        return Report(exercise, "not yet", trial.last, sentence=told)
    if trial.smallest is None:
        return Report(exercise, "not yet" if missing else "right", sentence=missing, function=function)
    if isinstance(trial.actual.value, NotImplementedError):
        return Report(exercise, "not attempted")
    outcomes = (trial.expected, trial.actual)
    return Report(exercise, "not yet", trial.smallest, *outcomes, trial.mistake, sentence=trial.actual.fault)


class Trial:
    """One function against the model, on many inputs."""

    def __init__(self, exercise: Exercise, function: Callable[..., Any]) -> None:
        self._exercise = exercise
        self._function = function
        self.smallest: tuple[Any, ...] | None = None
        self.expected = self.actual = Outcome()
        self.mistake: Misconception | None = None
        self.last: tuple[Any, ...] | None = None

    def both(self, values: tuple[Any, ...]) -> tuple[Outcome, Outcome]:
        """Give the model's outcome and the function's."""
        self.last = values
        return self._exercise.outcome(self._exercise.model, values), self._exercise.outcome(
            self._function, values
        )

    def fails(self, values: tuple[Any, ...]) -> bool:
        """Tell whether the function is wrong here."""
        expected, actual = self.both(values)
        return bool(actual.fault) or not expected.same(actual)

    def run(self) -> str:
        """Try the examples, then what hypothesis makes up; keep the smallest input that fails.

        Returns
        -------
        str
            What is missing although all results are right.
        """
        failing = [values for values in self._exercise.examples if self.fails(values)]
        found = smallest(self._exercise, self.fails)
        candidates = [*failing[:1], *([] if found is None else [found])]
        self.smallest = min(candidates, key=_size, default=None)
        if self.smallest is None:
            return self._exercise.also(self._function) if self._exercise.also else ""
        self.expected, self.actual = self.both(self.smallest)
        self.mistake = self._known([*self._exercise.examples, self.smallest])
        return ""

    def _known(self, tried: list[tuple[Any, ...]]) -> Misconception | None:
        """Name the mistake: the one whose function answers as this one does, right or wrong, everywhere."""
        actual = [self._exercise.outcome(self._function, values) for values in tried]
        for known in self._exercise.misconceptions:
            would = [self._exercise.outcome(known.wrong, values) for values in tried]
            if all(_alike(one, other) for one, other in zip(actual, would, strict=True)):
                return known
        return None


def _alike(one: Outcome, other: Outcome) -> bool:
    """Tell whether two wrong answers are the same one; of what raises, the class of the error counts."""
    if one.fault and other.fault:
        return type(one.value) is type(other.value) and one.raised == other.raised
    return not (one.fault or other.fault) and one.same(other)


def smallest(exercise: Exercise, fails: Callable[[tuple[Any, ...]], bool]) -> tuple[Any, ...] | None:
    """Search for the smallest input that fails, for a limited time; the search is the same each time."""
    from random import Random

    from hypothesis import HealthCheck, Phase, Verbosity, find, settings
    from hypothesis.errors import Flaky, NoSuchExample

    until = time.monotonic() + _SEARCH
    found: list[tuple[Any, ...]] = []
    how = settings(
        max_examples=_INPUTS,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )

    def condition(values: tuple[Any, ...]) -> bool:
        if time.monotonic() > until or not fails(values):
            return False
        found.append(values)
        return True

    # When the time is over in the middle of shrinking, hypothesis meets inputs again that no longer fail.
    with suppress(NoSuchExample, Flaky):
        return find(exercise.inputs(), condition, settings=how, random=Random(6455))  # noqa: S311 - repeatable
    return found[-1] if found else None


def _import_hypothesis() -> None:
    """Import it, and let it keep its tables beside the progress, not in the folder of the lessons."""
    if "hypothesis" not in sys.modules:  # else somebody uses it on their own terms
        from hypothesis.configuration import set_hypothesis_home_dir

        set_hypothesis_home_dir(store().path.parent / "hypothesis")
    import hypothesis.strategies  # noqa: F401


def _size(value: Any) -> int:
    """Weigh an input by what a reader has to take in."""
    if isinstance(value, bytes | str):
        return len(value)
    if isinstance(value, list | tuple):
        return len(value) + sum(map(_size, value))
    return len(repr(value))
