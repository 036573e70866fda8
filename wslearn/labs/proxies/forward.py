"""A forward proxy: clients ask it for a tunnel by CONNECT (RFC 9110 §9.3.6).

It is this project's own, and small. Of the packages that do this in earnest none fits a notebook: proxy.py
2.4, the best kept, runs processes of its own and leaves them behind when it is killed. This one ends with
the kernel. It leads to this machine alone, whatever it is asked for.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import re
from contextlib import closing, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from wslearn.errors import HandshakeError
from wslearn.http import Headers, Request, Response
from wslearn.labs.streams import StreamServer

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["ForwardProxy"]

_PATIENCE = 10.0  # seconds for a request, and for the connection to the server
_TARGET = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")


class ForwardProxy(StreamServer):
    """A forward proxy on a thread of its own: a context manager, or call `stop`.

    Parameters
    ----------
    ports
        Those that it leads to; ``None`` for all. Many in the world allow 443 alone.
    user
        ``"name:password"`` that it asks for; empty where it asks for nothing.

    Attributes
    ----------
    port : int
        Where it listens, on 127.0.0.1.
    url : str
        What to give to `wslearn.net.connect` as `proxy`.
    log : list of str
        What was asked, and what was answered: all that it knows of a connection, but for the bytes.
    bytes_seen : bytearray
        The bytes that went through the tunnels from clients, the first 64 KiB of them.

    Examples
    --------
    >>> with ForwardProxy() as proxy:
    ...     proxy.url.startswith("http://127.0.0.1:"), proxy.log
    (True, [])
    """

    def __init__(self, *, ports: Collection[int] | None = None, user: str = "") -> None:
        self._ports = ports
        self._secret = f"Basic {base64.b64encode(user.encode()).decode()}".encode() if user else b""
        self.log: list[str] = []
        self.bytes_seen = bytearray()
        super().__init__("wslearn forward proxy")
        self.url = f"http://127.0.0.1:{self.port}"

    def __repr__(self) -> str:
        return f"<ForwardProxy {'running' if self.running else 'stopped'}, {len(self.log)} asked>"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Live through one connection; who speaks no HTTP gets no answer."""
        with closing(writer), suppress(OSError, EOFError, HandshakeError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_PATIENCE):
                request = Request.parse(await reader.readuntil(b"\r\n\r\n"))
                status, there = await self._decide(request)
            self.log.append(f"{request.method} {request.target} → {status.value}")
            writer.write(_answer(status))
            if there is not None:
                with closing(there[1]):
                    up = self._copy(reader, there[1], note=True)
                    await asyncio.gather(up, self._copy(there[0], writer))
            await writer.drain()

    async def _decide(
        self, request: Request
    ) -> tuple[HTTPStatus, tuple[asyncio.StreamReader, asyncio.StreamWriter] | None]:
        given = request.headers.get("Proxy-Authorization").encode("utf-8", "replace")
        if self._secret and not hmac.compare_digest(given, self._secret):
            return HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, None
        if request.method != "CONNECT":
            return HTTPStatus.METHOD_NOT_ALLOWED, None
        target = _TARGET.fullmatch(request.target)
        if target is None:
            return HTTPStatus.BAD_REQUEST, None
        host, port = target[1] or target[2], int(target[3])
        if not _is_here(host) or (self._ports is not None and port not in self._ports):
            return HTTPStatus.FORBIDDEN, None
        try:
            return HTTPStatus.OK, await asyncio.open_connection(host, port)
        except (OSError, OverflowError):
            return HTTPStatus.BAD_GATEWAY, None

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, note: bool = False
    ) -> None:
        """Copy one direction, to its end, and pass the end on: the other direction may go on."""
        try:
            while data := await reader.read(65536):
                if note:
                    self.bytes_seen += data[: 65536 - len(self.bytes_seen)]
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except OSError:  # one side is gone, so the other has nobody to talk to
            writer.close()


def _answer(status: HTTPStatus) -> bytes:
    if status is HTTPStatus.OK:  # without a length: behind it is the server's word
        return Response(200, "Connection established").serialize()
    fields = [("Content-Length", "0"), ("Connection", "close")]
    if status is HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        fields.append(("Proxy-Authenticate", 'Basic realm="wslearn"'))
    return Response(status.value, status.phrase, Headers(fields)).serialize()


def _is_here(host: str) -> bool:
    """Whether a host is this machine, by the look of it: no name is looked up that could lead elsewhere."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
