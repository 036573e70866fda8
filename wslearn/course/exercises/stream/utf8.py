"""Text that has only begun: utf8_so_far (RFC 6455 §8.1)."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.stream.characters import texts
from wslearn.errors import ProtocolError
from wslearn.messages import Assembler

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["UTF8_SO_FAR", "utf8_so_far"]

LESSON = "05_messages"


def utf8_so_far(data: bytes) -> bool:
    r"""Tell whether a text message can begin with these bytes (RFC 6455 §8.1).

    Parameters
    ----------
    data
        The payload so far, unmasked; it may end inside a character.

    Examples
    --------
    >>> utf8_so_far(b"caf\xc3"), utf8_so_far(b"caf\xff")
    (True, False)
    """
    message = Assembler(text=True, limit=len(data))
    message.begin_frame(len(data))
    try:
        message.feed(data)
    except ProtocolError:
        return False
    return True


def _texts_and_others() -> SearchStrategy[tuple[bytes]]:
    from hypothesis import strategies as st

    text = texts(4).map(str.encode)
    cut = st.tuples(text, st.integers(0, 3)).map(lambda each: each[0][: -each[1] or None])
    odd = st.sampled_from(
        [b"\x80", b"\xbf", b"\xc0", b"\xc3", b"\xe2\x82", b"\xed\xa0", b"\xf0\x9f", b"\xf5", b"\xff"]
    )
    return st.tuples(cut | st.tuples(cut, odd, st.sampled_from([b"", b"a", b"\x80"])).map(b"".join))


def _whole_only(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _anything(data: bytes) -> bool:
    return bool(data.decode(errors="replace") or True)


def _tail_ignored(data: bytes) -> bool:
    return any(_whole_only(data[: len(data) - cut]) for cut in range(min(4, len(data) + 1)))


def _fault_at_the_end(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.end == len(data)
    return True


def _as_python(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _patterns(data: bytes) -> bool:
    due = 0
    for byte in data:
        if due and byte >> 6 != 0b10:
            return False
        if due:
            due -= 1
        elif byte >= 0x80:
            due = next(
                (more for more, lead in ((1, 0b110), (2, 0b1110), (3, 0b11110)) if byte >> 6 - more == lead),
                -1,
            )
        if due < 0:
            return False
    return True


UTF8_SO_FAR = Exercise(
    model=utf8_so_far,
    lesson=LESSON,
    section="RFC 6455 §8.1, RFC 3629 §4",
    examples=(
        (b"",),
        (b"a",),
        (b"\xc3",),
        (b"\xff",),
        (b"\x80",),
        (b"\xc0",),
        ("é".encode(),),
        (b"\xc3a",),
        (b"\xe2\x82",),
        (b"\xe0\x80",),
        (b"\xed\x9f",),
        (b"\xed\xa0",),
        (b"\xed\xa0\x80",),
        (b"\xf0\x9f\x98",),
        (b"\xf0\x80",),
        (b"\xf4\x8f",),
        (b"\xf4\x90",),
        (b"\xf5",),
        ("😀".encode(),),
        (b"caf\xff more text",),
        (b"\x80 more text",),
        (b"\xc0\xaf more text",),
    ),
    inputs=_texts_and_others,
    hints=(
        (
            "Three answers are possible for a whole text: it is UTF-8, it is not, or it ends inside a "
            "character. The last is fine here: the rest may be on its way."
        ),
        (
            "Python has a decoder that takes bytes piece by piece: "
            "`codecs.getincrementaldecoder('utf-8')()`. Its `decode(data)` raises UnicodeDecodeError at an "
            "impossible byte, and keeps a begun character back."
        ),
        (
            "In one place it waits too long. `ed` followed by `a0` or more begins a surrogate, which UTF-8 "
            "does not have: no third byte can mend it."
        ),
        (
            "`decoder.getstate()[0]` is what it keeps back: not if that starts with `ed` and goes on with "
            "`a0` or more."
        ),
    ),
    misconceptions=(
        Misconception(
            "the surrogate that Python waits for",
            "Python's decoder waits for a third byte here. No third byte helps: `ed a0` to `ed bf` begin "
            "surrogates, U+D800 to U+DFFF, which UTF-8 must not hold (RFC 3629 §3). Look at what it keeps "
            "back.",
            _as_python,
        ),
        Misconception(
            "only whole characters",
            "You refuse a text that ends inside a character. Its other bytes may come with the next "
            "fragment, or the next read: so far, it is fine (§5.6).",
            _whole_only,
        ),
        Misconception(
            "any fault at the end",
            "You take any fault in the last bytes for a character that has only begun. Some bytes begin "
            "none, such as `80`, `c0` or `ff`: they are impossible at once.",
            _fault_at_the_end,
        ),
        Misconception(
            "bit patterns alone",
            "You look at the leading bits alone. UTF-8 also excludes longer forms than needed (`c0`, `c1`, "
            "`e0 80`, `f0 80`), surrogates (`ed a0`), and what lies beyond U+10FFFF (`f4 90`, `f5` and up; "
            "RFC 3629 §4).",
            _patterns,
        ),
        Misconception(
            "the last three bytes ignored",
            "You leave out up to three bytes at the end, whatever they are. Only bytes that begin a "
            "character may wait there; an impossible one is impossible at once.",
            _tail_ignored,
        ),
        Misconception(
            "errors replaced",
            'With errors="replace" or "ignore" everything decodes, so you never say no. The receiver must '
            "not guess: it fails the connection (§8.1).",
            _anything,
        ),
    ),
)
