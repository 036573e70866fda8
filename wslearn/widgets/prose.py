"""Sentences in which backticks mark code, as the pictures show them."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

__all__ = ["plain", "prose", "style_of"]


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


def style_of(module: str) -> str:
    """Give a widget's own style sheet, for its still picture.

    Parameters
    ----------
    module
        The widget's ``__file__``.
    """
    sheet = re.sub(r"/\*.*?\*/", "", Path(module).with_suffix(".css").read_text(encoding="utf-8"))
    return f"<style>{' '.join(sheet.split())}</style>"
