"""The figures of a result in words and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.labs.table import figure, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.labs.realtime.result import Measured

__all__ = ["per", "table"]


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
