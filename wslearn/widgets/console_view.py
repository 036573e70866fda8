"""ConsoleView: a small WebSocket client in the notebook, speaking from the kernel or from the browser."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from html import escape
from typing import Any, Literal

import traitlets
from traitlets import Dict, Enum, Int, List, Unicode

from wslearn.closing import Close, CloseCode
from wslearn.errors import UsageError
from wslearn.net.thread import Handle
from wslearn.picture_card import card, verdict_bar, words
from wslearn.picture_card import row as picture_row
from wslearn.spans import count, visible
from wslearn.widgets.base import Widget
from wslearn.widgets.console_log import entry
from wslearn.widgets.console_speaker import Speaker, State
from wslearn.widgets.typed import read_hex

__all__ = ["ConsoleView"]

Speaks = Literal["kernel", "browser"]

_ROWS = 300  # that are kept; older ones are counted
_SHOWN = 40  # rows of the still picture
_PAUSE = 0.05  # seconds between two rounds of news for the page
_SAID = {
    "closed": ("–", "There is no connection."),
    "connecting": ("…", "TCP connects, then the opening handshake."),
    "open": ("✓", "Messages can be sent and received."),
    "closing": ("…", "A close frame was sent or received."),
}


class ConsoleView(Widget):
    """A WebSocket client: connect, send, ping, close, and a log of everything.

    From the kernel it is `wslearn.net.connect`, and the log is made from the bytes on the wire: every
    frame is in it, pings and pongs too. From the browser it is the page's own ``WebSocket``, which shows
    messages and the end of the connection, and can send neither pings nor frames of its own making.

    Parameters
    ----------
    url
        Where to, or what `serve` gave.
    speaks
        ``"kernel"`` or ``"browser"``.

    Attributes
    ----------
    url, speaks : str
        As above.
    state : str
        ``"closed"``, ``"connecting"``, ``"open"`` or ``"closing"``.
    log : list of dict
        The newest 300 rows: ``n`` counts from 1, ``at`` is in seconds since `connect`; the others are
        described at `wslearn.widgets.console_log.entry`.
    left_out : int
        How many older rows there were.
    problem : str
        What went wrong, and what to do; empty when all went well.
    commands : list of dict
        The last orders of the page: ``id`` and ``do``, and what belongs to it, see `do`.

    Examples
    --------
    >>> view = ConsoleView("http://127.0.0.1/")
    >>> view.do("connect")
    >>> view.problem
    "'http://127.0.0.1/' is not a WebSocket URL. Write it as ws://host:port/path or wss://…."
    """

    url = Unicode().tag(sync=True)
    speaks: Enum[Speaks] = Enum[Speaks](("kernel", "browser"), "kernel").tag(sync=True)
    state: Enum[State] = Enum[State](("closed", "connecting", "open", "closing"), "closed").tag(sync=True)
    log: List[dict[str, Any]] = List().tag(sync=True)
    left_out = Int().tag(sync=True)
    problem = Unicode().tag(sync=True)
    commands: List[dict[str, Any]] = List().tag(sync=True)
    said: Dict[str, Any] = Dict(_SAID).tag(sync=True)

    def __init__(self, url: str | Handle = "", *, speaks: Speaks = "kernel") -> None:
        # The page's orders, the cell's and the speaker's news come on three threads.
        self._lock = threading.RLock()
        self._rows: deque[dict[str, Any]] = deque(maxlen=_ROWS)
        self._count = 0
        self._began = time.perf_counter()
        self._timer: threading.Timer | None = None
        self._done: deque[str] = deque(maxlen=256)
        self._speaker = Speaker(self)
        if speaks not in {"kernel", "browser"}:
            raise UsageError(f"The kernel or the browser speaks, not {speaks!r}.")
        super().__init__(url=url.url if isinstance(url, Handle) else url, speaks=speaks)

    # ------------------------------------------------------------------------------- orders

    def do(self, order: str, text: str = "", *, code: str = "1000", reason: str = "") -> None:
        """Do what a button of the picture does; when it cannot be done, `problem` says why.

        Parameters
        ----------
        order
            ``"connect"``, ``"text"``, ``"binary"``, ``"raw"``, ``"ping"``, ``"close"`` or ``"clear"``.
        text
            What to send; hex for ``"binary"`` and ``"raw"``.
        code, reason
            For ``"close"``; without a code the close frame is empty.
        """
        with self._lock:
            self.problem = ""
            try:
                self._obey(order, text, code, reason)
            except UsageError as error:
                self.problem = visible(str(error))

    def _obey(self, order: str, text: str, code: str, reason: str) -> None:
        if order == "clear":
            self._rows.clear()
            self._count = 0
            self._push()
        elif self.speaks == "browser":
            raise UsageError("The browser speaks: press the button in the picture, or set speaks = 'kernel'.")
        elif order == "connect":
            if self.state != "closed":
                raise UsageError("There is a connection already: close it first.")
            if not self.url:
                raise UsageError("Type where to connect to, such as the url of what serve() gave.")
            self._speaker.connect(self.url)
            self._began = time.perf_counter()
            self.state = "connecting"
        elif order == "text":
            self._speaker.send(text)
        elif order == "binary":
            self._speaker.send(read_hex(text))
        elif order == "raw":
            data = read_hex(text)
            self.heard([entry("·", "raw", len(data), f"as they are: {data[:64].hex(' ')}")])
            self._speaker.send_raw(data)
        elif order == "ping":
            self._speaker.ping()
        elif order == "close":
            close = Close(_code(code), reason)
            close.serialize()
            self._speaker.close(close.code, close.reason)
        else:
            raise UsageError(f"There is no order {order!r}.")

    @traitlets.observe("commands")
    def _ordered(self, change: dict[str, Any]) -> None:
        """Follow the page's orders, each once: several of them may come in one piece."""
        for order in change["new"]:
            with self._lock:
                if order.get("id") in self._done or self.speaks == "browser":
                    continue
                self._done.append(order.get("id"))
            what = {key: str(order[key]) for key in ("text", "code", "reason") if key in order}
            self.do(str(order.get("do")), **what)

    # ------------------------------------------------------------------------------- news

    def heard(self, rows: list[dict[str, Any]]) -> None:
        """Add rows to the log."""
        with self._lock:
            for row in rows:
                self._count += 1
                at = round(time.perf_counter() - self._began, 4)
                self._rows.append({"n": self._count, "at": at, **row})
            if self._timer is None:  # so that a flood of messages is not a flood of news
                self._timer = threading.Timer(_PAUSE, self._push)
                self._timer.daemon = True
                self._timer.start()

    def turned(self, state: State | None, problem: str = "") -> None:
        """Take a new state; ``None`` stands for the old."""
        with self._lock:
            if problem:
                self.problem = visible(problem)
            if state:
                self._push()
                self.state = state

    def _push(self) -> None:
        with self._lock, self.hold_sync():
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self.log = list(self._rows)
            self.left_out = self._count - len(self._rows)

    @traitlets.observe("speaks")
    def _turned_over(self, _: object) -> None:
        """Go on with the log where the other one stopped."""
        with self._lock:
            self._rows.extend(row for row in self.log if row["n"] > self._count)
            self._count = max([self._count, *(row["n"] for row in self.log)])

    # ------------------------------------------------------------------------------- the picture

    def __repr__(self) -> str:
        return f"<ConsoleView: {self.speaks}, {self.state}, {count(len(self.log), 'row')}>"

    def still(self) -> str:
        """Draw the log without times, and the URL without its port."""
        rows = "".join(
            f'<tr class="wsl-{"fault" if row["fault"] else "payload"}"><th scope="row">'
            f'{escape(row["way"])} {escape(row["what"])}</th><td class="wsl-v">'
            f"{'' if row['size'] < 0 else count(row['size'], 'byte')}</td>"
            f'<td class="wsl-m">{escape(row["text"])}</td></tr>'
            for row in self.log[-_SHOWN:]
            if row["what"] != "note"
        )
        where = re.sub(r":\d+(?=/|$)", "", self.url) or "no URL yet"
        mark, text = _SAID[self.state]
        body = f'<div class="wsl-name">{escape(where)}</div>{words(rows) if rows else ""}'
        verdict = verdict_bar(mark, self.state, text, "")
        return card(
            "Console", f"speaks from the {self.speaks}", f'<div class="wsl-part">{body}</div>', verdict
        )

    def close(self) -> None:
        """Drop the kernel's connection, and take the picture out of the page, which drops the browser's."""
        self._speaker.stop()
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        super().close()


def _row(row: dict[str, Any]) -> str:
    size = "" if row["size"] < 0 else count(row["size"], "byte")
    return picture_row(
        f"{row['way']} {row['what']}", size, row["text"], "", f"wsl-{'fault' if row['fault'] else 'payload'}"
    )


def _code(typed: str) -> int:
    if not typed.strip():
        return CloseCode.NO_STATUS_RECEIVED.value
    if not (typed.strip().isascii() and typed.strip().isdecimal() and len(typed.strip()) < 6):
        raise UsageError(f"A close code is a number such as 1000, not “{typed.strip()}” (§7.4).")
    return int(typed)
