"""What is due: the bank's items as cards, put off by FSRS for as long as they are likely to be remembered.

Two tables of the progress hold all of it. ``card`` has one row for each card that was begun, with what FSRS
remembers of it; ``review`` has one row for each rating. A card is known by its item's id, so an item that is
edited keeps its place, and one that has left the bank leaves its row where it is.

Several kernels may deal the same card. A rating is written only while the card's memory is still the one
with which it was dealt, in one transaction with its row in ``review``: so no card is put off twice for one
question, and no kernel writes over what another has written.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from wslearn.course.store import store
from wslearn.errors import UsageError
from wslearn.interview.memory import RATINGS, rated, read, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wslearn.course.bank import Item

__all__ = ["Count", "Deal", "Dealt", "Deck"]

#: Who has nothing else to do gets a card that is being learned so much before it is due.
_AHEAD = timedelta(minutes=20)

_STALE = (
    "This card was rated in another notebook meanwhile, or your progress was erased. "
    "Your rating was not counted. Go on with this one."
)


@dataclass(frozen=True)
class Dealt:
    """A card as it was dealt.

    Parameters
    ----------
    item
        What it asks.
    memory
        What FSRS remembers of it, as it is kept; nothing for a new card.
    """

    item: Item
    memory: str | None = None


class Count(NamedTuple):
    """How many cards are due, and how many were never seen."""

    due: int
    new: int


@dataclass(frozen=True)
class Deal:
    """What there is to do.

    Parameters
    ----------
    top
        The card to ask; none where nothing is left for now.
    counts
        How many cards there are of each topic that has some.
    room
        How many cards may be begun today.
    soon
        How many cards of the topic are being learned, and will be due in a moment.
    later
        When the next card of the topic is due that is not due now; none where there is none.
    """

    top: Dealt | None
    counts: dict[str, Count]
    room: int
    soon: int
    later: datetime | None


def _clock() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class Deck:
    """Cards of the bank, and what is kept of them.

    Parameters
    ----------
    items
        What to ask; new cards are begun in this order.
    new_per_day
        How many cards are begun in a day at most.
    clock
        Tells the time, in UTC.

    Examples
    --------
    >>> from wslearn.interview.faces import recalled
    >>> from wslearn.interview.memory import spoken
    >>> deck = Deck(recalled(), new_per_day=5)
    >>> deal = deck.deal("masking")
    >>> deal.top.item.topic, deal.counts["masking"].due, deal.room
    ('masking', 0, 5)
    >>> [spoken(interval) for interval in deck.intervals(deal.top)]
    ['1 min', '6 min', '10 min', '8 days']
    """

    def __init__(
        self,
        items: Iterable[Item],
        *,
        new_per_day: int,
        clock: Callable[[], datetime] = _clock,
    ) -> None:
        self.items = tuple(items)
        self.new_per_day = new_per_day
        self.clock = clock
        self._done: list[tuple[Dealt, str]] = []

    @property
    def notice(self) -> str:
        """What went wrong with keeping the cards; else empty."""
        return store().notice

    @property
    def can_undo(self) -> bool:
        """Whether a rating that was given here can be taken back."""
        return bool(self._done)

    def deal(self, topic: str = "") -> Deal:
        """Say what there is to do: first what is due, then what is new, then what will be due in a moment.

        Parameters
        ----------
        topic
            Deal the cards of this topic alone.
        """
        now = self.clock()
        kept = {row["item"]: row["memory"] for row in store().run(("SELECT item, memory FROM card", ()))}
        dealt = [Dealt(item, kept.get(item.id)) for item in self.items]
        begun = sorted(
            ((read(each.memory), each) for each in dealt if each.memory is not None),
            key=lambda pair: pair[0].due,
        )
        room = max(self.new_per_day - _begun_since(_midnight(now)), 0)
        here = [(card, each) for card, each in begun if topic in {"", each.item.topic}]
        new = [each for each in dealt if each.memory is None and topic in {"", each.item.topic}]
        soon = [each for card, each in here if card.step is not None and now < card.due <= now + _AHEAD]
        order = [*(each for card, each in here if card.due <= now), *new[:room], *soon]
        due = Counter(each.item.topic for card, each in begun if card.due <= now)
        unseen = Counter(each.item.topic for each in dealt if each.memory is None)
        counts = {
            name: Count(due[name], unseen[name]) for name in dict.fromkeys(each.item.topic for each in dealt)
        }
        later = next((card.due for card, _ in here if card.due > now), None)
        return Deal(order[0] if order else None, counts, room, len(soon), later)

    def intervals(self, dealt: Dealt) -> tuple[timedelta, ...]:
        """Tell for each of `RATINGS` how long the card would be put off by it.

        Parameters
        ----------
        dealt
            The card, as it was dealt.
        """
        now = self.clock()
        return tuple(rated(dealt.memory, rating, now).due - now for rating in range(1, len(RATINGS) + 1))

    def rate(self, dealt: Dealt, rating: int) -> timedelta:
        """Put a card off, and keep that it was rated.

        Parameters
        ----------
        dealt
            The card, as it was dealt.
        rating
            1 "Again", 2 "Hard", 3 "Good", 4 "Easy".

        Returns
        -------
        timedelta
            How long it is put off.

        Raises
        ------
        UsageError
            When the card is not as it was dealt any more: it was rated elsewhere meanwhile. Nothing is
            written then.
        """
        now = self.clock()
        card = rated(dealt.memory, rating, now)
        memory = written(card)
        (row,) = store().run(
            (
                """INSERT INTO card (item, memory)
                SELECT ?, ? WHERE (SELECT memory FROM card WHERE item = ?) IS ?
                ON CONFLICT (item) DO UPDATE SET memory = excluded.memory""",
                (dealt.item.id, memory, dealt.item.id, dealt.memory),
            ),
            (
                "INSERT INTO review (at, item, rating, before) SELECT ?, ?, ?, ? WHERE changes() = 1",
                (_stamp(now), dealt.item.id, rating, dealt.memory),
            ),
            ("SELECT changes() AS written", ()),
        )
        if not row["written"]:
            raise UsageError(_STALE)
        self._done.append((dealt, memory))
        return card.due - now

    def undo(self) -> Dealt:
        """Take back the last rating that was given here and is not taken back yet.

        Returns
        -------
        Dealt
            The card as it was dealt then.

        Raises
        ------
        UsageError
            When there is none, or when the card was rated elsewhere since: that rating stays.
        """
        if not self._done:
            raise UsageError("There is no rating to take back.")
        dealt, memory = self._done.pop()
        name = dealt.item.id
        back = (
            ("DELETE FROM card WHERE item = ? AND memory = ?", (name, memory))
            if dealt.memory is None
            else ("UPDATE card SET memory = ? WHERE item = ? AND memory = ?", (dealt.memory, name, memory))
        )
        last = "SELECT max(rowid) FROM review WHERE item = ?"
        (row,) = store().run(
            back,
            (f"DELETE FROM review WHERE changes() = 1 AND rowid = ({last})", (name,)),  # noqa: S608 - no input
            ("SELECT changes() AS written", ()),
        )
        if not row["written"]:
            raise UsageError("The card was rated in another notebook since, and that rating stays.")
        return dealt


def _begun_since(at: datetime) -> int:
    (row,) = store().run(
        ("SELECT count(*) AS begun FROM review WHERE before IS NULL AND at >= ?", (_stamp(at),))
    )
    return int(row["begun"])


def _midnight(now: datetime) -> datetime:
    """Tell when the day began, where the student is."""
    return now.astimezone().replace(hour=0, minute=0, second=0).astimezone(UTC)


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
