"""The one form a lesson has in the repository, and what makes it read the same wherever it was run."""

import hashlib
import re
from collections.abc import Collection
from pathlib import Path

import nbformat.v4
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
TAGS = frozenset(("exercise", "check", "quiz", "nbval-ignore-output", "raises-exception", "hide-input"))
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def lessons(names: Collection[str] = (), folder: Path = FOLDER) -> list[Path]:
    """List the notebooks of the course in order, or those named (`03_frames`, with or without `.ipynb`)."""
    if not names:
        return sorted(folder.glob("*.ipynb"))
    paths = [folder / Path(name).with_suffix(".ipynb").name for name in names]
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"no lesson {path.name} in {folder}")
    return paths


def read(path: Path) -> NotebookNode:
    """Read a notebook as it stands; `nbformat.read` would mend it by the way, with ids drawn at random."""
    notebook: NotebookNode = nbformat.v4.reads(path.read_text(encoding="utf-8"))
    return notebook


def text(notebook: NotebookNode) -> str:
    """Serialise as Jupyter does: one space of indent, keys sorted, a newline at the end."""
    return str(nbformat.v4.writes(notebook)).rstrip("\n") + "\n"


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Bring a notebook into its one form, in place: what a run or an editor adds by the way is left out."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(display_name="Python 3 (ipykernel)", language="python", name="python3"),
        language_info=NotebookNode(name="python"),
    )
    count = 0
    taken: set[str] = set()
    for cell in notebook.cells:
        cell.source = cell.source.strip("\n")
        cell.id = _cell_id(cell, taken)
        taken.add(cell.id)
        cell.metadata = _metadata(cell.metadata)
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.outputs = _outputs(cell.outputs, count)
    return notebook


def _cell_id(cell: NotebookNode, taken: Collection[str]) -> str:
    present = str(cell.get("id", ""))
    if re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", present) and present not in taken:
        return present
    derived = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
    nth = 1
    while (name := derived if nth == 1 else f"{derived}-{nth}") in taken:
        nth += 1
    return name


def _metadata(found: NotebookNode) -> NotebookNode:
    tags = list(dict.fromkeys(found.get("tags", ())))
    kept = NotebookNode(tags=tags) if tags else NotebookNode()
    if "hide-input" in tags:
        # JupyterLab folds a cell by this; it does not read the tag.
        kept.jupyter = NotebookNode(source_hidden=True)
    return kept


def _outputs(outputs: list[NotebookNode], count: int) -> list[NotebookNode]:
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            if kept and kept[-1].output_type == "stream" and kept[-1].name == output.name:
                kept[-1].text += output.text
                continue
        elif output.output_type == "error":
            # The frames of a traceback name files of the machine that ran it.
            output.traceback = [f"{output.ename}: {output.evalue}"]
        else:
            # A view without its state shows nothing; the text and HTML beside it stay.
            output.data.pop(WIDGET_VIEW, None)
            if output.output_type == "execute_result":
                output.execution_count = count
        kept.append(output)
    return kept
