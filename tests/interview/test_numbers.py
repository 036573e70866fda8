"""Numbers as people type them."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn.errors import UsageError
from wslearn.interview.numbers import read_number, write_number


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
        ("5 TB", "has “TB”, which I cannot read. Type 1.5k, 3 million or 3 × 10⁶. It is counted in GB."),
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


@given(st.text(max_size=12) | st.text("0123456789eE.,_ ×*^kM⁰¹⁻-+x", max_size=12))
def test_anything_is_a_number_or_says_what_to_do(text: str) -> None:
    with suppress(UsageError):
        assert 0 < read_number(text, "GB") < 1e19


@given(st.floats(1e-11, 1e17))
def test_what_is_written_is_read_again(value: float) -> None:
    assert read_number(write_number(value)) == pytest.approx(value, rel=6e-3)
