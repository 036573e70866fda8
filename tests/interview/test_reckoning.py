"""The two sums of lesson 13, against the library and against chance."""

from random import Random

import pytest

from wslearn import backoff
from wslearn.errors import UsageError
from wslearn.interview.estimating import Judged
from wslearn.interview.reckoning import PACKET, peak_handshakes, ping_traffic
from wslearn.labs.capacity.plan import HEADERS
from wslearn.labs.capacity.scaling import busiest_second


class TestPeakHandshakes:
    @pytest.mark.parametrize(
        ("clients", "window", "each"),
        [(0, 5, 0), (7, 0, 7), (7, 1, 7), (7, 2, 4), (8, 2, 4), (10**7, 60, 166_667)],
    )
    def test_sums(self, clients: int, window: int, each: int) -> None:
        assert peak_handshakes(clients, window) == each

    def test_it_is_near_what_jitter_does(self) -> None:
        random = Random(1).random
        moments = [round(1000 * backoff(0, base=30, random=random)) for _ in range(10_000)]
        found = Judged(peak_handshakes(10_000, 30), busiest_second(moments))
        assert found.right
        assert found.guess < found.answer, "chance is never quite even"


class TestPingTraffic:
    def test_one_client(self) -> None:
        assert ping_traffic(1, 1) == 8 * (2 + 40 + 6 + 40)
        assert ping_traffic(3000, 30) == 100 * ping_traffic(1, 1)

    def test_packets_of_the_capacity_plan_have_time_stamps_besides(self) -> None:
        assert HEADERS - PACKET == 12

    @pytest.mark.parametrize("interval", [0, -1])
    def test_no_interval(self, interval: int) -> None:
        with pytest.raises(UsageError, match=f"above zero, not {interval}"):
            ping_traffic(1, interval)
