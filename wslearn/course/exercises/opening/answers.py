"""Answers to an opening handshake, good and bad: what check_answer is tried on (RFC 6455 §4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.extensions import ExtensionOffer
from wslearn.handshake import client_request
from wslearn.http import Headers, Request, Response
from wslearn.vectors import BAD_RESPONSES, GOOD_REQUEST, GOOD_RESPONSE, HANDSHAKE_KEY

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["ANSWERED", "ANSWERS", "ASKED", "pairs", "with_field"]

ASKED = Request.parse(GOOD_REQUEST)
ANSWERED = Response.parse(GOOD_RESPONSE)


def with_field(headers: Headers, name: str, *values: str) -> Headers:
    """Put other values in the place of a field's; none takes it out."""
    others = [field for field in headers if field[0].lower() != name.lower()]
    return Headers([*others, *((name, value) for value in values)])


def _answering(name: str, *values: str) -> Response:
    return Response(101, ANSWERED.reason, with_field(ANSWERED.headers, name, *values))


def _offering(*subprotocols: str, extensions: tuple[ExtensionOffer, ...] = ()) -> Request:
    url = "ws://server.example.com/chat"
    return client_request(url, key=HANDSHAKE_KEY, subprotocols=subprotocols, extensions=extensions)


_OFFERS, _SUPERCHAT = _offering("superchat", "chat"), _offering("superchat")
_COMPRESSES = _offering(extensions=(ExtensionOffer("permessage-deflate"),))
_WITH_BITS = _offering(
    extensions=(ExtensionOffer("permessage-deflate", (("client_max_window_bits", None),)),)
)
_ACCEPT = ANSWERED.headers["Sec-WebSocket-Accept"]


ANSWERS: tuple[tuple[Request, Response], ...] = (
    (ASKED, ANSWERED),
    *((ASKED, Response.parse(bad.data)) for bad in BAD_RESPONSES if not bad.section.startswith("RFC")),
    (ASKED, _answering("Upgrade", "WebSocket")),
    (ASKED, _answering("Connection", "keep-alive, upgrade")),
    (ASKED, _answering("Connection", "keep-alive")),
    (ASKED, _answering("Sec-WebSocket-Accept", _ACCEPT.swapcase())),
    (_OFFERS, _answering("Sec-WebSocket-Protocol", "chat")),
    (_OFFERS, _answering("Sec-WebSocket-Protocol", "mqtt")),
    (_OFFERS, ANSWERED),
    (_SUPERCHAT, _answering("Sec-WebSocket-Protocol", "superchat")),
    (_SUPERCHAT, _answering("Sec-WebSocket-Protocol", "chat")),
    (_COMPRESSES, _answering("Sec-WebSocket-Extensions", "permessage-deflate")),
    (_WITH_BITS, _answering("Sec-WebSocket-Extensions", "permessage-deflate")),
    (_WITH_BITS, _answering("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=10")),
    (_COMPRESSES, _answering("Sec-WebSocket-Extensions", "deflate")),
)


def pairs() -> SearchStrategy[tuple[Request, Response]]:
    """Draw a request and an answer that may belong to another."""
    from hypothesis import strategies as st

    answers = st.sampled_from([response for _, response in ANSWERS])
    return st.tuples(st.sampled_from((ASKED, _OFFERS, _SUPERCHAT, _COMPRESSES, _WITH_BITS)), answers)
