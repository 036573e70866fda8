"""The fields of one frame as spans (RFC 6455 §5.2)."""

from __future__ import annotations

import pytest

from wslearn import Frame, Opcode
from wslearn.explain_frame import Layout, frame_spans
from wslearn.frames import header
from wslearn.spans import Span

KEY = bytes.fromhex("37fa213d")
HELLO = Frame(Opcode.TEXT, b"Hello", masking_key=KEY).serialize()


def spans(data: bytes, at: int = 0, *, compressed: bool = False) -> dict[str, Span]:
    """Name the fields, and check that none is left out and none overlaps."""
    layout = Layout.find(data, at)
    found = frame_spans(data, layout, compressed=compressed)
    place = at * 8
    for span in found:
        assert span.start == place < span.stop
        place = span.stop
    assert place == layout.stop * 8
    return {span.name: span for span in found}


def shown(data: bytes, at: int = 0) -> dict[str, str]:
    return {name: span.value for name, span in spans(data, at).items()}


class TestSection52BaseFraming:
    def test_every_field_of_a_masked_text_frame(self) -> None:
        assert shown(HELLO) == {
            "FIN": "1",
            "RSV1": "0",
            "RSV2": "0",
            "RSV3": "0",
            "opcode": "0x1 text",
            "MASK": "1",
            "payload length": "5",
            "masking key": "37 fa 21 3d",
            "payload": "“Hello”",
        }

    def test_the_bits_are_those_of_the_diagram(self) -> None:
        places = {name: (span.start, span.stop) for name, span in spans(HELLO).items()}
        assert places == {
            "FIN": (0, 1),
            "RSV1": (1, 2),
            "RSV2": (2, 3),
            "RSV3": (3, 4),
            "opcode": (4, 8),
            "MASK": (8, 9),
            "payload length": (9, 16),
            "masking key": (16, 48),
            "payload": (48, 88),
        }

    def test_a_frame_behind_others(self) -> None:
        assert shown(b"\x89\x00" * 3 + HELLO, 6)["payload"] == "“Hello”"

    @pytest.mark.parametrize(("bit", "name"), [(0x80, "FIN"), (0x40, "RSV1"), (0x20, "RSV2"), (0x10, "RSV3")])
    def test_flags(self, bit: int, name: str) -> None:
        values = shown(bytes((bit | 2, 0)))
        assert {flag: value for flag, value in values.items() if value == "1"} == {name: "1"}

    @pytest.mark.parametrize(
        ("opcode", "said"),
        [
            (0, "0x0 continuation"),
            (1, "0x1 text"),
            (2, "0x2 binary"),
            (3, "0x3 reserved"),
            (8, "0x8 close"),
            (9, "0x9 ping"),
            (10, "0xa pong"),
            (15, "0xf reserved"),
        ],
    )
    def test_opcodes(self, opcode: int, said: str) -> None:
        assert shown(bytes((0x80 | opcode, 0)))["opcode"] == said

    def test_what_fin_means(self) -> None:
        assert "last fragment" in spans(b"\x81\x00")["FIN"].meaning
        assert "More fragments" in spans(b"\x01\x00")["FIN"].meaning
        assert "control frame" in spans(b"\x89\x00")["FIN"].meaning

    @pytest.mark.parametrize(
        ("size", "short", "extended"),
        [(125, "125", None), (126, "126", "126"), (65535, "126", "65,535"), (65536, "127", "65,536")],
    )
    def test_three_forms_of_length(self, size: int, short: str, extended: str | None) -> None:
        values = shown(header(0x82, size) + bytes(size))
        assert (values["payload length"], values.get("extended payload length")) == (short, extended)

    @pytest.mark.parametrize(
        "data", ["81 7e 00 01", "82 7f 00 00 00 00 00 00 ff ff", "82 ff 80 00 00 00 00 00 00 00"]
    )
    def test_an_illegal_length_ends_the_frame(self, data: str) -> None:
        head = bytes.fromhex(data)
        layout = Layout.find(head + b"whatever", 0)
        assert (layout.size, layout.stop, layout.missing, layout.is_whole) == (None, len(head), 0, False)
        assert list(spans(head + b"whatever"))[-1] == "extended payload length"


