"""Messages: fragments in, one `str` or `bytes` out (RFC 6455 §5.4, §5.6, §8.1).

::

    unfragmented  [FIN=1 text]
    fragmented    [FIN=0 text] [FIN=0 continuation] … [FIN=1 continuation]
                  control frames may stand between any two of them

A payload is taken in as it arrives, in pieces of any size. Text is decoded piece by piece, so that the
first impossible byte is noticed when it comes and not when the message ends; it is kept as bytes until
then, because a single character beyond the others makes a whole `str` up to four times as wide.
"""

from __future__ import annotations

import codecs
import io
import zlib
from typing import TYPE_CHECKING, Protocol

from wslearn.errors import ProtocolError
from wslearn.masking import mask, mask_in_place, rotate

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_MESSAGE_SIZE", "Assembler", "Inflater", "not_utf8", "too_big"]

MAX_MESSAGE_SIZE = 16 * 1024 * 1024  # bytes, after inflating

_LARGE_FRAME, _LARGE_PIECE = 256 * 1024, 4096  # bytes
_utf8_decoder = codecs.getincrementaldecoder("utf-8")


class Inflater(Protocol):
    """What an `Assembler` asks of an extension that compresses messages."""

    def inflate(self, piece: bytes, room: int) -> bytes:
        """Inflate a piece, to at most `room` + 1 bytes; raise `zlib.error` where that is impossible."""

    def end(self, room: int) -> bytes:
        """Inflate what the end of the message still holds back."""


class Assembler:
    r"""One message while it arrives (RFC 6455 §5.4).

    Parameters
    ----------
    text
        Whether its first frame said text (§5.6).
    limit
        The most bytes that the message may have, inflated.
    inflater
        The extension that inflates it, where its first frame had RSV1 set.

    Examples
    --------
    >>> message = Assembler(text=True, limit=100)
    >>> message.begin_frame(5)
    >>> for piece in (b"caf", b"\xc3", b"\xa9"):
    ...     message.feed(piece)
    >>> message.finish()
    'café'
    """

    __slots__ = (
        "_begin",
        "_decoder",
        "_frame_size",
        "_inflater",
        "_limit",
        "_masking_key",
        "_payload",
        "_pieces",
        "_size",
    )

    def __init__(self, *, text: bool, limit: int, inflater: Inflater | None = None) -> None:
        self._decoder = _utf8_decoder() if text else None
        self._payload = io.BytesIO()  # it grows in place: a piece costs its bytes, not an object
        self._inflater = inflater
        self._limit = limit
        self._size = 0
        self._begin = 0
        self._frame_size = 0
        self._pieces: list[bytes | memoryview] = []
        self._masking_key = b""

    @property
    def so_far(self) -> bytes:
        """What has arrived, inflated and unmasked."""
        payload = bytearray(b"".join([*self._pieces, self._payload.getvalue()]))
        if self._masking_key and self._inflater is None and self._decoder is None:
            payload[self._begin :] = mask(bytes(payload[self._begin :]), self._masking_key)
        return bytes(payload)

    def begin_frame(self, size: int, masking_key: bytes = b"") -> None:
        """Take note of a frame before its payload comes (§10.4).

        Parameters
        ----------
        size
            Its payload length.
        masking_key
            Four bytes, or none.

        Raises
        ------
        ProtocolError
            With 1009 when the message would exceed the limit: before any memory is spent.
        """
        self._masking_key = masking_key
        self._begin = self._payload.tell()
        self._frame_size = size
        if self._inflater is None:
            self._size += size
            if self._size > self._limit:
                raise too_big(self._limit)

    def feed(self, piece: bytes | memoryview) -> None:
        """Take in the next piece of the frame's payload, as it came.

        Raises
        ------
        ProtocolError
            With 1007 at the first byte that no UTF-8 text has there, or that does not inflate; with
            1009 when the inflated message exceeds the limit.
        """
        if self._inflater is None and self._decoder is None:
            self._collect(piece)  # nobody looks at it before the frame ends: `end_frame` unmasks it
            return
        piece = bytes(piece)
        if self._masking_key:
            size = len(piece)
            piece = mask(piece, self._masking_key)
            self._masking_key = rotate(self._masking_key, size)
        if self._inflater is None:
            self._write(piece)
        else:
            self._inflate(self._inflater.inflate, piece)

    def _collect(self, piece: bytes | memoryview) -> None:
        """Keep a piece of a binary payload.

        In a buffer a small piece costs its bytes and no object. But a large buffer that grows is moved
        again and again, so the pieces of a large frame are joined once, at its end.
        """
        if self._frame_size < _LARGE_FRAME or self._begin or len(piece) < _LARGE_PIECE:
            self._payload.write(piece)
            return
        if isinstance(piece, memoryview) and isinstance(piece.obj, bytes) and 2 * len(piece) < len(piece.obj):
            piece = bytes(piece)  # a view would keep the whole read alive
        self._pieces += self._payload.getvalue(), piece
        self._payload = io.BytesIO()

    def end_frame(self) -> None:
        """Take note that the payload is all there."""
        if self._pieces:
            self._payload = io.BytesIO(b"".join([*self._pieces, self._payload.getvalue()]))
            self._pieces = []
            self._payload.seek(0, io.SEEK_END)
        if self._masking_key and self._inflater is None and self._decoder is None:
            mask_in_place(self._payload, self._begin, self._masking_key)
            self._masking_key = b""  # `so_far` must not unmask it again

    def finish(self) -> str | bytes:
        """Give the whole message.

        Raises
        ------
        ProtocolError
            As `feed` does, and with 1007 when text ends inside a character.
        """
        if self._inflater is not None:
            self._inflate(self._inflater.end)
        self._write(b"", final=True)
        payload = self._payload.getvalue()
        return payload if self._decoder is None else payload.decode()

    def _inflate(self, inflate: Callable[..., bytes], *piece: bytes) -> None:
        try:
            inflated = inflate(*piece, self._limit - self._size)
        except zlib.error:
            raise self._undecodable() from None
        self._size += len(inflated)
        self._write(inflated)  # first: whether it is text must not depend on how much came in one read
        if self._size > self._limit:
            raise too_big(self._limit)

    def _write(self, piece: bytes, *, final: bool = False) -> None:
        self._payload.write(piece)
        if self._decoder is None:
            return
        try:
            self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            raise self._undecodable() from None
        waiting, _ = self._decoder.getstate()
        if waiting[:1] == b"\xed" and waiting[1:] >= b"\xa0":  # a surrogate: Python waits for its third byte
            raise self._undecodable()

    def _undecodable(self) -> ProtocolError:
        # Compressed text that does not inflate and compressed text that inflates to something else are
        # one fault: which of the two is met first depends on how the bytes were cut into reads.
        if self._inflater is None:
            return not_utf8()
        what = "UTF-8 text" if self._decoder is not None else "anything"
        return ProtocolError(
            f"The compressed message does not inflate to {what}.",
            close_code=1007,
            section="§8.1, RFC 7692 §6.2",
            field="payload",
        )


def not_utf8() -> ProtocolError:
    """Name the fault of a text message that is not UTF-8 (RFC 6455 §8.1)."""
    return ProtocolError("A text message must be UTF-8.", close_code=1007, section="§8.1", field="payload")


def too_big(limit: int) -> ProtocolError:
    """Name the fault of a message over the limit (RFC 6455 §7.4.1, §10.4)."""
    return ProtocolError(
        f"The message exceeds the limit of {limit} bytes.",
        close_code=1009,
        section="§10.4",
        field="payload length",
    )
