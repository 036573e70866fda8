"""The parts of a connection that a student can bring: what each does there, and what it must give."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from wslearn.closing import Close
from wslearn.connection import State
from wslearn.course.mine.text import is_message
from wslearn.errors import HandshakeError, ProtocolError
from wslearn.extensions import ExtensionOffer
from wslearn.frames import Frame

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RULES", "Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One part.

    Parameters
    ----------
    job
        What the connection asks it for.
    gives
        What it returns, in words.
    accepts
        Whether a value is such a thing.
    raises
        What else it may do.
    """

    job: str
    gives: str
    accepts: Callable[[Any], bool]
    raises: tuple[type[Exception], ...] = ()


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


def _list(each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(each, value))


def _tuple(*each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, tuple)
        and len(value) == len(each)
        and all(accepts(item) for accepts, item in zip(each, value, strict=True))
    )


def _or_none(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or accepts(value)


def _frame(value: Any) -> bool:
    if not isinstance(value, Frame):
        return False
    in_order = (_is(bytes)(value.payload), _opcode(value.opcode), _or_none(_four_bytes)(value.masking_key))
    return all(in_order)


def _opcode(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value <= 0xF


def _four_bytes(value: Any) -> bool:
    return isinstance(value, bytes) and len(value) == 4


def _nothing(value: Any) -> bool:
    return value is None


def _close(value: Any) -> bool:
    return isinstance(value, Close) and _code(value.code) and _text(value.reason)


def _text(value: Any) -> bool:
    return isinstance(value, str) and is_message(value)


def _code(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value <= 0xFFFF


def _length(value: Any) -> bool:
    return _tuple(_is(int), _is(int))(value) and value[0] >= 0 and value[1] >= 0


def _offer(value: Any) -> bool:
    if not isinstance(value, ExtensionOffer) or not _is(tuple)(value.parameters):
        return False
    pair = _tuple(_is(str), _or_none(_is(str)))
    return _is(str)(value.name) and all(map(pair, value.parameters))


def _status(value: Any) -> bool:
    return isinstance(value, int) and (value == 101 or 400 <= value in HTTPStatus.__members__.values())


_bits = _tuple(_is(bool), _is(bool), _is(bool), _is(bool), _opcode)
_may_fail = (ProtocolError,)

#: By name, in the order of the lessons.
RULES: dict[str, Rule] = {
    "accept_key": Rule("Sec-WebSocket-Accept", "a str", _is(str)),
    "connection_tokens": Rule("the words of Connection", "a list of str", _list(_is(str))),
    "build_request": Rule("a client's opening handshake", "bytes", _is(bytes)),
    "request_status": Rule("accept the handshake or refuse it", "101, or the status of a refusal", _status),
    "check_answer": Rule("a client's look at the answer", "a bool", _is(bool)),
    "choose_subprotocol": Rule("Sec-WebSocket-Protocol", "a str or None", _or_none(_is(str))),
    "parse_extensions": Rule(
        "the extensions on offer",
        "a list of ExtensionOffer",
        _list(_offer),
        (HandshakeError,),
    ),
    "split_first_byte": Rule("FIN, RSV1–3, opcode", "four bool and an opcode", _bits),
    "header": Rule("what stands before each payload sent", "bytes", _is(bytes)),
    "payload_length": Rule(
        "where a frame ends", "(length, offset behind it) or None", _or_none(_length), _may_fail
    ),
    "parse_frame": Rule(
        "a frame from its bytes", "(Frame, bytes) or None", _or_none(_tuple(_frame, _is(bytes))), _may_fail
    ),
    "check_bits": Rule("the rules of the first two bytes", "None", _nothing, _may_fail),
    "mask_bytewise": Rule("masking and unmasking", "bytes", _is(bytes)),
    "mask_integer": Rule("the same, fast", "bytes", _is(bytes)),
    "rotate": Rule("the key for the rest of a payload", "four bytes", _four_bytes),
    "fragment": Rule("the frames of a message sent", "a list of Frame", _list(_frame)),
    "reassemble": Rule(
        "the message in fragments received", "a list of str and bytes", _list(is_message), _may_fail
    ),
    "take_frames": Rule(
        "the frames in what arrived",
        "(list of Frame, bytes)",
        _tuple(_list(_frame), _is(bytes)),
        _may_fail,
    ),
    "utf8_so_far": Rule("whether half a text can still be one", "a bool", _is(bool)),
    "parse_close": Rule("a close frame's code and reason", "a Close", _close, _may_fail),
    "may_be_sent": Rule("which close codes are allowed", "a bool", _is(bool)),
    "answer_ping": Rule("the pong", "a Frame", _frame),
    "next_state": Rule("CONNECTING, OPEN, CLOSING, CLOSED", "a State", _is(State)),
    "split_head": Rule(
        "the end of the HTTP head",
        "(bytes, bytes) or None",
        _or_none(_tuple(_is(bytes), _is(bytes))),
        (HandshakeError,),
    ),
    "deflate_message": Rule("a message compressed", "bytes", _is(bytes)),
    "inflate_message": Rule("a message inflated", "bytes", _is(bytes), _may_fail),
    "accept_offer": Rule(
        "the answer to an offer of compression", "an ExtensionOffer or None", _or_none(_offer)
    ),
    "origin_allowed": Rule("whose pages may connect", "a bool", _is(bool)),
}
