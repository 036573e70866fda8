"""The cards in JupyterLab, by mouse and by keyboard, in two notebooks at once, and after a restart."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drill import readable
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

NAMES = "AGAIN, EASY, EVIL, HARD, GOOD, MANY, ONE, OPEN, Clock, card, deck, reviews"
BEGIN = f"""
import os, sys, tempfile
sys.path.insert(0, {{root!r}})
os.environ["WSLEARN_DATA"] = tempfile.mkdtemp()
from tests.interview.decks import {NAMES}
from wslearn.widgets.cards_view import CardsView
clock = Clock()
"""
CARDS = "view = CardsView(deck(card('a'), card('b'), card('c', 'closing'), clock=clock)); view"
CHOICE = "view = CardsView(deck(ONE, clock=clock)); view"
SEVERAL = "view = CardsView(deck(MANY, clock=clock)); view"
OPEN = "view = CardsView(deck(OPEN, clock=clock)); view"
NONE = "view = CardsView(deck(clock=clock)); view"


@pytest.fixture
def page(lab_page: WidgetPage, pytestconfig: pytest.Config) -> WidgetPage:
    """A page of somebody who has begun no card."""
    lab_page.run(BEGIN.format(root=str(pytestconfig.rootpath)))
    return lab_page


def question(view: Locator) -> Locator:
    return view.locator(".wsl-recall")


def said(view: Locator) -> Locator:
    return view.locator(".wsl-verdict b")


def turned(view: Locator) -> None:
    expect(view.get_by_role("group", name="Answer")).to_be_visible()


class TestByMouse:
    def test_a_card(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        expect(question(view)).to_have_text("What is a?")
        expect(said(view)).to_have_text("– 0 due, 3 new")
        expect(view.get_by_role("group", name="Answer")).to_have_count(0)
        view.get_by_role("button", name="show the answer").click()
        expect(view.locator(".wsl-say").first).to_have_text("AnswerThe a.")
        rates = view.get_by_role("group", name="How well did it go?").get_by_role("button")
        told = ["1 Again 1 min", "2 Hard 6 min", "3 Good 10 min", "4 Easy 8 days"]
        assert [" ".join(text.split()) for text in rates.all_inner_texts()] == told
        view.get_by_role("button", name="Good 10 min").click()
        expect(question(view)).to_have_text("What is b?")
        expect(said(view)).to_have_text("– 0 due, 2 new, 1 again soon")
        assert page.python("reviews()") == [("a", 3)]

    def test_undo(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        expect(view.get_by_role("button", name="undo")).to_be_disabled()
        view.get_by_role("button", name="show the answer").click()
        view.get_by_role("button", name="Again").click()
        expect(question(view)).to_have_text("What is b?")
        view.get_by_role("button", name="undo").click()
        expect(question(view)).to_have_text("What is a?")
        expect(view.get_by_role("button", name="undo")).to_be_disabled()
        assert page.python("reviews()") == []

    def test_a_choice(self, page: WidgetPage) -> None:
        view = page.show(CHOICE)
        view.get_by_role("button", name="Nothing.").click()
        expect(said(view)).to_have_text("✗ not so")
        expect(view.locator(".wsl-chosen")).to_have_text("✗ wrong, and chosenNothing.No.")
        expect(view.locator(".wsl-judged .wsl-payload")).to_have_text("✓ rightTrue.So it is.")
        view.get_by_role("button", name="Again").click()
        expect(said(view)).to_have_text("– 0 due, 0 new, 1 again soon")

    def test_several(self, page: WidgetPage) -> None:
        view = page.show(SEVERAL)
        for name in ("A.", "B.", "C.", "B."):
            view.get_by_role("button", name=name).click()
        expect(view.get_by_role("button", pressed=True)).to_have_count(2)
        assert page.python("view.turn") == 0
        view.get_by_role("button", name="show the answer").click()
        expect(said(view)).to_have_text("✓ right")

    def test_topics(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        topic = view.get_by_role("combobox", name="Topic")
        assert topic.locator("option").all_inner_texts() == [
            "all topics",
            "masking: 0 due, 2 new",
            "closing: 0 due, 1 new",
        ]
        topic.select_option("closing")
        expect(question(view)).to_have_text("What is c?")
        view.get_by_role("button", name="show the answer").click()
        view.get_by_role("button", name="Easy").click()
        expect(said(view)).to_have_text("✓ done for now")
        expect(view.locator(".wsl-verdict")).to_contain_text("The next card is due in 8 days.")
        assert "closing: 0 due, 0 new" in topic.inner_text()
        page.run("clock.on(days=8)")
        view.get_by_role("button", name="look again").click()
        expect(question(view)).to_have_text("What is c?")
        expect(said(view)).to_have_text("– 1 due, 0 new")

    def test_undo_goes_back_to_the_cards_topic(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        topic = view.get_by_role("combobox", name="Topic")
        view.get_by_role("button", name="show the answer").click()
        view.get_by_role("button", name="Easy").click()
        topic.select_option("closing")
        expect(question(view)).to_have_text("What is c?")
        view.get_by_role("button", name="undo").click()
        expect(question(view)).to_have_text("What is a?")
        expect(topic).to_have_value("masking")
        expect(said(view)).to_have_text("– 0 due, 2 new")


class TestByKeyboard:
    def test_from_card_to_card(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        keyboard = page.page.keyboard
        view.get_by_role("combobox", name="Topic").focus()
        keyboard.press("Tab")
        expect(view.get_by_role("button", name="show the answer")).to_be_focused()
        keyboard.press("Space")
        for name, rating in (("a", "1"), ("b", "2"), ("c", "4")):
            expect(question(view)).to_have_text(f"What is {name}?")
            turned(view)
            expect(view.get_by_role("group", name="Answer")).to_be_focused()
            keyboard.press(rating)
            turned_back = view.get_by_role("button", name="show the answer")
            expect(turned_back).to_be_visible()
            expect(question(view)).to_be_focused()
            keyboard.press("Space")
        assert page.python("reviews()") == [("a", 1), ("b", 2), ("c", 4)]
        turned(view)
        keyboard.press("u")
        expect(question(view)).to_have_text("What is c?")
        expect(view.get_by_role("group", name="Answer")).to_have_count(0)
        assert page.python("reviews()") == [("a", 1), ("b", 2)]

    def test_nothing_is_rated_before_it_is_seen(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        view.get_by_role("button", name="show the answer").focus()
        for key in ("1", "4", "5", "b", "Shift", "ArrowDown"):
            page.page.keyboard.press(key)
        page.settle()
        assert page.python("(view.turn, reviews())") == (0, [])

    def test_a_key_that_is_held_rates_one_card(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        view.get_by_role("button", name="show the answer").focus()
        page.page.keyboard.press("Space")
        turned(view)
        for _ in range(5):
            page.page.keyboard.down("3")
        page.page.keyboard.up("3")
        expect(question(view)).to_have_text("What is b?")
        page.settle()
        assert page.python("reviews()") == [("a", 3)]

    def test_choices_by_letter(self, page: WidgetPage) -> None:
        view = page.show(CHOICE)
        view.get_by_role("button", name="show the answer").focus()
        page.page.keyboard.press("b")
        expect(said(view)).to_have_text("✓ right")
        expect(view.get_by_role("group", name="Answer")).to_be_focused()
        page.page.keyboard.press("3")
        page.until("reviews()", [("a-one", 3)])

    def test_several_by_letter(self, page: WidgetPage) -> None:
        view = page.show(SEVERAL)
        view.get_by_role("button", name="undo").evaluate("node => node.disabled = false")
        view.get_by_role("button", name="undo").focus()
        page.page.keyboard.press("Tab")
        expect(view.get_by_role("button", name="A.")).to_be_focused()
        for key in ("Enter", "b", "c", "b"):
            page.page.keyboard.press(key)
        expect(view.get_by_role("button", pressed=True)).to_have_count(2)
        view.locator(".wsl-recall").focus()
        page.page.keyboard.press("Space")
        expect(said(view)).to_have_text("✓ right")

    def test_jupyterlab_hears_nothing_of_it(self, page: WidgetPage) -> None:
        """There B makes a cell below, and 1 a heading."""
        view = page.show(SEVERAL)
        cells = page.page.locator(".jp-Cell").count()
        view.get_by_role("button", name="A.").focus()
        for key in ("b", "a", "Space", "1"):
            page.page.keyboard.press(key)
        page.settle()
        assert page.page.locator(".jp-Cell").count() == cells

    def test_it_is_read_out(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        live = view.get_by_role("status")
        expect(live).to_have_text("")
        view.get_by_role("button", name="show the answer").click()
        expect(live).to_have_text("the answer The a. How well did you have it?")
        view.get_by_role("button", name="Easy").click()
        expect(live).to_have_text("What is b? Say the answer, then look.")


class TestElsewhere:
    def test_two_pictures_of_one_view_agree(self, page: WidgetPage) -> None:
        first, second = page.show(CARDS), page.show("view")
        first.get_by_role("button", name="show the answer").click()
        turned(second)
        second.get_by_role("button", name="Easy").click()
        expect(question(first)).to_have_text("What is b?")
        assert page.python("reviews()") == [("a", 4)]

    def test_a_card_that_was_rated_elsewhere_is_not_counted_twice(self, page: WidgetPage) -> None:
        first = page.show(CARDS)
        second = page.show(CARDS.replace("view", "other"))
        for view in (first, second):
            view.get_by_role("button", name="show the answer").click()
            turned(view)
        first.get_by_role("button", name="Easy").click()
        expect(question(first)).to_have_text("What is b?")
        second.get_by_role("button", name="Again").click()
        expect(second.locator(".wsl-hint")).to_contain_text("rated in another notebook meanwhile")
        expect(second.get_by_role("status")).to_contain_text("rated in another notebook meanwhile")
        expect(question(second)).to_have_text("What is b?")
        assert page.python("reviews()") == [("a", 4)]

    def test_after_a_restart_it_goes_on(self, page: WidgetPage, pytestconfig: pytest.Config) -> None:
        view = page.show(CARDS)
        view.get_by_role("button", name="show the answer").click()
        view.get_by_role("button", name="Easy").click()
        expect(question(view)).to_have_text("What is b?")
        folder = page.python("os.environ['WSLEARN_DATA']")
        page.restart()
        expect(view).to_contain_text("The kernel that drew this is gone.")
        expect(view.get_by_role("button", name="show the answer")).to_be_disabled()
        page.run(BEGIN.format(root=str(pytestconfig.rootpath)))
        page.run(f"os.environ['WSLEARN_DATA'] = {folder!r}; clock.on(days=8)")
        again = page.show(CARDS)
        expect(question(again)).to_have_text("What is a?")
        expect(said(again)).to_have_text("– 1 due, 2 new")

    def test_a_damaged_file_is_told(self, page: WidgetPage) -> None:
        view = page.show(CARDS)
        page.run("""
