"""Numbers as people type them into an estimate: ``1_000_000``, ``3 × 10⁶``, ``1.5k``, ``3 million``."""

from __future__ import annotations

import math
import re

from wslearn.errors import UsageError

__all__ = ["beside_the_unit", "read_number", "write_number"]

_SCALES = {
    "hundred": 1e2,
    "k": 1e3,
    "K": 1e3,
    "thousand": 1e3,
    "M": 1e6,
    "million": 1e6,
    "bn": 1e9,
    "billion": 1e9,
    "trillion": 1e12,
}
_ABOUT = re.compile(r"\s*(?:(?:about|around|roughly|some|ca\.)\s|[~≈=])\s*", re.IGNORECASE)
_TIMES = re.compile(r"[×·]|(?<!\*)\*(?!\*)|(?<=[\d\s])x(?=[\d\s])")
_FACTOR = re.compile(
    r"""\s*
    (?: (?P<digits> \d{1,3} (?:[ ,_]\d{3})+ (?:\.\d*)? | \d+ (?:\.\d*)? | \.\d+ )
        (?: \s*(?:\^|\*\*)\s* (?P<power> [+-]?\d{1,9} )
          | (?P<raised> [⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,9} )
          | [eE] (?P<zeros> [+-]?\d{1,9} )
        )?
      | (?:an?|one) \s
    )?
    \s* (?P<words> (?: [^\W\d_]+ (?: \s+ [^\W\d_]+ )* )? )
    \s*""",
    re.VERBOSE,
)
_PREFIX = re.compile(r"(million|[kMGT])(?: |i?(?:B|bit))")
_SUFFIX = re.compile(r"[\d.⁰¹²³⁴⁵⁶⁷⁸⁹]\s*([kKM])\s*$")
_MEASURE = re.compile(r"(?<![^\W\d_])(?:[kKMGTmµnu]i?)?(?:[bB]its?|[bB]ytes?|[bB]|s)(?:ps|/s)?\s*$")
_LOWERED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_LEAST, _MOST = 1e-12, 1e18


def read_number(text: str, unit: str = "") -> float:
    """Read a number.

    Parameters
    ----------
    text
        What was typed.
    unit
        What it is counted in. It may stand behind the number, or its first word alone.

    Raises
    ------
    UsageError
        When it is no number above zero: the message says what can be read.

    Examples
    --------
    >>> [read_number(text) for text in ("1e6", "1_000_000", "10⁶", "10^6", "a million", "1.5k", "3 × 10⁶")]
    [1000000.0, 1000000.0, 1000000.0, 1000000.0, 1000000.0, 1500.0, 3000000.0]
    >>> read_number("~100 GB", "GB")
    100.0
    """
    about = _ABOUT.match(text)
    rest = text[about.end() :].strip() if about else text.strip()
    rest = rest.removesuffix(next(filter(rest.endswith, (unit, *unit.split()[:1], ""))))
    if re.fullmatch(r"\d+,\d{1,2}", rest.strip()):
        raise UsageError(f"“{text}” has a comma. Type a point there, or thousands such as 1,000.")
    try:
        value = math.prod(_factor(factor) for factor in _TIMES.split(rest))
    except ValueError as why:
        if (other := _MEASURE.search(text)) and unit and other[0].strip() not in {unit, *unit.split()[:1]}:
            raise UsageError(
                f"“{text}” is in another unit. Give it in {unit}, and leave the unit out."
            ) from None
        counted = f" It is counted in {unit}." if unit else ""
        raise UsageError(f"“{text}” {why}{counted}") from None
    except (OverflowError, ZeroDivisionError):
        value = math.inf
    if not _LEAST <= value <= _MOST:
        raise UsageError(f"“{text}” is too little, or too much, to be meant.")
    return value


def _factor(text: str) -> float:
    """Read a number, perhaps with a power, and the words that scale it: ``10⁶``, ``3 hundred thousand``."""
    found = _FACTOR.fullmatch(text)
    if not found or not text.strip():
        raise ValueError(
            "is no number that I can read. Type 250, 1_000_000, 1e6, 3 × 10⁶, 1.5k or 3 million."
        )
    value = float(re.sub("[ ,_]", "", found["digits"])) if found["digits"] else 1.0
    if found["zeros"]:
        value *= 10.0 ** int(found["zeros"])
    elif power := found["power"] or found["raised"]:
        value **= int(power.translate(_LOWERED))
    for word in found["words"].split():
        if word == "m":
            raise ValueError("may be milli or million. Type 5M, 5 million or 5e6.")
        if word.removesuffix("s") not in _SCALES:
            raise ValueError(f"has “{word}”, which I cannot read. Type 1.5k, 3 million or 3 × 10⁶.")
        value *= _SCALES[word.removesuffix("s")]
    return value


def beside_the_unit(text: str, unit: str) -> str:
    """Say so where a number ends in a letter for thousands or millions, and its unit has such a one as well.

    Parameters
    ----------
    text
        A number that `read_number` can read.
    unit
        What it is counted in.

    Examples
    --------
    >>> beside_the_unit("300 M", "Mbit/s")
    'your M counts besides the M of Mbit/s; without it, it is 300 Mbit/s'
    >>> beside_the_unit("300 M", "bit/s"), beside_the_unit("300", "Mbit/s")
    ('', '')
    """
    suffix, prefix = _SUFFIX.search(text), _PREFIX.match(unit)
    if not suffix or not prefix:
        return ""
    without = write_number(read_number(text, unit) / _SCALES[suffix[1]])
    return f"your {suffix[1]} counts besides the {prefix[1]} of {unit}; without it, it is {without} {unit}"


def write_number(value: float) -> str:
    """Write a number so that three of its digits can be read at least.

    Examples
    --------
    >>> write_number(12_345_678.9), write_number(10.5), write_number(1.6667), write_number(0.0041)
    ('12,345,679', '10.5', '1.67', '0.0041')
    """
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
