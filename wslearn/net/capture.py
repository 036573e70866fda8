"""What a `Tap` saw of one TCP connection: every byte, who sent it and when, and how it ended."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

from wslearn.deflate import agreed
from wslearn.errors import HandshakeError, ProtocolError, UsageError
from wslearn.frames import MASK, Frame, payload_length
from wslearn.http import Request, Response, split_head
from wslearn.net.pcapng import pcapng
from wslearn.net.record import Budget, End, How, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslearn.connection import Role
    from wslearn.deflate import Deflate
    from wslearn.spans import Explanation

__all__ = ["Capture"]

# Times are differences of the clock that never jumps; a file wants the time of day.
_EPOCH = time.time_ns() - time.perf_counter_ns()


class Capture:
    """One TCP connection as a tap saw it. It can be read from any thread, at any time.

    Parameters
    ----------
    client, server
        The addresses of the two ends: host and port.
    began
        When it began, by `time.perf_counter_ns`.
    budget
        Where the memory for records comes from.

    Attributes
    ----------
    client, server : tuple of str and int
        The addresses.
    began : int
        When the connection began, in nanoseconds since 1970.
    """

    def __init__(self, client: tuple[str, int], server: tuple[str, int], began: int, budget: Budget) -> None:
        self.client = client
        self.server = server
        self.began = _EPOCH + began
        self._began = began
        self._budget = budget
        self._changed = threading.Condition()
        self._records: list[Record] = []
        self._ends: list[End] = []
        self._dropped: dict[Role, int] = {"client": 0, "server": 0}
        self._closed = False

    def __repr__(self) -> str:
        request = self.request
        what = "" if request is None else f" {request.method} {request.target}"
        return f"<Capture{what}{', incomplete' * any(self.dropped.values())}>"

    def _repr_html_(self) -> str:
        from wslearn.picture import capture_html

        arrows = {"client": "→", "server": "←"}
        # Without times: what a notebook keeps must be the same when it runs again.
        return capture_html(
            [(each.time, arrows[each.direction], each.data) for each in self.records], times=False
        )

    # ------------------------------------------------------------------------------- the tap's side

    def record(self, sender: Role, data: bytes) -> None:
        """Keep what arrived just now, while there is memory for it."""
        with self._changed:
            # Once something is missing nothing more is kept: a prefix can be read, bytes with a hole cannot.
            if any(self._dropped.values()) or not self._budget.take(len(data)):
                self._dropped[sender] += len(data)
                self._budget.dropped += len(data)
            else:
                self._records.append(Record(self._now(), sender, data))
                self._changed.notify_all()

    def end(self, sender: Role, how: How) -> None:
        """Note that a side sends no more."""
        with self._changed:
            self._ends.append(End(self._now(), sender, how))

    def finish(self) -> None:
        """Note that the connection is gone."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _now(self) -> float:
        return (time.perf_counter_ns() - self._began) / 1e9

    # ------------------------------------------------------------------------------- what was seen

    @property
    def records(self) -> list[Record]:
        """What arrived, the oldest first."""
        with self._changed:
            return list(self._records)

    @property
    def ends(self) -> list[End]:
        """How the two directions ended, the first to end first."""
        with self._changed:
            return list(self._ends)

    @property
    def dropped(self) -> dict[Role, int]:
        """Bytes of each side that were forwarded and not recorded, because the tap's memory was used up."""
        with self._changed:
            return dict(self._dropped)

    @property
    def closed(self) -> bool:
        """Whether the connection is over."""
        return self._closed

    @property
    def closed_by(self) -> Role | None:
        """Who ended it first; ``None`` while it is open, or when the tap was stopped under it."""
        ends = self.ends
        return ends[0].direction if ends else None

    def bytes_from(self, sender: Role) -> bytes:
        """Give all that one side sent, in one piece.

        Raises
        ------
        UsageError
            For any other sender than ``"client"`` and ``"server"``.
        """
        if sender not in {"client", "server"}:
            raise UsageError(f"The sender is 'client' or 'server', not {sender!r}.")
        return b"".join(record.data for record in self.records if record.direction == sender)

    @property
    def request(self) -> Request | None:
        """The HTTP request that the client began with; ``None`` when it is not there, or not HTTP."""
        head = _head(self.bytes_from("client"))
        try:
            return Request.parse(head) if head else None
        except HandshakeError:
            return None

    @property
    def response(self) -> Response | None:
        """The head of the server's first HTTP response, as `request`."""
        head = _head(self.bytes_from("server"))
        try:
            return Response.parse(head) if head else None
        except HandshakeError:
            return None

    def frames(self, sender: Role) -> list[Frame]:
        """Give the whole frames that one side sent after the opening handshake (RFC 6455 §5.2).

        They are as they were on the wire: unmasked, but still compressed where RSV1 says so.
        """
        return [parsed[0] for data in self._cut(sender) if (parsed := Frame.parse(data))]

    def _cut(self, sender: Role) -> Iterator[bytes]:
        """Cut what one side sent after a 101 into frames."""
        response = self.response
        if response is None or response.status != 101:
            return
        data = self.bytes_from(sender)
        at = len(_head(data))
        try:
            while at + 2 <= len(data) and (length := payload_length(data, at)) is not None:
                size, start = length
                stop = start + size + (4 if data[at + 1] & MASK else 0)
                if stop > len(data):
                    return
                yield data[at:stop]
                at = stop
        except ProtocolError:  # where the next frame would begin, nobody can say
            return

    def explain(self, sender: Role, *, deflate: Deflate | None = None) -> Explanation:
        """Name every bit of what one side sent; see `wslearn.explain.explain`.

        Parameters
        ----------
        sender
            ``"client"`` or ``"server"``.
        deflate
            The compression in use. The recorded handshake says it, unless told otherwise.
        """
        from wslearn.explain import explain

        data, request, response = self.bytes_from(sender), self.request, self.response
        if deflate is None and request is not None and response is not None and response.status == 101:
            try:
                deflate = agreed(request, response)
            except HandshakeError:
                deflate = None
        return explain(data, sender, deflate=deflate, request=request if sender == "server" else None)

    # ------------------------------------------------------------------------------- waiting, saving

    def wait(
        self,
        *,
        frames: int | None = None,
        records: int | None = None,
        sender: Role | None = None,
        timeout: float = 5.0,
    ) -> Self:
        """Wait until so much has been seen, or the connection is over.

        Parameters
        ----------
        frames, records
            How many; without either, until the connection is over.
        sender
            Whose; both sides' together when not given.
        timeout
            In seconds.

        Returns
        -------
        Capture
            This one.

        Raises
        ------
        TimeoutError
            When it takes longer.
        """
        senders: tuple[Role, ...] = ("client", "server") if sender is None else (sender,)

        def enough() -> bool:
            if self._closed:
                return True
            if records is not None and sum(record.direction in senders for record in self._records) < records:
                return False
            if frames is not None and sum(1 for each in senders for _ in self._cut(each)) < frames:
                return False
            return records is not None or frames is not None

        with self._changed:
            if not self._changed.wait_for(enough, timeout):
                raise TimeoutError(f"What was waited for did not come in {timeout} s, nor did the end.")
        return self

    def pcapng(self) -> bytes:
        """Write it as a file for Wireshark; `Tap.save` writes all connections into one."""
        return pcapng([self])


def _head(data: bytes) -> bytes:
    """Take the HTTP head from the front; nothing when there is none, or not all of it."""
    try:
        cut = split_head(data)
    except HandshakeError:
        return b""
    return b"" if cut is None else cut[0]
