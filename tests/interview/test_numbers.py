"""Numbers as people type them."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn.errors import UsageError
from wslearn.interview.numbers import beside_the_unit, read_number, write_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250", 250),
        (" 1_000_000 ", 1e6),
        ("1,000,000", 1e6),
        ("1 000 000", 1e6),
        ("1,000.5", 1000.5),
        ("1e6", 1e6),
        ("2.5E-3", 0.0025),
        ("10⁶", 1e6),
        ("10⁻³", 0.001),
        ("10^6", 1e6),
        ("10 ^ 6", 1e6),
        ("10**6", 1e6),
        ("3×10⁶", 3e6),
        ("3 * 10^6", 3e6),
        ("3 x 10⁶", 3e6),
        ("2·10**3", 2000),
        ("50,000 × 20", 1e6),
        ("1.5k", 1500),
        ("20K", 20_000),
        ("5M", 5e6),
        ("2 bn", 2e9),
        ("3 million", 3e6),
        ("3 millions", 3e6),
        ("a million", 1e6),
        ("one billion", 1e9),
        ("hundred thousand", 1e5),
        ("3 hundred thousand", 3e5),
        (".5", 0.5),
        ("5.", 5),
        ("~100", 100),
        ("≈ 2", 2),
        ("About 40", 40),
        ("ca. 7", 7),
    ],
)
def test_what_can_be_read(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("100 GB", "GB", 100),
        ("100GB", "GB", 100),
        ("1.5k messages a second", "messages a second", 1500),
        ("1.5k messages", "messages a second", 1500),
        ("3 million nodes", "nodes", 3e6),
        ("5 ms", "ms", 5),
        ("5 s", "s", 5),
        ("3 millions", "s", 3e6),
        ("100 kB", "B", 1e5),
        ("8", "", 8),
        ("12 about = some", "about = some", 12),
    ],
)
def test_a_unit_may_stand_behind_it(text: str, unit: str, value: float) -> None:
    assert read_number(text, unit) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "“” is no number that I can read. Type 250, "),
        ("-3", "“-3” is no number"),
        ("1/2", "“1/2” is no number"),
        ("1.000.000", "is no number"),
        ("1__0", "is no number"),
        ("3 ×", "is no number"),
        ("many", "has “many”, which I cannot read"),
        ("a", "has “a”"),
        ("12 x", "has “x”"),
        ("5 TX", "has “TX”, which I cannot read. Type 1.5k, 3 million or 3 × 10⁶. It is counted in GB."),
        ("1/2 GB", "“1/2 GB” is no number that I can read. Type 250, "),
        ("5m", "may be milli or million. Type 5M, 5 million or 5e6."),
        ("1,5", "has a comma. Type a point there"),
        ("0", "is too little, or too much"),
        ("1e400", "is too little, or too much"),
        ("10^-400", "is too little, or too much"),
        ("10^99999999", "is too little, or too much"),
        ("0^-1", "is too little, or too much"),
        ("9" * 400, "is too little, or too much"),
        ("10^-999999999", "is too little, or too much"),
        ("1e999999999999999999999", "is no number"),
        ("10^" + "9" * 5000, "is no number"),
        ("1 " + "a" * 5000 + "!", "is no number"),
    ],
)
def test_what_cannot(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        read_number(text, "GB")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("3 Gbit/s", "Mbit/s"),
        ("3Gbps", "Mbit/s"),
        ("5 TB ", "GB"),
        ("5 ms", "s"),
        ("5 s", "ms"),
        ("200 bytes", "cores"),
    ],
)
def test_another_unit(text: str, unit: str) -> None:
    said = f"“{text}” is in another unit. Give it in {unit}, and leave the unit out."
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"):
        read_number(text, unit)


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("300M", "Mbit/s", "your M counts besides the M of Mbit/s; without it, it is 300 Mbit/s"),
        ("~5 k ", "GiB", "your k counts besides the G of GiB; without it, it is 5 GiB"),
        ("10⁶K", "kB", "your K counts besides the k of kB; without it, it is 1,000,000 kB"),
        ("5.k", "MB", "your k counts besides the M of MB; without it, it is 5 MB"),
        ("3 M", "million requests", "your M counts besides the million of million requests; "),
        ("3 M", "messages a second", ""),
        ("3 M", "s", ""),
        ("3 M", "", ""),
        ("3", "Mbit/s", ""),
        ("3 million", "Mbit/s", ""),
        ("3k GB", "GB", ""),
        ("a k", "GB", ""),
    ],
)
def test_a_letter_for_thousands_beside_a_unit_that_has_one(text: str, unit: str, said: str) -> None:
    assert read_number(text, unit) > 0
    told = beside_the_unit(text, unit)
    assert told.startswith(said)
    assert bool(told) == bool(said)


@given(st.text(max_size=12) | st.text("0123456789eE.,_ ×*^kM⁰¹⁻-+x", max_size=12))
def test_anything_is_a_number_or_says_what_to_do(text: str) -> None:
    with suppress(UsageError):
        assert 0 < read_number(text, "GB") < 1e19


@given(st.floats(1e-11, 1e17))
def test_what_is_written_is_read_again(value: float) -> None:
    assert read_number(write_number(value)) == pytest.approx(value, rel=6e-3)
