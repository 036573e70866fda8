"""How often something happened, over time: as bars, and as one line of text."""

from __future__ import annotations

from html import escape
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["bins", "histogram", "sparkline"]

_BLOCKS = "▁▂▃▄▅▆▇█"
_ROUNDING = 1e-9  # 0.6 s is in the bin from 0.6 s on, though 0.6 / 0.05 is a bit less than 12
_WIDTH, _HEIGHT, _FOOT, _SIDE = 300, 96, 18, 34


def bins(times: Iterable[float], width: float, length: float) -> list[int]:
    """Count how many times fall into each bin.

    Parameters
    ----------
    times
        Seconds from 0 on; what is not from 0 to `length` does not count.
    width
        Seconds of a bin.
    length
        Seconds of all bins together.

    Examples
    --------
    >>> bins([0.0, 0.05, 0.1, 0.31], 0.1, 0.4)
    [2, 1, 0, 1]
    """
    counts = [0] * max(1, round(length / width))
    for at in times:
        number = floor(at / width + _ROUNDING)
        if 0 <= number < len(counts):
            counts[number] += 1
    return counts


def sparkline(counts: Sequence[int], most: int) -> str:
    """Draw counts with one character each.

    Parameters
    ----------
    counts
        For each bin.
    most
        What is drawn as a full block.

    Examples
    --------
    >>> sparkline([0, 1, 4, 8], 8)
    ' ▁▄█'
    """
    steps = len(_BLOCKS)
    return "".join(_BLOCKS[max(0, -(-n * steps // most) - 1)] if n else " " for n in counts)


def histogram(
    title: str, counts: Sequence[int], width: float, most: int, hue: str, line: Sequence[int] = ()
) -> str:
    """Draw counts as bars, and others as a line over them.

    Parameters
    ----------
    title
        What they are; text.
    counts
        For each bin.
    width
        Seconds of a bin.
    most
        What the scale goes up to, so that two of them can be compared.
    hue
        The class of the colour.
    line
        As many counts as there are bars, or none.

    Examples
    --------
    >>> histogram("arrivals", [3, 1], 0.1, 4, "opcode").count("<rect")
    2
    """
    room, high = _WIDTH - _SIDE, _HEIGHT - _FOOT
    step = room / len(counts)
    rectangles = "".join(
        f'<rect x="{_SIDE + at * step:.1f}" y="{high - high * n / most:.1f}" width="{step * 0.85:.1f}" '
        f'height="{high * n / most:.1f}"/>'
        for at, n in enumerate(counts)
        if n
    )
    steps = "".join(f"V{high - high * n / most:.1f}h{step:.2f}" for n in line)
    length = len(counts) * width
    words = (
        f'<text x="{_SIDE - 4}" y="10" text-anchor="end">{most:,}</text>'
        f'<text x="{_SIDE - 4}" y="{high}" text-anchor="end">0</text>'
        f'<text x="{_SIDE}" y="{_HEIGHT - 4}">0 s</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 4}" text-anchor="end">{length:.3g} s</text>'
    )
    peak = max(counts)
    said = f"{title}: up to {peak:,} in {width:g} s, {counts.index(peak) * width:.3g} s after the start"
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(said)}"><g class="wsl-{hue}">{rectangles}'
        f'<path d="M{_SIDE} {high}H{_WIDTH}M{_SIDE} {high}{steps}"/>{words}</g></svg></figure>'
    )
