"""Text that is still arriving: judged as it comes, and not when the message is whole (RFC 6455 §8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.messages import not_utf8

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Text", "is_message"]


class Text:
    r"""What has arrived of the text messages of one connection, one message after the other.

    Parameters
    ----------
    utf8_so_far
        Says whether a text can begin with some bytes.

    Examples
    --------
    >>> text = Text(lambda data: b"\xff" not in data)
    >>> text.feed(b"caf\xc3")
    >>> text.feed(b"\xff")
    Traceback (most recent call last):
    wslearn.errors.ProtocolError: A text message must be UTF-8. (close code 1007, §8.1)
    """

    __slots__ = ("_undecided", "_utf8_so_far")

    def __init__(self, utf8_so_far: Callable[[bytes], bool]) -> None:
        self._utf8_so_far = utf8_so_far
        self._undecided = b""  # the start of a character; what stands before it was judged

    def feed(self, piece: bytes) -> None:
        """Judge the next piece.

        Raises
        ------
        ProtocolError
            With 1007 at the first byte that no text has there.
        """
        so_far = self._undecided + piece
        if not self._utf8_so_far(so_far):
            raise not_utf8()
        self._undecided = _unfinished(so_far)

    def end(self) -> None:
        """Forget the message: the next one begins anew."""
        self._undecided = b""


def is_message(message: object) -> bool:
    r"""Tell whether something can be sent as a message: `bytes`, or `str` that can be written as UTF-8.

    Examples
    --------
    >>> is_message("Hello"), is_message(b"\xff"), is_message("\ud800"), is_message(5)
    (True, True, False, False)
    """
    if not isinstance(message, str):
        return isinstance(message, bytes)
    try:
        message.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unfinished(text: bytes) -> bytes:
    """Give the start of a character at the end of a text, or nothing."""
    for size in range(1, min(len(text), 3) + 1):
        octet = text[-size]
        if octet >= 0xC0:
            needs = 2 if octet < 0xE0 else 3 if octet < 0xF0 else 4
            return text[-size:] if size < needs else b""
    return b""
