"""The question bank of the interview room: what the quizzes ask, and much that only an interviewer asks.

How to write items
------------------
``items/<topic>.yaml`` holds the items of one topic of `TOPICS`, as a list. All have::

    - id: keepalive-tcp-own             # topic, subject, what is asked; for ever: cards refer to it
      kind: card
      lesson: 06_lifecycle              # the lesson that teaches it
      see: 06_lifecycle#A peer that is gone    # if a heading of a lesson says more
      topic: keepalive
      difficulty: 1                     # 1 recall, 2 apply, 3 put together
      section: RFC 6455 §5.5.2          # where the rule stands, if one rules it
      question: Why is TCP's own keepalive not enough?
      reason: >-
        Why the answer is so, in one or two sentences, for all who have seen it.

and each kind has what it needs beside it:

=============  =====================================================================================
``card``       `answer`: what to recall, in one or two sentences
``choice``     `choices`: as in the lessons' quizzes, see `wslearn.course.bank`
``short``      `answer`, and what is said of it: `weak`, `strong`, `points`; `follow_ups`
``decision``   `needs` (see `wslearn.interview.deciding`), `answer`: what these needs lead to; and the
               same four as a ``short`` one
``estimate``   `given`, `formula`, `unit`, `steps`: the answer is computed
``design``     as a ``short`` one, and `minutes`
=============  =====================================================================================

- Backticks mark code; everything else is text, never markup. Quote a text that holds ``: ``.
- `weak` is what a candidate says who has only read about it: not foolish, but vague or half true. `strong`
  is what one would be glad to hear, in two to five sentences that can be spoken, with the trade-off and,
  where there is one, the number. `points` are what to look for, three to six of them, each of which an
  answer has or has not.
- No trick questions. A question has one reading, and a reader who knows the subject gives its answer.
"""

from __future__ import annotations

import ast
import math
import operator
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from wslearn.course.bank import Item, Question, questions, read_items
from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FOLDER",
    "TOPICS",
    "Card",
    "Decision",
    "Design",
    "Estimate",
    "Given",
    "Open",
    "Short",
    "bank",
    "item",
    "kind_of",
]

FOLDER = Path(__file__).with_name("items")

#: What the items are about, in the order in which to learn it.
TOPICS = {
    "why": "What WebSockets are, and the problem they solve",
    "characteristics": "Full-duplex, persistent, real-time, low overhead, stateful",
    "alternatives": "Polling, long polling, Server-Sent Events, WebTransport, gRPC",
    "handshake": "The opening handshake",
    "negotiation": "Subprotocols and extensions",
    "frames": "Frames",
    "masking": "Masking",
    "messages": "Messages: text and binary, fragments, limits",
    "closing": "The closing handshake and close codes",
    "keepalive": "Pings, pongs and peers that are gone",
    "reconnecting": "Reconnecting: backoff and jitter",
    "delivery": "Ordering and delivery guarantees",
    "backpressure": "Backpressure and slow consumers",
    "servers": "Building a server",
    "compression": "Compression",
    "origin": "Cross-site hijacking and the Origin check",
    "authentication": "Authentication and authorisation",
    "tls": "ws, wss and TLS",
    "browser": "The browser's WebSocket",
    "use cases": "Use cases, and when not",
    "fan-out": "Rooms, presence and fan-out",
    "scaling": "Many connections, against stateless REST",
    "load balancing": "Load balancing, stickiness and draining",
    "proxies": "Proxies, firewalls and HTTP/2",
    "mobile": "Mobile networks and battery",
    "design": "Design: chat, notifications, scores, editor, ticker, game",
}


@dataclass(frozen=True, kw_only=True)
class Card(Item):
    """Something to recall.

    Parameters
    ----------
    answer
        What to recall.
    """

    answer: str


