"""Four ways to push: the same events by all of them, every byte counted, and nothing left behind."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import psutil
import pytest

from wslearn import UsageError
from wslearn.http import split_head
from wslearn.labs.realtime import PushServer, Result, compare, race, upstream
from wslearn.labs.realtime.clients import CLIENTS, Follower
from wslearn.net import Tap, connect

WAYS = list(CLIENTS)


@pytest.fixture(scope="module")
def server() -> Iterator[PushServer]:
    with PushServer() as server:
        yield server


@pytest.fixture(scope="module")
def result(server: PushServer) -> Result:
    return compare(server, rate=20, duration=0.5, clients=5, interval=0.2)


class TestTheSameEvents:
    def test_by_all_four(self, result: Result) -> None:
        assert [way.name for way in result.ways] == WAYS
        assert [way.delivered for way in result.ways] == [50] * 4
        assert result.same
        assert result.verdict[:2] == ("✓", "the same")

    def test_in_order_at_the_first_client(self, result: Result) -> None:
        for way in result.ways:
            assert [arrival.number for arrival in way.arrivals] == list(range(1, 11))
            assert all(0 < each.happened < each.arrived for each in way.arrivals)

    @pytest.mark.parametrize("size", [1, 40, 5000])
    def test_of_any_size(self, server: PushServer, size: int) -> None:
        assert compare(server, rate=50, duration=0.1, clients=2, interval=0.05, size=size).same

    def test_in_bursts(self, server: PushServer) -> None:
        found = compare(server, rate=200, duration=0.5, clients=2, interval=0.1, burst=50)
        assert found.same
        assert found["long polling"].counts.requests <= 2 * (100 // 50 + 2)
        moments = [round(each.happened, 2) for each in found["SSE"].arrivals]
        assert len(set(moments)) <= 4

    def test_without_keep_alive(self, server: PushServer) -> None:
        plan: dict[str, Any] = {"rate": 20, "duration": 0.5, "clients": 2, "interval": 0.1}
        ways = ["polling", "long polling"]
        found = compare(server, ways=ways, keep_alive=False, **plan)
        kept = compare(server, ways=ways, **plan)
        assert found.same
        assert kept.same
        for way in found.ways:
            asked = way.counts.requests + way.opening.requests
            # At the end a client may have opened one and not asked yet.
            assert 0 <= way.counts.connections + way.opening.connections - asked <= 2
            assert kept[way.name].held == 2
            assert kept[way.name].counts.connections + kept[way.name].opening.connections == 2

    def test_to_300_clients(self, server: PushServer) -> None:
        found = compare(server, rate=4, duration=0.5, clients=300, interval=0.3)
        assert found.same
        assert [way.delivered for way in found.ways] == [600] * 4
        assert [way.held for way in found.ways] == [300] * 4

    def test_is_not_said_when_one_is_missing(
        self, server: PushServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def deaf(_site: Any, me: Any, *_args: Any) -> None:
            me.ready.set()
            await asyncio.Event().wait()

        monkeypatch.setitem(CLIENTS, "SSE", deaf)
        monkeypatch.setattr("wslearn.labs.realtime.comparing._PATIENCE", 0.2)
        found = compare(server, rate=50, duration=0.1, clients=1, interval=0.05)
        assert not found.same
        assert found.verdict == (
            "✗",
            "not the same",
            "Not every client got exactly the events that happened: SSE.",
        )

    @pytest.mark.parametrize("wrong", ["changed", "twice", "swapped"])
    def test_is_not_said_when_one_is_not_as_it_was(
        self, server: PushServer, monkeypatch: pytest.MonkeyPatch, wrong: str
    ) -> None:
        take = Follower.take
        held: list[dict[str, Any]] = []

        def spoiled(self: Follower, told: dict[str, Any]) -> None:
            given = {
                "changed": [{**told, "data": "other"}],
                "twice": [told, told],
                "swapped": [],
            }
            if told["n"] == 2:
                held.append(told)
            for each in given[wrong] if told["n"] == 2 else [told]:
                take(self, each)
            if told["n"] == 3 and wrong == "swapped":
                take(self, held.pop())

        monkeypatch.setattr(Follower, "take", spoiled)
        found = compare(server, ways=["WebSocket"], rate=50, duration=0.1, clients=1)
        assert found["WebSocket"].delivered == (6 if wrong == "twice" else 5)
        assert not found.same


class TestFigures:
    def test_a_request_for_each_event_or_none(self, result: Result) -> None:
        assert result["SSE"].counts.requests == 0
        assert result["WebSocket"].counts.requests == 0
        # Each long poller has asked what there is already, and then for more.
        assert [way.opening.requests for way in result.ways] == [5, 10, 5, 5]
        # On a busy machine one answer brings two events now and then.
        assert result["long polling"].counts.requests in range(25, 51)
        assert 0 < result["polling"].counts.requests < 50

    def test_bytes(self, result: Result) -> None:
        assert result["SSE"].counts.up == result["WebSocket"].counts.up == 0
        assert (result["long polling"].up or 0) > 300
        for name in ("SSE", "WebSocket"):
            assert 64 < (result[name].down or 0) < 150

    def test_latency(self, result: Result) -> None:
        for way in result.ways:
            assert way.p50 is not None
            assert way.p99 is not None
            assert 0 < way.p50 <= way.p99 == way.latencies[-1]
        assert (result["polling"].p50 or 0) > 3 * (result["WebSocket"].p50 or 1)

    def test_processor_time(self, result: Result) -> None:
        assert all(way.cpu is not None and 0 < way.cpu < way.seconds for way in result.ways)

    def test_nothing_happens(self, server: PushServer) -> None:
        idle = compare(server, rate=0, duration=0.6, clients=3, interval=0.2)
        assert idle.same
        assert [way.delivered for way in idle.ways] == [0] * 4
        assert idle["polling"].counts.requests in range(6, 13)
        assert [idle[name].counts.up for name in WAYS[1:]] == [0, 0, 0]
        assert [idle[name].counts.down for name in WAYS[1:]] == [0, 0, 0]
        assert idle["WebSocket"].p50 is None
        apart = compare(server, ways=["long polling"], rate=0, duration=0.1, clients=100, keep_alive=False)
        assert apart["long polling"].counts.requests == 0
        assert "requests/client/s" in repr(idle)
        assert idle.verdict[1] == "idle"

    def test_bytes_are_those_that_a_tap_saw(self, server: PushServer) -> None:
        for name in WAYS:
            with Tap((server.host, server.port)) as tap:
                (way,) = compare(
                    server, ways=[name], through=tap, rate=20, duration=0.3, clients=3, interval=0.1
                ).ways
                seen = tap.connections
                opened = way.counts.connections + way.opening.connections
                assert len(seen) == opened == 3
                sent = sum(len(each.bytes_from("client")) for each in seen)
                came = sum(len(each.bytes_from("server")) for each in seen)
                # A poll may be under way when the clients hang up.
                most = 3 * 700 if "polling" in name else 0
                assert abs(sent - way.counts.up - way.opening.up) <= most
                assert abs(came - way.counts.down - way.opening.down) <= most

    def test_an_answer_is_a_request_of_a_browser(self, server: PushServer) -> None:
        with Tap((server.host, server.port)) as tap:
            compare(server, ways=["polling"], through=tap, rate=10, duration=0.1, clients=1, interval=0.1)
            cut = split_head(tap.connections[0].bytes_from("client"))
        assert cut is not None
        assert b"GET /realtime/poll?after=0 HTTP/1.1\r\n" in cut[0]
        assert 400 < len(cut[0]) < 700

    def test_the_other_direction(self, server: PushServer) -> None:
        found = upstream(server, messages=50, size=64)
        post, ws = found["POST"], found["WebSocket"]
        assert (ws.counts.up, ws.counts.down) == (50 * (2 + 4 + 64), 50 * (2 + 2))
        assert (ws.counts.requests, post.counts.requests) == (0, 50)
        assert post.counts.up > 5 * ws.counts.up
        assert "bytes up/message" in repr(found)
        assert found.verdict[1] == "answered"

    def test_a_race_is_watched_while_it_runs(self, server: PushServer) -> None:
        seen: list[list[int]] = []
        found = race(
            server,
            rate=20,
            duration=1,
            interval=0.3,
            clients=2,
            look=lambda ways: seen.append([way.delivered for way in ways]),
        )
        assert found.same
        assert all(way.cpu is None for way in found.ways)
        assert len(seen) >= 3
        assert seen == sorted(seen)
        assert seen[0][3] < seen[-1][3] <= 40
        assert len({tuple(each.happened for each in way.arrivals) for way in found.ways}) == 1


class TestPictures:
    def test_text(self, result: Result) -> None:
        lines = repr(result).splitlines()
        assert lines[0] == "20 events a second of 64 bytes, 5 clients each, polls every 0.2 s"
        assert lines[1].split() == [
            *("requests/event", "bytes", "up/event", "bytes", "down/event", "p50", "p99", "CPU/event"),
            *("connections", "open"),
        ]
        assert [line.split("  ")[0] for line in lines[2:6]] == WAYS
        assert lines[6] == "✓ Each of 20 clients got exactly the events that happened, in order."

    def test_chart(self, result: Result) -> None:
        html = result._repr_html_()
        charts = [ElementTree.fromstring(svg) for svg in re.findall("<svg.*?</svg>", html)]
        assert len(charts) == 6
        for chart in charts:
            assert [group[0].text for group in chart] == WAYS
            bars = [float(bar.attrib["width"]) for bar in chart.iter("rect")]
            assert max(bars) <= 150
            assert chart.attrib["aria-label"].count(";") == 3
        up = [float(bar.attrib["width"]) for bar in charts[1].iter("rect")]
        assert up == [
            pytest.approx(150 * (result["polling"].up or 0) / (result["long polling"].up or 1), 0.1),
            150,
            1,
            1,
        ]
        assert html.count("<tr") == 5

    def test_idle_has_no_chart_of_latency(self, server: PushServer) -> None:
        idle = compare(server, rate=0, duration=0.05, clients=1)
        assert "latency" not in idle._repr_html_()

    def test_a_way_that_was_not_measured(self, server: PushServer) -> None:
        found = upstream(server, messages=1)
        with pytest.raises(KeyError, match="POST, WebSocket were"):
            found["SSE"]


class TestBadInput:
    @pytest.mark.parametrize(
        ("plan", "said"),
        [
            ({"clients": 0}, "clients is a number from 1 to"),
            ({"clients": 1.5}, "whole number"),
            ({"clients": True}, "clients is a number"),
            ({"rate": -1}, "rate is a number from 0"),
            ({"interval": 0}, "interval is a number from 0.01"),
            ({"duration": "long"}, "duration is a number"),
            ({"size": 0}, "size is from 1"),
            ({"burst": 1.0}, "burst is a whole number"),
            ({"rate": 2000, "duration": 60}, "count is from 0"),
            ({"ways": []}, "ways is a list of 'polling'"),
            ({"ways": "SSE"}, "ways is a list"),
            ({"ways": ["carrier pigeon"]}, "pigeon"),
        ],
    )
    def test_of_the_student(self, server: PushServer, plan: dict[str, Any], said: str) -> None:
        with pytest.raises(UsageError, match=said):
            compare(server, **plan)

    def test_too_many_messages(self, server: PushServer) -> None:
        with pytest.raises(UsageError, match="messages is a whole number"):
            upstream(server, messages=0)

    def test_more_clients_than_files(self, server: PushServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wslearn.labs.realtime.plan.allow_files", lambda: 256)
        with pytest.raises(UsageError, match="256 files"):
            compare(server, clients=250)

    @pytest.mark.parametrize(
        ("target", "headers"),
        [
            ("/realtime/poll?after=x", {}),
            ("/realtime/poll?after=-1", {}),
            ("/realtime/long?after=99999999999999", {}),
            ("/realtime/events", {"Last-Event-ID": "<script>"}),
        ],
    )
    def test_of_a_page(self, server: PushServer, target: str, headers: dict[str, str]) -> None:
        client = http.client.HTTPConnection(server.host, server.port, timeout=5)
        client.request("GET", target, headers=headers)
        response = client.getresponse()
        assert response.status == 400
        assert response.reason == "after is the number of the last event you have"
        assert b"<script>" not in response.read()
        client.close()
        assert server.log == ""

    def test_of_a_websocket(self, server: PushServer) -> None:
        async def refused() -> tuple[int | None, str]:
            async with connect(server.url + "?after=x") as ws:
                await ws.wait_closed()
                closed = ws.closed.received
                return ws.close_code, closed.reason if closed else ""

        assert asyncio.run(refused()) == (1008, "after is the number of the last event you have")

    @pytest.mark.parametrize(
        "told", ["", "[]", "5", "{", '{"begin": {"rate": "x"}}', '{"begin": {"color": 1}}', "[" * 10000]
    )
    def test_of_who_controls_it(self, server: PushServer, told: str) -> None:
        async def answer() -> dict[str, Any]:
            async with connect(f"ws://{server.host}:{server.port}/control") as ws:
                await ws.send(told)
                said: dict[str, Any] = json.loads(await ws.recv())
                return said

        assert asyncio.run(answer()).keys() == {"refused"}
        assert server.log == ""


class TestTheEnd:
    def test_a_client_that_leaves_is_forgotten(self, server: PushServer) -> None:
        process = psutil.Process(server._program.pid)
        before = len(process.net_connections())
        compare(server, rate=0, duration=0.1, clients=20)
        until = time.monotonic() + 5
        while len(process.net_connections()) > before and time.monotonic() < until:
            time.sleep(0.02)
        assert len(process.net_connections()) == before

    def test_nothing_is_left(self) -> None:
        threads = {thread.name for thread in threading.enumerate()}
        with PushServer() as own:
            pid, folder = own._program.pid, own._programs.folder
            compare(own, ways=["SSE"], rate=20, duration=0.1, clients=1)
        assert not psutil.pid_exists(pid)
        assert not folder.exists()
        assert {thread.name for thread in threading.enumerate()} <= threads
        own.stop()

    def test_a_stopped_server_says_so(self) -> None:
        own = PushServer()
        own.stop()
        assert repr(own) == "<PushServer stopped>"
        with pytest.raises(UsageError, match="stopped"):
            compare(own)

    def test_a_server_that_is_killed_under_a_run(self) -> None:
        with PushServer() as own:
            timer = threading.Timer(0.3, own._program.kill)
            timer.start()
            with pytest.raises(UsageError, match="The server went away"):
                compare(own, ways=["WebSocket"], rate=20, duration=2, clients=3)
            timer.join()

    def test_it_ends_with_a_kernel_that_is_killed(self) -> None:
        script = """
            from wslearn.labs.realtime import PushServer
            import time
            server = PushServer()
            print(server._program.pid, server.port, flush=True)
            time.sleep(60)
        """
        command = [sys.executable, "-c", textwrap.dedent(script)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as kernel:
            assert kernel.stdout is not None
            pid = int(kernel.stdout.readline().split()[0])
            server = psutil.Process(pid)
            kernel.kill()
        server.wait(10)
        assert not server.is_running()
