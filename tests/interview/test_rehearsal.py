"""A mock interview as it goes: its steps, its time, what was said, what was ticked."""

from collections.abc import Callable

import pytest

from tests.interview.rehearsing import ONE, THREE, TWO, Clock, rehearsal
from wslearn.errors import UsageError
from wslearn.interview.rehearsal import AWAY, LONGEST, Rehearsal, asked, points


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(clock: Clock) -> Rehearsal:
    return rehearsal(clock)


class TestItems:
    def test_what_is_asked(self) -> None:
        assert asked(ONE) == ("Why `q-one`?", "And then?", "And last?")
        assert asked(THREE) == ("How many?",)

    def test_an_estimate_has_points_too(self) -> None:
        assert points(ONE) == ONE.points
        assert points(THREE)[0] == "The result is within a factor of two of 60 nodes."
        assert len(points(THREE)) == 3


class TestSteps:
    def test_from_the_first_question_to_the_end(self, held: Rehearsal) -> None:
        places = [(held.question, held.part, held.next_is)]
        while held.phase == "asking":
            held.say(held.question, held.part, "said")
            held.next()
            places.append((held.question, held.part, held.next_is))
        assert places[:-1] == [
            (0, 0, "follow-up"),
            (0, 1, "follow-up"),
            (0, 2, "question"),
            (1, 0, "question"),
            (2, 0, "scoring"),
        ]
        assert held.phase == "scoring"
        assert held.reached == (ONE, TWO, THREE)
        held.finish()
        assert held.phase == "done"
        assert held.finished

    def test_what_follows_up_can_be_skipped(self, held: Rehearsal) -> None:
        held.next()
        held.skip()
        assert (held.question, held.part) == (1, 0)

    def test_it_can_be_ended_at_any_time(self, held: Rehearsal) -> None:
        held.say(0, 0, "a")
        held.skip()
        held.end()
        assert held.phase == "scoring"
        assert held.reached == (ONE,), "of the last question nothing was said"

    def test_a_question_that_was_passed_by_counts(self, held: Rehearsal) -> None:
        held.skip()
        held.say(1, 0, "a")
        held.end()
        assert held.reached == (ONE, TWO)

    def test_without_a_word_there_is_nothing_to_score(self, held: Rehearsal) -> None:
        held.end()
        assert held.phase == "done"
        assert held.reached == ()

    @pytest.mark.parametrize(
        "step",
        [
            Rehearsal.next,
            Rehearsal.skip,
            Rehearsal.end,
            Rehearsal.resume,
            lambda held: held.say(0, 0, "late"),
        ],
    )
    def test_no_step_leads_back(self, held: Rehearsal, step: Callable[[Rehearsal], None]) -> None:
        held.say(0, 0, "a")
        held.end()
        with pytest.raises(UsageError, match="needs a mock interview that is asking; this one is scoring"):
            step(held)
        assert held.said == {("q-one", 0): "a"}

    def test_no_scoring_before_the_end(self, held: Rehearsal) -> None:
        for step in (held.finish, lambda: held.tick(0, 0, True)):
            with pytest.raises(UsageError, match="that is scoring; this one is asking"):
                step()


class TestTime:
    def test_it_stands_still_until_it_is_begun(self, held: Rehearsal, clock: Clock) -> None:
        clock.time += 60
        assert (held.elapsed, held.running) == (0, False)
        held.resume()
        clock.time += 60
        assert (held.elapsed, held.running) == (60, True)

    def test_pauses_do_not_count(self, held: Rehearsal, clock: Clock) -> None:
        held.resume()
        clock.time += 10
        held.pause()
        clock.time += 5000
        held.resume()
        held.resume()
        clock.time += 10
        assert held.elapsed == 20

    def test_each_question_has_its_own(self, held: Rehearsal, clock: Clock) -> None:
        held.resume()
        clock.time += 10
        held.next()
        clock.time += 20
        held.skip()
        clock.time += 5
        held.say(1, 0, "a")
        held.end()
        clock.time += 100
        assert held.spent == {"q-one": 30, "q-two": 5}
        assert held.elapsed == 35

    def test_when_it_is_over_the_next_step_leads_to_the_scoring(self, held: Rehearsal, clock: Clock) -> None:
        held.resume()
        for _ in range(9):
            clock.time += 99
            held.settle()
        assert not held.is_up
        assert held.next_is == "follow-up"
        clock.time += 9
        assert held.is_up
        assert held.next_is == "scoring"
        assert held.running
        held.say(0, 0, "the last word")
        held.next()
        assert held.phase == "scoring"
        assert held.elapsed == 900

    def test_who_has_gone_takes_no_time(self, held: Rehearsal, clock: Clock) -> None:
        held.resume()
        clock.time += 30
        held.settle()
        clock.time += AWAY + 1
        assert (held.elapsed, held.running) == (30, False)
        held.settle()
        assert (held.elapsed, held.running) == (30, False)
        held.resume()
        clock.time += AWAY
        assert (held.elapsed, held.running) == (30 + AWAY, True)


class TestSaid:
    def test_it_can_be_typed_anew(self, held: Rehearsal) -> None:
        held.say(0, 0, "a")
        held.next()
        held.say(0, 0, "ab")
        held.say(0, 1, "c")
        assert held.said == {("q-one", 0): "ab", ("q-one", 1): "c"}
        assert held.fresh == {("q-one", 0), ("q-one", 1)}

    @pytest.mark.parametrize(("question", "part"), [(0, 1), (1, 0), (-1, 0), (0, -1)])
    def test_only_what_was_asked(self, held: Rehearsal, question: int, part: int) -> None:
        with pytest.raises(UsageError, match="not asked yet"):
            held.say(question, part, "a")

    def test_a_part_that_there_is_not(self, held: Rehearsal) -> None:
        held.skip()
        held.say(0, 7, "a")
        assert held.said == {}

    def test_it_has_an_end(self, held: Rehearsal) -> None:
        held.say(0, 0, "a" * LONGEST)
        with pytest.raises(UsageError, match=r"room for 20,000 characters; this one has 20,001\."):
            held.say(0, 0, "b" * (LONGEST + 1))
        assert held.said == {("q-one", 0): "a" * LONGEST}


class TestTicks:
    def test_on_and_off(self, held: Rehearsal) -> None:
        held.say(0, 0, "a")
        held.end()
        for point, had in ((0, True), (1, True), (0, False), (1, True)):
            held.tick(0, point, had)
        assert held.had == {"q-one": {"q-one `two`."}}
        assert "q-one" in held.fresh

    @pytest.mark.parametrize(("question", "point"), [(0, 3), (0, -1), (1, 0), (-1, 0)])
    def test_there_is_no_such_point(self, held: Rehearsal, question: int, point: int) -> None:
        held.say(0, 0, "a")
        held.end()
        with pytest.raises(UsageError, match="no such point"):
            held.tick(question, point, True)
