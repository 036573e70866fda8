"""Notebooks that store what the code does not print, so that a check can be seen to fail."""

from pathlib import Path

from nbformat import NotebookNode

from tests.notebooks import specimen
from tests.notebooks.lesson import read, text


def printed_values(cell: NotebookNode) -> dict[str, NotebookNode]:
    """Name the values of a cell's outputs that a reader sees as text, each with the node that holds it."""
    values: dict[str, NotebookNode] = {}
    for output in cell.outputs:
        if output.output_type == "stream":
            values[output.name] = output
        elif output.output_type == "error":
            values["error"] = output
        else:
            values |= {kind: output for kind in output.data if kind in specimen.KINDS}
    return values


def change(kind: str, output: NotebookNode) -> None:
    """Change one character of a printed value, as a library that answers differently would."""
    holder, key = output, {"error": "evalue", "stdout": "text", "stderr": "text"}.get(kind, kind)
    if key == kind:
        holder = output.data
    value = holder[key]
    where = next(place for place in reversed(range(len(value))) if value[place].isalnum())
    holder[key] = value[:where] + ("8" if value[where] != "8" else "9") + value[where + 1 :]


def spoil(path: Path) -> dict[int, str]:
    """Change the richest value of each cell that prints one; return their kinds by the cell's number."""
    notebook = read(path)
    spoiled = {}
    for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        values = printed_values(cell)
        if values and "nbval-ignore-output" not in cell.metadata.get("tags", ()):
            spoiled[number] = next(kind for kind in specimen.KINDS if kind in values)
            change(spoiled[number], values[spoiled[number]])
    path.write_text(text(notebook), encoding="utf-8")
    return spoiled
