"""The cheat sheet: one page to print, made of the library's tables and of the question bank each time."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from wslearn.errors import UsageError
from wslearn.interview.cheat_sheet_parts import PARTS
from wslearn.spans import count

__all__ = ["CheatSheet", "cheat_sheet"]

_TITLE = "WebSocket cheat sheet"


@dataclass(frozen=True)
class CheatSheet:
    """One page.

    Parameters
    ----------
    parts
        What stands on it: HTML, by its heading.
    """

    parts: dict[str, str]

    def html(self) -> str:
        """Write it as a page that stands alone; on paper it is one sheet, A4 or Letter."""
        style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
        sections = "".join(
            f"<section><h2>{escape(heading)}</h2>{part}</section>" for heading, part in self.parts.items()
        )
        note = "§: sections of RFC 6455"
        head = f'<meta charset="utf-8"><title>{_TITLE}</title><style>{style}</style>'
        head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
        body = f"<main><h1>{_TITLE} <small>{note}</small></h1>{sections}</main>"
        return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'

    def save(self, path: str | Path) -> Path:
        """Write it to a file; print that from a browser, on paper or as PDF.

        Parameters
        ----------
        path
            A file whose name ends in ``.html``.

        Raises
        ------
        UsageError
            For another name, and when nothing can be written there.
        """
        path = Path(path).expanduser()
        if path.suffix != ".html":
            raise UsageError(f"The cheat sheet is saved as .html, and {path.name!r} is none.")
        try:
            path.write_text(self.html(), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"Cannot write {path}: {error.strerror or error}.") from error
        return path

    def __repr__(self) -> str:
        return f"<cheat sheet: one page, {count(len(self.parts), 'part')}>"

    def _repr_html_(self) -> str:
        # A frame of its own: the page's style stays on the page, and the notebook's outside.
        frame = f'<iframe title="{_TITLE}" sandbox srcdoc="{escape(self.html())}" style="{_FRAME}"></iframe>'
        return f"<p>To print it: <code>cheat_sheet().save(&quot;cheat-sheet.html&quot;)</code></p>{frame}"


_FRAME = "width: 100%; height: 40rem; border: 1px solid var(--jp-border-color1, grey); background: white"


def cheat_sheet() -> CheatSheet:
    """Put all that one looks up before an interview on one page, to read here or to print.

    Examples
    --------
    >>> cheat_sheet()
    <cheat sheet: one page, 10 parts>
    """
    return CheatSheet({heading: made() for heading, made in PARTS.items()})
