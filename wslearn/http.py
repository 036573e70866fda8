"""The HTTP messages that open a WebSocket: a request, a response, and their header fields (RFC 9112).

::

    HTTP-message  = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]
    request-line  = method SP request-target SP HTTP-version
    status-line   = HTTP-version SP status-code SP [ reason-phrase ]
    field-line    = field-name ":" OWS field-value OWS
    field-name    = token
    field-value   = *( VCHAR / obs-text / SP / HTAB )      ; no CR, no LF, no NUL: no header injection
    token         = 1*( "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." /
                        "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA )
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wslearn.errors import HandshakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MAX_FIELDS", "MAX_HEAD_SIZE", "TOKEN", "Headers", "Request", "Response", "split_head"]

MAX_HEAD_SIZE = 16 * 1024  # bytes of start line and header fields
MAX_FIELDS = 128  # header fields in one head

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TOKEN = re.compile(TOKEN)
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_REQUEST_LINE = re.compile(rf"({TOKEN}) ([\x21-\x7e]+) HTTP/([0-9]\.[0-9])")
_SERVER = re.compile(r"^https?://[^/]*", re.IGNORECASE)
_STATUS_LINE = re.compile(r"HTTP/([0-9]\.[0-9]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?")


class Headers:
    """Header fields: in order, compared without regard to case, repeatable (RFC 9110 §5).

    Parameters
    ----------
    fields
        Pairs of name and value, or other `Headers`. Blanks around a value are dropped.

    Raises
    ------
    UsageError
        For a name that is not a token, or a value with CR, LF, NUL or another control character:
        with those a value could smuggle in fields of its own.

    Examples
    --------
    >>> headers = Headers([("Upgrade", "websocket"), ("Vary", "a"), ("vary", "b")])
    >>> headers["UPGRADE"], headers["Vary"], headers.all("Vary"), headers.get("Host", "none")
    ('websocket', 'a, b', ['a', 'b'], 'none')
    """

    __slots__ = ("_by_name", "_fields")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: list[tuple[str, str]] = []
        self._by_name: dict[str, list[str]] = {}
        for name, value in fields:
            if not _TOKEN.fullmatch(name):
                raise UsageError(f"{name!r} is not a header field name: it must be a token (RFC 9110 §5.1).")
            if not _FIELD_VALUE.fullmatch(value):
                raise UsageError(f"The value of {name} holds a control character: {value!r} (RFC 9110 §5.5).")
            stripped = value.strip(" \t")
            self._fields.append((name, stripped))
            self._by_name.setdefault(name.lower(), []).append(stripped)

    def __getitem__(self, name: str) -> str:
        """Give the value of a field; repeated fields are joined by a comma (RFC 9110 §5.3)."""
        return ", ".join(self._by_name[name.lower()])

    def get(self, name: str, default: str = "") -> str:
        """Give the value of a field, or `default` where there is none."""
        return ", ".join(self._by_name[name.lower()]) if name in self else default

    def all(self, name: str) -> list[str]:
        """List the values of every field of this name, in order."""
        return list(self._by_name.get(name.lower(), ()))

    def tokens(self, name: str) -> list[str]:
        """List the elements of a comma-separated field, in lower case (RFC 9110 §5.6.1).

        Examples
        --------
        >>> Headers([("Connection", "keep-alive, Upgrade")]).tokens("connection")
        ['keep-alive', 'upgrade']
        """
        return [element for part in self.get(name).lower().split(",") if (element := part.strip(" \t"))]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_name

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return self._by_name == other._by_name if isinstance(other, Headers) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Headers({self._fields!r})"

    def serialize(self) -> bytes:
        """Write the fields, one line each, each ended by CRLF."""
        return "".join([f"{name}: {value}\r\n" for name, value in self._fields]).encode("latin-1")


@dataclass(frozen=True)
class Request:
    r"""An HTTP request head (RFC 9112 §3).

    Parameters
    ----------
    target
        The request target: path and query.
    headers
        Its header fields.
    method, version
        ``GET`` and ``1.1`` unless said otherwise.

    Examples
    --------
    >>> Request.parse(b"GET /chat HTTP/1.1\r\nHost: example.org\r\n\r\n").headers["host"]
    'example.org'
    """

    target: str
    headers: Headers = field(default_factory=Headers)
    method: str = "GET"
    version: str = "1.1"

    def _repr_html_(self) -> str | None:
        from wslearn.picture import message_html

        return message_html(self)

    @property
    def path(self) -> str:
        """The target without its query, and without the server of an absolute URI (RFC 9112 §3.2)."""
        return _SERVER.sub("", self.target.partition("?")[0], count=1) or "/"

    def serialize(self) -> bytes:
        """Write the head.

        Raises
        ------
        UsageError
            When method or target would break the request line.
        """
        line = f"{self.method} {self.target} HTTP/{self.version}"
        if not _REQUEST_LINE.fullmatch(line):
            raise UsageError(
                f"Not a request line: {line!r}. Percent-encode blanks and characters beyond ASCII."
            )
        return line.encode() + b"\r\n" + self.headers.serialize() + b"\r\n"

    @classmethod
    def parse(cls, head: bytes) -> Request:
        """Read a whole head, from the request line to the empty line.

        Raises
        ------
        HandshakeError
            With 400 for anything that is not an HTTP request, with 431 for one that is too large.
        """
        start_line, headers = _parse_head(head)
        match = _REQUEST_LINE.fullmatch(start_line)
        if match is None:
            raise _malformed(f"Not an HTTP request line: {start_line[:80]!r}.", "RFC 9112 §3")
        method, target, version = match.groups()
        return cls(target, headers, method, version)


@dataclass(frozen=True)
class Response:
    r"""An HTTP response: head and body (RFC 9112 §4).

    Parameters
    ----------
    status
        The status code, such as 101.
    reason
        The reason phrase, such as ``Switching Protocols``.
    headers
        Its header fields.
    body
        What follows the head, for a refusal.

    Examples
    --------
    >>> Response.parse(b"HTTP/1.1 403 Forbidden\r\n\r\nNot from there.").body
    b'Not from there.'
    """

    status: int
    reason: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    version: str = "1.1"

    def _repr_html_(self) -> str | None:
        from wslearn.picture import message_html

        return message_html(self)

    def serialize(self) -> bytes:
        """Write head and body.

        Raises
        ------
        UsageError
            When the reason phrase would break the status line.
        """
        line = f"HTTP/{self.version} {self.status} {self.reason}"
        if not _STATUS_LINE.fullmatch(line):
            raise UsageError(f"Not a status line: {line!r}.")
        return line.encode("latin-1") + b"\r\n" + self.headers.serialize() + b"\r\n" + self.body

    @classmethod
    def parse(cls, data: bytes) -> Response:
        """Read a head and take what follows it as the body.

        Raises
        ------
        HandshakeError
            With status 502, as a gateway would say it, for anything that is not an HTTP response.
        """
        head, _, body = data.partition(b"\r\n\r\n")
        try:
            start_line, headers = _parse_head(head + data[len(head) : len(head) + 4])
        except HandshakeError as error:
            raise HandshakeError(error.args[0], status=502, section=error.section) from None
        match = _STATUS_LINE.fullmatch(start_line)
        if match is None:
            raise HandshakeError(
                f"Not an HTTP status line: {start_line[:80]!r}.", status=502, section="RFC 9112 §4"
            )
        version, status, reason = match.groups()
        return cls(int(status), reason or "", headers, body, version)


def split_head(data: bytes) -> tuple[bytes, bytes] | None:
    r"""Cut a buffer behind the empty line that ends an HTTP head.

    Parameters
    ----------
    data
        What arrived so far.

    Returns
    -------
    tuple of bytes, or None
        The head with its empty line, and the rest; ``None`` while more bytes are needed.

    Raises
    ------
    HandshakeError
        With 431, as soon as the head exceeds `MAX_HEAD_SIZE`, whether it ever ends or not.

    Examples
    --------
    >>> split_head(b"GET / HTTP/1.1\r\n\r\n\x81\x05Hello")
    (b'GET / HTTP/1.1\r\n\r\n', b'\x81\x05Hello')
    """
    end = data.find(b"\r\n\r\n", 0, MAX_HEAD_SIZE)
    if end < 0:
        if len(data) >= MAX_HEAD_SIZE:
            raise _too_large(f"The head exceeds {MAX_HEAD_SIZE} bytes.")
        return None
    return data[: end + 4], data[end + 4 :]


def _parse_head(head: bytes) -> tuple[str, Headers]:
    if len(head) > MAX_HEAD_SIZE:
        raise _too_large(f"The head exceeds {MAX_HEAD_SIZE} bytes.")
    start_line, *lines = head.decode("latin-1").split("\r\n")
    if lines[-2:] != ["", ""]:
        raise _malformed("The head is not ended by an empty line.", "RFC 9112 §2.1")
    if len(lines) - 2 > MAX_FIELDS:
        raise _too_large(f"More than {MAX_FIELDS} header fields.")
    fields = []
    for line in lines[:-2]:
        name, colon, value = line.partition(":")
        if not colon:
            raise _malformed(f"A header line without a colon: {line[:80]!r}.", "RFC 9112 §5")
        fields.append((name, value))
    try:
        return start_line, Headers(fields)
    except UsageError as error:
        raise _malformed(str(error), "RFC 9112 §5") from None


def _malformed(message: str, section: str) -> HandshakeError:
    return HandshakeError(message, status=400, section=section)


def _too_large(message: str) -> HandshakeError:
    return HandshakeError(message, status=431, section="RFC 6585 §5")
