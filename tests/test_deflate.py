"""permessage-deflate (RFC 7692): negotiation, the bytes of its examples, and bombs."""

from __future__ import annotations

import zlib
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cost import growth, memory
from tests.feeding import attempt
from wslearn import Deflate, ExtensionOffer, HandshakeError, UsageError, client_request, server_response
from wslearn.connection import Role
from wslearn.deflate import TAIL, DeflateCodec, agreed
from wslearn.extensions import parse_extensions
from wslearn.http import Headers, Response

ROOM = 1 << 20
LONG = b"the same words again and again, " * 100

# The two switches, server's first, then the two sizes of window, server's first.
COMBINATIONS = list(product((False, True), (False, True), (8, 9, 15), (8, 12, 15)))

pieces = st.lists(st.binary(max_size=20) | st.sampled_from([b"", LONG[:32], LONG, bytes(5000)]), max_size=6)


def offer(parameters: str) -> ExtensionOffer:
    (only,) = parse_extensions("permessage-deflate" + parameters)
    return only


def inflate(codec: DeflateCodec, payload: bytes, room: int = ROOM) -> bytes:
    """Inflate a whole message."""
    inflated = codec.inflate(payload, room)
    return inflated + codec.end(room - len(inflated))


class TestSection71Parameters:
    @pytest.mark.parametrize(
        ("wish", "written"),
        [
            (Deflate(), "; client_max_window_bits"),
            (Deflate(True), "; server_no_context_takeover; client_max_window_bits"),
            (Deflate(False, True), "; client_no_context_takeover; client_max_window_bits"),
            (Deflate(False, False, 10), "; server_max_window_bits=10; client_max_window_bits"),
            (Deflate(False, False, 15, 8), "; client_max_window_bits=8"),
            (
                Deflate(True, True),
                "; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
            ),
            (
                Deflate(server_max_window_bits=9, client_max_window_bits=14),
                "; server_max_window_bits=9; client_max_window_bits=14",
            ),
        ],
    )
    def test_the_clients_offer(self, wish: Deflate, written: str) -> None:
        assert str(wish.offer()) == "permessage-deflate" + written
        assert wish.name == "permessage-deflate"

    @pytest.mark.parametrize(
        ("offered", "server", "answer"),
        [
            # 7.1.1.1: what the client asks of the server must be granted
            ("; server_no_context_takeover", Deflate(), "; server_no_context_takeover"),
            ("", Deflate(True), "; server_no_context_takeover"),
            # 7.1.1.2
            ("; client_no_context_takeover", Deflate(), "; client_no_context_takeover"),
            ("", Deflate(False, True), "; client_no_context_takeover"),
            # 7.1.2.1: accepted "by including" it with "the same or smaller value"
            ("; server_max_window_bits=10", Deflate(), "; server_max_window_bits=10"),
            ("; server_max_window_bits=10", Deflate(False, False, 9), "; server_max_window_bits=9"),
            ("; server_max_window_bits=9", Deflate(False, False, 10), "; server_max_window_bits=9"),
            ("; server_max_window_bits=15", Deflate(), "; server_max_window_bits=15"),
            ('; server_max_window_bits="12"', Deflate(), "; server_max_window_bits=12"),
            ("", Deflate(False, False, 9), "; server_max_window_bits=9"),
            # 7.1.2.2: never in the answer to a client that did not offer it
            ("", Deflate(False, False, 15, 9), ""),
            ("; client_max_window_bits", Deflate(False, False, 15, 9), "; client_max_window_bits=9"),
            ("; client_max_window_bits=10", Deflate(False, False, 15, 9), "; client_max_window_bits=9"),
            ("; client_max_window_bits=8", Deflate(False, False, 15, 9), "; client_max_window_bits=8"),
            ("; client_max_window_bits=10", Deflate(), "; client_max_window_bits=10"),
            ("; client_max_window_bits", Deflate(), ""),
            ("; client_max_window_bits=15", Deflate(), ""),
        ],
    )
    def test_the_servers_answer(self, offered: str, server: Deflate, answer: str) -> None:
        assert str(server.accept(offer(offered))) == "permessage-deflate" + answer

    BAD = (
        "; unknown",
        "; unknown=1",
        "; server_no_context_takeover; server_no_context_takeover",
        "; client_max_window_bits=10; client_max_window_bits=10",
        "; client_max_window_bits; client_max_window_bits=10",
        "; server_no_context_takeover=true",
        "; client_no_context_takeover=1",
        "; server_max_window_bits",
        "; server_max_window_bits=7",
        "; server_max_window_bits=16",
        "; server_max_window_bits=010",
        "; server_max_window_bits=08",
        "; server_max_window_bits=1",
        "; server_max_window_bits=100",
        "; server_max_window_bits=+9",
        "; server_max_window_bits=9.0",
        "; client_max_window_bits=0",
        "; client_max_window_bits=x",
        "; SERVER_NO_CONTEXT_TAKEOVER",
    )

    @pytest.mark.parametrize("offered", BAD)
    def test_a_server_declines_what_is_not_as_it_must_be(self, offered: str) -> None:
        assert Deflate().accept(offer(offered)) is None
        # §5.1: declining one offer leaves the next
        request = client_request(
            "ws://a/", extensions=[offer(offered), offer("; client_no_context_takeover")]
        )
        answer = server_response(request, extensions=[Deflate()])
        assert answer.headers["Sec-WebSocket-Extensions"] == "permessage-deflate; client_no_context_takeover"

    @pytest.mark.parametrize("answered", [*BAD, "; client_max_window_bits"])
    def test_a_client_fails_on_what_is_not_as_it_must_be(self, answered: str) -> None:
        with pytest.raises(HandshakeError, match="does not fit"):
            settle("; client_max_window_bits", answered)

    @pytest.mark.parametrize(
        ("offered", "answered"),
        [
            ("; server_no_context_takeover", ""),
            ("; server_max_window_bits=10", ""),
            ("; server_max_window_bits=10", "; server_max_window_bits=11"),
            ("; server_max_window_bits=15", ""),
            ("", "; client_max_window_bits=15"),
            ("", "; client_max_window_bits=10"),
            ("; client_max_window_bits=10", "; client_max_window_bits=11"),
            ("; unknown", ""),
        ],
    )
    def test_a_client_fails_on_more_than_it_offered(self, offered: str, answered: str) -> None:
        with pytest.raises(HandshakeError, match="does not fit") as caught:
            settle(offered, answered)
        assert caught.value.status == 101

    @pytest.mark.parametrize(
        ("offered", "answered", "chosen"),
        [
            ("", "", Deflate()),
            ("", "; server_no_context_takeover", Deflate(True)),
            ("", "; client_no_context_takeover", Deflate(False, True)),
            ("; client_no_context_takeover", "", Deflate()),
            ("", "; server_max_window_bits=9", Deflate(False, False, 9)),
            ("; server_max_window_bits=10", "; server_max_window_bits=8", Deflate(False, False, 8)),
            ("; client_max_window_bits", "; client_max_window_bits=8", Deflate(False, False, 15, 8)),
            ("; client_max_window_bits=10", "; client_max_window_bits=10", Deflate(False, False, 15, 10)),
            ("; client_max_window_bits=10", "", Deflate()),
            ("; server_no_context_takeover, permessage-deflate", "", Deflate()),
        ],
    )
    def test_what_was_agreed(self, offered: str, answered: str, chosen: Deflate) -> None:
        assert settle(offered, answered) == chosen

    def test_each_side_keeps_its_own_settings(self) -> None:
        assert settle("", "", Deflate(level=9, memory_level=1)) == Deflate(level=9, memory_level=1)

    def test_no_compression(self) -> None:
        request = client_request("ws://a/", extensions=[Deflate().offer()])
        assert agreed(request, server_response(request)) is None

    @given(st.sampled_from(COMBINATIONS), st.sampled_from(COMBINATIONS))
    def test_client_and_server_agree(
        self, wish: tuple[bool, bool, int, int], server: tuple[bool, bool, int, int]
    ) -> None:
        ours, theirs = Deflate(*wish), Deflate(*server)
        request = client_request("ws://a/", extensions=[ours.offer()])
        chosen = agreed(request, server_response(request, extensions=[theirs]))
        assert chosen == Deflate(
            ours.server_no_context_takeover or theirs.server_no_context_takeover,
            ours.client_no_context_takeover or theirs.client_no_context_takeover,
            min(ours.server_max_window_bits, theirs.server_max_window_bits),
            min(ours.client_max_window_bits, theirs.client_max_window_bits),
        )

    @pytest.mark.parametrize(
        "wrong",
        [
            {"server_max_window_bits": 7},
            {"server_max_window_bits": 16},
            {"client_max_window_bits": 7},
            {"client_max_window_bits": 16},
            {"level": 0},
            {"level": 10},
            {"memory_level": 0},
            {"memory_level": 10},
        ],
    )
    def test_misuse(self, wrong: dict[str, int]) -> None:
        with pytest.raises(UsageError, match=next(iter(wrong))):
            Deflate(**wrong)  # type: ignore[arg-type]


