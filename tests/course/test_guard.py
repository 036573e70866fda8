"""Whatever a student's function does, a sentence comes back and the notebook goes on."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from wslearn import HandshakeError, Opcode, ProtocolError, UsageError
from wslearn.course.guard import Guard, Outcome, Stopped, call, is_stub


def documented(x: object) -> None:
    """Do nothing yet."""


def passing(x: object) -> None:
    pass


def unfinished(x: object) -> None:
    raise NotImplementedError


def unfinished_in_words(x: object) -> None:
    raise NotImplementedError("later")


def returns_none(x: object) -> None:
    return None


class TestStub:
    @pytest.mark.parametrize(
        "stub", [documented, passing, unfinished, unfinished_in_words, returns_none, lambda x: ...]
    )
    def test_is_one(self, stub: Callable[..., Any]) -> None:
        assert is_stub(stub)

    @pytest.mark.parametrize(
        "written", [lambda x: x, lambda x: 0, lambda x: b"", print, lambda x: [], len, str]
    )
    def test_is_none(self, written: Callable[..., Any]) -> None:
        assert not is_stub(written)

    def test_one_that_raises_something_else_is_none(self) -> None:
        def refuses(x: object) -> None:
            raise ValueError

        assert not is_stub(refuses)


class TestOutcome:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            (Outcome(b"a"), Outcome(b"a"), True),
            (Outcome(b"a"), Outcome(bytearray(b"a")), False),
            (Outcome([1]), Outcome((1,)), False),
            (Outcome(True), Outcome(1), False),
            (Outcome(Opcode.TEXT), Outcome(1), True),
            (Outcome(None), Outcome(False), False),
            (Outcome(1.0), Outcome(1), False),
            (Outcome(ValueError("a"), raised=True), Outcome(ValueError("b"), raised=True), True),
            (Outcome(ValueError("a"), raised=True), Outcome(TypeError("a"), raised=True), False),
            (Outcome(ValueError("a"), raised=True), Outcome(None), False),
        ],
    )
    def test_same(self, one: Outcome, other: Outcome, same: bool) -> None:
        assert one.same(other) is same

    def test_errors_of_the_library_are_compared_by_what_they_earn(self) -> None:
        def protocol(code: int, said: str) -> Outcome:
            error = ProtocolError(said, close_code=code, section="§5", field="x")
            return Outcome(error, raised=True)

        def handshake(status: int) -> Outcome:
            return Outcome(HandshakeError("no", status=status, section="§4"), raised=True)

        assert protocol(1002, "one").same(protocol(1002, "other"))
        assert not protocol(1002, "one").same(protocol(1007, "one"))
        assert handshake(400).same(handshake(400))
        assert not handshake(400).same(handshake(426))
        assert str(protocol(1002, "one")) == "ProtocolError with close code 1002"
        assert str(handshake(426)) == "HandshakeError with status 426"


class TestCall:
    def told(self, function: Callable[..., Any], *values: object) -> str:
        return call(function, {f"x{n}": value for n, value in enumerate(values)}).fault

    def test_arguments_by_name(self) -> None:
        def check(first: int, *, last: int) -> tuple[int, int]:
            return first, last

        assert call(check, {"first": 1, "last": 2}, ("last",)) == Outcome((1, 2))

    def test_other_parameters(self) -> None:
        assert self.told(lambda: 1, 5).startswith("It is called as <lambda>(x0), and that fails: too many")
        assert "missing a required argument: 'y'" in self.told(lambda x, y: 1, 5)
        assert "last=…" in call(lambda first: 1, {"first": 1, "last": 2}, ("last",)).fault

    def test_print_is_no_return(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.told(print, 5).startswith("It prints its answer")
        assert capsys.readouterr().out == ""

    def test_print_beside_a_return_is_nobody_s_business(self) -> None:
        def talks(x: int) -> int:
            print("now")
            return x

        assert call(talks, {"x": 5}) == Outcome(5)

    def test_an_async_function(self) -> None:
        async def later(x: int) -> int:
            return x

        assert self.told(later, 5) == "It is an async function. Write def in place of async def."

    def test_a_changed_argument(self) -> None:
        frames = [1, 2]

        def takes(x0: list[int]) -> int:
            return x0.pop()

        assert self.told(takes, frames) == "It changes its argument x0. Work on a copy of it."
        assert frames == [1, 2]

    def test_an_exception_names_the_line(self) -> None:
        def breaks(x0: bytes) -> int:
            size = x0[1]
            return x0[size]

        assert self.told(breaks, b"\1\x05") == (
            "It raised IndexError: index out of range, in the line  return x0[size]"
        )

    def test_an_exception_within_what_it_calls_names_its_own_line(self) -> None:
        def breaks(x0: str) -> int:
            return int(x0.strip("a"), 10)

        assert self.told(breaks, "aza").endswith('in the line  return int(x0.strip("a"), 10)')

    def test_never_ending_recursion(self) -> None:
        def turns(x0: int) -> int:
            return turns(x0)

        assert "calls itself and never ends" in self.told(turns, 1)

    def test_exit_does_not_end_the_kernel(self) -> None:
        assert self.told(lambda x: sys.exit(3), 1).startswith("It raised SystemExit: 3")

    @pytest.mark.parametrize(
        "error",
        [
            UsageError("no"),
            ProtocolError("no", close_code=1002, section="§5", field="x"),
            HandshakeError("no", status=400, section="§4"),
        ],
    )
    def test_an_error_of_the_library_is_an_answer(self, error: Exception) -> None:
        def refuses(x: int) -> None:
            raise error

        assert call(refuses, {"x": 5}) == Outcome(error, raised=True)


class TestGuard:
    def test_gives_the_result_or_raises_the_error(self) -> None:
        assert Guard(5).run(lambda: 42) == 42
        with pytest.raises(ZeroDivisionError):
            Guard(5).run(lambda: 1 // 0)

    def test_stops_a_loop(self) -> None:
        def endless() -> None:
            while True:
                pass

        self.stopped_soon(endless)

    def test_stops_a_loop_that_catches_everything(self) -> None:
        def endless() -> None:
            until = time.monotonic() + 0.7
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    if time.monotonic() > until:
                        raise

        self.stopped_soon(endless)

    def test_leaves_alone_what_cannot_be_stopped(self) -> None:
        release = threading.Event()

        def deaf() -> None:
            sys.stdout = None
            release.wait(20)  # a wait in C hears nothing

        stdout = sys.stdout
        try:
            with pytest.raises(Stopped, match="restart the kernel"):
                Guard(0.1).run(deaf)
            assert sys.stdout is stdout
        finally:
            release.set()

    @staticmethod
    def stopped_soon(endless: Callable[[], None]) -> None:
        before = threading.active_count()
        start = time.monotonic()
        with pytest.raises(Stopped):
            Guard(0.2).run(endless)
        assert time.monotonic() - start < 3
        assert threading.active_count() == before
