"""The bank as a deck for Anki, which can be made again and imported again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from wslearn.errors import UsageError

__all__ = ["anki_deck"]


def anki_deck(path: str | Path, topic: str | None = None) -> Path:
    """Write the cards as a deck for Anki: there, choose File, then Import.

    Make it again when the course is newer, and import it again: what is new is added, what was edited is
    changed in its place, and what you have learned stays. Each note has a tag for its topic, its lesson and
    each section of an RFC that it refers to.

    Parameters
    ----------
    path
        Where to: a file whose name ends in ``.apkg``.
    topic
        The cards of this topic alone: ``"masking"``.

    Raises
    ------
    UsageError
        For another name, for a topic that has no cards, and when nothing can be written there.

    Examples
    --------
    >>> anki_deck("cards.zip")
    Traceback (most recent call last):
    wslearn.errors.UsageError: Anki imports an .apkg file, and 'cards.zip' is none.
    """
    from wslearn.interview.faces import recalled
    from wslearn.interview.notes import write_collection

    path = Path(path).expanduser()
    if path.suffix != ".apkg":
        raise UsageError(f"Anki imports an .apkg file, and {path.name!r} is none.")
    items = recalled(topic)
    with TemporaryDirectory() as folder:
        collection = Path(folder) / "collection.anki2"
        write_collection(items, collection)
        try:
            with ZipFile(path, "w", ZIP_DEFLATED) as package:
                package.write(collection, collection.name)
                package.writestr("media", "{}")
        except OSError as error:
            raise UsageError(f"Cannot write {path}: {error.strerror or error}.") from error
    return path
