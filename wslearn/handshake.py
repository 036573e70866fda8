"""The opening handshake, both sides (RFC 6455 §4), and the negotiation that rides on it (§9.1).

::

    GET /chat HTTP/1.1                            HTTP/1.1 101 Switching Protocols
    Host: server.example.com                      Upgrade: websocket
    Upgrade: websocket                            Connection: Upgrade
    Connection: Upgrade                           Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
    Sec-WebSocket-Version: 13

The client's key comes back hashed. That proves that the other side speaks WebSocket and read this very
request; it authenticates nobody.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import http
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wslearn.errors import HandshakeError, UsageError
from wslearn.extensions import parse_extensions
from wslearn.http import TOKEN, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wslearn.extensions import Extension, ExtensionOffer

__all__ = [
    "GUID",
    "VERSION",
    "Target",
    "accept_key",
    "check_response",
    "choose_subprotocol",
    "client_request",
    "origin_allowed",
    "refusal",
    "server_response",
]

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # §1.3; a value no other protocol would compute by accident
VERSION = "13"  # §4.1, item 9

_TOKEN = re.compile(TOKEN)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a ``ws:`` or ``wss:`` URL leads (RFC 6455 §3).

    Examples
    --------
    >>> Target.parse("wss://example.org/chat?room=1")
    Target(secure=True, host='example.org', port=443, resource='/chat?room=1')
    """

    secure: bool
    host: str
    port: int
    resource: str

    @classmethod
    def parse(cls, url: str) -> Target:
        """Split a URL.

        Raises
        ------
        UsageError
            For another scheme, a fragment, a user name, characters beyond ASCII, or no host.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise UsageError(f"{url!r} is not a URL: {error}.") from None
        if parts.scheme not in {"ws", "wss"} or not host:
            raise UsageError(f"{url!r} is not a WebSocket URL. Write it as ws://host:port/path or wss://….")
        if "#" in url:
            raise UsageError(f"{url!r} has a fragment, which means nothing here (§3). Write # as %23.")
        if "@" in parts.netloc:
            raise UsageError("A WebSocket URL names no user (§3). Send credentials in a header or a message.")
        if not re.fullmatch(r"[\x21-\x7e]+", url):
            raise UsageError(
                f"{url!r} has characters beyond ASCII: percent-encode the path, punycode the host."
            )
        secure = parts.scheme == "wss"
        resource = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(secure, host, port if port is not None else (443 if secure else 80), resource)

    @property
    def authority(self) -> str:
        """The value of the Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def accept_key(key: str) -> str:
    """Compute Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2, item 5.4).

    Parameters
    ----------
    key
        The header's value as it stands: it is hashed as text, not decoded.

    Returns
    -------
    str
        Base64 of the 20 bytes of SHA-1.

    Examples
    --------
    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    digest = hashlib.sha1((key + GUID).encode("latin-1"), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def client_request(
    url: str,
    *,
    key: str | None = None,
    origin: str | None = None,
    subprotocols: Sequence[str] = (),
    extensions: Sequence[ExtensionOffer] = (),
    headers: Sequence[tuple[str, str]] = (),
) -> Request:
    """Build the client's opening handshake (RFC 6455 §4.1).

    Parameters
    ----------
    url
        ``ws://…`` or ``wss://…``.
    key
        Base64 of 16 bytes; chosen by `secrets` when not given.
    origin
        What a browser would say the page came from.
    subprotocols
        Names, the one liked best first.
    extensions
        Offers, the one liked best first.
    headers
        Further fields, such as ``("Authorization", "Bearer …")``.

    Raises
    ------
    UsageError
        For a URL, key, subprotocol or header that cannot stand in a handshake.

    Examples
    --------
    >>> request = client_request("ws://example.org/chat", key="dGhlIHNhbXBsZSBub25jZQ==")
    >>> request.headers["Host"], request.headers["Sec-WebSocket-Version"]
    ('example.org', '13')
    """
    target = Target.parse(url)
    if key is None:
        key = base64.b64encode(secrets.token_bytes(16)).decode()
    elif not _is_nonce(key):
        raise UsageError(f"{key!r} is not base64 of 16 bytes. Leave it out to have one chosen (§4.1).")
    fields = [
        ("Host", target.authority),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Version", VERSION),
    ]
    if origin is not None:
        fields.append(("Origin", origin))
    if subprotocols:
        if len(set(subprotocols)) < len(subprotocols) or not all(map(_TOKEN.fullmatch, subprotocols)):
            raise UsageError(
                f"Subprotocols are tokens, each named once: {list(subprotocols)!r} (§4.1, item 10)."
            )
        fields.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
    if extensions:
        fields.append(("Sec-WebSocket-Extensions", ", ".join(map(str, extensions))))
    return Request(target.resource, _with_more(fields, headers))


def server_response(
    request: Request,
    *,
    subprotocols: Sequence[str] = (),
    origins: Collection[str] | None = None,
    extensions: Sequence[Extension] = (),
    headers: Sequence[tuple[str, str]] = (),
) -> Response:
    """Check a client's handshake and accept it (RFC 6455 §4.2).

    Parameters
    ----------
    request
        What the client sent.
    subprotocols
        Those this server speaks. The first one in the client's order of preference is chosen.
    origins
        The origins whose pages may connect, such as ``"https://example.org"``; a port written ``*``
        stands for any. ``None`` lets every page connect. A request without Origin passes: it does not
        come from a browser, and whoever writes such a request can write any Origin (§10.2).
    extensions
        Those this server knows; each answers the client's offers.
    headers
        Further fields for the answer, such as ``("Set-Cookie", …)``.

    Returns
    -------
    Response
        The 101.

    Raises
    ------
    HandshakeError
        With the status to refuse with: 400, 403, 405 or 426. `refusal` makes the answer.

    Examples
    --------
    >>> request = client_request("ws://example.org/", key="dGhlIHNhbXBsZSBub25jZQ==")
    >>> server_response(request).headers["Sec-WebSocket-Accept"]
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    _check_request(request)
    _check_origin(request, origins)
    fields = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", accept_key(request.headers["Sec-WebSocket-Key"])),
    ]
    chosen = choose_subprotocol(_subprotocols(request), subprotocols)
    if chosen is not None:  # §4.2.2, item 5.5: otherwise there is no such header at all
        fields.append(("Sec-WebSocket-Protocol", chosen))
    if accepted := _negotiate(request, extensions):
        fields.append(("Sec-WebSocket-Extensions", ", ".join(map(str, accepted))))
    return Response(101, "Switching Protocols", _with_more(fields, headers))


