"""Fragments to messages: reassemble (RFC 6455 §5.4, §8.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.stream.characters import texts
from wslearn.course.exercises.stream.cutting import fragment
from wslearn.errors import ProtocolError
from wslearn.frames import Frame, Opcode
from wslearn.messages import MAX_MESSAGE_SIZE, Assembler

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from hypothesis.strategies import SearchStrategy

__all__ = ["REASSEMBLE", "reassemble"]

LESSON = "05_messages"

_HEL, _LO = Frame(Opcode.TEXT, b"Hel", fin=False), Frame(Opcode.CONTINUATION, b"lo")
_PING = Frame(Opcode.PING, b"?")


def reassemble(frames: list[Frame]) -> list[str | bytes]:
    """Put messages together (RFC 6455 §5.4).

    Parameters
    ----------
    frames
        Whole frames, unmasked. Control frames, and a message that is not finished, are left out.

    Raises
    ------
    ProtocolError
        With 1002 for a frame that does not fit the message under way, with 1007 for text that is not UTF-8.

    Examples
    --------
    >>> reassemble(fragment("Grüße", 3) + [Frame(Opcode.PING)] + fragment(b"Hi", 1))
    ['Grüße', b'Hi']
    """
    messages: list[str | bytes] = []
    message: Assembler | None = None
    for frame in frames:
        if frame.opcode >= 0x8:
            continue
        if (frame.opcode == Opcode.CONTINUATION) is (message is None):
            raise ProtocolError("Not this frame here.", close_code=1002, section="§5.4", field="opcode")
        if message is None:
            message = Assembler(text=frame.opcode == Opcode.TEXT, limit=MAX_MESSAGE_SIZE)
        message.begin_frame(len(frame.payload))
        message.feed(frame.payload)
        message.end_frame()
        if frame.fin:
            messages.append(message.finish())
            message = None
    return messages


_ENDS: tuple[list[Frame], ...] = (
    [],
    [_HEL],
    [_LO],
    [_HEL, Frame(Opcode.TEXT, b"lo")],
    [Frame(Opcode.TEXT, b"\xff")],
    [Frame(Opcode.TEXT, b"\xc3")],
)


def _conversations() -> SearchStrategy[tuple[list[Frame]]]:
    from hypothesis import strategies as st

    def frames(message: str | bytes, size: int, pings: bool) -> list[Frame]:
        return [each for frame in fragment(message, size) for each in [frame, _PING][: 1 + pings]]

    messages = st.builds(frames, texts(4) | st.binary(max_size=4), st.integers(1, 3), st.booleans())
    runs = st.tuples(st.lists(messages, max_size=3), st.sampled_from(_ENDS))
    return runs.map(lambda run: ([frame for part in (*run[0], run[1]) for frame in part],))


def _joined(
    frames: list[Frame],
    *,
    decode: Callable[[bytes, int], str | bytes],
    skips: Callable[[Frame], bool] = lambda frame: frame.opcode >= 0x8,
    strict: Collection[int] = (Opcode.CONTINUATION, Opcode.TEXT, Opcode.BINARY),
) -> list[str | bytes]:
    """Join payloads as a beginner does; each parameter is a place where one goes wrong."""
    messages: list[str | bytes] = []
    payload, opcode, begun = b"", 0, False
    for frame in frames:
        if skips(frame):
            continue
        if frame.opcode in strict and (frame.opcode == 0) is not begun:
            raise ProtocolError("Not this frame here.", close_code=1002, section="§5.4", field="opcode")
        if frame.opcode in {Opcode.TEXT, Opcode.BINARY}:
            payload, opcode = b"", frame.opcode
        payload += frame.payload
        begun = not frame.fin
        if frame.fin:
            messages.append(decode(payload, opcode))
            payload = b""
    return messages


def _decoded(payload: bytes, opcode: int) -> str | bytes:
    try:
        return payload.decode() if opcode == Opcode.TEXT else payload
    except UnicodeDecodeError:
        raise ProtocolError("Not UTF-8.", close_code=1007, section="§8.1", field="payload") from None


def _ping_joined(frames: list[Frame]) -> list[str | bytes]:
    return reassemble(
        [
            replace(frame, opcode=Opcode.CONTINUATION, fin=False)
            if frame.opcode == Opcode.PING and at and not frames[at - 1].fin
            else frame
            for at, frame in enumerate(frames)
        ]
    )


def _ping_ends(frames: list[Frame]) -> list[str | bytes]:
    return _joined(
        [replace(frame, payload=b"") if frame.opcode >= 0x8 else frame for frame in frames],
        decode=_decoded,
        skips=lambda _: False,
    )


def _by_the_last(frames: list[Frame]) -> list[str | bytes]:
    whole = reassemble(frames)
    last = [frame for frame in frames if frame.opcode < 0x8 and frame.fin]
    return [
        message.encode() if isinstance(message, str) and frame.opcode == Opcode.CONTINUATION else message
        for message, frame in zip(whole, last, strict=True)
    ]


def _each_decoded(frames: list[Frame]) -> list[str | bytes]:
    text = False
    for frame in frames:
        text = frame.opcode == Opcode.TEXT or (text and frame.opcode not in {Opcode.TEXT, Opcode.BINARY})
        if text and frame.opcode < 0x8:
            _decoded(frame.payload, Opcode.TEXT)
    return reassemble(frames)


def _error_let_out(frames: list[Frame]) -> list[str | bytes]:
    return _joined(frames, decode=lambda payload, opcode: payload.decode() if opcode == 1 else payload)


def _no_order(frames: list[Frame]) -> list[str | bytes]:
    return _joined(frames, decode=_decoded, strict=())


def _unfinished_too(frames: list[Frame]) -> list[str | bytes]:
    begun = [frame for frame in frames if frame.opcode < 0x8]
    unfinished = [Frame(Opcode.CONTINUATION)] if begun and not begun[-1].fin else []
    return reassemble([*frames, *unfinished])


def _begun_anew(frames: list[Frame]) -> list[str | bytes]:
    return _joined(frames, decode=_decoded, strict={Opcode.CONTINUATION})


def _strays_skipped(frames: list[Frame]) -> list[str | bytes]:
    kept: list[Frame] = []
    begun = False
    for frame in frames:
        if frame.opcode >= 0x8 or begun or frame.opcode != Opcode.CONTINUATION:
            kept.append(frame)
            begun = begun if frame.opcode >= 0x8 else not frame.fin
    return reassemble(kept)


def _known_by_its_bytes(frames: list[Frame]) -> list[str | bytes]:
    begun = b""
    kept: list[Frame] = []
    for frame in frames:
        if frame.opcode in {Opcode.TEXT, Opcode.BINARY} and not begun:
            kept = [each for each in kept if each.opcode >= 0x8 or each.fin or each.payload]
        if frame.opcode < 0x8:
            begun = b"" if frame.fin else begun + frame.payload
        kept.append(frame)
    return reassemble(kept)


REASSEMBLE = Exercise(
    model=reassemble,
    lesson=LESSON,
    section="RFC 6455 §5.4, §8.1",
    examples=(
        ([],),
        ([Frame(Opcode.TEXT, b"Hello")],),
        ([Frame(Opcode.BINARY, b"\xff")],),
        ([_HEL, _LO],),
        ([_HEL],),
        ([_LO],),
        ([_PING],),
        ([_HEL, _PING, _LO],),
        ([_HEL, Frame(Opcode.PONG, b"!"), _PING, _LO],),
        ([_HEL, Frame(Opcode.TEXT, b"lo")],),
        ([_HEL, Frame(Opcode.BINARY, b"lo")],),
        ([Frame(Opcode.TEXT, b"", fin=False), Frame(Opcode.TEXT, b"lo")],),
        ([Frame(Opcode.TEXT, b"Hello"), _LO],),
        ([Frame(Opcode.BINARY, b"\x00", fin=False), Frame(Opcode.CONTINUATION, b"\xff")],),
        ([Frame(Opcode.TEXT, b"\xff")],),
        (fragment("é", 1),),
        (fragment("€", 1),),
        (fragment("Hello", 2) + fragment(b"Hello", 2) + fragment("", 1),),
    ),
    inputs=_conversations,
    hints=(
        (
            "Go frame by frame. Between two of them you keep what has come of the message, and its type; "
            "nothing else."
        ),
        "A control frame (`frame.opcode >= 0x8`) is no part of a message: `continue`. It changes nothing.",
        "CONTINUATION without a message under way, or TEXT or BINARY with one: `ProtocolError` with 1002.",
        "Ask for the message under way by `None`, not by its bytes: a first fragment may be empty.",
        (
            "Join the payloads, and decode when the frame with FIN is there. `UnicodeDecodeError` becomes a "
            "`ProtocolError` with 1007."
        ),
    ),
    misconceptions=(
        Misconception(
            "the unfinished one as well",
            "You gave out a message whose last fragment has not come. Wait for the frame with FIN (§5.4, "
            "§6.2).",
            _unfinished_too,
        ),
        Misconception(
            "the ping inside the message",
            "You put the ping's payload into the message. Control frames may come between two fragments; "
            "they are no part of it (§5.4, §5.5).",
            _ping_joined,
        ),
        Misconception(
            "the ping as the end",
            "You took a control frame for a part of the message, and its FIN for the message's end. A "
            "control frame always has FIN, and leaves the message under way as it was (§5.4, §5.5).",
            _ping_ends,
        ),
        Misconception(
            "typed by the last frame",
            "You decide by the last frame whether it is text. A continuation has opcode 0: the first frame "
            "says the type of all (§5.4, §6.2).",
            _by_the_last,
        ),
        Misconception(
            "each fragment decoded",
            "You decode each fragment for itself. A character may begin in one and end in the next; the "
            "whole message must be UTF-8 (§5.6).",
            _each_decoded,
        ),
        Misconception(
            "Python's error let out",
            "`decode` raises UnicodeDecodeError, and you let it out. The peer broke a rule, so raise "
            "`ProtocolError` with close code 1007 (§8.1).",
            _error_let_out,
        ),
        Misconception(
            "the message known by its bytes",
            "You tell by the bytes that you have whether a message is under way. Its first fragment may be "
            "empty: keep `None` for no message, or a flag (§5.4).",
            _known_by_its_bytes,
        ),
        Misconception(
            "a message begun over another",
            "You drop the message under way when a new one begins. A new one needs the last to be over: else "
            "fail with 1002 (§5.4).",
            _begun_anew,
        ),
        Misconception(
            "a stray continuation skipped",
            "You skip a continuation that continues nothing. Nothing is repaired: fail with 1002 (§5.4).",
            _strays_skipped,
        ),
        Misconception(
            "any frame at any time",
            "You never ask whether the frame fits. A continuation needs a message under way, and a new "
            "message needs the last one to be over; else fail with 1002 (§5.4).",
            _no_order,
        ),
    ),
)
