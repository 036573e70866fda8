"""Lesson 09, `read_ticket`: who is it, when there is no header to say so (RFC 6455 §10.5)."""

from __future__ import annotations

import hashlib
import hmac
import sys
from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from hypothesis.strategies import SearchStrategy

__all__ = ["READ_TICKET", "read_ticket", "write_ticket"]


def write_ticket(user: str, until: int, secret: bytes) -> str:
    """Write a ticket: who, until when, and a signature of both that only holders of the secret can make.

    Parameters
    ----------
    user
        The name; it may have dots in it.
    until
        When the ticket is no longer good, in seconds since 1970.
    secret
        The key of the server that gives tickets out, and of those that take them.

    Examples
    --------
    >>> write_ticket("ada", 1700000000, b"secret")[:15]
    'ada.1700000000.'
    """
    told = f"{user}.{until}"
    return f"{told}.{hmac.new(secret, told.encode(), hashlib.sha256).hexdigest()}"


def read_ticket(ticket: str, secret: bytes, now: int) -> str | None:
    """Give the user that a ticket names; None when it is forged, or its time is over.

    Examples
    --------
    >>> ticket = write_ticket("ada", 1700000000, b"secret")
    >>> read_ticket(ticket, b"secret", 1699999999), read_ticket(ticket, b"secret", 1700000000)
    ('ada', None)
    """
    told, _, signature = ticket.rpartition(".")
    expected = hmac.new(secret, told.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        return None
    user, _, until = told.rpartition(".")  # only now: this was written by us
    return user if now < int(until) else None


_SECRET = b"secret"
_UNTIL = 1000
_ADA = write_ticket("ada", _UNTIL, _SECRET)


def _tickets() -> SearchStrategy[tuple[str, bytes, int]]:
    from hypothesis import strategies as st

    def damaged(parts: tuple[str, int, int, str]) -> str:
        ticket, start, stop, other = parts
        return ticket[:start] + other + ticket[start + stop :]

    users = st.text("ab.é", min_size=1, max_size=6)
    genuine = st.builds(write_ticket, users, st.integers(990, 1010), st.just(_SECRET))
    anything = st.tuples(genuine, st.integers(0, 90), st.integers(0, 3), st.text("a1.", max_size=2)).map(
        damaged
    )
    return st.tuples(genuine | anything, st.just(_SECRET), st.integers(995, 1005))


def _told(ticket: str) -> tuple[str, str, str]:
    told, _, signature = ticket.rpartition(".")
    user, _, until = told.rpartition(".")
    return user, until, signature


def _genuine(ticket: str, secret: bytes) -> bool:
    user, until, signature = _told(ticket)
    return until.isdecimal() and write_ticket(user, int(until), secret).rpartition(".")[2] == signature


def _not_verified(ticket: str, _secret: bytes, now: int) -> str | None:
    user, until, _ = _told(ticket)
    return user if until.isdecimal() and now < int(until) else None


def _never_over(ticket: str, secret: bytes, _now: int) -> str | None:
    return _told(ticket)[0] if _genuine(ticket, secret) else None


def _still_good(ticket: str, secret: bytes, now: int) -> str | None:
    return read_ticket(ticket, secret, now - 1)


def _user_signed_alone(ticket: str, secret: bytes, now: int) -> str | None:
    user, until, signature = _told(ticket)
    expected = hmac.new(secret, user.encode(), hashlib.sha256).hexdigest()
    return user if expected == signature and until.isdecimal() and now < int(until) else None


def _hashed_behind_the_secret(ticket: str, secret: bytes, now: int) -> str | None:
    user, until, signature = _told(ticket)
    expected = hashlib.sha256(secret + f"{user}.{until}".encode()).hexdigest()
    return user if expected == signature and until.isdecimal() and now < int(until) else None


def _times_as_text(ticket: str, secret: bytes, now: int) -> str | None:
    user, until, _ = _told(ticket)
    return user if _genuine(ticket, secret) and str(now) < until else None


def _three_parts(ticket: str, secret: bytes, now: int) -> str | None:
    return None if ticket.count(".") != 2 else read_ticket(ticket, secret, now)


def _read_before_verified(ticket: str, secret: bytes, now: int) -> str | None:
    _, until, _ = ticket.rsplit(".", 2)
    return None if now >= int(until) else read_ticket(ticket, secret, now)


def _text_compared(ticket: str, secret: bytes, now: int) -> str | None:
    told, _, signature = ticket.rpartition(".")
    if not hmac.compare_digest(hmac.new(secret, told.encode(), hashlib.sha256).hexdigest(), signature):
        return None
    return read_ticket(ticket, secret, now)


def _in_capitals(ticket: str, secret: bytes, now: int) -> str | None:
    told, _, signature = ticket.rpartition(".")
    return read_ticket(f"{told}.{signature.lower()}", secret, now)


def _unpacked(ticket: str, secret: bytes, now: int) -> str | None:
    _user, _until, _signature = ticket.rsplit(".", 2)
    return read_ticket(ticket, secret, now)


def _unpacked_in_three(ticket: str, secret: bytes, now: int) -> str | None:
    _user, _until, _signature = ticket.split(".")
    return read_ticket(ticket, secret, now)


def _takes_its_time(function: Callable[..., Any]) -> str:
    """See whether it compares with `hmac.compare_digest`, by whatever name and however deep."""
    seen: list[object] = []

    def note(_frame: FrameType, event: str, called: object) -> None:
        if event == "c_call":
            seen.append(called)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function(_ADA, _SECRET, _UNTIL - 1)
    finally:
        sys.setprofile(before)
    if hmac.compare_digest in seen:
        return ""
    return (
        "The results are right, but == stops at the first character that differs, and so takes longer the "
        "more of a guess is right. Compare signatures with hmac.compare_digest, which always takes as long."
    )


def _forged(told: str, sign: bytes) -> str:
    return f"{told}.{hashlib.sha256(sign).hexdigest()}"


READ_TICKET = Exercise(
    model=read_ticket,
    lesson="09_security",
    section="RFC 6455 §10.5",
    examples=(
        (_ADA, _SECRET, _UNTIL - 1),
        (_ADA, _SECRET, _UNTIL),
        (_ADA, _SECRET, _UNTIL + 1),
        (_ADA, _SECRET, 999_999),
        (_ADA, b"another", _UNTIL - 1),
        ("", _SECRET, 1),
        ("ada", _SECRET, 1),
        ("ada.1000", _SECRET, 1),
        ("ada.soon.", _SECRET, 1),
        ("ada.1000.", _SECRET, 1),
        ("..", _SECRET, 1),
        ("ada.1000.é", _SECRET, 1),
        (_ADA.replace("ada", "bob"), _SECRET, _UNTIL - 1),
        (_ADA.replace("1000", "9999"), _SECRET, _UNTIL),
        (_ADA.upper().replace("ADA", "ada"), _SECRET, _UNTIL - 1),
        (write_ticket("ada.lovelace", _UNTIL, _SECRET), _SECRET, _UNTIL - 1),
        (write_ticket("ada", 9, _SECRET), _SECRET, 10),
        (write_ticket("ada", 10, _SECRET), _SECRET, 9),
        (f"ada.1000.{hmac.new(_SECRET, b'ada', hashlib.sha256).hexdigest()}", _SECRET, 1),
        (_forged("ada.1000", _SECRET + b"ada.1000"), _SECRET, 1),
        (_forged("ada.1000", b"ada.1000"), _SECRET, 1),
    ),
    inputs=_tickets,
    hints=(
        (
            "First the signature, then everything else. What does not carry your signature was written by "
            "anybody."
        ),
        (
            'Cut at the last dot: `told, _, signature = ticket.rpartition(".")`. It cuts anything, '
            "and raises nothing."
        ),
        "Sign `told` yourself, `hmac.new(secret, told.encode(), hashlib.sha256).hexdigest()`, and compare.",
        (
            "`hmac.compare_digest(a, b)` compares without telling by its time where the difference is. "
            "Give it bytes: it refuses text that is not ASCII."
        ),
        "Then cut `told` at its last dot, and compare `now` with the number, as a number.",
    ),
    misconceptions=(
        *(
            Misconception(
                "read before it is verified",
                "You take the ticket apart before you know that it is genuine, and what it is not made of "
                "raises an error. Anybody can send anything: verify the signature first, with a cut that "
                "cannot fail (§10.7).",
                wrong,
            )
            for wrong in (_read_before_verified, _unpacked)
        ),
        Misconception(
            "cut in three, no more and no less",
            "You cut at every dot and expect three parts. A name may have dots itself, and a stranger sends "
            "what he likes: cut at the last dot, with `rpartition`, which never fails (§10.7).",
            _unpacked_in_three,
        ),
        Misconception(
            "a signature that is no ASCII",
            "`hmac.compare_digest` raises TypeError for text that is not ASCII, and a stranger can send any. "
            "Give it bytes: `.encode()` on both sides.",
            _text_compared,
        ),
        Misconception(
            "capitals let in",
            "You take the signature in capitals, too. Then one ticket can be written in many ways, and who "
            "remembers the used ones by their text lets it in again.",
            _in_capitals,
        ),
        Misconception(
            "the signature not verified",
            "You believe what the ticket says. Anybody can write a name and a time. The signature is what "
            "only holders of the secret can make.",
            _not_verified,
        ),
        Misconception(
            "the time not looked at",
            "You accept a ticket whose time is over. A ticket that is found in a log a week later must be "
            "worth nothing.",
            _never_over,
        ),
        Misconception(
            "good in its last second",
            "You accept a ticket at the very second in which it ends. It is good as long as `now` is less "
            "than that number.",
            _still_good,
        ),
        Misconception(
            "the user signed alone",
            "You sign the name alone. Then whoever has an old ticket writes a new time into it, and it "
            "fits. Sign all that stands in front of the last dot.",
            _user_signed_alone,
        ),
        Misconception(
            "a plain hash",
            "You hash the secret and the text in one go. SHA-256 goes on where it stopped: whoever has one "
            "such hash can make that of a longer text. With HMAC nobody can (RFC 2104).",
            _hashed_behind_the_secret,
        ),
        Misconception(
            "times compared as text",
            'You compare the times as text, and there "10" comes before "9". Make numbers of them.',
            _times_as_text,
        ),
        Misconception(
            "three parts, no more",
            "You expect two dots. A name may have dots itself, so cut from the right: `rpartition`.",
            _three_parts,
        ),
    ),
    also=_takes_its_time,
)
