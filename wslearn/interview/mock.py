"""A rehearsal against the clock: what an interviewer asks, what you answer, and what was in it."""

from __future__ import annotations

import json
import time
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from wslearn.interview.drawing import chosen, draw
from wslearn.interview.keeping import asked_before, done, keep, unfinished
from wslearn.interview.rehearsal import Rehearsal
from wslearn.interview.report import Report, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wslearn.widgets.mock_view import MockView

__all__ = ["mock", "reports"]


def mock(
    minutes: int = 30,
    mix: Mapping[str, float] | Iterable[str] | None = None,
    topics: Iterable[str] | None = None,
    seed: int | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> MockView:
    """Hold a mock interview: a clock, questions one by one, answers that you type, and your own scoring.

    What you type is kept as you type it. After a restart of the kernel, or on another day, the same call
    goes on where you left it, until it is scored to its end. Its `report` says what to revise.

    Parameters
    ----------
    minutes
        15, 30 or 45. It can be changed on the page, and so can the kinds and the topics.
    mix
        Kinds of questions, of ``"short"``, ``"decision"``, ``"estimate"`` and ``"design"``; or the share of
        the time that each one has: ``{"short": 2, "design": 1}``.
    topics
        What to ask about: names of `wslearn.interview.bank.TOPICS`; without any, all.
    seed
        Draws the same questions each time. Without one, those that you were asked least.
    clock
        Tells the time in seconds, from any moment on.

    Raises
    ------
    UsageError
        For other minutes, and for a kind or a topic that there is not: the message names those there are.

    Examples
    --------
    >>> mock(15, mix=["short", "estimate"])
    <mock interview: 15 minutes, not begun>
    """
    from wslearn.widgets.mock_view import MockView

    kinds, about = chosen(minutes, mix, topics)
    request = json.dumps([minutes, kinds, about, seed])

    def begin(minutes: int, kinds: Mapping[str, float], about: Iterable[str]) -> Rehearsal:
        random = SystemRandom() if seed is None else Random(seed)  # noqa: S311 - it draws questions, not keys
        before = asked_before() if seed is None else None
        return Rehearsal(draw(minutes, kinds, tuple(about), random, before), minutes, request, clock)

    return MockView(minutes, kinds, about, begin, keep, unfinished(request, clock))


def reports() -> tuple[Report, ...]:
    """Give the reports of all mock interviews that were scored to their end, the last one last.

    Examples
    --------
    >>> reports()
    ()
    """
    return tuple(map(report, done()))
