"""Execute the lessons anew and write them in their one form: `make notebooks`."""

import argparse
import sys
import time
from pathlib import Path

import jupytext
from jupytext.combine import combine_inputs_with_outputs
from nbformat import NotebookNode

from tests.notebooks.execution import LessonError, execute
from tests.notebooks.faults import faults
from tests.notebooks.lesson import FOLDER, lessons, normalise, read, text

PERCENT = "py:percent"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.notebooks", description=__doc__)
    parser.add_argument("names", nargs="*", help="lessons, such as 03_frames; all when none is named")
    parser.add_argument("--check", action="store_true", help="run and write nothing, say what is out of form")
    parser.add_argument(
        "--new",
        type=Path,
        metavar="FILE.py",
        help="make or update the lesson of that name from a script in jupytext's percent form",
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the lessons are")
    options = parser.parse_args(arguments)
    if options.new:
        target = options.folder / options.new.with_suffix(".ipynb").name
        return 0 if _make(target, _from_script(options.new, target)) else 1
    paths = lessons(options.names, options.folder)
    if options.check:
        found = [f"{path.name}: {fault}" for path in paths for fault in faults(path)]
        print("\n".join(found) or f"{len(paths)} lessons, all in form")
        return 1 if found else 0
    made = [_make(path, read(path)) for path in paths]
    return 0 if all(made) else 1


def _from_script(script: Path, target: Path) -> NotebookNode:
    notebook: NotebookNode = jupytext.read(script, fmt=PERCENT)
    known: set[str] = set()
    if target.exists():
        before = read(target)
        known = {cell.id for cell in before.cells}
        notebook = combine_inputs_with_outputs(notebook, before, fmt=PERCENT)
    for cell in notebook.cells:
        # jupytext draws an id at random for a cell it has not seen.
        if cell.id not in known:
            del cell["id"]
    return notebook


def _make(path: Path, notebook: NotebookNode) -> bool:
    """Execute and write one lesson; when a cell fails, say which and leave the file alone."""
    begin = time.perf_counter()
    try:
        made = text(normalise(execute(normalise(notebook), path.parent)))
    except LessonError as failure:
        print(f"{path.name}: not written, because a cell failed\n{failure}", file=sys.stderr)
        return False
    change = "unchanged"
    if not path.exists() or path.read_text(encoding="utf-8") != made:
        change = "written"
        path.write_text(made, encoding="utf-8")
    seconds = time.perf_counter() - begin
    print(f"{path.name}: {change}, {len(notebook.cells)} cells in {seconds:.1f} s")
    for fault in faults(path):
        print(f"  out of form: {fault}")
    return True


if __name__ == "__main__":
    sys.exit(main())
