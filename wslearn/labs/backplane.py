"""What the nodes of a cluster share: numbered logs that all of them follow, and words that all of them hear.

One server keeps a room in its memory. Of two servers, each knows only those members who are connected to
it, so whatever is said in the room has to reach the other one, too. A backplane carries it. `Local` is
the backplane of a single node: the same calls, in one process. `Nats` is a NATS server with JetStream.

A *log* is for what must not be lost: every node gets every event, in the same order, with the same
number, also those from before it came. *Words* are for what is out of date a moment later.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from wslearn.errors import UsageError
from wslearn.labs.follower import Follower
from wslearn.reconnect import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

    OnEvent = Callable[[int, str], None]
    OnWord = Callable[[str], None]

__all__ = ["Backplane", "Local", "Nats", "Unreachable", "backplane"]

KEEP = 1000  # events of each log
_PAUSE = 0.2  # seconds before the broker is tried again
_PATIENCE = 5.0  # seconds in which the broker answers
_PING = 2.0  # seconds between two questions whether it is still there
_REMEMBERED = 10_000  # ids of events, so that one that is sent twice counts once


class Unreachable(OSError):
    """The broker does not answer. What was asked of it may have been done, or may be done later."""


class Backplane(Protocol):
    """What an app asks of it. Names of logs and subjects are words of letters, digits, ``-`` and ``_``.

    Each call raises `Unreachable` when what is shared cannot be reached.
    """

    async def append(self, log: str, event: str, event_id: str = "") -> int:
        """Put an event behind the others of a log, and give its number, from 1 on.

        An event whose `event_id` was there a moment ago is not put there again: whoever did not hear that it
        arrived may send it again.
        """

    async def follow(self, log: str, on_event: OnEvent) -> None:
        """Call `on_event` with number and event for all that a log keeps and all that comes, in order.

        It returns when all that was there has been given.
        """

    async def last(self, log: str) -> int:
        """Give the number of a log's newest event, which a follower may not have been given yet."""

    async def tell(self, subject: str, word: str) -> None:
        """Say something to all who hear the subject now."""

    async def hear(self, subject: str, on_word: OnWord) -> None:
        """Call `on_word` for all that is told from now on, by this node too."""

    async def close(self) -> None:
        """Let go of it."""


class Local:
    """The backplane of one node.

    Examples
    --------
    >>> async def room():
    ...     local, seen = Local(), []
    ...     await local.append("room", "hello", "ada-1")
    ...     await local.append("room", "hello", "ada-1")
    ...     await local.follow("room", lambda number, event: seen.append((number, event)))
    ...     await local.append("room", "good-bye", "ada-2")
    ...     return seen
    >>> asyncio.run(room())
    [(1, 'hello'), (2, 'good-bye')]
    """

    def __init__(self) -> None:
        self._logs: dict[str, Replay[str]] = {}
        self._followers: dict[str, list[OnEvent]] = {}
        self._listeners: dict[str, list[OnWord]] = {}
        self._numbers: OrderedDict[tuple[str, str], int] = OrderedDict()

    async def append(self, log: str, event: str, event_id: str = "") -> int:
        """Put an event into a log; see `Backplane`."""
        if event_id and (number := self._numbers.get((log, event_id))):
            return number
        number, _ = self._logs.setdefault(log, Replay(KEEP)).append(event)
        if event_id:
            self._numbers[log, event_id] = number
            if len(self._numbers) > _REMEMBERED:
                self._numbers.popitem(last=False)
        for on_event in self._followers.get(log, ()):
            on_event(number, event)
        return number

    async def follow(self, log: str, on_event: OnEvent) -> None:
        """Follow a log; see `Backplane`."""
        replay = self._logs.setdefault(log, Replay(KEEP))
        for number, event in replay.missed(max(0, replay.last - KEEP)) or ():
            on_event(number, event)
        self._followers.setdefault(log, []).append(on_event)

    async def last(self, log: str) -> int:
        """Give the newest number; see `Backplane`."""
        return self._logs[log].last if log in self._logs else 0

    async def tell(self, subject: str, word: str) -> None:
        """Tell those who hear; see `Backplane`."""
        for on_word in self._listeners.get(subject, ()):
            on_word(word)

    async def hear(self, subject: str, on_word: OnWord) -> None:
        """Hear a subject; see `Backplane`."""
        self._listeners.setdefault(subject, []).append(on_word)

    async def close(self) -> None:
        """Let go of all."""
        self._followers.clear()
        self._listeners.clear()


