"""Notifications on three pages at once: two devices of Ada, and Bob."""

import pytest
from playwright.sync_api import Page

from tests.browser.app_pages import app_pages
from tests.browser.chromium import Browser
from wslearn.labs.apps.notifications import notifications

pytestmark = pytest.mark.needs("chromium")

MARKUP = "<img src=x onerror=\"document.title = 'taken over'\"><b>bold</b>"
SHOWN = """texts => {
  const shown = [...document.querySelectorAll('#notes .text')].map((text) => text.textContent)
  return shown.join() === texts.join()
}"""
PEOPLE = ("ada", "ada", "bob")


def pages_of(number: int) -> str:
    return f"?person={PEOPLE[number]}"


def notify(page: Page, *texts: str) -> None:
    for text in texts:
        page.fill("#text", text)
        page.keyboard.press("Enter")


def waiting(page: Page) -> list[str]:
    return page.locator("#notes .text").all_inner_texts()


def until(page: Page, *texts: str) -> None:
    """Wait until this is what waits on a page."""
    page.wait_for_function(SHOWN, arg=list(texts))
    assert waiting(page) == list(texts)


def counts(page: Page) -> dict[str, int]:
    return {
        name: int(page.inner_text(f"#{name}")) for name in ("taken", "arrived", "delivered", "gone", "again")
    }


def got(page: Page, text: str) -> None:
    page.get_by_role("button", name=f"Got it: {text}").click()


class TestDevices:
    def test_acknowledged_on_one_it_is_gone_from_all(self, browser: Browser) -> None:
        with app_pages(browser, notifications, 3, query=pages_of) as app:
            phone, laptop, bob = app.pages
            notify(bob, "one", MARKUP)
            for page in (phone, laptop):
                until(page, "one", MARKUP)
                assert page.title() == "(2) Notifications for ada"
                assert page.locator("#notes img, #notes b b").count() == 0
            got(phone, "one")
            for page in (phone, laptop):
                until(page, MARKUP)
            bob.wait_for_selector("#sent .arrived")
            assert bob.locator("#sent .state").all_inner_texts() == ["waits for ada", "✓ acknowledged"]
            assert counts(bob) == {"taken": 2, "arrived": 1, "delivered": 0, "gone": 0, "again": 0}
            assert counts(phone) == counts(laptop)
            assert counts(phone) == {"taken": 0, "arrived": 0, "delivered": 2, "gone": 1, "again": 0}
            assert phone.evaluate("() => document.activeElement.textContent") == "Got it"
            assert waiting(bob) == []

    def test_what_comes_again_is_shown_once_and_what_was_acknowledged_meanwhile_is_gone(
        self, browser: Browser
    ) -> None:
        with app_pages(browser, notifications, 3, nodes=2, query=pages_of) as app:
            phone, laptop, bob = app.pages
            notify(bob, "one", "two")
            for page in (phone, laptop):
                until(page, "one", "two")
            phone.evaluate("() => { Math.random = () => 6 }")  # three seconds until the first attempt
            phone.get_by_role("button", name="Cut the connection").click()
            got(laptop, "one")
            notify(bob, "three")
            until(laptop, "two", "three")
            assert waiting(phone) == ["one", "two"]
            until(phone, "two", "three")
            assert counts(phone) == {"taken": 0, "arrived": 0, "delivered": 3, "gone": 1, "again": 1}
            app.cut()
            got(phone, "two")  # into a dead connection
            got(laptop, "three")
            notify(bob, "four")
            app.connected()
            for page in (phone, laptop):
                until(page, "four")
                assert counts(page)["delivered"] == 4
            bob.wait_for_function("() => document.getElementById('arrived').textContent === '3'")
            assert counts(bob)["taken"] == 4
            assert "not confirmed" not in phone.inner_text("#status")

    def test_a_node_that_starts_again_has_all_that_waits(self, browser: Browser) -> None:
        with app_pages(browser, notifications, 3, query=pages_of) as app:
            phone, laptop, bob = app.pages
            notify(bob, "one")
            until(phone, "one")
            app.restart(0)
            notify(bob, "two")
            app.connected()
            for page in (phone, laptop):
                until(page, "one", "two")
            got(laptop, "one")
            until(phone, "two")
            bob.wait_for_selector("#sent .arrived")


class TestPage:
    def test_what_is_refused_says_why_and_is_not_sent_again(self, browser: Browser) -> None:
        with app_pages(browser, notifications, 3, query=pages_of) as app:
            phone, _, bob = app.pages
            bob.fill("#to", "Ada!")
            notify(bob, "one")
            bob.wait_for_selector("#sent .refused")
            assert bob.inner_text("#refused").startswith("A person is called by")
            bob.fill("#to", "ada")
            notify(bob, *(str(number) for number in range(25)))
            bob.wait_for_function("() => document.getElementById('taken').textContent === '25'")
            assert bob.inner_text("#refused") == ""
            assert bob.locator("#sent li").count() == 20
            assert bob.inner_text("#status [role=status]") == "Connected"
            assert app.axe(phone) == []
            assert app.axe(bob) == []
            for page in (phone, bob):
                for width in (400, 1100):
                    assert app.overflow(page, width) == []
            bob.fill("#name", "cy")
            bob.keyboard.press("Enter")
            bob.wait_for_url("**/notifications?person=cy")
            assert bob.inner_text("#box") == "For cy"
            app.connected()
