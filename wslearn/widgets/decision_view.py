"""DecisionView: what is needed, and which way to push. The student decides first, then the rules do."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from traitlets import Dict, List

from wslearn.errors import UsageError
from wslearn.interview.deciding import NEEDS, WAYS, Needs, recommend, rules
from wslearn.interview.faces import back, source
from wslearn.interview.lines import line_table
from wslearn.picture_card import card, prose
from wslearn.spans import count, visible
from wslearn.widgets import answer, one_by_one
from wslearn.widgets.answer import answer_html
from wslearn.widgets.base import style_of
from wslearn.widgets.one_by_one import OneByOne

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wslearn.interview.bank import Decision

    Decided = Callable[[Decision, str, str, bool], None]

__all__ = ["DecisionView"]

_OWN = "Set what is needed, as your interviewer tells you. Which way do you take?"
_LINE = 300  # characters of a reason that are kept


class DecisionView(OneByOne):
    """Decisions one at a time, and at the end one whose needs the student sets.

    Parameters
    ----------
    decisions
        What is asked, in this order.
    own
        The needs with which the last one begins; when given, it is shown first.
    decided
        Is told of each decision about an item: the item, the way that was taken, why in a line, and whether
        the rules take it, too.

    Attributes
    ----------
    needs : dict
        The needs that the student sets: a value of `NEEDS` for each of its names.
    values, ways : dict
        `NEEDS` and `WAYS`, for the page.
    items : list of dict
        Of each decision the ``question`` and its ``needs``; none where the student sets them.
    asked : list
        As `OneByOne` has it; an answer is a dict of the ``way`` and, in a line, ``why``.
    results : list of dict
        Of each decision that was made: ``way``, ``why``, whether it is ``right``; as the rules have it,
        ``lines`` of a table, and ``rules``, all of them with those marked that apply; ``parts`` of the
        item's own answer, and its ``source``. Empty for the others.
    table : list of dict
        All rules, before anything is decided.
    """

    shares = (*OneByOne.shares, "answer")
    _given = dict

    needs: Dict[str, Any] = Dict().tag(sync=True)
    values: Dict[str, dict[str, str]] = Dict().tag(sync=True)
    ways: Dict[str, str] = Dict().tag(sync=True)
    table: List[dict[str, str]] = List().tag(sync=True)

    def __init__(
        self, decisions: Sequence[Decision], own: Needs | None = None, decided: Decided | None = None
    ) -> None:
        self.decisions = tuple(decisions)
        self._decided = decided
        self._own = own or Needs()
        items = [{"question": each.question, "needs": each.needs} for each in decisions]
        super().__init__(
            "",
            [*items, {"question": _OWN, "needs": None}],
            ("needs",),
            needs=asdict(self._own),
            values=NEEDS,
            ways=WAYS,
            table=[line._asdict() for line in rules().lines()],
        )
        if own:
            self.at = len(self.decisions)

    def decide(self, way: str, why: str = "") -> None:
        """Decide, as the button does.

        Parameters
        ----------
        way
            One of `WAYS`.
        why
            The reason, in a line.
        """
        self.asked = [self.at, {"way": way, "why": why}, self.turn]

    def _edit_needs(self, needs: dict[str, Any]) -> None:
        try:
            self._own = Needs(**{name: value for name, value in needs.items() if name in NEEDS})
        finally:
            self.needs = asdict(self._own)
        self._set_result(len(self.decisions), {})

    def _item(self, at: int) -> Decision | None:
        return self.decisions[at] if at < len(self.decisions) else None

    def _needs(self, at: int) -> Needs:
        item = self._item(at)
        return Needs(**item.needs) if item else self._own

    def _judged(self, at: int, given: dict[str, Any]) -> dict[str, Any]:
        way, why = given.get("way"), f"{given.get('why') or ''}"
        if way not in WAYS:
            raise UsageError("Choose a way first.")
        item, needs = self._item(at), self._needs(at)
        recommended = recommend(needs)
        return {
            "way": way,
            "why": visible(" ".join(why.split()))[:_LINE],
            "right": way == recommended.way,
            "lines": [line._asdict() for line in recommended.lines()],
            "rules": [line._asdict() for line in rules(needs).lines()],
            "parts": [part._asdict() for part in back(item)] if item else [],
            "source": source(item) if item else "",
        }

    def _keep(self, at: int, result: dict[str, Any]) -> None:
        if (item := self._item(at)) and self._decided is not None:
            self._decided(item, result["way"], result["why"], result["right"])

    def _verdict(self, at: int, result: dict[str, Any]) -> dict[str, str]:
        item = self._item(at)
        if not result:
            word = f"decision {at + 1} of {len(self.decisions)}" if item else "your own needs"
            text = "Decide first; then see what the rules say."
            return {"mark": "–", "verdict": word, "text": text, "note": ""}
        note, way = item.section if item else "", result["way"]
        if result["right"]:
            text = f"You take {way}, and so do the rules."
            return {"mark": "✓", "verdict": "as the rules", "text": text, "note": note}
        taken = result["lines"][0]["name"]
        text = f"You take {way}, the rules take {taken}. Which rule do you dispute?"
        return {"mark": "✗", "verdict": "not as the rules", "text": text, "note": note}

    def __repr__(self) -> str:
        return f"<decide: {count(len(self.decisions), 'decision')} and your own needs>"

    def still(self) -> str:
        """Write all decisions down; what the rules say is there to be opened."""
        shown = [at for at, result in enumerate(self.results) if self._item(at) or result or at == self.at]
        rows = "".join(map(self._still, shown))
        every = f"<summary>All {len(self.table)} rules</summary>{line_table(rules().lines())}"
        style = style_of(one_by_one.__file__) + style_of(answer.__file__)
        body = f'<div class="wsl-part"><ol class="wsl-asks">{rows}</ol><details>{every}</details></div>'
        return card("Decide", "which way to push?", style + body, "")

    def _still(self, at: int) -> str:
        item, result, needs = self._item(at), self.results[at], self._needs(at)
        needed = ", ".join(f"{name}: {value}" for name, value in asdict(needs).items())
        asked = f'<p>{prose(self.items[at]["question"])}</p><p class="wsl-name">{prose(needed)}</p>'
        said = f"<p>{prose(self._verdict(at, result)['text'])}</p>" if result else ""
        lines = line_table(recommend(needs).lines())
        parts = f"{answer_html(back(item))}<p>{prose(source(item))}</p>" if item else ""
        return f"<li>{asked}{said}<details><summary>What the rules say</summary>{lines}{parts}</details></li>"
