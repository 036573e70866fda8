"""How long to wait before coming back: backoff (RFC 6455 §7.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception
from wslearn.reconnect import backoff

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["BACKOFF", "always_0", "always_1", "always_half"]

LESSON = "06_lifecycle"


def always_0() -> float:
    """Give the smallest random number."""
    return 0.0


def always_half() -> float:
    """Give a number in the middle."""
    return 0.5


def always_1() -> float:
    """Give the largest random number."""
    return 1.0


_CHANCES = (always_0, always_half, always_1)


def _waits() -> SearchStrategy[tuple[int, float, float, Callable[[], float]]]:
    from hypothesis import strategies as st

    seconds = st.integers(1, 64).map(float)
    return st.tuples(st.integers(0, 12), seconds, seconds, st.sampled_from(_CHANCES))


def _seconds(wait: float, *_: Any) -> float:
    return round(float(wait), 9)


def _no_jitter(attempt: int, base: float, cap: float, _random: Callable[[], float]) -> float:
    return backoff(attempt, base, cap, always_1)


def _cap_last(attempt: int, base: float, cap: float, random: Callable[[], float]) -> float:
    return min(cap, random() * base * 2.0 ** min(attempt, 60))


BACKOFF = Exercise(
    model=backoff,
    lesson=LESSON,
    section="RFC 6455 §7.2.3",
    examples=(
        *((attempt, 0.5, 30.0, chance) for attempt in (0, 1, 2, 5, 6, 10, 2000) for chance in _CHANCES[1:]),
        (3, 0.5, 30.0, always_0),
        (4, 1.0, 10.0, always_half),
    ),
    inputs=_waits,
    hints=(
        (
            "First the most that it may wait: `base`, then twice that, four times, eight times: `base * "
            "2**attempt`."
        ),
        "It never waits longer than `cap`: `min(cap, …)`.",
        "Full jitter: any part of that, from nothing to all. `random()` gives a number from 0 to 1.",
        (
            "A client may try for days: `2.0 ** 2000` is too large for a float. Stop doubling at some "
            "number: `2.0 ** min(attempt, 60)`."
        ),
    ),
    misconceptions=(
        Misconception(
            "it doubles without end",
            "After a thousand attempts and more `2**attempt` is too large for a float, and your client "
            "crashes on the day it matters. Limit the exponent: the cap is long reached.",
            lambda attempt, base, cap, random: random() * min(cap, base * 2.0**attempt),
        ),
        *(
            Misconception(
                "no jitter",
                "You wait the same time as everybody else. Clients that lost one server come back in the "
                "same moment, again and again: multiply by `random()` (§7.2.3).",
                wrong,
            )
            for wrong in (_no_jitter, lambda attempt, base, cap, _random: min(cap, base * 2.0**attempt))
        ),
        *(
            Misconception(
                "the cap after the jitter",
                "You cut off at `cap` after the jitter. Then most late attempts wait exactly `cap`, all "
                "together. Cut off first, then multiply by `random()`.",
                wrong,
            )
            for wrong in (
                _cap_last,
                lambda attempt, base, cap, random: min(cap, random() * base * 2.0**attempt),
            )
        ),
        Misconception(
            "half of it fixed",
            "You wait at least half (that is called equal jitter). Asked for is full jitter: anything from 0 "
            "to the limit, which spreads the crowd twice as wide.",
            lambda attempt, base, cap, random: backoff(attempt, base, cap, always_1) * (1 + random()) / 2,
        ),
        Misconception(
            "no cap",
            "You never stop doubling. After ten attempts from half a second that is more than eight minutes: "
            "no wait may be longer than `cap`.",
            lambda attempt, base, _cap, random: random() * base * 2.0 ** min(attempt, 1000),
        ),
        Misconception(
            "counted from 1",
            "You count attempts from 1. The first is attempt 0 and waits up to `base`.",
            lambda attempt, base, cap, random: backoff(attempt + 1, base, cap, random),
        ),
        Misconception(
            "not doubled",
            "You add `base` each time. The crowd thins out slowly so: asked for is a limit that doubles "
            "(§7.2.3, “binary exponential”).",
            lambda attempt, base, cap, random: random() * min(cap, base * (attempt + 1)),
        ),
        Misconception(
            "the jitter added",
            "You add the random number to a fixed wait. That spreads the clients over one second, however "
            "long they wait: multiply.",
            lambda attempt, base, cap, random: backoff(attempt, base, cap, always_1) + random(),
        ),
    ),
    normal=_seconds,
)
