"""UpgradeView in JupyterLab: stepped through, practised with, and live, by mouse and by keyboard."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage
from wslearn import accept_key
from wslearn.vectors import HANDSHAKE_KEY

pytestmark = pytest.mark.needs("chromium")

SHOW = "from wslearn.widgets import UpgradeView\nview = UpgradeView()\nview"
ROWS = "[(row['mark'] + ' ' + row['name']).strip() for row in view.chapters[{}]['rows']]"
KEY = """next(
    row["value"] for chapter in view.chapters if chapter["id"] == "request" for row in chapter["rows"]
    if row["name"] == "Sec-WebSocket-Key"
)"""
NO_WEBSOCKETS = """() => {
  window.Real = WebSocket
  window.WebSocket = class { constructor() { throw new Error('no') } }
}"""
PRESETS = {"light": "version 8", "dark": "no Host"}
EVIL = "<img src=x onerror=alert(1)>"


def press(view: Locator, name: str) -> None:
    view.get_by_role("button", name=name).click()


def verdict(page: WidgetPage, view: Locator) -> None:
    """Wait until the picture says what Python says."""
    said = page.python("view.verdict")
    expect(view.locator(".wsl-verdict .wsl-m")).to_have_text(said["text"])
    expect(view.locator(".wsl-verdict .wsl-s")).to_have_text(said["note"])


def test_step_by_step(lab_page: WidgetPage) -> None:
    view = lab_page.show(SHOW)
    expect(view.locator(".wsl-count")).to_have_text(f"step 1 of {len(lab_page.python('view.steps'))}")
    press(view, "One step on")
    lab_page.until("view.step", 1)
    arrow = view.locator(".wsl-lanes .wsl-arrow").nth(1)
    expect(arrow).to_have_text("→ GET /chat HTTP/1.1")
    for _ in range(4):
        lab_page.page.keyboard.press("ArrowRight")
    lab_page.until("view.step", 5)
    expect(arrow).to_have_text("→ GET /chat HTTP/1.1 · Upgrade · Connection · Key")
    expect(view.locator("tr[aria-current=step]:visible")).to_contain_text("16 random bytes")
    lab_page.page.keyboard.press("ArrowLeft")
    lab_page.until("view.step", 4)
    press(view, "3 the server's checks")
    table = view.locator("table.wsl-words:visible")
    expect(table.locator("th[scope=row]")).to_have_text(lab_page.python(ROWS.format(2)))
    press(view, "4 key")
    expect(table.locator("td.wsl-v")).to_have_text(
        lab_page.python("[row['value'] for row in view.chapters[3]['rows']]")
    )
    expect(view.get_by_role("status")).to_have_text(
        f"Sec-WebSocket-Key {HANDSHAKE_KEY}. Taken as text, not decoded."
    )
    hidden = view.locator("td.wsl-switch").evaluate("node => getComputedStyle(node).visibility")
    assert hidden == "hidden"
    lab_page.page.keyboard.press("End")
    expect(view.locator("td.wsl-switch")).to_be_visible()
    expect(table.locator("td.wsl-v").last).to_have_text("“Hello”")
    lab_page.page.keyboard.press("Home")
    lab_page.until("view.step", 0)
    press(view, "▶ play")
    lab_page.until("view.step > 0", True)
    press(view, "❚❚ pause")
    verdict(lab_page, view)
    lab_page.run("view.step = 7")
    expect(view.locator(".wsl-count")).to_contain_text("step 8 of")


def test_practice(lab_page: WidgetPage) -> None:
    view = lab_page.show(SHOW)
    press(view, "2 request")
    answer = view.get_by_label("The answer of the server")
    expect(answer).to_have_text(lab_page.python("view.answer"))
    press(view, "Remove Host")
    lab_page.until("view.verdict['note']", "400, §4.2.1")
    verdict(lab_page, view)
    expect(answer).to_have_text(lab_page.python("view.answer"))
    expect(answer).to_contain_text("A handshake has one Host header; this one has 0.")
    expect(view.get_by_role("button", name="Remove Upgrade")).to_be_focused()
    press(view, "Add a header")
    lab_page.page.keyboard.type("Host")
    lab_page.page.keyboard.press("Tab")
    lab_page.page.keyboard.type("a")
    lab_page.until("view.verdict['verdict']", "accepted")
    view.get_by_label("Value of header 4").fill("8")
    lab_page.until("view.verdict['note']", "426, §4.2.1")
    expect(answer).to_contain_text("Sec-WebSocket-Version: 13")
    expect(view.get_by_label("Value of header 4")).to_have_attribute("aria-invalid", "true")
    view.get_by_label("Value of header 4").fill(EVIL)
    view.get_by_label("Name of header 1").fill(EVIL)
    lab_page.until("view.fields[0][0]", EVIL)
    verdict(lab_page, view)
    press(view, "3 the server's checks")
    expect(view.locator("table.wsl-words:visible tr.wsl-fault")).to_contain_text("<img src=x")
    assert view.locator("img").count() == 0
    view.get_by_label("handshake").select_option("answer: accept key of another request")
    lab_page.until("view.verdict['verdict']", "failed")
    verdict(lab_page, view)
    expect(view.locator(".wsl-chapters")).to_contain_text("the client's checks ✗")
    view.get_by_label("handshake").select_option("browser")
    view.get_by_label("server lets in").fill("https://example.org")
    lab_page.until("view.verdict['note']", "403, §4.2.2, §10.2")
    verdict(lab_page, view)


def test_live(lab_page: WidgetPage) -> None:
    view = lab_page.show(SHOW)
    press(view, "live: this browser")
    lab_page.until("view.situation", "seen", 10)
    verdict(lab_page, view)
    agent = lab_page.page.evaluate("() => navigator.userAgent")
    origin = lab_page.page.evaluate("() => location.origin")
    press(view, "2 request")
    rows = view.locator("table.wsl-words:visible")
    expect(rows).to_contain_text(agent)
    expect(rows).to_contain_text(origin)
    key = lab_page.python(KEY)
    expect(rows).to_contain_text(key)
    press(view, "5 101")
    expect(rows).to_contain_text(accept_key(key))
    lab_page.page.keyboard.press("End")
    arrows = view.locator(".wsl-lanes .wsl-arrow")
    expect(arrows.nth(3)).to_have_text("→ text “Hello”, masked")
    expect(arrows.nth(4)).to_have_text("← text “Hello”")
    expect(view.locator("td.wsl-switch")).to_contain_text("same TCP connection, 127.0.0.1:")
    # What is shown is what the tap has, to the byte.
    shown = view.locator(".wsl-lanes td.wsl-t:last-child").all_inner_texts()
    capture = "view._live.seen()"
    head = lab_page.python(f"{capture}.bytes_from('client').index(b'\\r\\n\\r\\n') + 4")
    assert shown[1] == f"{head} bytes"
    assert shown[-2:] == ["11 bytes", "7 bytes"]
    assert lab_page.python(f"bytes({capture}.frames('client')[0].payload)") == b"Hello"
    assert "Cookie" not in lab_page.python("view.still()")
    assert lab_page.python("view._live._server.connections") == 1
    lab_page.remove(view)
    assert lab_page.leftovers() == []
    lab_page.until("view._live._server.connections", 0)
    lab_page.run("view.close()")


def test_live_where_the_browser_gets_nowhere(lab_page: WidgetPage) -> None:
    lab_page.page.evaluate(NO_WEBSOCKETS)
    try:
        view = lab_page.show(SHOW)
        press(view, "live: this browser")
        lab_page.until("view.situation", "unreachable", 10)
        expect(view.locator(".wsl-problem:visible")).to_contain_text("jupyter-server-proxy")
        press(view, "from the kernel")
        lab_page.until("view.situation", "seen", 10)
        expect(view.locator(".wsl-lanes th").first).to_have_text("kernel")
        verdict(lab_page, view)
        lab_page.run("view.close()")
    finally:
        lab_page.page.evaluate("() => { window.WebSocket = window.Real }")


def test_two_views_of_one_model_agree(lab_page: WidgetPage) -> None:
    one = lab_page.show(SHOW)
    two = lab_page.show("view")
    press(one, "live: this browser")
    lab_page.until("view.situation", "seen", 10)
    expect(two.locator(".wsl-switch")).to_be_visible()
    assert lab_page.python("len(view._live._tap.connections)") == 1
    press(two, "practice")
    expect(one.get_by_role("button", name="practice")).to_have_attribute("aria-pressed", "true")
    lab_page.run("view.close()")


def test_all_can_use_it(lab_page: WidgetPage) -> None:
    view = lab_page.show(SHOW)
    press(view, "2 request")
    lab_page.until("view.step", 1)
    for theme in THEMES:
        lab_page.theme(theme)
        lab_page.run(f"view.preset = {PRESETS[theme]!r}")
        verdict(lab_page, view)
        assert lab_page.axe(view) == []
    for width in (400, 900, 1600):
        lab_page.width(width)
        assert lab_page.overflow(view) == []
