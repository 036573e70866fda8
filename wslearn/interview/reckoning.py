"""Two sums that interviewers ask for: the storm after a node's death, and what pings take."""

from __future__ import annotations

from math import ceil

from wslearn.errors import UsageError
from wslearn.frames import Frame, Opcode

__all__ = ["PACKET", "peak_handshakes", "ping_traffic"]

#: Bytes of headers around each packet: IP (RFC 791 §3.1) and TCP (RFC 9293 §3.1), without options.
PACKET = 20 + 20


def peak_handshakes(clients: int, window: int) -> int:
    """Give the handshakes a second while clients come back that lost their server (RFC 6455 §7.2.3).

    Parameters
    ----------
    clients
        How many come back.
    window
        Seconds over which they spread evenly; within 0 or 1 seconds all come in the same one.

    Examples
    --------
    >>> peak_handshakes(60_000, 30), peak_handshakes(60_000, 0)
    (2000, 60000)
    """
    return ceil(clients / max(window, 1))


def ping_traffic(clients: int, interval: int) -> float:
    """Give the bits a second that a server's pings and their pongs take (RFC 6455 §5.5.2, §5.5.3).

    They have no payload, and each goes in a packet of its own, with 40 bytes of IP and TCP.

    Parameters
    ----------
    clients
        How many are pinged.
    interval
        Seconds between two pings to one client.

    Raises
    ------
    UsageError
        For an interval that is not above zero.

    Examples
    --------
    >>> ping_traffic(1_000_000, 20)
    35200000.0
    """
    if interval <= 0:
        raise UsageError(f"The interval must be above zero, not {interval}.")
    ping = len(Frame(Opcode.PING, b"").serialize())
    pong = len(Frame(Opcode.PONG, b"", masking_key=bytes(4)).serialize())
    return 8 * (ping + pong + 2 * PACKET) * clients / interval
