"""Still pictures: an explanation, a frame, a connection, a capture as HTML, without JavaScript.

Each `_repr_html_` of the library is one of these functions. What comes from the wire is shown as text and
is never markup.
"""

from __future__ import annotations

from bisect import bisect_left
from html import escape
from itertools import accumulate
from typing import TYPE_CHECKING

from wslearn.connection import State
from wslearn.errors import HandshakeError, UsageError
from wslearn.explain import explain
from wslearn.frames import Opcode
from wslearn.http import Request, Response, split_head
from wslearn.picture_card import card, row, verdict_bar, words
from wslearn.picture_frame import bits_html, bytes_html
from wslearn.spans import MARKS, Explanation, Part, Span, count, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wslearn.closing import Close
    from wslearn.connection import Connection, Role
    from wslearn.frames import Frame

__all__ = [
    "capture_html",
    "connection_html",
    "explanation_html",
    "frame_html",
    "lane_row",
    "message_html",
    "said",
]

_DETAILED = 3  # frames that are drawn bit by bit, before those that get one line
_LISTED = 20  # parts in all, before the rest is only counted
_LANES = 200  # rows of a capture
_START_LINE = {"method", "request target", "status", "reason phrase"}
_SHOWN_FIELDS = {
    *("Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Accept"),
    *("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Origin"),
}
_ORDER = {None: "–", True: "received first", False: "sent first"}
_STATES = {
    State.CONNECTING: ("…", "The opening handshake is going on.", "§4.1"),
    State.OPEN: ("✓", "Messages can be sent and received.", "§4.1"),
    State.CLOSING: ("…", "A close frame was sent or received, or the connection failed.", "§7.1.3"),
    State.CLOSED: ("–", "The TCP connection has ended.", "§7.1.4"),
}


