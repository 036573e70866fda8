"""Fragmentation as a play: a message cut into frames, and a receiver that gets them byte by byte (RFC 6455 §5.4)."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wslearn.closing import Close
from wslearn.connection import Connection, Event, Ping, Role
from wslearn.errors import ProtocolError
from wslearn.frames import Frame, Opcode
from wslearn.spans import count, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["Fed", "characters", "feed", "fragments", "shown_frames"]


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


@dataclass(frozen=True, slots=True)
class Fed:
    """Where a receiver stands after some bytes.

    Parameters
    ----------
    receiver
        The connection that got them.
    unread, unfinished
        As `Connection` has them; at an error, as they were before the byte that it came with.
    events
        What came out so far: ``at`` (how many bytes were in), ``kind`` and ``text``.
    answers
        What the receiver sends by itself: ``at``, ``wire`` in hex and ``text``.
    failed_at
        The offset of the byte that was impossible, or -1.
    """

    receiver: Connection
    unread: bytes
    unfinished: bytes | None
    events: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    failed_at: int

    @property
    def begun(self) -> bytes:
        """The bytes at the end of `unfinished` that are not a whole UTF-8 character yet."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        decoder.decode(self.unfinished or b"")
        return decoder.getstate()[0]


def feed(data: bytes, role: Role, *, masking_key: bytes | None = None) -> Fed:
    """Give bytes to a receiver, one at a time.

    Parameters
    ----------
    data
        What has arrived.
    role
        The receiver's.
    masking_key
        For the answers of a client, so that a picture can be drawn again.

    Examples
    --------
    >>> fed = feed(bytes.fromhex("01 03 48 65 6c 80 02 6c"), "client")
    >>> fed.unread, fed.unfinished, fed.events
    (b'', b'Hell', [])
    """
    receiver = Connection(role, masking_key=masking_key)
    events: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    failed_at = -1
    unread, unfinished = b"", None
    for at in range(len(data)):
        came = receiver.receive(data[at : at + 1])
        events += [{"at": at + 1, **_described(event)} for event in came]
        if came and isinstance(came[-1], ProtocolError):
            failed_at = at
        if answer := receiver.bytes_to_send():
            parsed = Frame.parse(answer)
            assert parsed is not None
            answers.append({"at": at + 1, "wire": answer.hex(" "), "text": visible(str(parsed[0]))})
        if failed_at < 0:
            unread, unfinished = receiver.unread, receiver.unfinished
    return Fed(receiver, unread, unfinished, events, answers, failed_at)


def _described(event: Event) -> dict[str, str]:
    match event:
        case str():
            return {"kind": "payload", "name": "str", "text": f"“{visible(event)}”"}
        case bytes():
            return {"kind": "payload", "name": "bytes", "text": event.hex(" ") or "empty"}
        case ProtocolError():
            return {"kind": "fault", "name": "ProtocolError", "text": visible(str(event))}
        case Close():
            return {"kind": "opcode", "name": "Close", "text": visible(str(event))}
    name = "Ping" if isinstance(event, Ping) else "Pong"
    size = count(len(event.payload), "byte")
    return {
        "kind": "opcode",
        "name": name,
        "text": f"{size} “{visible(event.payload.decode(errors='replace'))}”",
    }
