"""WireView on a page: a live tap, used by mouse and by keyboard, and ten thousand events at once."""

from typing import Any

import pytest
from playwright.sync_api import Locator

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

EVENTS = 10_000
EVIL = "<img src=x onerror=alert(1)>"

# Traffic runs on a thread: the cell is done, and the page is free, while it goes on.
SCENE = """
import asyncio, threading, time
from wslearn.net import Tap, connect, serve
from wslearn.widgets import WireView

server = serve()
tap = Tap(server)

async def talk(*messages, pause=0):
    async with connect(tap.url) as ws:
        for message in messages:
            await ws.send(message)
            await ws.recv()
            await asyncio.sleep(pause)

def run(work):
    thread = threading.Thread(target=lambda: asyncio.run(work))
    thread.start()
    return thread
"""

# The longest time between two frames is the longest time in which the page could not answer.
WATCH_FRAMES = """
() => {
  window.gaps = []
  let last = performance.now()
  const tick = (now) => {
    window.gaps.push(now - last)
    last = now
    window.watching = requestAnimationFrame(tick)
  }
  window.watching = requestAnimationFrame(tick)
}
"""
STOP_WATCHING = "() => { cancelAnimationFrame(window.watching); return window.gaps.slice(1) }"


def options(view: Locator) -> list[str]:
    return view.locator(".wsl-event").all_inner_texts()


def start(lab_page: WidgetPage, before: str = "", count: int = 16) -> Locator:
    lab_page.run(SCENE + f"run(talk({before})).join(); tap.wait(1).wait()")
    view = lab_page.show("view = WireView(tap); view").first
    view.get_by_text("none of them open").wait_for()
    assert lab_page.python("view.page['total']") == count
    return view


def end(lab_page: WidgetPage, view: Locator) -> None:
    lab_page.remove(view)
    assert lab_page.leftovers() == []
    lab_page.run("view.close(); tap.stop(); server.stop()")
    assert lab_page.python("[t.name for t in threading.enumerate() if 'wslearn' in t.name]") == []


def test_a_live_tap_by_mouse_and_keyboard(lab_page: WidgetPage) -> None:
    view = start(lab_page, f"'Hello', {EVIL!r}, b'12', 'b'")
    rows = lab_page.python("[row['text'] for row in view.page['rows']]")
    for text, shown in zip(rows, options(view), strict=True):
        assert text in shown
    assert any(EVIL in text for text in rows)
    assert view.locator("img").count() == 0

    # The mouse opens a frame in a FrameView, and a head in words.
    view.get_by_role("option", name="text “Hello”, masked").click()
    inner = view.locator("section.wsl")
    inner.get_by_label("payload", exact=True).wait_for()
    assert inner.get_by_label("payload", exact=True).input_value() == "Hello"
    lab_page.until("view._frame.payload", "Hello")
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(view) == []

    # The keyboard goes to the request, opens it, and closes it.
    log = view.get_by_role("listbox", name="What crossed")
    log.focus()
    for key in ("Home", "ArrowDown", "Enter"):
        lab_page.page.keyboard.press(key)
    view.get_by_role("cell", name="16 random bytes").wait_for()
    detail = lab_page.python("view.detail")
    words = view.get_by_role("table", name="What it means")
    assert words.get_by_role("row").count() == len(detail["spans"]) + 1
    assert detail["verdict"]["text"] in view.inner_text()
    for width in (400, 900, 1600):
        lab_page.width(width)
        assert lab_page.overflow(view) == []
    assert lab_page.axe(view) == []
    lab_page.page.keyboard.press("Escape")
    words.wait_for(state="detached")
    lab_page.until("view.selected", -1)

    end(lab_page, view)


def test_filter_export_pause_and_clear(lab_page: WidgetPage) -> None:
    view = start(lab_page, f"'Hello', {EVIL!r}, b'12', 'b'")

    # Filters, by kind and by text.
    view.get_by_label("Show which kind").select_option(label="binary")
    lab_page.until("view.page['total']", 2)
    view.locator(".wsl-event").nth(2).wait_for(state="detached")
    assert len(options(view)) == 2
    view.get_by_label("Show which kind").select_option(label="everything")
    view.get_by_label("Find in the text").fill("ONERROR")
    lab_page.until("view.page['total']", 2)
    view.get_by_label("Find in the text").fill("")
    lab_page.until("view.page['total']", 16)

    # Both files come by the browser.
    for name, suffix in (("Save as pcapng, for Wireshark", "pcapng"), ("Save as a picture", "svg")):
        with lab_page.page.expect_download() as fetched:
            view.get_by_role("button", name=name).click()
        assert fetched.value.suggested_filename == f"wire.{suffix}"
        data = fetched.value.path().read_bytes()
        lab_page.until("view.wanted", "")
        assert data.hex() == lab_page.python(
            f"{'view.svg().encode()' if suffix == 'svg' else 'view.pcapng()'}.hex()"
        )

    # Pause holds back what comes, clear forgets it.
    view.get_by_role("button", name="pause").click()
    lab_page.until("view.paused", value=True)
    lab_page.run("run(talk('later')).join(); tap.wait(2).wait()")
    view.get_by_role("button", name="wait").wait_for()
    assert lab_page.python("view.page['total']") == 16
    view.get_by_role("button", name="pause").click()
    view.get_by_role("option", name="later").first.wait_for()
    view.get_by_role("button", name="clear").click()
    lab_page.until("view.page['total']", 0)
    view.locator(".wsl-event").first.wait_for(state="detached")
    end(lab_page, view)


def test_ten_thousand_events_while_the_page_answers(lab_page: WidgetPage, record_property: Any) -> None:
    view = start(lab_page, "'first'", 10)
    lab_page.page.evaluate(WATCH_FRAMES)
    messages = EVENTS // 2
    lab_page.run(f"began = time.perf_counter(); work = run(talk(*['event'] * {messages}))")
    for _ in range(3):
        lab_page.page.mouse.wheel(0, 10)
        view.get_by_role("button", name="follow").click()
    lab_page.until("work.is_alive()", value=False, seconds=30)
    took = lab_page.python("time.perf_counter() - began")
    # Another 10 for the second connection: opened, request, 101, switch, closes, ends.
    lab_page.until("[view.page['events'], len(view._log._active)]", [8 + EVENTS + 6, 0], seconds=30)
    gaps = lab_page.page.evaluate(STOP_WATCHING)
    assert lab_page.python("sum(event.kind == 'text' for event in view._log.events)") == EVENTS + 2
    assert f"{8 + EVENTS + 6:,} events" in view.locator("> .wsl-verdict").inner_text()
    print(f"{EVENTS / took:.0f} events a second; longest stall {max(gaps):.0f} ms of {len(gaps)} frames")
    record_property("longest_stall_ms", round(max(gaps)))
    assert EVENTS / took > 200
    assert max(gaps) < 1_000

    # Any part of the list is a scroll away, and few of its rows are on the page.
    lab_page.run("view.follow = False")
    view.locator(".wsl-log").evaluate("node => { node.scrollTop = 5000 * 40 }")
    lab_page.until("view.window[0]", 5_000)
    row = view.locator('[aria-posinset="5001"]')
    row.wait_for()
    assert lab_page.python("view._log.events[5000].text") in row.inner_text()
    assert len(options(view)) < 60

    # A second picture of the same widget shows the same.
    other = lab_page.show("view").first
    other.locator('[aria-posinset="5001"]').wait_for()
    assert options(other) == options(view)
    lab_page.remove(other)
    end(lab_page, view)
