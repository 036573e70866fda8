"""The client: connect, shake hands, go on as a `WebSocket` (RFC 6455 §4.1)."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from tornado.iostream import StreamClosedError

from wslearn.connection import Connection, State
from wslearn.deflate import Deflate, agreed
from wslearn.errors import HandshakeError
from wslearn.handshake import Target, check_response, client_request
from wslearn.http import Response, split_head
from wslearn.net.limits import Limits
from wslearn.net.stream import Stream, open_stream, secured
from wslearn.net.tunnel import Proxy, open_tunnel
from wslearn.net.websocket import WebSocket

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from types import TracebackType

__all__ = ["connect"]

_turns: WeakValueDictionary[tuple[object, ...], asyncio.Lock] = WeakValueDictionary()


class connect:  # noqa: N801 - it reads like the function it stands for
    """Open a WebSocket: ``ws = await connect(url)``, or ``async with connect(url) as ws``.

    Connections to one address and port are opened one after the other: of those that begin at once, each
    waits until the one before is open or has failed (RFC 6455 §4.1, item 2).

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
    proxy
        The forward proxy to ask for a tunnel: ``"http://host:port"``, or with ``user:password@`` before the
        host. None unless asked for; variables such as ``HTTPS_PROXY`` are not looked at.
    limits
        See `Limits`.
    key, masking_key
        A Sec-WebSocket-Key and a masking key to use instead of random ones, so that a picture can be
        drawn again. Leave them out on any real connection.

    Raises
    ------
    UsageError
        For a URL or header that cannot stand in a handshake, or a proxy's that is none.
    HandshakeError
        When the server, or the proxy, refuses or answers what it must not.
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
        proxy: str | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        key: str | None = None,
        masking_key: bytes | None = None,
    ) -> None:
        self._target = Target.parse(url)
        self._context = (ssl_context or ssl.create_default_context()) if self._target.secure else None
        self._proxy = None if proxy is None else Proxy.parse(proxy)
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
                return await self._establish()
        except TimeoutError:
            where, seconds = self._target.authority, self._limits.open_timeout
            raise TimeoutError(f"The handshake with {where} was not done in {seconds} s.") from None

    async def _establish(self) -> WebSocket:
        """Try each address of the host in turn, and shake hands with the first that is reached."""
        first = self._proxy or self._target  # §4.1, item 3
        found = await asyncio.get_running_loop().getaddrinfo(first.host, first.port, type=socket.SOCK_STREAM)
        errors: list[OSError] = []
        for family, kind, protocol, _, address in found:
            # §4.1, item 2: "There MUST be no more than one connection in a CONNECTING state." Behind a proxy
            # nobody knows which names are one host, so each name counts as one.
            async with _turn((self._target.host, self._target.port) if self._proxy else address):
                try:
                    stream = await self._reach(socket.socket(family, kind, protocol), address)
                except OSError as error:  # nobody is there, or this machine has no such addresses
                    errors.append(error)
                    continue
                return await self._upgrade(stream)
        raise errors[0]

    async def _reach(self, sock: socket.socket, address: tuple[object, ...]) -> Stream:
        if self._proxy is None:
            return await self._connect(sock, address)
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await open_tunnel(sock, self._proxy, self._target.host, self._target.port)
            if self._context is None:
                return open_stream(sock, None, server_side=False)
            return await secured(sock, self._context, self._target.host)  # §4.1, item 5
        except BaseException:  # §4.1, item 4
            sock.close()
            raise

    async def _connect(self, sock: socket.socket, address: tuple[object, ...]) -> Stream:
        stream = open_stream(sock, self._context, server_side=False)
        try:
            await stream.connect(address, server_hostname=self._target.host)
            stream.set_nodelay(True)
        except StreamClosedError as error:
            raise error.real_error if isinstance(error.real_error, OSError) else OSError(str(error)) from None
        except BaseException:
            stream.close()
            raise
        return stream

    async def _upgrade(self, stream: Stream) -> WebSocket:
        try:
            response, rest = await self._shake_hands(stream)
            deflate = agreed(self._request, response, self._deflate)
        except BaseException:
            stream.close()  # §7.2.1: a handshake that goes wrong fails the connection
            raise
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


def _turn(address: tuple[object, ...]) -> asyncio.Lock:
    """Give what those who connect to this address and port from this loop take turns by."""
    return _turns.setdefault((asyncio.get_running_loop(), *address[:2]), asyncio.Lock())


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
