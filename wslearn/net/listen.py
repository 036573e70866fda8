"""Listening sockets: on every address that a host name has here, all on one port."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack

from wslearn.errors import UsageError

__all__ = ["listen"]


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on every address of `host`.

    Parameters
    ----------
    host
        A name or an address of this machine.
    port
        0 takes a free one, the same for all addresses.

    Returns
    -------
    list of socket
        At least one; they do not block.

    Raises
    ------
    UsageError
        When the port is taken or the address is not this machine's: the message says which.

    Examples
    --------
    >>> (listening,) = listen("127.0.0.1", 0)
    >>> listening.close()
    """
    if not 0 <= port <= 65535:
        raise UsageError(f"There is no port {port}: they go from 1 to 65535, and 0 is a free one.")
    try:
        return _bind(host, port)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        raise UsageError(
            f"Cannot listen on {host}:{port}: {why}. Take another port, or port=0 to be given a free one."
        ) from error


def _bind(host: str, port: int) -> list[socket.socket]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    with ExitStack() as on_error:
        for number, (family, _, _, _, address) in enumerate(found, 1):
            port = bound[0].getsockname()[1] if bound else port
            try:
                listening = socket.create_server((str(address[0]), port), family=family)
            except OSError as error:
                # The name "localhost" may have an IPv6 address where the machine has none.
                if error.errno == errno.EADDRNOTAVAIL and (bound or number < len(found)):
                    continue
                raise
            # asyncio switches Nagle's algorithm off for sockets that name their protocol, and those accepted
            # here inherit the name. Else the second of two small writes can wait 40 ms for an answer.
            listening = socket.socket(
                family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=listening.detach()
            )
            bound.append(on_error.enter_context(listening))
            listening.setblocking(False)
        on_error.pop_all()
    return bound
