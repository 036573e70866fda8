"""Exercises of lesson 06: states, pings, closing, reconnecting (RFC 6455 §4.1, §5.5, §7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslearn.connection import TRANSITIONS, Connection, State, Step
from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.ending.codes import MAY_BE_SENT, PARSE_CLOSE, parse_close
from wslearn.course.exercises.ending.resuming import FRESH
from wslearn.course.exercises.ending.waiting import BACKOFF
from wslearn.errors import UsageError
from wslearn.frames import Frame, Opcode
from wslearn.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["EXERCISES", "answer_ping", "next_state", "parse_close"]

LESSON = "06_lifecycle"

_KEY = bytes.fromhex("37 fa 21 3d")


# ------------------------------------------------------------------------------------------ next_state


def next_state(state: State, step: Step) -> State:
    """Say where a step leads (RFC 6455 §4.1, §7.1.3, §7.1.4).

    Parameters
    ----------
    state, step
        Where a connection stands, and what happens to it.

    Raises
    ------
    UsageError
        For a step that is not possible in this state.

    Examples
    --------
    >>> next_state(State.OPEN, Step.CLOSE_SENT).name
    'CLOSING'
    """
    connection = Connection("client", state=state)
    connection.step(step)
    return connection.state


def _steps() -> SearchStrategy[tuple[State, Step]]:
    from hypothesis import strategies as st

    return st.tuples(st.sampled_from(State), st.sampled_from(Step))


def _stays(state: State, step: Step) -> State:
    return TRANSITIONS[state].get(step, state)


def _key_error(state: State, step: Step) -> State:
    return TRANSITIONS[state][step]


def _closed_by_frames(state: State, step: Step) -> State:
    closing = step in {Step.CLOSE_SENT, Step.CLOSE_RECEIVED} and state is State.OPEN
    return State.CLOSED if closing else next_state(state, step)


def _closed_by_the_second(state: State, step: Step) -> State:
    closing = step in {Step.CLOSE_SENT, Step.CLOSE_RECEIVED} and state is State.CLOSING
    return State.CLOSED if closing else next_state(state, step)


def _closed_by_failing(state: State, step: Step) -> State:
    return State.CLOSED if step is Step.FAILED and state is not State.CONNECTING else next_state(state, step)


def _opened_again(state: State, step: Step) -> State:
    return State.OPEN if state is State.CLOSED and step is Step.OPENED else next_state(state, step)


def _failed_too_early(state: State, step: Step) -> State:
    early = step is Step.FAILED and state is State.CONNECTING
    return State.CLOSED if early else next_state(state, step)


def _not_possible(*cases: tuple[State, Step]) -> Callable[[State, Step], State]:
    def wrong(state: State, step: Step) -> State:
        if (state, step) in cases:
            raise UsageError("Not possible.")
        return next_state(state, step)

    return wrong


_CLOSE_FRAMES = ((State.CLOSING, Step.CLOSE_SENT), (State.CLOSING, Step.CLOSE_RECEIVED))


NEXT_STATE = Exercise(
    model=next_state,
    lesson=LESSON,
    section="RFC 6455 §7.1.3, §7.1.4",
    examples=tuple((state, step) for state in State for step in Step),
    inputs=_steps,
    hints=(
        "Four states, six steps. Write the steps that are possible down state by state; the rest are errors.",
        "A dict of dicts is enough: `{State.CONNECTING: {Step.OPENED: State.OPEN, …}, …}`.",
        "CLOSED has one way in: the end of the TCP connection, or a refused handshake.",
        (
            "In CLOSING all may still happen that can happen in OPEN: the other close frame, and errors. "
            "Each of them leaves it CLOSING."
        ),
        "TCP_CLOSED leads to CLOSED from every state, CLOSED itself included.",
    ),
    misconceptions=(
        Misconception(
            "closed by a close frame",
            "A close frame does not make the connection CLOSED. It begins the closing handshake: CLOSING "
            "(§7.1.3). CLOSED is when the TCP connection has ended (§7.1.4).",
            _closed_by_frames,
        ),
        Misconception(
            "closed by the second close frame",
            "The second close frame ends the handshake, not the connection: it stays CLOSING until the TCP "
            "connection has ended (§7.1.4).",
            _closed_by_the_second,
        ),
        Misconception(
            "closed by failing",
            "An error does not make the connection CLOSED. This side says why in a close frame and then ends "
            "the TCP connection (§7.1.7): CLOSING, until it has ended.",
            _closed_by_failing,
        ),
        *(
            Misconception(
                "the second close frame refused",
                "You do not let a second close frame come while CLOSING. The first one made it CLOSING, and "
                "the other side's is still to come: it stays CLOSING (§7.1.4).",
                _not_possible(*cases),
            )
            for cases in (_CLOSE_FRAMES, (*_CLOSE_FRAMES, (State.CLOSING, Step.FAILED)))
        ),
        Misconception(
            "an error while CLOSING refused",
            "The peer can break a rule while CLOSING, too: with its close frame, or before it. It stays "
            "CLOSING until the TCP connection has ended (§7.1.4).",
            _not_possible((State.CLOSING, Step.FAILED)),
        ),
        Misconception(
            "failed before it was open",
            "FAILED says that the peer broke a rule of the frames, and while CONNECTING there are none. A "
            "handshake that goes wrong is REFUSED.",
            _failed_too_early,
        ),
        Misconception(
            "TCP closed once only",
            "You refuse TCP_CLOSED when it is CLOSED. After a refused handshake TCP still has to end: that "
            "is possible, and changes nothing.",
            _not_possible((State.CLOSED, Step.TCP_CLOSED)),
        ),
        Misconception(
            "opened again",
            "You open a CLOSED connection again. There is no way back: whoever wants to go on makes a new "
            "connection, with a new handshake.",
            _opened_again,
        ),
        Misconception(
            "KeyError",
            "The look-up fails with Python's KeyError. For a step that is not possible raise `UsageError`.",
            _key_error,
        ),
        Misconception(
            "impossible steps ignored",
            "You ignore a step that is not possible here. Raise `UsageError`: it is a mistake in the "
            "program, and whoever made it wants to know.",
            _stays,
        ),
    ),
)


# ----------------------------------------------------------------------------------------- answer_ping


def answer_ping(ping: Frame) -> Frame:
    """Give the pong that a server sends for a ping (RFC 6455 §5.5.2, §5.5.3).

    Parameters
    ----------
    ping
        A client's, unmasked by `Frame.parse`.

    Examples
    --------
    >>> answer_ping(Frame(Opcode.PING, b"?", masking_key=bytes(4)))
    Frame(PONG, b'?')
    """
    return Frame(Opcode.PONG, ping.payload)


def _pings() -> SearchStrategy[tuple[Frame]]:
    from hypothesis import strategies as st

    key = st.binary(min_size=4, max_size=4)
    return st.tuples(st.builds(_ping, st.binary(max_size=12), key))


def _ping(payload: bytes, key: bytes = _KEY) -> Frame:
    return Frame(Opcode.PING, payload, masking_key=key)


ANSWER_PING = Exercise(
    model=answer_ping,
    lesson=LESSON,
    section="RFC 6455 §5.5.2, §5.5.3, §5.1",
    examples=((_ping(b""),), (_ping(b"?"),), (_ping(b"\x00\xff"),), (_ping(bytes(125)),)),
    inputs=_pings,
    hints=(
        "A pong is a frame of its own, with the payload of the ping.",
        "`ping.payload` is unmasked already: `Frame.parse` did that.",
        "Who sends the pong? The server. Does a server mask?",
    ),
    misconceptions=(
        Misconception(
            "a masked pong",
            "You kept the client's masking key. A server must not mask what it sends (§5.1).",
            lambda ping: replace(ping, opcode=Opcode.PONG),
        ),
        Misconception(
            "an empty pong",
            "Your pong is empty. It must carry the same payload as the ping, so that the sender can tell "
            "which ping it answers (§5.5.3).",
            lambda _: Frame(Opcode.PONG),
        ),
        Misconception(
            "a ping for a ping",
            "You answer with a ping. That asks the client for a pong in turn; the answer is opcode 0xA "
            "(§5.5.3).",
            lambda ping: Frame(Opcode.PING, ping.payload),
        ),
        Misconception(
            "the payload masked",
            "You masked the payload, and the frame has no key. `ping.payload` is unmasked already, and a "
            "server sends it as it is (§5.1).",
            lambda ping: Frame(Opcode.PONG, mask(ping.payload, ping.masking_key)),
        ),
        Misconception(
            "a text message",
            "You answer with a message. Ping and pong are control frames: they carry no message (§5.5).",
            lambda _: Frame(Opcode.TEXT, b"pong"),
        ),
    ),
)

EXERCISES = (NEXT_STATE, ANSWER_PING, PARSE_CLOSE, MAY_BE_SENT, BACKOFF, FRESH)
