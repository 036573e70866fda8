"""RaceView: the same events on four lanes, as they arrive by polling, long polling, SSE and WebSocket."""

from __future__ import annotations

import threading
from html import escape
from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import Bool, Dict, Float, Int, List, Unicode

from wslearn.errors import UsageError
from wslearn.labs.realtime import Plan, PushServer, race
from wslearn.labs.realtime.chart import HUES
from wslearn.labs.realtime.clients import CLIENTS
from wslearn.labs.table import seconds
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import count
from wslearn.widgets.base import Widget, style_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.labs.realtime import Measured, Result

__all__ = ["RaceView"]

_WAITING = {
    "mark": "–",
    "verdict": "not started",
    "text": "Press race: each event leaves for all four at once.",
    "note": "",
}
_RACING = ("…", "racing", "A dot is an event at the first client of its lane.")
_TOGETHER = 0.01  # seconds, as in the page
_RANGES = {"rate": (1.0, 20.0), "interval": (0.1, 2.0), "clients": (1, 100)}


class RaceView(Widget):
    """Four lanes, and on them the same events, each where it arrived: live while it runs, and again after.

    Parameters
    ----------
    server
        A `PushServer`; each race starts one of its own when not given.
    rate
        Events in a second, 1 to 20.
    interval
        Seconds from one poll to the next, 0.1 to 2.
    clients
        On each lane, 1 to 100. The dots are those of the first.
    duration
        Seconds for which events come.

    Attributes
    ----------
    wanted : int
        Goes up by 1 to begin a race, as `run` does.
    running : bool
        Whether one is on.
    lanes : list of dict
        For each way its ``name``, ``hue``, ``told`` in words, and ``dots``: number, and the seconds at which
        the event happened and arrived.
    span : float
        Seconds from the left end of a lane to its right end.
    verdict : dict
        ``mark``, ``verdict`` and ``text``; in ``note`` what race it is.

    Raises
    ------
    UsageError
        For another server, or a number out of range.

    Examples
    --------
    >>> view = RaceView(rate=20, interval=0.1, duration=0.2)
    >>> view.run().same, [len(lane["dots"]) for lane in view.lanes]
    (True, [4, 4, 4, 4])
    """

    rate = Float(4.0).tag(sync=True)
    interval = Float(1.0).tag(sync=True)
    clients = Int(1).tag(sync=True)
    wanted = Int().tag(sync=True)

    ranges: Dict[str, Any] = Dict({name: list(ends) for name, ends in _RANGES.items()}).tag(sync=True)
    running = Bool().tag(sync=True)
    lanes: List[dict[str, Any]] = List().tag(sync=True)
    span = Float().tag(sync=True)
    verdict: Dict[str, str] = Dict(_WAITING).tag(sync=True)
    problem = Unicode().tag(sync=True)

    def __init__(
        self,
        server: PushServer | None = None,
        *,
        rate: float = 4.0,
        interval: float = 1.0,
        clients: int = 1,
        duration: float = 4.0,
    ) -> None:
        self._thread: threading.Thread | None = None
        if not isinstance(server, PushServer | None):
            raise UsageError(f"The server of a RaceView is a PushServer, not {server!r}.")
        for name, value in (("rate", rate), ("interval", interval), ("clients", clients)):
            least, most = _RANGES[name]
            if not least <= value <= most:
                raise UsageError(f"{name} is from {least:g} to {most:g} here, not {value!r}.")
        Plan(rate=rate, interval=interval, clients=clients, duration=duration)
        self._server = server
        self._duration = duration
        self._lock = threading.Lock()
        super().__init__(rate=rate, interval=interval, clients=clients, lanes=_empty(), span=duration)

    def __repr__(self) -> str:
        return f"<RaceView: {self.verdict['verdict']}>"

    def run(self) -> Result:
        """Run a race, and wait for its end.

        Raises
        ------
        UsageError
            When one is on, or the server is stopped.
        """
        if not self._lock.acquire(blocking=False):
            raise UsageError("A race is on: wait for its end.")
        events = f"{self.rate:g} event{'s' * (self.rate != 1)} a second"
        note = f"{events}, a poll every {self.interval:g} s, {count(self.clients, 'client')} each"
        try:
            self.running, self.problem, self.verdict = True, "", _said(_RACING, note)
            result = race(
                self._server,
                look=self._show,
                rate=self.rate,
                interval=self.interval,
                clients=self.clients,
                duration=self._duration,
            )
            self._show(result.ways)
            self.verdict = _said(result.verdict, note)
        except UsageError as error:
            self.problem, self.verdict = str(error), _WAITING
            raise
        finally:
            self.running = False
            self._lock.release()
        return result

    def close(self) -> None:
        """Wait for the end of a race that is on, and leave the page."""
        if self._thread is not None:
            self._thread.join()
        super().close()

    @traitlets.observe("wanted")
    def _begin(self, _: object) -> None:
        if not self.running:
            self._thread = threading.Thread(target=self._try, name="wslearn race", daemon=True)
            self._thread.start()

    def _try(self) -> None:
        try:
            self.run()
        except UsageError:  # the page shows it
            return

    @traitlets.validate("rate", "interval", "clients")
    def _in_range(self, proposal: dict[str, Any]) -> float:
        least, most = _RANGES[proposal["trait"].name]
        value: float = proposal["value"]
        return min(max(value, least), most)

    def _show(self, ways: Sequence[Measured]) -> None:
        """Tell the page what arrived so far."""
        last = max((each.arrived for way in ways for each in way.arrivals), default=0.0)
        with self.hold_sync():
            self.span = max(self._duration, last) * 1.01
            self.lanes = [_lane(way) for way in ways]

    def still(self) -> str:
        """Draw the lanes as they are now."""
        lanes = "".join(_still(lane, self.span) for lane in self.lanes)
        said = self.verdict
        return card(
            "Race",
            count(len(self.lanes), "way"),
            f'{style_of(__file__)}<div class="wsl-part"><div class="wsl-race">{lanes}</div></div>',
            verdict_bar(said["mark"], said["verdict"], said["text"], said["note"]),
        )