def settle(offered: str, answered: str, wish: Deflate | None = None) -> Deflate | None:
    """Read what an offer and an answer to it agree on."""
    request = client_request(
        "ws://a/", headers=[("Sec-WebSocket-Extensions", f"permessage-deflate{offered}")]
    )
    answer = Headers([("Sec-WebSocket-Extensions", f"permessage-deflate{answered}")])
    return agreed(request, Response(101, "", answer), wish)


class TestSection723Examples:
    @pytest.mark.parametrize(
        ("payload", "message"),
        [
            ("f2 48 cd c9 c9 07 00", b"Hello"),  # 7.2.3.1
            ("00 05 00 fa ff 48 65 6c 6c 6f 00", b"Hello"),  # 7.2.3.3: a block with no compression
            ("f3 48 cd c9 c9 07 00 00", b"Hello"),  # 7.2.3.4: a block with BFINAL set
            ("f2 48 05 00 00 00 ff ff ca c9 c9 07 00", b"Hello"),  # 7.2.3.5: two blocks
            ("00", b""),  # 7.2.3.6
            ("", b""),
            ("02 00", b""),  # an empty block with fixed codes
            ("03 00 03 00 f3 48 cd c9 c9 07 00 00", b"Hello"),
        ],
    )
    def test_inflate(self, payload: str, message: bytes) -> None:
        data = bytes.fromhex(payload)
        assert inflate(Deflate().codec("server"), data) == message
        codec = Deflate().codec("client")
        assert (
            b"".join(codec.inflate(data[i : i + 1], ROOM) for i in range(len(data))) + codec.end(ROOM)
            == message
        )

    def test_7_2_3_2_the_window_is_shared(self) -> None:
        codec = Deflate().codec("server")
        assert inflate(codec, bytes.fromhex("f2 48 cd c9 c9 07 00")) == b"Hello"
        assert inflate(codec, bytes.fromhex("f2 00 11 00 00")) == b"Hello"
        forgetful = Deflate(client_no_context_takeover=True).codec("server")
        assert inflate(forgetful, bytes.fromhex("f2 48 cd c9 c9 07 00")) == b"Hello"
        with pytest.raises(zlib.error):
            inflate(forgetful, bytes.fromhex("f2 00 11 00 00"))

    def test_7_2_3_1_compress(self) -> None:
        codec = Deflate().codec("client")
        assert codec.compress(b"Hello", fin=True).hex(" ") == "f2 48 cd c9 c9 07 00"
        assert codec.compress(b"Hello", fin=True).hex(" ") == "f2 00 11 00 00"

    def test_7_2_3_6_an_empty_message(self) -> None:
        codec = Deflate().codec("client")
        assert [codec.compress(b"", fin=True) for _ in range(3)] == [b"\x00"] * 3
        assert codec.compress(b"", fin=False) == b"\x00" + TAIL

    def test_7_2_3_6_a_zlib_that_says_nothing_for_nothing(self) -> None:
        class Silent:
            def compress(self, payload: bytes) -> bytes:
                return payload

            def flush(self, mode: int) -> bytes:
                assert mode == zlib.Z_SYNC_FLUSH
                return b""

        codec = Deflate().codec("client")
        codec._compressor = Silent()  # type: ignore[assignment]
        assert codec.compress(b"", fin=False) == b""
        assert codec.compress(b"", fin=True) == b"\x00"


