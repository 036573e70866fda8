"""What was predicted beside what happened."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from wslearn.picture_card import card, plain, prose, verdict_bar
from wslearn.widgets.base import style_of

__all__ = ["Compared", "Comparison"]

_NONE = "You made no prediction."


@dataclass(frozen=True)
class Compared:
    """One guess and what it was about.

    Parameters
    ----------
    label
        What tells it from the other guesses; empty where there is one alone.
    guess
        What was predicted, as shown; empty where nothing was.
    actual
        What happened, as shown.
    right
        Whether these agree.
    """

    label: str
    guess: str
    actual: str
    right: bool

    @property
    def mark(self) -> str:
        """``✓``, ``✗``, or ``–`` where nothing was predicted."""
        return "–" if not self.guess else "✓" if self.right else "✗"


@dataclass(frozen=True)
class Comparison:
    """A prediction beside what happened. As long as nothing was predicted it is the same in every run.

    Parameters
    ----------
    question
        What was asked. Backticks mark code.
    rows
        One, or one for each row that was asked for.
    heading
        What the labels are.
    because
        Why it happened so. Backticks mark code.
    """

    question: str
    rows: tuple[Compared, ...]
    heading: str = ""
    because: str = ""

    @property
    def answered(self) -> bool:
        """Whether anything was predicted."""
        return any(row.guess for row in self.rows)

    @property
    def right(self) -> bool:
        """Whether all of it came as predicted."""
        return all(row.right for row in self.rows)

    @property
    def said(self) -> tuple[str, str, str]:
        """A mark, a word, and a sentence."""
        if len(self.rows) == 1 and not self.rows[0].label:
            (row,) = self.rows
            if not row.guess:
                return "–", "no prediction", f"{_NONE} It is {row.actual}."
            if row.right:
                return "✓", "as predicted", f"You said {row.guess}, and so it is."
            return "✗", "not as predicted", f"You said {row.guess}. It is {row.actual}."
        if not self.answered:
            return "–", "no prediction", _NONE
        right = sum(row.right for row in self.rows)
        word = "as predicted" if self.right else "not as predicted"
        return "✓" if self.right else "✗", word, f"{right} of {len(self.rows)} right."

    def __repr__(self) -> str:
        mark, _, sentence = self.said
        lines = _columns(self._table()) if self.rows[0].label else []
        lines.append(f"{mark} {sentence}" if self.answered else sentence)
        return "\n".join([*lines, *([plain(self.because)] if self.because else [])])

    def _table(self) -> list[tuple[str, ...]]:
        if not self.answered:
            return [(self.heading, "it is"), *((row.label, row.actual) for row in self.rows)]
        rows = [(row.label, row.guess or "–", row.actual, row.mark) for row in self.rows]
        return [(self.heading, "you said", "it is", ""), *rows]

    def _repr_html_(self) -> str:
        labelled = bool(self.rows[0].label)
        heads = [f'<th scope="col">{escape(self.heading)}</th>'] if labelled else []
        heads += ['<th scope="col">you said</th><th scope="col">it is</th><td></td>']
        rows = "".join(_row(row, labelled) for row in self.rows)
        table = f"<thead><tr>{''.join(heads)}</tr></thead><tbody>{rows}</tbody>"
        why = f'<div class="wsl-because">{prose(self.because)}</div>' if self.because else ""
        body = f'<div class="wsl-part"><table class="wsl-compared">{table}</table>{why}</div>'
        return card(
            plain(self.question), "prediction", style_of(__file__) + body, verdict_bar(*self.said, "")
        )


def _row(row: Compared, labelled: bool) -> str:
    kind = {"✓": "payload", "✗": "fault"}.get(row.mark, "flags")
    label = f'<th scope="row">{escape(row.label)}</th>' if labelled else ""
    cells = f"<td>{escape(row.guess) or '–'}</td><td>{escape(row.actual)}</td>"
    word = {"✓": "✓ right", "✗": "✗ not so"}.get(row.mark, "")
    return f'<tr class="wsl-{kind}">{label}{cells}<td class="wsl-mark">{word}</td></tr>'


def _columns(table: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
