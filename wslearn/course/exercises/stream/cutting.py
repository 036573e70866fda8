"""A message in fragments: fragment (RFC 6455 §5.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.framing.named import named
from wslearn.course.exercises.stream.characters import texts
from wslearn.frames import Frame, Opcode

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["FRAGMENT", "fragment"]

LESSON = "05_messages"


def fragment(message: str | bytes, size: int) -> list[Frame]:
    """Cut a message into frames, as few as possible (RFC 6455 §5.4).

    Parameters
    ----------
    message
        Text becomes UTF-8, and is cut between any two bytes of it.
    size
        The most bytes of payload that a frame gets; at least 1.

    Examples
    --------
    >>> fragment("Hello", 3)
    [Frame(TEXT, b'Hel', fin=False), Frame(CONTINUATION, b'lo')]
    """
    payload = message.encode() if isinstance(message, str) else message
    opcode = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
    frames = []
    for start in range(0, max(len(payload), 1), size):
        end = start + size
        frames.append(Frame(opcode, payload[start:end], fin=end >= len(payload)))
        opcode = Opcode.CONTINUATION
    return frames


def _cuts() -> SearchStrategy[tuple[str | bytes, int]]:
    from hypothesis import strategies as st

    return st.tuples(texts(8) | st.binary(max_size=8), st.integers(1, 9))


def _same_opcode(message: str | bytes, size: int) -> list[Frame]:
    first, *rest = fragment(message, size)
    return [first, *(replace(frame, opcode=first.opcode) for frame in rest)]


def _fin_on_each(message: str | bytes, size: int) -> list[Frame]:
    return [replace(frame, fin=True) for frame in fragment(message, size)]


def _fin_when_full(message: str | bytes, size: int) -> list[Frame]:
    *others, last = fragment(message, size)
    return [*others, replace(last, fin=len(last.payload) == size)]


def _fin_when_not_full(message: str | bytes, size: int) -> list[Frame]:
    *others, last = fragment(message, size)
    return [*others, replace(last, fin=len(last.payload) < size)]


def _characters(message: str | bytes, size: int) -> list[Frame]:
    whole = fragment(message, 1 << 20)
    pieces = [message[start : start + size] for start in range(0, max(len(message), 1), size)]
    payloads = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]
    opcodes = [whole[0].opcode, *[Opcode.CONTINUATION] * len(payloads)]
    cut = [Frame(opcode, payload, fin=False) for opcode, payload in zip(opcodes, payloads, strict=False)]
    return [*cut[:-1], replace(cut[-1], fin=True)]


def _nothing_for_nothing(message: str | bytes, size: int) -> list[Frame]:
    return fragment(message, size) if message else []


def _empty_last(message: str | bytes, size: int) -> list[Frame]:
    frames = fragment(message, size)
    if len(frames[-1].payload) < size:
        return frames
    return [*frames[:-1], replace(frames[-1], fin=False), Frame(Opcode.CONTINUATION)]


def _all_binary(message: str | bytes, size: int) -> list[Frame]:
    return fragment(message.encode() if isinstance(message, str) else message, size)


FRAGMENT = Exercise(
    model=fragment,
    lesson=LESSON,
    section="RFC 6455 §5.4",
    examples=(
        ("", 3),
        ("a", 1),
        ("abc", 3),
        ("abcd", 3),
        ("Hello", 2),
        (b"", 1),
        (b"\x00\xff\x00\xff", 2),
        ("é", 1),
        ("Grüße", 3),
        ("€", 2),
    ),
    inputs=_cuts,
    normal=named,
    hints=(
        "Make bytes of a text first: `message.encode()`. The cuts are between bytes, wherever they fall.",
        (
            "`range(0, len(payload), size)` gives the starts. For an empty message it gives none; one frame "
            "is due."
        ),
        "The first frame's opcode is TEXT or BINARY. Every later one is `Opcode.CONTINUATION`.",
        "FIN is for the last frame alone: `fin=start + size >= len(payload)`.",
    ),
    misconceptions=(
        Misconception(
            "nothing for an empty message",
            "You send no frame for an empty message. It is a message like any other: one frame with FIN and "
            "no payload (§5.4). Your range of starts is empty here.",
            _nothing_for_nothing,
        ),
        Misconception(
            "an empty frame at the end",
            "When the message fills its last frame you add an empty one to carry FIN. That is legal (§5.4), "
            "but a frame too many: set FIN on the last one that has something in it.",
            _empty_last,
        ),
        Misconception(
            "cut in characters",
            "You cut the text in characters. A payload is bytes: encode first, then cut. A cut inside a "
            "character is fine, because only the whole message must be UTF-8 (§5.6).",
            _characters,
        ),
        Misconception(
            "the opcode repeated",
            "You gave every fragment the opcode of the first. The later ones have opcode 0, continuation; "
            "another 1 or 2 says that a new message begins, before this one is over (§5.4).",
            _same_opcode,
        ),
        Misconception(
            "FIN on every frame",
            "You set FIN on every fragment. FIN says that the message ends here: only the last one has it "
            "(§5.2).",
            _fin_on_each,
        ),
        Misconception(
            "FIN when the last frame is full",
            "You set FIN only when the message fills its last frame. The last one may be shorter: "
            "`start + size >= len(payload)`, not `==` (§5.4).",
            _fin_when_full,
        ),
        Misconception(
            "no FIN when the last frame is full",
            "You leave FIN out when the message fills its last frame. It ends there all the same: "
            "`start + size >= len(payload)`, not `>` (§5.4).",
            _fin_when_not_full,
        ),
        Misconception(
            "text sent as binary",
            "You sent a text as binary. The first frame's opcode says what the receiver makes of the bytes: "
            "1 for `str`, 2 for `bytes` (§5.6, §6.1).",
            _all_binary,
        ),
    ),
)
