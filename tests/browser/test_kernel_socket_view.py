"""KernelSocketView in JupyterLab: it finds the page's own WebSocket, counts on it, and lets go of it."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage
from wslearn.widgets.kernel_socket_view import PATH, SUBPROTOCOL

pytestmark = pytest.mark.needs("chromium")

SHOW = "from wslearn.widgets.kernel_socket_view import KernelSocketView\nview = KernelSocketView()\nview"
# The methods that the page's WebSockets have, as they stand now.
SEND = "() => { window.send = WebSocket.prototype.send }"
SAME = "() => WebSocket.prototype.send === window.send"
# A page without any: what is sent goes over something else.
NONE = """() => {
  const send = WebSocket.prototype.send

  Object.defineProperty(WebSocket.prototype, 'send', { configurable: true, get: () => send, set: () => {} })
}"""

# Another WebSocket of the page says something the moment that sockets are looked at.
ANOTHER = """() => {
  let send = WebSocket.prototype.send
  const real = send
  Object.defineProperty(WebSocket.prototype, 'send', {
    configurable: true,
    get: () => send,
    set(method) {
      if (this !== WebSocket.prototype) return // one socket's own
      send = method
      if (method !== real) try { method.call(Object.create(WebSocket.prototype), 'something else') } catch {}
    },
  })
}"""
RESTORE = "() => { delete WebSocket.prototype.send }"
# Whether the next socket that sends does so with a method of its own.
LOOK_AT_THE_NEXT = """() => {
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    WebSocket.prototype.send = send
    window.own = Object.hasOwn(this, 'send')
    return send.call(this, data)
  }
}"""


def count(view: Locator, name: str) -> int:
    row = view.get_by_role("row").filter(has=view.page.get_by_role("rowheader", name=name))
    found = re.match(r"([\d,]+) message", row.locator("td.wsl-v").inner_text())
    return int(found[1].replace(",", "")) if found else -1


def seen(lab_page: WidgetPage, show: str = SHOW) -> Locator:
    view = lab_page.show(show)
    expect(view.locator(".wsl-verdict")).to_contain_text("✓ seen")
    return view


def test_it_is_the_one_to_the_kernel(lab_page: WidgetPage) -> None:
    lab_page.page.evaluate(SEND)
    view = seen(lab_page)
    lab_page.until("view.seen.get('protocol')", SUBPROTOCOL)
    found = lab_page.python("view.seen")
    assert found["path"] == PATH
    assert found["same"] is True
    assert found["size"] > len(lab_page.python("view.word"))
    expect(view).to_contain_text(f"ws://{lab_page.page.evaluate('() => location.host')}{PATH}")
    expect(view).to_contain_text("1 OPEN")
    assert lab_page.page.evaluate(SAME), "all sockets of the page are still looked at"


def test_it_counts_what_goes_each_way(lab_page: WidgetPage) -> None:
    view = seen(lab_page)
    lab_page.settle()
    up, down = count(view, "to the kernel"), count(view, "from the kernel")
    lab_page.cell("print('Hello')")
    lab_page.settle()
    lab_page.page.evaluate("() => lesson.drawn()")
    assert count(view, "to the kernel") > up
    assert count(view, "from the kernel") >= down + 3, "busy, what is printed, idle"


def test_two_of_them_end_one_by_one(lab_page: WidgetPage) -> None:
    lab_page.page.evaluate(SEND)
    first = seen(lab_page)
    second = seen(lab_page, "other = KernelSocketView()\nother")
    lab_page.remove(first)
    up = count(second, "to the kernel")
    lab_page.run("pass")
    lab_page.page.evaluate("() => lesson.drawn()")
    assert count(second, "to the kernel") > up
    lab_page.remove(second)
    assert lab_page.leftovers() == []
    assert lab_page.page.evaluate(SAME)
    lab_page.page.evaluate(LOOK_AT_THE_NEXT)
    assert lab_page.python("6 * 7") == 42
    assert lab_page.page.evaluate("() => window.own") is False


def test_another_socket_is_not_taken_for_it(lab_page: WidgetPage) -> None:
    lab_page.page.evaluate(ANOTHER)
    try:
        seen(lab_page)
        lab_page.until("view.seen.get('path')", PATH)
    finally:
        lab_page.page.evaluate(RESTORE)


def test_a_page_that_has_none(lab_page: WidgetPage) -> None:
    lab_page.page.evaluate(NONE)
    try:
        view = lab_page.show(SHOW)
        expect(view.locator(".wsl-verdict")).to_contain_text("not seen", timeout=10_000)
        assert lab_page.python("view.absent") in view.inner_text()
        assert lab_page.python("view.seen") == {}
    finally:
        lab_page.page.evaluate(RESTORE)


def test_all_can_read_it_and_it_fits(lab_page: WidgetPage) -> None:
    view = seen(lab_page)
    for width in (400, 900):
        lab_page.width(width)
        assert lab_page.overflow(view) == []
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(view) == []
