"""Interleaved rounds, medians, and the table they are printed in.

A machine is never quiet, so nobody is measured alone: in every round each contender runs once, and what
counts is the median of the ratios within rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

OURS = "wslearn"
_WIDTHS = (36, 10, 26, 8, 9, 6)


@dataclass(frozen=True)
class Figure:
    """What was measured: for each contender one cost per round, the smaller the better.

    Parameters
    ----------
    name, unit
        For the table.
    costs
        By contender, in `unit`; round for round the same moment.
    bars
        By contender, the least ratio of its cost to that of wslearn.
    at_most
        The most that wslearn may cost, in `unit`, whatever the others do.
    """

    name: str
    unit: str
    costs: Mapping[str, list[float]]
    bars: Mapping[str, float] = field(default_factory=dict)
    at_most: float | None = None

    def rows(self) -> list[tuple[str, ...]]:
        """Write a row for each peer, and one for a bar that needs no peer."""
        ours = self.costs[OURS]
        head = (f"{self.name}, {self.unit}", _number(median(ours)))
        rows = []
        if self.at_most is not None:
            bar, verdict = f"≤ {_number(self.at_most)}", _verdict(median(ours) <= self.at_most)
            rows.append((*head, "", "", bar, verdict))
        for peer, theirs in self.costs.items():
            if peer == OURS:
                continue
            ratio = median(cost / own for cost, own in zip(theirs, ours, strict=True))
            least = self.bars.get(peer)
            bar = "" if least is None else f"≥ {least:.3g}"
            verdict = "" if least is None else _verdict(ratio >= least)
            rows.append((*head, f"{peer} {_number(median(theirs))}", f"{ratio:.2f}", bar, verdict))
        # The figure is named once, then its peers stand below each other.
        return [row if i == 0 else ("", "", *row[2:]) for i, row in enumerate(rows)]


def show(title: str, figures: list[Figure]) -> int:
    """Print a section; return how many of its bars are missed."""
    print(f"\n{title}")
    _line(("", OURS, "peer", "ratio", "bar", ""))
    short = 0
    for figure in figures:
        for row in figure.rows():
            _line(row)
            short += row[-1] == "short"
    return short


def interleave(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Let each contender run once in a round and return its cost; the first round warms up."""
    costs: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for round_ in range(rounds + 1):
        first = round_ % len(names)  # nobody always follows the same one
        for name in names[first:] + names[:first]:
            cost = contenders[name]()
            if round_:
                costs[name].append(cost)
    return costs


def timed(work: Callable[[], object], count: int) -> Callable[[], float]:
    """Make a contender of a piece of work: nanoseconds of CPU for each of the `count` items it does."""

    def cost() -> float:
        start = time.process_time_ns()
        work()
        return (time.process_time_ns() - start) / count

    return cost


def _verdict(reached: bool) -> str:
    return "ok" if reached else "short"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _line(cells: tuple[str, ...]) -> None:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
    print("".join(padded).rstrip(), flush=True)
