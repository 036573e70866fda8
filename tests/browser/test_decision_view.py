"""The decision drill in JupyterLab, by mouse and by keyboard."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drill import answers, at_the_desk, heard, readable, said
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

EVIL = "<img src=x onerror=alert(1)>"
DECIDE = "from wslearn.interview import decide\nview = decide()\nview"
TAKEN = "recommend(view._needs(view.at)).way"


@pytest.fixture
def page(lab_page: WidgetPage) -> WidgetPage:
    at_the_desk(lab_page)
    lab_page.run("from wslearn.interview.deciding import NEEDS, RULES, WAYS, recommend")
    return lab_page


def needed(view: Locator, need: str) -> Locator:
    header = view.page.get_by_role("rowheader", name=need, exact=True)
    return view.get_by_role("table", name="What is needed").get_by_role("row").filter(has=header)


def told(view: Locator) -> Locator:
    return view.get_by_role("table", name="What the rules say")


class TestItems:
    def test_by_mouse(self, page: WidgetPage) -> None:
        view = page.show(DECIDE)
        question = page.python("view.decisions[0].question").replace("`", "")
        expect(view.locator(".wsl-question-text")).to_have_text(question)
        for need, value in page.python("view.decisions[0].needs").items():
            expect(needed(view, need).get_by_role("cell").first).to_have_text(value)
        expect(told(view)).to_have_count(0)
        way = page.python(TAKEN)
        view.get_by_role("radio", name="WebTransport").check()
        view.get_by_label("why, in a line").fill("it is new")
        assert page.python("view.turn") == 0
        view.get_by_role("button", name="decide").click()
        page.until("view.turn", 1)
        expect(said(view)).to_have_text("✗ not as the rules")
        expect(view.locator(".wsl-verdict")).to_contain_text(f"the rules take {way}.")
        expect(told(view).get_by_role("row")).to_have_count(1 + len(page.python("view.results[0]['lines']")))
        expect(told(view).get_by_role("row").nth(1)).to_contain_text(
            page.python("view.results[0]['lines'][0]['meaning']")
        )
        expect(view.get_by_role("button", name="Decision 1: not yet")).to_have_text("1 ✗")
        view.locator(f"input[value='{way}']").check()
        view.get_by_role("button", name="decide").click()
        page.until("view.turn", 2)
        expect(said(view)).to_have_text("✓ as the rules")
        first = page.python("view.decisions[0].id")
        assert answers(page) == [
            (first, ["WebTransport", "it is new"], False),
            (first, [way, "it is new"], True),
        ]

    def test_the_items_own_answer_is_there_to_be_opened(self, page: WidgetPage) -> None:
        view = page.show(DECIDE)
        page.run("view.decide('SSE')")
        strong = view.get_by_text(page.python("view.decisions[0].strong"))
        expect(strong).to_be_hidden()
        view.get_by_text("How it is said").click()
        expect(strong).to_be_visible()
        expect(view.get_by_text(page.python("view.decisions[0].weak"))).to_be_visible()

    def test_by_keyboard_alone(self, page: WidgetPage) -> None:
        view = page.show(DECIDE)
        keyboard = page.page.keyboard
        view.get_by_role("button", name="your own").focus()
        keyboard.press("Tab")
        expect(view.get_by_role("radio").first).to_be_focused()
        keyboard.press("Space")
        keyboard.press("ArrowDown")
        expect(view.get_by_role("radio").nth(1)).to_be_checked()
        keyboard.press("Tab")
        keyboard.type("because")
        keyboard.press("Enter")
        page.until("view.results[0].get('why')", "because")
        assert page.python("view.results[0]['way']") == page.python("list(WAYS)[1]")
        keyboard.press("Tab")
        keyboard.press("Tab")
        keyboard.press("Enter")
        page.until("view.at", 1)
        expect(view.get_by_role("radio").first).to_be_focused()
        expect(view.get_by_role("radio", checked=True)).to_have_count(0)
        expect(view.get_by_label("why, in a line")).to_have_value("")
        keyboard.press("Enter")
        expect(view.locator(".wsl-hint")).to_have_text("✗ Choose a way first.")

    def test_what_was_decided_is_still_so_when_one_comes_back(self, page: WidgetPage) -> None:
        view = page.show(DECIDE)
        page.run("view.decide('SSE', 'one way')")
        view.get_by_role("button", name="next").click()
        page.until("view.at", 1)
        expect(told(view)).to_have_count(0)
        view.get_by_role("button", name="Decision 1").click()
        expect(view.get_by_role("radio", name="SSE")).to_be_checked()
        expect(view.get_by_label("why, in a line")).to_have_value("one way")
        expect(told(view)).to_be_visible()

    def test_the_rules_reason_is_read_out(self, page: WidgetPage) -> None:
        view = page.show(DECIDE)
        view.get_by_role("radio").first.check()
        view.get_by_role("button", name="decide").click()
        page.until("view.turn", 1)
        expect(heard(view)).to_contain_text(page.python("view.results[0]['lines'][0]['meaning']"))


class TestOwnNeeds:
    def test_they_are_set_by_mouse(self, page: WidgetPage) -> None:
        view = page.show(DECIDE)
        view.get_by_role("button", name="your own").click()
        page.until("view.at == len(view.decisions)", True)
        view.get_by_label("network", exact=True).select_option("blocked")
        page.until("view.needs['network']", "blocked")
        expect(needed(view, "network")).to_contain_text(page.python("NEEDS['network']['blocked']"))
        view.get_by_role("radio", name="WebSocket").check()
        view.get_by_role("button", name="decide").click()
        page.until("view.turn", 1)
        expect(view.locator(".wsl-verdict")).to_contain_text("the rules take long polling.")
        expect(told(view).get_by_role("row", name="WebSocket")).to_contain_text(
            "The upgrade does not come through."
        )
        view.get_by_label("network", exact=True).select_option("open")
        expect(told(view)).to_have_count(0)
        expect(said(view)).to_have_text("– your own needs")
        assert answers(page) == []

    def test_they_are_set_by_keyboard(self, page: WidgetPage) -> None:
        view = page.show("from wslearn.interview import decide\nview = decide(browser='none')\nview")
        view.get_by_label("direction", exact=True).focus()
        page.page.keyboard.press("ArrowDown")
        page.until("view.needs['direction']", "both")
        expect(view.get_by_label("direction", exact=True)).to_be_focused()
        assert page.python(TAKEN) == "gRPC streaming"

    def test_two_pictures_of_one_drill_agree(self, page: WidgetPage) -> None:
        first = page.show("from wslearn.interview import decide\nview = decide(rate='rare')\nview")
        second = page.show("view")
        first.get_by_label("rate", exact=True).select_option("fast")
        expect(second.get_by_label("rate", exact=True)).to_have_value("fast")


class TestRules:
    def test_they_are_there_before_and_marked_afterwards(self, page: WidgetPage) -> None:
        view = page.show("from wslearn.interview import decide\nview = decide(network='blocked')\nview")
        number = page.python("len(RULES)")
        rows = view.get_by_role("table", name="All rules").get_by_role("row")
        view.get_by_text(f"All {number} rules").click()
        expect(rows).to_have_count(number + 1)
        expect(rows.filter(has_text=", here")).to_have_count(0)
        view.get_by_role("radio", name="SSE").check()
        view.get_by_role("button", name="decide").click()
        page.until("view.turn", 1)
        here = page.python("sum(rule.applies(view._needs(view.at)) for rule in RULES)")
        expect(rows.filter(has_text=", here")).to_have_count(here)
        expect(rows.first).to_be_attached()
        expect(rows.nth(1)).to_be_visible()


def test_text_is_text(page: WidgetPage) -> None:
    view = page.show(f"""
