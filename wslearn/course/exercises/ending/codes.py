"""Closing: parse_close, may_be_sent (RFC 6455 §5.5.1, §7.4)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from wslearn.closing import Close, CloseCode, may_be_sent
from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.stream.characters import texts
from wslearn.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["MAY_BE_SENT", "PARSE_CLOSE", "parse_close"]

LESSON = "06_lifecycle"


# ----------------------------------------------------------------------------------------- parse_close


def parse_close(payload: bytes) -> Close:
    r"""Read the payload of a close frame; 1005 stands for an empty one (RFC 6455 §5.5.1, §7.4).

    Parameters
    ----------
    payload
        0 to 125 bytes, unmasked.

    Raises
    ------
    ProtocolError
        With 1002 for half a code, and for one that must not be sent: what a receiver does with that is
        left open, and 1002 is this library's choice. With 1007 for a reason that is not UTF-8.

    Examples
    --------
    >>> parse_close(b"\x03\xe8bye")
    Close(code=1000, reason='bye')
    """
    return Close.parse(payload)


def _close_payloads() -> SearchStrategy[tuple[bytes]]:
    from hypothesis import strategies as st

    code = st.integers(0, 0xFFFF) | st.sampled_from([*CloseCode]) | st.integers(2990, 5010)
    reason = texts(4).map(str.encode)
    readable = st.builds(lambda code, reason: code.to_bytes(2, "big") + reason, code, reason)
    # Of two faults in one payload either may be named: so there is never more than one.
    return st.tuples(readable | reason.map(lambda reason: b"\x03\xe8" + reason + b"\xff"))


def _read(
    payload: bytes,
    *,
    order: Any = "big",
    empty: int = 1005,
    allowed: Callable[[int], bool] = may_be_sent,
    bad_reason: int = 1007,
    errors: str = "strict",
) -> Close:
    """Read a close payload as people do; each parameter is a place where one goes wrong."""
    if not payload:
        return Close(empty)
    code = int.from_bytes(payload[:2], order)
    if len(payload) == 1 or not allowed(code):
        raise ProtocolError("Not this code.", close_code=1002, section="§7.4", field="close code")
    try:
        return Close(code, payload[2:].decode(errors=errors))
    except UnicodeDecodeError:
        raise ProtocolError("No text.", close_code=bad_reason, section="§8.1", field="close reason") from None


def _reason_let_out(payload: bytes) -> Close:
    close = Close.parse(payload[:2])
    return Close(close.code, payload[2:].decode())


def _half_is_none(payload: bytes) -> Close:
    return Close.parse(payload if len(payload) > 1 else b"")


def _nothing_refused(payload: bytes) -> Close:
    return Close.parse(payload or b"\x03")


def _unpacked(payload: bytes) -> Close:
    if payload:
        struct.unpack_from("!H", payload)
    return Close.parse(payload)


_CODES = (0, 999, 1000, 1004, 1005, 1006, 1011, 1012, 1014, 1015, 1016, 2999, 3000, 3999, 4000, 4999, 5000)

PARSE_CLOSE = Exercise(
    model=parse_close,
    lesson=LESSON,
    section="RFC 6455 §5.5.1, §7.4, §8.1",
    examples=(
        (b"",),
        (b"\x03",),
        *((code.to_bytes(2, "big"),) for code in _CODES),
        (b"\x03\xe8bye",),
        (b"\x03\xe8\xc3\xa9",),
        (b"\x03\xe8\xff",),
        (b"\x03\xe8\xc3",),
    ),
    inputs=_close_payloads,
    hints=(
        "Three cases by length: nothing, one byte, two or more.",
        "Nothing: `Close(1005)`, which means that no code was present. One byte: `ProtocolError` with 1002.",
        (
            "`int.from_bytes(payload[:2], 'big')` is the code. `closing.may_be_sent(code)` says "
            "whether it may be there; if not, 1002."
        ),
        "What follows the code is the reason: `payload[2:].decode()`. UnicodeDecodeError becomes 1007.",
    ),
    misconceptions=(
        Misconception(
            "1002 for a bad reason",
            "A reason that is not UTF-8 earns 1007, as all text does (§8.1).",
            lambda payload: _read(payload, bad_reason=1002),
        ),
        *(
            Misconception(
                "the reason mended",
                "You let `decode` mend or skip what is not UTF-8. Then nobody hears of the fault: without "
                "`errors` it raises UnicodeDecodeError, and that becomes 1007 (§8.1).",
                lambda payload, errors=errors: _read(payload, errors=errors),
            )
            for errors in ("replace", "ignore")
        ),
        Misconception(
            "the code read backwards",
            "You read the code with its bytes swapped. Network byte order: the heavier byte first (§5.5.1).",
            lambda payload: _read(payload, order="little"),
        ),
        Misconception(
            "1000 for nothing",
            "You take an empty payload for 1000. It says nothing, and that is reported as 1005 (§7.1.5).",
            lambda payload: _read(payload, empty=1000),
        ),
        Misconception(
            "nothing refused",
            "You refuse an empty payload. A close frame need not say why: that is `Close(1005)` (§5.5.1, "
            "§7.1.5).",
            _nothing_refused,
        ),
        Misconception(
            "half a code is no code",
            "You take one byte for an empty payload. If there is a body, it starts with two bytes of code: "
            "one byte is an error, 1002 (§5.5.1).",
            _half_is_none,
        ),
        Misconception(
            "one byte unpacked",
            "`struct.unpack` wants two bytes and raises its own error for one. Half a code is the peer's "
            "fault: `ProtocolError` with 1002 (§5.5.1).",
            _unpacked,
        ),
        Misconception(
            "any code from 1000 to 4999",
            "You take any code from 1000 to 4999. 1005, 1006 and 1015 must not be sent, 1004 is reserved, "
            "and 1016 to 2999 are nobody's yet (§7.4). This library fails with 1002 on each of them.",
            lambda payload: _read(payload, allowed=lambda code: 1000 <= code <= 4999),
        ),
        Misconception(
            "any code",
            "You take any two bytes for a code. Some must not be sent (§7.4); what a receiver does with them "
            "the RFC leaves open. This library fails with 1002.",
            lambda payload: _read(payload, allowed=lambda _: True),
        ),
        Misconception(
            "Python's error let out",
            "`decode` raises UnicodeDecodeError, and you let it out. A reason that is not UTF-8 is the "
            "peer's fault: `ProtocolError` with 1007 (§8.1).",
            _reason_let_out,
        ),
    ),
    see=(Close.parse,),
)


# ----------------------------------------------------------------------------------------- may_be_sent


def _codes() -> SearchStrategy[tuple[int]]:
    from hypothesis import strategies as st

    return st.tuples(st.integers(0, 0xFFFF))


MAY_BE_SENT = Exercise(
    model=may_be_sent,
    lesson=LESSON,
    section="RFC 6455 §7.4.1, §7.4.2",
    examples=tuple((code,) for code in (*_CODES, 1001, 1003, 1007, 1013, 1017, 2000, 65535)),
    inputs=_codes,
    hints=(
        (
            "Two ranges are open: 3000 to 3999 for libraries and applications, registered with IANA, and "
            "4000 to 4999, which are private."
        ),
        "Below 3000 only registered codes may be sent: 1000 to 1014 today, without 1004, 1005 and 1006.",
        (
            "Three describe what happened on one side: 1005, 1006, 1015. 1004 is reserved and means nothing "
            "yet."
        ),
    ),
    misconceptions=(
        Misconception(
            "1004 is only reserved",
            "You allow 1004. It is reserved and has no meaning yet, so nobody may send it (§7.4.1).",
            lambda code: code == 1004 or may_be_sent(code),
        ),
        Misconception(
            "the list of 2011",
            "You stop at 1011, where the RFC's own list ends. The registry that it opens (§11.7) has 1012, "
            "1013 and 1014 as well.",
            lambda code: may_be_sent(code) and code not in {1012, 1013, 1014},
        ),
        *(
            Misconception(
                "the last code of a range",
                "You leave out the last code of a range: 1014, 3999 or 4999. In Python `range(1000, 1015)` "
                "ends with 1014.",
                lambda code, left_out=left_out: may_be_sent(code) and code not in left_out,
            )
            for left_out in ({1014}, {4999}, {1014, 4999}, {1014, 3999, 4999})
        ),
        Misconception(
            "5000 is included",
            "You allow 5000. The private range is 4000 to 4999; above it there is nothing (§7.4.2).",
            lambda code: code == 5000 or may_be_sent(code),
        ),
        Misconception(
            "what is nobody's yet",
            "You allow 1016 to 2999. They are reserved for the protocol, and nobody has registered them "
            "(§7.4.2).",
            lambda code: 1016 <= code <= 2999 or may_be_sent(code),
        ),
        Misconception(
            "no codes of your own",
            "You allow the protocol's own codes alone. 3000 to 3999 are for libraries and applications, "
            "registered with IANA; 4000 to 4999 are private (§7.4.2).",
            lambda code: may_be_sent(code) and code < 3000,
        ),
        Misconception(
            "codes that only describe",
            "You allow a code that nobody may send. 1005, 1006 and 1015 only describe what happened on one "
            "side; 1004 is reserved and means nothing yet (§7.4.1).",
            lambda code: may_be_sent(code) or code in {1004, 1005, 1006, 1015},
        ),
        Misconception(
            "whatever has a name",
            "You allow what `CloseCode` names. To have a name and to be allowed on the wire are two things: "
            "1004, 1005, 1006 and 1015 are never sent (§7.4.1), and 3000 to 4999 have no name there.",
            lambda code: code in CloseCode.__members__.values(),
        ),
        *(
            Misconception(
                "what only one side says to itself",
                "You allow a code that only describes what happened on one side: 1005, 1006 or 1015. None of "
                "them may stand in a close frame (§7.4.1).",
                lambda code, let_in=let_in: code in let_in or may_be_sent(code),
            )
            for let_in in (
                {1005},
                {1006},
                {1015},
                {1005, 1006},
                {1005, 1015},
                {1006, 1015},
                {1005, 1006, 1015},
            )
        ),
        *(
            Misconception(
                "all but a few",
                "You allow whatever is not forbidden by number. Below 1000 there are no codes (§7.4.2), 1016 "
                "to 2999 are reserved, and above 4999 there is nothing.",
                lambda code, left_out=left_out: code not in left_out,
            )
            for left_out in ({1005, 1006, 1015}, {1004, 1005, 1006, 1015})
        ),
        Misconception(
            "all from 1000 to 4999",
            "You allow all of 1000 to 4999. 1004, 1005, 1006 and 1015 are never sent (§7.4.1), and 1016 to "
            "2999 are reserved (§7.4.2).",
            lambda code: 1000 <= code <= 4999,
        ),
    ),
)
