"""What receiving costs: memory within the limit, and the same for every byte however slowly it comes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cost import calls, growth, memory
from tests.feeding import byte_by_byte, wire
from tests.streams import roles, start
from wslearn import Connection, Deflate, Event, Frame, Opcode, ProtocolError
from wslearn.connection import Role
from wslearn.frames import header

LIMIT = 1 << 16
SMALL = 1 << 14  # bytes: buffers that grow by an eighth, one read and its unmasked copy, the objects around

#: An announcement and how much of it comes: opcode, FIN, bytes announced, bytes that come.
announcements = st.tuples(
    st.sampled_from([0, 1, 2]),
    st.booleans(),
    st.sampled_from([0, 1, 125, 126, 5000, LIMIT // 2, LIMIT, LIMIT + 1, 1 << 32, (1 << 63) - 1]),
    st.integers(0, LIMIT),
)


def reads(announced: list[tuple[int, bool, int, int]], role: Role) -> list[bytes]:
    key = bytes(4) if role == "server" else None
    data = b"".join(
        header(opcode | (0x80 if fin else 0), size, key) + b"x" * min(size, come)
        for opcode, fin, size, come in announced
    )
    return [data[at : at + 1024] for at in range(0, len(data), 1024)]


class TestSection104Memory:
    @settings(max_examples=40)
    @given(st.lists(announcements, max_size=6), roles)
    def test_what_is_announced_is_not_allocated(
        self, announced: list[tuple[int, bool, int, int]], role: Role
    ) -> None:
        pieces = reads(announced, role)

        def receive() -> Connection:
            peer = Connection(role, max_message_size=LIMIT)
            for piece in pieces:
                peer.receive(piece)
            return peer

        used = memory(receive)
        assert used.held < 1.125 * LIMIT + SMALL
        assert used.peak < 2.125 * LIMIT + SMALL  # text: its bytes and, for a moment, the `str` made of them

    @pytest.mark.parametrize("role", ["client", "server"])
    @pytest.mark.parametrize("end", ["close", "error", "error in a frame", "TCP", "TCP in a frame"])
    def test_what_is_held_goes_when_it_ends(self, role: Role, end: str) -> None:
        """A message that never ends is not kept any longer than the connection."""
        if "in a frame" in end:
            key = bytes(4) if role == "server" else None
            data = header(0x81, LIMIT, key) + b"x" * (LIMIT - 1)
            behind = b"\xff" if end == "error in a frame" else b""
        else:
            data = wire([Frame(Opcode.TEXT, b"x" * LIMIT, fin=False)], role)
            behind = wire(
                {"close": [Frame(Opcode.CLOSE)], "error": [Frame(Opcode.TEXT)], "TCP": []}[end], role
            )

        def receive() -> Connection:
            peer = Connection(role, max_message_size=LIMIT)
            peer.receive(data)
            assert len(peer.receive(behind)) == ("TCP" not in end)
            if "TCP" in end:
                peer.tcp_closed()
            return peer

        assert memory(receive).held < SMALL

    def test_a_deflate_bomb(self) -> None:
        bomb = Deflate(level=9).codec("client").compress(bytes(1 << 25), fin=True)
        data = wire([Frame(Opcode.BINARY, bomb, rsv1=True)], "server")
        assert len(data) < LIMIT
        events = []

        def receive() -> Connection:
            peer = Connection("server", max_message_size=LIMIT, deflate=Deflate())
            events.extend(peer.receive(data))
            return peer

        used = memory(receive)
        assert (
            used.peak < 4 * LIMIT + 4 * SMALL
        )  # what came, unmasked, inflated and gathered, and zlib's history
        assert [isinstance(event, ProtocolError) and event.close_code for event in events] == [1009]

    def test_an_idle_connection_is_small(self) -> None:
        assert memory(lambda: [Connection("server", deflate=Deflate()) for _ in range(100)]).held < 100 * 1000

    @pytest.mark.parametrize("role", ["client", "server"])
    @pytest.mark.parametrize("opcode", [Opcode.BINARY, Opcode.TEXT])
    @pytest.mark.parametrize("step", [3000, 1 << 16, 100_001])
    def test_a_large_message_in_reads_of_any_size(self, role: Role, opcode: Opcode, step: int) -> None:
        size = 1 << 20
        data = wire([Frame(opcode, b"x" * size)], role)
        cuts = [data[at : at + step] for at in range(0, len(data), step)]

        got: list[Event] = []

        def receive() -> None:
            peer = Connection(role)
            for cut in cuts:
                got.extend(peer.receive(cut))

        assert memory(receive).peak < 2.125 * size + 4 * step
        assert got == ["x" * size if opcode == Opcode.TEXT else b"x" * size]


class TestOneByteAtATime:
    SIZE = 1 << 18  # bytes; cost is linear, so that more of them would say no more

    @pytest.mark.parametrize(("opcode", "copies"), [(Opcode.BINARY, 1.125), (Opcode.TEXT, 2)])
    def test_memory_is_within_twice_the_payload(self, opcode: Opcode, copies: float) -> None:
        head = start(opcode, self.SIZE, masked=False)
        got: list[int] = []

        def receive() -> None:
            peer = Connection("client")
            peer.receive(head)
            receive, piece = peer.receive, b"x"
            for _ in range(self.SIZE - 1):
                receive(piece)
            got.extend(len(event) for event in receive(piece) if isinstance(event, str | bytes))

        assert memory(receive).peak < copies * self.SIZE + SMALL
        assert got == [self.SIZE]

    @pytest.mark.parametrize("role", ["client", "server"])
    @pytest.mark.parametrize("opcode", [Opcode.BINARY, Opcode.TEXT])
    def test_every_byte_costs_the_same_number_of_calls(self, role: Role, opcode: Opcode) -> None:
        def count(size: int) -> int:
            data = wire([Frame(opcode, b"x" * size)], role)
            return calls(lambda: byte_by_byte(Connection(role), data))

        # All three have 16 bits of length: they differ by bytes of payload and nothing else.
        small, middle, large = count(1000), count(2000), count(4000)
        assert large - middle == 2 * (middle - small)
        assert large < 4000 * 40

    @pytest.mark.parametrize("role", ["client", "server"])
    def test_cost_is_linear(self, role: Role) -> None:
        def receive(size: int) -> None:
            byte_by_byte(Connection(role), wire([Frame(Opcode.BINARY, b"x" * size)], role))

        assert growth(receive, 1 << 12, 1 << 15) < 24

    @pytest.mark.parametrize("role", ["client", "server"])
    @pytest.mark.parametrize(
        "frames",
        [
            [Frame(Opcode.TEXT, b"x")],
            [Frame(Opcode.PING, b"x" * 125)],
            [Frame(Opcode.TEXT, b"x", fin=False), Frame(Opcode.PONG), Frame(Opcode.CONTINUATION)],
        ],
    )
    def test_many_frames_in_one_read(self, role: Role, frames: list[Frame]) -> None:
        def receive(size: int) -> None:
            Connection(role).receive(wire(frames, role) * size)

        assert growth(receive, 1 << 8, 1 << 11) < 24
