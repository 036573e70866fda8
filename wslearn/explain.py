"""Bytes → spans: every bit of a handshake and of a run of frames, named (RFC 6455 §4, §5.2).

Nothing is judged here. Each frame goes to a real `Connection` of the receiving side, and what comes
back is the verdict: an explanation cannot say anything else than the decoder does.
"""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from wslearn.closing import Close
from wslearn.connection import Connection, Ping, Pong
from wslearn.errors import HandshakeError, ProtocolError, UsageError
from wslearn.explain_frame import Layout, frame_spans
from wslearn.explain_http import explain_head
from wslearn.frames import MASK, RSV1, Frame, Opcode, shorten
from wslearn.spans import Explanation, Span, count, visible

if TYPE_CHECKING:
    from wslearn.connection import Event, Role
    from wslearn.deflate import Deflate
    from wslearn.http import Request

__all__ = ["explain"]

# No frame that is legal begins as a method does: its letters set reserved bits or name reserved opcodes.
_METHOD = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH) ")
_HEAD: dict[Role, re.Pattern[bytes]] = {"client": _METHOD, "server": re.compile(rb"HTTP/")}
_RECEIVER: dict[Role, Role] = {"client": "server", "server": "client"}


def explain(
    data: bytes,
    role: Role | None = None,
    *,
    deflate: Deflate | None = None,
    request: Request | None = None,
    continues: bool = False,
) -> Explanation:
    """Name every bit of what one side sent: an opening handshake, frames, or both in a row.

    Bad bytes raise nothing: the field at fault carries the error, and what follows is not read.

    Parameters
    ----------
    data
        The bytes, from the start of the handshake or of a frame.
    role
        Who sent them: ``"client"`` or ``"server"``. ``None`` guesses: from the HTTP start line, else
        from the MASK bit of the first frame.
    deflate
        The agreed permessage-deflate, where the frames use it. A 101 in front of the frames says it itself.
    request
        The request that a response in `data` answers. Without it the accept key and what was offered
        are taken on trust.
    continues
        Whether the bytes stand inside a fragmented message, whose first fragment came before them.

    Returns
    -------
    Explanation
        A list of `Span`.

    Raises
    ------
    UsageError
        For another role.

    Examples
    --------
    >>> told = explain(bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))
    >>> print(told[-1])
    payload “Hello”: 7f ⊕ 37 = 48, the letter H, and so on. (§5.2)
    >>> told.verdict, explain(bytes.fromhex("09 00")).fault.section
    ('legal', '§5.5')
    """
    data = bytes(data)
    if role not in {None, "client", "server"}:
        raise UsageError(f"The role says who sent the bytes, 'client' or 'server'; it is {role!r}.")
    told = Explanation(data, role or _guess(data))
    at = 0
    if _HEAD[told.role].match(data):
        at, agreed = explain_head(told, request)
        deflate = deflate or agreed
    told.deflate = deflate
    if told.fault is None:
        at = _explain_frames(told, at, deflate, continues=continues)
    if at < len(data):
        why, section = "Nothing counts after a close frame.", "§5.5.1"
        if told.fault is not None:
            why, section = "Nothing counts after an error.", "§7.1.7"
        name, size = "not read any more", count(len(data) - at, "byte")
        told.add(name, [Span(at * 8, len(data) * 8, name, size, why, section, "flags")])
    told.verdict, told.summary = _judge(told, trusted=request is None)
    return told


def _guess(data: bytes) -> Role:
    if _HEAD["server"].match(data):
        return "server"
    return "client" if len(data) < 2 or _METHOD.match(data) or data[1] & MASK else "server"


def _explain_frames(told: Explanation, at: int, deflate: Deflate | None, *, continues: bool) -> int:
    """Explain frame by frame, until the data ends or nothing counts any more; return where that is."""
    data = told.data
    receiver = Connection(_RECEIVER[told.role], deflate=deflate)
    if continues:
        key = bytes(4) if told.role == "client" else None
        receiver.receive(Frame(Opcode.BINARY, fin=False, masking_key=key).serialize())
    compressed = False
    number = 0
    while at < len(data) and not told.fault and receiver.close_received is None:
        layout = Layout.find(data, at)
        # Where the length is illegal the frame has no end; its header is enough for the verdict.
        events = receiver.receive(data[at : layout.stop])
        receiver.bytes_to_send()  # the answers go nowhere
        told.events += events
        opcode = data[at] & 0x0F
        if opcode in {Opcode.TEXT, Opcode.BINARY}:
            compressed = deflate is not None and bool(data[at] & RSV1)
        spans = frame_spans(data, layout, compressed=compressed and opcode < Opcode.CLOSE)
        frame = _whole(data, layout)
        if events and isinstance(error := events[-1], ProtocolError):
            told.fault = error
            spans = _blame(spans, error, layout)
        elif layout.missing:
            told.missing = layout.missing
            least = "at least " if layout.size is None else ""
            note = f"Still missing: {least}{count(layout.missing, 'byte')}."
            spans[-1] = replace(spans[-1], meaning=f"{spans[-1].meaning} {note}")
        elif events and (compressed or opcode == Opcode.CONTINUATION):
            spans[-1] = replace(spans[-1], meaning=f"{spans[-1].meaning}{_message(events[-1])}")
        number += 1
        told.add(f"frame {number}", spans, frame)
        at = spans[-1].stop // 8
    return at