from dataclasses import replace
from wslearn.interview import decide
from wslearn.widgets.decision_view import DecisionView
evil = dict.fromkeys(("question", "strong", "weak", "reason", "answer", "section"), {EVIL!r})
view = DecisionView([replace(decide().decisions[0], points=({EVIL!r}, "`<b>`"), **evil)])
view.decide("SSE", {EVIL!r})
view""")
    expect(view.locator(".wsl-question-text")).to_have_text(EVIL)
    expect(view.get_by_label("why, in a line")).to_have_value(EVIL)
    view.get_by_text("How it is said").click()
    expect(view.locator(".wsl-say code")).to_have_text("<b>")
    expect(view.get_by_text(EVIL)).to_have_count(8)
    assert page.page.locator(".jp-Cell img").count() == 0


def test_it_can_be_read_and_fits(page: WidgetPage) -> None:
    view = page.show(DECIDE)
    page.run("view.decide('SSE')")
    for summary in view.locator("summary").all():
        summary.click()
    readable(page, view)
    page.run("view.at = len(view.decisions)")
    page.width(400)
    assert page.overflow(view) == []
    assert page.axe(view) == []


def test_what_is_kept_of_it_can_be_read_and_fits(page: WidgetPage) -> None:
    stills = page.cell("""
from IPython.display import HTML, display
from wslearn.interview import decide, rules
view = decide()
view.decide("SSE")
display(HTML(view.still()), rules(), recommend(view._needs(0)))
""").locator(".wsl-still")
    expect(stills).to_have_count(3)
    stills.first.locator("summary").first.click()
    page.width(400)
    for still in stills.all():
        assert page.overflow(still) == []
        assert page.axe(still) == []
