"""A payload that comes in pieces: rotate (RFC 6455 §5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.masking import rotate

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["ROTATE"]

LESSON = "04_masking"

_KEY = bytes.fromhex("37fa213d")  # §5.7


def _parts() -> SearchStrategy[tuple[bytes, int]]:
    from hypothesis import strategies as st

    return st.tuples(st.binary(min_size=4, max_size=4), st.integers(0, 70_000))


def _wrong_way(masking_key: bytes, consumed: int) -> bytes:
    return rotate(masking_key, -consumed)


def _without_modulo(masking_key: bytes, consumed: int) -> bytes:
    return masking_key[consumed:] + masking_key[:consumed]


def _cut_off(masking_key: bytes, consumed: int) -> bytes:
    return masking_key[consumed % 4 :]


def _unchanged(masking_key: bytes, consumed: int) -> bytes:  # noqa: ARG001
    return masking_key


def _bits(masking_key: bytes, consumed: int) -> bytes:
    turn, number = consumed % 32, int.from_bytes(masking_key, "big")
    return ((number << turn | number >> 32 - turn) & 0xFFFFFFFF).to_bytes(4, "big")


ROTATE = Exercise(
    model=rotate,
    lesson=LESSON,
    section="RFC 6455 §5.3",
    examples=(
        (b"abcd", 0),
        (b"abcd", 1),
        (b"abcd", 2),
        (b"abcd", 3),
        (b"abcd", 4),
        (b"abcd", 5),
        (b"abcd", 8),
        (_KEY, 125),
        (_KEY, 126),
        (_KEY, 65_535),
    ),
    inputs=_parts,
    hints=(
        "When five bytes are done, the next one is byte 5 of the payload. Which byte of the key does it use?",
        "Only the remainder matters: after 4, 8 or 12 bytes the key begins anew. `consumed % 4`",
        "What is in front of that place comes last: a turn, in which no byte is lost.",
        "`turn = consumed % 4`, then `masking_key[turn:] + masking_key[:turn]`",
    ),
    misconceptions=(
        Misconception(
            "the remainder forgotten",
            "From four bytes on your key does not turn any more: a slice that begins behind the end is "
            "empty. Only `consumed % 4` matters (§5.3).",
            _without_modulo,
        ),
        Misconception(
            "turned the wrong way",
            "You turn the key the wrong way. After one byte the next one uses key byte 1, which therefore "
            "comes first: `abcd` becomes `bcda`.",
            _wrong_way,
        ),
        Misconception(
            "used bytes thrown away",
            "You cut the used bytes of the key off. They are needed again: the key has four bytes, always "
            "(§5.3).",
            _cut_off,
        ),
        Misconception(
            "the key begun anew",
            "You begin the key anew. Byte `i` uses key byte `i % 4`, and `i` counts from the start of the "
            "frame's payload, however many pieces it comes in (§5.3).",
            _unchanged,
        ),
        Misconception(
            "bits turned, not bytes",
            "You turn the key by bits. `consumed` counts bytes, and so does the key: move whole bytes.",
            _bits,
        ),
    ),
)
