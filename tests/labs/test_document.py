"""A document on a log: the same on every node, whole after every start, and deaf to what is no update."""

from __future__ import annotations

import asyncio
import random
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from pycrdt import Doc

from tests.labs.writing import Pen, item, string
from tests.net.on_loop import on_loop
from wslearn.labs.apps import document as module
from wslearn.labs.apps.document import MOST, WHOLE_EVERY, Document, Full
from wslearn.labs.apps.ysync import Malformed
from wslearn.labs.apps.yupdate import parse_state, parse_update
from wslearn.labs.backplane import KEEP, Local


class Plane(Local):
    """A backplane that counts, and may be late or gone."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []
        self.fault: Exception | None = None

    async def append(self, log: str, event: str, event_id: str = "") -> int:
        await asyncio.sleep(0)
        if self.fault:
            raise self.fault
        self.events.append(event)
        return await super().append(log, event, event_id)


async def opened(plane: Local, told: list[bytes] | None = None) -> Document:
    document = Document(plane, "poem", (told if told is not None else []).append)
    await document.open()
    return document


class TestMerge:
    @on_loop
    async def test_two_write_at_the_same_place(self) -> None:
        document, ada, bob = await opened(Local()), Pen(), Pen()
        for update in (ada.write("Hello Ada"), bob.write("Hello Bob")):
            await document.merge(update)
        assert sorted([document.text[:9], document.text[9:]]) == ["Hello Ada", "Hello Bob"]

    @on_loop
    async def test_any_order_of_writers_and_any_number_of_times(self) -> None:
        dice, texts = random.Random(4), set[str]()
        pens = [Pen(client=number + 1) for number in range(3)]
        written = [[pen.scribble(dice) for _ in range(30)] for pen in pens]
        for _ in range(4):
            document, waiting = await opened(Local()), [list(updates) for updates in written]
            while any(waiting):
                updates = dice.choice([each for each in waiting if each])
                assert await document.merge(updates[0])
                assert await document.merge(updates.pop(0))
            for update in dice.sample([update for updates in written for update in updates], 90):
                assert await document.merge(update)
            texts.add(document.text)
        assert len(texts) == 1
        assert len(texts.pop()) > 60

    @on_loop
    async def test_a_pen_that_was_away_gets_what_it_lacks(self) -> None:
        document, ada, bob = await opened(Local()), Pen(), Pen()
        await document.merge(ada.write("x" * 10_000))
        bob.merge(document.missing(bob.doc.get_state()))
        state = bob.doc.get_state()
        await document.merge(ada.write("y"))
        lacking = document.missing(state)
        assert len(lacking) < 100
        bob.merge(lacking)
        assert bob.text == document.text == ada.text

    @on_loop
    async def test_only_what_is_new_is_kept_and_told(self) -> None:
        plane, told = Plane(), list[bytes]()
        document, ada = await opened(plane, told), Pen()
        first = ada.write("Hello")
        for update in (first, first, ada.doc.get_update(), b"\x00\x00"):
            await document.merge(update)
        await document.merge(ada.write("!"))
        await document.merge(ada.doc.get_update())
        assert len(plane.events) == len(told) == 2

    @on_loop
    async def test_what_the_log_did_not_take_is_not_there(self) -> None:
        plane, told = Plane(), list[bytes]()
        document, ada = await opened(plane, told), Pen()
        await document.merge(ada.write("Hello"))
        plane.fault = OSError("away")
        lost = ada.write(" world")
        with pytest.raises(OSError, match="away"):
            await document.merge(lost)
        assert document.text == "Hello"
        plane.fault = None
        assert not await document.merge(ada.write("!"))  # it stands behind what is not there
        await document.merge(ada.doc.get_update(document.state))
        assert document.text == "Hello world!"
        assert (await opened(plane)).text == "Hello world!"


class TestNodes:
    @on_loop
    async def test_all_show_the_same(self) -> None:
        plane, dice = Plane(), random.Random(5)
        documents, pens = [await opened(plane) for _ in range(3)], [Pen() for _ in range(3)]

        async def write(document: Document, pen: Pen) -> None:
            for _ in range(60):
                await document.merge(pen.scribble(dice))
                if dice.random() < 0.3:
                    pen.merge(document.missing(pen.doc.get_state()))

        await asyncio.gather(*map(write, documents, pens))
        assert len({document.text for document in documents}) == 1
        for pen, document in zip(pens, documents, strict=True):
            pen.merge(document.missing(pen.doc.get_state()))
            assert pen.text == documents[0].text

    @pytest.mark.parametrize("seed", range(5))
    @on_loop
    async def test_a_node_that_starts_late_has_all_of_it(self, seed: int) -> None:
        """The log has forgotten more than half of the updates by then; three nodes were writing at once."""
        plane, dice = Plane(), random.Random(seed)
        documents, pens = [await opened(plane) for _ in range(3)], [Pen() for _ in range(3)]

        async def write(document: Document, pen: Pen) -> None:
            for _ in range(2 * KEEP // 3 + seed * 20):
                await document.merge(pen.scribble(dice))
                if dice.random() < 0.2:
                    pen.merge(document.missing(pen.doc.get_state()))

        await asyncio.gather(*map(write, documents, pens))
        assert len(plane.events) > 1.9 * KEEP
        late = await opened(plane)
        assert late.text == documents[0].text
        assert parse_state(late.state) == parse_state(documents[0].state)
        assert len(late.text) > 100
        await late.merge(pens[0].write("end"))
        assert documents[1].text == late.text

    @on_loop
    async def test_a_copy_is_never_given_what_stands_behind_something_missing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A log that has forgotten its beginning begins with such updates; the library loses some of them."""
        plane, pen, merge = Plane(), Pen(), module._merge
        document = await opened(plane)
        for _ in range(KEEP + WHOLE_EVERY // 2):
            await document.merge(pen.write("x", 0))

        def watched(copy: Doc[Any], update: bytes) -> bytes:
            assert parse_update(update).follows(parse_state(copy.get_state()))
            return merge(copy, update)

        monkeypatch.setattr(module, "_merge", watched)
        assert (await opened(plane)).text == pen.text

    @on_loop
    async def test_the_whole_is_never_older_than_the_log(self) -> None:
        """Of so many events in a row, one is the whole of all before them: there a node begins."""
        plane = Plane()
        document, ada = await opened(plane), Pen()
        for _ in range(3 * WHOLE_EVERY):
            await document.merge(ada.write("x"))
        wholes = [at for at, event in enumerate(plane.events) if event.startswith("whole ")]
        assert wholes == [WHOLE_EVERY, 2 * WHOLE_EVERY, 3 * WHOLE_EVERY]
        reader = Pen()
        reader.merge(b64decode(plane.events[WHOLE_EVERY].removeprefix("whole ")))
        assert reader.text == "x" * WHOLE_EVERY
        assert KEEP >= 3 * WHOLE_EVERY, "and when one of them fails, there is another one"


@pytest.fixture
def mutated() -> Iterator[bytes]:
    dice, pen = random.Random(7), Pen()
    updates = [pen.scribble(dice) for _ in range(30)] + [pen.doc.get_update()] * 20

    def some() -> Iterator[bytes]:
        for _ in range(1500):
            data = bytearray(dice.choice(updates))
            for _ in range(dice.randrange(1, 4)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            yield bytes(data)

    return some()


class TestBadUpdate:
    @on_loop
    async def test_bytes_that_are_none(self, mutated: Iterator[bytes]) -> None:
        """Whatever comes is merged or refused, and does no harm to what is there."""
        plane, told = Plane(), list[bytes]()
        document, pen, refused = await opened(plane, told), Pen(), 0
        await document.merge(pen.write("Hello"))
        for data in mutated:
            try:
                await document.merge(data)
            except Malformed:
                refused += 1
        assert 500 < refused < 1500
        await document.merge(pen.write(" world"))
        for part in ("Hello", " world"):
            assert part in document.text
        assert (await opened(plane)).text == document.text
        reader = Pen()
        for update in told:
            reader.merge(update)
        assert reader.text == document.text

    @pytest.mark.parametrize(
        "update",
        [
            b"",
            b"\xff" * 20,
            bytes.fromhex("01010507c4c8060502010000"),  # the library would panic
            item(4, string("hello"), root="notes"),
            item(4, string("hello"), key="title"),
            item(4, string("two\r\nlines")),
            item(4, b"\x03\xed\xa0\x80"),  # half of a character
            item(1, b"\xff\xff\xff\xff\x0f"),
            item(5, string('{"image": "x"}')),
            item(6, string("bold") + string("true")),
            item(7, b"\x09"),  # the library takes it, and Yjs raises
            item(10, b"\x05"),
            item(4, string("hello")) + b"\x00",
        ],
    )
    @on_loop
    async def test_leaves_the_document_as_it_was(self, update: bytes) -> None:
        plane = Plane()
        document, ada = await opened(plane), Pen(client=5)
        await document.merge(ada.write("Hello"))
        with pytest.raises(Malformed) as refused:
            await document.merge(update)
        assert len(str(refused.value).encode()) <= 123  # it must fit into a close frame
        assert await document.merge(ada.write(" world"))
        assert document.text == "Hello world"
        assert len(plane.events) == 2

    @on_loop
    async def test_what_stands_behind_something_that_is_not_here(self) -> None:
        """It would wait in the copy, and be in no count of what is there."""
        plane, pen = Plane(), Pen()
        document = await opened(plane)
        first, second, erased = pen.write("one"), pen.write("two"), pen.erase(1, 2)
        assert not await document.merge(second)
        assert not await document.merge(erased)
        assert await document.merge(first)
        assert not await document.merge(pen.write("four") if pen.write("three") else b"")
        assert document.text == "one"
        assert await document.merge(pen.doc.get_update(document.state))
        assert document.text == pen.text == "oetwothreefour"
        assert len(plane.events) == 2

    @on_loop
    async def test_a_full_document_can_still_be_made_smaller(self) -> None:
        document, ada, full = await opened(Local()), Pen(), False
        while not full:
            try:
                await document.merge(ada.write("x" * 20_000))
            except Full:
                full = True
        ada = Pen()
        ada.merge(document.missing(b"\0"))
        size = len(document.text)
        assert MOST - 25_000 < size < MOST
        await document.merge(ada.erase(0, 100_000))
        await document.merge(ada.write("more"))
        assert len(document.text) == size - 100_000 + 4

    @on_loop
    async def test_no_state(self) -> None:
        document = await opened(Local())
        for state in (b"", b"\xff", b"\x05", b"\x00\x00"):
            with pytest.raises(Malformed):
                document.missing(state)
