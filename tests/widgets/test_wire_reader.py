"""What crosses a connection, read while it crosses."""

import random
import time
import zlib

import pytest

from wslearn.explain import explain
from wslearn.frames import Frame, Opcode
from wslearn.net.capture import Capture
from wslearn.net.record import Budget
from wslearn.widgets.wire_event import WireEvent, clock
from wslearn.widgets.wire_reader import Reader

REQUEST = (
    b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
DEFLATED = REQUEST[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
DEFLATED_ANSWER = ANSWER[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
KEY = b"abcd"


def capture() -> Capture:
    return Capture(("127.0.0.1", 50001), ("127.0.0.1", 8765), time.perf_counter_ns(), Budget(1 << 24))


def opened() -> Capture:
    seen = capture()
    seen.record("client", REQUEST)
    seen.record("server", ANSWER)
    return seen


def read(seen: Capture) -> list[WireEvent]:
    return Reader(seen, 1).take(10_000)


def texts(seen: Capture) -> list[str]:
    return [event.text for event in read(seen) if event.kind != "note"]


def from_client(opcode: Opcode, payload: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin=fin, masking_key=KEY).serialize()


class TestOpeningHandshake:
    def test_heads_and_the_switch_between_http_and_frames(self) -> None:
        events = read(opened())
        assert [event.kind for event in events] == ["note", "http", "http", "note"]
        assert events[1].text == "GET /chat · Upgrade · Connection · Key · Version"
        assert "50001 ↔ 8765" in events[3].text
        assert [event.size for event in events[1:3]] == [len(REQUEST), len(ANSWER)]

    def test_a_head_that_comes_byte_by_byte(self) -> None:
        seen = capture()
        reader = Reader(seen, 1)
        heads = []
        for octet in REQUEST:
            seen.record("client", bytes([octet]))
            heads += [event for event in reader.take(100) if event.kind != "note"]
        assert [head.size for head in heads] == [len(REQUEST)]

    def test_a_refusal_and_its_body(self) -> None:
        seen = capture()
        seen.record("client", REQUEST)
        seen.record("server", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n")
        _, _, refused, body = read(seen)
        assert refused.hue == "fault"
        assert body.text == "body: no!"

    def test_pages_are_fetched_without_any_fault(self) -> None:
        seen = capture()
        for _ in range(2):
            seen.record("client", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            seen.record("server", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        events = [event for event in read(seen) if event.kind != "note"]
        assert [event.kind for event in events] == ["http", "http", "bytes"] * 2
        assert not any(event.fault or "✗" in event.text for event in events)

    def test_a_handshake_whose_upgrade_a_proxy_took_is_at_fault(self) -> None:
        seen = capture()
        seen.record("client", REQUEST.replace(b"Upgrade: websocket\r\n", b""))
        assert [event.fault is not None for event in read(seen)] == [False, True]

    def test_a_head_that_is_no_http(self) -> None:
        seen = capture()
        seen.record("client", b"GET nonsense\r\n\r\n")
        assert read(seen)[1].hue == "fault"

    def test_a_head_that_never_ends(self) -> None:
        seen = capture()
        seen.record("client", b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 20_000)
        assert read(seen)[1].hue == "fault"

    def test_frames_that_came_before_the_answer(self) -> None:
        seen = capture()
        seen.record("client", REQUEST + from_client(Opcode.TEXT, b"early"))
        seen.record("server", ANSWER)
        assert texts(seen)[-1] == "text “early”, masked"


class TestFrames:
    def test_without_a_handshake(self) -> None:
        seen = capture()
        seen.record("server", Frame(Opcode.PING, b"?").serialize())
        assert texts(seen) == ["ping “?”"]

    @pytest.mark.parametrize("seed", range(5))
    def test_any_cut_gives_the_same_events_as_explain_has_parts(self, seed: int) -> None:
        chance = random.Random(seed)
        frames = [from_client(Opcode.TEXT, b"%d" % number * number) for number in range(40)]
        frames[20:20] = [from_client(Opcode.BINARY, b"x" * 70_000), from_client(Opcode.PING)]
        data = b"".join(frames)
        seen = opened()
        reader = Reader(seen, 1)
        found = reader.take(100)[4:]
        at = 0
        while at < len(data):
            size = chance.choice([1, 2, 7, 100, 5_000])
            seen.record("client", data[at : at + size])
            at += size
            found += reader.take(chance.choice([1, 100]))
        while more := reader.take(100):
            found += more
        told = explain(data, "client")
        assert [event.size for event in found] == [
            (told[part.behind - 1].stop - told[part.first].start) // 8 for part in told.parts
        ]
        assert [event.start for event in found] == [
            len(REQUEST) + told[part.first].start // 8 for part in told.parts
        ]

    def test_fragments_know_their_message(self) -> None:
        seen = opened()
        first, ping = from_client(Opcode.TEXT, "ä".encode()[:1], fin=False), from_client(Opcode.PING)
        seen.record("client", first + ping + from_client(Opcode.CONTINUATION, "ä".encode()[1:]))
        *_, start, between, last = read(seen)
        assert start.message == last.message == len(REQUEST)
        assert between.message == between.start
        assert (start.plain, between.plain, last.plain) == (False, True, False)
        assert last.fault is None

    def test_a_character_that_is_cut_for_good_is_found_in_its_last_fragment(self) -> None:
        seen = opened()
        seen.record("client", from_client(Opcode.TEXT, b"\xc3", fin=False) + from_client(Opcode.CONTINUATION))
        fault = read(seen)[-1].fault
        assert fault is not None
        assert fault.section == "§8.1"

    def test_messages_that_share_a_window_are_legal(self) -> None:
        packer = zlib.compressobj(wbits=-15)
        seen = capture()
        seen.record("client", DEFLATED)
        seen.record("server", DEFLATED_ANSWER)
        for _ in range(2):
            packed = packer.compress(b"again and again ") + packer.flush(zlib.Z_SYNC_FLUSH)
            seen.record("client", Frame(Opcode.TEXT, packed[:-4], rsv1=True, masking_key=KEY).serialize())
        *_, first, second = read(seen)
        assert first.fault is second.fault is None
        assert second.size < first.size

    def test_a_fault_names_its_rule_and_ends_the_reading(self) -> None:
        seen = opened()
        seen.record("client", bytes.fromhex("81 01 41 81 01 41"))
        assert texts(seen)[2:] == [
            "✗ text “A”: A client must mask every frame: MASK is 0.",
            "not read any more",
        ]

    @pytest.mark.parametrize("data", ["82 7e 00 05", "82 ff 80 00 00 00 00 00 00 00"])
    def test_a_length_that_cannot_be(self, data: str) -> None:
        seen = opened()
        seen.record("client", bytes.fromhex(data))
        assert read(seen)[-1].fault is not None

    def test_nothing_counts_after_a_close_frame(self) -> None:
        seen = opened()
        seen.record("client", from_client(Opcode.CLOSE, b"\x03\xe8") + from_client(Opcode.TEXT, b"late"))
        assert texts(seen)[2:] == ["close 1000 NORMAL_CLOSURE, masked", "not read any more"]


class TestEnds:
    def test_how_each_side_ends_stands_behind_its_bytes(self) -> None:
        seen = opened()
        seen.end("client", "FIN")
        seen.record("server", Frame(Opcode.TEXT, b"bye").serialize())
        seen.end("server", "RST")
        seen.finish()
        reader = Reader(seen, 1)
        assert [event.text for event in reader.take(100)][4:] == [
            "FIN: sends no more",
            "text “bye”",
            "RST: gives the connection up",
        ]
        assert reader.is_done
        assert reader.take(100) == []

    def test_what_never_became_whole_is_shown_at_the_end(self) -> None:
        seen = opened()
        seen.record("client", bytes.fromhex("81 85 37"))
        assert len(read(seen)) == 4
        seen.finish()
        last = read(seen)[-1]
        assert last.text == "text masked, not whole"
        assert last.size == 3

    @pytest.mark.parametrize(("data", "kind"), [(b"GET / HT", "http"), (b"GET", "bytes")])
    def test_a_head_that_never_became_whole(self, data: bytes, kind: str) -> None:
        seen = capture()
        seen.record("client", data)
        seen.end("client", "FIN")
        seen.finish()
        assert [event.kind for event in read(seen)] == ["note", kind, "tcp"]


def test_no_more_is_taken_than_asked_for() -> None:
    seen = opened()
    seen.record("client", from_client(Opcode.TEXT, b"x") * 50)
    reader = Reader(seen, 1)
    assert [len(reader.take(20)) for _ in range(4)] == [20, 20, 14, 0]


def test_addresses_of_ipv6_are_in_brackets() -> None:
    seen = Capture(("::1", 50001), ("::1", 8765), time.perf_counter_ns(), Budget(1 << 20))
    assert "[::1]:50001" in read(seen)[0].text


def test_text_is_printable_and_short() -> None:
    seen = capture()
    seen.record("client", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    seen.record("server", b"HTTP/1.1 200 OK\r\n\r\n\x1b[2J" + b"x" * 5_000)
    text = read(seen)[-1].text
    assert text.startswith("body: ·[2J")
    assert len(text) == 201


def test_a_clock_does_not_run_backwards() -> None:
    assert clock(-1.0) == "0.0 ms"
