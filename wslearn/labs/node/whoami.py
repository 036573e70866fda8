"""Two small apps that show on which node one is: `Whoami` knows nothing else, `Count` remembers something.

Both answer over plain HTTP, a request at a time, and over a WebSocket, a message at a time. What `Count`
remembers is in the memory of this one process. That is the whole difference.

::

    GET /whoami         → {"node": "node-1"}                    any node can answer it
    GET /count?me=ada   → {"node": "node-1", "count": 3}        only the node that counted 1 and 2 can

On a WebSocket every message is a request, and on ``/count`` its text is the ``me``.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from tornado.web import RequestHandler

from wslearn.net.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.net.websocket import WebSocket

__all__ = ["Count", "Whoami"]

_LONGEST = 40  # characters of a "me"
_MOST = 10_000  # who are counted; the first of them are forgotten after that


class Whoami:
    """Says the name of the node.

    Parameters
    ----------
    name
        The node's name.
    """

    limits = Limits(max_message_size=1024)

    def __init__(self, name: str) -> None:
        self._answer = json.dumps({"node": name})
        self.pages = (("", _Page, {"answer": lambda _me: self._answer}),)

    async def __call__(self, ws: WebSocket) -> None:
        """Answer each message."""
        async for _ in ws:
            await ws.send(self._answer)


class Count:
    """Counts how often somebody asked, in the memory of this node.

    Parameters
    ----------
    name
        The node's name.

    Examples
    --------
    >>> count = Count("node-1")
    >>> count.answer("ada"), count.answer("ada")
    ('{"node": "node-1", "count": 1}', '{"node": "node-1", "count": 2}')
    """

    limits = Limits(max_message_size=1024)

    def __init__(self, name: str) -> None:
        self._name = name
        self._counts: Counter[str] = Counter()
        self.pages = (("", _Page, {"answer": self.answer}),)

    def answer(self, me: str) -> str:
        """Count once more."""
        me = me[:_LONGEST]
        self._counts[me] += 1
        if len(self._counts) > _MOST:
            del self._counts[next(iter(self._counts))]
        return json.dumps({"node": self._name, "count": self._counts[me]})

    async def __call__(self, ws: WebSocket) -> None:
        """Answer each message."""
        async for message in ws:
            await ws.send(self.answer(message if isinstance(message, str) else ""))


class _Page(RequestHandler):
    def initialize(self, answer: Callable[[str], str]) -> None:
        """Take what answers."""
        self._answer = answer

    def get(self) -> None:
        """Answer a request."""
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(self._answer(self.get_query_argument("me", "")))
