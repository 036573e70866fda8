"""The base framing protocol (RFC 6455 §5.2).

::

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
    |I|S|S|S|  (4)  |A|     (7)     |             (16/64)           |
    |N|V|V|V|       |S|             |   (if payload len==126/127)   |
    | |1|2|3|       |K|             |                               |
    +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
    |     Extended payload length continued, if payload len == 127  |
    + - - - - - - - - - - - - - - - +-------------------------------+
    |                               | Masking-key, if MASK set to 1 |
    +-------------------------------+-------------------------------+
    | Masking-key (continued)       |          Payload Data         |
    +-------------------------------- - - - - - - - - - - - - - - - +
    :                     Payload Data continued ...                :
    +---------------------------------------------------------------+
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from wslearn.errors import ProtocolError, UsageError
from wslearn.masking import mask

__all__ = ["Frame", "Opcode", "check_bits", "header", "payload_length"]

FIN, RSV1, RSV2, RSV3, MASK = (
    0x80,
    0x40,
    0x20,
    0x10,
    0x80,
)  # FIN and RSV in the first byte, MASK in the second


class Opcode(IntEnum):
    """What a frame is (RFC 6455 §5.2, §11.8). 3–7 and 0xb–0xf are reserved.

    Examples
    --------
    >>> Opcode(0x9).name, Opcode.TEXT.is_control
    ('PING', False)
    """

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA

    @property
    def is_control(self) -> bool:
        """Whether the opcode's most significant bit is set (§5.5)."""
        return self >= 0x8


_SHORT, _MIDDLE, _LONG = (Struct(f">BB{width}").pack for width in ("", "H", "Q"))  # the three length forms
_NAMES = {opcode.value: opcode.name.lower() for opcode in Opcode}


