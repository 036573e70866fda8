"""Whole conversations against wsproto and `websockets` (RFC 6455 §5–§7)."""

from __future__ import annotations

from codecs import getincrementaldecoder

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from websockets.frames import Frame as WebsocketsFrame
from websockets.protocol import Protocol, Side
from wsproto.connection import Connection as WsprotoConnection
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, TextMessage
from wsproto.events import Ping as WsprotoPing
from wsproto.events import Pong as WsprotoPong

from tests.feeding import wire
from tests.streams import roles, whole_units
from tests.test_connection import ILLEGAL, LEGAL, LIMIT
from wslearn import Close, Connection, Event, Frame, Opcode, Ping, Pong, ProtocolError
from wslearn.connection import Role

Seen = list[Event | int]


def by_wslearn(role: Role, data: bytes) -> Seen:
    """What this library sees: its events, and of an error the close code."""
    events = Connection(role, max_message_size=LIMIT).receive(data)
    return [event.close_code if isinstance(event, ProtocolError) else event for event in events]


def by_wsproto(role: Role, data: bytes) -> Seen:
    """What wsproto sees, its pieces of messages joined."""
    peer = WsprotoConnection(ConnectionType.SERVER if role == "server" else ConnectionType.CLIENT)
    peer.receive_data(data)
    seen: Seen = []
    text, blob = "", b""
    for event in peer.events():
        if isinstance(event, TextMessage):
            text += event.data
            if event.message_finished:
                seen.append(text)
                text = ""
        elif isinstance(event, BytesMessage):
            blob += event.data
            if event.message_finished:
                seen.append(blob)
                blob = b""
        elif isinstance(event, WsprotoPing | WsprotoPong):
            kind = Ping if isinstance(event, WsprotoPing) else Pong
            seen.append(kind(bytes(event.payload)))
        elif isinstance(event, CloseConnection):
            failed = peer.state is ConnectionState.OPEN  # it did not take the close for the peer's
            seen.append(int(event.code) if failed else Close(int(event.code), event.reason or ""))
    return seen


def by_websockets(role: Role, data: bytes) -> Seen:
    """What websockets sees, its frames joined; text is decoded here, as its layers above do."""
    peer = Protocol(Side.SERVER if role == "server" else Side.CLIENT, max_size=LIMIT)
    peer.receive_data(data)
    seen: Seen = []
    message, text, decoder = b"", "", None
    for frame in peer.events_received():
        assert isinstance(frame, WebsocketsFrame)
        opcode, payload = int(frame.opcode), bytes(frame.data)
        if opcode in {Opcode.PING, Opcode.PONG}:
            seen.append(Ping(payload) if opcode == Opcode.PING else Pong(payload))
        elif opcode == Opcode.CLOSE:
            seen.append(Close.parse(payload))
        else:
            if opcode != Opcode.CONTINUATION:
                message, text = b"", ""
                decoder = getincrementaldecoder("utf-8")() if opcode == Opcode.TEXT else None
            message += payload
            try:
                text += decoder.decode(payload, frame.fin) if decoder else ""
            except UnicodeDecodeError:
                return [*seen, 1007]
            if frame.fin:
                seen.append(text if decoder else message)
    if peer.parser_exc is not None:
        assert peer.close_sent is not None
        seen.append(peer.close_sent.code)
    return seen


