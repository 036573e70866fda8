"""Opening handshakes with one line changed, or two: what request_status is tried on (RFC 6455 §4.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercises.opening.answers import ASKED, with_field
from wslearn.errors import HandshakeError
from wslearn.http import Headers, Request
from wslearn.vectors import BAD_REQUESTS

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["REQUESTS", "one_change"]


def _asking(name: str, *values: str) -> Request:
    """Put other values in the place of a field's; none takes it out."""
    return Request(ASKED.target, with_field(ASKED.headers, name, *values))


# One line each, in which a request may differ from the example of §1.3, for better or worse.
_VARIANTS = {
    "Connection": ("keep-alive, Upgrade", "upgrade", "keep-alive,upgrade", "keep-alive", "not-upgrade"),
    "Upgrade": ("WebSocket", "h2c", "h2c, websocket", "not-websocket"),
    "Sec-WebSocket-Version": ("8", "", "13, 8"),
    "Sec-WebSocket-Key": (
        "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAA",
        "?" * 24,
        "AAAA!AAAAAAAAAAAAAAAAAA==",
        "AAAA==",
    ),
    "Host": ("", "a.example:8080"),
}


def one_change() -> SearchStrategy[tuple[Request]]:
    """Make up requests of which one line is changed or missing, with others beside."""
    from hypothesis import strategies as st

    changed = st.sampled_from([(name, value) for name, values in _VARIANTS.items() for value in values])
    taken = st.sampled_from([(name,) for name in _VARIANTS])
    beside = st.lists(st.sampled_from((("Origin", "http://a.example"), ("Pragma", "no-cache"))), max_size=2)

    def with_more(change: tuple[str, ...], more: list[tuple[str, str]]) -> tuple[Request]:
        request = _asking(*change)
        return (Request(request.target, Headers([*request.headers, *more])),)

    return st.builds(with_more, changed | taken, beside)


def _parsed(data: bytes) -> Request | None:
    try:
        return Request.parse(data)
    except HandshakeError:
        return None


_CHECKED = {"§4.2.1"}  # not the grammar of what may be there beside, and not the origin
_BROKEN = tuple(
    (request,)
    for bad in BAD_REQUESTS
    if bad.section in _CHECKED and (request := _parsed(bad.data)) is not None
)


def _second_fault(request: Request, name: str, value: str) -> Request:
    """Add a second fault to a request with one: the first in the order of the list counts."""
    fields = [(field, value if field.lower() == name.lower() else held) for field, held in request.headers]
    return Request(request.target, Headers(fields), request.method, request.version)


_TWICE = tuple(
    (_second_fault(request, name, value),)
    for request, name, value in (
        (Request(ASKED.target, ASKED.headers, "POST"), "Sec-WebSocket-Version", "8"),
        (_asking("Host"), "Sec-WebSocket-Version", "8"),
        (_asking("Sec-WebSocket-Version", "8"), "Sec-WebSocket-Key", "AAAA"),
    )
)


REQUESTS = (
    (ASKED,),
    *_BROKEN,
    *((_asking(name, value),) for name, values in _VARIANTS.items() for value in values),
    *_TWICE,
)
