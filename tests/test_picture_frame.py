"""The bits and the bytes of a frame, drawn (RFC 6455 §5.2)."""

from __future__ import annotations

import re

import pytest

from tests.markup import picture
from wslearn import Frame, Opcode
from wslearn.explain import explain
from wslearn.frames import header
from wslearn.picture_frame import bits_html, bytes_html

KEY = bytes.fromhex("37fa213d")
NUMBERS = " ".join(map(str, range(16)))
LABELS = "FIN RSV1 2 3 opcode MASK payload length"


def bits(data: bytes) -> str:
    return bits_html(data, explain(data))


def octets(data: bytes, first: int = 0) -> str:
    """Draw the bytes of the frame whose first span has this number."""
    return bytes_html(data, explain(data)[first:])


class TestSection52Bits:
    def test_are_those_of_the_diagram(self) -> None:
        html = bits(Frame(Opcode.TEXT, b"Hello", masking_key=KEY).serialize())
        assert picture(html).text == f"{NUMBERS} 1 0 0 0 0 0 0 1 1 0 0 0 0 1 0 1 {LABELS}"

    def test_each_bit_belongs_to_its_field(self) -> None:
        cells = re.findall(r'<td class="wsl-b wsl-(\w+) wsl-i(\d+)">', bits(b"\x89\x00"))
        assert [int(number) for _, number in cells] == [0, 1, 2, 3, 4, 4, 4, 4, 5, *[6] * 7]
        assert [kind for kind, _ in cells] == ["flags"] * 4 + ["opcode"] * 4 + ["flags"] + ["length"] * 7

    def test_a_label_belongs_to_all_that_is_above_it(self) -> None:
        assert '<td class="wsl-l wsl-flags wsl-i1 wsl-i2 wsl-i3" colspan="3">RSV1 2 3</td>' in bits(
            b"\x89\x00"
        )

    def test_a_fault_is_marked(self) -> None:
        assert '<td class="wsl-b wsl-fault wsl-i0">0</td>' in bits(b"\x09\x00")

    def test_one_byte_alone(self) -> None:
        dots = " ".join("·" * 8)
        assert picture(bits(b"\x81")).text == f"{NUMBERS} 1 0 0 0 0 0 0 1 {dots} {LABELS}"
        assert '<td class="wsl-l wsl-flags" colspan="1">MASK</td>' in bits(b"\x81")

    def test_a_frame_behind_another(self) -> None:
        data = b"\x89\x00\x8a\x00"
        told = explain(data)
        assert bits_html(data, told[7:]).startswith(bits(b"\x8a\x00")[:200])


class TestBytes:
    def test_payload_is_shown_unmasked_below_what_is_on_the_wire(self) -> None:
        html = octets(Frame(Opcode.TEXT, b"Hello", masking_key=KEY).serialize())
        assert picture(html).text == "0000 81 · 85 · 37 7 fa · 21 ! 3d = 7f H 9f e 0008 4d l 51 l 58 o"

    def test_the_first_bytes_belong_to_several_fields(self) -> None:
        html = octets(b"\x89\x00")
        assert '<span class="wsl-b wsl-opcode wsl-i0 wsl-i1 wsl-i2 wsl-i3 wsl-i4">89' in html
        assert '<span class="wsl-b wsl-length wsl-i5 wsl-i6">00' in html

    def test_a_fault_has_the_say(self) -> None:
        assert '<span class="wsl-b wsl-fault wsl-i0 wsl-i1 wsl-i2 wsl-i3 wsl-i4">09' in octets(b"\x09\x00")

    def test_characters_that_are_markup_or_cannot_be_seen(self) -> None:
        text = picture(octets(Frame(Opcode.TEXT, b"<&> \x1b\x7f\xc3\xa9").serialize())).text
        assert text.endswith("3c < 26 & 3e > 20 ␣ 1b · 7f · 0008 c3 · a9 ·")

    def test_a_key_that_is_not_all_there(self) -> None:
        assert picture(octets(bytes.fromhex("81 85 37 fa"))).text == "0000 81 · 85 · 37 7 fa ·"

    def test_offsets_are_those_of_the_data(self) -> None:
        data = b"\x89\x00" * 10 + Frame(Opcode.TEXT, b"0123456789abcdef").serialize()
        assert re.findall(r'<span class="(wsl-off[\w -]*)">(\w+)', octets(data, 70)) == [
            ("wsl-off", "0014"),
            ("wsl-off wsl-half", "001c"),
            ("wsl-off", "0024"),
        ]

    @pytest.mark.parametrize("key", [None, KEY])
    @pytest.mark.parametrize("size", [82, 96, 97, 98, 99, 126, 70001])
    def test_of_a_long_frame_both_ends(self, size: int, key: bytes | None) -> None:
        payload = bytes(0x41 + number % 26 for number in range(size))
        data = Frame(Opcode.BINARY, payload, masking_key=key).serialize()
        html = octets(data)
        shown = picture(html).text
        cells = html.count('class="wsl-b ')
        whole = len(data) <= 96
        assert cells == (len(data) if whole else 80)
        assert (f"… {len(data) - 80:,} bytes more …" in shown) is not whole
        # The text of the last bytes is the payload, unmasked with the key turned to where they stand.
        assert "".join(re.findall("<small>(.)</small>", html)[-16:]) == payload[-16:].decode()

    def test_a_long_payload_costs_no_more_than_a_short_one(self) -> None:
        data = header(0x82, 16 << 20, KEY) + bytes(16 << 20)
        assert len(octets(data)) < 12_000
