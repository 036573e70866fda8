"""The contents of the course: its lessons in order, and what the notebook of each one holds."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from wslearn.errors import UsageError
from wslearn.lessons import find_lessons

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LESSONS", "Lesson", "lessons", "read_lesson"]

LESSONS = (
    "00_start_here",
    "01_why_not_http",
    "02_handshake",
    "03_frames",
    "04_masking",
    "05_messages",
    "06_lifecycle",
    "07_build_the_server",
    "08_compression",
    "09_security",
    "10_use_cases",
    "11_scaling",
    "12_proxies",
    "13_interview",
)


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Parameters
    ----------
    name
        The notebook's name: ``"02_handshake"``.
    title
        The notebook's heading; while there is no notebook, what its name says.
    is_here
        Whether the notebook is there; if not, it is still being written.
    predictions
        The questions that the notebook asks before a run.
    """

    name: str
    title: str
    is_here: bool = False
    predictions: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The notebook's file name."""
        return f"{self.name}.ipynb"


@cache
def lessons() -> tuple[Lesson, ...]:
    """Give all lessons, with what their notebooks hold, in the order of the course.

    Examples
    --------
    >>> lessons()[0].title
    '00 · Start here'
    """
    try:
        folder = find_lessons().folder
    except UsageError:
        return tuple(Lesson(name, _title(name)) for name in LESSONS)
    return tuple(read_lesson(folder / f"{name}.ipynb") for name in LESSONS)


def read_lesson(path: Path) -> Lesson:
    """Read a lesson's heading and its predictions: the calls of `predict` whose question is a plain string.

    Parameters
    ----------
    path
        The notebook; it need not be there.
    """
    title = _title(path.stem)
    if not path.is_file():
        return Lesson(path.stem, title)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    heading = "".join(cells[0]["source"]).partition("\n")[0] if cells else ""
    predictions = tuple(question for cell in cells for question in _questions(cell))
    return Lesson(path.stem, heading.removeprefix("# ") or title, True, predictions)


def _title(name: str) -> str:
    number, _, words = name.partition("_")
    return f"{number} · {words.replace('_', ' ').capitalize().replace('http', 'HTTP')}"


def _questions(cell: dict[str, Any]) -> Iterator[str]:
    if cell["cell_type"] != "code":
        return
    try:
        tree = ast.parse("".join(cell["source"]))
    except SyntaxError:  # a cell with a magic command
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("predict"), args=[ast.Constant(str(question)), *_]):
                yield question
