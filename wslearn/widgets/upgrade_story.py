"""The way from HTTP to WebSocket, told step by step: chapters of rows, lanes of arrows, a verdict.

It is the same for a handshake that is made up and for one that was recorded; only the latter has times.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from wslearn.explain import explain
from wslearn.handshake import GUID, accept_key
from wslearn.http import Request, split_head
from wslearn.spans import count
from wslearn.widgets.upgrade_checks import Judged, client_checks, server_checks
from wslearn.widgets.upgrade_parts import Story, Wire, line

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wslearn.connection import Role
    from wslearn.spans import Explanation, Span

__all__ = ["head_of", "tell"]

_FRAMES = 12  # that are told one by one
_NAMED = ("Upgrade", "Connection", "Key", "Version", "Accept", "Protocol", "Extensions", "Origin")
_PURPOSES = {
    "accept-encoding": "How a page may be packed. A 101 has no body: it does not matter here.",
    "accept-language": "Which language a page should have; a handshake has none.",
    "cache-control": "No cache on the way may answer this.",
    "pragma": "The same for caches that know HTTP/1.0 only.",
    "sec-fetch-dest": "What the browser will do with the answer.",
    "sec-fetch-mode": "How the browser asks.",
    "sec-fetch-site": "Whether the page comes from the same site.",
}
_SECRET = ("cookie", "auth", "token", "secret")  # in the name of a field
_PROOF = "The answer proves that the server speaks WebSocket. It authenticates nobody."


def tell(wire: Wire, *, origins: Collection[str] | None = None, subprotocols: Sequence[str] = ()) -> Story:
    r"""Tell what a connection shows.

    Parameters
    ----------
    wire
        The bytes of both sides; they may end anywhere.
    origins, subprotocols
        What the server goes by, as in `server_response`.

    Examples
    --------
    >>> story = tell(Wire(b"GET / HTTP/1.1\r\n\r\n", b""))
    >>> story.verdict["text"], [chapter["id"] for chapter in story.chapters]
    ('A handshake has one Host header; this one has 0.', ['tcp', 'request', 'checks', 'answer', 'end'])
    """
    story = Story()
    asked, answered = head_of(wire.client), head_of(wire.server)
    judged, answer = server_checks(asked, origins=origins, subprotocols=subprotocols)
    if not wire.server:
        answered = answer.serialize()
    _tell_tcp(story, wire)
    _tell_request(story, wire, asked, judged)
    story.chapter("checks", "the server's checks", judged.rows, steps=judged.broken + 1)
    if judged.error is not None:
        _tell_answer(story, wire, answered, None)
        _tell_end(story, "The server closes the TCP connection; there is no WebSocket.")
        story.judge("✗", "refused", judged.error.args[0], f"{judged.error.status}, {judged.error.section}")
        return story
    request = Request.parse(asked)
    _tell_key(story, request)
    _tell_answer(story, wire, answered, request)
    checked = client_checks(request, answered)
    story.chapter("client", "the client's checks", checked.rows, steps=checked.broken + 1)
    if checked.error is not None:
        _tell_end(story, "The client drops the TCP connection; there is no WebSocket.")
        story.judge("✗", "failed", checked.error.args[0], checked.error.section)
        return story
    _tell_switch(story, wire)
    _tell_frames(story, wire, asked, answered, request)
    story.judge("✓", "accepted", _PROOF, "§1.3, §4.2.2")
    return story


def head_of(data: bytes) -> bytes:
    r"""Take the HTTP head, and the body of an answer that refuses; all there is, where the head has no end.

    Examples
    --------
    >>> head_of(b"HTTP/1.1 101 \r\n\r\n\x81\x00")[-5:]
    b' \r\n\r\n'
    """
    cut = split_head(data) if len(data) < 16384 else None
    if cut is None or (data.startswith(b"HTTP/") and data[9:12] != b"101"):
        return data
    return cut[0]


def _ms(wire: Wire, sender: Role, stop: int) -> str:
    return "" if wire.when is None else f"{wire.when(sender, stop) * 1000:.1f} ms"


def _tell_tcp(story: Story, wire: Wire) -> None:
    text = "Three segments, SYN, SYN-ACK, ACK: a stream of bytes each way, and nothing of HTTP in it yet."
    ends = " → ".join(wire.ends) if wire.ends[0] else "connected"
    step = story.chapter("tcp", "TCP", [line("TCP", ends, text, "RFC 9293 §3.5", "flags")])
    story.lane("→", "flags", [(step, "TCP connect")], "0.0 ms" if wire.when else "")


def _tell_request(story: Story, wire: Wire, head: bytes, judged: Judged) -> None:
    told = explain(head, "client")
    rows = [
        _purpose(row) for row in _head_rows(told, "request line", "A GET, and an HTTP that knows Upgrade.")
    ]
    if judged.error is not None and judged.broken < len(judged.rows):
        blamed = judged.rows[judged.broken]
        for row in rows:
            if row["name"].lower() == blamed["name"].lower():
                row |= {key: blamed[key] for key in ("meaning", "section", "kind", "mark")}
    if wire.when is not None:
        rows = list(map(_hidden, rows))
    first = story.chapter("request", "request", rows)
    start = rows[0]["value"] if rows else ""
    size = count(len(head), "byte")
    story.lane("→", "http", _pieces(first, start, rows), _ms(wire, "client", len(head)), size)


def _purpose(row: dict[str, Any]) -> dict[str, Any]:
    """Say what a header is for that has to do with pages, not with handshakes."""
    if row["name"].lower() in _PURPOSES:
        row["meaning"] = _PURPOSES[row["name"].lower()]
    return row


def _hidden(row: dict[str, Any]) -> dict[str, Any]:
    """Leave the secrets out of what was recorded: cookies go to all ports of a host, JupyterLab's own too."""
    if any(word in row["name"].lower() for word in _SECRET):
        row["value"] = "… (not shown: whoever knows it could log in)"
    return row


