"""MaskView in JupyterLab, by mouse and by keyboard: what it shows is what Python computed."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

START = "from wslearn.widgets import MaskView"
CELLS = "all => all.map(each => [each.firstChild.data, each.querySelector('small').textContent])"


def settled(page: WidgetPage, view: Locator, step: int) -> None:
    """Wait for a step, then compare the columns and the bits with what Python says."""
    page.until("view.step", step)
    expect(view.locator(".wsl-verdict b")).to_have_text(page.python("view.verdict['verdict']"))
    expect(view.get_by_role("slider")).to_have_value(str(step))
    rows = [
        view.locator("table.wsl-mask tr").nth(row).locator("td.wsl-b").evaluate_all(CELLS)
        for row in (2, 3, 4)
    ]
    for row, trait in zip(rows, ("source", "keys_used", "result"), strict=True):
        wanted = [[octet, f"{int(octet, 16):08b}"] for octet in page.python(f"view.{trait}").split()]
        assert row[: len(wanted)] == wanted
        assert all(octet == "··" for octet, _ in row[len(wanted) :])
    column = step - page.python("view.at")
    lens = "".join(view.locator(".wsl-lens .wsl-b").all_inner_texts())
    assert lens == "".join(row[column][1] for row in rows)
    now = view.locator("td.wsl-now").evaluate_all(CELLS)
    assert now == [row[column] for row in rows]


def test_by_mouse(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MaskView('Hello, world')\nview")
    settled(lab_page, view, 0)
    view.get_by_role("button", name="step ▸").click()
    settled(lab_page, view, 1)
    view.locator("td.wsl-key").nth(2).click()
    settled(lab_page, view, 2)
    assert view.locator(".wsl-verdict b").inner_text() == "6c ⊕ 21 = 4d"
    expect(view.locator(".wsl-mono")).to_have_text("byte 2 of 12 · key[2 mod 4]")
    view.get_by_role("button", name="Step back").click()
    settled(lab_page, view, 1)
    slider = view.get_by_role("slider").bounding_box()
    assert slider
    mouse = lab_page.page.mouse
    mouse.move(slider["x"] + 12, slider["y"] + slider["height"] / 2)
    mouse.down()
    mouse.move(slider["x"] + slider["width"] - 2, slider["y"] + slider["height"] / 2, steps=5)
    mouse.up()
    settled(lab_page, view, 11)
    assert view.get_by_role("button", name="step ▸").is_disabled()

    view.get_by_role("button", name="unmask").click()
    settled(lab_page, view, 0)
    assert view.locator("th[scope=row]").nth(2).inner_text() == "on the wire"
    view.locator("td.wsl-b[data-f=c3]").first.hover()
    assert view.locator(".wsl-lit").count() == 3


def test_by_keyboard(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MaskView('Hello, world')\nview")
    keyboard = lab_page.page.keyboard
    view.get_by_role("slider").focus()
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    settled(lab_page, view, 2)
    keyboard.press("End")
    settled(lab_page, view, 11)
    view.get_by_role("button", name="byte 11").focus()
    keyboard.press("ArrowLeft")
    keyboard.press("Enter")
    settled(lab_page, view, 10)
    expect(view.get_by_role("button", name="byte 10")).to_be_focused()
    view.get_by_label("masking key", exact=True).fill("00 ff 00 f")
    expect(view.locator(".wsl-hint")).to_contain_text("one digit is missing")
    keyboard.type("f")
    lab_page.until("view.key", "00 ff 00 ff")
    settled(lab_page, view, 10)
    view.get_by_label("payload", exact=True).fill("<img src=x onerror=alert(1)>")
    lab_page.until("view.data", b"<img src=x onerror=alert(1)>")
    settled(lab_page, view, 10)
    view.get_by_label("Payload as").select_option("hex")
    expect(view.get_by_label("payload", exact=True)).to_have_value(lab_page.python("view.data.hex(' ')"))
    assert lab_page.page.locator(".jp-Cell img").count() == 0


def test_it_plays_to_the_end_and_pauses(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MaskView('Hi!')\nview")
    view.get_by_role("button", name="play").click()
    lab_page.until("view.step", 1)
    view.get_by_role("button", name="pause").click()
    lab_page.page.wait_for_timeout(1200)
    assert lab_page.python("view.step") == 1
    view.get_by_role("button", name="play").click()
    lab_page.until("view.step", 2)
    expect(view.get_by_role("button", name="play")).to_be_visible()
    settled(lab_page, view, 2)


def test_a_cell_deleted_while_it_plays_leaves_nothing(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MaskView('Hello, world')\nview")
    view.get_by_role("button", name="play").click()
    lab_page.remove(view)
    assert lab_page.leftovers() == []


def test_what_a_cache_would_see(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MaskView()\nview")
    view.get_by_role("button", name="what a cache would see").click()
    expect(view.locator(".wsl-seen")).to_have_count(2)
    wires = lab_page.python("view.wires")
    assert view.locator(".wsl-seen").all_inner_texts() == [f"✗ {wires[0]['text']}", f"✓ {wires[1]['text']}"]
    for number, wire in enumerate(wires):
        cells = view.locator(".wsl-wire").nth(number).locator(".wsl-b")
        assert cells.evaluate_all("all => all.map(each => each.firstChild.data).join(' ')") == wire["wire"]
    before = wires[1]["wire"]
    view.get_by_role("button", name="A fresh masking key").click()
    lab_page.until(f"view.wires[1]['wire'] != {before!r}", True)
    view.get_by_label("payload", exact=True).fill("Hello")
    expect(view.locator(".wsl-seen").first).to_contain_text("nothing that begins like a request")
    view.get_by_role("button", name="what a cache would see").click()
    settled(lab_page, view, 0)


def test_it_can_be_read_and_fits(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = MaskView(bytes(1 << 24))\nview.step = 1234565\nview")
    for _ in range(2):
        for width in (400, 1600, 900):
            lab_page.width(width)
            assert lab_page.overflow(view) == []
        for theme in THEMES:
            lab_page.theme(theme)
            assert lab_page.axe(view) == []
        view.get_by_role("button", name="what a cache would see").click()
        expect(view.locator(".wsl-seen")).to_have_count(2)
