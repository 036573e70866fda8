"""Exercise of lesson 07: where the HTTP head ends and the frames begin (RFC 9112 §2.1, RFC 6455 §4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import HandshakeError
from wslearn.http import MAX_HEAD_SIZE, split_head
from wslearn.vectors import GOOD_REQUEST

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["EXERCISES"]

LESSON = "07_build_the_server"

_HEAD = b"GET / HTTP/1.1\r\n\r\n"
_HELLO = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")


def _buffers() -> SearchStrategy[tuple[bytes]]:
    from hypothesis import strategies as st

    pieces = (b"GET / HTTP/1.1", b"Host: a", b"\r\n", b"\r\n\r\n", b"\n\n", b"\r", b"\x81\x00", b"a")
    return st.tuples(st.lists(st.sampled_from(pieces), max_size=6).map(b"".join))


def _head_of(size: int) -> bytes:
    """Make a head of so many bytes."""
    start = b"GET / HTTP/1.1\r\nX: "
    return start + b"a" * (size - len(start) - 4) + b"\r\n\r\n"


def _without_end(data: bytes) -> tuple[bytes, bytes] | None:
    cut = split_head(data)
    return None if cut is None else (cut[0][:-4], cut[1])


def _without_end_or_limit(data: bytes) -> tuple[bytes, bytes] | None:
    head, end, rest = data.partition(b"\r\n\r\n")
    return (head, rest) if end else None


def _index(data: bytes) -> tuple[bytes, bytes]:
    end = data.index(b"\r\n\r\n") + 4
    return data[:end], data[end:]


def _cut_at_all(data: bytes) -> tuple[bytes, bytes] | None:
    if b"\r\n\r\n" not in data:
        return None
    head, rest = data.split(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def _at_the_last(data: bytes) -> tuple[bytes, bytes] | None:
    if split_head(data) is None:
        return None
    head, end, rest = data.rpartition(b"\r\n\r\n")
    return head + end, rest


def _second_of_many(data: bytes) -> tuple[bytes, bytes] | None:
    parts = data.split(b"\r\n\r\n")
    return (parts[0] + b"\r\n\r\n", parts[1]) if split_head(data) is not None else None


def _at_line_feeds(data: bytes) -> tuple[bytes, bytes] | None:
    ends = [at + len(end) for end in (b"\r\n\r\n", b"\n\n") if (at := data.find(end)) >= 0]
    return (data[: min(ends)], data[min(ends) :]) if ends else split_head(data)


def _never_waits(data: bytes) -> tuple[bytes, bytes]:
    head, end, rest = data.partition(b"\r\n\r\n")
    return head + end, rest


def _found_nowhere(data: bytes) -> tuple[bytes, bytes]:
    end = data.find(b"\r\n\r\n") + 4
    return data[:end], data[end:]


def _as_text(data: bytes) -> tuple[str, str] | None:
    head, end, rest = data.decode().partition("\r\n\r\n")
    return (head + end, rest) if end else None


def _as_latin_1(data: bytes) -> tuple[str, str] | None:
    head, end, rest = data.decode("latin-1").partition("\r\n\r\n")
    return (head + end, rest) if end else None


def _without_limit(data: bytes) -> tuple[bytes, bytes] | None:
    head, end, rest = data.partition(b"\r\n\r\n")
    return (head + end, rest) if end else None


def _when_it_ends(data: bytes) -> tuple[bytes, bytes] | None:
    return split_head(data) if b"\r\n\r\n" in data else None


def _unfinished_only(data: bytes, size: int = MAX_HEAD_SIZE) -> tuple[bytes, bytes] | None:
    cut = _without_limit(data)
    if cut is None and len(data) >= size:
        raise HandshakeError("Too large.", status=431, section="RFC 6585 §5")
    return cut


def _limit_for_all(data: bytes) -> tuple[bytes, bytes] | None:
    if len(data) > MAX_HEAD_SIZE:
        raise HandshakeError("Too large.", status=431, section="RFC 6585 §5")
    return split_head(data)


SPLIT_HEAD = Exercise(
    model=split_head,
    lesson=LESSON,
    section="RFC 9112 §2.1, RFC 6455 §4.2.1",
    examples=(
        (b"",),
        (b"GET",),
        (_HEAD,),
        (_HEAD[:-1],),
        (_HEAD + b"\x81\x00",),
        (_HEAD + b"a\r\n\r\nb",),
        (b"GET / HTTP/1.1\n\n",),
        (GOOD_REQUEST,),
        (GOOD_REQUEST + _HELLO,),
        (_HEAD + bytes(MAX_HEAD_SIZE),),
        (_head_of(MAX_HEAD_SIZE),),
        (_head_of(MAX_HEAD_SIZE + 1),),
        (_head_of(MAX_HEAD_SIZE + 8)[: MAX_HEAD_SIZE - 1],),
        (_head_of(MAX_HEAD_SIZE + 8)[:MAX_HEAD_SIZE],),
        (_head_of(MAX_HEAD_SIZE + 8)[: MAX_HEAD_SIZE + 1],),
    ),
    inputs=_buffers,
    hints=(
        "An empty line ends the head: two line ends in a row, `\\r\\n\\r\\n`. `data.find` tells where.",
        "The head keeps its empty line. What stands behind belongs to somebody else: give it back as it is.",
        "Not there yet? Then `None`, and you are asked again with more. But not for ever: see the limit.",
        (
            'When the first `MAX_HEAD_SIZE` bytes hold no end, `raise HandshakeError("…", status=431, '
            'section="RFC 6585 §5")`. Only the head counts: what follows it may be as long as it likes.'
        ),
        '`end = data.find(b"\\r\\n\\r\\n", 0, MAX_HEAD_SIZE)`, and then `data[: end + 4], data[end + 4 :]`.',
    ),
    misconceptions=(
        *(
            Misconception(
                "the empty line lost",
                "You left the empty line out of the head. It is part of it: without it nobody can tell that "
                "the head is whole (RFC 9112 §2.1).",
                wrong,
            )
            for wrong in (_without_end, _without_end_or_limit)
        ),
        Misconception(
            "no place found",
            "`index` raises ValueError while the empty line is not there. That is no error: the rest is on "
            "its way. `find` gives -1 then; give `None`.",
            _index,
        ),
        Misconception(
            "cut in more than two",
            "You cut at every `\\r\\n\\r\\n`, and expect two parts. Behind the head those four bytes may "
            "come again. Cut once: `partition`, or `split` with a limit of 1.",
            _cut_at_all,
        ),
        Misconception(
            "the last end",
            "You cut at the last `\\r\\n\\r\\n`. The head ends at the first one; behind it there may be any "
            "bytes, those four too.",
            _at_the_last,
        ),
        Misconception(
            "the rest cut",
            "You cut at every `\\r\\n\\r\\n`, and lose what stands behind the second one. Cut once: "
            "`partition`, or `split` with a limit of 1.",
            _second_of_many,
        ),
        Misconception(
            "line feeds alone",
            "You take two line feeds for the end. RFC 9112 §2.2 lets a reader take a lone line feed. This "
            "library does not: two readers who differ on it can be tricked (RFC 9112 §11.2).",
            _at_line_feeds,
        ),
        Misconception(
            "cut at -1",
            "`find` gives -1 while the empty line is not there, and you cut there as if it were a place. Ask "
            "for that first, and give `None`.",
            _found_nowhere,
        ),
        Misconception(
            "never waits",
            "You answer before the head is whole. TCP brings it in pieces of any size: while the empty line "
            "is not there, `None`.",
            _never_waits,
        ),
        Misconception(
            "a limit for finished heads only",
            "You look at the limit when the head is whole. One that never ends would fill your memory: "
            "refuse it with 431 as soon as `MAX_HEAD_SIZE` bytes are there without an end (RFC 6585 §5).",
            _when_it_ends,
        ),
        *(
            Misconception(
                "a limit for unfinished heads only",
                "You look at the limit only while the end is missing. A head that is too long stays too long "
                "when its end comes in the same read: search no further than `MAX_HEAD_SIZE` bytes.",
                wrong,
            )
            for wrong in (_unfinished_only, lambda data: _unfinished_only(data, MAX_HEAD_SIZE + 1))
        ),
        Misconception(
            "no limit",
            "You have no limit. A stranger can send a head without an end, and fill your memory with it: 431 "
            "above `MAX_HEAD_SIZE` bytes (RFC 6585 §5).",
            _without_limit,
        ),
        Misconception(
            "a limit for all that came",
            "You count the bytes behind the head, too. They are frames, and have limits of their own.",
            _limit_for_all,
        ),
        *(
            Misconception(
                "text, not bytes",
                "You turn the bytes into text. Behind the head there are frames, which are no text: stay "
                'with bytes, and look for `b"\\r\\n\\r\\n"`.',
                wrong,
            )
            for wrong in (_as_text, _as_latin_1)
        ),
    ),
)

EXERCISES = (SPLIT_HEAD,)
