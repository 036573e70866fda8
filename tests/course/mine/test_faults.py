"""A student's function that does what it should not: it is told by name, and the server goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.course.assembled import MODELS, parts
from tests.feeding import read, wire
from wslearn import (
    Close,
    Connection,
    Deflate,
    Frame,
    HandshakeError,
    Opcode,
    ProtocolError,
    State,
    client_request,
)
from wslearn.course.mine import faults
from wslearn.course.mine.faults import Broken, Fault, guarded
from wslearn.course.mine.my_connection import MyConnection, my_connection
from wslearn.course.mine.parts import Parts
from wslearn.course.mine.rules import RULES
from wslearn.course.mine.wire import Assembled

CLIENT = {"build_request", "check_answer"}  # what no server calls


def called(function: Callable[..., Any], part: str = "utf8_so_far", patience: float = 5.0) -> Fault:
    """Call a function that does not work; give its fault."""
    faults = list[Fault]()
    with pytest.raises(Broken):
        guarded(part, function, RULES[part], faults, patience)(b"\xff")
    [fault] = faults
    assert (fault.part, fault.arguments) == (part, (b"\xff",))
    return fault


def named(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = name
    return function


class TestAFault:
    def test_says_where_and_with_what(self) -> None:
        def wrong(data: bytes) -> bool:
            return data[5] == 0

        fault = called(wrong)
        assert fault.what == "raised IndexError: index out of range, in the line  return data[5] == 0"
        assert str(fault) == f"utf8_so_far(bytes.fromhex('ff')) {fault.what}"

    def test_shows_keywords_and_cuts_what_is_long(self) -> None:
        fault = Fault("check_bits", "gave 5, not None", (bytes(1000), 0x80), (("from_client", True),))
        shown = str(fault)
        assert shown.endswith("…, 128, from_client=True) gave 5, not None")
        assert len(shown) < 150

    @pytest.mark.parametrize(
        ("function", "what"),
        [
            (lambda _: None, "gave None, not a bool"),
            (lambda _: 1, "gave 1, not a bool"),
            (lambda: True, "raised TypeError: "),
            (lambda _: sys.exit(1), "raised SystemExit: 1"),
        ],
    )
    def test_wrong_results_and_errors(self, function: Callable[..., Any], what: str) -> None:
        assert called(function).what.startswith(what)

    def test_an_async_function(self) -> None:
        async def wrong(data: bytes) -> bool:
            return True

        assert called(wrong).what.startswith("gave <coroutine object")

    def test_errors_that_a_part_may_not_raise(self) -> None:
        def refuse(_: bytes) -> bool:
            raise ProtocolError("No.", close_code=1002, section="§1", field="x")

        assert called(refuse).what.startswith("raised ProtocolError: No.")
        with pytest.raises(ProtocolError):
            guarded("parse_close", refuse, RULES["parse_close"], [], 5.0)(b"")

    @pytest.mark.parametrize("code", [-1, 65536, "1002", None])
    def test_codes_that_no_close_frame_can_carry(self, code: Any) -> None:
        def refuse(_: bytes) -> Close:
            raise ProtocolError("No.", close_code=code, section="§1", field="x")

        assert called(refuse, "parse_close").what.startswith("raised ProtocolError: No.")

    @pytest.mark.parametrize("status", [101, 200, 999, "400"])
    def test_statuses_that_are_no_refusal(self, status: Any) -> None:
        def refuse(_: bytes) -> tuple[bytes, bytes]:
            raise HandshakeError("No.", status=status, section="§1")

        assert called(refuse, "split_head").what.startswith("raised HandshakeError: No.")

    def test_only_the_last_are_kept(self) -> None:
        mine = parts(utf8_so_far=lambda _: None)
        for number in range(30):
            with pytest.raises(Broken):
                mine.utf8_so_far(bytes((number,)))
        assert [fault.arguments for fault in mine.faults] == [(bytes((number,)),) for number in range(10, 30)]


class TestWhatNeverReturns:
    def test_is_stopped(self) -> None:
        def endless(data: bytes) -> bool:
            while data:
                pass
            return True

        start = time.monotonic()
        assert called(endless, patience=0.1).what == "did not return within 0.1 s"
        assert time.monotonic() - start < 5

    def test_is_stopped_where_it_catches_everything(self) -> None:
        caught = 0

        def stubborn(data: bytes) -> bool:
            nonlocal caught
            while caught < 3:
                try:
                    while data:
                        pass
                except BaseException:  # noqa: BLE001 - that is what is shown
                    caught += 1
            return True

        start = time.monotonic()
        faults = list[Fault]()
        assert guarded("utf8_so_far", stubborn, RULES["utf8_so_far"], faults, 0.1)(b"x") is True
        assert (caught, faults) == (3, [])
        assert time.monotonic() - start < 5

    def test_nothing_is_stopped_afterwards(self) -> None:
        """Calls that end just before, at and just behind their time: no interruption goes astray."""
        outcomes = set()
        for number in range(16):

            def busy(_: bytes, last: float = 0.05 + number / 100) -> bool:
                return wait(last)

            try:
                outcomes.add(guarded("utf8_so_far", busy, RULES["utf8_so_far"], [], 0.1)(b""))
            except Broken as broken:
                outcomes.add(broken.fault.what)
            wait(0.06)  # a stray one would come here
        assert outcomes == {True, "did not return within 0.1 s"}

    def test_nobody_looks_at_the_clock_when_nothing_is_called(self) -> None:
        parts(utf8_so_far=lambda data: True).utf8_so_far(b"")
        assert faults._watch._busy.is_set()
        while faults._watch._busy.is_set():
            time.sleep(0.01)


def wait(seconds: float) -> bool:
    """Wait in Python, where a thread can be interrupted."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return True


