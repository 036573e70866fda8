"""A length in its three forms: payload_length (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import ProtocolError
from wslearn.frames import MASK, payload_length

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["PAYLOAD_LENGTH"]

LESSON = "03_frames"

_Order = Literal["big", "little"]


_HELLO = bytes.fromhex("81 05 48 65 6c 6c 6f")
_LENGTHS = (
    ("82 00", 0),
    ("82 05", 0),
    ("81 85 37 fa 21 3d", 0),
    ("82 7d", 0),
    ("82 fd 37 fa 21 3d", 0),
    ("82 7e", 0),
    ("82 7e 01", 0),
    ("82 7e 00 7e", 0),
    ("82 fe 01 00", 0),
    ("82 fe 01 00 37 fa 21 3d", 0),
    ("82 7e ff ff", 0),
    ("82 7f", 0),
    ("82 7f 00 00 00 00 00 01 00", 0),
    ("82 7f 00 00 00 00 00 01 00 00", 0),
    ("82 ff 00 00 01 00 00 00 00 05", 0),
    ("82 7f 7f ff ff ff ff ff ff ff", 0),
    ("82 7e 00 05", 0),
    ("82 7e 00 7d", 0),
    ("82 ff 00 00 00 00 00 00 ff ff", 0),
    ("82 7f 80 00 00 00 00 00 00 00", 0),
    (_HELLO.hex() + "82 03", 7),
    (_HELLO.hex() + "82 7e 01 00 00 00", 7),
    (_HELLO.hex() + "82 7e 01", 7),
    (_HELLO.hex() + "82 ff 00 00 00 00 00 01 00 00", 7),
)


def _heads() -> SearchStrategy[tuple[bytes, int]]:
    """Make a header in any of the three forms, its shortest or not; cut, or with more behind it."""
    from hypothesis import strategies as st

    def written(before: bytes, bit: int, size: int, form: int, cut: int, more: bytes) -> tuple[bytes, int]:
        announced, width = ((size & 0x7F, 0), (126, 2), (127, 8))[form]
        length = (size % 256**width).to_bytes(width, "big")[: max(0, width - cut)]
        return before + bytes([0x82, bit | announced]) + length + more * (cut == 0), len(before)

    sizes = st.integers(0, 125) | st.integers(0, 70_000) | st.integers(0, 2**64 - 1)
    cut = st.just(0) | st.integers(0, 8)
    before = st.just(b"") | st.just(_HELLO)
    return st.builds(
        written, before, st.sampled_from((0, MASK)), sizes, st.integers(0, 2), cut, st.binary(max_size=12)
    ).filter(lambda made: made[0][made[1] + 1] & 0x7F < 126 or len(made[0]) > made[1] + 1)


def _read(
    data: bytes, at: int, *, order: _Order = "big", least: bool = True, top: bool = True, wait: bool = True
) -> tuple[int, int] | None:
    """Read a length as somebody does who leaves one thing out."""
    size, start = data[at + 1] & 0x7F, at + 2
    if size < 126:
        return size, start
    width, shortest = (2, 126) if size == 126 else (8, 65_536)
    if wait and len(data) < start + width:
        return None
    size = int.from_bytes(data[start : start + width], order)
    if (least and size < shortest) or (top and size >> 63):
        raise ProtocolError("Not a legal length.", close_code=1002, section="§5.2", field="payload length")
    return size, start + width


def _mask_bit_left_in(data: bytes, at: int) -> tuple[int, int] | None:
    if data[at + 1] & MASK:
        return data[at + 1], at + 2
    return payload_length(data, at)


def _shifted(data: bytes, at: int) -> tuple[int, int] | None:
    return payload_length(data[: at + 1] + bytes([data[at + 1] >> 1]) + data[at + 2 :], at)


def _little_endian_length(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, order="little")


def _seven_bits_only(data: bytes, at: int) -> tuple[int, int]:
    return data[at + 1] & 0x7F, at + 2


def _at_ignored(data: bytes, at: int) -> tuple[int, int] | None:  # noqa: ARG001
    return payload_length(data, 0)


def _counted_from_the_frame(data: bytes, at: int) -> tuple[int, int] | None:
    return payload_length(data[at:], 0)


def _behind_the_key(data: bytes, at: int) -> tuple[int, int] | None:
    found = payload_length(data, at)
    return found and (found[0], found[1] + (4 if data[at + 1] & MASK else 0))


def _at_not_waited_for(data: bytes, at: int) -> tuple[int, int] | None:
    """Compare the length of all data with that of one header."""
    announced = data[at + 1] & 0x7F
    if announced >= 126 and len(data) < (4 if announced == 126 else 10):
        return None
    return _read(data, at, wait=False)


def _payload_waited_for(data: bytes, at: int) -> tuple[int, int] | None:
    found = payload_length(data, at)
    return found if found and len(data) >= sum(found) else None


def _all_taken(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, wait=False, least=False, top=False)


def _not_waited(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, wait=False)


def _any_length(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, least=False, top=False)


def _any_form(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, least=False)


def _top_bit_allowed(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, top=False)


PAYLOAD_LENGTH = Exercise(
    model=payload_length,
    lesson=LESSON,
    section="RFC 6455 §5.2",
    examples=tuple((bytes.fromhex(data), at) for data, at in _LENGTHS),
    inputs=_heads,
    hints=(
        "The frame's second byte is `data[at + 1]`. `& 0x7F` takes the MASK bit away.",
        "Up to 125 that is the length, and what follows begins at `at + 2`.",
        "126: two more bytes, 127: eight more. If `data` ends before the last of them, return None.",
        '`int.from_bytes(data[at + 2 : at + 4], "big")` reads 16 bits.',
        (
            "At last refuse what is not allowed: in 16 bits a length below 126, in 64 bits one below "
            "65,536, or one whose top bit is set: `size >> 63`."
        ),
    ),
    misconceptions=(
        Misconception(
            "the MASK bit read as length",
            "You read the MASK bit as a part of the length, which is then too long by 128. `& 0x7F` takes "
            "it away (§5.2).",
            _mask_bit_left_in,
        ),
        Misconception(
            "the rightmost bit taken for MASK",
            "You take the rightmost bit for MASK and shift it out. MASK is the leftmost bit of the second "
            "byte, and the seven others are the length: `& 0x7F` (§5.2).",
            _shifted,
        ),
        Misconception(
            "only the seven bits read",
            "You read the seven bits alone. There 126 and 127 are no lengths: 16 or 64 bits of length "
            "follow (§5.2).",
            _seven_bits_only,
        ),
        Misconception(
            "the light byte first",
            "You read the length with the least significant byte first. On the wire the most significant "
            "one comes first, network byte order (§5.2).",
            _little_endian_length,
        ),
        Misconception(
            "a length that is not all there",
            "You read a length whose last bytes have not arrived yet. TCP may cut anywhere: return None "
            "until all of them are there.",
            _not_waited,
        ),
        Misconception(
            "`at` forgotten where you wait",
            "You compare `len(data)` with the length of a header that begins at 0. This one begins at `at`: "
            "`len(data) < at + 4`, or `at + 10`.",
            _at_not_waited_for,
        ),
        Misconception(
            "the payload waited for",
            "You wait for the payload. Only the length is asked for: None while some of its own bytes are "
            "missing.",
            _payload_waited_for,
        ),
        Misconception(
            "neither waited nor refused",
            "You read whatever there is. Return None until the last byte of the length is there. Then refuse "
            "with 1002 a top bit that is set (§5.2) and, as this library does, a form that is not the "
            "shortest.",
            _all_taken,
        ),
        Misconception(
            "longer forms taken",
            "You take a length that is not in its shortest form. §5.2 asks the sender for the shortest; "
            "this library refuses any other with 1002.",
            _any_form,
        ),
        Misconception(
            "the top bit taken",
            "You take a 64-bit length whose top bit is set. It must be 0: refuse it with 1002 (§5.2).",
            _top_bit_allowed,
        ),
        Misconception(
            "any length taken",
            "You take any length that can be written. One whose top bit is set is refused with 1002 (§5.2). "
            "So is, in this library, one that is not in its shortest form.",
            _any_length,
        ),
        Misconception(
            "always the first frame",
            "You read the first frame in `data`, whatever `at` says. The frame begins at `at`, and its "
            "length at `at + 1`.",
            _at_ignored,
        ),
        Misconception(
            "the offset counted from the frame",
            "You count the offset from the start of the frame. It is one in `data`: `at + 2` for the short "
            "form.",
            _counted_from_the_frame,
        ),
        Misconception(
            "the key skipped",
            "Your offset is behind the masking key. It belongs behind the length; whether a key follows is "
            "the next question.",
            _behind_the_key,
        ),
    ),
)
