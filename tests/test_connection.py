"""One connection, from the 101 to the end of TCP (RFC 6455 §4.1, §5.4–§7)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from itertools import product

import pytest

from tests.feeding import Arrive, read, three_ways, wire
from wslearn import (
    TRANSITIONS,
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
    Step,
    UsageError,
)
from wslearn.connection import Role
from wslearn.frames import header
from wslearn.picture import connection_html

ROLES: tuple[Role, Role] = ("client", "server")
both_roles = pytest.mark.parametrize("role", ROLES)

CONT, TEXT, BINARY = Opcode.CONTINUATION, Opcode.TEXT, Opcode.BINARY
CLOSE, PING, PONG = Opcode.CLOSE, Opcode.PING, Opcode.PONG
LIMIT = 65_536
LONG = "long " * 100


def part(opcode: int, payload: bytes = b"") -> Frame:
    """A frame that is not the last of its message."""
    return Frame(opcode, payload, fin=False)


def reserved(opcode: int, field: str) -> Frame:
    """A frame with one reserved bit set."""
    return Frame(opcode, b"x", rsv1=field == "rsv1", rsv2=field == "rsv2", rsv3=field == "rsv3")


class Name(str):
    """A kind of text."""

    __slots__ = ()


def other(role: Role) -> Role:
    return "client" if role == "server" else "server"


LEGAL: dict[str, tuple[list[Frame | bytes], list[Event]]] = {
    "text": ([Frame(TEXT, b"Hello")], ["Hello"]),
    "binary": ([Frame(BINARY, b"\xff\x00")], [b"\xff\x00"]),
    "empty": ([Frame(TEXT), Frame(BINARY)], ["", b""]),
    "125": ([Frame(TEXT, b"x" * 125), Frame(BINARY, b"x" * 125)], ["x" * 125, b"x" * 125]),
    "126": ([Frame(TEXT, b"x" * 126), Frame(BINARY, b"x" * 126)], ["x" * 126, b"x" * 126]),
    "65535": ([Frame(BINARY, b"x" * 65535)], [b"x" * 65535]),
    "65536": ([Frame(TEXT, b"x" * 65536)], ["x" * 65536]),
    "limit": ([Frame(BINARY, b"x" * LIMIT)], [b"x" * LIMIT]),
    "several": ([Frame(TEXT, b"1"), Frame(BINARY, b"2"), Frame(TEXT, b"3" * 200)], ["1", b"2", "3" * 200]),
    "utf-8": ([Frame(TEXT, "κόσμε €😀".encode())], ["κόσμε €😀"]),
    "ping": ([Frame(PING)], [Ping()]),
    "ping 125": ([Frame(PING, b"x" * 125)], [Ping(b"x" * 125)]),
    "pong": ([Frame(PONG, b"unasked")], [Pong(b"unasked")]),
    "close": ([Frame(CLOSE)], [Close(1005)]),
    "close 1000": ([Frame(CLOSE, b"\x03\xe8bye")], [Close(1000, "bye")]),
    "close 1014": ([Frame(CLOSE, b"\x03\xf6")], [Close(1014)]),
    "close 4999": ([Frame(CLOSE, b"\x13\x87" + b"x" * 123)], [Close(4999, "x" * 123)]),
    "fragments": ([part(TEXT, b"Hel"), Frame(CONT, b"lo")], ["Hello"]),
    "many fragments": (
        [part(BINARY, b"a"), *[part(CONT, b"b")] * 300, Frame(CONT, b"c")],
        [b"a" + b"b" * 300 + b"c"],
    ),
    "empty fragments": ([part(TEXT), part(CONT), Frame(CONT)], [""]),
    "empty last": ([part(TEXT, b"x"), Frame(CONT)], ["x"]),
    "split character": ([part(TEXT, b"\xf0\x9f"), part(CONT, b"\x98"), Frame(CONT, b"\x80")], ["😀"]),
    "control between": (
        [
            part(TEXT, b"a"),
            Frame(PING, b"p"),
            part(CONT, b"b"),
            Frame(PONG),
            Frame(CONT, b"c"),
            Frame(TEXT, b"d"),
        ],
        [Ping(b"p"), Pong(), "abc", "d"],
    ),
    "close between": ([part(TEXT, b"a"), Frame(CLOSE, b"\x03\xe9")], [Close(1001)]),
    "limit in fragments": (
        [part(BINARY, b"x" * 1024), *[part(CONT, b"x" * 1024)] * 63, Frame(CONT)],
        [b"x" * LIMIT],
    ),
}

# What is sent; the events before the error; its close code, section and field.
ILLEGAL: dict[str, tuple[list[Frame | bytes], list[Event], int, str, str]] = {
    **{
        f"opcode {opcode}": ([Frame(TEXT, b"ok"), Frame(opcode)], ["ok"], 1002, "§5.2", "opcode")
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    },
    **{
        f"{field} on {opcode.name}": (
            [reserved(opcode, field)],
            [],
            1002,
            "§5.2",
            field,
        )
        for field, opcode in product(("rsv1", "rsv2", "rsv3"), (TEXT, BINARY, CLOSE, PING, PONG))
    },
    "rsv1 on continuation": ([part(TEXT), Frame(CONT, rsv1=True)], [], 1002, "§5.2", "rsv1"),
    **{
        f"fragmented {opcode.name}": ([part(opcode)], [], 1002, "§5.5", "fin")
        for opcode in (CLOSE, PING, PONG)
    },
    **{
        f"long {opcode.name}": ([Frame(opcode, bytes(126))], [], 1002, "§5.5", "payload length")
        for opcode in (CLOSE, PING, PONG)
    },
    "nothing to continue": ([Frame(CONT, b"x")], [], 1002, "§5.4", "opcode"),
    "nothing to continue any more": ([part(TEXT), Frame(CONT), Frame(CONT)], [""], 1002, "§5.4", "opcode"),
    "new text in fragments": ([part(TEXT, b"a"), Frame(TEXT, b"b")], [], 1002, "§5.4", "opcode"),
    "new text in empty fragments": ([part(TEXT), Frame(TEXT)], [], 1002, "§5.4", "opcode"),
    "new binary in fragments": ([part(TEXT, b"a"), part(BINARY)], [], 1002, "§5.4", "opcode"),
    "close code 1006": ([Frame(CLOSE, b"\x03\xee")], [], 1002, "§7.4", "close code"),
    "close code 999": ([Frame(PING), Frame(CLOSE, b"\x03\xe7")], [Ping()], 1002, "§7.4", "close code"),
    "close of one byte": ([Frame(CLOSE, b"\x03")], [], 1002, "§5.5.1", "close code"),
    "close reason": ([Frame(CLOSE, b"\x03\xe8\xff")], [], 1007, "§8.1", "close reason"),
    "invalid utf-8": ([Frame(TEXT, b"ok"), Frame(TEXT, b"a\xff")], ["ok"], 1007, "§8.1", "payload"),
    "invalid long utf-8": ([Frame(TEXT, b"x" * 300 + b"\xff")], [], 1007, "§8.1", "payload"),
    "cut utf-8": ([Frame(TEXT, b"\xe2\x82")], [], 1007, "§8.1", "payload"),
    "surrogate": ([Frame(TEXT, b"\xed\xa0\x80")], [], 1007, "§8.1", "payload"),
    "invalid utf-8 in fragments": ([part(TEXT, b"\xe2"), Frame(CONT, b"x")], [], 1007, "§8.1", "payload"),
    "utf-8 fails before the message ends": ([part(TEXT, b"\xf4\x90")], [], 1007, "§8.1", "payload"),
    "too big": ([Frame(BINARY, bytes(LIMIT + 1))], [], 1009, "§10.4", "payload length"),
    "too big text": ([Frame(TEXT, bytes(LIMIT + 1))], [], 1009, "§10.4", "payload length"),
    "too big in fragments": (
        [part(TEXT, bytes(999)), Frame(CONT, bytes(LIMIT - 998))],
        [],
        1009,
        "§10.4",
        "payload length",
    ),
}

# Headers that `Frame` does not write, for a server; their masking keys are zero.
ILLEGAL_LENGTHS = {
    "125 in 16 bits": "82 fe 00 7d",
    "0 in 64 bits": "82 ff 00 00 00 00 00 00 00 00",
    "65535 in 64 bits": "82 ff 00 00 00 00 00 00 ff ff",
    "top bit": "82 ff 80 00 00 00 00 01 00 00",
}


class TestSection62Receiving:
    @three_ways
    @both_roles
    @pytest.mark.parametrize("name", LEGAL)
    def test_legal(self, name: str, role: Role, arrive: Arrive) -> None:
        frames, events = LEGAL[name]
        assert arrive(Connection(role, max_message_size=LIMIT), wire(frames, role)) == events

    @three_ways
    @both_roles
    @pytest.mark.parametrize("name", ILLEGAL)
    def test_illegal(self, name: str, role: Role, arrive: Arrive) -> None:
        frames, before, code, section, field = ILLEGAL[name]
        peer = Connection(role, max_message_size=LIMIT)
        *events, error = arrive(peer, wire(frames, role))
        assert events == before
        assert isinstance(error, ProtocolError)
        assert (error.close_code, error.section, error.field) == (code, section, field)
        *pongs, close = read(peer.bytes_to_send(), role)
        assert [frame.opcode for frame in pongs] == [PONG for event in before if isinstance(event, Ping)]
        assert close.payload == Close(code, str(error.args[0])).serialize()
        assert (peer.state, peer.done, peer.close_received) == (State.CLOSING, True, None)

    @three_ways
    @both_roles
    @pytest.mark.parametrize("name", ILLEGAL_LENGTHS)
    def test_illegal_length(self, name: str, role: Role, arrive: Arrive) -> None:
        data = bytearray.fromhex(ILLEGAL_LENGTHS[name])
        data[1] &= 0xFF if role == "server" else 0x7F
        whole = bytes(data) + bytes(4 + 125)  # no short cut for whole messages may overlook it
        for wire_data in (bytes(data), whole):
            (error,) = arrive(Connection(role), wire_data)
            assert isinstance(error, ProtocolError)
            assert (error.close_code, error.section, error.field) == (1002, "§5.2", "payload length")

    @three_ways
    @both_roles
    @pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, CLOSE])
    def test_section_5_1_masking_is_the_clients(self, opcode: Opcode, role: Role, arrive: Arrive) -> None:
        (error,) = arrive(Connection(role), wire([Frame(opcode, b"\x03\xe8")], other(role)))
        assert isinstance(error, ProtocolError)
        assert (error.close_code, error.section, error.field) == (1002, "§5.1", "mask")

    @both_roles
    def test_types(self, role: Role) -> None:
        """Nothing is allocated around a message: it is `str` or `bytes`, never a part of the read."""
        for pieces in (
            [Frame(BINARY, b"x" * size) for size in (1, 200, 70000)],
            [part(BINARY, b"x"), Frame(CONT)],
        ):
            assert {type(event) for event in Connection(role).receive(wire(pieces, role))} == {bytes}

    @both_roles
    def test_what_was_not_whole_yet_is_kept(self, role: Role) -> None:
        peer = Connection(role)
        data = wire([Frame(TEXT, b"Hello"), Frame(PING, b"?")], role)
        for cut in range(len(data)):
            assert peer.receive(data[:cut]) + peer.receive(data[cut:]) == ["Hello", Ping(b"?")]
        assert peer.receive(b"") == []

    @both_roles
    def test_section_5_4_what_is_not_whole_can_be_looked_at(self, role: Role) -> None:
        peer, ping = Connection(role), wire([Frame(PING, b"?")], role)
        assert (peer.unread, peer.unfinished) == (b"", None)
        peer.receive(wire([part(TEXT, b"He")], role) + ping[:-1])
        assert (peer.unread, peer.unfinished) == (ping[:-1], b"He")
        peer.receive(ping[-1:])
        assert (peer.unread, peer.unfinished) == (b"", b"He")
        peer.receive(wire([Frame(CONT, b"y")], role))
        assert (peer.unread, peer.unfinished) == (b"", None)


class TestSection55ControlFrames:
    @both_roles
    def test_5_5_2_every_ping_is_answered_in_order(self, role: Role) -> None:
        peer = Connection(role)
        peer.receive(
            wire([Frame(PING, b"1"), Frame(PONG, b"no"), part(TEXT), Frame(PING), Frame(CONT)], role)
        )
        assert read(peer.bytes_to_send(), role) == [Frame(PONG, b"1"), Frame(PONG)]
        assert peer.bytes_to_send() == b""

    @both_roles
    def test_5_5_2_no_pong_after_a_close(self, role: Role) -> None:
        peer = Connection(role)
        peer.receive(wire([Frame(PING, b"before"), Frame(CLOSE), Frame(PING, b"after")], role))
        assert read(peer.bytes_to_send(), role) == [Frame(PONG, b"before"), Frame(CLOSE)]

    @both_roles
    def test_5_5_2_a_ping_is_answered_while_we_wait_for_the_close(self, role: Role) -> None:
        peer = Connection(role)
        peer.close()
        assert peer.receive(wire([Frame(PING, b"?"), Frame(TEXT, b"late")], role)) == [Ping(b"?"), "late"]
        assert read(peer.bytes_to_send(), role) == [Frame(PONG, b"?")]

    @both_roles
    def test_sending(self, role: Role) -> None:
        peer = Connection(role)
        sent = peer.ping() + peer.ping(b"x" * 125) + peer.pong(b"y")
        assert read(sent, role) == [Frame(PING), Frame(PING, b"x" * 125), Frame(PONG, b"y")]
        for call in (peer.ping, peer.pong):
            with pytest.raises(UsageError, match="125 bytes, not 126"):
                call(b"x" * 126)


class TestSection61Sending:
    @both_roles
    @pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
    def test_messages_of_every_length_form(self, role: Role, size: int) -> None:
        peer = Connection(role)
        assert read(peer.send("x" * size), role) == [Frame(TEXT, b"x" * size)]
        assert read(peer.send(b"\xff" * size), role) == [Frame(BINARY, b"\xff" * size)]

    @both_roles
    def test_fragments(self, role: Role) -> None:
        peer = Connection(role)
        sent = peer.send("a", fin=False) + peer.ping() + peer.send("", fin=False) + peer.send("b")
        assert read(sent, role) == [part(TEXT, b"a"), Frame(PING), part(CONT), Frame(CONT, b"b")]
        sent = peer.send(b"a", fin=False) + peer.send(b"b") + peer.send("whole")
        assert read(sent, role) == [part(BINARY, b"a"), Frame(CONT, b"b"), Frame(TEXT, b"whole")]

    @both_roles
    def test_section_5_4_fragments_are_of_one_type(self, role: Role) -> None:
        peer = Connection(role)
        peer.send("a", fin=False)
        with pytest.raises(UsageError, match="of one type"):
            peer.send(b"b")
        assert read(peer.send("b"), role) == [Frame(CONT, b"b")]

    @both_roles
    @pytest.mark.parametrize("message", [bytearray(b"xy"), memoryview(b"xy")])
    def test_other_kinds_of_bytes(self, role: Role, message: bytes) -> None:
        assert read(Connection(role).send(message), role) == [Frame(BINARY, b"xy")]

    def test_a_kind_of_str(self) -> None:
        assert Connection("server").send(Name("xy")) == b"\x81\x02xy"

    @both_roles
    @pytest.mark.parametrize("fin", [True, False])
    @pytest.mark.parametrize("deflate", [None, Deflate()])
    def test_misuse(self, role: Role, fin: bool, deflate: Deflate | None) -> None:
        peer = Connection(role, deflate=deflate)
        for message, why in ((1, "not int"), (None, "not NoneType"), ("\ud800", "UTF-8")):
            with pytest.raises(UsageError, match=why):
                peer.send(message, fin=fin)  # type: ignore[arg-type]
        assert Connection(other(role), deflate=deflate).receive(peer.send("still fine")) == ["still fine"]

    def test_section_5_3_every_frame_has_a_key_of_its_own(self) -> None:
        """§10.3: it "MUST be derived from a strong source of entropy" and be unpredictable."""
        peer = Connection("client")
        peer.receive(wire([Frame(PING)] * 300, "client"))
        data = (
            b"".join(peer.send(b"") + peer.ping() for _ in range(300))
            + peer.bytes_to_send()
            + peer.close(1005)
        )
        keys = [data[start + 2 : start + 6] for start in range(0, len(data), 6)]
        assert len(keys) == len(set(keys)) == 901
        assert Connection("client").send(b"") != Connection("client").send(b"")

    def test_section_10_3_keys_come_from_secrets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(secrets, "token_bytes", lambda size: b"wxyz" * (size // 4))
        assert Connection("client").send(b"") == b"\x82\x80wxyz"

    def test_a_key_for_pictures(self) -> None:
        peer = Connection("client", masking_key=bytes.fromhex("37 fa 21 3d"))
        for _ in range(300):
            assert peer.send("Hello").hex(" ") == "81 85 37 fa 21 3d 7f 9f 4d 51 58"

    @pytest.mark.parametrize(("role", "key"), [("server", b"abcd"), ("client", b"abc"), ("client", b"")])
    def test_no_other_key(self, role: Role, key: bytes) -> None:
        with pytest.raises(UsageError, match="four bytes"):
            Connection(role, masking_key=key)

    def test_no_other_role(self) -> None:
        with pytest.raises(UsageError, match="'client' or 'server'"):
            Connection("proxy")  # type: ignore[arg-type]


class TestSection551ClosingHandshake:
    @three_ways
    @both_roles
    @pytest.mark.parametrize("close", [Close(1005), Close(1000, "bye"), Close(4000)])
    def test_the_peer_starts(self, close: Close, role: Role, arrive: Arrive) -> None:
        peer = Connection(role)
        assert arrive(peer, wire([Frame(CLOSE, close.serialize())], role)) == [close]
        assert (peer.state, peer.done, peer.close_sent) == (State.CLOSING, False, None)
        assert read(peer.bytes_to_send(), role) == [Frame(CLOSE, close.serialize())]
        assert (peer.state, peer.done, peer.close_sent) == (State.CLOSING, True, close)
        assert (peer.close_received, peer.received_first, peer.close_code) == (close, True, close.code)
        assert peer.bytes_to_send() == b""

    @three_ways
    @both_roles
    def test_we_start(self, role: Role, arrive: Arrive) -> None:
        peer = Connection(role)
        assert read(peer.close(1001, "bye"), role) == [Frame(CLOSE, b"\x03\xe9bye")]
        assert (peer.state, peer.done, peer.received_first, peer.close_code) == (
            State.CLOSING,
            False,
            None,
            None,
        )
        assert arrive(peer, wire([Frame(CLOSE, b"\x03\xe8")], role)) == [Close(1000)]
        assert (peer.close_sent, peer.close_received) == (Close(1001, "bye"), Close(1000))
        assert (peer.done, peer.received_first, peer.close_code) == (True, False, 1000)
        assert peer.bytes_to_send() == b""

    def test_both_start_at_once(self) -> None:
        client, server = Connection("client"), Connection("server")
        from_client, from_server = client.close(1000), server.close(1001)
        assert client.receive(from_server) == [Close(1001)]
        assert server.receive(from_client) == [Close(1000)]
        assert client.bytes_to_send() == server.bytes_to_send() == b""
        assert client.done
        assert server.done
        assert (client.close_code, server.close_code) == (1001, 1000)  # §7.1.5: they need not agree

    @both_roles
    def test_answers_to_what_came_before_can_still_be_sent(self, role: Role) -> None:
        """§5.5.1: "An endpoint MAY delay sending a Close frame until its current message is sent"."""
        peer = Connection(role)
        peer.receive(wire([Frame(TEXT, b"?"), Frame(CLOSE)], role))
        assert peer.sendable
        sent = peer.send("!") + peer.ping() + peer.bytes_to_send()
        assert read(sent, role) == [Frame(TEXT, b"!"), Frame(PING), Frame(CLOSE)]
        assert not peer.sendable

    @both_roles
    def test_our_own_close_can_be_the_answer(self, role: Role) -> None:
        peer = Connection(role)
        peer.receive(wire([Frame(CLOSE, b"\x03\xe8")], role))
        assert read(peer.close(1001), role) == [Frame(CLOSE, b"\x03\xe9")]
        assert (peer.bytes_to_send(), peer.close_sent, peer.received_first) == (b"", Close(1001), True)

    @both_roles
    def test_nothing_is_sent_after_our_close(self, role: Role) -> None:
        peer = Connection(role)
        peer.close()
        calls: list[Callable[[], bytes]] = [
            lambda: peer.send("x"),
            lambda: peer.send(b"x", fin=False),
            peer.ping,
            peer.pong,
        ]
        for call in calls:
            with pytest.raises(UsageError, match="Nothing can be sent while CLOSING"):
                call()
        assert peer.close(1001) == b""

    @both_roles
    def test_nothing_counts_after_the_peers_close(self, role: Role) -> None:
        peer = Connection(role)
        assert peer.receive(wire([Frame(CLOSE), Frame(TEXT, b"late"), b"\xff\xff\xff"], role)) == [
            Close(1005)
        ]
        assert peer.receive(wire([Frame(TEXT, b"later")], role)) == []
        assert peer.deaf

    @pytest.mark.parametrize(
        ("code", "reason"), [(1006, ""), (999, ""), (1005, "x"), (1000, "x" * 124), (1000, "\ud800")]
    )
    def test_what_must_not_be_sent(self, code: int, reason: str) -> None:
        peer = Connection("server")
        with pytest.raises(UsageError):
            peer.close(code, reason)
        assert (peer.state, peer.close_sent) == (State.OPEN, None)


class TestSection717Fail:
    @both_roles
    def test_nothing_is_answered_twice(self, role: Role) -> None:
        peer = Connection(role)
        peer.close(1000)
        (error,) = peer.receive(wire([Frame(3)], role))
        assert isinstance(error, ProtocolError)
        assert (peer.bytes_to_send(), peer.done, peer.close_sent) == (b"", True, Close(1000))

    @both_roles
    def test_after_the_first_error_there_is_no_other(self, role: Role) -> None:
        peer = Connection(role)
        assert len(peer.receive(wire([Frame(3), Frame(3)], role))) == 1
        assert peer.receive(wire([Frame(3)], role)) == []

    @both_roles
    def test_the_error_keeps_nothing_alive(self, role: Role) -> None:
        """It was not raised to the caller: no traceback, whose frames hold the message, comes along."""
        for frames in ([Frame(3)], [Frame(TEXT, b"\xff")], [part(TEXT, b"\xff")]):
            (error,) = Connection(role).receive(wire(frames, role))
            assert isinstance(error, ProtocolError)
            assert (error.__traceback__, error.__context__) == (None, None)

    @both_roles
    def test_pongs_leave_first(self, role: Role) -> None:
        peer = Connection(role)
        peer.receive(wire([Frame(PING, b"1"), Frame(TEXT, b"\xff")], role))
        assert [frame.opcode for frame in read(peer.bytes_to_send(), role)] == [PONG, CLOSE]


class TestSection41And71States:
    def test_the_table_is_the_picture(self) -> None:
        """CONNECTING → OPEN → CLOSING → CLOSED, and never back; every state ends with TCP."""
        order = list(State)
        assert TRANSITIONS.keys() == set(State)
        moves = {(state, after) for state, steps in TRANSITIONS.items() for after in steps.values()}
        assert all(order.index(state) <= order.index(after) for state, after in moves)
        assert {steps[Step.TCP_CLOSED] for steps in TRANSITIONS.values()} == {State.CLOSED}
        assert {step for steps in TRANSITIONS.values() for step in steps} == set(Step)

    @pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
    def test_the_code_obeys_the_table(self, state: State, step: Step) -> None:
        peer = Connection("client", state=state)
        after = TRANSITIONS[state].get(step)
        if after is None:
            with pytest.raises(UsageError, match=f"Not possible while {state.name}"):
                peer.step(step)
        else:
            peer.step(step)
        assert peer.state is (after or state)

    @both_roles
    def test_4_1_connecting(self, role: Role) -> None:
        peer = Connection(role, state=State.CONNECTING)
        for call, why in (
            (lambda: peer.receive(b""), "received while CONNECTING"),
            (lambda: peer.send("x"), "sent while CONNECTING"),
            (peer.ping, "sent while CONNECTING"),
            (peer.close, "nothing to close while CONNECTING"),
        ):
            with pytest.raises(UsageError, match=why):
                call()
        assert not peer.sendable
        peer.opened(Deflate())
        assert peer.state is State.OPEN
        assert read(peer.send("x"), role, rsv1_means=True)[0].rsv1

    def test_4_1_opened_without_compression(self) -> None:
        peer = Connection("server", state=State.CONNECTING)
        peer.opened()
        assert peer.send("x") == b"\x81\x01x"
        with pytest.raises(UsageError, match="while OPEN"):
            peer.opened()

    @both_roles
    def test_7_1_4_closed(self, role: Role) -> None:
        peer = Connection(role)
        peer.receive(wire([Frame(PING), part(TEXT, b"cut")], role)[:-1])
        peer.tcp_closed()
        peer.tcp_closed()
        assert (peer.state, peer.close_code, peer.done) == (State.CLOSED, 1006, False)
        for call in (lambda: peer.receive(b""), lambda: peer.send("x"), peer.ping):
            with pytest.raises(UsageError, match="while CLOSED"):
                call()
        assert peer.close() == b""

    @both_roles
    def test_7_1_5_a_close_that_was_not_answered_in_time(self, role: Role) -> None:
        peer = Connection(role)
        peer.receive(wire([Frame(CLOSE, b"\x03\xe9")], role))
        peer.tcp_closed()
        assert (peer.bytes_to_send(), peer.close_code, peer.close_sent) == (b"", 1001, None)

    def test_repr(self) -> None:
        assert repr(Connection("client")) == "<Connection client OPEN>"

    def test_a_notebook_shows_what_waits(self) -> None:
        peer = Connection("client")
        peer.receive(wire([Frame(PING, b"?")], "client") + b"\x81")
        assert peer._repr_html_() == connection_html(peer, buffered=1, waiting=7)


class TestSection104Limit:
    @both_roles
    @pytest.mark.parametrize("opcode", [TEXT, BINARY])
    @pytest.mark.parametrize("size", [11, 126, 65536, 2**62])
    def test_is_refused_by_its_header(self, role: Role, opcode: Opcode, size: int) -> None:
        """1009 before a byte of the payload came, and so before memory is spent on it."""
        frame = Frame(opcode, masking_key=b"abcd" if role == "server" else None)
        start = header(frame.first_byte, size, frame.masking_key)
        (error,) = Connection(role, max_message_size=10).receive(start)
        assert isinstance(error, ProtocolError)
        assert (error.close_code, error.field) == (1009, "payload length")

    @three_ways
    @both_roles
    @pytest.mark.parametrize("size", [11, 50, 124, 125, 126])
    def test_no_short_cut_overlooks_it(self, size: int, role: Role, arrive: Arrive) -> None:
        frames: list[Frame | bytes] = [Frame(TEXT, b"x" * 10), Frame(BINARY, b"x" * size)]
        message, error = arrive(Connection(role, max_message_size=10), wire(frames, role))
        assert message == "x" * 10
        assert isinstance(error, ProtocolError)
        assert error.close_code == 1009

    @both_roles
    def test_nothing_fits_but_nothing(self, role: Role) -> None:
        peer = Connection(role, max_message_size=0)
        *messages, error = peer.receive(wire([Frame(TEXT), Frame(BINARY), Frame(TEXT, b"x")], role))
        assert messages == ["", b""]
        assert isinstance(error, ProtocolError)


class TestRfc7692Section6:
    @three_ways
    @both_roles
    def test_messages_of_both_kinds_mix(self, role: Role, arrive: Arrive) -> None:
        peer = Connection(other(role), deflate=Deflate())
        data = peer.send(LONG) + wire([Frame(TEXT, b"plain")], role) + peer.send(LONG.encode())
        assert len(data) < len(LONG)
        assert arrive(Connection(role, deflate=Deflate()), data) == [LONG, "plain", LONG.encode()]

    @three_ways
    @both_roles
    def test_6_1_rsv1_is_on_the_first_fragment_only(self, role: Role, arrive: Arrive) -> None:
        sender = other(role)
        peer = Connection(sender, deflate=Deflate())
        data = peer.send("a" * 99, fin=False) + peer.ping() + peer.send("", fin=False) + peer.send("b" * 99)
        frames = read(data, sender, rsv1_means=True)
        assert [(frame.opcode, frame.rsv1) for frame in frames] == [
            (TEXT, True),
            (PING, False),
            (CONT, False),
            (CONT, False),
        ]
        assert arrive(Connection(role, deflate=Deflate()), data) == [Ping(), "a" * 99 + "b" * 99]

    @three_ways
    @both_roles
    @pytest.mark.parametrize(
        ("payload", "code"),
        [
            (b"\xff", 1007),
            (b"\x07", 1007),
            (Deflate().codec("client").compress(b"ok \xff", fin=True), 1007),
            (Deflate().codec("client").compress(b"\xe2\x82", fin=True), 1007),
            (Deflate().codec("client").compress(b"x" * (LIMIT + 1), fin=True), 1009),
        ],
    )
    def test_6_2_what_must_not_inflate(self, payload: bytes, code: int, role: Role, arrive: Arrive) -> None:
        peer = Connection(role, deflate=Deflate(), max_message_size=LIMIT)
        (error,) = arrive(peer, wire([Frame(TEXT, payload, rsv1=True)], role))
        assert isinstance(error, ProtocolError)
        assert error.close_code == code

    @both_roles
    @pytest.mark.parametrize("opcode", [CONT, CLOSE, PING, PONG])
    def test_6_1_rsv1_nowhere_else(self, role: Role, opcode: Opcode) -> None:
        peer = Connection(role, deflate=Deflate())
        frames: list[Frame | bytes] = [part(TEXT, b"x"), Frame(opcode, rsv1=True)]
        (error,) = peer.receive(wire(frames, role))
        assert isinstance(error, ProtocolError)
        assert (error.close_code, error.field) == (1002, "rsv1")


def test_words_of_the_steps() -> None:
    """Each step says in words what happened, for the pictures."""
    assert all(re.fullmatch(r"[a-zTCP ]+", step.value) for step in Step)
