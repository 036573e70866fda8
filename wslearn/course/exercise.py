"""What an exercise is: a function of the library, and what people get wrong when they write it.

The model answer is the library. An exercise adds what a check needs: inputs that are known to matter, a
way to make up more, and for each common mistake the function that somebody who makes it would write. A
student's function that answers as such a one does is told so by name.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from wslearn.course.guard import Outcome, call
from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["Exercise", "Misconception", "exercises", "find"]

LESSONS = (
    "start",
    "why_not_http",
    "handshake",
    "frames",
    "masking",
    "messages",
    "lifecycle",
    "server",
    "compression",
    "security",
    "use_cases",
    "scaling",
    "proxies",
    "interview",
)


@dataclass(frozen=True)
class Misconception:
    """A mistake that many make.

    Parameters
    ----------
    name
        What it is, in a few words: ``"the key decoded before hashing"``.
    message
        What to tell those who made it: what they did, and what the rule is. Backticks mark code.
    wrong
        The function that somebody who makes it writes.
    """

    name: str
    message: str
    wrong: Callable[..., Any]


@dataclass(frozen=True)
class Exercise:
    """A function to write.

    Parameters
    ----------
    model
        The answer: a function of the library, or a few lines on top of it. It gives the exercise its name,
        its parameters and the type of its result.
    lesson
        The notebook: ``"02_handshake"``.
    section
        Where the rule stands: ``"RFC 6455 §4.2.2"``; empty where no text rules it.
    examples
        Arguments that are known to matter: the RFC's own, and those on either side of every limit; the
        smallest first. Each a tuple in the order of the parameters.
    inputs
        Makes the strategy that makes up more such tuples; called late, because hypothesis is slow to import.
    hints
        From a nudge to nearly the answer. Backticks mark code.
    misconceptions
        Three or more, each of which fails with its own message.
    normal
        Brings a result into the form in which it is compared, where more than one result is right:
        ``normal(result, *arguments)``.
    also
        Asks for more than right results, such as speed: gives a sentence on what is missing, or ``""``.
    see
        Functions of the library whose source `solution` shows below the model, where that only calls them.
    """

    model: Callable[..., Any]
    lesson: str
    section: str
    examples: tuple[tuple[Any, ...], ...]
    inputs: Callable[[], SearchStrategy[tuple[Any, ...]]]
    hints: tuple[str, ...]
    misconceptions: tuple[Misconception, ...]
    normal: Callable[..., Any] | None = None
    also: Callable[[Callable[..., Any]], str] | None = None
    see: tuple[Callable[..., Any], ...] = ()

    @property
    def name(self) -> str:
        """What the student's function is called."""
        return self.model.__name__

    def named(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Give each argument its parameter's name; parameters with defaults may be left out at the end."""
        return dict(zip(inspect.signature(self.model).parameters, values, strict=False))

    @property
    def keywords(self) -> tuple[str, ...]:
        """The parameters that are given by name."""
        parameters = inspect.signature(self.model).parameters.values()
        return tuple(each.name for each in parameters if each.kind is each.KEYWORD_ONLY)

    def outcome(self, function: Callable[..., Any], values: tuple[Any, ...]) -> Outcome:
        """Call a student's function, or the model, as this exercise asks."""
        named = self.named(values)
        outcome = call(function, named, tuple(name for name in self.keywords if name in named))
        if self.normal is None or outcome.raised or outcome.fault:
            return outcome
        try:
            return Outcome(self.normal(outcome.value, *values))
        except Exception:  # noqa: BLE001 - what has no normal form is compared as it is, and differs
            return outcome


@cache
def exercises() -> tuple[Exercise, ...]:
    """Give all exercises, in the order of the lessons."""
    modules = (import_module(f"wslearn.course.exercises.{lesson}") for lesson in LESSONS)
    return tuple(exercise for module in modules for exercise in module.EXERCISES)


def find(name: str) -> Exercise:
    """Find an exercise by the name of its function.

    Raises
    ------
    UsageError
        When there is none: the message names those of like name.

    Examples
    --------
    >>> find("accept_key").lesson
    '02_handshake'
    """
    for exercise in exercises():
        if exercise.name == name:
            return exercise
    from difflib import get_close_matches

    names = [exercise.name for exercise in exercises()]
    like = get_close_matches(name, names) or names
    raise UsageError(f"There is no exercise {name!r}. There is {', '.join(like)}.")
