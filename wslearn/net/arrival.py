"""Connections that have not said yet what they want (RFC 6455 §4.2.1, §10.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.errors import HandshakeError
from wslearn.handshake import refusal
from wslearn.http import split_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.net.stream import Stream

__all__ = ["Arrival"]


class Arrival:
    """A TCP connection whose first request is not whole yet."""

    __slots__ = ("_address", "_data", "_on_leave", "_route", "_stream")

    def __init__(
        self,
        stream: Stream,
        address: tuple[str, int],
        route: Callable[[Stream, tuple[str, int], bytes, bytes], None],
        on_leave: Callable[[Arrival], None],
    ) -> None:
        self._stream = stream
        self._address = address
        self._route = route
        self._on_leave = on_leave
        self._data = b""
        stream.set_nodelay(True)
        stream.deliver(self.take, self._leave)

    def _leave(self) -> None:
        self._on_leave(self)

    def drop(self) -> None:
        """Give up on it."""
        self._leave()
        self._stream.close()

    def take(self, data: bytes) -> None:
        """Take in what came of the request, and send it where it belongs once it is whole."""
        self._data += data
        try:
            cut = split_head(self._data)
            if cut is None:
                return
            self._route(self._stream, self._address, *cut)
        except HandshakeError as error:
            self._refuse(error)
        else:
            self._leave()

    def _refuse(self, error: HandshakeError) -> None:
        """Say why, and end the connection (§7.2.2), not at once: unread bytes would take the answer along."""
        self._stream.deliver(_ignore, self._leave)
        if self._stream.put(refusal(error).serialize()) is None:
            self._stream.shut_down_sending()


def _ignore(_data: bytes) -> None:
    pass
