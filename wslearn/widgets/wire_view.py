"""WireView: what crosses a tap, as a sequence diagram that grows while it crosses."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import Bool, Dict, Enum, Int, List, Unicode

from wslearn.errors import UsageError
from wslearn.net.capture import Capture
from wslearn.net.pcapng import pcapng
from wslearn.net.tap import Tap
from wslearn.spans import count
from wslearn.widgets.base import Widget
from wslearn.widgets.wire_detail import framed, told_event
from wslearn.widgets.wire_event import KINDS
from wslearn.widgets.wire_log import WireLog
from wslearn.widgets.wire_picture import wire_html, wire_svg

if TYPE_CHECKING:
    from wslearn.widgets.frame_view import FrameView
    from wslearn.widgets.wire_event import WireEvent

__all__ = ["WireView"]

_EVERY = 0.1  # seconds between two looks at the tap, and so between two updates of the page
_ROWS = 100  # that go to the page at once, at most
_BEYOND = 10  # of them above and below what is wanted: there when the page scrolls
_NAMED = 200  # connections to choose from
_DOWNLOAD = 16 << 20  # bytes; what is larger is saved beside the notebook, not sent through the page


class WireView(Widget):
    """A live sequence diagram of a tap, or of one connection of it.

    All events are kept here, and the page asks for the few that it shows: so an update is as small with ten
    thousand of them as with ten. The tap is looked at ten times a second, on a thread that ends with
    `close`; the tap does not wait for it.

    Parameters
    ----------
    source
        A `Tap`, or a `Capture`.

    Attributes
    ----------
    kind, sender, connection, search
        What to pick out: a key of `wslearn.widgets.wire_event.KINDS`, ``"client"`` or ``"server"``, a
        connection's number, and part of the text. Empty or 0 for everything.
    paused : bool
        Whether the list stands still; recording goes on.
    follow : bool
        Whether the newest events are shown.
    window : list of int
        The number of the first row that is wanted, and how many.
    page : dict
        ``first``, ``rows`` and ``total`` of what is picked; ``events`` and ``waiting`` in numbers;
        ``connections`` by name; ``verdict``.
    selected : int
        The index of the event that is explained; -1 for none.
    detail : dict
        That explanation: ``title``, ``spans`` and ``verdict``, or in ``view`` the id of a `FrameView`.
    cleared : int
        Goes up by 1 to clear the list, as `clear` does.
    wanted : str
        ``"pcapng"`` or ``"svg"`` to export; ``""`` when it was fetched.
    download : dict
        The ``name`` and ``data`` of the exported file.
    notice : str
        What became of it.

    Raises
    ------
    UsageError
        For another source.

    Examples
    --------
    >>> from wslearn.net import serve, Tap
    >>> with serve() as server, Tap(server) as tap:
    ...     view = WireView(tap)
    ...     view.close()
    >>> view
    <WireView: 0 events on 0 connections>
    """

    kind: Enum[str] = Enum(tuple(KINDS), "").tag(sync=True)
    sender: Enum[str] = Enum(("", "client", "server"), "").tag(sync=True)
    connection = Int(min=0).tag(sync=True)
    search = Unicode().tag(sync=True)
    paused = Bool().tag(sync=True)
    follow = Bool(True).tag(sync=True)
    window: List[int] = List(Int(min=0), [0, 12], minlen=2, maxlen=2).tag(sync=True)
    selected = Int(-1).tag(sync=True)
    cleared = Int().tag(sync=True)
    wanted: Enum[str] = Enum(("", "pcapng", "svg"), "").tag(sync=True)

    kinds: Dict[str, str] = Dict(KINDS).tag(sync=True)
    page: Dict[str, Any] = Dict().tag(sync=True)
    detail: Dict[str, Any] = Dict().tag(sync=True)
    download: Dict[str, Any] = Dict().tag(sync=True)
    notice = Unicode().tag(sync=True)

    def __init__(self, source: Tap | Capture) -> None:
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        if not isinstance(source, Tap | Capture):
            raise UsageError(f"A WireView shows a Tap or a Capture, not {source!r}.")
        self._source = source
        self._log = WireLog(self._captures)
        self._frame: FrameView | None = None
        self._lock = threading.RLock()  # around all that follows: page, cells and listening thread meet here
        super().__init__()
        self._log.read_all()
        self._show()
        self._thread = threading.Thread(target=self._listen, name="wslearn wire view", daemon=True)
        self._thread.start()

    def _captures(self) -> list[Capture]:
        return self._source.connections if isinstance(self._source, Tap) else [self._source]

    def _listen(self) -> None:
        over = False
        while not over and not self._ending.wait(_EVERY):
            source = self._source
            over = source.closed if isinstance(source, Capture) else not source.running
            with self._lock:
                self._log.read()
                self._show()

    def close(self) -> None:
        """Stop listening, and leave the page."""
        self._ending.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
            self.selected = -1
        super().close()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page sets; never while an update is on its way to it."""
        with self._lock:
            super().set_state(sync_data)

    # ------------------------------------------------------------------------------- for the user

    @property
    def events(self) -> list[WireEvent]:
        """Everything since the last `clear`, up to now."""
        with self._lock:
            self._log.read_all()
            self._show()
            return list(self._log.events)

    def clear(self) -> None:
        """Empty the list. The tap keeps what it recorded."""
        self.cleared += 1

    def pcapng(self) -> bytes:
        """Write the connections, or the chosen one, as a file for Wireshark."""
        captures = self._captures()
        return pcapng(captures[self.connection - 1 :][:1] if self.connection else captures)

    def svg(self) -> str:
        """Draw the events that are picked out, 200 at most, as an SVG picture."""
        with self._lock:
            return wire_svg([self._log.events[at] for at in self._log.picked], self._log.began)

    def still(self) -> str:
        """Draw what has crossed so far, without times."""
        with self._lock:
            events = self.events
            arrows = sum(event.kind not in {"note", "tcp"} for event in events)
            said = f"{count(arrows, 'event')}."
            return wire_html(events, len(self._log.names()), said)

    def __repr__(self) -> str:
        with self._lock:
            # How TCP ends is not counted: it comes when it likes.
            seen = sum(event.kind not in {"note", "tcp"} for event in self.events)
            return f"<WireView: {count(seen, 'event')} on {count(len(self._log.names()), 'connection')}>"

    # ------------------------------------------------------------------------------- for the page

    @traitlets.observe("kind", "sender", "connection", "search", "paused", "follow", "window")
    def _picked(self, _: object) -> None:
        with self._lock:
            self._log.pick(self.kind, self.sender, self.connection, self.search)
            self._log.freeze(self.paused)
            self._show()

    @traitlets.observe("cleared")
    def _cleared(self, _: object) -> None:
        with self._lock:
            self._log.read_all()
            self._log.clear()
            self.selected = -1
            self._show()

    def _show(self) -> None:
        """Tell the page what it shows now, in one trait: half of an update could not be drawn."""
        log = self._log
        most = min(self.window[1] + 2 * _BEYOND, _ROWS)
        last = max(len(log.picked) - most, 0)
        first = last if self.follow else min(max(self.window[0] - _BEYOND, 0), last)
        names = log.names()
        self.page = {
            "first": first,
            "rows": log.rows(first, most),
            "total": len(log.picked),
            "events": log.arrows,
            "waiting": log.waiting,
            "connections": names[:_NAMED],
            "verdict": log.verdict(self._source.errors if isinstance(self._source, Tap) else []),
        }

    @traitlets.observe("selected")
    def _selected(self, _: object) -> None:
        with self._lock:
            old, self._frame = self._frame, None
            if 0 <= self.selected < len(self._log.events):
                event = self._log.events[self.selected]
                capture = self._log.capture(event.connection)
                self._frame = framed(event, capture)
                view = "" if self._frame is None else f"IPY_MODEL_{self._frame.model_id}"
                self.detail = {**told_event(event, capture), "n": self.selected, "view": view}
            else:
                self.selected, self.detail = -1, {}
            if old is not None:
                old.close()

    @traitlets.observe("wanted")
    def _wanted(self, _: object) -> None:
        with self._lock:
            if not self.wanted:
                self.download = {}
                return
            data = self.pcapng() if self.wanted == "pcapng" else self.svg().encode()
            name = f"wire.{self.wanted}"
            if len(data) <= _DOWNLOAD:
                self.notice = f"{name}: {count(len(data), 'byte')}, handed to the browser."
                self.download = {"name": name, "data": data}
            else:
                self.notice = _saved(name, data)
                self.wanted = ""


def _saved(name: str, data: bytes) -> str:
    """Save what is too large for the page, over nothing that is there."""
    stem, _, suffix = name.partition(".")
    path = next(
        path for number in range(1, 10_000) if not (path := Path(f"{stem}-{number}.{suffix}")).exists()
    )
    try:
        path.write_bytes(data)
    except OSError as error:
        return f"{count(len(data), 'byte')} are too many for the page, and could not be saved: {error}"
    return f"{count(len(data), 'byte')} are too many for the page: saved as {path.name} beside the notebook."
