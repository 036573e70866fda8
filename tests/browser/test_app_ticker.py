"""The ticker in two pages: the same prices; new ones for a slow reader, and 1013 for one who wants all."""

import functools

import pytest
from playwright.sync_api import Page

from tests.browser.app_pages import AppPages, app_pages
from tests.browser.chromium import Browser
from wslearn.labs.apps.prices import SYMBOLS
from wslearn.labs.apps.ticker import Ticker, ticker

pytestmark = pytest.mark.needs("chromium")

ABOVE = "([figure, than]) => parseFloat(document.querySelector(figure).textContent) > than"
FIGURES = """board => {
  const figures = [...document.querySelectorAll(`#${board} [data-count]`)]
  return Object.fromEntries(figures.map((figure) => [figure.dataset.count, parseFloat(figure.textContent)]))
}"""
ALL_OLD = """() => [...document.querySelectorAll('#every td:last-child')]
  .every((age) => parseFloat(age.textContent) > 1.5)"""

slowly = functools.partial(ticker, rate=20)
quickly = functools.partial(ticker, rate=45)  # almost what a page can read of every price


def prices(page: Page, board: str = "latest") -> dict[str, str]:
    rows = page.locator(f"#{board} tbody tr").all_inner_texts()
    return {row.split("\t")[0]: row.split("\t")[1] for row in rows}


def count(page: Page, board: str, name: str) -> float:
    return float(page.inner_text(f"#{board} [data-count={name}]").split()[0])


def more(page: Page, board: str, name: str, than: float) -> None:
    """Wait until a figure is above this."""
    page.wait_for_function(ABOVE, arg=[f"#{board} [data-count={name}]", than])


def stop_market(app: AppPages) -> None:
    """Let the market stand still, so that all can be compared."""

    def stop() -> None:
        for node in app.nodes:
            market = node._apps["/ticker"].run
            assert isinstance(market, Ticker)
            assert market._running is not None
            market._running.cancel()

    app.on_node(stop)


class TestPages:
    def test_on_two_nodes_all_boards_show_the_same(self, browser: Browser) -> None:
        with app_pages(browser, slowly, nodes=2, sockets=2) as app:
            for page in app.pages:
                more(page, "latest", "received", 20)
            stop_market(app)
            app.agree(lambda page: [prices(page, "latest"), prices(page, "every")], same)

    def test_after_a_cut_and_a_restart_they_go_on(self, browser: Browser) -> None:
        with app_pages(browser, slowly, nodes=2, sockets=2) as app:
            more(app.pages[0], "latest", "received", 20)
            app.cut(0)
            app.restart(1)
            app.connected()
            for page in app.pages:
                for board in ("latest", "every"):
                    more(page, board, "received", 20)
            stop_market(app)
            app.agree(lambda page: [prices(page, "latest"), prices(page, "every")], same)


def same(boards: list[dict[str, str]]) -> bool:
    return list(boards[0]) == list(SYMBOLS) and boards[0] == boards[1]


class TestSlow:
    def test_newer_prices_on_one_board_and_older_and_older_on_the_other(self, browser: Browser) -> None:
        with app_pages(browser, quickly, pages=2, sockets=2) as app:
            slow, quick = app.pages
            slow.select_option("#pace", "1000")
            more(slow, "every", "waiting", 200)
            more(slow, "latest", "conflated", 100)
            assert count(slow, "every", "conflated") == 0
            slow.wait_for_function(ALL_OLD)
            more(slow, "every", "ended", 0)
            assert count(slow, "latest", "ended") == 0
            assert count(quick, "latest", "ended") == 0
            slow.select_option("#pace", "40")
            app.connected()
            received = count(slow, "every", "received")
            more(slow, "every", "received", received + 50)
            for page in app.pages:
                for board in ("latest", "every"):
                    told = page.evaluate(FIGURES, board)
                    assert told["made"] == told["received"] + told["conflated"] + told["waiting"] > 0

    def test_who_does_not_read_at_all_has_the_newest_when_it_reads_again(self, browser: Browser) -> None:
        with app_pages(browser, slowly, pages=1, sockets=2) as app:
            (page,) = app.pages
            more(page, "latest", "received", 20)
            page.select_option("#pace", "Infinity")
            made = count(page, "latest", "made")
            more(page, "latest", "age", 1)
            assert count(page, "latest", "made") <= made + 12  # what was on its way
            page.select_option("#pace", "40")
            more(page, "latest", "made", made + 40)
            assert count(page, "latest", "age") < 1
            assert app.axe(page) == []
            for width in (400, 1100):
                assert app.overflow(page, width) == []
