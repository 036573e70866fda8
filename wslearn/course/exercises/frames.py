"""Exercises of lesson 03: a frame's header, bit by bit (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import ProtocolError
from wslearn.frames import FIN, MASK, RSV1, RSV2, RSV3, Frame, Opcode, check_bits, header, payload_length
from wslearn.vectors import FRAMES

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["EXERCISES", "parse_frame", "split_first_byte"]

LESSON = "03_frames"

_Order = Literal["big", "little"]
_FirstByte = tuple[bool, bool, bool, bool, int]
_Parsed = tuple[Frame, bytes] | None

_KEY = bytes.fromhex("37fa213d")  # §5.7


# ------------------------------------------------------------------------------------ split_first_byte


def split_first_byte(byte: int) -> tuple[bool, bool, bool, bool, int]:
    """Take a frame's first byte apart: FIN, RSV1, RSV2, RSV3 and the opcode (RFC 6455 §5.2).

    Parameters
    ----------
    byte
        0 to 255.

    Examples
    --------
    >>> split_first_byte(0x81)
    (True, False, False, False, 1)
    """
    return bool(byte & FIN), bool(byte & RSV1), bool(byte & RSV2), bool(byte & RSV3), byte & 0x0F


def _bytes() -> SearchStrategy[tuple[int]]:
    from hypothesis import strategies as st

    return st.tuples(st.integers(0, 255))


def _from_the_right(byte: int) -> _FirstByte:
    return bool(byte & 1), bool(byte & 2), bool(byte & 4), bool(byte & 8), byte >> 4


def _weights(byte: int) -> tuple[int, int, int, int, int]:
    return byte & FIN, byte & RSV1, byte & RSV2, byte & RSV3, byte & 0x0F


def _opcode_of_seven_bits(byte: int) -> _FirstByte:
    return (*split_first_byte(byte)[:4], byte & 0x7F)


def _opcode_of_three_bits(byte: int) -> _FirstByte:
    return (*split_first_byte(byte)[:4], byte & 0x07)


def _rsv_in_reverse(byte: int) -> _FirstByte:
    fin, rsv1, rsv2, rsv3, opcode = split_first_byte(byte)
    return fin, rsv3, rsv2, rsv1, opcode


def _fin_upside_down(byte: int) -> _FirstByte:
    return (not byte & FIN, *split_first_byte(byte)[1:])


SPLIT_FIRST_BYTE = Exercise(
    model=split_first_byte,
    lesson=LESSON,
    section="RFC 6455 §5.2",
    examples=tuple(
        (byte,) for byte in (0, 1, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, 0x0F, 0x10, 0x20, 0x40, 0xC1, 0xFF)
    ),
    inputs=_bytes,
    hints=(
        "`byte & 0x80` keeps the leftmost bit and makes all others 0. What is left is 0 or 128.",
        "FIN is worth 0x80, RSV1 0x40, RSV2 0x20, RSV3 0x10. `bool(…)` makes True or False of a number.",
        "The opcode is the four bits on the right: `byte & 0x0F`.",
        "`bool(byte & 0x80), bool(byte & 0x40), …, byte & 0x0F`",
    ),
    misconceptions=(
        Misconception(
            "bits counted from the right",
            "You count the bits from the right. The RFC draws them as they are on the wire, the most "
            "significant first: FIN is the leftmost bit, worth 0x80, and the opcode is the four bits on the "
            "right (§5.2).",
            _from_the_right,
        ),
        Misconception(
            "the bit's weight in place of True",
            "You give what `&` leaves, such as 128 for FIN. The question is whether the bit is set: "
            "`bool(byte & 0x80)`.",
            _weights,
        ),
        Misconception(
            "RSV bits left in the opcode",
            "Your opcode still holds the RSV bits. It is four bits: `byte & 0x0F` (§5.2).",
            _opcode_of_seven_bits,
        ),
        Misconception(
            "an opcode of three bits",
            "You take three bits for the opcode, and all control frames lose the bit that makes them "
            "control frames. It is four bits: `byte & 0x0F` (§5.2).",
            _opcode_of_three_bits,
        ),
        Misconception(
            "RSV bits in reverse",
            "You have RSV1 and RSV3 the wrong way round. RSV1 is next to FIN, worth 0x40 (§5.2).",
            _rsv_in_reverse,
        ),
        Misconception(
            "FIN upside down",
            "You have FIN the wrong way round. 1 says that the message ends with this frame, 0 that more "
            "follows (§5.2).",
            _fin_upside_down,
        ),
    ),
)


# ---------------------------------------------------------------------------------------------- header

_SIZES = (0, 5, 125, 126, 127, 255, 256, 65_535, 65_536, 2**32, 2**63 - 1)


def _headers() -> SearchStrategy[tuple[int, int, bytes | None]]:
    from hypothesis import strategies as st

    sizes = st.integers(0, 300) | st.integers(0, 70_000) | st.integers(0, 2**63 - 1)
    return st.tuples(
        st.sampled_from((0x81, 0x82, 0x01, 0x00, 0xC1)), sizes, st.none() | st.binary(min_size=4, max_size=4)
    )


def _written(
    first_byte: int,
    size: int,
    masking_key: bytes | None,
    *,
    short: int = 125,
    middle: int = 65_535,
    wide: int = 8,
    order: _Order = "big",
) -> bytes:
    """Write a header whose limits, width or byte order are somebody's belief."""
    bit = 0 if masking_key is None else MASK
    key = masking_key or b""
    if size <= short:
        return bytes([first_byte, bit | size]) + key
    announced, width = (126, 2) if size <= middle else (127, wide)
    length = (size % (1 << 8 * width)).to_bytes(width, order)  # one that is too large is cut, as in C
    return bytes([first_byte, bit | announced]) + length + key