@dataclass(frozen=True, kw_only=True)
class Open(Item):
    """A question that is answered in the candidate's own words.

    Parameters
    ----------
    answer
        What is right, in short.
    weak, strong
        How two candidates might say it.
    points
        What an answer has or has not.
    follow_ups
        What an interviewer asks next.
    """

    answer: str
    weak: str
    strong: str
    points: tuple[str, ...]
    follow_ups: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Short(Open):
    """One that is answered in a minute or two."""

    minutes: ClassVar[int] = 3


@dataclass(frozen=True, kw_only=True)
class Decision(Open):
    """One that asks which way to push, for given needs.

    Parameters
    ----------
    needs
        As `wslearn.interview.deciding.Needs` has them.
    """

    needs: dict[str, str]
    minutes: ClassVar[int] = 4


@dataclass(frozen=True, kw_only=True)
class Design(Open):
    """One that asks for a design.

    Parameters
    ----------
    minutes
        How long to talk about it.
    """

    minutes: int


@dataclass(frozen=True)
class Given:
    """A figure that an estimate begins with.

    Parameters
    ----------
    value
        The figure that the question names.
    unit
        Its unit: ``"KiB"``.
    measured
        Which of the figures measured in lesson 11 stands in its place, where there are some; empty for none.
    """

    value: float
    unit: str
    measured: str = ""


@dataclass(frozen=True, kw_only=True)
class Estimate(Item):
    """One whose answer is a number to be estimated.

    Parameters
    ----------
    given
        The figures it begins with, by name.
    formula
        How the answer follows from them: their names, numbers, ``+ - * / **``, brackets, ``ceil(…)``.
    unit
        The answer's unit.
    steps
        How to work it out without a calculator.
    """

    given: dict[str, Given]
    formula: str
    unit: str
    steps: tuple[str, ...]
    minutes: ClassVar[int] = 3

    def __post_init__(self) -> None:
        self.result()

    def result(self, figures: Mapping[str, float] = {}) -> float:
        """Compute the answer.

        Parameters
        ----------
        figures
            Values that stand in the place of those that are given, by name.

        Examples
        --------
        >>> item("scaling-memory-ten-million").result()
        100.0
        """
        names = {name: given.value for name, given in self.given.items()} | dict(figures)
        try:
            return _value(ast.parse(self.formula, mode="eval").body, names)
        except (SyntaxError, KeyError, ZeroDivisionError, OverflowError) as error:
            raise ValueError(f"the formula {self.formula!r} cannot be computed: {error!r}") from None


_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def _value(node: ast.expr, names: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return names[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return float(_OPERATORS[type(op)](_value(left, names), _value(right, names)))
        case ast.Call(func=ast.Name(id="ceil"), args=[of], keywords=[]):
            return float(math.ceil(_value(of, names)))
    raise SyntaxError(ast.unparse(node))


KINDS: dict[str, type[Item]] = {
    "card": Card,
    "choice": Question,
    "short": Short,
    "decision": Decision,
    "estimate": Estimate,
    "design": Design,
}


def kind_of(item: Item) -> str:
    """Name an item's kind.

    Examples
    --------
    >>> kind_of(bank()[0])
    'choice'
    """
    return next(kind for kind, made in KINDS.items() if type(item) is made)


@cache
def bank() -> tuple[Item, ...]:
    """Give all items: the quizzes' first, then the others, topic by topic.

    Raises
    ------
    UsageError
        When a file is broken, or an id is there twice: the message says where.
    """
    paths = (FOLDER / f"{topic.replace(' ', '_')}.yaml" for topic in TOPICS)
    more = tuple(found for path in paths if path.exists() for found in read_items(path, KINDS))
    found = (*questions(), *more)
    ids = Counter(each.id for each in found)
    if twice := [name for name, number in ids.items() if number > 1]:
        raise UsageError(f"The question bank has two items {twice[0]!r}.")
    return found


def item(name: str) -> Item:
    """Give the item of an id.

    Raises
    ------
    UsageError
        When there is none.
    """
    for each in bank():
        if each.id == name:
            return each
    raise UsageError(f"The question bank has no item {name!r}.")
