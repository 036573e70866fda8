"""The checks of both sides of the opening handshake, one row each (RFC 6455 §4.2.1, §4.1).

`server_response` and `check_response` do the checking, and stop at the first rule that is broken. Here it
is only found out which one that was: those before it hold, those behind it were not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wslearn.deflate import agreed
from wslearn.errors import HandshakeError
from wslearn.handshake import check_response, refusal, server_response
from wslearn.http import Request, Response
from wslearn.spans import visible
from wslearn.widgets.upgrade_parts import line

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["Judged", "client_checks", "server_checks"]


@dataclass(frozen=True, slots=True)
class _Check:
    """One rule: what it looks at, what it is good for, and how the errors begin that it raises."""

    name: str
    section: str
    rule: str
    errors: tuple[str, ...]


_SERVER = (
    _Check("HTTP request", "RFC 9112 §2.1", "A request line, header fields, an empty line.", ()),
    _Check("method", "§4.2.1", "A handshake is a GET, without a body.", ("The method is",)),
    _Check("HTTP version", "§4.2.1, item 1", "1.1: HTTP/1.0 knows no Upgrade.", ("HTTP/",)),
    _Check("Host", "§4.2.1, item 2", "One, and not empty.", ("A handshake has one Host", "The Host header")),
    _Check("Upgrade", "§4.2.1, item 3", "Names websocket, in any case of letters.", ("Upgrade is",)),
    _Check("Connection", "§4.2.1, item 4", "Names Upgrade, maybe among others.", ("Connection is",)),
    _Check("Sec-WebSocket-Version", "§4.2.1, item 6", "13; a refusal says so.", ("Sec-WebSocket-Version",)),
    _Check("Sec-WebSocket-Key", "§4.2.1, item 5", "Base64 of 16 bytes.", ("Sec-WebSocket-Key",)),
    _Check("Origin", "§4.2.2, §10.2", "Only pages that this server knows.", ("Pages from",)),
    _Check("Sec-WebSocket-Protocol", "§4.2.2, §4.3", "A list of names, if it is there.", ("Not a list of",)),
    _Check("Sec-WebSocket-Extensions", "§9.1", "Follows the grammar, if it is there.", ()),
)
_CLIENT = (
    _Check("HTTP response", "RFC 9112 §2.1", "A status line, header fields, an empty line.", ()),
    _Check("status", "§4.1, item 1", "101; all else is a plain HTTP answer.", ("The server refused",)),
    _Check("HTTP version", "§4.1", "1.1, as in the request.", ("The answer is HTTP/",)),
    _Check("Upgrade", "§4.1, item 2", "Is websocket.", ("The answer's Upgrade",)),
    _Check("Connection", "§4.1, item 3", "Names Upgrade.", ("The answer's Connection",)),
    _Check("Sec-WebSocket-Accept", "§4.1, item 4", "Is made from this very key.", ("Sec-WebSocket-Accept",)),
    _Check(
        "Sec-WebSocket-Extensions",
        "§4.1, item 5",
        "Only what the client offered.",
        (
            "The server chose an extension",
            "The server chose the same",
            "Sec-WebSocket-Extensions",
            "The answer",
        ),
    ),
    _Check("Sec-WebSocket-Protocol", "§4.1, item 6", "Only what the client offered.", ()),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What one side makes of what it read.

    Parameters
    ----------
    rows
        The checks, in their order, as rows of a table.
    error
        The rule that is broken, or ``None``.
    broken
        The index of its row; the number of rows where nothing is broken.
    """

    rows: list[dict[str, Any]]
    error: HandshakeError | None
    broken: int


def server_checks(
    head: bytes, *, origins: Collection[str] | None = None, subprotocols: Sequence[str] = ()
) -> tuple[Judged, Response]:
    r"""Check a request as a server does, and answer it.

    Parameters
    ----------
    head
        The request, as it stands on the wire.
    origins, subprotocols
        As for `server_response`; the server knows no extension, so frames stay readable.

    Examples
    --------
    >>> judged, answer = server_checks(b"GET / HTTP/1.0\r\n\r\n")
    >>> [row["mark"] for row in judged.rows[:4]], answer.status
    (['✓', '✓', '✗', '·'], 400)
    """
    request = None
    try:
        request = Request.parse(head)
        response = server_response(request, origins=origins, subprotocols=subprotocols)
        error = None
    except HandshakeError as found:
        error, response = found, refusal(found)
    broken = _broken(_SERVER, error, was_read=request is not None)
    return Judged(_rows(_SERVER, request, error, broken), error, broken), response


def client_checks(request: Request, answer: bytes) -> Judged:
    r"""Check an answer as a client does.

    Examples
    --------
    >>> judged = client_checks(Request("/"), b"HTTP/1.1 403 Forbidden\r\n\r\n")
    >>> judged.broken, judged.rows[1]["value"]
    (1, '403')
    """
    response = None
    error = None
    try:
        response = Response.parse(answer)
        check_response(request, response)
        agreed(request, response)
    except HandshakeError as found:
        error = found
    broken = _broken(_CLIENT, error, was_read=response is not None)
    return Judged(_rows(_CLIENT, response, error, broken), error, broken)


def _broken(checks: Sequence[_Check], error: HandshakeError | None, *, was_read: bool) -> int:
    if error is None:
        return len(checks)
    if not was_read:
        return 0
    message = str(error.args[0])
    found = (
        number for number, check in enumerate(checks) if check.errors and message.startswith(check.errors)
    )
    return next(found, len(checks) - 1)


def _rows(
    checks: Sequence[_Check], read: Request | Response | None, error: HandshakeError | None, broken: int
) -> list[dict[str, Any]]:
    rows = []
    for number, check in enumerate(checks):
        row = line(check.name, _seen(check.name, read), check.rule, check.section, "payload", "✓")
        if number > broken:
            row |= {"kind": "flags", "mark": "·"}
        elif number == broken and error is not None:
            row |= {"kind": "fault", "mark": "✗", "meaning": visible(error.args[0]), "section": error.section}
        rows.append(row)
    return rows


def _seen(name: str, read: Request | Response | None) -> str:
    """Say what a check looks at; nothing, where nothing could be read."""
    if read is None:
        return ""
    if name == "HTTP version":
        return f"HTTP/{read.version}"
    if isinstance(read, Request) and name in {"method", "HTTP request"}:
        return read.method if name == "method" else f"{len(read.headers)} header fields"
    if isinstance(read, Response) and name in {"status", "HTTP response"}:
        return str(read.status) if name == "status" else f"{len(read.headers)} header fields"
    return read.headers.get(name) if name in read.headers else "absent"
