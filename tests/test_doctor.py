"""The doctor finds what is wrong, says how to mend it, and is of one mind wherever all is well."""

import asyncio
import subprocess
import sys
import tomllib
import webbrowser
from pathlib import Path
from typing import Any, NoReturn

import pytest

from wslearn import doctor, lessons, net
from wslearn.doctor import Check, Checks, examine
from wslearn.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent

NAMES = [
    "Python",
    "click",
    "tornado",
    "jupyterlab",
    "ipykernel",
    "ipywidgets",
    "anywidget",
    "numpy",
    "hypothesis",
    "platformdirs",
    "psutil",
    "pycrdt",
    "pyyaml",
    "trustme",
    "masking",
    "free port",
    "echo over loopback",
    "Jupyter kernel",
    "open files",
    "lessons",
    "folder for your work",
    "browser",
]


def raising(error: BaseException) -> Any:
    def fail(*args: object, **options: object) -> NoReturn:
        raise error

    return fail


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "course").mkdir()
    source = lessons.Source(tmp_path / "course", in_place=True)
    monkeypatch.setattr(lessons, "find_lessons", lambda: source)
    return source.folder


def look(name: str, folder: Path | None = None) -> Check:
    (check,) = [check for check in examine(folder) if check.name == name]
    return check


@pytest.mark.usefixtures("course")
class TestWhereAllIsWell:
    def test_everything_is_ok(self) -> None:
        checks = examine()
        assert [(check.name, check.ok) for check in checks] == [(name, True) for name in NAMES]
        assert checks.ok
        assert not any(check.mend for check in checks)
        assert str(checks).endswith("\nAll is well.")

    def test_repr_and_html_are_the_same_each_time(self) -> None:
        first, second = examine(), examine()
        assert repr(first) == repr(second) == f"[{', '.join(f'ok: {name}' for name in NAMES)}]"
        assert first._repr_html_() == second._repr_html_()

    def test_works_where_a_loop_is_running_already(self) -> None:
        async def notebook() -> Checks:
            return examine()

        assert asyncio.run(notebook()).ok


@pytest.mark.usefixtures("course")
class TestEachFault:
    def test_an_old_python(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doctor, "_PYTHON", (4, 0))
        check = look("Python")
        assert not check.ok
        assert check.mend == "Install Python 4.0 or newer: python.org/downloads"

    def test_a_package_that_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "anywidget", None)
        check = look("anywidget")
        assert not check.ok
        assert check.found.startswith("cannot be imported: ")
        assert check.mend == 'python -m pip install --upgrade "wslearn[lab]"'

    def test_a_package_that_is_too_old(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(doctor._LAB, "numpy", "99.1")
        check = look("numpy")
        assert not check.ok
        assert check.found.endswith("(at least 99.1)")

    def test_no_accelerators_is_no_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doctor, "accelerators", list)
        assert look("masking") == Check("masking", True, "the standard library alone: as right, and slower")

    def test_nothing_may_listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("socket.create_server", raising(PermissionError(13, "Permission denied")))
        check = look("free port")
        assert not check.ok
        assert check.found == "[Errno 13] Permission denied"
        assert "firewall" in check.mend

    def test_no_server_starts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(net, "serve", raising(UsageError("Cannot listen")))
        check = look("echo over loopback")
        assert not check.ok
        assert check.found == "UsageError: Cannot listen"

    def test_an_echo_of_something_else(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def shout(ws: net.WebSocket) -> None:
            async for message in ws:
                await ws.send(str(message).upper())

        serve = net.serve
        monkeypatch.setattr(net, "serve", lambda: serve(shout))
        assert look("echo over loopback").found == "UsageError: The echo of 'Hello' is 'HELLO'."

    def test_no_jupyter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
        check = look("Jupyter kernel")
        assert not check.ok
        assert "pip install" in check.mend

    def test_no_such_kernel(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doctor, "_KERNEL", "fortran")
        assert look("Jupyter kernel") == Check(
            "Jupyter kernel",
            False,
            "none is called fortran",
            "python -m ipykernel install --sys-prefix --name fortran",
        )

    def test_a_kernel_whose_python_is_gone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        check = look("Jupyter kernel")
        assert not check.ok
        assert check.found == "python3: /nowhere/python"

    @pytest.mark.parametrize(
        ("limits", "ok", "found"),
        [
            ((256, 1024), False, "256 now, 1024 at most"),
            ((256, 2560), True, "256 now, 2560 at most"),
            ((256, -1), True, "256 now, no limit at most"),
        ],
    )
    def test_few_files_may_be_open(
        self, limits: tuple[int, int], ok: bool, found: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("resource.getrlimit", lambda which: limits)
        check = look("open files")
        assert (check.ok, check.found, bool(check.mend)) == (ok, found, not ok)

    def test_a_system_without_such_a_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "resource", None)
        assert look("open files").ok

    def test_no_lessons(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lessons, "find_lessons", raising(UsageError("The lessons are not here.")))
        check = look("lessons")
        assert not check.ok
        assert check.found == "The lessons are not here."
        assert [check.name for check in examine()] == NAMES

    def test_a_folder_that_cannot_be_written_to(self, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.TemporaryFile", raising(OSError(30, "Read-only file system")))
        check = look("folder for your work")
        assert not check.ok
        assert check.found == f"{course}: Read-only file system"
        assert "--folder" in check.mend

    def test_a_folder_that_is_still_to_be_made(self, tmp_path: Path) -> None:
        folder = tmp_path / "not" / "yet"
        assert look("folder for your work", folder) == Check("folder for your work", True, str(folder))
        assert not folder.parent.exists()

    def test_no_browser_is_no_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(webbrowser, "get", raising(webbrowser.Error()))
        assert look("browser").found == "none found here: open the URL that wslearn lab prints"

    def test_a_browser(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(webbrowser, "get", object)
        assert look("browser").found == "found"


class TestReport:
    CHECKS = Checks([Check("Python", True, "3.11.7"), Check("<b>", False, "gone", "pip install <b>")])

    def test_as_text(self) -> None:
        assert not self.CHECKS.ok
        assert str(self.CHECKS).splitlines() == [
            "ok    Python                3.11.7",
            "mend  <b>                   gone",
            "      pip install <b>",
            "To mend: 1 of 2.",
        ]

    def test_as_html_without_what_differs_from_machine_to_machine(self) -> None:
        page = self.CHECKS._repr_html_()
        assert "✓ ok" in page
        assert "✗ pip install &lt;b&gt;" in page
        assert "3.11.7" not in page
        assert "<b>" not in page


def test_asks_for_the_versions_that_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert sorted(f"{name}>={least}" for name, least in doctor._NEEDED.items()) == project["dependencies"]
    lab = project["optional-dependencies"]["lab"]
    assert sorted(f"{name}>={least}" for name, least in doctor._LAB.items()) == lab
    assert project["requires-python"] == f">={'.'.join(map(str, doctor._PYTHON))}"


def test_the_core_does_not_load_it() -> None:
    code = "import sys, wslearn; print('wslearn.doctor' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
