"""What the student has done: exercises, answers and predictions, kept on this computer alone.

The rest of the course records with `record_exercise`, `record_help`, `record_answer` and
`record_prediction`. None of them fails because of the disk: see `wslearn.course.store`. The student looks
with `progress`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wslearn.course.store import now, store
from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wslearn.course.course_map import CourseMap

__all__ = [
    "CONFIRMATION",
    "ExerciseRecord",
    "Progress",
    "exercise_record",
    "progress",
    "record_answer",
    "record_exercise",
    "record_help",
    "record_prediction",
]

#: What `Progress.reset` wants to be told.
CONFIRMATION = "erase"

_VERDICTS = ("right", "not yet", "not attempted")

#: What `Progress` holds, and the table of each.
_TABLES = {
    f"{table}s": table
    for table in (
        *("exercise", "answer", "prediction", "card", "review"),
        *("interview", "interview_question", "interview_answer"),
    )
}


@dataclass(frozen=True)
class ExerciseRecord:
    """What was done about one exercise.

    Parameters
    ----------
    attempts
        How many checks there were of something written.
    first_right
        When it was right for the first time, in UTC: ``"2026-03-01T09:30:00Z"``.
    hints
        How many hints were read.
    solution_seen
        When the solution was shown for the first time.
    """

    attempts: int = 0
    first_right: str | None = None
    hints: int = 0
    solution_seen: str | None = None

    @property
    def state(self) -> str:
        """``"not attempted"``, ``"tried"`` or ``"right"``: what was right once stays so.

        Examples
        --------
        >>> ExerciseRecord(attempts=3).state
        'tried'
        """
        return "right" if self.first_right else "tried" if self.attempts else "not attempted"


def record_exercise(name: str, lesson: str, verdict: str) -> None:
    """Record what a check found; an exercise that was not attempted leaves no trace.

    Parameters
    ----------
    name
        The exercise's function: ``"accept_key"``.
    lesson
        ``"02_handshake"``.
    verdict
        ``"right"``, ``"not yet"`` or ``"not attempted"``.

    Raises
    ------
    UsageError
        For another verdict.
    """
    if verdict not in _VERDICTS:
        raise UsageError(f"A verdict is one of {', '.join(_VERDICTS)}; not {verdict!r}.")
    if verdict != "not attempted":
        _note_exercise(name, lesson, attempts=1, first_right=now() if verdict == "right" else None)


def record_help(name: str, lesson: str, *, hints: int = 0, solution: bool = False) -> None:
    """Record that a hint was read, or the solution.

    Parameters
    ----------
    name, lesson
        As for `record_exercise`.
    hints
        The number of the hint: 2 for the second one. Reading it again adds nothing.
    solution
        Whether it was the solution.
    """
    _note_exercise(name, lesson, hints=hints, solution_seen=now() if solution else None)


def _note_exercise(
    name: str,
    lesson: str,
    *,
    attempts: int = 0,
    first_right: str | None = None,
    hints: int = 0,
    solution_seen: str | None = None,
) -> None:
    store().run(
        (
            """INSERT INTO exercise (name, lesson, attempts, first_right, hints, solution_seen)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
                lesson = excluded.lesson,
                attempts = attempts + excluded.attempts,
                first_right = coalesce(first_right, excluded.first_right),
                hints = max(hints, excluded.hints),
                solution_seen = coalesce(solution_seen, excluded.solution_seen)""",
            (name, lesson, attempts, first_right, hints, solution_seen),
        )
    )


def record_answer(question: str, lesson: str, chosen: Sequence[str], right: bool) -> None:
    """Record an answer to a question of the bank. Each answer is kept, the wrong ones too.

    Parameters
    ----------
    question
        Its id: ``"handshake-key-why"``.
    lesson
        ``"02_handshake"``.
    chosen
        The texts of the choices that were taken.
    right
        Whether these are the right ones, all of them.
    """
    written = json.dumps(list(chosen), ensure_ascii=False)
    store().run(("INSERT INTO answer VALUES (?, ?, ?, ?, ?)", (now(), question, lesson, written, right)))


def record_prediction(question: str, guess: str, actual: str, right: bool) -> None:
    """Record a prediction when it is compared with what happened.

    Parameters
    ----------
    question
        The question, which stands for its prediction in the whole course.
    guess, actual
        What was predicted and what happened, as shown.
    right
        Whether these agree.
    """
    store().run(("INSERT INTO prediction VALUES (?, ?, ?, ?, ?)", (now(), question, guess, actual, right)))


def exercise_record(name: str) -> ExerciseRecord:
    """Give what was done about one exercise.

    Parameters
    ----------
    name
        The exercise's function.
    """
    columns = "attempts, first_right, hints, solution_seen"
    rows = store().run((f"SELECT {columns} FROM exercise WHERE name = ?", (name,)))  # noqa: S608 - no input
    return ExerciseRecord(*rows[0]) if rows else ExerciseRecord()


@dataclass(frozen=True)
class Progress:
    """What the student has done, as it was when `progress` was called.

    Parameters
    ----------
    exercises, answers, predictions, cards, reviews, interviews, interview_questions, interview_answers
        The rows, each a dict, in the order in which they were begun.
    notice
        What went wrong with keeping them; else empty.
    """

    exercises: tuple[dict[str, Any], ...]
    answers: tuple[dict[str, Any], ...]
    predictions: tuple[dict[str, Any], ...]
    notice: str = ""
    cards: tuple[dict[str, Any], ...] = ()
    reviews: tuple[dict[str, Any], ...] = ()
    interviews: tuple[dict[str, Any], ...] = ()
    interview_questions: tuple[dict[str, Any], ...] = ()
    interview_answers: tuple[dict[str, Any], ...] = ()

    def export(self, path: str | Path) -> Path:
        """Write all of it as JSON.

        Parameters
        ----------
        path
            Where to: a file whose name ends in ``.json``.

        Raises
        ------
        UsageError
            For another name, and when nothing can be written there.
        """
        path = Path(path).expanduser()
        if path.suffix != ".json":
            raise UsageError(f"Progress is exported to a .json file, and {path.name!r} is none.")
        kept = {name: getattr(self, name) for name in _TABLES}
        written = {"format": 1, "exported": now(), **kept}
        try:
            path.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"Cannot write {path}: {error.strerror or error}.") from error
        return path

    def reset(self, confirm: str = "") -> Path | None:
        """Forget everything and begin anew. A dated copy of the file is kept beside it.

        Parameters
        ----------
        confirm
            The word ``"erase"``: so that nothing is lost by accident.

        Returns
        -------
        Path or None
            The copy; none when progress was kept in memory alone.

        Raises
        ------
        UsageError
            Without that word; nothing is changed then.
        """
        if confirm != CONFIRMATION:
            raise UsageError(
                f'Nothing was erased. If you mean it: progress().reset("{CONFIRMATION}"). A copy is kept.'
            )
        copy = store().copy("before-reset")
        tables = (*_TABLES.values(), "measurement")
        store().run(*((f"DELETE FROM {table}", ()) for table in tables))  # noqa: S608 - no input
        return copy

    @property
    def map(self) -> CourseMap:
        """The lessons, and how much of each is done."""
        from wslearn.course.bank import questions
        from wslearn.course.contents import lessons
        from wslearn.course.course_map import course_map
        from wslearn.course.exercise import exercises

        return course_map(self, lessons(), exercises(), questions())

    def __repr__(self) -> str:
        return self.map.text()

    def _repr_html_(self) -> str:
        return self.map.html()


def progress() -> Progress:
    """Look at what you have done, lesson by lesson, and what is next.

    In a notebook it is drawn as a map; ``print`` shows it as text. It is kept in a file on this computer,
    and goes nowhere else.

    Examples
    --------
    >>> progress().export("progress.txt")
    Traceback (most recent call last):
    wslearn.errors.UsageError: Progress is exported to a .json file, and 'progress.txt' is none.
    """
    kept = store()
    tables = {
        name: tuple(map(_plain, kept.run((f"SELECT * FROM {table} ORDER BY rowid", ()))))  # noqa: S608
        for name, table in _TABLES.items()
    }
    return Progress(**tables, notice=kept.notice)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row as JSON has it: SQLite knows no booleans, no lists and no mappings."""
    made = dict(row)
    for column in made.keys() & {"chosen", "memory", "before", "items", "points"}:
        made[column] = json.loads(made[column] or "null")
    if "is_right" in made:
        made["is_right"] = bool(made["is_right"])
    return made
