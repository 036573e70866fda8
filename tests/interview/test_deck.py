"""What is dealt and when, and that every rating is kept once, whatever else happens."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.interview.decks import AGAIN, EASY, GOOD, HARD, Clock, asked, card, deck, memories, rate, reviews
from wslearn.course.progress import progress
from wslearn.course.store import FILE, store
from wslearn.errors import UsageError
from wslearn.interview.deck import Deck
from wslearn.interview.memory import rated, read, written

A, B, C = card("a"), card("b"), card("c", "closing")
NEW = None

KERNELS, RATINGS = 3, 24
# Rates whatever is dealt, and takes back every fifth rating; counts what was accepted.
KERNEL = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.interview.decks import card
from wslearn.errors import UsageError
from wslearn.interview.deck import Deck

deck = Deck([card(name) for name in "abcd"], new_per_day=20)
kept = 0
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    try:
        deck.rate(deck.deal().top, 1 + number % 2)
        kept += 1
        if number % 5 == 4:
            deck.undo()
            kept -= 1
    except UsageError:
        pass
print(kept)
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Go to another time zone."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system's time zone is not set by a variable")

    def go(place: str) -> None:
        monkeypatch.setenv("TZ", place)
        time.tzset()

    yield go
    monkeypatch.undo()
    time.tzset()


class TestOrder:
    def test_new_ones_as_they_stand(self, clock: Clock) -> None:
        made = deck(B, A, clock=clock)
        assert [rate(made, EASY), rate(made, EASY), asked(made)] == ["b", "a", None]

    def test_what_is_due_comes_before_what_is_new(self, clock: Clock) -> None:
        made = deck(A, B, C, clock=clock)
        rate(made, GOOD)
        assert asked(made) == "b"
        clock.on(minutes=10)
        assert asked(made) == "a"

    def test_what_is_due_longest_comes_first(self, clock: Clock) -> None:
        made = deck(A, B, clock=clock)
        rate(made, GOOD)  # in ten minutes
        rate(made, AGAIN)  # in one
        clock.on(minutes=30)
        assert asked(made) == "b"

    def test_when_nothing_else_is_left_what_is_learned_comes_early(self, clock: Clock) -> None:
        made = deck(A, B, clock=clock)
        rate(made, AGAIN)
        assert (asked(made), made.deal().soon) == ("b", 1)
        rate(made, EASY)
        assert asked(made) == "a"
        rate(made, EASY)
        deal = made.deal()
        assert (deal.top, deal.soon) == (None, 0), "what is known is not asked before its day"
        assert deal.later == clock.now + timedelta(days=1)
        clock.on(hours=23, minutes=50)
        assert asked(made) is None

    def test_by_topic(self, clock: Clock) -> None:
        made = deck(A, B, C, clock=clock)
        assert asked(made, "closing") == "c"
        rate(made, EASY, "closing")
        assert asked(made, "closing") is None
        assert asked(made, "masking") == "a"

    def test_counts(self, clock: Clock) -> None:
        made = deck(A, B, C, clock=clock)
        assert made.deal().counts == {"masking": (0, 2), "closing": (0, 1)}
        rate(made, AGAIN)
        assert made.deal().counts == {"masking": (0, 1), "closing": (0, 1)}
        clock.on(minutes=1)
        assert made.deal("closing").counts == {"masking": (1, 1), "closing": (0, 1)}

    def test_the_intervals_are_what_a_rating_does(self, clock: Clock) -> None:
        made = deck(A, clock=clock)
        for rating in (EASY, HARD, GOOD, AGAIN):
            top = made.deal().top
            assert top
            told = made.intervals(top)[rating - 1]
            assert made.rate(top, rating) == told
            assert made.deal().later == clock.now + told
            clock.on(seconds=told.total_seconds())


class TestNewPerDay:
    def test_no_more_than_so_many_on_a_day(self, clock: Clock) -> None:
        made = deck(A, B, C, clock=clock, new_per_day=2)
        assert made.deal().room == 2
        rate(made, EASY)
        rate(made, EASY)
        assert (asked(made), made.deal().room) == (None, 0)
        clock.on(days=1)
        assert (asked(made), made.deal().room) == ("c", 2)

    def test_reviews_are_not_limited(self, clock: Clock) -> None:
        made = deck(A, B, clock=clock, new_per_day=1)
        for _ in range(3):
            assert rate(made, AGAIN) == "a"
        assert deck(A, B, clock=clock, new_per_day=2).deal().room == 1

    @pytest.mark.parametrize(("place", "midnight"), [("UTC0", 0), ("EST5", 5), ("IST-5:30", 18.5)])
    def test_the_day_ends_at_the_students_midnight(
        self, clock: Clock, here: Callable[[str], None], place: str, midnight: float
    ) -> None:
        here(place)
        made = deck(A, B, clock=clock, new_per_day=1)
        clock.now = clock.now.replace(hour=0) + timedelta(hours=midnight, minutes=-1)
        rate(made, EASY)
        assert asked(made) is None
        clock.on(minutes=2)
        assert asked(made) == "b"

    def test_all_kernels_share_the_limit(self, clock: Clock) -> None:
        rate(deck(A, B, clock=clock, new_per_day=1), EASY)
        assert asked(deck(A, B, clock=clock, new_per_day=1)) is None

    def test_none(self, clock: Clock) -> None:
        assert asked(deck(A, clock=clock, new_per_day=0)) is None


class TestKept:
    def test_a_kernel_goes_on_where_another_ended(self, clock: Clock) -> None:
        rate(deck(A, clock=clock), EASY)
        clock.on(days=8)
        again = deck(A, clock=clock).deal().top
        assert again
        assert again.memory == written(rated(NEW, EASY, clock.now - timedelta(days=8)))

    def test_each_rating_is_a_row(self, clock: Clock) -> None:
        made = deck(A, B, clock=clock)
        rate(made, GOOD)
        rate(made, AGAIN)
        assert reviews() == [("a", GOOD), ("b", AGAIN)]
        rows = progress().reviews
        assert [row["at"] for row in rows] == ["2026-03-02T12:00:00Z"] * 2
        assert [row["before"] for row in rows] == [None, None]

    def test_an_item_that_was_edited_keeps_its_place(self, clock: Clock) -> None:
        rate(deck(A, clock=clock), EASY)
        made = deck(replace(A, question="Better?", topic="frames"), clock=clock)
        assert asked(made) is None
        clock.on(days=8)
        top = made.deal("frames").top
        assert top
        assert (top.item.question, top.memory is NEW) == ("Better?", False)

    def test_an_item_that_is_gone_leaves_its_card_in_peace(self, clock: Clock) -> None:
        rate(deck(A, clock=clock), EASY)
        before = memories()
        made = deck(B, clock=clock)
        clock.on(days=8)
        assert made.deal().counts == {"masking": (0, 1)}
        rate(made, GOOD)
        assert memories() == {**before, "b": memories()["b"]}
        assert asked(deck(A, B, clock=clock)) == "a", "and it may come back"


class TestUndo:
    def test_a_first_rating(self, clock: Clock) -> None:
        made = deck(A, B, clock=clock, new_per_day=1)
        assert not made.can_undo
        rate(made, EASY)
        assert made.can_undo
        dealt = made.undo()
        assert (dealt.item, dealt.memory) == (A, NEW)
        assert (reviews(), memories(), made.can_undo) == ([], {}, False)
        assert asked(made) == "a", "it does not count as begun"

    def test_a_later_one(self, clock: Clock) -> None:
        made = deck(A, clock=clock)
        rate(made, GOOD)
        before = memories()
        clock.on(minutes=10)
        rate(made, AGAIN)
        assert made.undo().memory == before["a"]
        assert (reviews(), memories()) == ([("a", GOOD)], before)

    def test_one_after_the_other(self, clock: Clock) -> None:
        made = deck(A, B, clock=clock)
        rate(made, EASY)
        rate(made, EASY)
        assert [made.undo().item, made.undo().item] == [B, A]
        with pytest.raises(UsageError, match="no rating to take back"):
            made.undo()

    def test_what_was_taken_back_can_be_rated(self, clock: Clock) -> None:
        made = deck(A, clock=clock)
        rate(made, GOOD)
        made.rate(made.undo(), AGAIN)
        assert reviews() == [("a", AGAIN)]

    def test_not_what_another_kernel_built_on(self, clock: Clock) -> None:
        made = deck(A, clock=clock)
        rate(made, GOOD)
        rate(deck(A, clock=clock), HARD)
        before = memories()
        with pytest.raises(UsageError, match="rated in another notebook since, and that rating stays"):
            made.undo()
        assert (reviews(), memories()) == ([("a", GOOD), ("a", HARD)], before)


class TestSeveralKernels:
    @pytest.mark.parametrize("begun", [False, True])
    def test_a_card_that_both_show_is_rated_once(self, clock: Clock, begun: bool) -> None:
        one, other = deck(A, clock=clock), deck(A, clock=clock)
        if begun:
            rate(one, GOOD)
        mine, theirs = one.deal().top, other.deal().top
        assert mine
        assert theirs
        one.rate(mine, EASY)
        before, count = memories(), len(reviews())
        with pytest.raises(UsageError, match=r"rated in another notebook meanwhile.*not counted"):
            other.rate(theirs, AGAIN)
        assert (memories(), len(reviews()), other.can_undo) == (before, count, False)

    def test_a_rating_that_was_taken_back_may_be_given_elsewhere(self, clock: Clock) -> None:
        one, other = deck(A, clock=clock), deck(A, clock=clock)
        theirs = other.deal().top
        assert theirs
        rate(one, EASY)
        one.undo()
        other.rate(theirs, GOOD)
        assert reviews() == [("a", GOOD)]

    def test_after_a_reset_nothing_comes_back(self, clock: Clock) -> None:
        made = deck(A, clock=clock)
        rate(made, AGAIN)
        top = made.deal().top
        assert top
        progress().reset("erase")
        with pytest.raises(UsageError, match="progress was erased"):
            made.rate(top, GOOD)
        with pytest.raises(UsageError, match="rated in another notebook since"):
            made.undo()
        assert (reviews(), memories()) == ([], {})

    def test_all_at_once(self) -> None:
        """What each was told is what is kept, and every card is the sum of its reviews."""
        accepted = sum(rated_at_once())
        rows = store().run(("SELECT * FROM review ORDER BY rowid", ()))
        assert len(rows) == accepted > RATINGS
        found: dict[str, str | None] = {}
        for row in rows:
            assert row["before"] == found.get(row["item"]), "built on what was there"
            at = datetime.fromisoformat(row["at"])
            found[row["item"]] = written(rated(row["before"], row["rating"], at))
        assert found == memories()


def rated_at_once() -> list[int]:
    """Rate from several processes, which begin together; give how many ratings each was told are kept."""
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-c", KERNEL, root, str(RATINGS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    kernels = [subprocess.Popen(command, **pipes) for _ in range(KERNELS)]  # type: ignore[call-overload]
    for kernel in kernels:
        assert kernel.stdout.readline() == "ready\n"
    for kernel in kernels:
        kernel.stdin.write("go\n")
        kernel.stdin.flush()
    said = [kernel.communicate()[0] for kernel in kernels]
    assert [kernel.returncode for kernel in kernels] == [0] * KERNELS
    return [int(each) for each in said]


class TestFile:
    @pytest.fixture(autouse=True)
    def said(self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What the course says; filled while the test runs."""
        messages: list[str] = []
        caplog.set_level(logging.WARNING, "wslearn.course")
        monkeypatch.setattr(caplog.handler, "emit", lambda record: messages.append(record.getMessage()))
        return messages

    def test_a_damaged_one_is_said_kept_aside_and_replaced(
        self, clock: Clock, folder: Path, said: list[str]
    ) -> None:
        made = deck(A, B, clock=clock)
        rate(made, AGAIN)
        clock.on(minutes=1)
        top = made.deal().top
        assert top
        (folder / FILE).write_bytes(b"this was a database once" * 100)
        with pytest.raises(UsageError, match="not counted"):
            made.rate(top, GOOD)
        (aside,) = folder.glob("*-damaged-*.sqlite3")
        assert said == [made.notice]
        assert aside.name in made.notice
        assert aside.read_bytes().startswith(b"this was")
        assert rate(made, GOOD) == "a"
        assert Deck([A], new_per_day=20, clock=clock).deal().top is not None
        assert reviews() == [("a", GOOD)]

    def test_all_but_its_first_page(self, clock: Clock, folder: Path) -> None:
        """The file opens, and only reading the cards finds it."""
        made = deck(A, clock=clock)
        rate(made, EASY)
        pages = (folder / FILE).stat().st_size // 4096
        with (folder / FILE).open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 4096 * (pages - 1))
        assert asked(made) == "a"
        assert "begins anew" in made.notice

    def test_a_missing_one(self, clock: Clock, folder: Path) -> None:
        made = deck(A, clock=clock)
        rate(made, EASY)
        (folder / FILE).unlink()
        assert rate(made, EASY) == "a"
        assert reviews() == [("a", EASY)]

    def test_one_that_cannot_be_written(self, clock: Clock, folder: Path) -> None:
        folder.write_text("in the way")
        made = deck(A, B, clock=clock)
        rate(made, EASY)
        assert (asked(made), reviews()) == ("b", [("a", EASY)])
        assert "until this kernel ends" in made.notice

    def test_one_of_the_time_before_there_were_cards(
        self, clock: Clock, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import wslearn.course.store as module

        with monkeypatch.context() as before:
            before.setattr(module, "SCHEMA", module.SCHEMA[:2])
            store().run(("INSERT INTO prediction VALUES ('', 'q', '', '', 0)", ()))
        made = deck(A, clock=clock)
        rate(made, EASY)
        assert (reviews(), len(progress().predictions), made.notice) == ([("a", EASY)], 1, "")


class TestProgress:
    def test_export(self, clock: Clock, tmp_path: Path) -> None:
        import json

        made = deck(A, clock=clock)
        rate(made, GOOD)
        clock.on(minutes=10)
        rate(made, EASY)
        exported = json.loads(progress().export(tmp_path / "mine.json").read_text("utf-8"))
        (kept,) = exported["cards"]
        assert kept["item"] == "a"
        assert read(json.dumps(kept["memory"])).due > clock.now
        assert [row["rating"] for row in exported["reviews"]] == [GOOD, EASY]
        assert exported["reviews"][1]["before"]["state"] == 1

    def test_reset(self, clock: Clock, folder: Path) -> None:
        rate(deck(A, clock=clock), GOOD)
        copy = progress().reset("erase")
        assert (reviews(), memories()) == ([], {})
        assert copy
        copy.replace(folder / FILE)
        assert reviews() == [("a", GOOD)]
