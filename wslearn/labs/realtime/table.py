"""The figures of a result in words and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.labs.realtime.result import Measured

__all__ = ["columns", "figure", "per", "seconds", "table"]


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


def per(ways: Sequence[Measured], unit: str) -> str:
    """Say what amounts are divided by: `unit`, or where there were none, the seconds of all clients."""
    return unit if any(way.delivered for way in ways) else "client and second"


def table(ways: Sequence[Measured], unit: str) -> list[tuple[str, ...]]:
    """Give the table: a row of headings, then one for each way.

    Parameters
    ----------
    ways
        What was measured.
    unit
        What arrived: ``"event"`` or ``"message"``.
    """
    by = f"/{per(ways, unit).replace(' and second', '/s')}"
    amounts = ("requests", "bytes up", "bytes down")
    heads = ("", *(f"{name}{by}" for name in amounts), "p50", "p99", f"CPU{by}", "connections", "open")
    return [
        heads,
        *(
            (
                way.name,
                figure(way.requests),
                figure(way.up),
                figure(way.down),
                seconds(way.p50),
                seconds(way.p99),
                seconds(way.cpu_each),
                f"{way.counts.connections + way.opening.connections:,}",
                f"{way.held:,}",
            )
            for way in ways
        ),
    ]


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
