"""Which way to push: from what is needed to a recommendation, by a table of rules that everybody can read.

Each rule of `wslearn.interview.ways` says where one way is out, and why. Of the ways that are left the
simplest is taken. So the answer can be checked, disputed, and said aloud in an interview: "SSE would do,
but …". `decide` is the drill: there the student decides first.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.interview.lines import Line, line_table
from wslearn.interview.ways import COSTS, NEEDS, RULES, WAYS, Needs, Rule
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wslearn.interview.bank import Decision
    from wslearn.widgets.decision_view import DecisionView

__all__ = [
    "NEEDS",
    "RULES",
    "WAYS",
    "Needs",
    "Recommendation",
    "Rule",
    "RuleTable",
    "decide",
    "recommend",
    "rules",
]


@dataclass(frozen=True)
class Recommendation:
    """What to use, and why.

    Parameters
    ----------
    needs
        What was needed.
    way
        What to use.
    against
        For each way the rules that are against it; none for those that would do.
    """

    needs: Needs
    way: str
    against: Mapping[str, tuple[Rule, ...]]

    @property
    def gives_up(self) -> tuple[str, ...]:
        """What the way that is taken cannot do, or only at a price, where none can do all."""
        return tuple(rule.why for rule in self.against[self.way])

    @property
    def costs(self) -> str:
        """What it costs."""
        return COSTS[self.way]

    @property
    def reason(self) -> str:
        """Why this one, in a sentence or two."""
        against = self.against[self.way]
        if any(not rule.costly for rule in against):
            return "No way does all of that. This one comes nearest."
        if against:
            return "No way does all of that without a price. None has a smaller one than this."
        simpler = list(WAYS)[: list(WAYS).index(self.way)]
        if not simpler:
            return "It is the simplest way, and does all of that."
        return f"It is the simplest way that does all of that: {_listed(simpler)} would not."

    @cached_property
    def otherwise(self) -> dict[str, str]:
        """By way, which other values of a single need would lead to it: ``"latency were minutes"``."""
        found: dict[str, dict[str, list[str]]] = {way: {} for way in WAYS}
        for need, values in NEEDS.items():
            for value in values:
                way, _ = _weigh(replace(self.needs, **{need: value}))
                found[way].setdefault(need, []).append(value)
        return {
            way: ", or ".join(f"{need} were {_listed(of, 'or')}" for need, of in found[way].items())
            for way in WAYS
            if way != self.way
        }

    def verdict(self, way: str) -> str:
        """Say what becomes of a way: ``"taken"``, ``"out"``, ``"at a price"`` or ``"not needed"``."""
        if way == self.way:
            return "taken"
        verdicts = {rule.verdict for rule in self.against[way]}
        return "out" if "out" in verdicts else "at a price" if verdicts else "not needed"

    def lines(self) -> Iterator[Line]:
        """Say what is taken and what it costs, and of each other way why not, and when it would be."""
        yield Line(self.way, "taken", self.reason, kind="payload")
        yield from (Line("it gives up", "", why, kind="length") for why in self.gives_up)
        yield Line("it costs", "", self.costs)
        for way, changes in self.otherwise.items():
            said = [rule.why for rule in self.against[way]] or ["It would do, and is less simple."]
            if changes:
                said.append(f"It would be taken if {changes}.")
            yield Line(way, self.verdict(way), " ".join(said), kind=_HUES[self.verdict(way)])

    def text(self) -> str:
        """Give it as text."""
        return "\n".join(f"{line.name}: {line.meaning}" for line in self.lines())

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        needed = ", ".join(f"{need}: {value}" for need, value in asdict(self.needs).items())
        table = line_table([Line("needed", "", needed, kind="opcode"), *self.lines()])
        return card("Which way?", "by the rules", table, verdict_bar("✓", self.way, WAYS[self.way], ""))


_HUES = {"out": "fault", "at a price": "length", "not needed": "flags"}


def _listed(names: Sequence[str], word: str = "and") -> str:
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def _weigh(needs: Needs) -> tuple[str, dict[str, tuple[Rule, ...]]]:
    against = {way: tuple(rule for rule in RULES if rule.way == way and rule.applies(needs)) for way in WAYS}
    return min(
        WAYS, key=lambda way: (sum(not rule.costly for rule in against[way]), len(against[way]))
    ), against


def recommend(needs: Needs) -> Recommendation:
    """Recommend a way to push: the simplest that no rule of `RULES` is against.

    Where there is none, it is the one with the fewest rules that put it out, and of several the one with the
    fewest that name a price; with what it gives up.

    Examples
    --------
    >>> recommend(Needs(direction="both", rate="steady")).way
    'WebSocket'
    >>> recommend(Needs(rate="rare", latency="minutes"))
    polling: It is the simplest way, and does all of that.
    it costs: Most requests bring nothing, and an event comes half an interval late.
    SSE: It would do, and is less simple. It would be taken if latency were instant.
    long polling: It would do, and is less simple.
    gRPC streaming: A page has no access to HTTP/2's frames. What there is for pages, gRPC-Web, streams ...
    WebSocket: It would do, and is less simple.
    WebTransport: Not every browser in use has it: all of the large ones do only since 2026.
    """
    return Recommendation(needs, *_weigh(needs))


@dataclass(frozen=True)
class RuleTable:
    """All rules, to be read.

    Parameters
    ----------
    needs
        Of which it marks the rules that apply; none marks none.
    """

    needs: Needs | None = None

    def lines(self) -> Iterator[Line]:
        """Say of each rule where it applies, why, and what it does."""
        for rule in RULES:
            applies = self.needs is not None and rule.applies(self.needs)
            section = f"{rule.verdict}{', here' * applies}"
            yield Line(rule.way, rule.when, rule.why, section, _HUES[rule.verdict] if applies else "flags")

    def __repr__(self) -> str:
        return "\n".join(
            f"{line.name} is {line.section} with {line.value}. {line.meaning}" for line in self.lines()
        )

    def _repr_html_(self) -> str:
        order = f"Of the ways that are left, take the first: {_listed(list(WAYS))}."
        return card(
            "Where each way is out",
            count(len(RULES), "rule"),
            line_table(self.lines()),
            verdict_bar("–", "then", order, ""),
        )


def rules(needs: Needs | None = None) -> RuleTable:
    """Show the table of rules.

    Parameters
    ----------
    needs
        Mark the rules that apply to these.

    Examples
    --------
    >>> print(str(rules()).splitlines()[0])
    polling is out with latency: instant. What happens waits for the next question, half an interval on ...
    """
    return RuleTable(needs)


def decide(*names: str, topic: str = "", **needs: str) -> DecisionView:
    """Decide which way to push, before you see what the rules say; the answers to items are kept.

    Parameters
    ----------
    names
        Ids of decisions of the question bank; without any, all of them, or those of the topic.
    topic
        One of `wslearn.interview.bank.TOPICS`.
    needs
        Needs of your own to begin with, as `Needs` has them: ``decide(direction="both")``.

    Raises
    ------
    UsageError
        For an id, a topic, a need or a value that is not there: the message names those that are.

    Examples
    --------
    >>> decide("alternatives-scores-sse")
    <decide: 1 decision and your own needs>
    >>> decide(hurry="great")
    Traceback (most recent call last):
    wslearn.errors.UsageError: There is no need 'hurry'. There are direction, rate, latency, clients, ...
    """
    from wslearn.interview.bank import Decision
    from wslearn.interview.picking import pick
    from wslearn.widgets.decision_view import DecisionView

    if unknown := needs.keys() - NEEDS.keys():
        raise UsageError(f"There is no need {min(unknown)!r}. There are {', '.join(NEEDS)}.")
    own = Needs(**needs) if needs else None
    return DecisionView(pick(Decision, names, topic), own, _record)


def _record(item: Decision, way: str, why: str, right: bool) -> None:
    from wslearn.course.progress import record_answer

    record_answer(item.id, item.lesson, [way, *([why] if why else [])], right)
