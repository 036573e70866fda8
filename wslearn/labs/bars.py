"""A figure of several things beside each other as bars, without JavaScript, in the colours of the page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from wslearn.labs.table import figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Bar", "bars", "panels"]

_WIDTH, _ROW, _LABEL, _VALUE = 300, 24, 84, 66


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Parameters
    ----------
    name
        What it is of.
    hue
        The class of its colour: ``"payload"``.
    value
        How long it is; ``None`` where nothing was measured.
    further
        Where a line goes on to from its end.
    """

    name: str
    hue: str
    value: float | None
    further: float | None = None


def bars(
    title: str, rows: Sequence[Bar], written: Callable[[float | None], str] = figure, label: int = _LABEL
) -> str:
    """Draw bars below each other, on a scale that begins at zero.

    Parameters
    ----------
    title
        What they show; text.
    rows
        From the top.
    written
        Writes a value.
    label
        How wide the names are, of 300.

    Examples
    --------
    >>> bars("bytes", [Bar("SSE", "opcode", 78), Bar("WebSocket", "payload", 66)]).count("<rect")
    2
    """
    most = max((amount or 0.0 for row in rows for amount in (row.value, row.further)), default=0.0)
    room = _WIDTH - label - _VALUE
    parts = []
    for at, row in enumerate(rows):
        top = at * _ROW
        length = room * (row.value or 0.0) / most if most else 0.0
        parts.append(
            f'<g class="wsl-{row.hue}">'
            f'<text x="{label - 8}" y="{top + 16}" text-anchor="end">{escape(row.name)}</text>'
            f'<rect x="{label}" y="{top + 4}" width="{max(length, 1):.1f}" height="{_ROW - 8}" rx="2"/>'
        )
        end = length
        if row.further is not None and most:
            end = room * row.further / most
            tick, middle = f"M{label + end:.1f} {top + 2}v{_ROW - 4}", top + _ROW // 2
            parts.append(f'<path d="{tick}M{label + length:.1f} {middle}H{label + end:.1f}"/>')
        parts.append(
            f'<text x="{label + max(end, length, 1) + 6:.1f}" y="{top + 16}">{escape(written(row.value))}'
            "</text></g>"
        )
    said = "; ".join(f"{row.name} {written(row.value)}" for row in rows)
    height = len(rows) * _ROW
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}: {escape(said)}">{"".join(parts)}</svg></figure>'
    )


def panels(charts: Iterable[str]) -> str:
    """Put charts beside each other, as many as there is room for."""
    return f'<div class="wsl-panels">{"".join(charts)}</div>'
