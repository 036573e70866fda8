"""A text that many write at once: a CRDT (`pycrdt`, which is Yjs's algorithm) on a log.

Each insertion has a name, writer and number, and says which characters it stands between; a deletion says
whose characters are gone. So updates can be merged in any order, twice, or years later, and every copy
that has the same updates shows the same text. That is all a server needs to know: it checks an update,
puts it into the log, and hands on what is new.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from pycrdt import Doc, Text

from wslearn.labs.apps.ysync import Malformed
from wslearn.labs.apps.yupdate import ROOT, parse_state, parse_update
from wslearn.labs.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.labs.backplane import Backplane

    Copy = Doc[Any]

__all__ = ["MOST", "WHOLE_EVERY", "Document", "Full"]

MOST = 256 * 1024  # bytes of a document as an update: the text, and the names of all that was ever written
WHOLE_EVERY = 200  # events; a log keeps 1,000 of them


class Full(Exception):
    """An update that would make the document too large; the text is for a person."""


class Document:
    """A node's copy of a text.

    What a writer sends is merged into a second copy first, for a CRDT takes nothing back: if it does no
    good there, that copy is thrown away. What was new in it goes to the log, and from the log into this
    copy, on every node. A log forgets its oldest events; so whoever puts in the 200th, 400th, … puts the
    whole text in behind it: what is left of the log is always enough to begin with.

    Parameters
    ----------
    plane, log
        Where the updates are.
    on_update
        Is called with all that is new.

    Examples
    --------
    >>> from wslearn.labs.backplane import Local
    >>> async def two_nodes():
    ...     plane = Local()
    ...     here, there = (Document(plane, "poem", lambda update: None) for _ in range(2))
    ...     await here.open()
    ...     await there.open()
    ...     writer = Doc({"text": Text("Hello")})
    ...     await here.merge(writer.get_update())
    ...     return there.text
    >>> asyncio.run(two_nodes())
    'Hello'
    """

    def __init__(self, plane: Backplane, log: str, on_update: Callable[[bytes], None]) -> None:
        self._plane = plane
        self._log = log
        self._on_update = on_update
        self._copy, self._trial = _copy_of(), _copy_of()
        self._last = 0  # the last event's number
        self._held: list[bytes] | None = None  # of a log that begins in the middle, until the whole comes
        self._news = asyncio.Event()
        self._coming = 0  # updates that were merged here, and are on their way into the log
        self._open = Once(lambda: plane.follow(log, self._on_event))

    async def open(self) -> None:
        """Merge what the log keeps, and from then on what comes."""
        await self._open()

    @property
    def text(self) -> str:
        """What is written."""
        return str(self._copy.get(ROOT, type=Text))

    @property
    def state(self) -> bytes:
        """What is known of each writer: the state vector."""
        return self._copy.get_state()

    def missing(self, state: bytes) -> bytes:
        """Give all that a copy of this state lacks, as one update.

        Raises
        ------
        Malformed
            When that is no state.
        """
        parse_state(state)
        return self._copy.get_update(state)

    async def merge(self, update: bytes) -> bool:
        """Merge what a writer sent; when this returns, it is in the log and in this copy.

        Returns
        -------
        bool
            ``False`` when it stands behind something that is not here, and nothing was done.

        Raises
        ------
        Malformed
            When it is no update, or one of something else than plain text.
        Full
            When there is no room.
        """
        if not parse_update(update).follows(parse_state(self.state)):
            return False
        try:
            new = _merge(self._trial, update)
            if len(self._trial.get_update()) > MOST:
                raise Full(f"The document is full: {MOST // 1024} KiB, with all that was ever written.")
            if self._coming:  # what is on its way may not arrive: what this copy lacks is new, too
                new = _merge(_copy_of(self._copy), update)
            number = await self._append("part", new) if new else 0
        except BaseException:
            self._trial = _copy_of(self._copy)
            raise
        if number and number % WHOLE_EVERY == 0:
            await self._append("whole", self._copy.get_update())
        return True

    async def _append(self, kind: str, update: bytes) -> int:
        self._coming += 1
        try:
            number = await self._plane.append(self._log, f"{kind} {b64encode(update).decode()}")
        finally:
            self._coming -= 1
        while self._last < number:
            self._news.clear()
            await self._news.wait()
        return number

    def _on_event(self, number: int, event: str) -> None:
        kind, _, text = event.partition(" ")
        update = b64decode(text)
        if self._last == 0 and number > 1:
            self._held = []
        if self._held is None:
            self._take(update)
        elif kind == "part":
            self._held.append(update)
        else:
            held, self._held = self._held, None
            for each in (update, *held):
                self._take(each)
        self._last = number
        self._news.set()

    def _take(self, update: bytes) -> None:
        new = _merge(self._copy, update)
        if _merge(self._trial, update) not in {b"", new}:
            self._trial = _copy_of(self._copy)
        if new:
            self._on_update(new)


def _copy_of(copy: Copy | None = None) -> Copy:
    doc: Copy = Doc({ROOT: Text()})
    if copy is not None:
        doc.apply_update(copy.get_update())
    return doc


def _merge(copy: Copy, update: bytes) -> bytes:
    """Merge an update, and give what was new in it, as an update; nothing, when nothing was."""
    new: list[bytes] = []
    watch = copy.observe(lambda event: new.append(event.update))
    try:
        copy.apply_update(update)
    except (ValueError, RuntimeError):
        raise Malformed("This is no update of a document.") from None
    except BaseException as error:
        # Some bytes make the library behind pycrdt panic, which is no `Exception` and cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise Malformed("This is no update of a document.") from None
    finally:
        copy.unobserve(watch)
    return b"".join(new)
