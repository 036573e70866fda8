"""One frame from the front of what arrived: parse_frame (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.framing.first_byte import split_first_byte
from wslearn.course.exercises.framing.named import named
from wslearn.frames import FIN, MASK, RSV1, RSV2, RSV3, Frame, Opcode, payload_length
from wslearn.masking import mask
from wslearn.vectors import FRAMES

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["PARSE_FRAME", "parse_frame"]

LESSON = "03_frames"

_Parsed = tuple[Frame, bytes] | None

_KEY = bytes.fromhex("37fa213d")  # §5.7

_HELLO = bytes.fromhex("81 05 48 65 6c 6c 6f")


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


def _opcode_by_name(data: bytes) -> _Parsed:
    parsed = Frame.parse(data)
    return parsed and _changed(data, opcode=Opcode(parsed[0].opcode))


def _weights(data: bytes) -> _Parsed:
    parsed = Frame.parse(data)
    flags = {"fin": FIN, "rsv1": RSV1, "rsv2": RSV2, "rsv3": RSV3}
    return parsed and _changed(data, **{name: data[0] & bit for name, bit in flags.items()})


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


def _nothing_waited_for(data: bytes) -> _Parsed:
    """Wait for the length, and then for neither key nor payload."""
    found = payload_length(data, 0) if len(data) >= 2 else None
    if found is None:
        return None
    (size, at), key = found, None
    if data[1] & MASK:
        key, at = data[at : at + 4], at + 4
    payload = data[at : at + size]
    fin, rsv1, rsv2, rsv3, opcode = split_first_byte(data[0])
    frame = Frame(opcode, mask(payload, key) if key else payload, fin, rsv1, rsv2, rsv3, key)
    return frame, data[at + size :]


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
    normal=named,
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
            "reserved opcodes made an Opcode",
            "`Opcode(3)` raises ValueError: reserved numbers have no name. Nothing is refused here, so give "
            "the opcode as a number.",
            _opcode_by_name,
        ),
        Misconception(
            "the bit's weight in place of True",
            "You give what `&` leaves, such as 128 for FIN. The flags of a frame are True or False: "
            "`bool(data[0] & 0x80)`.",
            _weights,
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
            "a key or a payload that is not all there",
            "You do not look whether the key and the payload have arrived, and a slice takes what there is. "
            "Return None until the last byte is there.",
            _nothing_waited_for,
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
