"""Lesson 08, `inflate_message`: back to the message, and no further than a limit (RFC 7692 §7.2.2)."""

from __future__ import annotations

import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.packing.deflating import deflate_message
from wslearn.deflate import TAIL
from wslearn.errors import ProtocolError
from wslearn.messages import too_big

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["INFLATE_MESSAGE"]

LESSON = "08_compression"


def inflate_message(data: bytes, limit: int) -> bytes:
    """Inflate a message that was compressed by itself, to `limit` bytes at most (RFC 7692 §7.2.2)."""
    inflater = zlib.decompressobj(wbits=-15)
    try:
        payload = inflater.decompress(data + TAIL, limit + 1)  # one more, to see that it is too much
    except zlib.error as error:
        message = f"The compressed message does not inflate: {error}."
        raise ProtocolError(message, close_code=1007, section="RFC 7692 §7.2.2", field="payload") from None
    if len(payload) > limit:
        raise too_big(limit)
    return payload


_RESERVED = b"\x07"  # a block of a type that does not exist (RFC 1951 §3.2.3)


def _compressed() -> SearchStrategy[tuple[bytes, int]]:
    from hypothesis import strategies as st

    def one(parts: tuple[bytes, int, int, bytes]) -> tuple[bytes, int]:
        part, times, spare, behind = parts
        payload = part * times
        limit = max(1, len(payload) + spare)
        if len(payload) == limit + 1:  # which fault is met first depends on how far zlib reads ahead
            behind = b""
        return deflate_message(payload) + behind, limit

    behind = st.sampled_from((b"", b"", _RESERVED))
    return st.tuples(st.binary(max_size=12), st.integers(1, 20), st.integers(-3, 3), behind).map(one)


def _spares_memory(function: Callable[..., Any]) -> str:
    """Let it inflate a bomb, and look at what it held at its worst."""
    bomb, limit = deflate_message(bytes(8 << 20)), 1024
    started = not tracemalloc.is_tracing()
    if started:
        tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    try:
        function(bomb, limit)
    except ProtocolError:
        pass
    finally:
        held = tracemalloc.get_traced_memory()[1] - before
        if started:
            tracemalloc.stop()
    if held < 1 << 20:
        return ""
    return (
        f"The results are right, but it held {held >> 20} MiB to find that a message exceeds {limit} bytes. "
        "That is what a bomb is for. Stop inflating as soon as there is too much."
    )


def _refuse(why: str, code: int) -> ProtocolError:
    return ProtocolError(why, close_code=code, section="", field="payload")


def _inflated_first(data: bytes, limit: int) -> bytes:
    try:
        payload = zlib.decompressobj(wbits=-15).decompress(data + TAIL)
    except zlib.error:
        raise _refuse("not DEFLATE", 1007) from None
    if len(payload) > limit:
        raise _refuse("too big", 1009)
    return payload


