"""To look on while a connection works: every step and every change, on the thread where it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.connection import Connection, Step

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["watch"]

_SHOWN = frozenset({"state", "close_sent", "close_received", "received_first", "deaf"})


def watch(connection: Connection, changed: Callable[[Step | None], None]) -> Callable[[], None]:
    """Hear of each step that a connection takes, and of each change that a picture would show.

    A connection knows nothing of those who look on, and one that nobody looks at pays nothing for it: this
    one gets a class of its own, which tells.

    Parameters
    ----------
    connection
        In whatever state.
    changed
        Called after each step with that step, and with ``None`` after a change of `Connection.close_sent`
        and its like, which come a little later than their step.

    Returns
    -------
    callable
        Call it to look on no longer.

    Examples
    --------
    >>> seen = []
    >>> connection = Connection("server")
    >>> stop = watch(connection, lambda step: seen.append((step and step.name, connection.state.name)))
    >>> connection.close().hex(" ")
    '88 02 03 e8'
    >>> seen
    [(None, 'CLOSING'), ('CLOSE_SENT', 'CLOSING'), (None, 'CLOSING')]
    """
    before = type(connection)
    looking = True

    class Watched(before):  # type: ignore[misc, valid-type]
        __slots__ = ()

        def step(self, step: Step) -> None:
            super().step(step)
            if looking:
                changed(step)

        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if looking and name in _SHOWN:
                changed(None)

    def stop() -> None:
        nonlocal looking
        looking = False
        if type(connection) is Watched:  # else another looks on, too, and has its class above this one
            object.__setattr__(connection, "__class__", before)

    connection.__class__ = Watched
    return stop
