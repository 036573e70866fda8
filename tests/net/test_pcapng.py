"""What Wireshark makes of a saved capture: the same frames, and a network without fault."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
import trustme

from tests.net.wires import reset, wire
from wslearn import Deflate, Frame, Opcode
from wslearn.connection import Role
from wslearn.net import Capture, Tap, WebSocket, connect, serve
from wslearn.net.record import Budget

NOTE, WARNING = 0x400000, 0x600000  # severities of Wireshark's "expert information"
CHECKSUMS = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")


def tshark(path: Path, *options: str) -> str:
    """Read a capture with Wireshark's command line, all checksums checked."""
    command = ["tshark", "-n", "-r", str(path), *CHECKSUMS, *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def fields(path: Path, *names: str, only: str = "") -> list[list[str]]:
    """Read some fields of each packet."""
    chosen = [word for name in names for word in ("-e", name)]
    lines = tshark(path, "-Y", only, "-T", "fields", *chosen).splitlines()
    return [line.split("\t") for line in lines]


class Seen(NamedTuple):
    """A frame as Wireshark dissects it."""

    port: int
    opcode: int
    fin: bool
    rsv: int
    masking_key: bytes | None
    size: int


def seen_frames(path: Path) -> list[Seen]:
    """Read every WebSocket frame in a file, in the order of the wire."""
    frames = []
    for packet in ET.fromstring(tshark(path, "-Y", "websocket", "-T", "pdml")).iter("packet"):
        port = packet.find(".//field[@name='tcp.srcport']")
        assert port is not None
        for layer in packet.iterfind("proto[@name='websocket']"):
            shown = {field.get("name", ""): field.get("show", "") for field in layer.iter("field")}
            key = shown.get("websocket.masking_key", "").replace(":", "")
            assert (shown["websocket.mask"] == "1") is bool(key)
            sizes = [shown[name] for name in shown if name.startswith("websocket.payload_length")]
            frames.append(
                Seen(
                    int(port.get("show", "")),
                    int(shown["websocket.opcode"]),
                    shown["websocket.fin"] == "1",
                    int(shown["websocket.rsv"], 16),
                    bytes.fromhex(key) or None,
                    int(sizes[-1]),
                )
            )
    return frames


def sent_frames(capture: Capture) -> dict[int, list[Seen]]:
    """Say the same of what the tap recorded, for each port."""
    ports: dict[Role, int] = {"client": capture.client[1], "server": capture.server[1]}
    return {
        port: [
            Seen(
                port,
                frame.opcode,
                frame.fin,
                (frame.first_byte >> 4) & 0x7,
                frame.masking_key,
                len(frame.payload),
            )
            for frame in capture.frames(side)
        ]
        for side, port in ports.items()
    }


def by_port(frames: list[Seen]) -> dict[int, list[Seen]]:
    """Sort frames by their sender."""
    return {
        port: list(group)
        for port, group in groupby(sorted(frames, key=lambda each: each.port), lambda f: f.port)
    }


def faultless(path: Path) -> None:
    """Assert that the network in a file is one that nobody could complain of."""
    packets = fields(path, "tcp.checksum.status", "ip.checksum.status", "ip.version", "tcp.stream")
    assert packets
    assert {tuple(packet[:3]) for packet in packets} <= {("1", "1", "4"), ("1", "", "6")}
    # A FIN earns a note, whatever else there is to say.
    severity = f"_ws.expert.severity >= {NOTE} && (_ws.expert.severity >= {WARNING} || !tcp.flags.fin)"
    assert tshark(path, "-Y", f"tcp.analysis.flags || _ws.malformed || ({severity})") == ""


async def everything(ws: WebSocket) -> None:
    """Send each kind of frame, with each form of length, and wait for what comes back."""
    for message in (
        "Hello",
        "",
        bytes(125),
        bytes(126),
        bytes(range(256)) * 255,
        bytes(65536),
        bytes(200_000),
    ):
        await ws.send(message)
        assert await ws.recv() == message
    await ws.ping(b"are you there?")
    await ws.send("Hel", fin=False)
    await ws.ping()
    await ws.send("", fin=False)
    await ws.send("lo")
    assert await ws.recv() == "Hello"
    for number in range(5):
        await ws.send(f"message {number}")
    assert [await ws.recv() for _ in range(5)] == [f"message {number}" for number in range(5)]
    await ws.close(4000, "done, thank you")


def run_everything(tap: Tap, **options: object) -> Capture:
    async def session() -> None:
        await everything(await connect(tap.url, **options))  # type: ignore[arg-type]

    number = len(tap.connections) + 1
    asyncio.run(session())
    return tap.wait(number).wait()


@pytest.fixture(params=["127.0.0.1", "::1"])
def tap(request: pytest.FixtureRequest) -> Iterator[Tap]:
    with serve(host=request.param) as server, Tap(server, request.param) as tap:
        yield tap


@pytest.mark.needs("tshark")
class TestTshark:
    def test_the_same_frames(self, tap: Tap, tmp_path: Path) -> None:
        capture = run_everything(tap)
        tap.save(tmp_path / "all.pcapng")
        faultless(tmp_path / "all.pcapng")
        seen, sent = by_port(seen_frames(tmp_path / "all.pcapng")), sent_frames(capture)
        assert seen == sent
        frames = seen[capture.client[1]]
        assert [each.opcode for each in frames] == [1, 1, 2, 2, 2, 2, 2, 9, 1, 9, 0, 0, 1, 1, 1, 1, 1, 8]
        assert [each.size for each in frames[:8]] == [5, 0, 125, 126, 65280, 65536, 200_000, 14]
        assert [each.fin for each in frames[8:12]] == [False, True, False, True]

    def test_the_same_payloads(self, tap: Tap, tmp_path: Path) -> None:
        capture = run_everything(tap)
        path = tmp_path / "all.pcapng"
        path.write_bytes(capture.pcapng())
        hello, *_ = fields(path, "websocket.payload.text", only="websocket.payload.text")
        assert hello == ["Hello"]
        closing = fields(
            path,
            "websocket.payload.close.status_code",
            "websocket.payload.close.reason",
            only="websocket.opcode == 8",
        )
        assert closing == [["4000", "done, thank you"]] * 2
        handshake = fields(path, "http.request.uri", "http.response.code", "http.upgrade", only="http")
        assert [line[-3:] for line in handshake][:2] == [["/echo", "", "websocket"], ["", "101", "websocket"]]

    def test_two_connections_in_one_file(self, tap: Tap, tmp_path: Path) -> None:
        captures = [run_everything(tap), run_everything(tap)]
        tap.save(tmp_path / "two.pcapng")
        faultless(tmp_path / "two.pcapng")
        streams = fields(tmp_path / "two.pcapng", "tcp.stream", "frame.time_epoch")
        assert {stream for stream, _ in streams} == {"0", "1"}
        times = [float(when) for _, when in streams]
        assert times == sorted(times)
        assert abs(times[0] - time.time()) < 100
        seen = by_port(seen_frames(tmp_path / "two.pcapng"))
        for capture in captures:
            assert seen[capture.client[1]] == sent_frames(capture)[capture.client[1]]

    def test_compressed_messages_are_inflated(self, tap: Tap, tmp_path: Path) -> None:
        capture = run_everything(tap, deflate=Deflate())
        (tmp_path / "deflated.pcapng").write_bytes(capture.pcapng())
        assert by_port(seen_frames(tmp_path / "deflated.pcapng")) == sent_frames(capture)
        texts = fields(tmp_path / "deflated.pcapng", "websocket.payload.text", only="websocket.payload.text")
        assert ["Hello"] in texts

    def test_tls(self, tmp_path: Path) -> None:
        authority = trustme.CA()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        with serve(ssl_context=context) as server, Tap(server) as tap:
            run_everything(tap, ssl_context=trust)
            tap.save(tmp_path / "tls.pcapng")
        faultless(tmp_path / "tls.pcapng")
        hellos = fields(tmp_path / "tls.pcapng", "tls.handshake.type", only="tls.handshake.type")
        assert [kinds[:1] for (kinds,) in hellos[:2]] == ["1", "2"]  # ClientHello, ServerHello

    def test_the_end_as_it_was(self, tmp_path: Path) -> None:
        path = tmp_path / "reset.pcapng"
        with wire() as it:
            it.client.sendall(b"Hello")
            it.server.recv(5)
            path.write_bytes(it.capture.pcapng())
            assert flags(path) == ["S", "SA", "A", "PA", "A"]  # still open
            reset(it.server)
            path.write_bytes(it.capture.wait().pcapng())
            assert flags(path) == ["S", "SA", "A", "PA", "A", "RA"]
        with wire() as it:
            it.client.close()
            it.server.close()
            path.write_bytes(it.capture.wait().pcapng())
            assert flags(path) == ["S", "SA", "A", "FA", "A", "FA", "A"]
            faultless(path)

    def test_both_kinds_of_address(self, tmp_path: Path) -> None:
        with wire("::1") as it:
            it.client.sendall(b"Hello")
            it.server.recv(5)
            (tmp_path / "mixed.pcapng").write_bytes(it.capture.pcapng())
        faultless(tmp_path / "mixed.pcapng")
        first, *_ = fields(tmp_path / "mixed.pcapng", "ipv6.src", "ipv6.dst")
        assert first == ["::ffff:127.0.0.1", "::1"]

    def test_what_was_not_recorded_is_missing_in_the_file_too(self, tmp_path: Path) -> None:
        with wire(max_bytes=4096) as it:
            it.client.sendall(bytes(5000))
            it.client.close()
            it.server.close()
            capture = it.capture.wait()
        assert capture.dropped["client"] > 0
        (tmp_path / "gap.pcapng").write_bytes(capture.pcapng())
        assert fields(tmp_path / "gap.pcapng", "tcp.len", only="tcp.analysis.lost_segment") == [["0"]]


def flags(path: Path) -> list[str]:
    """Give the flags of each TCP packet by their first letters."""
    letters = {0x10: "A", 0x08: "P", 0x04: "R", 0x02: "S", 0x01: "F"}
    numbers = [int(number, 16) for (number,) in fields(path, "tcp.flags")]
    return ["".join(sorted((letters[bit] for bit in letters if n & bit), key="SFRPA".index)) for n in numbers]


class TestBytes:
    def test_the_same_capture_gives_the_same_file(self) -> None:
        capture = Capture(("fe80::1%eth0", 50000), ("10.0.0.1", 80), 0, Budget(1 << 20))
        capture.record("client", Frame(Opcode.TEXT, b"Hello").serialize())
        capture.end("client", "RST")
        capture.finish()
        assert capture.pcapng() == capture.pcapng()
        assert b"Hello" in capture.pcapng()

    def test_blocks_are_whole(self) -> None:
        capture = Capture(("10.0.0.2", 50000), ("10.0.0.1", 80), 0, Budget(1 << 20))
        for size in (1, 2, 3, 200_000):
            capture.record("server", bytes(size))
        data, kinds = capture.pcapng(), []
        while data:
            size = int.from_bytes(data[4:8], "big")
            assert size % 4 == 0
            assert data[size - 4 : size] == data[4:8]
            kinds.append(int.from_bytes(data[:4], "big"))
            data = data[size:]
        assert kinds == [0x0A0D0D0A, 1, *[6] * (3 + 2 * 3 + 2 * 4)]  # 200,000 bytes take four segments
