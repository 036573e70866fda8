"""A server filled with idle connections: ten thousand of ours, beside its peers, and what each costs."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from wslearn import HandshakeError, UsageError
from wslearn.labs.files import allow_files, most_files
from wslearn.labs.filling import NAMES, Beside, Cost, Filled, Filling, Stage, fill, size
from wslearn.labs.filling.crowd import Crowd, source
from wslearn.labs.filling.gauge import Gauge, kernel_memory
from wslearn.labs.filling.members import Page, Talker
from wslearn.labs.filling.servers import PATH, Fill
from wslearn.net.server import Server

MANY = 10_000
NEEDED = MANY + 100
FEW = 400


@pytest.fixture(scope="module")
def filling() -> Iterator[Filling]:
    with Filling() as filling:
        yield filling


@pytest.fixture(scope="module")
def filled(filling: Filling) -> Filled:
    return filling.fill(FEW)


class TestTenThousand:
    """Each of the two processes needs 10,000 descriptors: it raises its soft limit up to the hard one."""

    @pytest.mark.skipif(
        most_files() < NEEDED, reason=f"the hard limit on open files is below {NEEDED}: ulimit -Hn"
    )
    @pytest.mark.timeout(300)  # 15 s on a quiet machine
    def test_idle_connections_and_ours_are_the_smallest(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = []
        for name in NAMES:
            with Filling(name) as filling:
                found.append(filling.fill(MANY, stages=5))
                assert filling.look().connections == MANY
                assert filling.look().files > MANY
                assert filling.talk(messages=2, clients=100).count == 200  # they are idle, not dead
        beside = Beside(*found)
        with capsys.disabled():
            print(f"\n{beside}")
        ours, *peers = found
        assert beside.smallest is ours
        for peer in peers:
            assert ours.memory < 0.75 * peer.memory, peer.server
        assert 2 * 1024 < ours.memory < 8 * 1024
        assert all(round(each.files, 2) == 1 for each in found)


class TestWhatIsMeasured:
    def test_each_connection(self, filled: Filled) -> None:
        assert [stage.connections for stage in filled.stages] == [100, 175, 250, 325, 400]
        assert filled.connections == FEW
        assert round(filled.files, 2) == 1
        assert 1024 < filled.memory < 20 * 1024
        assert 0 < filled.opening.each < 0.01
        assert filled.opening.count == FEW - 100

    @pytest.mark.skipif(kernel_memory() is None, reason="the kernel does not say what it uses")
    def test_the_kernel_s_part(self, filled: Filled) -> None:
        assert filled.kernel is not None
        assert filled.per_gib < (1 << 30) / filled.memory

    def test_idle_costs_next_to_nothing(self, filling: Filling, filled: Filled) -> None:
        idle = filling.idle(0.5)
        assert (idle.count, idle.each) == (0, 0)
        assert idle.share < 0.05

    def test_messages(self, filling: Filling, filled: Filled) -> None:
        before = filling.look().connections
        talk = filling.talk(messages=3, clients=7)
        assert (talk.unit, talk.count) == ("message", 21)
        assert 0 < talk.each < 0.005
        tell = filling.tell(2)
        assert tell.count == 2 * before
        assert 0 < tell.each < talk.each

    def test_a_visit_leaves_nothing(self, filling: Filling, filled: Filled) -> None:
        before = filling.look()
        assert filling.visit(30).count == 30
        after = filling.look()
        assert after.connections == before.connections
        assert after.files <= before.files

    def test_pings(self) -> None:
        with Filling(ping_interval=0.2) as pinging:
            pinging.fill(200)
            idle = pinging.idle(0.7)
            assert 200 <= idle.count <= 4 * 200
            assert idle.each > 0

    def test_pages_on_kept_connections(self) -> None:
        with Filling() as pages:
            kept = pages.keep_pages(200)
            assert kept.what.startswith("idle HTTP")
            assert pages.ask(2, 10).count == 20
            with pytest.raises(UsageError, match="open connections first"):
                pages.talk(2, 10)
            assert pages.fill(200).stages[-1].connections == 200
            assert pages.look().connections == 400
            assert pages.tell(1).count == 200
            pages.empty()
            assert pages.look().connections == 0
            assert pages.look().files < 50
            assert pages.fill(200).connections == 200

    @pytest.mark.parametrize("name", NAMES[1:])
    def test_peers(self, name: str) -> None:
        with Filling(name, ping_interval=0.2) as peer:
            assert peer.fill(200).server == name
            assert peer.idle(0.7).count >= 200
            for asked in (peer.tell, peer.visit, lambda: peer.keep_pages(200)):
                with pytest.raises(UsageError, match="only our own server"):
                    asked()

    def test_in_one_call(self) -> None:
        assert fill(200, "tornado").server == "tornado"


class TestPictures:
    STAGES = (Stage(100, 30 << 20, 110, 300 << 20), Stage(1100, 36 << 20, 1110, 308 << 20))
    GIVEN = Filled("wslearn", STAGES, Cost("handshake", 1000, 0.1, 0.5))

    def test_figures(self) -> None:
        given = self.GIVEN
        assert given.memory == 6 * (1 << 20) / 1000
        assert given.kernel == 4 * (1 << 20) / 1000
        assert given.per_gib == (1 << 30) * 1000 // (10 << 20)
        assert given.opening.each == 0.0001
        assert given.opening.share == 0.2

    def test_text(self) -> None:
        lines = repr(self.GIVEN).splitlines()
        assert lines[0] == "wslearn: 1,100 idle WebSockets"
        assert lines[3].split() == ["1,100", "36", "MiB", "1,110", "308", "MiB"]
        assert lines[4] == (
            "Each adds 6.14 KiB of the process, 4.1 KiB of the kernel, 1 descriptor; 100 µs of processor "
            "time opened it. 102,400 fit into 1 GiB."
        )

    def test_html(self) -> None:
        html = self.GIVEN._repr_html_()
        assert html.count("<tr") == 3
        assert "102,400 fit into 1 GiB" in html

    def test_beside(self) -> None:
        other = Filled("tornado", (self.STAGES[0], Stage(1100, 44 << 20, 1110, None)), self.GIVEN.opening)
        beside = Beside(other, self.GIVEN)
        assert beside.smallest is self.GIVEN
        assert repr(beside).splitlines()[1].split() == [
            *("tornado", "1,100", "14.3", "KiB", "–", "1", "100", "µs", "73,142")
        ]
        assert beside._repr_html_().count("<svg") == 2
        with pytest.raises(UsageError, match="nothing to compare"):
            Beside()

    def test_costs(self) -> None:
        assert repr(Cost("ping", 0, 0.001, 2.0)) == "no pings: 0.05% of a core"
        assert size(3 * 2**40) == "3 TiB"
        assert size(250 * 2**20) == "250 MiB"


class TestBadInput:
    @pytest.mark.parametrize("connections", [0, 199, "many", 300.0, True])
    def test_not_a_number_of_connections(self, filling: Filling, connections: Any) -> None:
        with pytest.raises(UsageError, match="connections is a whole number from 200"):
            filling.fill(connections)

    def test_not_a_number_of_stages(self, filling: Filling) -> None:
        with pytest.raises(UsageError, match="stages is a whole number"):
            filling.fill(300, 0)

    def test_more_than_the_hard_limit(self, filling: Filling, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wslearn.labs.filling.filling.most_files", lambda: 4096)
        filling.empty()
        with pytest.raises(
            UsageError, match=r"may open 4,096 of them here: .* at most 4,036 more\. .*ulimit -n 10060"
        ):
            filling.fill(MANY)

    def test_on_windows(self, filling: Filling, monkeypatch: pytest.MonkeyPatch) -> None:
        filling.empty()
        monkeypatch.setattr(sys, "platform", "win32")
        with pytest.raises(UsageError, match="On Windows"):
            filling.fill(1000)

    def test_a_server_that_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(UsageError, match="There is wslearn, tornado, websockets, aiohttp"):
            Filling("apache")
        monkeypatch.setattr("wslearn.labs.filling.filling.find_spec", lambda _name: None)
        with pytest.raises(UsageError, match="aiohttp is not installed: python -m pip install aiohttp"):
            fill(1000, "aiohttp")

    def test_pings_too_often(self) -> None:
        with pytest.raises(UsageError, match="ping_interval is from"):
            Filling(ping_interval=0)

    def test_nobody_is_there(self) -> None:
        with Filling() as empty:
            with pytest.raises(UsageError, match="open connections first"):
                empty.talk()
            with pytest.raises(UsageError, match="open connections first"):
                empty.tell()

    def test_a_server_that_is_killed(self) -> None:
        with Filling() as killed:
            killed.fill(200)
            killed._server.kill()
            with pytest.raises(UsageError, match="stopped>: make a new one"):
                killed.talk()
        with pytest.raises(UsageError, match="stopped>: make a new one"):
            killed.fill(200)

    def test_a_gauge_of_nobody(self) -> None:
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        for look in (Gauge(gone.pid).cpu, Gauge(gone.pid).memory, Gauge(gone.pid).files):
            with pytest.raises(UsageError, match="is gone"):
                look()


class TestCrowd:
    """The clients, on a loop of this process."""

    def ask(
        self, *orders: dict[str, Any], limit: int = 1000, look: Callable[[Server], None] = lambda _: None
    ) -> list[Any]:
        async def run() -> list[Any]:
            async with Server({PATH: Fill()}, max_connections=limit) as server:
                crowd = Crowd()
                answers = [
                    await crowd.obey(json.loads(json.dumps(order | {"port": server.port})))
                    for order in orders
                ]
                look(server)
                crowd.close()
                return answers

        return asyncio.run(run())

    def test_more_than_one_address_has_ports(self, monkeypatch: pytest.MonkeyPatch) -> None:
        if sys.platform != "linux":
            pytest.skip("other systems have one loopback address")
        monkeypatch.setattr("wslearn.labs.filling.crowd._PORTS", 5)
        seen: list[Any] = []
        self.ask(
            {"open": 12, "kind": "ws"},
            look=lambda server: seen.extend(ws.remote_address for ws in server.connections),
        )
        addresses = Counter(address for address, _ in seen)
        assert addresses == {"127.0.0.1": 5, "127.0.0.2": 5, "127.0.0.3": 2}

    def test_every_client_has_its_own_address_and_port(self) -> None:
        assert [source(number) for number in (0, 19_999, 20_000, 254 * 20_000)] == [
            *("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.1.1")
        ]

    def test_what_a_crowd_says(self) -> None:
        answers = self.ask(
            {"open": 3, "kind": "ws"},
            {"talk": 2, "members": 2, "kind": "ws"},
            {"tell": 2},
            {"visit": 2},
            {"open": 1, "kind": "http"},
            {"look": True},
            {"close": True},
        )
        assert [answer.get("count") for answer in answers] == [None, 4, 6, 2, None, None, None]
        assert answers[5] == {"open": 4, "gone": 0, "pings": 0}
        assert answers[6]["open"] == 0

    def test_a_server_that_refuses(self) -> None:
        with pytest.raises(HandshakeError, match="503"):
            self.ask({"open": 2, "kind": "ws"}, {"open": 1, "kind": "ws"}, limit=2)

    def test_a_server_that_hangs_up(self) -> None:
        async def run() -> None:
            async def leave(_reader: Any, writer: asyncio.StreamWriter) -> None:
                writer.close()

            server = await asyncio.start_server(leave, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            async with server:
                await Crowd().obey({"open": 1, "kind": "ws", "port": port})

        with pytest.raises((UsageError, ConnectionResetError), match=r"hung up|reset"):
            asyncio.run(run())

    def test_a_connection_that_is_cut_while_it_talks(self) -> None:
        async def run() -> None:
            async def leave(ws: Any) -> None:
                await ws.recv()
                ws.abort()

            async with Server({PATH: leave}) as server:
                crowd = Crowd()
                await crowd.obey({"open": 2, "kind": "ws", "port": server.port})
                await crowd.obey({"talk": 1, "members": 1, "kind": "ws"})

        with pytest.raises(UsageError, match="dropped a connection"):
            asyncio.run(run())

    def test_a_talker_that_is_not_connected(self) -> None:
        with pytest.raises(UsageError, match="not connected yet"):
            Talker("ws://127.0.0.1/fill").say("x")

    def test_a_page_that_is_not_there(self) -> None:
        with pytest.raises(UsageError, match="404 Not Found"):
            Page("127.0.0.1", "/").take(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def test_a_page_in_pieces(self) -> None:
        page = Page("127.0.0.1", "/")
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
        for at in range(len(whole)):
            assert not page.ready
            page.take(whole[at : at + 1])
        assert (page.ready, page.answers) == (True, 0)
        page.say("")
        page.take(whole[:9])
        assert page.answers == 0
        page.take(whole[9:])
        assert page.answers == 1


class TestTheEnd:
    def test_nothing_is_left(self) -> None:
        threads = {thread.name for thread in threading.enumerate()}
        with Filling() as own:
            own.fill(200)
            pids, folder = (own._server.pid, own._crowd.pid), own._programs.folder
        assert not any(map(psutil.pid_exists, pids))
        assert not folder.exists()
        assert {thread.name for thread in threading.enumerate()} <= threads
        assert repr(own) == "<Filling of wslearn, stopped>"
        own.stop()

    def test_it_ends_with_a_kernel_that_is_killed(self) -> None:
        script = """
            from wslearn.labs.filling import Filling
            import time
            filling = Filling()
            filling.fill(200)
            print(filling._server.pid, filling._crowd.pid, flush=True)
            time.sleep(60)
        """
        command = [sys.executable, "-c", textwrap.dedent(script)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as kernel:
            assert kernel.stdout is not None
            programs = [psutil.Process(int(pid)) for pid in kernel.stdout.readline().split()]
            kernel.kill()
        assert psutil.wait_procs(programs, timeout=10)[1] == []


class TestFiles:
    def test_the_soft_limit_is_raised_and_never_lowered(self) -> None:
        script = """
            import resource
            from wslearn.labs.files import allow_files, most_files
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
            print(allow_files(300), allow_files(250), allow_files(10**9) == most_files())
        """
        if sys.platform != "linux":
            pytest.skip("limits of other systems differ")
        command = [sys.executable, "-c", textwrap.dedent(script)]
        assert subprocess.check_output(command, text=True).split() == ["300", "300", "True"]

    def test_here(self) -> None:
        assert allow_files() <= most_files()