def conversation(mine: MyConnection, *, compressed: bool) -> list[Frame]:
    """Hold a conversation that asks every part of a server; give what it sent on the open connection."""
    deflate = (
        Deflate(server_no_context_takeover=True, client_no_context_takeover=True) if compressed else None
    )
    offers = [] if deflate is None else [deflate.offer()]
    request = client_request("ws://a/echo", origin="http://a", subprotocols=["chat"], extensions=offers)
    mine.split_head(request.serialize())
    known = [] if deflate is None else [deflate]
    mine.server_response(request, origins=["http://a"], subprotocols=["chat"], extensions=known)
    client = Connection("client", deflate=deflate)
    server = mine.connection("server", state=State.CONNECTING)
    server.opened(deflate)
    data = client.send("Hel", fin=False) + client.ping(b"?") + client.send("lo")
    text = wire([Frame(Opcode.TEXT, b"Hello")], "server")
    sent = b""
    for piece in (data[:3], data[3:], text[:8], text[8:], client.close(1000)):
        for event in server.receive(piece):
            if isinstance(event, str) and server.sendable:
                sent += server.bytes_to_send() + server.send(event)
    sent += server.bytes_to_send()
    server.tcp_closed()
    return read(sent, "server", rsv1_means=compressed)


class TestContained:
    """Whatever part does not work: no error of it comes out, its fault is kept, the peer is told."""

    COMPRESSING = frozenset({"parse_extensions", "accept_offer", "deflate_message", "inflate_message"})

    def check(self, name: str, wrong: Callable[..., Any]) -> None:
        mine = my_connection(named(name, wrong))
        try:
            last = conversation(mine, compressed=name in self.COMPRESSING)[-1]
        except HandshakeError as error:
            told = error.status == 500 and name in str(error)
        else:
            close = Close.parse(last.payload)
            told = last.opcode == Opcode.CLOSE and close.code == 1011 and name in close.reason
        assert told
        assert [fault.part for fault in mine.faults] == [name]
        assert f"✗ {name}" in repr(mine)

    @pytest.mark.parametrize("name", sorted(RULES.keys() - CLIENT))
    def test_a_part_that_raises(self, name: str) -> None:
        def wrong(*_: Any, **__: Any) -> None:
            raise ValueError("of mine")

        self.check(name, wrong)

    @pytest.mark.parametrize("name", sorted(RULES.keys() - CLIENT))
    def test_a_part_that_gives_nonsense(self, name: str) -> None:
        self.check(name, lambda *_, **__: 1.5)

    @pytest.mark.parametrize("name", sorted(MODELS.keys() - CLIENT))
    def test_a_part_that_works_is_no_fault(self, name: str) -> None:
        mine = MyConnection({name: MODELS[name]}, _nothing, 5.0)
        frames = conversation(mine, compressed=name in self.COMPRESSING)
        assert mine.faults == []
        assert Close.parse(frames[-1].payload).code == 1000


