"""What lesson 11 shows on a cluster is so: small runs of each experiment, and what their results say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from wslearn.errors import UsageError
from wslearn.labs.cluster import Cluster, cluster
from wslearn.labs.experiments import (
    Answered,
    Answers,
    Drained,
    Placement,
    Placements,
    RoomRun,
    Storm,
    Storms,
    coming_back,
    drain,
    established,
    late_node,
    one_room,
    polling,
    storm,
    unequal_lives,
)
from wslearn.labs.experiments.histogram import bins, histogram, sparkline


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    with cluster() as c:
        yield c


@pytest.fixture
def c(shared: Cluster) -> Iterator[Cluster]:
    """A cluster that every experiment leaves as it was."""
    yield shared
    assert shared.policy == "least_conn"
    stats = [node.stats() for node in shared.nodes]
    assert [each.state for each in stats] == ["ready"] * 3
    assert [each.errors for each in stats] == [()] * 3
    assert not any("crowd" in each.name for each in shared.programs._programs.values() if each.running)


class TestPolicies:
    def test_a_late_node_is_noticed_by_least_conn_alone(self, c: Cluster) -> None:
        found = late_node(c, clients=30)
        turns, fewest = found["round_robin"], found["least_conn"]
        assert turns.stages[1][1]["node-3"] == fewest.stages[1][1]["node-3"] == 0
        assert turns.last == {"node-1": 20, "node-2": 20, "node-3": 5}
        assert fewest.last == {"node-1": 15, "node-2": 15, "node-3": 15}
        assert (turns.spread, fewest.spread) == (15, 0)

    def test_lives_of_unequal_length_pile_up_under_round_robin(self, c: Cluster) -> None:
        found = unequal_lives(c, clients=30)
        assert sorted(found["round_robin"].last.values()) == [6, 7, 17]
        assert found["least_conn"].last == {"node-1": 10, "node-2": 10, "node-3": 10}

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ({"clients": 2}, "clients is a number from 3 to 1,000, not 2"),
            ({"policies": ("fairest",)}, "There is no policy 'fairest'"),
        ],
    )
    def test_what_cannot_work(self, c: Cluster, arguments: dict[str, Any], why: str) -> None:
        for experiment in (late_node, unequal_lives):
            with pytest.raises(UsageError, match=why):
                experiment(c, **arguments)


class TestStickiness:
    def test_an_established_websocket_stays_and_requests_do_not(self, c: Cluster) -> None:
        found = established(c, ["round_robin", "random"], messages=12)
        for policy in ("round_robin", "random"):
            assert len(set(found[f"{policy}, one WebSocket"].nodes)) == 1
            assert found[f"{policy}, one WebSocket"].right
        assert Counter(found["round_robin, requests"].nodes) == {"node-1": 4, "node-2": 4, "node-3": 4}
        assert not found["round_robin, requests"].right

    def test_a_session_of_requests_needs_it(self, c: Cluster) -> None:
        for _ in range(2):  # what a run leaves in the memory of the nodes does not count
            found = polling(c, polls=9)
            assert found["round_robin"].counts == (1, 1, 1, 2, 2, 2, 3, 3, 3)
            assert not found["round_robin"].right
            assert found["round_robin, sticky"].counts == tuple(range(1, 10))
            assert found["round_robin, sticky"].right

    def test_coming_back_finds_the_node_again_or_the_log(self, c: Cluster) -> None:
        found = coming_back(c, messages=3)
        lost, kept = (1, 2, 3, 1, 2, 3), (1, 2, 3, 4, 5, 6)
        assert found["in memory"].counts == lost
        assert found["in memory, sticky"].counts == kept
        assert found["in memory, sticky, node killed"].counts == lost
        assert found["in the log, resumed"].counts == kept
        for name, nodes in (("in memory, sticky", 1), ("in the log, resumed", 2)):
            assert len(set(found[name].nodes)) == nodes
        assert [each.right for each in found.tries] == [False, True, False, True]

    @pytest.mark.parametrize("experiment", [established, polling, coming_back])
    def test_numbers_that_cannot_work(self, c: Cluster, experiment: Callable[..., Answers]) -> None:
        with pytest.raises(UsageError, match="Take 2 to 200 messages, not 1"):
            experiment(c, **{"polls" if experiment is polling else "messages": 1})


class TestDrainAndStorm:
    def test_drained_with_nothing_lost(self, c: Cluster) -> None:
        found = drain(c, clients=12, spread=0.5)
        assert found.before == {"node-1": 4, "node-2": 4, "node-3": 4}
        assert found.after == {"node-1": 0, "node-2": 6, "node-3": 6}
        assert found.exact
        assert found.codes == {1001: 4}
        assert found.closings[-1] - found.closings[0] >= 0.3

    def test_jitter_spreads_a_storm(self, c: Cluster) -> None:
        found = storm(c, 150, jitter=False, wait=0.3, processes=1) + storm(c, 150, wait=0.6, processes=1)
        at_once, spread = found.storms
        assert found.exact
        for each in found.storms:
            assert len(each.attempts) >= len(each.handshakes) == len(each.away) == 150
            assert each.all_back == each.handshakes[-1]
        assert min(at_once.attempts) >= 0.3
        assert min(spread.attempts) < 0.3
        assert at_once.peak > 2 * spread.peak

    def test_half_of_the_clients_have_jitter(self, c: Cluster) -> None:
        at_once, spread = storm(c, 200, jitter=None, wait=0.5).storms
        assert (at_once.jitter, spread.jitter) == (False, True)
        for each in (at_once, spread):
            assert (each.clients, len(each.handshakes), each.lost, each.repeated) == (100, 100, 0, 0)
        assert min(at_once.attempts) >= 0.5 > min(spread.attempts)
        assert all(node.running for node in c.nodes)

    @pytest.mark.parametrize(
        ("experiment", "arguments", "why"),
        [
            (storm, {"clients": 0}, "Take 1 to 4,000 clients, and a wait of 0.1 to 10 s: not 0 and 2.0 s"),
            (storm, {"wait": 60}, "not 1000 and 60 s"),
            (drain, {"clients": 1}, "Take 3 to 2,000 clients, and 0 to 30 s: not 1 and 1.5 s"),
            (one_room, {"messages": 5000}, "messages is a number from 1 to 1,000, not 5000"),
        ],
    )
    def test_what_cannot_work(
        self, c: Cluster, experiment: Callable[..., Any], arguments: dict[str, Any], why: str
    ) -> None:
        with pytest.raises(UsageError, match=re.escape(why)):
            experiment(c, **arguments)


class TestRoom:
    def test_one_room_on_all_nodes(self, c: Cluster) -> None:
        found = one_room(c, members=9, messages=60, rate=100)
        assert found.exact
        assert found.members == {"node-1": 3, "node-2": 3, "node-3": 3}
        assert found.heard == (60, 60)
        assert len(found.latencies) == 9 * 60
        assert found.p50 <= found.p99
        assert 0 < found.rate <= 130
        assert found.deliveries == pytest.approx(9 * found.rate)

    def test_without_a_backplane_it_is_several(self) -> None:
        with cluster(nodes=2, backplane=False) as alone:
            found = one_room(alone, members=4, messages=20, rate=100)
            assert not found.exact
            assert found.heard[1] < 20
            assert found.different > 0
            for experiment in (storm, drain, coming_back):
                with pytest.raises(UsageError, match="with the chat and a backplane"):
                    experiment(alone)
            alone.nodes[0].kill()
            with pytest.raises(UsageError, match=r"node-1 does not run\. Start it: c\['node-1'\]\.start"):
                polling(alone)
        with pytest.raises(UsageError, match="This cluster is stopped"):
            polling(alone)

    def test_one_node_is_too_few(self) -> None:
        with cluster(nodes=1, backplane=False) as c, pytest.raises(UsageError, match="two nodes or more"):
            polling(c)


STORM = Storm(
    clients=3,
    jitter=True,
    wait=1.0,
    attempts=(0.1, 0.11, 0.4, 0.6),
    handshakes=(0.12, 0.13, 0.62),
    away=(0.1, 0.1, 0.6),
    refused=1,
    messages=8,
    lost=0,
    repeated=0,
)
ROOM = RoomRun({"node-1": 1, "node-2": 1}, 2, (2, 2), 0.5, (0.001, 0.002, 0.003, 0.25), 0, 0, 0)
DRAINED = Drained(
    "a", {"a": 2, "b": 2}, {"a": 0, "b": 4}, (0.5, 0.7), (0.1, 0.2), Counter({1001: 2}), 9, 0, 0
)


class TestShown:
    """The texts that a lesson prints, and that the pictures say the same."""

    def test_placements(self) -> None:
        found = Placements("Late", (Placement("first", (("2 come", {"a": 2, "b": 0}),)),))
        assert repr(found).splitlines() == [
            "Late: 2 nodes",
            "policy   stage  a  b",
            "first   2 come  2  0",
            "– Between the fullest node and the emptiest in the end: first 2 connections.",
        ]
        with pytest.raises(KeyError, match="'random' was not tried; first were"):
            found["random"]

    def test_answers(self) -> None:
        found = Answers(
            "Polls", "two", "right?", (Answered("plain", ("a", "b"), (1, 1), right=False),), "Each counts."
        )
        assert repr(found).splitlines() == [
            "Polls: two",
            "       answers   by node  counted  right?",
            "plain        2  a 1, b 1      1 1      no",
            "– Each counts.",
        ]
        with pytest.raises(KeyError, match="'sticky' was not tried; plain were"):
            found["sticky"]

    def test_drained(self) -> None:
        sentence = "2 clients were closed with 1001 and were away for 200 ms at most. "
        sentence += "Lost 0, repeated 0 of 9 messages."
        assert repr(DRAINED).splitlines() == [
            "A node is drained: a",
            "   clients before  after",
            "a               2      0",
            "b               2      4",
            f"✓ {sentence}",
        ]
        assert "✗" in repr(replace(DRAINED, lost=1))

    def test_storms(self) -> None:
        found = Storms((STORM, replace(STORM, jitter=False)))
        assert (STORM.peak, STORM.busiest, STORM.all_back) == (2, 2, 0.62)
        lines = repr(found).splitlines()
        assert lines[0] == "▕  █     ▄   ▄ ▏ 0 to 1 s"
        assert lines[1] == "▕  █     ▄   ▄ ▏ 1 s"
        assert lines[4].split() == [
            "0",
            "to",
            "1",
            "s",
            "3",
            "2",
            "2",
            "100",
            "ms",
            "620",
            "ms",
            "1",
            "0",
            "0",
        ]
        assert lines[-1] == "✓ Every client got each of the 16 messages once, in order."
        lossy = Storms((replace(STORM, lost=1),))
        assert repr(lossy).splitlines()[-1] == "✗ Messages were lost or repeated."
        assert found[1].name == "1 s"

    def test_room(self) -> None:
        assert (ROOM.rate, ROOM.deliveries, ROOM.p50, ROOM.p99) == (4.0, 8.0, 0.003, 0.25)
        assert repr(ROOM).splitlines()[-1] == "✓ All 2 members heard every message once, in one order."
        for change in ({"heard": (1, 2)}, {"lost": 1}, {"repeated": 1}, {"different": 1}):
            worse = replace(ROOM, **change)
            assert repr(worse).splitlines()[-1].startswith("✗ ")

    @pytest.mark.parametrize("found", [DRAINED, ROOM, Storms((STORM,))])
    def test_the_picture_says_the_same(self, found: Drained | RoomRun | Storms) -> None:
        html = found._repr_html_()
        for cell in [cell for row in found.drawn.rows for cell in row]:
            assert cell in html
        assert found.drawn.verdict[2] in html
        assert html.count("<svg") == html.count('role="img"') == len(found.drawn.charts)
        assert "<script" not in html

    def test_histogram(self) -> None:
        assert bins([0.0, 0.049, 0.05, 1.0, -0.1], 0.05, 0.1) == [2, 1]
        assert sparkline([0, 1, 50, 100], 100) == " ▁▄█"
        html = histogram("a < b", [4, 0, 2], 0.1, 4, "flags", [1, 1, 0])
        assert "a &lt; b" in html
        assert html.count("<rect") == 2
        assert "up to 4 in 0.1 s, 0 s after the start" in html
