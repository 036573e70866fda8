"""Lesson 09, `take_token`: how many messages a second (RFC 6455 §10.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.net.limits import take_token

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["TAKE_TOKEN"]

Taken = tuple[bool, float]


def _buckets() -> SearchStrategy[tuple[float, float, float, float]]:
    """Make up buckets whose numbers a float holds exactly, so that the order of the sums does not matter."""
    from hypothesis import strategies as st

    def one(parts: tuple[int, int, float, int]) -> tuple[float, float, float, float]:
        quarters, elapsed, rate, burst = parts
        return min(quarters / 4, burst), elapsed / 4, rate, burst

    rates = st.sampled_from((0.5, 1, 2, 4, 8))
    return st.tuples(st.integers(0, 40), st.integers(0, 20), rates, st.integers(1, 10)).map(one)


def _no_cap(tokens: float, elapsed: float, rate: float, _burst: float) -> Taken:
    tokens += elapsed * rate
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)


def _capped_after(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    tokens += elapsed * rate
    return (True, min(burst, tokens - 1)) if tokens >= 1 else (False, tokens)


def _never_filled(tokens: float, _elapsed: float, _rate: float, _burst: float) -> Taken:
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)


def _filled_after(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    passes = tokens >= 1
    return passes, min(burst, tokens - passes + elapsed * rate)


def _a_part_will_do(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    tokens = min(burst, tokens + elapsed * rate)
    return (True, tokens - 1) if tokens > 0 else (False, tokens)


def _more_than_one(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    tokens = min(burst, tokens + elapsed * rate)
    return (True, tokens - 1) if tokens > 1 else (False, tokens)


def _charged_anyway(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    tokens = min(burst, tokens + elapsed * rate)
    return tokens >= 1, tokens - 1


def _emptied(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    tokens = min(burst, tokens + elapsed * rate)
    return (True, tokens - 1) if tokens >= 1 else (False, 0)


def _time_lost(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    filled = min(burst, tokens + elapsed * rate)
    return (True, filled - 1) if filled >= 1 else (False, tokens)


def _divided(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    tokens = min(burst, tokens + elapsed / rate)
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)


def _rate_held(tokens: float, elapsed: float, rate: float, _burst: float) -> Taken:
    tokens = min(rate, tokens + elapsed * rate)
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)


def _whole_ones(tokens: float, elapsed: float, rate: float, burst: float) -> Taken:
    tokens = min(burst, int(tokens + elapsed * rate))
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)


TAKE_TOKEN = Exercise(
    model=take_token,
    lesson="09_security",
    section="beyond RFC 6455 §10.4",
    examples=(
        (1, 0, 1, 1),
        (0, 0, 1, 1),
        (3, 0, 1, 5),
        (0.5, 0, 1, 5),
        (0, 0.5, 1, 5),
        (0, 1, 1, 5),
        (0.5, 0.5, 1, 5),
        (0.75, 0.5, 1, 5),
        (5, 0, 1, 5),
        (5, 10, 1, 5),
        (4, 10, 1, 5),
        (0, 3600, 1, 5),
        (0, 0.25, 8, 5),
        (1.5, 0, 2, 2),
    ),
    inputs=_buckets,
    hints=(
        (
            "Two steps, in this order: fill the bucket for the time that has passed, then see whether "
            "there is a token."
        ),
        "`elapsed * rate` tokens came back. The bucket holds `burst` at most: `min`.",
        (
            "With one token or more, take one: `True` and what is left. With less, take none: `False` and "
            "what is there."
        ),
        (
            "Tokens may be parts of one: with a rate of one a second, half a second makes half a token, "
            "and it counts."
        ),
    ),
    misconceptions=(
        Misconception(
            "the bucket never filled",
            "You do not fill the bucket. In every second `rate` tokens come back; without them, the "
            "connection may send `burst` messages in its whole life.",
            _never_filled,
        ),
        Misconception(
            "divided by the rate",
            "You divide by `rate`. It is tokens for each second: `elapsed * rate` have come back.",
            _divided,
        ),
        Misconception(
            "the rate as the limit",
            "You let the bucket hold `rate` tokens. What it holds is `burst`; `rate` is how fast it fills.",
            _rate_held,
        ),
        Misconception(
            "filled too late",
            "You look for a token first, and fill the bucket afterwards. The time has passed before this "
            "message came, so its tokens are there for it.",
            _filled_after,
        ),
        Misconception(
            "a part of a token is enough",
            "You let a message pass for a part of a token. Then the bucket goes below zero, and more than "
            "`burst` pass at once. A message costs a whole one.",
            _a_part_will_do,
        ),
        Misconception(
            "more than one asked for",
            "You ask for more than one token. Exactly one is enough.",
            _more_than_one,
        ),
        Misconception(
            "charged and refused",
            "You take a token from a message that you refuse. The count goes below zero, and whoever tries "
            "again and again never gets out.",
            _charged_anyway,
        ),
        Misconception(
            "emptied by a refusal",
            "You empty the bucket when you refuse. The part of a token that was there still counts; "
            "without it, nothing passes for one who asks often.",
            _emptied,
        ),
        Misconception(
            "the time lost",
            "When you refuse, you give back the tokens from before the time that has passed. The next call "
            "counts the time from now on, so what came back in between is lost.",
            _time_lost,
        ),
        Misconception(
            "whole tokens only",
            "You round the tokens down. Somebody who sends often has a part of one at each call, and it is "
            "lost each time.",
            _whole_ones,
        ),
        Misconception(
            "no limit to what is saved",
            "You let tokens pile up. After an hour of silence the bucket would let thousands pass at once: "
            "it holds `burst` at most.",
            _no_cap,
        ),
        Misconception(
            "one too many in a burst",
            "You take the token before you look at how many the bucket holds. So after a pause `burst` + 1 "
            "pass at once.",
            _capped_after,
        ),
    ),
)
