"""Frames in a stream: take_frames (RFC 6455 §6.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.frames import Frame, Opcode, payload_length

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["TAKE_FRAMES", "take_frames"]

LESSON = "05_messages"

_KEY = bytes.fromhex("37 fa 21 3d")


def take_frames(buffer: bytes) -> tuple[list[Frame], bytes]:
    r"""Take all whole frames from the front of a buffer (RFC 6455 §6.2).

    Parameters
    ----------
    buffer
        What has been read and not taken yet.

    Returns
    -------
    tuple of list of Frame and bytes
        The frames, and the bytes that are left.

    Raises
    ------
    ProtocolError
        As `Frame.parse` does.

    Examples
    --------
    >>> take_frames(bytes.fromhex("81 02 48 69 89 00 81 05 48"))
    ([Frame(TEXT, b'Hi'), Frame(PING, b'')], b'\x81\x05H')
    """
    frames = []
    while (parsed := Frame.parse(buffer)) is not None:
        frame, buffer = parsed
        frames.append(frame)
    return frames, buffer


def _buffers() -> SearchStrategy[tuple[bytes]]:
    from hypothesis import strategies as st

    keys = st.sampled_from([None, _KEY])
    frames = st.builds(Frame, st.sampled_from([*Opcode]), st.binary(max_size=5), masking_key=keys)
    runs = st.tuples(st.lists(frames, max_size=3), st.integers(0, 9))
    return runs.map(lambda run: (b"".join(frame.serialize() for frame in run[0])[: -run[1] or None],))


def _only_one(buffer: bytes) -> tuple[list[Frame], bytes]:
    parsed = Frame.parse(buffer)
    return ([], buffer) if parsed is None else ([parsed[0]], parsed[1])


def _rest_lost(buffer: bytes) -> tuple[list[Frame], bytes]:
    return take_frames(buffer)[0], b""


def _rest_is_all(buffer: bytes) -> tuple[list[Frame], bytes]:
    return take_frames(buffer)[0], buffer


def _read_is_frame(buffer: bytes) -> tuple[list[Frame], bytes]:
    frame, _ = Frame.parse(buffer)  # type: ignore[misc]
    return [frame], b""


def _none_taken_apart(buffer: bytes) -> tuple[list[Frame], bytes]:
    frames = []
    while buffer:
        frame, buffer = Frame.parse(buffer)  # type: ignore[misc]
        frames.append(frame)
    return frames, buffer


def _all_or_nothing(buffer: bytes) -> tuple[list[Frame], bytes]:
    frames, rest = take_frames(buffer)
    return ([], buffer) if rest else (frames, b"")


def _cut_short(buffer: bytes) -> tuple[list[Frame], bytes]:
    frames, rest = take_frames(buffer)
    if len(rest) < 2 or (length := payload_length(rest, 0)) is None:
        return frames, rest
    padded = Frame.parse(rest + bytes(sum(length) + 4))
    missing = sum(length) + (4 if rest[1] & 0x80 else 0) - len(rest)
    if padded is None or missing > length[0]:
        return frames, rest
    frame = padded[0]
    return [*frames, replace(frame, payload=frame.payload[: length[0] - missing])], b""


def _byte_by_byte(function: Callable[[bytes], tuple[list[Frame], bytes]]) -> str:
    sent = [
        Frame(Opcode.TEXT, b"Hello", masking_key=_KEY),
        Frame(Opcode.PING),
        Frame(Opcode.BINARY, bytes(126)),
    ]
    came, rest = [], b""
    for byte in b"".join(frame.serialize() for frame in sent):
        frames, rest = function(rest + bytes((byte,)))
        came += frames
    if came == sent and not rest:
        return ""
    return (
        f"Called once it is right, but fed one byte at a time it gives {len(came)} frames of {len(sent)}. "
        "Does it keep something from one call to the next? All that must last is the rest."
    )


TAKE_FRAMES = Exercise(
    model=take_frames,
    lesson=LESSON,
    section="RFC 6455 §6.2, §5.2",
    examples=(
        (b"",),
        (bytes.fromhex("81"),),
        (bytes.fromhex("89 00"),),
        (bytes.fromhex("81 05 48 65 6c"),),
        (bytes.fromhex("82 7e 00"),),
        (bytes.fromhex("89 00 8a 00"),),
        (bytes.fromhex("89 00 8a"),),
        (bytes.fromhex("01 03 48 65 6c 80 02 6c 6f"),),
        (bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"),),
        (bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51"),),
        (bytes.fromhex("81 85 37 fa"),),
        (bytes.fromhex("82 7e 00 7e") + bytes(126) + bytes.fromhex("81 05 48"),),
    ),
    inputs=_buffers,
    hints=(
        (
            "`Frame.parse(buffer)` takes one frame: it gives the frame and what stands behind it, or `None` "
            "while bytes are missing."
        ),
        (
            "One read may bring several frames, so it takes a loop: go on with the rest until `parse` gives "
            "`None`."
        ),
        "What is left when `None` comes is the rest. Give it back, whole: the next read goes on with it.",
        "`while (parsed := Frame.parse(buffer)) is not None: frame, buffer = parsed` and so on.",
    ),
    misconceptions=(
        Misconception(
            "the rest thrown away",
            "You throw the rest away. It is the start of a frame whose other bytes come with the next read: "
            "TCP cuts where it likes. Give it back.",
            _rest_lost,
        ),
        Misconception(
            "a frame cut short",
            "You took a frame whose payload was not all there, and gave it out cut short. While bytes are "
            "missing the frame stays in the rest.",
            _cut_short,
        ),
        Misconception(
            "one frame a call",
            "You take one frame and leave the others in the rest. The next call may come only when more "
            "bytes do, and that may be never: take all that are whole.",
            _only_one,
        ),
        Misconception(
            "None taken apart",
            "`frame, buffer = Frame.parse(buffer)` fails where `parse` gives None, because the last frame is "
            "not all there. Look at what it gives before you take it apart.",
            _none_taken_apart,
        ),
        Misconception(
            "nothing until all is whole",
            "You wait until the buffer ends with a frame. On a busy connection it may never do so: give out "
            "what is whole, and keep the rest.",
            _all_or_nothing,
        ),
        Misconception(
            "the rest is everything",
            "You give the whole buffer back as the rest, so the same frames come again with the next read. "
            "The rest begins behind the last whole frame.",
            _rest_is_all,
        ),
        Misconception(
            "one read, one frame",
            "You take what was read for one frame. TCP is a stream: a read may bring half a frame, where "
            "`Frame.parse` gives `None`, or three at once.",
            _read_is_frame,
        ),
    ),
    also=_byte_by_byte,
)