def _tell_key(story: Story, request: Request) -> None:
    key = request.headers["Sec-WebSocket-Key"]
    accept = accept_key(key)
    digest = base64.b64decode(accept)
    rows = [
        line("Sec-WebSocket-Key", key, "Taken as text, not decoded.", "§4.2.2", "key"),
        line("+ GUID", key + GUID, "The GUID is the same for all.", "§1.3", "key"),
        line("SHA-1, 20 bytes", digest.hex(" "), "The digest of that text.", "§4.2.2", "opcode"),
        line("Base64", accept, "What the server answers.", "§4.2.2", "payload"),
    ]
    story.chapter("key", "key", rows)


def _tell_answer(story: Story, wire: Wire, answer: bytes, request: Request | None) -> None:
    told = explain(answer, "server", request=request)
    rows = _head_rows(told, "status line", "101: from the empty line on, both sides speak WebSocket.")
    if rows and not rows[0]["value"].startswith("HTTP/1.1 101"):
        rows[0]["meaning"] = "Not 101: this stays HTTP, and the body says why."
    title = rows[0]["value"].split(" ")[1] if len(rows) and " " in rows[0]["value"] else "answer"
    first = story.chapter("answer", title, rows)
    start = rows[0]["value"].partition(" ")[2] if rows else ""
    kind = "http" if title == "101" else "fault"
    pieces = _pieces(first, start, rows)
    story.lane("←", kind, pieces, _ms(wire, "server", len(answer)), count(len(answer), "byte"))


def _tell_end(story: Story, text: str) -> None:
    step = story.chapter("end", "the end", [line("TCP", "closed", text, "§4.2.2, §7.1.7", "fault", "✗")])
    story.lane("end", "fault", [(step, text)])


def _tell_switch(story: Story, wire: Wire) -> None:
    ends = f", {' ↔ '.join(wire.ends)}" if wire.ends[0] else ""
    text = "No new connection, no new port: the same two ends, and not one byte of HTTP any more."
    step = story.chapter(
        "switch", "the switch", [line("from here on", "frames", text, "§1.2, §4.2.2", "payload")]
    )
    story.lane("switch", "payload", [(step, f"same TCP connection{ends}: from here on, frames")])


def _tell_frames(story: Story, wire: Wire, asked: bytes, answered: bytes, request: Request) -> None:
    """Tell both sides' frames, in the order in which they arrived."""
    server = explain(wire.server, "server", request=request)
    client = explain(wire.client, "client", deflate=server.deflate)
    found = []
    for told, head in ((client, asked), (server, answered)):
        for part in told.parts:
            spans = told[part.first : part.behind]
            if spans[0].start // 8 >= len(head) and part.frame is not None:
                stop = spans[-1].stop // 8
                when = wire.when(told.role, stop) if wire.when else 0.0
                found.append((when, told.role, spans, stop))
    for _, role, spans, stop in sorted(found, key=lambda each: each[0])[:_FRAMES]:
        size = count(stop - spans[0].start // 8, "byte")
        rows = [
            line(span.name, span.value, span.meaning, span.section, span.kind, "✗" if span.fault else "")
            for span in spans
            if span.fault or span.value != "0" or not span.name.startswith("RSV")
        ]
        way = "→" if role == "client" else "←"
        text = _gist(spans)
        story.chapters.append({"id": "frames", "title": "frames", "part": f"{way} {text}", "rows": rows})
        step = {"chapter": len(story.chapters) - 1, "row": -1, "title": f"{way} {text}", "text": size}
        story.steps.append(step)
        story.lane(way, "payload", [(len(story.steps) - 1, text)], _ms(wire, role, stop), size)


def _gist(spans: list[Span]) -> str:
    """Say in a few words what a frame is and what it carries."""
    values = {span.name: span.value for span in spans}
    names = () if values["RSV1"] == "1" else ("payload", "close code", "close reason")
    carried = " ".join(values[name] for name in names if name in values)
    flags = {"masked": values.get("MASK") == "1", "compressed": values["RSV1"] == "1"}
    name = values["opcode"].partition(" ")[2]
    return ", ".join([f"{name} {carried}".strip(), *(flag for flag, is_set in flags.items() if is_set)])


def _head_rows(told: Explanation, first: str, meaning: str) -> list[dict[str, Any]]:
    """Make a row of each line of a head: the words of its first line are one row."""
    rows: list[dict[str, Any]] = []
    for part in told.parts:
        if part.title not in {"request", "response", "body"}:
            continue
        for span in told[part.first : part.behind]:
            mark = "✗" if span.fault else ""
            if span.name in {"request target", "HTTP version", "reason phrase", "status"} and rows:
                rows[0]["value"] += f" {span.value}"
                if span.fault:
                    rows[0] |= {
                        "meaning": span.meaning,
                        "section": span.section,
                        "kind": "fault",
                        "mark": mark,
                    }
                continue
            opens = not rows and span.name in {"method", "HTTP version"}
            name = first if opens else span.name
            said = meaning if opens and not span.fault else span.meaning
            rows.append(line(name, span.value, said, span.section, span.kind, mark))
    return rows


def _pieces(first: int, start: str, rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Give the text of an arrow piece by piece, as the lines below it go by."""
    # A proxy may write the names with other capitals.
    names = enumerate(row["name"].lower().removeprefix("sec-websocket-").capitalize() for row in rows)
    return [(first, start), *((first + number, f" · {name}") for number, name in names if name in _NAMED)]
