"""A writer with a copy of its own, as a page of the editor has one, for tests without a browser."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import Any, Self

from pycrdt import Doc, Text, TransactionEvent, write_var_uint

from tests.labs.living import Live
from tests.net.on_loop import until
from wslearn import ConnectionClosed
from wslearn.labs.apps.ysync import Cursor, Kind, Step, parse, parse_cursors, sync
from wslearn.labs.cluster import Cluster
from wslearn.net import Server, WebSocket, connect


class Pen:
    """A copy of a document, and what was written in it and not fetched yet."""

    def __init__(self, client: int | None = None) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self._text = self.doc.get("text", type=Text)
        self._updates: list[bytes] = []
        self._watch = self.doc.observe(self._keep)
        self._merging = False

    def _keep(self, event: TransactionEvent) -> None:
        if not self._merging:
            self._updates.append(event.update)

    @property
    def text(self) -> str:
        return str(self._text)

    def write(self, text: str, at: int | None = None) -> bytes:
        """Insert, at the end unless said otherwise, and give the update."""
        self._text.insert(len(self._text) if at is None else at, text)
        return self.fetch()[-1]

    def erase(self, start: int, end: int) -> bytes:
        """Delete, and give the update."""
        del self._text[start:end]
        return self.fetch()[-1]

    def scribble(self, dice: random.Random) -> bytes:
        """Do something, and give the update."""
        size = len(self._text)
        if size > 20 and dice.random() < 0.4:
            start = dice.randrange(size - 3)
            return self.erase(start, start + dice.randrange(1, 4))
        return self.write(dice.choice("abc \n") * dice.randrange(1, 4), dice.randrange(size + 1))

    def merge(self, update: bytes) -> None:
        """Take what another one wrote."""
        self._merging = True
        try:
            self.doc.apply_update(update)
        finally:
            self._merging = False

    def fetch(self) -> list[bytes]:
        """Give the updates since the last time."""
        updates, self._updates = self._updates, []
        return updates


class Client(Pen):
    """A pen on a connection: it speaks as a client of Yjs does."""

    def __init__(self, client: int | None = None) -> None:
        super().__init__(client)
        self.ws: WebSocket
        self.answers = 0  # how often the server has answered what it has
        self.others: dict[int, Cursor] = {}
        self._listening: asyncio.Task[None]

    async def connect(self, server: Server, doc: str = "poem") -> Self:
        self.ws = await connect(f"{server.url}?doc={doc}")
        self._listening = asyncio.create_task(self._listen())
        await self.ask()
        return self

    async def ask(self) -> None:
        """Say what is here: the answer comes behind all that was sent before."""
        await self.ws.send(sync(Step.STATE, self.doc.get_state()))

    async def _listen(self) -> None:
        async for message in self.ws:
            await self.take(message)

    async def take(self, message: str | bytes) -> None:
        """Deal with what the server says."""
        assert isinstance(message, bytes)
        kind, step, payload = parse(message)
        if kind is Kind.AWARENESS:
            self.others |= {each.client: each for each in parse_cursors(payload)}
        elif step is Step.STATE:
            await self.ws.send(sync(Step.ANSWER, self.doc.get_update(payload)))
        else:
            self.merge(payload)
            self.answers += step is Step.ANSWER

    async def put(self, text: str, at: int | None = None) -> None:
        await self.ws.send(sync(Step.UPDATE, self.write(text, at)))

    async def confirmed(self) -> None:
        """Wait until all that was written is in the log."""
        wanted = self.answers + 1
        await self.ask()
        await until(lambda: self.answers >= wanted)

    async def leave(self) -> None:
        self.ws.abort()
        await self._listening


async def same(*clients: Client) -> str:
    """Wait until all have the same text that each of them wrote, and give it."""
    for each in clients:
        await each.confirmed()
    async with asyncio.timeout(5):
        await until(lambda: len({each.text for each in clients}) == 1)
    return clients[0].text


class Scribe(Live):
    """A client that comes back."""

    def __init__(self, c: Cluster) -> None:
        super().__init__(f"{c.url_of('/editor')}?doc=poem")
        self.client = Client()

    async def opened(self, ws: WebSocket) -> None:
        self.client.ws = ws
        await self.client.ask()

    async def take(self, message: str | bytes) -> None:
        await self.client.take(message)

    async def write(self, text: str, at: int | None) -> None:
        update = self.client.write(text, at)
        with suppress(ConnectionClosed):
            await self.client.ws.send(sync(Step.UPDATE, update))
            await self.client.ask()


class Scribbling:
    """Three who write: all words are there once, in all copies."""

    def __init__(self, c: Cluster) -> None:
        self.lives = [Scribe(c) for _ in range(3)]
        self.written: list[str] = []
        self.dice = random.Random(6)

    async def speak(self) -> None:
        self.written.append(f"[{len(self.written)}]")
        await self.dice.choice(self.lives).write(self.written[-1], self.dice.choice([None, 0]))

    async def arrived(self) -> bool:
        texts = {scribe.client.text for scribe in self.lives}
        return len(texts) == 1 and all(word in texts.copy().pop() for word in self.written)

    def compare(self) -> None:
        text = self.lives[0].client.text
        assert all(text.count(word) == 1 for word in self.written)
        assert len(text) == sum(map(len, self.written))


def item(reference: int, content: bytes, key: str = "", root: str = "text", client: int = 9) -> bytes:
    """Give an update by hand: one item with this content, under a root, or under a key in it.

    References: 4 a string, 5 JSON, 6 a format, 7 a type of its own. Pages have only the first.
    """
    info = bytes([reference | (0x20 if key else 0)])
    where = string(root) + (string(key) if key else b"")
    return b"\x01\x01" + write_var_uint(client) + b"\x00" + info + b"\x01" + where + content + b"\x00"


def string(text: str) -> bytes:
    """Give a string as Yjs writes it."""
    return write_var_uint(len(text.encode())) + text.encode()
