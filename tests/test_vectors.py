"""The frames of the tables: the decoder reads the RFCs' examples, and refuses the rest as the table says."""

from __future__ import annotations

import pytest

from wslearn import Connection, Deflate, Event, Frame, Ping, Pong, ProtocolError, vectors
from wslearn.connection import Role
from wslearn.frames import Opcode
from wslearn.vectors import BAD_FRAMES, COMPRESSED, FRAMES, BadFrames, Example

RECEIVER: dict[Role, Role] = {"client": "server", "server": "client"}


def carried(events: list[Event]) -> bytes:
    """Join what events carry."""
    payloads: list[bytes] = []
    for event in events:
        match event:
            case str():
                payloads.append(event.encode())
            case Ping() | Pong():
                payloads.append(event.payload)
            case _:
                assert isinstance(event, bytes)
                payloads.append(event)
    return b"".join(payloads)


class TestSection57Examples:
    @pytest.mark.parametrize("good", FRAMES, ids=[good.name for good in FRAMES])
    def test_carry_what_the_rfc_says(self, good: Example) -> None:
        assert carried(Connection(RECEIVER[good.sender]).receive(good.data)) == good.payload

    def test_are_written_by_a_frame_in_the_same_bytes(self) -> None:
        for good in FRAMES:
            data = good.data
            while data:
                parsed = Frame.parse(data)
                assert parsed is not None
                frame, rest = parsed
                assert data == frame.serialize() + rest
                data = rest


class TestRfc7692Section723:
    @pytest.mark.parametrize("good", COMPRESSED, ids=[good.name for good in COMPRESSED])
    def test_inflate_to_what_the_rfc_says(self, good: Example) -> None:
        connection = Connection(RECEIVER[good.sender], deflate=Deflate())
        assert carried(connection.receive(good.data)) == good.payload

    def test_every_section_is_there(self) -> None:
        assert {good.section for good in COMPRESSED} == {f"§7.2.3.{number}" for number in range(1, 7)}


class TestWhatFailsAConnection:
    @pytest.mark.parametrize("bad", BAD_FRAMES, ids=[bad.name for bad in BAD_FRAMES])
    def test_as_the_table_says(self, bad: BadFrames) -> None:
        error = Connection(RECEIVER[bad.sender]).receive(bad.data)[-1]
        assert isinstance(error, ProtocolError)
        assert (error.close_code, error.field, error.section) == (bad.close_code, bad.field, bad.section)

    def test_all_differ(self) -> None:
        assert len({(bad.data, bad.sender) for bad in BAD_FRAMES}) == len(BAD_FRAMES)
        assert len({bad.name for bad in BAD_FRAMES}) == len(BAD_FRAMES)

    def test_every_field_and_every_code_can_be_at_fault(self) -> None:
        fields = {"fin", "rsv1", "rsv2", "rsv3", "opcode", "mask", "payload length", "payload"}
        assert {bad.field for bad in BAD_FRAMES} == fields | {"close code", "close reason"}
        assert {bad.close_code for bad in BAD_FRAMES} == {1002, 1007, 1009}

    def test_every_reserved_opcode(self) -> None:
        seen = {bad.data[0] & 0x0F for bad in BAD_FRAMES if bad.name.startswith("reserved")}
        assert seen == set(range(16)) - set(Opcode)


class TestNames:
    def test_the_handshakes_are_here_too(self) -> None:
        assert vectors.BAD_REQUESTS
        assert vectors.BAD_RESPONSES
        assert set(vectors.__all__) <= set(dir(vectors))
