"""What people type, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn.errors import UsageError
from wslearn.widgets.typed import Form, form_of, read_hex, read_key, read_length, read_payload, write_payload


@given(st.binary(max_size=64))
def test_what_is_written_is_read_back(payload: bytes) -> None:
    forms: tuple[Form, ...] = ("hex", form_of(payload))
    for form in forms:
        assert read_payload(write_payload(payload, form), form) == payload


@pytest.mark.parametrize(
    ("typed", "word"),
    [("8g", "“g”"), ("812", "one digit is missing"), ("８1", "“８”"), ("<b>", "“<”")],
)
def test_bad_hex_says_what_to_do(typed: str, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        read_hex(typed)


@pytest.mark.parametrize("typed", ["", "-1", "1e3", "five", "²", str(1 << 64), "9" * 5000])
def test_bad_length(typed: str) -> None:
    with pytest.raises(UsageError, match="decimal number of bytes"):
        read_length(typed)


def test_the_largest_length() -> None:
    assert read_length(f"{(1 << 64) - 1:,}") == (1 << 64) - 1


@pytest.mark.parametrize("typed", ["", "37 fa 21", "37 fa 21 3d 00"])
def test_a_key_of_another_size(typed: str) -> None:
    with pytest.raises(UsageError, match="four bytes"):
        read_key(typed)


def test_half_of_a_surrogate_pair() -> None:
    with pytest.raises(UsageError, match="surrogate"):
        read_payload("\ud800", "text")


def test_backslashes() -> None:
    assert read_payload(r"C:\new \\n \x", "text") == b"C:\new \\n \\x"
    assert write_payload(b"\\n\n", "text") == r"\\n\n"
