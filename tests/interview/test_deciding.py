"""The rules that say which way to push: each is needed, together they answer always, and items agree."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.course.drawn import drawn
from wslearn.course.progress import progress
from wslearn.errors import UsageError
from wslearn.interview import decide, deciding, rules
from wslearn.interview.bank import Decision, bank
from wslearn.interview.deciding import NEEDS, RULES, WAYS, Needs, Recommendation, Rule, recommend
from wslearn.interview.ways import COSTS

EVERY = [Needs(**dict(zip(NEEDS, values, strict=True))) for values in product(*NEEDS.values())]
RECOMMENDED = {needs: recommend(needs) for needs in EVERY}
DECISIONS = [each for each in bank() if isinstance(each, Decision)]
SENTENCES = re.compile(r"[A-Z].*\.", re.DOTALL)


def names(rule: Rule) -> str:
    return f"{rule.way}, {rule.when}"


every_rule = pytest.mark.parametrize("rule", RULES, ids=names)


class TestTable:
    @every_rule
    def test_it_is_about_what_there_is(self, rule: Rule) -> None:
        assert rule.way in WAYS
        assert rule.where
        for need, values in rule.where.items():
            assert set(values) < set(NEEDS[need]), "a rule that holds for all values asks nothing"

    @every_rule
    def test_it_applies_to_some_and_changes_something(
        self, rule: Rule, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        concerned = [needs for needs in EVERY if rule.applies(needs)]
        assert 0 < len(concerned) < len(EVERY)
        monkeypatch.setattr(deciding, "RULES", tuple(each for each in RULES if each is not rule))
        assert any(recommend(needs).way != RECOMMENDED[needs].way for needs in concerned)

    def test_it_applies_where_all_its_needs_are(self) -> None:
        rule = Rule("polling", {"rate": ("steady", "fast"), "loss": ("newest",)}, "So.")
        assert rule.applies(Needs(rate="fast", loss="newest"))
        assert not rule.applies(Needs(rate="fast", loss="never"))
        assert not rule.applies(Needs(rate="rare", loss="newest"))
        assert rule.when == "rate: steady or fast; loss: newest"

    def test_texts_are_sentences(self) -> None:
        for text in (*WAYS.values(), *COSTS.values(), *(rule.why for rule in RULES)):
            assert SENTENCES.fullmatch(text), text
            assert len(text) <= 140
        assert WAYS.keys() == COSTS.keys()
        assert len({(rule.way, rule.when) for rule in RULES}) == len(RULES)


class TestNeeds:
    @pytest.mark.parametrize("need", NEEDS)
    @pytest.mark.parametrize("value", ["sideways", None, ["server"]])
    def test_another_value_is_refused(self, need: str, value: Any) -> None:
        with pytest.raises(UsageError, match=f"{need} is one of {', '.join(NEEDS[need])}; not "):
            Needs(**{need: value})

    def test_they_are_those_of_the_table(self) -> None:
        assert list(asdict(Needs())) == list(NEEDS)


class TestRecommend:
    def test_every_way_is_recommended_for_something(self) -> None:
        assert {each.way for each in RECOMMENDED.values()} == WAYS.keys()

    def test_there_are_reasons_whatever_is_needed(self) -> None:
        for needs, each in RECOMMENDED.items():
            first, *others = each.lines()
            assert (first.name, first.value) == (each.way, "taken")
            assert {line.name for line in others} - {"it gives up", "it costs"} == WAYS.keys() - {each.way}
            for line in (first, *others):
                assert SENTENCES.fullmatch(line.meaning), (needs, line)

    def test_what_is_taken_gives_up_nothing_where_anything_does_all(self) -> None:
        for each in RECOMMENDED.values():
            does_all = [way for way in WAYS if not each.against[way]]
            if does_all:
                assert each.way == does_all[0], "the simplest"
                assert each.gives_up == ()
            else:
                assert each.gives_up
                assert each.reason.startswith("No way does all of that")

    def test_a_price_is_rather_paid_than_a_way_taken_that_is_out(self) -> None:
        for each in RECOMMENDED.values():
            if any(not rule.costly for rule in each.against[each.way]):
                for way in WAYS:
                    assert any(not rule.costly for rule in each.against[way])

    def test_another_need_that_is_said_to_lead_elsewhere_does(self) -> None:
        for needs in EVERY[::37]:
            found: dict[str, set[tuple[str, str]]] = {way: set() for way in WAYS}
            for way, text in recommend(needs).otherwise.items():
                for change in filter(None, re.split(f", or (?=(?:{'|'.join(NEEDS)}) were )", text)):
                    need, _, values = change.partition(" were ")
                    found[way] |= {(need, value) for value in re.split(", | or ", values)}
            for need, values_of in NEEDS.items():
                for value in values_of:
                    way = recommend(replace(needs, **{need: value})).way
                    assert ((need, value) in found[way]) == (way != recommend(needs).way)

    @pytest.mark.parametrize(
        ("needs", "way"),
        [
            ({"rate": "rare", "latency": "minutes", "clients": "huge"}, "polling"),
            ({"rate": "rare", "latency": "seconds", "network": "mobile"}, "SSE"),
            ({"clients": "huge"}, "SSE"),
            ({"network": "blocked"}, "long polling"),
            ({"direction": "both", "network": "blocked"}, "long polling"),
            ({"direction": "both", "browser": "none"}, "gRPC streaming"),
            ({"direction": "both"}, "WebSocket"),
            ({"infrastructure": "functions"}, "WebSocket"),
            ({"infrastructure": "functions", "latency": "seconds"}, "polling"),
        ],
    )
    def test_what_an_expert_says(self, needs: dict[str, str], way: str) -> None:
        assert recommend(Needs(**needs)).way == way

    def test_late_values_over_a_mobile_network(self) -> None:
        late = Needs(direction="both", rate="fast", loss="newest", network="mobile", browser="current")
        assert recommend(late).way == "WebTransport"
        with_any = recommend(replace(late, browser="any"))
        assert with_any.way == "WebSocket"
        assert "one lost packet holds up" in " ".join(with_any.gives_up)
        assert recommend(replace(late, loss="never")).way == "WebSocket"

    def test_its_text(self) -> None:
        text = f"{recommend(Needs(direction='both', latency='seconds', network='mobile'))!r}"
        simpler = "polling, SSE, long polling and gRPC streaming would not."
        assert text.startswith(f"WebSocket: It is the simplest way that does all of that: {simpler}\n")
        assert "\nit costs: A connection's state on the server" in text
        assert "\npolling: Each question wakes the phone's radio" in text
        assert "It would be taken if latency were minutes" in text

    def test_what_would_have_to_change_is_a_sentence(self) -> None:
        text = f"{recommend(Needs(latency='seconds'))!r}"
        assert "\nSSE: It would do, and is less simple. It would be taken if " in text
        said = "latency were instant, or clients were many or huge, or network were mobile."
        assert said in text
        assert not re.search(rf"\b({'|'.join(NEEDS)}):", text)

    def test_its_picture(self) -> None:
        shown = drawn(recommend(Needs(infrastructure="functions", direction="both"))._repr_html_())
        assert "infrastructure: functions" in shown.text
        assert "it gives up" in shown.text
        assert "SSE out It goes one way" in shown.text
        assert shown.text.endswith(
            "✓ WebSocket One connection, on which both ends send messages at any time."
        )


class TestItems:
    def test_there_are_some(self) -> None:
        assert len(DECISIONS) >= 6

    @pytest.mark.parametrize("each", DECISIONS, ids=lambda each: each.id)
    def test_an_item_says_what_the_rules_say(self, each: Decision) -> None:
        assert set(each.needs) == set(NEEDS), "all needs are said"
        recommended = recommend(Needs(**each.needs))
        way = recommended.way
        begins = way if way == "gRPC streaming" else way[0].upper() + way[1:]  # a name keeps its small letter
        assert re.match(rf"{begins}\b", each.answer), f"{recommended}"
        assert not any(not rule.costly for rule in recommended.against[recommended.way])


class TestRules:
    def test_all_of_them(self) -> None:
        lines = list(rules().lines())
        assert [(line.name, line.value, line.meaning) for line in lines] == [
            (rule.way, rule.when, rule.why) for rule in RULES
        ]
        assert {line.kind for line in lines} == {"flags"}
        assert repr(rules()).count("\n") == len(RULES) - 1

    def test_those_that_apply_are_marked(self) -> None:
        needs = Needs(network="blocked", browser="none")
        for line, rule in zip(rules(needs).lines(), RULES, strict=True):
            assert line.section.endswith(", here") == rule.applies(needs)
            assert (line.kind != "flags") == rule.applies(needs)

    def test_its_picture(self) -> None:
        shown = drawn(rules()._repr_html_())
        assert shown.tags.count("tr") == len(RULES) + 1
        assert "Of the ways that are left, take the first: polling, SSE, long polling, " in shown.text


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who has done nothing yet."""
    monkeypatch.setenv("WSLEARN_DATA", str(tmp_path))


