"""PredictView in Python: what was predicted beside what happened, and no surprise where nothing was."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.course.drawn import drawn
from wslearn.errors import UsageError
from wslearn.widgets.comparison import Comparison
from wslearn.widgets.predict_view import PredictView

ACTUAL = {0: 2, 126: 4, 65536: 10}
EVIL = "<img src=x onerror=alert(1)>"


def number(guess: str = "", unit: str = "bytes") -> PredictView:
    view = PredictView("How long is `Hello`?", unit=unit)
    if guess:
        view.guesses = [guess]
    return view


def table(*guesses: str) -> PredictView:
    view = PredictView("How long is it?", rows=(0, 126, 65536), row="payload", unit="bytes")
    if guesses:
        view.guesses = [*guesses]
    return view


class TestNumber:
    def test_no_prediction(self) -> None:
        view = number()
        assert repr(view) == "<predict 'How long is Hello?': no prediction yet>"
        assert (view.verdict["mark"], view.verdict["verdict"]) == ("–", "no prediction yet")
        found = view.compare(11, because="Two and `four` and five.")
        assert repr(found) == "You made no prediction. It is 11 bytes.\nTwo and four and five."
        assert not found.answered

    @pytest.mark.parametrize(
        ("guess", "actual", "said"),
        [
            ("5", 11, "✗ You said 5 bytes. It is 11 bytes."),
            ("11", 11, "✓ You said 11 bytes, and so it is."),
            ("11", 11.0, "✓ You said 11 bytes, and so it is."),
            (" 11 bytes", 11, "✓ You said 11 bytes, and so it is."),
            ("0x0b", 11, "✓ You said 11 bytes, and so it is."),
            ("65,536", 65536, "✓ You said 65,536 bytes, and so it is."),
            ("1e3", 1000, "✓ You said 1,000 bytes, and so it is."),
            ("0.5", 0.25, "✗ You said 0.5 bytes. It is 0.25 bytes."),
            ("1", 2, "✗ You said 1 byte. It is 2 bytes."),
            ("-3", 3, "✗ You said -3 bytes. It is 3 bytes."),
        ],
    )
    def test_compared(self, guess: str, actual: float, said: str) -> None:
        view = number(guess)
        assert view.problem == ""
        assert view.verdict["mark"] == ""
        assert repr(view.compare(actual)) == said

    @pytest.mark.parametrize("guess", ["eleven", "1,5", "1,00", "nan", "inf", "0x", "5 5", EVIL])
    def test_what_is_no_number_is_no_prediction(self, guess: str) -> None:
        view = number(guess)
        assert view.problem == f"“{guess}” is not a number such as 12, 1,000 or 0x7f."
        assert repr(view.compare(11)) == "You made no prediction. It is 11 bytes."
        view.guesses = ["7"]
        assert view.problem == ""

    def test_without_a_unit(self) -> None:
        assert repr(number("5", unit="").compare(1)) == "✗ You said 5. It is 1."

    def test_compared_with_no_number(self) -> None:
        with pytest.raises(UsageError, match="compare with a number, not with b'Hello'"):
            number().compare(b"Hello")

    @given(st.text(max_size=12))
    def test_whatever_is_typed(self, typed: str) -> None:
        view = number()
        view.guesses = [typed]
        assert view.compare(11).answered is (
            not view.problem and bool(typed.strip().removesuffix("bytes").strip())
        )


class TestChoice:
    def view(self, *more: Any) -> PredictView:
        return PredictView("What is the first byte?", ("02", "82", EVIL, *more))

    def test_the_mock_of_a_lesson(self) -> None:
        view = self.view()
        assert repr(view.compare("82")) == "You made no prediction. It is 82."
        view.guesses = ["02"]
        assert repr(view) == "<predict 'What is the first byte?': 02>"
        assert view.verdict["verdict"] == "you say 02"
        assert repr(view.compare("82")) == "✗ You said 02. It is 82."
        view.guesses = ["82"]
        assert repr(view.compare("82")) == "✓ You said 82, and so it is."

    def test_numbers_are_choices_too(self) -> None:
        view = PredictView("Which code?", (1002, 1007))
        view.guesses = ["1002"]
        assert view.compare(1002).right
        assert not view.compare(1007).right

    def test_what_happened_need_not_be_among_them(self) -> None:
        assert repr(self.view().compare("81")) == "You made no prediction. It is 81."

    def test_what_is_none_of_them(self) -> None:
        view = self.view()
        view.guesses = ["83"]
        assert view.problem == "“83” is none of the choices."

    @pytest.mark.parametrize("choices", [["a"], ["a", "a"], [1, "1"], list("abcdefghij")])
    def test_bad_choices_are_misuse(self, choices: list[str]) -> None:
        with pytest.raises(UsageError, match="Give two to 9 choices that differ"):
            PredictView("Which?", choices)


class TestRows:
    def test_no_prediction(self) -> None:
        assert repr(table().compare(ACTUAL, because="Three forms.")).splitlines() == [
            "payload  it is",
            "0        2 bytes",
            "126      4 bytes",
            "65,536   10 bytes",
            "You made no prediction.",
            "Three forms.",
        ]

    def test_some_right(self) -> None:
        view = table("2", "2", "")
        assert view.verdict["verdict"] == "2 of 3 predicted"
        found = view.compare(ACTUAL)
        assert repr(found).splitlines() == [
            "payload  you said  it is",
            "0        2 bytes   2 bytes   ✓",
            "126      2 bytes   4 bytes   ✗",
            "65,536   –         10 bytes  –",
            "✗ 1 of 3 right.",
        ]
        assert not found.right

    def test_all_right(self) -> None:
        view = table("2", "4", "10")
        assert view.verdict["text"] == "Run on and see."
        found = view.compare(ACTUAL)
        assert found.right
        assert repr(found).endswith("✓ 3 of 3 right.")

    def test_with_choices(self) -> None:
        view = PredictView("Which code?", (1002, 1009), rows=("no mask", "a gigabyte"), row="frame")
        view.guesses = ["1002", "1002"]
        found = view.compare({"no mask": 1002, "a gigabyte": 1009, "more": 1000})
        assert [row.mark for row in found.rows] == ["✓", "✗"]

    @pytest.mark.parametrize("actual", [11, {0: 2, 126: 4}, {"0": 2, "126": 4, "65536": 10}, [2, 4, 10]])
    def test_a_row_that_is_missing(self, actual: object) -> None:
        with pytest.raises(UsageError, match="a mapping that has 0, 126, 65,536"):
            table().compare(actual)

    @pytest.mark.parametrize("guesses", [[], ["1"], ["1"] * 4])
    def test_too_few_or_too_many(self, guesses: list[str]) -> None:
        view = table("2", "4", "10")
        view.guesses = guesses
        assert view.problem == f"There is room for 3 answers; {len(guesses)} came."
        assert view.guesses == ["", "", ""]


class TestTold:
    def test_only_what_was_predicted(self) -> None:
        told: list[Comparison] = []
        view = PredictView("How many?", compared=told.append)
        view.compare(11)
        assert told == []
        view.guesses = ["5"]
        assert [view.compare(11)] == told
        assert (told[0].rows[0].guess, told[0].rows[0].actual, told[0].right) == ("5", "11", False)


class TestPictures:
    def test_without_a_prediction_they_are_the_same_in_every_run(self) -> None:
        for one, other in ((number(), number()), (table(), table())):
            assert one.still() == other.still()
        assert number().compare(11)._repr_html_() == number().compare(11)._repr_html_()

    def test_stills(self) -> None:
        assert "How long is Hello ? ______ bytes" in drawn(number().still()).text
        assert "How long is Hello ? 5 bytes" in drawn(number("5").still()).text
        assert "payload bytes 0 2 126 ______ 65,536 ______" in drawn(table("2", "", "").still()).text
        view = PredictView("Which?", ("a `b`", EVIL), unit="things")
        view.guesses = [EVIL]
        assert f"○ a b things ● {EVIL} things" in drawn(view.still()).text

    def test_comparisons(self) -> None:
        text = drawn(number("5").compare(11, because="Look at `Frame`.")._repr_html_()).text
        assert text == (
            "How long is Hello? prediction you said it is 5 bytes 11 bytes ✗ not so Look at Frame . "
            "✗ not as predicted You said 5 bytes. It is 11 bytes."
        )
        text = drawn(table("2", "4", "").compare(ACTUAL)._repr_html_()).text
        assert "payload you said it is 0 2 bytes 2 bytes ✓ right 126 4 bytes 4 bytes ✓ right" in text
        assert "65,536 – 10 bytes ✗ not as predicted 2 of 3 right." in text
        text = drawn(number().compare(11)._repr_html_()).text
        assert text.endswith("– 11 bytes – no prediction You made no prediction. It is 11 bytes.")

    def test_nothing_in_them_is_markup(self) -> None:
        view = PredictView(EVIL, ("a", EVIL), rows=(EVIL, "b"), row=EVIL, unit=EVIL)
        view.guesses = [EVIL, ""]
        for html in (view.still(), view.compare({EVIL: EVIL, "b": "a"}, because=EVIL)._repr_html_()):
            assert EVIL in drawn(html).text
