"""Run a lesson from top to bottom in a kernel of its own."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal
from nbformat import NotebookNode

from tests.jupyter_home import jupyter_home

SECONDS_PER_CELL = 60
COLOURS = re.compile(r"\x1b\[[\d;]*m")


class LessonError(Exception):
    """A cell of the lesson raised, or did not end in time."""


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run every cell in place, the kernel in `folder`; raise `LessonError` at the first that fails."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=SECONDS_PER_CELL,
        record_timing=False,
        store_widget_state=False,
        # ipykernel warns that loopback TCP is not encrypted.
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    with _own_home():
        try:
            client.execute()
        except CellControlSignal as failure:
            raise LessonError(COLOURS.sub("", str(failure))) from failure
    return notebook


@contextmanager
def _own_home() -> Iterator[None]:
    before = dict(os.environ)
    # A socket of the kernel's may outlive it by a moment.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ.update(jupyter_home(Path(home)))
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before['PATH']}"
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
