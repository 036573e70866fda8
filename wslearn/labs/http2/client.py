"""The client's side of extended CONNECT (RFC 8441 §4, §5)."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from wslearn.errors import HandshakeError, UsageError
from wslearn.handshake import VERSION, Target
from wslearn.labs.http2.session import Session, hang_up
from wslearn.labs.http2.websocket import Http2WebSocket

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from types import TracebackType

    from wslearn.labs.http2.session import Headers2

__all__ = ["Http2Client", "extended_connect"]

_PATIENCE = 10.0  # seconds for TCP, TLS and the first SETTINGS


def extended_connect(url: str, subprotocols: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Write the header fields that ask for a WebSocket on a stream of HTTP/2 (RFC 8441 §4, §5).

    There is no Upgrade, no Connection and no Host: HTTP/2 has none of these. There is no Sec-WebSocket-Key,
    for the server's SETTINGS have said already that it understands. Field names are in lower case.

    Parameters
    ----------
    url
        ``wss://…``, or ``ws://…``.
    subprotocols
        Names, the one liked best first.

    Raises
    ------
    UsageError
        For a URL that is none.

    Examples
    --------
    >>> for name, value in extended_connect("wss://example.org/chat", ["v2"]):
    ...     print(name, value)
    :method CONNECT
    :protocol websocket
    :scheme https
    :path /chat
    :authority example.org
    sec-websocket-version 13
    sec-websocket-protocol v2
    """
    target = Target.parse(url)
    fields = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https" if target.secure else "http"),
        (":path", target.resource),
        (":authority", target.authority),
        ("sec-websocket-version", VERSION),
    ]
    if subprotocols:
        fields.append(("sec-websocket-protocol", ", ".join(subprotocols)))
    return fields


class Http2Client:
    """An HTTP/2 connection to a server, and WebSockets on it: ``async with``, or ``await`` it and `close`.

    Parameters
    ----------
    url
        ``wss://host:port/…``; the path is that of `open`, where that is given none.
    ssl_context
        Whom to trust. It offers HTTP/2, and nothing else, from now on.

    Raises
    ------
    UsageError
        For a URL that is no ``wss``, or when `h2` is not installed.

    Attributes
    ----------
    session : Session
        The connection, once it is there.
    """

    def __init__(self, url: str, ssl_context: ssl.SSLContext) -> None:
        self._target = Target.parse(url)
        if not self._target.secure:
            raise UsageError("HTTP/2 is agreed on inside TLS: write wss://…")
        self._url = url
        self._context = ssl_context
        self._context.set_alpn_protocols(["h2"])
        self.session: Session
        self._running: asyncio.Task[None]

    def __await__(self) -> Generator[Any, None, Self]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Self:
        await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _connect(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(
                self._target.host, self._target.port, ssl=self._context
            )
            agreed = writer.get_extra_info("ssl_object").selected_alpn_protocol()
            if agreed != "h2":
                await hang_up(writer)
                raise HandshakeError("The server does not speak HTTP/2.", status=505, section="RFC 9113 §3.2")
            self.session = Session(reader, writer)
            self._running = asyncio.create_task(self.session.run(), name="wslearn http2 client")
            await self.session.settled.wait()

    @property
    def extended(self) -> bool:
        """Whether the server's SETTINGS allow extended CONNECT (RFC 8441 §3)."""
        from h2.settings import SettingCodes

        return self.session.h2.remote_settings.get(SettingCodes.ENABLE_CONNECT_PROTOCOL, 0) == 1

    async def open(
        self, path: str = "", *, origin: str | None = None, subprotocols: Sequence[str] = ()
    ) -> Http2WebSocket:
        """Open a WebSocket on a stream of its own.

        Parameters
        ----------
        path
            Path and query; those of the client's URL when empty.
        origin
            What a browser would say the page came from.
        subprotocols
            Names, the one liked best first.

        Raises
        ------
        HandshakeError
            When the server refuses, or its SETTINGS do not allow it: then nothing is sent (RFC 8441 §3).
        """
        if not self.extended:
            raise HandshakeError(
                "The server's SETTINGS do not allow extended CONNECT.", status=501, section="RFC 8441 §3"
            )
        url = f"wss://{self._target.authority}{path}" if path else self._url
        fields: Headers2 = extended_connect(url, subprotocols)
        if origin is not None:
            fields.append(("origin", origin))
        ws = Http2WebSocket(self.session, "client", fields)
        ws.stream_id = self.session.request(fields, ws)
        async with asyncio.timeout(_PATIENCE):
            await ws.answered()
        return ws

    async def close(self) -> None:
        """Hang up: WebSockets that are still open end without a close frame."""
        self.session.say_goodbye()
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
