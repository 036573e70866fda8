"""The package as a whole: what importing it loads and costs, and which way its files point."""

from __future__ import annotations

import ast
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import wslearn

PACKAGE = Path(wslearn.__file__).parent

#: File order is lesson order: read top to bottom, a file imports only files above it.
ORDER = (
    "errors",
    "http",
    "extensions",
    "handshake",
    "masking",
    "frames",
    "closing",
    "messages",
    "connection",
    "deflate",
    "reconnect",
    "spans",
    "explain_http",
    "explain_frame",
    "explain",
    "picture_card",
    "picture_frame",
    "picture",
    "vectors_http",
    "vectors_peers",
    "vectors",
)
#: What stands on the core and may import all of it.
ABOVE = ("lessons", "wire", "console", "doctor", "cli", "__main__")


def imports(path: Path, *, when_called: bool) -> Iterator[str]:
    """Name the modules that a file imports when it is imported, or, too, when its functions are called.

    What only a type checker imports costs nothing and ties nothing.
    """

    def visit(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not when_called:
            return
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for otherwise in node.orelse:
                yield from visit(otherwise)
        else:
            for child in ast.iter_child_nodes(node):
                yield from visit(child)

    yield from visit(ast.parse(path.read_text("utf-8")))


class TestFileOrder:
    @pytest.mark.parametrize("name", ORDER)
    def test_a_file_imports_only_files_above_it(self, name: str) -> None:
        above = {f"wslearn.{other}" for other in ORDER[: ORDER.index(name)]}
        used = set(imports(PACKAGE / f"{name}.py", when_called=False))
        modules = {f"wslearn.{path.stem}" for path in PACKAGE.glob("*.py")}
        assert used & modules <= above
        assert "wslearn" not in used  # the front door stands on the files, not they on it

    def test_every_file_has_its_place(self) -> None:
        assert {path.stem for path in PACKAGE.glob("*.py")} == {*ORDER, *ABOVE, "__init__"}

    def test_only_the_edge_and_the_command_line_import_tornado(self) -> None:
        users = {
            path.relative_to(PACKAGE).as_posix()
            for path in PACKAGE.rglob("*.py")
            if any(module.partition(".")[0] == "tornado" for module in imports(path, when_called=True))
        }
        # masking takes tornado's C function where it happens to be installed, and only when it is asked
        # and the pages of the labs' applications are Tornado's to serve
        elsewhere = {user for user in users if not user.startswith(("net/", "labs/"))}
        assert elsewhere <= {"masking.py", "cli.py"}
        assert "masking.py" in users

    def test_the_core_imports_the_standard_library_only(self) -> None:
        for name in ORDER:
            used = {module.partition(".")[0] for module in imports(PACKAGE / f"{name}.py", when_called=False)}
            assert used <= sys.stdlib_module_names | {"wslearn"}, name


class TestImport:
    """In a fresh interpreter: `-I` and `-S` keep out what an environment loads on its own."""

    SCRIPT = """
import json, sys, time
sys.path.insert(0, {path!r})
before = set(sys.modules)
start = time.process_time()
import wslearn
taken = time.process_time() - start
print(json.dumps([taken, sorted(set(sys.modules) - before)]))
"""

    def fresh(self) -> tuple[float, set[str]]:
        script = self.SCRIPT.format(path=str(PACKAGE.parent))
        command = [sys.executable, "-I", "-S", "-c", script]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        taken, loaded = json.loads(said)
        return taken, set(loaded)

    def test_loads_the_core_and_the_standard_library(self) -> None:
        _, loaded = self.fresh()
        assert {name.partition(".")[0] for name in loaded} <= sys.stdlib_module_names | {"wslearn"}
        core = {"wslearn", *(f"wslearn.{name}" for name in ORDER)}
        assert {name for name in loaded if name.startswith("wslearn")} <= core

    def test_takes_less_than_60_ms(self) -> None:
        """Processor time, and the median of several, so that a busy machine does not speak here."""
        self.fresh()  # writes the bytecode
        assert statistics.median(self.fresh()[0] for _ in range(9)) < 0.060

    def test_public_names_are_there(self) -> None:
        assert len(set(wslearn.__all__)) == len(wslearn.__all__)
        assert all(hasattr(wslearn, name) for name in wslearn.__all__)
