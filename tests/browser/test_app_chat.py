"""The chat in two pages at once: whatever happens to connections and servers, both show the same."""

import pytest
from playwright.sync_api import Page

from tests.browser.app_pages import AppPages, app_pages
from tests.browser.chromium import Browser
from wslearn.labs.apps.chat import chat
from wslearn.labs.backplane import Backplane, Local

pytestmark = pytest.mark.needs("chromium")

MARKUP = "<img src=x onerror=\"document.title = 'taken over'\"><script>document.title = 'taken over'</script>"
BELOW = """() => {
  const log = document.getElementById('log')
  return log.scrollHeight - log.scrollTop - log.clientHeight
}"""


def say(page: Page, *texts: str) -> None:
    for text in texts:
        page.fill("#text", text)
        page.keyboard.press("Enter")


def shown(page: Page) -> list[str]:
    """The messages that have a number, as they stand on a page."""
    return page.locator("#log li:not(.waiting)").all_inner_texts()


def after(app: AppPages, count: int) -> list[str]:
    """Wait until all pages show so many messages, the same in the same order; give their texts."""
    lines = app.agree(shown, lambda lines: len(lines) == count)
    return [line.partition(": ")[2] for line in lines]


def cut_off(page: Page) -> None:
    """Cut the connection by the page's own button, and wait until that is so."""
    page.get_by_role("button", name="Cut the connection").click()
    page.wait_for_selector(".status:not([data-state=open])")


class TestTogether:
    def test_all_agree_on_one_order(self, browser: Browser) -> None:
        with app_pages(browser, chat) as app:
            ada, bob = app.pages
            for number in range(10):
                say(ada, f"ada {number}")
                say(bob, f"bob {number}")
            texts = after(app, 20)
            for name in ("ada", "bob"):
                assert [text for text in texts if text.startswith(name)] == [f"{name} {n}" for n in range(10)]
            assert [page.inner_text("#last") for page in app.pages] == ["20", "20"]
            with browser.context.expect_page() as opening:  # and so does one who comes later
                ada.get_by_role("link", name="a second tab").click()
            app.pages.append(opening.value)
            assert after(app, 20) == texts

    def test_script_stays_text(self, browser: Browser) -> None:
        with app_pages(browser, chat) as app:
            ada, bob = app.pages
            ada.fill("#name", "<b>Ada</b>")
            say(ada, MARKUP)
            say(bob, "after it")
            assert sorted(after(app, 2)) == sorted([MARKUP, "after it"])
            assert "<b>Ada</b>" in bob.inner_text("#log")
            assert [page.title() for page in app.pages] == ["Chat", "Chat"]
            assert bob.locator("#log img, #log script, #log b b").count() == 0


class TestCut:
    def test_what_was_said_while_cut_off_is_there_once(self, browser: Browser) -> None:
        with app_pages(browser, chat) as app:
            ada, bob = app.pages
            say(ada, "before")
            after(app, 1)
            cut_off(bob)
            say(bob, "while away")
            say(ada, "meanwhile")
            app.connected()
            texts = after(app, 3)
            assert texts[0] == "before"
            assert sorted(texts[1:]) == ["meanwhile", "while away"]
            assert bob.locator(".waiting").count() == 0
            assert "not confirmed" not in bob.inner_text("#status")

    def test_cuts_in_the_middle_of_it_lose_and_repeat_nothing(self, browser: Browser) -> None:
        with app_pages(browser, chat) as app:
            ada, bob = app.pages
            for round_ in range(4):
                for number in range(5):
                    say(ada, f"ada {round_} {number}")
                    say(bob, f"bob {round_} {number}")
                    if number == 2:
                        app.cut()
                app.connected()
            texts = after(app, 40)
            assert len(set(texts)) == 40
            for name in ("ada", "bob"):
                mine = [text for text in texts if text.startswith(name)]
                assert mine == [f"{name} {r} {n}" for r in range(4) for n in range(5)]

    def test_too_much_while_cut_off_is_refused_and_nothing_else_lost(self, browser: Browser) -> None:
        """A hundred messages wait for the connection, and the server bears them all at once."""
        with app_pages(browser, chat) as app:
            ada, _ = app.pages
            ada.evaluate("() => { Math.random = () => 1 }")  # two seconds before the third attempt
            cut_off(ada)
            ada.evaluate(
                """() => {
                  for (let number = 0; number <= 100; number += 1) {
                    document.getElementById('text').value = `m${number}`
                    document.getElementById('form').requestSubmit()
                  }
                }"""
            )
            assert (
                ada.inner_text("#refused") == "Too much is not confirmed yet. Wait until you are connected."
            )
            assert ada.input_value("#text") == "m100"
            assert "100 not confirmed yet" in ada.inner_text("#status")
            ada.get_by_role("button", name="Connect now").click()
            assert after(app, 100) == [f"m{number}" for number in range(100)]


class TestServer:
    def test_a_restarted_node_that_shares_the_log_goes_on(self, browser: Browser) -> None:
        with app_pages(browser, chat, nodes=2) as app:
            ada, bob = app.pages
            say(ada, "before")
            after(app, 1)
            app.restart(0)
            say(ada, "from a page that was cut off")
            say(bob, "from the other node")
            app.connected()
            texts = after(app, 3)
            assert texts[0] == "before"

    def test_a_restarted_server_that_forgot_all_is_told_from_the_old_one(self, browser: Browser) -> None:
        def alone(_: Backplane) -> object:
            return chat(Local())

        with app_pages(browser, alone) as app:  # type: ignore[arg-type]
            say(app.pages[0], "old one", "old two")
            after(app, 2)
            app.restart(0)
            for page in app.pages:
                say(page, "new")
            app.connected()
            lines = app.agree(shown, lambda lines: len(lines) == 5)
            assert lines[2] == "The server has started anew, and knows nothing of what is above."
            assert [line.rpartition(": ")[2] for line in lines[3:]] == ["new", "new"]
            assert [page.inner_text("#last") for page in app.pages] == ["2", "2"]


class TestPage:
    def test_names_scrolling_and_looks(self, browser: Browser) -> None:
        with app_pages(browser, chat) as app:
            ada, bob = app.pages
            for name in ("Ada", " "):  # an empty name is none
                ada.fill("#name", name)
                ada.locator("#name").dispatch_event("change")
                say(ada, "x" * 300)
                app.connected()
                bob.get_by_text("Ada: x").last.wait_for()
            say(ada, *(str(number) for number in range(20)))
            after(app, 22)
            assert ada.input_value("#name") == "Ada"
            assert bob.evaluate(BELOW) < 2
            bob.evaluate("() => { document.getElementById('log').scrollTop = 0 }")
            say(ada, "more")
            after(app, 23)
            assert bob.evaluate("() => document.getElementById('log').scrollTop") == 0
            assert ada.evaluate(BELOW) < 2
            assert app.axe(ada) == []
            for width in (400, 1100):
                assert app.overflow(ada, width) == []