@dataclass(slots=True)
class Frame:
    """One frame (RFC 6455 §5.2).

    Parameters
    ----------
    opcode
        An `Opcode`, or the number of a reserved one.
    payload
        The payload data, unmasked.
    fin
        Whether this is the last fragment of its message.
    rsv1, rsv2, rsv3
        The reserved bits; permessage-deflate uses RSV1.
    masking_key
        Four bytes when the frame is masked, as every frame from a client is; else ``None``.

    Examples
    --------
    >>> Frame(Opcode.TEXT, b"Hello", masking_key=bytes.fromhex("37fa213d")).serialize().hex(" ")
    '81 85 37 fa 21 3d 7f 9f 4d 51 58'
    >>> print(Frame(Opcode.PING, b"are you there?"))
    ping, 14 bytes “are you there?”, FIN
    """

    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv1: bool = False
    rsv2: bool = False
    rsv3: bool = False
    masking_key: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.opcode <= 0xF:
            raise UsageError(f"An opcode has four bits: 0 to 15, not {self.opcode} (§5.2).")
        if isinstance(self.payload, str):
            raise UsageError("A payload is bytes: encode text as UTF-8 first (§5.6).")
        if self.masking_key is not None and len(self.masking_key) != 4:
            raise UsageError(f"A masking key has four bytes, not {len(self.masking_key)} (§5.3).")

    @property
    def first_byte(self) -> int:
        """FIN, RSV1–3 and the opcode, as they stand on the wire."""
        flags = self.fin * FIN | self.rsv1 * RSV1 | self.rsv2 * RSV2 | self.rsv3 * RSV3
        return flags | self.opcode

    def serialize(self) -> bytes:
        """Write the frame; the length takes the shortest of its three forms.

        Nothing is checked here, so that lessons and tests can write illegal frames too.
        """
        head = header(self.first_byte, len(self.payload), self.masking_key)
        return head + (self.payload if self.masking_key is None else mask(self.payload, self.masking_key))

    @classmethod
    def parse(cls, data: bytes) -> tuple[Frame, bytes] | None:
        r"""Read one frame from the front of `data` and unmask its payload.

        Parameters
        ----------
        data
            What arrived so far.

        Returns
        -------
        tuple of Frame and bytes, or None
            The frame and the rest; ``None`` while more bytes are needed.

        Raises
        ------
        ProtocolError
            For a payload length that is not in its shortest form or has its top bit set. All other
            rules are `check`'s, so that an illegal frame can be looked at.

        Examples
        --------
        >>> Frame.parse(bytes.fromhex("81 05 48 65 6c 6c 6f 88"))
        (Frame(TEXT, b'Hello'), b'\x88')
        >>> Frame.parse(bytes.fromhex("81 05 48"))
        """
        if len(data) < 2 or (length := payload_length(data, 0)) is None:
            return None
        size, start = length
        masking_key = None
        if data[1] & MASK:
            masking_key = bytes(data[start : start + 4])
            start += 4
        if len(data) < start + size:
            return None
        payload = bytes(data[start : start + size])
        first = data[0]
        opcode = first & 0x0F
        frame = cls(
            Opcode(opcode) if opcode in _NAMES else opcode,
            payload if masking_key is None else mask(payload, masking_key),
            fin=bool(first & FIN),
            rsv1=bool(first & RSV1),
            rsv2=bool(first & RSV2),
            rsv3=bool(first & RSV3),
            masking_key=masking_key,
        )
        return frame, bytes(data[start + size :])

    def check(self, sender: str, *, rsv1_means: bool = False) -> None:
        """Check the rules that a frame can break on its own (RFC 6455 §5.1, §5.2, §5.5).

        Parameters
        ----------
        sender
            ``"client"`` or ``"server"``: clients must mask, servers must not.
        rsv1_means
            Whether an extension that gives RSV1 a meaning was negotiated.

        Raises
        ------
        ProtocolError
            With 1002.

        Examples
        --------
        >>> Frame(Opcode.PING, fin=False).check("server")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        wslearn.errors.ProtocolError: A control frame must not be fragmented: ... (close code 1002, §5.5)
        """
        second = min(len(self.payload), 126)
        if self.masking_key is not None:
            second |= MASK
        check_bits(self.first_byte, second, from_client=sender == "client", rsv1_means=rsv1_means)

    def _repr_html_(self) -> str:
        from wslearn.picture import frame_html

        return frame_html(self)

    def __repr__(self) -> str:
        opcode = Opcode(self.opcode).name if self.opcode in _NAMES else f"{self.opcode:#x}"
        parts = [
            opcode,
            repr(self.payload) if len(self.payload) <= 64 else f"{self.payload[:60]!r}…{len(self.payload)}",
        ]
        parts += ["fin=False"] * (not self.fin)
        parts += [f"{name}=True" for name in ("rsv1", "rsv2", "rsv3") if getattr(self, name)]
        if self.masking_key is not None:
            parts.append(f"masking_key={self.masking_key!r}")
        return f"Frame({', '.join(parts)})"

    def __str__(self) -> str:
        size = len(self.payload)
        parts = [_NAMES.get(self.opcode, f"reserved opcode {self.opcode:#x}")]
        parts.append(f"{size} byte{'s' * (size != 1)}" + (f" {shorten(self.payload)}" if size else ""))
        if self.masking_key is not None:
            parts.append("masked " + self.masking_key.hex(" "))
        flags = {"FIN": self.fin, "RSV1": self.rsv1, "RSV2": self.rsv2, "RSV3": self.rsv3}
        parts.append(" ".join(name for name, bit in flags.items() if bit) or "more to come")
        return ", ".join(parts)


