"""A connection made of parts receives and sends what `Connection` does (RFC 6455 §5–§7, RFC 7692)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.course.assembled import MAKERS, parts
from tests.feeding import Arrive, read, three_ways, wire
from tests.streams import deflates, roles, streams
from tests.test_connection_properties import Outcome, cuts, limits
from tests.test_vectors import RECEIVER, carried
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
    UsageError,
)
from wslearn.connection import Role
from wslearn.course.mine.parts import Parts
from wslearn.course.mine.wire import Assembled
from wslearn.vectors import BAD_FRAMES, COMPRESSED, FRAMES, BadFrames, Example

Make = Callable[..., Connection]
both_kinds = pytest.mark.parametrize("kind", MAKERS)


def made(kind: str, role: Role = "server", **options: Any) -> Assembled:
    return Assembled(MAKERS[kind](), role, **options)


def outcome(make: Make, role: Role, data: bytes, places: list[int] | range, **options: Any) -> Outcome:
    peer = make(role, masking_key=b"mask" if role == "client" else None, **options)
    events, answers, start = list[Event](), b"", 0
    for end in sorted({*(min(place, len(data)) for place in places), len(data)}):
        events += peer.receive(data[start:end])
        answers += peer.bytes_to_send()
        start = end
    return Outcome(
        events, answers, peer.state, peer.close_sent, peer.close_received, peer.received_first, peer.done
    )


class TestIsOneConnection:
    """For any bytes, in any cut: the same events and the same answers as the library's own."""

    @both_kinds
    @settings(max_examples=300)
    @given(data=st.data(), role=roles, limit=limits)
    def test_as_the_library(self, kind: str, data: st.DataObject, role: Role, limit: int) -> None:
        stream, places = data.draw(streams(role)), data.draw(cuts)
        mine = outcome(partial(Assembled, MAKERS[kind]()), role, stream, places, max_message_size=limit)
        assert mine == outcome(Connection, role, stream, places, max_message_size=limit)

    @settings(max_examples=300)
    @given(data=st.data(), role=roles, deflate=st.none() | deflates, limit=limits)
    def test_any_cut_gives_the_same(
        self, data: st.DataObject, role: Role, deflate: Deflate | None, limit: int
    ) -> None:
        stream = data.draw(streams(role))
        seen = [
            outcome(
                partial(Assembled, Parts()), role, stream, places, deflate=deflate, max_message_size=limit
            )
            for places in ([], data.draw(cuts), range(len(stream)))
        ]
        assert seen[0] == seen[1] == seen[2]


class TestVectors:
    @both_kinds
    @pytest.mark.parametrize("good", FRAMES, ids=[good.name for good in FRAMES])
    def test_section_5_7(self, kind: str, good: Example) -> None:
        assert carried(made(kind, RECEIVER[good.sender]).receive(good.data)) == good.payload

    @pytest.mark.parametrize("good", COMPRESSED, ids=[good.name for good in COMPRESSED])
    def test_rfc_7692_section_7_2_3(self, good: Example) -> None:
        connection = made("library", RECEIVER[good.sender], deflate=Deflate())
        assert carried(connection.receive(good.data)) == good.payload

    @both_kinds
    @three_ways
    @pytest.mark.parametrize("bad", BAD_FRAMES, ids=[bad.name for bad in BAD_FRAMES])
    def test_bad_frames(self, kind: str, arrive: Arrive, bad: BadFrames) -> None:
        connection = made(kind, RECEIVER[bad.sender])
        error = arrive(connection, bad.data)[-1]
        assert isinstance(error, ProtocolError)
        assert (error.close_code, error.field) == (bad.close_code, bad.field)
        [frame] = read(connection.bytes_to_send(), RECEIVER[bad.sender])
        assert (frame.opcode, frame.payload[:2]) == (Opcode.CLOSE, bad.close_code.to_bytes(2, "big"))