def choose_subprotocol(offered: Sequence[str], spoken: Collection[str]) -> str | None:
    """Choose the subprotocol that both sides speak (RFC 6455 §4.2.2, item 5.5).

    Parameters
    ----------
    offered
        What the client asks for, the one liked best first (§4.1, item 10).
    spoken
        What this server speaks; names are compared as they stand, upper and lower case apart.

    Returns
    -------
    str or None
        The first of the client's names that the server speaks; ``None`` where there is none: then the
        answer has no Sec-WebSocket-Protocol header, and the connection opens without a subprotocol.

    Examples
    --------
    >>> choose_subprotocol(["superchat", "chat"], {"chat", "superchat"})
    'superchat'
    >>> choose_subprotocol(["mqtt"], {"chat"}) is None
    True
    """
    return next((name for name in offered if name in spoken), None)


def refusal(error: HandshakeError) -> Response:
    r"""Turn the reason for a refusal into an HTTP response that a person can read (RFC 6455 §4.2.2).

    Examples
    --------
    >>> refusal(HandshakeError("No Host header.", status=400, section="§4.2.1")).body
    b'400 Bad Request\n\nNo Host header. (HTTP 400, \xc2\xa74.2.1)\n'
    """
    reason = http.HTTPStatus(error.status).phrase
    body = f"{error.status} {reason}\n\n{error}\n".encode()
    fields = [
        *error.headers,
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    return Response(error.status, reason, Headers(fields), body)


def check_response(request: Request, response: Response) -> None:
    """Check the server's answer, as the client must (RFC 6455 §4.1, items 1–6 of the second list).

    Parameters
    ----------
    request
        What this client sent.
    response
        What came back.

    Raises
    ------
    HandshakeError
        When the connection must be failed; its status and header fields are the server's.

    Examples
    --------
    >>> request = client_request("ws://example.org/")
    >>> check_response(request, server_response(request))
    """

    def fail(message: str) -> HandshakeError:
        seen = tuple(response.headers)
        return HandshakeError(message, status=response.status, section="§4.1", headers=seen)

    if response.status != 101:  # item 1
        text = response.body.decode("utf-8", "replace").strip()[:200]
        raise fail(f"The server refused the upgrade with {response.status} {response.reason}. {text}".strip())
    if response.version != "1.1":
        raise fail(f"The answer is HTTP/{response.version}; an upgrade needs HTTP/1.1.")
    if response.headers.get("Upgrade").lower() != "websocket":  # item 2
        raise fail(f"The answer's Upgrade is {response.headers.get('Upgrade')!r}, not 'websocket'.")
    if "upgrade" not in response.headers.tokens("Connection"):  # item 3
        raise fail(f"The answer's Connection is {response.headers.get('Connection')!r}, without 'Upgrade'.")
    accept = accept_key(request.headers["Sec-WebSocket-Key"])
    if response.headers.get("Sec-WebSocket-Accept") != accept:  # item 4
        seen = response.headers.get("Sec-WebSocket-Accept")
        raise fail(f"Sec-WebSocket-Accept is {seen!r}; for this key it must be {accept!r}.")
    try:
        agreed, offered = _extensions(response), _extensions(request)
        chosen, offers = _subprotocols(response), _subprotocols(request)
    except HandshakeError as error:
        raise fail(error.args[0]) from None
    names = [extension.name for extension in agreed]
    if unasked := [name for name in names if name not in {offer.name for offer in offered}]:  # item 5
        raise fail(f"The server chose an extension that was not offered: {unasked[0]!r}.")
    if len(set(names)) < len(names):
        raise fail("The server chose the same extension twice.")
    if len(chosen) > 1:
        raise fail(f"The server chose more than one subprotocol: {', '.join(chosen)}.")
    if chosen and chosen[0] not in offers:  # item 6
        raise fail(f"The server chose a subprotocol that was not offered: {chosen[0]!r}.")


def _with_more(fields: Sequence[tuple[str, str]], headers: Sequence[tuple[str, str]]) -> Headers:
    """Add a program's own fields to those of the handshake, which are there once (§4.1, item 1; §11.3)."""
    more = Headers(headers)
    for name, _ in fields:
        if name in more:
            raise UsageError(f"{name} is there already: the handshake writes it itself.")
    return Headers([*fields, *more])


def _negotiate(request: Request, extensions: Sequence[Extension]) -> list[ExtensionOffer]:
    """Accept what this server knows of what the client listed, and nothing else (§4.2.2, item 4; §9)."""
    accepted: dict[str, ExtensionOffer] = {}
    for offer in _extensions(request):
        for extension in extensions:
            if (
                extension.name == offer.name
                and offer.name not in accepted
                and (answer := extension.accept(offer))
            ):
                accepted[offer.name] = answer
    return list(accepted.values())


def _extensions(message: Request | Response) -> list[ExtensionOffer]:
    """Read the extensions that a handshake names; the header is absent or names at least one (§9.1)."""
    named = parse_extensions(message.headers.get("Sec-WebSocket-Extensions"))
    if not named and "Sec-WebSocket-Extensions" in message.headers:
        raise HandshakeError("Sec-WebSocket-Extensions names no extension.", status=400, section="§9.1")
    return named


def _subprotocols(message: Request | Response) -> list[str]:
    """Read the subprotocols that a handshake names; the header is absent or names at least one (§4.3)."""
    value = message.headers.get("Sec-WebSocket-Protocol")
    named = [name for element in value.split(",") if (name := element.strip(" \t"))]
    if "Sec-WebSocket-Protocol" in message.headers and not (named and all(map(_TOKEN.fullmatch, named))):
        raise HandshakeError(f"Not a list of subprotocols: {value!r}.", status=400, section="§4.3")
    return named


def _check_request(request: Request) -> None:
    """Check the items of §4.2.1 in their order."""
    headers = request.headers

    def fail(message: str, status: int = 400, *fields: tuple[str, str]) -> HandshakeError:
        return HandshakeError(message, status=status, section="§4.2.1", headers=fields)

    if request.method != "GET":
        raise fail(f"The method is {request.method}; a handshake is a GET.", 405, ("Allow", "GET"))
    if request.version != "1.1":  # item 1: "HTTP/1.1 or higher", and the higher ones have no such GET
        raise fail(f"HTTP/{request.version}: an upgrade needs HTTP/1.1.")
    if len(headers.all("Host")) != 1 or not headers["Host"]:  # item 2
        count = len(headers.all("Host"))
        raise fail(
            "The Host header is empty."
            if count == 1
            else f"A handshake has one Host header; this one has {count}."
        )
    if "websocket" not in headers.tokens("Upgrade"):  # item 3
        raise fail(f"Upgrade is {headers.get('Upgrade')!r}; it must name 'websocket'. Did a proxy remove it?")
    if "upgrade" not in headers.tokens("Connection"):  # item 4
        raise fail(f"Connection is {headers.get('Connection')!r}; it must name 'Upgrade'.")
    if headers.get("Sec-WebSocket-Version") != VERSION:  # item 6; §4.2.2, item 4; §4.4
        message = f"Sec-WebSocket-Version is {headers.get('Sec-WebSocket-Version')!r}; this server speaks 13."
        offer = (("Sec-WebSocket-Version", VERSION), ("Upgrade", "websocket"), ("Connection", "Upgrade"))
        raise fail(message, 426, *offer)
    if not _is_nonce(headers.get("Sec-WebSocket-Key")):  # item 5
        raise fail(
            f"Sec-WebSocket-Key is {headers.get('Sec-WebSocket-Key')!r}; it must be base64 of 16 bytes."
        )


def origin_allowed(origin: str, origins: Collection[str]) -> bool:
    """Tell whether pages from an origin may connect (RFC 6455 §4.2.2, item 4; §10.2).

    Parameters
    ----------
    origin
        What the Origin header says: scheme, host and, unless it is the scheme's own, port; or ``null``.
    origins
        The allowed ones; a port written ``*`` stands for any, the scheme's own too.

    Examples
    --------
    >>> origin_allowed("http://localhost:8888", {"http://localhost:*"})
    True
    >>> origin_allowed("http://localhost.evil.example", {"http://localhost:*"}), origin_allowed("null", {"*"})
    (False, False)
    """
    return origin in origins or re.sub(r":\d+$", "", origin) + ":*" in origins


def _check_origin(request: Request, origins: Collection[str] | None) -> None:
    seen = request.headers.all("Origin")
    if origins is None or not seen:
        return
    if len(seen) > 1 or not origin_allowed(seen[0], origins):
        raise HandshakeError(
            f"Pages from {', '.join(seen)} may not connect here.", status=403, section="§4.2.2, §10.2"
        )


def _is_nonce(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