def explanation_html(told: Explanation) -> str:
    """Draw an explanation: each part, the verdict below.

    Examples
    --------
    >>> from wslearn.explain import explain
    >>> "✓ legal" in explanation_html(explain(bytes.fromhex("89 00")))
    True
    """
    hidden = range(_LISTED, len(told.parts) - 2)
    parts = [*told.parts[:_LISTED], *told.parts[max(_LISTED, len(told.parts) - 2) :]]
    body: list[str] = []
    rows: list[str] = []  # of parts that get one line
    for number, part in enumerate(parts):
        spans = told[part.first : part.behind]
        if number < _DETAILED or part.frame is None or any(span.fault for span in spans):
            body += [_table(rows), _part(told, part, spans)]
            rows = []
        else:
            name, gist, kind = _gist(spans)
            size = count((spans[-1].stop - spans[0].start) // 8, "byte")
            rows.append(row(part.title, name, gist, size, f"wsl-{kind}"))
        if hidden and number == _LISTED - 1:
            rows.append(row("…", "", f"{count(len(hidden), 'more part')} here.", "", "wsl-flags"))
    body.append(_table(rows))
    size = count(len(told.data), "byte")
    way = "client → server" if told.role == "client" else "server → client"
    return card(_title(told), f"{way}, {size}", "".join(body), _judged(told, size))


def frame_html(frame: Frame) -> str:
    """Draw a frame as it stands on the wire.

    Examples
    --------
    >>> from wslearn.frames import Frame, Opcode
    >>> "client → server" in frame_html(Frame(Opcode.PING, masking_key=b"abcd"))
    True
    """
    role: Role = "server" if frame.masking_key is None else "client"
    return explanation_html(explain(frame.serialize(), role, continues=frame.opcode == Opcode.CONTINUATION))


def message_html(message: Request | Response) -> str | None:
    """Draw an HTTP head; ``None`` for one that cannot be written.

    Examples
    --------
    >>> "405" in message_html(Request("/", method="POST"))
    True
    """
    try:
        data = message.serialize()
    except UsageError:
        return None
    return explanation_html(explain(data, "client" if isinstance(message, Request) else "server"))


def connection_html(connection: Connection, *, buffered: int, waiting: int) -> str:
    """Draw where a connection stands (RFC 6455 §4.1, §7.1).

    Parameters
    ----------
    connection
        Either side.
    buffered, waiting
        Bytes of a frame that is not whole yet, and bytes in `Connection.bytes_to_send`.

    Examples
    --------
    >>> from wslearn.connection import Connection
    >>> "▸ OPEN" in connection_html(Connection("client"), buffered=0, waiting=0)
    True
    """
    chain = " → ".join(_state(state, connection.state) for state in State)
    rows = [
        row(name, value, meaning, section, f"wsl-{kind}")
        for name, value, meaning, section, kind in (
            ("role", connection.role, "Which side this is.", "§1.2", "flags"),
            ("close received", _close(connection.close_received), "What the peer said.", "§7.1.5", "opcode"),
            ("close sent", _close(connection.close_sent), "What this side said.", "§7.1.2", "opcode"),
            (
                "order",
                _ORDER[connection.received_first],
                "Who began the closing handshake.",
                "§7.1.3",
                "flags",
            ),
            (
                "buffered",
                count(buffered, "byte"),
                "The start of a frame that is not whole yet.",
                "§5.2",
                "length",
            ),
            (
                "to be sent",
                count(waiting, "byte"),
                "Pongs and close frames, made without asking.",
                "§5.5",
                "payload",
            ),
        )
    ]
    mark, meaning, section = _STATES[connection.state]
    body = f'<div class="wsl-part"><div class="wsl-states">{chain}</div>{words(rows)}</div>'
    verdict = verdict_bar(mark, connection.state.name, meaning, section)
    return card("Connection", connection.role, body, verdict)


def capture_html(records: Iterable[tuple[float, str, bytes]], *, times: bool = True) -> str:
    """Draw what crossed a TCP connection: a row for each head and each frame, in order.

    Parameters
    ----------
    records
        What each read brought: the time in seconds, ``"→"`` for client to server or ``"←"``, the bytes.
    times
        Whether to show the times; without them the same conversation gives the same picture.

    Examples
    --------
    >>> "text “Hello”" in capture_html([(0.0, "←", bytes.fromhex("81 05 48 65 6c 6c 6f"))])
    True
    """
    reads = list(records)
    request = _request(b"".join(data for _, way, data in reads if way == "→"))
    answers = explain(b"".join(data for _, way, data in reads if way == "←"), "server", request=request)
    asked = explain(b"".join(data for _, way, data in reads if way == "→"), "client", deflate=answers.deflate)
    lanes = sorted([*_lanes(reads, "→", asked), *_lanes(reads, "←", answers)], key=lambda lane: lane[0])
    rows = ['<tr><th class="wsl-t">client</th><th></th><th class="wsl-t">server</th></tr>']
    for number, way, told, part in lanes[:_LANES]:
        spans = told[part.first : part.behind]
        text, kind = said(part, spans)
        when = f"{(reads[number][0] - reads[0][0]) * 1000:.1f} ms" if times else ""
        rows.append(lane_row(when, way, text, kind, count((spans[-1].stop - spans[0].start) // 8, "byte")))
        if text.startswith("101"):
            switch = "the same TCP connection: from here on, frames"
            rows.append(f'<tr><td class="wsl-switch" colspan="3">{switch}</td></tr>')
    if len(lanes) > _LANES:
        rows.append(f"<tr><td></td><td>… and {len(lanes) - _LANES:,} more</td><td></td></tr>")
    table = f'<table class="wsl-lanes"><tbody>{"".join(rows)}</tbody></table>'
    size = count(sum(len(data) for _, _, data in reads), "byte")
    worst = min(asked, answers, key=_gravity)
    return card("Capture", size, f'<div class="wsl-part">{table}</div>', _judged(worst, size))


def _request(data: bytes) -> Request | None:
    """Read the request that a capture begins with, if it is one."""
    try:
        cut = split_head(data)
        return cut and Request.parse(cut[0])
    except HandshakeError:
        return None


def _gravity(told: Explanation) -> int:
    return 0 if told.fault else 1 if told.missing else 2 if told.frames else 3


def _lanes(
    reads: list[tuple[float, str, bytes]], way: str, told: Explanation
) -> Iterator[tuple[int, str, Explanation, Part]]:
    """Find for each part the read that brought its last byte."""
    ends = list(accumulate(len(data) if direction == way else 0 for _, direction, data in reads))
    for part in told.parts:
        yield bisect_left(ends, told[part.behind - 1].stop // 8), way, told, part


def said(part: Part, spans: list[Span]) -> tuple[str, str]:
    """Say in one line what a part of an explanation is, and of what kind.

    Examples
    --------
    >>> from wslearn.explain import explain
    >>> told = explain(bytes.fromhex("81 05 48 65 6c 6c 6f"))
    >>> said(told.parts[0], list(told))
    ('text “Hello”', 'payload')
    """
    fault = next((span.fault for span in spans if span.fault), None)
    if spans[0].name == "FIN":
        name, gist, kind = _gist(spans)
        text = f"{name} {gist}".strip() + ", not whole" * (part.frame is None and fault is None)
    elif part.title in {"request", "response"}:
        line = [span.value for span in spans if span.name in _START_LINE]
        fields = [span.name.removeprefix("Sec-WebSocket-") for span in spans if span.name in _SHOWN_FIELDS]
        text, kind = " · ".join([" ".join(line), *fields]), "http"
    else:
        text, kind = f"{part.title}: {spans[-1].value}", spans[-1].kind
    return (f"✗ {text}: {fault.args[0]}", "fault") if fault else (text, kind)


def _gist(spans: list[Span]) -> tuple[str, str, str]:
    """Say in a few words what a frame is, what it carries, and of what kind it is."""
    values = {span.name: span.value for span in spans}
    number, _, name = values["opcode"].partition(" ")
    carried = [values[field] for field in ("payload", "close code", "close reason") if field in values]
    flags = {
        "masked": values.get("MASK") == "1",
        "compressed": values["RSV1"] == "1",
        "more to come": values["FIN"] == "0",
    }
    gist = ", ".join([" ".join(carried), *(flag for flag, is_set in flags.items() if is_set)])
    return name, gist.removeprefix(", "), "opcode" if number >= "0x8" else "payload"


def lane_row(when: str, way: str, text: str, kind: str, size: str) -> str:
    """Make a row of a sequence diagram; `way` is ``→`` or ``←``, `text` is text.

    Examples
    --------
    >>> lane_row("", "→", "a ping", "opcode", "2 bytes").count("<td")
    3
    """
    back = " wsl-back" if way == "←" else ""
    arrow = f'<span class="wsl-unseen">{way} </span>{escape(visible(text))}<i></i>'
    cells = f'<td class="wsl-t">{when}</td><td><div class="wsl-arrow{back} wsl-{kind}">{arrow}</div></td>'
    return f'<tr>{cells}<td class="wsl-t">{size}</td></tr>'


def _state(state: State, current: State) -> str:
    if state is current:
        return f'<span class="wsl-b wsl-opcode" aria-current="step">▸ {state.name}</span>'
    return f'<span class="wsl-b">{state.name}</span>'


def _close(close: Close | None) -> str:
    return "–" if close is None else str(close)


def _title(told: Explanation) -> str:
    heads = [part.title for part in told.parts if part.title in {"request", "response"}]
    frames = sum(part.title.startswith("frame") for part in told.parts)
    titles = heads + ["frame" if frames == 1 else f"{frames:,} frames"] * bool(frames)
    return " and ".join(titles).capitalize() or "Bytes"


def _part(told: Explanation, part: Part, spans: list[Span]) -> str:
    """Draw a frame with its bits and bytes, a head as a table."""
    framed = spans[0].name == "FIN"
    drawn = bits_html(told.data, spans) + bytes_html(told.data, spans) if framed else ""
    name = f'<div class="wsl-name">{part.title}</div>' if framed and len(told.parts) > 1 else ""
    rows = []
    for number, span in enumerate(spans):
        if framed and number in {1, 2, 3} and all(rsv.value == "0" and not rsv.fault for rsv in spans[1:4]):
            if number == 1:
                rows.append(
                    row("RSV1 2 3", "0 0 0", span.meaning, span.section, "wsl-flags wsl-i1 wsl-i2 wsl-i3")
                )
            continue
        field = f" wsl-i{number}" if framed else ""
        name_ = f"✗ {span.name}" if span.fault else span.name
        rows.append(row(name_, span.value, span.meaning, span.section, f"wsl-{span.kind}{field}"))
    return f'<div class="wsl-part">{name}{drawn}{words(rows)}</div>'


def _table(rows: list[str]) -> str:
    return f'<div class="wsl-part">{words(rows)}</div>' if rows else ""


def _judged(told: Explanation, size: str) -> str:
    note = told.fault.section if told.fault else size
    return verdict_bar(MARKS.get(told.verdict, "✗"), told.verdict, told.summary, note)
