"""Study plans: what to do with the time that is left, step by step, with links."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.interview.links import link
from wslearn.picture_card import card, prose, verdict_bar
from wslearn.spans import count

if TYPE_CHECKING:
    from collections.abc import Collection

    from wslearn.interview.links import Link

__all__ = ["PLANS", "Plan", "Step", "plan"]


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Parameters
    ----------
    when
        The part of the time that it belongs to: ``"Day 1"``.
    minutes
        How long it takes.
    see
        A lesson, to be done as a whole; or a heading of one: ``"03_frames#The first byte"``.
    do
        What to do there. Backticks mark code.
    """

    when: str
    minutes: int
    see: str
    do: str

    @property
    def link(self) -> Link:
        """Where to do it."""
        return link(self.see)

    @property
    def lesson(self) -> str:
        """The lesson, where it is to be done as a whole; else empty."""
        return "" if "#" in self.see else self.see


@dataclass(frozen=True)
class Plan:
    """What to do in which order.

    Parameters
    ----------
    name
        How much time it is for.
    steps
        One after the other.
    done
        The lessons that are done already.
    """

    name: str
    steps: tuple[Step, ...]
    done: Collection[str] = ()

    @property
    def minutes(self) -> int:
        """How long all of it takes."""
        return sum(step.minutes for step in self.steps)

    @property
    def parts(self) -> tuple[tuple[str, tuple[Step, ...]], ...]:
        """The steps by the part of the time that they belong to."""
        return tuple((when, tuple(steps)) for when, steps in groupby(self.steps, key=lambda step: step.when))

    @property
    def told(self) -> str:
        """How much it is, in words."""
        return f"{count(len(self.steps), 'step')}, {_hours(self.minutes)}"

    def __repr__(self) -> str:
        lines = [f"{self.name}: {self.told}"]
        for when, steps in self.parts:
            lines.append(f"{when}, {_hours(sum(step.minutes for step in steps))}")
            lines += [
                f"{'✓' if self._is_done(step) else ' '} {step.minutes:3} min  {step.link.text}. {step.do}"
                for step in steps
            ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8").strip()
        tables = f"<style>{style}</style>" + "".join(self._part(*part) for part in self.parts)
        done = sum(map(self._is_done, self.steps))
        lessons = sum(bool(step.lesson) for step in self.steps)
        said = f"{self.told}." + f" {done} of {lessons} whole lessons are done." * bool(lessons)
        return card("Study plan", self.name, tables, verdict_bar("–", "plan", said, ""))

    def _part(self, when: str, steps: tuple[Step, ...]) -> str:
        minutes = _hours(sum(step.minutes for step in steps))
        head = f'<div class="wsl-name"><b>{when}</b>, {minutes}</div>'
        rows = f"<tbody>{''.join(map(self._row, steps))}</tbody>"
        return f'<div class="wsl-part">{head}<table class="wsl-words wsl-plan">{rows}</table></div>'

    def _row(self, step: Step) -> str:
        done = '✓ <span class="wsl-unseen">done, </span>' if self._is_done(step) else ""
        link = f'<a href="{escape(step.link.href)}">{prose(step.link.text)}</a>'
        cells = (
            f'<th scope="row">{done}{step.minutes} min</th><td class="wsl-m">{link}. {prose(step.do)}</td>'
        )
        return f'<tr class="wsl-{"payload" if done else "flags"}">{cells}</tr>'

    def _is_done(self, step: Step) -> bool:
        return step.lesson in self.done


def _hours(minutes: int) -> str:
    """Write a time in hours and minutes.

    Examples
    --------
    >>> _hours(45), _hours(60), _hours(150)
    ('45 min', '1 h', '2 h 30 min')
    """
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest))


_ROOM = "13_interview"
_CARDS, _DECIDE, _ESTIMATE, _MOCK, _SHEET = (
    f"{_ROOM}#{heading}"
    for heading in ("Cards", "Which way to push?", "Estimates", "A mock interview", "The cheat sheet")
)
_WHOLE = "The whole lesson."


def _steps(when: str, *steps: tuple[int, str, str]) -> tuple[Step, ...]:
    return tuple(Step(when, *step) for step in steps)


