"""How every result of an experiment is shown: as lines of text, and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.labs.bars import panels
from wslearn.labs.table import columns, figures_table, style
from wslearn.picture_card import card, verdict_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Drawn"]


@dataclass(frozen=True)
class Drawn:
    """A result that is to be shown.

    Parameters
    ----------
    title, note
        What was done.
    rows
        A table: the first row has the headings.
    hues
        For each other row, the class of its colour.
    verdict
        A mark, a word and a sentence.
    charts
        HTML, drawn above the table.
    """

    title: str
    note: str
    rows: Sequence[Sequence[str]]
    hues: Sequence[str]
    verdict: tuple[str, str, str]
    charts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As text.

        Examples
        --------
        >>> verdict = ("✓", "done", "All open.")
        >>> print(Drawn("Ports", "two", [("", "open"), ("a", "1")], ["flags"], verdict).text)
        Ports: two
           open
        a     1
        ✓ All open.
        """
        mark, _, sentence = self.verdict
        return "\n".join([f"{self.title}: {self.note}", *columns(self.rows), f"{mark} {sentence}"])

    @property
    def html(self) -> str:
        """As a picture."""
        charts = panels(self.charts) if self.charts else ""
        body = f'{style()}<div class="wsl-part">{charts}{figures_table(self.rows, self.hues)}</div>'
        return card(self.title, self.note, body, verdict_bar(*self.verdict, ""))
