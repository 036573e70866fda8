"""What Yjs speaks over a WebSocket: the messages of `y-protocols`, as bytes, and back.

::

    uint     7 bits a byte, the lowest first; the high bit says that another byte follows
    bytes    uint length, and so many bytes

    0  0  bytes state       SYNC, "this is what I have": for each writer, how far
    0  1  bytes update      SYNC, the answer: all that you lack
    0  2  bytes update      SYNC, something new
    1     bytes cursors     AWARENESS: uint count, and of each a uint client, a uint clock, bytes of JSON
    3                       QUERY: tell me all cursors

Two copies that exchange the first two are equal, whatever happened to each of them before. That is why
an editor need not number its messages, and may lose a connection at any moment.
"""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any, NamedTuple

__all__ = [
    "ASK",
    "Cursor",
    "Kind",
    "Malformed",
    "Reader",
    "Step",
    "cursors",
    "parse",
    "parse_cursors",
    "sync",
]

ASK = b"\x03"
_MOST_CURSOR = 1000  # characters of JSON
_MOST_CURSORS = 1000  # in one message
_MOST_BITS = 53  # of a number: a page fails on one that JavaScript does not have


class Malformed(Exception):
    """Bytes that are no message."""


class Reader:
    r"""Reads what Yjs writes, from the first byte to the last.

    Examples
    --------
    >>> reader = Reader(bytes.fromhex("ac 02 01 ff"))
    >>> reader.uint(), reader.bytes(), reader.more
    (300, b'\xff', False)
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def more(self) -> bool:
        """Whether there is more to read."""
        return self._at < len(self._data)

    def byte(self) -> int:
        """Read a byte."""
        if not self.more:
            raise Malformed("It is shorter than it says.")
        self._at += 1
        return self._data[self._at - 1]

    def uint(self) -> int:
        """Read a number."""
        number = shift = 0
        while shift < _MOST_BITS:
            byte = self.byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128 and not number >> _MOST_BITS:
                return number
        raise Malformed("A number is too large.")

    def bytes(self) -> bytes:
        """Read bytes, behind their length."""
        size = self.uint()
        if self._at + size > len(self._data):
            raise Malformed("It is shorter than it says.")
        self._at += size
        return self._data[self._at - size : self._at]

    def text(self) -> str:
        """Read a text."""
        try:
            return self.bytes().decode()
        except UnicodeDecodeError:
            raise Malformed("A text is no UTF-8.") from None


class Kind(IntEnum):
    """What a message is about."""

    SYNC = 0
    AWARENESS = 1
    QUERY = 3


class Step(IntEnum):
    """What a message of the kind SYNC says."""

    STATE = 0
    ANSWER = 1
    UPDATE = 2


class Cursor(NamedTuple):
    """Where somebody writes, and under which name; of two, that with the larger clock counts."""

    client: int
    clock: int
    state: dict[str, Any] | None  # None: they are gone


def sync(step: Step, payload: bytes) -> bytes:
    """Give a message of the kind SYNC.

    Examples
    --------
    >>> sync(Step.STATE, bytes([0])).hex(" ")
    '00 00 01 00'
    """
    return bytes((Kind.SYNC, step)) + _bytes(payload)


def cursors(*each: Cursor) -> bytes:
    """Give a message of the kind AWARENESS.

    Examples
    --------
    >>> cursors(Cursor(client=300, clock=1, state={})).hex(" ")
    '01 07 01 ac 02 01 02 7b 7d'
    """
    entries = (_uint(who.client) + _uint(who.clock) + _bytes(json.dumps(who.state).encode()) for who in each)
    return bytes([Kind.AWARENESS]) + _bytes(_uint(len(each)) + b"".join(entries))


def parse(message: bytes) -> tuple[Kind, Step | None, bytes]:
    r"""Take a message apart: its kind, the step of a SYNC, and what it carries.

    Raises
    ------
    Malformed
        When it is none.

    Examples
    --------
    >>> parse(bytes.fromhex("00 02 02 ff 00"))
    (<Kind.SYNC: 0>, <Step.UPDATE: 2>, b'\xff\x00')
    """
    reader, step, payload = Reader(message), None, b""
    try:
        kind = Kind(reader.uint())
        if kind is Kind.SYNC:
            step = Step(reader.uint())
    except ValueError:
        raise Malformed(f"This is no message of y-protocols: {message[:8].hex(' ')}") from None
    if kind is not Kind.QUERY:
        payload = reader.bytes()
    if reader.more:
        raise Malformed("It is longer than it says.")
    return kind, step, payload


def parse_cursors(payload: bytes) -> list[Cursor]:
    """Read what a message of the kind AWARENESS carries.

    Raises
    ------
    Malformed
        When that is something else, or more than 1,000 cursors, or one of more than 1,000 characters.

    Examples
    --------
    >>> parse_cursors(bytes.fromhex("01 ac 02 01 04") + b"null")
    [Cursor(client=300, clock=1, state=None)]
    """
    reader = Reader(payload)
    count, found = reader.uint(), list[Cursor]()
    if count > _MOST_CURSORS:
        raise Malformed(f"A message has at most {_MOST_CURSORS} cursors, not {count}.")
    while reader.more and len(found) < count:
        found.append(Cursor(reader.uint(), reader.uint(), _state(reader.text())))
    if reader.more or len(found) != count:
        raise Malformed(f"It counts {count} cursors, and has {'more' if reader.more else len(found)}.")
    return found


def _state(text: str) -> dict[str, Any] | None:
    if len(text) > _MOST_CURSOR:
        raise Malformed(f"A cursor says at most {_MOST_CURSOR} characters.")
    try:
        state = json.loads(text)
        json.dumps(state, allow_nan=False)  # Python reads NaN, a browser does not
    except (ValueError, RecursionError):
        state = ...
    if state is None or isinstance(state, dict):
        return state
    raise Malformed("A cursor is a JSON object, or null.")


def _uint(number: int) -> bytes:
    low = []
    while number > 127:
        low.append(number & 127 | 128)
        number >>= 7
    return bytes([*low, number])


def _bytes(data: bytes) -> bytes:
    return _uint(len(data)) + data
