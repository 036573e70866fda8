"""What holds for any bytes, however they are cut (RFC 6455 §5–§8, RFC 7692)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feeding import attempt, in_pieces
from tests.streams import LIMIT, deflates, roles, streams, whole_units
from tests.test_messages import TEXT, TEXT_SO_FAR
from wslearn import (
    Close,
    Connection,
    Deflate,
    Event,
    Frame,
    Opcode,
    Ping,
    Pong,
    ProtocolError,
    State,
)
from wslearn.connection import Role
from wslearn.messages import not_utf8, too_big

cuts = st.lists(st.integers(0, 3000), max_size=8)
limits = st.sampled_from([LIMIT, LIMIT, 5, 0])


@dataclass(frozen=True)
class Outcome:
    """All that can be seen of a connection that received something."""

    events: list[Event]
    answers: bytes
    state: State
    close_sent: Close | None
    close_received: Close | None
    received_first: bool | None
    done: bool


def outcome(
    role: Role, data: bytes, places: list[int] | range, deflate: Deflate | None, limit: int = LIMIT
) -> Outcome:
    key = b"mask" if role == "client" else None
    peer = Connection(role, max_message_size=limit, deflate=deflate, masking_key=key)
    events, answers, start = [], b"", 0
    for end in sorted({*(min(place, len(data)) for place in places), len(data)}):
        events += peer.receive(data[start:end])
        answers += peer.bytes_to_send()
        start = end
    return Outcome(
        events, answers, peer.state, peer.close_sent, peer.close_received, peer.received_first, peer.done
    )


class TestAnyBytes:
    @settings(max_examples=400)
    @given(st.data(), roles, st.none() | deflates)
    def test_give_events_or_a_documented_error(
        self, data: st.DataObject, role: Role, deflate: Deflate | None
    ) -> None:
        stream = data.draw(streams(role) | st.binary(max_size=60))
        seen = outcome(role, stream, data.draw(cuts), deflate)
        for event in seen.events[:-1]:
            assert isinstance(event, str | bytes | Ping | Pong)
        for event in seen.events:
            if isinstance(event, str | bytes):
                assert len(event.encode() if isinstance(event, str) else event) <= LIMIT
        last = seen.events[-1] if seen.events else None
        if isinstance(last, ProtocolError):
            assert last.close_code in {1002, 1007, 1009}
            assert seen.close_sent is not None
            assert (seen.close_sent.code, seen.close_received) == (last.close_code, None)
        elif isinstance(last, Close):
            assert seen.close_sent == seen.close_received == last
        else:
            assert (seen.state, seen.done, seen.close_sent) == (State.OPEN, False, None)
            return
        assert (seen.state, seen.done) == (State.CLOSING, True)

    @settings(max_examples=400)
    @given(st.data(), roles, st.none() | deflates, limits)
    def test_any_cut_gives_the_same(
        self, data: st.DataObject, role: Role, deflate: Deflate | None, limit: int
    ) -> None:
        """The short cuts for whole messages and the general path are one: byte by byte there are none."""
        stream = data.draw(streams(role))
        in_one = outcome(role, stream, [], deflate, limit)
        assert in_one == outcome(role, stream, data.draw(cuts), deflate, limit)
        assert in_one == outcome(role, stream, range(len(stream)), deflate, limit)

    @settings(max_examples=300)
    @given(st.data(), roles, limits)
    def test_agrees_with_the_rules_told_anew(self, data: st.DataObject, role: Role, limit: int) -> None:
        stream = data.draw(streams(role, whole_units))
        assert outcome(role, stream, data.draw(cuts), None, limit).events == expected(role, stream, limit)


def expected(role: Role, data: bytes, limit: int) -> list[Event]:
    """Receive whole frames the plain way: `Frame.parse`, `Frame.check`, and a list of fragments."""
    events: list[Event] = []
    fragments: list[bytes] = []
    kind = 0
    while data:
        parsed = Frame.parse(data)
        assert parsed is not None
        frame, data = parsed
        fault = attempt(partial(frame.check, "server" if role == "client" else "client"), ProtocolError)
        if fault is not None:
            return [*events, fault]
        if frame.opcode == Opcode.PING:
            events.append(Ping(frame.payload))
        elif frame.opcode == Opcode.PONG:
            events.append(Pong(frame.payload))
        elif frame.opcode == Opcode.CLOSE:
            return [*events, attempt(partial(Close.parse, frame.payload), ProtocolError)]
        else:
            if (frame.opcode == 0) != (kind != 0):
                what = (
                    "A new message, and the fragmented one before it is not finished."
                    if kind
                    else "A continuation frame, and no message to continue."
                )
                return [*events, ProtocolError(what, close_code=1002, section="§5.4", field="opcode")]
            kind = frame.opcode or kind
            fragments.append(frame.payload)
            message = b"".join(fragments)
            if len(message) > limit:
                return [*events, too_big(limit)]
            if kind == Opcode.TEXT and not (TEXT if frame.fin else TEXT_SO_FAR).fullmatch(message):
                return [*events, not_utf8()]
            if frame.fin:
                events.append(message.decode() if kind == Opcode.TEXT else message)
                fragments, kind = [], 0
    return events


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["x" * 125, "é" * 70, "€" * 100]
)
blobs = st.binary(max_size=12) | st.sampled_from([b"x" * 125, b"x" * 126, bytes(1000)])
calls = st.lists(
    st.one_of(
        st.tuples(st.just("send"), texts | blobs),
        st.tuples(st.just("fragments"), st.lists(texts, min_size=1, max_size=4)),
        st.tuples(st.just("fragments"), st.lists(blobs, min_size=1, max_size=4)),
        st.tuples(st.just("ping"), st.binary(max_size=125)),
        st.tuples(st.just("pong"), st.binary(max_size=125)),
    ),
    max_size=8,
)


class TestDecodeEncode:
    """decode(encode(x)) = x: client and server meet in memory."""

    @settings(max_examples=200)
    @given(calls, roles, st.none() | deflates, cuts, st.sampled_from([1000, 1005, 4000]))
    def test_what_one_side_sends_the_other_receives(
        self,
        said: list[tuple[str, str | bytes | list[str] | list[bytes]]],
        role: Role,
        deflate: Deflate | None,
        places: list[int],
        code: int,
    ) -> None:
        sender = Connection(role, deflate=deflate)
        receiver = Connection("server" if role == "client" else "client", deflate=deflate)
        wire, told = b"", list[Event]()
        for call, value in said:
            if isinstance(value, list):
                wire += b"".join(
                    sender.send(piece, fin=False) + sender.ping(b"between") for piece in value[:-1]
                )
                wire += sender.send(value[-1])
                empty: str | bytes = "" if isinstance(value[0], str) else b""
                told += [Ping(b"between")] * (len(value) - 1)
                told.append(empty.join(value))  # type: ignore[arg-type]
            elif call == "send":
                wire += sender.send(value)
                told.append(value)
            else:
                assert isinstance(value, bytes)
                wire += sender.ping(value) if call == "ping" else sender.pong(value)
                told.append(Ping(value) if call == "ping" else Pong(value))
        wire += sender.close(code)
        assert in_pieces(receiver, wire, places) == [*told, Close(code)]
        pongs = [Pong(event.payload) for event in told if isinstance(event, Ping)]
        assert sender.receive(receiver.bytes_to_send()) == [*pongs, Close(code)]
        assert sender.done
        assert receiver.done
