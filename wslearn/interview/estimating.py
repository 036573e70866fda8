"""Estimates: judged by powers of ten, then by factors of two; worked out with what the student measured.

Some figures that an estimate begins with can be measured in lesson 11. Where the student did, the answer is
worked out with those in the place of the book's: `FIGURES` says what each name in an item's ``measured``
stands for.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wslearn.interview.faces import Part, back
from wslearn.interview.lines import Line
from wslearn.interview.numbers import write_number
from wslearn.spans import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wslearn.interview.bank import Estimate
    from wslearn.labs.capacity import Measured
    from wslearn.widgets.estimate_view import EstimateView

__all__ = [
    "FIGURES",
    "Figure",
    "Judged",
    "answer_parts",
    "estimate",
    "given_lines",
    "own_figures",
    "worked",
]

_BYTES = {"bytes": 1.0, "kB": 1e3, "KiB": 1024.0, "MB": 1e6, "MiB": 1024.0**2}
_SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}


class Figure(NamedTuple):
    """What lesson 11 measures of a connection.

    Parameters
    ----------
    about
        What it is.
    of
        Where it is among what was measured.
    units
        The units that an item may give it in, and the size of each.
    """

    about: str
    of: Callable[[Measured], float]
    units: Mapping[str, float]


#: What an item's ``measured`` may name.
FIGURES = {
    "connection": Figure(
        "memory of an idle connection, with the kernel's part", lambda one: one.memory + one.kernel, _BYTES
    ),
    "memory": Figure("memory of the process for an idle connection", lambda one: one.memory, _BYTES),
    "kernel": Figure("memory of the kernel for an idle connection", lambda one: one.kernel, _BYTES),
    "handshake": Figure("processor time of a handshake, without TLS", lambda one: one.handshake, _SECONDS),
    "message": Figure("processor time of a message and its answer", lambda one: one.message, _SECONDS),
    "delivery": Figure("processor time of a delivery to one of many", lambda one: one.delivery, _SECONDS),
    "ping": Figure("processor time of a ping and its pong", lambda one: one.ping, _SECONDS),
}


def own_figures(item: Estimate, mine: Measured | None) -> dict[str, float]:
    """Give the student's own figures that stand in the place of some that an item gives, in its units.

    Parameters
    ----------
    item
        The estimate.
    mine
        What the student measured; none for nothing.

    Examples
    --------
    >>> from wslearn.interview.bank import item
    >>> from wslearn.labs.capacity import Measured
    >>> own_figures(item("scaling-memory-ten-million"), Measured(6000, 4500, 1, 90e-6, 12e-6, 8e-6, 30e-6))
    {'memory': 10.5}
    """
    if mine is None:
        return {}
    own = {}
    for name, given in item.given.items():
        if given.measured:
            found = FIGURES[given.measured]
            own[name] = found.of(mine) / found.units[given.unit]
    return {name: value for name, value in own.items() if value > 0}  # 0 is what could not be measured


def given_lines(item: Estimate, own: Mapping[str, float] = {}) -> Iterator[Line]:
    """Give the figures that an estimate begins with, and say whose they are.

    Parameters
    ----------
    item
        The estimate.
    own
        As `own_figures` gives them.

    Examples
    --------
    >>> from wslearn.interview.bank import item
    >>> for line in given_lines(item("scaling-memory-ten-million"), {"memory": 9.2}):
    ...     print([line.name, line.value, line.section])
    ['connections', '10,000,000 connections', '']
    ['memory', '9.2 kB', 'yours']
    """
    for name, given in item.given.items():
        shown, of_the_book = name.replace("_", " "), f"{write_number(given.value)} {given.unit}"
        if name in own:
            about = f"{FIGURES[given.measured].about}, as you measured it; the book says {of_the_book}"
            yield Line(shown, f"{write_number(own[name])} {given.unit}", about, "yours", "key")
        elif given.measured:
            about = f"{FIGURES[given.measured].about}; lesson 11 measures yours"
            yield Line(shown, of_the_book, about, "the book's")
        else:
            yield Line(shown, of_the_book, "")


@dataclass(frozen=True)
class Judged:
    """An estimate beside the answer.

    Parameters
    ----------
    guess, answer
        Both in the same unit, above zero.

    Examples
    --------
    >>> [Judged(guess, 100).verdict for guess in (70, 250, 900, 2)]
    ['within a factor of two', 'the right power of ten', 'too high', '2 powers of ten too low']
    """

    guess: float
    answer: float

    @property
    def powers(self) -> int:
        """By how many powers of ten it is off, to the nearest: below zero, it is too low."""
        return round(math.log10(self.guess) - math.log10(self.answer))

    @property
    def right(self) -> bool:
        """Whether it is within a factor of two."""
        return self.answer / 2 <= self.guess <= self.answer * 2

    @property
    def verdict(self) -> str:
        """Say how near it is."""
        if self.right:
            return "within a factor of two"
        if not self.powers:
            return "the right power of ten"
        if self._apart < 10:  # a power of ten would be heard as ten times; `text` says how many times
            return f"too {self._way}"
        off = abs(self.powers)
        return f"{'a power' if off == 1 else count(off, 'power')} of ten too {self._way}"

    @property
    def _apart(self) -> float:
        """How many times the smaller of both is in the larger."""
        return max(self.guess / self.answer, self.answer / self.guess)

    @property
    def _way(self) -> str:
        return "high" if self.guess > self.answer else "low"

    @property
    def mark(self) -> str:
        """``✓``, ``…`` for the right power of ten alone, or ``✗``."""
        return "✓" if self.right else "✗" if self.powers else "…"

    def text(self, unit: str) -> str:
        """Say both, and how far they are apart."""
        said = f"You said {write_number(self.guess)} {unit}"
        apart = self._apart
        if apart < 1.05:
            return f"{said}, and so it is."
        shown = f"{apart:.2g}" if apart < 10 else write_number(apart)
        return f"{said}; it is {write_number(self.answer)} {unit}. That is {shown} times too {self._way}."


_SIGNS = {"**": "^", "*": "×", "/": "÷", "-": "−", "ceil": "round up"}


def worked(item: Estimate, own: Mapping[str, float] = {}) -> tuple[str, str]:
    """Write an estimate's formula with its names, and with its figures and the answer.

    Parameters
    ----------
    item
        The estimate.
    own
        Figures that stand in the place of those that are given.

    Examples
    --------
    >>> from wslearn.interview.bank import item
    >>> worked(item("scaling-memory-ten-million"))
    ('connections × memory ÷ 1,000,000', '10,000,000 × 10 ÷ 1,000,000 = 100 GB')
    """
    values = {name: given.value for name, given in item.given.items()} | dict(own)

    def written(with_figures: bool) -> str:
        def one(match: re.Match[str]) -> str:
            token = match[0]
            if token in values:
                return write_number(values[token]) if with_figures else token.replace("_", " ")
            return _SIGNS.get(token) or write_number(float(token))

        return re.sub(r"[a-z_]+|\d[\d.]*|\*\*|[*/-]", one, item.formula)

    return written(False), f"{written(True)} = {write_number(item.result(own))} {item.unit}"


def answer_parts(item: Estimate, own: Mapping[str, float] = {}) -> tuple[Part, ...]:
    """Give the answer in parts, worked out with the student's own figures where there are some.

    Parameters
    ----------
    item
        The estimate.
    own
        As `own_figures` gives them.

    Examples
    --------
    >>> from wslearn.interview.bank import item
    >>> [part.name for part in answer_parts(item("scaling-memory-ten-million"), {"memory": 9.2})]
    ['Answer', 'Worked out with your own figure', 'Step by step, with the figures of the book', 'Why']
    """
    _, steps, why = back(item)
    answer = Part("Answer", (f"{write_number(item.result(own))} {item.unit}",), "payload")
    if not own:
        return answer, Part("Worked out", worked(item)), steps, why
    named = f"Worked out with your own figure{'s' * (len(own) > 1)}"
    of_the_book = steps._replace(name="Step by step, with the figures of the book")
    return answer, Part(named, worked(item, own), "key"), of_the_book, why


def estimate(*names: str, topic: str = "", own: bool = True) -> EstimateView:
    """Estimate, and see how near you are; what you said is kept.

    What you measured in lesson 11 stands in the place of the book's figures.

    Parameters
    ----------
    names
        Ids of estimates of the question bank; without any, all of them, or those of the topic.
    topic
        One of `wslearn.interview.bank.TOPICS`.
    own
        Whether to use your own figures, where there are some.

    Raises
    ------
    UsageError
        For an id or a topic that is not there: the message names those that are.

    Examples
    --------
    >>> estimate("scaling-memory-ten-million", own=False)
    <estimate: 1 estimate>
    """
    from wslearn.interview.bank import Estimate
    from wslearn.interview.picking import pick
    from wslearn.labs.capacity import measured
    from wslearn.widgets.estimate_view import EstimateView

    return EstimateView(pick(Estimate, names, topic), measured() if own else None, _record)


def _record(item: Estimate, said: str, right: bool) -> None:
    from wslearn.course.progress import record_answer

    record_answer(item.id, item.lesson, [said], right)
