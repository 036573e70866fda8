"""CardsView: cards one at a time. See the question, recall, turn the card over, say how well it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Int, List, Unicode

from wslearn.course.bank import Question
from wslearn.errors import UsageError
from wslearn.interview.bank import kind_of
from wslearn.interview.faces import back, source
from wslearn.interview.memory import RATINGS, spoken
from wslearn.picture_card import card, prose
from wslearn.spans import count
from wslearn.widgets import answer
from wslearn.widgets.answer import answer_html
from wslearn.widgets.base import style_of
from wslearn.widgets.editable import Editable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.course.bank import Item
    from wslearn.interview.deck import Dealt, Deck

__all__ = ["CardsView"]

_POINTS = "How many of the points did you make?"
#: What to do with a card of each kind before it is turned over, and then.
_ASKED = {
    "card": ("Say the answer, then look.", "How well did you have it?"),
    "choice": ("Choose an answer.", "How well did you have it?"),
    "short": ("Answer aloud, as if somebody listened, then look.", _POINTS),
    "decision": ("Decide, and say why, then look.", _POINTS),
    "estimate": ("Work it out, the power of ten first, then look.", "How near were you?"),
}
_MANY = "Choose all that are right, then look."


class CardsView(Editable):
    """Cards to be asked, one after the other, and put off by how well they were remembered.

    Parameters
    ----------
    deck
        Where the cards come from, and what keeps the ratings.
    topic
        Ask the cards of this topic alone; of all if it is empty.

    Attributes
    ----------
    topic : str
        As above.
    topics : list of dict
        Of each topic its ``name``, and how many of its cards are ``due`` and ``new``.
    order : list
        What to do: `turn`, and ``"reveal"`` with the indices of what was chosen, ``"rate"`` with 1 to 4,
        ``"undo"``, or ``"look"`` to deal anew. An order that comes late, or twice, is not obeyed again.
    turn : int
        How many orders came in time.
    face : dict
        The card: its ``kind``, ``topic``, ``question``, the texts of its ``choices``, whether ``many`` of
        them are right. When it is turned over, too: ``parts``, ``judged``, ``ratings``, ``source``. What is
        right is not told to the page before. Empty where nothing is due.
    can_undo : bool
        Whether there is a rating to take back.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``.
    notice : str
        What went wrong with keeping the cards; else empty.
    """

    shares = ("answer",)

    topic = Unicode().tag(sync=True)
    order: List[Any] = List().tag(sync=True)

    topics: List[dict[str, Any]] = List().tag(sync=True)
    turn = Int().tag(sync=True)
    face: Dict[str, Any] = Dict().tag(sync=True)
    can_undo = Bool().tag(sync=True)
    verdict: Dict[str, str] = Dict().tag(sync=True)
    notice = Unicode().tag(sync=True)

    def __init__(self, deck: Deck, topic: str = "") -> None:
        self.deck = deck
        self._dealt: Dealt | None = None
        super().__init__(("topic", "order"), topic=topic)
        self._deal()

    def reveal(self, *chosen: int) -> None:
        """Turn the card over, as the space bar does.

        Parameters
        ----------
        chosen
            The indices of the choices that are taken, where there are some.
        """
        self.order = [self.turn, "reveal", list(chosen)]

    def rate(self, rating: int) -> None:
        """Say how well it went, as the keys 1 to 4 do, and go on to the next card.

        Parameters
        ----------
        rating
            1 "Again", 2 "Hard", 3 "Good", 4 "Easy".
        """
        self.order = [self.turn, "rate", rating]

    def undo(self) -> None:
        """Take the last rating back, and ask that card again; a topic that was chosen gives way to its."""
        self.order = [self.turn, "undo"]

    def _edit_topic(self, topic: str) -> None:
        self.turn += 1
        self._deal()
        if topic and topic not in {each["name"] for each in self.topics}:
            raise UsageError(f"There are no cards about {topic}.")

    def _edit_order(self, order: list[Any]) -> None:
        if order[:1] != [self.turn]:
            return
        self.turn += 1
        match order[1:]:
            case ["reveal", list(chosen)] if self._dealt and "parts" not in self.face:
                self._turn_over(self._dealt, chosen)
            case ["rate", int(rating)] if self._dealt and "parts" in self.face:
                self._rate(self._dealt, rating)
            case ["undo"]:
                self._undo()
            case ["look"]:
                self._deal()
            case _:
                raise UsageError("Turn the card over, then rate it with 1 to 4.")

    def _turn_over(self, dealt: Dealt, chosen: list[Any]) -> None:
        intervals = zip(RATINGS, self.deck.intervals(dealt), strict=True)
        judged = _judged(dealt.item, chosen) if isinstance(dealt.item, Question) else []
        self.face = {
            **self.face,
            "judged": judged,
            "parts": [part._asdict() for part in back(dealt.item)],
            "ratings": [{"name": name, "interval": spoken(interval)} for name, interval in intervals],
            "source": source(dealt.item),
        }
        if not any(each["chosen"] for each in judged):
            said = ("–", "the answer", _ASKED[self.face["kind"]][1])
        elif all(each["chosen"] == each["right"] for each in judged):
            said = ("✓", "right", "How sure were you?")
        else:
            said = ("✗", "not so", "Rate it Again, unless it was a slip.")
        self._say(*said, dealt.item.topic)

    def _rate(self, dealt: Dealt, rating: int) -> None:
        if rating not in range(1, len(RATINGS) + 1):
            raise UsageError("Rate the card with 1 to 4.")
        try:
            self.deck.rate(dealt, rating)
        finally:  # if it was rated elsewhere meanwhile, it is over, too
            self._deal()

    def _undo(self) -> None:
        try:
            dealt = self.deck.undo()
        finally:
            self.can_undo = self.deck.can_undo
        if self.topic:  # the list names the set of the card that is shown, and the counts are of that set
            self.topic = dealt.item.topic
        self._deal(dealt)

    def _deal(self, again: Dealt | None = None) -> None:
        """Show the front of a card that was dealt, or of the next one."""
        deal = self.deck.deal(self.topic)
        self.topics = [
            {"name": name, "due": counts.due, "new": counts.new} for name, counts in deal.counts.items()
        ]
        self._last = deal
        self._dealt = again or deal.top
        self.face = _front(self._dealt.item) if self._dealt else {}
        self.can_undo = self.deck.can_undo
        self.notice = self.deck.notice
        if self._dealt:
            text = _MANY if self.face["many"] else _ASKED[self.face["kind"]][0]
            self._say("–", self._left(), text, self._dealt.item.topic)
        else:
            self._say("✓", "done for now", self._nothing(), self.topic)

    def _say(self, mark: str, verdict: str, text: str, note: str) -> None:
        self.verdict = {"mark": mark, "verdict": verdict, "text": text, "note": note}

    def _here(self, kind: str) -> int:
        """Count the cards of a kind, ``"due"`` or ``"new"``, that the topic chosen has."""
        return sum(each[kind] for each in self.topics if self.topic in {"", each["name"]})

    def _nothing(self) -> str:
        """Say when there will be something again."""
        said = []
        if self._last.later:
            said.append(f"The next card is due in {spoken(self._last.later - self.deck.clock())}.")
        if new := self._here("new"):
            limit = self.deck.new_per_day
            said.append(
                f"{count(new, 'new card')} {'waits' if new == 1 else 'wait'}: you begin {limit} a day. "
                f"For more today: cards(new_per_day={limit + 20})."
            )
        return " ".join(said)

    def _left(self) -> str:
        soon = f", {self._last.soon} again soon" * bool(self._last.soon)
        return f"{self._here('due')} due, {min(self._here('new'), self._last.room)} new{soon}"

    def __repr__(self) -> str:
        return f"<cards{' about ' * bool(self.topic)}{self.topic}: {self._left()}>"

    def still(self) -> str:
        """Write down what is due, and the card with its answer to be opened."""
        asked = _still(self._dealt.item) if self._dealt else f"<p>{prose(self.verdict['text'])}</p>"
        rows = "".join(
            f'<tr><th scope="row">{prose(each["name"])}</th><td>{each["due"]}</td><td>{each["new"]}</td></tr>'
            for each in self.topics
        )
        heads = "".join(f'<th scope="col">{name}</th>' for name in ("topic", "due", "new"))
        table = f'<table class="wsl-due"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        body = f"{asked}<details><summary>By topic</summary>{table}</details>"
        style = style_of(answer.__file__) + style_of(__file__)
        return card("Cards", self._left(), f'{style}<div class="wsl-part">{body}</div>', "")


def _front(item: Item) -> dict[str, Any]:
    choices = item.choices if isinstance(item, Question) else ()
    return {
        "kind": kind_of(item),
        "topic": item.topic,
        "question": item.question,
        "choices": [choice.text for choice in choices],
        "many": sum(choice.right for choice in choices) > 1,
    }


def _judged(question: Question, chosen: Sequence[object]) -> list[dict[str, Any]]:
    return [
        {"text": choice.text, "right": choice.right, "why": choice.why, "chosen": at in chosen}
        for at, choice in enumerate(question.choices)
    ]


def _still(item: Item) -> str:
    choices = _judged(item, ()) if isinstance(item, Question) else []
    front = "".join(f"<li>{prose(each['text'])}</li>" for each in choices)
    judged = "".join(
        f'<li class="wsl-{"payload" if each["right"] else "fault"}">'
        f"<b>{'✓ right' if each['right'] else '✗ wrong'}:</b> {prose(each['text'])} {prose(each['why'])}</li>"
        for each in choices
    )
    told = f"{f'<ul>{judged}</ul>' if judged else ''}{answer_html(back(item))}<p>{prose(source(item))}</p>"
    asked = f'<p class="wsl-recall">{prose(item.question)}</p>{f"<ul>{front}</ul>" if front else ""}'
    return f"{asked}<details><summary>Answer</summary>{told}</details>"
