"""A server on a thread of its own, as a notebook or a script uses it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest

from wslearn import ConnectionClosed, UsageError
from wslearn.net import WebSocket, connect, serve
from wslearn.net.thread import Handle


async def once(url: str, message: str = "Hello") -> str | bytes:
    """Send one message and give the answer."""
    async with connect(url) as ws:
        await ws.send(message)
        return await ws.recv()


def wait_for(handle: Handle, connections: int) -> None:
    """Wait until the server has so many connections."""
    limit = time.monotonic() + 10
    while handle.connections != connections:
        assert time.monotonic() < limit
        time.sleep(0.002)


def python(code: str) -> subprocess.Popen[str]:
    """Start a script."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


class TestHandle:
    def test_says_what_it_is(self) -> None:
        with serve() as server:
            assert repr(server) == "<wslearn server running: /echo>"
            assert server.url == f"ws://127.0.0.1:{server.port}/echo"
            assert server.url_of("/tornado") == f"ws://127.0.0.1:{server.port}/tornado"
            assert server.page == f"http://127.0.0.1:{server.port}/"
            assert server.running
            assert server.connections == 0
        assert repr(server) == "<wslearn server stopped: /echo>"
        assert not server.running
        assert server.connections == 0
        assert server.errors == []

    def test_two_at_once(self) -> None:
        with serve() as first, serve() as second:
            assert first.port != second.port
            assert asyncio.run(once(first.url)) == asyncio.run(once(second.url)) == "Hello"

    def test_a_port_in_use(self) -> None:
        threads = threading.active_count()
        with serve() as server:
            with pytest.raises(UsageError, match="Address already in use"):
                serve(port=server.port)
            assert asyncio.run(once(server.url)) == "Hello"
        assert threading.active_count() == threads

    def test_options_are_the_server_s(self) -> None:
        async def subprotocol(url: str) -> str | None:
            async with connect(url, subprotocols=["chat"]) as ws:
                return ws.subprotocol

        with serve(subprotocols=["chat"]) as server:
            assert asyncio.run(subprotocol(server.url)) == "chat"
        with pytest.raises(TypeError):
            serve(sub_protocols=["chat"])


class TestStopping:
    def test_closes_with_1001_and_frees_the_port(self) -> None:
        async def stopped(server: Handle) -> ConnectionClosed:
            async with connect(server.url) as ws:
                await asyncio.get_running_loop().run_in_executor(None, server.stop)
                with pytest.raises(ConnectionClosed) as caught:
                    await ws.recv()
                return caught.value

        server = serve()
        closed = asyncio.run(stopped(server))
        assert (closed.code, closed.reason) == (1001, "the server stops")
        server.stop()
        with socket.create_server(("127.0.0.1", server.port)):
            pass

    def test_tells_who_wants_to_know_when_it_is_over(self) -> None:
        server = serve()
        told: list[bool] = []
        server.when_stopped(lambda: told.append(server.running))
        assert told == []
        server.stop()
        server.stop()
        assert told == [False]

    def test_from_inside_a_handler(self) -> None:
        async def suicide(ws: WebSocket) -> None:
            server.stop()

        async def code(url: str) -> int:
            async with connect(url) as ws:
                with pytest.raises(ConnectionClosed) as caught:
                    await ws.recv()
                return caught.value.code

        with serve(suicide) as server:
            assert asyncio.run(code(server.url)) == 1011
            assert "Inside a handler, use await instead" in server.errors[0]
            assert server.running
            assert asyncio.run(once(server.url_of("/echo"))) == "Hello"

    def test_ends_what_handlers_left_running(self, capfd: pytest.CaptureFixture[str]) -> None:
        ended = []

        async def forgetful(ws: WebSocket) -> None:
            async def tick() -> None:
                try:
                    await asyncio.Event().wait()
                finally:
                    ended.append(True)

            self.task = asyncio.create_task(tick())
            await ws.send(await ws.recv())

        with serve(forgetful) as server:
            assert asyncio.run(once(server.url)) == "Hello"
        assert ended == [True]
        assert capfd.readouterr() == ("", "")

    def test_waiting_until_another_thread_stops_it(self) -> None:
        server = serve()
        threading.Timer(0.05, server.stop).start()
        server.wait()
        assert not server.running

    def test_nothing_is_left(self) -> None:
        process = psutil.Process()
        serve().stop()
        files, threads = process.num_fds(), threading.active_count()
        for _ in range(20):
            with serve() as server:
                socket.create_connection(("127.0.0.1", server.port)).close()
        assert process.num_fds() == files
        assert threading.active_count() == threads


class TestErrors:
    def test_are_kept_and_not_printed(self, capfd: pytest.CaptureFixture[str]) -> None:
        async def background(ws: WebSocket) -> None:
            async def fail() -> None:
                raise ZeroDivisionError("in the background")

            asyncio.create_task(fail())  # noqa: RUF006 - that is what goes wrong here
            await ws.send(await ws.recv())
            raise ZeroDivisionError("in the handler")

        with serve(background) as server:
            assert asyncio.run(once(server.url)) == "Hello"
            wait_for(server, 0)
        assert sorted(server.errors) == [
            "GET /background: ZeroDivisionError: in the handler",
            "Task exception was never retrieved: ZeroDivisionError: in the background",
        ]
        assert capfd.readouterr() == ("", "")


class TestWhileTheMainThreadIsBusy:
    def test_a_notebook_cell_that_blocks(self) -> None:
        """The client, in another process, gets its answer while this thread waits for it."""
        client = """
            import asyncio, sys
            from wslearn.net import connect

            async def main():
                async with connect(sys.stdin.readline().strip()) as ws:
                    await ws.send("Hello")
                    print(await ws.recv())

            asyncio.run(main())
            """
        with serve() as server:
            out, err = python(client).communicate(server.url, timeout=30)
        assert (out, err) == ("Hello\n", "")


class TestScripts:
    def test_serve_can_be_awaited(self) -> None:
        async def main() -> str | bytes:
            server = await serve()
            answer = await once(server.url)
            server.stop()
            return answer

        assert asyncio.run(main()) == "Hello"

    def test_one_that_forgets_to_stop(self) -> None:
        script = python("from wslearn.net import serve; print(serve().url[:15])")
        assert script.communicate(timeout=30) == ("ws://127.0.0.1:\n", "")
        assert script.returncode == 0

    def test_one_that_waits_for_control_c(self) -> None:
        script = python("""
            from wslearn.net import serve
            server = serve()
            print(server.port, flush=True)
            server.wait()
            print(server)
            """)
        assert script.stdout is not None
        port = int(script.stdout.readline())
        assert asyncio.run(once(f"ws://127.0.0.1:{port}/echo")) == "Hello"
        time.sleep(0.05)
        os.kill(script.pid, signal.SIGINT)
        assert script.communicate(timeout=30) == ("<wslearn server stopped: /echo>\n", "")
        assert script.returncode == 0
