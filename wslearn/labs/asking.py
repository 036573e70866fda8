"""Asking a process of a lab over plain HTTP, and waiting for the answer: JSON both ways."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from wslearn.errors import UsageError

__all__ = ["answers", "ask"]


def ask(port: int, target: str, told: object = None, *, post: bool = False, seconds: float = 10.0) -> Any:
    """Ask on a port of 127.0.0.1.

    Parameters
    ----------
    port
        Where it listens.
    target
        The path, and the query: ``"/node/stats"``.
    told
        What goes along, as JSON, with a POST.
    post
        Whether it is a POST, even with nothing that goes along.
    seconds
        How long the answer may take.

    Raises
    ------
    OSError
        When nobody listens, or the answer does not come in time or breaks off.
    UsageError
        When it is refused: with the reason, as far as one was given.

    Examples
    --------
    >>> ask(1, "/node/stats")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ConnectionRefusedError: Connection refused
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        if post or told is not None:
            connection.request("POST", target, json.dumps(told), {"Content-Type": "application/json"})
        else:
            connection.request("GET", target)
        response = connection.getresponse()
        text = response.read()
    except HTTPException as error:
        raise ConnectionResetError(f"The answer broke off: {error!r}.") from None
    finally:
        connection.close()
    if response.status >= 400:
        raise UsageError(text.decode("utf-8", "replace").strip() or f"{response.status} {response.reason}")
    return json.loads(text)


def answers(port: int, target: str, pid: int) -> bool:
    """Tell whether this process answers on a port, and not another one that was faster to take it.

    Parameters
    ----------
    port
        Of 127.0.0.1.
    target
        What is answered with a JSON object that has a ``"pid"``.
    pid
        The process.

    Raises
    ------
    OSError
        When nobody listens.
    """
    try:
        told = ask(port, target)
    except (UsageError, ValueError):
        return False
    return isinstance(told, dict) and told.get("pid") == pid
