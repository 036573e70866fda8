"""What was said in a mock interview is on the disk, whatever happens to the kernel, the page or the file."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.interview.rehearsing import Clock
from wslearn.course.progress import progress
from wslearn.course.store import FILE, store
from wslearn.interview import keeping
from wslearn.interview.bank import Short, bank
from wslearn.interview.keeping import asked_before, done, keep, notice, unfinished
from wslearn.interview.rehearsal import Rehearsal

ITEMS = tuple(
    [item for item in bank() if isinstance(item, Short) and len(item.follow_ups) > 1][:3],
)
FIRST, SECOND, THIRD = (item.id for item in ITEMS)
# Another process, which has nothing of this one but the file.
KERNEL = """
from wslearn.interview.keeping import keep, unfinished
held = unfinished("three")
print(held.question, held.part, held.said, round(held.elapsed, 3), held.running)
held.resume()
held.next()
held.say(held.question, held.part, "typed there")
keep(held)
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(clock: Clock) -> Rehearsal:
    made = Rehearsal(ITEMS, 15, "three", clock)
    made.resume()
    return made


def again(clock: Clock) -> Rehearsal:
    found = unfinished("three", clock)
    assert found
    return found


class TestGoingOn:
    def test_where_it_was_left(self, held: Rehearsal, clock: Clock) -> None:
        held.say(0, 0, "one “é”\n")
        clock.time += 30
        held.next()
        held.say(0, 1, "two")
        clock.time += 12.5
        keep(held)
        found = again(clock)
        assert found is not held
        assert (found.id, found.begun, found.minutes, found.items) == (held.id, held.begun, 15, ITEMS)
        assert (found.phase, found.question, found.part) == ("asking", 0, 1)
        assert found.said == {(FIRST, 0): "one “é”\n", (FIRST, 1): "two"}
        assert (found.elapsed, found.running) == (42.5, False)

    def test_in_the_scoring(self, held: Rehearsal, clock: Clock) -> None:
        held.say(0, 0, "one")
        held.end()
        held.tick(0, 1, True)
        keep(held)
        found = again(clock)
        assert found.phase == "scoring"
        assert found.had[FIRST] == {ITEMS[0].points[1]}
        found.tick(0, 1, False)
        found.tick(0, 0, True)
        keep(found)
        assert again(clock).had[FIRST] == {ITEMS[0].points[0]}

    def test_what_is_done_is_not_begun_again(self, held: Rehearsal, clock: Clock) -> None:
        held.say(0, 0, "one")
        held.end()
        held.finish()
        keep(held)
        assert unfinished("three", clock) is None
        (found,) = done()
        assert (found.phase, found.finished, found.said) == ("done", held.finished, held.said)

    def test_another_request_is_another_interview(self, held: Rehearsal, clock: Clock) -> None:
        keep(held)
        assert unfinished("four", clock) is None

    def test_the_last_one(self, held: Rehearsal, clock: Clock) -> None:
        keep(held)
        newer = Rehearsal(ITEMS, 15, "three", clock)
        keep(newer)
        assert again(clock).id == newer.id

    def test_nothing_fresh_is_left(self, held: Rehearsal) -> None:
        held.say(0, 0, "one")
        assert held.fresh
        keep(held)
        assert not held.fresh

    def test_how_often_each_was_asked(self, held: Rehearsal, clock: Clock) -> None:
        keep(held)
        keep(Rehearsal(ITEMS[:1], 15, "one", clock))
        assert asked_before() == {FIRST: 2, SECOND: 1, THIRD: 1}


