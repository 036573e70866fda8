"""The capacity drill in JupyterLab, by mouse and by keyboard."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drill import answers, at_the_desk, heard, readable, said
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

EVIL = "<img src=x onerror=alert(1)>"
MEMORY = "scaling-memory-ten-million"
ESTIMATE = f"view = estimate('{MEMORY}', 'scaling-ping-cores')\nview"
MEASURED = """
from wslearn.labs.capacity import Measured
Measured(6000, 4500, 1, 90e-6, 12e-6, 8e-6, 30e-6).keep()
"""


@pytest.fixture
def page(lab_page: WidgetPage) -> WidgetPage:
    at_the_desk(lab_page)
    lab_page.run("from wslearn.interview import estimate")
    return lab_page


def field(view: Locator) -> Locator:
    return view.get_by_role("textbox", name="your estimate")


class TestEstimates:
    def test_by_mouse(self, page: WidgetPage) -> None:
        view = page.show(ESTIMATE)
        given = view.get_by_role("table", name="What is given")
        expect(given.get_by_role("row", name="memory")).to_contain_text("10 kB")
        expect(view.locator(".wsl-ruler")).to_have_count(0)
        field(view).fill("1e3")
        expect(view.get_by_text("understood as")).to_have_text("understood as 1,000 GB")
        view.get_by_role("button", name="check").click()
        page.until("view.turn", 1)
        expect(said(view)).to_have_text("✗ a power of ten too high")
        expect(view.get_by_role("button", name="Estimate 1: not yet")).to_have_text("1 ✗")
        field(view).fill("120 GB")
        view.get_by_role("button", name="check").click()
        page.until("view.turn", 2)
        expect(said(view)).to_have_text("✓ within a factor of two")
        expect(view.locator(".wsl-say").first).to_have_text("Answer100 GB")
        expect(view.get_by_text("10,000,000 × 10 ÷ 1,000,000 = 100 GB")).to_be_visible()
        assert answers(page) == [(MEMORY, ["1,000 GB"], False), (MEMORY, ["120 GB"], True)]

    def test_by_keyboard_alone(self, page: WidgetPage) -> None:
        view = page.show(ESTIMATE)
        keyboard = page.page.keyboard
        view.get_by_role("button", name="Estimate 2").focus()
        keyboard.press("Tab")
        expect(field(view)).to_be_focused()
        keyboard.press("Enter")
        expect(view.locator(".wsl-hint")).to_have_text(
            "✗ Type a number first. The power of ten is worth most."
        )
        keyboard.type("3 mil")
        expect(view.locator("output")).to_have_text("")
        keyboard.type("lion")
        expect(view.locator("output")).to_have_text("understood as 3,000,000 GB")
        for _ in "3 million":
            keyboard.press("Backspace")
        keyboard.type("2.5 hundred")
        keyboard.press("Enter")
        page.until("view.turn", 1)
        expect(said(view)).to_have_text("… the right power of ten")
        expect(view.locator(".wsl-hint")).to_have_text("")
        expect(field(view)).to_be_focused()
        keyboard.press("Tab")
        keyboard.press("Tab")
        keyboard.press("Enter")
        page.until("view.at", 1)
        expect(field(view)).to_be_focused()
        expect(field(view)).to_have_value("")
        keyboard.type("4")
        keyboard.press("Enter")
        page.until("view.results[1].get('right')", True)

    def test_what_was_said_is_still_there_when_one_comes_back(self, page: WidgetPage) -> None:
        view = page.show(ESTIMATE)
        field(view).fill("2.5 hundred")
        view.get_by_role("button", name="check").click()
        page.until("view.turn", 1)
        view.get_by_role("button", name="next").click()
        expect(field(view)).to_have_value("")
        expect(view.locator(".wsl-say")).to_have_count(0)
        view.get_by_role("button", name="first").click()
        expect(field(view)).to_have_value("2.5 hundred")
        expect(view.get_by_text("understood as")).to_have_text("understood as 250 GB")

    def test_how_near_it_is_is_drawn_and_read_out(self, page: WidgetPage) -> None:
        view = page.show(ESTIMATE)
        field(view).fill("10")
        view.get_by_role("button", name="check").click()
        page.until("view.turn", 1)
        ruler = view.get_by_role("img", name="You said 10 GB; it is 100 GB.")
        expect(ruler.locator(".wsl-power")).to_have_text(["100", "101", "102", "103"])
        places = [ruler.locator(which).bounding_box() for which in (".wsl-you", ".wsl-is")]
        assert places[0]
        assert places[1]
        assert places[0]["x"] < places[1]["x"]
        expect(heard(view)).to_contain_text("a power of ten too low. You said 10 GB;")

    def test_two_pictures_of_one_drill_agree(self, page: WidgetPage) -> None:
        first, second = page.show(ESTIMATE), page.show("view")
        field(first).fill("5e3")
        expect(field(second)).to_have_value("5e3")
        expect(second.get_by_text("understood as")).to_have_text("understood as 5,000 GB")

    def test_a_letter_too_many_is_told_before_it_counts(self, page: WidgetPage) -> None:
        view = page.show(ESTIMATE)
        field(view).fill("300 M")
        expect(view.get_by_text("understood as")).to_have_text(
            "understood as 300,000,000 GB: your M counts besides the G of GB; without it, it is 300 GB"
        )
        page.width(400)
        assert page.overflow(view) == []
        assert page.axe(view) == []
        field(view).fill("3 Gbit/s")
        view.get_by_role("button", name="check").click()
        expect(view.locator(".wsl-hint")).to_have_text(
            "✗ “3 Gbit/s” is in another unit. Give it in GB, and leave the unit out."
        )


class TestOwnFigures:
    def test_what_was_measured_is_used(self, page: WidgetPage) -> None:
        page.run(MEASURED)
        view = page.show(ESTIMATE)
        memory = view.get_by_role("table", name="What is given").get_by_role("row", name="memory")
        expect(memory).to_contain_text("10.5 kB")
        expect(memory).to_contain_text("as you measured it; the book says 10 kB")
        expect(memory).to_contain_text("yours")
        expect(view.locator(".wsl-verdict")).to_contain_text("Work with what you measured yourself.")
        field(view).fill("105")
        view.get_by_role("button", name="check").click()
        expect(view.get_by_text("Worked out with your own figure")).to_be_visible()
        expect(view.get_by_text("10,000,000 × 10.5 ÷ 1,000,000 = 105 GB")).to_be_visible()


def test_text_is_text(page: WidgetPage) -> None:
    view = page.show(f"""