class TestSending:
    @both_kinds
    @given(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=200) | st.binary(max_size=200)),
        roles,
        st.none() | deflates,
        cuts,
    )
    def test_the_library_receives_it(
        self, kind: str, said: list[str | bytes], role: Role, deflate: Deflate | None, places: list[int]
    ) -> None:
        sender = made(kind, role, state=State.CONNECTING)
        sender.opened(deflate)
        receiver = Connection("client" if role == "server" else "server", deflate=deflate)
        data = b"".join(sender.send(message) + sender.ping(b"?") for message in said)
        data += sender.send("Hel", fin=False) + sender.pong() + sender.send("lo") + sender.close(4000, "bye")
        told = [event for message in said for event in (message, Ping(b"?"))]
        assert receiver.receive(data) == [*told, Pong(), "Hello", Close(4000, "bye")]
        pongs = [Pong(b"?")] * len(said)
        assert sender.receive(receiver.bytes_to_send()) == [*pongs, Close(4000, "bye")]
        assert sender.done

    @both_kinds
    def test_a_long_message_in_fragments(self, kind: str) -> None:
        frames = read(made(kind).send(bytes(2 << 20) + b"!"), "server")
        assert [(frame.opcode, frame.fin, len(frame.payload)) for frame in frames] == [
            (Opcode.BINARY, False, 1 << 20),
            (Opcode.CONTINUATION, False, 1 << 20),
            (Opcode.CONTINUATION, True, 1),
        ]
        [whole] = read(made(kind).send(bytes(1 << 20)), "server")
        assert whole.fin

    @both_kinds
    def test_a_client_masks_each_frame_with_another_key(self, kind: str) -> None:
        client = made(kind, "client")
        keys = set()
        for _ in range(20):
            parsed = Frame.parse(client.send("Hello"))
            assert parsed is not None
            assert parsed[0].payload == b"Hello"
            keys.add(parsed[0].masking_key)
        assert len(keys) == 20

    def test_a_pong_that_is_masked_shows(self) -> None:
        mine = parts(answer_ping=lambda ping: Frame(Opcode.PONG, ping.payload, masking_key=b"mask"))
        server = Assembled(mine, "server")
        server.receive(wire([Frame(Opcode.PING, b"?")], "server"))
        parsed = Frame.parse(server.bytes_to_send())
        assert parsed is not None
        assert parsed[0] == Frame(Opcode.PONG, b"?", masking_key=b"mask")

    @both_kinds
    @pytest.mark.parametrize("message", [5, None, "\ud800"])
    def test_what_is_no_message(self, kind: str, message: Any) -> None:
        with pytest.raises(UsageError, match=r"A message is str or bytes|written as UTF-8"):
            made(kind).send(message)

    @both_kinds
    def test_not_while_closed(self, kind: str) -> None:
        server = made(kind)
        server.tcp_closed()
        for call in (lambda: server.send("x"), lambda: server.receive(b""), server.opened):
            with pytest.raises(UsageError, match="CLOSED"):
                call()


class TestReceiving:
    @both_kinds
    def test_text_fails_inside_a_frame(self, kind: str) -> None:
        server = made(kind)
        data = wire([Frame(Opcode.TEXT, "Grüße".encode() + b"\xff and more")], "server")
        assert server.receive(data[:-10]) == []
        [error] = server.receive(data[-10:-9])
        assert isinstance(error, ProtocolError)
        assert error.close_code == 1007
        assert (server.unread, server.receive(data)) == (b"", [])

    @both_kinds
    def test_each_text_is_judged_from_its_start(self, kind: str) -> None:
        server = made(kind)
        halves = [Frame(Opcode.TEXT, b"caf\xc3", fin=False), Frame(0, b"\xa9")]
        assert server.receive(wire(halves * 2, "server")) == ["café", "café"]
        good = wire([Frame(Opcode.TEXT, b"Hello, world")], "server")
        assert server.receive(good[:-2]) + server.receive(good[-2:]) == ["Hello, world"]
        [error] = server.receive(wire([Frame(Opcode.TEXT, b"He\xff and more")], "server")[:-4])
        assert isinstance(error, ProtocolError)

    @both_kinds
    def test_what_is_unfinished(self, kind: str) -> None:
        server = made(kind)
        seen = [server.unfinished]
        server.receive(wire([Frame(Opcode.TEXT, b"Hel", fin=False)], "server") + b"\x80")
        seen += [server.unfinished, server.unread]
        server.tcp_closed()
        assert [*seen, server.unfinished] == [None, b"Hel", b"\x80", None]

    @both_kinds
    def test_many_small_fragments(self, kind: str) -> None:
        size = 4000
        frames = [Frame(Opcode.TEXT, b"\xc3", fin=False), *[Frame(0, b"\xa9\xc3", fin=False)] * size]
        data = wire([*frames, Frame(0, b"\xa9")], "server")
        assert made(kind).receive(data) == ["é" * (size + 1)]

    def test_reserved_opcodes_that_nobody_refuses_are_ignored(self) -> None:
        lax = Assembled(parts(check_bits=lambda *_, **__: None), "server")
        data = wire([Frame(0xB, b"?"), Frame(Opcode.TEXT, b"Hello")], "server")
        assert lax.receive(data) == ["Hello"]


