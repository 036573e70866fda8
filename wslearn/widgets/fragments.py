"""A message cut into frames (RFC 6455 §5.4), and its bytes grouped into characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from wslearn.errors import UsageError
from wslearn.frames import Frame, Opcode
from wslearn.spans import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["EXAMPLES", "Kind", "characters", "check_cuts", "fragments", "shown_frames"]

Kind = Literal["text", "binary"]

LIMIT = 128  # bytes of message: each of them is drawn
EXAMPLES: dict[str, tuple[bytes, Kind, list[int], list[int]]] = {  # the message, where to cut, where to ping
    "“Hello” in two": (b"Hello", "text", [3], []),
    "a ping in between": (b"Hello", "text", [3], [3]),
    "a cut inside ü": ("Grüße".encode(), "text", [3], [3]),
    "a cut in each place inside €": ("5 €".encode(), "text", [3, 4], []),
    "not UTF-8": (bytes.fromhex("63 61 66 e9 21"), "text", [], []),
    "half a surrogate pair": (bytes.fromhex("ce ba ed a0 80"), "text", [2], []),
    "ends inside a character": (bytes.fromhex("e2 82"), "text", [1], []),
    "binary": (bytes.fromhex("00 ff e9 80"), "binary", [2], []),
}


def fragments(
    payload: bytes, opcode: Opcode, cuts: Sequence[int], pings: Collection[int], key: bytes | None
) -> list[Frame]:
    """Cut a message into frames (RFC 6455 §5.4).

    Parameters
    ----------
    payload
        The whole message.
    opcode
        Text or binary.
    cuts
        Where to cut, in bytes from its start, in order.
    pings
        At which of the cuts to put a ping between the two fragments.
    key
        The masking key of a client, or ``None``.

    Examples
    --------
    >>> for frame in fragments(b"Hello", Opcode.TEXT, [3], {3}, None):
    ...     print(frame)
    text, 3 bytes “Hel”, more to come
    ping, 6 bytes “ping 1”, FIN
    continuation, 2 bytes “lo”, FIN
    """
    frames: list[Frame] = []
    ends = [*cuts, len(payload)]
    sent = 0
    for start, end in zip([0, *cuts], ends, strict=True):
        kind = Opcode.CONTINUATION if start else opcode
        frames.append(Frame(kind, payload[start:end], fin=end == len(payload), masking_key=key))
        if end in pings and end in cuts:
            sent += 1
            frames.append(Frame(Opcode.PING, b"ping %d" % sent, masking_key=key))
    return frames


def shown_frames(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    """Describe frames for a page.

    Returns
    -------
    list of dict
        ``text`` as `str` gives it, ``wire`` in hex, ``at`` (offset in the stream) in bytes, the sizes of
        ``header`` and ``key`` in bytes, ``cut``: where in the message the frame ends, ``-1`` for a ping,
        and the ``plain`` bytes in hex, header and unmasked payload.

    Examples
    --------
    >>> shown_frames([Frame(Opcode.TEXT, b"Hi")])[0]["wire"]
    '81 02 48 69'
    """
    shown = []
    at = behind = 0
    for frame in frames:
        wire = frame.serialize()
        key = 0 if frame.masking_key is None else 4
        head = len(wire) - len(frame.payload)
        is_ping = frame.opcode == Opcode.PING
        behind += 0 if is_ping else len(frame.payload)
        shown.append(
            {
                "text": visible(str(frame)),
                "wire": wire.hex(" "),
                "plain": (wire[:head] + frame.payload).hex(" "),
                "at": at,
                "header": head - key,
                "key": key,
                "cut": -1 if is_ping else behind,
            }
        )
        at += len(wire)
    return shown


def characters(payload: bytes, *, text: bool) -> list[dict[str, Any]]:
    """Group the bytes of a message by the characters that they make.

    Returns
    -------
    list of dict
        ``at`` and ``size`` in bytes, and the ``text``: empty for a byte of a binary message, or one that
        belongs to no character; then ``fault`` says which of the two.

    Examples
    --------
    >>> [(each["text"], each["size"]) for each in characters("aé€".encode(), text=True)]
    [('a', 1), ('é', 2), ('€', 3)]
    """
    if not text:
        return [{"at": at, "size": 1, "text": "", "fault": False} for at in range(len(payload))]
    groups: list[dict[str, Any]] = []
    at = 0
    while at < len(payload):
        for size in (1, 2, 3, 4):
            try:
                character = payload[at : at + size].decode()
            except UnicodeDecodeError:
                continue
            break
        else:
            size, character = 1, ""
        groups.append({"at": at, "size": size, "text": visible(character), "fault": not character})
        at += size
    return groups


def check_cuts(payload: bytes, cuts: Sequence[int], pings: Sequence[int]) -> None:
    """Check that a message can be drawn and cut so.

    Raises
    ------
    UsageError
        For more than 128 bytes, for a cut that is not inside the message, for a ping where no cut is.

    Examples
    --------
    >>> check_cuts(b"Hello", [3], [3])
    """
    if len(payload) > LIMIT:
        raise UsageError(
            f"Each byte is drawn here: shorten the message from {len(payload)} to {LIMIT} bytes."
        )
    if wrong := [cut for cut in cuts if not 0 < cut < len(payload)]:
        where = f"at 1 to {len(payload) - 1}" if len(payload) > 1 else "and here is none"
        raise UsageError(f"A cut lies between two bytes, {where}: not at {wrong[0]}.")
    if wrong := [ping for ping in pings if ping not in cuts]:
        raise UsageError(f"A ping goes between two fragments: cut at {wrong[0]} first.")
