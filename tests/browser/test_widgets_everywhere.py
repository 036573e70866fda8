"""What holds for every widget: all can use it, it fits, disturbs nothing and leaves nothing behind."""

import subprocess
import sys
from copy import deepcopy
from itertools import cycle
from pathlib import Path
from statistics import median

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Locator

from tests.browser.lesson_page import CELLS, THEMES
from tests.browser.widget_page import WidgetPage
from tests.notebooks.faults import PASSING
from tests.notebooks.lesson import normalise, text
from wslearn import widgets

pytestmark = pytest.mark.needs("chromium")

WIDTHS = (400, 900, 1600)
# A button may add another, and that a third.
PRESSES = 60
PRESS_ALL = """async (node, most) => {
  const pressed = new Set()
  for (let count = 0; count < most; count += 1) {
    const next = [...node.querySelectorAll('button')].find(
      (button) => !button.disabled && button.checkVisibility() && !pressed.has(label(button)))
    if (!next) return pressed.size
    pressed.add(label(next))
    next.click()
    await new Promise((done) => setTimeout(done, 15))
  }
  return pressed.size
  function label(button) { return `${button.getAttribute('aria-label') ?? ''} ${button.textContent}` }
}"""
# Numbers the stops of the Tab key, of which radio buttons have one together, and goes to the first.
TAB_STOPS = """node => {
  const controls = [...node.querySelectorAll('button, input, select, textarea, summary, a[href], [tabindex]')]
  const stops = controls.filter((element) => {
    if (element.disabled || element.tabIndex < 0) return false
    if (!element.checkVisibility({ visibilityProperty: true })) return false
    if (element.type !== 'radio') return true
    const group = [...node.querySelectorAll(`input[type=radio][name="${element.name}"]`)]
    return element === (group.find((radio) => radio.checked) ?? group[0])
  })
  stops.forEach((element, number) => { element.dataset.stop = number })
  stops[0]?.focus({ focusVisible: true })
  return stops.length
}"""
FOCUSED = """node => {
  const at = document.activeElement
  const style = getComputedStyle(at)
  const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
  return { stop: Number(at.dataset.stop ?? -1), seen: ringed || style.boxShadow !== 'none' }
}"""
# Milliseconds between one frame and the next while the pointer goes over everything.
FRAMES_WHILE_POINTED_AT = """async node => {
  const gaps = []
  let before = performance.now()
  const seen = [...node.querySelectorAll('*')].filter((each) => each.checkVisibility())
  for (const element of seen.slice(0, 20)) {
    element.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))
    await new Promise((done) => requestAnimationFrame(done))
    gaps.push(performance.now() - before)
    before = performance.now()
  }
  return gaps
}"""
# Three frames of a screen: more would be felt.
MILLISECONDS_A_FRAME = 50
# The library's own; pyzmq and ipykernel start others when they need them.
THREADS = """[
    thread.name for thread in __import__("threading").enumerate()
    if thread.name.startswith("wslearn") or type(thread).__name__ == "Timer"
]"""
IDS = "() => [...document.querySelectorAll('.wsl [id], .wsl[id]')].map((element) => element.id)"
# Those of the course and of the interview room are made by a function, by whose name they go.
COURSE, INTERVIEW = ("quiz", "predict"), ("decide", "estimate", "mock")
HOMES = dict.fromkeys(COURSE, "course") | dict.fromkeys(INTERVIEW, "interview")
EVERY = (*widgets.__all__, *HOMES)
every_widget = pytest.mark.parametrize("name", EVERY)


# What a widget cannot do without, and how it is made then; the others need nothing.
NEEDS = {
    "WireView": (
        """
from wslearn.net.capture import Capture
from wslearn.net.record import Budget
from wslearn.vectors import FRAMES, GOOD_REQUEST, GOOD_RESPONSE
capture = Capture(("127.0.0.1", 50000), ("127.0.0.1", 80), 0, Budget(1 << 20))
for sender, data in (("client", GOOD_REQUEST), ("server", GOOD_RESPONSE), ("client", FRAMES[1].data)):
    capture.record(sender, data)
""",
        "WireView(capture)",
    ),
    "RaceView": ("", "RaceView(rate=10, interval=0.2, duration=0.3)"),
    "quiz": ("", "quiz('03_frames')"),
    # The figures that others begin with may be times, which look like measured ones.
    "estimate": ("", "estimate('scaling-memory-ten-million', 'scaling-busy-fan-out')"),
    "predict": ("", "predict('How many bytes is a masked `Hello`?', (5, 7, 11), unit='bytes')"),
}


def made(name: str, variable: str = "view") -> str:
    before, call = NEEDS.get(name, ("", f"{name}()"))
    return (
        f"from wslearn.{HOMES.get(name, 'widgets')} import {name}\n{before}\n{variable} = {call}\n{variable}"
    )


def press_all(lab_page: WidgetPage, view: Locator) -> None:
    """Press every button that there is, and those that come of it; wait until the kernel has heard it all."""
    assert view.evaluate(PRESS_ALL, PRESSES), "there is nothing to press"
    lab_page.settle()


@every_widget
def test_all_can_use_it_and_it_fits(name: str, lab_page: WidgetPage) -> None:
    view = lab_page.show(made(name))
    assert_the_tab_key_reaches_everything(lab_page, view)
    for width in WIDTHS:
        lab_page.width(width)
        assert lab_page.overflow(view) == []
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(view) == []


