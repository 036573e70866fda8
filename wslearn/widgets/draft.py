"""A frame while it is being edited: every bit as somebody set it, legal or not (RFC 6455 §5.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wslearn.errors import UsageError
from wslearn.frames import MASK, Opcode, header, shorten
from wslearn.masking import mask
from wslearn.spans import count

__all__ = ["EXAMPLE_KEY", "Draft", "drafts"]

EXAMPLE_KEY = bytes.fromhex("37 fa 21 3d")  # that of §5.7, for a frame that had none
_WIDTHS = {126: 2, 127: 8}  # bytes of extended payload length
_NAMES = {opcode.value: opcode.name.lower() for opcode in Opcode}


@dataclass(frozen=True, slots=True)
class Draft:
    """A header that may say anything, and the payload that is really there.

    Parameters
    ----------
    first, second
        Its first two bytes.
    extended
        The 0, 2 or 8 bytes of extended payload length.
    key
        Four bytes, in use while MASK is 1, and kept while it is 0.
    payload
        The payload, unmasked.

    Examples
    --------
    >>> draft, rest = Draft.read(bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))
    >>> draft.payload, draft.with_length(3).header.hex(" ")
    (b'Hello', '81 83 37 fa 21 3d')
    """

    first: int = 0x81
    second: int = 0x00
    extended: bytes = b""
    key: bytes = EXAMPLE_KEY
    payload: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> tuple[Draft, bytes]:
        """Take the first frame from `data`; what its header lacks is filled with zeros."""
        first, second = (data[:2] + bytes(2))[:2]
        behind = 2 + _WIDTHS.get(second & 0x7F, 0)
        extended = data[2:behind].ljust(behind - 2, b"\0")
        draft = cls(first, second, extended)
        if draft.is_masked:
            draft = replace(draft, key=data[behind : behind + 4].ljust(4, b"\0"))
            behind += 4
        end = behind + draft.announced
        payload = data[behind:end]
        return replace(draft, payload=mask(payload, draft.key) if draft.is_masked else payload), data[end:]

    @property
    def is_masked(self) -> bool:
        """Whether MASK is 1."""
        return bool(self.second & MASK)

    @property
    def header(self) -> bytes:
        """All that stands before the payload."""
        return bytes((self.first, self.second)) + self.extended + (self.key if self.is_masked else b"")

    @property
    def size(self) -> int:
        """Bytes of header and payload."""
        return len(self.header) + len(self.payload)

    @property
    def announced(self) -> int:
        """The payload length that the header says."""
        return int.from_bytes(self.extended, "big") if self.extended else self.second & 0x7F

    @property
    def follows(self) -> bool:
        """Whether the header says the true length, in its shortest form."""
        return self.with_length(len(self.payload)) == self

    def serialize(self) -> bytes:
        """Write it as it is."""
        return self.header + (mask(self.payload, self.key) if self.is_masked else self.payload)

    def ends(self, head: int, tail: int) -> tuple[bytes, bytes]:
        """Give the first and the last bytes as text shows them: unmasked, as far as the length reaches."""
        known = self.payload[: self.announced]
        rest = self.payload[len(known) :]
        if self.is_masked and rest:
            rest = mask(self.payload, self.key)[len(known) :]
        return (self.header + known[:head] + rest[:head])[:head], (known[-tail:] + rest[-tail:])[-tail:]

    def with_length(self, length: int) -> Draft:
        """Announce another length, in its shortest form; the payload stays."""
        written = header(self.first, length)
        return replace(self, second=self.second & MASK | written[1], extended=written[2:])

    def with_key(self, key: bytes) -> Draft:
        """Mask with another key."""
        return replace(self, key=key, second=self.second | MASK)

    def with_header(self, written: bytes) -> Draft:
        """Take the bits of a header that has the shape of this one's, or of only its first two bytes.

        Where MASK or the length asks for more bytes than there are, they are added: the last masking key,
        and the true length, so far as it fits.

        Raises
        ------
        UsageError
            For fewer than two bytes.
        """
        if len(written) < 2:
            raise UsageError("A frame begins with two bytes at least (§5.2).")
        old = self
        if len(written) == len(self.header):
            behind = 2 + len(self.extended)
            old = replace(self, extended=written[2:behind], key=written[behind:] or self.key)
        width = _WIDTHS.get(written[1] & 0x7F, 0)
        extended = old.extended
        if len(extended) != width:
            extended = min(len(self.payload), (1 << 8 * width) - 1).to_bytes(width, "big")
        return replace(old, first=written[0], second=written[1], extended=extended)

    def gist(self) -> str:
        """Say in a few words what it is."""
        opcode = self.first & 0x0F
        name = _NAMES.get(opcode, f"reserved {opcode:#x}")
        return f"{name} {shorten(self.payload[:200], 20)}".strip()

    def about_length(self) -> str:
        """Say what a length that was set by hand leads to; empty where it is the true one."""
        short = self.announced - len(self.payload)
        if short > 0:
            return f"{count(short, 'byte')} short: the receiver waits for the rest."
        if short < 0:
            return f"{count(-short, 'byte')} too many: they are read as the next frame."
        return "" if self.follows else "The true length, but not in its shortest form."


def drafts(data: bytes, limit: int) -> tuple[list[Draft], bytes]:
    """Cut a run of frames into drafts, `limit` at most, and what is left.

    Examples
    --------
    >>> [draft.gist() for draft in drafts(bytes.fromhex("01 03 48 65 6c 80 02 6c 6f"), 9)[0]]
    ['text “Hel”', 'continuation “lo”']
    """
    found: list[Draft] = []
    rest = data
    while (rest or not found) and len(found) < limit:
        draft, rest = Draft.read(rest)
        found.append(draft)
    return found, rest
