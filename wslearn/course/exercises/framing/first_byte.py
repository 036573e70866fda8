"""A frame's first byte: split_first_byte (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.framing.octet import Octet
from wslearn.frames import FIN, RSV1, RSV2, RSV3

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["SPLIT_FIRST_BYTE", "split_first_byte"]

LESSON = "03_frames"

_FirstByte = tuple[bool, bool, bool, bool, int]


def split_first_byte(byte: int) -> tuple[bool, bool, bool, bool, int]:
    """Take a frame's first byte apart: FIN, RSV1, RSV2, RSV3 and the opcode (RFC 6455 §5.2).

    Parameters
    ----------
    byte
        0 to 255.

    Examples
    --------
    >>> split_first_byte(0x81)
    (True, False, False, False, 1)
    """
    return bool(byte & FIN), bool(byte & RSV1), bool(byte & RSV2), bool(byte & RSV3), byte & 0x0F


def _bytes() -> SearchStrategy[tuple[int]]:
    from hypothesis import strategies as st

    return st.tuples(st.integers(0, 255).map(Octet))


def _from_the_right(byte: int) -> _FirstByte:
    return bool(byte & 1), bool(byte & 2), bool(byte & 4), bool(byte & 8), byte >> 4


def _weights(byte: int) -> tuple[int, int, int, int, int]:
    return byte & FIN, byte & RSV1, byte & RSV2, byte & RSV3, byte & 0x0F


def _compared_with_one(byte: int) -> _FirstByte:
    fin, rsv1, rsv2, rsv3 = ((byte & mask) == 1 for mask in (FIN, RSV1, RSV2, RSV3))
    return fin, rsv1, rsv2, rsv3, byte & 0x0F


def _decimal_masks(byte: int) -> _FirstByte:
    return bool(byte & 80), bool(byte & 40), bool(byte & 20), bool(byte & 10), byte & 0x0F


def _opcode_of_seven_bits(byte: int) -> _FirstByte:
    return (*split_first_byte(byte)[:4], byte & 0x7F)


def _opcode_of_three_bits(byte: int) -> _FirstByte:
    return (*split_first_byte(byte)[:4], byte & 0x07)


def _rsv_in_reverse(byte: int) -> _FirstByte:
    fin, rsv1, rsv2, rsv3, opcode = split_first_byte(byte)
    return fin, rsv3, rsv2, rsv1, opcode


def _fin_upside_down(byte: int) -> _FirstByte:
    return (not byte & FIN, *split_first_byte(byte)[1:])


SPLIT_FIRST_BYTE = Exercise(
    model=split_first_byte,
    lesson=LESSON,
    section="RFC 6455 §5.2",
    examples=tuple(
        (Octet(byte),)
        for byte in (0, 1, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, 0x0F, 0x10, 0x20, 0x40, 0xC1, 0xFF)
    ),
    inputs=_bytes,
    hints=(
        "`byte & 0x80` keeps the leftmost bit and makes all others 0. What is left is 0 or 128.",
        "FIN is worth 0x80, RSV1 0x40, RSV2 0x20, RSV3 0x10. `bool(…)` makes True or False of a number.",
        "The opcode is the four bits on the right: `byte & 0x0F`.",
        "`bool(byte & 0x80), bool(byte & 0x40), …, byte & 0x0F`",
    ),
    misconceptions=(
        Misconception(
            "bits counted from the right",
            "You count the bits from the right. The RFC draws them as they are on the wire, the most "
            "significant first: FIN is the leftmost bit, worth 0x80, and the opcode is the four bits on the "
            "right (§5.2).",
            _from_the_right,
        ),
        Misconception(
            "the bit's weight in place of True",
            "You give what `&` leaves, such as 128 for FIN. The question is whether the bit is set: "
            "`bool(byte & 0x80)`.",
            _weights,
        ),
        Misconception(
            "what is left compared with 1",
            "You compare what `&` leaves with 1. For FIN it leaves 0x80 or 0, never 1: `bool(byte & 0x80)`.",
            _compared_with_one,
        ),
        Misconception(
            "decimal masks",
            "You wrote 80, 40, 20 and 10 as decimal numbers, which are other bits. Each of these bits is one "
            "hexadecimal digit of its own: `0x80`, `0x40`, `0x20`, `0x10`.",
            _decimal_masks,
        ),
        Misconception(
            "RSV bits left in the opcode",
            "Your opcode still holds the RSV bits. It is four bits: `byte & 0x0F` (§5.2).",
            _opcode_of_seven_bits,
        ),
        Misconception(
            "an opcode of three bits",
            "You take three bits for the opcode, and all control frames lose the bit that makes them "
            "control frames. It is four bits: `byte & 0x0F` (§5.2).",
            _opcode_of_three_bits,
        ),
        Misconception(
            "RSV bits in reverse",
            "You have RSV1 and RSV3 the wrong way round. RSV1 is next to FIN, worth 0x40 (§5.2).",
            _rsv_in_reverse,
        ),
        Misconception(
            "FIN upside down",
            "You have FIN the wrong way round. 1 says that the message ends with this frame, 0 that more "
            "follows (§5.2).",
            _fin_upside_down,
        ),
    ),
)
