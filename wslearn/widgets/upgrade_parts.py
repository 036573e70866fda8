"""What the story of an upgrade is made of: the wire, rows, chapters, steps and lanes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wslearn.spans import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.connection import Role

__all__ = ["Story", "Wire", "line"]


def line(
    name: str, value: str, meaning: str, section: str, kind: str = "http", mark: str = ""
) -> dict[str, Any]:
    r"""Make a row of a table, fit to be shown.

    Examples
    --------
    >>> line("Host", "a\x00b", "", "§4.1")["value"]
    'a·b'
    """
    value = visible(value)
    row = {"name": visible(name), "value": value, "meaning": visible(meaning), "section": section}
    return {**row, "kind": kind, "mark": mark}


@dataclass(frozen=True, slots=True)
class Wire:
    """All that crossed one TCP connection.

    Parameters
    ----------
    client, server
        What each side sent.
    when
        Gives the seconds since the connection began at which the byte before an offset had arrived;
        ``None`` where nobody measured.
    ends
        The addresses of client and server; empty where there are none.
    who
        What the client is.
    """

    client: bytes
    server: bytes
    when: Callable[[Role, int], float] | None = None
    ends: tuple[str, str] = ("", "")
    who: str = "client"


@dataclass
class Story:
    """What a page draws.

    Attributes
    ----------
    chapters : list of dict
        ``id`` and ``title``, the same for all frames; ``part``, and ``rows`` as `line` makes them.
    steps : list of dict
        ``chapter`` and ``row`` (indices; the row is −1 where the chapter is one step), ``title``, ``text``.
    lanes : list of dict
        ``way``, ``kind``, ``when``, ``size``; ``step``, from which on it is seen; ``parts``: pieces of text,
        each with the step that adds it.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``.
    """

    chapters: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    lanes: list[dict[str, Any]] = field(default_factory=list)
    verdict: dict[str, str] = field(default_factory=dict)

    def chapter(self, name: str, title: str, rows: list[dict[str, Any]], *, steps: int | None = None) -> int:
        """Add a chapter, a step for each row or for the first `steps`; return its first step."""
        first = len(self.steps)
        self.chapters.append({"id": name, "title": title, "rows": rows, "part": ""})
        for number, row in enumerate(rows[:steps]):
            text = f"{row['mark']} {row['name']} {row['value']}".strip()
            here = {"chapter": len(self.chapters) - 1, "row": number}
            self.steps.append({**here, "title": text, "text": row["meaning"]})
        return first

    def lane(self, way: str, kind: str, parts: list[tuple[int, str]], when: str = "", size: str = "") -> None:
        """Add an arrow; its first piece says from which step on it is seen."""
        step = parts[0][0]
        self.lanes.append(
            {"way": way, "kind": kind, "parts": parts, "when": when, "size": size, "step": step}
        )

    def judge(self, mark: str, verdict: str, text: str, note: str) -> None:
        """Say how it ended."""
        self.verdict = {"mark": mark, "verdict": verdict, "text": visible(text), "note": note}
