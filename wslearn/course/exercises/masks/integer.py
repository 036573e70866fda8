"""A payload masked in one XOR, fast: mask_integer (RFC 6455 §5.3)."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.masks.bytewise import MASKED, payloads
from wslearn.masking import mask_bytewise, mask_integer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MASK_INTEGER", "times_as_fast"]

LESSON = "04_masking"

_KEY = bytes.fromhex("37fa213d")  # §5.7


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
    return number.to_bytes(len(payload), "big")


def _not_repeated_little(payload: bytes, masking_key: bytes) -> bytes:
    number = int.from_bytes(payload, "little") ^ int.from_bytes(masking_key, "little")
    return number.to_bytes(len(payload), "little")


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
    examples=MASKED,
    inputs=payloads,
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
            "the key not repeated, light byte first",
            "You XOR the payload with the key once. That masks the first four bytes and no more: repeat the "
            "key first.",
            _not_repeated_little,
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
