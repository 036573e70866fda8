"""A lesson open in JupyterLab: run it, read what it shows, look at it."""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from playwright.sync_api import Page

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# Milliseconds, as Playwright counts.
OPENS_WITHIN = 40_000
RUNS_WITHIN = 60_000

IDLE = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.context;
  const session = context?.sessionContext;
  return Boolean(session?.isReady && session.session?.kernel?.status === "idle");
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter(cell => cell.model.type === "code")
  .map(cell => ({count: cell.model.executionCount, outputs: cell.model.outputs.toJSON()}))"""
UNEXPECTED = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter(cell => cell.model.type === "code" && !cell.model.getMetadata("tags")?.includes("raises-exception"))
  .flatMap(cell => cell.model.outputs.toJSON().filter(output => output.output_type === "error"))"""
SESSION = "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.id"
SET_THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
THEME_SHOWS = "light => document.body.dataset.jpThemeLight === String(light)"
FOLD_SIDEBAR = """() => {
  const {shell, commands} = window.jupyterapp;
  return shell.leftCollapsed ? null : commands.execute('application:toggle-left-area');
}"""
HEIGHTS = """() => {
  const view = document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer');
  return [view.scrollHeight, view.clientHeight];
}"""
SCROLL = "top => { document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer').scrollTop = top; }"


@dataclass
class Shown:
    """What a code cell shows after its run."""

    count: int
    outputs: list[NotebookNode]


@dataclass
class LessonPage:
    """One lesson in one tab."""

    page: Page
    lab: str

    def open(self, name: str = "", theme: str = "light") -> "LessonPage":
        """Open a notebook by its file name, or what JupyterLab opens by itself; wait for an idle kernel."""
        self.page.goto(f"{self.lab}lab/tree/{name}?reset" if name else self.lab, timeout=OPENS_WITHIN)
        self.page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=OPENS_WITHIN)
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell", timeout=OPENS_WITHIN)
        self.page.wait_for_function(IDLE, timeout=OPENS_WITHIN)
        self.page.evaluate(SET_THEME, THEMES[theme])
        self.page.wait_for_function(THEME_SHOWS, arg=theme == "light")
        return self

    def title(self) -> str:
        """Name the notebook that is in front."""
        return str(self.page.evaluate("() => window.jupyterapp.shell.currentWidget.title.label"))

    def run(self) -> list[Shown]:
        """Run all cells, as the menu does; fail when they are not done in time."""
        self.page.evaluate(
            f"() => {{ window.ran = false; ({RUN_ALL})().then(() => {{ window.ran = true; }}); }}"
        )
        self.page.wait_for_function("() => window.ran", timeout=RUNS_WITHIN)
        self.page.wait_for_function(IDLE)
        # An error that a cell is not tagged for ends the run, and the cells behind it get no count.
        raised = self.page.evaluate(UNEXPECTED)
        assert not raised, "\n".join(raised[0]["traceback"])
        # The count of the last cell comes with the kernel's reply, which may be behind its "idle".
        self.page.wait_for_function(f"() => ({CELLS})().every(cell => cell.count !== null)")
        return [
            Shown(cell["count"], nbformat.from_dict(cell["outputs"])) for cell in self.page.evaluate(CELLS)
        ]

    def close(self) -> None:
        """Close the tab, which would complain of the loss, then stop the kernel, which would outlive it."""
        session = self.page.evaluate(SESSION)
        context = self.page.context
        self.page.close()
        (token,) = (cookie["value"] for cookie in context.cookies(self.lab) if cookie["name"] == "_xsrf")
        answer = context.request.delete(f"{self.lab}api/sessions/{session}", headers={"X-XSRFToken": token})
        assert answer.ok, answer.status_text

    def screenshots(self, stem: Path) -> list[Path]:
        """Photograph the whole lesson, a window's height at a time: `STEM-1.png`, `STEM-2.png`…"""
        self.page.evaluate(FOLD_SIDEBAR)
        notebook = self.page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer")
        stem.parent.mkdir(parents=True, exist_ok=True)
        whole, window = self.page.evaluate(HEIGHTS)
        taken = []
        for number in range(math.ceil(whole / window)):
            self.page.evaluate(SCROLL, number * window)
            # Widgets and pictures draw themselves after they come into view.
            time.sleep(0.3)
            taken.append(stem.with_name(f"{stem.name}-{number + 1}.png"))
            notebook.screenshot(path=taken[-1])
        return taken
