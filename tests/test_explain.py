"""Explanations: they cover every bit, and say what the decoder says."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wslearn import (
    Close,
    Connection,
    Deflate,
    Frame,
    HandshakeError,
    Opcode,
    Ping,
    ProtocolError,
    Request,
    UsageError,
    client_request,
    refusal,
    server_response,
)
from wslearn.connection import Role
from wslearn.explain import explain
from wslearn.spans import Explanation
from wslearn.vectors import (
    BAD_FRAMES,
    BAD_REQUESTS,
    BAD_RESPONSES,
    COMPRESSED,
    FRAMES,
    GOOD_REQUEST,
    GOOD_RESPONSE,
    BadFrames,
    BadRequest,
    BadResponse,
    Example,
)

KEY = bytes.fromhex("37fa213d")
HELLO = Frame(Opcode.TEXT, b"Hello", masking_key=KEY).serialize()
RECEIVER: dict[Role, Role] = {"client": "server", "server": "client"}

ROLES = st.sampled_from(("client", "server"))
PAYLOADS = st.one_of(
    st.binary(max_size=140),
    st.text(max_size=20).map(str.encode),
    st.sampled_from((b"\x03\xe8", b"\x03\xe8bye", b"\x03\xed", b"\x03", b"caf\xc3", b"\xa9", bytes(70000))),
)
FRAME = st.builds(
    Frame,
    st.sampled_from((0, 0, 1, 1, 2, 8, 9, 10, 3)),
    PAYLOADS,
    fin=st.sampled_from((True, True, False)),
    rsv1=st.sampled_from((False, False, True)),
    rsv2=st.sampled_from((False,) * 9 + (True,)),
    masking_key=st.sampled_from((None, KEY, KEY, b"\0\0\0\0")),
).map(Frame.serialize)
# Frames, cut off somewhere, or followed by anything.
WIRE = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda frames, more: b"".join(frames) + more, st.lists(FRAME, max_size=6), st.binary(max_size=4)
    ),
    st.builds(lambda frames, cut: b"".join(frames)[:cut], st.lists(FRAME, min_size=1), st.integers(0, 400)),
)


def legal(frames: list[bytes], role: Role) -> bytes:
    """Mask, or unmask, frames so that their sender is `role`: without it nearly all fail at once."""
    parsed = [Frame.parse(frame) for frame in frames]
    for found in parsed:
        assert found is not None
        found[0].masking_key = KEY if role == "client" else None
    return b"".join(found[0].serialize() for found in parsed if found)


def covers(told: Explanation) -> None:
    """Every bit once, in order; every part where the one before ended; one fault at most."""
    place = 0
    for span in told:
        assert span.start == place < span.stop
        assert span.name
        assert span.value.isprintable()
        assert span.meaning.isprintable()
        assert span.section
        place = span.stop
    assert place == len(told.data) * 8
    assert [index for part in told.parts for index in range(part.first, part.behind)] == list(
        range(len(told))
    )
    assert [span.fault for span in told if span.fault] == ([told.fault] if told.fault else [])
    assert str(told)


def agrees(told: Explanation, deflate: Deflate | None = None) -> None:
    """The events of the explanation are those of a decoder that gets all the bytes at once."""
    events = Connection(RECEIVER[told.role], deflate=deflate).receive(told.data)
    assert told.events == events
    errors = [event for event in events if isinstance(event, ProtocolError)]
    assert ([told.fault] if told.fault else []) == errors
    assert (told.verdict == "protocol error") == bool(errors)
    framed = [part for part in told.parts if part.title.startswith("frame")]
    assert [part.frame for part in framed if part.frame] == told.frames
    if not errors:
        ended = [frame for frame in told.frames if frame.fin]
        assert len(ended) == len(events)
        assert (told.missing > 0) == (len(framed) > len(told.frames))


class TestAgreesWithTheDecoder:
    @settings(max_examples=300)
    @given(WIRE, ROLES)
    @example(HELLO[:1], "client")
    @example(b"GET ", "client")
    @example(b"\x01\x81\0\0\0\0\xc3" + b"\x80\x80\0\0\0\0", "client")
    def test_any_bytes(self, data: bytes, role: Role) -> None:
        told = explain(data, role)
        covers(told)
        if not told.parts or told.parts[0].title not in {"request", "response"}:
            agrees(told)

    @settings(max_examples=200)
    @given(st.lists(FRAME, max_size=8), ROLES, st.integers(0, 300))
    def test_any_frames_of_the_right_side(self, frames: list[bytes], role: Role, cut: int) -> None:
        data = legal(frames, role)
        for part in (data, data[:cut]):
            told = explain(part, role)
            covers(told)
            agrees(told)

    @settings(max_examples=100)
    @given(st.lists(FRAME, max_size=8), ROLES)
    def test_any_frames_with_deflate(self, frames: list[bytes], role: Role) -> None:
        told = explain(legal(frames, role), role, deflate=Deflate())
        covers(told)
        agrees(told, Deflate())

    @settings(max_examples=200)
    @given(st.sampled_from((GOOD_REQUEST, GOOD_RESPONSE)), st.integers(0, 200), st.binary(max_size=9), WIRE)
    def test_any_bytes_in_a_head(self, head: bytes, at: int, noise: bytes, behind: bytes) -> None:
        covers(explain(head[:at] + noise + head[at:] + behind))

    @pytest.mark.parametrize("bad", BAD_FRAMES, ids=[bad.name for bad in BAD_FRAMES])
    def test_every_bad_frame(self, bad: BadFrames) -> None:
        told = explain(bad.data, bad.sender)
        covers(told)
        agrees(told)
        assert isinstance(told.fault, ProtocolError)
        assert told.fault.close_code == bad.close_code
        (name,) = [span.name.lower() for span in told if span.fault]
        # The fragment that ends inside a character is empty: what is wrong is that FIN ends the text there.
        ends = {"fin"} if bad.name == "fragments that end inside a character" else set()
        assert name in {bad.field, f"extended {bad.field}"} | ends
        assert told.summary.endswith(f"fails the connection with {bad.close_code}.")

    @pytest.mark.parametrize("good", FRAMES, ids=[good.name for good in FRAMES])
    def test_every_example_of_the_rfc(self, good: Example) -> None:
        told = explain(good.data)
        covers(told)
        agrees(told)
        assert (told.role, told.verdict, told.fault) == (good.sender, "legal", None)


class TestWhoSentIt:
    @pytest.mark.parametrize(
        ("data", "role"),
        [
            (b"", "client"),
            (b"\x81", "client"),
            (HELLO, "client"),
            (b"\x81\x00", "server"),
            (GOOD_REQUEST, "client"),
            (b"POST / HTTP/1.1\r\n", "client"),
            (GOOD_RESPONSE, "server"),
        ],
    )
    def test_is_guessed(self, data: bytes, role: Role) -> None:
        assert explain(data).role == role

    def test_or_told(self) -> None:
        told = explain(HELLO, "server")
        assert told.fault is not None
        assert told.fault.section == "§5.1"
        assert [span.name for span in told if span.fault] == ["MASK"]

    def test_a_head_of_the_wrong_side_is_read_as_what_it_is_not(self) -> None:
        assert explain(GOOD_REQUEST, "server").verdict == "protocol error"

    def test_by_nobody_else(self) -> None:
        with pytest.raises(UsageError, match="'proxy'"):
            explain(b"", "proxy")  # type: ignore[arg-type]


class TestSection54Fragments:
    def test_the_last_fragment_tells_the_message(self) -> None:
        told = explain(bytes.fromhex("01 03 48 65 6c 80 02 6c 6f"))
        assert told[-1].meaning == "As it is: only clients mask. The message: “Hello”."
        assert told.summary == "2 frames: 1 message; 4 bytes of overhead."

    def test_an_empty_message(self) -> None:
        assert explain(bytes.fromhex("01 00 80 00"))[-1].meaning.endswith("The message: empty.")

    def test_inside_a_message(self) -> None:
        for key in (None, KEY):
            data = Frame(Opcode.CONTINUATION, b"lo", masking_key=key).serialize()
            assert explain(data).verdict == "protocol error"
            assert explain(data, continues=True).verdict == "legal"

    def test_a_binary_message_is_told_in_hex(self) -> None:
        assert explain(bytes.fromhex("02 01 00 80 01 ff"))[-1].meaning.endswith("The message: 00 ff.")


class TestSection55Close:
    def test_nothing_counts_after_it(self) -> None:
        told = explain(bytes.fromhex("88 02 03 e8 ff ff ff"))
        assert (told.verdict, told.events) == ("legal", [Close(1000)])
        assert (told[-1].name, told[-1].value, told[-1].section) == ("not read any more", "3 bytes", "§5.5.1")

    def test_nor_after_an_error(self) -> None:
        told = explain(bytes.fromhex("83 01 00 81 00"))
        assert (told[-1].name, told[-1].value, told[-1].section) == ("not read any more", "2 bytes", "§7.1.7")
        assert told.frames == [Frame(3, b"\0")]

    def test_a_control_frame_that_is_too_long_is_blamed_on_its_first_length(self) -> None:
        told = explain(Frame(Opcode.PING, bytes(200)).serialize())
        assert [span.name for span in told if span.fault] == ["payload length"]
        assert told[-1].name == "not read any more"

    def test_a_length_that_is_refused_ends_it(self) -> None:
        told = explain(bytes.fromhex("81 7e 00 01 48"))
        assert [span.name for span in told][-2:] == ["extended payload length", "not read any more"]


class TestSection4Handshake:
    def test_then_frames(self) -> None:
        told = explain(GOOD_REQUEST + HELLO)
        covers(told)
        assert [part.title for part in told.parts] == ["request", "frame 1"]
        assert (told.events, told.verdict) == (["Hello"], "legal")
        assert told.summary == "The handshake, then a whole text message of 5 bytes; 6 bytes of overhead."

    def test_a_refusal_ends_it(self) -> None:
        told = explain(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + HELLO)
        assert (told.verdict, told[-1].name, told.frames) == ("refused", "not read any more", [])
        assert told.summary.endswith("The server answers 400 Bad Request.")

    def test_a_head_that_is_not_whole(self) -> None:
        told = explain(GOOD_REQUEST[:-1])
        assert (told.verdict, told.summary) == ("incomplete", "So far it is legal; the request goes on.")

    def test_the_answer(self) -> None:
        assert "authenticates nobody" in explain(GOOD_RESPONSE, request=Request.parse(GOOD_REQUEST)).summary
        assert "if the accept key fits" in explain(GOOD_RESPONSE).summary
        assert explain(GOOD_RESPONSE).verdict == "accepted"
        assert explain(GOOD_REQUEST).summary == "A handshake that a server can accept."

    def test_a_refusing_answer(self) -> None:
        error = HandshakeError("Not from there.", status=403, section="§10.2")
        told = explain(refusal(error).serialize() + b"\x81\x00")
        covers(told)
        assert [part.title for part in told.parts] == ["response", "body", "not read any more"]
        assert told.verdict == "refused"
        assert told.summary == "The server refused the upgrade with 403 Forbidden."

    @pytest.mark.parametrize("bad", [*BAD_REQUESTS, *BAD_RESPONSES], ids=lambda bad: bad.name)
    def test_no_bad_handshake_is_beyond_words(self, bad: BadRequest | BadResponse) -> None:
        covers(explain(bad.data))

    def test_an_answer_that_is_not_accepted(self) -> None:
        told = explain(GOOD_RESPONSE.replace(b"Upgrade: websocket", b"Upgrade: h2c"))
        assert told.verdict == "not accepted"
        assert told.summary.endswith("The client drops the connection.")


class TestRfc7692:
    @pytest.mark.parametrize("good", COMPRESSED, ids=[good.name for good in COMPRESSED])
    def test_every_example(self, good: Example) -> None:
        told = explain(good.data, deflate=Deflate())
        covers(told)
        agrees(told, Deflate())
        assert told.verdict == "legal"
        assert explain(good.data).verdict == "protocol error"

    def test_the_message_is_told(self) -> None:
        assert explain(COMPRESSED[0].data, deflate=Deflate())[-1].meaning.endswith("The message: “Hello”.")

    def test_a_ping_inside_is_not_compressed(self) -> None:
        data = bytes.fromhex("41 03 f2 48 cd 89 01 3f 80 04 c9 c9 07 00")
        told = explain(data, deflate=Deflate())
        assert told.events == [Ping(b"?"), "Hello"]
        assert [span.value for span in told if span.name == "payload"] == ["f2 48 cd", "“?”", "c9 c9 07 00"]
        assert [span.meaning for span in told if span.name == "payload"][1] == "As it is: only clients mask."

    def test_what_the_answer_agrees_on_is_used(self) -> None:
        request = client_request("ws://example.org/", extensions=[Deflate().offer()])
        answer = server_response(request, extensions=[Deflate(server_max_window_bits=9)]).serialize()
        told = explain(answer + COMPRESSED[0].data)
        assert (told.verdict, told.events) == ("legal", ["Hello"])
        assert told.deflate is not None
        assert told.deflate.server_max_window_bits == 9


class TestSummary:
    @pytest.mark.parametrize(
        ("data", "summary"),
        [
            ("", "There are no bytes to explain."),
            ("81 00", "A whole text message of 0 bytes; 2 bytes of overhead."),
            ("02 01 00", "The first fragment of a binary message, 1 byte; 2 bytes of overhead."),
            ("89 01 3f", "A ping with 1 byte of payload; 2 bytes of overhead."),
            ("88 00", "A close frame without a code; 2 bytes of overhead."),
            ("88 02 03 e8", "A close frame, 1000 NORMAL_CLOSURE; 2 bytes of overhead."),
            ("89 00 8a 00 81 00", "3 frames: 1 message, 1 ping, 1 pong; 6 bytes of overhead."),
            ("81 00 01 00", "2 frames: 1 message, and a message that goes on; 4 bytes of overhead."),
            ("01 00 00 00", "2 frames: the start of a message; 4 bytes of overhead."),
            ("81 05 48", "So far it is legal; the frame goes on."),
            ("81 00 81 05 48", "So far it is legal; the frame 2 goes on."),
        ],
    )
    def test_says_what_there_is(self, data: str, summary: str) -> None:
        assert explain(bytes.fromhex(data)).summary == summary

    def test_what_is_missing_is_counted(self) -> None:
        assert explain(HELLO[:-2])[-1].meaning.endswith("Still missing: 2 bytes.")
        assert explain(HELLO[:-2]).missing == 2
        assert explain(b"\x82\xfe")[-1].meaning.endswith("Still missing: at least 6 bytes.")


class TestSize:
    def test_a_large_message_is_no_burden(self) -> None:
        data = Frame(Opcode.BINARY, bytes(16 << 20), masking_key=KEY).serialize()
        told = explain(data)
        assert (told.verdict, len(told), len(str(told)) < 2000) == ("legal", 10, True)