_TWO_HOURS = (
    *_steps(
        "First: the protocol",
        (10, "00_start_here#See", "Look at a whole conversation, byte by byte."),
        (10, "02_handshake#A browser's request, line by line", "Say aloud what each header is for."),
        (10, "03_frames#One frame, all of it", "Find FIN, the opcode, MASK and the length."),
        (10, "06_lifecycle#The closing handshake", "Closing, and the codes that are never sent."),
        (10, "09_security#The attack", "Cross-site hijacking, and the Origin check."),
    ),
    *_steps(
        "Then: when, and how many",
        (10, "01_why_not_http#Which of the four?", "Polling, long polling, SSE, WebSocket."),
        (10, _DECIDE, "Decide three cases with `decide()`, before you look."),
        (10, "11_scaling#Ten million", "What binds, and how to reckon it."),
        (5, _ESTIMATE, "Two estimates with `estimate()`, without a calculator."),
    ),
    *_steps(
        "Last: say it",
        (10, _CARDS, "Ten new cards; answer aloud."),
        (20, _MOCK, "15 minutes by the clock, 5 for the scoring."),
        (5, _SHEET, "Print it, and read it on the way."),
    ),
)

_WEEKEND = (
    *_steps(
        "Saturday",
        (25, "00_start_here", _WHOLE),
        (40, "01_why_not_http", _WHOLE),
        (40, "02_handshake", _WHOLE),
        (40, "03_frames", _WHOLE),
        (10, "04_masking#Why", "Why clients mask, and what it does not do."),
        (40, "06_lifecycle", _WHOLE),
        (40, "09_security", _WHOLE),
        (20, _DECIDE, "Decide all cases."),
        (25, _CARDS, "The new cards of today; answer aloud."),
        (20, _MOCK, "15 minutes by the clock, 5 for the scoring."),
    ),
    *_steps(
        "Sunday",
        (20, _CARDS, "What is due, then new ones."),
        (15, "05_messages#A message in pieces", "Fragments, and what may come between them."),
        (10, "08_compression#What the history costs", "What compression costs on each connection."),
        (40, "10_use_cases", _WHOLE),
        (40, "11_scaling", _WHOLE),
        (40, "12_proxies", _WHOLE),
        (20, _ESTIMATE, "Powers of ten first, then factors of two."),
        (60, _MOCK, "45 minutes by the clock, 15 for the scoring."),
        (35, _MOCK, "What your report says is missing: its lessons and its cards."),
        (20, _SHEET, "Explain each line of it aloud."),
    ),
)


def _day(number: int, lesson: str, minutes: int, *more: tuple[int, str, str]) -> tuple[Step, ...]:
    return _steps(f"Day {number}", (minutes, lesson, _WHOLE), *more)


_DUE = (20, _CARDS, "What is due, then new ones.")

_TWO_WEEKS = (
    *_day(1, "00_start_here", 25, (40, "01_why_not_http", _WHOLE)),
    *_day(2, "02_handshake", 40, (15, _CARDS, "The first cards; answer aloud.")),
    *_day(3, "03_frames", 40, _DUE),
    *_day(4, "04_masking", 40, _DUE),
    *_day(5, "05_messages", 40, _DUE),
    *_day(6, "06_lifecycle", 40, _DUE),
    *_steps(
        "Day 7",
        (40, _MOCK, "30 minutes by the clock, 10 for the scoring."),
        (20, _MOCK, "What your report says is missing: its lessons and its cards."),
    ),
    *_day(8, "07_build_the_server", 35, (25, _CARDS, "What is due, then new ones.")),
    *_day(9, "08_compression", 40, _DUE),
    *_day(10, "09_security", 40, (20, _DECIDE, "Decide all cases.")),
    *_day(11, "10_use_cases", 40, _DUE),
    *_day(12, "11_scaling", 40, (20, _ESTIMATE, "Powers of ten first, then factors of two.")),
    *_day(13, "12_proxies", 40, _DUE),
    *_steps(
        "Day 14",
        (40, _MOCK, "30 minutes by the clock, 10 for the scoring."),
        (15, _MOCK, "What your report says is missing: its lessons and its cards."),
        (5, _SHEET, "Print it."),
    ),
)

#: The plans: how many minutes each has, and its steps.
PLANS = {"two hours": (120, _TWO_HOURS), "weekend": (600, _WEEKEND), "two weeks": (840, _TWO_WEEKS)}


def plan(time: str) -> Plan:
    """Say what to do with the time that is left, in which order.

    A lesson that you have done is marked.

    Parameters
    ----------
    time
        ``"two hours"``, ``"weekend"`` or ``"two weeks"``.

    Raises
    ------
    UsageError
        For another time.

    Examples
    --------
    >>> print(str(plan("two hours")).splitlines()[0])
    two hours: 12 steps, 2 h
    """
    from wslearn.course.progress import progress

    if time not in PLANS:
        raise UsageError(f"There is a plan for {', '.join(PLANS)}; none for {time!r}.")
    done = {stop.lesson.name for stop in progress().map.stops if stop.state == "done"}
    return Plan(time, PLANS[time][1], frozenset(done))
