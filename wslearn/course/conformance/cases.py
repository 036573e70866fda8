"""The cases of a conformance run, about 150 of them, in order.

::

    wslearn.vectors   BAD_REQUESTS  BAD_FRAMES ─┐
    wslearn.vectors   FRAMES ─┐                 ├─▶ CASES ──▶ score(target)
    what those lack           ┴─ good_cases ────┘

Where the Autobahn testsuite has a case for the same rule, its number stands beside ours.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wslearn.course.conformance.good import good_cases, heard_from
from wslearn.course.conformance.kinds import GROUPS, Answers, Case, Fails, Refuses, Verdict
from wslearn.errors import UsageError
from wslearn.frames import MASK
from wslearn.vectors import BAD_FRAMES, BAD_REQUESTS
from wslearn.vectors_peers import LENIENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslearn.vectors import BadFrames, BadRequest

__all__ = ["CASES", "GROUPS", "Answers", "Case", "Fails", "Refuses", "select"]

# The group of a bad frame, by the field at fault and its section.
_GROUPS = {
    ("mask", "§5.1"): "masks and lengths",
    ("payload length", "§5.2"): "masks and lengths",
    ("payload length", "§10.4"): "masks and lengths",
    ("rsv1", "§5.2"): "reserved bits",
    ("rsv2", "§5.2"): "reserved bits",
    ("rsv3", "§5.2"): "reserved bits",
    ("opcode", "§5.2"): "opcodes",
    ("opcode", "§5.4"): "fragments",
    ("fin", "§5.5"): "fragments",
    ("payload length", "§5.5"): "ping and pong",
    ("payload", "§8.1"): "UTF-8",
    ("close code", "§5.5.1"): "closing",
    ("close code", "§7.4"): "closing",
    ("close reason", "§8.1"): "closing",
}
_AUTOBAHN = {
    "ping of 126 bytes": "2.5",
    "RSV3, and nothing negotiated": "3.1",
    **{f"reserved opcode {opcode:#x}": f"4.1.{opcode - 2}" for opcode in range(3, 8)},
    **{f"reserved opcode {opcode:#x}": f"4.2.{opcode - 10}" for opcode in range(11, 16)},
    "fragmented ping": "5.1",
    "continuation of nothing": "5.9",
    "continuation of a whole message": "5.15",
    "new text inside fragments": "5.18",
    "a byte that UTF-8 never has": "6.16.2",
    "overlong form of /": "6.17.1",
    "half of a surrogate pair": "6.20.1",
    "a character beyond U+10FFFF": "6.11.5",
    "text that ends inside a character": "6.14.6",
    "close payload of one byte": "7.3.2",
    "close reason that is not UTF-8": "7.5.1",
    **{
        f"close code {code}": f"7.9.{number}"
        for number, code in enumerate((0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999), 1)
    },
    "close code 5000": "7.13.1",
    "close code 65535": "7.13.2",
}
# Of what a server may bear without breaking a rule of its own: where no answer is better than another.
_OPEN = frozenset(
    {
        *("close code 5000", "close code 65535"),
        *("head too large", "too many fields", "a page from elsewhere"),
    }
)
_LARGEST = 1 << 16  # bytes of payload that are sent after a header which announces them
# Both rules speak of a bad reason: that of close frames (§5.5.1), and that of text (§8.1).
_ALSO = {"close reason that is not UTF-8": (1007, 1002)}


def _bad_request(bad: BadRequest) -> Case:
    """Make a case of a handshake that must be refused."""
    expected = Refuses(bad.status, _otherwise(bad.name))
    return Case("opening handshake", bad.name, expected, bad.section, request=bad.data)


def _bad_frames(bad: BadFrames) -> Case:
    """Make a case of frames that must fail the connection.

    Where a header announces what the table leaves out, the payload follows in a second turn, for
    servers that wait for it.
    """
    codes = _ALSO.get(bad.name, (bad.close_code,))
    expected = Fails(codes, heard_from(bad.data), _otherwise(bad.name))
    group = _GROUPS[bad.field, bad.section]
    rest = _announced(bad.data)
    turns = (bad.data, rest) if rest else (bad.data,)
    return Case(group, bad.name, expected, bad.section, _AUTOBAHN.get(bad.name, ""), turns)


def _otherwise(name: str) -> Verdict:
    """Give the verdict on a server that takes the vector of this name for good."""
    return "informational" if name in _OPEN else "non-strict" if name in LENIENT else "fail"


def _announced(data: bytes) -> bytes:
    """Give the zeros that a lone header with an extended length still waits for, but no gigabyte."""
    width = {126: 2, 127: 8}.get(data[1] & 0x7F)
    if width is None:
        return b""
    start = 2 + width
    size = int.from_bytes(data[start - width : start], "big")
    missing = start + 4 * bool(data[1] & MASK) + (size if size <= _LARGEST else 0) - len(data)
    return bytes(max(missing, 0))


def _in_order(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Sort by group, and count from 1."""
    ordered = sorted(cases, key=lambda case: GROUPS.index(case.group))
    return tuple(replace(case, number=number) for number, case in enumerate(ordered, 1))


CASES = _in_order(
    [
        *good_cases(),
        *(_bad_request(bad) for bad in BAD_REQUESTS),
        *(_bad_frames(bad) for bad in BAD_FRAMES if bad.sender == "client"),
    ]
)


def select(only: str | int | Iterable[str | int] | None) -> tuple[Case, ...]:
    """Choose cases.

    Parameters
    ----------
    only
        A group such as ``"closing"``, one of Autobahn's numbers such as ``"6.4.*"``, the number of a
        case, or several of these; ``None`` for all.

    Raises
    ------
    UsageError
        For a word that names no case.

    Examples
    --------
    >>> [case.name for case in select("6.4.1")]
    ['an impossible fragment, and later the rest']
    >>> len(select(["closing", 1])) - len(select("closing"))
    1
    """
    if only is None:
        return CASES
    words = [only] if isinstance(only, str | int) else list(only)
    chosen = set()
    for word in words:
        found = {case.number for case in CASES if _named(case, word)}
        if not found:
            raise UsageError(
                f"{word!r} names no case. A group is one of {', '.join(GROUPS)}; "
                f'a number of Autobahn\'s is "6.4.1" or "6.4.*"; a case is 1 to {len(CASES)}.'
            )
        chosen |= found
    return tuple(case for case in CASES if case.number in chosen)


def _named(case: Case, word: str | int) -> bool:
    if isinstance(word, int):
        return case.number == word
    return case.group == word or (bool(case.autobahn) and fnmatchcase(case.autobahn, word))
