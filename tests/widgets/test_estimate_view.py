"""EstimateView in Python: what is typed is read, judged, and worked out."""

from dataclasses import replace

import pytest

from tests.course.drawn import drawn
from wslearn.errors import UsageError
from wslearn.interview.bank import Estimate, Given
from wslearn.labs.capacity import Measured
from wslearn.widgets.estimate_view import EstimateView

EVIL = "<img src=x onerror=alert(1)>"
MINE = Measured(6000, 4500, 1, 90e-6, 12e-6, 8e-6, 30e-6)


ONE = Estimate(
    id="a-one",
    lesson="11_scaling",
    topic="scaling",
    difficulty=2,
    question=f"How much is `a`? {EVIL}",
    given={"connections": Given(1e7, "connections"), "memory": Given(10, "kB", "connection")},
    formula="connections * memory / 1000000",
    unit="GB",
    steps=("A step.", "Another."),
    reason="Because.",
    section="RFC 6455 §1.1",
)
TWO = replace(ONE, id="a-two", given={"n": Given(4, "cores")}, formula="n / 2", unit="cores")


class Heard(list[tuple[str, str, bool]]):
    def estimated(self, asked: Estimate, said: str, right: bool) -> None:
        self.append((asked.id, said, right))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def view(heard: Heard) -> EstimateView:
    return EstimateView([ONE, TWO], None, heard.estimated)


class TestEstimates:
    def test_before(self, view: EstimateView) -> None:
        assert repr(view) == "<estimate: 2 estimates>"
        assert view.verdict["verdict"] == "estimate 1 of 2"
        state = repr(view.get_state())
        assert [secret for secret in (ONE.reason, *ONE.steps, ONE.formula) if secret in state] == []

    @pytest.mark.parametrize(
        ("typed", "mark", "said", "right"),
        [
            ("120 GB", "✓", "120 GB", True),
            ("2.5 hundred", "…", "250 GB", False),
            ("1e6", "✗", "1,000,000 GB", False),
        ],
    )
    def test_how_near(
        self, view: EstimateView, heard: Heard, typed: str, mark: str, said: str, right: bool
    ) -> None:
        view.say(typed)
        assert view.verdict["mark"] == mark
        assert view.verdict["text"].startswith(f"You said {said}; it is 100 GB.")
        assert view.verdict["note"] == "RFC 6455 §1.1"
        assert heard == [(ONE.id, said, right)]

    def test_what_is_told_then(self, view: EstimateView) -> None:
        view.say(1000)
        told = view.results[0]
        assert [part["name"] for part in told["parts"]] == ["Answer", "Worked out", "Step by step", "Why"]
        assert told["ruler"] == {
            "ticks": [{"at": at, "power": power} for at, power in ((0, 1), (33.33, 2), (66.67, 3), (100, 4))],
            "near": [23.3, 43.37],
            "guess": 66.67,
            "answer": 33.33,
        }

    @pytest.mark.parametrize("guess", ["100", "1e-12", "1e18", "2", "99999"])
    def test_the_ruler_has_room_for_both(self, view: EstimateView, guess: str) -> None:
        view.say(guess)
        ruler = view.results[0]["ruler"]
        assert 2 <= len(ruler["ticks"]) <= 9
        places = [tick["at"] for tick in ruler["ticks"]] + [ruler["guess"], ruler["answer"], *ruler["near"]]
        assert 0 <= min(places) <= max(places) <= 100

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", "Type a number first. The power of ten is worth most."),
            ("  ", "Type a number first. The power of ten is worth most."),
            ("lots", "“lots” has “lots”, which I cannot read."),
            ("5 TB", "“5 TB” is in another unit. Give it in GB, and leave the unit out."),
        ],
    )
    def test_what_is_no_number(self, view: EstimateView, heard: Heard, typed: str, said: str) -> None:
        view.say(typed)
        assert view.problem.startswith(said)
        assert heard == []
        view.say("100")
        assert (view.problem, len(heard)) == ("", 1)

    def test_an_order_is_obeyed_once(self, view: EstimateView, heard: Heard) -> None:
        for order in ([0, "100", 0], [0, "200", 0], [9, "1", 1], [0, 5, 1]):
            view.asked = order
        assert heard == [(ONE.id, "100 GB", True)]
        assert view.problem.startswith("An answer is ")

    def test_nothing_to_ask(self) -> None:
        with pytest.raises(UsageError, match="nothing to estimate"):
            EstimateView([])


class TestTyping:
    @pytest.mark.parametrize(
        ("typed", "understood"),
        [
            ("3 million", "3,000,000 GB"),
            ("1.5k GB", "1,500 GB"),
            ("300M", "300,000,000 GB: your M counts besides the G of GB; without it, it is 300 GB"),
            ("10⁶", "1,000,000 GB"),
            ("1.", "1 GB"),
            ("3 mil", ""),
            ("", ""),
            ("GB", ""),
        ],
    )
    def test_it_says_what_it_understood(self, view: EstimateView, typed: str, understood: str) -> None:
        view.typed = typed
        assert (view.understood, view.problem) == (understood, "")

    def test_each_has_its_own(self, view: EstimateView) -> None:
        view.typed = "3k"
        view.say("100 GB")
        assert (view.typed, view.understood) == ("100 GB", "100 GB")
        view.say("526")
        assert (view.verdict["mark"], view.verdict["verdict"]) == ("✗", "too high")
        view.say("100 GB")
        view.at = 1
        assert (view.typed, view.understood) == ("", "")
        view.typed = "7"
        assert view.understood == "7 cores"
        view.at = 0
        assert (view.typed, view.understood) == ("100 GB", "100 GB")


class TestOwnFigures:
    def test_they_stand_in_the_place_of_the_books(self, heard: Heard) -> None:
        view = EstimateView([ONE, TWO], MINE, heard.estimated)
        assert "Work with what you measured yourself." in view.verdict["text"]
        given = {line["name"]: line for line in view.items[0]["given"]}
        assert (given["memory"]["value"], given["memory"]["section"]) == ("10.5 kB", "yours")
        view.say(105)
        assert view.verdict["text"] == "You said 105 GB, and so it is."
        names = [part["name"] for part in view.results[0]["parts"]]
        assert names[1] == "Worked out with your own figure"
        view.at = 1
        assert "measured yourself" not in view.verdict["text"]

    def test_without_any_it_says_where_they_come_from(self, view: EstimateView) -> None:
        given = {line["name"]: line for line in view.items[0]["given"]}
        assert given["memory"]["section"] == "the book's"
        assert "lesson 11" in given["memory"]["meaning"]


class TestStill:
    def test_questions_first_and_answers_to_be_opened(self, view: EstimateView) -> None:
        html = view.still()
        shown = drawn(html)
        assert f"How much is a ? {EVIL} ______ GB Answer" in shown.text
        before = "".join(part.split("</details>")[-1] for part in html.split("<details>"))
        assert "100 GB" not in before
        assert "100 GB" in shown.text
        assert shown.tags.count("details") == 2

    def test_it_shows_whose_figures_it_works_with(self) -> None:
        shown = drawn(EstimateView([ONE], MINE).still())
        assert "memory 10.5 kB memory of an idle connection" in shown.text
        assert "10,000,000 connections" not in shown.text
        assert "105 GB" in shown.text

    def test_it_shows_what_was_said(self, view: EstimateView) -> None:
        view.say("1k")
        assert "✗ You said 1,000 GB; it is 100 GB. That is 10 times too high." in drawn(view.still()).text
