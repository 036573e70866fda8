"""What was measured while a server was filled, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.bars import Bar, bars, panels
from wslearn.labs.table import columns, figure, figures_table, seconds, style
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import count

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Beside", "Cost", "Filled", "Stage", "size"]

_GIB = 1 << 30
_HUES = {"wslearn": "payload", "tornado": "opcode", "websockets": "length", "aiohttp": "key"}


def size(amount: float | None) -> str:
    """Write bytes so that they can be read.

    Examples
    --------
    >>> size(500), size(6300), size(2.5 * 2**30), size(None)
    ('500 B', '6.15 KiB', '2.5 GiB', '–')
    """
    if amount is None:
        return "–"
    for unit, unit_size in (("TiB", 1 << 40), ("GiB", _GIB), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if abs(amount) >= unit_size:
            value = amount / unit_size
            return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    return f"{amount:.0f} B"


@dataclass(frozen=True)
class Cost:
    """What something cost the server's processor.

    Parameters
    ----------
    unit
        What was counted: ``"message"``.
    count
        How many there were.
    cpu
        Seconds of the server's processor time for all of them.
    seconds
        How long they took.

    Examples
    --------
    >>> Cost("message", 1000, 0.02, 0.1)
    1,000 messages: 20 µs of the server's processor each, 10,000 a second
    """

    unit: str
    count: int
    cpu: float
    seconds: float

    @property
    def each(self) -> float:
        """Seconds of processor time for one."""
        return self.cpu / self.count if self.count else 0.0

    @property
    def rate(self) -> float:
        """How many there were in a second."""
        return self.count / self.seconds

    @property
    def share(self) -> float:
        """The part of one core that the server used meanwhile: 1 is all of it."""
        return self.cpu / self.seconds

    def __repr__(self) -> str:
        if not self.count:
            return f"no {self.unit}s: {self.share:.2%} of a core"
        each = f"{seconds(self.each)} of the server's processor each"
        return f"{count(self.count, self.unit)}: {each}, {self.rate:,.0f} a second"


@dataclass(frozen=True, slots=True)
class Stage:
    """The server at one moment.

    Parameters
    ----------
    connections
        How many were open.
    memory
        Bytes of RAM that its process used.
    files
        File descriptors that it had open.
    kernel
        Bytes that the kernel used for everything on this machine; ``None`` where it does not say so.
    """

    connections: int
    memory: int
    files: int
    kernel: int | None


@dataclass(frozen=True)
class Filled:
    """A server while it was filled. What counts is what each further connection adds.

    Parameters
    ----------
    server
        Whose it is.
    stages
        The server before, now and then, and at the end; two at least.
    opening
        What opening them cost.
    what
        What the connections are.
    """

    server: str
    stages: tuple[Stage, ...]
    opening: Cost
    what: str = "idle WebSockets"

    def _slope(self, first: float, last: float) -> float:
        return (last - first) / (self.stages[-1].connections - self.stages[0].connections)

    @property
    def connections(self) -> int:
        """How many were open at the end."""
        return self.stages[-1].connections

    @property
    def memory(self) -> float:
        """Bytes of the server's process for each connection."""
        return self._slope(self.stages[0].memory, self.stages[-1].memory)

    @property
    def kernel(self) -> float | None:
        """Bytes of the kernel for one end of each connection: both ends are on this machine."""
        first, last = self.stages[0].kernel, self.stages[-1].kernel
        return None if first is None or last is None else max(0.0, self._slope(first, last) / 2)

    @property
    def files(self) -> float:
        """File descriptors for each connection."""
        return self._slope(self.stages[0].files, self.stages[-1].files)

    @property
    def per_gib(self) -> int:
        """How many connections fit into 1 GiB, with the kernel's part where it is known."""
        return int(_GIB / (self.memory + (self.kernel or 0)))

    def table(self) -> list[tuple[str, ...]]:
        """Give the stages as rows, the first one of headings."""
        heads = ("connections", "process", "descriptors", "kernel, whole machine")
        return [
            heads,
            *(
                (f"{each.connections:,}", size(each.memory), f"{each.files:,}", size(each.kernel))
                for each in self.stages
            ),
        ]

    @property
    def verdict(self) -> str:
        """Say what each one costs."""
        kernel = "" if self.kernel is None else f", {size(self.kernel)} of the kernel"
        files = figure(round(self.files, 2))
        return (
            f"Each adds {size(self.memory)} of the process{kernel}, {files} descriptor; "
            f"{seconds(self.opening.each)} of processor time opened it. {self.per_gib:,} fit into 1 GiB."
        )

    @property
    def title(self) -> str:
        """Say what was filled."""
        return f"{self.server}: {self.connections:,} {self.what}"

    def __repr__(self) -> str:
        return "\n".join([self.title, *columns(self.table()), self.verdict])

    def _repr_html_(self) -> str:
        rows = self.table()
        hue = _HUES.get(self.server, "flags")
        body = f'{style()}<div class="wsl-part">{figures_table(rows, [hue] * (len(rows) - 1))}</div>'
        return card(self.title, "measured", body, verdict_bar("✓", "filled", self.verdict, ""))


class Beside:
    """Servers beside each other, filled with as many connections: shown as bars.

    Parameters
    ----------
    filled
        What was measured of each.

    Raises
    ------
    UsageError
        Without any.
    """

    def __init__(self, *filled: Filled) -> None:
        if not filled:
            raise UsageError("Fill a server first: there is nothing to compare.")
        self.filled = filled

    def table(self) -> list[tuple[str, ...]]:
        """Give a row of headings and one for each server."""
        heads = ("", "connections", "memory each", "of the kernel", "descriptors", "handshake", "in 1 GiB")
        return [
            heads,
            *(
                (
                    each.server,
                    f"{each.connections:,}",
                    size(each.memory),
                    size(each.kernel),
                    figure(round(each.files, 2)),
                    seconds(each.opening.each),
                    f"{each.per_gib:,}",
                )
                for each in self.filled
            ),
        ]

    @property
    def smallest(self) -> Filled:
        """The one whose connections take the least memory of its process."""
        return min(self.filled, key=lambda each: each.memory)

    def __repr__(self) -> str:
        return "\n".join(columns(self.table()))

    def _repr_html_(self) -> str:
        hues = [_HUES.get(each.server, "flags") for each in self.filled]
        charts = panels(
            [
                bars("memory of the process for each idle connection", self._rows("memory"), size),
                bars("server's processor time for each handshake", self._rows("handshake"), seconds),
            ]
        )
        body = f'{style()}<div class="wsl-part">{charts}{figures_table(self.table(), hues)}</div>'
        least = self.smallest
        said = f"{least.server} holds a connection in {size(least.memory)} of its own."
        note = count(len(self.filled), "server")
        return card("Idle connections", note, body, verdict_bar("✓", "measured", said, ""))

    def _rows(self, what: str) -> Sequence[Bar]:
        values = {
            "memory": [each.memory for each in self.filled],
            "handshake": [each.opening.each for each in self.filled],
        }[what]
        return [
            Bar(each.server, _HUES.get(each.server, "flags"), value)
            for each, value in zip(self.filled, values, strict=True)
        ]