class TestSection72RoundTrip:
    @settings(max_examples=100)
    @given(st.sampled_from(COMBINATIONS), st.integers(1, 9), st.integers(1, 9), st.lists(pieces, max_size=4))
    def test_what_one_side_compresses_the_other_inflates(
        self,
        parameters: tuple[bool, bool, int, int],
        level: int,
        memory_level: int,
        messages: list[list[bytes]],
    ) -> None:
        deflate = Deflate(*parameters, level=level, memory_level=memory_level)
        roles: list[tuple[Role, Role]] = [("client", "server"), ("server", "client")]
        for sender, receiver in roles:
            out, into = deflate.codec(sender), deflate.codec(receiver)
            for message in messages:
                wire = [out.compress(piece, fin=False) for piece in message] + [out.compress(b"", fin=True)]
                received = b"".join(into.inflate(fragment, ROOM) for fragment in wire) + into.end(ROOM)
                assert received == b"".join(message)

    @pytest.mark.parametrize("bits", range(9, 16))
    def test_7_1_2_the_window_is_kept(self, bits: int) -> None:
        """A peer with only 2**bits bytes of history can inflate it; twice as much it could not."""
        noise = Random(bits).randbytes(5 << (bits - 2))
        assert strictly(Deflate(client_max_window_bits=bits).codec("client"), noise, bits) == 3 * noise
        if bits < 15:
            larger = Deflate(client_max_window_bits=bits + 1).codec("client")
            with pytest.raises(zlib.error):
                strictly(larger, noise, bits)

    @pytest.mark.parametrize("role", ["client", "server"])
    def test_7_1_2_a_window_of_256_bytes(self, role: Role) -> None:
        """zlib has none, so nothing is referred to: a symbol takes one bit at least."""
        codec = Deflate(False, False, 8, 8).codec(role)
        assert len(codec.compress(b"a" * 8000, fin=True)) >= 1000

    @pytest.mark.parametrize(("keeps", "shorter"), [(True, True), (False, False)])
    def test_7_1_1_context_takeover(self, keeps: bool, shorter: bool) -> None:
        for codec in (
            Deflate(client_no_context_takeover=not keeps).codec("client"),
            Deflate(server_no_context_takeover=not keeps).codec("server"),
        ):
            first, second = (codec.compress(LONG[:32], fin=True) for _ in range(2))
            assert (len(second) < len(first)) is shorter

    def test_tail_is_removed_and_only_from_the_last_fragment(self) -> None:
        codec = Deflate().codec("server")
        assert codec.compress(b"a", fin=False).endswith(TAIL)
        assert not codec.compress(b"b", fin=True).endswith(TAIL)


