"""What a client checks in the answer: check_answer (RFC 6455 §4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import HandshakeError
from wslearn.handshake import accept_key, check_response, client_request
from wslearn.http import Headers, Request, Response
from wslearn.vectors import BAD_RESPONSES, GOOD_REQUEST, GOOD_RESPONSE, HANDSHAKE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["CHECK_ANSWER"]

LESSON = "02_handshake"


_ASKED = Request.parse(GOOD_REQUEST)
_ANSWERED = Response.parse(GOOD_RESPONSE)


def _with(headers: Headers, name: str, *values: str) -> Headers:
    """Put other values in the place of a field's; none takes it out."""
    others = [field for field in headers if field[0].lower() != name.lower()]
    return Headers([*others, *((name, value) for value in values)])


def _answering(name: str, *values: str) -> Response:
    return Response(101, _ANSWERED.reason, _with(_ANSWERED.headers, name, *values))


def check_answer(request: Request, response: Response) -> bool:
    """Tell whether a client may take an answer for a WebSocket (RFC 6455 §4.1).

    Parameters
    ----------
    request
        What this client sent.
    response
        What came back.

    Examples
    --------
    >>> check_answer(_ASKED, _ANSWERED), check_answer(_ASKED, Response(200, "OK"))
    (True, False)
    """
    try:
        check_response(request, response)
    except HandshakeError:
        return False
    return True


_OFFERS = client_request(
    "ws://server.example.com/chat", key=HANDSHAKE_KEY, subprotocols=("superchat", "chat")
)
_ACCEPT = _ANSWERED.headers["Sec-WebSocket-Accept"]


def _pairs() -> SearchStrategy[tuple[Request, Response]]:
    from hypothesis import strategies as st

    answers = st.sampled_from([response for _, response in _ANSWERS])
    return st.tuples(st.sampled_from((_ASKED, _OFFERS)), answers)


def _seeing(*names: str) -> Callable[[Request, Response], bool]:
    """Make a function that does not look at some fields, and is right otherwise."""

    def wrong(request: Request, response: Response) -> bool:
        headers = response.headers
        for name in names:
            headers = _with(headers, name, *_ANSWERED.headers.all(name))
        return check_answer(request, Response(response.status, "", headers, b"", response.version))

    return wrong


def _small_letters(request: Request, response: Response) -> bool:
    same = (
        response.headers.get("Sec-WebSocket-Accept").lower()
        == accept_key(request.headers["Sec-WebSocket-Key"]).lower()
    )
    return same and _seeing("Sec-WebSocket-Accept")(request, response)


def _letter_by_letter(request: Request, response: Response) -> bool:
    seen = response.headers.get("Upgrade"), response.headers.get("Connection")
    return seen == ("websocket", "Upgrade") and check_answer(request, response)


def _must_choose(request: Request, response: Response) -> bool:
    chosen = response.headers.get("Sec-WebSocket-Protocol")
    return check_answer(request, response) and (
        bool(chosen) or "Sec-WebSocket-Protocol" not in request.headers
    )


_ANSWERS: tuple[tuple[Request, Response], ...] = (
    (_ASKED, _ANSWERED),
    *((_ASKED, Response.parse(bad.data)) for bad in BAD_RESPONSES if not bad.section.startswith("RFC")),
    (_ASKED, _answering("Upgrade", "WebSocket")),
    (_ASKED, _answering("Connection", "keep-alive, upgrade")),
    (_ASKED, _answering("Connection", "keep-alive")),
    (_ASKED, _answering("Sec-WebSocket-Accept", _ACCEPT.swapcase())),
    (_OFFERS, _answering("Sec-WebSocket-Protocol", "chat")),
    (_OFFERS, _answering("Sec-WebSocket-Protocol", "mqtt")),
    (_OFFERS, _ANSWERED),
)


def _any_status(request: Request, response: Response) -> bool:
    return check_answer(request, Response(101, "", response.headers, b"", response.version))


def _any_version(request: Request, response: Response) -> bool:
    return check_answer(request, Response(response.status, "", response.headers))


_OVERLOOKED = (
    (
        "status",
        "Only 101 switches; with another status the answer is plain HTTP (§4.1, item 1).",
        _any_status,
    ),
    ("HTTP version", "HTTP/1.0 knows no Upgrade: a 101 is HTTP/1.1 (§4.2.2, item 5).", _any_version),
    (
        "Upgrade",
        "It says to which protocol the server switches: websocket (§4.1, item 2).",
        _seeing("Upgrade"),
    ),
    ("Connection", "It must name upgrade, among others or alone (§4.1, item 3).", _seeing("Connection")),
    (
        "header",
        "Any server can say 101. That it read this one shows in Sec-WebSocket-Accept (§4.1, item 4).",
        lambda _, response: response.status == 101,
    ),
)

CHECK_ANSWER = Exercise(
    model=check_answer,
    lesson=LESSON,
    section="RFC 6455 §4.1",
    examples=_ANSWERS,
    inputs=_pairs,
    hints=(
        (
            "Seven things to look at: status, version, Upgrade, Connection, Sec-WebSocket-Accept, "
            "extensions, subprotocol. The first that is wrong: `return False`."
        ),
        (
            "The right Sec-WebSocket-Accept belongs to the key of the request: "
            '`accept_key(request.headers.get("Sec-WebSocket-Key"))`.'
        ),
        (
            '`response.headers.get("Upgrade").lower() == "websocket"`, and '
            '`"upgrade" in response.headers.tokens("Connection")`.'
        ),
        (
            "What the answer names in Sec-WebSocket-Protocol or Sec-WebSocket-Extensions must be among what "
            "the request names there. No such header is fine."
        ),
        (
            '`chosen = response.headers.get("Sec-WebSocket-Protocol")`, and the offers are '
            '`request.headers.get("Sec-WebSocket-Protocol").split(",")`, each with its blanks taken off.'
        ),
    ),
    misconceptions=(
        Misconception(
            "base64 in lower case",
            "You compare Sec-WebSocket-Accept without regard to case. In base64 `a` and `A` are different "
            "digits (§4.1, item 4).",
            _small_letters,
        ),
        Misconception(
            "Sec-WebSocket-Accept not compared",
            "You do not compare Sec-WebSocket-Accept with the value that belongs to your key (§4.1, item 4).",
            _seeing("Sec-WebSocket-Accept"),
        ),
        Misconception(
            "letter by letter",
            "You compare Upgrade or Connection letter by letter. Case does not matter there, and Connection "
            "is a list (§4.1, items 2 and 3).",
            _letter_by_letter,
        ),
        Misconception(
            "any subprotocol",
            "You take any subprotocol. A server may choose only among those that you offered (§4.1, item 6).",
            _seeing("Sec-WebSocket-Protocol"),
        ),
        Misconception(
            "any extension",
            "You take any extension. A server may choose only among those that you offered (§4.1, item 5).",
            _seeing("Sec-WebSocket-Extensions"),
        ),
        Misconception(
            "a subprotocol is a must",
            "You refuse an answer without a subprotocol when one was offered. The RFC lets the server choose "
            "none (§4.2.2, item 4). The standard for browsers is stricter here; Chromium fails as you do.",
            _must_choose,
        ),
        *(
            Misconception(f"{name} passes", f"You do not refuse a wrong or missing {name}. {rule}", wrong)
            for name, rule, wrong in _OVERLOOKED
        ),
    ),
    see=(check_response,),
)
