"""FrameView in JupyterLab, by mouse and by keyboard: what it shows is what Python computed."""

import statistics

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

START = "from wslearn import Frame; from wslearn.widgets import FrameView"
LIT = "node => [...node.querySelectorAll('.wsl-lit')].map(each => each.textContent)"
VERDICT = "[view.verdict['verdict'], view.verdict['text'], view.verdict['note']]"
# Toggle FIN, wait until the picture says something else; milliseconds.
LATENCY = """async node => {
  const bit = node.querySelector('[data-bit="0"]')
  const verdict = node.querySelector('.wsl-verdict')
  const taken = []
  for (let round = 0; round < 15; round++) {
    const began = performance.now()
    const before = verdict.textContent
    const changed = new Promise((done) => {
      const seen = new MutationObserver(() => {
        if (verdict.textContent !== before) { seen.disconnect(); done() }
      })
      seen.observe(verdict, { childList: true, subtree: true, characterData: true })
    })
    bit.click()
    await changed
    taken.push(performance.now() - began)
    await new Promise((done) => setTimeout(done, 30))
  }
  return taken
}"""


def shown(view: Locator) -> list[str]:
    """The verdict as it stands in the picture."""
    parts = view.locator(".wsl-verdict > *").all_inner_texts()
    return [parts[0][2:], *parts[1:]]


def settled(page: WidgetPage, view: Locator, header: str) -> None:
    """Wait for an edit, then compare the picture with what Python says."""
    page.until("view.header", header)
    verdict = page.python("view.verdict")
    expect(view.locator(".wsl-verdict .wsl-m")).to_have_text(verdict["text"])
    assert shown(view) == page.python(VERDICT)
    cells = view.locator(".wsl-bytes .wsl-b").evaluate_all("all => all.map(each => each.firstChild.data)")
    assert "".join(cells) == "".join(run["wire"] for run in page.python("view.runs"))
    bits = "".join(view.locator("[data-bit]").all_inner_texts())
    assert bits == "".join(f"{int(octet, 16):08b}" for octet in header.split())[: len(bits)]
    words = view.locator("table.wsl-words td.wsl-m").all_inner_texts()
    assert set(words) == {span["meaning"] for span in page.python("view.spans")}


