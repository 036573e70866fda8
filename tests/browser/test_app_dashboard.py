"""The dashboard in two tabs: each at its own pace, all nodes side by side."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_pages import AppPages, app_pages
from tests.browser.chromium import Browser
from wslearn.labs.apps import gauge
from wslearn.labs.apps.dashboard import Dashboard, dashboard

pytestmark = pytest.mark.needs("chromium")

HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
}"""


def count(page: Page, name: str) -> int:
    return int(page.inner_text(f"#{name}"))


def paces(app: AppPages) -> list[float]:
    """List the seconds that the pages of the first node ask to have between two values."""
    board = app.nodes[0]._apps["/dashboard"].run
    assert isinstance(board, Dashboard)
    return app.on_node(lambda: sorted(page.every for page in board._pages))


def test_each_page_has_its_own_pace(browser: Browser) -> None:
    with app_pages(browser, dashboard) as app:
        slow, fast = app.pages  # the one in front draws as often as it is asked to
        slow.get_by_label("Values a second").select_option("0.5")
        fast.get_by_label("Values a second").select_option("10")
        before = count(slow, "sent")
        began = count(fast, "sent")
        fast.wait_for_function(
            "began => Number(document.querySelector('#sent').textContent) > began + 10", arg=began
        )
        assert count(slow, "sent") - before <= 3
        slow.wait_for_function("() => Number(document.querySelector('#skipped').textContent) > 15")
        for page in app.pages:
            assert page.evaluate(
                "() => { const at = id => Number(document.getElementById(id).textContent);"
                "return at('measured') === at('sent') + at('skipped') }"
            )
        assert paces(app) == [0.1, 2.0]
        fast.evaluate(HIDE, True)
        app.agree(lambda _: paces(app), lambda asked: asked == [2.0, 5.0])
        fast.evaluate(HIDE, False)
        app.agree(lambda _: paces(app), lambda asked: asked == [0.1, 2.0])


def test_charts_say_what_they_show(browser: Browser) -> None:
    with app_pages(browser, dashboard, pages=1) as app:
        (page,) = app.pages
        expect(page.get_by_role("img", name="Network: now received")).to_be_visible()
        for name in (
            "CPU, each core: 0: ",
            "CPU, on average: now",
            "Memory in use: now",
            "Load over a minute: now",
        ):
            expect(page.get_by_role("img", name=name)).to_be_visible()
        page.wait_for_function("() => Number(document.querySelector('#sent').textContent) >= 3")
        dots = page.locator("figure", has_text="Memory in use").locator("path.dots").get_attribute("d")
        assert dots
        assert dots.count("h0") >= 3, "each value that came is a dot"


def test_a_cut_and_a_node_that_is_gone(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauge, "_GONE", 1.5)
    with app_pages(browser, dashboard, nodes=2) as app:
        one, other = app.pages
        names = app.agree(
            lambda page: page.locator("#nodes th").all_inner_texts(), lambda names: len(names) == 2
        )
        app.cut()
        app.connected()
        one.get_by_role("button", name="Cut the connection").click()
        app.connected()
        assert app.agree(lambda page: page.locator("#nodes th").all_inner_texts()) == names
        expect(one.locator("#nodes .gone")).to_have_count(0)
        port = other.url.rpartition(":")[2].partition("/")[0]
        app.stop(1)
        gone = one.get_by_role("row", name=f"port {port}")
        expect(gone).to_contain_text("gone, silent for")
        expect(one.get_by_role("row", name="this one")).to_be_visible()


def test_it_can_be_read_and_fits(browser: Browser) -> None:
    with app_pages(browser, dashboard, pages=1) as app:
        (page,) = app.pages
        expect(page.locator("#nodes tr")).to_have_count(1)
        assert app.axe(page) == []
        for width in (400, 1100):
            assert app.overflow(page, width) == []