import logging, pathlib
logging.getLogger("wslearn.course").setLevel(logging.CRITICAL)
(pathlib.Path(os.environ["WSLEARN_DATA"]) / "progress.sqlite3").write_bytes(b"no database" * 500)
""")
        view.get_by_role("button", name="show the answer").click()
        view.get_by_role("button", name="Easy").click()
        expect(view.locator(".wsl-hint")).to_contain_text(
            "could not be read: it is kept as progress-damaged-"
        )
        expect(question(view)).to_have_text("What is b?")


def test_text_is_text(page: WidgetPage) -> None:
    view = page.show(OPEN)
    expect(question(view)).to_have_text("Why <img src=x onerror=alert(1)>?")
    view.get_by_role("button", name="show the answer").click()
    expect(view.locator(".wsl-say.wsl-fault p")).to_have_text("Well, <img src=x onerror=alert(1)>.")
    choice = page.show(CHOICE)
    choice.get_by_role("button", name="<img").click()
    expect(choice.locator(".wsl-chosen p").first).to_have_text("<img src=x onerror=alert(1)>")
    assert page.page.locator(".jp-Cell img").count() == 0


@pytest.mark.parametrize(
    "code", [CARDS, CHOICE, SEVERAL, OPEN, NONE], ids=["card", "one", "some", "open", "none"]
)
def test_it_can_be_read_and_fits(page: WidgetPage, code: str) -> None:
    view = page.show(code)
    readable(page, view)
    if code != NONE:
        page.run("view.reveal(0)" if code in {CHOICE, SEVERAL} else "view.reveal()")
        turned(view)
        readable(page, view)
        view.get_by_role("button", name="Easy").click()
        expect(view.get_by_role("group", name="Answer")).to_have_count(0)
