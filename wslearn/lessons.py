"""Where the lessons lie, and how a student gets a copy that no update overwrites.

::

    checkout     notebooks/ beside the package           is worked in
    wheel        wslearn/_notebooks inside the package   is copied first

Beside the copies a manifest keeps the hash of each file as it was copied. A file that still has that hash
is the course's, and may be replaced; any other is the student's.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from wslearn.errors import UsageError

__all__ = ["MANIFEST", "START", "Source", "copy_lessons", "find_lessons", "home"]

START = "00_start_here.ipynb"
MANIFEST = ".wslearn-lessons.json"
_FOLDER = "wslearn-notebooks"
_NO_LESSONS = {".ipynb_checkpoints", "__pycache__", MANIFEST}


class Source(NamedTuple):
    """Where the lessons came to this machine, and whether they are worked on there."""

    folder: Path
    in_place: bool


def find_lessons(package: Path = Path(__file__).parent) -> Source:
    """Find the lessons that belong to this package.

    Parameters
    ----------
    package
        The package's folder.

    Raises
    ------
    UsageError
        When the installation has none.
    """
    copied, own = package / "_notebooks", package.parent / "notebooks"
    for source in (Source(copied, in_place=False), Source(own, in_place=True)):
        if (source.folder / START).is_file():
            return source
    raise UsageError(f"The lessons are not here: no {START} in or beside {package}. Install wslearn again.")


def home(source: Source, folder: Path | None = None) -> Path:
    """Say where a student works: in `folder` if given, in a checkout itself, else below the current folder.

    Examples
    --------
    >>> home(Source(Path("wslearn/_notebooks"), in_place=False)).name
    'wslearn-notebooks'
    """
    if folder is not None:
        return folder.absolute()
    return source.folder if source.in_place else Path.cwd() / _FOLDER


def copy_lessons(source: Path, folder: Path) -> str:
    """Copy the lessons, never over a file that the student changed.

    A changed file is kept. When the course has a newer version of it, that one is put beside it, as
    ``NAME.new.ipynb``.

    Parameters
    ----------
    source
        The folder that holds the lessons.
    folder
        Where to: it is made when it is not there.

    Returns
    -------
    str
        What happened, in one line.

    Raises
    ------
    UsageError
        When nothing can be written there.
    """
    files = [path for path in sorted(source.rglob("*")) if path.is_file()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        copy = _Copy(folder)
        for path in files:
            name = path.relative_to(source)
            if _NO_LESSONS.isdisjoint(name.parts):
                copy.add(name, path.read_bytes())
        copy.keep_manifest()
    except OSError as error:
        why = f"{error.strerror or error}: {error.filename or folder}"
        raise UsageError(f"Cannot write the lessons ({why}). Choose another place with --folder.") from error
    return copy.told()


class _Copy:
    """One round of copying into one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest = _read_manifest(folder / MANIFEST)
        self._counts = {"new": 0, "updated": 0, "up to date": 0, "kept as you changed it": 0}
        self._beside: list[str] = []

    def add(self, name: Path, data: bytes) -> None:
        """Bring one file to its place, or beside it."""
        is_news = self._manifest.get(name.as_posix()) != _hash(data)
        outcome = self._put(name, data)
        self._counts[outcome] += 1
        if outcome == "kept as you changed it" and is_news:
            offered = name.with_name(f"{name.stem}.new{name.suffix}")
            if self._put(offered, data) != outcome:
                # The newer version was offered: to say so once is enough.
                self._manifest[name.as_posix()] = _hash(data)
                self._beside.append(offered.as_posix())

    def _put(self, name: Path, data: bytes) -> str:
        path, key, new = self._folder / name, name.as_posix(), _hash(data)
        there = _hash(path.read_bytes()) if path.exists() else None
        if there not in {None, new, self._manifest.get(key)}:
            return "kept as you changed it"
        self._manifest[key] = new
        if there == new:
            return "up to date"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside first: half a file would count as the student's from then on.
        aside = path.with_name(f".{path.name}.part")
        aside.write_bytes(data)
        aside.replace(path)
        return "new" if there is None else "updated"

    def keep_manifest(self) -> None:
        """Write down what was copied."""
        (self._folder / MANIFEST).write_text(json.dumps(self._manifest, indent=1, sort_keys=True), "utf-8")

    def told(self) -> str:
        """Say what happened."""
        counts = ", ".join(f"{number} {what}" for what, number in self._counts.items() if number) or "none"
        beside = f"; newer versions beside yours: {', '.join(self._beside)}" if self._beside else ""
        return f"Lessons in {self._folder}: {counts}{beside}."


def _read_manifest(path: Path) -> dict[str, str]:
    """Read the manifest; without a readable one every file that differs counts as the student's."""
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
