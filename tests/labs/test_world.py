"""The world of the game: who moves how far, who is in the way, who gets the coin."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wslearn.labs.apps.world import (
    AWAY_AFTER,
    COINS,
    HEIGHT,
    MOST_HERE,
    MOST_KEPT,
    MOST_SAVED,
    RADIUS,
    REACH,
    SHOWN,
    WIDTH,
    Figure,
    Move,
    World,
    greet,
    step,
)

FAR = ((WIDTH - RADIUS, HEIGHT - RADIUS),) * COINS  # coins that nobody is near to


def place(**places: tuple[int, int]) -> World:
    """Put figures in a world without coins to be had."""
    return World(figures={who: Figure(who, x, y, 0) for who, (x, y) in places.items()}, coins=FAR)


def walk(world: World, who: str, x: int, y: int, ticks: int) -> World:
    for number in range(1, ticks + 1):
        world = step(greet(world, {who: who}), {who: [Move(world.figures[who].seen + 1, x, y)]})
        assert world.figures[who].seen >= number
    return world


def at(world: World, who: str) -> tuple[int, int]:
    return world.figures[who].x, world.figures[who].y


moves = st.lists(
    st.builds(Move, st.integers(1, 50), st.sampled_from((-1, 0, 1)), st.sampled_from((-1, 0, 1)))
)


class TestStep:
    @pytest.mark.parametrize(
        ("x", "y", "to"), [(1, 0, (130, 100)), (0, -1, (100, 70)), (1, 1, (120, 120)), (0, 0, (100, 100))]
    )
    def test_each_tick_is_one_step(self, x: int, y: int, to: tuple[int, int]) -> None:
        assert at(walk(place(a=(100, 100)), "a", x, y, 5), "a") == to

    def test_more_moves_go_no_faster(self) -> None:
        world = step(place(a=(100, 100)), {"a": [Move(n, 1, 0) for n in range(1, 50)]})
        assert (at(world, "a"), world.figures["a"].seen) == ((106, 100), 1)

    def test_late_moves_catch_up_a_little(self) -> None:
        world = place(a=(100, 100))
        for _ in range(30):
            world = step(world, {})
        world = step(world, {"a": [Move(n, 1, 0) for n in range(1, 30)]})
        assert (at(world, "a"), world.figures["a"].seen) == ((100 + 6 * MOST_SAVED, 100), MOST_SAVED)
        assert at(step(world, {"a": [Move(n, 1, 0) for n in range(1, 30)]}), "a") == (
            100 + 6 * MOST_SAVED + 6,
            100,
        )

    def test_a_move_counts_once(self) -> None:
        world = place(a=(100, 100))
        for _ in range(3):
            world = step(world, {"a": [Move(1, 1, 0)]})
        assert at(world, "a") == (106, 100)

    @pytest.mark.parametrize(
        ("x", "y", "to"), [(-1, 0, (RADIUS, 50)), (1, 0, (WIDTH - RADIUS, 50)), (0, -1, (50, RADIUS))]
    )
    def test_walls(self, x: int, y: int, to: tuple[int, int]) -> None:
        assert at(walk(place(a=(50, 50)), "a", x, y, 120), "a") == to

    def test_somebody_is_in_the_way_and_one_can_turn_back(self) -> None:
        world = walk(place(a=(100, 100), b=(140, 100)), "a", 1, 0, 10)
        assert at(world, "a") == (112, 100)
        assert at(walk(world, "a", -1, 0, 2), "a") == (100, 100)
        assert at(world, "b") == (140, 100)

    def test_who_stands_on_another_gets_away(self) -> None:
        world = place(a=(100, 100), b=(100, 100))
        assert at(walk(world, "a", 0, 1, 3), "a") == (100, 118)

    def test_who_is_away_is_in_nobody_s_way_and_takes_no_coin(self) -> None:
        world = replace(place(a=(100, 100), b=(140, 100)), tick=AWAY_AFTER + 1, coins=((140, 100),) * COINS)
        world = greet(world, {"a": "a"})
        assert list(world.here) == ["a"]
        assert step(world, {}).figures["b"].score == 0
        assert at(walk(world, "a", 1, 0, 10), "a") == (160, 100)

    @settings(max_examples=30)
    @given(st.lists(st.dictionaries(st.sampled_from("abc"), moves, max_size=3), max_size=30))
    def test_no_two_overlap_and_nobody_leaves(self, ticks: list[dict[str, list[Move]]]) -> None:
        world = place(a=(100, 100), b=(128, 100), c=(114, 130))
        for waiting in ticks:
            after = step(world, waiting)
            for who, figure in after.figures.items():
                before = world.figures[who]
                assert RADIUS <= figure.x <= WIDTH - RADIUS
                assert RADIUS <= figure.y <= HEIGHT - RADIUS
                assert max(abs(figure.x - before.x), abs(figure.y - before.y)) <= 6 * MOST_SAVED
                assert figure.seen >= before.seen
                for other, there in after.figures.items():
                    far = (figure.x - there.x) ** 2 + (figure.y - there.y) ** 2
                    assert other == who or far >= (2 * RADIUS) ** 2
            assert step(world, waiting) == after
            world = after


class TestCoins:
    def test_the_nearest_gets_it_once(self) -> None:
        world = replace(place(a=(100, 100), b=(141, 100)), coins=((120, 100), *FAR[1:]))
        after = step(world, {})
        assert (after.figures["a"].score, after.figures["b"].score) == (1, 0)
        assert after.coins[0] != (120, 100)
        assert len(after.coins) == COINS
        nobody = replace(place(a=(100, 100)), coins=((100 + REACH + 1, 100), *FAR[1:]))
        assert step(nobody, {}).figures["a"].score == 0

    def test_of_two_at_the_same_distance_the_poorer_one(self) -> None:
        world = replace(place(a=(100, 100), b=(140, 100)), coins=((120, 100), *FAR[1:]))
        figures = {**world.figures, "a": replace(world.figures["a"], score=5)}
        after = step(replace(world, figures=figures), {})
        assert (after.figures["a"].score, after.figures["b"].score) == (5, 1)

    def test_they_lie_all_over_the_arena_and_nobody_knows_where(self) -> None:
        places = [step(World(seed=seed), {}).coins for seed in range(10**9, 50 * 10**9, 10**9)]
        flat = [coin for coins in places for coin in coins]
        assert len(set(places)) == len(places)
        left = sum(x < WIDTH / 2 for x, _ in flat)
        assert 0.35 * len(flat) < left < 0.65 * len(flat)
        assert all(RADIUS <= x <= WIDTH - RADIUS and RADIUS <= y <= HEIGHT - RADIUS for x, y in flat)
        assert "seed" not in World(seed=5).view("node")


class TestGreet:
    def test_who_comes_back_has_what_they_had(self) -> None:
        world = greet(World(), {"a": "Ada"})
        figures = {"a": replace(world.figures["a"], score=7)}
        world = replace(world, figures=figures, tick=1000)
        assert world.here == {}
        world = greet(world, {"a": "Ada L."})
        assert (world.here["a"].score, world.here["a"].name) == (7, "Ada L.")
        assert at(world, "a") == (figures["a"].x, figures["a"].y)

    def test_there_are_so_many_places(self) -> None:
        world = greet(World(), {f"p{number}": "x" for number in range(MOST_HERE + 5)})
        assert len(world.figures) == MOST_HERE
        world = greet(replace(world, tick=AWAY_AFTER + 1), {"late": "x"})
        assert "late" in world.here

    def test_the_longest_away_are_forgotten(self) -> None:
        world = World()
        for number in range(MOST_KEPT + 10):
            world = greet(replace(world, tick=number * 100), {f"p{number}": "x"})
        assert len(world.figures) == MOST_KEPT
        assert "p9" not in world.figures
        assert "p10" in world.figures

    def test_pages_show_those_who_were_there_lately(self) -> None:
        world = greet(World(), {"a": "Ada"})
        assert '"a"' in replace(world, tick=SHOWN - 1).view("n")
        assert '"a"' not in replace(world, tick=SHOWN).view("n")