class TestSection62Receiving:
    """The tables of legal and illegal streams, and any mix of frames."""

    @pytest.mark.parametrize("role", ["client", "server"])
    @pytest.mark.parametrize("name", sorted(LEGAL))
    def test_legal(self, name: str, role: Role) -> None:
        frames, events = LEGAL[name]
        data = wire(frames, role)
        assert by_wslearn(role, data) == events
        # 1014 was registered after wsproto's list was written.
        assert by_wsproto(role, data) == ([1002] if name == "close 1014" else events)
        # websockets wants a message finished before a close; §5.4 lets control frames come anywhere.
        assert by_websockets(role, data) == ([1002] if name == "close between" else events)

    @pytest.mark.parametrize("role", ["client", "server"])
    @pytest.mark.parametrize("name", sorted(ILLEGAL))
    def test_illegal(self, name: str, role: Role) -> None:
        frames, before, code, *_ = ILLEGAL[name]
        data = wire(frames, role)
        assert by_wslearn(role, data) == [*before, code]
        if code != 1009:  # wsproto has no limit
            assert by_wsproto(role, data) == [*before, code]
        assert by_websockets(role, data) == [*before, code]

    @settings(max_examples=400)
    @given(st.lists(whole_units, max_size=8), roles)
    def test_any_frames(self, units: list[list[Frame | bytes]], role: Role) -> None:
        frames = [frame for unit in units for frame in unit]
        plain = wire(frames, "client")
        # Where the peers are known to differ: 1014, and a surrogate, which both notice one byte later.
        assume(b"\x03\xf6" not in plain and b"\xed" not in plain)
        data = wire(frames, role)
        ours = by_wslearn(role, data)
        assert ours == by_wsproto(role, data)
        # websockets looks at a close's reason before its code, and wants messages finished before it.
        if not any(isinstance(frame, Frame) and frame.opcode == Opcode.CLOSE for frame in frames):
            assert ours == by_websockets(role, data)


class TestSection61Sending:
    messages = st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.binary(), max_size=5)

    @given(messages, roles, st.sampled_from([1000, 1005, 3000]), st.sampled_from(["", "bye"]))
    def test_peers_read_what_we_write(
        self, messages: list[str | bytes], role: Role, code: int, reason: str
    ) -> None:
        sender: Role = "client" if role == "server" else "server"
        peer = Connection(sender)
        reason = "" if code == 1005 else reason
        data = b"".join(
            peer.send(message[:2], fin=False)
            + peer.ping(b"?")
            + peer.send(message[2:])
            + peer.send(message)
            + peer.pong()
            for message in messages
        ) + peer.close(code, reason)
        told = [event for message in messages for event in (Ping(b"?"), message, message, Pong())]
        assert by_wsproto(role, data) == by_websockets(role, data) == [*told, Close(code, reason)]

    @given(messages, st.binary(max_size=125), roles)
    def test_we_read_what_they_write(self, messages: list[str | bytes], payload: bytes, role: Role) -> None:
        theirs = WsprotoConnection(ConnectionType.SERVER if role == "client" else ConnectionType.CLIENT)
        others = Protocol(Side.SERVER if role == "client" else Side.CLIENT)
        data = b""
        for message in messages:
            if isinstance(message, str):
                data += theirs.send(TextMessage(message))
                others.send_text(message.encode())
            else:
                data += theirs.send(BytesMessage(message))
                others.send_binary(message)
        data += theirs.send(WsprotoPing(payload)) + theirs.send(CloseConnection(1001, "bye"))
        others.send_ping(payload)
        others.send_close(1001, "bye")
        expected = [*messages, Ping(payload), Close(1001, "bye")]
        assert Connection(role).receive(data) == expected
        assert Connection(role).receive(b"".join(others.data_to_send())) == expected


class TestSection71Closing:
    @pytest.mark.parametrize("role", ["client", "server"])
    @pytest.mark.parametrize("code", [1000, 1005, 4000])
    def test_with_websockets(self, role: Role, code: int) -> None:
        """Each side starts once; both see both codes."""
        for we_start in (True, False):
            ours = Connection(role)
            theirs = Protocol(Side.SERVER if role == "client" else Side.CLIENT)
            if we_start:
                theirs.receive_data(ours.close(code))
                assert ours.receive(theirs.data_to_send()[0]) == [Close(code)]
            else:
                theirs.send_close(None if code == 1005 else code)
                assert ours.receive(b"".join(theirs.data_to_send())) == [Close(code)]
                theirs.receive_data(ours.bytes_to_send())
            assert ours.done
            assert ours.received_first is not we_start
            assert theirs.close_rcvd is not None
            assert theirs.close_rcvd.code == ours.close_code == code
            assert theirs.close_rcvd_then_sent is we_start
