"""What a client checks in the answer: check_answer (RFC 6455 §4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.opening.answers import ANSWERED, ANSWERS, pairs, with_field
from wslearn.errors import HandshakeError
from wslearn.handshake import accept_key, check_response
from wslearn.http import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHECK_ANSWER"]

LESSON = "02_handshake"


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
    >>> asked, answered = ANSWERS[0]
    >>> check_answer(asked, answered), check_answer(asked, Response(200, "OK"))
    (True, False)
    """
    try:
        check_response(request, response)
    except HandshakeError:
        return False
    return True


def _seeing(*names: str) -> Callable[[Request, Response], bool]:
    """Make a function that does not look at some fields, and is right otherwise."""

    def wrong(request: Request, response: Response) -> bool:
        headers = response.headers
        for name in names:
            headers = with_field(headers, name, *ANSWERED.headers.all(name))
        return check_answer(request, Response(response.status, "", headers, b"", response.version))

    return wrong


def _small_letters(request: Request, response: Response) -> bool:
    same = (
        response.headers.get("Sec-WebSocket-Accept").lower()
        == accept_key(request.headers["Sec-WebSocket-Key"]).lower()
    )
    return same and _seeing("Sec-WebSocket-Accept")(request, response)


def _upgrade_as_it_stands(request: Request, response: Response) -> bool:
    return response.headers.get("Upgrade") == "websocket" and check_answer(request, response)


def _connection_whole(request: Request, response: Response) -> bool:
    return response.headers.get("Connection").lower() == "upgrade" and check_answer(request, response)


def _letter_by_letter(request: Request, response: Response) -> bool:
    seen = response.headers.get("Upgrade"), response.headers.get("Connection")
    return seen == ("websocket", "Upgrade") and check_answer(request, response)


def _must_choose(request: Request, response: Response) -> bool:
    chosen = response.headers.get("Sec-WebSocket-Protocol")
    return check_answer(request, response) and (
        bool(chosen) or "Sec-WebSocket-Protocol" not in request.headers
    )


def _in_text(request: Request, response: Response) -> bool:
    names = "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"
    found = all(response.headers.get(name) in request.headers.get(name) for name in names)
    return found and _seeing(*names)(request, response)


def _blanks_left(request: Request, response: Response) -> bool:
    chosen = response.headers.get("Sec-WebSocket-Protocol")
    offered = request.headers.get("Sec-WebSocket-Protocol").split(",")
    return check_answer(request, response) and (not chosen or chosen in offered)


def _parameters_too(request: Request, response: Response) -> bool:
    chosen = response.headers.get("Sec-WebSocket-Extensions")
    return check_answer(request, response) and chosen in {"", request.headers.get("Sec-WebSocket-Extensions")}


def _no_extension(request: Request, response: Response) -> bool:
    return check_answer(request, response) and "Sec-WebSocket-Extensions" not in response.headers


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
    examples=ANSWERS,
    inputs=pairs,
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
            '`request.headers.get("Sec-WebSocket-Protocol").split(",")`, each with its blanks taken off. '
            "Of an extension take what stands before the first semicolon."
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
            "Upgrade letter by letter",
            "You compare Upgrade letter by letter. Case does not matter there: `WebSocket` is as good as "
            "`websocket` (§4.1, item 2).",
            _upgrade_as_it_stands,
        ),
        Misconception(
            "Connection compared whole",
            "You compare Connection as one word. It is a list that must name upgrade (§4.1, item 3).",
            _connection_whole,
        ),
        Misconception(
            "letter by letter",
            "You compare Upgrade and Connection letter by letter. Case does not matter there, and Connection "
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
            "nothing that was agreed on",
            "You look at neither subprotocol nor extension. A server may choose only among those that you "
            "offered (§4.1, items 5 and 6).",
            _seeing("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"),
        ),
        Misconception(
            "offers searched as text",
            "You search the offers as one text. `superchat` holds `chat` and is another name: look for it "
            "among the elements of the list (§4.1, item 6). Of an extension the name counts.",
            _in_text,
        ),
        Misconception(
            "offers with their blanks",
            "You cut the offers at the comma, and leave the blank that follows it at the next name: "
            "`.strip()` takes it off.",
            _blanks_left,
        ),
        Misconception(
            "extensions with their parameters",
            "You compare an extension with its parameters. The server may answer with others than you "
            "offered; what it may not add is an extension, so compare names (§4.1, item 5; §9.1).",
            _parameters_too,
        ),
        Misconception(
            "no extension at all",
            "You refuse every extension. One that the request offers is fine (§4.1, item 5).",
            _no_extension,
        ),
        Misconception(
            "a subprotocol is a must",
            "You refuse an answer without a subprotocol when one was offered. The RFC lets the server choose "
            "none (§4.2.2, item 4). The standard for browsers is stricter here; Chromium fails as you do.",
            _must_choose,
        ),
        Misconception(
            "nothing passes",
            'You refuse every answer, the right one too. Do you compare the version with `"HTTP/1.1"`? It is '
            '`"1.1"`.',
            lambda _, response: response.version == "HTTP/1.1",
        ),
        *(
            Misconception(f"{name} passes", f"You do not refuse a wrong or missing {name}. {rule}", wrong)
            for name, rule, wrong in _OVERLOOKED
        ),
    ),
    see=(check_response,),
)
