"""A mock interview as it goes: what is asked, what was typed, how the time went, what the candidate marks.

::

                next, skip                 tick
               ┌──────────┐             ┌────────┐
               ▼          │             ▼        │
    begun ───▶ asking ────┴── end ───▶ scoring ──┴── finish ───▶ done

Time goes on while it is asking and not paused. When it is over, the next step leads to the scoring: what
is being typed then is not cut off. No step leads back. Whoever shows it calls `settle` every so often; where
nobody did for a while the candidate has gone, and it stands still since the last time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from wslearn.course.store import now
from wslearn.errors import UsageError
from wslearn.interview.bank import Estimate, Open
from wslearn.interview.numbers import write_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.interview.drawing import Timed

__all__ = ["AWAY", "LONGEST", "PHASES", "Rehearsal", "asked", "points"]

#: In their order.
PHASES = ("asking", "scoring", "done")

#: Seconds without `settle` after which nobody is there. Browsers let a hidden page work once a minute.
AWAY = 150.0

#: Characters of one answer.
LONGEST = 20_000


def asked(item: Timed) -> tuple[str, ...]:
    """Give what is asked one by one: the question, and what follows it up."""
    return (item.question, *(item.follow_ups if isinstance(item, Open) else ()))


def points(item: Timed) -> tuple[str, ...]:
    """Give what an answer has or has not.

    Examples
    --------
    >>> from wslearn.interview.bank import item
    >>> points(item("scaling-memory-ten-million"))[0]
    'The result is within a factor of two of 100 GB.'
    """
    if isinstance(item, Estimate):
        return (
            f"The result is within a factor of two of {write_number(item.result())} {item.unit}.",
            "The way there is told step by step, with round numbers.",
            "The figures that it begins with are named, with their units.",
        )
    return item.points


@dataclass
class Rehearsal:
    """One mock interview; it stands still until `resume`.

    Parameters
    ----------
    items
        What is asked, in this order.
    minutes
        How long it may take.
    request
        What was asked for, by which it is found again.
    clock
        Tells the time in seconds, from any moment on.
    id, begun
        Its name for ever, and when it began, in UTC.
    phase
        One of `PHASES`.
    question, part
        Where it stands: the index of the item, and 0 for its question, 1 for what follows it up first.
    said
        What was typed, by the item's id and the part.
    had
        The points that the candidate found in the answers, by the item's id.
    spent
        Seconds, by the item's id.
    finished
        When the scoring was done.
    fresh
        The ids, and the ids with parts, of what changed since it was kept.
    """

    items: tuple[Timed, ...]
    minutes: int
    request: str = ""
    clock: Callable[[], float] = time.monotonic
    id: str = field(default_factory=lambda: uuid4().hex)
    begun: str = field(default_factory=now)
    phase: str = "asking"
    question: int = 0
    part: int = 0
    said: dict[tuple[str, int], str] = field(default_factory=dict)
    had: dict[str, frozenset[str]] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    finished: str = ""
    fresh: set[str | tuple[str, int]] = field(default_factory=set)
    _since: float | None = field(default=None, init=False)

    @property
    def item(self) -> Timed:
        """What is being asked."""
        return self.items[self.question]

    @property
    def running(self) -> bool:
        """Whether time goes on."""
        return self._since is not None and self.clock() - self._since <= AWAY

    @property
    def elapsed(self) -> float:
        """Seconds that went by, without pauses."""
        now_running = self.clock() - self._since if self._since is not None else 0.0
        return sum(self.spent.values()) + (now_running if now_running <= AWAY else 0.0)

    @property
    def is_up(self) -> bool:
        """Whether the time is over."""
        return self.elapsed >= 60 * self.minutes

    @property
    def reached(self) -> tuple[Timed, ...]:
        """What was asked; of the last one, only if there is something to score."""
        last = [self.item] if any(self.said.get((self.item.id, part)) for part in self._parts) else []
        return (*self.items[: self.question], *last)

    @property
    def next_is(self) -> str:
        """What `next` leads to: ``"follow-up"``, ``"question"`` or ``"scoring"``."""
        if not self.is_up:
            if self.part + 1 in self._parts:
                return "follow-up"
            if self.question + 1 < len(self.items):
                return "question"
        return "scoring"

    @property
    def _parts(self) -> range:
        return range(len(asked(self.item)))

    def resume(self) -> None:
        """Let the time go on."""
        self._must_be("asking")
        self.settle()
        if self._since is None:
            self._since = self.clock()

    def pause(self) -> None:
        """Let the time stand still."""
        self.settle()
        self._since = None

    def settle(self) -> None:
        """Count the time until now for the question that is being asked."""
        moment = self.clock()
        if self._since is not None and moment - self._since <= AWAY:
            self.spent[self.item.id] = self.spent.get(self.item.id, 0.0) + moment - self._since
            self._since = moment
        else:
            self._since = None

    def say(self, question: int, part: int, text: str) -> None:
        """Type an answer, in the place of the one before.

        Parameters
        ----------
        question, part
            To what: as of the attributes, at most those.
        text
            All of the answer.

        Raises
        ------
        UsageError
            For what was not asked yet, for an answer of more than `LONGEST` characters, and after the end.
        """
        self._must_be("asking")
        if min(question, part) < 0 or (question, part) > (self.question, self.part):
            raise UsageError("That was not asked yet.")
        if len(text) > LONGEST:
            raise UsageError(f"An answer has room for {LONGEST:,} characters; this one has {len(text):,}.")
        item = self.items[question]
        if part in range(len(asked(item))) and text != self.said.get((item.id, part), ""):
            self.said[item.id, part] = text
            self.fresh.add((item.id, part))

    def next(self) -> None:
        """Go on: to what follows up, to the next question, or to the scoring."""
        self._must_be("asking")
        if self.next_is == "follow-up":
            self.part += 1
        else:
            self.skip()

    def skip(self) -> None:
        """Go on to the next question, or to the scoring, whatever would follow up."""
        self._must_be("asking")
        if self.is_up or self.question + 1 == len(self.items):
            self.end()
            return
        self.settle()
        self.question, self.part = self.question + 1, 0

    def end(self) -> None:
        """Go on to the scoring; where nothing was said there is nothing to score."""
        self._must_be("asking")
        self.pause()
        self.phase = "scoring"
        if not self.reached:
            self.finish()

    def tick(self, question: int, point: int, had: bool) -> None:
        """Say whether an answer has a point.

        Parameters
        ----------
        question
            Its index in `reached`.
        point
            The index of the point.
        had
            Whether it is there.

        Raises
        ------
        UsageError
            Where there is nothing to score, or no such point.
        """
        self._must_be("scoring")
        if question not in range(len(self.reached)) or point not in range(
            len(points(self.reached[question]))
        ):
            raise UsageError("There is no such point to score.")
        item = self.reached[question]
        text = points(item)[point]
        before = self.had.get(item.id, frozenset())
        self.had[item.id] = before | {text} if had else before - {text}
        self.fresh.add(item.id)

    def finish(self) -> None:
        """End the scoring."""
        self._must_be("scoring")
        self.phase = "done"
        self.finished = now()

    def _must_be(self, phase: str) -> None:
        if self.phase != phase:
            raise UsageError(f"This needs a mock interview that is {phase}; this one is {self.phase}.")
