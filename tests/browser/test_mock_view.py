"""A mock interview in JupyterLab, from its choice to its report, by mouse and by keyboard."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import EMPTY, WidgetPage

pytestmark = pytest.mark.needs("chromium")

EVIL = "<img src=x onerror=alert(1)>"
# A clock that stands still unless a test moves it.
MOCK = "time = [0.0]\nview = mock(15, ['short'], seed=3, clock=lambda: time[0])\nview"
ANSWERED = """
while view.phase == "asking":
    view.typed = [view.shown["question"], view.shown["part"], "an answer"]
    view.step("skip")
"""


@pytest.fixture
def room(lab_page: WidgetPage) -> Iterator[WidgetPage]:
    """A page of somebody who has held no interview yet."""
    lab_page.run("from wslearn.course import progress\nfrom wslearn.interview import mock, reports")
    yield lab_page
    lab_page.run("progress().reset('erase')")


def said(view: Locator) -> Locator:
    return view.locator(".wsl-verdict b")


def readable(page: WidgetPage, *views: Locator) -> None:
    """Look at what is there narrow, wide, and as axe-core does."""
    for width in (400, 1600):
        page.width(width)
        for view in views:
            assert page.overflow(view) == []
    for view in views:
        assert page.axe(view) == []


class TestChoice:
    def test_by_mouse(self, room: WidgetPage) -> None:
        view = room.show("view = mock(15)\nview")
        view.get_by_role("radio", name="45 minutes").click()
        view.get_by_role("checkbox", name="designs").click()
        view.get_by_text("Topics: all").click()
        view.get_by_role("checkbox", name="masking").click()
        view.get_by_role("checkbox", name="frames").click()
        room.until("view.choice['topics']", ["masking", "frames"])
        assert room.python("view.choice['minutes'], view.choice['kinds']") == (
            45,
            ["short", "decision", "estimate"],
        )
        view.get_by_role("button", name="begin").click()
        room.until("view.phase", "asking")
        assert room.python("{item.topic for item in view.held.items}") == {"masking", "frames"}
        assert room.python("view.held.minutes") == 45

    def test_nothing_chosen_is_told(self, room: WidgetPage) -> None:
        view = room.show("view = mock(15, ['short'])\nview")
        view.get_by_role("checkbox", name="short answers").click()
        problem = "✗ Choose a topic, and a kind with a share above zero."
        expect(view.locator(".wsl-hint")).to_have_text(problem)
        view.get_by_role("button", name="begin").click()
        room.settle()
        expect(view.locator(".wsl-hint")).to_have_text(problem)
        assert room.python("view.phase") == "ready"


class TestInterview:
    def test_by_mouse(self, room: WidgetPage) -> None:
        view = room.show(MOCK)
        view.get_by_role("button", name="begin").click()
        question, follow_up = room.python("(view.held.item.question, view.held.item.follow_ups[0])")
        expect(view.locator(".wsl-asking")).to_have_text(question.replace("`", ""))
        expect(said(view)).to_have_text(f"question 1 of {room.python('len(view.held.items)')}")
        answer = view.get_by_role("textbox", name="Your answer")
        answer.click()
        room.page.keyboard.type("two\nlines")
        expect(view.get_by_text("✓ kept")).to_be_visible()
        room.until("view.held.said", {(room.python("view.held.item.id"), 0): "two\nlines"})
        view.get_by_role("button", name="go on ▸").click()
        expect(view.locator(".wsl-asking")).to_have_text(follow_up.replace("`", ""))
        expect(view.locator(".wsl-asked")).to_have_text(question.replace("`", ""))
        expect(view.locator(".wsl-typed")).to_have_text("two\nlines")
        expect(answer).to_have_value("")
        view.get_by_role("button", name="skip what follows").click()
        room.until("view.held.question", 1)
        view.get_by_role("button", name="end").click()
        assert room.python("view.phase") == "asking"
        view.get_by_role("button", name="end and score?").click()
        room.until("view.phase", "scoring")
        view.get_by_role("checkbox").nth(0).click()
        view.get_by_role("checkbox").nth(2).click()
        room.until("view.ticked", [[0, 2]])
        view.get_by_role("checkbox").nth(0).click()
        room.until("view.ticked", [[2]])
        expect(view.get_by_role("button", name="Question 1: 1 of")).to_be_visible()
        view.get_by_role("button", name="to the report").click()
        room.until("view.phase", "done")
        expect(said(view)).to_have_text(f"✓ {room.python('view.report.score')}")
        view.get_by_role("button", name="another interview").click()
        expect(view.get_by_role("button", name="begin")).to_be_visible()

    def test_by_keyboard_alone(self, room: WidgetPage) -> None:
        view = room.show(MOCK)
        same = room.python("id(view)")
        keyboard = room.page.keyboard
        view.get_by_role("button", name="begin").focus()
        keyboard.press("Enter")
        answer = view.get_by_role("textbox", name="Your answer")
        expect(answer).to_be_focused()
        keyboard.type("first")
        keyboard.press("Control+Enter")
        room.until("view.held.part", 1)
        expect(answer).to_be_focused()
        expect(answer).to_have_value("")
        keyboard.type("second")
        keyboard.press("Shift+Tab")
        keyboard.press("Shift+Tab")
        expect(view.get_by_role("button", name="pause")).to_be_focused()
        keyboard.press("Enter")
        room.until("view.clock['running']", False)
        expect(answer).to_have_count(0)
        expect(view.get_by_role("button", name="go on").nth(1)).to_be_focused()
        keyboard.press("Enter")
        expect(answer).to_be_focused()
        expect(answer).to_have_value("second")
        room.run("while view.shown['next'] != 'scoring': view.step('next')")
        expect(answer).to_have_value("")
        answer.focus()
        keyboard.type("last")
        keyboard.press("Control+Enter")
        room.until("view.phase", "scoring")
        assert room.python("[*view.held.said.values()]") == ["first", "second", "last"]
        assert room.python("id(view)") == same, "JupyterLab ran the cell anew"
        expect(view.get_by_role("checkbox").first).to_be_focused()
        keyboard.press("Space")
        room.until("view.ticked[0]", [0])
        expect(view.get_by_role("checkbox").first).to_be_focused()
        for at in range(1, room.python("len(view.scored)")):
            view.get_by_role("button", name="next ▸").focus()
            keyboard.press("Enter")
            room.until("view.at", at)
            expect(view.get_by_role("checkbox").first).to_be_focused()
        view.get_by_role("button", name="to the report").focus()
        keyboard.press("Enter")
        expect(view.get_by_role("textbox", name="save as")).to_be_focused()

    def test_the_time_runs_in_the_page_and_is_pythons(self, room: WidgetPage) -> None:
        view = room.show(MOCK)
        view.get_by_role("button", name="begin").click()
        timer = view.get_by_role("timer")
        expect(timer).to_have_text("14:59 left")
        room.run("time[0] = 100; view.look()")
        expect(timer).to_have_text("13:19 left")
        view.get_by_role("button", name="pause").click()
        expect(timer).to_have_text("13:20 left")
        room.run("time[0] = 1000")
        view.get_by_role("button", name="go on").first.click()
        expect(timer).to_have_text("13:19 left")

    def test_when_the_time_is_over(self, room: WidgetPage) -> None:
        view = room.show(MOCK)
        view.get_by_role("button", name="begin").click()
        view.get_by_role("textbox").fill("half a sen")
        room.until("len(view.held.said)", 1)
        room.run("for _ in range(9): time[0] += 99.9; view.look()")
        expect(view.get_by_role("timer")).to_have_text("0:00 left")
        room.run("time[0] += 1.5")
        # The page finds that the time is over, asks, and is told so.
        expect(said(view)).to_have_text("time is over")
        expect(view.get_by_role("timer")).to_have_text("0:01 over")
        expect(view.get_by_role("status").first).to_have_text("Time is over")
        view.get_by_role("textbox").press("End")
        room.page.keyboard.type("tence")
        view.get_by_role("button", name="to the scoring").click()
        room.until("view.phase", "scoring")
        assert room.python("[*view.held.said.values()]") == ["half a sentence"]


class TestKept:
    def test_a_restart_loses_nothing(self, room: WidgetPage) -> None:
        view = room.show(MOCK)
        view.get_by_role("button", name="begin").click()
        view.get_by_role("textbox").fill("said before")
        room.until("view.kept", "said before")
        room.restart()
        view.get_by_text("The kernel that drew this is gone").wait_for()
        room.run("from wslearn.course import progress\nfrom wslearn.interview import mock, reports")
        again = room.show(MOCK)
        expect(said(again)).to_have_text("– paused")
        again.get_by_role("button", name="go on").last.click()
        expect(again.get_by_role("textbox")).to_have_value("said before")

    def test_another_picture_of_it_goes_along(self, room: WidgetPage) -> None:
        first, second = room.show(MOCK), room.show("view")
        first.get_by_role("button", name="begin").click()
        first.get_by_role("textbox").fill("typed here")
        expect(second.get_by_role("textbox")).to_have_value("typed here")

    def test_a_picture_that_is_drawn_later_knows_the_time(self, room: WidgetPage) -> None:
        room.show(MOCK)
        room.run("view.step('begin'); time[0] = 60")
        expect(room.show("view").get_by_role("timer")).to_have_text("13:59 left")


class TestReport:
    def shown(self, room: WidgetPage) -> Locator:
        view = room.show(MOCK)
        room.run("view.step('begin')" + ANSWERED + "view.step('finish')")
        return view

    def test_a_link_opens_the_lesson(self, room: WidgetPage, widget_folder: Path) -> None:
        view = self.shown(room)
        link = view.locator(".wsl-report a").first
        lesson = str(link.get_attribute("href")).partition("#")[0]
        (widget_folder / lesson).write_text(json.dumps(EMPTY), "utf-8")
        try:
            link.click()
            expect(room.page.get_by_role("tab", name=lesson, selected=True)).to_be_visible()
            assert len(room.page.context.pages) == 1, "it opened in another tab of the browser"
        finally:
            room.page.evaluate("() => lesson.back()")

    def test_it_is_saved(self, room: WidgetPage, widget_folder: Path) -> None:
        view = self.shown(room)
        field = view.get_by_role("textbox", name="save as")
        expect(field).to_have_value(room.python("f'mock-interview-{view.held.begun[:10]}.md'"))
        for name in ("mine.html", "mine.md"):
            field.fill(name)
            view.get_by_role("button", name="save").click()
            expect(view.locator(".wsl-verdict .wsl-m")).to_have_text(f"The report is in {name}.")
            assert "an answer" in (widget_folder / name).read_text("utf-8")
        field.fill("mine.ipynb")
        view.get_by_role("button", name="save").click()
        expect(view.locator(".wsl-hint")).to_contain_text("✗ A report is saved as .md or .html")


class TestAll:
    def test_text_is_text(self, room: WidgetPage) -> None:
        view = room.show(MOCK)
        view.get_by_role("button", name="begin").click()
        view.get_by_role("textbox").fill(EVIL)
        room.until("view.kept", EVIL)
        room.run("view.step('next')")
        expect(view.locator(".wsl-typed")).to_have_text(EVIL)
        room.run("view.step('end')")
        expect(view.locator(".wsl-typed").first).to_have_text(EVIL)
        room.run("view.step('finish')")
        expect(view.locator(".wsl-typed").first).to_have_text(EVIL)
        still = room.cell("view.report").locator(".wsl-still")
        expect(still.locator(".wsl-typed").first).to_have_text(EVIL)
        assert room.page.locator(".jp-Cell img").count() == 0

    @pytest.mark.parametrize("theme", THEMES)
    def test_it_can_be_read_and_fits(self, room: WidgetPage, theme: str) -> None:
        room.theme(theme)
        view = room.show(MOCK)
        view.get_by_text("Topics: all").click()
        plan = room.cell("from wslearn.interview import plan\nplan('weekend')").locator(".wsl-still")
        readable(room, view, plan)
        room.run("view.step('begin'); view.typed = [0, 0, 'word ' * 99]; view.step('next')")
        readable(room, view)
        room.run(ANSWERED)
        readable(room, view)
        room.run("view.step('finish')")
        readable(room, view, room.cell("view.report").locator(".wsl-still"))

    def test_it_leaves_nothing_behind(self, room: WidgetPage) -> None:
        view = room.show(MOCK)
        view.get_by_role("button", name="begin").click()
        view.get_by_role("textbox").fill("an answer")
        room.remove(view)
        assert room.leftovers() == []