def assert_the_tab_key_reaches_everything(lab_page: WidgetPage, view: Locator) -> None:
    """Go through all stops of the Tab key in their order, see the focus at each, and get out at the end."""
    stops = view.evaluate(TAB_STOPS)
    assert stops, "nothing in it can be reached"
    for number in range(stops):
        if number:
            lab_page.page.keyboard.press("Tab")
        assert view.evaluate(FOCUSED) == {"stop": number, "seen": True}
    lab_page.page.keyboard.press("Tab")
    assert view.evaluate("node => node.contains(document.activeElement)") is False


@every_widget
def test_what_a_notebook_keeps_of_it_is_the_same_in_every_run(name: str, lab_page: WidgetPage) -> None:
    kept = []
    for variable in ("first", "second"):
        lab_page.run(made(name, variable))
        kept.append(lab_page.python(f"[repr({variable}), {variable}.still()]"))
    assert kept[0] == kept[1]
    assert kept[0][0].startswith(f"<{name}")
    assert {what for what, pattern in PASSING.items() if any(map(pattern.search, kept[0]))} == set()


def settled(lab_page: WidgetPage, state: str) -> object:
    """Give a widget's state when the page has laid it out: how tall it came out is part of it."""
    before: object = None
    while (now := lab_page.python(state)) != before:
        before = now
        lab_page.page.wait_for_timeout(250)
    return before


@every_widget
def test_it_disturbs_no_other_and_leaves_nothing_behind(name: str, lab_page: WidgetPage) -> None:
    threads = lab_page.python(THREADS)
    first, second = (lab_page.show(made(name, variable)) for variable in ("first", "second"))
    again = lab_page.show("second")
    assert again.inner_text() == second.inner_text()
    ids = lab_page.page.evaluate(IDS)
    assert len(ids) == len(set(ids))
    state = settled(lab_page, "second.get_state()")
    picture = second.inner_html()
    press_all(lab_page, first)
    assert lab_page.python("second.get_state()") == state
    assert second.inner_html() == picture
    lab_page.remove(first)
    press_all(lab_page, second)
    lab_page.run("second.close()")
    second.wait_for(state="detached")
    again.wait_for(state="detached")
    assert lab_page.leftovers() == []
    lab_page.run("first.close()")
    lab_page.until(THREADS, threads)


@every_widget
def test_nothing_moves_for_who_asked_for_less_motion(name: str, lab_page: WidgetPage) -> None:
    lab_page.page.emulate_media(reduced_motion="reduce")
    try:
        view = lab_page.show(made(name))
        press_all(lab_page, view)
        assert view.evaluate("node => node.getAnimations({ subtree: true }).length") == 0
    finally:
        lab_page.page.emulate_media(reduced_motion="no-preference")


def test_the_page_answers_with_ten_widgets_open(lab_page: WidgetPage) -> None:
    names = [name for _, name in zip(range(10), cycle(EVERY), strict=False)]
    views = [lab_page.show(made(name, f"view{number}")) for number, name in enumerate(names)]
    gaps = []
    for view in views:
        view.scroll_into_view_if_needed()
        gaps += view.evaluate(FRAMES_WHILE_POINTED_AT)
    assert median(gaps) < MILLISECONDS_A_FRAME, sorted(gaps)


def outputs_of(lab_page: WidgetPage) -> list[NotebookNode]:
    """Run a cell for each widget; return what JupyterLab would save of them."""
    for name in EVERY:
        lab_page.show(made(name))
    cells = lab_page.page.evaluate(CELLS)
    return [nbformat.from_dict(cell["outputs"]) for cell in cells if cell["outputs"]]


def written(path: Path, notebook: NotebookNode) -> Path:
    path.write_text(text(notebook), encoding="utf-8")
    return path


def test_a_saved_notebook_shows_the_stills(lab_page: WidgetPage, widget_folder: Path) -> None:
    """In JupyterLab without a run, and on a web page without JavaScript or network."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(made(name), outputs=outputs)
            for name, outputs in zip(EVERY, outputs_of(lab_page), strict=True)
        ]
    )
    by_a_student = written(widget_folder / "student.ipynb", notebook)
    of_the_course = written(widget_folder / "course.ipynb", normalise(deepcopy(notebook)))
    with lab_page.beside(of_the_course.name) as opened:
        assert stills(opened) == len(EVERY)
    paths = (by_a_student, of_the_course)
    command = [sys.executable, "-m", "nbconvert", "--to", "html", *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    started = lab_page.page.context.browser
    assert started
    page = started.new_page(java_script_enabled=False, offline=True)
    for path in paths:
        page.goto(path.with_suffix(".html").as_uri(), wait_until="domcontentloaded")
        assert stills(page.locator("body")) == len(EVERY)
    page.close()


def stills(page: Locator) -> int:
    """Count the outputs in which a still picture is seen."""
    return sum(
        picture.is_visible() and bool(picture.inner_text().strip())
        for picture in page.locator(".jp-RenderedHTMLCommon .wsl-still").all()
    )


def test_nothing_goes_on_after_a_restart_of_the_kernel(lab_page: WidgetPage) -> None:
    views = [lab_page.show(made(name)) for name in EVERY]
    for view in views:
        press_all(lab_page, view)
    lab_page.restart()
    for view in views:
        view.get_by_text("The kernel that drew this is gone").wait_for()
        assert view.get_by_role("button", disabled=False).count() == 0
    assert lab_page.leftovers() == []
