"""Everything that crossed a tap, in the order in which it was seen, and the part of it that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wslearn.spans import count
from wslearn.widgets.wire_reader import Reader

if TYPE_CHECKING:
    from wslearn.net.capture import Capture
    from wslearn.widgets.wire_event import WireEvent

__all__ = ["KEPT", "WireLog"]

KEPT = 100_000  # events, before the rest is only counted
_AT_ONCE = 1_000  # events that are read in one go: about 0.1 s of work


class WireLog:
    """The events of a tap's connections, and which of them are picked out.

    Parameters
    ----------
    captures
        Gives the connections there are now, the oldest first.

    Attributes
    ----------
    events : list of WireEvent
        Since the last `clear`, notes among them; 100,000 at most.
    picked : list of int
        The indices of those that fit the filter; while it is frozen, of what was there before.
    arrows, faults, left_out : int
        How many were read that are no notes; that break a rule; that did not fit in.
    size : int
        Bytes that they have together.

    Examples
    --------
    >>> log = WireLog(lambda: [])
    >>> log.read(), log.waiting
    (False, 0)
    """

    def __init__(self, captures: Callable[[], list[Capture]]) -> None:
        self._captures = captures
        self._readers: list[Reader] = []
        self._active: list[Reader] = []
        self._wanted: tuple[str, str, int, str] = ("", "", 0, "")
        self._frozen: int | None = None
        self.clear()

    def clear(self) -> None:
        """Forget the events; what comes next is the first."""
        self.events: list[WireEvent] = []
        self.picked: list[int] = []
        self.arrows = self.faults = self.left_out = self.size = 0
        self.last_fault: WireEvent | None = None
        self._looked_at = 0
        if self._frozen is not None:
            self._frozen = 0

    def read(self) -> bool:
        """Take in what is new, a thousand events at most; tell whether there was anything."""
        for capture in self._captures()[len(self._readers) :]:
            self._readers.append(Reader(capture, len(self._readers) + 1))
            self._active.append(self._readers[-1])
        taken: list[WireEvent] = []
        for reader in self._active:
            if len(taken) < _AT_ONCE:
                taken += reader.take(_AT_ONCE - len(taken))
        self._active = [reader for reader in self._active if not reader.is_done]
        # Connections were read one after the other, and took place side by side.
        taken.sort(key=lambda event: event.time)
        for event in taken:
            self._keep(event)
        self._pick()
        return bool(taken)

    def read_all(self) -> None:
        """Take in all that is there."""
        while self.read():
            pass

    def _keep(self, event: WireEvent) -> None:
        self.arrows += event.kind != "note"
        self.size += event.size
        if event.fault is not None:
            self.faults += 1
            self.last_fault = event
        if len(self.events) < KEPT:
            self.events.append(event)
        else:
            self.left_out += 1

    def pick(self, kind: str, sender: str, connection: int, search: str) -> None:
        """Pick out events; see `WireEvent.fits`."""
        wanted = (kind, sender, connection, search.lower())
        if wanted != self._wanted:
            self._wanted, self.picked, self._looked_at = wanted, [], 0
            self._pick()

    def freeze(self, is_frozen: bool) -> None:
        """Pick nothing that comes from now on, or all that has come meanwhile."""
        if is_frozen != (self._frozen is not None):
            self._frozen = len(self.events) if is_frozen else None
            self._pick()

    def _pick(self) -> None:
        stop = len(self.events) if self._frozen is None else self._frozen
        fresh = range(self._looked_at, stop)
        self.picked += [at for at in fresh if self.events[at].fits(*self._wanted)]
        self._looked_at = stop

    @property
    def waiting(self) -> int:
        """Events that came while it was frozen."""
        return 0 if self._frozen is None else len(self.events) - self._frozen

    @property
    def began(self) -> float:
        """When the diagram's clock was 0: at the first event that is here."""
        return self.events[0].time if self.events else 0.0

    def rows(self, start: int, most: int) -> list[dict[str, Any]]:
        """Give some of the picked events as a page draws them, from the one with this number on."""
        return [self.events[at].told(at, self.began) for at in self.picked[start : start + most]]

    def capture(self, connection: int) -> Capture:
        """Give a connection by its number."""
        return self._readers[connection - 1].capture

    def names(self) -> list[str]:
        """Name the connections by what their client asked for."""
        return [
            f"{reader.number}" + (f" {reader.request.target[:40]}" if reader.request else "")
            for reader in self._readers
        ]

    @property
    def dropped(self) -> int:
        """Bytes that crossed unrecorded, because the tap's memory was used up."""
        return sum(sum(reader.capture.dropped.values()) for reader in self._readers)

    def verdict(self, errors: list[str]) -> dict[str, str]:
        """Say in a line how it stands.

        Parameters
        ----------
        errors
            What went wrong in the tap itself.
        """
        connections = count(len(self._readers), "connection")
        text, mark, word, note = f"{count(self.arrows, 'event')} on {connections}.", "✓", "live", ""
        if self._readers and not self._active:
            mark, word = "–", "quiet"
            text = f"{count(self.arrows, 'event')} on {connections}, none of them open."
        if not self._readers:
            mark, word, text = "…", "waiting", "Nothing has come through yet."
        if self.left_out:
            mark, word = "…", "full"
            text = f"{text} {count(self.left_out, 'event')} did not fit in: clear the list to go on."
        if self.dropped:
            mark, word = "…", "incomplete"
            text = f"{text} {count(self.dropped, 'byte')} were not recorded: the tap's memory is used up."
        if self.last_fault is not None and self.last_fault.fault is not None:
            error = self.last_fault.fault
            mark, word, note = "✗", count(self.faults, "fault"), error.section
            text = f"{text} Connection {self.last_fault.connection}: {error.args[0]}"
        if errors:
            mark, word, text = "✗", "no connection", f"The tap cannot reach its target: {errors[-1]}"
        if self._frozen is not None:
            mark, word = "–", "paused"
            text = f"{text} {count(self.waiting, 'event')} came meanwhile."
        return {"mark": mark, "verdict": word, "text": text, "note": note or count(self.size, "byte")}
