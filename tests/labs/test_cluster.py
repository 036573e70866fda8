"""A cluster carries one room over its nodes, whichever part of it is killed, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.labs.test_programs import soon
from wslearn.errors import UsageError
from wslearn.labs.asking import ask
from wslearn.labs.caddy import listener, reverse_proxy, start_caddy
from wslearn.labs.cluster import Cluster, balancer, cluster
from wslearn.labs.crowd.crowds import Crowd
from wslearn.labs.crowd.report import Report
from wslearn.labs.experiments.restoring import restored
from wslearn.labs.programs import Programs, free_port
from wslearn.net import connect, serve


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    with cluster() as c:
        yield c


@pytest.fixture
def c(shared: Cluster) -> Iterator[Cluster]:
    """A cluster all of whose parts run, and whose apps raise nothing."""
    with restored(shared):
        yield shared
    assert [node.stats().errors for node in shared.nodes] == [()] * 3
    assert [node.log for node in shared.nodes] == [""] * 3


def exact(crowd: Crowd, messages: int) -> Report:
    """Check that every member got every message once, and all of them the same."""
    report, details = crowd.report(), crowd.details()
    assert (report.lost, report.repeated, report.different, details.different) == (0, 0, 0, 0)
    assert (report.least, report.most, report.unconfirmed) == (messages, messages, 0)
    assert list(details.room) == list(range(1, messages + 1))
    assert len(set(details.room.values())) == messages
    return report


class TestOneRoom:
    def test_each_message_reaches_each_member_once_at_a_rate(self, c: Cluster) -> None:
        with Crowd(c, 2) as crowd:
            crowd.join(30)
            assert crowd.report().nodes == {"node-1": 10, "node-2": 10, "node-3": 10}
            begun = time.monotonic()
            crowd.say(300, rate=150, speakers=30)
            took = time.monotonic() - begun
            exact(crowd, 300)
            latencies = crowd.details().latencies
        assert len(latencies) == 30 * 300
        assert took < 10  # two seconds of speaking
        assert 0 < latencies[len(latencies) // 2] < 1

    def test_a_node_killed_under_load_costs_its_members_a_reconnect(self, c: Cluster) -> None:
        with Crowd(c, 2) as crowd:
            crowd.join(30, base=0.2)
            crowd.say(300, rate=100, speakers=30, wait=False)
            time.sleep(0.5)
            c.nodes[1].kill()
            time.sleep(0.5)
            crowd.await_all()
            crowd.await_heard()
            report = exact(crowd, 300)
            assert set(report.nodes) == {"node-1", "node-3"}
            assert report.refused == 0  # the balancer tries another node by itself
            returns = crowd.details().returns
        assert len(returns) == 10
        assert {code for _, _, code in returns} == {1006}

    def test_the_broker_killed_and_started_again_loses_nothing(self, c: Cluster) -> None:
        assert c.broker is not None
        with Crowd(c) as crowd:
            crowd.join(9)
            crowd.say(30, rate=100)
            c.broker.kill()
            crowd.say(30, rate=100, wait=False)
            time.sleep(1)
            report = crowd.report()
            assert (report.least, report.most, report.connected) == (30, 30, 9)  # all wait, nobody is cut off
            assert report.unconfirmed == 30
            c.broker.start()
            crowd.await_heard()
            exact(crowd, 60)
            assert crowd.details().returns == ()

    def test_a_broker_that_stays_away_is_told_to_those_who_speak(self, c: Cluster) -> None:
        assert c.broker is not None
        with Crowd(c) as crowd:
            crowd.join(3)
            crowd.say(3, rate=100)
            c.broker.kill()
            try:
                crowd.say(3, rate=100, speakers=3, wait=False)
                assert soon(lambda: bool(crowd.details().returns), 15)
            finally:
                c.broker.start()
            crowd.await_heard()
            exact(crowd, 6)
            assert {code for _, _, code in crowd.details().returns} == {1013}

    def test_the_balancer_killed_and_started_again_loses_nothing(self, c: Cluster) -> None:
        with Crowd(c) as crowd:
            crowd.join(9, base=0.1, cap=0.5)
            crowd.say(100, rate=50, wait=False)
            time.sleep(0.3)
            c.balancer.kill()
            assert soon(lambda: crowd.report().connected == 0)
            assert soon(lambda: crowd.report().refused > 0)
            assert not c.balancer.running
            c.balancer.start()
            crowd.await_heard()
            exact(crowd, 100)
            assert len(crowd.details().returns) >= 9

    def test_a_drained_node_sends_its_members_away_one_by_one(self, c: Cluster) -> None:
        with Crowd(c) as crowd:
            crowd.join(12, base=0.1)
            crowd.say(60, rate=50, wait=False)
            assert c.nodes[0].drain(seconds=0.5) == 4
            stats = c.nodes[0].stats()
            assert (stats.state, stats.open) == ("drained", 0)
            crowd.await_all()
            crowd.await_heard()
            report = exact(crowd, 60)
            assert set(report.nodes) == {"node-2", "node-3"}
            returns = crowd.details().returns
            assert [code for _, _, code in returns] == [1001] * 4
            assert returns[-1][0] - returns[0][0] >= 0.3
            c.nodes[0].uncordon()
            crowd.join(3)
            assert crowd.report().nodes["node-1"] == 3  # it has the fewest


class TestFront:
    def test_it_passes_on_what_is_for_clients_alone(self, c: Cluster) -> None:
        assert ask(c.port, "/whoami")["node"] in {"node-1", "node-2", "node-3"}
        for path in ("/node/stats", "/node/drain", "/node"):
            with pytest.raises(UsageError, match="404"):
                ask(c.port, path, post=path.endswith("drain"))
        assert {node.stats().state for node in c.nodes} == {"ready"}

    def test_another_policy(self, c: Cluster) -> None:
        assert c.policy == "least_conn"
        c.balance("first")
        assert {ask(c.port, "/whoami")["node"] for _ in range(6)} == {"node-1"}
        c.balance("least_conn", sticky=True)
        assert c.policy == "least_conn, sticky"
        with pytest.raises(UsageError, match=r"There is no policy 'fairest'\. There is round_robin, "):
            c.balance("fairest")
        assert c.policy == "least_conn, sticky"
        c.balance("least_conn")

    def test_caddy_takes_each_policy(self, c: Cluster) -> None:
        nodes = [f"127.0.0.1:{node.port}" for node in c.nodes]
        ports = {policy: free_port() for policy in balancer.POLICIES}
        with Programs() as own:
            fronts = []
            for policy, port in ports.items():
                how = {"selection_policy": balancer.selection(policy, sticky=False)}
                fronts.append(listener(port, reverse_proxy(nodes, load_balancing=how)))
            start_caddy(own, fronts)
            for port in ports.values():
                assert "node" in ask(port, "/whoami?room=kitchen")

    def test_stats(self, c: Cluster) -> None:
        with Crowd(c) as crowd:
            crowd.join(6)
            stats = c.stats()
            assert stats.open == {"node-1": 2, "node-2": 2, "node-3": 2}
            assert stats["node-2"].open == 2
            c["node-3"].kill()
            c["node-1"].cordon()
            stats = c.stats()
        assert set(stats.open) == {"node-1", "node-2", "node-3"}
        assert stats.open["node-3"] == 0
        lines = repr(stats).splitlines()
        assert lines[0].split()[:2] == ["open", "accepted"]
        assert lines[1].startswith("node-1 (cordoned) ")
        assert lines[3].startswith("node-3 (stopped) ")
        assert lines[4].endswith(" on 2 nodes, by least_conn.")
        assert "1 node stopped" in stats._repr_html_()
        with pytest.raises(KeyError, match="'node-3' did not run; node-1, node-2 did"):
            stats["node-3"]

    def test_a_node_that_is_stopped_says_how_to_start_it(self, c: Cluster) -> None:
        c["node-2"].kill()
        with pytest.raises(UsageError, match=r"node-2 does not run\. Start it: \.start\(\)"):
            c["node-2"].stats()
        assert repr(c["node-2"]) == "<node-2 stopped>"
        with pytest.raises(KeyError, match="no 'node-9'; there is node-1, node-2, node-3"):
            c["node-9"]
        c["node-2"].start()
        assert c["node-2"].stats().accepted == 0

    def test_tls_ends_at_the_front_and_nobody_has_to_trust_it(self) -> None:
        with cluster(nodes=2, tls=True) as c:
            assert c.url.startswith("wss://")
            with Crowd(c) as crowd:
                crowd.join(4)
                crowd.say(20, rate=100)
                exact(crowd, 20)

            async def visit() -> str:
                async with connect(c.url_of("/whoami"), ssl_context=c.ssl_context) as ws:
                    await ws.send("Who are you?")
                    return str(json.loads(await ws.recv())["node"])

            assert asyncio.run(visit()) in {"node-1", "node-2"}

            async def stranger() -> None:
                async with connect(c.url_of("/whoami")):
                    pass

            with pytest.raises(OSError, match="certificate verify failed"):
                asyncio.run(stranger())


class TestLife:
    def test_two_at_once_know_nothing_of_each_other(self, c: Cluster) -> None:
        with cluster(nodes=2) as other, Crowd(c) as here, Crowd(other) as there:
            here.join(3)
            there.join(4)
            here.say(10, rate=100)
            there.say(20, rate=100)
            exact(here, 10)
            exact(there, 20)
            assert other.stats().open == {"node-1": 2, "node-2": 2}
        assert c.running

    def test_nothing_is_left_of_it(self) -> None:
        c = cluster(nodes=2)
        folder, pids, ports = remains(c)
        with Crowd(c) as crowd:
            crowd.join(4)
            c.stop()
        assert gone(folder, pids, ports)
        assert repr(c) == "<cluster stopped>"
        c.stop()

    def test_nothing_is_left_of_it_when_its_parent_is_killed(self) -> None:
        script = """
