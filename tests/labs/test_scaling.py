"""Which node, whose room, how many nodes, how fast they come: the functions that lesson 11 asks for."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn import UsageError
from wslearn.labs.capacity.scaling import busiest_second, home_of, least_connections, nodes_needed

NODES = [f"node-{number}" for number in range(5)]
ROOMS = [f"room {number}" for number in range(2000)]


class TestLeastConnections:
    @given(st.dictionaries(st.text(max_size=3), st.integers(0, 9), min_size=1))
    def test_nobody_has_fewer(self, open_now: dict[str, int]) -> None:
        assert open_now[least_connections(open_now)] == min(open_now.values())

    def test_no_node(self) -> None:
        with pytest.raises(UsageError, match="no node"):
            least_connections({})

    def test_it_evens_out(self) -> None:
        open_now = {"old": 100, "new": 0}
        for _ in range(200):
            open_now[least_connections(open_now)] += 1
        assert open_now == {"old": 150, "new": 150}


class TestHomeOf:
    def test_rooms_are_spread(self) -> None:
        homes = Counter(home_of(room, NODES) for room in ROOMS)
        assert homes.keys() == set(NODES)
        assert max(homes.values()) < 1.25 * min(homes.values())

    def test_the_order_of_the_nodes_says_nothing(self) -> None:
        assert all(home_of(room, NODES) == home_of(room, NODES[::-1]) for room in ROOMS[:50])

    def test_when_a_node_goes_only_its_rooms_move(self) -> None:
        for room in ROOMS:
            before, after = home_of(room, NODES), home_of(room, NODES[1:])
            assert after == before or before == NODES[0]

    def test_when_a_node_comes_rooms_move_only_there(self) -> None:
        moved = [room for room in ROOMS if home_of(room, [*NODES, "new"]) != home_of(room, NODES)]
        assert {home_of(room, [*NODES, "new"]) for room in moved} == {"new"}
        assert 0.12 < len(moved) / len(ROOMS) < 0.22

    def test_no_node(self) -> None:
        with pytest.raises(UsageError, match="no node"):
            home_of("room", [])


class TestNodesNeeded:
    @given(st.integers(0, 10**8), st.integers(1, 10**6))
    def test_the_others_hold_all_when_one_fails(self, connections: int, held: int) -> None:
        nodes, _ = nodes_needed(connections, {"memory": held})
        assert (nodes - 1) * held >= connections > (nodes - 2) * held or connections == 0

    def test_a_node_that_holds_none(self) -> None:
        with pytest.raises(UsageError, match="its memory is too small"):
            nodes_needed(5, {"processor": 3, "memory": 0})


class TestBusiestSecond:
    @given(st.lists(st.integers(0, 5000), max_size=40))
    def test_counted_in_another_way(self, moments: list[int]) -> None:
        from_each = [sum(start <= each < start + 1000 for each in moments) for start in moments]
        assert busiest_second(moments) == max(from_each, default=0)
