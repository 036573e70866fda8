"""A receiver fed byte by byte: what it holds, what comes out, what it answers (RFC 6455 §5.4, §8.1)."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Any

from wslearn.closing import Close
from wslearn.connection import Connection, Event, Ping, Role
from wslearn.errors import ProtocolError
from wslearn.explain import explain
from wslearn.frames import MASK, Opcode
from wslearn.spans import count, visible

__all__ = ["Fed", "feed"]


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

    def holding(self, *, text: bool) -> list[dict[str, str]]:
        """Say in rows what the receiver holds of a text or binary message."""
        message = self.unfinished
        if message is None:
            means = "Nothing: no message has begun, or the last one is whole."
        elif text and message:
            whole = message[: len(message) - len(self.begun)].decode(errors="replace")
            begins = f"{self.begun.hex(' ')}, which begins a character" if self.begun else ""
            means = " and ".join(filter(None, [f"“{visible(whole)}”" * bool(whole), begins]))
        else:
            means = count(len(message), "byte") + " of a message that is not whole."
        if message is not None and self.failed_at >= 0:
            means += "; given up with the error"
        so_far = "–" if message is None else message.hex(" ") or "empty"
        waits = "The start of a header or of a control frame: taken when it is whole."
        who = f"Of the {self.receiver.role}, which receives."
        return [
            _row("waiting", self.unread.hex(" ") or "–", waits, "§5.2", "length"),
            _row("message so far", so_far, means, "§5.4", "payload"),
            _row("state", self.receiver.state.name, who, "§4.1", "flags"),
        ]

    def log(self) -> list[dict[str, str]]:
        """List events and answers in rows, in the order in which they come."""
        rows = [(each["at"], 0, each["name"], each["text"], "", each["kind"]) for each in self.events]
        rows += [
            (each["at"], 1, f"sends {each['wire']}", each["text"], "§5.5", "key") for each in self.answers
        ]
        return [_row(f"byte {at}", *rest) for at, _, *rest in sorted(rows, key=lambda row: row[:2])]

    def judge(self, *, text: bool) -> dict[str, str]:
        """Say in one line where the receiver stands: ``mark``, ``verdict``, ``text``, ``note``."""
        mark, section = "…", "§5.4"
        if self.failed_at >= 0:
            mark, verdict, section = "✗", f"1007 at byte {self.failed_at + 1}", "§8.1"
            said = next(event["text"] for event in self.events if event["kind"] == "fault")
        elif self.unread:
            verdict, section = f"{count(len(self.unread), 'byte')} waiting", "§5.2"
            said = "They are not a whole header, or not a whole control frame."
        elif self.unfinished is None:
            mark, verdict = ("✓", "whole") if self.events else ("–", "nothing fed yet")
            said = "The application got the message, as if it had come in one frame."
            if not self.events:
                said = "Feed the receiver: one byte, one frame, or all."
        elif text and self.begun:
            verdict, section = "inside a character", "§8.1"
            said = "That is no fault: a character may go on in the next frame, a message may not end in it."
        else:
            verdict = f"{count(len(self.unfinished), 'byte')} held"
            said = "The application gets the message in one piece, when the frame with FIN is whole."
        return {"mark": mark, "verdict": verdict, "text": said, "note": section}


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
            answers.append({"at": at + 1, "wire": answer.hex(" "), "text": _said(answer)})
        if failed_at < 0:
            unread, unfinished = receiver.unread, receiver.unfinished
    return Fed(receiver, unread, unfinished, events, answers, failed_at)


def _said(answer: bytes) -> str:
    told = explain(answer, "client" if answer[1] & MASK else "server")
    frame = told.frames[0]
    return visible(f"close {Close.parse(frame.payload)}" if frame.opcode == Opcode.CLOSE else str(frame))


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


def _row(name: str, value: str, meaning: str, section: str, kind: str) -> dict[str, str]:
    return {"name": name, "value": value, "meaning": meaning, "section": section, "kind": kind}
