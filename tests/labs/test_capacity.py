"""A plan for millions: each figure computed here a second time, in another way, and what the plan refuses."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import ceil, inf, nan
from pathlib import Path
from typing import Any

import pytest

from wslearn import Frame, Opcode, UsageError
from wslearn.course.measurements import measurement, record_measurement
from wslearn.labs.capacity import Capacity, Load, Measured, capacity, measure, measured
from wslearn.labs.capacity.picture import lines
from wslearn.labs.capacity.plan import wire
from wslearn.labs.filling import Cost, Filled, Stage

MINE = Measured(memory=6000, kernel=4000, files=1, handshake=100e-6, message=12e-6, delivery=8e-6, ping=30e-6)
KEY = b"\1\2\3\4"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSLEARN_DATA", str(tmp_path))


@pytest.fixture
def plan() -> Capacity:
    return capacity(MINE, said=0.1, room=5, ping_interval=20, size=100, memory=8, cores=2, share=0.5)


class TestEachConnection:
    def test_processor(self, plan: Capacity) -> None:
        assert plan.heard == 0.5
        assert plan.cpu == pytest.approx(0.1 * 4e-6 + 0.5 * 8e-6 + 30e-6 / 20)

    def test_bytes(self, plan: Capacity) -> None:
        text, ack = bytes(100), 52
        said = len(Frame(Opcode.TEXT, text, masking_key=KEY).serialize()) + 52
        heard = len(Frame(Opcode.TEXT, text).serialize()) + 52
        ping = len(Frame(Opcode.PING, bytes(8)).serialize()) + 52
        pong = len(Frame(Opcode.PONG, bytes(8), masking_key=KEY).serialize()) + 52
        assert plan.traffic.down == pytest.approx(0.5 * heard + 0.1 * ack + (ping + ack) / 20)
        assert plan.traffic.up == pytest.approx(0.1 * said + 0.5 * ack + (pong + ack) / 20)
        assert plan.traffic.packets == pytest.approx(2 * (0.5 + 0.1 + 2 / 20))

    def test_long_messages_take_several_packets(self) -> None:
        assert wire(1446, masked=False) == (4 + 1446 + 2 * 52, 2)
        assert wire(1444, masked=False) == (4 + 1444 + 52, 1)


class TestNodes:
    def test_what_a_node_holds(self, plan: Capacity) -> None:
        assert plan.holds == {
            "memory": 4 * 2**30 // 10_000,
            "descriptors": 2**20,
            "processor": int(1 / plan.cpu),
            "network": int(1e9 / 8 / 2 / plan.traffic.down),
            "packets": int(500_000 / plan.traffic.packets),
        }

    def test_the_least_binds(self, plan: Capacity) -> None:
        assert plan.binds == "processor"
        assert plan.nodes == ceil(10_000_000 / int(1 / plan.cpu)) + 1
        assert plan.on_each == ceil(10_000_000 / plan.nodes)
        assert (plan.nodes - 1) * plan.holds["processor"] >= 10_000_000

    @pytest.mark.parametrize(
        ("assumed", "binds"),
        [
            ({"memory": 1}, "memory"),
            ({"files": 1024}, "descriptors"),
            ({"said": 10, "packets": 1e8}, "processor"),
            ({"network": 0.001}, "network"),
            ({"packets": 1000}, "packets"),
        ],
    )
    def test_each_part_may_be_the_one(self, assumed: dict[str, Any], binds: str) -> None:
        found = capacity(MINE, **assumed)
        assert found.binds == binds
        assert f"what makes it so many: {binds}" in repr(found)

    def test_twice_the_clients_twice_the_nodes(self) -> None:
        one, two = (capacity(MINE, connections=number * 10_000_000) for number in (1, 2))
        assert abs(two.nodes - 2 * one.nodes) <= 2

    def test_what_costs_nothing_does_not_bind(self) -> None:
        assert "descriptors" not in capacity(replace(MINE, files=0)).holds


class TestFailure:
    def test_storms(self, plan: Capacity) -> None:
        assert plan.storm_of_one == pytest.approx(plan.on_each / (plan.nodes - 1) / 60)
        assert plan.storm_of_all == pytest.approx(plan.on_each / 60)
        assert plan.busy(20_000) == pytest.approx(1)

    def test_the_least_window_takes_what_is_kept_free(self, plan: Capacity) -> None:
        window = plan.shortest_window
        shortest = replace(plan, window=window)
        assert shortest.busy(shortest.storm_of_all) == pytest.approx(1 - plan.node.share)

    def test_ports(self, plan: Capacity) -> None:
        assert plan.addresses == ceil(plan.on_each / 2 / 28_232)

    def test_backplane(self, plan: Capacity) -> None:
        assert plan.published == pytest.approx(1_000_000)
        assert plan.gigabits(plan.published) == pytest.approx(1e6 * 152 * 8 / 1e9)
        assert 4 < plan.with_members < 5
        assert replace(plan, load=replace(plan.load, room=1)).with_members == pytest.approx(1)


class TestPictures:
    def test_every_figure_has_a_formula(self, plan: Capacity) -> None:
        assert [line.name for line in lines(plan)] == [
            *("memory", "descriptors", "processor", "network", "packets", "nodes"),
            *("one node fails", "all come back", "least window", "ports"),
            *("published", "backplane, to all", "to whom it concerns"),
        ]
        assert all(line.formula for line in lines(plan))
        memory = lines(plan)[0]
        assert memory.value == "429,496 on a node: 24 nodes"
        assert memory.formula == "50% of 8 GiB ÷ (5.86 KiB of the process + 3.91 KiB of the kernel)"

    def test_cost_only_at_a_price(self) -> None:
        assert "a month" not in repr(capacity(MINE))
        found = capacity(MINE, price=40)
        assert found.cost == 40 * found.nodes
        assert f"{found.nodes} nodes × 40" in repr(found)

    def test_html(self, plan: Capacity) -> None:
        html = plan._repr_html_()
        assert html.count("<tr") == len(lines(plan)) + 1
        assert html.count("binds") == 1
        assert "10,000,000 connections" in html


class TestMeasured:
    def test_is_kept(self) -> None:
        assert measured() is None
        with pytest.raises(UsageError, match="Nothing was measured here yet"):
            capacity()
        assert MINE.keep() == MINE == measured()
        assert replace(MINE, memory=5000).keep() == measured()
        assert capacity().each.memory == 5000

    def test_what_another_version_kept_is_left_alone(self) -> None:
        record_measurement("connection", {**asdict(MINE), "colour": 1.0})
        assert measured() is None
        record_measurement("connection", {**asdict(MINE), "memory": None})
        assert measured() is None
        assert measurement("something else") is None

    def test_is_put_together(self) -> None:
        stages = (Stage(100, 0, 0, None), Stage(1100, 5_000_000, 1000, None))
        filled = Filled("wslearn", stages, Cost("handshake", 1000, 0.1, 1.0))
        talk, tell = Cost("message", 100, 0.0012, 1.0), Cost("delivered message", 100, 0.0008, 1.0)
        found = Measured.of(filled, talk, tell, Cost("ping", 100, 0.003, 1.0))
        assert asdict(found) == pytest.approx(asdict(replace(MINE, memory=5000, kernel=0)))
        assert found.receive == pytest.approx(4e-6)
        assert repr(found).splitlines()[1].split() == ["memory", "of", "the", "process", "4.88", "KiB"]

    def test_on_this_machine(self) -> None:
        found = measure(300)
        assert found.files == 1
        assert 1024 < found.memory < 20 * 1024
        assert all(0 < cost < 0.01 for cost in (found.handshake, found.message, found.delivery, found.ping))

    @pytest.mark.parametrize(
        ("name", "value"), [("memory", 0), ("memory", -1), ("ping", nan), ("files", "1"), ("kernel", None)]
    )
    def test_what_cannot_be(self, name: str, value: Any) -> None:
        with pytest.raises(UsageError, match="memory" if name == "memory" else name):
            replace(MINE, **{name: value})


class TestBadInput:
    @pytest.mark.parametrize(
        ("assumed", "said"),
        [
            ({"conections": 5}, "There is no conections to assume. There is connections, said"),
            ({"connections": 0}, "connections is a number from 1"),
            ({"connections": 1.5}, "connections is a whole number"),
            ({"share": 1}, "share is a number from 0.01 to 0.99"),
            ({"share": "half"}, "share is a number"),
            ({"memory": 0}, "memory is a number"),
            ({"memory": inf}, "memory is a number"),
            ({"cores": True}, "cores is a number"),
            ({"said": -1}, "said is a number"),
            ({"ping_interval": 0}, "ping_interval is a number of seconds"),
            ({"window": 0}, "window is a number of seconds"),
            ({"room": 0}, "room is a number from 1"),
            ({"price": "much"}, "price is a number"),
        ],
    )
    def test_of_the_student(self, assumed: dict[str, Any], said: str) -> None:
        with pytest.raises(UsageError, match=said):
            capacity(MINE, **assumed)

    def test_a_node_too_small(self) -> None:
        with pytest.raises(UsageError, match="memory is too small"):
            capacity(MINE, memory=1e-6).nodes  # noqa: B018

    def test_nothing_is_said(self) -> None:
        assert capacity(MINE, said=0, price=None).published == 0
        assert Load().said > 0
