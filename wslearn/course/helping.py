"""Hints, one more each time, and the library's own source as the solution."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, find
from wslearn.course.progress import record_help
from wslearn.picture_card import card, prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["Hint", "Solution", "hint", "solution"]

_given: Counter[str] = Counter()  # hints that this kernel has given, by exercise


@dataclass(frozen=True)
class Hint:
    """One hint, and how many there are."""

    name: str
    number: int
    of: int
    text: str

    @property
    def then(self) -> str:
        """What to do when it was not enough."""
        if self.number < self.of:
            return f'hint("{self.name}") again gives the next.'
        return f'That was the last one. solution("{self.name}") shows how the library does it.'

    def __repr__(self) -> str:
        return f"Hint {self.number} of {self.of}: {self.text}\n{self.then}"

    def _repr_html_(self) -> str:
        then = f'<div class="wsl-name">{escape(self.then)}</div>'
        body = f'<div class="wsl-part"><div>{prose(self.text)}</div>{then}</div>'
        return card(f"Hint: {self.name}", f"{self.number} of {self.of}", body, "")


def hint(name: str) -> Hint:
    """Give a hint for an exercise; the next one each time it is asked, from a nudge to nearly the answer.

    Parameters
    ----------
    name
        The exercise's function.

    Raises
    ------
    UsageError
        When there is no such exercise.

    Examples
    --------
    >>> hint("accept_key").number
    1
    """
    exercise = find(name)
    number = min(_given[name] + 1, len(exercise.hints))
    _given[name] = number
    record_help(exercise.name, exercise.lesson, hints=number)
    return Hint(name, number, len(exercise.hints), exercise.hints[number - 1])


@dataclass(frozen=True)
class Solution:
    """The source of an exercise's model answer, once it was confirmed that it is wanted.

    Parameters
    ----------
    exercise
        Which one.
    shown
        Whether to show it.
    """

    exercise: Exercise
    shown: bool

    @property
    def source(self) -> str:
        """The function with all that it needs: it can be put into a cell and run."""
        return source(self.exercise.model)

    def __repr__(self) -> str:
        if not self.shown:
            name = self.exercise.name
            return f'This shows the answer to {name}. If you want to see it:  solution("{name}", show=True)'
        seen = [f"# The library's own {each.__qualname__}:\n{_text(each)}" for each in self.exercise.see]
        return "\n\n".join([self.source, *seen])

    def _repr_html_(self) -> str:
        code = f'<div class="wsl-part"><pre class="wsl-code" tabindex="0">{escape(repr(self))}</pre></div>'
        return card(f"Solution: {self.exercise.name}", self.exercise.section, code, "")


def solution(name: str, *, show: bool = False) -> Solution:
    """Show how the library does it.

    Parameters
    ----------
    name
        The exercise's function.
    show
        That you mean it: without, nothing is given away.

    Raises
    ------
    UsageError
        When there is no such exercise.

    Examples
    --------
    >>> solution("accept_key")
    This shows the answer to accept_key. If you want to see it:  solution("accept_key", show=True)
    """
    exercise = find(name)
    if show:
        record_help(exercise.name, exercise.lesson, solution=True)
    return Solution(exercise, show)


def source(function: Callable[..., Any]) -> str:
    """Give a function's source with the imports and the private constants and functions that it uses.

    Examples
    --------
    >>> print(source(find("accept_key").model).partition("def")[0].strip())
    import base64
    import hashlib
    from wslearn.handshake import GUID
    """
    module = sys.modules[function.__module__]
    imports: set[tuple[str, str]] = set()
    pieces: dict[str, str] = {}
    _collect(function.__name__, module, imports, pieces)
    own = pieces.pop(function.__name__)
    helpers = [piece for piece in pieces.values() if piece.startswith("def ")]
    # Names that are made together stand together once.
    constants = list(dict.fromkeys(piece for piece in pieces.values() if piece not in helpers))
    head = [_import_lines(imports), "\n".join(constants)]
    return "\n\n\n".join(part for part in ("\n\n".join(filter(None, head)), *helpers, own) if part) + "\n"


def _import_lines(imports: set[tuple[str, str]]) -> str:
    """Write imports as an editor sorts them: one line for each module."""
    plain = [f"import {name}" for module, name in sorted(imports) if not module]
    modules = sorted({module for module, _ in imports if module})
    named = [
        (module, ", ".join(sorted(name for home, name in imports if home == module))) for module in modules
    ]
    return "\n".join([*plain, *(f"from {module} import {names}" for module, names in named)])


def _collect(name: str, module: ModuleType, imports: set[tuple[str, str]], pieces: dict[str, str]) -> None:
    """Take the definition of a private name along, and of what it uses; import what is public."""
    tree = ast.parse(inspect.getsource(module))
    node = next(node for node in tree.body if name in _defines(node))
    pieces[name] = ""  # it may use itself
    for used in sorted({each.id for each in ast.walk(node) if isinstance(each, ast.Name)}):
        if used in pieces:
            continue
        home = next((other for other in tree.body if used in _defines(other)), None)
        if home is None:
            imports.update(_imports(used, tree))
        elif used.startswith("_"):
            _collect(used, module, imports, pieces)
        else:
            imports.add((module.__name__, used))
    del pieces[name]  # behind all that it needs
    pieces[name] = ast.get_source_segment(inspect.getsource(module), node) or ""


def _defines(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def _imports(name: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Find what imports a name, for type checkers alone included: the module, or none, and the name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name).partition(".")[0] == name:
                    as_name = f" as {alias.asname}" if alias.asname else ""
                    home = node.module or "" if isinstance(node, ast.ImportFrom) else ""
                    yield home, alias.name + as_name


def _text(function: Callable[..., Any]) -> str:
    return textwrap.dedent(inspect.getsource(function))
