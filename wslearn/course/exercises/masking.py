"""Exercises of lesson 04: masking (RFC 6455 §5.3)."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.masking import mask_bytewise, mask_integer, rotate

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["EXERCISES", "times_as_fast"]

LESSON = "04_masking"

_KEY = bytes.fromhex("37fa213d")  # §5.7
# Around each multiple of four; zeros in front and behind; bytes that a text has not; and longer ones.
_MASKED = (
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


def _payloads() -> SearchStrategy[tuple[bytes, bytes]]:
    from hypothesis import strategies as st

    return st.tuples(st.binary(max_size=40), st.binary(min_size=4, max_size=4))


# --------------------------------------------------------------------------------------- mask_bytewise


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


def _key_in_front(payload: bytes, masking_key: bytes) -> bytes:
    return masking_key + mask_bytewise(payload, masking_key)


MASK_BYTEWISE = Exercise(
    model=mask_bytewise,
    lesson=LESSON,
    section="RFC 6455 §5.3",
    examples=_MASKED,
    inputs=_payloads,
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


# ---------------------------------------------------------------------------------------- mask_integer


def times_as_fast(masked_by: Callable[[bytes, bytes], bytes], size: int = 4096, rounds: int = 15) -> float:
    """Measure how many times as fast as `mask_bytewise` a function masks.

    Both run by turns, so that what else keeps the machine busy slows both; the median of the rounds counts.

    Parameters
    ----------
    masked_by
        The function to measure.
    size
        Bytes of payload.
    rounds
        How many times each runs.

    Examples
    --------
    >>> times_as_fast(mask_integer, 65536) > 5
    True
    """
    payload = bytes(range(256)) * (size // 256)

    def timed(function: Callable[[bytes, bytes], bytes]) -> float:
        start = time.perf_counter()
        function(payload, _KEY)
        return time.perf_counter() - start

    return median(timed(mask_bytewise) / timed(masked_by) for _ in range(rounds))


_WANTED = 8  # times as fast as byte by byte: words of four bytes reach 5, one XOR of two integers 20


def _too_slow(function: Callable[[bytes, bytes], bytes]) -> str:
    if any(times_as_fast(function) >= _WANTED for _ in range(3)):
        return ""
    return (
        f"All results are right. But it is not {_WANTED} times as fast as one byte at a time. "
        "Make one integer of the payload and one of the repeated key, and XOR them once."
    )


def _whole_keys(payload: bytes, masking_key: bytes) -> bytes:
    """Repeat the key to a multiple of four, and let the heaviest byte of a longer number come first."""
    return masking_key * (len(payload) // 4 + 1)


def _not_repeated(payload: bytes, masking_key: bytes) -> bytes:
    number = int.from_bytes(payload, "big") ^ int.from_bytes(masking_key, "big")
    return number.to_bytes(max(len(payload), 4), "big")[-len(payload) :] if payload else b""


def _rest_without_key(payload: bytes, masking_key: bytes) -> bytes:
    keys = masking_key * (len(payload) // 4)
    number = int.from_bytes(payload, "little") ^ int.from_bytes(keys, "little")
    return number.to_bytes(len(payload), "little")


def _zeros_lost(payload: bytes, masking_key: bytes) -> bytes:
    keys = _whole_keys(payload, masking_key)[: len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _two_orders(payload: bytes, masking_key: bytes) -> bytes:
    return mask_bytewise(payload, masking_key)[::-1]


def _key_in_the_other_order(payload: bytes, masking_key: bytes) -> bytes:
    keys = _whole_keys(payload, masking_key)[: len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(keys, "little")
    return number.to_bytes(len(payload), "big")


def _keys_too_long(payload: bytes, masking_key: bytes) -> bytes:
    keys = _whole_keys(payload, masking_key)
    number = int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")
    return number.to_bytes(len(keys), "big")[-len(payload) :] if payload else b""


def _keys_not_cut(payload: bytes, masking_key: bytes) -> bytes:
    keys = _whole_keys(payload, masking_key)
    number = int.from_bytes(payload, "little") ^ int.from_bytes(keys, "little")
    return number.to_bytes(len(payload), "little")


MASK_INTEGER = Exercise(
    model=mask_integer,
    lesson=LESSON,
    section="RFC 6455 §5.3",
    examples=_MASKED,
    inputs=_payloads,
    hints=(
        (
            "Python's integers have no upper limit. A payload is one long number, and `^` works on all of "
            "its bits at once."
        ),
        (
            "The other number is the key, repeated until it is exactly as long as the payload. Bytes can be "
            "multiplied and cut: `(masking_key * n)[:size]`."
        ),
        (
            '`int.from_bytes(payload, "little")` makes the number. Take the same order, `"big"` or '
            '`"little"`, in all three places.'
        ),
        (
            "`number.to_bytes(len(payload), …)` goes back, and keeps zeros in front: the size is that of "
            "the payload."
        ),
        (
            'Let `n` be the first number and `k` the second: `(n ^ k).to_bytes(len(payload), "little")`, '
            "with `k` from `(masking_key * (len(payload) // 4 + 1))[:len(payload)]`"
        ),
    ),
    misconceptions=(
        Misconception(
            "the key not repeated",
            "You XOR the payload with the key once. A number of four bytes changes four bytes of a longer "
            "number: repeat the key first.",
            _not_repeated,
        ),
        Misconception(
            "the last bytes left out",
            "You repeat the key `len(payload) // 4` times, so the last one, two or three bytes have no key. "
            "Repeat it once more, and cut.",
            _rest_without_key,
        ),
        Misconception(
            "zeros in front lost",
            "You make the result only as long as its number needs. Zeros in front of a number are lost "
            "then: the result is as long as the payload (§5.3).",
            _zeros_lost,
        ),
        Misconception(
            "the result reversed",
            "Your result is in reverse order. `from_bytes` and `to_bytes` need the same byte order.",
            _two_orders,
        ),
        Misconception(
            "the key in the other byte order",
            "The payload and the key go into numbers in different byte orders, so the key's first byte "
            "meets the payload's last. Take one order for all.",
            _key_in_the_other_order,
        ),
        Misconception(
            "the keys out of step",
            'Your repeated key is longer than the payload. With `"big"` two numbers are aligned at their '
            "last byte, so the first byte of the payload does not meet the first of the key: cut the key to "
            "the payload's length.",
            _keys_too_long,
        ),
        Misconception(
            "the keys not cut",
            "Your repeated key is longer than the payload, so the result has more bytes than fit: "
            "`to_bytes` raises OverflowError. Cut it: `(masking_key * n)[:len(payload)]`.",
            _keys_not_cut,
        ),
    ),
    also=_too_slow,
)


# ---------------------------------------------------------------------------------------------- rotate


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

EXERCISES = (MASK_BYTEWISE, MASK_INTEGER, ROTATE)
