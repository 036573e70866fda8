"""Lesson 08, `deflate_message`: a message as it stands in its frame (RFC 7692 §7.2.1)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception
from wslearn.deflate import TAIL

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["DEFLATE_MESSAGE"]

LESSON = "08_compression"

_LAST_BLOCK = b"\x01" + TAIL  # an empty block that says: nothing comes behind me (RFC 1951 §3.2.3)


def deflate_message(payload: bytes) -> bytes:
    """Compress a message by itself, as it stands in its frame (RFC 7692 §7.2.1)."""
    compressor = zlib.compressobj(wbits=-15)  # negative: raw DEFLATE, without zlib's own header
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


def _payloads() -> SearchStrategy[tuple[bytes]]:
    from hypothesis import strategies as st

    return st.tuples(st.binary(max_size=60) | st.binary(max_size=6).map(lambda part: part * 20))


def _as_the_model(result: Any, payload: bytes) -> bytes:
    """Put the model's bytes in place of others that say the same: compressors differ in their choices."""
    if isinstance(result, bytes) and _says(result, payload):
        return deflate_message(payload)
    raise ValueError(result)


def _says(data: bytes, payload: bytes) -> bool:
    """Tell whether `data` is the payload, ready for a receiver to put the tail and another message behind."""
    inflated, rest = b"", data + TAIL + _LAST_BLOCK
    try:
        while rest:
            inflater = zlib.decompressobj(wbits=-15)
            inflated += inflater.decompress(rest)
            if not inflater.eof:
                return False
            rest = inflater.unused_data
    except zlib.error:
        return False
    return inflated == payload


def _smaller(function: Callable[..., Any]) -> str:
    sample = b'{"symbol": "WSL", "price": 101.25} ' * 20
    if 4 * len(function(sample)) < len(sample):
        return ""
    return "What it gives can be inflated, but it is hardly smaller: the same line twenty times stays long."


def _flushed(payload: bytes, wbits: int = -15) -> bytes:
    compressor = zlib.compressobj(wbits=wbits)
    return compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)


def _tail_left(payload: bytes) -> bytes:
    return _flushed(payload)


def _stripped(payload: bytes) -> bytes:
    return _flushed(payload).rstrip(TAIL)


def _replaced(payload: bytes) -> bytes:
    return _flushed(payload).replace(TAIL, b"")


def _header_and_tail(payload: bytes) -> bytes:
    return _flushed(payload, wbits=15)


def _file_cut(payload: bytes) -> bytes:
    return zlib.compress(payload)[:-4]


def _zlib_header(payload: bytes) -> bytes:
    return _flushed(payload, wbits=15).removesuffix(TAIL)


def _zlib_compress(payload: bytes) -> bytes:
    return zlib.compress(payload)


def _finished(payload: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(payload) + compressor.flush()


def _cut_after_finish(payload: bytes) -> bytes:
    return _finished(payload)[:-4]


def _not_flushed(payload: bytes) -> bytes:
    return zlib.compressobj(wbits=-15).compress(payload)


DEFLATE_MESSAGE = Exercise(
    model=deflate_message,
    lesson=LESSON,
    section="RFC 7692 §7.2.1",
    examples=(
        (b"Hello",),
        (b"",),
        (b"aaaaaaaaaaaaaaaaaaaaaaaa",),
        (b"\x00\x00\xff\xff",),
        (bytes(range(256)),),
        (bytes(range(144, 200)) + TAIL,),  # does not compress, so the tail stands in the middle, too
    ),
    inputs=_payloads,
    hints=(
        "Three steps: make a compressor, compress and flush, remove the four bytes at the end.",
        (
            "`zlib.compressobj(wbits=-15)` makes raw DEFLATE. With a positive number, zlib puts its own "
            "header in front."
        ),
        (
            "`compressor.flush(zlib.Z_SYNC_FLUSH)` ends at a whole byte, and leaves the stream open. Its "
            "result comes behind that of `compressor.compress(payload)`."
        ),
        '`data.removesuffix(b"\\x00\\x00\\xff\\xff")` removes the tail and nothing else.',
    ),
    misconceptions=(
        Misconception(
            "the tail left on",
            "You left the tail `00 00 ff ff` on. The sender removes it, and the receiver puts it back "
            "(RFC 7692 §7.2.1, item 3). With both, the receiver's stream is out of step, and the next "
            "message is garbage.",
            _tail_left,
        ),
        Misconception(
            "strip instead of removesuffix",
            "You removed too much. `rstrip` takes a set of bytes, and goes on as long as it finds one of "
            "them: it took the `00` before the tail as well. `removesuffix` removes those four bytes once.",
            _stripped,
        ),
        Misconception(
            "replace instead of removesuffix",
            "You removed `00 00 ff ff` wherever it stands. Inside the message these four bytes are data: "
            "what does not compress stands there as it is. `removesuffix` removes them at the end alone.",
            _replaced,
        ),
        *(
            Misconception(
                "zlib's header in front",
                "Your bytes begin with zlib's own header. A message is raw DEFLATE (RFC 7692 §7.2.1, item "
                "1): ask for it with a negative number, `wbits=-15`.",
                wrong,
            )
            for wrong in (_zlib_header, _header_and_tail)
        ),
        *(
            Misconception(
                "zlib.compress",
                "`zlib.compress` writes a whole zlib file: a header, one last block, a checksum. A message "
                "is raw DEFLATE, flushed but not ended: `compressobj(wbits=-15)`, then "
                "`flush(zlib.Z_SYNC_FLUSH)`.",
                wrong,
            )
            for wrong in (_zlib_compress, _file_cut)
        ),
        Misconception(
            "the stream ended",
            "You ended the stream: its last block says that nothing follows, so there is no tail for the "
            "receiver to put back. `flush()` ends it. `flush(zlib.Z_SYNC_FLUSH)` leaves it open (RFC 7692 "
            "§7.2.1, items 2 and 3).",
            _finished,
        ),
        Misconception(
            "the stream ended, and four bytes cut",
            "You ended the stream with `flush()`, and then cut off four bytes that are no tail but data. "
            "Flush with `flush(zlib.Z_SYNC_FLUSH)`: then, and only then, the last four bytes are `00 00 ff "
            "ff`.",
            _cut_after_finish,
        ),
        Misconception(
            "no flush",
            "`compress` alone gives what the compressor has finished so far, often nothing. The rest comes "
            "from `flush(zlib.Z_SYNC_FLUSH)`; put it behind.",
            _not_flushed,
        ),
    ),
    normal=_as_the_model,
    also=_smaller,
)
