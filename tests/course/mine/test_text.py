"""Text that is judged as it comes (RFC 6455 §8.1)."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.course.assembled import MODELS
from tests.feeding import attempt
from wslearn import ProtocolError
from wslearn.course.mine.text import Text
from wslearn.messages import not_utf8

utf8_so_far = MODELS["utf8_so_far"]
texts = st.text(max_size=6).map(str.encode) | st.sampled_from(
    ["éࠀ€😀".encode(), b"\xed\xa0\x80", b"\xf4\x90"]
)


class TestText:
    @given(st.lists(texts | st.binary(max_size=2), max_size=5).map(b"".join), st.lists(st.integers(0, 30)))
    def test_as_the_whole(self, data: bytes, cuts: list[int]) -> None:
        """In pieces it fails where the whole would; what was judged is not judged again."""
        seen = list[bytes]()

        def judge(so_far: bytes) -> bool:
            seen.append(so_far)
            return bool(utf8_so_far(so_far))

        text = Text(judge)
        places = sorted({0, *(min(cut, len(data)) for cut in cuts), len(data)})
        for start, end in pairwise(places):
            error = attempt(partial(text.feed, data[start:end]), ProtocolError)
            assert error == (None if utf8_so_far(data[:end]) else not_utf8())
            again = seen[-1].removesuffix(data[start:end])
            assert not again or isinstance(attempt(again.decode, UnicodeDecodeError), UnicodeDecodeError)
            if error is not None:
                return

    def test_a_new_one(self) -> None:
        text = Text(utf8_so_far)
        text.feed(b"caf\xc3")
        text.end()
        text.feed(b"a")

    def test_byte_by_byte(self) -> None:
        text = Text(utf8_so_far)
        for octet in "a\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffffé€😀".encode():
            text.feed(bytes((octet,)))
