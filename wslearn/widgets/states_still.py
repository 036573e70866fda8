"""The states of a connection as rows and as HTML, for a page without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.connection import Step
from wslearn.picture_card import row
from wslearn.widgets.closing_play import side_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wslearn.connection import Connection

__all__ = ["chain_html", "history_html", "moves_html", "side_html", "side_rows"]

_WORDS = {
    "role": ("role", "Which side it is.", "§1.2", "flags"),
    "sent": ("close sent", "The close frame that it sent.", "§7.1.2", "opcode"),
    "received": ("close received", "The close frame that its peer sent.", "§7.1.5", "opcode"),
    "order": ("its close frame", "Whether it began the closing handshake, or its peer.", "§7.1.3", "flags"),
}


def side_rows(connection: Connection) -> list[dict[str, str]]:
    """Say in rows what one side sent and received.

    Examples
    --------
    >>> from wslearn.connection import Connection
    >>> [row["name"] for row in side_rows(Connection("client"))]
    ['role', 'close sent', 'close received', 'its close frame', 'Close Code']
    """
    values = {"role": connection.role, **side_of(connection)}
    rows = [(name, values[key], *what) for key, (name, *what) in _WORDS.items()]
    rows.append(("Close Code", f"{values['code'] or '–'}", values["meaning"], "§7.1.5", "length"))
    return [dict(zip(("name", "value", "meaning", "section", "kind"), each, strict=True)) for each in rows]


def chain_html(states: Sequence[str], now: Collection[str]) -> str:
    """Draw the states in order, those of `now` lit.

    Examples
    --------
    >>> "▸ OPEN" in chain_html(["OPEN", "CLOSING"], {"OPEN"})
    True
    """
    lit = [(name, name in now) for name in states]
    chain = " → ".join(
        f'<span class="wsl-b wsl-opcode" aria-current="step">▸ {name}</span>'
        if is_lit
        else f'<span class="wsl-b">{name}</span>'
        for name, is_lit in lit
    )
    return f'<div class="wsl-states">{chain}</div>'


def side_html(rows: Sequence[dict[str, str]]) -> list[str]:
    """Draw what `side_rows` gave."""
    return [
        row(each["name"], each["value"], each["meaning"], each["section"], f"wsl-{each['kind']}")
        for each in rows
    ]


def history_html(history: Sequence[dict[str, str]]) -> list[str]:
    """Draw the steps that were taken or refused."""
    return [
        row(
            f"{number}",
            f"{taken['from']} → {taken['to']}",
            taken["problem"] or Step[taken["step"]].value,
            "",
            f"wsl-{'fault' if taken['problem'] else 'flags'}",
        )
        for number, taken in enumerate(history, 1)
    ]


def moves_html(moves: Sequence[dict[str, Any]]) -> list[str]:
    """Draw the moves of a closing handshake."""
    return [
        row(
            f"{move['client']['state']} | {move['server']['state']}",
            f"{move['way']} {move['wire']}".strip(),
            f"{move['title']}. {move['text']}",
            "",
            f"wsl-{'fault' if move['lost'] else 'opcode' if move['wire'] else 'flags'}",
        )
        for move in moves
    ]
