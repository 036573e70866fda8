r"""What people type, and bytes: both ways, with a clear word about what cannot be read.

Text is typed as UTF-8, with ``\r``, ``\n``, ``\t`` and ``\\`` as in Python; hex in any grouping.
"""

from __future__ import annotations

import re
from typing import Literal

from wslearn.errors import UsageError

__all__ = ["LIMIT", "Form", "form_of", "read_hex", "read_key", "read_length", "read_payload", "write_payload"]

Form = Literal["text", "hex"]
LIMIT = 2048  # bytes that can be edited as text or hex; what is longer is shown by its ends

_ESCAPES = {"\\": "\\\\", "\r": "\\r", "\n": "\\n", "\t": "\\t"}
_WRITE = str.maketrans(_ESCAPES)
_READ = {written: character for character, written in _ESCAPES.items()}
_GAPS = re.compile(r"0x|[\s,:]")
_DIGITS = set("0123456789abcdefABCDEF")


def read_hex(typed: str) -> bytes:
    """Read hex digits, with or without gaps.

    Raises
    ------
    UsageError
        For anything else, saying what.

    Examples
    --------
    >>> read_hex("81 05:48656c,6c 0x6f").hex(" ")
    '81 05 48 65 6c 6c 6f'
    """
    digits = _GAPS.sub("", typed)
    if stranger := next((character for character in digits if character not in _DIGITS), None):
        raise UsageError(f"Hex has the digits 0–9 and a–f: take out “{stranger}”.")
    if len(digits) % 2:
        raise UsageError("A byte has two hex digits: one digit is missing.")
    return bytes.fromhex(digits)


def read_key(typed: str) -> bytes:
    """Read a masking key (RFC 6455 §5.3).

    Raises
    ------
    UsageError
        For anything but four bytes in hex.

    Examples
    --------
    >>> read_key("37fa213d").hex(" ")
    '37 fa 21 3d'
    """
    key = read_hex(typed)
    if len(key) != 4:
        raise UsageError(f"A masking key has four bytes, such as 37 fa 21 3d; here are {len(key)}.")
    return key


def read_length(typed: str) -> int:
    """Read a payload length in bytes.

    Raises
    ------
    UsageError
        For anything but a decimal number below 2**64.

    Examples
    --------
    >>> read_length("65,536")
    65536
    """
    digits = typed.replace(",", "").strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 20 or int(digits) >> 64:
        raise UsageError("A length is a decimal number of bytes, from 0 to 2**64 − 1, such as 300.")
    return int(digits)


def read_payload(typed: str, form: Form) -> bytes:
    r"""Read a payload that was typed as text or as hex.

    Raises
    ------
    UsageError
        For hex that is none, and for half of a surrogate pair, which UTF-8 cannot hold.

    Examples
    --------
    >>> read_payload("Hi\\r\\n", "text"), read_payload("ff 00", "hex")
    (b'Hi\r\n', b'\xff\x00')
    """
    if form == "hex":
        return read_hex(typed)
    text = re.sub(r"\\[\\rnt]", lambda match: _READ[match[0]], typed)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise UsageError("Half of a surrogate pair is no character: type it as hex.") from None


def write_payload(payload: bytes, form: Form) -> str:
    r"""Write a payload so that `read_payload` gives it back.

    Examples
    --------
    >>> write_payload(b"Hi\r\n", "text"), write_payload(b"Hi", "hex")
    ('Hi\\r\\n', '48 69')
    """
    return payload.hex(" ") if form == "hex" else payload.decode().translate(_WRITE)


def form_of(payload: bytes) -> Form:
    r"""Say in which form a payload is read best: text, where it is UTF-8 and can be printed.

    Examples
    --------
    >>> form_of("Grüße\n".encode()), form_of(b"\xff"), form_of(b"\x00")
    ('text', 'hex', 'hex')
    """
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return "hex"
    return "text" if text.translate(_WRITE).isprintable() else "hex"
