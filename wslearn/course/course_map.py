"""The course as a line with a stop for each lesson: what is done there, and what is next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wslearn.picture_card import card, verdict_bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wslearn.course.bank import Question
    from wslearn.course.contents import Lesson
    from wslearn.course.progress import Progress

__all__ = ["Count", "CourseMap", "Stop", "course_map"]

_MARKS = {"done": "✓", "begun": "◐", "not begun": "○", "coming": "…"}
_COLOURS = {"done": "payload", "begun": "length", "not begun": "flags", "coming": "flags"}
_COLUMNS = ("exercises", "questions", "predictions")


class _Named(Protocol):
    """Of an exercise, what is needed here."""

    @property
    def name(self) -> str: ...
    @property
    def lesson(self) -> str: ...


class Count(NamedTuple):
    """So many of so many."""

    done: int
    of: int

    def __str__(self) -> str:
        return f"{self.done}/{self.of}" if self.of else ""


@dataclass(frozen=True)
class Stop:
    """One lesson on the map.

    Parameters
    ----------
    lesson
        Which one.
    exercises, questions, predictions
        How many there are, how many exercises are right, how many questions were answered right, and how
        many predictions were made.
    todo
        The first exercise that is not right yet, or ``"the quiz"``; empty where both are done.
    """

    lesson: Lesson
    exercises: Count
    questions: Count
    predictions: Count
    todo: str

    @property
    def state(self) -> str:
        """``"coming"``, ``"not begun"``, ``"begun"`` or ``"done"``.

        A lesson is done when its exercises and its quiz are. A prediction is no test: it counts only where
        there is nothing else.
        """
        if not self.lesson.is_here:
            return "coming"
        if not any(count.done for count in (self.exercises, self.questions, self.predictions)):
            return "not begun"
        asked = [count for count in (self.exercises, self.questions) if count.of] or [self.predictions]
        return "done" if all(count.done == count.of for count in asked) else "begun"


@dataclass(frozen=True)
class CourseMap:
    """All lessons.

    Parameters
    ----------
    stops
        One for each lesson, in their order.
    notice
        What to say besides.
    """

    stops: tuple[Stop, ...]
    notice: str = ""

    @property
    def next(self) -> Stop | None:
        """The first lesson that is there and is not done."""
        return next((stop for stop in self.stops if stop.state in {"begun", "not begun"}), None)

    @property
    def columns(self) -> tuple[str, ...]:
        """What the lessons that are there have something of."""
        here = [stop for stop in self.stops if stop.lesson.is_here]
        return tuple(column for column in _COLUMNS if any(getattr(stop, column).of for stop in here))

    @property
    def totals(self) -> str:
        """How much is done of all lessons that are there, in words."""
        said = []
        for column in self.columns:
            counts = [getattr(stop, column) for stop in self.stops if stop.lesson.is_here]
            done, there = sum(count.done for count in counts), sum(count.of for count in counts)
            said.append(f"{done} of {there} {column}")
        return ", ".join(said)

    def text(self) -> str:
        """Draw it with letters."""
        width = max(len(stop.lesson.title) for stop in self.stops)
        lines = [f"Your progress: {self.totals}", *([self.notice] if self.notice else [])]
        for stop in self.stops:
            counts = [
                f"{column} {getattr(stop, column)}" for column in self.columns if getattr(stop, column).of
            ]
            said = ", ".join([stop.state, *counts * (stop.state != "coming")])
            lines.append(f"{_MARKS[stop.state]} {stop.lesson.title:<{width}}  {said}")
        if self.next:
            lines.append(f"Next: {self.next.lesson.file}" + f": {self.next.todo}" * bool(self.next.todo))
        else:
            lines.append("All that is there is done.")
        return "\n".join(lines)

    def html(self) -> str:
        """Draw it as a table, with links to the notebooks."""
        heads = "".join(f'<th scope="col">{name}</th>' for name in self.columns)
        heads = f'<tr><th><span class="wsl-unseen">state</span></th><th scope="col">lesson</th>{heads}</tr>'
        rows = "".join(_row(stop, self.columns, stop is self.next) for stop in self.stops)
        table = f'<table class="wsl-course"><thead>{heads}</thead><tbody>{rows}</tbody></table>'
        notice = f"<div>{escape(self.notice)}</div>" if self.notice else ""
        style = " ".join(Path(__file__).with_suffix(".css").read_text(encoding="utf-8").split())
        body = f'<style>{style}</style><div class="wsl-part">{notice}{table}</div>'
        return card("Your progress", self.totals, body, _onward(self.next))


def course_map(
    kept: Progress, lessons: Sequence[Lesson], exercises: Iterable[_Named], questions: Iterable[Question]
) -> CourseMap:
    """Put together what there is and what was done.

    Parameters
    ----------
    kept
        What was done.
    lessons, exercises, questions
        What there is.
    """
    by_lesson: dict[str, list[str]] = {lesson.name: [] for lesson in lessons}
    for exercise in exercises:
        by_lesson.setdefault(exercise.lesson, []).append(exercise.name)
    right = {row["name"] for row in kept.exercises if row["first_right"]}
    answered = {row["question"] for row in kept.answers if row["is_right"]}
    asked, known = Counter[str](), Counter[str]()
    for question in questions:
        asked[question.lesson] += 1
        known[question.lesson] += question.id in answered
    predicted = {row["question"] for row in kept.predictions}

    def stop(lesson: Lesson) -> Stop:
        names = by_lesson[lesson.name]
        left = [name for name in names if name not in right]
        quiz = Count(known[lesson.name], asked[lesson.name])
        made = sum(question in predicted for question in lesson.predictions)
        todo = f"exercise {left[0]}" if left else "the quiz" if quiz.done < quiz.of else ""
        exercised = Count(len(names) - len(left), len(names))
        return Stop(lesson, exercised, quiz, Count(made, len(lesson.predictions)), todo)

    return CourseMap(tuple(map(stop, lessons)), kept.notice)


def _row(stop: Stop, columns: tuple[str, ...], is_next: bool) -> str:
    state, title = stop.state, escape(stop.lesson.title)
    if stop.lesson.is_here:
        title = _link(stop)
    cells = [
        f'<td class="wsl-stop"><i aria-hidden="true">{_MARKS[state]}</i></td>',
        f'<th scope="row">{title} <span class="wsl-state">{"next, " * is_next}{state}</span></th>',
        *(
            f'<td class="wsl-count" data-of="{column}">{_count(getattr(stop, column), state)}</td>'
            for column in columns
        ),
    ]
    classes = f"wsl-{_COLOURS[state]}{' wsl-coming' * (state == 'coming')}{' wsl-next' * is_next}"
    return f'<tr class="{classes}">{"".join(cells)}</tr>'


def _count(count: Count, state: str) -> str:
    if not count.of or state == "coming":
        return ""
    boxes = '<b class="wsl-full"></b>' * count.done + "<b></b>" * (count.of - count.done)
    return f'<span class="wsl-meter" aria-hidden="true">{boxes}</span>{count}'


def _link(stop: Stop) -> str:
    return f'<a href="{escape(stop.lesson.file)}">{escape(stop.lesson.title)}</a>'


def _onward(stop: Stop | None) -> str:
    if stop is None:
        return verdict_bar("✓", "done", "All that is there.", "")
    todo = f", {escape(stop.todo)}" if stop.todo else ""
    said = f'<b>▸ next</b> <span class="wsl-m">{_link(stop)}{todo}</span>'
    return f'<div class="wsl-verdict wsl-opcode wsl-onward">{said}</div>'
