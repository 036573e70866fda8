"""The scores in two tabs: each is sent what it subscribed to, and a cut costs neither of them an event."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_pages import app_pages
from tests.browser.chromium import Browser
from tests.labs.playing import BEGIN, Clock, on, published
from wslearn.labs.apps.season import ROUND, TOPICS

pytestmark = pytest.mark.needs("chromium")


def numbers(page: Page, topic: str) -> list[int]:
    """List the numbers that a page shows of a topic, in the order in which they came."""
    return [int(found) for found in re.findall(rf"{topic} (\d+)", page.inner_text("#log"))][::-1]


def test_two_pages_agree_after_cuts(browser: Browser) -> None:
    clock = Clock()
    topics = ["?topics=league-north", "?topics=league-north,team-owls"]
    with app_pages(browser, on(clock), nodes=2, query=topics.__getitem__) as app:
        one, other = app.pages
        expect(one.locator("#board li")).to_have_count(6)
        expect(other.locator("#board li")).to_have_count(9)
        came = len(published(["league-north"], BEGIN - 2 * ROUND - 0.001, BEGIN))
        for turn, seconds in enumerate((12, 9, 14, 10)):
            clock.now += seconds
            if turn % 2:
                assert app.cut() == 2
            else:
                one.get_by_role("button", name="Cut the connection").click()
            app.connected()
        total = came + len(published(["league-north"], BEGIN, clock.now))
        shown = app.agree(
            lambda page: numbers(page, "league-north"), lambda shown: shown and shown[-1] == total
        )
        assert shown == [*range(came + 1, total + 1)]
        owls = published(["team-owls"], BEGIN, clock.now)
        expect(other.locator("#log li", has_text="team-owls")).to_have_count(len(owls))
        assert "team-owls" not in one.inner_text("#log")
        for page in app.pages:
            assert page.inner_text("#repeated") == "0"
        boards = [page.locator("#board li").all_inner_texts() for page in app.pages]
        assert {*boards[0]} <= {*boards[1]}


def test_subscribing_by_keyboard(browser: Browser) -> None:
    clock = Clock()
    with app_pages(browser, on(clock), query=lambda n: "?topics=" if n else "") as app:
        one, none = app.pages
        expect(none.get_by_text("You have subscribed to nothing")).to_be_visible()
        one.get_by_role("group", name="By league").get_by_label("North").press("Space")
        expect(one.locator("#board li")).to_have_count(0)
        one.get_by_role("group", name="By team").get_by_label("Seals").press("Space")
        expect(one.locator("#board li")).to_have_count(3)
        clock.now += 30
        seals, everything = (len(published(each, BEGIN, clock.now)) for each in (["team-seals"], TOPICS))
        expect(one.locator("#log li")).to_have_count(seals)
        expect(one.locator("#sent")).to_have_text(str(seals))
        expect(one.locator("#published")).to_have_text(str(everything))
        expect(none.locator("#published")).to_have_text(str(everything))
        expect(none.locator("#sent")).to_have_text("0")
        assert none.locator("#log li").count() == 0
        teams = none.get_by_role("group", name="By team").get_by_role("checkbox")
        for team in teams.all():
            team.check()
        expect(none.locator("#subscriptions")).to_have_text("12")
        none.get_by_role("group", name="By league").get_by_label("Coast").click()
        expect(none.get_by_role("alert")).to_have_text(
            "A page has 12 topics at most: unsubscribe from one first."
        )
        expect(none.get_by_role("group", name="By league").get_by_label("Coast")).not_to_be_checked()
        assert app.on_node(lambda: [len(page.errors) for page in app.nodes]) == [0]


def test_it_can_be_read_and_fits(browser: Browser) -> None:
    clock = Clock()
    with app_pages(browser, on(clock), pages=1, query=lambda _: "?topics=league-north,team-owls") as app:
        (page,) = app.pages
        clock.now += 30
        expect(page.locator("#goal")).to_contain_text("Goal for")
        page.get_by_text("By match").click()
        assert app.axe(page) == []
        for width in (400, 1100):
            assert app.overflow(page, width) == []
