"""Which questions a mock interview asks: what was chosen, within its time, and what was asked least."""

from collections import Counter
from random import Random

import pytest

from wslearn.errors import UsageError
from wslearn.interview.bank import TOPICS, Design, bank, kind_of
from wslearn.interview.drawing import MINUTES, MIX, Timed, chosen, draw

every_length = pytest.mark.parametrize("minutes", MINUTES)
ALL = tuple(TOPICS)
TIMED = [item for item in bank() if isinstance(item, Timed)]


class TestChosen:
    def test_all_if_nothing_is_said(self) -> None:
        assert chosen(30, None, None) == (MIX, ALL)

    def test_in_their_own_order(self) -> None:
        assert chosen(15, ["estimate", "short"], ["tls", "why"]) == (
            {"short": MIX["short"], "estimate": MIX["estimate"]},
            ("why", "tls"),
        )

    def test_shares_and_one_topic(self) -> None:
        assert chosen(45, {"design": 3, "short": 1, "decision": 0}, "tls") == (
            {"short": 1.0, "design": 3.0},
            ("tls",),
        )

    @pytest.mark.parametrize("minutes", [0, 20, 60, "15"])
    def test_other_minutes(self, minutes: int) -> None:
        with pytest.raises(UsageError, match="15, 30 or 45 minutes; not"):
            chosen(minutes, None, None)

    def test_what_there_is_not(self) -> None:
        with pytest.raises(
            UsageError, match="no kind 'card' to choose, but short, decision, estimate, design"
        ):
            chosen(15, ["short", "card"], None)
        with pytest.raises(UsageError, match="no topic 'tsl' to choose, but why, characteristics, "):
            chosen(15, None, ["tls", "tsl"])

    @pytest.mark.parametrize(
        ("mix", "topics"), [([], None), (None, []), ({"short": 0}, None), ({"short": 2, "design": -1}, None)]
    )
    def test_nothing(self, mix: list[str] | dict[str, float] | None, topics: list[str] | None) -> None:
        with pytest.raises(UsageError, match="Choose a topic, and a kind"):
            chosen(15, mix, topics)


class TestDraw:
    @every_length
    def test_the_time_is_filled_and_not_more(self, minutes: int) -> None:
        shortest = min(item.minutes for item in TIMED)
        for seed in range(30):
            drawn = draw(minutes, MIX, ALL, Random(seed))
            assert minutes - shortest < sum(item.minutes for item in drawn) <= minutes
            assert len({item.id for item in drawn}) == len(drawn)

    @every_length
    def test_no_kind_takes_the_others_time(self, minutes: int) -> None:
        for seed in range(30):
            time = Counter[str]()
            for item in draw(minutes, MIX, ALL, Random(seed)):
                time[kind_of(item)] += item.minutes
            assert time.keys() >= {"short", "decision", "estimate"}
            assert max(time.values()) <= 0.7 * minutes

    def test_shares_count(self) -> None:
        drawn = draw(45, {"short": 1.0, "estimate": 4.0}, ALL, Random(1))
        kinds = Counter(map(kind_of, drawn))
        assert kinds["estimate"] >= 3 * kinds["short"] > 0

    def test_an_interview_with_time_has_a_design_at_its_end(self) -> None:
        for seed in range(10):
            drawn = draw(45, MIX, ALL, Random(seed))
            assert isinstance(drawn[-1], Design)
            difficulties = [item.difficulty for item in drawn if not isinstance(item, Design)]
            assert difficulties == sorted(difficulties)

    def test_what_is_chosen_and_nothing_else(self) -> None:
        drawn = draw(30, {"short": 1.0}, ("masking", "tls", "frames"), Random(2))
        assert {kind_of(item) for item in drawn} == {"short"}
        assert {item.topic for item in drawn} == {"masking", "tls", "frames"}

    def test_the_same_seed_draws_the_same(self) -> None:
        drawn = [tuple(item.id for item in draw(30, MIX, ALL, Random(seed))) for seed in (1, 1, 2)]
        assert drawn[0] == drawn[1] != drawn[2]

    def test_topics_come_one_after_the_other(self) -> None:
        about = Counter(item.topic for item in draw(45, {"short": 1.0}, ALL, Random(3)))
        assert set(about.values()) == {1}

    def test_what_was_asked_least_comes_first(self) -> None:
        asked: Counter[str] = Counter()
        rounds = 3
        pool = [item for item in TIMED if kind_of(item) == "short"]
        for seed in range(rounds):
            asked.update(item.id for item in draw(15, {"short": 1.0}, ALL, Random(seed), asked))
        assert asked.total() == 15 // 3 * rounds <= len(pool)
        assert set(asked.values()) == {1}

    def test_nothing_fits(self) -> None:
        without = next(
            topic
            for topic in TOPICS
            if not any(item.topic == topic and isinstance(item, Design) for item in TIMED)
        )
        with pytest.raises(UsageError, match="Nothing of that fits into 15 minutes: choose more"):
            draw(15, {"design": 1.0}, (without,), Random(1))
