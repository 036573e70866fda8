"""The tap: everything goes through, everything is recorded, and neither side can tell that it is there."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from urllib.request import urlopen

import pytest
import trustme

from tests.net.wires import fill, read_all, reset, wire
from wslearn import (
    Deflate,
    Frame,
    HandshakeError,
    Opcode,
    UsageError,
)
from wslearn.net import Tap, connect, serve
from wslearn.net.forward import Side

if TYPE_CHECKING:
    pass

MiB = 1 << 20


def talk(url: str, *messages: str | bytes, **options: object) -> list[str | bytes]:
    """Send messages one by one; return the answers."""

    async def session() -> list[str | bytes]:
        async with connect(url, **options) as ws:  # type: ignore[arg-type]
            answers = []
            for message in messages:
                await ws.send(message)
                answers.append(await ws.recv())
            return answers

    return asyncio.run(session())


class TestInFrontOfAServer:
    def test_our_echo(self) -> None:
        with serve() as server, Tap(server) as tap:
            assert talk(tap.url, "Hello", bytes(300), bytes(70_000)) == ["Hello", bytes(300), bytes(70_000)]
            capture = tap.wait().wait()
            opcodes = [Opcode.TEXT, Opcode.BINARY, Opcode.BINARY, Opcode.CLOSE]
            for side in ("client", "server"):
                frames = capture.frames(side)
                assert [frame.opcode for frame in frames] == opcodes
                assert [frame.payload for frame in frames[:3]] == [b"Hello", bytes(300), bytes(70_000)]
                assert all((frame.masking_key is not None) is (side == "client") for frame in frames)
                told = capture.explain(side)
                assert told.fault is None
                assert told.frames == frames
            assert capture.request is not None
            assert capture.request.path == "/echo"
            assert capture.response is not None
            assert capture.response.status == 101
            assert capture.server == ("127.0.0.1", server.port)
            assert capture.closed
            assert capture.closed_by == "server"  # §7.1.1: the server hangs up first
            assert [(end.direction, end.how) for end in capture.ends] == [
                ("server", "FIN"),
                ("client", "FIN"),
            ]
            assert tap.connections == [capture]
            assert tap.errors == []
            assert tap.dropped == 0

    def test_tornados_echo(self) -> None:
        with serve() as server, Tap(server.url_of("/tornado")) as tap:
            assert tap.url == f"ws://127.0.0.1:{tap.port}/tornado"
            assert talk(tap.url, "Hello") == ["Hello"]
            capture = tap.wait().wait()
            assert str(capture.frames("server")[0]) == "text, 5 bytes “Hello”, FIN"
            assert capture.response is not None
            assert "TornadoServer" in capture.response.headers.get("Server")

    def test_tls_stays_tls(self) -> None:
        authority = trustme.CA()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        with serve(ssl_context=context) as server, Tap(server) as tap:
            assert tap.url.startswith("wss://127.0.0.1:")
            assert talk(tap.url, "a secret", ssl_context=trust) == ["a secret"]
            capture = tap.wait().wait()
        assert capture.bytes_from("client").startswith(b"\x16\x03\x01")  # a TLS handshake record
        assert capture.bytes_from("server").startswith(b"\x16\x03\x03")
        assert b"secret" not in capture.bytes_from("client") + capture.bytes_from("server")
        assert capture.frames("client") == []
        assert capture.request is None
        assert capture.response is None
        assert repr(capture) == "<Capture>"

    def test_compressed_frames_are_explained_by_what_the_handshake_agreed_on(self) -> None:
        with serve() as server, Tap(server) as tap:
            assert talk(tap.url, "Hello" * 20, deflate=Deflate()) == ["Hello" * 20]
            capture = tap.wait().wait()
        for side in ("client", "server"):
            assert capture.frames(side)[0].rsv1
            told = capture.explain(side)
            assert told.fault is None
            assert told.events[0] == "Hello" * 20

    def test_a_refusal_has_no_frames(self) -> None:
        with serve() as server, Tap(server) as tap:
            with pytest.raises(HandshakeError, match="404"):
                talk(tap.url.replace("/echo", "/nowhere"))
            capture = tap.wait().wait()
            assert capture.response is not None
            assert capture.response.status == 404
            assert capture.frames("server") == []
            assert capture.explain("client").fault is None

    def test_a_page(self) -> None:
        with serve() as server, Tap(server.page) as tap:
            with urlopen(tap.url, timeout=10) as page:
                body = page.read()
            capture = tap.wait().wait()
            assert capture.bytes_from("server").endswith(body)
            assert capture.request is not None
            assert repr(capture) == "<Capture GET />"
            assert capture.frames("client") == []

    def test_a_client_that_vanishes(self) -> None:
        async def vanish(url: str) -> None:
            ws = await connect(url)
            await ws.send("last words")
            await ws.recv()
            ws.abort()

        with serve() as server, Tap(server) as tap:
            asyncio.run(vanish(tap.url))
            capture = tap.wait().wait()
            assert capture.closed_by == "client"
            assert [frame.opcode for frame in capture.frames("client")] == [Opcode.TEXT]
            assert talk(tap.url, "and the next one") == ["and the next one"]
            assert tap.wait(2).wait().closed_by == "server"

    def test_many_at_once_read_while_they_run(self) -> None:
        async def crowd(url: str) -> None:
            async def one(number: int) -> None:
                async with connect(url) as ws:
                    for turn in range(20):
                        await ws.send(f"{number}/{turn}")
                        assert await ws.recv() == f"{number}/{turn}"

            await asyncio.gather(*map(one, range(20)))

        with serve() as server, Tap(server) as tap:
            clients = threading.Thread(target=asyncio.run, args=[crowd(tap.url)])
            clients.start()
            while clients.is_alive():
                clients.join(0.01)
                for capture in tap.connections:
                    assert capture.pcapng()
                    assert capture.explain("client").fault is None
            captures = [capture.wait() for capture in tap.connections]
        said = sorted(capture.frames("client")[-2].payload for capture in captures)
        assert said == sorted(f"{number}/19".encode() for number in range(20))
        for capture in captures:
            sent = [frame.payload for frame in capture.frames("client")]
            assert sent == [frame.payload for frame in capture.frames("server")]


class TestForwarding:
    def test_bytes_of_both_sides_in_their_order_and_time(self) -> None:
        with wire() as it:
            for number, (sender, receiver) in enumerate([(it.client, it.server), (it.server, it.client)] * 2):
                sender.sendall(b"%d" % number)
                assert receiver.recv(10) == b"%d" % number
                time.sleep(0.01)
            records = it.capture.wait(records=4).records
            assert [(record.direction, record.data) for record in records] == [
                ("client", b"0"),
                ("server", b"1"),
                ("client", b"2"),
                ("server", b"3"),
            ]
            times = [record.time for record in records]
            assert all(later - earlier > 0.005 for earlier, later in pairwise(times))
            assert it.capture.bytes_from("client") == b"02"
            assert it.capture.client == it.client.getsockname()
            assert not it.capture.closed
            assert it.capture.closed_by is None

    def test_section_5_4_frames_stay_as_they_are(self) -> None:
        """Also where nobody can know what they mean: the tap has seen no handshake."""
        frames = [
            Frame(Opcode.TEXT, b"Hel", fin=False),
            Frame(Opcode.PING, bytes(125)),
            Frame(Opcode.CONTINUATION, rsv2=True, fin=False),
            Frame(Opcode.CONTINUATION, b"lo"),
            Frame(Opcode.PONG, b"a control frame", fin=False),
            Frame(3, bytes(200), rsv1=True, rsv3=True, fin=False),
        ]
        data = b"".join(frame.serialize() for frame in frames)
        with wire() as it:
            for sender, receiver in ((it.client, it.server), (it.server, it.client)):
                for at in range(0, len(data), 7):  # in pieces, which are no frames
                    sender.sendall(data[at : at + 7])
                sender.shutdown(socket.SHUT_WR)
                assert read_all(receiver) == data

    @pytest.mark.parametrize("slow", ["server", "client"])
    def test_a_slow_reader_stops_the_writer(self, slow: str) -> None:
        with wire(max_bytes=MiB) as it:
            reader, writer = (it.server, it.client) if slow == "server" else (it.client, it.server)
            taken = fill(writer, 64 * MiB)
            assert taken < 32 * MiB  # what the kernels and the tap hold between them

            def finish() -> None:
                writer.sendall(bytes(MiB))
                writer.close()

            rest = threading.Thread(target=finish)
            rest.start()
            assert len(read_all(reader)) == taken + MiB  # nothing is lost, recorded or not
            rest.join()
            assert it.capture.dropped["client" if slow == "server" else "server"] > 0

    def test_one_side_may_end_while_the_other_goes_on(self) -> None:
        with wire() as it:
            it.client.sendall(b"all of it")
            it.client.shutdown(socket.SHUT_WR)
            assert read_all(it.server) == b"all of it"
            it.server.sendall(b"thanks")
            it.server.close()
            assert read_all(it.client) == b"thanks"
            capture = it.capture.wait()
            assert [(end.direction, end.how) for end in capture.ends] == [
                ("client", "FIN"),
                ("server", "FIN"),
            ]
            assert capture.ends[0].time <= capture.records[-1].time <= capture.ends[1].time

    @pytest.mark.parametrize("culprit", ["client", "server"])
    def test_a_reset_arrives_as_a_reset(self, culprit: str) -> None:
        with wire() as it:
            crashing, other = (it.client, it.server) if culprit == "client" else (it.server, it.client)
            crashing.sendall(b"x")
            assert other.recv(1) == b"x"
            reset(crashing)
            with pytest.raises(ConnectionResetError):
                other.recv(1)
            capture = it.capture.wait()
            assert [(end.direction, end.how) for end in capture.ends] == [(culprit, "RST")]
            assert capture.closed_by == culprit
            assert it.tap.errors == []

    def test_a_reset_is_seen_by_writing_too(self) -> None:
        with wire() as it:
            it.client.shutdown(socket.SHUT_WR)
            assert it.server.recv(1) == b""
            reset(it.client)
            with pytest.raises(ConnectionError):  # noqa: PT012 - the first ones can still be sent
                for _ in range(100):
                    it.server.sendall(b"to nobody")
                    time.sleep(0.01)
            assert [(end.direction, end.how) for end in it.capture.wait().ends] == [
                ("client", "FIN"),
                ("client", "RST"),
            ]

    def test_both_may_crash_at_once(self) -> None:
        with wire() as it, stalled(it.tap):
            reset(it.client)
            reset(it.server)
        capture = it.tap.wait().wait()
        assert sorted((end.direction, end.how) for end in capture.ends) == [
            ("client", "RST"),
            ("server", "RST"),
        ]
        assert it.tap.errors == []

    def test_an_end_for_a_side_that_has_just_crashed(self) -> None:
        with wire() as it:
            with stalled(it.tap):
                it.client.close()
                reset(it.server)
            assert [end.how for end in it.capture.wait().ends] == ["FIN", "RST"]
            assert it.tap.errors == []

    def test_without_a_target_the_client_is_let_go_and_told_nowhere_else(
        self, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with Tap(("127.0.0.1", unused_port())) as tap:
            with pytest.raises((HandshakeError, OSError)):
                talk(tap.url)
            assert tap.connections == []
            (error,) = tap.errors
            assert "ConnectionRefusedError" in error
        assert capfd.readouterr() == ("", "")

    def test_a_host_that_cannot_be_one(self) -> None:
        with Tap((64 * "a" + ".example", 80)) as tap:
            with socket.create_connection(("127.0.0.1", tap.port), timeout=10) as client:
                assert client.recv(1) == b""
            assert "UnicodeError" in tap.errors[0]

    def test_what_goes_wrong_inside_is_kept_not_printed(self, capfd: pytest.CaptureFixture[str]) -> None:
        with wire() as it:
            assert it.tap._thread is not None
            loop = it.tap._thread.loop
            it.tap._thread.call(
                lambda: loop.call_exception_handler(
                    {"message": "accept failed", "exception": OSError(24, "x")}
                )
            )
            assert it.tap.errors == ["accept failed: OSError(24, 'x')"]
        assert capfd.readouterr() == ("", "")

    def test_a_peer_without_an_address(self) -> None:
        side = Side("server")
        side.transport = cast("asyncio.Transport", SimpleNamespace(get_extra_info=lambda name: None))
        assert side.address == ("0.0.0.0", 0)


class TestMemory:
    def test_used_up_it_forwards_and_says_what_is_missing(self) -> None:
        with wire(max_bytes=4096) as it:
            for size in (1000, 5000, 10):
                it.client.sendall(bytes(size))
                assert len(it.server.recv(size, socket.MSG_WAITALL)) == size
            it.client.close()
            it.server.close()
            capture = it.capture.wait()
            assert len(capture.bytes_from("client")) + capture.dropped["client"] == 6010
            assert capture.dropped["client"] >= 10  # nothing behind a gap
            assert it.tap.dropped == capture.dropped["client"]
            assert repr(capture) == "<Capture, incomplete>"

    def test_not_even_for_a_connection(self) -> None:
        with serve() as server, Tap(server, max_bytes=0) as tap:
            assert talk(tap.url, "Hello") == ["Hello"]
            assert tap.connections == []
            assert tap.dropped > 300


class TestLife:
    def test_stop_drops_connections_and_keeps_the_recordings(self) -> None:
        with wire() as it:
            it.client.sendall(b"x")
            it.server.recv(1)
            assert repr(it.tap) == "<Tap running>"
            it.tap.stop()
            it.tap.stop()
            assert repr(it.tap) == "<Tap stopped>"
            assert it.client.recv(1) == b""
            capture = it.capture.wait(records=2)
            assert capture.closed
            assert capture.closed_by is None
            assert capture.bytes_from("client") == b"x"
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", it.tap.port), timeout=10)

    def test_stop_does_not_wait_for_a_target_that_does_not_answer(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connecting = threading.Event()

        async def never(tap: Tap) -> Side:
            connecting.set()
            await asyncio.Event().wait()
            raise AssertionError

        monkeypatch.setattr(Tap, "_reach", never)
        tap = Tap(("127.0.0.1", unused_port()))
        with socket.create_connection(("127.0.0.1", tap.port), timeout=10) as client:
            assert connecting.wait(10)
            tap.stop()
            assert client.recv(1) == b""

    def test_a_port_that_is_taken(self) -> None:
        with serve() as server, pytest.raises(UsageError, match="Cannot listen"):
            Tap(server, port=server.port)

    def test_waiting_has_an_end(self) -> None:
        with wire() as it:
            with pytest.raises(TimeoutError, match="1 of 2 connections"):
                it.tap.wait(2, timeout=0.01)
            with pytest.raises(TimeoutError):
                it.capture.wait(timeout=0.01)
            it.client.sendall(b"x")
            it.server.recv(1)
            assert it.capture.wait(records=1, sender="client") is it.capture
            with pytest.raises(TimeoutError):
                it.capture.wait(records=1, sender="server", timeout=0.01)


class TestTarget:
    @pytest.mark.parametrize(
        ("target", "url"),
        [
            ("ws://127.0.0.1:1234/echo?a=b", "ws://127.0.0.1:{}/echo?a=b"),
            ("https://example.org/lab?token=x", "https://127.0.0.1:{}/lab?token=x"),
            ("wss://localhost", "wss://localhost:{}"),
            ("http://user:word@[::1]:81/", "http://127.0.0.1:{}/"),
            (("example.org", 80), "ws://127.0.0.1:{}/"),
            (("::1", 80), "ws://127.0.0.1:{}/"),
        ],
    )
    def test_the_url_is_the_targets_with_another_port(self, target: str | tuple[str, int], url: str) -> None:
        with Tap(target) as tap:
            assert tap.url == url.format(tap.port)

    @pytest.mark.parametrize(
        "target", ["", "example.org", "ftp://example.org", "ws:///x", "ws://h:0/", "ws://h:99999", ("", 80)]
    )
    def test_no_target(self, target: str | tuple[str, int]) -> None:
        with pytest.raises(UsageError, match="URL"):
            Tap(target)

    def test_ipv6(self) -> None:
        with serve(host="::1") as server, Tap(server, "::1") as tap:
            assert tap.url == f"ws://[::1]:{tap.port}/echo"
            assert talk(tap.url, "Hello") == ["Hello"]
            assert tap.wait().server == ("::1", server.port)


@contextmanager
def stalled(tap: Tap) -> Iterator[None]:
    """Keep a tap's thread from looking while several things happen at once."""
    tap.wait()
    assert tap._thread is not None
    reached, go = threading.Event(), threading.Event()

    def stall() -> None:
        reached.set()
        go.wait(10)

    tap._thread.loop.call_soon_threadsafe(stall)
    assert reached.wait(10)
    yield
    go.set()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])
