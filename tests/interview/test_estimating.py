"""Estimates: how near they are, and with whose figures they are worked out."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn.course.progress import progress
from wslearn.interview import estimate
from wslearn.interview.bank import Estimate, Given, bank, item
from wslearn.interview.estimating import (
    FIGURES,
    Judged,
    answer_parts,
    given_lines,
    own_figures,
    worked,
)
from wslearn.labs.capacity import Measured

MINE = Measured(6000, 4500, 1, 90e-6, 12e-6, 8e-6, 30e-6)
ESTIMATES = [each for each in bank() if isinstance(each, Estimate)]
every_estimate = pytest.mark.parametrize("each", ESTIMATES, ids=lambda each: each.id)


def made(**change: Any) -> Estimate:
    more = {
        "given": {"n": Given(2, "nodes"), "cost": Given(5, "ms", "handshake")},
        "formula": "ceil(n * (cost + 1)) ** 2 - 3.5 / n",
        **change,
    }
    return Estimate(
        id="a-b",
        lesson="11_scaling",
        topic="scaling",
        difficulty=1,
        question="How many?",
        reason="So.",
        unit="cores",
        steps=("Step.",),
        **more,
    )


class TestJudged:
    @pytest.mark.parametrize(
        ("guess", "mark", "verdict"),
        [
            (100, "✓", "within a factor of two"),
            (50, "✓", "within a factor of two"),
            (200, "✓", "within a factor of two"),
            (49, "…", "the right power of ten"),
            (201, "…", "the right power of ten"),
            (316, "…", "the right power of ten"),
            (317, "✗", "too high"),
            (999, "✗", "too high"),
            (31, "✗", "too low"),
            (10, "✗", "a power of ten too low"),
            (1000, "✗", "a power of ten too high"),
            (1, "✗", "2 powers of ten too low"),
            (1e9, "✗", "7 powers of ten too high"),
        ],
    )
    def test_how_near(self, guess: float, mark: str, verdict: str) -> None:
        judged = Judged(guess, 100)
        assert (judged.mark, judged.verdict, judged.right) == (mark, verdict, mark == "✓")

    @pytest.mark.parametrize(
        ("guess", "said"),
        [
            (102, "You said 102 GB, and so it is."),
            (80, "You said 80 GB; it is 100 GB. That is 1.2 times too low."),
            (250, "You said 250 GB; it is 100 GB. That is 2.5 times too high."),
            (900, "You said 900 GB; it is 100 GB. That is 9 times too high."),
            (3000, "You said 3,000 GB; it is 100 GB. That is 30 times too high."),
        ],
    )
    def test_in_words(self, guess: float, said: str) -> None:
        assert Judged(guess, 100).text("GB") == said

    @given(st.floats(1e-9, 1e15), st.floats(1e-9, 1e15))
    def test_within_a_factor_of_two_is_the_right_power(self, guess: float, answer: float) -> None:
        judged = Judged(guess, answer)
        assert not judged.right or judged.powers == 0
        assert Judged(answer, guess).powers == -judged.powers


class TestOwnFigures:
    @pytest.mark.parametrize(
        ("figure", "unit", "value"),
        [
            ("connection", "kB", 10.5),
            ("connection", "bytes", 10_500),
            ("memory", "KiB", 6000 / 1024),
            ("kernel", "MB", 0.0045),
            ("handshake", "µs", 90),
            ("message", "ms", 0.012),
            ("delivery", "s", 8e-6),
            ("ping", "µs", 30),
        ],
    )
    def test_in_the_items_unit(self, figure: str, unit: str, value: float) -> None:
        asked = made(given={"n": Given(1, "nodes"), "cost": Given(1, unit, figure)})
        assert own_figures(asked, MINE) == {"cost": pytest.approx(value)}

    def test_each_names_something_that_is_measured(self) -> None:
        known = {field.name for field in fields(Measured)}
        assert FIGURES.keys() - {"connection"} <= known

    def test_without_any(self) -> None:
        assert own_figures(made(), None) == {}

    def test_what_could_not_be_measured_is_left_to_the_book(self) -> None:
        asked = made(given={"n": Given(1, "nodes"), "cost": Given(1, "kB", "kernel")})
        assert own_figures(asked, Measured(6000, 0, 1, 0, 0, 0, 0)) == {}

    def test_some_items_use_each_of_several(self) -> None:
        used = {given.measured for each in ESTIMATES for given in each.given.values()}
        assert {"connection", "handshake", "delivery", "ping"} <= used

    @every_estimate
    def test_an_items_figures_are_there_in_its_unit(self, each: Estimate) -> None:
        for given_ in each.given.values():
            if given_.measured:
                assert given_.unit in FIGURES[given_.measured].units
                assert each.lesson == "11_scaling"
        own = own_figures(each, MINE)
        assert own.keys() == {name for name, given_ in each.given.items() if given_.measured}
        if own:
            assert each.result(own) != each.result()
            # Another machine is not another world: the book's figures are of its kind.
            for name, value in own.items():
                assert 0.2 < value / each.given[name].value < 5


class TestWorked:
    def test_with_names_and_with_figures(self) -> None:
        assert worked(made()) == (
            "round up(n × (cost + 1)) ^ 2 − 3.5 ÷ n",
            "round up(2 × (5 + 1)) ^ 2 − 3.5 ÷ 2 = 142 cores",
        )

    def test_with_ones_own(self) -> None:
        _, figures = worked(made(), {"cost": 0.09})
        assert figures == "round up(2 × (0.09 + 1)) ^ 2 − 3.5 ÷ 2 = 7.25 cores"

    @every_estimate
    def test_every_item_can_be(self, each: Estimate) -> None:
        names, figures = worked(each)
        assert "*" not in names + figures
        assert "/" not in names.replace(each.unit, "")
        assert figures.endswith(f" {each.unit}")
        assert not set(re.findall(r"[a-z_]+", figures.partition(" = ")[0])) - {"round", "up"}


class TestAnswer:
    def test_with_the_figures_of_the_book(self) -> None:
        parts = {part.name: part.texts for part in answer_parts(made())}
        assert parts == {
            "Answer": ("142 cores",),
            "Worked out": worked(made()),
            "Step by step": ("Step.",),
            "Why": ("So.",),
        }

    def test_with_ones_own(self) -> None:
        first, second, third, _ = answer_parts(made(), {"cost": 0.09})
        assert first.texts == ("7.25 cores",)
        assert second.name == "Worked out with your own figure"
        assert third.name == "Step by step, with the figures of the book"
        both = answer_parts(made(), {"cost": 0.09, "n": 3})
        assert both[1].name == "Worked out with your own figures"

    def test_what_is_given_says_whose_it_is(self) -> None:
        theirs, mine = list(given_lines(made())), list(given_lines(made(), {"cost": 0.09}))
        assert theirs[0] == mine[0]
        assert (theirs[0].value, theirs[0].section) == ("2 nodes", "")
        assert (theirs[1].value, theirs[1].section) == ("5 ms", "the book's")
        assert "lesson 11 measures yours" in theirs[1].meaning
        assert (mine[1].value, mine[1].section) == ("0.09 ms", "yours")
        assert "the book says 5 ms" in mine[1].meaning


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who has done nothing yet."""
    monkeypatch.setenv("WSLEARN_DATA", str(tmp_path))


@pytest.mark.usefixtures("kept")
class TestEstimate:
    def test_what_was_measured_is_used(self) -> None:
        asked = item("scaling-memory-ten-million")
        assert isinstance(asked, Estimate)
        assert estimate(asked.id).own == ({},)
        MINE.keep()
        assert estimate(asked.id).own == ({"memory": 10.5},)
        assert estimate(asked.id, own=False).own == ({},)

    def test_all_or_some(self) -> None:
        assert len(estimate().estimates) == len(ESTIMATES)
        assert {each.topic for each in estimate(topic="tls").estimates} == {"tls"}

    def test_what_was_said_is_kept(self) -> None:
        view = estimate("scaling-memory-ten-million")
        view.say("1k")
        view.say("nonsense")
        view.say(120)
        kept = [
            (row["question"], row["lesson"], row["chosen"], row["is_right"]) for row in progress().answers
        ]
        assert kept == [
            ("scaling-memory-ten-million", "11_scaling", ["1,000 GB"], False),
            ("scaling-memory-ten-million", "11_scaling", ["120 GB"], True),
        ]
