"""That nbval can fail: `make test` compares the lessons themselves, this compares spoiled copies of them."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.jupyter_home import jupyter_home
from tests.notebooks import specimen
from tests.notebooks.lesson import FOLDER, lessons, read
from tests.notebooks.spoiling import spoil

ROOT = FOLDER.parent


@dataclass
class Verdict:
    """What nbval said of each code cell, by its number."""

    passed: set[int]
    failed: set[int]
    printed: str


def nbval(notebook: Path, home: Path) -> Verdict:
    """Compare one notebook, with the very options of `make test`."""
    report = home / "report.xml"
    command = [sys.executable, "-m", "pytest", str(notebook), "-p", "no:cacheprovider", "--color=no"]
    run = subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), f"--junitxml={report}"],
        cwd=notebook.parent,
        env=os.environ | jupyter_home(home) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    verdict = Verdict(set(), set(), run.stdout)
    for case in ElementTree.parse(report).iter("testcase"):
        cell = int(case.attrib["name"].removeprefix("Cell "))
        (verdict.passed if case.find("failure") is None else verdict.failed).add(cell)
    return verdict


@pytest.mark.parametrize("lesson", lessons(), ids=lambda path: path.stem)
def test_each_compared_cell_of_a_lesson_fails_when_a_value_it_printed_changes(
    lesson: Path, tmp_path: Path
) -> None:
    copies = tmp_path / "notebooks"
    shutil.copytree(FOLDER, copies, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    spoiled = spoil(copies / lesson.name)
    assert spoiled, "nothing in this lesson is compared"
    verdict = nbval(copies / lesson.name, tmp_path)
    assert verdict.failed == set(spoiled), verdict.printed
    code_cells = sum(cell.cell_type == "code" for cell in read(lesson).cells)
    assert verdict.passed | verdict.failed == set(range(code_cells))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return specimen.make(tmp_path_factory.mktemp("specimen"))


class TestSpecimen:
    def test_passes_as_it_was_written(self, made: Path, tmp_path: Path) -> None:
        verdict = nbval(made, tmp_path)
        assert verdict.failed == set(), verdict.printed
        assert verdict.passed == set(range(8))

    def test_every_kind_of_output_is_compared(self, made: Path, tmp_path: Path) -> None:
        copy = Path(shutil.copy(made, tmp_path))
        spoiled = spoil(copy)
        assert sorted(spoiled.values()) == sorted(specimen.KINDS)
        verdict = nbval(copy, tmp_path)
        assert verdict.failed == set(spoiled), verdict.printed
        # The cell whose output is ignored, and the one that prints nothing.
        assert verdict.passed == {6, 7}
