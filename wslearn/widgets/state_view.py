"""StateView: a connection's states, and the closing handshake from either side (RFC 6455 §4.1, §7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from traitlets import Bool, Dict, Enum, Int, List, Unicode

from wslearn.connection import TRANSITIONS, Connection, State, Step
from wslearn.errors import UsageError
from wslearn.picture_card import card, verdict_bar, words
from wslearn.spans import count
from wslearn.widgets.closing_play import SCENARIOS, play
from wslearn.widgets.editable import Editable
from wslearn.widgets.states_still import chain_html, history_html, moves_html, side_html, side_rows
from wslearn.widgets.watch import watch

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["StateView"]

Mode = Literal["steps", "live", "closing"]
Scenario = Literal["client", "server", "both", "cut"]

_HISTORY = 200  # steps that are kept
_STATES = {
    State.CONNECTING: ("…", "The HTTP handshake is going on; no frame may be sent yet.", "§4.1"),
    State.OPEN: ("✓", "Both sides may send messages, in both directions, at any time.", "§4.1"),
    State.CLOSING: ("…", "A close frame went out or came in, or the peer broke a rule.", "§7.1.3"),
    State.CLOSED: ("–", "The TCP connection has ended. Only a new one leads back.", "§7.1.4"),
}


class _Stream(Protocol):
    """What is live: a `wslearn.net.WebSocket`, which this module need not import."""

    @property
    def connection(self) -> Connection: ...


class StateView(Editable):
    """The state machine as `TRANSITIONS` has it, the present state lit.

    Steps are taken by buttons, or by a live connection; or two connections in memory play the closing
    handshake, move by move.

    Parameters
    ----------
    live
        A `Connection`, or a `wslearn.net.WebSocket`, to be followed. Without one there are buttons.
    scenario
        Show this closing handshake to begin with: ``"client"`` closes, ``"server"``, ``"both"`` at once, or
        TCP is ``"cut"``.
    code, reason
        What the side says that begins to close; 1005 for an empty close frame.

    Attributes
    ----------
    connection : Connection
        Whose steps are shown, the live one or the buttons' own.
    mode : str
        ``"steps"``, ``"live"`` or ``"closing"``.
    asked : list
        A step to take, by its name in `Step`, or ``"reset"``; and `turn`, so that an order that comes
        late, or twice, is not obeyed again.
    scenario, reason : str
        As above.
    code : str
        The close code, as typed.
    at : int
        The index in `moves` of the move that is shown.
    states, table, steps : list
        The names of all states; all of `TRANSITIONS` as ``from``, ``step``, ``to``; and each `Step`'s
        ``name``, ``value``, and whether it is ``allowed`` now.
    state : str
        The present state's name.
    turn : int
        How many orders and live steps there were.
    history : list of dict
        ``step``, ``from``, ``to``, and at a refused step the ``problem``.
    side : list of dict
        What the live connection sent and received, in rows: ``name``, ``value``, ``meaning``, ``section``
        and ``kind``.
    moves : list of dict
        The closing handshake, as `closing_play.play` gives it.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``.

    Raises
    ------
    UsageError
        For what is no connection, another scenario, or a code that must not be sent.

    Examples
    --------
    >>> view = StateView()
    >>> view.take("OPENED")
    >>> view.state, [step["name"] for step in view.steps if not step["allowed"]]
    ('OPEN', ['OPENED', 'REFUSED'])
    """

    mode: Enum[Mode] = Enum[Mode](("steps", "live", "closing"), "steps").tag(sync=True)
    asked: List[Any] = List().tag(sync=True)
    scenario: Enum[Scenario] = Enum[Scenario](("client", "server", "both", "cut"), "client").tag(sync=True)
    code = Unicode("1000").tag(sync=True)
    reason = Unicode().tag(sync=True)
    at = Int().tag(sync=True)

    is_live = Bool().tag(sync=True)
    scenarios: Dict[str, str] = Dict(SCENARIOS).tag(sync=True)
    states: List[str] = List().tag(sync=True)
    table: List[dict[str, str]] = List().tag(sync=True)
    steps: List[dict[str, Any]] = List().tag(sync=True)
    state = Unicode().tag(sync=True)
    history: List[dict[str, str]] = List().tag(sync=True)
    turn = Int().tag(sync=True)
    side: List[dict[str, str]] = List().tag(sync=True)
    moves: List[dict[str, Any]] = List().tag(sync=True)
    verdict: Dict[str, Any] = Dict().tag(sync=True)

    connection: Connection
    _stop: Callable[[], None] | None = None

    def __init__(
        self,
        live: Connection | _Stream | None = None,
        *,
        scenario: Scenario | None = None,
        code: int = 1000,
        reason: str = "",
    ) -> None:
        if scenario not in {None, *SCENARIOS}:
            raise UsageError(f"A scenario is one of {', '.join(SCENARIOS)}; not {scenario!r}.")
        moves = play(scenario or "client", code, reason)
        followed = getattr(live, "connection", live)
        if not isinstance(followed, Connection | None):
            raise UsageError(f"Give a Connection or an open WebSocket to follow, not {type(live).__name__}.")
        super().__init__(
            ("mode", "asked", "scenario", "code", "reason", "at"),
            mode="closing" if scenario else "live" if followed else "steps",
            scenario=scenario or "client",
            code=f"{code}",
            reason=reason,
            is_live=followed is not None,
            moves=moves,
            states=[state.name for state in State],
            table=[
                {"from": before.name, "step": step.name, "to": after.name}
                for before, known in TRANSITIONS.items()
                for step, after in known.items()
            ],
        )
        self.connection = followed or Connection("client", state=State.CONNECTING)
        self._before = self.connection.state
        if followed:
            self._stop = watch(followed, self._heard)
        self._show()

    def take(self, step: str) -> None:
        """Take a step, as its button does; a step that is not possible now is noted in `problem`.

        Parameters
        ----------
        step
            A name in `Step`, or ``"reset"``.
        """
        self.asked = [step, self.turn]

    def close(self) -> None:
        """Look on no longer, and give the page's picture up."""
        if self._stop is not None:
            self._stop()
        super().close()

    def _edit_mode(self, mode: Mode) -> None:
        if mode == ("steps" if self.is_live else "live"):
            self.mode = "live" if self.is_live else "steps"
            self._show()
            raise UsageError(
                "A live connection takes its own steps: make another StateView() to take them by hand."
                if self.is_live
                else "There is no connection to follow: make one with StateView(ws)."
            )
        self._show()

    def _edit_asked(self, asked: list[Any]) -> None:
        match asked:
            case [str(name), int(number)]:
                pass
            case _:
                raise UsageError("Ask for a step by its name and by the turn.")
        if number != self.turn:
            return
        self.turn += 1
        if self.is_live:
            raise UsageError("A live connection takes its own steps.")
        if name == "reset":
            self.connection = Connection("client", state=State.CONNECTING)
            self.history = []
        elif name not in Step.__members__:
            raise UsageError(f"There is no step “{name}”: it is one of {', '.join(Step.__members__)}.")
        else:
            self._before = self.connection.state
            try:
                self.connection.step(Step[name])
            except UsageError as error:
                self._note(name, error.args[0])
                raise
            finally:
                self._show()
            self._note(name)
        self._show()

    def _edit_scenario(self, _: Scenario) -> None:
        self._replay()

    def _edit_code(self, _: str) -> None:
        self._replay()

    def _edit_reason(self, _: str) -> None:
        self._replay()

    def _edit_at(self, at: int) -> None:
        self.at = min(max(at, 0), len(self.moves) - 1)
        self._show()

    def _replay(self) -> None:
        if not (self.code.isascii() and self.code.isdecimal() and len(self.code) < 6):
            raise UsageError("A close code is a number such as 1000; 1005 sends an empty close frame.")
        self.moves = play(self.scenario, int(self.code), self.reason)
        self.at = 0
        self._show()

    def _heard(self, step: Step | None) -> None:
        """Take note of what the live connection did, on whatever thread it lives."""
        with self._lock:
            if step is not None:
                self.turn += 1
                self._note(step.name)
                self._before = self.connection.state
            self._show()

    def _note(self, step: str, problem: str = "") -> None:
        noted = {"step": step, "from": self._before.name, "to": self.connection.state.name}
        self.history = [*self.history, noted | {"problem": problem}][-_HISTORY:]

    def _show(self) -> None:
        """Set all that is drawn."""
        with self.hold_sync():
            state = self.connection.state
            self.state = state.name
            self.steps = [
                {"name": step.name, "value": step.value, "allowed": step in TRANSITIONS[state]}
                for step in Step
            ]
            self.side = side_rows(self.connection) if self.is_live else []
            self.verdict = self._judge()

    def _judge(self) -> dict[str, Any]:
        if self.mode == "closing":
            move = self.moves[self.at]
            last = self.at == len(self.moves) - 1
            clean = last and all(move[role]["code"] != 1006 for role in ("client", "server"))
            mark = "✓" if clean else "✗" if last else "…"
            note = f"move {self.at} of {len(self.moves) - 1}"
            return {"mark": mark, "verdict": "who closes TCP", "text": move["tcp"], "note": note}
        mark, text, section = _STATES[self.connection.state]
        return {"mark": mark, "verdict": self.state, "text": text, "note": section}

    def __repr__(self) -> str:
        if self.mode == "closing":
            move = self.moves[self.at]
            where = f"{move['client']['state']} | {move['server']['state']}"
            return (
                f"<StateView: {SCENARIOS[self.scenario]}, move {self.at} of {len(self.moves) - 1}: {where}>"
            )
        return f"<StateView: {self.mode}, {self.state}, {count(len(self.history), 'step')}>"

    def still(self) -> str:
        """Draw the states in order, and how they were reached."""
        if self.mode == "closing":
            move = self.moves[self.at]
            now, rows = (
                {move["client"]["state"], move["server"]["state"]},
                moves_html(self.moves[: self.at + 1]),
            )
        else:
            now, rows = {self.state}, side_html(self.side) + history_html(self.history)
        said = self.verdict
        body = f'<div class="wsl-part">{chain_html(self.states, now)}{words(rows)}</div>'
        judged = verdict_bar(said["mark"], said["verdict"], said["text"], said["note"])
        return card("States", SCENARIOS[self.scenario] if self.mode == "closing" else self.mode, body, judged)
