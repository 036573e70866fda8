"""A frame while it is edited: nothing is lost, whatever its bits say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn.errors import UsageError
from wslearn.frames import Frame
from wslearn.masking import mask
from wslearn.vectors import BAD_FRAMES, COMPRESSED, FRAMES
from wslearn.widgets.draft import EXAMPLE_KEY, Draft, drafts

HELLO = Draft.read(FRAMES[1].data)[0]
NEXT_KEY = bytes.fromhex("01 02 03 04")


@given(st.binary(min_size=14, max_size=80))
def test_any_bytes_are_read_and_written_back(data: bytes) -> None:
    draft, rest = Draft.read(data)
    assert draft.serialize() + rest == data
    assert draft.size == len(draft.serialize())
    wire = draft.serialize()
    whole = draft.ends(draft.size, 0)[0]
    assert whole[: len(draft.header)] == draft.header
    assert whole[len(draft.header) :] == draft.payload
    assert wire.startswith(draft.header)


VECTORS = [
    *(each.data for each in FRAMES),
    *(each.data for each in COMPRESSED),
    *(each.data for each in BAD_FRAMES),
]


@pytest.mark.parametrize("data", VECTORS)
def test_every_vector_is_written_back(data: bytes) -> None:
    found, rest = drafts(data, 100)
    written = b"".join(draft.serialize() for draft in found) + rest
    # Two of them end behind their length, where a key would have to follow.
    assert written[: len(data)] == data
    assert written[len(data) :] in {b"", bytes(4)}


@given(st.binary(max_size=13))
def test_a_header_cut_off_is_filled_with_zeros(data: bytes) -> None:
    draft, rest = Draft.read(data)
    assert (draft.serialize() + rest).startswith(data)


@given(st.integers(0, 15), st.binary(max_size=300), st.booleans())
def test_frames_are_read_as_by_the_parser(opcode: int, payload: bytes, masked: bool) -> None:
    frame = Frame(opcode, payload, masking_key=NEXT_KEY if masked else None)
    draft, rest = Draft.read(frame.serialize() + b"more")
    assert (draft.payload, rest) == (payload, b"more")
    assert draft.follows
    assert draft.about_length() == ""


class TestHeader:
    def test_mask_off_and_on_again_keeps_the_key(self) -> None:
        bare = HELLO.with_header(bytes.fromhex("81 05 37 fa 21 3d"))
        assert bare.serialize() == FRAMES[0].data
        assert bare.with_header(b"\x81\x85").serialize() == FRAMES[1].data

    def test_a_bit_of_the_key(self) -> None:
        changed = HELLO.with_header(bytes.fromhex("81 85 37 fa 21 3c"))
        assert changed.key == bytes.fromhex("37 fa 21 3c")
        assert changed.payload == b"Hello"

    def test_a_longer_form_of_the_length_is_added(self) -> None:
        assert HELLO.with_header(b"\x81\xfe").header.hex(" ") == "81 fe 00 05 37 fa 21 3d"
        assert HELLO.with_header(b"\x81\xff").announced == 5

    def test_a_length_that_does_not_fit(self) -> None:
        assert Draft(payload=bytes(70_000)).with_header(b"\x82\x7e").extended == b"\xff\xff"

    def test_bits_that_come_late_keep_what_was_added_meanwhile(self) -> None:
        masked = Draft(payload=b"Hello").with_header(b"\x81\x85")
        assert masked.with_header(b"\x01\x85").header.hex(" ") == "01 85 37 fa 21 3d"

    def test_half_a_header(self) -> None:
        with pytest.raises(UsageError, match="two bytes"):
            HELLO.with_header(b"\x81")


class TestLength:
    @pytest.mark.parametrize(
        ("length", "said"),
        [(3, "2 bytes too many"), (4, "1 byte too many"), (300, "295 bytes short"), (6, "1 byte short")],
    )
    def test_by_hand(self, length: int, said: str) -> None:
        draft = HELLO.with_length(length)
        assert draft.announced == length
        assert not draft.follows
        assert draft.about_length().startswith(said)
        assert draft.payload == b"Hello"

    def test_true_but_too_long(self) -> None:
        assert "shortest" in HELLO.with_header(b"\x81\xfe").about_length()

    def test_what_trails_is_shown_as_it_is(self) -> None:
        draft = HELLO.with_length(3)
        assert draft.ends(11, 0)[0] == draft.header + b"Hel" + mask(b"Hello", EXAMPLE_KEY)[3:]


def test_gist() -> None:
    assert Draft(first=0x83).gist() == "reserved 0x3"
    assert HELLO.gist() == "text “Hello”"


def test_a_long_run_is_cut() -> None:
    found, rest = drafts(bytes.fromhex("89 00") * 9, 4)
    assert (len(found), len(rest)) == (4, 10)
