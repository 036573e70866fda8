"""Examples of the RFCs, and tables of what must be refused: lessons show them, tests run them.

::

    HANDSHAKE_KEY, HANDSHAKE_ACCEPT   RFC 6455 §1.3
    FRAMES                            RFC 6455 §5.7
    COMPRESSED                        RFC 7692 §7.2.3, each of them one message, "Hello" or nothing
    BAD_FRAMES                        what a peer may send, and the close code that it earns
    BAD_REQUESTS, BAD_RESPONSES       what a client or a server may send, and how the handshake fails
    PEERS, PEER_HANDSHAKES            what six other servers really answer to them
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.frames import Frame, Opcode
from wslearn.vectors_http import (
    BAD_REQUESTS,
    BAD_RESPONSES,
    GOOD_REQUEST,
    GOOD_RESPONSE,
    HANDSHAKE_ACCEPT,
    HANDSHAKE_KEY,
    BadRequest,
    BadResponse,
)
from wslearn.vectors_peers import PEER_HANDSHAKES, PEER_VERSIONS, PEERS, PeerTable

if TYPE_CHECKING:
    from wslearn.connection import Role

__all__ = [
    "BAD_FRAMES",
    "BAD_REQUESTS",
    "BAD_RESPONSES",
    "COMPRESSED",
    "FRAMES",
    "GOOD_REQUEST",
    "GOOD_RESPONSE",
    "HANDSHAKE_ACCEPT",
    "HANDSHAKE_KEY",
    "PEERS",
    "PEER_HANDSHAKES",
    "PEER_VERSIONS",
    "BadFrames",
    "BadRequest",
    "BadResponse",
    "Example",
    "PeerTable",
]


@dataclass(frozen=True, slots=True)
class Example:
    """Bytes that an RFC shows, and the payloads that they carry.

    Parameters
    ----------
    name
        The RFC's words for it.
    data
        One or more frames.
    sender
        Which side sends them.
    payload
        What they carry together, after inflating.
    section
        Where the RFC shows it.

    Examples
    --------
    >>> FRAMES[0].data.hex(" "), FRAMES[0].payload
    ('81 05 48 65 6c 6c 6f', b'Hello')
    """

    name: str
    data: bytes
    sender: Role
    payload: bytes
    section: str


@dataclass(frozen=True, slots=True)
class BadFrames:
    """Bytes that break a rule of the framing, and what they earn.

    Parameters
    ----------
    name
        What is wrong, in a few words.
    data
        Frames; the last one is at fault.
    sender
        Which side sends them.
    close_code
        The code that the receiver fails the connection with.
    field
        The field at fault.
    section
        Where the rule stands.
    why
        What the rule is good for.

    Examples
    --------
    >>> [bad.name for bad in BAD_FRAMES if bad.close_code == 1009]
    ['a gigabyte announced']
    """

    name: str
    data: bytes
    sender: Role
    close_code: int
    field: str
    section: str
    why: str


_HELLO = "f2 48 cd c9 c9 07 00"  # compressed, the tail removed

_FRAMES: tuple[tuple[str, str, Role, bytes], ...] = (
    ("a single-frame unmasked text message", "81 05 48 65 6c 6c 6f", "server", b"Hello"),
    ("a single-frame masked text message", "81 85 37 fa 21 3d 7f 9f 4d 51 58", "client", b"Hello"),
    ("a fragmented unmasked text message", "01 03 48 65 6c 80 02 6c 6f", "server", b"Hello"),
    ("an unmasked ping", "89 05 48 65 6c 6c 6f", "server", b"Hello"),
    ("a masked pong", "8a 85 37 fa 21 3d 7f 9f 4d 51 58", "client", b"Hello"),
    ("256 bytes of binary data", "82 7e 01 00" + "00" * 256, "server", bytes(256)),
    ("64 KiB of binary data", "82 7f 00 00 00 00 00 01 00 00" + "00" * 65536, "server", bytes(65536)),
)
_COMPRESSED = (
    ("one compressed block", f"c1 07 {_HELLO}", b"Hello", "§7.2.3.1"),
    ("one compressed block, fragmented", "41 03 f2 48 cd 80 04 c9 c9 07 00", b"Hello", "§7.2.3.1"),
    ("two messages that share the window", f"c1 07 {_HELLO} c1 05 f2 00 11 00 00", b"HelloHello", "§7.2.3.2"),
    ("a block without compression", "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00", b"Hello", "§7.2.3.3"),
    ("a last block, BFINAL set", "c1 08 f3 48 cd c9 c9 07 00 00", b"Hello", "§7.2.3.4"),
    ("two blocks in one message", "c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00", b"Hello", "§7.2.3.5"),
    ("an empty message", "c1 01 00", b"", "§7.2.3.6"),
)
FRAMES = tuple(
    Example(name, bytes.fromhex(data), sender, payload, "§5.7") for name, data, sender, payload in _FRAMES
)
COMPRESSED = tuple(
    Example(name, bytes.fromhex(data), "server", payload, section)
    for name, data, payload, section in _COMPRESSED
)


def _masked(opcode: int, payload: bytes = b"", first: int | None = None) -> bytes:
    """Write a client's frame with the key of §5.7; `first` overrides its first byte."""
    frame = Frame(opcode, payload, masking_key=bytes.fromhex("37 fa 21 3d")).serialize()
    return frame if first is None else bytes((first,)) + frame[1:]


