"""AppView in JupyterLab: pages of an app in a notebook talk to each other, and leave nothing behind."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

START = """from wslearn.labs.apps.chat import chat
from wslearn.net import serve
from wslearn.widgets.app_view import AppView
server = serve({'/chat': chat()})
view = AppView(server, '/chat', ['?room=den'] * 2, height=260)
view"""
IS_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"


@pytest.fixture
def view(lab_page: WidgetPage) -> Iterator[Locator]:
    view = lab_page.show(START)
    expect(view.locator(".wsl-verdict b")).to_have_text("✓ live")
    for frame in view.locator("iframe").all():
        expect(frame.content_frame.locator(".status")).to_have_attribute("data-state", "open")
    yield view
    said = list(lab_page.browser.complaints)
    lab_page.clear()  # before its server stops, of which the pages would complain
    lab_page.run("server.stop() if 'server' in globals() else None")
    assert said == []


def test_two_pages_talk(lab_page: WidgetPage, view: Locator) -> None:
    ada, bob = (frame.content_frame for frame in view.locator("iframe").all())
    ada.get_by_label("Message", exact=True).fill("Hello")
    lab_page.page.keyboard.press("Enter")
    expect(bob.locator("#log")).to_contain_text("Hello")
    lab_page.until("view.situation", "shown")
    assert lab_page.python("server.connections") == 2
    link = view.get_by_role("link", name="open it in a tab")
    assert link.get_attribute("href") == lab_page.python("server.page") + "chat?room=den"
    lobby = lab_page.show("AppView(server, '/chat', [''])").locator("iframe").content_frame
    expect(lobby.locator(".status")).to_have_attribute("data-state", "open")
    expect(lobby.locator("#log")).to_have_text("")


def test_it_follows_the_theme(lab_page: WidgetPage, view: Locator) -> None:
    lab_page.page.emulate_media(color_scheme="null")  # else all frames are as the window is told to be
    try:
        for theme in THEMES:
            lab_page.theme(theme)
            for frame in view.locator("iframe").all():
                assert frame.content_frame.locator("html").evaluate(IS_DARK) is (theme == "dark")
    finally:
        lab_page.page.emulate_media(color_scheme="light")


def test_a_server_that_has_stopped_is_named(lab_page: WidgetPage, view: Locator) -> None:
    lab_page.run("server.stop()")
    expect(view.locator(".wsl-verdict")).to_contain_text("Its server has stopped.")
    expect(view.locator("iframe")).to_have_count(0)
    expect(view.get_by_role("button", name="Load the pages of /chat again")).to_be_disabled()
    lab_page.until("view.situation", "stopped")
    lab_page.browser.complaints.clear()  # of a page that tried to connect again meanwhile


def test_a_server_that_cannot_be_reached(lab_page: WidgetPage, view: Locator) -> None:
    lab_page.run("url, view.url = view.url, 'ws://127.0.0.1:9/chat'")
    view.get_by_role("button", name="Load the pages of /chat again").click()
    expect(view.locator(".wsl-verdict")).to_contain_text("This browser cannot reach the server")
    expect(view.locator("iframe")).to_have_count(0)
    lab_page.until("view.situation", "unreachable")
    lab_page.run("view.url = url")
    view.get_by_role("button", name="Load the pages of /chat again").click()
    expect(view.locator("iframe")).to_have_count(2)
    lab_page.browser.complaints.clear()  # of the connection that was refused


def test_all_can_use_it_and_it_fits(lab_page: WidgetPage, view: Locator) -> None:
    for width in (400, 900, 1600):
        lab_page.width(width)
        assert lab_page.overflow(view) == []
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(view) == []


def test_a_deleted_cell_leaves_nothing(lab_page: WidgetPage, view: Locator) -> None:
    lab_page.remove(view)
    lab_page.until("server.connections", 0)
    assert lab_page.leftovers() == []


def test_after_a_restart_of_the_kernel_no_page_asks_on(lab_page: WidgetPage, view: Locator) -> None:
    lab_page.restart()
    view.get_by_text("The kernel that drew this is gone").wait_for()
    expect(view.locator("iframe")).to_have_count(0)
    lab_page.browser.complaints.clear()  # of pages that lost their server
