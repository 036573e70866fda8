"""An update of Yjs, as bytes: what it adds and deletes, and what must be there before.

::

    update   uint writers, and of each: uint items, uint writer, uint number of the first, the items;
             uint writers, and of each: uint writer, uint ranges, and of each: uint number, uint length
    item     byte  0-4  what it is: 0 nothing any more, 1 deleted, 4 a text (others are not plain text)
                   5    it has a key: it belongs to a map
                   6    it was written in front of a character   (uint writer, uint number)
                   7    it was written behind a character        (uint writer, uint number)
             without 6 and 7: where it belongs, uint 1 and the name of a root, or uint 0 and a character
             then its text, as bytes, or its length
    state    uint writers, and of each: uint writer, uint number of its next character

Each character has a name, its writer and a number that counts up; a text is as many characters as
JavaScript counts. Where the characters beside it are known, one always finds its place.

The library takes an update whose predecessors are missing and waits for them. A server of strangers does
better: it reads an update before it merges it, and asks for what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wslearn.labs.apps.ysync import Malformed, Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROOT", "Run", "Update", "parse_state", "parse_update"]

ROOT = "text"  # the name of the text within the document
_MOST_NUMBER = 2**31
_GONE, _DELETED, _TEXT = 0, 1, 4


class Run(NamedTuple):
    """Some characters of one writer: from `start` up to `end`, which is none of them."""

    writer: int
    start: int
    end: int


class Update(NamedTuple):
    """What an update adds, what it deletes, and which characters it was written beside."""

    added: list[Run]
    deleted: list[Run]
    beside: list[Run]

    def follows(self, state: Mapping[int, int]) -> bool:
        """Tell whether all that comes before it is there.

        Parameters
        ----------
        state
            By writer: the number of its next character, as `parse_state` reads it.
        """
        known = dict(state)
        for writer, start, end in self.added:
            if start > known.get(writer, 0):
                return False
            known[writer] = max(end, known.get(writer, 0))
        return all(end <= known.get(writer, 0) for writer, _, end in (*self.deleted, *self.beside))


def parse_state(state: bytes) -> dict[int, int]:
    """Read a state vector.

    Raises
    ------
    Malformed
        When it is none.

    Examples
    --------
    >>> parse_state(bytes.fromhex("01 05 0b"))
    {5: 11}
    """
    reader = Reader(state)
    known = {reader.uint(): reader.uint() for _ in range(reader.uint())}
    if reader.more:
        raise Malformed("A state is longer than it says.")
    return known


def parse_update(update: bytes) -> Update:
    """Read an update of a plain text.

    Raises
    ------
    Malformed
        When it is none.

    Examples
    --------
    >>> update = parse_update(bytes.fromhex("01 01 05 05 84 05 04 06 20 77 6f 72 6c 64 00"))
    >>> update.added, update.beside
    ([Run(writer=5, start=5, end=11)], [Run(writer=5, start=4, end=5)])
    >>> update.follows({5: 5}), update.follows({5: 4})
    (True, False)
    """
    reader, read = Reader(update), Update([], [], [])
    for _ in range(reader.uint()):
        items, writer, start = reader.uint(), reader.uint(), reader.uint()
        end = start
        for _ in range(items):
            end += _item(reader, read.beside)
        read.added.append(_run(writer, start, end - start))
    for _ in range(reader.uint()):
        writer = reader.uint()
        read.deleted.extend(_run(writer, reader.uint(), reader.uint()) for _ in range(reader.uint()))
    if reader.more:
        raise Malformed("An update is longer than it says.")
    return read


def _item(reader: Reader, beside: list[Run]) -> int:
    """Read an item; give its length."""
    info = reader.byte()
    what = info & 31
    if info & 32 or what not in {_GONE, _DELETED, _TEXT}:
        raise Malformed("Only plain text is written here.")
    if what == _GONE:
        return reader.uint()
    beside.extend(_run(reader.uint(), reader.uint(), 1) for bit in (128, 64) if info & bit)
    if info < 64 and (reader.uint() != 1 or reader.text() != ROOT):
        raise Malformed(f'Only the text called "{ROOT}" is written here.')
    if what == _DELETED:
        return reader.uint()
    text = reader.text()
    if not text or "\r" in text:
        raise Malformed('Lines end in "\\n" here.')
    return len(text.encode("utf-16-le")) // 2


def _run(writer: int, start: int, length: int) -> Run:
    if start + length > _MOST_NUMBER:
        raise Malformed("Nobody writes so much.")
    return Run(writer, start, start + length)
