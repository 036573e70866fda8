"""Editor: everybody writes in one text, also while they are cut off, and all copies come out the same.

The pattern is *merging*. Nobody waits for a lock or for the server: a page changes its own copy at once,
and sends what it did. The copies are a CRDT (see `document`), so updates may come late, twice, or in
another order. A connection begins with both sides saying what they have, and each sends what the other
lacks: a page that comes back needs no numbers, and loses nothing that it wrote while it was away.

It speaks the protocol of Yjs (see `ysync`), so that any client of Yjs can take part::

    ws://…/editor?doc=poem
    ← this is what I have        page → all that you lack
    page → this is what I have   ← all that you lack
    page → something new         ← something new, of everybody
    page → my cursor             ← the cursors of everybody

A page asks "this is what I have" behind what it wrote, too: the answer says that all before it is in the
log. What is confirmed is never lost; a page that is closed before takes the rest with it. Cursors are
words: the last one counts, and who is gone has none. For a page that reads slowly, all that waits is
merged into one update, never more than the document.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from wslearn.errors import ConnectionClosed
from wslearn.labs.apps.document import MOST, Full
from wslearn.labs.apps.page import Refused, page
from wslearn.labs.apps.writers import Writer, Writers
from wslearn.labs.apps.ysync import ASK, Kind, Malformed, Step, cursors, parse, parse_cursors, sync
from wslearn.labs.backplane import Backplane, Local
from wslearn.net.limits import Limits

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["Editor", "editor"]

_NAME = re.compile(r"[a-z0-9-]{1,20}")
_MOST_DOCUMENTS = 100


class Editor:
    """The documents of one node; see `editor`."""

    __name__ = "editor"  # its path
    pages = page("editor", "ylive.js", "yjs.js")
    limits = Limits(max_message_size=MOST + 16, max_message_rate=50, max_message_burst=200)

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._documents: dict[str, Writers] = {}

    async def aclose(self) -> None:
        """Let go of the documents and the backplane."""
        self._documents.clear()
        await self._backplane.close()

    async def __call__(self, ws: WebSocket) -> None:
        """Serve one page."""
        try:
            await self._serve(ws, self._writers(ws.request.target.partition("?")[2]))
        except Refused as why:
            await ws.close(1008, str(why))
        except Full as why:
            await ws.close(1009, str(why))
        except Malformed as why:
            await ws.close(1007, str(why))

    def _writers(self, query: str) -> Writers:
        name, *more = parse_qs(query, keep_blank_values=True).get("doc", ["notes"])
        if more:
            raise Refused("One connection is for one document: name it once.")
        if not _NAME.fullmatch(name):
            raise Refused("A document is called by 1 to 20 small letters, digits and hyphens.")
        if name not in self._documents and len(self._documents) >= _MOST_DOCUMENTS:
            raise Refused(f"There are {_MOST_DOCUMENTS} documents already. Take one of them.")
        return self._documents.setdefault(name, Writers(self._backplane, f"editor-{name}"))

    async def _serve(self, ws: WebSocket, writers: Writers) -> None:
        writer = Writer()
        await writers.join(writer)
        sending = asyncio.create_task(self._send(ws, writers, writer))
        try:
            await ws.send(sync(Step.STATE, writers.document.state))
            async for message in ws:
                await self._take(ws, writers, writer, message)
        finally:
            sending.cancel()
            await writers.leave(writer)

    @staticmethod
    async def _send(ws: WebSocket, writers: Writers, writer: Writer) -> None:
        """Send what is new, at the speed at which the page reads."""
        with suppress(ConnectionClosed):
            while await writer.news.wait():
                messages, answer = writer.take()
                if answer:
                    await writers.tell(answer)
                for message in messages:
                    await ws.send(message)

    @staticmethod
    async def _take(ws: WebSocket, writers: Writers, writer: Writer, message: str | bytes) -> None:
        if isinstance(message, str):
            raise Refused("The messages of y-protocols are binary ones.")
        kind, step, payload = parse(message)
        if kind is Kind.QUERY:
            await writers.tell(ASK)
        elif kind is Kind.AWARENESS:
            before = writer.cursor
            for told in parse_cursors(payload):
                # A client of Yjs repeats what it heard of the others, too: that is left out.
                if writer.cursor is None or told.client == writer.cursor.client:
                    writer.cursor = told
            if writer.cursor is not None and writer.cursor is not before:  # the last one counts
                await writers.tell(cursors(writer.cursor))
        elif step is Step.STATE:
            await ws.send(sync(Step.ANSWER, writers.document.missing(payload)))
        elif not await writers.document.merge(payload):  # it stands behind something that is not here
            await ws.send(sync(Step.STATE, writers.document.state))


def editor(backplane: Backplane | None = None) -> Editor:
    """Give the application, for `wslearn.net.serve`.

    Parameters
    ----------
    backplane
        What this node shares with others; nothing unless said otherwise.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve(app=editor()) as server:
    ...     server.url.endswith("/editor")
    True
    """
    return Editor(backplane or Local())
