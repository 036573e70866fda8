"""EstimateView: a number to be estimated, and how near it came."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from traitlets import Unicode

from wslearn.errors import UsageError
from wslearn.interview.estimating import Judged, answer_parts, given_lines, own_figures
from wslearn.interview.faces import source
from wslearn.interview.lines import line_table
from wslearn.interview.numbers import beside_the_unit, read_number, write_number
from wslearn.picture_card import card, prose
from wslearn.spans import count, visible
from wslearn.widgets import answer, one_by_one
from wslearn.widgets.answer import answer_html
from wslearn.widgets.base import style_of
from wslearn.widgets.one_by_one import OneByOne

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wslearn.interview.bank import Estimate
    from wslearn.labs.capacity import Measured

    Estimated = Callable[[Estimate, str, bool], None]

__all__ = ["EstimateView"]


_TICKS = 8  # that fit beside each other


class EstimateView(OneByOne):
    """Estimates one at a time.

    Parameters
    ----------
    estimates
        What is asked, in this order.
    mine
        What the student measured, which stands in the place of the book's figures.
    estimated
        Is told of each estimate: the item, what was said with its unit, and whether it is within a factor of
        two.

    Attributes
    ----------
    typed : str
        What is typed into the field.
    understood : str
        What number that is, and a warning where it may not be the one that is meant; empty as long as it is
        none.
    items : list of dict
        Of each estimate the ``question``, its ``unit``, and ``given``, the figures it begins with as rows of
        a table.
    asked : list
        As `OneByOne` has it; an answer is what was typed.
    results : list of dict
        Of each estimate that was made what was ``typed``, whether it is ``right``, the ``mark``, ``verdict``
        and ``text`` of it, a ``ruler`` to draw, the ``parts`` of the answer, and its ``source``. Empty for
        the others.

    Raises
    ------
    UsageError
        When there are no estimates.
    """

    shares = (*OneByOne.shares, "answer")
    _given = str

    typed = Unicode().tag(sync=True)
    understood = Unicode().tag(sync=True)

    def __init__(
        self,
        estimates: Sequence[Estimate],
        mine: Measured | None = None,
        estimated: Estimated | None = None,
    ) -> None:
        if not estimates:
            raise UsageError("There is nothing to estimate.")
        self.estimates = tuple(estimates)
        self.own = tuple(own_figures(each, mine) for each in estimates)
        self._estimated = estimated
        items = [
            {
                "question": each.question,
                "unit": each.unit,
                "given": [line._asdict() for line in given_lines(each, own)],
            }
            for each, own in zip(self.estimates, self.own, strict=True)
        ]
        super().__init__("", items, ("typed",))

    def say(self, guess: str | float) -> None:
        """Estimate, as the button does.

        Parameters
        ----------
        guess
            A number, or what would be typed.
        """
        self.asked = [self.at, f"{guess}", self.turn]

    def _edit_at(self, at: int) -> None:
        super()._edit_at(at)
        self.typed = self.results[self.at].get("typed", "")
        self._edit_typed(self.typed)

    def _edit_typed(self, typed: str) -> None:
        unit = self.estimates[self.at].unit
        try:
            said = f"{write_number(read_number(typed, unit))} {unit}", beside_the_unit(typed, unit)
            self.understood = ": ".join(filter(None, said))
        except UsageError:  # it is said when the estimate is given: until then it may become a number
            self.understood = ""

    def _judged(self, at: int, given: str) -> dict[str, Any]:
        item, own = self.estimates[at], self.own[at]
        if not given.strip():
            raise UsageError("Type a number first. The power of ten is worth most.")
        judged = Judged(read_number(given, item.unit), item.result(own))
        self.typed = visible(given)
        self._edit_typed(given)
        return {
            "typed": self.typed,
            "said": f"{write_number(judged.guess)} {item.unit}",
            "right": judged.right,
            "mark": judged.mark,
            "verdict": judged.verdict,
            "text": judged.text(item.unit),
            "ruler": _ruler(judged),
            "parts": [part._asdict() for part in answer_parts(item, own)],
            "source": source(item),
        }

    def _keep(self, at: int, result: dict[str, Any]) -> None:
        if self._estimated is not None:
            self._estimated(self.estimates[at], result["said"], result["right"])

    def _verdict(self, at: int, result: dict[str, Any]) -> dict[str, str]:
        if result:
            return {name: result[name] for name in ("mark", "verdict", "text")} | {
                "note": self.estimates[at].section
            }
        text = "The power of ten first, then the figure."
        if self.own[at]:
            text += " Work with what you measured yourself."
        return {
            "mark": "–",
            "verdict": f"estimate {at + 1} of {len(self.estimates)}",
            "text": text,
            "note": "",
        }

    def __repr__(self) -> str:
        return f"<estimate: {count(len(self.estimates), 'estimate')}>"

    def still(self) -> str:
        """Write all estimates down; how they are worked out is there to be opened."""
        rows = "".join(map(self._still, range(len(self.estimates))))
        style = style_of(one_by_one.__file__) + style_of(answer.__file__)
        body = f'{style}<div class="wsl-part"><ol class="wsl-asks">{rows}</ol></div>'
        return card("Estimate", count(len(self.estimates), "estimate"), body, "")

    def _still(self, at: int) -> str:
        item, own, result = self.estimates[at], self.own[at], self.results[at]
        yours = [line for line in given_lines(item, own) if line.section == "yours"]
        given = line_table(yours) if yours else ""
        said = (
            f"<p>{result['mark']} {prose(result['text'])}</p>"
            if result
            else f"<p>______ {prose(item.unit)}</p>"
        )
        parts = f"{answer_html(answer_parts(item, own))}<p>{prose(source(item))}</p>"
        answered = f"<details><summary>Answer</summary>{parts}</details>"
        return f"<li><p>{prose(item.question)}</p>{given}{said}{answered}</li>"


def _ruler(judged: Judged) -> dict[str, Any]:
    """Place both on a scale of powers of ten, in percent of its width."""
    low, high = sorted((math.log10(judged.guess), math.log10(judged.answer)))
    first, last = math.floor(low - 0.5), math.ceil(high + 0.5)
    step = math.ceil((last - first) / _TICKS)
    two = math.log10(2)

    def at(power: float) -> float:
        return round(100 * (power - first) / (last - first), 2)

    answer_at = math.log10(judged.answer)
    return {
        "ticks": [{"at": at(power), "power": power} for power in range(first, last + 1, step)],
        "near": [at(answer_at - two), at(answer_at + two)],
        "guess": at(math.log10(judged.guess)),
        "answer": at(answer_at),
    }
