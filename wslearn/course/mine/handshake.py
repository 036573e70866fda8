"""A server's answer to the opening handshake, made of parts (RFC 6455 §4.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslearn.deflate import Deflate, agreed
from wslearn.errors import HandshakeError, UsageError
from wslearn.extensions import ExtensionOffer
from wslearn.handshake import server_response
from wslearn.http import Headers, Response

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wslearn.course.mine.parts import Parts
    from wslearn.extensions import Extension
    from wslearn.http import Request

__all__ = ["answer"]

_NO_HISTORY = ("server_no_context_takeover", "client_no_context_takeover")


def answer(
    parts: Parts,
    request: Request,
    *,
    subprotocols: Sequence[str] = (),
    origins: Collection[str] | None = None,
    extensions: Sequence[Extension] = (),
) -> Response:
    """Check a client's handshake and accept it; as `wslearn.server_response`.

    Parameters
    ----------
    parts
        The functions that are asked: request_status, origin_allowed, accept_key, choose_subprotocol,
        parse_extensions, accept_offer.
    request, subprotocols, origins, extensions
        As there.

    Raises
    ------
    HandshakeError
        With the status to refuse with.
    Broken
        When one of the functions does not work.
    """
    status = parts.request_status(request)
    if status != 101:
        raise _refused(parts, request, status)
    _check_origin(parts, request, origins)
    headers = request.headers
    fields = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        _field(parts, "accept_key", "Accept", parts.accept_key(headers.get("Sec-WebSocket-Key"))),
    ]
    named = headers.get("Sec-WebSocket-Protocol").split(",")
    offered = [name for element in named if (name := element.strip(" \t"))]
    chosen = parts.choose_subprotocol(offered, list(subprotocols))
    if chosen is not None:
        fields.append(_field(parts, "choose_subprotocol", "Protocol", chosen))
    accepted = ", ".join(map(str, _negotiate(parts, request, extensions)))
    if accepted:
        fields.append(_field(parts, "parse_extensions", "Extensions", accepted))
    response = Response(101, "Switching Protocols", Headers(fields))
    try:
        agreed(request, response)
    except HandshakeError as error:
        part = "accept_offer" if "accept_offer" in parts.mine else "parse_extensions"
        parts.fail(part, f"led to an answer that no client takes: {error.args[0]}", accepted)
    return response


def _refused(parts: Parts, request: Request, status: int) -> HandshakeError:
    """Say why, in the words of the library where it refuses with the same status."""
    try:
        server_response(request)
    except HandshakeError as error:
        if error.status == status:
            return error
    by_status = "request_status" in parts.mine
    why = f"request_status gives {status}." if by_status else "connection_tokens finds no Upgrade."
    return HandshakeError(why, status=status, section="§4.2.2")


def _check_origin(parts: Parts, request: Request, origins: Collection[str] | None) -> None:
    seen = request.headers.all("Origin")
    if origins is None or not seen:  # no browser: whoever writes such a request can write any Origin (§10.2)
        return
    if len(seen) > 1 or not parts.origin_allowed(seen[0], origins):
        message = f"Pages from {', '.join(seen)} may not connect here."
        raise HandshakeError(message, status=403, section="§4.2.2, §10.2")


def _field(parts: Parts, part: str, name: str, value: str) -> tuple[str, str]:
    """Give a header field; a value that cannot be one is a fault of the part that gave it."""
    field = (f"Sec-WebSocket-{name}", value)
    try:
        Headers([field])
    except UsageError:
        parts.fail(part, f"gave {value!r}, which cannot stand in a header")
    return field


def _negotiate(parts: Parts, request: Request, extensions: Sequence[Extension]) -> list[ExtensionOffer]:
    """Answer the client's offers, each extension once (§9.1)."""
    if "Sec-WebSocket-Extensions" not in request.headers:
        return []
    offers = parts.parse_extensions(request.headers["Sec-WebSocket-Extensions"])
    if not offers:
        raise HandshakeError("Sec-WebSocket-Extensions names no extension.", status=400, section="§9.1")
    accepted: dict[str, ExtensionOffer] = {}
    for offer in offers:
        for extension in extensions:
            if extension.name == offer.name not in accepted and (says := _accept(parts, extension, offer)):
                accepted[offer.name] = says
    return list(accepted.values())


def _accept(parts: Parts, extension: Extension, offer: ExtensionOffer) -> ExtensionOffer | None:
    if not isinstance(extension, Deflate):
        return extension.accept(offer)
    if parts.compress_alone:  # a student's functions keep no history, and know one size of window
        extension = replace(extension, server_max_window_bits=15, client_max_window_bits=15)
    if "accept_offer" in parts.mine:
        says = parts.accept_offer(offer, extension.server_max_window_bits)
    else:
        says = extension.accept(offer)
    return says if says is None or not parts.compress_alone else _without_history(says)


def _without_history(says: ExtensionOffer) -> ExtensionOffer | None:
    """Add that neither side keeps a history (RFC 7692 §7.1.1); decline a smaller window."""
    said = dict(says.parameters)
    if said.get("server_max_window_bits", "15") != "15":
        return None
    more = tuple((name, None) for name in _NO_HISTORY if name not in said)
    return ExtensionOffer(says.name, (*says.parameters, *more))
