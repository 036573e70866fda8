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
        lab_page.settle()                                         # the kernel has dealt with every edit
        lab_page.remove(view)                                     # delete the cell
        assert lab_page.leftovers() == []                         # timers, listeners, sockets of widgets

All modules share one page; the tests of a module share one notebook and one kernel. After each test the cells
are gone, the theme is light and the width is 900 again. It fails if the page asked another machine for
something, or if the console or the kernel complained. `lab_page.page` is Playwright's page: keyboard, mouse.
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
from playwright.sync_api import Error, Locator, Page

from tests.browser.chromium import Browser
from tests.browser.lesson_page import FOLD_SIDEBAR, IDLE, OPENS_WITHIN, SET_THEME, THEME_SHOWS, THEMES

HERE = Path(__file__).parent
# Milliseconds, as Playwright counts.
SHOWS_WITHIN = 20_000
WIDTH, HEIGHT = 900, 900
JUPYTERLAB_ABOVE_AND_BELOW = 160

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
EMPTY = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
OPEN = """async path => {
  await window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'})
}"""


@dataclass
class WidgetPage:
    """A JupyterLab in one tab, one notebook with one kernel in it, and the pictures in that."""

    page: Page
    browser: Browser
    folder: Path
    shown: int = field(default=0, init=False)
    # How wide the window must be for a picture of so many pixels.
    windows: dict[int, int] = field(default_factory=dict, init=False)

    @contextmanager
    def notebook(self, name: str) -> Iterator["WidgetPage"]:
        """Open a new notebook with a kernel of its own; end both at the end."""
        (self.folder / f"{name}.ipynb").write_text(json.dumps(EMPTY), encoding="utf-8")
        self.page.evaluate(OPEN, f"{name}.ipynb")
        self.page.wait_for_function(IDLE, timeout=OPENS_WITHIN)
        self.page.evaluate((HERE / "widget_page.js").read_text("utf-8"))
        try:
            yield self
        finally:
            self.page.evaluate("() => lesson.end()")

    def show(self, code: str) -> Locator:
        """Run `code` in a new cell at the end; return the picture it shows, or fail with what it says."""
        cell = self.cell(code)
        picture = cell.locator("section.wsl")
        try:
            picture.first.wait_for(timeout=SHOWS_WITHIN)
        except Error:
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

    def settle(self) -> None:
        """Wait until the kernel has dealt with every edit that the pictures told it of."""
        self.page.evaluate("() => lesson.settle()")

    def run(self, code: str) -> str:
        """Run statements in the kernel, without a cell; return what they printed."""
        return str(self._execute(code)["printed"])

    def theme(self, name: str) -> None:
        """Change to JupyterLab's "light" or "dark" theme."""
        if self.page.evaluate(THEME_SHOWS, name == "light"):
            return
        self.page.evaluate(SET_THEME, THEMES[name])
        self.page.wait_for_function(THEME_SHOWS, arg=name == "light")

    def width(self, pixels: int, height: int = HEIGHT) -> None:
        """Give the pictures this many pixels: the window is wider by what JupyterLab needs around them."""
        if pixels not in self.windows:
            self._measure(pixels)
        self.page.set_viewport_size({"width": self.windows[pixels], "height": height})
        self.page.evaluate("() => lesson.drawn()")

    def axe(self, picture: Locator) -> list[str]:
        """List what axe-core has against this picture, one line a kind of fault and element."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
        with self._in_sight(picture):
            # JupyterLab's body has no height and clips, which axe-core takes to hide all there is.
            self.page.evaluate("() => { document.body.style.height = '100vh' }")
            found = picture.evaluate("node => axe.run(node)")
        looked_at = {rule["id"] for kind in ("passes", "violations", "incomplete") for rule in found[kind]}
        assert "color-contrast" in looked_at, f"axe-core saw no text; it looked at {looked_at}"
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
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._in_sight(picture):
            picture.screenshot(path=path)
        return path

    def remove(self, picture: Locator) -> None:
        """Delete the cell that shows this picture, as the menu does."""
        mark = picture.first.evaluate("node => node.closest('.jp-Cell').dataset.shown")
        self.page.evaluate("mark => lesson.remove(mark)", mark)

    def restart(self) -> None:
        """Restart the kernel, as the menu does once it has asked."""
        self.page.evaluate("() => lesson.restart()")

    @contextmanager
    def beside(self, name: str) -> Iterator[Locator]:
        """Open another notebook in another tab of the same JupyterLab, and run nothing in it."""
        self.page.evaluate("name => lesson.open(name)", name)
        try:
            yield self.page.locator("#beside")
        finally:
            # Its kernel may still be asked for this and that, and ends with JupyterLab.
            self.page.evaluate("() => lesson.back()")

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

    def _measure(self, pixels: int) -> None:
        if measured := self._column() is None:
            self.cell("from IPython.display import HTML; HTML('measured')")
        # Twice: in a narrow window JupyterLab puts the number of a cell elsewhere.
        for _ in range(2):
            size, column = self.page.viewport_size, self._column()
            assert size
            assert column
            self.windows[pixels] = size["width"] + pixels - column
            self.page.set_viewport_size({"width": self.windows[pixels], "height": size["height"]})
            self.page.evaluate("() => lesson.drawn()")
        assert self._column() == pixels
        if measured:
            self.clear()

    def _column(self) -> int | None:
        width: int | None = self.page.evaluate("() => lesson.column()")
        return width

    @contextmanager
    def _in_sight(self, picture: Locator) -> Iterator[None]:
        """Make the window as high as the picture, and wait until that stands still."""
        size, box = self.page.viewport_size, picture.bounding_box()
        assert size
        assert box
        whole = max(size["height"], math.ceil(box["height"]) + JUPYTERLAB_ABOVE_AND_BELOW)
        self.page.set_viewport_size({"width": size["width"], "height": whole})
        picture.evaluate("async node => { node.scrollIntoView(); await lesson.settled(node) }")
        try:
            yield
        finally:
            self.page.set_viewport_size(size)

    def _execute(self, code: str, expression: str = "None") -> dict[str, Any]:
        answer: dict[str, Any] = self.page.evaluate(
            "([code, expression]) => lesson.execute(code, expression)", [code, expression]
        )
        assert "error" not in answer, f"{code or expression}\n{answer['error']}"
        return answer


@contextmanager
def widget_page(browser: Browser, lab: str, folder: Path) -> Iterator[WidgetPage]:
    """Open JupyterLab, which runs in `folder`, in a tab without a notebook."""
    page = browser.page()
    page.add_init_script(path=HERE / "remains.js")
    page.goto(f"{lab}lab?reset", timeout=OPENS_WITHIN)
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=OPENS_WITHIN)
    page.wait_for_selector(".jp-Launcher", timeout=OPENS_WITHIN)
    page.evaluate(FOLD_SIDEBAR)
    yield WidgetPage(page, browser, folder)
    page.close()
