"""FSRS as it is used here: the same rating at the same time gives the same interval, each time."""

from datetime import UTC, datetime, timedelta

import pytest

from wslearn.interview.memory import rated, read, spoken, written

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
AGAIN, HARD, GOOD, EASY = range(1, 5)


def intervals(memory: str | None, at: datetime) -> list[timedelta]:
    return [rated(memory, rating, at).due - at for rating in (AGAIN, HARD, GOOD, EASY)]


class TestRated:
    def test_a_new_card(self) -> None:
        minute = timedelta(minutes=1)
        assert intervals(None, MONDAY) == [minute, 5.5 * minute, 10 * minute, timedelta(days=8)]

    def test_it_grows_as_long_as_it_is_remembered(self) -> None:
        memory, at = None, MONDAY
        days: list[int] = []
        for _ in range(6):
            card = rated(memory, GOOD, at)
            days.append((card.due - at).days)
            memory, at = written(card), card.due
        assert days == [0, 2, 11, 46, 163, 498]

    def test_forgotten_it_comes_back_soon(self) -> None:
        easy = rated(None, EASY, MONDAY)
        assert intervals(written(easy), easy.due)[0] == timedelta(minutes=10)

    def test_it_is_not_left_to_chance(self) -> None:
        easy = rated(None, EASY, MONDAY)
        found = {written(rated(written(easy), GOOD, easy.due)) for _ in range(50)}
        assert len(found) == 1


class TestKept:
    @pytest.mark.parametrize("rating", [AGAIN, HARD, GOOD, EASY])
    def test_what_is_written_is_read_again(self, rating: int) -> None:
        card = rated(None, rating, MONDAY)
        assert written(read(written(card))) == written(card)
        assert read(written(card)) == card

    def test_nothing_depends_on_the_number_that_fsrs_gives(self) -> None:
        assert written(read(None)).startswith('{"state": 1, "step": 0, "stability": null')


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "1 min"),
        (10, "10 min"),
        (59.9, "60 min"),
        (90, "2 h"),
        (1440, "1 day"),
        (86400, "2 months"),
        (1051200, "2.0 years"),
    ],
)
def test_spoken(minutes: float, said: str) -> None:
    assert spoken(timedelta(minutes=minutes)) == said