import json, sys, time
from tests.labs.test_cluster import remains
from wslearn.labs.cluster import cluster
from wslearn.labs.crowd.crowds import Crowd
c = cluster(nodes=2)
crowd = Crowd(c)
crowd.join(4)
folder, pids, ports = remains(c)
print(json.dumps([str(folder), pids, ports]), flush=True)
time.sleep(60)
"""
        parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        folder, pids, ports = json.loads(parent.stdout.readline())
        assert len(pids) == 6  # the keeper, the broker, two nodes, the balancer, the crowd
        assert not gone(Path(folder), pids, ports, seconds=0)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
        assert gone(Path(folder), pids, ports)

    def test_a_port_that_another_program_was_faster_to_take(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serve("echo") as taken:
            for module in ("cluster.nodes", "cluster.balancer", "crowd.crowds"):
                given = iter([taken.port])
                monkeypatch.setattr(
                    f"wslearn.labs.{module}.free_port", lambda given=given: next(given, 0) or free_port()
                )
            with cluster(nodes=1, backplane=False) as c, Crowd(c) as crowd:
                crowd.join(1)
                assert taken.port not in {c.port, c.nodes[0].port, *crowd._ports}

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ({"nodes": 0}, "nodes is a whole number from 1 to 8, not 0"),
            ({"nodes": 2.5}, "nodes is a whole number from 1 to 8, not 2.5"),
            ({"policy": "fair"}, "There is no policy 'fair'"),
            ({"app": "poker"}, r"There is no app 'poker'\. There is .*chat"),
            ({"app": []}, "There is no app ''"),
            ({"app": ["chat", "poker"]}, "There is no app 'poker'"),
        ],
    )
    def test_what_cannot_work(self, arguments: dict[str, object], why: str) -> None:
        with pytest.raises(UsageError, match=why):
            cluster(**arguments)  # type: ignore[arg-type]

    @pytest.mark.parametrize("engine", ["caddy", "nats-server"])
    def test_an_engine_that_is_missing(self, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
        real = shutil.which
        monkeypatch.setattr(
            shutil, "which", lambda name, path: None if name == engine else real(name, path=path)
        )
        before = set(psutil.Process().children(recursive=True))
        with pytest.raises(UsageError, match=rf'{engine} is not installed: .* "wslearn\[cluster\]"'):
            cluster()
        assert set(psutil.Process().children(recursive=True)) <= before

    def test_a_crowd_needs_the_chat(self) -> None:
        with cluster(nodes=1, app="dashboard", backplane=False) as c:
            assert c.url.endswith("/dashboard")
            with pytest.raises(UsageError, match=r'cluster\(app="chat"\)'):
                Crowd(c)


def remains(c: Cluster) -> tuple[Path, list[int], list[int]]:
    """Tell what would be left of a cluster: its folder, its processes and its ports."""
    keeper = psutil.Process(c.programs._keeper.pid)
    assert c.broker is not None
    ports = [c.port, int(c.broker.url.rpartition(":")[2]), *(node.port for node in c.nodes)]
    return c.programs.folder, [each.pid for each in (keeper, *keeper.children())], ports


def gone(folder: Path, pids: list[int], ports: list[int], seconds: float = 10) -> bool:
    def nobody(port: int) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return False
        return True

    return soon(
        lambda: not folder.exists() and not any(map(psutil.pid_exists, pids)) and all(map(nobody, ports)),
        seconds,
    )
