"""A result as a picture: for each figure a small chart, with one bar for each way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.labs.bars import Bar, bars, panels
from wslearn.labs.realtime.table import per, table
from wslearn.labs.table import figure, figures_table, seconds, style
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.labs.realtime.result import Measured, Result

__all__ = ["HUES", "chart_html"]

#: The hue of each way, everywhere; its name stands beside it.
HUES = {"polling": "length", "long polling": "key", "SSE": "opcode", "WebSocket": "payload", "POST": "length"}


def chart_html(result: Result) -> str:
    """Draw a result, without JavaScript, in the colours of the page."""
    ways = result.ways
    by = per(ways, result.unit)
    hues = [HUES.get(way.name, "flags") for way in ways]

    def panel(
        title: str,
        value: Callable[[Measured], float | None],
        written: Callable[[float | None], str],
        further: Callable[[Measured], float | None] = lambda _way: None,
    ) -> str:
        rows = [Bar(way.name, hue, value(way), further(way)) for way, hue in zip(ways, hues, strict=True)]
        return bars(title, rows, written)

    charts = [
        panel(f"requests per {by}", lambda way: way.requests, figure),
        panel(f"bytes to the server per {by}", lambda way: way.up, figure),
        panel(f"bytes from the server per {by}", lambda way: way.down, figure),
    ]
    if any(way.latencies for way in ways):
        charts.append(
            panel("latency: p50 in numbers, p99 as a line", lambda way: way.p50, seconds, lambda way: way.p99)
        )
    if any(way.cpu is not None for way in ways):
        charts.append(panel(f"server's processor time per {by}", lambda way: way.cpu_each, seconds))
    charts.append(panel("connections open at the end", lambda way: float(way.held), figure))
    figures = figures_table(table(ways, result.unit), hues)
    body = f'{style()}<div class="wsl-part">{panels(charts)}{figures}</div>'
    return card(result.title, count(len(ways), "way"), body, verdict_bar(*result.verdict, ""))