class TestAnotherKernel:
    def test_it_goes_on(self, held: Rehearsal, clock: Clock) -> None:
        held.say(0, 0, "typed here")
        clock.time += 60
        keep(held)
        ran = subprocess.run(
            [sys.executable, "-c", KERNEL], capture_output=True, text=True, timeout=60, check=True
        )
        assert ran.stdout == f"0 0 {held.said} 60.0 False\n"
        found = again(clock)
        assert found.said == {(FIRST, 0): "typed here", (FIRST, 1): "typed there"}
        assert found.part == 1

    def test_neither_writes_over_the_other(self, held: Rehearsal, clock: Clock) -> None:
        held.say(0, 0, "old")
        keep(held)
        other = again(clock)
        other.resume()
        held.say(0, 0, "new")
        held.next()
        clock.time += 20
        keep(held)
        other.next()
        other.say(0, 1, "theirs")
        clock.time += 5
        keep(other)
        found = again(clock)
        assert found.said == {(FIRST, 0): "new", (FIRST, 1): "theirs"}
        assert found.elapsed == 25

    def test_time_is_not_lost_either(self, held: Rehearsal, clock: Clock) -> None:
        keep(held)
        other = again(clock)
        clock.time += 20
        keep(held)
        other.say(0, 0, "theirs")
        keep(other)
        assert again(clock).elapsed == 20

    def test_it_never_goes_back(self, held: Rehearsal, clock: Clock) -> None:
        keep(held)
        other = again(clock)
        held.say(0, 0, "one")
        held.skip()
        held.end()
        held.finish()
        keep(held)
        other.say(0, 0, "late")
        keep(other)
        assert unfinished("three", clock) is None
        (found,) = done()
        assert (found.question, found.finished) == (1, held.finished)

    def test_points_of_a_question_that_was_not_touched_here_stay(self, held: Rehearsal, clock: Clock) -> None:
        held.say(0, 0, "one")
        held.skip()
        held.say(1, 0, "two")
        held.end()
        keep(held)
        other = again(clock)
        held.tick(0, 0, True)
        keep(held)
        other.tick(1, 2, True)
        keep(other)
        assert again(clock).had == {
            FIRST: {ITEMS[0].points[0]},
            SECOND: {ITEMS[1].points[2]},
            THIRD: frozenset(),
        }


class TestFile:
    def test_a_damaged_file_costs_nothing_that_this_kernel_has(
        self, held: Rehearsal, clock: Clock, folder: Path
    ) -> None:
        held.say(0, 0, "one")
        held.next()
        keep(held)
        (folder / FILE).write_bytes(b"no database " * 500)
        held.say(0, 1, "two")
        clock.time += 7
        keep(held)
        assert "begins anew" in notice()
        (aside,) = folder.glob("*-damaged-*")
        assert aside.read_bytes().startswith(b"no database")
        found = again(clock)
        assert found.said == {(FIRST, 0): "one", (FIRST, 1): "two"}
        assert found.elapsed == 7

    def test_without_a_disk_it_goes_on(self, held: Rehearsal, clock: Clock, folder: Path) -> None:
        folder.write_text("in the way")
        held.say(0, 0, "one")
        keep(held)
        assert "until this kernel ends" in notice()
        assert again(clock).said == held.said

    def test_reset_and_export(self, held: Rehearsal, clock: Clock, tmp_path: Path) -> None:
        held.say(0, 0, "one")
        held.end()
        held.tick(0, 0, True)
        keep(held)
        assert progress().interviews[0]["items"] == [FIRST, SECOND, THIRD]
        assert progress().interview_questions[0]["points"] == [ITEMS[0].points[0]]
        assert "one" in progress().export(tmp_path / "mine.json").read_text("utf-8")
        copy = progress().reset("erase")
        assert copy
        assert copy.exists()
        assert unfinished("three", clock) is None
        assert store().run(("SELECT * FROM interview_answer", ())) == []


class TestBank:
    def test_an_item_that_has_left_the_bank_is_left_out(
        self, held: Rehearsal, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held.say(0, 0, "one")
        held.skip()
        held.next()
        held.say(1, 1, "two")
        keep(held)
        monkeypatch.setattr(keeping, "bank", lambda: ITEMS[1:])
        found = again(clock)
        assert found.items == ITEMS[1:]
        assert (found.question, found.part) == (0, 1)
        found.end()
        assert found.reached == ITEMS[1:2]

    def test_nothing_is_left_of_it(
        self, held: Rehearsal, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(held)
        monkeypatch.setattr(keeping, "bank", lambda: ())
        assert unfinished("three", clock) is None
