"""QuizView: a lesson's questions one at a time, with an answer to every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.errors import UsageError
from wslearn.picture_card import card, plain, prose
from wslearn.spans import count
from wslearn.widgets import one_by_one
from wslearn.widgets.base import style_of
from wslearn.widgets.one_by_one import OneByOne

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wslearn.course.bank import Question

    Answered = Callable[[Question, Sequence[int], bool], None]

__all__ = ["QuizView"]


class QuizView(OneByOne):
    """Questions whose answers are chosen from a list, and checked one by one.

    Parameters
    ----------
    name
        The lesson, or what else the questions are about.
    questions
        What is asked, in this order.
    answered
        Is told of each answer: the question, the indices of what was chosen, and whether that is right.

    Attributes
    ----------
    items : list of dict
        Of each question the ``question``, the texts of its ``choices``, and whether it has ``many`` right
        answers. What is right is not told to the page before it is asked.
    asked : list
        As `OneByOne` has it; an answer is the indices of what was chosen.
    results : list of dict
        Of each question that was answered what was ``chosen``, whether it is ``right``, and of each
        chosen one what to ``say``: its index, whether it is right, and why. Empty for the others.

    Raises
    ------
    UsageError
        When there are no questions.
    """

    _given = list

    def __init__(self, name: str, questions: Sequence[Question], answered: Answered | None = None) -> None:
        if not questions:
            raise UsageError(f"There are no questions for {name}.")
        self.questions = tuple(questions)
        self._answered = answered
        super().__init__(
            name,
            [
                {
                    "question": each.question,
                    "choices": [choice.text for choice in each.choices],
                    "many": len(each.right) > 1,
                }
                for each in questions
            ],
        )

    def answer(self, *chosen: int) -> None:
        """Answer the question that is shown, as its button does.

        Parameters
        ----------
        chosen
            The indices of what is chosen.
        """
        self.asked = [self.at, list(chosen), self.turn]

    def _judged(self, at: int, given: list[Any]) -> dict[str, Any]:
        question = self.questions[at]
        picked = sorted({index for index in given if index in range(len(question.choices))})
        if not picked:
            raise UsageError("Choose an answer first.")
        if len(picked) > 1 and len(question.right) == 1:
            raise UsageError("Choose one answer.")
        say = [
            {"at": index, "right": question.choices[index].right, "why": question.choices[index].why}
            for index in picked
        ]
        return {"chosen": picked, "right": tuple(picked) == question.right, "say": say}

    def _keep(self, at: int, result: dict[str, Any]) -> None:
        if self._answered is not None:
            self._answered(self.questions[at], result["chosen"], result["right"])

    def _verdict(self, at: int, result: dict[str, Any]) -> dict[str, str]:
        question = self.questions[at]
        if not result:
            text = "Choose all that are right." if len(question.right) > 1 else "Choose an answer."
            verdict = f"question {at + 1} of {len(self.questions)}"
            return {"mark": "–", "verdict": verdict, "text": text, "note": ""}
        return self._judge(question, result) | {"note": question.section}

    def _judge(self, question: Question, result: dict[str, Any]) -> dict[str, str]:
        if result["right"]:
            return {"mark": "✓", "verdict": "right", "text": plain(question.reason)}
        missing = len(set(question.right) - set(result["chosen"]))
        only_missing = all(each["right"] for each in result["say"])
        more = f"{count(missing, 'right answer')} {'is' if missing == 1 else 'are'} missing. " * only_missing
        return {"mark": "✗", "verdict": "not yet", "text": f"{more}{plain(question.reason)}"}

    def __repr__(self) -> str:
        return f"<quiz {self.name}: {count(len(self.questions), 'question')}>"

    def still(self) -> str:
        """Write all questions down; the answers are there to be opened."""
        rows = "".join(map(_still, self.questions, self.results))
        body = f'{style_of(one_by_one.__file__)}<div class="wsl-part"><ol class="wsl-asks">{rows}</ol></div>'
        return card("Quiz", f"{self.name}: {count(len(self.questions), 'question')}", body, "")


def _still(question: Question, result: dict[str, Any]) -> str:
    chosen = result.get("chosen", ())
    marks = ("☐", "☒") if len(question.right) > 1 else ("○", "●")
    choices = "".join(
        f'<li><span aria-hidden="true">{marks[at in chosen]}</span> {prose(choice.text)}</li>'
        for at, choice in enumerate(question.choices)
    )
    whys = "".join(
        f'<li class="wsl-{"payload" if choice.right else "fault"}">'
        f"<b>{'✓ right' if choice.right else '✗ wrong'}:</b> {prose(choice.text)} {prose(choice.why)}</li>"
        for choice in question.choices
    )
    said = f"<p>{'✓ right' if result['right'] else '✗ not yet'}</p>" if result else ""
    reason = f'<p>{prose(question.reason)} <span class="wsl-name">{prose(question.section)}</span></p>'
    answer = f"<details><summary>Answer</summary><ul>{whys}</ul>{reason}</details>"
    return f"<li><p>{prose(question.question)}</p><ul>{choices}</ul>{said}{answer}</li>"
