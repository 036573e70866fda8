"""Compressed messages, each whole (RFC 7692 §7.2)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from wslearn.errors import ProtocolError
from wslearn.messages import too_big

if TYPE_CHECKING:
    from wslearn.connection import Codec
    from wslearn.course.mine.parts import Parts

__all__ = ["Alone", "inflate"]


def inflate(codec: Codec, payload: bytes, limit: int) -> bytes:
    """Inflate a message with what the handshake agreed on (§7.2.2).

    Raises
    ------
    ProtocolError
        With 1007 for what does not inflate, with 1009 for more than `limit` bytes.
    """
    try:
        inflated = codec.inflate(payload, limit)
        inflated += codec.end(limit - len(inflated))
    except zlib.error as error:
        message = f"The compressed message does not inflate: {error}."
        raise ProtocolError(
            message, close_code=1007, section="§8.1, RFC 7692 §6.2", field="payload"
        ) from None
    if len(inflated) > limit:
        raise too_big(limit)
    return inflated


class Alone:
    """Compresses each message by itself, with a student's functions.

    Parameters
    ----------
    parts
        For deflate_message and inflate_message.
    codec
        The library's: a message that is sent in fragments is no work for a function of whole messages.
    """

    __slots__ = ("_codec", "_parts", "_under_way")

    def __init__(self, parts: Parts, codec: Codec) -> None:
        self._parts = parts
        self._codec = codec
        self._under_way = False

    def compress(self, payload: bytes, *, fin: bool) -> bytes:
        """Compress a message, or the next fragment of one (§7.2.1)."""
        whole = fin and not self._under_way
        self._under_way = not fin
        return self._parts.deflate_message(payload) if whole else self._codec.compress(payload, fin=fin)

    def inflate(self, piece: bytes, room: int) -> bytes:
        """Inflate a whole message."""
        return self._parts.inflate_message(piece, room)

    def end(self, room: int) -> bytes:  # noqa: ARG002 - `inflate_message` puts the tail behind it for itself
        """Give what is left: nothing."""
        return b""
