"""Who writes in a document, on this node: what waits for each of them, and where all of them are."""

from __future__ import annotations

from asyncio import Event
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import TYPE_CHECKING

from pycrdt import merge_updates

from wslearn.labs.apps.document import MOST, Document
from wslearn.labs.apps.ysync import ASK, Cursor, Step, cursors, parse, parse_cursors, sync
from wslearn.labs.backplane import Unreachable
from wslearn.labs.once import Once

if TYPE_CHECKING:
    from wslearn.labs.backplane import Backplane

__all__ = ["Writer", "Writers"]


class Writers:
    """All who write in one document on this node; where they write travels to the other nodes as words.

    Parameters
    ----------
    plane
        What the nodes share.
    name
        That of the document's log, and of the words about it.
    """

    def __init__(self, plane: Backplane, name: str) -> None:
        self._plane = plane
        self._name = name
        self._here: set[Writer] = set()
        self._hear = Once(lambda: plane.hear(name, self._on_word))
        self.document = Document(plane, name, self._on_update)

    async def join(self, writer: Writer) -> None:
        """Let a writer have all that is new from now on, and know where the others are."""
        await self._hear()
        await self.document.open()
        self._here.add(writer)
        await self.tell(ASK)

    async def leave(self, writer: Writer) -> None:
        """Let a writer have no more, and tell the others that it is gone."""
        self._here.discard(writer)
        if writer.cursor:
            await self.tell(cursors(writer.cursor._replace(state=None)))

    async def tell(self, message: bytes) -> None:
        """Say something to the writers on all nodes, where they can be reached."""
        with suppress(Unreachable):
            await self._plane.tell(self._name, b64encode(message).decode())

    def _on_update(self, update: bytes) -> None:
        for writer in self._here:
            writer.updates.append(update)
            if sum(map(len, writer.updates)) > MOST:
                writer.updates = [self.document.missing(b"\0")]
            writer.news.set()

    def _on_word(self, word: str) -> None:
        message = b64decode(word)
        moved = {} if message == ASK else {who.client: who for who in parse_cursors(parse(message)[2])}
        for writer in self._here:
            writer.asked |= message == ASK
            writer.cursors |= moved
            writer.news.set()


class Writer:
    """What waits for one writer: at most the whole document, and the last place of each of the others."""

    def __init__(self) -> None:
        self.updates: list[bytes] = []
        self.cursors: dict[int, Cursor] = {}
        self.cursor: Cursor | None = None  # its own
        self.asked = False  # where that is
        self.news = Event()

    def take(self) -> tuple[list[bytes], bytes]:
        """Take what waits.

        Returns
        -------
        list of bytes and bytes
            The messages for the writer, and one for all the others, where they asked; else nothing.
        """
        self.news.clear()
        messages = [sync(Step.UPDATE, merge_updates(*self.updates))] if self.updates else []
        if self.cursors:
            messages.append(cursors(*self.cursors.values()))
        answer = cursors(self.cursor) if self.cursor and self.asked else b""
        self.updates, self.cursors, self.asked = [], {}, False
        return messages, answer
