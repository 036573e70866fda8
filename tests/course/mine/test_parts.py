"""The library's way for each part, made of the other parts; and what is brought takes its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.course.assembled import MODELS, parts
from tests.feeding import attempt, wire
from tests.streams import streams
from wslearn import Close, Frame, Opcode, ProtocolError, Request, UsageError
from wslearn.course.mine.parts import Parts
from wslearn.course.mine.rules import RULES
from wslearn.masking import mask_bytewise
from wslearn.vectors import GOOD_REQUEST

HELLO = wire([Frame(Opcode.TEXT, b"Hello")], "server")


class TestTheLibrarysWay:
    def test_there_is_one_for_every_rule(self) -> None:
        assert all(callable(getattr(Parts(), name)) for name in RULES)
        assert set(RULES) == set(MODELS)

    @given(streams("server") | streams("client") | st.binary(max_size=20))
    def test_frames_as_the_models_read_them(self, data: bytes) -> None:
        for name in ("take_frames", "parse_frame"):
            mine = attempt(lambda: getattr(Parts(), name)(data), ProtocolError)  # noqa: B023 - called at once
            assert mine == attempt(lambda: MODELS[name](data), ProtocolError)  # noqa: B023

    @given(st.binary(max_size=8) | st.integers(990, 5010).map(lambda code: code.to_bytes(2, "big") + b"bye"))
    def test_close_frames_as_the_model_reads_them(self, payload: bytes) -> None:
        mine = attempt(lambda: Parts().parse_close(payload), ProtocolError)
        assert mine == attempt(lambda: Close.parse(payload), ProtocolError)

    def test_masking(self) -> None:
        key = bytes.fromhex("37fa213d")
        assert Parts().mask_integer(b"Hello", key) == Parts().mask_bytewise(b"Hello", key) == HELLO[6:]
        with pytest.raises(UsageError):
            Parts().mask_integer(b"Hello", b"")


class TestAPartIsUsed:
    """By the library's larger parts, until a larger one is brought, too."""

    def test_a_mask(self) -> None:
        nothing = parts(mask_bytewise=lambda payload, masking_key: payload)
        assert nothing.take_frames(HELLO)[0][0].payload == HELLO[6:]
        fast = parts(mask_bytewise=lambda payload, masking_key: payload, mask_integer=mask_bytewise)
        assert fast.take_frames(HELLO)[0][0].payload == b"Hello"

    def test_a_length(self) -> None:
        short = parts(payload_length=lambda data, at: (1, at + 2))
        assert short.parse_frame(HELLO) == (Frame(1, b"H", masking_key=HELLO[2:6]), HELLO[7:])

    def test_a_first_byte(self) -> None:
        odd = parts(split_first_byte=lambda byte: (False, False, False, True, 2))
        [frame], _ = odd.take_frames(HELLO)
        assert (frame.fin, frame.rsv3, frame.opcode) == (False, True, 2)

    def test_a_frame(self) -> None:
        mine = parts(parse_frame=lambda data: (Frame(Opcode.PING), b"") if data else None)
        assert mine.take_frames(HELLO) == ([Frame(Opcode.PING)], b"")

    def test_a_code(self) -> None:
        assert parts(may_be_sent=lambda code: True).parse_close(b"\x03\xedbye") == Close(1005, "bye")
        with pytest.raises(ProtocolError, match="Close code 1000 must not be sent"):
            parts(may_be_sent=lambda code: False).parse_close(b"\x03\xe8")

    def test_the_words_of_connection(self) -> None:
        request = Request.parse(GOOD_REQUEST)
        assert parts(connection_tokens=lambda value: ["UPGRADE"]).request_status(request) == 101
        assert parts(connection_tokens=lambda value: ["close"]).request_status(request) == 400