class TestSection8Bombs:
    """RFC 7692 leaves it to us: what a few bytes inflate to is stopped at the limit."""

    BOMB = zlib.compressobj(9, wbits=-15).compress(b"") + zlib.compress(bytes(1 << 26), 9, -15)

    @pytest.mark.parametrize("room", [0, 1, 100, 5000, 1 << 16])
    @pytest.mark.parametrize("step", [1, 7, 1 << 30])
    def test_stops_at_the_limit(self, room: int, step: int) -> None:
        codec = Deflate().codec("server")
        size = 0
        for start in range(0, len(self.BOMB), step):
            size += len(codec.inflate(self.BOMB[start : start + step], room - size))
            if size > room:
                break
        assert size == room + 1

    def test_memory_stays_at_the_limit(self) -> None:
        codec = Deflate().codec("server")
        assert memory(lambda: codec.inflate(self.BOMB, ROOM)).peak < 2.5 * ROOM

    @pytest.mark.parametrize(
        "block",
        [b"\x03\x00", b"\x00\x00\x00\xff\xff", b"\x01\x00\x00\xff\xff", zlib.compress(bytes(16000), 9, -15)],
        ids=["empty last", "empty stored", "empty last stored", "full last"],
    )
    def test_cost_is_linear(self, block: bytes) -> None:
        """Many last blocks in one piece: none of them makes all that follows be copied."""

        def run(size: int) -> None:
            Deflate().codec("server").inflate(block * (size // len(block)), 1 << 30)

        assert growth(run, 1 << 12, 1 << 16) < 64

    def test_last_blocks_are_not_copied_with_all_that_follows(self) -> None:
        many = b"\x03\x00" * (1 << 17)
        assert memory(lambda: Deflate().codec("server").inflate(many, 1 << 30)).peak < len(many) // 2

    @pytest.mark.parametrize("limit", [7, 8, 9, 300, 2000, 4000])
    @pytest.mark.parametrize("behind", [b"\x06", b"\xff\xff", b"\x00\x00\x00\xff\xff\x06"])
    def test_too_much_and_broken_are_told_apart_alike_however_it_is_cut(
        self, limit: int, behind: bytes
    ) -> None:
        for size in (limit - 1, limit, limit + 1):
            stored = b"".join(
                b"\x00" + len(part).to_bytes(2, "little") + (65535 - len(part)).to_bytes(2, "little") + part
                for part in (bytes(size // 2), bytes(size - size // 2))
            )
            seen = {verdict(stored + behind, limit, step) for step in (1, 2, 3, 64, 1 << 20)}
            assert len(seen) == 1

    @settings(max_examples=300)
    @given(
        st.integers(0, 3000),
        st.lists(st.integers(0, 255).map(lambda octet: bytes((octet,)) * 200) | st.binary(max_size=30)),
        st.integers(1, 50),
        st.sampled_from([zlib.Z_FIXED, zlib.Z_DEFAULT_STRATEGY]),
        st.binary(max_size=4),
    )
    def test_any_cut_of_any_stream_gives_the_same(
        self, limit: int, parts: list[bytes], step: int, strategy: int, broken: bytes
    ) -> None:
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15, 8, strategy)
        data = b"".join(map(compressor.compress, parts)) + compressor.flush(zlib.Z_SYNC_FLUSH) + broken
        assert verdict(data, limit, 1) == verdict(data, limit, step) == verdict(data, limit, len(data) + 1)

    @given(st.binary(max_size=60), st.integers(0, 1000))
    def test_any_bytes_inflate_or_are_a_zlib_error(self, data: bytes, room: int) -> None:
        seen = attempt(lambda: Deflate().codec("client").inflate(data, room), zlib.error)
        assert isinstance(seen, zlib.error) or len(seen) <= room + 1


def verdict(data: bytes, limit: int, step: int) -> bytes | str:
    """Inflate in pieces; give the message, or what is wrong with it."""
    codec, inflated = Deflate().codec("server"), b""
    try:
        for start in range(0, len(data), step):
            inflated += codec.inflate(data[start : start + step], limit - len(inflated))
            if len(inflated) > limit:
                return "too big"
    except zlib.error:
        return "broken"
    return inflated


def strictly(codec: DeflateCodec, message: bytes, bits: int) -> bytes:
    """Compress a message three times and inflate it with a small history, byte by byte.

    Within one call zlib looks back into what it gives out, beyond its history.
    """
    inflater = zlib.decompressobj(-bits)
    wire = b"".join(codec.compress(message, fin=True) + TAIL for _ in range(3))
    return b"".join(inflater.decompress(bytes((octet,))) for octet in wire)
