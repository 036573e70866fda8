"""A question before a run, whose answer is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.progress import record_prediction
from wslearn.widgets.predict_view import PredictView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.widgets.comparison import Comparison

__all__ = ["predict"]


def predict(
    question: str,
    choices: Sequence[str | int | float] | None = None,
    *,
    rows: Sequence[str | int | float] = (),
    row: str = "",
    unit: str = "",
) -> PredictView:
    """Ask what will happen, before it does.

    Show it in one cell; compare in another one, after the run. Without an answer the comparison says so,
    and is the same in every run.

    Parameters
    ----------
    question
        What is asked, which is the prediction's name in what is kept of it. Backticks mark code.
    choices
        The answers there are, two to nine; none when the answer is a number.
    rows
        Cases to be answered one by one: a small table.
    row
        What the rows are: ``"bytes of payload"``.
    unit
        What the answers are counted in, as for more than one: ``"bytes"``.

    Raises
    ------
    UsageError
        For a single choice, more than nine, or the same one twice.

    Examples
    --------
    >>> size = predict("How many bytes is a masked `Hello`?", unit="bytes")
    >>> size
    <predict 'How many bytes is a masked Hello?': no prediction yet>
    >>> size.compare(11, because="Two of header, four of key, five of payload.")
    You made no prediction. It is 11 bytes.
    Two of header, four of key, five of payload.
    """
    return PredictView(question, choices or (), rows=rows, row=row, unit=unit, compared=_record)


def _record(found: Comparison) -> None:
    guess, actual = (
        "; ".join(f"{each.label}: {value}" if each.label else value for each, value in pairs)
        for pairs in (
            [(each, each.guess or "–") for each in found.rows],
            [(each, each.actual) for each in found.rows],
        )
    )
    record_prediction(found.question, guess, actual, found.right)
