"""A notebook page to try widgets on: run code, hold the picture, ask the kernel, look, and count what stays.

    def test_fin(lab_page: WidgetPage) -> None:
        view = lab_page.show("from wslearn.widgets import FrameView; view = FrameView(); view")
        view.get_by_role("button", name="FIN").click()            # a Locator of `section.wsl` in that cell
        lab_page.until("view.fin", False)                         # the kernel hears of an edit a little later
        assert lab_page.python("view.verdict") in view.inner_text()
        lab_page.run("view.fin = True")                           # statements; returns what they printed
        for theme in THEMES:
            lab_page.theme(theme)
            assert lab_page.axe(view) == []
        lab_page.width(400)                                       # of the picture, not of the window
        assert lab_page.overflow(view) == []
        lab_page.shot(view, Path("reports/frame.png"))
        lab_page.remove(view)                                     # delete the cell
        assert lab_page.leftovers() == []                         # timers, listeners, sockets of widgets

All tests of a module share one page and one kernel; after each test the cells are gone, the theme is light
and the width is 900 again, and the test fails if the page asked another machine for something, if the
console or the kernel complained. `lab_page.page` is Playwright's page: keyboard, mouse, clipboard.
"""

import ast
import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat.v4
from playwright.sync_api import Locator, Page, TimeoutError

from tests.browser.chromium import Browser
from tests.browser.lab import Settings
from tests.browser.lesson_page import FOLD_SIDEBAR, SET_THEME, THEME_SHOWS, THEMES, LessonPage

HERE = Path(__file__).parent
# Milliseconds, as Playwright counts.
SHOWS_WITHIN = 20_000
WIDTH, HEIGHT = 900, 900

# Otherwise JupyterLab draws only the cells near the window, and a cell below it cannot be asked for.
WHOLE: Settings = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none", "scrollPastEnd": False}
}


