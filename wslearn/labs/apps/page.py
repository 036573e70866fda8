"""What the applications have in common: a page, limits, and a way to read what comes from it."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tornado.web import RequestHandler

from wslearn.net.limits import Limits

if TYPE_CHECKING:
    from wslearn.net.apps import Route
    from wslearn.net.websocket import WebSocket

__all__ = ["LIMITS", "Refused", "page", "read", "refuse"]

#: A page sends small messages, now and then.
LIMITS = Limits(max_message_size=16 * 1024, max_message_rate=50, max_message_burst=200)

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)
_PAGES = files("wslearn.labs.apps.pages")
_ID = re.compile(r"[A-Za-z0-9-]{1,40}")
_CALLED = {str: "a text", int: "a whole number", dict: "an object", list: "a list"}  # in an error message
_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


class Refused(Exception):
    """What came from a page is not what the application understands.

    Parameters
    ----------
    why
        For a person.
    about
        The ``"id"`` of the message that is refused for good: the page need not send it again.
    """

    def __init__(self, why: str, about: str = "") -> None:
        super().__init__(why)
        self.about = about


def page(name: str, *more: str) -> tuple[Route, ...]:
    """Give the routes of an application's page: ``name.html`` and what it is put together from.

    That is its script, what all pages share, a style sheet of its own where it has one, and `more` files.

    Examples
    --------
    >>> [pattern for pattern, _, _ in page("chat")]
    ['', '/(live[.]js|live[.]css|chat[.]js)']
    """
    style = [f"{name}.css"] if (_PAGES / f"{name}.css").is_file() else []
    there = "|".join(["live.js", "live.css", f"{name}.js", *style, *more]).replace(".", "[.]")
    return (
        ("", _File, {"name": f"{name}.html"}),
        (f"/({there})", _File, {}),
    )


class _File(RequestHandler):
    def initialize(self, name: str = "") -> None:
        """Take the name of the file, where the route says it."""
        self._name = name

    def get(self, name: str = "") -> None:
        """Send the file."""
        name = name or self._name
        self.set_header("Content-Type", f"{_KINDS[name[name.rindex('.') :]]}; charset=utf-8")
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Cache-Control", "no-cache")
        self.finish((_PAGES / name).read_bytes())


def read(message: str | bytes, shapes: dict[str, dict[str, type]]) -> dict[str, Any]:
    """Read a JSON object that a page sent.

    Parameters
    ----------
    message
        What came.
    shapes
        By the value of ``"type"``: the other fields, and their types. A text has at most 2,000 characters, an
        ``"id"`` 1 to 40 letters, digits and hyphens. Fields that are not among them are passed over.

    Raises
    ------
    Refused
        When it is none of these.

    Examples
    --------
    >>> read('{"type": "say", "text": "Hello"}', {"say": {"text": str}})["text"]
    'Hello'
    >>> read('{"type": "say", "text": 5}', {"say": {"text": str}})
    Traceback (most recent call last):
    wslearn.labs.apps.page.Refused: In "say", "text" must be a text, not 5.
    """
    try:
        told = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refused("A message is a JSON object, as text.")
    kind = told.get("type")
    if not isinstance(kind, str) or kind not in shapes:
        raise Refused(f'"type" must be one of {", ".join(shapes)}.')
    about = told["id"] if isinstance(told.get("id"), str) and _ID.fullmatch(told["id"]) else ""
    for field, wanted in shapes[kind].items():
        if field not in told:
            raise Refused(f'In "{kind}", "{field}" is missing.', about)
        value = told[field]
        if type(value) is not wanted:
            raise Refused(f'In "{kind}", "{field}" must be {_CALLED[wanted]}, not {_shown(value)}.', about)
        if isinstance(value, str):
            _check_text(field, value, about)
    return told


def _shown(value: Any) -> str:
    """Write what came as whoever sent it did; of what may be large or deep, only what it is."""
    return _CALLED[type(value)] if isinstance(value, dict | list) else f"{json.dumps(value):.40}"


def _check_text(field: str, value: str, about: str) -> None:
    if len(value) > 2000:
        raise Refused(f'"{field}" has at most 2,000 characters.', about)
    if field == "id" and not _ID.fullmatch(value):
        raise Refused('An "id" has 1 to 40 letters, digits and hyphens.')
    if any("\ud800" <= each <= "\udfff" for each in value):  # JSON can write it, UTF-8 cannot
        raise Refused(f'"{field}" has half a character in it, a surrogate without the other.', about)


async def refuse(ws: WebSocket, why: Refused) -> None:
    """Tell a page what was wrong with its message. The connection stays."""
    about = {"id": why.about} if why.about else {}
    await ws.send(json.dumps({"type": "refused", "why": str(why), **about}))
