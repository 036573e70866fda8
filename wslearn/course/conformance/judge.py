"""What a server did in one conversation, and the verdict on it.

Autobahn gives each case two verdicts, one on the messages and one on how the connection ended. Here the
worse of the two counts:

===============  ======================================================================================
pass             As expected. A server that fails the connection may leave the close frame out, or its
                 code: §7.1.7 says SHOULD.
non-strict       Conforming, but not as good as it could be: the connection fails with another code than
                 the rule's, or later than possible, or before earlier messages are answered; TCP is left
                 for the client to close; a handshake is refused with another status.
fail             Anything else: no close frame where the closing handshake asks for one, a wrong code in
                 answer to a close frame, a fault that goes unnoticed, frames that are illegal.
informational    The RFC leaves it open, so that any answer will do.
===============  ======================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus

from wslearn.closing import may_be_sent
from wslearn.course.conformance.kinds import Answers, Case, Fails, Heard, Refuses, Verdict, outline
from wslearn.spans import visible

__all__ = ["NO_CODE", "Seen", "judge", "tell"]

NO_CODE = -1  # of an empty close frame; 1005 stands for it in programs, and on the wire for a fault
_WORDS = 200  # characters of a server's own words


@dataclass(slots=True)
class Seen:
    """What a server did in one conversation.

    Attributes
    ----------
    request, answer : bytes
        The opening handshake: both heads, and the body of a refusal.
    status : int or None
        Of the answer; ``None`` when there was none.
    refusal : str
        Why the handshake is not done; empty when it is.
    sent, received : bytes
        What crossed the connection behind the handshake.
    heard : list
        Messages and pongs.
    close : int or None
        The code of the close frame; `NO_CODE` for an empty one, ``None`` for no close frame.
    asked : bool
        Whether the client closed, at the end of a case that does not.
    turns : int
        How many turns of the case were sent.
    fault : str
        The rule that the server's own frames break.
    behind : int
        Bytes after the close frame.
    ended : bool
        Whether the server closed TCP.
    overdue : bool
        Whether an answer did not come in time.
    """

    request: bytes = b""
    answer: bytes = b""
    status: int | None = None
    refusal: str = ""
    sent: bytes = b""
    received: bytes = b""
    heard: list[Heard] = field(default_factory=list)
    close: int | None = None
    asked: bool = False
    turns: int = 0
    fault: str = ""
    behind: int = 0
    ended: bool = False
    overdue: bool = False


def judge(case: Case, seen: Seen) -> Verdict:
    """Give the verdict on a conversation; the rules stand at the top of this module.

    Examples
    --------
    >>> case = Case("UTF-8", "half a character", Fails((1007,)), "§8.1")
    >>> judge(case, Seen(close=1007, ended=True)), judge(case, Seen(close=1002, ended=True))
    ('pass', 'non-strict')
    """
    expected = case.expected
    if isinstance(expected, Refuses):
        return _judge_refusal(expected, seen)
    if isinstance(expected, Fails) and expected.otherwise == "informational":
        return "fail" if seen.refusal else "informational"
    if seen.refusal or seen.fault or seen.behind or not _is_legal(seen.close):
        return "fail"
    if isinstance(expected, Answers):
        return _judge_answers(case, expected, seen)
    return _judge_failure(case, expected, seen)


def _judge_refusal(expected: Refuses, seen: Seen) -> Verdict:
    if seen.status == expected.status:
        return "pass"
    if seen.status == HTTPStatus.SWITCHING_PROTOCOLS:
        return expected.otherwise
    said_no = seen.status is not None or (seen.ended and not seen.answer)
    return "non-strict" if said_no else "fail"


def _judge_answers(case: Case, expected: Answers, seen: Seen) -> Verdict:
    if tuple(seen.heard) != expected.heard or seen.close is None:
        return "fail"
    if seen.close not in {*expected.codes, NO_CODE}:
        wrong: Verdict = "fail" if case.group == "closing" else "non-strict"
        return "non-strict" if seen.close in expected.borne else wrong
    return "pass" if seen.ended else "non-strict"


def _judge_failure(case: Case, expected: Fails, seen: Seen) -> Verdict:
    if seen.asked or seen.overdue or tuple(seen.heard) not in {expected.heard, ()}:
        return expected.otherwise
    if seen.close is not None and seen.close not in {*expected.codes, NO_CODE}:
        return "fail" if case.group == "closing" else "non-strict"
    is_late = expected.early and seen.turns == len(case.turns)
    is_deaf = tuple(seen.heard) != expected.heard
    return "pass" if seen.ended and not is_late and not is_deaf else "non-strict"


def _is_legal(code: int | None) -> bool:
    return code is None or code == NO_CODE or may_be_sent(code)


def tell(case: Case, seen: Seen, patience: float) -> str:
    """Say in a few words what the server did.

    Parameters
    ----------
    case, seen
        The conversation.
    patience
        How long an answer was waited for, in seconds.

    Examples
    --------
    >>> case = Case("echo", "Hello", Answers(("Hello",)), "§5.6", turns=(b"Hello",))
    >>> tell(case, Seen(heard=["Hello"], close=1000, asked=True, ended=True), 3.0)
    'text, 5 bytes; close 1000'
    """
    overdue = f"no answer within {patience:g} s"
    if seen.status is None and seen.refusal:
        return overdue if seen.overdue and not seen.answer else visible(seen.refusal, _WORDS)
    if isinstance(case.expected, Refuses):
        return f"HTTP {seen.status}"
    if seen.refusal or seen.fault:
        return visible(seen.refusal or seen.fault, _WORDS)
    parts = outline(seen.heard)
    if parts and tuple(seen.heard) != case.expected.heard:
        parts = ["unexpected answers"] if seen.overdue else [f"unexpected: {parts[0]}", *parts[1:]]
    parts[:0] = ["HTTP 101"] * (not case.turns)
    if seen.close is not None:
        parts.append(_closed(case.expected, seen))
        parts += ["goes on after it"] * bool(seen.behind) + ["TCP left open"] * (not seen.ended)
    else:
        parts.append("TCP closed, no close frame" if seen.ended else overdue)
    is_late = isinstance(case.expected, Fails) and case.expected.early and seen.turns > 1
    return "; ".join(parts) + ", late" * is_late


def _closed(expected: Answers | Fails, seen: Seen) -> str:
    code = "close without a code" if seen.close == NO_CODE else f"close {seen.close}"
    return code + ", only when asked" * (seen.asked and isinstance(expected, Fails))
