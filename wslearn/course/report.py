"""What a check found, as text and as a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from html import escape
from typing import TYPE_CHECKING, Any

from wslearn.course.guard import Outcome, kind
from wslearn.picture_card import card, prose, verdict_bar

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.course.exercise import Exercise, Misconception

__all__ = ["Report", "code", "differing_bit", "literal"]

_MARKS = {"right": "✓", "not yet": "✗", "not attempted": "–"}
_RUN = re.compile(rb"(.)\1{63,}", re.DOTALL)
_SHOWN = 72  # characters of a value on each side of the first difference


@dataclass(frozen=True)
class Report:
    """The result of a check.

    Parameters
    ----------
    exercise
        What was checked.
    verdict
        ``"right"``, ``"not yet"`` or ``"not attempted"``.
    values
        The smallest arguments found on which the function is wrong.
    expected, actual
        What the library and the function give for them.
    misconception
        The known mistake behind it, where there is one.
    sentence
        What else is wrong with the call, or missing.
    function
        The student's function, where it is right.
    """

    exercise: Exercise
    verdict: str
    values: tuple[Any, ...] | None = None
    expected: Outcome | None = None
    actual: Outcome | None = None
    misconception: Misconception | None = None
    sentence: str = ""
    function: Callable[..., Any] | None = None

    @property
    def works(self) -> Callable[..., Any]:
        """A function to go on with: the student's where it is right, else the library's."""
        return self.function if self.verdict == "right" and self.function else self.exercise.model

    @property
    def told(self) -> str:
        """What is to be said about it: the known mistake, or what is wrong with the call or the result."""
        if self.misconception:
            return self.misconception.message
        if self.sentence or not (self.expected and self.actual):
            return self.sentence
        return _of_types(self.expected, self.actual, self._should)

    @property
    def _should(self) -> Any:
        """What the library returns: the form in which results are compared may be of another type."""
        exercise = replace(self.exercise, normal=None)
        return exercise.outcome(exercise.model, self.values or ()).value

    @property
    def call(self) -> str:
        """The call that shows the fault, ready to be run."""
        if self.values is None:
            return ""
        named = self.exercise.named(self.values)
        given = [
            f"{name}={literal(value)}" if name in self.exercise.keywords else literal(value)
            for name, value in named.items()
        ]
        return f"{self.exercise.name}({', '.join(given)})"

    def __repr__(self) -> str:
        head = f"{self.exercise.name}: {self.verdict}" + " yet" * (self.verdict == "not attempted")
        lines = [head]
        if self.call:
            lines.append(f"    {self.call}")
        if self.expected and self.actual and self._compared:
            one, other, at = _side_by_side(self.expected, self.actual)
            lines += [f"    expected  {one or '(nothing)'}", f"    yours     {other or '(nothing)'}"]
            lines += ["              " + " " * at + "^ the first difference" + self._bit] if at >= 0 else []
        lines += [f"    {self.told}"] if self.told else []
        if self.verdict == "not yet":
            lines.append(f'    hint("{self.exercise.name}") helps.')
        return "\n".join(lines)

    @property
    def _compared(self) -> bool:
        """Whether the call itself was in order, so that its result is worth a look."""
        return self.actual is not None and (self.actual.raised or not self.actual.fault)

    @property
    def _bit(self) -> str:
        if self.expected and self.actual and not (self.expected.raised or self.actual.raised):
            return differing_bit(self.expected.value, self.actual.value)
        return ""

    def _repr_html_(self) -> str:
        rows = []
        if self.call:
            rows.append(_row("input", code(self.call), "wsl-http"))
        if self.expected and self.actual:
            one, other, at = _side_by_side(self.expected, self.actual)
            rows.append(_row("expected", _marked(one, at), "wsl-payload"))
            if self._compared:
                rows.append(_row("yours", _marked(other, at) + escape(self._bit), "wsl-fault"))
        if self.told:
            rows.append(_row("why" if self.misconception else "what", prose(self.told), "wsl-flags"))
        body = (
            f'<div class="wsl-part"><table class="wsl-words"><tbody>{"".join(rows)}</tbody></table></div>'
            if rows
            else ""
        )
        said = {
            "right": "On the RFC’s examples, at every limit, and on inputs made up for it.",
            "not yet": f'hint("{self.exercise.name}") helps.',
            "not attempted": "The lesson goes on with the library’s function.",
        }[self.verdict]
        bar = verdict_bar(_MARKS[self.verdict], self.verdict, said, self.exercise.section)
        return card(f"Check: {self.exercise.name}", self.verdict, body, bar)


def literal(value: Any) -> str:
    r"""Write a value so that it can be run: bytes that are no text in hex.

    Examples
    --------
    >>> literal(b"Hello"), literal(bytes([0x81, 0])), literal([b"\xff"])
    ("b'Hello'", "bytes.fromhex('81 00')", "[bytes.fromhex('ff')]")
    """
    if isinstance(value, bytes):
        return _bytes(value)
    if type(value) in {list, tuple}:
        inside = ", ".join(map(literal, value)) + "," * (type(value) is tuple and len(value) == 1)
        return f"[{inside}]" if type(value) is list else f"({inside})"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if is_dataclass(value) and not isinstance(value, type):
        return _constructed(value)
    if callable(value):
        return getattr(value, "__name__", repr(value))
    return repr(value)


def _constructed(value: Any) -> str:
    """Write a dataclass as it is made: the leading fields by place, the others by name, no defaults.

    The first field is always written: ``Close()`` would not show its code.

    Examples
    --------
    >>> from wslearn import Close
    >>> literal(Close()), literal(Close(1000, "done"))
    ('Close(1000)', "Close(1000, 'done')")
    """
    given: list[str] = []
    by_place = True
    for at, each in enumerate(fields(value)):
        held = getattr(value, each.name)
        if at and held == each.default:
            by_place = False
        else:
            given.append(literal(held) if by_place else f"{each.name}={literal(held)}")
    return f"{type(value).__name__}({', '.join(given)})"


def _bytes(value: bytes) -> str:
    r"""Write bytes: HTTP as text, what is no text in hex, a long run of one byte as a product.

    Examples
    --------
    >>> _bytes(b"GET / HTTP/1.1\r\n\r\n\x81\x00")
    "b'GET / HTTP/1.1\\r\\n\\r\\n\\x81\\x00'"
    >>> _bytes(b"ab" + bytes(126))
    "b'ab' + b'\\x00' * 126"
    """
    if (run := _RUN.search(value)) is not None:
        parts = [value[: run.start()], value[run.end() :]]
        before, after = (_bytes(part) for part in parts)
        product = f"{run[1]!r} * {len(run[0])}"
        return " + ".join(part for part in (before, product, after) if part != "b''")
    head = value[: value.rfind(b"\r\n")] if b"\r\n" in value else value
    text = head.replace(b"\r\n", b"").decode("latin-1")
    return repr(value) if text.isascii() and text.isprintable() else f"bytes.fromhex({value.hex(' ')!r})"


def differing_bit(expected: Any, actual: Any) -> str:
    """Name the first bit in which two byte strings differ, or say which is longer; else ``""``.

    Examples
    --------
    >>> differing_bit(bytes([0x81, 0x85]), bytes([0x81, 0x05]))
    ': byte 1 is 00000101, not 10000101, so bit 0 of it'
    >>> differing_bit(b"abc", b"ab")
    ': 1 byte too few'
    """
    if not (isinstance(expected, bytes) and isinstance(actual, bytes)):
        return ""
    for at, (one, other) in enumerate(zip(expected, actual, strict=False)):
        if one != other:
            bit = 8 - (one ^ other).bit_length()
            return f": byte {at} is {other:08b}, not {one:08b}, so bit {bit} of it"
    more = len(actual) - len(expected)
    return f": {abs(more)} byte{'s' * (abs(more) != 1)} too {'many' if more > 0 else 'few'}"


def _of_types(expected: Outcome, actual: Outcome, should: Any) -> str:
    """Say so when the result is of another type than `should`, which is what the library returns."""
    if actual.raised and not expected.raised:
        return f"It raises an error where it should return: {str(actual).rstrip('.')}."
    if expected.raised:
        returns = "" if actual.raised else "It returns where it should raise. "
        return f"{returns}The library’s error says: {expected.value}"
    if kind(expected.value) is kind(actual.value):
        return ""
    if actual.value is None:
        return "It returns None here. Is there a return on every way through it?"
    one, other = kind(actual.value), kind(should)
    if one is other:  # of the right type, but nothing that can be compared: a float that is no number
        return ""
    return f"It returns {_article(one.__name__)}; it should return {_article(other.__name__)}."


def _article(name: str) -> str:
    if name in {"NoneType", "bytes"}:
        return name.removesuffix("Type")
    return f"{'an' if name[0] in 'aeiouAEIO' else 'a'} {name}"


def _line(outcome: Outcome) -> str:
    return str(outcome) if outcome.raised else literal(outcome.value)


def _side_by_side(expected: Outcome, actual: Outcome) -> tuple[str, str, int]:
    """Write both in one line each, cut around the first difference; and its place, -1 where there is none.

    Two numbers differ as a whole, and so do True and False: which digit or letter is the first says nothing.
    """
    comparable = not (expected.raised or actual.raised) and kind(expected.value) is kind(actual.value)
    comparable = comparable and not isinstance(expected.value, int | float)
    both_bytes = comparable and isinstance(expected.value, bytes)
    one, other = (each.value.hex(" ") if both_bytes else _line(each) for each in (expected, actual))
    pairs = enumerate(zip(one, other, strict=False))
    at = next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
    if both_bytes:  # a byte is two digits and a blank; where one ends, the other's next byte is meant
        at = at // 3 * 3 if at < min(len(one), len(other)) else (at + 1) // 3 * 3
    start = max(0, at - _SHOWN // 2)
    start -= start % 3
    return (
        _cut(one, start),
        _cut(other, start),
        at - start + (start > 0) * 2 if comparable and one != other else -1,
    )


def _cut(text: str, start: int) -> str:
    shown = text[start : start + _SHOWN]
    return "… " * (start > 0) + shown + " …" * (len(text) > start + _SHOWN)


def _marked(text: str, at: int) -> str:
    if at < 0:
        return code(text)
    size = 2 if re.match(r"[0-9a-f]{2}( |$)", text[at:]) else 1
    before, here, after = text[:at], text[at : at + size], text[at + size :]
    here = f"<mark><b>{escape(here)}</b></mark>" if here else "<mark><b>∅</b></mark>"
    return f"<code>{escape(before)}{here}{escape(after)}</code>"


def code(text: str) -> str:
    """Show a piece of code; what it holds stays text.

    Examples
    --------
    >>> code("a < b")
    '<code>a &lt; b</code>'
    """
    return f"<code>{escape(text)}</code>"


def _row(name: str, cell: str, classes: str) -> str:
    return f'<tr class="{classes}"><th scope="row">{escape(name)}</th><td>{cell}</td></tr>'
