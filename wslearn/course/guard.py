"""Running a student's function: whatever it does, the notebook goes on, and a sentence says what happened."""

from __future__ import annotations

import contextlib
import copy
import ctypes
import dis
import inspect
import io
import linecache
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wslearn.errors import HandshakeError, ProtocolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Guard", "Outcome", "Stopped", "call", "is_stub", "kind"]

_NOTHING_DONE = {"RESUME", "NOP", "LOAD_CONST", "LOAD_SMALL_INT", "RETURN_VALUE", "RETURN_CONST", "POP_TOP"}
_PLAIN = (bool, int, float, str, bytes, bytearray, list, tuple, dict, set)


def is_stub(function: Callable[..., Any]) -> bool:
    '''Tell whether a function is still as the exercise gave it: a docstring, ``pass`` or ``...``.

    Examples
    --------
    >>> def accept_key(key):
    ...     """Give the Sec-WebSocket-Accept."""
    >>> is_stub(accept_key), is_stub(lambda key: key)
    (True, False)
    '''
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    steps = list(dis.get_instructions(code))
    if any(step.opname not in _NOTHING_DONE for step in steps):
        return steps[-1].opname.startswith("RAISE") and code.co_names == ("NotImplementedError",)
    return all(step.argval in (None, ...) for step in steps if step.opname in {"LOAD_CONST", "RETURN_CONST"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call.

    Parameters
    ----------
    value
        What was returned, or the error that was raised.
    raised
        Whether it was raised.
    fault
        A sentence on what went wrong with the call itself, where something did; else empty.

    Examples
    --------
    >>> str(Outcome(b"Hello")), str(Outcome(ValueError("no"), raised=True))
    ("b'Hello'", 'ValueError: no')
    """

    value: Any = None
    raised: bool = False
    fault: str = ""

    def __str__(self) -> str:
        if not self.raised:
            return repr(self.value)
        if isinstance(self.value, ProtocolError):
            return f"ProtocolError with close code {self.value.close_code}"
        if isinstance(self.value, HandshakeError):
            return f"HandshakeError with status {self.value.status}"
        return f"{type(self.value).__name__}: {self.value}".removesuffix(": ")

    def same(self, other: Outcome) -> bool:
        """Tell whether two calls came to the same: equal values, or errors that earn the same.

        Errors are compared by class and by close code or status; their words are free.
        """
        if self.raised != other.raised:
            return False
        if not self.raised:
            return kind(self.value) is kind(other.value) and bool(self.value == other.value)
        return _earns(self.value) == _earns(other.value)


def kind(value: Any) -> type:
    """Give the type that a student would name: an `Opcode` is an int, an `HTTPStatus` too.

    Examples
    --------
    >>> kind(True), kind(b""), kind(bytearray())
    (<class 'bool'>, <class 'bytes'>, <class 'bytearray'>)
    """
    return next((plain for plain in _PLAIN if isinstance(value, plain)), type(value))


def _earns(error: BaseException) -> tuple[str, int]:
    code = getattr(error, "close_code", getattr(error, "status", 0))
    return type(error).__name__, code


def call(function: Callable[..., Any], values: Mapping[str, Any], keywords: Sequence[str] = ()) -> Outcome:
    """Call a function with copies of values, and put into words what it should not have done.

    Parameters
    ----------
    function
        Anybody's function.
    values
        Its arguments by name, in order.
    keywords
        Those that are given by name.

    Examples
    --------
    >>> call(lambda text: print(text), {"text": "Hello"}).fault
    'It prints its answer and returns None. Write return in place of print.'
    >>> call(lambda data: data[5], {"data": b"ab"}).fault
    'It raised IndexError: index out of range.'
    """
    given = {name: copy.deepcopy(value) for name, value in values.items()}
    try:
        bound = inspect.signature(function).bind(
            *(value for name, value in given.items() if name not in keywords),
            **{name: given[name] for name in keywords},
        )
    except TypeError as error:
        asked = ", ".join(f"{name}=…" if name in keywords else name for name in given)
        return Outcome(fault=f"It is called as {function.__name__}({asked}), and that fails: {error}.")
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            value = function(*bound.args, **bound.kwargs)
    except (ProtocolError, HandshakeError, UsageError) as error:
        return Outcome(error, raised=True)
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # noqa: BLE001 - SystemExit too: no student's function ends the kernel
        return Outcome(error, raised=True, fault=_told(error, function))
    if inspect.iscoroutine(value):
        value.close()
        return Outcome(fault="It is an async function. Write def in place of async def.")
    if value is None and printed.getvalue():
        return Outcome(fault="It prints its answer and returns None. Write return in place of print.")
    changed = [name for name in given if given[name] != values[name]]
    return Outcome(
        value, fault=f"It changes its argument {changed[0]}. Work on a copy of it." if changed else ""
    )


def _told(error: BaseException, function: Callable[..., Any]) -> str:
    """Say which line of the student's function raised what."""
    said = f"{type(error).__name__}: {error}".removesuffix(": ")
    code = getattr(function, "__code__", None)
    steps = [step for step in traceback.extract_tb(error.__traceback__) if code]
    mine = [step for step in steps if code and step.filename == code.co_filename and step.lineno]
    line = linecache.getline(mine[-1].filename, mine[-1].lineno or 0).strip() if mine else ""
    if isinstance(error, RecursionError):
        said = "RecursionError: it calls itself and never ends"
    return f"It raised {said}" + (f", in the line  {line}" if line and "lambda" not in line else ".")


class Stopped(BaseException):
    """Thrown into a function that runs for too long. Not an `Exception`, so that few catch it."""


class Guard:
    """A thread that a long-running function is stopped on.

    Parameters
    ----------
    patience
        Seconds for all of the work.

    Examples
    --------
    >>> Guard(5.0).run(lambda: 6 * 7)
    42
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._result: list[Any] = []
        self._error: list[BaseException] = []

    def run(self, work: Callable[[], Any]) -> Any:
        """Do the work and give its result.

        Raises
        ------
        Stopped
            When it took too long and was stopped, or could not be stopped.
        """

        def body() -> None:
            try:
                self._result.append(work())
            except BaseException as error:  # noqa: BLE001 - it is raised again, on the thread that asked
                self._error.append(error)

        thread = threading.Thread(target=body, name="wslearn check", daemon=True)
        stdout, hook = sys.stdout, sys.unraisablehook
        # An interruption may come while the interpreter cleans up, where nobody can catch it.
        sys.unraisablehook = lambda lost: None if isinstance(lost.exc_value, Stopped) else hook(lost)
        thread.start()
        late = True
        try:
            thread.join(self._patience)
            late = thread.is_alive()
        finally:
            _stop(thread)
            sys.unraisablehook = hook
            sys.stdout = stdout  # one that cannot be stopped keeps its own for ever
        if thread.is_alive():
            raise Stopped("It cannot be interrupted: restart the kernel to be rid of it.")
        if late:  # whatever the interruption became on its way out
            raise Stopped
        if self._error:
            raise self._error[0]
        return self._result[0]


def _stop(thread: threading.Thread) -> None:
    """Interrupt a thread, and again where it catches everything; after a second leave it alone."""
    give_up = time.monotonic() + 1
    interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc
    while thread.is_alive() and time.monotonic() < give_up:
        interrupt(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped))
        thread.join(0.05)
