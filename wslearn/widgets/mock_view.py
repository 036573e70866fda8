"""MockView: a mock interview, from the choice of its questions to the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Dict, Int, List, Unicode

from wslearn.errors import UsageError
from wslearn.interview.bank import TOPICS
from wslearn.interview.drawing import MINUTES, MIX, chosen
from wslearn.interview.report import Report, report
from wslearn.widgets import mock_shown
from wslearn.widgets.editable import Editable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wslearn.interview.rehearsal import Rehearsal

    Begin = Callable[[int, Mapping[str, float], Iterable[str]], Rehearsal]

__all__ = ["MockView"]

_STEPS = frozenset({"pause", "resume", "next", "skip", "end", "finish"})
_ORDERS = _STEPS | {"begin", "again", "save"}


class MockView(Editable):
    """A mock interview: chosen, asked against a clock, scored, reported.

    Parameters
    ----------
    minutes, mix, topics
        What to begin with, if nothing else is chosen; as `chosen` gives them.
    begin
        Makes the interview of what was chosen.
    keep
        Is told of the interview after each change.
    held
        One that was begun before, to go on with.

    Attributes
    ----------
    offered : dict
        The ``minutes``, ``kinds`` and ``topics`` there are to choose from, and the ``steps`` to come.
    choice : dict
        Those that are chosen; all topics where none is.
    phase : str
        ``"ready"``, ``"asking"``, ``"scoring"`` or ``"done"``.
    clock : dict
        ``elapsed`` seconds ``of`` so many, whether it is ``running``, and whether the time is ``up``. It is
        true at the moment when it comes; the page counts on from there, and looks again every so often.
    looks : int
        How often it looked.
    shown : dict
        The question that is asked.
    kept : str
        What is kept of the answer to it.
    typed : list
        An answer as it is typed: the question's index, the part, the text.
    order : list
        A step: `turn`, so that what comes late or twice is not obeyed again; its name; and an answer as in
        `typed`, or nothing.
    turn : int
        How many steps there were.
    scored : list of dict
        The questions to score.
    ticked : list of list of int
        Of each of them the points that the answer has.
    at : int
        Which of them is shown.
    told : str
        The report, as HTML.
    path : str
        Where to save it.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``.
    notice : str
        What went wrong with keeping it; else empty.
    """

    shares = ("answer",)

    offered: Dict[str, Any] = Dict().tag(sync=True)
    choice: Dict[str, Any] = Dict().tag(sync=True)
    phase = Unicode("ready").tag(sync=True)
    clock: Dict[str, Any] = Dict().tag(sync=True)
    looks = Int().tag(sync=True)
    shown: Dict[str, Any] = Dict().tag(sync=True)
    kept = Unicode().tag(sync=True)
    typed: List[Any] = List().tag(sync=True)
    order: List[Any] = List().tag(sync=True)
    turn = Int().tag(sync=True)
    scored: List[dict[str, Any]] = List().tag(sync=True)
    ticked: List[list[int]] = List().tag(sync=True)
    at = Int().tag(sync=True)
    told = Unicode().tag(sync=True)
    path = Unicode().tag(sync=True)
    verdict: Dict[str, Any] = Dict().tag(sync=True)
    notice = Unicode().tag(sync=True)

    def __init__(
        self,
        minutes: int,
        mix: Mapping[str, float],
        topics: Iterable[str],
        begin: Begin,
        keep: Callable[[Rehearsal], None],
        held: Rehearsal | None = None,
    ) -> None:
        self._mix = {**MIX, **mix}
        self._begin = begin
        self._keep = keep
        self.held = held
        about = list(topics)
        super().__init__(
            ("choice", "looks", "typed", "order", "ticked", "at"),
            offered={
                "minutes": list(MINUTES),
                "kinds": mock_shown.KINDS,
                "topics": dict(TOPICS),
                "steps": list(mock_shown.STEPS),
            },
            choice={
                "minutes": minutes,
                "kinds": list(mix),
                "topics": about if len(about) < len(TOPICS) else [],
            },
        )
        self._show()

    @property
    def report(self) -> Report:
        """What came of it, as far as it was scored; before that it says so."""
        held = self.held
        return report(held) if held is not None and held.phase != "asking" else Report()

    def step(self, name: str) -> None:
        """Take a step, as its button does.

        Parameters
        ----------
        name
            ``"begin"``, ``"pause"``, ``"resume"``, ``"next"``, ``"skip"``, ``"end"``, ``"finish"``,
            ``"again"`` or ``"save"``.
        """
        self.order = [self.turn, name, []]

    def look(self) -> None:
        """Look how the time stands, as the page does every so often."""
        self.looks += 1

    def _edit_choice(self, choice: dict[str, Any]) -> None:
        self._chosen(choice)
        self._show()

    def _edit_looks(self, _: int) -> None:
        self._after()

    def _edit_typed(self, typed: list[Any]) -> None:
        self._say(typed)
        self._after()

    def _edit_order(self, order: list[Any]) -> None:
        match order:
            case [int(turn), str(name), list(typed)] if name in _ORDERS:
                pass
            case _:
                raise UsageError("An order is a turn, the name of a step, and an answer or nothing.")
        if turn != self.turn:
            return
        self.turn += 1
        if typed:
            self._say(typed)
        if name == "begin":
            self._start()
        elif name == "again":
            self.held = None
        elif name == "save":
            self.report.save(self.path)
        else:
            getattr(self._interview, name)()
        self._after()
        if name == "save":
            self.verdict = {
                "mark": "✓",
                "verdict": "saved",
                "text": f"The report is in {self.path}.",
                "note": "",
            }

    def _edit_ticked(self, ticked: list[list[int]]) -> None:
        held = self._interview
        for number, before in enumerate(mock_shown.ticked(held)):
            now = set(ticked[number]) if number < len(ticked) else set()
            for point in now ^ set(before):
                held.tick(number, point, point in now)
        self._after()

    def _edit_at(self, at: int) -> None:
        self.at = min(max(at, 0), max(len(self.scored) - 1, 0))
        self._show()

    @property
    def _interview(self) -> Rehearsal:
        if self.held is None:
            raise UsageError("Begin the interview first.")
        return self.held

    def _start(self) -> None:
        if self.held is not None:
            raise UsageError("This interview has begun.")
        self.held = self._begin(self.choice["minutes"], *self._chosen(self.choice))
        self.held.resume()
        self.at = 0

    def _chosen(self, choice: Mapping[str, Any]) -> tuple[dict[str, float], tuple[str, ...]]:
        match choice:
            case {"minutes": int(minutes), "kinds": list(kinds), "topics": list(topics)}:
                mix = {kind: self._mix.get(kind, 0.0) for kind in kinds}
                return chosen(minutes, mix, topics or None)
        raise UsageError("A choice is of minutes, kinds and topics.")

    def _say(self, typed: list[Any]) -> None:
        match typed:
            case [int(number), int(part), str(text)]:
                self._interview.say(number, part, text)
            case _:
                raise UsageError("An answer is the question, the part and the text.")

    def _after(self) -> None:
        if self.held is not None:
            self._keep(self.held)
        self._show()

    def _show(self) -> None:
        for name, value in mock_shown.shown(self.held, self.choice, self.at).items():
            setattr(self, name, value)
        if self.held is not None and self.held.phase == "done" and not self.path:
            self.path = f"mock-interview-{self.held.begun[:10]}.md"

    def __repr__(self) -> str:
        minutes = self.choice["minutes"] if self.held is None else self.held.minutes
        stands = "not begun" if self.held is None else self.held.phase
        return f"<mock interview: {minutes} minutes, {stands}>"

    def still(self) -> str:
        """Say how it goes, or what was said, or what came of it."""
        return mock_shown.mock_still(self.held, self.choice)
