"""The wheel carries all that a student needs who has no checkout: package, pictures' files, lessons."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    with ZipFile(path) as archive:
        return set(archive.namelist())


def files(folder: str, *patterns: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for glob in patterns for path in (ROOT / folder).rglob(glob)}


def test_carries_the_package_with_its_pages_and_types(wheel: set[str]) -> None:
    package = files("wslearn", "*.py", "*.html", "*.js", "*.css", "py.typed")
    assert {"wslearn/__init__.py", "wslearn/py.typed"} <= package
    assert package <= wheel


def test_carries_the_lessons(wheel: set[str]) -> None:
    lessons = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert lessons
    assert {f"wslearn/_notebooks/{name}" for name in lessons} <= wheel


def test_carries_nothing_else(wheel: set[str]) -> None:
    assert {name.split("/")[0].removesuffix(".dist-info") for name in wheel} == {"wslearn", "wslearn-0.1.0"}
    assert not any("checkpoint" in name or "__pycache__" in name for name in wheel)
