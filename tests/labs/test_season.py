"""The season: the same for whoever has the seed, and a match is a match."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from wslearn.labs.apps.season import FIXTURES, ROUND, TOPICS, Moment, next_moment


def played(seed: str, rounds: range) -> list[Moment]:
    """List all that happens in some rounds, at most three."""
    key, found = (rounds.start, -1), []
    while (moment := next_moment(seed, key, rounds.stop * ROUND - 0.001)) is not None:
        key = moment.key
        found.append(moment)
    return found


def test_everybody_meets_everybody_of_the_league_once() -> None:
    teams = Counter(frozenset((match.home, match.away)) for matches in FIXTURES for match in matches)
    assert len(teams) == 18
    assert set(teams.values()) == {1}
    for matches in FIXTURES:
        assert len({team for match in matches for team in (match.home, match.away)}) == 12
    assert Counter(topic.partition("-")[0] for topic in TOPICS) == {"match": 18, "team": 12, "league": 3}


def test_the_seed_decides() -> None:
    assert played("a", range(300, 303)) == played("a", range(300, 303))
    assert played("a", range(300, 303)) != played("b", range(300, 303))
    assert played("a", range(300, 301)) != played("a", range(303, 304)), "another day, other results"


@pytest.mark.parametrize("number", range(30, 60))
def test_a_match_is_a_match(number: int) -> None:
    moments = played("any", range(number, number + 1))
    assert {moment.match for moment in moments} == {*FIXTURES[number % 3]}
    assert all(number * ROUND <= moment.at < (number + 1) * ROUND for moment in moments)
    assert all(one.at <= other.at and one.key < other.key for one, other in pairwise(moments))
    for match in FIXTURES[number % 3]:
        told = [moment.told for moment in moments if moment.match == match]
        kinds = [each["kind"] for each in told]
        assert kinds[0] == "kick-off"
        assert kinds[-1] == "full-time"
        assert kinds.index("half-time") + 1 == kinds.index("second half")
        minutes = [each["minute"] for each in told]
        assert minutes == sorted(minutes)
        score = {match.home: 0, match.away: 0}
        for each in told:
            if each["kind"] == "goal":
                score[each["team"]] += 1
            assert each["score"] == [score[match.home], score[match.away]]


def test_nothing_happens_before_its_time() -> None:
    first, second, *_ = played("any", range(30, 31))
    assert next_moment("any", first.key, second.at - 0.01) is None
    assert next_moment("any", first.key, second.at) == second


def test_what_is_older_than_three_rounds_is_passed_over() -> None:
    moment = next_moment("any", (30, 5), 40 * ROUND)
    assert moment is not None
    assert moment.key == (38, 0)
