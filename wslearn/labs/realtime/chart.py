"""A result as a picture: for each figure a small chart, with one bar for each way."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from wslearn.labs.realtime.table import figure, per, seconds, table
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wslearn.labs.realtime.result import Measured, Result

__all__ = ["HUES", "chart_html"]

#: The hue of each way, everywhere; its name stands beside it.
HUES = {"polling": "length", "long polling": "key", "SSE": "opcode", "WebSocket": "payload", "POST": "length"}

_WIDTH, _ROW, _LABEL, _VALUE = 300, 24, 84, 66


def chart_html(result: Result) -> str:
    """Draw a result, without JavaScript, in the colours of the page."""
    ways = result.ways
    by = per(ways, result.unit)
    panels = [
        _panel(f"requests per {by}", ways, lambda way: way.requests, figure),
        _panel(f"bytes to the server per {by}", ways, lambda way: way.up, figure),
        _panel(f"bytes from the server per {by}", ways, lambda way: way.down, figure),
    ]
    if any(way.latencies for way in ways):
        panels.append(
            _panel("latency: p50, and p99 as a line", ways, lambda way: way.p50, seconds, lambda way: way.p99)
        )
    if any(way.cpu is not None for way in ways):
        panels.append(_panel(f"server's processor time per {by}", ways, lambda way: way.cpu_each, seconds))
    panels.append(_panel("connections open at the end", ways, lambda way: float(way.held), figure))
    charts = f'<div class="wsl-panels">{"".join(panels)}</div>'
    body = f'{_style()}<div class="wsl-part">{charts}{_table(result)}</div>'
    return card(result.title, count(len(ways), "way"), body, verdict_bar(*result.verdict, ""))


def _panel(
    title: str,
    ways: Sequence[Measured],
    value: Callable[[Measured], float | None],
    written: Callable[[float | None], str],
    line: Callable[[Measured], float | None] = lambda _way: None,
) -> str:
    """Draw one figure of all ways, on a scale that begins at zero."""
    most = max((amount or 0.0 for way in ways for amount in (value(way), line(way))), default=0.0)
    room = _WIDTH - _LABEL - _VALUE
    parts = []
    for at, way in enumerate(ways):
        amount, further, top = value(way), line(way), at * _ROW
        length = room * (amount or 0.0) / most if most else 0.0
        parts.append(
            f'<g class="wsl-{HUES.get(way.name, "flags")}">'
            f'<text x="{_LABEL - 8}" y="{top + 16}" text-anchor="end">{escape(way.name)}</text>'
            f'<rect x="{_LABEL}" y="{top + 4}" width="{max(length, 1):.1f}" height="{_ROW - 8}" rx="2"/>'
        )
        end = length
        if further is not None and most:
            end = room * further / most
            tick, middle = f"M{_LABEL + end:.1f} {top + 2}v{_ROW - 4}", top + _ROW // 2
            parts.append(f'<path d="{tick}M{_LABEL + length:.1f} {middle}H{_LABEL + end:.1f}"/>')
        parts.append(
            f'<text x="{_LABEL + max(end, length, 1) + 6:.1f}" y="{top + 16}">{written(amount)}</text></g>'
        )
    said = "; ".join(f"{way.name} {written(value(way))}" for way in ways)
    height = len(ways) * _ROW
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}: {escape(said)}">{"".join(parts)}</svg></figure>'
    )


def _table(result: Result) -> str:
    heads, *rows = table(result.ways, result.unit)
    head = "".join(f'<th scope="col">{escape(name)}</th>' if name else "<td></td>" for name in heads)
    body = "".join(
        f'<tr class="wsl-{HUES.get(row[0], "flags")}"><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        '<div class="wsl-wide-table" role="region" aria-label="The figures" tabindex="0">'
        f'<table class="wsl-figures"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _style() -> str:
    sheet = Path(__file__).with_name("chart.css").read_text(encoding="utf-8")
    return f"<style>{' '.join(sheet.split())}</style>"
