"""A path from the client's end: what it answers, how long a connection lives, what gets through."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from wslearn.errors import ConnectionClosed, HandshakeError
from wslearn.handshake import Target
from wslearn.labs.proxies.backend import EVENTS
from wslearn.net.client import connect
from wslearn.net.limits import Limits
from wslearn.net.tunnel import CONNECT

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["Life", "Seen", "look"]

Trouble = Literal["", "refused", "certificate", "tunnel", "silence", "hung up", "network"]


@dataclass(frozen=True, slots=True)
class Life:
    """How long a connection lived, and how it ended.

    Parameters
    ----------
    seconds
        From its opening.
    code
        The close code that the client reports; ``None`` where it was still open at the end.
    """

    seconds: float
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a client sees of a path. What was not tried is ``None``.

    Parameters
    ----------
    trouble
        Why no answer of a server came: TCP was ``"refused"``, the ``"certificate"`` is not trusted, a forward
        proxy refused the ``"tunnel"``, there was ``"silence"``, somebody ``"hung up"``, or the ``"network"``
        said something else. Empty when there was one.
    answer
        The status of the answer to the handshake, the server's or that of a proxy.
    headers
        The header fields of that answer.
    said
        What a person can read of a refusal.
    echo
        Seconds until a message came back; ``None``, too, where none did.
    silent, pinging
        How long a connection lived on which nobody said anything, and one that sent pings.
    without_origin
        The status, where the Origin header was left out.
    secure
        The status by way of ``wss``.
    direct
        The status without the proxy.
    streamed
        How an HTTP response came that is sent bit by bit: from 0, all at once, to 1, as it was sent.

    Examples
    --------
    >>> Seen(answer=101, echo=0.001).opened
    True
    """

    trouble: Trouble = ""
    answer: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    said: str = ""
    echo: float | None = None
    silent: Life | None = None
    pinging: Life | None = None
    without_origin: int | None = None
    secure: int | None = None
    direct: int | None = None
    streamed: float | None = None

    @property
    def opened(self) -> bool:
        """Whether a WebSocket was opened."""
        return self.answer == 101


async def look(
    url: str,
    *,
    origin: str | None = None,
    secure: str | None = None,
    direct: str | None = None,
    events: str | None = None,
    proxy: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
    patience: float = 2.0,
) -> Seen:
    """Try a path out, in several ways at once.

    Parameters
    ----------
    url
        A WebSocket behind it that echoes.
    origin
        The page's, as a browser would write it.
    secure, direct
        The same by way of ``wss``, and without the proxy, if there is such a way.
    events
        The path of a stream of events on the same server, such as ``"/events"`` of `backend`.
    proxy, ssl_context
        As in `wslearn.net.connect`.
    patience
        Seconds that each attempt may take: more than the timeouts that are to be found.
    """
    how: dict[str, Any] = {"ssl_context": ssl_context, "proxy": proxy}
    first, pinging, without_origin, by_tls, straight, streamed = await asyncio.gather(
        _silent(url, patience, origin=origin, **how),
        _pinging(url, patience, origin=origin, **how),
        _status(url if origin else None, patience, **how),
        _status(secure, patience, **how),
        _status(direct, patience),
        _streamed(url if events and not proxy else None, events or "", patience, ssl_context),
    )
    return Seen(
        **first,
        pinging=pinging,
        without_origin=without_origin,
        secure=by_tls,
        direct=straight,
        streamed=streamed,
    )


async def _silent(url: str, patience: float, **how: Any) -> dict[str, Any]:
    """Open a connection, have one message echoed, then wait in silence."""
    try:
        ws = await connect(url, limits=Limits(open_timeout=patience, ping_interval=None), **how)
    except (HandshakeError, OSError) as error:
        return _failure(error)
    began = time.monotonic()
    try:
        echo = await _echo(ws, patience)
        return {
            "answer": 101,
            "headers": tuple(ws.response.headers),
            "echo": echo,
            "silent": await _ended(ws, began, patience),
        }
    finally:
        ws.abort()


def _failure(error: HandshakeError | OSError) -> dict[str, Any]:
    words = " ".join(str(error.args[0] if isinstance(error, HandshakeError) else error).split())
    said = {"said": words}
    if isinstance(error, HandshakeError):
        answer = {"answer": error.status, "headers": error.headers, **said}
        if error.section == CONNECT:
            return {"trouble": "tunnel", **answer}
        return answer if error.headers else {"trouble": "hung up", **said}
    troubles: tuple[tuple[type[OSError], Trouble], ...] = (
        (TimeoutError, "silence"),
        (ConnectionRefusedError, "refused"),
        (ssl.SSLCertVerificationError, "certificate"),
        (OSError, "network"),
    )
    return {"trouble": next(name for kind, name in troubles if isinstance(error, kind)), **said}


async def _echo(ws: WebSocket, patience: float) -> float | None:
    """Send a message; give the seconds until it is back."""
    word, began = "Does it echo?", time.monotonic()
    with suppress(TimeoutError, ConnectionClosed):
        await ws.send(word)
        async with asyncio.timeout(patience):
            while await ws.recv() != word:  # some servers have something to say first
                pass
            return time.monotonic() - began
    return None


async def _ended(ws: WebSocket, began: float, patience: float) -> Life:
    """Wait for the end of a connection, or of the time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await ws.wait_closed()
    return Life(time.monotonic() - began, ws.close_code)


async def _pinging(url: str, patience: float, **how: Any) -> Life | None:
    """Open a connection that says nothing but pings; give how long it lived."""
    interval = patience / 8
    limits = Limits(open_timeout=patience, ping_interval=interval, ping_timeout=None)
    try:
        ws = await connect(url, limits=limits, **how)
    except (HandshakeError, OSError):
        return None
    try:
        return await _ended(ws, time.monotonic(), patience)
    finally:
        ws.abort()


async def _status(url: str | None, patience: float, **how: Any) -> int | None:
    """Give the status of a handshake: ``None`` where there is nothing to try, 0 where no answer came."""
    if url is None:
        return None
    try:
        ws = await connect(url, limits=Limits(open_timeout=patience), **how)
    except HandshakeError as error:
        return error.status if error.headers else 0
    except OSError:
        return 0
    ws.abort()
    return 101


async def _streamed(
    url: str | None, events: str, patience: float, context: ssl.SSLContext | None
) -> float | None:
    """Fetch a stream of events; tell whether they came one after the other, as they were sent."""
    if url is None:
        return None
    target = Target.parse(url)
    came: dict[float, float] = {}  # when each one was sent, and when it came
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(
                target.host, target.port, ssl=context if target.secure else None
            )
            try:
                writer.write(f"GET {events} HTTP/1.1\r\nHost: {target.authority}\r\n\r\n".encode())
                while len(came) < EVENTS and (line := await reader.readline()):
                    if found := re.fullmatch(rb"data: ([0-9.]+)\s*", line):
                        came[float(found[1])] = time.monotonic()
            finally:
                writer.close()
    if len(came) < EVENTS:
        return 0.0
    return min(1.0, (max(came.values()) - min(came.values())) / (max(came) - min(came)))
