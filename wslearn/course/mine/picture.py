"""A connection made of parts, as text and as a picture: whose each part is, and what went wrong."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from wslearn.course.mine.rules import RULES
from wslearn.picture_card import card, row, verdict_bar, words
from wslearn.spans import count

if TYPE_CHECKING:
    from wslearn.course.mine.my_connection import MyConnection

__all__ = ["as_html", "as_text"]

_WIDTH = 100  # characters of a line
_HUES = {"yours": "wsl-payload", "not written": "wsl-length", "library": "wsl-flags"}


def as_text(mine: MyConnection) -> str:
    """List the parts by whose they are, and the faults."""
    lists = {whose: [name for name in RULES if _whose(mine, name) == whose] for whose in _HUES}
    lists["no part of it"] = mine.elsewhere
    lines = [f"my_connection: {_summary(mine)}"]
    for whose, names in lists.items():
        if names:
            head = f"  {whose:14}"
            lines += wrap(", ".join(names), _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
    return "\n".join([*lines, *(f"  ✗ {fault}" for fault in mine.faults)])


def as_html(mine: MyConnection) -> str:
    """Draw the same as a table."""
    rows = [
        row(name, _whose(mine, name), rule.job, "", _HUES[_whose(mine, name)]) for name, rule in RULES.items()
    ]
    rows += [row(name, "yours", "no part of a connection", "", "wsl-flags") for name in mine.elsewhere]
    rows += [row(fault.part, "fault", str(fault), "", "wsl-fault") for fault in mine.faults]
    if mine.faults:
        ended = "Each ended its connection: with 1011, or with 500 in the handshake."
        bar = verdict_bar("✗", count(len(mine.faults), "fault"), ended, "")
    else:
        bar = verdict_bar("✓", "no faults", "To run it: serve() takes it.", "")
    body = f'<div class="wsl-part">{words(rows)}</div>'
    return card("My connection", _summary(mine), body, bar)


def _whose(mine: MyConnection, name: str) -> str:
    if name in mine.yours:
        return "yours"
    return "not written" if name in mine.empty else "library"


def _summary(mine: MyConnection) -> str:
    return f"{count(len(mine.yours), 'part')} of {len(RULES)} yours, the library’s for the rest"
