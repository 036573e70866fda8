"""Exercises of lesson 13: two sums to do without a calculator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import UsageError
from wslearn.interview.reckoning import PACKET, peak_handshakes, ping_traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["EXERCISES"]

LESSON = "13_interview"
_PING, _PONG, _KEY = 2, 6, 4  # bytes without payload: the pong is the client's, and masked (RFC 6455 §5.2)


# ------------------------------------------------------------------------------------- peak_handshakes


def _storms() -> SearchStrategy[tuple[int, int]]:
    from hypothesis import strategies as st

    return st.tuples(st.integers(0, 200), st.integers(0, 12))


def _fails_within_no_time(clients: int, window: int) -> int:
    return -(-clients // window)


def _all_at_once(clients: int, window: int) -> int:  # noqa: ARG001 - that is the mistake
    return clients


PEAK_HANDSHAKES = Exercise(
    model=peak_handshakes,
    lesson=LESSON,
    section="RFC 6455 §7.2.3",
    examples=(
        (0, 0),
        (0, 5),
        (1, 0),
        (1, 1),
        (7, 0),
        (7, 1),
        (1, 2),
        (5, 2),
        (6, 2),
        (7, 4),
        (10, 4),
        (60_000, 30),
        (1_000_000, 7),
    ),
    inputs=_storms,
    hints=(
        "If they spread evenly, each second has the same number of them.",
        "That is the clients divided by the seconds. There is no half a handshake: round up.",
        "By 0 nothing can be divided. Then all come in the same second, as within 1: `max(window, 1)`.",
        "`-(-a // b)` rounds a quotient up; so does `math.ceil(a / b)`.",
    ),
    misconceptions=(
        Misconception(
            "no time at all",
            "You divide by the window even when it is 0. All clients at the same moment is the worst case, "
            "and the one to ask about: it happens where nobody thought of jitter.",
            _fails_within_no_time,
        ),
        Misconception(
            "rounded down",
            "You round down, and lose the handshakes that are left over. Whoever plans rounds up.",
            lambda clients, window: clients // max(window, 1),
        ),
        Misconception(
            "rounded to the nearest",
            "You round to the nearest, and lose the handshakes that are left over where they are few. "
            "Whoever plans rounds up.",
            lambda clients, window: round(clients / max(window, 1)),
        ),
        Misconception(
            "part of a handshake",
            "You give a number with a part of a handshake. They are whole: round up.",
            lambda clients, window: clients / max(window, 1),
        ),
        Misconception(
            "no spreading",
            "You let all of them come in one second, whatever the window. It is there so that they do not.",
            _all_at_once,
        ),
        Misconception(
            "multiplied",
            "You multiply. A longer window means fewer handshakes a second, not more: divide.",
            lambda clients, window: clients * max(window, 1),
        ),
    ),
)


# ---------------------------------------------------------------------------------------- ping_traffic


def _loads() -> SearchStrategy[tuple[int, int]]:
    from hypothesis import strategies as st

    return st.tuples(st.integers(0, 1000), st.integers(0, 60))


def _of(size: int, times: int = 8) -> Callable[[int, int], float]:
    """Make the function of somebody who counts other bytes."""

    def wrong(clients: int, interval: int) -> float:
        return times * size * clients / _above_zero(interval)

    return wrong


def _above_zero(interval: int) -> int:
    if interval <= 0:
        raise UsageError("No interval.")
    return interval


def _each_second(clients: int, interval: int) -> float:
    _above_zero(interval)
    return float(8 * (_PING + _PONG + 2 * PACKET) * clients)


def _multiplied(clients: int, interval: int) -> float:
    return 8 * (_PING + _PONG + 2 * PACKET) * clients * _above_zero(interval)


def _unchecked(clients: int, interval: int) -> float:
    return 8 * (_PING + _PONG + 2 * PACKET) * clients / max(interval, 1)


def _whole(bits: float, *_: int) -> int:
    """Give whole bits: who sums up in another order may be off by a tiny part of one."""
    return round(bits)


PING_TRAFFIC = Exercise(
    model=ping_traffic,
    lesson=LESSON,
    section="RFC 6455 §5.5.2",
    examples=(
        (0, 1),
        (1, 1),
        (1, 8),
        (10, 1),
        (100, 20),
        (1_000_000, 20),
        (1_000_000, 30),
        (1, 0),
        (1, -1),
    ),
    inputs=_loads,
    hints=(
        "How many bytes has a ping without payload, from the server? And the pong, from the client?",
        "2 and 6: what a client sends has a masking key. Each goes in a packet, with 40 bytes more.",
        "Each client costs 2 + 40 + 6 + 40 bytes every `interval` seconds. A byte is 8 bits.",
        "`8 * 88 * clients / interval`; and an interval that is not above zero is a `UsageError`.",
    ),
    misconceptions=(
        Misconception(
            "no pongs",
            "You count the pings alone. Each is answered by a pong (§5.5.2), which is the larger one.",
            _of(_PING + PACKET),
        ),
        Misconception(
            "a pong without a mask",
            "You count 2 bytes for the pong, too. A client masks every frame, also a control frame: that is "
            "4 bytes of key more (§5.1).",
            _of(2 * _PING + 2 * PACKET),
        ),
        Misconception(
            "a pong without a header",
            "You count the 4 bytes of the pong's masking key alone. The key is the end of its header: the 2 "
            "bytes that the ping has come before it (§5.2).",
            _of(_PING + _KEY + 2 * PACKET),
        ),
        Misconception(
            "frames without packets",
            "You count the frames alone. A frame of 2 bytes travels in a packet with 40 bytes of IP and TCP: "
            "nearly all of the traffic is that.",
            _of(_PING + _PONG),
        ),
        Misconception(
            "40 bytes for both",
            "You count 40 bytes of IP and TCP for the ping and its pong together. They go opposite ways, so "
            "there are two packets, and each has 20 bytes of IP and 20 of TCP.",
            _of(_PING + _PONG + PACKET),
        ),
        Misconception(
            "bytes, not bits",
            "You give bytes. What a network carries is counted in bits: times 8.",
            _of(_PING + _PONG + 2 * PACKET, times=1),
        ),
        Misconception(
            "every second",
            "You ping every client every second. It is once in `interval` seconds.",
            _each_second,
        ),
        Misconception(
            "multiplied",
            "You multiply by the interval. A longer one means fewer pings a second, not more: divide.",
            _multiplied,
        ),
        Misconception(
            "no interval",
            "You give a number where the interval is not above zero. Nobody pings so often: raise the error.",
            _unchecked,
        ),
    ),
    normal=_whole,
)

EXERCISES = (PEAK_HANDSHAKES, PING_TRAFFIC)
