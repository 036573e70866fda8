"""What a client says: build_request (RFC 6455 §4.1)."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception
from wslearn.handshake import client_request
from wslearn.http import Headers
from wslearn.vectors import HANDSHAKE_KEY

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["BUILD_REQUEST"]

LESSON = "02_handshake"


def build_request(host: str, resource: str, key: str) -> bytes:
    r"""Write the client's opening handshake (RFC 6455 §4.1).

    Parameters
    ----------
    host
        The value of the Host header.
    resource
        The path and query of the URL.
    key
        Base64 of 16 random bytes.

    Examples
    --------
    >>> build_request("example.org", "/chat", "dGhlIHNhbXBsZSBub25jZQ==").splitlines()[0]
    b'GET /chat HTTP/1.1'
    """
    return client_request(f"ws://{host}{resource}", key=key).serialize()


def _requests() -> SearchStrategy[tuple[str, str, str]]:
    from hypothesis import strategies as st

    hosts = st.sampled_from(("a.example", "server.example.com", "127.0.0.1:8765"))
    resources = st.sampled_from(("/", "/chat", "/chat?room=1", "/a/b"))
    keys = st.binary(min_size=16, max_size=16).map(lambda key: base64.b64encode(key).decode())
    return st.tuples(hosts, resources, keys)


_OPTIONAL = {"origin", "user-agent"}  # may be there, too (§4.1, items 8 and 12)


def _as_here(data: Any, host: str, resource: str, key: str) -> str:
    """Bring fields into the model's order, and those that say the same into its words.

    The order is free, and so are the case of names and keywords and the blanks around a value; Connection
    may name more than Upgrade. All else stays as it was written, so that a student knows it again.
    """
    if data is None:
        raise TypeError
    head = build_request(host, resource, key).decode().splitlines()[1:-1]
    text = f"{type(data).__name__}, not bytes: {data}"
    if isinstance(data, bytes):
        text = data.decode("latin-1")
    start = len(text) - len(text.lstrip("\r\n"))
    first, *lines = text[start:].splitlines(keepends=True) or [""]
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    fields = [line for line in lines[:end] if _name(line) not in _OPTIONAL]
    open_end = bool(fields) and not fields[-1].endswith("\n")
    if open_end:
        fields[-1] += "\r\n"
    names = [_name(line) for line in head]
    places = {name: at for at, name in enumerate(names)}
    fields.sort(key=lambda line: places.get(_name(line), len(head)))
    spelled = "".join(_spelled(line, dict(zip(names, head, strict=True))) for line in fields)
    return text[:start] + first + spelled.removesuffix("\r\n" * open_end) + "".join(lines[end:])


def _name(line: str) -> str:
    """Give a field's name, also where its colon is missing or has a blank in front."""
    return line.lower().replace(":", " ").partition(" ")[0]


def _spelled(line: str, head: dict[str, str]) -> str:
    """Write a field as the model does where it says the same."""
    field = line.rstrip("\r\n")
    name, _, value = field.partition(":")
    asked = head.get(name.lower(), "").partition(": ")[2]
    said = value.strip(" \t")
    same = said == asked
    if name.lower() == "upgrade":
        same = said.lower() == "websocket"
    if name.lower() == "connection":
        same = "upgrade" in Headers([("Connection", said)]).tokens("Connection")
    return (head[name.lower()] if asked and same else field) + line[len(field) :]


def _with_line_feeds(host: str, resource: str, key: str) -> bytes:
    return build_request(host, resource, key).replace(b"\r\n", b"\n")


def _without(name: bytes, host: str, resource: str, key: str) -> bytes:
    lines = build_request(host, resource, key).split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(name + b":"))


def _whole_url(host: str, resource: str, key: str) -> bytes:
    return build_request(host, resource, key).replace(b"GET ", f"GET ws://{host}".encode(), 1)


_NEEDED = (
    ("Host", "It says which of the names that live on this port is meant (§4.1, item 4)."),
    ("Upgrade", "It says which protocol is asked for: websocket (§4.1, item 5)."),
    ("Sec-WebSocket-Key", "Without it the server has nothing to answer to (§4.1, item 7)."),
)

BUILD_REQUEST = Exercise(
    model=build_request,
    lesson=LESSON,
    section="RFC 6455 §4.1",
    examples=(
        ("a.example", "/", HANDSHAKE_KEY),
        ("server.example.com", "/chat", HANDSHAKE_KEY),
        ("127.0.0.1:8765", "/chat?room=1", HANDSHAKE_KEY),
    ),
    inputs=_requests,
    normal=_as_here,
    hints=(
        "One request line, five headers, one empty line. The order of the headers is free.",
        "Every line ends with `\\r\\n`, the empty one too: so the whole ends with `\\r\\n\\r\\n`.",
        "The headers: Host, Upgrade, Connection, Sec-WebSocket-Key, Sec-WebSocket-Version.",
        'Make a list of lines, then `("\\r\\n".join(lines) + "\\r\\n\\r\\n").encode()`.',
        (
            '`[f"GET {resource} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade", '
            'f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]`'
        ),
    ),
    misconceptions=(
        Misconception(
            "line feeds",
            "You ended the lines with `\\n`. In HTTP a line ends with `\\r\\n` (RFC 9112 §2.1).",
            _with_line_feeds,
        ),
        Misconception(
            "no empty line",
            "You left out the empty line at the end. It says that the head is over; until it comes, the "
            "server waits for more headers (RFC 9112 §2.1).",
            lambda host, resource, key: build_request(host, resource, key)[:-2],
        ),
        Misconception(
            "the last line not ended",
            "Your last header does not end, and no empty line follows. Each line ends with `\\r\\n`, and an "
            "empty one says that the head is over (RFC 9112 §2.1).",
            lambda host, resource, key: build_request(host, resource, key)[:-4],
        ),
        Misconception(
            "an empty line in front",
            "Your request begins with an empty line, as a text in three quotes does that begins in the next "
            "line. The request line comes first (RFC 9112 §2.2).",
            lambda host, resource, key: b"\r\n" + build_request(host, resource, key),
        ),
        Misconception(
            "text, not bytes",
            "You return text. A socket carries bytes: `.encode()` it.",
            lambda host, resource, key: build_request(host, resource, key).decode(),
        ),
        *(
            Misconception(f"no {name}", f"You left out `{name}`. {rule}", partial(_without, name.encode()))
            for name, rule in _NEEDED
        ),
        Misconception(
            "no Connection",
            "You left out `Connection: Upgrade`. Upgrade counts for this one connection, and a sender says "
            "so by naming it in Connection (§4.1, item 6; RFC 9110 §7.8).",
            partial(_without, b"Connection"),
        ),
        Misconception(
            "no version",
            "You left out `Sec-WebSocket-Version: 13`. Without it a server refuses, with 400 or 426 (§4.1, "
            "item 9; §4.2.1).",
            partial(_without, b"Sec-WebSocket-Version"),
        ),
        Misconception(
            "HTTP/1.0",
            "You wrote HTTP/1.0. It knows no Upgrade: the version is at least 1.1 (§4.1, item 2).",
            lambda host, resource, key: build_request(host, resource, key).replace(b"HTTP/1.1", b"HTTP/1.0"),
        ),
        Misconception(
            "the URL as the target",
            "You put the `ws:` URL into the request line. There stand the path and the query, or, seldom, a "
            "whole `http:` URL. The host has a header of its own (§4.1, items 3 and 4).",
            _whole_url,
        ),
    ),
    see=(client_request,),
)