def test_by_mouse(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = FrameView()\nview")
    settled(lab_page, view, "81 85 37 fa 21 3d")

    view.locator("tr.wsl-opcode").hover()
    assert view.evaluate(LIT) == [
        "0",
        "0",
        "0",
        "1",
        "opcode",
        "81·",
        *view.locator("tr.wsl-opcode").all_text_contents(),
    ]
    view.locator('[data-bit="9"]').hover()
    assert len(view.evaluate(LIT)) == 7 + 1 + 1 + 1  # bits, their label, a byte, a row of words
    view.locator(".wsl-bytes .wsl-payload").first.hover()
    assert len(view.evaluate(LIT)) == 5 + 1
    view.locator("strong").hover()
    assert view.evaluate(LIT) == []

    view.get_by_label("bit 0, FIN").click()
    settled(lab_page, view, "01 85 37 fa 21 3d")
    view.get_by_role("combobox", name="opcode").select_option("9")
    settled(lab_page, view, "09 85 37 fa 21 3d")
    assert shown(view)[0] == "protocol error"
    assert "1002" in shown(view)[1]
    assert shown(view)[2] == "§5.5"
    expect(view.get_by_role("status")).to_have_text(f"protocol error: {shown(view)[1]}")
    view.get_by_label("bit 8, MASK").click()
    settled(lab_page, view, "09 05")

    view.get_by_label("Preset").select_option("§5.7 256 bytes of binary data")
    settled(lab_page, view, "82 7e 01 00")
    view.get_by_role("button", name="All bits").click()
    assert view.locator("[data-bit]").count() == 32
    view.locator('[data-bit="22"]').click()
    settled(lab_page, view, "82 7e 03 00")
    assert shown(view)[0] == "incomplete"
    view.get_by_label("auto").check()
    settled(lab_page, view, "82 7e 01 00")

    view.get_by_label("Preset").select_option("§5.7 a fragmented unmasked text message")
    settled(lab_page, view, "01 03")
    view.get_by_role("button", name="2 continuation").click()
    settled(lab_page, view, "80 02")
    view.get_by_role("button", name="Direction").click()
    lab_page.until("view.verdict['section']", "§5.1")
    expect(view.get_by_role("button", name="Direction")).to_have_text("client → server")


def test_by_keyboard(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = FrameView()\nview")
    keyboard = lab_page.page.keyboard
    view.locator('[data-bit="0"]').focus()
    assert len(view.evaluate(LIT)) == 4
    keyboard.press("Enter")
    settled(lab_page, view, "01 85 37 fa 21 3d")
    keyboard.press("ArrowRight")
    keyboard.press("Space")
    settled(lab_page, view, "41 85 37 fa 21 3d")
    expect(view.locator('[data-bit="1"]')).to_be_focused()
    keyboard.press("Home")
    keyboard.press("End")
    expect(view.locator('[data-bit="15"]')).to_be_focused()

    keyboard.press("Tab")
    expect(view.get_by_role("combobox", name="opcode")).to_be_focused()
    view.locator("[role=option]").first.focus()
    keyboard.press("ArrowRight")
    expect(view.locator("[role=option]").nth(1)).to_be_focused()
    assert len(view.evaluate(LIT)) == 8 + 2 + 1 + 2  # MASK and the length share the second byte

    payload = view.get_by_label("payload", exact=True)
    payload.focus()
    keyboard.press("Control+a")
    keyboard.type("Grüße")
    settled(lab_page, view, "41 87 37 fa 21 3d")
    assert lab_page.python("view.data[6:]") == lab_page.python(
        "__import__('wslearn').mask('Grüße'.encode(), bytes.fromhex('37fa213d'))"
    )
    view.get_by_role("textbox", name="length").fill("300")
    settled(lab_page, view, "41 fe 01 2c 37 fa 21 3d")
    expect(view.locator(".wsl-hint")).to_contain_text("293 bytes short")
    view.get_by_label("masking key", exact=True).fill("zz")
    expect(view.locator(".wsl-hint")).to_contain_text("Hex has the digits")
    view.get_by_label("masking key", exact=True).fill("01020304")
    settled(lab_page, view, "41 fe 01 2c 01 02 03 04")
    expect(view.locator(".wsl-hint")).not_to_contain_text("Hex")
    view.get_by_role("button", name="Edit all bytes").focus()
    keyboard.press("Enter")
    expect(view.get_by_role("textbox", name="all bytes")).to_be_focused()
    keyboard.press("Control+a")
    keyboard.type("8900")
    settled(lab_page, view, "89 00")


def test_what_a_peer_sends_stays_text(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = FrameView(Frame(1, b'<img src=x onerror=alert(1)>'))\nview")
    view.get_by_label("payload", exact=True).fill("<img src=x onerror=alert(2)>")
    expect(view.locator("tr.wsl-payload")).to_contain_text("<img src=x onerror=alert(2)>")
    assert lab_page.page.locator(".jp-Cell img").count() == 0


def test_an_edit_answers_at_once_also_beside_16_mib(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = FrameView()\nview")
    large = lab_page.show("large = FrameView()\nlarge.preset = f'length {1 << 24}'\nlarge")
    expect(large.locator(".wsl-gap")).to_contain_text("16,777,150 bytes more")
    assert large.locator("[role=option]").count() == 80
    assert statistics.median(view.evaluate(LATENCY)) < 100
    assert lab_page.python("large.verdict['verdict']") == "legal"
    assert statistics.median(large.evaluate(LATENCY)) < 1000


def test_two_views_agree_and_other_widgets_do_not_hear(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = FrameView()\nview")
    again = lab_page.show("view")
    other = lab_page.show("other = FrameView()\nother")
    before = other.inner_html()
    again.get_by_label("bit 0, FIN").click()
    settled(lab_page, view, "01 85 37 fa 21 3d")
    settled(lab_page, again, "01 85 37 fa 21 3d")
    view.locator("tr.wsl-key").hover()
    assert len(view.evaluate(LIT)) == 5
    assert other.evaluate(LIT) == again.evaluate(LIT) == []
    assert other.inner_html() == before
    lab_page.run("view.preset = '§5.7 an unmasked ping'")
    settled(lab_page, view, "89 05")
    lab_page.remove(view)
    settled(lab_page, again, "89 05")
    lab_page.remove(again)
    lab_page.remove(other)
    assert lab_page.leftovers() == []


def test_it_copies(lab_page: WidgetPage) -> None:
    lab_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view = lab_page.show(f"{START}\nFrameView()")
    view.get_by_role("button", name="Copy").click()
    expect(view.get_by_text("✓ copied")).to_be_visible()
    assert lab_page.page.evaluate("navigator.clipboard.readText()") == "81 85 37 fa 21 3d 7f 9f 4d 51 58"


def test_it_can_be_read_and_fits(lab_page: WidgetPage) -> None:
    view = lab_page.show(
        f"{START}\nview = FrameView()\nview.preset = 'bad: new text inside fragments'\nview.chosen = 1\nview"
    )
    view.get_by_role("button", name="All bits").click()
    view.get_by_role("button", name="Edit all").click()
    for width in (400, 1600, 900):
        lab_page.width(width)
        assert lab_page.overflow(view) == []
    view.locator("tr.wsl-fault").hover()
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(view) == []
