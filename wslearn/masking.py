"""Masking: the payload XOR a four-byte key, over and over (RFC 6455 §5.3).

::

    j                   = i MOD 4
    transformed-octet-i = original-octet-i XOR masking-key-octet-j

Masking twice with the same key gives the original back, so one function serves both directions.

Three ways to write it, all with the standard library alone, from the plainest to the fastest for a
large payload: `mask_bytewise`, `mask_integer`, `mask_lanes`. `mask` is the one that is used: it picks
by size, and where `tornado.speedups` (C) or numpy happens to be installed it takes them. `accelerators`
says what it found.
"""

from __future__ import annotations

import io
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "accelerators",
    "mask",
    "mask_behind",
    "mask_bytewise",
    "mask_in_place",
    "mask_integer",
    "mask_lanes",
    "mask_part",
    "rotate",
]

_INTEGER_BEST_BELOW = 256  # bytes; measured: the multiplication of the key grows faster than four passes
_NUMPY_BEST_FROM = 24576  # bytes; measured against the C function, whose loop is simple but starts at once
_NUMPY_BEST_FROM_ALONE = 320  # bytes; measured against the standard library
_ORDER = sys.byteorder
_AT_ONCE = 1 << 16  # bytes, a multiple of four; where numpy is missing, that much is copied at a time
_ALLOCATED_ANEW_FROM = 32768  # bytes; measured: above, a second block costs more than a second pass


def mask_bytewise(payload: bytes, masking_key: bytes) -> bytes:
    """Mask byte by byte, as the RFC writes it.

    Parameters
    ----------
    payload
        Any number of bytes.
    masking_key
        Four bytes.

    Returns
    -------
    bytes
        As long as the payload.

    Raises
    ------
    UsageError
        When the key is not four bytes long.

    Examples
    --------
    >>> mask_bytewise(b"Hello", bytes.fromhex("37fa213d")).hex(" ")
    '7f 9f 4d 51 58'
    """
    _check(masking_key)
    return bytes(octet ^ masking_key[i % 4] for i, octet in enumerate(payload))


