"""Lines of a table of words, for a still picture and for the page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wslearn.picture_card import row, words

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Line", "line_table"]


class Line(NamedTuple):
    """A line of a table.

    Parameters
    ----------
    name
        What it is about.
    value
        Of a figure how much, of a rule where it applies.
    meaning
        What there is to say.
    section
        In a word or two, what comes of it.
    kind
        The class of its colour.
    """

    name: str
    value: str
    meaning: str
    section: str = ""
    kind: str = "flags"


def line_table(lines: Iterable[Line]) -> str:
    """Draw lines as a table; all of it is text.

    Examples
    --------
    >>> line_table([Line("rate", "rare", "less than one event a minute")]).count("<tr")
    2
    """
    return words(row(line.name, line.value, line.meaning, line.section, f"wsl-{line.kind}") for line in lines)
