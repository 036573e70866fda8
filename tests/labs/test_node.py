"""A node: what it serves, what it says of itself, how it is drained, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.net.on_loop import on_loop, until
from wslearn import ConnectionClosed, HandshakeError, UsageError
from wslearn.labs.asking import ask
from wslearn.labs.backplane import Local, Unreachable
from wslearn.labs.node import desk, node
from wslearn.labs.programs import Programs, free_port, wait_until
from wslearn.net import Server, connect
from wslearn.net.thread import Handle


@asynccontextmanager
async def running(name: str = "node-1") -> AsyncIterator[Server]:
    async with node.server(0, name, ["chat"], None) as server:
        yield server
        assert list(server.errors) == []


async def told(server: Server, target: str, *, post: bool = False) -> Any:
    return await asyncio.to_thread(ask, server.port, target, post=post)


class TestWhatItServes:
    @on_loop
    async def test_its_name_is_in_each_answer_to_a_handshake(self) -> None:
        async with running("node-7") as server:
            for path in ("/chat", "/whoami", "/count"):
                async with connect(server.url_of(path)) as ws:
                    assert ws.response.headers[node.SERVED_BY] == "node-7"

    @on_loop
    async def test_whoami_and_count_by_request_and_by_message(self) -> None:
        async with running() as server:
            assert await told(server, "/whoami") == {"node": "node-1"}
            assert [(await told(server, f"/count?me={me}"))["count"] for me in "aaba"] == [1, 2, 1, 3]
            for path, answer in (
                ("/whoami", {"node": "node-1"}),
                ("/count", {"node": "node-1", "count": 4}),
            ):
                async with connect(server.url_of(path)) as ws:
                    await ws.send("a")
                    assert json.loads(await ws.recv()) == answer

    def test_every_app_can_be_served(self) -> None:
        assert {"chat"} <= set(node.app_names())
        assert not {"page", "pages", "__init__"} & set(node.app_names())
        for name in node.app_names():
            assert callable(node.load(name, Local()))
        with pytest.raises(UsageError, match=r"There is no app 'page'\. There is .*chat"):
            node.load("page", Local())

    @on_loop
    async def test_a_client_is_told_when_the_backplane_cannot_be_reached(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def append(*_: object) -> int:
            raise Unreachable("no broker")

        monkeypatch.setattr(Local, "append", append)
        async with running() as server, connect(server.url) as ws:
            await ws.send(json.dumps({"type": "join", "room": "lobby", "name": "Ada", "last": 0}))
            await ws.recv()
            await ws.send(json.dumps({"type": "say", "id": "a-1", "text": "Hi"}))
            with pytest.raises(ConnectionClosed, match="1013"):
                await ws.recv()


class TestDesk:
    @on_loop
    async def test_stats(self) -> None:
        async with running() as server, connect(server.url_of("/whoami")) as ws:
            async with connect(server.url_of("/whoami")) as other:
                await other.send("one")
                await other.recv()
            for _ in range(3):
                await ws.send("Who?")
                await ws.recv()
            await until(lambda: len(server.connections) == 1)
            stats = await told(server, "/node/stats")
        assert stats["name"] == "node-1"
        assert (stats["open"], stats["accepted"], stats["received"], stats["sent"]) == (1, 2, 4, 4)
        assert stats["memory"] > 1_000_000
        assert stats["descriptors"] > 3
        assert stats["cpu"] > 0

    @on_loop
    async def test_stats_by_websocket(self) -> None:
        async with running() as server, connect(server.url_of("/node")) as ws:
            await ws.send("How are you?")
            assert json.loads(await ws.recv())["state"] == "ready"

    @on_loop
    async def test_handshakes_have_their_times(self) -> None:
        async with running() as server:
            for _ in range(3):
                async with connect(server.url_of("/whoami")):
                    pass
            times = await told(server, "/node/handshakes")
        assert len(times) == 3
        assert times == sorted(times)

    @on_loop
    async def test_cordoned_it_is_unhealthy_and_keeps_its_clients(self) -> None:
        async with running() as server, connect(server.url_of("/whoami")) as ws:
            assert await self.health(server) == "200"
            await told(server, "/node/cordon", post=True)
            assert await self.health(server) == "503"
            await ws.send("Still there?")
            await ws.recv()
            async with connect(server.url_of("/whoami")):  # one that was on its way
                pass
            await told(server, "/node/uncordon", post=True)
            assert await self.health(server) == "200"

    @on_loop
    async def test_drained_it_closes_one_by_one_with_1001_once_a_balancer_knows(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(desk, "_A_MOMENT", 0)
        async with running() as server:
            clients = [await connect(server.url_of("/whoami")) for _ in range(5)]
            assert (await told(server, "/node/drain?seconds=0.5", post=True))["open"] == 5
            await asyncio.sleep(0.05)
            assert [ws.close_code for ws in clients] == [None] * 5
            async with asyncio.timeout(10):
                assert await self.health(server) == "503"
                loop = asyncio.get_running_loop()
                times = []
                for ws in clients:
                    await ws.wait_closed()
                    times.append(loop.time())
                await until(lambda: not server.connections)
            assert {ws.close_code for ws in clients} == {1001}
            assert "node-1 is drained" in clients[0].closed.reason
            assert times == sorted(times)
            assert times[-1] - times[0] >= 0.35
            with pytest.raises(HandshakeError, match="node-1 is being drained") as refused:
                await connect(server.url_of("/whoami"))
            assert refused.value.status == 503
            assert (await told(server, "/node/stats"))["state"] == "drained"
            await told(server, "/node/uncordon", post=True)
            async with connect(server.url_of("/whoami")):
                pass

    @on_loop
    async def test_without_a_balancer_it_waits_for_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(desk, "_NOTICE", 0.1)
        async with running() as server, connect(server.url_of("/whoami")) as ws:
            await told(server, "/node/drain?seconds=0", post=True)
            await ws.wait_closed()
            assert ws.close_code == 1001

    @on_loop
    async def test_a_drain_can_be_called_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(desk, "_NOTICE", 0.1)
        async with running() as server, connect(server.url_of("/whoami")) as ws:
            await told(server, "/node/drain?seconds=0", post=True)
            await told(server, "/node/uncordon", post=True)
            await asyncio.sleep(0.4)
            await ws.send("Still there?")
            await ws.recv()

    @pytest.mark.parametrize("seconds", ["-1", "nan", "soon", "1e9"])
    @on_loop
    async def test_seconds_that_cannot_be(self, seconds: str) -> None:
        async with running() as server:
            with pytest.raises(UsageError, match="seconds"):
                await told(server, f"/node/drain?seconds={seconds}", post=True)
            assert (await told(server, "/node/stats"))["state"] == "ready"

    @on_loop
    async def test_a_page_in_a_browser_may_not_give_orders(self) -> None:
        async with running() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            head = f"POST /node/cordon HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 0\r\n"
            writer.write(f"{head}Origin: http://127.0.0.1:1\r\n\r\n".encode())
            assert b" 403 " in await reader.readline()
            writer.close()
            assert (await told(server, "/node/stats"))["state"] == "ready"

    @staticmethod
    async def health(server: Server) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /node/health HTTP/1.1\r\nHost: x\r\n\r\n")
        status = (await reader.readline()).split()[1].decode()
        writer.close()
        return status


class TestProcess:
    @pytest.fixture
    def programs(self) -> Iterator[Programs]:
        with Programs() as programs:
            yield programs

    def argv(self, port: int, *more: str) -> list[str]:
        return [sys.executable, "-m", "wslearn.labs.node.node", "--port", str(port), "--name", "n", *more]

    def test_it_says_good_bye_and_prints_nothing(self, programs: Programs) -> None:
        port = free_port()
        program = programs.start("n", self.argv(port, "chat"))
        wait_until(lambda: bool(ask(port, "/whoami")), program, "it answered")

        async def visit() -> int | None:
            async with connect(f"ws://127.0.0.1:{port}/chat") as ws:
                await asyncio.to_thread(program.stop)
                await ws.wait_closed()
                return ws.close_code

        assert asyncio.run(visit()) == 1001
        assert (program.code, program.log) == (0, "")

    def test_a_port_that_is_taken(self, programs: Programs) -> None:
        with Handle(Server("echo")) as taken:
            program = programs.start("n", self.argv(taken.port, "chat"))
            with pytest.raises(UsageError, match="Cannot listen on"):
                wait_until(lambda: False, program, "it answered")
        assert program.code == 1

    def test_an_app_that_there_is_not(self, programs: Programs) -> None:
        program = programs.start("n", self.argv(free_port(), "poker"))
        with pytest.raises(UsageError, match="There is no app 'poker'"):
            wait_until(lambda: False, program, "it answered")

    def test_an_interrupt_ends_it_too(self, programs: Programs) -> None:
        port = free_port()
        program = programs.start("n", self.argv(port))
        wait_until(lambda: bool(ask(port, "/whoami")), program, "it answered")
        os.kill(program.pid, signal.SIGINT)
        with pytest.raises(UsageError, match="ended with code 0"):
            wait_until(lambda: False, program, "the end of time")
