"""The course map in JupyterLab: it says what is done, and its links open the lessons."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import EMPTY, WidgetPage

pytestmark = pytest.mark.needs("chromium")

DONE = """
from wslearn.course import progress
from wslearn.course.bank import questions
from wslearn.course.progress import record_answer, record_exercise
if progress().answers or progress().predictions or progress().exercises:
    progress().reset("erase")
record_exercise("server_frame", "00_start_here", "right")
for question in questions()[:7]:
    record_answer(question.id, question.lesson, [], True)
"""


@pytest.fixture
def shown(lab_page: WidgetPage) -> Locator:
    """The map of somebody who is done with the first lesson and has begun the next one."""
    lab_page.run(DONE)
    return lab_page.cell("progress()").locator(".wsl-still")


def test_what_is_done(lab_page: WidgetPage, shown: Locator) -> None:
    rows = shown.locator("tbody tr")
    expect(rows).to_have_count(14)
    lines = [line for line in lab_page.python("repr(progress())").splitlines() if line[:1] in {*"✓◐○…"}]
    for row, line in zip(rows.all(), lines, strict=True):
        assert line.startswith(row.locator("i").inner_text())
        assert row.locator(".wsl-state").inner_text().removeprefix("next, ") in line
    assert rows.first.locator(".wsl-full").count() == 6


def test_a_link_opens_the_lesson(lab_page: WidgetPage, shown: Locator, widget_folder: Path) -> None:
    (widget_folder / "03_frames.ipynb").write_text(json.dumps(EMPTY), "utf-8")
    try:
        shown.get_by_role("link", name="03 · Frames").first.click()
        expect(lab_page.page.get_by_role("tab", name="03_frames.ipynb", selected=True)).to_be_visible()
        assert len(lab_page.page.context.pages) == 1, "it opened in another tab of the browser"
    finally:
        # Its kernel may still be asked for this and that, and ends with JupyterLab.
        lab_page.page.evaluate("() => lesson.back()")


def test_it_can_be_read_and_fits(lab_page: WidgetPage, shown: Locator) -> None:
    for width in (400, 1600, 900):
        lab_page.width(width)
        assert lab_page.overflow(shown) == []
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(shown) == []
