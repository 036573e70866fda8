"""Cards and a clock for tests that rate."""

from datetime import UTC, datetime, timedelta

from wslearn.course.bank import Choice, Item, Question
from wslearn.course.store import store
from wslearn.interview.bank import Card, Short
from wslearn.interview.deck import Deck

EVIL = "<img src=x onerror=alert(1)>"
AGAIN, HARD, GOOD, EASY = range(1, 5)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


def card(name: str, topic: str = "masking") -> Card:
    """Make a card whose texts say which one it is."""
    return Card(
        id=name,
        lesson="04_masking",
        topic=topic,
        difficulty=1,
        question=f"What is `{name}`?",
        answer=f"The `{name}`.",
        reason=f"Why {name}.",
        section="RFC 6455 §5.3",
    )


ONE = Question(
    id="a-one",
    lesson="02_handshake",
    topic="handshake",
    difficulty=1,
    question="What is `a < b`?",
    choices=(Choice(EVIL, "Not `that`."), Choice("True.", "So it is.", True), Choice("Nothing.", "No.")),
    reason="The rule is `a`.",
)
MANY = Question(
    id="a-many",
    lesson="02_handshake",
    topic="handshake",
    difficulty=2,
    question="Which? More than one is right.",
    choices=(Choice("A.", "Yes a.", True), Choice("B.", "Not b."), Choice("C.", "Yes c.", True)),
    reason="All but b.",
)
OPEN = Short(
    id="an-open",
    lesson="06_lifecycle",
    topic="closing",
    difficulty=2,
    question=f"Why {EVIL}?",
    answer="Because.",
    weak=f"Well, {EVIL}.",
    strong="It is so, at the price of that.",
    points=("It is so.", "A price."),
    follow_ups=("And then?",),
    reason="A rule.",
)


def deck(*items: Item, clock: Clock | None = None, new_per_day: int = 20) -> Deck:
    return Deck(items, new_per_day=new_per_day, clock=clock or Clock())


def asked(made: Deck, topic: str = "") -> str | None:
    """Name the item on top."""
    top = made.deal(topic).top
    return top.item.id if top else None


def rate(made: Deck, rating: int, topic: str = "") -> str:
    """Rate the card on top; name it."""
    top = made.deal(topic).top
    assert top
    made.rate(top, rating)
    return top.item.id


def reviews() -> list[tuple[str, int]]:
    return [(row["item"], row["rating"]) for row in store().run(("SELECT * FROM review ORDER BY rowid", ()))]


def memories() -> dict[str, str]:
    return {row["item"]: row["memory"] for row in store().run(("SELECT * FROM card", ()))}
