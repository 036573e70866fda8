"""DecisionView in Python: the student decides first; what the rules say is told afterwards."""

from dataclasses import asdict, replace

import pytest

from tests.course.drawn import drawn
from wslearn.interview.bank import Decision
from wslearn.interview.deciding import RULES, WAYS, Needs, recommend
from wslearn.widgets.decision_view import DecisionView

EVIL = "<img src=x onerror=alert(1)>"
NEEDS = Needs(direction="both")
TAKEN = recommend(NEEDS).way
ITEM = Decision(
    id="a-one",
    lesson="01_why_not_http",
    topic="alternatives",
    difficulty=2,
    question=f"Which of `a < b`? {EVIL}",
    needs=asdict(NEEDS),
    answer=f"{TAKEN}. So.",
    weak="Weak.",
    strong="Strong.",
    points=("One.", "Two.", "Three."),
    reason="Because.",
    section="RFC 6455 §1.1",
)
Told = tuple[str, str, str, bool]


class Heard(list[Told]):
    def decided(self, item: Decision, way: str, why: str, right: bool) -> None:
        self.append((item.id, way, why, right))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def view(heard: Heard) -> DecisionView:
    return DecisionView([ITEM, replace(ITEM, id="a-two", needs=asdict(Needs()))], decided=heard.decided)


class TestDecide:
    def test_before(self, view: DecisionView) -> None:
        assert repr(view) == "<decide: 2 decisions and your own needs>"
        assert view.verdict["verdict"] == "decision 1 of 2"
        secrets = ("Strong.", "Weak.", "not needed", recommend(NEEDS).reason)
        state = repr(view.get_state())
        assert [secret for secret in secrets if secret in state] == []

    def test_as_the_rules(self, view: DecisionView, heard: Heard) -> None:
        view.decide(TAKEN, "both speak")
        assert view.verdict == {
            "mark": "✓",
            "verdict": "as the rules",
            "text": f"You take {TAKEN}, and so do the rules.",
            "note": "RFC 6455 §1.1",
        }
        assert heard == [("a-one", TAKEN, "both speak", True)]

    def test_otherwise(self, view: DecisionView, heard: Heard) -> None:
        view.decide("polling")
        assert (view.verdict["mark"], view.verdict["verdict"]) == ("✗", "not as the rules")
        assert f"You take polling, the rules take {TAKEN}." in view.verdict["text"]
        assert heard == [("a-one", "polling", "", False)]

    def test_what_is_told_then(self, view: DecisionView) -> None:
        view.decide("polling")
        told = view.results[0]
        assert told["lines"] == [line._asdict() for line in recommend(NEEDS).lines()]
        here = [line["section"].endswith(", here") for line in told["rules"]]
        assert here == [rule.applies(NEEDS) for rule in RULES]
        parts = {part["name"]: part["texts"] for part in told["parts"]}
        assert parts["A strong answer"] == ("Strong.",)
        assert parts["A weak answer"] == ("Weak.",)
        assert told["source"].startswith("RFC 6455 §1.1 · lesson ")

    @pytest.mark.parametrize("given", [{}, {"way": ""}, {"way": "pigeons"}, {"way": None, "why": 3}])
    def test_no_way(self, view: DecisionView, heard: Heard, given: dict[str, object]) -> None:
        view.asked = [0, given, 0]
        assert view.problem == "Choose a way first."
        assert heard == []

    @pytest.mark.parametrize("order", [[0], [0, "SSE", 0], [7, {"way": "SSE"}, 0], ["0", {}, 0]])
    def test_what_is_no_answer(self, view: DecisionView, heard: Heard, order: list[object]) -> None:
        view.asked = order
        assert view.problem.startswith("An answer is ")
        assert heard == []

    def test_a_late_order_is_not_obeyed(self, view: DecisionView, heard: Heard) -> None:
        view.asked = [0, {"way": "SSE"}, 0]
        view.asked = [0, {"way": "polling"}, 0]
        assert len(heard) == 1

    def test_a_reason_is_a_line(self, view: DecisionView, heard: Heard) -> None:
        view.decide("SSE", f"one\n two\x1b {'x' * 1000}")
        ((_, _, why, _),) = heard
        assert why.startswith("one two")
        assert "\x1b" not in why
        assert len(why) == 300


class TestOwnNeeds:
    def test_they_are_set_and_decided_by(self, view: DecisionView, heard: Heard) -> None:
        view.at = 2
        assert view.verdict["verdict"] == "your own needs"
        for needs in (Needs(network="blocked"), Needs(browser="none", direction="both")):
            view.needs = asdict(needs)
            way = recommend(needs).way
            view.decide(way)
            assert view.results[2]["right"]
            assert view.results[2]["parts"] == []
            assert f"You take {way}" in view.verdict["text"]
        assert heard == []

    def test_other_needs_want_another_decision(self, view: DecisionView) -> None:
        view.at = 2
        view.decide("SSE")
        view.needs = asdict(Needs(loss="newest"))
        assert view.results[2] == {}
        assert view.verdict["mark"] == "–"

    @pytest.mark.parametrize(
        ("bad", "said"), [({"rate": "huge"}, "rate is one of rare"), ({"latency": [1]}, "latency is one of")]
    )
    def test_a_bad_one_leaves_the_last_good(
        self, view: DecisionView, bad: dict[str, object], said: str
    ) -> None:
        good = asdict(Needs(clients="many"))
        view.needs = good
        view.needs = good | bad
        assert view.problem.startswith(said)
        assert view.needs == good
        view.at = 2
        view.decide("SSE")
        assert view.problem == ""

    def test_it_can_begin_with_them(self) -> None:
        view = DecisionView([ITEM], Needs(rate="fast"))
        assert (view.at, view.needs["rate"]) == (1, "fast")
        assert DecisionView([]).verdict["verdict"] == "your own needs"


class TestStill:
    def test_decisions_first_and_the_rules_to_be_opened(self, view: DecisionView) -> None:
        html = view.still()
        shown = drawn(html)
        assert f"Which of a < b ? {EVIL} direction: both, rate: steady" in shown.text
        before = "".join(part.split("</details>")[-1] for part in html.split("<details>"))
        for told in ("Strong.", "not needed", *WAYS.values()):
            assert told not in before
        assert "Strong." in shown.text
        assert f"All {len(RULES)} rules" in shown.text
        assert shown.tags.count("details") == 3

    def test_what_was_decided_is_in_it(self, view: DecisionView) -> None:
        before = view.still()
        view.decide("polling")
        assert f"You take polling, the rules take {TAKEN}." in drawn(view.still()).text
        assert "Set what is needed" not in before
        view.at = 2
        assert "Set what is needed" in view.still()
