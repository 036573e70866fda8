"""Hints come one by one; a solution is shown to those who mean it."""

from __future__ import annotations

from collections import Counter

import pytest

from wslearn import UsageError
from wslearn.course import helping
from wslearn.course.exercise import find
from wslearn.course.helping import hint, solution, source
from wslearn.frames import header


@pytest.fixture(autouse=True)
def a_new_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helping, "_given", Counter())


class TestHint:
    def test_one_more_each_time_and_then_the_last_again(self) -> None:
        every = find("accept_key").hints
        assert [hint("accept_key").text for _ in range(len(every) + 2)] == [*every, every[-1], every[-1]]

    def test_says_how_to_go_on(self) -> None:
        assert hint("accept_key").then == 'hint("accept_key") again gives the next.'
        last = [hint("accept_key") for _ in find("accept_key").hints][-1]
        assert "solution" in last.then
        assert "last one" in repr(last)

    def test_marks_code_and_lets_text_be_text(self) -> None:
        shown = helping.Hint("x", 1, 3, "Is `a < b` & <b>?")._repr_html_()
        assert "<code>a &lt; b</code> &amp; &lt;b&gt;?" in shown

    def test_of_nothing(self) -> None:
        with pytest.raises(UsageError, match="There is no exercise"):
            hint("nothing")


class TestSolution:
    def test_asks_first(self) -> None:
        asked = solution("accept_key")
        assert "sha1" not in repr(asked) + asked._repr_html_()
        assert 'solution("accept_key", show=True)' in repr(asked)

    def test_is_the_library_s_own_source(self) -> None:
        shown = solution("accept_key", show=True)
        assert "hashlib.sha1((key + GUID)" in repr(shown)
        assert "hashlib.sha1((key + GUID)" in shown._repr_html_()
        assert "def accept_key(key: str) -&gt; str" in shown._repr_html_()

    def test_private_names_come_along_in_the_order_they_are_needed(self) -> None:
        text = source(header)
        assert text.index("from struct import Struct") < text.index("_SHORT, _MIDDLE, _LONG =")
        assert text.index("_SHORT, _MIDDLE, _LONG =") < text.index("def header")
        namespace: dict[str, object] = {}
        exec(text, namespace)
        assert namespace["header"](0x82, 256) == header(0x82, 256)  # type: ignore[operator]
