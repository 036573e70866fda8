"""A client of the crowd: what it says, and what it makes of what comes. There is no socket in here."""

from __future__ import annotations

from typing import Protocol

from wslearn.connection import Connection, Ping
from wslearn.errors import UsageError
from wslearn.handshake import check_response, client_request
from wslearn.http import Headers, Request, Response, split_head

__all__ = ["Member", "Page", "Talker"]


class Member(Protocol):
    """A client on one connection.

    Attributes
    ----------
    answers, pings
        How many came since it was ready.
    """

    answers: int
    pings: int

    @property
    def ready(self) -> bool:
        """Whether its first answer is there, so that it may `say` something."""

    def hello(self) -> bytes:
        """Give what it says first."""

    def say(self, text: str) -> bytes:
        """Give the next message or request."""

    def take(self, data: bytes) -> bytes:
        """Take what came, and give what must be answered at once."""


class Talker:
    """One that opens a WebSocket.

    Parameters
    ----------
    url
        Of the server.

    Examples
    --------
    >>> talker = Talker("ws://127.0.0.1:8000/fill")
    >>> talker.hello()[:18], talker.ready
    (b'GET /fill HTTP/1.1', False)
    """

    __slots__ = ("_connection", "_head", "_request", "answers", "pings")

    def __init__(self, url: str) -> None:
        self._request: Request | None = client_request(url)
        self._head = b""
        self._connection: Connection | None = None
        self.answers = 0
        self.pings = 0

    @property
    def ready(self) -> bool:
        """Whether the WebSocket is open."""
        return self._connection is not None

    def hello(self) -> bytes:
        """Give the opening handshake (RFC 6455 §4.1)."""
        return b"" if self._request is None else self._request.serialize()

    def say(self, text: str) -> bytes:
        """Give a message."""
        if self._connection is None:
            raise UsageError("This client is not connected yet.")
        return self._connection.send(text)

    def take(self, data: bytes) -> bytes:
        """Take bytes; pings are answered (RFC 6455 §5.5.2).

        Raises
        ------
        HandshakeError
            When the server refuses.
        """
        if self._connection is None:
            self._head += data
            cut = split_head(self._head)
            if cut is None or self._request is None:
                return b""
            check_response(self._request, Response.parse(cut[0]))
            self._connection, self._request, self._head, data = Connection("client"), None, b"", cut[1]
        for event in self._connection.receive(data):
            if isinstance(event, str | bytes):
                self.answers += 1
            elif isinstance(event, Ping):
                self.pings += 1
        return self._connection.bytes_to_send()


class Page:
    r"""One that asks for a page, again and again on the same connection or once on each.

    Parameters
    ----------
    host, path
        What it asks for. All answers are as long as the first.
    keep
        Whether the connection is kept for another request (RFC 9112 §9.3).

    Examples
    --------
    >>> page = Page("127.0.0.1:8000", "/fill")
    >>> page.take(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), page.ready, page.answers
    (b'', True, 0)
    """

    __slots__ = ("_data", "_due", "_request", "_size", "answers", "pings")

    def __init__(self, host: str, path: str, *, keep: bool = True) -> None:
        fields = [("Host", host), *(() if keep else [("Connection", "close")])]
        self._request = Request(path, Headers(fields)).serialize()
        self._data = b""
        self._size = 0  # bytes of an answer, once the first is there
        self._due = 0  # bytes of an answer that are still to come
        self.answers = 0
        self.pings = 0

    @property
    def ready(self) -> bool:
        """Whether the first answer is there."""
        return self._size > 0

    def hello(self) -> bytes:
        """Give the first request."""
        return self._request

    def say(self, _text: str) -> bytes:
        """Give a request: it is always the same."""
        self._due = self._size
        return self._request

    def take(self, data: bytes) -> bytes:
        """Take bytes of an answer.

        Raises
        ------
        UsageError
            When the server does not answer with 200.
        """
        if self._size:
            self._due -= len(data)
            self.answers += not self._due
            return b""
        self._data += data
        cut = split_head(self._data)
        if cut is not None:
            response = Response.parse(cut[0])
            if response.status != 200:
                raise UsageError(f"The server answered {response.status} {response.reason}.")
            if len(cut[1]) == int(response.headers.get("Content-Length") or 0):
                self._size, self._data = len(self._data), b""
        return b""
