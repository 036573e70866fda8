"""What a case of a conformance run is: what the client sends, and what the server has to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wslearn.connection import Pong
from wslearn.errors import ProtocolError
from wslearn.frames import Frame, Opcode
from wslearn.spans import count
from wslearn.vectors import GOOD_REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["GROUPS", "Answers", "Case", "Fails", "Heard", "Refuses", "Verdict", "frames_of", "outline"]

Verdict = Literal["pass", "non-strict", "fail", "informational"]
Heard = str | bytes | Pong  # a message or a pong

GROUPS = (
    "opening handshake",
    "echo",
    "ping and pong",
    "reserved bits",
    "opcodes",
    "masks and lengths",
    "fragments",
    "UTF-8",
    "closing",
)


@dataclass(frozen=True, slots=True)
class Answers:
    """The server answers, and closes cleanly when it is asked to.

    Parameters
    ----------
    heard
        The messages and pongs that come back, in order.
    codes
        The close codes that may answer ours.
    borne
        Close codes that are "non-strict".

    Examples
    --------
    >>> print(Answers(("Hello",)))
    text, 5 bytes; close 1000
    """

    heard: tuple[Heard, ...] = ()
    codes: tuple[int, ...] = (1000,)
    borne: tuple[int, ...] = ()

    def __str__(self) -> str:
        return "; ".join([*outline(self.heard), _close(self.codes)])


@dataclass(frozen=True, slots=True)
class Fails:
    """The server fails the connection (RFC 6455 §7.1.7).

    Parameters
    ----------
    codes
        The close codes that say why.
    heard
        What it answers before it comes to the fault.
    otherwise
        The verdict on a server that goes on as if nothing were wrong.
    early
        Whether it should fail before the last turn of the case is sent.

    Examples
    --------
    >>> print(Fails((1007,), early=True))
    close 1007, at once
    """

    codes: tuple[int, ...]
    heard: tuple[Heard, ...] = ()
    otherwise: Verdict = "fail"
    early: bool = False

    def __str__(self) -> str:
        return "; ".join([*outline(self.heard), _close(self.codes)]) + ", at once" * self.early


@dataclass(frozen=True, slots=True)
class Refuses:
    """The server refuses the opening handshake (RFC 6455 §4.2.2).

    Parameters
    ----------
    status
        The HTTP status that says why.
    otherwise
        The verdict on a server that accepts.

    Examples
    --------
    >>> print(Refuses(426))
    HTTP 426
    """

    status: int
    otherwise: Verdict = "fail"

    def __str__(self) -> str:
        return f"HTTP {self.status}"


@dataclass(frozen=True, slots=True)
class Case:
    """One connection: what the client sends, and what the server has to do.

    Parameters
    ----------
    group
        One of `GROUPS`.
    name
        What is sent, in a few words.
    expected
        What the server has to do.
    section
        Where the rule stands.
    autobahn
        The number of the Autobahn testsuite's case for the same rule, or empty.
    turns
        Frames. Between two turns the client waits for an answer, but not for long.
    request
        The opening handshake; ``/chat`` and ``server.example.com`` stand for the target's path and host.
    chop
        Bytes that are written at a time; 0 for all that there is.
    number
        Counted from 1 through all the cases.
    """

    group: str
    name: str
    expected: Answers | Fails | Refuses
    section: str
    autobahn: str = ""
    turns: tuple[bytes, ...] = ()
    request: bytes = GOOD_REQUEST
    chop: int = 0
    number: int = 0

    def __str__(self) -> str:
        return f"{self.number} {self.group}: {self.name} → {self.wanted}"

    @property
    def wanted(self) -> str:
        """What the server has to do, in a few words."""
        is_accepted = not self.turns and isinstance(self.expected, Answers)
        return "HTTP 101; " * is_accepted + str(self.expected)

    @property
    def closes(self) -> bool:
        """Whether a close frame is among the turns, so that the client sends no other one."""
        return any(frame.opcode == Opcode.CLOSE for frame in frames_of(b"".join(self.turns)))


def frames_of(data: bytes) -> Iterator[Frame]:
    """Read frames up to one that is not whole, or whose length cannot be right.

    Examples
    --------
    >>> [str(frame) for frame in frames_of(bytes.fromhex("89 00 81 05 48"))]
    ['ping, 0 bytes, FIN']
    """
    try:
        while data and (parsed := Frame.parse(data)) is not None:
            frame, data = parsed
            yield frame
    except ProtocolError:
        return


def outline(heard: Sequence[Heard]) -> list[str]:
    """Name messages and pongs in a few words; where there are many, count them.

    Examples
    --------
    >>> outline(["Hello", Pong(b"x"), bytes(300)])
    ['text, 5 bytes', 'pong, 1 byte', 'binary, 300 bytes']
    >>> outline(["Hello", Pong(), Pong(), b""])
    ['2 messages', '2 pongs']
    """
    if len(heard) > 3:
        nouns = Counter("pong" if isinstance(each, Pong) else "message" for each in heard)
        return [count(number, noun) for noun, number in nouns.items()]
    named = []
    for each in heard:
        if isinstance(each, Pong):
            kind, payload = "pong", each.payload
        else:
            kind, payload = ("text", each.encode()) if isinstance(each, str) else ("binary", each)
        named.append(f"{kind}, {count(len(payload), 'byte')}")
    return named


def _close(codes: tuple[int, ...]) -> str:
    return f"close {' or '.join(map(str, codes))}"
