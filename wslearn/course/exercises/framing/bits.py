"""What two bytes give away: check_bits (RFC 6455 §5.1, §5.2, §5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.framing.octet import Octet
from wslearn.errors import ProtocolError
from wslearn.frames import FIN, MASK, RSV1, RSV2, RSV3, Opcode, check_bits

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["CHECK_BITS"]

LESSON = "03_frames"


def _two_bytes() -> SearchStrategy[tuple[int, int, bool, bool]]:
    from hypothesis import strategies as st

    opcodes = st.sampled_from(Opcode) | st.sampled_from(Opcode) | st.integers(0, 15)
    flags = st.sampled_from((FIN, FIN, 0, FIN | RSV1, FIN | RSV2, FIN | RSV3, RSV1))
    lengths = st.sampled_from((0, 5, 124, 125, 126, 127))
    first = st.builds(lambda opcode, flag: int(opcode) | flag, opcodes, flags)
    second = st.builds(lambda bit, size: bit | size, st.sampled_from((0, MASK)), lengths)
    return st.tuples(first.map(Octet), second.map(Octet), st.booleans(), st.booleans())


def _refuse(*, when: bool) -> None:
    if when:
        raise ProtocolError("This frame is illegal.", close_code=1002, section="§5.2", field="header")


def _any_opcode(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    reserved = first & 0x0F not in set(Opcode)
    if reserved:  # a control frame has its other rules, whatever its number
        first = first & 0xF0 | (Opcode.PING if first & 0x08 else Opcode.CONTINUATION)
    check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)


def _other_rsv_unseen(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    check_bits(first & ~(RSV2 | RSV3), second, from_client=from_client, rsv1_means=rsv1_means)


def _no_rsv_seen(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    check_bits(first & ~(RSV1 | RSV2 | RSV3), second, from_client=from_client, rsv1_means=rsv1_means)


def _mask_unseen(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    second = second & 0x7F | (MASK if from_client else 0)
    check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)


def _weight_compared(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
    _refuse(when=(second & MASK) != from_client)
    check_bits(first, second, from_client=from_client, rsv1_means=rsv1_means)


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


_EXAMPLES: tuple[tuple[int, int, *tuple[bool, ...]], ...] = (
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
)

CHECK_BITS = Exercise(
    model=check_bits,
    lesson=LESSON,
    section="RFC 6455 §5.1, §5.2, §5.5",
    examples=tuple((Octet(first), Octet(second), *rest) for first, second, *rest in _EXAMPLES),
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
            "any opcode taken",
            "You take reserved opcodes. Nobody knows what such a frame means, so it is refused: only 0, 1, "
            "2, 8, 9 and 10 are defined (§5.2).",
            _any_opcode,
        ),
        Misconception(
            "RSV2 and RSV3 not looked at",
            "You do not look at RSV2 and RSV3. No extension of this library uses them, so they are 0 (§5.2).",
            _other_rsv_unseen,
        ),
        Misconception(
            "no RSV bit looked at",
            "You look at no RSV bit. They are 0; only RSV1 may be set, on a text or binary frame, where "
            "permessage-deflate was negotiated (§5.2, RFC 7692 §6.1).",
            _no_rsv_seen,
        ),
        Misconception(
            "MASK not looked at",
            "You do not look at MASK. A client masks every frame, a server none (§5.1).",
            _mask_unseen,
        ),
        Misconception(
            "0x80 compared with True",
            "You refuse every masked frame of a client: `second & 0x80` leaves 0x80, which is not equal to "
            "True. `bool(second & 0x80)` is.",
            _weight_compared,
        ),
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
