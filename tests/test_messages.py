"""Messages put together from what arrives (RFC 6455 §5.4, §5.6, §8.1, §10.4)."""

from __future__ import annotations

import re
import zlib
from itertools import cycle, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cost import growth, memory
from wslearn import ProtocolError, mask
from wslearn.messages import Assembler

# RFC 3629 §4, and the same cut short: what a text may be so far.
CHARACTER = (
    rb"[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
BEGUN = (
    rb"[\xc2-\xf4]|\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]?|[\xf1-\xf3][\x80-\xbf]{1,2}|\xf4[\x80-\x8f][\x80-\xbf]?"
)
TEXT = re.compile(rb"(?:%b)*" % CHARACTER)
TEXT_SO_FAR = re.compile(rb"(?:%b)*(?:%b)?" % (CHARACTER, BEGUN))

nearly_utf8 = st.lists(
    st.binary(max_size=3)
    | st.text(max_size=3).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.sampled_from(
        [b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xf8"]
    )
).map(b"".join)


class Backwards:
    """An extension whose messages are reversed and grow by what the end adds; a piece of ``!`` is broken."""

    def __init__(self, end: bytes = b"") -> None:
        self.tail = end

    def inflate(self, piece: bytes, room: int) -> bytes:
        assert room >= 0
        if piece == b"!":
            raise zlib.error
        return piece[::-1][: room + 1]

    def end(self, room: int) -> bytes:
        return self.inflate(self.tail, room)


def assemble(pieces: list[bytes], *, text: bool, limit: int = 1000) -> str | bytes:
    message = Assembler(text=text, limit=limit)
    for piece in pieces:
        message.begin_frame(len(piece))
        message.feed(piece)
        message.end_frame()
    return message.finish()


class TestSection54Fragmentation:
    @given(st.lists(st.binary(max_size=10)))
    def test_binary(self, pieces: list[bytes]) -> None:
        assert assemble(pieces, text=False) == b"".join(pieces)

    @given(st.text(max_size=50), st.lists(st.integers(0, 200)))
    def test_text_cut_anywhere(self, text: str, cuts: list[int]) -> None:
        data = text.encode()
        places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
        pieces = [data[start:end] for start, end in pairwise(places)]
        assert assemble(pieces, text=True) == text

    @given(
        st.lists(st.tuples(st.binary(max_size=30), st.just(b"") | st.binary(min_size=4, max_size=4))),
        st.data(),
    )
    def test_each_fragment_has_its_own_masking_key(
        self, fragments: list[tuple[bytes, bytes]], data: st.DataObject
    ) -> None:
        whole = b"".join(payload for payload, _ in fragments)
        for text in (False, True) if TEXT.fullmatch(whole) else (False,):
            message = Assembler(text=text, limit=1000)
            for payload, key in fragments:
                message.begin_frame(len(payload), key)
                wire = mask(payload, key) if key else payload
                cut = data.draw(st.integers(0, len(payload)))
                message.feed(wire[:cut])
                message.feed(memoryview(wire)[cut:])
                message.end_frame()
            assert message.finish() == (whole.decode() if text else whole)

    @pytest.mark.parametrize("text", [False, True])
    @pytest.mark.parametrize("key", [b"", b"\x01\x02\x03\x04"])
    @pytest.mark.parametrize("size", [0, 1, 7, (1 << 18) + 7])
    def test_what_has_arrived_so_far(self, text: bool, key: bytes, size: int) -> None:
        payload = bytes(i % 127 for i in range(size))
        wire = mask(payload, key) if key else payload
        message = Assembler(text=text, limit=1 << 20)
        whole = b""
        for _ in range(2):
            message.begin_frame(size, key)
            for start in range(0, size, 5000):
                message.feed(wire[start : start + 5000])
                assert message.so_far == whole + payload[: start + 5000]
            message.end_frame()
            whole += payload
            assert message.so_far == whole
        assert message.finish() == (whole.decode() if text else whole)

    @pytest.mark.parametrize("text", [False, True])
    @pytest.mark.parametrize("key", [b"", b"\x01\x02\x03\x04"])
    @pytest.mark.parametrize("step", [[1 << 18], [4095], [4096], [1, 5000, 4096, 3, 4095, 70000], [100_000]])
    def test_a_large_frame_in_pieces_of_any_size(self, text: bool, key: bytes, step: list[int]) -> None:
        payload = bytes(i % 127 for i in range((1 << 18) + 7))
        wire = mask(payload, key) if key else payload
        for kind in (bytes, memoryview):
            message = Assembler(text=text, limit=1 << 20)
            for _ in range(2):
                message.begin_frame(len(wire), key)
                sizes, at = cycle(step), 0
                while at < len(wire):
                    size = next(sizes)
                    message.feed(kind(wire)[at : at + size])
                    at += size
                message.end_frame()
            assert message.finish() == (2 * payload.decode() if text else 2 * payload)

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\ufeff", "\x00"])
    def test_nothing_is_translated(self, line_end: str) -> None:
        assert assemble([f"a{line_end}".encode(), b"b"], text=True) == f"a{line_end}b"

    def test_nothing_is_a_message_too(self) -> None:
        assert assemble([], text=True) == ""
        assert assemble([b"", b""], text=False) == b""


class TestSection81Utf8:
    @given(nearly_utf8)
    @example(b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited")
    def test_fails_at_the_first_impossible_byte(self, data: bytes) -> None:
        message = Assembler(text=True, limit=1000)
        for end in range(1, len(data) + 1):
            possible = TEXT_SO_FAR.fullmatch(data, 0, end)
            if not possible:
                with pytest.raises(ProtocolError) as caught:
                    message.feed(data[end - 1 : end])
                error = caught.value
                assert (error.close_code, error.section, error.field) == (1007, "§8.1", "payload")
                return
            message.feed(data[end - 1 : end])
        if TEXT.fullmatch(data):
            assert message.finish() == data.decode()
        else:
            with pytest.raises(ProtocolError) as caught:
                message.finish()
            assert caught.value.close_code == 1007

    @given(nearly_utf8)
    def test_in_one_piece(self, data: bytes) -> None:
        if TEXT.fullmatch(data):
            assert assemble([data], text=True) == data.decode()
        else:
            with pytest.raises(ProtocolError) as caught:
                assemble([data], text=True)
            assert caught.value.close_code == 1007

    def test_binary_is_not_looked_at(self) -> None:
        assert assemble([b"\xff", b"\xc0"], text=False) == b"\xff\xc0"


class TestSection104Limit:
    def test_as_large_as_allowed(self) -> None:
        assert assemble([b"abc", b"de"], text=False, limit=5) == b"abcde"

    def test_is_refused_when_announced(self) -> None:
        message = Assembler(text=False, limit=5)
        message.begin_frame(5)
        message.begin_frame(0)
        with pytest.raises(ProtocolError, match="limit of 5 bytes") as caught:
            message.begin_frame(1)
        assert (caught.value.close_code, caught.value.section) == (1009, "§10.4")

    def test_counts_bytes_and_not_characters(self) -> None:
        with pytest.raises(ProtocolError):
            assemble(["äöü".encode()], text=True, limit=5)

    @pytest.mark.parametrize("text", [False, True])
    @pytest.mark.parametrize("last", [b"", b"\xf0\x9f\x98\x80"])
    def test_what_is_held_is_what_came(self, text: bool, last: bytes) -> None:
        """One emoji makes a `str` four times as wide: it must not do so before the end."""

        def half() -> Assembler:
            message = Assembler(text=text, limit=1 << 20)
            for _ in range(1 << 14):
                message.feed(b"x")
            message.feed(last)
            return message

        assert memory(half).held < 1.125 * (1 << 14) + 4096

    @pytest.mark.parametrize("text", [False, True])
    def test_cost_is_linear(self, text: bool) -> None:
        assert growth(lambda size: assemble([b"x"] * size, text=text, limit=1 << 20), 4096, 32768) < 32


class TestRfc7692Section62Inflating:
    @pytest.mark.parametrize(("text", "whole"), [(True, "cbafed!!"), (False, b"cbafed!!")])
    def test_pieces_go_through_the_extension(self, text: bool, whole: str | bytes) -> None:
        key = b"\x01\x02\x03\x04"
        message = Assembler(text=text, limit=8, inflater=Backwards(b"!!"))
        message.begin_frame(10**9, key)  # it is compressed: its size says nothing of the message's
        wire = mask(b"abcdef", key)
        message.feed(wire[:3])
        message.feed(memoryview(wire)[3:])
        message.end_frame()
        assert message.finish() == whole

    @pytest.mark.parametrize("pieces", [[b"abcd"], [b"a", b"bcd"], [b"abc", b"d"], [b"abcdefgh"]])
    def test_a_bomb_stops_at_the_limit(self, pieces: list[bytes]) -> None:
        message = Assembler(text=False, limit=3, inflater=Backwards())
        for piece in pieces[:-1]:
            message.feed(piece)
        with pytest.raises(ProtocolError) as caught:
            message.feed(pieces[-1])
        assert caught.value.close_code == 1009

    def test_a_bomb_may_hide_in_the_end(self) -> None:
        message = Assembler(text=False, limit=3, inflater=Backwards(b"xx"))
        message.feed(b"ab")
        with pytest.raises(ProtocolError) as caught:
            message.finish()
        assert caught.value.close_code == 1009

    @pytest.mark.parametrize(("text", "what"), [(True, "UTF-8 text"), (False, "anything")])
    @pytest.mark.parametrize(("piece", "end"), [(b"!", b""), (b"", b"!")])
    def test_what_does_not_inflate_is_1007(self, text: bool, what: str, piece: bytes, end: bytes) -> None:
        message = Assembler(text=text, limit=9, inflater=Backwards(end))
        with pytest.raises(ProtocolError, match=f"does not inflate to {what}") as caught:
            feed_and_finish(message, piece)
        assert (caught.value.close_code, caught.value.section) == (1007, "§8.1, RFC 7692 §6.2")

    @pytest.mark.parametrize("broken", [b"\xff", b"\xc3"])
    @pytest.mark.parametrize("in_the_end", [False, True])
    def test_what_inflates_to_something_else_is_the_same_fault(self, broken: bytes, in_the_end: bool) -> None:
        piece, end = (b"", broken) if in_the_end else (broken, b"")
        message = Assembler(text=True, limit=9, inflater=Backwards(end))
        with pytest.raises(ProtocolError, match="does not inflate to UTF-8 text") as caught:
            feed_and_finish(message, piece)
        assert caught.value.close_code == 1007


def feed_and_finish(message: Assembler, piece: bytes) -> None:
    message.feed(piece)
    message.finish()
