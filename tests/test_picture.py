"""Still pictures: what they show, and that what came from the wire stays text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.markup import picture
from wslearn import (
    Connection,
    Deflate,
    Frame,
    HandshakeError,
    Opcode,
    Request,
    Response,
    State,
    client_request,
    refusal,
    server_response,
)
from wslearn.explain import explain
from wslearn.picture import capture_html, connection_html, explanation_html, frame_html, message_html
from wslearn.vectors import BAD_FRAMES, BAD_REQUESTS, GOOD_REQUEST, GOOD_RESPONSE, BadFrames

KEY = bytes.fromhex("37fa213d")
EVIL = "<img src=x onerror=alert(1)>"
HELLO = Frame(Opcode.TEXT, b"Hello", masking_key=KEY)
CLOSE = Frame(Opcode.CLOSE, b"\x03\xe8", masking_key=KEY)


def rows(html: str) -> list[str]:
    """Give the rows of words, without the header."""
    return [picture(f"<table>{row}</table>").text for row in re.findall(r"<tr class=.*?</tr>", html)]


class TestFrame:
    def test_a_masked_text_frame(self) -> None:
        html = frame_html(HELLO)
        assert picture(html).text.startswith("Frame client → server, 11 bytes 0 1 2 3")
        assert rows(html) == [
            "FIN 1 The last fragment of its message. §5.2",
            "RSV1 2 3 0 0 0 Reserved for extensions. §5.2",
            "opcode 0x1 text The payload is text in UTF-8. §5.2, §11.8",
            "MASK 1 Masked, as every frame from a client. §5.1, §5.2",
            "payload length 5 Up to 125 it fits into these seven bits. §5.2",
            "masking key 37 fa 21 3d Each client frame is XORed with a fresh key. §5.3",
            "payload “Hello” 7f ⊕ 37 = 48, the letter H, and so on. §5.2",
        ]
        assert picture(html).text.endswith(
            "✓ legal A whole text message of 5 bytes; 6 bytes of overhead. 11 bytes"
        )

    def test_is_what_the_frame_shows_of_itself(self) -> None:
        assert HELLO._repr_html_() == frame_html(HELLO) == explain(HELLO.serialize())._repr_html_()

    def test_reserved_bits_have_a_row_each_where_one_is_set(self) -> None:
        html = frame_html(Frame(Opcode.TEXT, rsv2=True))
        assert [row.partition(" ")[0] for row in rows(html)[:5]] == ["FIN", "RSV1", "✗", "RSV3", "opcode"]

    def test_a_fault_has_a_mark_and_a_section(self) -> None:
        html = frame_html(Frame(Opcode.PING, fin=False))
        assert rows(html)[0] == "✗ FIN 0 A control frame must not be fragmented: FIN is 0 on a ping. §5.5"
        assert picture(html).text.endswith("The client fails the connection with 1002. §5.5")

    def test_a_continuation_is_no_fault_by_itself(self) -> None:
        assert "✓ legal" in frame_html(Frame(Opcode.CONTINUATION, b"lo"))
        assert "✓ legal" in frame_html(Frame(Opcode.CONTINUATION, b"lo", masking_key=KEY))

    @pytest.mark.parametrize("bad", BAD_FRAMES, ids=[bad.name for bad in BAD_FRAMES])
    def test_every_bad_frame(self, bad: BadFrames) -> None:
        text = picture(explain(bad.data, bad.sender)._repr_html_()).text
        assert "✗ protocol error" in text
        assert f"{bad.close_code}. {bad.section}" in text

    def test_what_lights_up_together(self) -> None:
        html = frame_html(HELLO)
        for number in range(9):
            assert (
                len(re.findall(rf'class="[^"]*wsl-i{number}[ "]', html)) >= 3
            )  # a row, a bit or label, a byte
            assert f".wsl-part:has(.wsl-i{number}:hover) .wsl-i{number}" in html


class TestWhatCameFromTheWireIsText:
    @pytest.mark.parametrize(
        "data",
        [
            Frame(Opcode.TEXT, EVIL.encode()).serialize(),
            Frame(Opcode.CLOSE, b"\x03\xe8" + EVIL.encode()).serialize(),
            Frame(Opcode.TEXT, b"a").serialize() * 9 + Frame(Opcode.TEXT, EVIL.encode()).serialize(),
            GOOD_REQUEST.replace(b"Upgrade: w", b"Cookie: " + EVIL.encode() + b"\r\nUpgrade: w"),
            GOOD_REQUEST.replace(b"/chat", b"/<script>"),
            b"GET / HTTP/1.1\r\n" + EVIL.encode() + b": x\r\n\r\n",
            b"HTTP/1.1 403 " + EVIL.encode() + b"\r\n\r\n" + EVIL.encode(),
            GOOD_RESPONSE.replace(b"websocket", EVIL.encode()),
        ],
    )
    def test_markup(self, data: bytes) -> None:
        told = explain(data)
        assert "<" in "".join(picture(told._repr_html_()).texts)
        assert picture(capture_html([(0, "→" if told.role == "client" else "←", data)])).texts

    @settings(max_examples=60)
    @given(st.binary(max_size=200))
    def test_anything(self, data: bytes) -> None:
        for told in (explain(data, "client"), explain(data, "server"), explain(GOOD_REQUEST[:30] + data)):
            assert picture(told._repr_html_()).text.isprintable()


class TestManyParts:
    MANY = explain(
        Frame(Opcode.TEXT, b"x").serialize() * 5000 + Frame(Opcode.PING, fin=False).serialize() + b"more"
    )

    def test_the_first_are_drawn_the_next_listed_the_rest_counted(self) -> None:
        text = picture(explanation_html(self.MANY)).text
        assert text.startswith("5,001 frames server → client")
        assert text.count("RSV1 2 3") == 2 * 4
        assert "frame 20 text “x” 3 bytes … 4,980 more parts here. frame 5001 0 1 2" in text
        assert "not read any more 4 bytes" in text
        assert len(explanation_html(self.MANY)) < 40_000

    def test_none_is_left_out_where_there_are_few(self) -> None:
        text = picture(explain(Frame(Opcode.TEXT, b"x").serialize() * 22)._repr_html_()).text
        assert "more part" not in text
        assert all(f"frame {number}" in text for number in range(1, 23))

    def test_a_head_and_a_frame(self) -> None:
        text = picture(explain(GOOD_REQUEST + HELLO.serialize())._repr_html_()).text
        assert text.startswith("Request and frame client → server")
        assert "frame 1 0 1 2" in text

    def test_nothing(self) -> None:
        assert picture(explain(b"")._repr_html_()).text.startswith("Bytes client → server, 0 bytes … nothing")

    def test_a_long_payload(self) -> None:
        html = frame_html(Frame(Opcode.BINARY, bytes(16 << 20)))
        assert len(html) < 22_000
        assert "… 16,777,146 bytes more …" in html

    def test_is_the_same_each_time(self) -> None:
        assert explanation_html(self.MANY) == explanation_html(self.MANY)


class TestMessage:
    def test_a_request(self) -> None:
        request = Request.parse(GOOD_REQUEST)
        assert request._repr_html_() == message_html(request)
        assert picture(request._repr_html_() or "").text.startswith("Request client → server, 161 bytes")

    def test_a_response(self) -> None:
        html = Response.parse(GOOD_RESPONSE)._repr_html_()
        assert "✓ accepted" in picture(html or "").text

    def test_a_refusal_with_its_body(self) -> None:
        html = refusal(HandshakeError("No Host.", status=400, section="§4.2.1"))._repr_html_()
        assert "body 400 Bad Request No Host. (HTTP 400, §4.2.1)" in picture(html or "").text

    def test_what_cannot_be_written_is_not_drawn(self) -> None:
        assert message_html(Request("/a b")) is None


class TestSection7Connection:
    @staticmethod
    def shown(connection: Connection) -> str:
        return picture(connection._repr_html_()).text

    @pytest.mark.parametrize("state", list(State))
    def test_the_state_is_marked(self, state: State) -> None:
        text = self.shown(Connection("client", state=state))
        chain = " → ".join(f"▸ {each.name}" if each is state else each.name for each in State)
        assert chain in text
        assert f"{state.name} " in text.rpartition("▸")[2]

    def test_what_waits(self) -> None:
        server = Connection("server")
        server.receive(Frame(Opcode.PING, b"?", masking_key=KEY).serialize() + CLOSE.serialize()[:5])
        text = self.shown(server)
        assert "buffered 5 bytes" in text
        assert "to be sent 3 bytes" in text
        assert "close received – What the peer said." in text

    def test_both_close_codes_and_their_order(self) -> None:
        server = Connection("server")
        server.receive(CLOSE.serialize())
        server.bytes_to_send()
        assert "close received 1000 NORMAL_CLOSURE" in self.shown(server)
        assert "close sent 1000 NORMAL_CLOSURE" in self.shown(server)
        assert "order received first" in self.shown(server)
        client = Connection("client")
        client.close(1001, EVIL)
        client.receive(Frame(Opcode.CLOSE, b"\x03\xe8").serialize())
        assert f"close sent 1001 GOING_AWAY “{EVIL}”" in self.shown(client)
        assert "order sent first" in self.shown(client)

    def test_is_drawn_by_what_is_public_and_what_it_is_given(self) -> None:
        assert (
            "buffered 1 byte " in picture(connection_html(Connection("client"), buffered=1, waiting=2)).text
        )


class TestCapture:
    REQUEST = client_request(
        "ws://example.org/chat", key="dGhlIHNhbXBsZSBub25jZQ==", extensions=[Deflate().offer()]
    )

    def lanes(self, *records: tuple[float, str, bytes], times: bool = True) -> list[str]:
        html = capture_html(records, times=times)
        return [picture(f"<table>{row}</table>").text for row in re.findall("<tr>.*?</tr>", html)]

    def test_a_whole_conversation(self) -> None:
        answer = server_response(self.REQUEST)
        assert self.lanes(
            (5.0, "→", self.REQUEST.serialize()),
            (5.0004, "←", answer.serialize()),
            (5.0011, "→", HELLO.serialize()),
            (5.0013, "←", Frame(Opcode.TEXT, b"Hello").serialize()),
            (
                5.002,
                "→",
                Frame(Opcode.TEXT, b"Hel", fin=False, masking_key=KEY).serialize() + CLOSE.serialize(),
            ),
        ) == [
            "client server",
            "0.0 ms → GET /chat · Upgrade · Connection · Key · Version · Extensions 224 bytes",
            "0.4 ms ← 101 Switching Protocols · Upgrade · Connection · Accept 129 bytes",
            "the same TCP connection: from here on, frames",
            "1.1 ms → text “Hello”, masked 11 bytes",
            "1.3 ms ← text “Hello” 7 bytes",
            "2.0 ms → text “Hel”, masked, more to come 9 bytes",
            "2.0 ms → close 1000 NORMAL_CLOSURE, masked 8 bytes",
        ]

    def test_a_frame_belongs_to_the_read_that_completes_it(self) -> None:
        data = HELLO.serialize()
        lanes = self.lanes((0, "→", data[:3]), (1, "←", b"\x89\x00"), (2, "→", data[3:] + data[:4]))
        assert lanes[1:] == [
            "1000.0 ms ← ping 2 bytes",
            "2000.0 ms → text “Hello”, masked 11 bytes",
            "2000.0 ms → text, masked, not whole 4 bytes".replace("text,", "text"),
        ]

    def test_without_times_and_keys_it_is_the_same_each_time(self) -> None:
        first = capture_html([(0.5, "→", HELLO.serialize())], times=False)
        other = Frame(Opcode.TEXT, b"Hello", masking_key=b"abcd")
        assert first == capture_html([(7.7, "→", other.serialize())], times=False)
        assert "ms" not in picture(first).text

    def test_compression_is_read_from_the_handshake(self) -> None:
        answer = server_response(self.REQUEST, extensions=[Deflate()])
        client = Connection("client", deflate=Deflate())
        records = [
            (0, "→", self.REQUEST.serialize()),
            (0, "←", answer.serialize()),
            (0, "→", client.send("Hello")),
        ]
        assert self.lanes(*records)[-1].startswith("0.0 ms → text f2 48 cd c9 c9 07 00, masked, compressed")

    def test_the_gravest_verdict_is_shown(self) -> None:
        fine, bad, half = (0, "→", HELLO.serialize()), (0, "←", b"\x83\x00"), (0, "←", b"\x81\x05")
        assert "✗ protocol error Opcode 0x3" in picture(capture_html([fine, bad])).text
        assert "… incomplete" in picture(capture_html([fine, half])).text
        assert "✓ legal" in picture(capture_html([fine])).text
        assert "… nothing" in picture(capture_html([])).text
        assert self.lanes(bad)[1] == "0.0 ms ← ✗ reserved: Opcode 0x3 is reserved. 2 bytes"

    def test_a_refusal(self) -> None:
        bad = next(bad.data for bad in BAD_REQUESTS if bad.name == "version 8")
        error = HandshakeError("Version 13.", status=426, section="§4.4")
        lanes = self.lanes((0, "→", bad), (0, "←", refusal(error).serialize()), (0, "→", b"x"))
        assert lanes[1].startswith("0.0 ms → ✗ GET /chat")
        assert "✗ 426 Upgrade Required · Connection: The server refused the upgrade" in lanes[2]
        assert lanes[3] == "0.0 ms ← body: 426 Upgrade Required Version 13. (HTTP 426, §4.4) 52 bytes"
        assert lanes[4] == "0.0 ms → not read any more: 1 byte 1 byte"

    def test_not_even_http(self) -> None:
        too_large = b"GET / HTTP/1.1\r\n" + b"x" * 20000
        assert "431" in picture(capture_html([(0, "→", too_large)])).text

    def test_a_long_one_is_cut(self) -> None:
        lanes = self.lanes((0, "←", b"\x89\x00" * 1000))
        assert (len(lanes), lanes[-1]) == (202, "… and 800 more")