def _whole(data: bytes, layout: Layout) -> Frame | None:
    if not layout.is_whole:
        return None
    parsed = Frame.parse(data[layout.at : layout.stop])
    return parsed and parsed[0]


def _message(event: Event) -> str:
    """Say what the fragments, or the compressed bytes, have become."""
    if not isinstance(event, str | bytes):
        return ""
    text = event[:60].encode() if isinstance(event, str) else event
    return f" The message: {shorten(text) or 'empty'}."


def _blame(spans: list[Span], error: ProtocolError, layout: Layout) -> list[Span]:
    """Find the field that the error speaks of; behind a length that is refused nothing is read."""
    if error.field == "payload length":
        spans = [span for span in spans if span.start < layout.length_end * 8]
        name = error.field if error.section == "§5.5" else spans[-1].name
    else:
        name = error.field
    # A payload that is at fault may be empty: then FIN ended the text inside a character.
    at = next((at for at, span in enumerate(spans) if span.name.lower() == name.lower()), 0)
    return [*spans[:at], spans[at].at_fault(error), *spans[at + 1 :]]


def _judge(told: Explanation, *, trusted: bool) -> tuple[str, str]:
    """Give the verdict, and the sentence below the picture."""
    if told.fault is not None:
        return _failed(told, told.fault)
    if not told:
        return "nothing", "There are no bytes to explain."
    if told.missing:
        return "incomplete", f"So far it is legal; the {told.parts[-1].title.rstrip(' 1')} goes on."
    if told.frames:
        return "legal", _tally(told)
    proof = "The answer proves that the server speaks WebSocket. It authenticates nobody."
    if trusted:
        proof = "A client accepts this answer, if the accept key fits its request."
    return (
        ("legal", "A handshake that a server can accept.") if told.role == "client" else ("accepted", proof)
    )


def _failed(told: Explanation, fault: ProtocolError | HandshakeError) -> tuple[str, str]:
    rule = visible(fault.args[0])
    if isinstance(fault, ProtocolError):
        return (
            "protocol error",
            f"{rule} The {_RECEIVER[told.role]} fails the connection with {fault.close_code}.",
        )
    if told.role == "client":
        return "refused", f"{rule} The server answers {fault.status} {HTTPStatus(fault.status).phrase}."
    if any(span.fault and span.name == "status" for span in told):
        return "refused", rule
    return "not accepted", f"{rule} The client drops the connection."


def _tally(told: Explanation) -> str:
    """Count frames, messages and overhead."""
    framed = [part for part in told.parts if part.frame is not None]
    size = (told[framed[-1].behind - 1].stop - told[framed[0].first].start) // 8
    frames = told.frames
    overhead = count(size - sum(len(frame.payload) for frame in frames), "byte")
    if len(frames) == 1:
        seen = _one(frames[0], told.events)
    else:
        kinds = {"message": str | bytes, "ping": Ping, "pong": Pong, "close frame": Close}
        numbers = {
            noun: sum(isinstance(event, kind) for event in told.events) for noun, kind in kinds.items()
        }
        seen = ", ".join(count(number, noun) for noun, number in numbers.items() if number)
        if next((not frame.fin for frame in reversed(frames) if frame.opcode < Opcode.CLOSE), False):
            seen = f"{seen}, and a message that goes on" if seen else "the start of a message"
        seen = f"{count(len(frames), 'frame')}: {seen}"
    if framed[0].first:
        seen = f"The handshake, then {seen[0].lower()}{seen[1:]}"
    return f"{seen}; {overhead} of overhead."


def _one(frame: Frame, events: list[Event]) -> str:
    size = count(len(frame.payload), "byte")
    name = Opcode(frame.opcode).name.lower()
    if frame.opcode == Opcode.CLOSE:
        return f"A close frame, {events[0]!s}" if frame.payload else "A close frame without a code"
    if frame.opcode > Opcode.CLOSE:
        return f"A {name} with {size} of payload"
    if not frame.fin:
        return f"The first fragment of a {name} message, {size}"
    return f"A whole {name} message of {size}"