# A rule: the close code that breaking it earns, the field at fault, its section, what it is good for.
# Below each: the ways in which a client breaks it.
_RULES: dict[tuple[int, str, str, str], dict[str, bytes]] = {
    (1002, "mask", "§5.1", "Without masks a page could write bytes that a proxy takes for HTTP."): {
        "not masked": bytes.fromhex("81 05 48 65 6c 6c 6f"),
    },
    (1002, "payload length", "§5.2", "One length, one way to write it: no two readers can disagree."): {
        "125 in 16 bits": bytes.fromhex("81 fe 00 7d 00 00 00 00"),
        "65,535 in 64 bits": bytes.fromhex("82 ff 00 00 00 00 00 00 ff ff"),
        "64-bit length with its top bit set": bytes.fromhex("82 ff 80 00 00 00 00 00 00 00"),
    },
    (1009, "payload length", "§10.4", "A limit is of use only before the memory is spent."): {
        "a gigabyte announced": bytes.fromhex("82 ff 00 00 00 00 40 00 00 00 37 fa 21 3d"),
    },
    **{
        (
            1002,
            f"rsv{number}",
            "§5.2",
            "A reserved bit means something only after both sides agreed on it.",
        ): {
            f"RSV{number}, and nothing negotiated": _masked(Opcode.TEXT, b"Hello", 0x81 | 0x80 >> number),
        }
        for number in (1, 2, 3)
    },
    (1002, "opcode", "§5.2", "Opcodes 0x3–0x7 and 0xb–0xf wait for a later version."): {
        f"reserved opcode {opcode:#x}": _masked(opcode) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    },
    (
        1002,
        "fin",
        "§5.5",
        "Control frames stand between fragments, so they are never fragments themselves.",
    ): {
        "fragmented ping": _masked(Opcode.PING, b"Hello", 0x09),
        "fragmented close": _masked(Opcode.CLOSE, b"", 0x08),
    },
    (1002, "payload length", "§5.5", "Control frames pass a long message by, so they are short."): {
        "ping of 126 bytes": _masked(Opcode.PING, bytes(126)),
    },
    (
        1002,
        "opcode",
        "§5.4",
        "The fragments of one message come in a row: only control frames may come between.",
    ): {
        "continuation of nothing": _masked(Opcode.CONTINUATION, b"lo"),
        "continuation of a whole message": _masked(Opcode.TEXT, b"Hello")
        + _masked(Opcode.CONTINUATION, b"!"),
        "new text inside fragments": _masked(Opcode.TEXT, b"Hel", 0x01) + _masked(Opcode.TEXT, b"lo"),
        "new text after an empty fragment": _masked(Opcode.TEXT, b"", 0x01) + _masked(Opcode.TEXT, b"lo"),
    },
    (1007, "payload", "§8.1", "Text is UTF-8 to the last byte, so that no receiver has to guess."): {
        "a byte that UTF-8 never has": _masked(Opcode.TEXT, b"Hell\xff"),
        "overlong form of /": _masked(Opcode.TEXT, b"\xc0\xaf"),
        "half of a surrogate pair": _masked(Opcode.TEXT, b"\xed\xa0\x80"),
        "a character beyond U+10FFFF": _masked(Opcode.TEXT, b"\xf4\x90\x80\x80"),
        "text that ends inside a character": _masked(Opcode.TEXT, b"caf\xc3"),
        "fragments that end inside a character": _masked(Opcode.TEXT, b"caf\xc3", 0x01) + _masked(0),
    },
    (1002, "close code", "§5.5.1", "Half a code says nothing."): {
        "close payload of one byte": _masked(Opcode.CLOSE, b"\x03"),
    },
    (
        1002,
        "close code",
        "§7.4",
        "Some codes only describe what happened on one side; others nobody registered.",
    ): {
        f"close code {code}": _masked(Opcode.CLOSE, code.to_bytes(2, "big"))
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    (1007, "close reason", "§8.1", "A reason is UTF-8, as text is."): {
        "close reason that is not UTF-8": _masked(Opcode.CLOSE, b"\x03\xe8\xff"),
    },
}
BAD_FRAMES = (
    BadFrames(
        "masked by a server",
        _masked(Opcode.TEXT, b"Hello"),
        "server",
        1002,
        "mask",
        "§5.1",
        "A server's mask protects nobody, and costs time.",
    ),
    *(
        BadFrames(name, data, "client", *rule)
        for rule, cases in _RULES.items()
        for name, data in cases.items()
    ),
)
