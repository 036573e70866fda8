"""Following a stream of JetStream: every event once and in order, also over the end of a broker.

The broker counts what it delivers to a follower, and takes it for delivered when it has left. What was on
its way when a connection broke is missing then; and a broker that starts again may deliver once more what
it had delivered. In either case its count is not the follower's, who begins anew behind its last event.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

    from wslearn.labs.backplane import OnEvent

__all__ = ["Follower"]

_AT_ONCE = 256  # events
_LOOK_AGAIN = 1.0  # seconds without news after which to ask whether the broker still knows this follower
_PAUSE = 0.2  # seconds before the broker is asked again


class Follower:
    """One who follows a log, and begins again where it was when the broker was away."""

    def __init__(self, log: str, on_event: OnEvent) -> None:
        self._log = log
        self._on_event = on_event
        self._last = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self, client: Client) -> None:
        """Start to follow."""
        streams = client.jetstream(timeout=_LOOK_AGAIN)
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
        delivered = 0
        while True:
            try:
                messages = await consumer.fetch(_AT_ONCE, timeout=_LOOK_AGAIN)
            except TimeoutError:
                await consumer.consumer_info()  # it is gone when the broker started anew
                continue
            for message in messages:
                delivered += 1
                if message.metadata.sequence.consumer != delivered:
                    return
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
        while self._task is not None and not self._task.done():
            self._task.cancel()
            # Whoever waits with a time limit can lose this in Python 3.11, when the wait ends just then.
            await asyncio.wait([self._task], timeout=_PAUSE)