def answers() -> Sequence[tuple[str, list[str], bool]]:
    return [(row["question"], row["chosen"], row["is_right"]) for row in progress().answers]


class TestDecide:
    def test_all_or_some(self) -> None:
        assert f"{decide()!r}" == f"<decide: {len(DECISIONS)} decisions and your own needs>"
        assert [each.topic for each in decide(topic="browser").decisions] == ["browser"]
        assert [each.id for each in decide(IDS[1], IDS[0]).decisions] == [IDS[1], IDS[0]]

    def test_needs_of_ones_own_come_first(self) -> None:
        view = decide(direction="both", rate="fast")
        assert view.at == len(DECISIONS)
        assert view.needs == asdict(Needs(direction="both", rate="fast"))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"hurry": "great"}, "There is no need 'hurry'. There are direction, rate"),
            ({"rate": "huge"}, "rate is one of rare, steady, fast; not 'huge'"),
            ({"topic": "masking"}, "There is no decision about 'masking', but about "),
        ],
    )
    def test_what_is_not_there(self, given: dict[str, str], said: str) -> None:
        with pytest.raises(UsageError, match=re.escape(said)):
            decide(**given)

    def test_another_item(self) -> None:
        with pytest.raises(UsageError, match="'scaling-memory-ten-million' is of another kind, estimate"):
            decide("scaling-memory-ten-million")

    @pytest.mark.usefixtures("kept")
    def test_answers_are_kept(self) -> None:
        view = decide(IDS[0])
        right = view.decisions[0]
        way = recommend(Needs(**right.needs)).way
        other = next(name for name in WAYS if name != way)
        view.decide(other, " I like\nit ")
        view.decide(way)
        assert answers() == [(right.id, [other, "I like it"], False), (right.id, [way], True)]
        view.at = 1
        view.decide("SSE", "of my own")
        assert len(answers()) == 2, "needs of one's own are no item"


IDS = [each.id for each in DECISIONS]


def test_a_recommendation_says_what_becomes_of_each_way() -> None:
    rule, price = Rule("SSE", {}, "No."), Rule("polling", {}, "Dear.", costly=True)
    against = dict.fromkeys(WAYS, ()) | {"SSE": (rule, price), "polling": (price,)}
    made = Recommendation(Needs(), "WebSocket", against)
    verdicts = [made.verdict(way) for way in ("WebSocket", "SSE", "polling", "WebTransport")]
    assert verdicts == ["taken", "out", "at a price", "not needed"]
