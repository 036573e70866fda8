"""Likely mistakes in the two sums of lesson 13 are told by what was done, in words that are true of it."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from wslearn.course.checking import check
from wslearn.errors import UsageError


def told(name: str, function: Callable[..., Any]) -> str:
    function.__name__ = name
    found = check(function)
    assert found.verdict == "not yet"
    return found.told


class TestPeakHandshakes:
    def test_what_is_left_over_is_lost(self) -> None:
        def down(clients: int, window: int) -> int:
            return math.floor(clients / (window or 1))

        assert told("peak_handshakes", down).startswith("You round down, and lose the handshakes")

    def test_round_does_not_round_down(self) -> None:
        def nearest(clients: int, window: int) -> int:
            return round(clients / window) if window else clients

        assert told("peak_handshakes", nearest).startswith("You round to the nearest, and lose")


class TestPingTraffic:
    @pytest.mark.parametrize(
        ("bits", "said"),
        [
            (lambda clients, interval: 8 * (2 + 4 + 40 + 40) * clients / interval, "masking key alone"),
            (lambda clients, interval: 8 * (2 + 6 + 20 + 20) * clients / interval, "You count 40 bytes"),
            (lambda clients, interval: 8 * (2 + 6 + 40) * clients / interval, "You count 40 bytes"),
            (lambda clients, interval: 8 * 88 * clients * interval, "You multiply by the interval"),
        ],
    )
    def test_a_likely_mistake(self, bits: Callable[[int, int], float], said: str) -> None:
        def mine(clients: int, interval: int) -> float:
            if interval <= 0:
                raise UsageError("No interval.")
            return bits(clients, interval)

        assert said in told("ping_traffic", mine)

    def test_a_number_that_is_none_is_of_the_right_type(self) -> None:
        def mine(_clients: int, _interval: int) -> float:
            return math.nan

        assert told("ping_traffic", mine) == ""

    def test_text_should_be_a_float(self) -> None:
        def mine(_clients: int, _interval: int) -> str:
            return "35.2 Mbit/s"

        assert told("ping_traffic", mine) == "It returns a str; it should return a float."
