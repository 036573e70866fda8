"""Opening handshakes: the one of RFC 6455 §1.3, and those that must be refused; see `wslearn.vectors`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BAD_REQUESTS",
    "BAD_RESPONSES",
    "GOOD_REQUEST",
    "GOOD_RESPONSE",
    "HANDSHAKE_ACCEPT",
    "HANDSHAKE_KEY",
    "BadRequest",
    "BadResponse",
]

HANDSHAKE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@dataclass(frozen=True, slots=True)
class BadRequest:
    """A request that a server must not accept as an opening handshake.

    Parameters
    ----------
    name
        What is wrong, in a few words.
    data
        The request.
    status
        The HTTP status of the refusal.
    section
        Where the rule stands.
    why
        What the rule is good for.
    origins
        Whose pages the server lets in; ``None`` for all.

    Examples
    --------
    >>> [bad.name for bad in BAD_REQUESTS if bad.status == 426]
    ['no version', 'version 8']
    """

    name: str
    data: bytes
    status: int
    section: str
    why: str
    origins: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class BadResponse:
    """An answer to `GOOD_REQUEST` that a client must not accept; parameters as of `BadRequest`."""

    name: str
    data: bytes
    section: str
    why: str


_REQUEST = {
    "": "GET /chat HTTP/1.1",
    "Host": "server.example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": HANDSHAKE_KEY,
    "Sec-WebSocket-Version": "13",
}
_RESPONSE = {
    "": "HTTP/1.1 101 Switching Protocols",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Accept": HANDSHAKE_ACCEPT,
}


def _head(lines: dict[str, str | None]) -> bytes:
    """Write a head; the start line has no name, and what is ``None`` is left out."""
    fields = [f"{name}: {value}" for name, value in lines.items() if name and value is not None]
    return "\r\n".join([f"{lines['']}", *fields, "", ""]).encode("latin-1")


GOOD_REQUEST = _head({**_REQUEST})
GOOD_RESPONSE = _head({**_RESPONSE})

# A rule: the status that breaking it earns, its section, what it is good for. Below each: the line that
# breaks it, instead of the good one; None for one that is missing, "" for the start line.
_REQUEST_RULES: dict[tuple[int, str, str], dict[str, tuple[str, str | None]]] = {
    (405, "§4.2.1", "A handshake is a GET, without a body."): {
        "POST": ("", "POST /chat HTTP/1.1"),
    },
    (400, "§4.2.1", "HTTP/1.0 knows no Upgrade."): {
        "HTTP/1.0": ("", "GET /chat HTTP/1.0"),
    },
    (400, "RFC 9112 §3", "Nobody can tell which HTTP this is."): {
        "two words in the request line": ("", "GET /chat"),
    },
    (400, "§4.2.1", "One server may answer for many names: the request says which, and once."): {
        "no Host": ("Host", None),
        "empty Host": ("Host", ""),
        "two Hosts": ("host", "evil.example"),
    },
    (400, "§4.2.1", "Whoever does not ask for WebSocket gets none."): {
        "no Upgrade": ("Upgrade", None),
        "another Upgrade": ("Upgrade", "h2c"),
    },
    (
        400,
        "§4.2.1",
        "Upgrade counts for one connection: a proxy that knows nothing of it must not pass it on.",
    ): {
        "no Connection": ("Connection", None),
        "Connection without Upgrade": ("Connection", "keep-alive"),
    },
    (400, "§4.2.1", "The answer is made from 16 random bytes, so that no old answer fits."): {
        "no key": ("Sec-WebSocket-Key", None),
        "key of 15 bytes": ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAA"),
        "key that is not base64": ("Sec-WebSocket-Key", "not base64 at all!"),
    },
    (426, "§4.2.1", "The refusal names the version that the server speaks."): {
        "no version": ("Sec-WebSocket-Version", None),
        "version 8": ("Sec-WebSocket-Version", "8"),
    },
    (400, "§9.1", "What does not follow the grammar cannot be answered."): {
        "extensions outside the grammar": ("Sec-WebSocket-Extensions", "a; =b"),
    },
    (400, "§4.3", "The header is absent, or names at least one."): {
        "no subprotocol in the list": ("Sec-WebSocket-Protocol", ","),
    },
    (400, "RFC 9112 §5", "What one reader takes for a line end and another does not smuggles in a field."): {
        "bare LF": ("X", "a\nSet-Cookie: b"),
        "bare CR": ("X", "a\rSet-Cookie: b"),
        "NUL": ("X", "a\0b"),
        "blank before the colon": ("X ", "a"),
        "line without a colon": ("X", "a\r\nfolded"),
    },
    (431, "RFC 6585 §5", "A stranger gets only so much memory and work."): {
        "head too large": ("X", "a" * 16384),
        "too many fields": ("X", "a" + "\r\nX: a" * 128),
    },
}
BAD_REQUESTS = (
    *(
        BadRequest(name, _head({**_REQUEST, field: value}), *rule)
        for rule, cases in _REQUEST_RULES.items()
        for name, (field, value) in cases.items()
    ),
    BadRequest(
        "a page from elsewhere",
        _head({**_REQUEST, "Origin": "https://evil.example"}),
        403,
        "§4.2.2, §10.2",
        "A browser sends its cookies along, whichever page asks.",
        origins=("https://server.example.com",),
    ),
)

_RESPONSE_RULES: dict[tuple[str, str], dict[str, tuple[str, str | None]]] = {
    ("§4.1", "The server says no."): {
        "refused": ("", "HTTP/1.1 403 Forbidden"),
    },
    ("§4.1", "HTTP/1.0 knows no Upgrade."): {
        "HTTP/1.0": ("", "HTTP/1.0 101 Switching Protocols"),
    },
    ("RFC 9112 §4", "Something else than HTTP answers on this port."): {
        "three words, not HTTP": ("", "HTTP 200 OK"),
        "another protocol": ("", "SSH-2.0-server"),
    },
    ("§4.1", "A 101 says to which protocol it switches, and that it means this connection."): {
        "no Upgrade": ("Upgrade", None),
        "another Upgrade": ("Upgrade", "h2c"),
        "no Connection": ("Connection", None),
    },
    ("§4.1", "Only who read this very request can make the answer."): {
        "no accept key": ("Sec-WebSocket-Accept", None),
        "accept key of another request": ("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    },
    ("§4.1", "What the client did not offer it cannot speak."): {
        "subprotocol out of the blue": ("Sec-WebSocket-Protocol", "chat"),
        "extension out of the blue": ("Sec-WebSocket-Extensions", "permessage-deflate"),
    },
}
BAD_RESPONSES = tuple(
    BadResponse(name, _head({**_RESPONSE, field: value}), *rule)
    for rule, cases in _RESPONSE_RULES.items()
    for name, (field, value) in cases.items()
)