class TestCompression:
    def test_a_student_s_functions_are_used(self) -> None:
        seen = list[str]()

        def deflate_message(payload: bytes) -> bytes:
            seen.append("deflate")
            return Parts.deflate_message(payload)

        def inflate_message(data: bytes, limit: int) -> bytes:
            seen.append("inflate")
            return Parts.inflate_message(data, limit)

        alone = Deflate(server_no_context_takeover=True, client_no_context_takeover=True)
        server = Assembled(
            parts(deflate_message=deflate_message, inflate_message=inflate_message),
            "server",
            state=State.CONNECTING,
        )
        server.opened(alone)
        client = Connection("client", deflate=alone)
        for message in ("Hello", b"Hello" * 100):
            assert server.receive(client.send(message)) == [message]
            assert client.receive(server.send(message)) == [message]
        assert seen == ["inflate", "deflate"] * 2
        in_fragments = server.send("Hel", fin=False) + server.send("l", fin=False) + server.send("o")
        assert client.receive(in_fragments + server.send("again")) == ["Hello", "again"]
        assert seen[4:] == ["deflate"]

    @both_kinds
    @pytest.mark.parametrize(
        ("payload", "code"), [(bytes(1001), 1009), (bytes(1000), None), (b"\xff" * 1000, None)]
    )
    def test_a_bomb(self, kind: str, payload: bytes, code: int | None) -> None:
        server = made(kind, state=State.CONNECTING, max_message_size=1000)
        server.opened(Deflate(server_no_context_takeover=True, client_no_context_takeover=True))
        [event] = server.receive(Connection("client", deflate=Deflate()).send(payload))
        if code is None:
            assert event == payload
        else:
            assert isinstance(event, ProtocolError)
            assert event.close_code == code

    def test_a_flood_that_inflates_to_nothing(self) -> None:
        server = made("library", deflate=Deflate(), max_message_size=100)
        frames = [Frame(Opcode.BINARY, b"\0" * 600, fin=False, rsv1=True)]
        frames += [replace(frame, opcode=0, rsv1=False) for frame in frames]
        assert server.receive(wire(frames, "server")) == []
        [error] = server.receive(wire([Frame(0, b"\0" * 25)], "server"))
        assert isinstance(error, ProtocolError)
        assert error.close_code == 1009

    @both_kinds
    def test_what_does_not_inflate(self, kind: str) -> None:
        server = made(kind, state=State.CONNECTING)
        server.opened(Deflate(server_no_context_takeover=True, client_no_context_takeover=True))
        [error] = server.receive(wire([Frame(Opcode.TEXT, b"\x07", rsv1=True)], "server"))
        assert isinstance(error, ProtocolError)
        assert error.close_code == 1007

    def test_text_is_judged_after_inflating(self) -> None:
        server = made("library", deflate=Deflate())
        data = Connection("client", deflate=Deflate()).send(b"caf\xff")
        [error] = server.receive(bytes((data[0] ^ 3,)) + data[1:])
        assert isinstance(error, ProtocolError)
        assert error.close_code == 1007
        one = wire(
            [Frame(Opcode.TEXT, b"\xf2\x48\xcd", fin=False, rsv1=True), Frame(0, b"\xc9\xc9\x07\0")], "server"
        )
        assert made("library", deflate=Deflate()).receive(one) == ["Hello"]
