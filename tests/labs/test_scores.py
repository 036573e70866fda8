"""The scores: what was subscribed to, each event once and in order, whatever is cut, and on all nodes."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from tests.labs.playing import BEGIN, Clock, Page, ids, matches_of, on, published
from tests.labs.shared import nodes, post
from tests.net.on_loop import on_loop
from wslearn.labs import feed
from wslearn.labs.apps.season import ROUND, TOPICS
from wslearn.labs.backplane import KEEP


class TestTopics:
    @pytest.mark.parametrize("topic", ["league-north", "team-owls", "match-gulls-seals"])
    @on_loop
    async def test_what_was_subscribed_to_comes_and_nothing_else(self, topic: str) -> None:
        clock = Clock()
        async with nodes(on(clock)) as (server,):
            page = await (await Page(topic).connect(server)).states(1)
            clock.now += 2 * ROUND
            wanted = published([topic], BEGIN, clock.now)
            assert await page.until(len(wanted)) == ids(wanted)
            clock.now += 1.0
            await post(page.ws, type="count")
            assert (await page.take())["type"] == "count", "and nothing came after it"

    @on_loop
    async def test_what_belongs_to_several_topics_comes_once(self) -> None:
        clock, topics = Clock(), ("team-foxes", "league-north", "match-ravens-foxes", "team-ravens")
        async with nodes(on(clock)) as (server,):
            page = await (await Page(*topics).connect(server)).states(4)
            clock.now += 2 * ROUND
            wanted = published(topics, BEGIN, clock.now)
            assert wanted == published(["league-north"], BEGIN, clock.now)
            assert await page.until(len(wanted)) == ids(wanted)
            await post(page.ws, type="count")
            count = await page.take()
        everything = published(TOPICS, BEGIN, BEGIN + 2 * ROUND)
        assert (count["published"], count["sent"]) == (len(everything), len(wanted))
        assert count["subscriptions"] == 4

    @on_loop
    async def test_first_the_state(self) -> None:
        clock = Clock()
        clock.now += 20.0
        async with nodes(on(clock)) as (server,):
            page = await (await Page("league-south").connect(server)).states(1)
        before = published(["league-south"], BEGIN - 2 * ROUND - 0.001, clock.now)
        assert page.topics["league-south"] == len(before)
        assert len(page.matches) == 6
        for name, state in page.matches.items():
            last = [moment for moment in before if moment.match.name == name][-1]
            assert state["league"] == "south"
            assert {**state, **last.told} == state

    @on_loop
    async def test_subscribing_and_unsubscribing_on_the_way(self) -> None:
        clock = Clock()
        async with nodes(on(clock)) as (server,):
            page = await (await Page("team-owls").connect(server)).states(1)
            clock.now = (second := BEGIN + ROUND) - 1
            owls = published(["team-owls"], BEGIN, clock.now)
            await page.until(len(owls))
            await post(page.ws, type="subscribe", topic="league-coast")
            await post(page.ws, type="unsubscribe", topic="team-owls")
            assert (await page.take())["topic"] == "league-coast"
            clock.now += ROUND
            coast = published(["league-coast"], second - 1, clock.now)
            assert (await page.until(len(owls) + len(coast)))[len(owls) :] == ids(coast)
            await post(page.ws, type="subscribe", topic="team-owls")
            assert (await page.take())["type"] == "state"
            assert page.gaps == []

    @on_loop
    async def test_a_page_that_reads_late_gets_all(self) -> None:
        clock = Clock()
        async with nodes(on(clock)) as (server,):
            late = await (await Page("league-north").connect(server)).states(1)
            quick = await (await Page("league-north").connect(server)).states(1)
            for _ in range(6):
                clock.now += ROUND
                await quick.until(len(published(["league-north"], BEGIN, clock.now)))
            wanted = published(["league-north"], BEGIN, clock.now)
            assert await late.until(len(wanted)) == ids(wanted)


class TestCuts:
    @on_loop
    async def test_nothing_is_lost_and_nothing_comes_twice(self) -> None:
        chance = random.Random(7)
        clock, topics = Clock(), ("league-north", "team-owls", "match-gulls-seals", "team-foxes")
        async with nodes(on(clock), 2) as servers:
            page = await (await Page(*topics).connect(servers[0])).states(4)
            while clock.now < BEGIN + 5 * ROUND:
                clock.now += chance.choice([3.0, 10.0, 40.0])
                if chance.random() < 0.7:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.1):
                            await page.take()
                page.ws.abort()
                await page.connect(chance.choice(servers))
            wanted = published(topics, BEGIN, clock.now)
            assert await page.until(len(wanted)) == ids(wanted)
            assert page.gaps == []

    @on_loop
    async def test_who_was_away_for_too_long_gets_the_state_and_a_word(self) -> None:
        clock = Clock()
        async with nodes(on(clock)) as (server,):
            page = await (await Page("league-north", "team-owls").connect(server)).states(2)
            clock.now += 10
            await page.until(2)
            page.ws.abort()
            matches = matches_of(server)
            while matches.feed.last < KEEP + 200:
                clock.now += ROUND
                await matches.begin({})
            await (await page.connect(server)).states(2)
            assert page.gaps == ["league-north", "team-owls"]
            assert page.topics["league-north"] == matches.numbers["league-north"]

    @pytest.mark.parametrize("away", [20.0, 10 * ROUND])
    @on_loop
    async def test_a_server_that_begins_anew(self, away: float) -> None:
        """In the same round its log is the same again, later it is another one, whose numbers mislead."""
        clock, page = Clock(), Page("league-north")
        async with nodes(on(clock)) as (server,):
            await (await page.connect(server)).states(1)
            clock.now += 20
            before = published(["league-north"], BEGIN, clock.now)
            assert await page.until(len(before)) == ids(before)
            await page.ws.close()
        clock.now += away
        async with nodes(on(clock)) as (server,):
            await page.connect(server)
            if away < ROUND:
                wanted = published(["league-north"], BEGIN, clock.now)
                assert await page.until(len(wanted)) == ids(wanted)
            else:
                assert (await page.take())["type"] == "state"
                assert page.gaps == ["league-north"]

    @on_loop
    async def test_numbers_that_nobody_has_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(feed, "_CATCH_UP", 0.05)
        async with nodes(on(Clock())) as (server,):
            page = Page("league-north")
            page.log = (await Page().connect(server)).log
            page.topics["league-north"] = 10**12
            await (await page.connect(server)).states(1)
            assert page.gaps == ["league-north"]
            assert 0 < page.topics["league-north"] < 1000


class TestRefusal:
    @on_loop
    async def test_more_topics_than_a_page_may_have(self) -> None:
        topics = sorted(TOPICS)
        async with nodes(on(Clock())) as (server,):
            page = await (await Page(*topics[:12]).connect(server)).states(12)
            assert page.most == 12
            await post(page.ws, type="subscribe", topic=topics[12])
            assert "12 topics at most" in (await page.take())["why"]
            await post(page.ws, type="subscribe", topic=topics[3])
            assert (await page.take())["topic"] == topics[3], "one that it has may come again"
            await post(page.ws, type="unsubscribe", topic=topics[3])
            await post(page.ws, type="subscribe", topic=topics[12])
            assert (await page.take())["topic"] == topics[12]
