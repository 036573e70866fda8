"""Scores: only what was subscribed to.

The pattern is *topic subscription*. An event is about several topics: its match, both teams, the league. A
page is sent it when it has subscribed to any of them, and then once: first the state, then what changes.
Each topic counts its events, and an event says which one it is in each of its topics; so a page sees that
none is missing and none comes twice, and after a cut it names the last number of each. Promised: no event
lost or twice within what is subscribed, as long as the log keeps it; else the state and a word that there is
a gap. Who plays the matches, and why several nodes show the same: see `wslearn.labs.apps.matches`. ::

    page → {"type": "follow", "log": "", "topics": {"team-foxes": 17}}    null for the state
    ← {"type": "fixtures", "log": "5-0", "most": 12, "matches": [{"match": "ravens-foxes", …}, …]}
    page → {"type": "subscribe", "topic": "league-north"}, {"type": "unsubscribe", "topic": "team-foxes"}
    ← {"type": "state", "topic": "league-north", "last": 51, "matches": [{…}, …], "gap": false, "now": …}
    ← {"type": "change", "topics": {"league-north": 52}, "event": {"kind": "goal", …}}
    page → {"type": "count"}    ← {"type": "count", "published": 120, "sent": 17, "subscriptions": 2}
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from wslearn.labs.apps.matches import Matches, parsed
from wslearn.labs.apps.page import LIMITS, Refused, page, read, refuse
from wslearn.labs.apps.season import TOPICS
from wslearn.labs.backplane import Backplane, Local

if TYPE_CHECKING:
    from wslearn.net.websocket import WebSocket

__all__ = ["Scores", "scores"]

_SHAPES: dict[str, dict[str, type]] = {"follow": {"log": str, "topics": dict}, "count": {}}
_SHAPES |= {change: {"topic": str} for change in ("subscribe", "unsubscribe")}
_MOST = 12  # topics of one page


@dataclass(eq=False, slots=True)
class _Page:
    since: int  # the number in the log after which its events begin
    topics: dict[str, int] = field(default_factory=dict)  # with the last number that it was sent of each
    sent: int = 0


class Scores:
    """The subscriptions of one node's pages; see `scores`, and `Matches` for `seed` and `clock`."""

    __name__ = "scores"  # its path
    pages = page("scores")
    limits = LIMITS

    def __init__(self, backplane: Backplane, **seed_and_clock: Any) -> None:
        self._matches = Matches(backplane, **seed_and_clock)

    async def aclose(self) -> None:
        """Play no more, and let go of the backplane."""
        await self._matches.close()

    async def __call__(self, ws: WebSocket) -> None:
        """Serve one page."""
        page = None
        try:
            async for message in ws:
                try:
                    told = read(message, _SHAPES)
                    page = await (self._answer(ws, page, told) if page else self._follow(ws, told))
                except Refused as why:
                    await refuse(ws, why)
        finally:
            self._matches.feed.leave(ws)

    async def _follow(self, ws: WebSocket, told: dict[str, Any]) -> _Page:
        """Go on where a page was with each topic, or begin with the state."""
        if told["type"] != "follow":
            raise Refused('The first message is "follow".')
        _check(wanted := told["topics"])
        seen = {topic: last for topic, last in wanted.items() if last is not None}
        if any(type(last) is not int or last < 0 for last in seen.values()):
            raise Refused('"topics" says the last number that you have of each, or null.')
        matches = self._matches
        await matches.begin(seen)
        here = {"log": matches.log, "most": _MOST, "matches": matches.fixtures}
        await ws.send(json.dumps({"type": "fixtures", **here}))
        page = _Page(matches.feed.last)
        for topic in wanted:
            place = matches.before(topic, seen[topic], told["log"]) if topic in seen else None
            if place is None:
                await self._tell_state(ws, page, topic, gap=topic in seen)
            else:
                page.topics[topic], page.since = seen[topic], min(page.since, place)
        await matches.feed.join(ws, page.since, partial(_change, page))
        matches.go_on()
        return page

    async def _answer(self, ws: WebSocket, page: _Page, told: dict[str, Any]) -> _Page:
        if told["type"] == "subscribe":
            _check({*page.topics, told["topic"]})
            await self._tell_state(ws, page, told["topic"])
        elif told["type"] == "unsubscribe":
            _check({told["topic"]})
            page.topics.pop(told["topic"], None)
        elif told["type"] == "follow":
            raise Refused("You follow already: subscribe and unsubscribe.")
        else:
            counts = {"published": self._matches.feed.last - page.since, "sent": page.sent}
            await ws.send(json.dumps({"type": "count", **counts, "subscriptions": len(page.topics)}))
        return page

    async def _tell_state(self, ws: WebSocket, page: _Page, topic: str, *, gap: bool = False) -> None:
        state = self._matches.state(topic)
        page.topics[topic] = state["last"]
        await ws.send(json.dumps({"type": "state", **state, "gap": gap}))


def _check(topics: dict[str, Any] | set[str]) -> None:
    if unknown := sorted({*topics} - TOPICS):
        raise Refused(f"There is no topic {unknown[0]!r:.40}. There is, for example, league-north.")
    if len(topics) > _MOST:
        raise Refused(f"A page has {_MOST} topics at most: unsubscribe from one first.")


def _change(page: _Page, _place: int, event: str) -> str | None:
    """Write an event for a page, with its number in each topic for which the page gets it."""
    numbers = parsed(event)["numbers"].items()
    topics = {topic: number for topic, number in numbers if number > page.topics.get(topic, number)}
    if not topics:
        return None
    page.topics.update(topics)
    page.sent += 1
    return f'{{"type": "change", "topics": {json.dumps(topics)}, "event": {event}}}'


def scores(backplane: Backplane | None = None) -> Scores:
    """Give the application, for `wslearn.net.serve`.

    Parameters
    ----------
    backplane
        What this node shares with others; nothing unless said otherwise.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve(app=scores()) as server:
    ...     server.url.endswith("/scores")
    True
    """
    return Scores(backplane or Local())
