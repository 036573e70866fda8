"""MessageView in JupyterLab, by mouse and by keyboard: what it shows is what Python computed."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

START = "from wslearn.widgets import MessageView"
CELLS = "all => all.map(each => each.firstChild.data)"
ROWS = "all => all.map(row => [...row.cells].map(cell => cell.textContent))"


def settled(page: WidgetPage, view: Locator, fed: int) -> None:
    """Wait until so many bytes are fed, then compare all that is shown with what Python says."""
    page.until("view.fed", fed)
    expect(view.locator(".wsl-feed .wsl-mono")).to_have_text(f"{fed} of {page.python('view.size')} bytes fed")
    assert view.locator(".wsl-frame").count() == page.python("len(view.frames)")
    octets = view.locator(".wsl-frame [data-at]")
    assert octets.evaluate_all(CELLS) == page.python("view.stream.hex(' ').split()")
    assert view.locator(".wsl-frame [data-at]:not(.wsl-wait)").count() == fed
    expect(view.locator(".wsl-verdict b")).to_contain_text(page.python("view.verdict['verdict']"))
    columns = ("name", "value", "meaning", "section")
    shown = view.locator(".wsl-words tbody tr").evaluate_all(ROWS)
    wanted = page.python("[*view.held, *view.log]")
    assert shown == [[row[column] for column in columns] for row in wanted]


def cut(view: Locator, at: int) -> Locator:
    return view.locator(f".wsl-cut[data-cut='{at}']")


def test_by_mouse(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MessageView('Grüße', cuts=[])\nview")
    settled(lab_page, view, 0)
    assert view.locator(".wsl-char > small").all_inner_texts() == list("Grüße")
    cut(view, 3).click()
    lab_page.until("view.cuts", [3])
    expect(cut(view, 3)).to_have_attribute("aria-pressed", "true")
    expect(cut(view, 3)).to_have_accessible_name("cut before byte 4, inside a character")
    view.get_by_role("button", name="Put a ping at the cut before byte 4").click()
    lab_page.until("view.pings", [3])
    expect(view.locator(".wsl-frame.wsl-control")).to_have_count(1)
    settled(lab_page, view, 0)

    view.get_by_role("button", name="Feed one byte").click()
    settled(lab_page, view, 1)
    view.get_by_role("button", name="Feed to the end of the frame").click()
    settled(lab_page, view, 9)
    assert "c3, which begins a character" in view.inner_text()
    view.get_by_role("button", name="Feed to the end of the frame").click()
    settled(lab_page, view, 21)
    view.get_by_role("button", name="Feed all").click()
    settled(lab_page, view, 31)
    assert "“Grüße”" in view.locator(".wsl-log").inner_text()
    view.get_by_role("button", name="Back by one byte").click()
    settled(lab_page, view, 30)
    view.get_by_role("button", name="Back to the start").click()
    settled(lab_page, view, 0)
    view.get_by_label("speed").select_option("fast")
    view.get_by_role("button", name="▶ play").click()
    expect(view.locator(".wsl-verdict b")).to_have_text("✓ whole", timeout=9000)
    settled(lab_page, view, 31)
    view.get_by_role("button", name="client → server").click()
    lab_page.until("view.role", "server")
    settled(lab_page, view, 0)
    cut(view, 3).click()
    lab_page.until("[view.cuts, view.pings]", [[], []])
    settled(lab_page, view, 0)


def test_by_keyboard(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MessageView('Hello', cuts=[])\nview")
    keyboard = lab_page.page.keyboard
    cut(view, 1).focus()
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    lab_page.until("view.cuts", [3])
    expect(cut(view, 3)).to_be_focused()
    keyboard.press("p")
    lab_page.until("view.pings", [3])
    keyboard.press("End")
    keyboard.press("p")
    lab_page.until("[view.cuts, view.pings]", [[3, 4], [3, 4]])
    expect(cut(view, 4)).to_be_focused()
    view.get_by_role("slider").focus()
    for _ in range(3):
        keyboard.press("ArrowRight")
    settled(lab_page, view, 3)
    keyboard.press("End")
    settled(lab_page, view, lab_page.python("view.size"))
    assert [row["value"] for row in lab_page.python("view.log")][-1] == "str"


def test_what_is_typed_is_text_and_faults_are_shown(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MessageView('', cuts=[])\nview")
    typed = "<img src=x onerror=alert(1)>"
    view.get_by_label("payload", exact=True).fill(typed)
    lab_page.until("view.payload", typed)
    view.get_by_role("button", name="Feed all").click()
    settled(lab_page, view, lab_page.python("view.size"))
    assert typed in view.locator(".wsl-log").inner_text()
    assert view.locator("img").count() == 0
    view.get_by_label("payload", exact=True).fill("x" * 129)
    expect(view.locator(".wsl-problem")).to_contain_text("shorten the message from 129 to 128 bytes")

    view.get_by_label("Example").select_option("not UTF-8")
    lab_page.until("view.example", "not UTF-8")
    settled(lab_page, view, 0)
    expect(view.locator(".wsl-problem")).to_have_text("")
    view.get_by_role("button", name="Feed all").click()
    settled(lab_page, view, 11)
    assert view.locator(".wsl-impossible").get_attribute("data-at") == str(lab_page.python("view.failed_at"))
    expect(view.locator(".wsl-verdict b")).to_have_text("✗ 1007 at byte 11")
