"""What a server checks in a request: request_status (RFC 6455 §4.2.1)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.opening.requests import REQUESTS, one_change
from wslearn.errors import HandshakeError
from wslearn.handshake import _check_request, server_response
from wslearn.http import Headers, Request
from wslearn.vectors import HANDSHAKE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["REQUEST_STATUS"]

LESSON = "02_handshake"


def request_status(request: Request) -> int:
    """Give the status that a server answers an opening handshake with (RFC 6455 §4.2).

    Returns
    -------
    int
        101 for one that is as it should be; else 405, 426 or 400.

    Examples
    --------
    >>> request_status(Request("/chat"))
    400
    """
    try:
        return server_response(request).status
    except HandshakeError as error:
        return error.status


def _but(instead: dict[int, int]) -> Callable[[Request], int]:
    """Make a function that is right but for one status."""

    def wrong(request: Request) -> int:
        status = request_status(request)
        return instead.get(status, status)

    return wrong


def _missing_version(request: Request) -> int:
    return (
        request_status(request) if request.headers.get("Sec-WebSocket-Version") else _but({426: 400})(request)
    )


def _reading(name: str, read: Callable[[str], str]) -> Callable[[Request], int]:
    """Make a function that reads one field in a way of its own, and is right otherwise."""

    def wrong(request: Request) -> int:
        others = [field for field in request.headers if field[0].lower() != name.lower()]
        headers = Headers([*others, (name, read(request.headers.get(name)))])
        return request_status(Request(request.target, headers, request.method, request.version))

    return wrong


def _decodes_to_16(value: str) -> bool:
    try:
        return len(base64.b64decode(value)) == 16
    except ValueError:
        return False


def _version_first(request: Request) -> int:
    return 426 if request.headers.get("Sec-WebSocket-Version") != "13" else request_status(request)


def _key_before_version(request: Request) -> int:
    other = _reading("Sec-WebSocket-Version", lambda _: "13")(request)
    return other if request_status(request) == 426 and other != 101 else request_status(request)


def _any_method(request: Request) -> int:
    return request_status(Request(request.target, request.headers, "GET", request.version))


def _any_version(request: Request) -> int:
    return request_status(Request(request.target, request.headers, request.method))


_OVERLOOKED = (
    ("method", "A handshake is a GET; another method earns 405 (§4.2.1, item 1).", _any_method),
    ("HTTP version", "HTTP/1.0 knows no Upgrade: it earns 400 (§4.2.1, item 1).", _any_version),
    (
        "Host",
        (
            "There is one (RFC 9112 §3.2), and it holds the server's name (§4.2.1, item 2). This library "
            "refuses an empty one, which HTTP by itself allows."
        ),
        _reading("Host", lambda _: "a.example"),
    ),
    ("Upgrade", "It must name websocket (§4.2.1, item 3).", _reading("Upgrade", lambda _: "websocket")),
    ("Connection", "It must name upgrade (§4.2.1, item 4).", _reading("Connection", lambda _: "Upgrade")),
    (
        "Sec-WebSocket-Version",
        "Another version than 13 earns an error such as 426 (§4.2.2, item 4); here none earns it, too.",
        _reading("Sec-WebSocket-Version", lambda _: "13"),
    ),
    (
        "Sec-WebSocket-Key",
        "It is there, and is base64 of 16 bytes (§4.2.1, item 5).",
        _reading("Sec-WebSocket-Key", lambda _: HANDSHAKE_KEY),
    ),
)

REQUEST_STATUS = Exercise(
    model=request_status,
    lesson=LESSON,
    section="RFC 6455 §4.2.1, §4.2.2",
    examples=REQUESTS,
    inputs=one_change,
    hints=(
        "One `if` for each item, in the order of the list, and `return 101` at the end.",
        (
            "`request.headers.get(name)` gives a value or an empty text, `.all(name)` a list of all values, "
            "`.tokens(name)` the elements of a list, in lower case."
        ),
        'Not a GET: 405. `.get("Sec-WebSocket-Version")` other than `"13"`: 426. All the rest: 400.',
        (
            "A key is right when `base64.b64decode(key, validate=True)` gives 16 bytes. When it is not "
            "base64, it raises `ValueError`."
        ),
        (
            '`if "upgrade" not in request.headers.tokens("Connection"): return 400`; so also for '
            '`"websocket"` in Upgrade; `len(request.headers.all("Host")) != 1` or an empty Host: 400.'
        ),
    ),
    misconceptions=(
        Misconception(
            "Connection compared whole",
            "You compared Connection as one word. It is a list that must name `upgrade`: Firefox sends "
            "`keep-alive, Upgrade` (§4.2.1, item 4).",
            _reading("Connection", lambda value: value if value.lower() == "upgrade" else "close"),
        ),
        Misconception(
            "Connection searched as text",
            "You searched Connection for the letters `upgrade`. `not-upgrade` holds them and is another "
            "word: look for it among the elements of the list (§4.2.1, item 4).",
            _reading("Connection", lambda value: "Upgrade" if "upgrade" in value.lower() else "close"),
        ),
        Misconception(
            "Upgrade compared whole",
            "You compared Upgrade as one word. It is a list as well: a client may name several protocols, "
            "such as `h2c, websocket` (RFC 9110 §7.8).",
            _reading("Upgrade", lambda value: value if value.lower() == "websocket" else "h2c"),
        ),
        Misconception(
            "Upgrade searched as text",
            "You searched Upgrade for the letters `websocket`. `not-websocket` holds them and is another "
            "protocol: look among the elements of the list (§4.2.1, item 3; RFC 9110 §7.8).",
            _reading("Upgrade", lambda value: "websocket" if "websocket" in value.lower() else "h2c"),
        ),
        Misconception(
            "Upgrade compared with its case",
            "You compared Upgrade letter by letter. Its value counts without regard to case: `WebSocket` is "
            "as good as `websocket` (§4.2.1, item 3).",
            _reading("Upgrade", lambda value: value if value in {"websocket", "h2c"} else "h2c"),
        ),
        Misconception(
            "the first Host alone",
            'You look at the first Host. There must be exactly one: `len(request.headers.all("Host")) == 1` '
            "(§4.2.1, item 2).",
            _reading("Host", lambda value: value),
        ),
        Misconception(
            "400 for a missing version",
            "You answer a missing version with 400. The RFC allows that, too (§4.2.1). Here it is 426, "
            "because that answer names the version to try (§4.4).",
            _missing_version,
        ),
        Misconception(
            "400 for another version",
            "You answer another version with 400. The RFC says: such as 426, Upgrade Required. That answer "
            "names the version that the server speaks (§4.2.2, item 4; §4.4).",
            _but({426: 400}),
        ),
        Misconception(
            "400 for another method",
            "You answer another method with 400. HTTP has a status that says so: 405, Method Not Allowed "
            "(RFC 9110 §15.5.6).",
            _but({405: 400}),
        ),
        Misconception(
            "24 characters",
            "You count the characters of the key. 24 of them may also be 18 bytes, or no base64 at all: "
            "decode it and count the bytes (§4.2.1, item 5). §4.2.2 lets a server off decoding; this one "
            "decodes.",
            _reading("Sec-WebSocket-Key", lambda value: HANDSHAKE_KEY if len(value) == 24 else ""),
        ),
        Misconception(
            "what is no base64 skipped",
            "Your decoder skips what is no base64, such as the `!` of `AAAA!AAAA`. `validate=True` makes it "
            "refuse that (§4.2.1, item 5).",
            _reading("Sec-WebSocket-Key", lambda value: HANDSHAKE_KEY if _decodes_to_16(value) else ""),
        ),
        Misconception(
            "the version as a number",
            'You find no version that is right: a header\'s value is text, so compare it with `"13"`.',
            _reading("Sec-WebSocket-Version", lambda _: "no number"),
        ),
        Misconception(
            "the version with its name",
            'You answer every GET with 400. Do you compare the version with `"HTTP/1.1"`? It is `"1.1"`.',
            lambda request: 405 if request.method != "GET" else 400,
        ),
        Misconception(
            "the version before the rest",
            "You look at Sec-WebSocket-Version first. Where two things are wrong, the first of the list "
            "counts: what is no GET earns 405, whatever its version.",
            _version_first,
        ),
        Misconception(
            "the key before the version",
            "You look at the key before the version. The RFC leaves the order open. Here the version comes "
            "first, because 426 tells the client what to try.",
            _key_before_version,
        ),
        Misconception(
            "any key",
            "You take any key that is there. It is base64 of 16 bytes (§4.2.1, item 5). §4.2.2 lets a server "
            "off decoding it; this one decodes.",
            _reading("Sec-WebSocket-Key", lambda value: HANDSHAKE_KEY if value else ""),
        ),
        *(
            Misconception(f"{name} passes", f"You do not refuse a wrong or missing {name}. {rule}", wrong)
            for name, rule, wrong in _OVERLOOKED
        ),
    ),
    see=(server_response, _check_request),
)
