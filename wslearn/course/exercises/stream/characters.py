"""Texts to try a function on: characters of one to four bytes, on both sides of each limit (RFC 3629 §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["texts"]

_CHARACTERS = "aH 5é€👋ß\x00\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"


def texts(longest: int) -> SearchStrategy[str]:
    """Make up texts of at most so many characters.

    `hypothesis.strategies.text` first makes a table of all characters there are. That takes seconds on a busy
    machine, and a student's very first check is stopped when it takes five.

    Parameters
    ----------
    longest
        Characters.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(texts(8), lambda text: len(text.encode()) > len(text))
    'é'
    """
    from hypothesis import strategies as st

    return st.lists(st.sampled_from(_CHARACTERS), max_size=longest).map("".join)
