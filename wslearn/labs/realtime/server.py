"""One server, one stream of events, four ways to get them.

::

    GET  /realtime/poll?after=7        [events after 7], at once, even when there are none
    GET  /realtime/long?after=7        the same, as soon as there are some; at once with &wait=0
    GET  /realtime/events              text/event-stream; Last-Event-ID: 7
    ws   /realtime?after=7             one message for each event; what the client sends is answered with ok
    POST /realtime/say                 what a page without a WebSocket sends: answered with 204

The stream is started, and the server's CPU time is asked for, by JSON messages to ``ws /control``.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from wslearn.closing import CloseCode
from wslearn.errors import ConnectionClosed, UsageError
from wslearn.labs.realtime.sse import sse_event
from wslearn.labs.realtime.stream import Event, Stream, write_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wslearn.net.apps import App
    from wslearn.net.websocket import WebSocket

__all__ = ["Feed", "apps"]

_LONGEST_WAIT = 25.0  # seconds that a long poll is held: many proxies cut what is silent for 30 or 60


class Feed:
    """The events so far, in order, and those who wait for the next."""

    def __init__(self) -> None:
        self._log: list[str] = []
        self._news = asyncio.Event()
        self._publishing: asyncio.Task[None] | None = None

    def reset(self) -> None:
        """Forget all events, and let no more happen."""
        if self._publishing is not None:
            self._publishing.cancel()
        self._log = []

    def begin(self, stream: Stream) -> None:
        """Let a stream happen from now on, from its first event."""
        self.reset()
        self._publishing = asyncio.create_task(self._publish(stream), name="realtime stream")

    async def _publish(self, stream: Stream) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(1, stream.count + 1):
            if (number - 1) % stream.burst == 0:
                due = min(number + stream.burst - 1, stream.count)
                await asyncio.sleep(began + due / stream.rate - loop.time())
            event = Event(number, time.perf_counter_ns(), stream.data(number))
            self._log.append(write_event(event))
            self._news.set()
            self._news = asyncio.Event()

    def since(self, last: int) -> list[tuple[int, str]]:
        """Give the events after number `last`, with their numbers."""
        return list(enumerate(self._log[last:], last + 1))

    async def after(self, last: int) -> list[tuple[int, str]]:
        """Give them as soon as there are some."""
        while len(self._log) <= last:
            await self._news.wait()
        return self.since(last)


def apps(feed: Feed) -> Mapping[str, App]:
    """Give the applications of the server, on their paths.

    Examples
    --------
    >>> list(apps(Feed()))
    ['/realtime', '/control']
    """
    return {"/realtime": _Push(feed), "/control": _Control(feed)}


class _Push:
    """The four ways."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        given = {"feed": feed}
        self.pages = [
            ("/poll", _Poll, given),
            ("/long", _LongPoll, given),
            ("/events", _EventStream, given),
            ("/say", _Say, {}),
        ]

    async def __call__(self, ws: WebSocket) -> None:
        """Send the events, and answer what the client sends."""
        asked = parse_qs(urlsplit(ws.request.target).query).get("after", ["0"])[0]
        if not _is_number(asked):
            await ws.close(CloseCode.POLICY_VIOLATION, "after is the number of the last event you have")
            return
        sending = asyncio.create_task(self._send(ws, int(asked)), name="realtime websocket")
        try:
            async for _ in ws:
                await ws.send("ok")
        finally:
            sending.cancel()

    async def _send(self, ws: WebSocket, last: int) -> None:
        with suppress(ConnectionClosed):
            while True:
                events = await self._feed.after(last)
                last = events[-1][0]
                for _, text in events:
                    await ws.send(text)


class _Control:
    """Starts streams and tells what the server spent."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def __call__(self, ws: WebSocket) -> None:
        """Obey one message after another: ``{}``, ``{"reset": true}``, ``{"begin": {"rate": 10, …}}``."""
        async for message in ws:
            try:
                told = json.loads(message)
                if told.get("reset"):
                    self._feed.reset()
                if "begin" in told:
                    self._feed.begin(Stream(**told["begin"]))
            except (ValueError, TypeError, AttributeError, RecursionError, UsageError) as error:
                await ws.send(json.dumps({"refused": str(error)}))
            else:
                await ws.send(json.dumps({"cpu": time.process_time()}))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


class _Asked(RequestHandler):
    """A request for events."""

    def initialize(self, feed: Feed) -> None:
        """Take the feed."""
        self._feed = feed
        self._waiting: asyncio.Future[list[tuple[int, str]]] | None = None
        self.set_header("Cache-Control", "no-store")

    def compute_etag(self) -> None:
        """Give none: no answer is like the one before."""

    def on_connection_close(self) -> None:
        """Wait no longer for a client that is gone."""
        if self._waiting is not None:
            self._waiting.cancel()

    def last(self, text: str) -> int:
        """Read the number of the last event that the client has."""
        if not _is_number(text):
            raise HTTPError(400, reason="after is the number of the last event you have")
        return int(text)

    async def after(self, last: int, seconds: float | None = None) -> list[tuple[int, str]]:
        """Wait for the next events: none when the client or the time is gone."""
        self._waiting = asyncio.ensure_future(self._feed.after(last))
        with suppress(asyncio.CancelledError, TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._waiting
        return []

    def answer(self, events: list[tuple[int, str]]) -> None:
        """Send events as a JSON list."""
        self.set_header("Content-Type", "application/json")
        self.finish(f"[{','.join(text for _, text in events)}]")


class _Poll(_Asked):
    def get(self) -> None:
        """Say what is new, if anything is."""
        self.answer(self._feed.since(self.last(self.get_query_argument("after", "0"))))


class _LongPoll(_Asked):
    async def get(self) -> None:
        """Say what is new, when something is."""
        last = self.last(self.get_query_argument("after", "0"))
        if self.get_query_argument("wait", "") == "0":
            events = self._feed.since(last)
        else:
            events = await self.after(last, _LONGEST_WAIT)
        with suppress(StreamClosedError):
            self.answer(events)


class _EventStream(_Asked):
    async def get(self) -> None:
        """Say what is new, whenever something is: the response does not end."""
        last = self.last(self.request.headers.get("Last-Event-ID", "0"))
        self.set_header("Content-Type", "text/event-stream")
        with suppress(StreamClosedError):
            await self.flush()
            while events := await self.after(last):
                last = events[-1][0]
                self.write("".join(sse_event(number, text) for number, text in events))
                await self.flush()


class _Say(RequestHandler):
    def post(self, *_args: Any) -> None:
        """Take what a page has to say."""
        self.set_status(204)
