"""ConsoleView in JupyterLab: the kernel speaks, then the browser, by mouse and by keyboard."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

SHOW = """from wslearn.net import serve
from wslearn.widgets import ConsoleView
server = serve()
view = ConsoleView(server)
view"""
EVIL = "<img src=x onerror=alert(1)>"
AT_THE_END = """() => {
  const log = document.querySelector('.wsl-scroll')
  return log.scrollHeight - log.scrollTop - log.clientHeight < 2
}"""
SAID = "[row['text'] for row in view.log if row['what'] == 'text']"


def press(view: Locator, name: str) -> None:
    view.get_by_role("button", name=name, exact=True).click()


def connect(page: WidgetPage, view: Locator) -> None:
    press(view, "connect")
    page.until("view.state", "open")
    expect(view.locator(".wsl-verdict b")).to_have_text("✓ open")


def send(view: Locator, text: str) -> None:
    view.get_by_label("message").fill(text)
    view.get_by_label("message").press("Enter")


def log(page: WidgetPage, view: Locator) -> None:
    """Wait until the page shows Python's log, row by row."""
    page.page.wait_for_timeout(200)
    expect(view.locator(".wsl-said")).to_have_text(page.python("[row['text'] for row in view.log]"))


def end(page: WidgetPage) -> None:
    page.run("view.close()")
    page.until("server.connections", 0)
    page.run("server.stop()")


def test_the_kernel_speaks(lab_page: WidgetPage) -> None:
    view = lab_page.show(SHOW)
    view.get_by_label("URL").press("Enter")
    lab_page.until("view.state", "open")
    send(view, EVIL)
    lab_page.until(SAID, [EVIL, EVIL])
    log(lab_page, view)
    assert view.locator("img").count() == 0
    press(view, "ping")
    lab_page.until("[row['what'] for row in view.log][-3:]", ["ping", "pong", "note"])
    view.get_by_label("Send as").select_option("binary")
    send(view, "00 ff 1")
    expect(view.locator(".wsl-problem")).to_have_text("✗ A byte has two hex digits: one digit is missing.")
    send(view, "00 ff 10")
    lab_page.until("[row['size'] for row in view.log if row['what'] == 'binary']", [3, 3])
    expect(view.locator(".wsl-problem")).to_have_text("")
    view.get_by_label("code").fill("1006")
    press(view, "Close the connection")
    expect(view.locator(".wsl-problem")).to_contain_text("Close code 1006 must not be sent")
    view.get_by_label("Send as").select_option("raw")
    send(view, "81 02 48 69")
    lab_page.until("view.state", "closed")
    expect(view.locator("tr.wsl-fault")).to_contain_text("A client must mask every frame")
    log(lab_page, view)
    for width in (900, 400):
        lab_page.width(width)
        lab_page.page.wait_for_function(AT_THE_END)
    view.get_by_role("region", name="Log").press("Home")
    lab_page.page.wait_for_function(f"() => !({AT_THE_END})()")
    lab_page.run("view.do('connect')")
    lab_page.until("view.state", "open")
    log(lab_page, view)
    assert not lab_page.page.evaluate(AT_THE_END)  # somebody looks at older rows
    press(view, "Clear the log")
    expect(view.locator(".wsl-said")).to_have_count(0)
    end(lab_page)


def test_the_browser_speaks(lab_page: WidgetPage) -> None:
    view = lab_page.show(SHOW)
    press(view, "Speak from this browser")
    lab_page.until("view.speaks", "browser")
    expect(view.get_by_role("button", name="ping")).to_be_disabled()
    connect(lab_page, view)
    assert lab_page.python("server.connections") == 1
    send(view, EVIL)
    lab_page.until(SAID, [EVIL, EVIL])
    view.get_by_label("Send as").select_option("binary")
    send(view, "00 ff 10")
    lab_page.until(
        "[(row['way'], row['size'], row['text']) for row in view.log if row['what'] == 'binary']",
        [("→", 3, "00 ff 10"), ("←", 3, "00 ff 10")],
    )
    log(lab_page, view)
    assert view.locator("img").count() == 0
    send(view, "zz")
    expect(view.locator(".wsl-problem")).to_have_text("✗ Hex has the digits 0–9 and a–f: take out “z”.")
    view.get_by_label("code").fill("1001")
    press(view, "Close the connection")
    expect(view.locator(".wsl-problem")).to_contain_text("A page may close with 1000 or 3000–4999 only")
    view.get_by_label("code").fill("3001")
    view.get_by_label("reason").fill("bye")
    view.get_by_label("reason").press("Enter")
    lab_page.until("view.state", "closed")
    lab_page.until("[row['text'] for row in view.log if row['what'] == 'close']", ["3001 “bye”"] * 2)
    connect(lab_page, view)
    lab_page.remove(view)
    assert lab_page.leftovers() == []
    lab_page.until("server.connections", 0)
    lab_page.until("view.state", "closed")
    end(lab_page)


def test_two_views_of_one_console(lab_page: WidgetPage) -> None:
    one = lab_page.show(SHOW)
    two = lab_page.show("view")
    press(one, "Speak from this browser")
    connect(lab_page, one)
    expect(two.locator(".wsl-verdict b")).to_have_text("✓ open")
    send(two, "Hello")
    lab_page.until(SAID, ["Hello", "Hello"])
    log(lab_page, one)
    log(lab_page, two)
    assert lab_page.python("server.connections") == 1
    end(lab_page)


def test_all_can_use_it(lab_page: WidgetPage) -> None:
    view = lab_page.show(SHOW)
    connect(lab_page, view)
    send(view, "Hello " * 60)
    view.get_by_label("Send as").select_option("binary")
    send(view, "f")
    expect(view.locator(".wsl-problem")).to_contain_text("A byte has two hex digits")
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(view) == []
    for width in (400, 900, 1600):
        lab_page.width(width)
        assert lab_page.overflow(view) == []
    end(lab_page)
