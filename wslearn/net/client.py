"""The client: connect, shake hands, go on as a `WebSocket` (RFC 6455 §4.1)."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from typing import TYPE_CHECKING

from tornado.iostream import StreamClosedError

from wslearn.connection import Connection, State
from wslearn.deflate import Deflate, agreed
from wslearn.errors import HandshakeError
from wslearn.handshake import Target, check_response, client_request
from wslearn.http import Response, split_head
from wslearn.net.limits import Limits
from wslearn.net.stream import Stream, open_stream
from wslearn.net.websocket import WebSocket

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from types import TracebackType

__all__ = ["connect"]


class connect:  # noqa: N801 - it reads like the function it stands for
    """Open a WebSocket: ``ws = await connect(url)``, or ``async with connect(url) as ws``.

    Parameters
    ----------
    url
        ``ws://…`` or ``wss://…``.
    subprotocols, origin, headers
        As in `wslearn.client_request`.
    deflate
        The permessage-deflate to offer (RFC 7692); none unless asked for.
    ssl_context
        For ``wss``: whom to trust; the system's authorities unless said otherwise.
    limits
        See `Limits`.
    key, masking_key
        A Sec-WebSocket-Key and a masking key to use instead of random ones, so that a picture can be
        drawn again. Leave them out on any real connection.

    Raises
    ------
    UsageError
        For a URL or header that cannot stand in a handshake.
    HandshakeError
        When the server refuses or answers what it must not.
    OSError
        When nothing listens there; `TimeoutError` when the handshake takes too long.

    Examples
    --------
    >>> async def hello(url: str) -> str | bytes:
    ...     async with connect(url) as ws:
    ...         await ws.send("Hello")
    ...         return await ws.recv()
    """

    def __init__(
        self,
        url: str,
        *,
        subprotocols: Sequence[str] = (),
        origin: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        deflate: Deflate | None = None,
        ssl_context: ssl.SSLContext | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        key: str | None = None,
        masking_key: bytes | None = None,
    ) -> None:
        self._target = Target.parse(url)
        self._context = (ssl_context or ssl.create_default_context()) if self._target.secure else None
        self._deflate = deflate
        self._limits = limits
        self._masking_key = masking_key
        self._request = client_request(
            url,
            key=key,
            origin=origin,
            subprotocols=subprotocols,
            extensions=[] if deflate is None else [deflate.offer()],
            headers=headers,
        )
        self._ws: WebSocket  # from `__aenter__` to `__aexit__`

    def __await__(self) -> Generator[object, None, WebSocket]:
        return self._open().__await__()

    async def __aenter__(self) -> WebSocket:
        self._ws = await self._open()
        return self._ws

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._ws.close()

    async def _open(self) -> WebSocket:
        try:
            async with asyncio.timeout(self._limits.open_timeout):
                stream = await self._connect()
                try:
                    response, rest = await self._shake_hands(stream)
                    deflate = agreed(self._request, response, self._deflate)
                except BaseException:
                    stream.close()
                    raise
        except TimeoutError:
            where, seconds = self._target.authority, self._limits.open_timeout
            raise TimeoutError(f"The handshake with {where} was not done in {seconds} s.") from None
        connection = Connection(
            "client",
            max_message_size=self._limits.max_message_size,
            state=State.CONNECTING,
            masking_key=self._masking_key,
        )
        connection.opened(deflate)
        return WebSocket(
            stream, connection, self._request.serialize(), response.serialize(), self._limits, rest
        )

    async def _connect(self) -> Stream:
        """Try each address of the host in turn."""
        target = self._target
        found = await asyncio.get_running_loop().getaddrinfo(
            target.host, target.port, type=socket.SOCK_STREAM
        )
        errors: list[OSError] = []
        for family, kind, protocol, _, address in found:
            try:
                stream = open_stream(socket.socket(family, kind, protocol), self._context, server_side=False)
            except OSError as error:  # a family of addresses that this machine does not have
                errors.append(error)
                continue
            try:
                await stream.connect(address, server_hostname=target.host)
                stream.set_nodelay(True)
                return stream
            except StreamClosedError as error:
                errors.append(
                    error.real_error if isinstance(error.real_error, OSError) else OSError(str(error))
                )
            except OSError as error:
                errors.append(error)
            except BaseException:
                stream.close()
                raise
        raise errors[0]

    async def _shake_hands(self, stream: Stream) -> tuple[Response, bytes]:
        try:
            await stream.write(self._request.serialize())
            head, rest = await _read_head(stream)
            response = Response.parse(head)
            if response.status != 101:
                response = Response.parse(head + await _read_body(stream, response, rest))
        except StreamClosedError:
            raise HandshakeError(
                "The server closed the TCP connection without an answer. Is it a WebSocket server?",
                status=502,
                section="§4.1",
            ) from None
        check_response(self._request, response)
        return response, rest


async def _read_head(stream: Stream) -> tuple[bytes, bytes]:
    data = b""
    try:
        while (cut := split_head(data)) is None:
            data += await stream.read_bytes(65536, partial=True)
    except HandshakeError as error:  # its 431 is what a server says; this one is at fault itself
        raise HandshakeError(error.args[0], status=502, section=error.section) from None
    return cut


async def _read_body(stream: Stream, response: Response, body: bytes) -> bytes:
    """Read the body of a refusal, as far as it helps to understand it."""
    size = response.headers.get("Content-Length")
    wanted = min(int(size), 65536) if re.fullmatch(r"[0-9]{1,9}", size) else 0
    while len(body) < wanted:
        try:
            body += await stream.read_bytes(wanted - len(body), partial=True)
        except StreamClosedError:
            break
    return body[:wanted]
