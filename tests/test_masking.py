"""Masking (RFC 6455 §5.3): every way gives the same bytes, with and without accelerators."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.utils import apply_mask

from tests.cost import growth, memory
from wslearn import UsageError, mask, masking
from wslearn.masking import (
    accelerators,
    mask_behind,
    mask_bytewise,
    mask_in_place,
    mask_integer,
    mask_lanes,
    mask_part,
    rotate,
)

Way = Callable[[bytes, bytes], bytes]

WAYS: list[Way] = [mask, mask_bytewise, mask_integer, mask_lanes]
KEY = b"\x01\x80\xff\x00"
KEYS = st.binary(min_size=4, max_size=4)
# Around every size at which one way hands over to another, and every remainder of four and of eight.
SIZES = [*range(18), *range(255, 260), *range(318, 332), *range(8188, 8204), 65537]


def forget() -> None:
    """Forget what is installed, so that it is looked for again."""
    for cached in (masking.small, masking.large_from, masking._speedups, masking._numpy):
        cached.cache_clear()


@pytest.fixture(
    params=[(), ("tornado",), ("numpy",), ("tornado", "numpy")], ids=lambda gone: f"without {gone}"
)
def without(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """Take accelerators away, as on a machine where they are not installed."""
    gone: tuple[str, ...] = request.param
    if "tornado" in gone:
        monkeypatch.setitem(sys.modules, "tornado.speedups", None)
    if "numpy" in gone:
        monkeypatch.setitem(sys.modules, "numpy", None)
    forget()
    yield gone
    monkeypatch.undo()
    forget()


class TestSection53Masking:
    @pytest.mark.parametrize("way", WAYS)
    def test_example_of_section_5_7(self, way: Way) -> None:
        assert way(b"Hello", bytes.fromhex("37 fa 21 3d")) == bytes.fromhex("7f 9f 4d 51 58")

    @pytest.mark.parametrize("way", WAYS)
    @given(st.binary(max_size=300), KEYS)
    def test_octet_i_meets_key_octet_i_mod_4(self, way: Way, payload: bytes, key: bytes) -> None:
        assert way(payload, key) == bytes(payload[i] ^ key[i % 4] for i in range(len(payload)))

    @pytest.mark.parametrize("way", WAYS)
    @given(st.binary(max_size=300), KEYS)
    def test_masking_twice_gives_the_original(self, way: Way, payload: bytes, key: bytes) -> None:
        assert way(way(payload, key), key) == payload

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("key", [b"", b"abc", b"abcde"])
    def test_a_key_has_four_bytes(self, way: Way, key: bytes) -> None:
        with pytest.raises(UsageError, match="four bytes"):
            way(b"Hello", key)

    @given(st.binary(max_size=100), KEYS, st.integers(0, 100))
    def test_a_payload_in_two_pieces(self, payload: bytes, key: bytes, cut: int) -> None:
        first, rest = payload[:cut], payload[cut:]
        assert mask(first, key) + mask(rest, rotate(key, len(first))) == mask(payload, key)


class TestEverySize:
    PAYLOAD = bytes(range(256)) * 800

    def test_with_and_without_accelerators(self, without: tuple[str, ...]) -> None:
        for size in SIZES:
            payload = self.PAYLOAD[1 : 1 + size]
            masked = mask(payload, KEY)
            assert (masked, type(masked)) == (apply_mask(payload, KEY), bytes)
            assert payload == self.PAYLOAD[1 : 1 + size]

    def test_a_part_of_a_read(self, without: tuple[str, ...]) -> None:
        for size in SIZES:
            data = b"head" + self.PAYLOAD[:size] + b"more behind"
            masked = mask_part(data, 4, 4 + size, KEY)
            assert (masked, type(masked)) == (apply_mask(self.PAYLOAD[:size], KEY), bytes)
            assert data == b"head" + self.PAYLOAD[:size] + b"more behind"

    @pytest.mark.parametrize("head", [b"", b"2 ", b"fourteen bytes"])
    def test_behind_a_header(self, without: tuple[str, ...], head: bytes) -> None:
        for size in SIZES:
            payload = self.PAYLOAD[:size]
            masked = mask_behind(head, payload, KEY)
            assert (masked, type(masked)) == (head + apply_mask(payload, KEY), bytes)
            assert payload == self.PAYLOAD[:size]

    @pytest.mark.parametrize("start", [0, 1, 2, 3, 4, 1000])
    def test_in_place(self, without: tuple[str, ...], start: int) -> None:
        for size in (*SIZES, 3 * 65536 + 5):
            buffer = io.BytesIO(bytes(start) + self.PAYLOAD[:size])
            mask_in_place(buffer, start, KEY)
            buffer.seek(0, io.SEEK_END)
            buffer.write(b"more")  # nobody holds the buffer any more
            assert buffer.getvalue() == bytes(start) + apply_mask(self.PAYLOAD[:size], KEY) + b"more"

    def test_in_place_takes_no_second_payload(self, without: tuple[str, ...]) -> None:
        buffer = io.BytesIO(bytes(1 << 20))
        assert memory(lambda: mask_in_place(buffer, 1, KEY)).peak < 1 << 18

    @pytest.mark.parametrize("way", [mask_integer, mask_lanes])
    def test_agrees_with_websockets(self, way: Way) -> None:
        for size in SIZES:
            assert way(self.PAYLOAD[:size], KEY) == apply_mask(self.PAYLOAD[:size], KEY)

    @pytest.mark.parametrize("way", WAYS)
    def test_cost_is_linear(self, way: Way) -> None:
        assert growth(lambda size: way(bytes(size), b"abcd"), 1 << 15, 1 << 18) < 32


class TestAccelerators:
    def test_says_what_it_found(self, without: tuple[str, ...]) -> None:
        names = {"tornado": "tornado.speedups", "numpy": "numpy"}
        assert accelerators() == [name for part, name in names.items() if part not in without]
