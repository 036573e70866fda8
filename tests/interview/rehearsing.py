"""What the tests of the mock interview share: a clock that stands still, and questions of their own."""

from wslearn.interview.bank import Estimate, Given, Short
from wslearn.interview.rehearsal import Rehearsal

EVIL = "<img src=x onerror=alert(1)>"


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def short(name: str, topic: str = "masking", follow_ups: tuple[str, ...] = ()) -> Short:
    """Make a question with three points, about lesson 04."""
    return Short(
        id=name,
        lesson="04_masking",
        see="04_masking#Why",
        topic=topic,
        difficulty=2,
        question=f"Why `{name}`?",
        reason="So.",
        answer="Because.",
        weak="Well.",
        strong=f"Because of `{name}` < 2.",
        points=(f"{name} one.", f"{name} `two`.", f"{name} three."),
        follow_ups=follow_ups,
    )


ONE = short("q-one", follow_ups=("And then?", "And last?"))
TWO = short("q-two", "frames")
THREE = Estimate(
    id="q-three",
    lesson="11_scaling",
    topic="scaling",
    difficulty=1,
    question="How many?",
    reason="So.",
    given={"nodes": Given(30, "nodes")},
    formula="nodes * 2",
    unit="nodes",
    steps=("Twice 30.", "That is 60."),
)


def rehearsal(clock: Clock, minutes: int = 15) -> Rehearsal:
    """Make an interview of three questions that stands still."""
    return Rehearsal((ONE, TWO, THREE), minutes, "three", clock)
