"""Handshakes to begin with: good ones, and every vector of `wslearn.vectors` that can be typed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from wslearn.vectors import BAD_REQUESTS, BAD_RESPONSES, GOOD_REQUEST, HANDSHAKE_KEY

__all__ = ["BROWSER", "Handshake", "handshake_groups", "handshakes", "read_lines", "write_lines"]

# What a Chromium of these days sends, with the key of §1.3.
BROWSER = (
    "GET /echo HTTP/1.1\r\n"
    "Host: 127.0.0.1:8765\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36\r\n"
    "Upgrade: websocket\r\n"
    "Origin: http://localhost:8888\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en\r\n"
    f"Sec-WebSocket-Key: {HANDSHAKE_KEY}\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    "\r\n"
).encode("ascii")
_FIELDS, _SIZE = 20, 2048  # that can be edited with comfort; the latter in bytes
_SUBPROTOCOLS = GOOD_REQUEST[:-2] + b"Sec-WebSocket-Protocol: chat, superchat\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Handshake:
    """A request, what the server lets in and speaks, and an answer to be given instead of the right one.

    Parameters
    ----------
    group, name
        What a list shows.
    request
        The client's head.
    origins, subprotocols
        Separated by commas; no origins stand for every page.
    answer
        Empty where the server answers as it should.

    Examples
    --------
    >>> handshakes()["no Host"].group
    'requests that are refused'
    """

    group: str
    name: str
    request: bytes
    origins: str = ""
    subprotocols: str = ""
    answer: bytes = b""


def _can_be_typed(head: bytes) -> bool:
    first, fields = read_lines(head)
    typed = "".join([first, *(name + value for name, value in fields)])
    return (
        typed.isprintable()
        and len(typed) < _SIZE
        and len(fields) <= _FIELDS
        and write_lines(first, fields) == head
    )


@cache
def handshakes() -> dict[str, Handshake]:
    """Give all handshakes by a key that does not change.

    Examples
    --------
    >>> handshakes()["answer: no Upgrade"].request == GOOD_REQUEST
    True
    """
    good = "requests that are accepted"
    found = {
        "§1.3": Handshake(good, "RFC 6455 §1.3", GOOD_REQUEST),
        "browser": Handshake(good, "a browser's", BROWSER, origins="http://localhost:*"),
        "subprotocols": Handshake(good, "two subprotocols", _SUBPROTOCOLS, subprotocols="superchat"),
    }
    for bad in BAD_REQUESTS:
        if _can_be_typed(bad.data):
            origins = ", ".join(bad.origins or ())
            found[bad.name] = Handshake("requests that are refused", bad.name, bad.data, origins)
    for answer in BAD_RESPONSES:
        found[f"answer: {answer.name}"] = Handshake(
            "answers that a client refuses", answer.name, GOOD_REQUEST, answer=answer.data
        )
    return found


def handshake_groups() -> list[dict[str, Any]]:
    """List all handshakes for a page: groups of keys and names.

    Examples
    --------
    >>> handshake_groups()[0]["presets"][0]
    ['§1.3', 'RFC 6455 §1.3']
    """
    groups: dict[str, list[list[str]]] = {}
    for key, each in handshakes().items():
        groups.setdefault(each.group, []).append([key, each.name])
    return [{"group": group, "presets": presets} for group, presets in groups.items()]


def read_lines(head: bytes) -> tuple[str, list[list[str]]]:
    r"""Take a head apart into its first line and pairs of name and value, to be edited.

    Examples
    --------
    >>> read_lines(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    ('GET / HTTP/1.1', [['Host', 'a']])
    """
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    parted = [each.partition(":") for each in lines]
    return first, [[name, value.strip(" \t")] for name, _, value in parted]


def write_lines(first: str, fields: list[list[str]]) -> bytes:
    r"""Write a head. Pairs that are empty are left out: they are still being typed.

    Examples
    --------
    >>> write_lines("GET / HTTP/1.1", [["Host", "a"], ["", ""]])
    b'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    """
    lines = [first, *(f"{name}: {value}" for name, value in fields if name or value), "", ""]
    return "\r\n".join(lines).encode("utf-8", "replace")
