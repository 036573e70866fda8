"""A lesson's questions at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.bank import questions, quiz_questions
from wslearn.course.progress import record_answer
from wslearn.errors import UsageError
from wslearn.widgets.quiz_view import QuizView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.course.bank import Question

__all__ = ["quiz"]


def quiz(lesson: str) -> QuizView:
    """Ask the questions of a lesson, and keep the answers.

    Every answer gets its own feedback, and may be given again.

    Parameters
    ----------
    lesson
        ``"02_handshake"``.

    Raises
    ------
    UsageError
        When there are none: the message names the lessons that have some.

    Examples
    --------
    >>> quiz("02_handshake")
    <quiz 02_handshake: 5 questions>
    """
    asked = quiz_questions(lesson)
    if not asked:
        there = sorted({question.lesson for question in questions()})
        raise UsageError(f"There are no questions for {lesson!r}, but for {', '.join(there)}.")
    return QuizView(lesson, asked, _record)


def _record(question: Question, chosen: Sequence[int], right: bool) -> None:
    texts = [question.choices[at].text for at in chosen]
    record_answer(question.id, question.lesson, texts, right)
