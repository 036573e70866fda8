"""PredictView: a question that is answered before the run, and compared with what then happens."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from traitlets import Dict, List, Unicode

from wslearn.errors import UsageError
from wslearn.picture_card import card, plain, prose
from wslearn.spans import visible
from wslearn.widgets.base import style_of
from wslearn.widgets.comparison import Compared, Comparison
from wslearn.widgets.editable import Editable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Label = str | int | float

__all__ = ["PredictView"]

_KEYS = 9  # choices that have a number key


class PredictView(Editable):
    """A question before a run: choices to press, a number to type, or one of these for each of several cases.

    Parameters
    ----------
    question
        What is asked. Backticks mark code.
    choices
        The answers there are, two to nine; none for a number.
    rows
        The cases that are asked about one by one; none for one answer.
    row
        What the rows are: ``"bytes of payload"``.
    unit
        What the answers are counted in: ``"bytes"``.
    compared
        Is told of each comparison that there was a prediction for.

    Attributes
    ----------
    question, row, unit : str
        As above.
    choices, rows : list of str
        As above, as they are shown; `rows` is empty for one answer.
    guesses : list of str
        What is predicted, as chosen or typed: one text, or one for each row; empty where there is none yet.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``.

    Raises
    ------
    UsageError
        For a single choice, more than nine, or the same one twice.

    Examples
    --------
    >>> view = PredictView("How many?", unit="bytes")
    >>> view.guesses = ["5"]
    >>> view.compare(11)
    ✗ You said 5 bytes. It is 11 bytes.
    """

    question = Unicode().tag(sync=True)
    choices: List[str] = List().tag(sync=True)
    rows: List[str] = List().tag(sync=True)
    row = Unicode().tag(sync=True)
    unit = Unicode().tag(sync=True)
    guesses: List[str] = List().tag(sync=True)
    verdict: Dict[str, str] = Dict().tag(sync=True)

    def __init__(
        self,
        question: str,
        choices: Sequence[Label] = (),
        *,
        rows: Sequence[Label] = (),
        row: str = "",
        unit: str = "",
        compared: Callable[[Comparison], None] | None = None,
    ) -> None:
        shown = [f"{choice}" for choice in choices]
        if choices and not 2 <= len(set(shown)) == len(shown) <= _KEYS:
            raise UsageError(f"Give two to {_KEYS} choices that differ, or none for a number; not {shown}.")
        self._compared = compared
        self._labels = tuple(rows)
        super().__init__(
            ("guesses",),
            question=question,
            choices=shown,
            rows=[_written(label) for label in rows],
            row=row,
            unit=unit,
            guesses=[""] * (len(rows) or 1),
        )
        self._show()

    def compare(self, actual: object, because: str = "") -> Comparison:
        """Put what was predicted beside what happened.

        Parameters
        ----------
        actual
            What happened: a number, or the text of a choice. For rows a mapping that has one for each.
        because
            Why it happened so. Backticks mark code.

        Raises
        ------
        UsageError
            When it is no number where numbers were asked for, or when a row has none.
        """
        if not self.rows:
            rows = [self._compare("", self.guesses[0], actual)]
        elif isinstance(actual, Mapping) and set(self._labels) <= actual.keys():
            pairs = zip(self._labels, self.rows, self.guesses, strict=True)
            rows = [self._compare(shown, guess, actual[label]) for label, shown, guess in pairs]
        else:
            raise UsageError(f"Compare with a mapping that has {', '.join(self.rows)}; not with {actual!r}.")
        found = Comparison(self.question, tuple(rows), self.row, because)
        if found.answered and self._compared is not None:
            self._compared(found)
        return found

    def _compare(self, label: str, guess: str, actual: object) -> Compared:
        if self.choices:
            return Compared(label, self._counted(guess), self._counted(f"{actual}"), guess == f"{actual}")
        if not isinstance(actual, int | float):
            raise UsageError(f"Numbers were predicted: compare with a number, not with {actual!r}.")
        try:
            number = self._number(guess)
        except UsageError:  # what is typed there is no prediction yet
            number = None
        said = "" if number is None else self._counted(_written(number))
        return Compared(label, said, self._counted(_written(actual)), number == actual)

    def _edit_guesses(self, guesses: list[str]) -> None:
        if len(guesses) != (len(self.rows) or 1):
            self.guesses = [""] * (len(self.rows) or 1)
            raise UsageError(f"There is room for {len(self.guesses)} answers; {len(guesses)} came.")
        self._show()
        for guess in guesses:
            if self.choices and guess not in {"", *self.choices}:
                raise UsageError(f"“{guess}” is none of the choices.")
            if not self.choices:
                self._number(guess)

    def _number(self, guess: str) -> int | float | None:
        """Read what was typed."""
        typed = guess.strip().removesuffix(self.unit).strip()
        if not typed:
            return None
        if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", typed):
            typed = typed.replace(",", "")
        for read in (lambda text: int(text, 0), float):
            try:
                number = read(typed)
            except ValueError:
                continue
            if math.isfinite(number):
                return number
        raise UsageError(f"“{guess}” is not a number such as 12, 1,000 or 0x7f.")

    def _counted(self, value: str) -> str:
        """Put the unit behind a value."""
        if not (value and self.unit):
            return value
        return f"{value} {self.unit.removesuffix('s') if value == '1' else self.unit}"

    def _show(self) -> None:
        made = [visible(self._counted(guess)) for guess in self.guesses if guess]
        done = len(made) == len(self.guesses)
        if self.rows:
            text = "Run on and see." if done else "Fill in the table, then run on."
            verdict = f"{len(made)} of {len(self.rows)} predicted"
        elif made:
            verdict, text = f"you say {made[0]}", "Run on and see. Until then you may change your mind."
        else:
            verdict, text = "no prediction yet", "Answer before you run on. A wrong guess costs nothing."
        self.verdict = {"mark": "" if done else "–", "verdict": verdict, "text": text, "note": ""}

    def __repr__(self) -> str:
        made = ", ".join(guess or "–" for guess in self.guesses) if any(self.guesses) else "no prediction yet"
        return f"<predict {plain(self.question)!r}: {visible(made)}>"

    def still(self) -> str:
        """Write the question down, with what was predicted or room for it."""
        note = self.verdict["verdict"]
        body = f'<div class="wsl-ask">{prose(self.question)}</div>{self._answers()}'
        return card(
            "Predict", note, f'{style_of(__file__)}<div class="wsl-part wsl-predict">{body}</div>', ""
        )

    def _answers(self) -> str:
        blanks = [f"<b>{escape(visible(guess))}</b>" if guess else "______" for guess in self.guesses]
        if self.rows:
            heads = "".join(
                f'<th scope="col">{escape(head)}</th>' for head in (self.row, self.unit or "you say")
            )
            rows = "".join(
                f'<tr><th scope="row">{prose(label)}</th><td>{blank}</td></tr>'
                for label, blank in zip(self.rows, blanks, strict=True)
            )
            table = f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"
            return f'<table class="wsl-guesses">{table}</table>'
        if self.choices:
            marks = ["●" if choice in self.guesses else "○" for choice in self.choices]
            texts = [prose(self._counted(choice)) for choice in self.choices]
            items = "".join(f"<li>{mark} {text}</li>" for mark, text in zip(marks, texts, strict=True))
            return f'<ul class="wsl-guesses">{items}</ul>'
        return f'<div class="wsl-guesses">{blanks[0]} {escape(self.unit)}</div>'


def _written(value: Label) -> str:
    """Write a number so that it can be read.

    Examples
    --------
    >>> _written(65536), _written(2.0), _written(0.25), _written("a ping")
    ('65,536', '2', '0.25', 'a ping')
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else f"{value:,}"
