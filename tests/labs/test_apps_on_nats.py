"""Editor and game on nodes that share a broker: a text and a world outlive them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.labs.gaming import Gamer, arena_of, asleep, collect
from tests.labs.writing import Client, Pen, same
from tests.net.on_loop import on_loop, until
from wslearn.labs.apps.document import Document
from wslearn.labs.apps.editor import editor
from wslearn.labs.apps.game import game
from wslearn.labs.backplane import KEEP, Backplane, Nats
from wslearn.labs.cluster.broker import Broker
from wslearn.labs.programs import Programs
from wslearn.net import Server
from wslearn.net.apps import App


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Programs() as programs:
        yield Broker(programs)


@asynccontextmanager
async def nodes(
    broker: Broker, app: Callable[[Backplane], App], count: int = 2
) -> AsyncIterator[list[Server]]:
    servers = [Server(app(Nats(broker.url))) for _ in range(count)]
    for server in servers:
        await server.start()
    try:
        yield servers
    finally:
        for server in servers:
            await server.stop()
    assert [error for server in servers for error in server.errors] == []


@on_loop
async def test_a_text_on_two_nodes_and_on_the_next_ones(broker: Broker) -> None:
    async with nodes(broker, editor) as servers:
        ada, bob = [await Client().connect(server) for server in servers]
        await asyncio.gather(
            *(who.put(f"{name}{n} ", 0) for n in range(20) for name, who in (("a", ada), ("b", bob)))
        )
        text = await same(ada, bob)
        assert sorted(text.split()) == sorted(f"{name}{n}" for n in range(20) for name in "ab")
        for each in (ada, bob):
            await each.leave()
    async with nodes(broker, editor, 1) as (server,):
        late = await Client().connect(server)
        assert await same(late) == text
        await late.leave()


@on_loop
async def test_a_text_is_whole_when_the_log_has_forgotten_its_beginning(broker: Broker) -> None:
    planes = [Nats(broker.url) for _ in range(3)]
    documents = [Document(plane, "long", lambda update: None) for plane in planes]
    dice = random.Random(3)

    async def write(document: Document, pen: Pen) -> None:
        await document.open()
        for _ in range(KEEP // 2 + 150):
            await document.merge(pen.scribble(dice))
            if dice.random() < 0.2:
                pen.merge(document.missing(pen.doc.get_state()))

    await asyncio.gather(*(write(document, Pen()) for document in documents[:2]))
    await documents[2].open()
    await until(lambda: documents[0].text == documents[1].text == documents[2].text)
    assert len(documents[2].text) > 100
    for plane in planes:
        await plane.close()


@on_loop
async def test_a_world_goes_on_without_the_node_that_ticked(broker: Broker) -> None:
    async with nodes(broker, game) as servers:
        ada = await Gamer("Ada").play(servers[0])
        bob = await Gamer("Bob").play(servers[1])
        await until(lambda: ada.you in bob.figures and bob.you in ada.figures)
        ticks, listens = sorted(servers, key=lambda server: arena_of(server).ticking != arena_of(server).node)
        await collect(ada, ticks)
        score = ada.mine["score"]
        left = bob if listens is servers[1] else ada
        await until(lambda: left.figures[ada.you]["score"] == score)
        await arena_of(ticks).close()
        async with asyncio.timeout(3):
            await until(lambda: left.world["node"] == arena_of(listens).node)
        assert left.figures[ada.you]["score"] == score
        for each in (ada, bob):
            await each.leave()
        await until(lambda: asleep(arena_of(listens)))
    async with nodes(broker, game, 1) as (server,):
        await ada.play(server)
        assert ada.mine["score"] == score
        await ada.leave()
