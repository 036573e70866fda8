"""What the server makes of what players want: tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.using.once import LESSON, SECTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["TICK", "tick"]

World = dict[str, tuple[int, int]]
Inputs = list[tuple[str, int, int]]


def tick(world: World, inputs: Inputs, size: int) -> World:
    """Let all players move at once.

    Parameters
    ----------
    world
        By player, the place: x and y, each from 0 to ``size - 1``.
    inputs
        What came since the last tick, in order: a player, and how far it wants to go, x and y. Any client
        may send anything.
    size
        Of the field.

    Returns
    -------
    dict
        Where all players are now. The last input of each player counts; it moves by at most 1 in each
        direction, and stays within the field; several may be in one place. An input of somebody who does
        not play counts for nothing.

    Examples
    --------
    >>> tick({"ada": (5, 5), "bob": (0, 9)}, [("ada", 1, 0), ("bob", -1, 7), ("ada", 0, -1)], 10)
    {'ada': (5, 4), 'bob': (0, 9)}
    """
    wanted = {player: (dx, dy) for player, dx, dy in inputs if player in world}
    moved = dict(world)
    for player, way in wanted.items():
        x, y = (
            _within(0, place + _within(-1, step, 1), size - 1)
            for place, step in zip(world[player], way, strict=True)
        )
        moved[player] = x, y
    return moved


def _within(least: int, number: int, most: int) -> int:
    return max(least, min(number, most))


def _played() -> SearchStrategy[tuple[World, Inputs, int]]:
    from hypothesis import strategies as st

    player, place = st.sampled_from(("ada", "bob")), st.integers(0, 9)
    step = st.sampled_from((0, 1, -1, 2, -3, 100))
    worlds = st.dictionaries(player, st.tuples(place, place), min_size=1, max_size=2)
    inputs = st.tuples(st.sampled_from(("ada", "bob", "eve")), step, step)
    return st.tuples(worlds, st.lists(inputs, max_size=3), st.just(10))


def _moved(
    world: World,
    inputs: Inputs,
    size: int,
    *,
    speed: int = 1,
    edge: Callable[[int, int], int] = lambda number, size: _within(0, number, size - 1),
) -> World:
    """Move for each input, as one does who thinks of one input alone."""
    moved = dict(world)
    for player, *way in inputs:
        if player in world:
            x, y = (
                edge(place + _within(-speed, step, speed), size)
                for place, step in zip(moved[player], way, strict=True)
            )
            moved[player] = x, y
    return moved


def _last_of_each(inputs: Inputs) -> Inputs:
    return list({move[0]: move for move in inputs}.values())


def _each_input(world: World, inputs: Inputs, size: int) -> World:
    return _moved(world, inputs, size)


def _the_first(world: World, inputs: Inputs, size: int) -> World:
    return tick(world, inputs[::-1], size)


def _any_speed(world: World, inputs: Inputs, size: int) -> World:
    return _moved(world, _last_of_each(inputs), size, speed=1000)


def _off_the_field(world: World, inputs: Inputs, size: int) -> World:
    return _moved(world, _last_of_each(inputs), size, edge=lambda number, _: number)


def _one_too_far(world: World, inputs: Inputs, size: int) -> World:
    return tick(world, inputs, size + 1)


def _around(world: World, inputs: Inputs, size: int) -> World:
    return _moved(world, _last_of_each(inputs), size, edge=lambda number, size: number % size)


def _as_told(world: World, inputs: Inputs, size: int) -> World:
    places = {player: (_within(0, x, size - 1), _within(0, y, size - 1)) for player, x, y in inputs}
    return {player: places.get(player, place) for player, place in world.items()}


def _all_come_in(world: World, inputs: Inputs, size: int) -> World:
    strangers = {player: (0, 0) for player, _, _ in inputs if player not in world}
    return tick({**world, **strangers}, inputs, size)


def _nothing_unless_fair(world: World, inputs: Inputs, size: int) -> World:
    fair = [move for move in _last_of_each(inputs) if max(abs(move[1]), abs(move[2])) <= 1]
    return tick(world, fair, size)


def _all_or_nothing(world: World, inputs: Inputs, size: int) -> World:
    free = _moved(world, _last_of_each(inputs), size, edge=lambda number, _: number)
    return {who: at if 0 <= min(at) <= max(at) < size else world[who] for who, at in free.items()}


def _nobody_in_the_way(world: World, inputs: Inputs, size: int) -> World:
    moved = dict(world)
    for player, place in tick(world, inputs, size).items():
        if place not in moved.values():
            moved[player] = place
    return moved


def _only_who_spoke(world: World, inputs: Inputs, size: int) -> World:
    spoke = {player for player, _, _ in inputs}
    return {player: place for player, place in tick(world, inputs, size).items() if player in spoke}


TICK = Exercise(
    model=tick,
    lesson=LESSON,
    section=SECTION,
    examples=(
        ({"ada": (5, 5)}, [], 10),
        ({"ada": (5, 5)}, [("ada", 1, 0)], 10),
        ({"ada": (5, 5)}, [("ada", 0, -1)], 10),
        ({"ada": (5, 5)}, [("ada", 3, -100)], 10),
        ({"ada": (5, 5)}, [("ada", 1, 0), ("ada", 0, 0)], 10),
        ({"ada": (5, 5)}, [("ada", 1, 0), ("ada", 1, 0)], 10),
        ({"ada": (0, 9)}, [("ada", -1, 1)], 10),
        ({"ada": (9, 0)}, [("ada", 1, -1)], 10),
        ({"ada": (0, 5)}, [("ada", -1, 1)], 10),
        ({"ada": (5, 5)}, [("eve", 1, 0)], 10),
        ({"ada": (5, 5), "bob": (6, 5)}, [("ada", 1, 0)], 10),
        ({"ada": (5, 5), "bob": (2, 2)}, [("ada", 1, 1), ("bob", 5, 0), ("ada", -1, 0)], 10),
    ),
    inputs=_played,
    hints=(
        "First decide which input of each player counts. Then move each player once.",
        "A dict keeps the last: `{player: (dx, dy) for player, dx, dy in inputs if player in world}`.",
        "A client may say 100. It gets 1: `max(-1, min(dx, 1))`.",
        "Then the field: `max(0, min(x + dx, size - 1))`. Who says nothing stays: begin with `dict(world)`.",
    ),
    misconceptions=(
        Misconception(
            "a move for each input",
            "You move a player once for each input. Then who sends more messages is faster: one move in a "
            "tick, and the last input counts.",
            _each_input,
        ),
        Misconception(
            "the first input",
            "You take the first input of each player. The last one is what the player wants now.",
            _the_first,
        ),
        Misconception(
            "any speed",
            "You let a player go as far as it says. A client that was changed says 100: the server decides "
            "what one tick allows.",
            _any_speed,
        ),
        Misconception(
            "off the field",
            "You let players leave the field. Each place is from 0 to `size - 1`.",
            _off_the_field,
        ),
        Misconception(
            "one too far",
            "You let players go to `size`. Places count from 0, so the last one is `size - 1`.",
            _one_too_far,
        ),
        Misconception(
            "both directions or none",
            "You let a player stay where it is when one of its directions leads off the field. The other one "
            "does not: who walks into a wall at a slant goes on along it.",
            _all_or_nothing,
        ),
        Misconception(
            "somebody in the way",
            "You keep a player from a place where another one is. That may be a good rule; in this field "
            "several may be in one place.",
            _nobody_in_the_way,
        ),
        Misconception(
            "around the edge",
            "Who leaves the field at one edge comes back at the other. Here a player stops at the edge.",
            _around,
        ),
        Misconception(
            "the place that the client says",
            "You take what a client sends as its new place. A client that was changed would be anywhere it "
            "likes: it says where it *wants to go*, and the server where it is.",
            _as_told,
        ),
        Misconception(
            "strangers let in",
            "You add a player who does not play, because an input names it. Joining is another message, and "
            "the server may refuse that.",
            _all_come_in,
        ),
        Misconception(
            "only who said something",
            "You leave out who said nothing. They stay where they are, and the others must still see them: "
            "begin with a copy of `world`.",
            _only_who_spoke,
        ),
        Misconception(
            "too much means nothing",
            "You drop an input that wants too much. It says a direction all the same: give it the 1 that "
            "is allowed.",
            _nothing_unless_fair,
        ),
    ),
)
