"""Exercises of lesson 00: the first message (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.stream.characters import texts
from wslearn.frames import Frame, Opcode, header

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["EXERCISES", "server_frame"]

LESSON = "00_start_here"


# ---------------------------------------------------------------------------------------- server_frame


def server_frame(text: str) -> bytes:
    """Give the frame that a server sends for a text message (RFC 6455 §5.2).

    Parameters
    ----------
    text
        The message.

    Examples
    --------
    >>> server_frame("Hello").hex(" ")
    '81 05 48 65 6c 6c 6f'
    """
    return Frame(Opcode.TEXT, text.encode()).serialize()


def _texts() -> SearchStrategy[tuple[str]]:
    from hypothesis import strategies as st

    return st.tuples(texts(31))  # a character has four bytes at most, and a short frame 125


def _length_of_hello(text: str) -> bytes:
    return b"\x81\x05" + text.encode()


def _hello_again(text: str) -> bytes:  # noqa: ARG001
    return bytes.fromhex("81 05 48 65 6c 6c 6f")


def _in_decimal(text: str) -> bytes:
    payload = text.encode()
    return bytes([81, len(payload)]) + payload


def _length_as_digits(text: str) -> bytes:
    payload = text.encode()
    return b"\x81" + str(len(payload)).encode() + payload


def _zeros(text: str) -> bytes:
    return bytes(0x81) + bytes(len(text)) + text.encode()


def _characters_counted(text: str) -> bytes:
    return bytes([0x81, len(text)]) + text.encode()


def _whole_frame_counted(text: str) -> bytes:
    payload = text.encode()
    return bytes([0x81, len(payload) + 2]) + payload


def _binary(text: str) -> bytes:
    return Frame(Opcode.BINARY, text.encode()).serialize()


def _without_fin(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode(), fin=False).serialize()


def _mask_bit_alone(text: str) -> bytes:
    payload = text.encode()
    return bytes([0x81, 0x80 | len(payload)]) + payload


def _as_the_client(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode(), masking_key=bytes.fromhex("37fa213d")).serialize()


def _header_as_text(text: str) -> bytes:
    return ("\x81" + chr(len(text.encode())) + text).encode()


def _latin_1(text: str) -> bytes:
    payload = text.encode("latin-1")
    return bytes([0x81, len(payload)]) + payload


SERVER_FRAME = Exercise(
    model=server_frame,
    lesson=LESSON,
    section="RFC 6455 §5.2",
    examples=(("",), ("A",), ("é",), ("Hello",), ("€5",), ("wave 👋",), ("x" * 125,), ("é" * 62 + "!",)),
    inputs=_texts,
    hints=(
        "A frame is a header and a payload. You have just seen those of a server's `Hello`, byte by byte.",
        (
            "The first byte is the same for every whole text message. It stands in the picture of the "
            "server's frame."
        ),
        (
            "The second byte is the length of the payload in bytes. `len(text)` counts characters: `é` is "
            "one character and two bytes. Encode first: `payload = text.encode()`."
        ),
        "`bytes([1, 2])` makes two bytes of two numbers, and `+` joins bytes.",
        "`payload = text.encode()`, then `bytes([0x81, len(payload)]) + payload`",
    ),
    misconceptions=(
        Misconception(
            "always the length of Hello",
            "Your second byte is always 5, the length of `Hello`. It is the length of this payload, in bytes "
            "(§5.2).",
            _length_of_hello,
        ),
        Misconception(
            "the frame of Hello, whatever the text",
            "You give the frame of `Hello`, whatever the text is. Length and payload are those of `text`.",
            _hello_again,
        ),
        Misconception(
            "81 in decimal",
            "You wrote 81 as a decimal number, which is the byte `51`. In the picture `81` is hexadecimal: "
            "in Python `0x81`.",
            _in_decimal,
        ),
        Misconception(
            "the length in digits",
            "You write the length as text: the digit `5` is the byte `35`. The header holds the number "
            "itself (§5.2): `bytes([len(payload)])`.",
            _length_as_digits,
        ),
        Misconception(
            "zeros, not numbers",
            "`bytes(129)` makes 129 bytes that are 0. For one byte of that value give it a list: "
            "`bytes([0x81])`.",
            _zeros,
        ),
        Misconception(
            "characters counted, not bytes",
            "You count characters. The length is that of the payload in bytes, and in UTF-8 a character has "
            "one to four of them (§5.2, §5.6): `len(text.encode())`.",
            _characters_counted,
        ),
        Misconception(
            "the header counted too",
            "You count the header's two bytes as well. The length is that of the payload alone (§5.2).",
            _whole_frame_counted,
        ),
        Misconception(
            "binary, not text",
            "Your first byte is `82`: opcode 2, a binary message. A text has opcode 1 (§5.2).",
            _binary,
        ),
        Misconception(
            "without FIN",
            "Your first byte is `01`: FIN is 0, so the receiver waits for more of this message. It is "
            "whole: set FIN, the leftmost bit (§5.2).",
            _without_fin,
        ),
        Misconception(
            "the MASK bit without a key",
            "You set the MASK bit, the leftmost of the second byte, as the client does. Then a receiver "
            "takes the next four bytes for a masking key. A server does not mask (§5.1).",
            _mask_bit_alone,
        ),
        Misconception(
            "masked as the client does",
            "This is the client's frame, with a masking key. A server must not mask: there is no key, and "
            "the payload stands there as it is (§5.1).",
            _as_the_client,
        ),
        Misconception(
            "the header encoded as text",
            "You encode the header together with the text. In UTF-8 the character U+0081 takes the two "
            "bytes `c2 81`. Make the header of numbers: `bytes([0x81, …])`.",
            _header_as_text,
        ),
        Misconception(
            "not UTF-8",
            "You encode with Latin-1, which has one byte for `é` and none at all for `€`. The payload of a "
            "text message is UTF-8 (§5.6).",
            _latin_1,
        ),
    ),
    see=(Frame.serialize, header),
)

EXERCISES = (SERVER_FRAME,)
