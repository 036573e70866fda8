"""Figures in words, and in columns: what every measurement of the labs is shown with."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["columns", "figure", "figures_table", "seconds", "style"]


def seconds(value: float | None) -> str:
    """Write a time so that it can be read.

    Examples
    --------
    >>> seconds(0.000031), seconds(0.0123), seconds(0.25), seconds(None)
    ('31 µs', '12.3 ms', '250 ms', '–')
    """
    if value is None:
        return "–"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.0f} µs"


def figure(value: float | None) -> str:
    """Write an amount so that it can be read.

    Examples
    --------
    >>> figure(1234.5), figure(3.0), figure(0.0567), figure(None)
    ('1,234', '3', '0.057', '–')
    """
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows as lines: the first column to the left, the others to the right.

    Examples
    --------
    >>> columns([("", "bytes"), ("SSE", "78")])
    ['     bytes', 'SSE     78']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])],
        ).rstrip()
        for row in rows
    ]


def figures_table(rows: Sequence[Sequence[str]], hues: Sequence[str]) -> str:
    """Draw rows as an HTML table that scrolls where it is wider than the page.

    Parameters
    ----------
    rows
        The first one has the headings; all of it is text.
    hues
        For each row behind it, the class of its colour: ``"payload"``.

    Examples
    --------
    >>> figures_table([("", "bytes"), ("a < b", "78")], ["flags"]).count("<td>")
    2
    """
    heads, *others = rows
    head = "".join(f'<th scope="col">{escape(name)}</th>' if name else "<td></td>" for name in heads)
    body = "".join(
        f'<tr class="wsl-{hue}"><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row, hue in zip(others, hues, strict=True)
    )
    return (
        '<div class="wsl-wide-table" role="region" aria-label="The figures" tabindex="0">'
        f'<table class="wsl-figures"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def style() -> str:
    """Give the style sheet of tables and bars, to stand in front of them once."""
    sheet = Path(__file__).with_name("figures.css").read_text(encoding="utf-8")
    return f"<style>{' '.join(sheet.split())}</style>"
