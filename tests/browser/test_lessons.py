"""Each lesson opens in JupyterLab in a real Chromium, runs, and shows what is stored in it."""

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tests.browser.chromium import Browser
from tests.browser.lab import copied, jupyterlab
from tests.browser.lesson_page import THEMES, LessonPage, Shown
from tests.notebooks import specimen
from tests.notebooks.lesson import FOLDER, lessons, normalise, read
from tests.notebooks.spoiling import spoil

BACKGROUND = "() => getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor"
SECONDS_PER_LESSON = 20  # from its address to the last output
pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lessons, and a notebook whose outputs are known."""
    place = copied(FOLDER, tmp_path_factory.mktemp("lab") / "notebooks")
    specimen.make(place)
    return place


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    with jupyterlab(folder) as url:
        yield url


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def assert_shows(stored: NotebookNode, shown: list[Shown]) -> None:
    """Compare what the page shows with what is stored, except where a tag says that it differs."""
    cells = code_cells(stored)
    assert [cell.count for cell in shown] == [cell.execution_count for cell in cells]
    expected = [cell.outputs for cell in cells]
    for cell, seen in zip(cells, shown, strict=True):
        cell.outputs = seen.outputs
    normalise(stored)
    for number, cell in enumerate(cells):
        if "nbval-ignore-output" not in cell.metadata.get("tags", ()):
            assert texts(cell.outputs) == texts(expected[number]), f"code cell {number}: {cell.source}"


def texts(outputs: list[NotebookNode]) -> list[dict[str, str]]:
    """Take from each output what nbval compares, too: a PNG's bytes depend on the machine's fonts."""
    return [
        {name: output[name] for name in ("name", "text", "ename", "evalue") if name in output}
        | {kind: value for kind, value in output.get("data", {}).items() if kind in specimen.KINDS}
        for output in outputs
    ]


def run(lesson: Path, lab: str, browser: Browser) -> tuple[list[Shown], float]:
    """Open a lesson and run it: give what it shows, and the seconds that it took."""
    start = time.monotonic()
    opened = LessonPage(browser.page(), lab).open(lesson.name)
    shown = opened.run()
    taken = time.monotonic() - start
    opened.close()
    return shown, taken


@pytest.mark.parametrize("lesson", lessons(), ids=lambda path: path.stem)
def test_lesson_runs_and_shows_what_is_stored(lesson: Path, lab: str, browser: Browser) -> None:
    shown, taken = run(lesson, lab, browser)
    assert_shows(read(lesson), shown)
    if taken >= SECONDS_PER_LESSON:  # somebody else may have had the machine: too slow is what is so twice
        _, taken = run(lesson, lab, browser)
    assert taken < SECONDS_PER_LESSON


def test_the_course_opens_at_its_first_lesson(tmp_path: Path, browser: Browser) -> None:
    place = tmp_path / "lessons"
    command = (sys.executable, "-m", "wslearn", "lab", f"--folder={place}", "--")
    with jupyterlab(place, command) as url:
        lesson = LessonPage(browser.page(), url).open()
        assert lesson.title() == "00_start_here.ipynb"
        assert_shows(read(FOLDER / "00_start_here.ipynb"), lesson.run())
        lesson.close()


class TestDriver:
    """Of the tests' own driver, with a notebook whose outputs are known."""

    def test_the_outputs_are_those_of_the_run(self, folder: Path, lab: str, browser: Browser) -> None:
        name = f"{specimen.NAME}.ipynb"
        stored = read(folder / name)
        opened = LessonPage(browser.page(), lab).open(name)
        shown = opened.run()
        opened.close()
        assert shown[0].outputs[0].text == "one\ntwo\n"
        assert shown[6].outputs != code_cells(stored)[6].outputs, "the clock stood still"
        assert_shows(stored, shown)

    def test_a_stored_output_that_is_not_shown_is_found(self, folder: Path, tmp_path: Path) -> None:
        path = Path(shutil.copy(folder / f"{specimen.NAME}.ipynb", tmp_path))
        true = code_cells(read(path))
        spoiled = spoil(path)
        assert sorted(spoiled.values()) == sorted(specimen.KINDS)
        for number in spoiled:
            stored = read(path)
            shown = [Shown(cell.execution_count, cell.outputs) for cell in code_cells(stored)]
            shown[number].outputs = true[number].outputs
            with pytest.raises(AssertionError, match=f"code cell {number}: "):
                assert_shows(stored, shown)

    def test_cells_left_out_are_found(self, folder: Path) -> None:
        stored = read(folder / f"{specimen.NAME}.ipynb")
        shown = [Shown(cell.execution_count, cell.outputs) for cell in code_cells(stored)]
        with pytest.raises(AssertionError):
            assert_shows(stored, shown[:-1])

    def test_both_themes_in_pictures(self, folder: Path, lab: str, browser: Browser, tmp_path: Path) -> None:
        backgrounds = set()
        for theme in THEMES:
            lesson = LessonPage(browser.page(), lab).open(f"{specimen.NAME}.ipynb", theme)
            pictures = lesson.screenshots(tmp_path / theme)
            assert [path.name for path in pictures][:1] == [f"{theme}-1.png"]
            backgrounds.add(lesson.page.evaluate(BACKGROUND))
            lesson.close()
        assert len(backgrounds) == len(THEMES)

    def test_what_a_page_wants_from_elsewhere_is_seen(self, window: Browser) -> None:
        page = window.page()
        page.set_content(
            "<script>fetch('http://example.com/x').catch(() => new WebSocket('ws://example.org/'))</script>"
        )
        page.wait_for_timeout(500)
        page.close()
        assert window.leaks() == ["http://example.com/x", "ws://example.org/"]
        assert any("ERR_NAME_NOT_RESOLVED" in complaint for complaint in window.complaints)

    def test_an_uncaught_error_is_seen(self, window: Browser) -> None:
        page = window.page()
        page.set_content("<script>throw new Error('lost')</script>")
        page.close()
        assert any("uncaught: lost" in complaint for complaint in window.complaints)
