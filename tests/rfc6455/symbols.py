"""Symbols of source files, and which sections of RFC 6455 a text cites."""

import ast
import re
from functools import cache
from pathlib import Path

_CITED = re.compile(r"(?<!RFC \d{4} )§(\d+(?:\.\d+)*)(?:–§(\d+(?:\.\d+)*))?")


def cited(text: str) -> set[str]:
    """List the sections that a text cites; "§5–§7" cites §6, too, and "RFC 7692 §6" none of ours."""
    found = set()
    for first, last in _CITED.findall(text.replace("RFC 6455 §", "§")):
        found |= {first, last} - {""}
        if first.isdecimal() and last.isdecimal():
            found |= set(map(str, range(int(first), int(last))))
    return found


def is_cited(section: str, text: str) -> bool:
    """Tell whether a text cites a section, or the one that it is directly part of."""
    return not cited(text).isdisjoint({section, section.rpartition(".")[0]})


@cache
def _tree(path: Path) -> tuple[str, ast.Module]:
    source = path.read_text(encoding="utf-8")
    return source, ast.parse(source)


def what_is_said(root: Path, symbol: str) -> str | None:
    """Give what a symbol's source says of it; ``None`` where there is no such symbol.

    That is its own text, and the docstrings of the classes and of the module around it.

    Parameters
    ----------
    root
        The folder that the path starts from.
    symbol
        As in ``wslearn/http.py::Headers.get`` or ``tests/test_http.py::TestSplitHead::test_whole``.
    """
    file, _, names = symbol.partition("::")
    if not (root / file).is_file():
        return None
    source, module = _tree(root / file)
    first = last = 0
    said, around = [ast.get_docstring(module) or ""], module.body
    for name in re.split(r"::|\.", names):
        found = next((statement for statement in around if name in _names(statement)), None)
        if found is None:
            return None
        if isinstance(found, ast.ClassDef):
            said.append(ast.get_docstring(found) or "")
        around = getattr(found, "body", [])
        first, last = found.lineno - 1, found.end_lineno or 0
    return "\n".join([*said, *source.splitlines()[first:last]])


def _names(node: ast.stmt) -> set[str]:
    """List the names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}