from dataclasses import replace
from wslearn.widgets.estimate_view import EstimateView
evil = dict.fromkeys(("question", "unit", "reason", "section"), {EVIL!r})
view = EstimateView([replace(estimate().estimates[0], steps=({EVIL!r}, "`<b>`"), **evil)])
view""")
    field(view).fill(EVIL)
    view.get_by_role("button", name="check").click()
    expect(view.locator(".wsl-hint")).to_contain_text(EVIL)
    field(view).fill(f"12 {EVIL}")
    expect(view.locator("output")).to_have_text(f"understood as 12 {EVIL}")
    view.get_by_role("button", name="check").click()
    page.until("view.turn", 1)
    expect(view.locator(".wsl-question-text")).to_have_text(EVIL)
    expect(view.locator(".wsl-say code")).to_have_text("<b>")
    assert page.page.locator(".jp-Cell img").count() == 0


def test_it_can_be_read_and_fits(page: WidgetPage) -> None:
    page.run(MEASURED)
    view = page.show("view = estimate()\nview.say('1e9')\nview")
    readable(page, view)
    still = page.cell("from IPython.display import HTML\nHTML(view.still())").locator(".wsl-still")
    still.locator("summary").first.click()
    page.width(400)
    assert page.overflow(still) == []
    assert page.axe(still) == []