async def _nothing(_: object) -> None:
    pass


class TestWhatCannotBeRight:
    """The right type, and still no use."""

    def end(self, mine: Parts, data: bytes) -> tuple[Fault, ProtocolError]:
        server = Assembled(mine, "server")
        error = server.receive(data)[-1]
        assert isinstance(error, ProtocolError)
        assert error.close_code == 1011
        [fault] = mine.faults
        return fault, error

    HELLO = wire([Frame(Opcode.TEXT, b"Hello")], "server")

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            ("take_frames", lambda buffer: ([], buffer)),
            ("take_frames", lambda _: ([Frame(1), Frame(1)], b"")),
            ("parse_frame", lambda _: None),
            ("parse_frame", lambda data: (Frame(1), data[2:]) if len(data) == 11 else None),
        ],
    )
    def test_frames_that_end_elsewhere(self, name: str, wrong: Callable[..., Any]) -> None:
        fault, error = self.end(parts(**{name: wrong}), self.HELLO)
        assert fault.part == name
        assert fault.what.endswith("where payload_length sees one frame of 11 bytes")
        assert str(error.args[0]) == f"{name} {fault.what}"

    @pytest.mark.parametrize("start", [0, 1])
    def test_a_length_that_stands_before_itself(self, start: int) -> None:
        fault, _ = self.end(parts(payload_length=lambda data, at: (0, at + start)), self.HELLO)
        assert (fault.part, fault.what) == (
            "payload_length",
            f"gave (0, {start}): inside the first two bytes",
        )

    def test_a_state_that_the_table_does_not_know(self) -> None:
        mine = parts(next_state=lambda state, step: State.OPEN)
        fault, _ = self.end(mine, wire([Frame(Opcode.CLOSE)], "server"))
        assert fault.what == "gave State.OPEN, not State.CLOSING"

    def test_a_state_of_a_connection_that_fails(self) -> None:
        mine = parts(next_state=lambda state, step: state)
        fault, _ = self.end(mine, b"\x83\x80")
        assert fault.what == "gave State.OPEN, not State.CLOSING"

    def test_a_state_of_a_connection_that_opens(self) -> None:
        server = Assembled(
            parts(next_state=lambda state, step: State.CLOSED), "server", state=State.CONNECTING
        )
        server.opened()
        assert server.deaf
        [frame] = read(server.bytes_to_send(), "server")
        assert Close.parse(frame.payload).code == 1011

    def test_a_state_of_a_connection_that_is_gone(self) -> None:
        mine = parts(next_state=lambda state, step: State.OPEN)
        server = Assembled(mine, "server")
        server.tcp_closed()
        assert (server.state, len(mine.faults)) == (State.CLOSED, 1)


class TestSending:
    """A fault while something is sent: the close frame goes out in its place."""

    @pytest.mark.parametrize(
        "send",
        [
            lambda server: server.send("Hello"),
            lambda server: server.send("Hel", fin=False),
            lambda server: server.ping(b"?"),
            lambda server: server.pong(b"?"),
            lambda server: server.close(1000),
        ],
    )
    def test_ends_the_connection(self, send: Callable[[Assembled], bytes]) -> None:
        server = Assembled(parts(header=lambda *_: None), "server")
        [frame] = read(send(server), "server")
        close = Close.parse(frame.payload)
        assert (close.code, close.reason) == (1011, "header gave None, not bytes")
        assert server.done
        assert (server.receive(b"\xff"), server.bytes_to_send()) == ([], b"")

    def test_the_answer_to_a_close_frame(self) -> None:
        server = Assembled(parts(header=lambda *_: None), "server")
        assert server.receive(wire([Frame(Opcode.CLOSE)], "server")) == [Close(1005)]
        [frame] = read(server.bytes_to_send(), "server")
        assert Close.parse(frame.payload).code == 1011

    def test_a_second_fault_changes_nothing(self) -> None:
        mine = parts(check_bits=lambda *_, **__: 5, header=lambda *_: None, next_state=lambda *_: None)
        server = Assembled(mine, "server")
        server.receive(b"\x81\x80")
        [frame] = read(server.bytes_to_send(), "server")
        assert Close.parse(frame.payload).reason == "check_bits gave 5, not None"
        assert len(mine.faults) == 1
