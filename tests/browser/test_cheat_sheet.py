"""The cheat sheet in a real browser: one page of paper, and in a notebook a frame of its own."""

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Browser
from tests.browser.widget_page import WidgetPage
from wslearn.interview.cheat_sheet import cheat_sheet

pytestmark = pytest.mark.needs("chromium")

MILLIMETRE = 96 / 25.4  # pixels
MARGIN = 7
# The size of each paper in millimetres.
PAPERS = {"A4": (210, 297), "Letter": (215.9, 279.4)}
# Elements that leave their column, and how much of the last page's height is used.
# Elements that leave the page at the right, and what would have to be scrolled.
OUTSIDE = """() => [...document.querySelectorAll('body *')]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1
        || (each.clientWidth && each.scrollWidth > each.clientWidth + 1))
    .map((each) => each.outerHTML.slice(0, 80))"""
# What the sheet's style would change outside. (JupyterLab adds style sheets of its own at any time.)
STYLED = """() => [
    [...document.styleSheets].flatMap((each) => [...each.cssRules])
        .filter((rule) => rule instanceof CSSPageRule).length,
    getComputedStyle(document.body).font, getComputedStyle(document.body).backgroundColor]"""
TWICE = "() => { const all = document.querySelector('main'); all.append(...all.cloneNode(true).children) }"


@pytest.fixture
def sheet(window: Browser) -> Iterator[Page]:
    page = window.page()
    page.set_content(cheat_sheet().html())
    yield page
    assert window.leaks() == []
    assert window.complaints == []
    page.close()


@pytest.mark.parametrize("paper", PAPERS)
def test_it_is_one_page(sheet: Page, paper: str) -> None:
    printed = sheet.pdf(format=paper)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
    width, height = PAPERS[paper]
    sheet.emulate_media(media="print")
    sheet.set_viewport_size({"width": int((width - 2 * MARGIN) * MILLIMETRE), "height": 900})
    assert sheet.evaluate(OUTSIDE) == []
    used = sheet.locator("main").bounding_box()
    assert used
    # Another font may be a little larger; and a page half empty would have room for larger letters.
    assert 0.75 < used["height"] / ((height - 2 * MARGIN) * MILLIMETRE) < 0.97


def test_a_second_page_would_be_noticed(sheet: Page) -> None:
    sheet.evaluate(TWICE)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheet.pdf(format="A4"))) > 1


@pytest.mark.parametrize("width", [400, 900, 1600])
def test_on_a_screen_it_fits(sheet: Page, width: int) -> None:
    sheet.set_viewport_size({"width": width, "height": 900})
    assert sheet.evaluate(OUTSIDE) == []
    assert sheet.evaluate("document.documentElement.scrollWidth") <= width


def test_all_can_read_it(sheet: Page) -> None:
    sheet.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = sheet.evaluate("() => axe.run()")
    assert {rule["id"] for rule in found["passes"]} >= {"color-contrast", "document-title", "html-has-lang"}
    assert [fault["id"] for fault in found["violations"]] == []


def test_in_a_notebook_its_style_stays_inside(lab_page: WidgetPage) -> None:
    before = lab_page.page.evaluate(STYLED)
    cell = lab_page.cell("from wslearn.interview import cheat_sheet\ncheat_sheet()")
    inside = cell.frame_locator("iframe")
    expect(inside.get_by_role("heading", name="Close codes")).to_be_visible()
    assert lab_page.page.evaluate(STYLED) == before
    box = cell.locator("iframe").bounding_box()
    assert box
    assert box["height"] > 400
