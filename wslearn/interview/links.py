"""Where to read on: a lesson, or a heading in it, as a link beside the notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from wslearn.course.contents import lessons
from wslearn.picture_card import plain

if TYPE_CHECKING:
    from wslearn.course.bank import Item

__all__ = ["Link", "link", "reading"]


class Link(NamedTuple):
    """A link.

    Parameters
    ----------
    text
        What it says.
    href
        Where it leads, from the folder of the notebooks.
    """

    text: str
    href: str


def link(see: str) -> Link:
    """Make a link of a lesson's name, or of a heading's behind it.

    Parameters
    ----------
    see
        ``"06_lifecycle"`` or ``"06_lifecycle#A peer that is gone"``.

    Examples
    --------
    >>> link("06_lifecycle#A peer that is gone").href
    '06_lifecycle.ipynb#A-peer-that-is-gone'
    >>> link("06_lifecycle#Do: which codes may be sent?").href
    '06_lifecycle.ipynb#Do:-which-codes-may-be-sent?'
    >>> link("03_frames").text
    '03 · Frames'
    """
    name, _, heading = see.partition("#")
    title = next((lesson.title for lesson in lessons() if lesson.name == name), name)
    if not heading:
        return Link(title, f"{name}.ipynb")
    # JupyterLab knows a heading by its text, with dashes for blanks, and compares that as the link has it: so
    # what a fragment may hold is left as it is (RFC 3986 §3.5), but brackets, which end a link in Markdown.
    fragment = quote(plain(heading).replace(" ", "-"), safe="!$&'*+,;=:@/?")
    return Link(f"{title}: {plain(heading)}", f"{name}.ipynb#{fragment}")


def reading(item: Item) -> Link:
    """Say where an item is taught."""
    return link(item.see or item.lesson)