def _compressed_size(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise _refuse("too big", 1009)
    try:
        return zlib.decompressobj(wbits=-15).decompress(data + TAIL)
    except zlib.error:
        raise _refuse("not DEFLATE", 1007) from None


def _cut_short(data: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj(wbits=-15).decompress(data + TAIL, limit)
    except zlib.error:
        raise _refuse("not DEFLATE", 1007) from None


def _limit_itself(data: bytes, limit: int) -> bytes:
    payload = _cut_short(data, limit + 1)
    if len(payload) >= limit:
        raise _refuse("too big", 1009)
    return payload


def _with_header(data: bytes, limit: int) -> bytes:
    try:
        payload = zlib.decompressobj().decompress(data + TAIL, limit + 1)
    except zlib.error:
        raise _refuse("not DEFLATE", 1007) from None
    if len(payload) > limit:
        raise _refuse("too big", 1009)
    return payload


def _whole_stream(data: bytes, limit: int) -> bytes:
    try:
        payload = zlib.decompress(data + TAIL, wbits=-15)
    except zlib.error:
        raise _refuse("not DEFLATE", 1007) from None
    if len(payload) > limit:
        raise _refuse("too big", 1009)
    return payload


def _error_let_through(data: bytes, limit: int) -> bytes:
    payload = zlib.decompressobj(wbits=-15).decompress(data + TAIL, limit + 1)
    if len(payload) > limit:
        raise _refuse("too big", 1009)
    return payload


def _with_code(code: int, taken_for: int) -> Callable[[bytes, int], bytes]:
    """Answer as the model does, but for one close code."""

    def wrong(data: bytes, limit: int) -> bytes:
        try:
            return inflate_message(data, limit)
        except ProtocolError as error:
            raise _refuse("no", taken_for if error.close_code == code else error.close_code) from None

    return wrong


def _no_tail(data: bytes, limit: int) -> bytes:
    try:
        payload = zlib.decompressobj(wbits=-15).decompress(data, limit + 1)
    except zlib.error:
        raise _refuse("not DEFLATE", 1007) from None
    if len(payload) > limit:
        raise _refuse("too big", 1009)
    return payload


_HELLO = deflate_message(b"Hello")

INFLATE_MESSAGE = Exercise(
    model=inflate_message,
    lesson=LESSON,
    section="RFC 7692 §7.2.2",
    examples=(
        (_HELLO, 100),
        (_HELLO, 5),  # the limit itself is allowed
        (_HELLO, 4),
        (b"\x00", 10),  # nothing, as RFC 7692 §7.2.3.6 writes it
        (bytes.fromhex("00 05 00 fa ff 48 65 6c 6c 6f 00"), 10),  # §7.2.3.3: a block that is not compressed
        (bytes.fromhex("f3 48 cd c9 c9 07 00 00"), 10),  # §7.2.3.4: a block marked as the last
        (bytes.fromhex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"), 10),  # §7.2.3.5: two blocks
        (_RESERVED, 10),
        (b"\x00\x07", 10),  # begins a block whose length the tail makes wrong
        (zlib.compress(b"Hello"), 100),
        (deflate_message(bytes(1000)), 100),
        (deflate_message(bytes(1000)), 1000),
        (deflate_message(bytes(1000)) + _RESERVED, 100),
        (deflate_message(bytes(range(200))), 200),
    ),
    inputs=_compressed,
    hints=(
        "Put the four bytes back behind the data, then inflate raw DEFLATE: `zlib.decompressobj(wbits=-15)`.",
        (
            "`inflater.decompress(data, most)` stops after `most` bytes and raises nothing. How can you "
            "tell a message of exactly `limit` bytes from a longer one?"
        ),
        "Ask for `limit + 1` bytes. If you get them, it is too much: raise 1009.",
        "`except zlib.error:` is where 1007 is raised. The limit is looked at outside of that `try`.",
    ),
    misconceptions=(
        Misconception(
            "inflated first, then measured",
            "You inflate all of it, and then look at its size. A few kilobytes can become gigabytes, and "
            "by then the memory is spent. Stop at the limit: what stands behind it is not looked at any "
            "more (RFC 6455 §10.4).",
            _inflated_first,
        ),
        Misconception(
            "the limit itself refused",
            "You refuse a message of exactly `limit` bytes. The limit is the most that is allowed: more "
            "than that is too much.",
            _limit_itself,
        ),
        Misconception(
            "the size before inflating",
            "You compare the compressed size with the limit. The limit is on what comes out: a bomb is "
            "small on the wire, and a short message may be longer compressed than plain (RFC 6455 §10.4).",
            _compressed_size,
        ),
        Misconception(
            "cut at the limit",
            "You stop at the limit and return what there is: the application gets half a message and does "
            "not know. Too much is an error, 1009 (RFC 6455 §7.4.1). Ask for one byte more than the limit "
            "to see it.",
            _cut_short,
        ),
        Misconception(
            "zlib.decompress",
            "`zlib.decompress` wants a stream that ends. A message is a piece of one that goes on: without "
            "a last block, it says that the stream is truncated. Use `zlib.decompressobj(wbits=-15)`.",
            _whole_stream,
        ),
        Misconception(
            "zlib's header expected",
            "You expect zlib's header. A message is raw DEFLATE (RFC 7692 §7.2.2): ask for it with a "
            "negative number, `wbits=-15`.",
            _with_header,
        ),
        Misconception(
            "the tail not put back",
            "You do not put the tail back. One message may look right without it, but zlib stands inside a "
            "block: what is broken there goes unseen, and on a shared history the next message is garbage "
            "(RFC 7692 §7.2.2).",
            _no_tail,
        ),
        Misconception(
            "one fault caught as the other",
            "Too much earns 1009, and you raise 1007. Is the size looked at inside of the `try`? Then an "
            "`except` for everything catches your own error, too: catch `zlib.error` alone.",
            _with_code(1009, 1007),
        ),
        Misconception(
            "1002 for what is no DEFLATE",
            "You raise 1002 for what is no DEFLATE. Some libraries do, and RFC 7692 names no code. Asked for "
            "is 1007: the payload is not what its message says it is (§7.4.1).",
            _with_code(1007, 1002),
        ),
        Misconception(
            "zlib's error let through",
            "`zlib.error` comes out of your function. The peer sent what is no DEFLATE: catch it, and "
            "raise `ProtocolError` with close code 1007.",
            _error_let_through,
        ),
    ),
    also=_spares_memory,
)
