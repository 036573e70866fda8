"""Connections made of parts, for the tests of `wslearn.course.mine.my_connection`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wslearn.course.exercise import exercises
from wslearn.course.mine.parts import Parts
from wslearn.course.mine.rules import RULES

#: The exercises' answers: what a student brings who has them all right.
MODELS: dict[str, Callable[..., Any]] = {
    exercise.name: exercise.model for exercise in exercises() if exercise.name in RULES
}
#: The library alone, and every part brought and guarded.
MAKERS: dict[str, Callable[[], Parts]] = {"library": Parts, "brought": lambda: Parts(MODELS)}


def parts(**mine: Callable[..., Any]) -> Parts:
    """Bring some parts."""
    return Parts(mine)
