"""A tunnel through a forward proxy (RFC 6455 §4.1, *Proxy Usage*; RFC 9110 §9.3.6).

::

    CONNECT example.org:443 HTTP/1.1          HTTP/1.1 200 OK
    Host: example.org:443

The proxy opens a TCP connection to that host and port, says 200, and from then on copies bytes. The opening
handshake, and for ``wss`` TLS before it, go through as if the proxy were not there.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from wslearn.errors import HandshakeError, UsageError
from wslearn.http import Headers, Request, Response, split_head

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

__all__ = ["CONNECT", "Proxy", "connect_request", "open_tunnel"]

CONNECT = "RFC 9110 §9.3.6"  # the section of a `HandshakeError` that a proxy is the cause of


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a forward proxy is.

    Parameters
    ----------
    host, port
        Its address.
    credentials
        ``"user:password"``; empty for a proxy that asks for none.

    Examples
    --------
    >>> Proxy.parse("http://ada:secret@127.0.0.1:3128")
    Proxy(host='127.0.0.1', port=3128)
    """

    host: str
    port: int
    credentials: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Proxy:
        """Read the URL of a proxy; user and password are percent-encoded in it.

        Raises
        ------
        UsageError
            For anything but ``http://host:port`` with or without ``user:password@``.
        """
        wrong = UsageError("A proxy is written http://host:port, or http://user:password@host:port.")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise wrong from None
        if not host or not port or parts.scheme != "http" or parts.path not in {"", "/"}:
            raise wrong
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if ":" in user:
            raise UsageError("A user name for a proxy has no colon in it (RFC 7617 §2).")
        return cls(host, port, f"{user}:{password}" if parts.username is not None else "")


def connect_request(host: str, port: int, credentials: str = "") -> bytes:
    r"""Write what asks a proxy for a tunnel (RFC 9110 §9.3.6).

    Parameters
    ----------
    host, port
        Where the tunnel leads. The port is always written, also where it is the scheme's own.
    credentials
        ``"user:password"`` for a proxy that asks for them (RFC 7617 §2); else empty.

    Raises
    ------
    UsageError
        For a host that cannot stand in a request.

    Examples
    --------
    >>> connect_request("example.org", 443)
    b'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'
    """
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    fields = [("Host", authority)]
    if credentials:
        word = base64.b64encode(credentials.encode()).decode()
        fields.append(("Proxy-Authorization", f"Basic {word}"))
    return Request(authority, Headers(fields), method="CONNECT").serialize()


async def open_tunnel(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Ask the proxy at the other end of a TCP connection for a tunnel, and wait until it is there.

    Parameters
    ----------
    sock
        Connected to the proxy; it does not block.
    proxy
        What credentials to send.
    host, port
        Where the tunnel leads. The proxy looks the name up, not this machine.

    Raises
    ------
    HandshakeError
        With the proxy's status where it refuses, such as 407; 502 for an answer that is none.
    """
    response, rest = await _ask(sock, connect_request(host, port, proxy.credentials))
    where = f"The proxy {proxy.host}:{proxy.port}"
    if not 200 <= response.status < 300:  # any 2xx is a yes
        text = rest.decode("utf-8", "replace").strip()[:200]
        refused = f"{where} refused a tunnel to {host}:{port} with {response.status} {response.reason}."
        asks = "".join(f" It asks for {how}." for how in response.headers.all("Proxy-Authenticate"))
        raise _failed(f"{refused}{asks} {text}".strip(), response.status, tuple(response.headers))
    if rest:  # behind the answer is the server's word, and whom nobody has asked yet says nothing
        raise _failed(f"{where} sent {len(rest)} bytes behind its answer, before anything was asked for.")


async def _ask(sock: socket.socket, request: bytes) -> tuple[Response, bytes]:
    """Send a request; give the answer's head, and what has come behind it."""
    loop = asyncio.get_running_loop()
    data = b""
    try:
        await loop.sock_sendall(sock, request)
        while (cut := split_head(data)) is None:
            more = await loop.sock_recv(sock, 65536)
            if not more:
                raise ConnectionError
            data += more
        return Response.parse(cut[0]), cut[1]
    except ConnectionError:
        raise _failed("The proxy closed the TCP connection without an answer. Is it a proxy?") from None
    except HandshakeError as error:
        raise _failed(f"What the proxy answers is no HTTP. {error.args[0]}") from None


def _failed(message: str, status: int = 502, headers: Sequence[tuple[str, str]] = ()) -> HandshakeError:
    return HandshakeError(message, status=status, section=CONNECT, headers=headers)
