"""The closing handshake as a play: two real connections in memory, move by move (RFC 6455 §7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wslearn.closing import CloseCode
from wslearn.connection import Connection, Role, State
from wslearn.explain import explain
from wslearn.frames import Frame, Opcode
from wslearn.spans import visible
from wslearn.widgets.draft import EXAMPLE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.closing import Close

__all__ = ["SCENARIOS", "play", "side_of"]

SCENARIOS = {
    "client": "client closes",
    "server": "server closes",
    "both": "both at once",
    "cut": "TCP cut",
}
_OTHER: dict[Role, Role] = {"client": "server", "server": "client"}
_WAYS: dict[Role, str] = {"client": "→", "server": "←"}
_GOING_AWAY = 1001  # what the server says when both close at once, so that the two can be told apart


def play(scenario: str, code: int, reason: str) -> list[dict[str, Any]]:
    """Play the closing handshake, and note each move and where both sides stand after it.

    Parameters
    ----------
    scenario
        A key of `SCENARIOS`. With ``"cut"`` the TCP connection breaks while the client's close frame is
        under way.
    code, reason
        What the side says that begins; 1005 for an empty close frame.

    Returns
    -------
    list of dict
        The start, then a dict a move: ``title`` and ``text``; the ``way`` (``"→"`` to the server, ``"←"``,
        ``"✂"`` for TCP, or empty), the ``wire`` bytes in hex and the ``frame`` in words, whether they are
        ``lost``; ``client`` and ``server`` as `side_of` gives them; ``tcp``, on who should close it.

    Raises
    ------
    UsageError
        For a code or reason that must not be sent.

    Examples
    --------
    >>> moves = play("client", 1000, "")
    >>> [move["title"] for move in moves[:3]]
    ['Both are OPEN', 'The client sends a close frame', "The server receives the client's close frame"]
    >>> moves[-1]["client"]["state"], moves[-1]["client"]["code"]
    ('CLOSED', 1000)
    """
    stage = _Stage()
    stage.note("Both are OPEN", "Either side may send messages, or begin to close.")
    _PLAYS[scenario](stage, code, reason)
    return stage.moves


def side_of(connection: Connection) -> dict[str, Any]:
    """Say where a connection stands in the closing handshake, for a picture.

    Examples
    --------
    >>> side = side_of(Connection("server"))
    >>> side["state"], side["code"], side["sent"]
    ('OPEN', 0, '–')
    """
    order = {None: "–", True: "received first", False: "sent first"}[connection.received_first]
    return {
        "state": connection.state.name,
        "sent": _say(connection.close_sent),
        "received": _say(connection.close_received),
        "order": order,
        "done": connection.done,
        "code": connection.close_code or 0,
        "meaning": _meaning(connection),
    }


def _say(close: Close | None) -> str:
    return "–" if close is None else visible(str(close))


def _meaning(connection: Connection) -> str:
    """Explain the Close Code of §7.1.5."""
    code, received = connection.close_code, connection.close_received
    if code is None:
        return "Not known before the peer's close frame, or the end of TCP."
    if code == CloseCode.NO_STATUS_RECEIVED:
        return "The peer's close frame was empty. 1005 is only ever reported, never sent (§7.4.1)."
    if received is None:
        return "TCP ended, and no close frame had come. 1006 is only ever reported, never sent (§7.4.1)."
    wire = Frame(Opcode.CLOSE, received.serialize()).serialize()
    return next(span.meaning for span in explain(wire, "server") if span.name == "close code")


@dataclass
class _Stage:
    """Both sides, and what happened so far."""

    client: Connection = field(default_factory=lambda: Connection("client", masking_key=EXAMPLE_KEY))
    server: Connection = field(default_factory=lambda: Connection("server"))
    moves: list[dict[str, Any]] = field(default_factory=list)

    def side(self, role: Role) -> Connection:
        return self.client if role == "client" else self.server

    def note(self, title: str, text: str, *, way: str = "", wire: bytes = b"", lost: bool = False) -> None:
        parsed = Frame.parse(wire) if wire else None
        self.moves.append(
            {
                "title": title,
                "text": text,
                "way": way,
                "wire": wire.hex(" "),
                "frame": _named(wire) if parsed else "",
                "lost": lost,
                "client": side_of(self.client),
                "server": side_of(self.server),
                "tcp": self._tcp(),
            }
        )

    def _tcp(self) -> str:
        client, server = self.client, self.server
        ended = [side.role for side in (client, server) if side.state is State.CLOSED]
        if len(ended) == 2:
            return "TCP has ended on both sides."
        if ended:
            return f"TCP has ended; so far only the {ended[0]} knows."
        if client.done and server.done:
            return "Both close frames have crossed: the server closes TCP first, the client waits (§7.1.1)."
        if server.done:
            return "The server has sent and received a close frame: it closes TCP first (§7.1.1)."
        if client.done:
            return "The client has sent and received a close frame: the server closes TCP, it waits (§7.1.1)."
        return "TCP stays open: no side has both sent and received a close frame."

    def close(self, role: Role, code: int, reason: str, *, lost: bool = False) -> bytes:
        wire = self.side(role).close(code, reason)
        text = f"The {role} is CLOSING now: it sends no more messages, and still receives (§7.1.2, §5.5.1)."
        if lost:
            text = "It never arrives: the cable is cut while it is under way."
        self.note(f"The {role} sends a close frame", text, way=_WAYS[role], wire=wire, lost=lost)
        return wire

    def receive(self, role: Role, wire: bytes) -> None:
        side = self.side(role)
        side.receive(wire)
        text = "It has to answer with a close frame of its own (§5.5.1)."
        if side.done:
            text = f"It has sent its own already, so the closing handshake is done for the {role} (§7.1.4)."
        self.note(f"The {role} receives the {_OTHER[role]}'s close frame", text)

    def answer(self, role: Role) -> bytes:
        wire = self.side(role).bytes_to_send()
        text = f"It repeats the code (§5.5.1); the closing handshake is done for the {role}."
        self.note(f"The {role} answers", text, way=_WAYS[role], wire=wire)
        return wire

    def hang_up(self) -> None:
        self.server.tcp_closed()
        text = "Who closes first stays in TIME_WAIT: better the server, where it blocks nobody (§7.1.1)."
        self.note("The server closes TCP", text, way="✂")
        self.client.tcp_closed()
        self.note("The client sees the end of TCP", "CLOSED on both sides, and cleanly (§7.1.4).")


def _named(wire: bytes) -> str:
    values = {span.name: span.value for span in explain(wire, "client" if wire[1] & 0x80 else "server")}
    carried = [values[name] for name in ("close code", "close reason") if name in values] or ["empty"]
    return " ".join(["close", *carried]) + ", masked" * bool(wire[1] & 0x80)


def _one_closes(stage: _Stage, role: Role, code: int, reason: str) -> None:
    other = _OTHER[role]
    stage.receive(other, stage.close(role, code, reason))
    stage.receive(role, stage.answer(other))
    stage.hang_up()


def _both_close(stage: _Stage, code: int, reason: str) -> None:
    to_server = stage.close("client", code, reason)
    to_client = stage.close("server", _GOING_AWAY, "")
    stage.receive("server", to_server)
    stage.receive("client", to_client)
    stage.hang_up()


def _cut(stage: _Stage, code: int, reason: str) -> None:
    stage.close("client", code, reason, lost=True)
    stage.client.tcp_closed()
    stage.note(
        "The client sees the end of TCP",
        "What it said itself does not count, and the peer said nothing: 1006 (§7.1.5).",
        way="✂",
    )
    stage.server.tcp_closed()
    stage.note("The server sees the end of TCP", "It never heard why: 1006 here, too (§7.1.5).", way="✂")


_PLAYS: dict[str, Callable[[_Stage, int, str], None]] = {
    "client": lambda stage, code, reason: _one_closes(stage, "client", code, reason),
    "server": lambda stage, code, reason: _one_closes(stage, "server", code, reason),
    "both": _both_close,
    "cut": _cut,
}
