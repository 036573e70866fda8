"""What is wrong with a lesson's form: said in words, one line a fault, so that a writer can mend it."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.notebooks.lesson import TAGS, normalise, read, text

LINES_PER_CELL = 15
BYTES = 400_000
# All pictures on one page: the one notebook that is no lesson, and has no place among them.
GALLERY = "widgets.ipynb"

OPENING = {
    "how long it takes (“… minutes”)": re.compile(r"\bminutes?\b", re.IGNORECASE),
    "what the reader will be able to do (“you will be able to …”)": re.compile(r"\bable to\b", re.IGNORECASE),
    "what it builds on (“Builds on …”)": re.compile(r"\bbuilds on\b", re.IGNORECASE),
}
# What differs from run to run, or belongs to the machine that ran it.
PASSING = {
    "an address in memory": re.compile(r"\bat 0x[0-9a-fA-F]{6,}|\bid=\d{12,}"),
    "a port": re.compile(
        r"\b(?:127\.0\.0\.1|localhost|\[::1\]):\d{2,5}\b|\bport[ =:]+(?!443\b|80\b)\d{4,5}\b"
    ),
    "a temporary path": re.compile(r"/tmp/|/var/folders/|ipykernel_\d+|\\Temp\\"),
    "a path of one machine": re.compile(
        r"(?<![\w.])/(?:home|Users|root|work|usr|opt)/[\w.]|\b[A-Z]:\\Users|site-packages"
    ),
    "a time of day": re.compile(r"\b\d{1,2}:\d{2}:\d{2}\b"),
    "a date": re.compile(
        r"\b20\d\d-\d\d-\d\d\b|\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 20\d\d\b"
    ),
    "a measured time": re.compile(r"\b\d+\.\d+ ?(?:s|ms|µs|us|ns|seconds)\b"),
}


def faults(path: Path) -> list[str]:
    """List what is wrong with the notebook at `path`; empty when all is well."""
    notebook = read(path)
    return [
        *_file_faults(path),
        *_opening_faults(notebook),
        *(f"cell {n}: {fault}" for n, cell in enumerate(notebook.cells) for fault in _cell_faults(cell)),
    ]


def _file_faults(path: Path) -> Iterator[str]:
    written = path.read_text(encoding="utf-8")
    if path.name != GALLERY and not re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name):
        yield "its name is not of the form NN_topic.ipynb"
    if len(written.encode()) > BYTES:
        yield f"{len(written.encode()):,} bytes are more than {BYTES:,}"
    normal = normalise(read(path))
    nbformat.validate(normal)
    if text(normal) != written:
        yield "not in the form that `make notebooks` writes"


def _opening_faults(notebook: NotebookNode) -> Iterator[str]:
    first = notebook.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "cell 0: not a heading of the first level"
    for what, pattern in OPENING.items():
        if not pattern.search(first.source):
            yield f"cell 0: does not say {what}"


def _cell_faults(cell: NotebookNode) -> Iterator[str]:
    tags = set(cell.metadata.get("tags", ()))
    if tags - TAGS:
        yield f"tags that the course does not know: {sorted(tags - TAGS)}"
    if not cell.source.strip():
        yield "empty"
    if cell.cell_type != "code":
        return
    if cell.source.count("\n") >= LINES_PER_CELL:
        yield f"{cell.source.count(chr(10)) + 1} lines of code, more than {LINES_PER_CELL}"
    if cell.source.rstrip().endswith(";"):
        yield "ends with a semicolon, which nbval does not honour"
    if re.search(r"#\s*(?:NBVAL_|PYTEST_VALIDATE_)", cell.source):
        yield "a comment that steers nbval; the tags do that"
    raised = [output.ename for output in cell.outputs if output.output_type == "error"]
    if raised and "raises-exception" not in tags:
        yield f"{raised[0]} stored as its output"
    if not raised and "raises-exception" in tags:
        yield "tagged raises-exception and raises nothing"
    if "nbval-ignore-output" not in tags:
        shown = "\n".join(_texts(cell))
        for what, pattern in PASSING.items():
            if found := pattern.search(shown):
                yield f"its output holds {what}: {found[0]!r}"


def _texts(cell: NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield output.evalue
        else:
            yield from (str(value) for kind, value in output.data.items() if kind.startswith("text/"))