class TestSection53Masking:
    def test_the_first_byte_is_unmasked_before_the_eyes(self) -> None:
        assert spans(HELLO)["payload"].meaning == "7f ⊕ 37 = 48, the letter H, and so on."

    @pytest.mark.parametrize(
        ("payload", "said"),
        [
            (b"!", "16 ⊕ 37 = 21, the character “!”, and so on."),
            (b" ", "17 ⊕ 37 = 20, the character “ ”, and so on."),
            (b"\n", "3d ⊕ 37 = 0a, and so on."),
            (b"\xc3\xa9", "f4 ⊕ 37 = c3, and so on."),
        ],
    )
    def test_characters(self, payload: bytes, said: str) -> None:
        assert spans(Frame(1, payload, masking_key=KEY).serialize())["payload"].meaning == said

    def test_a_server_does_not_mask(self) -> None:
        assert spans(Frame(1, b"Hello").serialize())["payload"].meaning == "As it is: only clients mask."

    def test_a_long_payload_is_cut_and_not_unmasked_whole(self) -> None:
        value = shown(Frame(1, b"x" * 300, masking_key=KEY).serialize())["payload"]
        assert value == f"“{'x' * 40}…”"


class TestSection551Close:
    @pytest.mark.parametrize("key", [None, KEY])
    def test_code_and_reason(self, key: bytes | None) -> None:
        found = spans(Frame(8, b"\x03\xe8bye", masking_key=key).serialize())
        assert found["close code"].value == "1000 NORMAL_CLOSURE"
        assert found["close code"].stop - found["close code"].start == 16
        assert found["close reason"].value == "“bye”"

    def test_code_alone_and_nothing(self) -> None:
        assert list(shown(b"\x88\x02\x03\xe8"))[-1] == "close code"
        assert list(shown(b"\x88\x00"))[-1] == "payload length"

    def test_half_a_code(self) -> None:
        assert shown(b"\x88\x01\x03")["close code"] == "03"

    def test_a_reason_moves_no_cursor(self) -> None:
        assert shown(b"\x88\x07\x03\xe8a\x1b\xff\xc3\xa9")["close reason"] == "“a·\ufffdé”"

    @pytest.mark.parametrize(
        ("code", "value", "meaning"),
        [
            (1006, "1006 ABNORMAL_CLOSURE", "Stands for a connection that ended without a close frame."),
            (2999, "2999", "Not registered."),
            (3000, "3000", "Registered by a library or a framework."),
            (3999, "3999", "Registered by a library or a framework."),
            (4000, "4000", "Private: its meaning is the application's own."),
            (4999, "4999", "Private: its meaning is the application's own."),
            (5000, "5000", "Not registered."),
        ],
    )
    def test_what_a_code_means(self, code: int, value: str, meaning: str) -> None:
        span = spans(b"\x88\x02" + code.to_bytes(2, "big"))["close code"]
        assert (span.value, span.meaning) == (value, meaning)


class TestRfc7692:
    def test_a_compressed_payload_is_shown_in_hex(self) -> None:
        data = Frame(1, bytes(range(0x41, 0x51)), rsv1=True, masking_key=KEY).serialize()
        span = spans(data, compressed=True)["payload"]
        assert span.value == "41 42 43 44 45 46 47 48 49 4a 4b 4c 4d …"
        assert span.meaning == "Compressed with DEFLATE. 76 ⊕ 37 = 41, the letter A, and so on."
        short = spans(bytes.fromhex("c1 01 00"), compressed=True)
        assert (short["payload"].value, short["payload"].meaning) == ("00", "Compressed with DEFLATE.")
        assert short["RSV1"].section == "RFC 7692 §6"


class TestCutOff:
    @pytest.mark.parametrize("whole", [HELLO, header(0x82, 300, KEY) + bytes(300), header(0x82, 70000)])
    def test_what_is_there_is_named_and_what_is_missing_counted(self, whole: bytes) -> None:
        for size in range(1, min(len(whole), 40)):
            data = whole[:size]
            layout = Layout.find(data, 0)
            assert not layout.is_whole
            assert spans(data)
            if layout.size is None:
                assert layout.missing >= 1
            else:
                assert size + layout.missing == layout.key_end + layout.size

    def test_a_length_of_which_half_is_there(self) -> None:
        assert shown(bytes.fromhex("81 fe 01"))["extended payload length"] == "01"

    def test_half_a_masking_key(self) -> None:
        assert shown(HELLO[:4])["masking key"] == "37 fa"
