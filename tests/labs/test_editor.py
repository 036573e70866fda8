"""The editor: all copies come out the same, whatever happens to connections and nodes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from tests.labs.writing import Client, Pen, same
from tests.net.on_loop import on_loop, until
from wslearn import ConnectionClosed
from wslearn.labs.apps.document import MOST
from wslearn.labs.apps.editor import Editor, editor
from wslearn.labs.apps.ysync import ASK, Cursor, Step, cursors, parse, sync
from wslearn.labs.backplane import Backplane, Local
from wslearn.net import Limits, Server, connect


def patient(plane: Backplane | None = None) -> Editor:
    app = editor(plane)
    app.limits = replace(Editor.limits, close_timeout=0.2)
    return app


@asynccontextmanager
async def nodes(count: int = 1, make: Callable[[], Backplane] | None = None) -> AsyncIterator[list[Server]]:
    """Servers on one backplane, whose apps raised nothing."""
    plane = Local()
    servers = [Server(patient(make() if make else plane)) for _ in range(count)]
    for server in servers:
        await server.start()
    try:
        yield servers
    finally:
        for server in servers:
            await server.stop()
    assert [error for server in servers for error in server.errors] == []


class TestWriting:
    @on_loop
    async def test_two_write_at_once(self) -> None:
        async with nodes() as (server,):
            ada, bob = await Client().connect(server), await Client().connect(server)
            await asyncio.gather(
                *(
                    client.put(f"{letter}{n} ", 0)
                    for n in range(20)
                    for letter, client in (("a", ada), ("b", bob))
                )
            )
            text = await same(ada, bob)
            assert sorted(text.split()) == sorted(f"{letter}{n}" for n in range(20) for letter in "ab")
            await ada.leave()
            await bob.leave()

    @on_loop
    async def test_documents_are_apart(self) -> None:
        async with nodes() as (server,):
            ada, bob = await Client().connect(server, "here"), await Client().connect(server, "there")
            await ada.put("here")
            await bob.put("there")
            await ada.confirmed()
            await bob.confirmed()
            assert (ada.text, bob.text) == ("here", "there")
            await ada.leave()
            await bob.leave()

    @on_loop
    async def test_what_was_written_while_cut_off_is_merged(self) -> None:
        async with nodes() as (server,):
            ada, bob = await Client().connect(server), await Client().connect(server)
            await ada.put("The middle.")
            await same(ada, bob)
            await ada.leave()
            await bob.leave()
            ada.write("Ada's beginning. ", 0)
            bob.write(" Bob's end.")
            bob.erase(0, 3)
            bob.write("This is the", 0)
            await ada.connect(server)
            await bob.connect(server)
            assert await same(ada, bob) == "Ada's beginning. This is the middle. Bob's end."
            late = await Client().connect(server)
            assert await same(late, ada) == bob.text
            for each in (ada, bob, late):
                await each.leave()

    @on_loop
    async def test_cuts_at_any_moment_lose_nothing(self) -> None:
        """Three writers on two nodes, who are cut off again and again, and come back on the other node."""
        dice = random.Random(1)
        async with nodes(2) as servers:
            clients = [await Client().connect(servers[number % 2]) for number in range(3)]

            async def write(client: Client, name: str) -> None:
                for number in range(40):
                    update = client.write(f"[{name}{number}]", dice.randrange(len(client.text) + 1) and 0)
                    with suppress(ConnectionClosed):
                        await client.ws.send(sync(Step.UPDATE, update))
                    if dice.random() < 0.2:
                        await client.leave()
                        await client.connect(dice.choice(servers))
                    await asyncio.sleep(0)

            await asyncio.gather(*map(write, clients, "abc"))
            text = await same(*clients)
            for name in "abc":
                for number in range(40):
                    assert text.count(f"[{name}{number}]") == 1
            for client in clients:
                await client.leave()

    @on_loop
    async def test_a_node_that_starts_anew_has_the_text(self) -> None:
        plane = Local()
        async with Server(patient(plane)) as server:
            ada = await Client().connect(server)
            await ada.put("kept")
            await ada.confirmed()
            await ada.leave()
            async with Server(patient(plane)) as other:
                bob = await Client().connect(other)
                await bob.confirmed()
                assert bob.text == "kept"
                await bob.leave()

    @on_loop
    async def test_what_comes_too_early_is_asked_for(self) -> None:
        """A client that sends something new before it was asked for what it wrote while it was away."""
        async with nodes() as (server,):
            ada = Client()
            ada.write("while away, ")
            new = ada.write("and now")
            await ada.connect(server)
            ada.ws.abort()
            ws = await connect(f"{server.url}?doc=poem")
            await ws.send(sync(Step.UPDATE, new))
            asked = [parse(await ws.recv()) for _ in range(2)]  # type: ignore[arg-type]
            assert [step for _, step, _ in asked] == [Step.STATE, Step.STATE]
            await ws.send(sync(Step.ANSWER, ada.doc.get_update(asked[1][2])))
            bob = await Client().connect(server)
            assert await same(bob) == "while away, and now"
            await ws.close()
            await bob.leave()


class TestCursors:
    @on_loop
    async def test_all_know_where_the_others_are(self) -> None:
        async with nodes(2) as servers:
            ada, bob = await Client(1).connect(servers[0]), await Client(2).connect(servers[1])
            await ada.ws.send(cursors(Cursor(1, 1, {"at": 5})))
            await until(lambda: bob.others == {1: Cursor(1, 1, {"at": 5})})
            late = await Client(3).connect(servers[1])
            await until(lambda: late.others == {1: Cursor(1, 1, {"at": 5})})
            await late.ws.send(ASK)
            await ada.leave()
            await until(lambda: bob.others[1] == late.others[1] == Cursor(1, 1, None))
            await bob.leave()
            await late.leave()

    @on_loop
    async def test_nobody_moves_the_cursor_of_another(self) -> None:
        async with nodes() as (server,):
            ada, bob = await Client(1).connect(server), await Client(2).connect(server)
            await ada.ws.send(cursors(Cursor(1, 1, {"at": 5})))
            await ada.ws.send(cursors(Cursor(2, 9, {"at": 0}), Cursor(1, 2, {"at": 6})))
            await until(lambda: bob.others == {1: Cursor(1, 2, {"at": 6})})
            await ada.leave()
            await bob.leave()


class TestSlowReader:
    @on_loop
    async def test_gets_all_of_it_as_few_updates_and_costs_no_more_than_the_document(self) -> None:
        async with nodes() as (server,):
            quick = await Client().connect(server)
            slow = await connect(f"{server.url}?doc=poem", limits=Limits(max_queue=1))
            writers = server._apps["/editor"].run._documents["poem"]  # type: ignore[attr-defined]
            await until(lambda: len(writers._here) == 2)
            pen, waiting = Pen(), []
            for number in range(600):
                await writers.document.merge(pen.write(f"{number} " + "x" * 20_000, 0))
                await writers.document.merge(pen.erase(4, 20_000))
                waiting.append(max(sum(map(len, each.updates)) for each in writers._here))
                await asyncio.sleep(0)
            await until(lambda: quick.text == pen.text)
            assert MOST / 2 < max(waiting) <= MOST
            reader, received = Pen(), 0
            async with asyncio.timeout(10):
                while reader.text != pen.text:
                    _, step, payload = parse(await slow.recv())  # type: ignore[arg-type]
                    if step is Step.UPDATE:
                        reader.merge(payload)
                        received += 1
            assert received < 1000
            slow.abort()
            await quick.leave()


class TestBadInput:
    @on_loop
    async def test_any_bytes(self) -> None:
        dice, pen = random.Random(8), Pen()
        real = [sync(Step.UPDATE, pen.scribble(dice)) for _ in range(40)]
        async with nodes() as (server,):
            ada = await Client().connect(server)
            await ada.put("Hello")
            for _ in range(60):
                data = bytearray(dice.choice(real))
                data[dice.randrange(len(data))] = dice.randrange(256)
                ws = await connect(f"{server.url}?doc=poem")
                with suppress(ConnectionClosed):
                    await ws.send(bytes(data))
                    await ws.send(sync(Step.STATE, b"\0"))
                    while parse(await ws.recv())[1] is not Step.ANSWER:  # type: ignore[arg-type]
                        pass
                ws.abort()
            assert "Hello" in await same(ada)
            await ada.leave()

    @on_loop
    async def test_documents_without_end(self) -> None:
        async with nodes() as (server,):
            for number in range(100):
                ws = await connect(f"{server.url}?doc=d{number}")
                await ws.recv()
                ws.abort()
            ws = await connect(f"{server.url}?doc=one-more")
            with pytest.raises(ConnectionClosed, match="100 documents already"):
                await ws.recv()
