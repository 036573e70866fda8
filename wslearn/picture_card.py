"""What every still picture is put together from: a bar that says what it is, words, a verdict.

What belongs to one field has one colour and lights up together, by the style sheet alone; labels and edges
say the same to those who do not see the colours. Without the style sheet a picture is a few plain tables
in a sensible order. No picture has an id, and the same picture is the same text each time.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["card", "plain", "prose", "row", "verdict_bar", "words"]

_COLUMNS = ("field", "value", "meaning", "section")


def card(title: str, note: str, body: str, verdict: str) -> str:
    """Put a bar above and the verdict below, and the style sheet in front.

    Parameters
    ----------
    title, note
        What the picture shows; text.
    body, verdict
        HTML.

    Examples
    --------
    >>> card("Frame", "2 bytes", "", "").startswith('<div class="wsl-still" role="figure" aria-label="Frame"')
    True
    """
    bar = f'<strong>{escape(title)}</strong> <span class="wsl-who">{escape(note)}</span>'
    inside = f'<div class="wsl-bar">{bar}</div>{body}{verdict}'
    return f'<div class="wsl-still" role="figure" aria-label="{escape(title)}">{_style()}{inside}</div>'


def words(rows: Iterable[str]) -> str:
    """Make a table of rows that `row` made.

    Examples
    --------
    >>> words([row("FIN", "1", "The last fragment.", "§5.2", "wsl-flags")]).count("<tr")
    2
    """
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    head = f'<thead class="wsl-unseen"><tr>{head}</tr></thead>'
    return f'<table class="wsl-words">{head}<tbody>{"".join(rows)}</tbody></table>'


def row(name: str, value: str, meaning: str, section: str, classes: str) -> str:
    """Make a row of words; all but `classes` is text.

    Examples
    --------
    >>> row("payload", "<b>", "", "§5.2", "wsl-payload")[:68]
    '<tr class="wsl-payload"><th scope="row">payload</th><td class="wsl-v'
    """
    cells = "".join(
        f'<td class="wsl-{column}">{escape(text)}</td>'
        for column, text in (("v", value), ("m", meaning), ("s", section))
    )
    return f'<tr class="{classes}"><th scope="row">{escape(name)}</th>{cells}</tr>'


def verdict_bar(mark: str, verdict: str, summary: str, note: str) -> str:
    """Make the last line of a picture: a mark, one or two words, a sentence, a section or size.

    Examples
    --------
    >>> "<b>✓ legal</b>" in verdict_bar("✓", "legal", "A ping.", "2 bytes")
    True
    """
    kind = {"✓": "payload", "✗": "fault", "–": "flags"}.get(mark, "length")
    text = f'<b>{mark} {verdict}</b> <span class="wsl-m">{escape(summary)}</span>'
    return f'<div class="wsl-verdict wsl-{kind}">{text} <span class="wsl-s">{escape(note)}</span></div>'


def prose(text: str) -> str:
    """Make HTML of a sentence in which backticks mark code; all else stays text.

    Examples
    --------
    >>> prose("Write `a < b`.")
    'Write <code>a &lt; b</code>.'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def plain(text: str) -> str:
    """Leave the backticks out, for who hears a sentence.

    Examples
    --------
    >>> plain("Write `a < b`.")
    'Write a < b.'
    """
    return text.replace("`", "")


@cache
def _style() -> str:
    sheet = Path(__file__).with_name("picture.css").read_text(encoding="utf-8")
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = re.sub(r"\s+", " ", sheet).strip()
    return f"<style>{sheet}</style>"
