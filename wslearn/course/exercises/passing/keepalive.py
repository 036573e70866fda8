"""Lesson 12, `keepalive_for`: how often to ping on a path with timeouts (RFC 6455 §5.5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["KEEPALIVE_FOR", "keepalive_for"]


def keepalive_for(timeouts: list[float]) -> float:
    """Give the seconds between two pings that keep a connection open through every hop.

    Parameters
    ----------
    timeouts
        The idle timeouts on the way, in seconds. 0 stands for a hop that waits for ever.

    Returns
    -------
    float
        Half of the shortest timeout, so that one late ping does no harm; never more than 20 seconds, so that
        a peer that is gone is found out.

    Examples
    --------
    >>> keepalive_for([60, 30, 3600]), keepalive_for([0]), keepalive_for([])
    (15.0, 20.0, 20.0)
    """
    return min([20.0, *(timeout / 2 for timeout in timeouts if timeout > 0)])


def _paths() -> SearchStrategy[tuple[list[float]]]:
    from hypothesis import strategies as st

    seconds = st.sampled_from((0, 1, 5, 10, 30, 39, 40, 41, 60, 350, 3600)).map(float)
    return st.tuples(st.lists(seconds, max_size=4))


def _on(timeouts: list[float]) -> list[float]:
    return [timeout for timeout in timeouts if timeout > 0]


def _as_often_as_the_timeout(timeouts: list[float]) -> float:
    return min([20.0, *_on(timeouts)])


def _longest(timeouts: list[float]) -> float:
    return min(20.0, max(_on(timeouts), default=40.0) / 2)


def _zero_counts(timeouts: list[float]) -> float:
    return min([20.0, *(timeout / 2 for timeout in timeouts)])


def _no_top(timeouts: list[float]) -> float:
    return min(_on(timeouts), default=40.0) / 2


def _mean(timeouts: list[float]) -> float:
    on = _on(timeouts)
    return min(20.0, sum(on) / len(on) / 2) if on else 20.0


def _first(timeouts: list[float]) -> float:
    on = _on(timeouts)
    return min(20.0, on[0] / 2) if on else 20.0


def _half_of_the_top(timeouts: list[float]) -> float:
    return min([20.0, *_on(timeouts)]) / 2


def _the_larger(timeouts: list[float]) -> float:
    return max(20.0, min(_on(timeouts), default=40.0) / 2)


KEEPALIVE_FOR = Exercise(
    model=keepalive_for,
    lesson="12_proxies",
    section="RFC 6455 §5.5.2",
    examples=(
        ([],),
        ([0.0],),
        ([10.0],),
        ([40.0],),
        ([39.0],),
        ([41.0],),
        ([60.0],),
        ([60.0, 10.0],),
        ([10.0, 60.0],),
        ([0.0, 10.0],),
        ([30.0, 60.0, 3600.0],),
    ),
    inputs=_paths,
    hints=(
        "Every hop on the way has to hear something before its patience ends. Which one decides?",
        "A timeout of 0 is none: leave it out.",
        "Half of the shortest, and at most 20: `min` of a list that has 20.0 in it, too.",
        "`min([20.0, *(timeout / 2 for timeout in timeouts if timeout > 0)])`",
    ),
    misconceptions=(
        Misconception(
            "pings as far apart as the timeout",
            "Your pings are as far apart as the shortest timeout is long. Then each one races with the end "
            "of it, and a busy moment loses. Take half, so that the next one is in time.",
            _as_often_as_the_timeout,
        ),
        Misconception(
            "the longest timeout",
            "You go by the longest timeout. The hop with the shortest one hangs up long before.",
            _longest,
        ),
        Misconception(
            "0 taken for a time",
            "You count 0 as a timeout, and would ping without a pause. 0 stands for a hop that waits for "
            "ever.",
            _zero_counts,
        ),
        Misconception(
            "no upper end",
            "You ping rarely where the proxies are patient. Pings also find a peer that is gone (lesson 06): "
            "never more than 20 seconds apart.",
            _no_top,
        ),
        Misconception(
            "half of 20, too",
            "You halve the 20, too. It is no timeout, but the most that you may give.",
            _half_of_the_top,
        ),
        Misconception(
            "the larger one",
            "You take the larger one of 20 and half of the timeout. 20 is the most that there may be between "
            "two pings: take the smaller one.",
            _the_larger,
        ),
        Misconception(
            "the mean of all",
            "You take the mean. A hop does not know how patient the others are: the shortest one decides.",
            _mean,
        ),
        Misconception(
            "the first hop alone",
            "You look at the first hop alone. Behind it is another connection, with a timeout of its own.",
            _first,
        ),
    ),
)
