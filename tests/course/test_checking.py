"""What a check finds out about a student's function, and how it says so."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from wslearn import Close, Frame, Opcode, State, UsageError
from wslearn.course import checking
from wslearn.course.checking import check
from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.report import Report, differing_bit, literal
from wslearn.handshake import GUID
from wslearn.handshake import accept_key as model


def swap(data: bytes, at: int = 0) -> bytes:
    """Swap two halves, or not."""
    return data[at:] + data[:at]


def backwards(data: bytes, at: int = 0) -> bytes:
    return data[-at:] + data[:-at]


def exercise(**other: Any) -> Exercise:
    given: dict[str, Any] = {
        "model": swap,
        "lesson": "02_handshake",
        "section": "§1",
        "examples": ((b"",), (b"abc", 1), (bytes(range(40)), 20)),
        "inputs": lambda: st.tuples(st.binary(max_size=50), st.integers(0, 9)),
        "hints": ("a", "b", "c"),
        "misconceptions": (Misconception("backwards", "You turned it backwards.", backwards),),
    }
    return Exercise(**(given | other))


def report(function: Any, **other: Any) -> Report:
    function.__name__ = "swap"
    return checking._report(exercise(**other), function)


class TestVerdict:
    def test_right(self) -> None:
        found = report(lambda data, at=0: data[at:] + data[:at])
        assert found.verdict == "right"
        assert repr(found) == "swap: right"
        assert found.works is found.function is not None

    def test_not_attempted_goes_on_with_the_model(self) -> None:
        found = report(lambda data, at=0: None)
        assert repr(found) == "swap: not attempted yet"
        assert found.works is swap
        assert "not attempted" in found._repr_html_()

    def test_not_implemented_on_some_ways(self) -> None:
        def later(data: bytes, at: int = 0) -> bytes:
            if at > 100:
                return b""
            raise NotImplementedError

        assert report(later).verdict == "not attempted"

    def test_a_known_mistake(self) -> None:
        found = report(lambda data, at=0: data[-at:] + data[:-at])
        assert found.verdict == "not yet"
        assert found.misconception is not None
        assert found.misconception.name == "backwards"
        assert "You turned it backwards." in repr(found)

    def test_an_unknown_mistake_is_not_called_a_known_one(self) -> None:
        def mixed(data: bytes, at: int = 0) -> bytes:
            return backwards(data, at) if at == 20 else data

        found = report(mixed)
        assert found.misconception is None
        assert found.works is swap

    def test_a_known_mistake_explains_no_narrower_one(self) -> None:
        def narrow(data: bytes, at: int = 0) -> bytes:
            return backwards(data, at) if len(data) == 3 else swap(data, at)

        found = report(narrow, inputs=lambda: st.just((b"abc", 1)), examples=((b"abc", 1), (b"abcd", 1)))
        assert found.verdict == "not yet"
        assert found.misconception is None

    def test_right_but_not_all_that_is_asked(self) -> None:
        found = report(lambda data, at=0: data[at:] + data[:at], also=lambda function: "Too slow.")
        assert found.verdict == "not yet"
        assert "    Too slow." in repr(found)
        assert "Too slow." in found._repr_html_()

    def test_what_else_is_asked_is_asked_under_guard(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def endless(function: Any) -> str:
            while True:
                function(b"")

        monkeypatch.setattr(checking, "_PATIENCE", 2.0)
        assert "It was stopped" in repr(report(lambda data, at=0: swap(data, at), also=endless))

    def test_more_than_one_result_is_right(self) -> None:
        found = report(
            lambda data, at=0: bytes(reversed(data)), normal=lambda result, data, at=0: sorted(result)
        )
        assert found.verdict == "right"

    def test_what_has_no_normal_form_is_wrong(self) -> None:
        found = report(lambda data, at=0: 5, normal=lambda result, data, at=0: sorted(result))
        assert "It returns an int; it should return bytes." in repr(found), "not the type of the normal form"

    def test_what_has_the_right_type_and_no_normal_form(self) -> None:
        def numbers(result: bytes, _data: bytes, _at: int = 0) -> list[int]:
            if result == b"?":
                raise ValueError
            return sorted(result)

        found = report(lambda data, at=0: b"?", normal=numbers)
        assert found.verdict == "not yet"
        assert "It returns" not in repr(found)
        assert "yours     b'?'" in repr(found)


class TestCounterexample:
    def test_is_the_smallest(self) -> None:
        found = report(lambda data, at=0: data)
        assert found.values == (b"\x00\x01", 1)
        assert found.call == "swap(bytes.fromhex('00 01'), 1)"
        assert repr(found).splitlines()[2:5] == [
            "    expected  01 00",
            "    yours     00 01",
            "              ^ the first difference: byte 0 is 00000000, not 00000001, so bit 7 of it",
        ]

    def test_is_found_where_no_example_fails(self) -> None:
        found = report(lambda data, at=0: b"?" if len(data) == 7 else data[at:] + data[:at])
        assert found.values is not None
        assert len(found.values[0]) == 7

    def test_is_the_same_each_time(self) -> None:
        found = [report(lambda data, at=0: data[:-1] if len(data) > 9 else swap(data, at)) for _ in range(3)]
        assert len({repr(each) for each in found}) == 1

    def test_a_slow_function_is_searched_for_a_limited_time(self) -> None:
        def slow(data: bytes, at: int = 0) -> bytes:
            time.sleep(0.05)
            return swap(data, at)

        start = time.monotonic()
        assert report(slow).verdict == "right"
        assert time.monotonic() - start < 3

    def test_a_function_is_never_called_outside_the_guard(self) -> None:
        threads = set()

        def told(data: bytes, at: int = 0) -> bytes:
            threads.add(threading.current_thread().name)
            return data

        assert report(told).verdict == "not yet"
        assert threads == {"wslearn check"}

    def test_the_end_of_the_time_does_no_harm(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for budget in (0.0, 0.001, 0.003, 0.01, 0.02, 0.05):
            monkeypatch.setattr(checking, "_SEARCH", budget)
            assert report(lambda data, at=0: swap(data, at)[:6], examples=((b"",),)).verdict in {
                "right",
                "not yet",
            }

    def test_an_endless_function_is_stopped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checking, "_PATIENCE", 0.5)

        def endless(data: bytes, at: int = 0) -> bytes:
            while len(data) == 3:
                pass
            return swap(data, at)

        found = report(endless)
        assert found.verdict == "not yet"
        assert found.call == "swap(b'abc', 1)"
        assert "Does its loop end?" in repr(found)


class TestPicture:
    def test_marks_the_first_difference(self) -> None:
        page = report(lambda data, at=0: data)._repr_html_()
        assert "<mark><b>01</b></mark> 00" in page
        assert "<mark><b>00</b></mark> 01" in page

    def test_what_a_function_gives_stays_text(self) -> None:
        page = report(lambda data, at=0: "<img src=x onerror=alert(1)>")._repr_html_()
        assert "<img" not in page
        assert "&lt;img" in page

    def test_a_long_value_is_cut_around_the_difference(self) -> None:
        def late(data: bytes, at: int = 0) -> bytes:
            return data[:-1] + b"!" if len(data) == 40 else swap(data, at)

        found = report(late, inputs=lambda: st.just((b"", 0)))
        lines = repr(found).splitlines()
        assert all(len(line) < 180 for line in lines)

    def test_a_missing_part_is_marked(self) -> None:
        page = report(lambda data, at=0: swap(data, at)[:-1])._repr_html_()
        assert re.search(r"<mark><b>[0-9a-f]{2}</b></mark></code>", page)
        assert "∅" in page

    def test_the_first_byte_that_is_missing_is_marked(self) -> None:
        found = report(lambda data, at=0: swap(data, at)[:2], inputs=lambda: st.just((b"", 0)))
        assert found.values == (b"abc", 1)
        assert repr(found).splitlines()[2:5] == [
            "    expected  62 63 61",
            "    yours     62 63",
            "                    ^ the first difference: 1 byte too few",
        ]

    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (b"", "b''"),
            (b"Hi", "b'Hi'"),
            ((b"\x81",), "(bytes.fromhex('81'),)"),
            ([1, "a"], "[1, 'a']"),
            (len, "len"),
            (Opcode.TEXT, "Opcode.TEXT"),
            (State.OPEN, "State.OPEN"),
            (Frame(Opcode.TEXT, b"Hi"), "Frame(Opcode.TEXT, b'Hi')"),
            (Frame(Opcode.PING, fin=False), "Frame(Opcode.PING, fin=False)"),
            ([Frame(9, b"\xff", rsv1=True)], "[Frame(9, bytes.fromhex('ff'), rsv1=True)]"),
            (Close(1001, "é"), "Close(1001, 'é')"),
        ],
    )
    def test_a_value_can_be_run(self, value: object, written: str) -> None:
        assert literal(value) == written
        assert eval(written) == value

    def test_the_differing_bit(self) -> None:
        assert differing_bit(b"\x81\x05", b"\x81\x85").endswith("so bit 0 of it")
        assert differing_bit(b"ab", b"abcd") == ": 2 bytes too many"
        assert differing_bit("a", "b") == ""


def test_leaves_nothing_in_the_folder_of_the_lessons(tmp_path: Path) -> None:
    script = """
from wslearn.course.checking import check

def accept_key(key):
    return key

print(check(accept_key).verdict)
from hypothesis import find, strategies
find(strategies.text(), lambda text: text > "é")
"""
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert told.stdout == "not yet\n"
    assert list(tmp_path.iterdir()) == []


class TestByName:
    def test_the_exercise_is_found_by_the_function_s_name(self) -> None:
        def accept_key(key: str) -> str:
            digest = hashlib.sha1(base64.b64decode(key) + GUID.encode()).digest()
            return base64.b64encode(digest).decode()

        found = check(accept_key)
        assert found.exercise.model is model
        assert "You decoded the key" in repr(found)

    def test_what_is_no_function(self) -> None:
        with pytest.raises(UsageError, match="takes the function itself"):
            check("accept_key")  # type: ignore[arg-type]
