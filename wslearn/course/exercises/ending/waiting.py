"""How long to wait before coming back: backoff (RFC 6455 §7.2.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception
from wslearn.reconnect import backoff

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["BACKOFF", "always_0", "always_1", "always_half"]

LESSON = "06_lifecycle"

Chance = Callable[[], float]


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


def _in_each_way(
    name: str,
    message: str,
    wait: Callable[[float, float, Chance], float],
    exponents: tuple[int, ...] = (60, 10**6),
) -> list[Misconception]:
    """Make a mistake with a limit on the exponent, and once more without one: two mistakes at once."""

    def wrong(most: int) -> Callable[..., float]:
        return lambda attempt, base, cap, random: wait(base * 2.0 ** min(attempt, most), cap, random)

    return [Misconception(name, message, wrong(most)) for most in exponents]


def _uniform(attempt: int, base: float, cap: float, random: Any) -> Any:
    return random.uniform(0, min(cap, base * 2.0 ** min(attempt, 60)))


def _not_called(attempt: int, base: float, cap: float, random: Any) -> Any:
    return random * min(cap, base * 2.0 ** min(attempt, 60))


def _not_called_and_endless(attempt: int, base: float, cap: float, random: Any) -> Any:
    return random * min(cap, base * 2.0**attempt)


BACKOFF = Exercise(
    model=backoff,
    lesson=LESSON,
    section="RFC 6455 §7.2.3",
    examples=(
        *((attempt, 0.5, 30.0, chance) for attempt in (0, 1, 2, 5, 6, 10, 2000) for chance in _CHANCES[1:]),
        (3, 0.5, 30.0, always_0),
        (4, 1.0, 10.0, always_half),
        (20, 0.001, 3600.0, always_half),  # a small base, long before the cap
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
                "it stops doubling too early",
                "You stop doubling after a few attempts. With a small `base` the cap is not reached by then: "
                "limit the exponent where every cap is reached, at 60 for instance.",
                lambda attempt, base, cap, random, most=most: (
                    random() * min(cap, base * 2.0 ** min(attempt, most))
                ),
            )
            for most in (4, 5, 6, 8, 10, 16)
        ),
        Misconception(
            "no delay at first",
            "You do not wait before the first attempt. All clients lost the server in the same moment, and "
            "would be back in the same moment: its delay is random, too (§7.2.3).",
            lambda attempt, base, cap, random: backoff(attempt, base, cap, random) if attempt else 0.0,
        ),
        *(
            Misconception(
                "the module random",
                "`random` is your argument here, and hides Python's module. It is a function without "
                "arguments: call it, `random()`.",
                wrong,
            )
            for wrong in (_uniform, _not_called, _not_called_and_endless)
        ),
        *_in_each_way(
            "no jitter",
            "You wait the same time as everybody else. Clients that lost one server come back in the "
            "same moment, again and again: multiply by `random()` (§7.2.3).",
            lambda most, cap, _random: min(cap, most),
        ),
        *_in_each_way(
            "the cap after the jitter",
            "You cut off at `cap` after the jitter. Then most late attempts wait exactly `cap`, all "
            "together. Cut off first, then multiply by `random()`.",
            lambda most, cap, random: min(cap, random() * most),
        ),
        *_in_each_way(
            "half of it fixed",
            "You wait at least half (that is called equal jitter). Asked for is full jitter: anything from 0 "
            "to the limit, which spreads the crowd twice as wide.",
            lambda most, cap, random: min(cap, most) * (1 + random()) / 2,
        ),
        *_in_each_way(
            "no cap",
            "You never stop doubling. After ten attempts from half a second that is more than eight minutes: "
            "no wait may be longer than `cap`.",
            lambda most, _cap, random: random() * most,
            (60, 1000, 10**6),
        ),
        *_in_each_way(
            "counted from 1",
            "You count attempts from 1. The first is attempt 0 and waits up to `base`.",
            lambda most, cap, random: random() * min(cap, 2 * most),
        ),
        Misconception(
            "not doubled",
            "You add `base` each time. The crowd thins out slowly so: asked for is a limit that doubles "
            "(§7.2.3, “binary exponential”).",
            lambda attempt, base, cap, random: random() * min(cap, base * (attempt + 1)),
        ),
        *_in_each_way(
            "the jitter added",
            "You add the random number to a fixed wait. That spreads the clients over one second, however "
            "long they wait: multiply.",
            lambda most, cap, random: min(cap, most) + random(),
        ),
    ),
    normal=_seconds,
)
