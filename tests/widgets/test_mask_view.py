"""MaskView in Python: every column is the library's own XOR, and a cache reads with its own parser."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.markup import picture
from wslearn.errors import UsageError
from wslearn.masking import mask_bytewise
from wslearn.widgets import MaskView
from wslearn.widgets.mask_view import ATTACK

KEY = bytes.fromhex("37 fa 21 3d")


class TestColumns:
    def test_the_mock(self) -> None:
        view = MaskView("Hello")
        view.step = 2
        assert (view.source, view.keys_used, view.result) == ("48 65 6c 6c 6f", "37 fa 21 3d 37", "7f 9f 4d")
        assert view.verdict["verdict"] == "6c ⊕ 21 = 4d"
        assert view.verdict["note"] == "§5.3"
        assert repr(view) == "<MaskView: 5 bytes ⊕ 37 fa 21 3d, byte 2>"

    @given(st.binary(min_size=1, max_size=40), st.binary(min_size=4, max_size=4), st.data())
    @settings(max_examples=60, deadline=None)
    def test_any_column_is_masked_bytewise(self, payload: bytes, key: bytes, data: st.DataObject) -> None:
        view = MaskView(payload, key)
        view.step = data.draw(st.integers(0, len(payload) - 1))
        masked = mask_bytewise(payload, key)
        column = view.step - view.at
        assert bytes.fromhex(view.source) == payload[view.at : view.at + 8]
        assert bytes.fromhex(view.keys_used)[column] == key[view.step % 4]
        assert bytes.fromhex(view.result) == masked[view.at : view.step + 1]
        view.inverse = True
        view.step = len(payload) - 1
        assert bytes.fromhex(view.source) == masked[view.at :]
        assert bytes.fromhex(view.result) == payload[view.at :]

    def test_unmasking_begins_anew(self) -> None:
        view = MaskView("Hello")
        view.step = 4
        view.inverse = True
        assert (view.step, view.verdict["verdict"]) == (0, "7f ⊕ 37 = 48")
        assert "the payload is back" in view.verdict["text"]

    def test_no_payload(self) -> None:
        view = MaskView(b"")
        assert (view.source, view.verdict["verdict"]) == ("", "empty")
        view.step = 3
        assert view.step == 0

    def test_16_mib_never_go_to_the_page(self) -> None:
        view = MaskView(bytes(1 << 24))
        view.step = (1 << 24) - 1
        assert view.result == (KEY * 2).hex(" ")
        assert (view.at, view.payload) == ((1 << 24) - 8, "")
        assert len(repr(view.get_state([key for key in view.keys if not key.startswith("_")]))) < 2000


class TestEdits:
    def test_payload(self) -> None:
        view = MaskView("Hello")
        view.step = 4
        view.payload = "Hi"
        assert (view.size, view.step, view.masked) == (2, 1, mask_bytewise(b"Hi", KEY))

    def test_payload_in_hex(self) -> None:
        view = MaskView("Hi")
        view.form = "hex"
        view.payload = "48 ff"
        assert view.data == b"H\xff"
        view.form = "text"
        assert str(view.form) == "hex"
        assert view.problem

    def test_key(self) -> None:
        view = MaskView("Hello")
        view.key = "00000000"
        assert view.masked == b"Hello"

    @pytest.mark.parametrize(("trait", "value"), [("key", "37 fa"), ("step", 5), ("step", -1)])
    def test_bad_input_says_so_and_changes_nothing(self, trait: str, value: object) -> None:
        view = MaskView("Hello")
        setattr(view, trait, value)
        assert view.problem.endswith(".")
        assert view.masked == mask_bytewise(b"Hello", KEY)
        assert 0 <= view.step < 5

    def test_a_key_of_three_bytes_is_misuse(self) -> None:
        with pytest.raises(UsageError, match="four bytes"):
            MaskView("Hello", b"abc")


class TestCache:
    def test_without_a_mask_it_reads_a_request(self) -> None:
        view = MaskView("Hello")
        view.cache = True
        off, on = view.wires
        assert view.data == ATTACK
        assert off["text"] == "A cache sees a request: GET /ads.js for ads.example."
        assert ATTACK.hex(" ") in off["wire"]
        assert not on["request"]
        assert ATTACK.hex(" ") not in on["wire"]
        assert (off["header"], off["key"], on["header"], on["key"]) == (2, 0, 2, 4)
        assert view.verdict["note"] == "§10.3"

    def test_a_key_of_zeros_protects_nobody(self) -> None:
        view = MaskView()
        view.cache = True
        view.key = "00 00 00 00"
        assert [wire["request"] for wire in view.wires] == [True, True]

    @pytest.mark.parametrize("payload", [b"\xff", b"GET /", b"GET /x HTTP/1.1\r\nHo st: x\r\n\r\n", b"Hi"])
    def test_what_is_no_request(self, payload: bytes) -> None:
        view = MaskView()
        view.cache = True
        view.form = "hex"
        view.payload = payload.hex()
        assert [wire["request"] for wire in view.wires] == [False, False]

    def test_each_picture_keeps_its_own_payload(self) -> None:
        view = MaskView("Hello")
        view.cache = True
        view.payload = "Hi"
        view.cache = False
        assert view.payload == "Hello"
        view.cache = True
        assert view.payload == "Hi"


def test_still_pictures() -> None:
    view = MaskView("<img src=x onerror=alert(1)>")
    view.step = 2
    assert "01101101 ⊕ 00100001 = 01001100" in picture(view.still()).text
    view.cache = True
    view.payload = r"GET /<img> HTTP/1.1\r\nHost: x\r\n\r\n"
    assert "GET /<img> for x" in picture(view.still()).text
