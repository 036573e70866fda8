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
from typing import TYPE_CHECKING, Protocol

from wslearn.errors import UsageError
from wslearn.reconnect import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

    OnEvent = Callable[[int, str], None]
    OnWord = Callable[[str], None]

__all__ = ["Backplane", "Local", "Nats", "backplane"]

KEEP = 1000  # events of each log
_AT_ONCE = 256  # events
_LOOK_AGAIN = 1.0  # seconds without news after which to ask whether the broker still knows this follower
_PAUSE = 0.2  # seconds before the broker is asked again
_REMEMBERED = 10_000  # ids of events, so that one that is sent twice counts once


class Backplane(Protocol):
    """What an app asks of it. Names of logs and subjects are words of letters, digits, ``-`` and ``_``."""

    async def append(self, log: str, event: str, event_id: str = "") -> int:
        """Put an event behind the others of a log, and give its number, from 1 on.

        An event whose `event_id` was there a moment ago is not put there again: whoever did not hear that it
        arrived may send it again.
        """

    async def follow(self, log: str, on_event: OnEvent) -> None:
        """Call `on_event` with number and event for all that a log keeps and all that comes, in order.

        It returns when all that was there has been given.
        """

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
        self._followers: list[_Follower] = []
        self._lock = asyncio.Lock()

    async def _connected(self) -> Client:
        async with self._lock:
            if self._client is None:
                try:
                    import nats
                except ImportError:
                    raise UsageError('nats-py is missing: python -m pip install "wslearn[cluster]"') from None
                self._client = await nats.connect(
                    self._url,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.2,
                    error_cb=_quiet,
                )
            return self._client

    async def _stream(self, log: str) -> JetStreamContext:
        """Make the log's stream, where it is not there yet."""
        streams = (await self._connected()).jetstream()
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
        streams = await self._stream(log)
        headers = {"Nats-Msg-Id": event_id} if event_id else None
        taken = await streams.publish(f"log.{log}", event.encode(), headers=headers)
        return taken.seq

    async def follow(self, log: str, on_event: OnEvent) -> None:
        """Follow a log; see `Backplane`."""
        streams = await self._stream(log)
        there = (await streams.stream_info(f"log-{log}")).state.last_seq
        follower = _Follower(log, on_event)
        self._followers.append(follower)
        follower.begin((await self._connected()).jetstream(timeout=_LOOK_AGAIN))
        await follower.reach(there)

    async def tell(self, subject: str, word: str) -> None:
        """Tell those who hear; see `Backplane`."""
        await (await self._connected()).publish(f"word.{subject}", word.encode())

    async def hear(self, subject: str, on_word: OnWord) -> None:
        """Hear a subject; see `Backplane`."""

        async def on_message(message: Msg) -> None:
            on_word(message.data.decode())

        client = await self._connected()
        await client.subscribe(f"word.{subject}", cb=on_message)
        await client.flush()

    async def close(self) -> None:
        """Let go of it: the logs stay where they are."""
        for follower in self._followers:
            await follower.end()
        if self._client is not None:
            await self._client.close()


class _Follower:
    """One who follows a log, and begins again where it was when the broker was away."""

    def __init__(self, log: str, on_event: OnEvent) -> None:
        self._log = log
        self._on_event = on_event
        self._last = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self, streams: JetStreamContext) -> None:
        """Start to follow."""
        self._task = asyncio.create_task(self._run(streams), name=f"follow {self._log}")

    async def _run(self, streams: JetStreamContext) -> None:
        from nats.errors import Error as NatsError

        while True:
            try:
                await self._read(streams)
            except (NatsError, OSError):
                await asyncio.sleep(_PAUSE)

    async def _read(self, streams: JetStreamContext) -> None:
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        consumer = await streams.pull_subscribe(
            f"log.{self._log}",
            stream=f"log-{self._log}",
            config=ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self._last + 1,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=60,
            ),
        )
        while True:
            try:
                messages = await consumer.fetch(_AT_ONCE, timeout=_LOOK_AGAIN)
            except TimeoutError:
                await consumer.consumer_info()  # it is gone when the broker started anew
                continue
            for message in messages:
                self._last = message.metadata.sequence.stream
                self._on_event(self._last, message.data.decode())
            self._news.set()

    async def reach(self, number: int) -> None:
        """Wait until an event of this number, or a later one, was given."""
        while self._last < number:
            self._news.clear()
            await self._news.wait()

    async def end(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])


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
