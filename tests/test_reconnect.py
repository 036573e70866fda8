"""Reconnecting: delays, and events that are neither lost nor seen twice (RFC 6455 §7.2.3)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn import Replay, UsageError, backoff, fresh

seconds = st.just(0.0) | st.floats(1e-9, 1e6)
attempts = st.integers(0, 40) | st.integers(0, 10**100)


def lowest() -> float:
    return 0.0


def highest() -> float:
    return 1.0


class TestSection723Backoff:
    @given(attempts, seconds, seconds)
    def test_from_nothing_to_a_truncated_power_of_two(self, attempt: int, base: float, cap: float) -> None:
        most = min(cap, base * 2 ** min(attempt, 1000))
        assert backoff(attempt, base, cap, lowest) == 0
        assert backoff(attempt, base, cap, highest) == pytest.approx(most)
        assert backoff(attempt, base, cap, lambda: 0.25) == pytest.approx(most / 4)
        assert 0 <= backoff(attempt, base, cap) <= most

    def test_the_first_attempt_waits_too(self) -> None:
        assert backoff(0, random=highest) == 0.5

    def test_delays_grow_up_to_the_cap(self) -> None:
        delays = [backoff(attempt, 1, 10, highest) for attempt in range(6)]
        assert delays == [1, 2, 4, 8, 10, 10]

    def test_no_two_clients_wait_the_same(self) -> None:
        delays = [backoff(5) for _ in range(1000)]
        assert len(set(delays)) == 1000
        # full jitter: spread over the whole of 0 to 16 s; a quarter that stays empty has odds of 1 to 10**125
        assert {math.floor(delay / 4) for delay in delays} == {0, 1, 2, 3}

    def test_a_base_that_no_float_holds_doubled(self) -> None:
        assert backoff(10**6, 1e300, 30.0, highest) == 30

    @pytest.mark.parametrize(
        ("attempt", "base", "cap"),
        [(-1, 1, 1), (0, -1, 1), (0, 1, -1), (0, math.inf, 1), (0, 1, math.inf), (0, math.nan, 1)],
    )
    def test_what_is_no_delay(self, attempt: int, base: float, cap: float) -> None:
        with pytest.raises(UsageError, match="Attempts count from 0"):
            backoff(attempt, base, cap)


class TestFresh:
    @pytest.mark.parametrize(
        ("last", "events", "expected"),
        [
            (0, [], (0, [])),
            (7, [], (7, [])),
            (0, [(1, "a")], (1, ["a"])),
            (1, [(1, "a"), (2, "b")], (2, ["b"])),
            (2, [(1, "a"), (2, "b")], (2, [])),
            (1, [(2, "b"), (2, "b"), (1, "a"), (3, "c")], (3, ["b", "c"])),
        ],
    )
    def test_drops_what_was_seen(
        self, last: int, events: list[tuple[int, str]], expected: tuple[int, list[str]]
    ) -> None:
        assert fresh(last, events) == expected

    @pytest.mark.parametrize(
        ("last", "events", "why"),
        [
            (0, [(2, "b")], "Event 1 is missing: ask again for everything after 0"),
            (4, [(8, "h")], "Events 5 to 7 are missing: ask again for everything after 4"),
            (4, [(5, "e"), (7, "g")], "Event 6 is missing: ask again for everything after 4"),
        ],
    )
    def test_a_gap_does_not_pass(self, last: int, events: list[tuple[int, str]], why: str) -> None:
        with pytest.raises(UsageError, match=why):
            fresh(last, events)


class TestReplay:
    def test_numbers_go_up_from_1(self) -> None:
        replay = Replay[str]()
        assert (replay.last, replay.missed(0)) == (0, [])
        assert [replay.append("a"), replay.append("b")] == [(1, "a"), (2, "b")]
        assert replay.last == 2

    def test_what_is_forgotten_is_not_passed_over(self) -> None:
        replay = Replay[str](keep=2)
        for payload in "abc":
            replay.append(payload)
        assert replay.missed(0) is None
        assert replay.missed(1) == [(2, "b"), (3, "c")]
        assert replay.missed(2) == [(3, "c")]
        assert replay.missed(3) == []

    def test_a_number_that_no_event_has_had(self) -> None:
        assert Replay[str]().missed(1) is None

    def test_goes_on_behind_older_numbers(self) -> None:
        replay = Replay[str](last=41)
        assert replay.append("a") == (42, "a")
        assert (replay.missed(41), replay.missed(40)) == ([(42, "a")], None)

    @pytest.mark.parametrize(("keep", "last"), [(0, 0), (-1, 0), (1, -1)])
    def test_what_cannot_be(self, keep: int, last: int) -> None:
        with pytest.raises(UsageError, match="Keep at least one event"):
            Replay[str](keep, last)


class TestResuming:
    @given(st.integers(1, 20), st.lists(st.booleans(), max_size=60))
    def test_nothing_is_lost_and_nothing_comes_twice(self, keep: int, delivered: list[bool]) -> None:
        """Each event reaches the client or is lost; on a gap it comes back and asks for what it missed."""
        replay = Replay[int](keep)
        last, received = 0, list[int]()
        for payload, arrives in enumerate(delivered):
            event = replay.append(payload)
            if not arrives:
                continue
            try:
                last, new = fresh(last, [event])
            except UsageError:
                missed = replay.missed(last)
                if missed is None:  # too many: the client takes the present state instead
                    assert payload - last >= keep
                    received, last = list(range(payload + 1)), replay.last
                    continue
                last, new = fresh(last, missed)
            received += new
        assert received == list(range(last))