def mask_integer(payload: bytes, masking_key: bytes) -> bytes:
    """Mask as one XOR of two long integers; parameters and result as in `mask_bytewise`.

    Examples
    --------
    >>> mask_integer(b"Hello", bytes.fromhex("37fa213d")).hex(" ")
    '7f 9f 4d 51 58'
    """
    _check(masking_key)
    size = len(payload)
    keys = (masking_key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")


def mask_lanes(payload: bytes, masking_key: bytes) -> bytes:
    """Mask every fourth byte at once, by table, in four passes; parameters as in `mask_bytewise`.

    Examples
    --------
    >>> mask_lanes(b"Hello", bytes.fromhex("37fa213d")).hex(" ")
    '7f 9f 4d 51 58'
    """
    _check(masking_key)
    masked = bytearray(payload)
    for lane, octet in enumerate(masking_key):
        masked[lane::4] = masked[lane::4].translate(_table(octet))
    return bytes(masked)


def rotate(masking_key: bytes, consumed: int) -> bytes:
    """Turn the key so that it fits the rest of a payload of which `consumed` bytes are done.

    Examples
    --------
    >>> rotate(b"abcd", 5)
    b'bcda'
    """
    turn = consumed % 4
    return masking_key[turn:] + masking_key[:turn]


def mask(payload: bytes, masking_key: bytes) -> bytes:
    """Mask, or unmask, by the fastest way at hand; parameters and result as in `mask_bytewise`.

    Examples
    --------
    >>> key = bytes.fromhex("37fa213d")
    >>> mask(mask(b"Hello", key), key)
    b'Hello'
    """
    _check(masking_key)
    return mask_part(payload, 0, len(payload), masking_key)


def mask_part(data: bytes, start: int, stop: int, masking_key: bytes) -> bytes:
    """Mask the bytes from `start` to `stop`, without checks: what a connection does with a read.

    Examples
    --------
    >>> mask_part(bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), 6, 11, bytes.fromhex("37fa213d"))
    b'Hello'
    """
    if stop - start < large_from():
        return small()(masking_key, data[start:stop])
    # The slice has no other owner than the buffer, which therefore neither copies it before the XOR
    # nor when it gives it away.
    buffer = io.BytesIO(data[start:stop])
    mask_in_place(buffer, 0, masking_key)
    return buffer.getvalue()


def mask_behind(head: bytes, payload: bytes, masking_key: bytes) -> bytes:
    r"""Put a masked payload behind a header, without checks: what a client's connection sends.

    Examples
    --------
    >>> mask_behind(b"\x81\x85", b"Hello", bytes.fromhex("37fa213d")).hex(" ")
    '81 85 7f 9f 4d 51 58'
    """
    size = len(payload)
    numpy = None if size < large_from() else _numpy()
    if numpy is None:
        return head + small()(masking_key, payload)
    if size > _ALLOCATED_ANEW_FROM:
        buffer = io.BytesIO(head + payload)
        mask_in_place(buffer, len(head), masking_key)
        return buffer.getvalue()
    xor, words, word = numpy
    masked = xor(words(payload, word, size >> 2), int.from_bytes(masking_key, _ORDER))
    tail = small()(masking_key, payload[size & ~3 :]) if size & 3 else b""
    return b"".join((head, masked, tail))


def mask_in_place(buffer: io.BytesIO, start: int, masking_key: bytes) -> None:
    """Mask what a buffer holds from `start` on, without a copy where numpy is installed.

    Examples
    --------
    >>> buffer = io.BytesIO(b"??" + bytes.fromhex("7f 9f 4d 51 58"))
    >>> mask_in_place(buffer, 2, bytes.fromhex("37fa213d"))
    >>> buffer.getvalue()
    b'??Hello'
    """
    view = buffer.getbuffer()
    first, last = (
        (start + 3) & ~3,
        len(view) & ~3,
    )  # numpy is fast on words that lie at multiples of their size
    numpy = _numpy()
    if numpy is None or last - first < large_from():
        first = last = len(view)
    for at in range(start, first, _AT_ONCE):
        part = view[at : min(at + _AT_ONCE, first)]
        part[:] = small()(masking_key, bytes(part))
    masking_key = rotate(masking_key, first - start)
    if last > first and numpy is not None:
        xor, words, word = numpy
        payload = words(view, word, (last - first) >> 2, first)
        xor(payload, int.from_bytes(masking_key, _ORDER), payload)
    if len(view) > last:
        view[last:] = small()(masking_key, bytes(view[last:]))


@cache
def small() -> Callable[[bytes, bytes], bytes]:
    """Choose the way for small payloads, unchecked, by what is installed.

    Its arguments are ``(masking_key, payload)``, as in `tornado.speedups`: nearly every payload is small,
    and goes to that C function without another call in between.
    """
    return _speedups() or _standard_library


@cache
def large_from() -> int:
    """Say from how many bytes on numpy pays, if it is installed."""
    return _NUMPY_BEST_FROM if _speedups() else _NUMPY_BEST_FROM_ALONE


def accelerators() -> list[str]:
    """Name the accelerators that `mask` uses here; an empty list means the standard library alone.

    Examples
    --------
    >>> set(accelerators()) <= {"tornado.speedups", "numpy"}
    True
    """
    found = {"tornado.speedups": _speedups(), "numpy": _numpy()}
    return [name for name, module in found.items() if module is not None]


def _check(masking_key: bytes) -> None:
    if len(masking_key) != 4:
        raise UsageError(f"A masking key has four bytes, this one has {len(masking_key)} (§5.3).")


@cache
def _table(octet: int) -> bytes:
    return bytes(octet ^ other for other in range(256))


def _standard_library(masking_key: bytes, payload: bytes) -> bytes:
    way = mask_integer if len(payload) < _INTEGER_BEST_BELOW else mask_lanes
    return way(payload, masking_key)


@cache
def _speedups() -> Callable[[bytes, bytes], bytes] | None:
    try:
        from tornado.speedups import websocket_mask
    except ImportError:
        return None
    return websocket_mask


@cache
def _numpy() -> tuple[Callable[..., Any], Callable[..., Any], Any] | None:
    """Give numpy's XOR, what makes an array of a buffer, and the type of its words: four bytes, as a key."""
    try:
        from numpy import bitwise_xor, dtype, frombuffer, uint32
    except ImportError:
        return None
    return bitwise_xor, frombuffer, dtype(uint32)