def shorten(payload: bytes, limit: int = 40) -> str:
    """Show a payload in one short line: text in quotes, anything else in hex.

    Examples
    --------
    >>> shorten(b"Hello"), shorten(bytes([0, 255]))
    ('“Hello”', '00 ff')
    """
    try:
        text, _ = codecs.utf_8_decode(payload[: 4 * limit], "strict", len(payload) <= 4 * limit)
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and text:
        return f"“{text}”" if len(payload) <= limit else f"“{text[:limit]}…”"
    return payload[: limit // 3].hex(" ") + (" …" if len(payload) > limit // 3 else "")


def header(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    """Write everything that stands before the payload (RFC 6455 §5.2).

    Parameters
    ----------
    first_byte
        FIN, RSV1–3 and the opcode.
    size
        Bytes of payload, below 2**63.
    masking_key
        Four bytes or ``None``; decides the MASK bit.

    Examples
    --------
    >>> header(0x82, 256).hex(" "), header(0x82, 65536).hex(" ")
    ('82 7e 01 00', '82 7f 00 00 00 00 00 01 00 00')
    """
    bit = 0 if masking_key is None else MASK
    if size < 126:
        length = _SHORT(first_byte, bit | size)
    elif size < 65536:
        length = _MIDDLE(first_byte, bit | 126, size)
    else:
        length = _LONG(first_byte, bit | 127, size)
    return length if masking_key is None else length + masking_key


def payload_length(data: bytes, at: int) -> tuple[int, int] | None:
    """Read the payload length of the frame whose first byte stands at `at` (RFC 6455 §5.2).

    Parameters
    ----------
    data
        A buffer with at least two bytes from `at` on.
    at
        Offset in bytes.

    Returns
    -------
    tuple of int, or None
        The length and the offset behind it; ``None`` while its bytes are not all there.

    Raises
    ------
    ProtocolError
        With 1002 when the length is not in its shortest form, or its top bit is set. §5.2 asks the
        sender for the shortest form; to refuse any other one is this library's choice.

    Examples
    --------
    >>> payload_length(bytes.fromhex("82 7e 01 00"), 0)
    (256, 4)
    """
    size = data[at + 1] & 0x7F
    start = at + 2
    if size < 126:
        return size, start
    width, least = (2, 126) if size == 126 else (8, 65536)
    if len(data) < start + width:
        return None
    size = int.from_bytes(data[start : start + width], "big")
    if size < least:
        raise _error(
            f"A length of {size} in {width * 8} bits is not its shortest form.", "§5.2", "payload length"
        )
    if size >> 63:
        raise _error("The most significant bit of a 64-bit length must be 0.", "§5.2", "payload length")
    return size, start + width


def check_bits(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    """Check the first two bytes of a frame (RFC 6455 §5.1, §5.2, §5.5).

    Parameters
    ----------
    first, second
        The two bytes.
    from_client
        Whether a client sent them: clients must mask, servers must not.
    rsv1_means
        Whether an extension that gives RSV1 a meaning was negotiated. Only the first frame of a
        message may carry it (RFC 7692 §6.1).

    Raises
    ------
    ProtocolError
        With 1002.

    Examples
    --------
    >>> check_bits(0x81, 0x85, from_client=True)
    """
    opcode = first & 0x0F
    name = _NAMES.get(opcode)
    if name is None:  # §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail_"
        raise _error(f"Opcode {opcode:#x} is reserved.", "§5.2", "opcode")
    if first & RSV1 and not (rsv1_means and opcode in {Opcode.TEXT, Opcode.BINARY}):
        why = f"no extension gives it a meaning on a {name} frame"
        raise _error(f"RSV1 is set, and {why}.", "§5.2", "rsv1")
    for bit, field in ((RSV2, "rsv2"), (RSV3, "rsv3")):
        if first & bit:
            raise _error(f"{field.upper()} is set, and no extension gives it a meaning.", "§5.2", field)
    if opcode >= 0x8:
        if not first & FIN:
            raise _error(f"A control frame must not be fragmented: FIN is 0 on a {name}.", "§5.5", "fin")
        if second & 0x7F > 125:
            raise _error(
                f"A control frame has at most 125 bytes of payload: this {name} has more.",
                "§5.5",
                "payload length",
            )
    if from_client and not second & MASK:  # "a client MUST mask all frames"
        raise _error("A client must mask every frame: MASK is 0.", "§5.1", "mask")
    if second & MASK and not from_client:
        raise _error("A server must not mask its frames: MASK is 1.", "§5.1", "mask")


def _error(message: str, section: str, field: str) -> ProtocolError:
    return ProtocolError(message, close_code=1002, section=section, field=field)
