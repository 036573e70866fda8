"""Frames to begin with: the boundaries of the length, each opcode, and every vector of `wslearn.vectors`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from wslearn.frames import Frame, Opcode
from wslearn.spans import count
from wslearn.vectors import BAD_FRAMES, COMPRESSED, FRAMES
from wslearn.widgets.draft import EXAMPLE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslearn.connection import Role

__all__ = ["Preset", "preset_groups", "preset_of", "presets"]

_SIZES = (0, 125, 126, 65_535, 65_536, 1 << 24)
_OPCODES = {
    Opcode.TEXT: b"Hello",
    Opcode.BINARY: bytes.fromhex("00 ff 10 20"),
    Opcode.CLOSE: b"\x03\xe8bye",
    Opcode.PING: b"are you there?",
    Opcode.PONG: b"are you there?",
}


@dataclass(frozen=True, slots=True)
class Preset:
    """One or more frames under a name.

    Parameters
    ----------
    group, name
        What a list shows.
    sender
        Which side sends them.
    data
        The frames; empty where they are a payload of `size` bytes, which is made when it is asked for.
    size
        Bytes of payload.
    deflate
        Whether permessage-deflate was agreed.
    frame
        The index of the frame that is of interest.

    Examples
    --------
    >>> presets()["length 126"].wire()[:4].hex(" ")
    '82 fe 00 7e'
    """

    group: str
    name: str
    sender: Role
    data: bytes = b""
    size: int = 0
    deflate: bool = False
    frame: int = 0

    def wire(self) -> bytes:
        """Give the frames as bytes."""
        if self.data:
            return self.data
        payload = (b"0123456789abcdef" * (self.size // 16 + 1))[: self.size]
        return Frame(Opcode.BINARY, payload, masking_key=EXAMPLE_KEY).serialize()


@cache
def presets() -> dict[str, Preset]:
    """Give all presets by a key that does not change.

    Examples
    --------
    >>> presets()["§5.7 an unmasked ping"].sender
    'server'
    """
    return dict(_all())


def preset_groups() -> list[dict[str, object]]:
    """List the presets for a select: groups, each with pairs of key and name.

    Examples
    --------
    >>> [group["group"] for group in preset_groups()][:2]
    ['Examples of RFC 6455 §5.7', 'Payload length']
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for key, preset in presets().items():
        groups.setdefault(preset.group, []).append((key, preset.name))
    return [{"group": group, "presets": found} for group, found in groups.items()]


def preset_of(data: bytes, sender: Role, *, deflate: bool) -> str:
    """Find the preset that these bytes are; empty where they are none.

    Examples
    --------
    >>> preset_of(bytes.fromhex("89 05 48 65 6c 6c 6f"), "server", deflate=False)
    '§5.7 an unmasked ping'
    """
    wanted = (data, sender, deflate)
    return next(
        (key for key, each in presets().items() if (each.data, each.sender, each.deflate) == wanted), ""
    )


def _all() -> Iterator[tuple[str, Preset]]:
    for example in FRAMES:
        group = "Examples of RFC 6455 §5.7"
        yield f"§5.7 {example.name}", Preset(group, example.name, example.sender, example.data)
    for size in _SIZES:
        name = count(size, "byte") if size < 1 << 24 else "16 MiB, the most that is accepted"
        yield f"length {size}", Preset("Payload length", name, "client", size=size)
    first = Frame(Opcode.TEXT, b"Hel", fin=False, masking_key=EXAMPLE_KEY).serialize()
    last = Frame(Opcode.CONTINUATION, b"lo", masking_key=EXAMPLE_KEY).serialize()
    group = "Opcodes"
    yield "opcode 0x0", Preset(group, "0x0 continuation", "client", first + last, frame=1)
    for opcode, payload in _OPCODES.items():
        frame = Frame(opcode, payload, masking_key=EXAMPLE_KEY).serialize()
        yield f"opcode {opcode:#x}", Preset(group, f"{opcode:#x} {opcode.name.lower()}", "client", frame)
    for example in COMPRESSED:
        key, group = f"RFC 7692 {example.name}", "Examples of RFC 7692 §7.2.3, compressed"
        yield key, Preset(group, example.name, example.sender, example.data, deflate=True)
    for bad in BAD_FRAMES:
        group = "What a peer must not send"
        yield f"bad: {bad.name}", Preset(group, f"{bad.name} ({bad.close_code})", bad.sender, bad.data)
