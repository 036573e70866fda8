"""WebSockets over HTTP/2 (RFC 8441): our two ends with each other, and what the wire says."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, ResponseReceived, SettingsAcknowledged

from tests.net.on_loop import on_loop, until
from wslearn import ConnectionClosed, Frame, HandshakeError, Opcode, State, UsageError
from wslearn.labs.http2 import Http2Client, Http2Server, Http2WebSocket, extended_connect
from wslearn.labs.http2.frames import PREFACE, FrameReader
from wslearn.labs.http2.session import CANCEL, Session, hang_up
from wslearn.net import Tap, serve

AUTHORITY = trustme.CA()
LEAF = AUTHORITY.issue_cert("127.0.0.1")


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    LEAF.configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(context)
    return context


@pytest.fixture
def server() -> Iterator[Http2Server]:
    with Http2Server(server_context(), subprotocols=["v2", "v1"]) as started:
        yield started
        assert list(started.errors) == []


class TestRfc8441:
    @on_loop
    async def test_section_3_the_server_s_settings_allow_it(self, server: Http2Server) -> None:
        async with Http2Client(server.url, client_context()) as client:
            assert client.extended
            first = next(each for each in client.session.frames if each.sender == "server")
            assert first.kind == "SETTINGS"
            assert bytes.fromhex("0008 00000001") in first.payload

    @on_loop
    async def test_section_3_without_them_nothing_is_asked(
        self, server: Http2Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with Http2Client(server.url, client_context()) as client:
            client.session.h2.remote_settings[8] = 0
            client.session.h2.remote_settings.acknowledge()
            before = len(client.session.frames)
            with pytest.raises(HandshakeError, match="do not allow"):
                await client.open()
            assert len(client.session.frames) == before

    def test_section_4_the_request(self) -> None:
        assert extended_connect("wss://example.org:8443/chat?room=1", ["v2", "v1"]) == [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "https"),
            (":path", "/chat?room=1"),
            (":authority", "example.org:8443"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "v2, v1"),
        ]
        assert dict(extended_connect("ws://example.org"))[":scheme"] == "http"

    @on_loop
    async def test_section_5_the_answer_is_200_and_has_no_accept(self, server: Http2Server) -> None:
        async with Http2Client(server.url, client_context()) as client:
            ws = await client.open(subprotocols=["v3", "v1", "v2"])
            assert ws.response == [(":status", "200"), ("sec-websocket-protocol", "v1")]
            assert ws.path == "/echo"

    @on_loop
    async def test_section_5_frames_travel_in_data_and_are_masked(self, server: Http2Server) -> None:
        async with Http2Client(server.url, client_context()) as client:
            ws = await client.open()
            await ws.send("Hello")
            assert await ws.recv() == "Hello"
            sent, received = [each for each in client.session.frames if each.kind == "DATA"]
            parsed = Frame.parse(sent.payload)
            assert parsed is not None
            assert (parsed[0].payload, len(parsed[0].masking_key or b"")) == (b"Hello", 4)
            assert received.payload == Frame(Opcode.TEXT, b"Hello").serialize()
            assert sent.stream == received.stream == ws.stream_id == 1

    @on_loop
    async def test_section_5_a_close_ends_the_stream(self, server: Http2Server) -> None:
        async with Http2Client(server.url, client_context()) as client:
            ws = await client.open()
            await ws.close(4000, "done")
            assert (ws.closed.code, ws.closed.reason, ws.state) == (4000, "done", State.CLOSED)
            ends = [str(each) for each in client.session.frames if "END_STREAM" in str(each)]
            assert ends == [f"{who}  DATA on stream 1, 0 bytes, END_STREAM" for who in ("server", "client")]
            again = await client.open()  # the connection goes on
            await again.send("still here")
            assert await again.recv() == "still here"

    @on_loop
    async def test_section_5_a_reset_is_an_end_without_a_close_frame(self) -> None:
        async def vanish(ws: Http2WebSocket) -> None:
            await ws.recv()
            ws._session.reset(ws.stream_id)

        with Http2Server(server_context(), vanish) as server:
            async with Http2Client(server.url, client_context()) as client:
                ws, other = await client.open(), await client.open()
                await ws.send("go")
                with pytest.raises(ConnectionClosed) as caught:
                    await ws.recv()
                assert caught.value.code == 1006
                assert other.state is State.OPEN
                last = client.session.frames[-1]
                assert (last.kind, last.payload) == ("RST_STREAM", CANCEL.to_bytes(4, "big"))
                await other.send("go")
                assert [each async for each in other] == []


class TestManyOnOne:
    @on_loop
    async def test_one_tcp_connection(self, server: Http2Server) -> None:
        async with Http2Client(server.url, client_context()) as client:
            sockets = await asyncio.gather(*(client.open() for _ in range(50)))
            for number, ws in enumerate(sockets):
                await ws.send(str(number))
            assert [await ws.recv() for ws in sockets] == [str(number) for number in range(50)]
            assert [ws.stream_id for ws in sockets] == list(range(1, 100, 2))
            await asyncio.gather(*(ws.close() for ws in sockets))
        assert server.connections == 1

    @on_loop
    async def test_the_next_one_costs_a_few_bytes(self, server: Http2Server) -> None:
        """And a whole TCP connection and TLS handshake by HTTP/1.1."""

        def size(tap: Tap) -> int:
            return sum(len(record.data) for each in tap.connections for record in each.records)

        with Tap(("127.0.0.1", server.port)) as tap:
            async with Http2Client(f"wss://127.0.0.1:{tap.port}/echo", client_context()) as client:
                first = await client.open()
                await first.send("settled")
                await first.recv()
                before = size(tap)
                second = await client.open()
                assert 0 < size(tap) - before < 200
                assert before > 1500
                await second.close()
                await first.close()

    @on_loop
    async def test_a_large_message_needs_more_than_one_window(self, server: Http2Server) -> None:
        async with Http2Client(server.url, client_context()) as client:
            ws, other = await client.open(), await client.open()
            large = "x" * 1_000_000
            sending = asyncio.create_task(ws.send(large))
            await other.send("small")
            assert await other.recv() == "small"
            assert await ws.recv() == large
            await sending
            kinds = {each.kind for each in client.session.frames}
            assert "WINDOW_UPDATE" in kinds

    @on_loop
    async def test_who_does_not_read_holds_up_nobody_else(self) -> None:
        """Each stream has a window of its own, as each TCP connection has."""
        sent = 0
        released = asyncio.Event()

        async def pour(ws: Http2WebSocket) -> None:
            nonlocal sent
            if await ws.recv() == "pour":
                for _ in range(500):
                    await ws.send(bytes(1000))
                    sent += 1
            await ws.send("done")
            await ws.recv()

        with Http2Server(server_context(), pour) as server:
            async with Http2Client(server.url, client_context()) as client:
                slow, quick = await client.open(), await client.open()
                await slow.send("pour")
                await until(lambda: slow._owed > 0)
                for _ in range(20):  # long enough for all 500, were nobody held up
                    await asyncio.sleep(0.01)
                assert 64 <= sent < 500
                await quick.send("and I?")
                assert await quick.recv() == "done"
                got = 0
                while await slow.recv() != "done":
                    got += 1
                assert (got, sent) == (500, 500)
                released.set()


class TestRefusals:
    @pytest.mark.parametrize(
        ("changed", "status"),
        [
            ({":path": "/nowhere"}, 404),
            ({":protocol": "webtransport"}, 501),
            ({"sec-websocket-version": "8"}, 400),
            ({"origin": "https://evil.example"}, 403),
            ({"origin": "null"}, 403),
            ({"origin": "https://127.0.0.1:8443"}, 200),
        ],
    )
    @on_loop
    async def test_by_status(self, server: Http2Server, changed: dict[str, str], status: int) -> None:
        fields = dict(extended_connect(server.url)) | changed
        async with Http2Client(server.url, client_context()) as client:
            ws = Http2WebSocket(client.session, "client", list(fields.items()))
            ws.stream_id = client.session.request(ws.request, ws)
            if status == 200:
                await ws.answered()
                await ws.close()
            else:
                with pytest.raises(HandshakeError) as caught:
                    await ws.answered()
                assert caught.value.status == status
                assert caught.value.headers[0] == (":status", str(status))
            await (await client.open()).close()  # the connection is as it was

    @on_loop
    async def test_a_plain_connect_is_for_proxies(self, server: Http2Server) -> None:
        async with Http2Client(server.url, client_context()) as client:
            ws = Http2WebSocket(client.session, "client", [(":method", "CONNECT"), (":authority", "a:1")])
            ws.stream_id = client.session.request(ws.request, ws)
            with pytest.raises(HandshakeError, match="501"):
                await ws.answered()

    @pytest.mark.parametrize(("status", "state"), [("200", State.OPEN), ("404", State.CONNECTING)])
    def test_what_comes_behind_a_refusal_is_no_frame(self, status: str, state: State) -> None:
        ws = Http2WebSocket(cast("Session", None), "client", [])
        ws.on_headers([(":status", status)])
        assert ws.state is state

    def test_ws_is_not_encrypted(self) -> None:
        with pytest.raises(UsageError, match="inside TLS"):
            Http2Client("ws://127.0.0.1:1/", client_context())

    @on_loop
    async def test_a_server_of_http_1_1_alone(self) -> None:
        with (
            serve(ssl_context=server_context()) as other,
            pytest.raises(HandshakeError, match="does not speak HTTP/2"),
        ):
            async with Http2Client(other.url, client_context()):
                pass

    @on_loop
    async def test_a_client_of_http_1_1_alone(self, server: Http2Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=client_context())
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await reader.read() == b""
        await hang_up(writer)

    @on_loop
    async def test_a_server_that_goes_away(self) -> None:
        server = Http2Server(server_context())
        async with Http2Client(server.url, client_context()) as client:
            ws = await client.open()
            await asyncio.to_thread(server.stop)
            with pytest.raises(ConnectionClosed) as caught:
                await ws.recv()
            assert caught.value.code == 1006
            with pytest.raises(ConnectionClosed):
                await ws.send("too late")
            await ws.close()
        server.stop()

    @on_loop
    async def test_an_application_that_fails(self) -> None:
        async def fail(ws: Http2WebSocket) -> None:
            raise ZeroDivisionError("oh")

        with Http2Server(server_context(), fail) as server:
            async with Http2Client(server.url, client_context()) as client:
                ws = await client.open()
                with pytest.raises(ConnectionClosed) as caught:
                    await ws.recv()
                assert caught.value.code == 1011
            assert list(server.errors) == ["/echo: ZeroDivisionError: oh"]

    @on_loop
    async def test_a_rule_of_websocket_broken(self, server: Http2Server) -> None:
        """§5.1: an unmasked frame of a client."""
        async with Http2Client(server.url, client_context()) as client:
            ws = await client.open()
            client.session.send(ws.stream_id, Frame(Opcode.TEXT, b"bare").serialize())
            with pytest.raises(ConnectionClosed) as caught:
                await ws.recv()
            assert caught.value.code == 1002

    @on_loop
    async def test_a_rule_of_http2_broken(self, server: Http2Server) -> None:
        context = client_context()
        context.set_alpn_protocols(["h2"])
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        writer.write(PREFACE + bytes(200))
        frames = FrameReader("server").feed(await reader.read())
        assert frames[-1].kind == "GOAWAY"
        await hang_up(writer)


class TestPage:
    @pytest.mark.parametrize(
        ("method", "path", "status"), [("GET", "/", 200), ("GET", "/x", 404), ("POST", "/", 405)]
    )
    @on_loop
    async def test_beside_websockets(self, server: Http2Server, method: str, path: str, status: int) -> None:
        """As `h2` alone asks for it."""
        context = client_context()
        context.set_alpn_protocols(["h2"])
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        client = H2Connection(H2Configuration(header_encoding="utf-8"))
        client.initiate_connection()
        fields = [(":method", method), (":path", path), (":scheme", "https"), (":authority", "a")]
        client.send_headers(1, fields, end_stream=method == "GET")
        if method == "POST":
            client.send_data(1, b"body", end_stream=True)
        writer.write(client.data_to_send())
        seen: list[object] = []
        while not any(type(each).__name__ == "StreamEnded" for each in seen):
            seen += client.receive_data(await reader.read(65536))
        answers = [each for each in seen if isinstance(each, ResponseReceived)]
        assert (":status", str(status)) in list[object](answers[0].headers)
        assert not any(isinstance(each, ConnectionTerminated) for each in seen)
        assert any(isinstance(each, SettingsAcknowledged) for each in seen)
        await hang_up(writer)


class TestFrames:
    def test_in_pieces(self) -> None:
        data = PREFACE + bytes.fromhex(
            "000003 00 01 00000005 616263 000000 04 01 00000000 000000 fa 00 80000001"
        )
        for size in (1, 2, 7, len(data)):
            reader = FrameReader("client")
            frames = [each for at in range(0, len(data), size) for each in reader.feed(data[at : at + size])]
            assert [str(each) for each in frames] == [
                "client  DATA on stream 5, 3 bytes, END_STREAM",
                "client  SETTINGS, 0 bytes, ACK",
                "client  type 250 on stream 1, 0 bytes",
            ]


@pytest.mark.needs("tshark")
@on_loop
async def test_wireshark_reads_it(tmp_path: Path, server: Http2Server) -> None:
    """An independent reader of the bytes on the wire, which is given the keys."""
    context = client_context()
    context.keylog_filename = str(tmp_path / "keys")
    with Tap(("127.0.0.1", server.port)) as tap:
        async with Http2Client(f"wss://127.0.0.1:{tap.port}/echo", context) as client:
            ws = await client.open()
            await ws.send("Hello, Wireshark")
            await ws.recv()
            await ws.close()
        await asyncio.to_thread(tap.connections[0].wait)
        tap.save(tmp_path / "h2.pcapng")
        port = tap.connections[0].server[1]
    command = [
        "tshark",
        "-n",
        "-r",
        str(tmp_path / "h2.pcapng"),
        "-o",
        f"tls.keylog_file:{tmp_path / 'keys'}",
    ]
    command += ["-d", f"tcp.port=={port},tls", "-Y", "http2", "-O", "http2,websocket", "-V"]
    run = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    assert re.search(r"Settings - Enable connect protocol : 1|Extended CONNECT", run.stdout), run.stdout[
        :3000
    ]
    for said in (":method: CONNECT", ":protocol: websocket", ":status: 200"):
        assert said in run.stdout


def test_without_h2() -> None:
    script = """
import sys
sys.modules["h2"] = None
import ssl
from wslearn.errors import UsageError
from wslearn.labs.http2.session import _connection
try:
    _connection(client=True)
except UsageError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == 'h2 is not installed: python -m pip install "wslearn[cluster]"\n'
