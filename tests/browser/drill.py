"""What the tests of the drills share."""

from typing import Any

from playwright.sync_api import Locator

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage

ANSWERS = "[(row['question'], row['chosen'], row['is_right']) for row in progress().answers]"


def at_the_desk(page: WidgetPage) -> None:
    """Make the kernel that of somebody who has done nothing yet."""
    page.run("from wslearn.course import progress; progress().reset('erase')")


def answers(page: WidgetPage) -> Any:
    """What is kept: of each answer the question, what was said, and whether it is right."""
    return page.python(ANSWERS)


def said(view: Locator) -> Locator:
    """The word of the verdict."""
    return view.locator(".wsl-verdict b")


def heard(view: Locator) -> Locator:
    """What a screen reader was told last."""
    return view.locator(".wsl-unseen[role=status]")


def readable(page: WidgetPage, view: Locator) -> None:
    """Look at it at every width and in every theme."""
    for width in (400, 1600, 900):
        page.width(width)
        assert page.overflow(view) == []
    for theme in THEMES:
        page.theme(theme)
        assert page.axe(view) == []
    page.theme("light")
