"""Calling a student's function from a server: it may raise, give nonsense or never return, and all goes on.

A fault is kept, with the arguments that bring it about again, and told to the connection as `Broken`.
"""

from __future__ import annotations

import ctypes
import inspect
import threading
import time
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from wslearn.course.guard import Stopped
from wslearn.course.report import literal
from wslearn.errors import HandshakeError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableSequence

    from wslearn.course.mine.rules import Rule

__all__ = ["Broken", "Fault", "guarded", "short"]

_REFUSALS = {status.value for status in HTTPStatus if status >= 400}
_SHOWN = 60  # characters of a value
_LOOK_EVERY = 0.05  # seconds
_AGAIN_AFTER = 0.25  # seconds; a function may catch everything


@dataclass(frozen=True, slots=True)
class Fault:
    """What a part did that it should not have done.

    Parameters
    ----------
    part
        The name of the function.
    what
        What it did, in words that follow its name.
    arguments, keywords
        What it was called with: call it again with these to see it happen.

    Examples
    --------
    >>> print(Fault("accept_key", "gave None, not a str", ("dGhlIHNhbXBsZSBub25jZQ==",)))
    accept_key('dGhlIHNhbXBsZSBub25jZQ==') gave None, not a str
    """

    part: str
    what: str
    arguments: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        given = [*map(short, self.arguments), *(f"{name}={short(value)}" for name, value in self.keywords)]
        return f"{self.part}({', '.join(given)}) {self.what}"


class Broken(Exception):
    """A part of the connection does not work: the connection ends, with 1011.

    Parameters
    ----------
    fault
        What happened.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def short(value: Any) -> str:
    """Write a value in one short line.

    Examples
    --------
    >>> short(b"Hello"), short("x" * 100)[-5:]
    ("b'Hello'", 'xxxx…')
    """
    text = literal(value[:_SHOWN] if isinstance(value, bytes | str) else value)
    whole = len(text) <= _SHOWN and not (isinstance(value, bytes | str) and len(value) > _SHOWN)
    return text if whole else text[:_SHOWN] + "…"


def guarded(
    name: str,
    function: Callable[..., Any],
    rule: Rule,
    faults: MutableSequence[Fault],
    patience: float,
) -> Callable[..., Any]:
    """Wrap a function so that it gives what its rule says, raises what its rule allows, or raises `Broken`.

    Parameters
    ----------
    name
        What it is called in a fault.
    function
        A student's.
    rule
        What it is to give.
    faults
        Where they are kept.
    patience
        Seconds that one call may take. Python code that takes longer is stopped; a single call into C that
        never returns, such as a sleep, cannot be.
    """

    def call(*arguments: Any, **keywords: Any) -> Any:
        try:
            value = _watched(function, arguments, keywords, patience)
        except Stopped:
            what = f"did not return within {patience:g} s"
        except (Exception, SystemExit) as error:
            if isinstance(error, rule.raises) and _can_be_told(error):
                raise
            what = _raised(error)
        else:
            if rule.accepts(value):
                return value
            if inspect.iscoroutine(value):
                value.close()
            what = f"gave {short(value)}, not {rule.gives}"
        fault = Fault(name, what, arguments, tuple(keywords.items()))
        faults.append(fault)
        raise Broken(fault) from None

    return call


def _can_be_told(error: BaseException) -> bool:
    """Tell whether an error has a code that a close frame, or a status that a refusal can carry."""
    if isinstance(error, ProtocolError):
        return error.close_code in range(0x10000)
    return not isinstance(error, HandshakeError) or error.status in _REFUSALS


def _raised(error: BaseException) -> str:
    said = f"raised {type(error).__name__}: {error}".removesuffix(": ")
    lines = traceback.extract_tb(error.__traceback__)
    line = lines[-1].line if len(lines) > 2 else ""  # behind `call` and `_watched`: the student's own
    return said + (f", in the line  {line}" if line else "")


def _watched(
    function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any], patience: float
) -> Any:
    """Call a function; raise `Stopped` when it takes too long."""
    call = _Call(threading.get_ident(), time.monotonic() + patience)
    try:
        try:
            _watch.enter(call)
            return function(*arguments, **keywords)
        finally:
            _watch.leave(call)
    except Stopped:
        _watch.leave(call)  # the interruption may have come before it was left
        raise


class _Call:
    """A call that is going on: on which thread, and when it will be interrupted next."""

    __slots__ = ("deadline", "interrupted", "thread")

    def __init__(self, thread: int, deadline: float) -> None:
        self.thread = thread
        self.deadline = deadline
        self.interrupted = False


class _Watch:
    """A thread that looks at the clock while functions are being called, and stops those that are late."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: set[_Call] = set()
        self._busy = threading.Event()
        self._thread: threading.Thread | None = None

    def enter(self, call: _Call) -> None:
        """Take note that a call begins."""
        with self._lock:
            self._calls.add(call)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="wslearn watch", daemon=True)
                self._thread.start()
        if not self._busy.is_set():
            self._busy.set()

    def leave(self, call: _Call) -> None:
        """Take note that it ended: when this returns, no interruption of it is still on its way."""
        with self._lock:
            self._calls.discard(call)
        if call.interrupted:
            for _ in range(100):  # Python raises what is on its way at the end of a round, at the latest
                pass

    def _look(self) -> None:
        while True:
            self._busy.wait()
            time.sleep(_LOOK_EVERY)
            with self._lock:
                now = time.monotonic()
                for call in self._calls:
                    if call.deadline < now:
                        call.interrupted = True
                        call.deadline = now + _AGAIN_AFTER
                        _interrupt(call.thread)
                if not self._calls:
                    self._busy.clear()


def _interrupt(thread: int) -> None:
    """Make Python raise `Stopped` in a thread as soon as it can."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Stopped))


_watch = _Watch()
