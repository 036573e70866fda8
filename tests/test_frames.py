"""The base framing protocol (RFC 6455 §5.1, §5.2, §5.5), against the RFC's examples and two peers."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeding import attempt
from tests.peers import websockets_frame, websockets_refuses, wsproto_refuses
from wslearn import Frame, Opcode, ProtocolError, UsageError
from wslearn.frames import check_bits, header, payload_length, shorten
from wslearn.picture import frame_html

KEY = bytes.fromhex("37 fa 21 3d")
DATA = bytes(range(256)) * 256

keys = st.binary(min_size=4, max_size=4)
frames = st.builds(
    Frame,
    st.integers(0, 15),
    st.binary(max_size=200) | st.integers(0, 70000).map(bytes),
    fin=st.booleans(),
    rsv1=st.booleans(),
    rsv2=st.booleans(),
    rsv3=st.booleans(),
    masking_key=st.none() | keys,
)

EXAMPLES = [
    ("81 05 48 65 6c 6c 6f", Frame(Opcode.TEXT, b"Hello")),
    ("81 85 37 fa 21 3d 7f 9f 4d 51 58", Frame(Opcode.TEXT, b"Hello", masking_key=KEY)),
    ("01 03 48 65 6c", Frame(Opcode.TEXT, b"Hel", fin=False)),
    ("80 02 6c 6f", Frame(Opcode.CONTINUATION, b"lo")),
    ("89 05 48 65 6c 6c 6f", Frame(Opcode.PING, b"Hello")),
    ("8a 85 37 fa 21 3d 7f 9f 4d 51 58", Frame(Opcode.PONG, b"Hello", masking_key=KEY)),
    ("82 7e 01 00" + DATA[:256].hex(), Frame(Opcode.BINARY, DATA[:256])),
    ("82 7f 00 00 00 00 00 01 00 00" + DATA.hex(), Frame(Opcode.BINARY, DATA)),
]
OTHERS = [
    ("80 00", Frame(Opcode.CONTINUATION)),
    ("00 00", Frame(Opcode.CONTINUATION, fin=False)),
    ("88 80 00 00 00 00", Frame(Opcode.CLOSE, masking_key=bytes(4))),
    ("f3 01 ff", Frame(3, b"\xff", rsv1=True, rsv2=True, rsv3=True)),
    ("2f 00", Frame(15, fin=False, rsv2=True)),
    ("c2 00", Frame(Opcode.BINARY, rsv1=True)),
    ("92 00", Frame(Opcode.BINARY, rsv3=True)),
]


LENGTHS = {
    0: "00",
    1: "01",
    125: "7d",
    126: "7e 00 7e",
    127: "7e 00 7f",
    65535: "7e ff ff",
    65536: "7f 00 00 00 00 00 01 00 00",
    2**32: "7f 00 00 00 01 00 00 00 00",
    2**63 - 1: "7f 7f ff ff ff ff ff ff ff",
}


class TestSection52Frame:
    @pytest.mark.parametrize(("wire", "frame"), EXAMPLES + OTHERS)
    def test_whole(self, wire: str, frame: Frame) -> None:
        assert Frame.parse(bytes.fromhex(wire)) == (frame, b"")
        assert frame.serialize() == bytes.fromhex(wire)

    @pytest.mark.parametrize(("wire", "frame"), EXAMPLES + OTHERS)
    def test_byte_by_byte(self, wire: str, frame: Frame) -> None:
        data = bytes.fromhex(wire)
        early = [*range(min(len(data), 20)), len(data) - 1] if len(data) > 20 else range(len(data))
        assert [Frame.parse(data[:end]) for end in early] == [None] * len(early)

    @pytest.mark.parametrize(("wire", "frame"), EXAMPLES + OTHERS)
    def test_with_more_behind(self, wire: str, frame: Frame) -> None:
        assert Frame.parse(bytes.fromhex(wire) + b"\x81") == (frame, b"\x81")

    def test_known_opcodes_have_names(self) -> None:
        for wire, opcode in ((b"\x89\x00", Opcode.PING), (b"\x83\x00", 3)):
            parsed = Frame.parse(wire)
            assert parsed is not None
            assert type(parsed[0].opcode) is type(opcode)

    @pytest.mark.parametrize(
        ("opcode", "is_control"), [(Opcode.CONTINUATION, False), (Opcode.BINARY, False), (Opcode.CLOSE, True)]
    )
    def test_control_opcodes(self, opcode: Opcode, is_control: bool) -> None:
        assert opcode.is_control is is_control

    @pytest.mark.parametrize("opcode", [-1, 16, 255])
    def test_an_opcode_has_four_bits(self, opcode: int) -> None:
        with pytest.raises(UsageError, match="four bits"):
            Frame(opcode)

    def test_a_payload_is_bytes(self) -> None:
        with pytest.raises(UsageError, match="UTF-8"):
            Frame(Opcode.TEXT, "Hello")  # type: ignore[arg-type]

    @pytest.mark.parametrize("key", [b"", b"abc", b"abcde"])
    def test_a_masking_key_has_four_bytes(self, key: bytes) -> None:
        with pytest.raises(UsageError, match="four bytes"):
            Frame(Opcode.TEXT, masking_key=key)

    @given(frames, st.binary(max_size=5))
    def test_what_is_written_reads_back(self, frame: Frame, rest: bytes) -> None:
        assert Frame.parse(frame.serialize() + rest) == (frame, rest)

    @given(st.binary(max_size=20))
    def test_any_bytes_are_a_frame_or_a_documented_error(self, data: bytes) -> None:
        seen = attempt(lambda: Frame.parse(data), ProtocolError)
        if isinstance(seen, ProtocolError):
            assert (seen.close_code, seen.field) == (1002, "payload length")
        elif seen is not None:
            frame, rest = seen
            assert frame.serialize() + rest == data


class TestSection52PayloadLength:
    """ "In all cases, the minimal number of bytes MUST be used"; the top bit of 64 "MUST be 0"."""

    @pytest.mark.parametrize(("size", "wire"), LENGTHS.items())
    def test_three_forms(self, size: int, wire: str) -> None:
        data = b"\x82" + bytes.fromhex(wire)
        assert header(0x82, size) == data
        assert payload_length(b"before" + data, 6) == (size, 6 + len(data))
        for end in range(2, len(data)):
            assert payload_length(data[:end], 0) is None
        masked = header(0x82, size, KEY)
        assert masked == bytes((0x82, data[1] | 0x80)) + data[2:] + KEY
        assert payload_length(masked, 0) == (size, len(data))

    @pytest.mark.parametrize(
        ("wire", "why"),
        [
            ("7e 00 00", "shortest form"),
            ("7e 00 7d", "shortest form"),
            ("7f 00 00 00 00 00 00 00 00", "shortest form"),
            ("7f 00 00 00 00 00 00 00 7e", "shortest form"),
            ("7f 00 00 00 00 00 00 ff ff", "shortest form"),
            ("7f 80 00 00 00 00 00 00 00", "most significant bit"),
            ("7f ff ff ff ff ff ff ff ff", "most significant bit"),
        ],
    )
    @pytest.mark.parametrize("mask_bit", [0x00, 0x80])
    def test_no_other_form(self, wire: str, why: str, mask_bit: int) -> None:
        second, *more = bytes.fromhex(wire)
        data = bytes((0x82, second | mask_bit, *more))
        for parse in (lambda: payload_length(data, 0), lambda: Frame.parse(data)):
            with pytest.raises(ProtocolError, match=why) as caught:
                parse()
            assert (caught.value.close_code, caught.value.section) == (1002, "§5.2")


class TestSections51To55Check:
    @pytest.mark.parametrize(
        ("frame", "section", "field"),
        [
            (Frame(3), "§5.2", "opcode"),
            (Frame(7, fin=False), "§5.2", "opcode"),
            (Frame(11), "§5.2", "opcode"),
            (Frame(15), "§5.2", "opcode"),
            (Frame(Opcode.TEXT, rsv1=True), "§5.2", "rsv1"),
            (Frame(Opcode.TEXT, rsv2=True), "§5.2", "rsv2"),
            (Frame(Opcode.TEXT, rsv3=True), "§5.2", "rsv3"),
            (Frame(Opcode.CLOSE, fin=False), "§5.5", "fin"),
            (Frame(Opcode.PING, fin=False), "§5.5", "fin"),
            (Frame(Opcode.PONG, fin=False), "§5.5", "fin"),
            (Frame(Opcode.CLOSE, bytes(126)), "§5.5", "payload length"),
            (Frame(Opcode.PING, bytes(126)), "§5.5", "payload length"),
            (Frame(Opcode.PONG, bytes(65536)), "§5.5", "payload length"),
            (Frame(Opcode.TEXT, masking_key=KEY), "§5.1", "mask"),
            (Frame(Opcode.PING, masking_key=bytes(4)), "§5.1", "mask"),
        ],
    )
    def test_illegal_from_a_server(self, frame: Frame, section: str, field: str) -> None:
        with pytest.raises(ProtocolError) as caught:
            frame.check("server")
        error = caught.value
        assert (error.close_code, error.section, error.field) == (1002, section, field)

    @pytest.mark.parametrize("opcode", list(Opcode))
    def test_legal(self, opcode: Opcode) -> None:
        for payload in (b"", bytes(125)):
            Frame(opcode, payload).check("server")
            Frame(opcode, payload, masking_key=KEY).check("client")

    @pytest.mark.parametrize("opcode", list(Opcode))
    def test_a_client_must_mask(self, opcode: Opcode) -> None:
        with pytest.raises(ProtocolError) as caught:
            Frame(opcode).check("client")
        assert (caught.value.section, caught.value.field) == ("§5.1", "mask")

    @pytest.mark.parametrize("opcode", list(Opcode))
    def test_rsv1_means_something_on_the_first_frame_of_a_message(self, opcode: Opcode) -> None:
        """RFC 7692 §6.1: never on a continuation, never on a control frame."""
        frame = Frame(opcode, rsv1=True)
        if opcode in {Opcode.TEXT, Opcode.BINARY}:
            frame.check("server", rsv1_means=True)
        else:
            with pytest.raises(ProtocolError) as caught:
                frame.check("server", rsv1_means=True)
            assert caught.value.field == "rsv1"


EXTENDED = {126: "00 7e", 127: "00 00 00 00 00 01 00 00"}


class TestOracles:
    """Every pair of first two bytes, judged by two peers; and what they do otherwise is named."""

    @pytest.mark.parametrize("masked", [False, True])
    def test_agrees_with_wsproto_on_every_first_two_bytes(self, masked: bool) -> None:
        for first, second in product(range(256), range(256)):
            more = bytes.fromhex(EXTENDED.get(second & 0x7F, ""))
            expected = wsproto_refuses(bytes((first, second)) + more + KEY, masked=masked)
            assert refused(first, second, masked=masked) == expected, (first, second)

    @pytest.mark.parametrize("masked", [False, True])
    def test_agrees_with_websockets_on_every_first_byte(self, masked: bool) -> None:
        for first, second in product(range(256), (0, 1, 125, 126, 128, 129, 253, 254)):
            data = bytes((first, second)) + (b"\0\x7e" if second & 0x7F == 126 else b"") + bytes(4 + 126)
            expected = websockets_refuses(data, masked=masked)
            assert refused(first, second, masked=masked) == expected, (first, second)

    @given(
        st.builds(Frame, st.sampled_from([0, 1, 2]), st.binary(max_size=300), fin=st.booleans()),
        st.none() | keys,
    )
    def test_websockets_reads_what_is_written(self, frame: Frame, key: bytes | None) -> None:
        frame.masking_key = key
        read = websockets_frame(frame.serialize(), masked=key is not None)
        assert (read.opcode, bytes(read.data), read.fin) == (frame.opcode, frame.payload, frame.fin)
        theirs = read.serialize(mask=key is not None)
        parsed = Frame.parse(theirs)
        assert parsed is not None
        assert (parsed[0].opcode, parsed[0].payload, parsed[0].fin) == (
            frame.opcode,
            frame.payload,
            frame.fin,
        )

    @pytest.mark.parametrize("wire", ["82 7e 00 01 00", "82 7f 00 00 00 00 00 00 00 01 00"])
    def test_websockets_takes_a_length_that_is_not_minimal(self, wire: str) -> None:
        assert not websockets_refuses(bytes.fromhex(wire), masked=False)
        assert wsproto_refuses(bytes.fromhex(wire), masked=False)


def refused(first: int, second: int, *, masked: bool) -> bool:
    fault = attempt(lambda: check_bits(first, second, from_client=masked), ProtocolError)
    return fault is not None and fault.close_code == 1002


class TestWords:
    @pytest.mark.parametrize(
        ("frame", "shown", "told"),
        [
            (Frame(Opcode.TEXT, b"Hello"), "Frame(TEXT, b'Hello')", "text, 5 bytes “Hello”, FIN"),
            (
                Frame(Opcode.BINARY, b"\xff", fin=False, masking_key=KEY),
                "Frame(BINARY, b'\\xff', fin=False, masking_key=b'7\\xfa!=')",
                "binary, 1 byte ff, masked 37 fa 21 3d, more to come",
            ),
            (
                Frame(11, rsv1=True, rsv3=True),
                "Frame(0xb, b'', rsv1=True, rsv3=True)",
                "reserved opcode 0xb, 0 bytes, FIN RSV1 RSV3",
            ),
            (
                Frame(Opcode.PING, b"x" * 64),
                f"Frame(PING, {b'x' * 64!r})",
                f"ping, 64 bytes “{'x' * 40}…”, FIN",
            ),
            (
                Frame(Opcode.PING, b"x" * 65),
                f"Frame(PING, {b'x' * 60!r}…65)",
                f"ping, 65 bytes “{'x' * 40}…”, FIN",
            ),
        ],
    )
    def test_of_a_frame(self, frame: Frame, shown: str, told: str) -> None:
        assert (repr(frame), str(frame)) == (shown, told)

    @pytest.mark.parametrize(
        ("payload", "shown"),
        [
            (b"x" * 40, f"“{'x' * 40}”"),
            (b"a\nb", "61 0a 62"),
            (b"\xff" * 13, "ff " * 12 + "ff"),
            (b"\xff" * 14, "ff " * 12 + "ff …"),
            (b"", ""),
            ("€".encode() * 100, f"“{'€' * 40}…”"),
            ("€".encode() * 9 + b"\xe2\x82", "e2 82 ac " * 4 + "e2 …"),
        ],
    )
    def test_of_a_payload(self, payload: bytes, shown: str) -> None:
        assert shorten(payload) == shown

    def test_a_notebook_shows_its_picture(self) -> None:
        frame = Frame(Opcode.TEXT, b"Hello", masking_key=KEY)
        assert frame._repr_html_() == frame_html(frame)

    @given(frames)
    def test_any_frame_fits_a_line(self, frame: Frame) -> None:
        assert "\n" not in str(frame)
        assert len(str(frame)) < 150
        assert len(repr(frame)) < 400
