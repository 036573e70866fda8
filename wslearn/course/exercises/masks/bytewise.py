"""A payload masked byte by byte: mask_bytewise (RFC 6455 §5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.masking import mask_bytewise, rotate

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["MASKED", "MASK_BYTEWISE", "payloads"]

LESSON = "04_masking"

_KEY = bytes.fromhex("37fa213d")  # §5.7
# Around each multiple of four; zeros in front and behind; bytes that a text has not; and longer ones.
MASKED = (
    (b"", _KEY),
    (b"H", _KEY),
    (b"He", _KEY),
    (b"Hel", _KEY),
    (b"Hell", _KEY),
    (b"Hello", _KEY),
    (bytes(5), _KEY),
    (_KEY, _KEY),
    (b"\x00\xff\x00\xff\x80", _KEY),
    (b"Hello", bytes(4)),
    (b"Hello", b"\x00\x01\x80\xff"),
    (_KEY + b"lo", _KEY),
    (b"lo" + _KEY, b"\x21\x3d\x37\xfa"),
    (bytes(range(250)), _KEY),
)


def payloads() -> SearchStrategy[tuple[bytes, bytes]]:
    """Make up payloads and keys."""
    from hypothesis import strategies as st

    return st.tuples(st.binary(max_size=40), st.binary(min_size=4, max_size=4))


def _first_four(payload: bytes, masking_key: bytes) -> bytes:
    return bytes(octet ^ key for octet, key in zip(payload, masking_key, strict=False))


def _rest_unmasked(payload: bytes, masking_key: bytes) -> bytes:
    return _first_four(payload, masking_key) + payload[4:]


def _one_byte_of_the_key(payload: bytes, masking_key: bytes) -> bytes:
    return bytes(octet ^ masking_key[0] for octet in payload)


def _key_reversed(payload: bytes, masking_key: bytes) -> bytes:
    return mask_bytewise(payload, masking_key[::-1])


def _counted_from_one(payload: bytes, masking_key: bytes) -> bytes:
    return mask_bytewise(payload, rotate(masking_key, 1))


def _added(payload: bytes, masking_key: bytes) -> bytes:
    return bytes((octet + masking_key[i % 4]) % 256 for i, octet in enumerate(payload))


def _or(payload: bytes, masking_key: bytes) -> bytes:
    return bytes(octet | masking_key[i % 4] for i, octet in enumerate(payload))


def _padded(payload: bytes, masking_key: bytes) -> bytes:
    return mask_bytewise(payload + bytes(-len(payload) % 4), masking_key)


def _zeros(payload: bytes, masking_key: bytes) -> bytes:
    return b"".join(bytes(octet) for octet in mask_bytewise(payload, masking_key))


def _key_in_front(payload: bytes, masking_key: bytes) -> bytes:
    return masking_key + mask_bytewise(payload, masking_key)


MASK_BYTEWISE = Exercise(
    model=mask_bytewise,
    lesson=LESSON,
    section="RFC 6455 §5.3",
    examples=MASKED,
    inputs=payloads,
    hints=(
        (
            "Byte `i` of the result needs byte `i` of the payload, and one of the four bytes of the key. "
            "Which one?"
        ),
        "The key is used over and over: 0, 1, 2, 3, 0, 1, … That is `i % 4`.",
        "XOR is `^` in Python, and works on the numbers 0 to 255 that bytes consist of.",
        "`enumerate(payload)` gives `i` and the byte; `bytes(…)` makes bytes of a series of numbers.",
        "`bytes(octet ^ masking_key[i % 4] for i, octet in enumerate(payload))`",
    ),
    misconceptions=(
        Misconception(
            "the result ends after four bytes",
            "Your result ends with the key: `zip` stops at the shorter of the two. The key starts again "
            "after four bytes: byte `i` uses key byte `i % 4` (§5.3).",
            _first_four,
        ),
        Misconception(
            "only the first four bytes masked",
            "You mask four bytes and leave the rest as it is. The key starts again after four bytes: byte "
            "`i` uses key byte `i % 4` (§5.3).",
            _rest_unmasked,
        ),
        Misconception(
            "only the key's first byte used",
            "You use the key's first byte for the whole payload. Byte `i` uses key byte `i % 4` (§5.3).",
            _one_byte_of_the_key,
        ),
        Misconception(
            "the key in reverse order",
            "You use the key in reverse order. Its first byte on the wire masks the first byte of the "
            "payload: it is a row of four bytes, not a number with a byte order (§5.3).",
            _key_reversed,
        ),
        Misconception(
            "the key counted from one",
            "You begin with the key's second byte. Both are counted from 0: byte 0 uses key byte 0 (§5.3).",
            _counted_from_one,
        ),
        Misconception(
            "added, not XORed",
            "You add the key. Then a second pass does not take it away again. It is XOR: `^` (§5.3).",
            _added,
        ),
        Misconception(
            "OR, not XOR",
            "You use OR, `|`. A bit that is 1 in the key is then 1 in any case, and nobody can say what it "
            "was. XOR is `^` (§5.3).",
            _or,
        ),
        Misconception(
            "zeros, not numbers",
            "`bytes(127)` makes 127 bytes that are 0. For one byte of that value give it a list: "
            "`bytes([127])`.",
            _zeros,
        ),
        Misconception(
            "padded to four",
            "You pad the payload to a multiple of four bytes. Masking does not change the length (§5.3).",
            _padded,
        ),
        Misconception(
            "the key in front",
            "You put the key in front of the result. It belongs to the header; here only the payload is "
            "asked for.",
            _key_in_front,
        ),
    ),
)
