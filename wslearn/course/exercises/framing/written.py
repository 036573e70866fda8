"""What stands in front of the payload: header (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.framing.octet import Octet
from wslearn.frames import MASK, header

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["HEADER"]

LESSON = "03_frames"

_Order = Literal["big", "little"]

_KEY = bytes.fromhex("37fa213d")  # §5.7


_SIZES = (0, 5, 125, 126, 127, 255, 256, 65_535, 65_536, 2**32, 2**63 - 1)


def _headers() -> SearchStrategy[tuple[int, int, bytes | None]]:
    from hypothesis import strategies as st

    sizes = st.integers(0, 300) | st.integers(0, 70_000) | st.integers(0, 2**63 - 1)
    return st.tuples(
        st.sampled_from((0x81, 0x82, 0x01, 0x00, 0xC1)).map(Octet),
        sizes,
        st.none() | st.binary(min_size=4, max_size=4),
    )


def _written(
    first_byte: int,
    size: int,
    masking_key: bytes | None,
    *,
    short: int = 125,
    middle: int = 65_535,
    wide: int = 8,
    order: _Order = "big",
) -> bytes:
    """Write a header whose limits, width or byte order are somebody's belief."""
    bit = 0 if masking_key is None else MASK
    key = masking_key or b""
    if size <= short:
        return bytes([first_byte, bit | size]) + key
    announced, width = (126, 2) if size <= middle else (127, wide)
    length = (size % (1 << 8 * width)).to_bytes(width, order)  # one that is too large is cut, as in C
    return bytes([first_byte, bit | announced]) + length + key


def _short_form_only(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    bit = 0 if masking_key is None else MASK
    return bytes([first_byte, bit + size]) + (masking_key or b"")


def _little_endian(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, order="little")


def _short_up_to_127(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, short=127)


def _short_up_to_126(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, short=126)


def _middle_ends_early(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, middle=65_534)


def _32_bits(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, wide=4)


def _no_64_bits(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    bit = 0 if masking_key is None else MASK
    if size <= 125:
        return bytes([first_byte, bit | size]) + (masking_key or b"")
    return bytes([first_byte, bit | 126]) + size.to_bytes(2, "big") + (masking_key or b"")


def _middle_ends_late(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return (_no_64_bits if size == 65_536 else header)(first_byte, size, masking_key)


def _key_before_length(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    written = header(first_byte, size, masking_key)
    return written if masking_key is None else written[:2] + masking_key + written[2:-4]


def _key_left_out(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:  # noqa: ARG001
    return header(first_byte, size)


def _key_without_mask_bit(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return header(first_byte, size) + (masking_key or b"")


def _mask_bit_in_short_form_only(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    if size < 126:
        return header(first_byte, size, masking_key)
    return header(first_byte, size) + (masking_key or b"")


def _mask_bit_without_key(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    written = header(first_byte, size, masking_key)
    return written if masking_key is None else written[:-4]


def _key_counted(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return header(first_byte, size if masking_key is None else size + 4, masking_key)


def _mask_bit_always(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    written = bytearray(header(first_byte, size, masking_key))
    written[1] |= MASK
    return bytes(written)


HEADER = Exercise(
    model=header,
    lesson=LESSON,
    section="RFC 6455 §5.2",
    examples=(
        *((Octet(0x82), size, key) for size in _SIZES for key in (None, _KEY)),
        (Octet(0x81), 5),
        (Octet(0xC1), 126, _KEY),
    ),
    inputs=_headers,
    hints=(
        (
            "Decide the MASK bit first: 0x80 where there is a key, else 0. It shares a byte with the seven "
            "bits of length."
        ),
        "There are three cases: `size < 126`, `size < 65536`, and the rest.",
        (
            "The long forms write 126 or 127 into the seven bits, then the whole size: `size.to_bytes(2, "
            '"big")` makes 16 bits, `size.to_bytes(8, "big")` makes 64.'
        ),
        "The key comes last, behind the length, whatever form that has.",
        '`bytes([first_byte, bit | 126]) + size.to_bytes(2, "big")` is the middle case, before the key.',
    ),
    misconceptions=(
        Misconception(
            "the short form only",
            "You write the short form only. From 126 on the length stands in 16 or 64 bits behind the second "
            "byte, which says which: 126 or 127 (§5.2).",
            _short_form_only,
        ),
        Misconception(
            "the light byte first",
            "You write the length with the least significant byte first. On the wire the most significant "
            "one comes first, network byte order (§5.2).",
            _little_endian,
        ),
        Misconception(
            "126 in seven bits",
            "You write 126 into the seven bits as a length. There it means that 16 bits of length follow: "
            "the short form ends at 125 (§5.2).",
            _short_up_to_126,
        ),
        Misconception(
            "127 in seven bits",
            "You write 126 and 127 into the seven bits as lengths. There they mean that 16 or 64 bits of "
            "length follow: from 126 on it takes the 16-bit form (§5.2).",
            _short_up_to_127,
        ),
        Misconception(
            "65,535 in 64 bits",
            "You write 65,535 in 64 bits. It fits into 16, and the shortest form must be used (§5.2).",
            _middle_ends_early,
        ),
        Misconception(
            "65,536 in 16 bits",
            "You write 65,536 in 16 bits, which reach to 65,535: from 65,536 on it takes 64 bits (§5.2).",
            _middle_ends_late,
        ),
        Misconception(
            "no long form",
            "You have no form for a size that does not fit into 16 bits. From 65,536 on 127 announces 64 "
            "bits (§5.2).",
            _no_64_bits,
        ),
        Misconception(
            "32 bits for the long form",
            "You write the long form in 32 bits. 127 announces 64 bits, eight bytes (§5.2).",
            _32_bits,
        ),
        Misconception(
            "no MASK bit in the long forms",
            "You set the MASK bit in the short form only. It is the first bit of the second byte in all "
            "three: `bit | 126`, `bit | 127` (§5.2).",
            _mask_bit_in_short_form_only,
        ),
        Misconception(
            "the key before the length",
            "You put the key right behind the second byte. It comes last, behind the longer forms of the "
            "length (§5.2).",
            _key_before_length,
        ),
        Misconception(
            "neither key nor MASK bit",
            "You leave the masking key out. Where there is one, the MASK bit is set and the key comes last "
            "(§5.2, §5.3).",
            _key_left_out,
        ),
        Misconception(
            "a key and no MASK bit",
            "You add the key and leave the MASK bit at 0. The receiver then takes the key for the first "
            "four bytes of the payload (§5.2).",
            _key_without_mask_bit,
        ),
        Misconception(
            "a MASK bit and no key",
            "You set the MASK bit and leave the key out. The receiver then takes four bytes of the payload "
            "for the key (§5.2).",
            _mask_bit_without_key,
        ),
        Misconception(
            "the key counted as payload",
            "You count the key's four bytes. The length is that of the payload alone (§5.3).",
            _key_counted,
        ),
        Misconception(
            "MASK set for everybody",
            "You set the MASK bit where there is no key. A server's frames have neither (§5.1).",
            _mask_bit_always,
        ),
    ),
)
