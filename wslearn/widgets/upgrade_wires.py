"""Where the bytes of an upgrade come from: made up in memory, or recorded by a `Tap` in front of a server."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING

from wslearn.connection import Connection, State
from wslearn.deflate import agreed
from wslearn.errors import ConnectionClosed, UsageError
from wslearn.handshake import origin_allowed
from wslearn.http import Request, Response
from wslearn.net import LOOPBACK_ORIGINS, Capture, Limits, Tap, connect, serve
from wslearn.net.thread import Handle, LoopThread
from wslearn.widgets.draft import EXAMPLE_KEY
from wslearn.widgets.upgrade_checks import client_checks, server_checks
from wslearn.widgets.upgrade_parts import Wire

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wslearn.connection import Role

__all__ = ["Live", "recorded", "rehearsed"]

HELLO = "Hello"
_PATIENCE = 2.0  # seconds that the echo may take
_LIMITS = Limits(open_timeout=5.0, close_timeout=_PATIENCE)


def rehearsed(
    head: bytes,
    *,
    origins: Collection[str] | None = None,
    subprotocols: Sequence[str] = (),
    answer: bytes = b"",
) -> Wire:
    r"""Play a handshake through in memory, and an echo when it succeeds.

    Parameters
    ----------
    head
        The client's request.
    origins, subprotocols
        What the server goes by.
    answer
        What the server says instead of the right answer.

    Examples
    --------
    >>> from wslearn.vectors import GOOD_REQUEST
    >>> rehearsed(GOOD_REQUEST).server[-7:].hex(" ")
    '81 05 48 65 6c 6c 6f'
    """
    judged, response = server_checks(head, origins=origins, subprotocols=subprotocols)
    if judged.error is not None:
        return Wire(head, response.serialize())
    request, answer = Request.parse(head), answer or response.serialize()
    if client_checks(request, answer).error is not None:
        return Wire(head, answer)
    deflate = agreed(request, Response.parse(answer))
    client = Connection("client", masking_key=EXAMPLE_KEY, state=State.CONNECTING)
    server = Connection("server", state=State.CONNECTING)
    client.opened(deflate)
    server.opened(deflate)
    sent = client.send(HELLO)
    echoed = [server.send(heard) for heard in server.receive(sent) if isinstance(heard, str)]
    return Wire(head + sent, answer + b"".join(echoed))


def recorded(capture: Capture, who: str) -> Wire:
    """Take what a tap saw.

    Parameters
    ----------
    capture
        One connection, over or not.
    who
        What the client is, in a word.
    """
    records = capture.records

    def when(sender: Role, stop: int) -> float:
        ends = accumulate(len(each.data) if each.direction == sender else 0 for each in records)
        return next((each.time for each, end in zip(records, ends, strict=True) if end >= stop), 0.0)

    ends = (f"{capture.client[0]}:{capture.client[1]}", f"{capture.server[0]}:{capture.server[1]}")
    return Wire(capture.bytes_from("client"), capture.bytes_from("server"), when, ends, who)


class Live:
    """A tap in front of a server, and the server itself unless one is given; nothing runs before `open`.

    Parameters
    ----------
    server
        What `serve` gave, or the URL of any other; ``None`` for an echo of its own.
    """

    def __init__(self, server: Handle | str | None = None) -> None:
        self._given = server
        self._server: Handle | None = None
        self._tap: Tap | None = None
        self._before = 0
        self._page = ""
        self.origins: Collection[str] | None = None

    def open(self, page: str = "") -> str:
        """Be ready for a connection.

        Parameters
        ----------
        page
            The origin of the page that will connect. A server of its own lets it in: behind a JupyterHub
            the page does not come from this machine.

        Returns
        -------
        str
            The URL to connect to.
        """
        if self._given is None and page and not origin_allowed(page, self.origins or LOOPBACK_ORIGINS):
            self.stop()
            self._page = page
        if self._tap is None:
            if self._given is None:
                self.origins = LOOPBACK_ORIGINS | ({self._page} if self._page else set())
                # Without compression and keepalive the frames are those that were sent, and readable.
                self._server = serve(origins=self.origins, deflate=None, limits=Limits(ping_interval=None))
            try:
                self._tap = Tap(self._server or self._given or "")
            except BaseException:
                self.stop()
                raise
        self._before = len(self._tap.connections)
        return self._tap.url

    def seen(self) -> Capture | None:
        """Give the newest connection since `open` that began with HTTP; wait for the two first frames."""
        found = [] if self._tap is None else self._tap.connections[self._before :]
        for capture in reversed(found):
            with suppress(TimeoutError):  # a server that echoes nothing has still shaken hands
                capture.wait(frames=2, timeout=_PATIENCE)
            if capture.request is not None:
                return capture
        return None

    def greet(self) -> None:
        """Connect from here to what is open, send "Hello", wait for the answer, close.

        Raises
        ------
        UsageError
            Before `open`.
        HandshakeError, OSError
            As `connect` does.
        """
        if self._tap is None:
            raise UsageError("Nothing is open to connect to: call open first.")
        thread = LoopThread("wslearn upgrade")
        try:
            thread.run(_greet(self._tap.url))
        finally:
            thread.stop()

    def stop(self) -> None:
        """Stop what was started; it can be opened again."""
        tap, self._tap = self._tap, None
        server, self._server = self._server, None
        if tap is not None:
            tap.stop()
        if server is not None:
            server.stop()


async def _greet(url: str) -> None:
    async with connect(url, limits=_LIMITS) as ws:
        await ws.send(HELLO)
        try:
            async with asyncio.timeout(_PATIENCE):
                await ws.recv()
        except (TimeoutError, ConnectionClosed):
            return