def _little_endian(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, order="little")


def _short_up_to_127(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, short=127)


def _short_up_to_126(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, short=126)


def _middle_ends_early(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, middle=65_534)


def _32_bits(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return _written(first_byte, size, masking_key, wide=4)


def _key_without_mask_bit(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return header(first_byte, size) + (masking_key or b"")


def _mask_bit_in_short_form_only(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    if size < 126:
        return header(first_byte, size, masking_key)
    return header(first_byte, size) + (masking_key or b"")


def _mask_bit_without_key(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    written = header(first_byte, size, masking_key)
    return written if masking_key is None else written[:-4]


def _key_counted(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    return header(first_byte, size if masking_key is None else size + 4, masking_key)


def _mask_bit_always(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    written = bytearray(header(first_byte, size, masking_key))
    written[1] |= MASK
    return bytes(written)


HEADER = Exercise(
    model=header,
    lesson=LESSON,
    section="RFC 6455 §5.2",
    examples=(*((0x82, size, key) for size in _SIZES for key in (None, _KEY)), (0x81, 5), (0xC1, 126, _KEY)),
    inputs=_headers,
    hints=(
        (
            "Decide the MASK bit first: 0x80 where there is a key, else 0. It shares a byte with the seven "
            "bits of length."
        ),
        "There are three cases: `size < 126`, `size < 65536`, and the rest.",
        (
            "The long forms write 126 or 127 into the seven bits, then the whole size: `size.to_bytes(2, "
            '"big")` makes 16 bits, `size.to_bytes(8, "big")` makes 64.'
        ),
        "The key comes last, behind the length, whatever form that has.",
        '`bytes([first_byte, bit | 126]) + size.to_bytes(2, "big")` is the middle case, before the key.',
    ),
    misconceptions=(
        Misconception(
            "the light byte first",
            "You write the length with the least significant byte first. On the wire the most significant "
            "one comes first, network byte order (§5.2).",
            _little_endian,
        ),
        Misconception(
            "126 in seven bits",
            "You write 126 into the seven bits as a length. There it means that 16 bits of length follow: "
            "the short form ends at 125 (§5.2).",
            _short_up_to_126,
        ),
        Misconception(
            "127 in seven bits",
            "You write 126 and 127 into the seven bits as lengths. There they mean that 16 or 64 bits of "
            "length follow: from 126 on it takes the 16-bit form (§5.2).",
            _short_up_to_127,
        ),
        Misconception(
            "65,535 in 64 bits",
            "You write 65,535 in 64 bits. It fits into 16, and the shortest form must be used (§5.2).",
            _middle_ends_early,
        ),
        Misconception(
            "32 bits for the long form",
            "You write the long form in 32 bits. 127 announces 64 bits, eight bytes (§5.2).",
            _32_bits,
        ),
        Misconception(
            "no MASK bit in the long forms",
            "You set the MASK bit in the short form only. It is the first bit of the second byte in all "
            "three: `bit | 126`, `bit | 127` (§5.2).",
            _mask_bit_in_short_form_only,
        ),
        Misconception(
            "a key and no MASK bit",
            "You add the key and leave the MASK bit at 0. The receiver then takes the key for the first "
            "four bytes of the payload (§5.2).",
            _key_without_mask_bit,
        ),
        Misconception(
            "a MASK bit and no key",
            "You set the MASK bit and leave the key out. The receiver then takes four bytes of the payload "
            "for the key (§5.2).",
            _mask_bit_without_key,
        ),
        Misconception(
            "the key counted as payload",
            "You count the key's four bytes. The length is that of the payload alone (§5.3).",
            _key_counted,
        ),
        Misconception(
            "MASK set for everybody",
            "You set the MASK bit where there is no key. A server's frames have neither (§5.1).",
            _mask_bit_always,
        ),
    ),
)


# -------------------------------------------------------------------------------------- payload_length

_HELLO = bytes.fromhex("81 05 48 65 6c 6c 6f")
_LENGTHS = (
    ("82 00", 0),
    ("82 05", 0),
    ("81 85 37 fa 21 3d", 0),
    ("82 7d", 0),
    ("82 fd 37 fa 21 3d", 0),
    ("82 7e", 0),
    ("82 7e 01", 0),
    ("82 7e 00 7e", 0),
    ("82 fe 01 00", 0),
    ("82 fe 01 00 37 fa 21 3d", 0),
    ("82 7e ff ff", 0),
    ("82 7f", 0),
    ("82 7f 00 00 00 00 00 01 00", 0),
    ("82 7f 00 00 00 00 00 01 00 00", 0),
    ("82 ff 00 00 01 00 00 00 00 05", 0),
    ("82 7f 7f ff ff ff ff ff ff ff", 0),
    ("82 7e 00 05", 0),
    ("82 7e 00 7d", 0),
    ("82 ff 00 00 00 00 00 00 ff ff", 0),
    ("82 7f 80 00 00 00 00 00 00 00", 0),
    (_HELLO.hex() + "82 03", 7),
    (_HELLO.hex() + "82 7e 01 00 00 00", 7),
    (_HELLO.hex() + "82 7e 01", 7),
    (_HELLO.hex() + "82 ff 00 00 00 00 00 01 00 00", 7),
)


def _heads() -> SearchStrategy[tuple[bytes, int]]:
    """Make a header in any of the three forms, its shortest or not; cut, or with more behind it."""
    from hypothesis import strategies as st

    def written(before: bytes, bit: int, size: int, form: int, cut: int, more: bytes) -> tuple[bytes, int]:
        announced, width = ((size & 0x7F, 0), (126, 2), (127, 8))[form]
        length = (size % 256**width).to_bytes(width, "big")[: max(0, width - cut)]
        return before + bytes([0x82, bit | announced]) + length + more * (cut == 0), len(before)

    sizes = st.integers(0, 125) | st.integers(0, 70_000) | st.integers(0, 2**64 - 1)
    cut = st.just(0) | st.integers(0, 8)
    before = st.just(b"") | st.just(_HELLO)
    return st.builds(
        written, before, st.sampled_from((0, MASK)), sizes, st.integers(0, 2), cut, st.binary(max_size=12)
    ).filter(lambda made: made[0][made[1] + 1] & 0x7F < 126 or len(made[0]) > made[1] + 1)


def _read(
    data: bytes, at: int, *, order: _Order = "big", least: bool = True, top: bool = True, wait: bool = True
) -> tuple[int, int] | None:
    """Read a length as somebody does who leaves one thing out."""
    size, start = data[at + 1] & 0x7F, at + 2
    if size < 126:
        return size, start
    width, shortest = (2, 126) if size == 126 else (8, 65_536)
    if wait and len(data) < start + width:
        return None
    size = int.from_bytes(data[start : start + width], order)
    if (least and size < shortest) or (top and size >> 63):
        raise ProtocolError("Not a legal length.", close_code=1002, section="§5.2", field="payload length")
    return size, start + width


def _mask_bit_left_in(data: bytes, at: int) -> tuple[int, int] | None:
    if data[at + 1] & MASK:
        return data[at + 1], at + 2
    return payload_length(data, at)


def _shifted(data: bytes, at: int) -> tuple[int, int] | None:
    return payload_length(data[: at + 1] + bytes([data[at + 1] >> 1]) + data[at + 2 :], at)


def _little_endian_length(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, order="little")


def _seven_bits_only(data: bytes, at: int) -> tuple[int, int]:
    return data[at + 1] & 0x7F, at + 2


def _at_ignored(data: bytes, at: int) -> tuple[int, int] | None:  # noqa: ARG001
    return payload_length(data, 0)


def _counted_from_the_frame(data: bytes, at: int) -> tuple[int, int] | None:
    return payload_length(data[at:], 0)


def _behind_the_key(data: bytes, at: int) -> tuple[int, int] | None:
    found = payload_length(data, at)
    return found and (found[0], found[1] + (4 if data[at + 1] & MASK else 0))


def _not_waited(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, wait=False)


def _any_length(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, least=False, top=False)


def _any_form(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, least=False)


def _top_bit_allowed(data: bytes, at: int) -> tuple[int, int] | None:
    return _read(data, at, top=False)


PAYLOAD_LENGTH = Exercise(
    model=payload_length,
    lesson=LESSON,
    section="RFC 6455 §5.2",
    examples=tuple((bytes.fromhex(data), at) for data, at in _LENGTHS),
    inputs=_heads,
    hints=(
        "The frame's second byte is `data[at + 1]`. `& 0x7F` takes the MASK bit away.",
        "Up to 125 that is the length, and what follows begins at `at + 2`.",
        "126: two more bytes, 127: eight more. If `data` ends before the last of them, return None.",
        '`int.from_bytes(data[at + 2 : at + 4], "big")` reads 16 bits.',
        (
            "At last refuse what is not allowed: in 16 bits a length below 126, in 64 bits one below "
            "65,536, or one whose top bit is set: `size >> 63`."
        ),
    ),
    misconceptions=(
        Misconception(
            "the MASK bit read as length",
            "You read the MASK bit as a part of the length, which is then too long by 128. `& 0x7F` takes "
            "it away (§5.2).",
            _mask_bit_left_in,
        ),
        Misconception(
            "the rightmost bit taken for MASK",
            "You take the rightmost bit for MASK and shift it out. MASK is the leftmost bit of the second "
            "byte, and the seven others are the length: `& 0x7F` (§5.2).",
            _shifted,
        ),
        Misconception(
            "only the seven bits read",
            "You read the seven bits alone. There 126 and 127 are no lengths: 16 or 64 bits of length "
            "follow (§5.2).",
            _seven_bits_only,
        ),
        Misconception(
            "the light byte first",
            "You read the length with the least significant byte first. On the wire the most significant "
            "one comes first, network byte order (§5.2).",
            _little_endian_length,
        ),
        Misconception(
            "a length that is not all there",
            "You read a length whose last bytes have not arrived yet. TCP may cut anywhere: return None "
            "until all of them are there.",
            _not_waited,
        ),
        Misconception(
            "longer forms taken",
            "You take a length that is not in its shortest form. §5.2 asks the sender for the shortest; "
            "this library refuses any other with 1002.",
            _any_form,
        ),
        Misconception(
            "the top bit taken",
            "You take a 64-bit length whose top bit is set. It must be 0: refuse it with 1002 (§5.2).",
            _top_bit_allowed,
        ),
        Misconception(
            "any length taken",
            "You take any length that can be written. One that is not in its shortest form, and one whose "
            "top bit is set, is refused with 1002 (§5.2).",
            _any_length,
        ),
        Misconception(
            "always the first frame",
            "You read the first frame in `data`, whatever `at` says. The frame begins at `at`, and its "
            "length at `at + 1`.",
            _at_ignored,
        ),
        Misconception(
            "the offset counted from the frame",
            "You count the offset from the start of the frame. It is one in `data`: `at + 2` for the short "
            "form.",
            _counted_from_the_frame,
        ),
        Misconception(
            "the key skipped",
            "Your offset is behind the masking key. It belongs behind the length; whether a key follows is "
            "the next question.",
            _behind_the_key,
        ),
    ),
)


# ----------------------------------------------------------------------------------------- parse_frame


def parse_frame(data: bytes) -> tuple[Frame, bytes] | None:
    r"""Read one frame from the front of what arrived so far, and unmask its payload (RFC 6455 §5.2).

    Parameters
    ----------
    data
        What arrived so far.

    Returns
    -------
    tuple of Frame and bytes, or None
        The frame and the bytes behind it; ``None`` while more are needed.

    Raises
    ------
    ProtocolError
        As `payload_length` does.

    Examples
    --------
    >>> parse_frame(bytes.fromhex("81 05 48 65 6c 6c 6f 88"))
    (Frame(TEXT, b'Hello'), b'\x88')
    """
    return Frame.parse(data)


_MASKED_HELLO = FRAMES[1].data
_LONGER = Frame(Opcode.BINARY, bytes(range(130)), masking_key=_KEY).serialize()


def _streams() -> SearchStrategy[tuple[bytes]]:
    from hypothesis import strategies as st

    frames = st.builds(
        Frame,
        st.sampled_from(Opcode),
        st.binary(max_size=12) | st.just(bytes(126)),
        fin=st.booleans(),
        rsv1=st.booleans(),
        masking_key=st.none() | st.binary(min_size=4, max_size=4),
    )
    whole = st.builds(lambda frame, rest: frame.serialize() + rest, frames, st.binary(max_size=3))
    return st.tuples(whole | st.builds(lambda data, cut: data[:cut], whole, st.integers(0, 20)))


def _changed(data: bytes, **fields: object) -> _Parsed:
    """Give the frame with some of its fields as somebody gets them wrong."""
    parsed = Frame.parse(data)
    if parsed is None:
        return None
    kept = {name: getattr(parsed[0], name) for name in Frame.__slots__}
    return Frame(**(kept | fields)), parsed[1]


def _still_masked(data: bytes) -> _Parsed:
    parsed = Frame.parse(data)
    if parsed is None:
        return None
    size = len(parsed[0].payload)
    return _changed(data, payload=data[len(data) - len(parsed[1]) - size :][:size])


def _key_forgotten(data: bytes) -> _Parsed:
    return _changed(data, masking_key=None)


def _fin_forgotten(data: bytes) -> _Parsed:
    return _changed(data, fin=True)


def _rsv_forgotten(data: bytes) -> _Parsed:
    return _changed(data, rsv1=False, rsv2=False, rsv3=False)


def _rest_forgotten(data: bytes) -> _Parsed:
    parsed = Frame.parse(data)
    return parsed and (parsed[0], b"")


def _rest_in_payload(data: bytes) -> _Parsed:
    """Take all that is there for the payload."""
    parsed = Frame.parse(data)
    if parsed is None or not parsed[1]:
        return parsed
    frame, rest = parsed
    size = len(frame.payload)
    if frame.masking_key is None:
        return _changed(data, payload=frame.payload + rest)[0], b""  # type: ignore[index]
    behind = Frame(0, data[len(data) - len(rest) - size :], masking_key=frame.masking_key)
    return _changed(data, payload=behind.serialize()[-len(behind.payload) :])[0], b""  # type: ignore[index]


def _key_at_byte_two(data: bytes) -> _Parsed:
    """Take bytes 2 to 5 for the key, as they are in a short frame."""
    parsed = Frame.parse(data)
    if parsed is None or parsed[0].masking_key is None:
        return parsed
    key, frame = data[2:6], parsed[0]
    masked = Frame(0, frame.payload, masking_key=frame.masking_key).serialize()[-len(frame.payload) or 99 :]
    payload = Frame(0, masked, masking_key=key).serialize()[-len(masked) or 99 :]
    return _changed(data, masking_key=key, payload=payload)


def _not_waited_for(data: bytes) -> _Parsed:
    """Take what there is of a payload for all of it."""
    parsed = Frame.parse(data)
    head = Frame.parse(data + bytes(300)) if parsed is None and len(data) >= 2 else None
    if parsed is not None or head is None:
        return parsed
    start = len(head[0].serialize()) - len(head[0].payload)
    if len(data) < start:
        return None
    return _changed(data + bytes(300), payload=head[0].payload[: len(data) - start])[0], b""  # type: ignore[index]


def _empty_never_done(data: bytes) -> _Parsed:
    parsed = Frame.parse(data)
    return parsed if parsed and parsed[0].payload else None


PARSE_FRAME = Exercise(
    model=parse_frame,
    lesson=LESSON,
    section="RFC 6455 §5.2",
    examples=tuple(
        (data,)
        for data in (
            b"",
            b"\x81",
            bytes.fromhex("81 00"),
            bytes.fromhex("89 80 37 fa 21 3d"),
            bytes.fromhex("89 80 37 fa"),
            bytes.fromhex("81 01 41"),
            bytes.fromhex("81 81 37 fa 21 3d 76"),
            _HELLO,
            _HELLO[:4],
            _HELLO + b"\x88",
            _MASKED_HELLO,
            _MASKED_HELLO[:5],
            _MASKED_HELLO[:8],
            _MASKED_HELLO + b"\x88\x80",
            bytes.fromhex("01 03 48 65 6c"),
            bytes.fromhex("41 03 f2 48 cd"),
            bytes.fromhex("b3 01 41"),
            bytes.fromhex("82 7e 00"),
            bytes.fromhex("82 7e 00 05") + bytes(5),
            _LONGER,
            _LONGER[:7],
            _LONGER[:-1],
            _LONGER + _HELLO,
        )
    ),
    inputs=_streams,
    hints=(
        (
            "Put the pieces together: the first byte, the length, the key if MASK is set, the payload, the "
            "rest. Keep an offset that moves on with each."
        ),
        (
            "With fewer than two bytes there is nothing to read. Then `payload_length(data, 0)` gives the "
            "length and the offset behind it, or None."
        ),
        "If `data[1] & 0x80`, the next four bytes are the key, and the payload begins behind them.",
        "Only when `len(data) >= start + size` the frame is all there. Whatever is behind it is the rest.",
        (
            "`mask(payload, key)` unmasks. At the end: `Frame(opcode, payload, fin=fin, rsv1=rsv1, "
            "rsv2=rsv2, rsv3=rsv3, masking_key=key), data[start + size :]`"
        ),
    ),
    misconceptions=(
        Misconception(
            "the payload left masked",
            "You give the payload as it was on the wire. Unmask it: `mask(payload, masking_key)`, since the "
            "same XOR takes the mask off (§5.3).",
            _still_masked,
        ),
        Misconception(
            "the key forgotten",
            "Your frame has no `masking_key` where it was masked. The receiver must know whether it was: a "
            "server refuses frames without a mask (§5.1).",
            _key_forgotten,
        ),
        Misconception(
            "FIN forgotten",
            "Your frame always has FIN. The first bit of the wire says whether the message ends here (§5.2).",
            _fin_forgotten,
        ),
        Misconception(
            "RSV bits forgotten",
            "Your frame has lost its RSV bits. They must be reported: whoever checks the frame has to see "
            "them (§5.2).",
            _rsv_forgotten,
        ),
        Misconception(
            "the rest thrown away",
            "You throw away what is behind the frame. It is the start of the next one: one read may bring "
            "several.",
            _rest_forgotten,
        ),
        Misconception(
            "the rest taken for payload",
            "You take all that is there for the payload. It ends where the length says; the next frame "
            "begins there.",
            _rest_in_payload,
        ),
        Misconception(
            "the key at byte 2, whatever the length",
            "You take bytes 2 to 5 for the key. In the longer forms these are the length: the key is behind "
            "it (§5.2).",
            _key_at_byte_two,
        ),
        Misconception(
            "a frame that is not all there",
            "You give a frame whose payload has not all arrived. TCP may cut anywhere: return None until "
            "the last byte is there.",
            _not_waited_for,
        ),
        Misconception(
            "an empty payload waited for",
            "You wait for a payload where there is none. A length of 0 is legal: an empty message, or a "
            "ping without data (§5.2, §5.5.2).",
            _empty_never_done,
        ),
    ),
    see=(Frame.parse, payload_length),
)


# ------------------------------------------------------------------------------------------ check_bits


def _two_bytes() -> SearchStrategy[tuple[int, int, bool, bool]]:
    from hypothesis import strategies as st

    opcodes = st.sampled_from(Opcode) | st.sampled_from(Opcode) | st.integers(0, 15)
    flags = st.sampled_from((FIN, FIN, 0, FIN | RSV1, FIN | RSV2, FIN | RSV3, RSV1))
    lengths = st.sampled_from((0, 5, 124, 125, 126, 127))
    first = st.builds(lambda opcode, flag: int(opcode) | flag, opcodes, flags)
    second = st.builds(lambda bit, size: bit | size, st.sampled_from((0, MASK)), lengths)
    return st.tuples(first, second, st.booleans(), st.booleans())


def _refuse(*, when: bool) -> None:
    if when:
        raise ProtocolError("This frame is illegal.", close_code=1002, section="§5.2", field="header")


def _everybody_masks(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:  # noqa: ARG001
    check_bits(first, second, from_client=True, rsv1_means=rsv1_means)


def _server_may_mask(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    check_bits(
        first, second if from_client else second & 0x7F, from_client=from_client, rsv1_means=rsv1_means
    )


def _sides_swapped(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    check_bits(first, second, from_client=not from_client, rsv1_means=rsv1_means)


def _control_mask_unchecked(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    if first & 0x08:
        second = second & 0x7F | (MASK if from_client else 0)
    check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)


def _rsv1_never(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:  # noqa: ARG001
    check_bits(first, second, from_client=from_client)


def _rsv1_anywhere(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    check_bits(first & ~RSV1 if rsv1_means else first, second, from_client=from_client)


def _all_rsv_with_rsv1(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    if rsv1_means and first & 0x0F in {1, 2}:
        first &= ~(RSV1 | RSV2 | RSV3)
    check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)


def _control_only_above_pong(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    _refuse(when=first & 0x0F > Opcode.PONG)
    if first & 0x0F in range(3, 8):
        first = first & 0xF0 | Opcode.CONTINUATION
    check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)


def _fragmented_control(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    check_bits(first | FIN if first & 0x08 else first, second, from_client=from_client, rsv1_means=rsv1_means)


def _fin_always(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    _refuse(when=not first & FIN)
    check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)


def _long_control(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    check_bits(first, second & MASK, from_client=from_client, rsv1_means=rsv1_means)


def _mask_bit_in_limit(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    _refuse(when=bool(first & 0x08) and second > 125)
    check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)


CHECK_BITS = Exercise(
    model=check_bits,
    lesson=LESSON,
    section="RFC 6455 §5.1, §5.2, §5.5",
    examples=(
        (0x81, 0x85, True),
        (0x81, 0x05, False),
        (0x81, 0x05, True),
        (0x81, 0x85, False),
        (0x01, 0x85, True),
        (0x00, 0x85, True),
        (0x80, 0x05, False),
        (0x82, 0xFE, True),
        (0x82, 0x7F, False),
        (0x88, 0x80, True),
        (0x89, 0x00, False),
        (0x89, 0x00, True),
        (0x8A, 0x80, False),
        (0x8A, 0xFD, True),
        (0x89, 0xFE, True),
        (0x89, 0x7E, False),
        (0x88, 0x7F, False),
        (0x09, 0x80, True),
        (0x08, 0x00, False),
        *((0x80 | opcode, 0x80, True) for opcode in (3, 7, 0xB, 0xF)),
        *((0x81 | bit, 0x85, True, rsv1_means) for bit in (RSV1, RSV2, RSV3) for rsv1_means in (False, True)),
        (0x42, 0x05, False, True),
        (0xC0, 0x85, True, True),
        (0xC9, 0x80, True, True),
    ),
    inputs=_two_bytes,
    hints=(
        (
            "Six rules, one after the other. Take the parts first: `opcode = first & 0x0F`, `length = "
            "second & 0x7F`."
        ),
        (
            "For every frame: the opcode is one of 0, 1, 2, 8, 9, 10. RSV2 and RSV3 are 0. RSV1 is 0, too, "
            "unless `rsv1_means` is True and the opcode is 1 or 2."
        ),
        "For control frames, `opcode >= 8`: FIN is 1, and the length is 125 at most.",
        "MASK follows from who speaks: `from_client` and `bool(second & 0x80)` must be the same.",
        (
            'Break one? `raise ProtocolError("what is wrong", close_code=1002, section="§5.2", '
            'field="opcode")`. Only the code is compared. A legal frame needs no return.'
        ),
    ),
    misconceptions=(
        Misconception(
            "the server may mask",
            "You take masked frames from a server. It must not mask, and a client refuses it (§5.1).",
            _server_may_mask,
        ),
        Misconception(
            "the mask of control frames not checked",
            "You check the mask of data frames alone. Every frame from a client is masked, pings and closes "
            "too, with or without a payload (§5.1).",
            _control_mask_unchecked,
        ),
        Misconception(
            "everybody masks",
            "You want a mask from the server, too. A client must mask every frame, a server must mask none "
            "(§5.1).",
            _everybody_masks,
        ),
        Misconception(
            "RSV1 never allowed",
            "You always refuse RSV1. With `rsv1_means` it is legal on a text or binary frame: the message "
            "is compressed (§5.2, RFC 7692 §6).",
            _rsv1_never,
        ),
        Misconception(
            "RSV1 allowed everywhere",
            "With `rsv1_means` you take RSV1 on every frame. It belongs on the first frame of a message: "
            "opcode 1 or 2. A continuation or a control frame must not have it (RFC 7692 §6.1).",
            _rsv1_anywhere,
        ),
        Misconception(
            "RSV2 and RSV3 allowed with RSV1",
            "With `rsv1_means` you take RSV2 and RSV3 as well. An extension gives a meaning to its own bit; "
            "the others stay 0 (§5.2).",
            _all_rsv_with_rsv1,
        ),
        Misconception(
            "opcodes 3 to 7 taken",
            "You refuse the reserved opcodes above 10, and take 3 to 7. These are reserved as well, for "
            "data frames to come (§5.2).",
            _control_only_above_pong,
        ),
        Misconception(
            "fragments of control frames taken",
            "You take control frames with FIN 0. They must not be fragmented (§5.5).",
            _fragmented_control,
        ),
        Misconception(
            "FIN wanted on every frame",
            "You refuse every frame with FIN 0. Only control frames need FIN; a message may come in "
            "fragments (§5.4).",
            _fin_always,
        ),
        Misconception(
            "long control frames taken",
            "You take control frames of any length. They have 125 bytes at most, so 126 and 127 in the "
            "seven bits are illegal there (§5.5).",
            _long_control,
        ),
        Misconception(
            "the MASK bit counted as length",
            "You refuse masked control frames: `second > 125` looks at the MASK bit as well. Take it away "
            "first: `second & 0x7F` (§5.2, §5.5).",
            _mask_bit_in_limit,
        ),
        Misconception(
            "the sides swapped",
            "You have the sides the wrong way round. `from_client` says who sent the frame: a client masks, "
            "a server does not (§5.1).",
            _sides_swapped,
        ),
    ),
)

EXERCISES = (SPLIT_FIRST_BYTE, HEADER, PAYLOAD_LENGTH, PARSE_FRAME, CHECK_BITS)
