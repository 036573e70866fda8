"""The opening handshake as spans: start line, header fields, empty line, and a refusal's body (RFC 6455 §4).

Nothing is judged here: `Request.parse`, `Response.parse`, `server_response` and `check_response` do that,
and this file finds the field that their error speaks of.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wslearn.deflate import Deflate, agreed
from wslearn.errors import HandshakeError
from wslearn.handshake import accept_key, check_response, server_response
from wslearn.http import MAX_FIELDS, MAX_HEAD_SIZE, Headers, Request, Response, split_head
from wslearn.spans import Span, count, visible

if TYPE_CHECKING:
    from wslearn.connection import Role
    from wslearn.spans import Explanation

__all__ = ["explain_head"]

_FIELDS = {
    "host": ("Which of the server's names is meant.", "§4.1"),
    "upgrade": ("Asks to go on in another protocol, or agrees to it.", "§4.1"),
    "connection": (
        "Upgrade counts for this connection only: no proxy passes it on.",
        "§4.1, RFC 9110 §7.6.1",
    ),
    "sec-websocket-key": ("16 random bytes in base64: the answer must be made from them.", "§4.1"),
    "sec-websocket-version": ("The version of the protocol; 13 is RFC 6455.", "§4.1, §4.4"),
    "sec-websocket-accept": ("Made from the key: proof that the server read this very request.", "§4.2.2"),
    "sec-websocket-protocol": ("Subprotocols: the client offers, the server picks one.", "§1.9"),
    "sec-websocket-extensions": ("Extensions: the client offers, the server picks some.", "§9.1"),
    "origin": ("The page that asks, set by the browser: against cross-site hijacking.", "§10.2"),
    "cookie": ("Who asks: a browser sends it as with any request to this host.", "§10.5"),
    "set-cookie": ("To be sent along from now on.", "§10.5"),
    "authorization": ("Who asks; a page's script cannot set it.", "§10.5"),
    "cache-control": ("Whether an answer may come from a cache.", "RFC 9111 §5.2"),
    "pragma": ("The same, for caches of HTTP/1.0.", "RFC 9111 §5.4"),
    "accept-encoding": ("How a body may be compressed; a handshake has none.", "RFC 9110 §12.5.3"),
    "accept-language": ("The languages that the person reads.", "RFC 9110 §12.5.4"),
    "user-agent": ("The client's name for itself.", "RFC 9110 §10.1.5"),
    "allow": ("The methods that are possible here.", "RFC 9110 §10.2.1"),
    "content-length": ("The size of the body in bytes.", "RFC 9110 §8.6"),
    "content-type": ("What the body is.", "RFC 9110 §8.3"),
}
_REQUEST_LINE = (
    ("method", "A handshake is a GET.", "§4.1"),
    ("request target", "What is asked for: path and query.", "§4.1"),
    ("HTTP version", "An upgrade needs 1.1.", "§4.1"),
)
_STATUS_LINE = (
    ("HTTP version", "An upgrade needs 1.1.", "§4.2.2"),
    ("status", "101: from the empty line on, both sides speak WebSocket.", "§4.2.2"),
    ("reason phrase", "The status in words; programs ignore it.", "RFC 9112 §4"),
)
_SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # §1.3
_LINE = re.compile(rb".*?\r\n|.+\Z", re.DOTALL)
_OTHER_FIELD = ("Not a matter of the handshake.", "RFC 9110 §5")

# What an error names first is what it blames.
_BLAMED = {
    "The method": "method",
    "HTTP/": "HTTP version",
    "The server refused": "status",
    "Host": "Host",
    "Upgrade": "Upgrade",
    "Connection": "Connection",
    "Sec-WebSocket-Version": "Sec-WebSocket-Version",
    "Sec-WebSocket-Key": "Sec-WebSocket-Key",
    "Sec-WebSocket-Accept": "Sec-WebSocket-Accept",
    "Sec-WebSocket-Extensions": "Sec-WebSocket-Extensions",
    "extension": "Sec-WebSocket-Extensions",
    "does not fit the offer": "Sec-WebSocket-Extensions",
    "subprotocol": "Sec-WebSocket-Protocol",
}


def explain_head(told: Explanation, request: Request | None = None) -> tuple[int, Deflate | None]:
    r"""Explain the HTTP message that `told.data` starts with.

    Parameters
    ----------
    told
        The explanation to add to; its `fault` and `missing` are set here.
    request
        What a response answers, where it is known.

    Returns
    -------
    tuple of int and Deflate or None
        The offset behind the message, and the compression that a 101 agrees on.

    Examples
    --------
    >>> from wslearn.spans import Explanation
    >>> told = Explanation(b"GET /chat HTTP/1.1\r\nHost: example.org\r\n\r\n", "client")
    >>> explain_head(told)
    (41, None)
    >>> str(told.fault)
    "Upgrade is ''; it must name 'websocket'. Did a proxy remove it? (HTTP 400, §4.2.1)"
    """
    title = "request" if told.role == "client" else "response"
    try:
        cut = split_head(told.data)
    except HandshakeError as error:
        told.fault = error
        span = Span(0, MAX_HEAD_SIZE * 8, "head", count(MAX_HEAD_SIZE, "byte"), "", "", "http")
        told.add(title, [span.at_fault(error)])
        return MAX_HEAD_SIZE, None
    if cut is None:
        spans = [span for line in _lines(told.data, told.role) for span in line]
        ends = "The head ends with an empty line, CR LF CR LF, which is not there yet."
        spans[-1] = replace(spans[-1], meaning=ends)
        told.missing = next(4 - size for size in (3, 2, 1, 0) if told.data.endswith(b"\r\n\r\n"[:size]))
        told.add(title, spans)
        return len(told.data), None
    head, rest = cut
    lines = _lines(head, told.role)
    if told.role == "client":
        _request(told, lines, head)
        return _add(told, title, lines), None
    deflate, response = _response(told, lines, head, rest, request)
    end = _add(told, title, lines)
    return (end if response is None else _body(told, end, response)), deflate


def _add(told: Explanation, title: str, lines: list[list[Span]]) -> int:
    told.add(title, [span for line in lines for span in line])
    return told[-1].stop // 8


def _request(told: Explanation, lines: list[list[Span]], head: bytes) -> None:
    """Ask a server what it says to the request."""
    try:
        request = Request.parse(head)
    except HandshakeError as error:
        told.fault = error
        _blame_line(lines, head, error, Request)
        return
    try:
        server_response(request)
    except HandshakeError as error:
        told.fault = error
        _blame_field(lines, error)


def _response(
    told: Explanation, lines: list[list[Span]], head: bytes, rest: bytes, request: Request | None
) -> tuple[Deflate | None, Response | None]:
    """Ask a client what it says to the response."""
    try:
        response = Response.parse(head)
    except HandshakeError as error:
        told.fault = error
        _blame_line(lines, head, error, Response)
        return None, None
    with_body = replace(response, body=rest[: _body_size(response, len(rest))])
    try:
        return _check(response, request), with_body
    except HandshakeError as error:
        told.fault = error
        _blame_field(lines, error)
        return None, with_body


def _check(response: Response, request: Request | None) -> Deflate | None:
    """Check a response against its request, or against one that it would fit; read what was agreed."""
    accepts = response.headers.all("Sec-WebSocket-Accept")
    if presumed := request is None:
        extensions = f"{Deflate().offer()}, {response.headers.get('Sec-WebSocket-Extensions')}"
        offers = [("Sec-WebSocket-Protocol", name) for name in response.headers.all("Sec-WebSocket-Protocol")]
        offers += [("Sec-WebSocket-Key", _SAMPLE_KEY), ("Sec-WebSocket-Extensions", extensions)]
        request = Request("/", Headers(offers))
        others = [(name, value) for name, value in response.headers if name.lower() != "sec-websocket-accept"]
        accept = ("Sec-WebSocket-Accept", accept_key(_SAMPLE_KEY))
        response = replace(response, headers=Headers([*others, accept]))
    check_response(request, response)
    if presumed and len(accepts) != 1:
        message = f"An answer has one Sec-WebSocket-Accept header; this one has {len(accepts)}."
        raise HandshakeError(message, status=response.status, section="§4.1")
    return agreed(request, response)


def _body_size(response: Response, there: int) -> int:
    """Tell how many bytes of body follow a head (RFC 9112 §6.3): without a length, all until the end."""
    if response.status < 200 or response.status in {204, 304}:
        return 0
    length = response.headers.get("Content-Length")
    return int(length) if re.fullmatch("[0-9]{1,15}", length) else there


def _body(told: Explanation, start: int, response: Response) -> int:
    there = len(response.body)
    told.missing = _body_size(response, there) - there
    if there:
        text = visible(" ".join(response.body[:400].decode("utf-8", "replace").split()))
        meaning = "What the server says, for a person."
        if told.missing:
            meaning = f"{meaning} Still missing: {count(told.missing, 'byte')}."
        stop = start + there
        told.add("body", [Span(start * 8, stop * 8, "body", text, meaning, "RFC 9112 §6", "payload")])
    return start + there


def _lines(head: bytes, role: Role) -> list[list[Span]]:
    """Name the parts of each line; the line end belongs to the last of them."""
    start_line, *fields = _LINE.finditer(head)
    spans = [_start_line(start_line[0], Request if role == "client" else Response)]
    for line in fields:
        start, stop = line.start() * 8, line.end() * 8
        if line[0] == b"\r\n":
            meaning = "The head ends here."
            spans.append([Span(start, stop, "the empty line", "", meaning, "RFC 9112 §2.1", "http")])
            continue
        text = line[0].decode("latin-1")
        name, colon, value = text.partition(":")
        meaning, section = _FIELDS.get(name.lower(), _OTHER_FIELD)
        shown = visible(name) if colon else "header field"
        value = visible((value if colon else text).strip(" \t\r\n"), 160)
        spans.append([Span(start, stop, shown, value, meaning, section, "http")])
    return spans


def _start_line(line: bytes, message: type[Request | Response]) -> list[Span]:
    fields = _REQUEST_LINE if message is Request else _STATUS_LINE
    if not _parses(message, line + b"\r\n"):
        text = visible(line.decode("latin-1").strip("\r\n"))
        name, section = ("request line", "§3") if message is Request else ("status line", "§4")
        meaning = "Three words and a line end."
        return [Span(0, len(line) * 8, name, text, meaning, f"RFC 9112 {section}", "http")]
    words = line.removesuffix(b"\r\n").split(b" ", 2)
    spans = []
    start = 0
    for (name, meaning, section), word in zip(fields, words, strict=False):
        stop = len(line) if word is words[-1] else start + len(word) + 1
        spans.append(
            Span(start * 8, stop * 8, name, visible(word.decode("latin-1")), meaning, section, "http")
        )
        start = stop
    return spans


def _parses(message: type[Request | Response], head: bytes) -> bool:
    try:
        message.parse(head)
    except HandshakeError:
        return False
    return True


def _blame_line(
    lines: list[list[Span]], head: bytes, error: HandshakeError, message: type[Request | Response]
) -> None:
    """Find the line that does not parse; what follows a field too many is cut off."""
    if len(lines) - 2 > MAX_FIELDS:
        at = MAX_FIELDS + 1
        del lines[at + 1 :]
    elif not _parses(message, head[: lines[0][-1].stop // 8] + b"\r\n"):
        at = 0
    else:
        starts = [(line[0].start // 8, line[0].stop // 8) for line in lines[1:]]
        at = next(
            number
            for number, (start, stop) in enumerate(starts, 1)
            if not _parses(Request, b"GET / HTTP/1.1\r\n" + head[start:stop] + b"\r\n")
        )
    lines[at] = [lines[at][0].at_fault(error)]


def _blame_field(lines: list[list[Span]], error: HandshakeError) -> None:
    """Find the field that the error speaks of: the last one of that name, or, if missing, the head's end."""
    message = error.args[0]
    blamed = _BLAMED[min(_BLAMED, key=lambda word: message.find(word) if word in message else len(message))]
    if blamed[0].islower() or blamed == "HTTP version":
        number = next(number for number, span in enumerate(lines[0]) if span.name == blamed)
        lines[0][number] = lines[0][number].at_fault(error)
        return
    named = [line for line in lines[1:] if line[0].name.lower() == blamed.lower()]
    line = named[-1] if named else lines[-1]
    line[0] = line[0].at_fault(error)