def _said(verdict: tuple[str, str, str], note: str) -> dict[str, str]:
    mark, word, text = verdict
    return {"mark": mark, "verdict": word, "text": text, "note": note}


def _empty() -> list[dict[str, Any]]:
    return [{"name": name, "hue": HUES[name], "told": "", "dots": []} for name in CLIENTS]


def _lane(way: Measured) -> dict[str, Any]:
    counts, opening = way.counts, way.opening
    told = (
        f"{way.delivered:,} delivered · {count(counts.requests + opening.requests, 'request')} · "
        f"{counts.up + opening.up:,} B up · {counts.down + opening.down:,} B down · "
        f"half within {seconds(way.p50)}"
    )
    # To the microsecond: on one machine an event may arrive within less than a tenth of a millisecond.
    dots = [[each.number, round(each.happened, 6), round(each.arrived, 6)] for each in way.arrivals]
    return {"name": way.name, "hue": HUES[way.name], "told": told, "dots": dots}


def _still(lane: dict[str, Any], span: float) -> str:
    marks = "".join(
        f'<i class="wsl-late" style="left:{100 * happened / span:.2f}%;'
        f'width:{100 * (arrived - happened) / span:.2f}%"></i>'
        f'<i class="wsl-arrived" style="left:{100 * arrived / span:.2f}%">'
        f"{_together(arrived, lane) or ''}</i>"
        for _, happened, arrived in lane["dots"]
    )
    return (
        f'<div class="wsl-lane wsl-{lane["hue"]}"><b>{escape(lane["name"])}</b>'
        f'<div class="wsl-track">{marks}</div><span class="wsl-told">{escape(lane["told"])}</span></div>'
    )


def _together(arrived: float, lane: dict[str, Any]) -> int:
    """Count the events that came in one answer; 0 for one alone."""
    number = sum(abs(other - arrived) < _TOGETHER for _, _, other in lane["dots"])
    return number if number > 1 else 0