@dataclass
class WidgetPage:
    """One notebook, one kernel, and the pictures in it."""

    lesson: LessonPage
    browser: Browser
    margins: int = 0
    shown: int = field(default=0, init=False)

    @property
    def page(self) -> Page:
        """Playwright's page."""
        return self.lesson.page

    def show(self, code: str) -> Locator:
        """Run `code` in a new cell at the end; return the picture it shows, or fail with what it says."""
        cell = self.cell(code)
        picture = cell.locator("section.wsl")
        try:
            picture.first.wait_for(timeout=SHOWS_WITHIN)
        except TimeoutError:
            outputs = cell.locator(".jp-Cell-outputWrapper")
            said = outputs.inner_text() if outputs.count() else "no output"
            raise AssertionError(f"no picture is shown:\n{code}\n{said}\n{self.complaints()}") from None
        return picture

    def cell(self, code: str) -> Locator:
        """Run `code` in a new cell at the end; return the cell when it is done, whatever it shows."""
        self.shown += 1
        error = self.page.evaluate("([code, mark]) => lesson.cell(code, mark)", [code, str(self.shown)])
        assert not error, f"{code}\n{error}"
        return self.page.locator(f'.jp-Cell[data-shown="{self.shown}"]')

    def python(self, expression: str) -> Any:
        """Evaluate an expression in the kernel: a literal comes back as itself, else its repr."""
        said = self._execute("", f"repr(({expression}))")["value"]
        text = ast.literal_eval(said)
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError):
            return text

    def until(self, expression: str, value: object, seconds: float = 5) -> None:
        """Wait until an expression has this value: edits reach the kernel on a thread of their own."""
        deadline = time.monotonic() + seconds
        while (found := self.python(expression)) != value:
            assert time.monotonic() < deadline, f"{expression} is {found!r}, not {value!r}"
            self.page.wait_for_timeout(20)

    def run(self, code: str) -> str:
        """Run statements in the kernel, without a cell; return what they printed."""
        return str(self._execute(code)["printed"])

    def theme(self, name: str) -> None:
        """Change to JupyterLab's "light" or "dark" theme."""
        self.page.evaluate(SET_THEME, THEMES[name])
        self.page.wait_for_function(THEME_SHOWS, arg=name == "light")

    def width(self, pixels: int, height: int = HEIGHT) -> None:
        """Give the pictures this many pixels: the window is wider by what JupyterLab needs around them."""
        self.page.set_viewport_size({"width": pixels + self.margins, "height": height})
        self.page.evaluate("() => lesson.drawn()")

    def axe(self, picture: Locator) -> list[str]:
        """List what axe-core has against this picture, one line a kind of fault and element."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
        # What fades in would be measured half way.
        picture.evaluate("async node => { await lesson.settled(node) }")
        found = picture.evaluate("node => axe.run(node, {resultTypes: ['violations']})")
        assert len(found["passes"]) > 3, "axe-core looked at nothing"
        return [
            f"{fault['id']}: {fault['help']}: {node['html'][:200]} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]

    def overflow(self, picture: Locator) -> list[str]:
        """List the elements that stick out of the picture at the right, and what it makes scroll."""
        return [str(line) for line in picture.evaluate("node => lesson.overflow(node)")]

    def shot(self, picture: Locator, path: Path) -> Path:
        """Save a photograph of the whole picture."""
        size = self.page.viewport_size
        box = picture.bounding_box()
        assert size
        assert box
        path.parent.mkdir(parents=True, exist_ok=True)
        # JupyterLab scrolls inside the page: what is out of sight cannot be photographed.
        whole = max(size["height"], math.ceil(box["height"]) + 160)
        self.page.set_viewport_size({"width": size["width"], "height": whole})
        picture.evaluate("async node => { node.scrollIntoView(); await lesson.settled(node) }")
        picture.screenshot(path=path)
        self.page.set_viewport_size(size)
        return path

    def remove(self, picture: Locator) -> None:
        """Delete the cell that shows this picture, as the menu does."""
        mark = picture.first.evaluate("node => node.closest('.jp-Cell').dataset.shown")
        self.page.evaluate("mark => lesson.remove(mark)", mark)

    def leftovers(self) -> list[str]:
        """List what widgets started and did not end: timers, frames, sockets, listeners on the window."""
        # A cell's output is disposed of, and a socket closed, a moment after the command returns.
        deadline = time.monotonic() + 1
        while (found := self.page.evaluate("() => remains()")) and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)
        return [str(line) for line in found]

    def complaints(self) -> list[str]:
        """List what the console and the kernel complained of since this test began."""
        return [*self.browser.complaints, *self.page.evaluate("() => lesson.said")]

    def clear(self) -> None:
        """Remove every cell, and forget what was said."""
        self.page.evaluate("() => lesson.clear()")
        self.browser.complaints.clear()
        self.browser.requests.clear()

    def _execute(self, code: str, expression: str = "None") -> dict[str, Any]:
        answer: dict[str, Any] = self.page.evaluate(
            "([code, expression]) => lesson.execute(code, expression)", [code, expression]
        )
        assert "error" not in answer, f"{code or expression}\n{answer['error']}"
        return answer


@contextmanager
def widget_page(browser: Browser, lab: str, folder: Path, name: str) -> Iterator[WidgetPage]:
    """Open a new notebook `name` in JupyterLab's folder, with a kernel of its own; end both at the end."""
    notebook = nbformat.v4.new_notebook(
        cells=[],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        },
    )
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")
    page = browser.page()
    page.add_init_script(path=HERE / "remains.js")
    lesson = LessonPage(page, lab).open(name)
    page.evaluate(FOLD_SIDEBAR)
    page.evaluate((HERE / "widget_page.js").read_text("utf-8"))
    opened = WidgetPage(lesson, browser)
    opened.cell("from IPython.display import HTML; HTML('')")
    opened.margins = page.evaluate("() => lesson.margins()")
    try:
        yield opened
    finally:
        lesson.close()