class Nats:
    """A NATS server with JetStream, which many nodes share.

    Parameters
    ----------
    url
        ``nats://127.0.0.1:4222``.

    A log is a stream of JetStream's own, whose numbers are the events' numbers; it keeps the last 1,000
    events, and knows the ids of the last two minutes.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None
        self._streams: set[str] = set()
        self._followers: list[Follower] = []
        self._lock = asyncio.Lock()

    async def _connected(self) -> Client:
        async with self._lock:
            if self._client is None:
                try:
                    import nats
                except ImportError:
                    raise UsageError('nats-py is missing: python -m pip install "wslearn[cluster]"') from None
                async with asyncio.timeout(_PATIENCE):
                    self._client = await nats.connect(
                        self._url,
                        max_reconnect_attempts=-1,
                        reconnect_time_wait=_PAUSE,
                        ping_interval=_PING,
                        error_cb=_quiet,
                    )
            return self._client

    async def _stream(self, log: str) -> JetStreamContext:
        """Make the log's stream, where it is not there yet."""
        streams = (await self._connected()).jetstream(timeout=_PATIENCE)
        if log not in self._streams:
            from nats.js.api import RetentionPolicy, StorageType, StreamConfig

            config = StreamConfig(
                name=f"log-{log}",
                subjects=[f"log.{log}"],
                max_msgs=KEEP,
                storage=StorageType.FILE,  # a broker that starts again must not number anew
                retention=RetentionPolicy.LIMITS,
                duplicate_window=120,
            )
            await streams.add_stream(config)
            self._streams.add(log)
        return streams

    async def append(self, log: str, event: str, event_id: str = "") -> int:
        """Put an event into a log; see `Backplane`."""
        headers = {"Nats-Msg-Id": event_id} if event_id else None
        with _reachable():
            streams = await self._stream(log)
            taken = await streams.publish(f"log.{log}", event.encode(), headers=headers)
        return taken.seq

    async def follow(self, log: str, on_event: OnEvent) -> None:
        """Follow a log; see `Backplane`."""
        there = await self.last(log)
        follower = Follower(log, on_event)
        self._followers.append(follower)
        follower.begin(await self._connected())
        await follower.reach(there)

    async def last(self, log: str) -> int:
        """Give the newest number; see `Backplane`."""
        with _reachable():
            streams = await self._stream(log)
            return (await streams.stream_info(f"log-{log}")).state.last_seq

    async def tell(self, subject: str, word: str) -> None:
        """Tell those who hear; see `Backplane`."""
        with _reachable():
            await (await self._connected()).publish(f"word.{subject}", word.encode())

    async def hear(self, subject: str, on_word: OnWord) -> None:
        """Hear a subject; see `Backplane`."""

        async def on_message(message: Msg) -> None:
            on_word(message.data.decode())

        with _reachable():
            client = await self._connected()
            await client.subscribe(f"word.{subject}", cb=on_message)
            await client.flush()

    async def close(self) -> None:
        """Let go of it: the logs stay where they are."""
        for follower in self._followers:
            await follower.end()
        if self._client is not None:
            await self._client.close()


@contextmanager
def _reachable() -> Iterator[None]:
    """Make one error of the many that say the broker does not answer."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, OSError) and not type(error).__module__.startswith("nats."):
            raise
        raise Unreachable(f"The broker does not answer: {error}") from error


async def _quiet(_error: Exception) -> None:
    """Say nothing: the client connects again by itself."""


def backplane(url: str | None) -> Backplane:
    """Give the backplane at a URL, or one for this process alone.

    Examples
    --------
    >>> type(backplane(None)).__name__
    'Local'
    """
    return Local() if url is None else Nats(url)
