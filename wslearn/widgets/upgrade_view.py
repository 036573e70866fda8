"""UpgradeView: how one TCP connection goes over from HTTP to WebSocket, step by step (RFC 6455 §4)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal

import traitlets
from traitlets import Dict, Enum, Int, List, Unicode

from wslearn.errors import UsageError, WebSocketError
from wslearn.spans import visible
from wslearn.widgets.base import Widget
from wslearn.widgets.upgrade_parts import Story, Wire
from wslearn.widgets.upgrade_presets import handshake_groups, handshakes, read_lines, write_lines
from wslearn.widgets.upgrade_still import story_html
from wslearn.widgets.upgrade_story import tell
from wslearn.widgets.upgrade_wires import Live, recorded, rehearsed

if TYPE_CHECKING:
    from wslearn.net.thread import Handle

__all__ = ["UpgradeView"]

Mode = Literal["practice", "live"]

_EDITED = ("preset", "request_line", "fields", "origins", "subprotocols")
_UNREACHABLE = (
    "This browser cannot reach the server in the kernel. Where the page comes from a JupyterHub or Binder, "
    "install jupyter-server-proxy beside JupyterLab. Or let the kernel connect: the steps are the same."
)


class UpgradeView(Widget):
    """The opening handshake as a player, between client and server.

    In *practice* every header of the request can be edited, removed or added; `server_response`,
    `refusal` and `check_response` say what comes of it. In *live* the browser that shows the notebook
    opens a WebSocket of its own to a server behind a `Tap`, sends "Hello", and the player shows what the
    tap recorded: the browser's own headers, sizes, times and ports.

    Parameters
    ----------
    server
        For *live*: what `serve` gave, or a URL. ``None`` starts an echo server when it is needed first.
    preset
        A key of `wslearn.widgets.upgrade_presets.handshakes` to begin with.

    Attributes
    ----------
    mode : str
        ``"practice"`` or ``"live"``.
    step : int
        The step that is shown, from 0.
    preset : str
        As above; empty after an edit.
    request_line : str
        Of the request that is practised with.
    fields : list of list of str
        Its header fields: name and value.
    origins, subprotocols : str
        What the practice server lets in and speaks, separated by commas; no origins stand for all pages.
    answer : str
        The practice server's answer, as it stands on the wire.
    chapters, steps, lanes, verdict
        What is drawn; see `wslearn.widgets.upgrade_parts.Story`.
    who : str
        What the client is: ``"client"``, ``"browser"``, ``"proxy"`` or ``"kernel"``.
    situation : str
        Of *live*: ``"idle"``, ``"waiting"``, ``"seen"`` or ``"unreachable"``.
    problem : str
        What cannot be done, and what to do instead.

    Raises
    ------
    UsageError
        For a preset that there is not.

    Examples
    --------
    >>> view = UpgradeView()
    >>> view.fields = [field for field in view.fields if field[0] != "Sec-WebSocket-Version"]
    >>> view.answer.splitlines()[0], view.verdict["note"]
    ('HTTP/1.1 426 Upgrade Required', '426, §4.2.1')
    """

    mode: Enum[Mode] = Enum[Mode](("practice", "live"), "practice").tag(sync=True)
    step = Int().tag(sync=True)
    preset = Unicode().tag(sync=True)
    request_line = Unicode().tag(sync=True)
    fields: List[list[str]] = List(List(Unicode())).tag(sync=True)
    origins = Unicode().tag(sync=True)
    subprotocols = Unicode().tag(sync=True)

    groups: List[dict[str, Any]] = List().tag(sync=True)
    chapters: List[dict[str, Any]] = List().tag(sync=True)
    steps: List[dict[str, Any]] = List().tag(sync=True)
    lanes: List[dict[str, Any]] = List().tag(sync=True)
    verdict: Dict[str, str] = Dict().tag(sync=True)
    answer = Unicode().tag(sync=True)
    who = Unicode("client").tag(sync=True)
    situation = Unicode("idle").tag(sync=True)
    problem = Unicode().tag(sync=True)

    # The page's side of a live connection: it asks, is told where to, and says what came of it.
    asked: Dict[str, Any] = Dict().tag(sync=True)
    door: Dict[str, Any] = Dict().tag(sync=True)
    came: Dict[str, Any] = Dict().tag(sync=True)

    def __init__(self, server: Handle | str | None = None, *, preset: str = "§1.3") -> None:
        self._lock = threading.RLock()  # the page's edits may come on another thread than the cell's
        self._live = Live(server)
        if preset not in handshakes():
            raise UsageError(f"There is no handshake {preset!r}. There is {', '.join(handshakes())}.")
        self._wires: dict[Mode, Wire | None] = {"practice": None, "live": None}
        self._showing = True
        super().__init__(groups=handshake_groups())
        self._load(preset)
        self._practise()
        self._showing = False

    # ------------------------------------------------------------------------------- practice

    @traitlets.observe(*_EDITED)
    def _edited(self, change: dict[str, Any]) -> None:
        with self._lock:
            if self._showing:
                return
            self._showing = True
            try:
                with self.hold_sync():
                    self._edit(change["name"])
            finally:
                self._showing = False

    def _edit(self, name: str) -> None:
        if name == "preset":
            if self.preset not in handshakes():
                if self.preset:
                    self.problem = visible(f"There is no handshake “{self.preset}”: choose one of the list.")
                return
            self._load(self.preset)
        elif any(len(pair) != 2 for pair in self.fields):
            self.problem = "A header is a name and a value, such as ['Host', 'example.org']."
            return
        elif any(end in text for text in self._typed() for end in "\r\n"):
            self.problem = "A header is one line: take out the line end, or add another header."
            return
        else:
            self.preset, self._answer = "", b""
        self._practise()

    def _typed(self) -> list[str]:
        return [self.request_line, *(text for pair in self.fields for text in pair)]

    def _load(self, key: str) -> None:
        chosen = handshakes()[key]
        self.preset = key
        self.request_line, self.fields = read_lines(chosen.request)
        self.origins, self.subprotocols = chosen.origins, chosen.subprotocols
        self._answer = chosen.answer

    def _practise(self) -> None:
        head = write_lines(self.request_line, self.fields)
        origins, subprotocols = _listed(self.origins) or None, _listed(self.subprotocols)
        wire = rehearsed(head, origins=origins, subprotocols=subprotocols, answer=self._answer)
        self._wires["practice"] = wire
        self.problem = ""
        self.answer = visible_answer(wire.server)
        self.mode = "practice"
        self._show(tell(wire, origins=origins, subprotocols=subprotocols))

    # ------------------------------------------------------------------------------- live

    def connect(self) -> None:
        """Connect from the kernel through the tap, and show that."""
        with self._lock:
            self.mode, self.problem = "live", ""
            try:
                self._live.open()
                self._live.greet()
            except (OSError, WebSocketError) as error:
                self.problem = visible(f"The kernel's client got no WebSocket either: {error}")
            self._look("kernel")

    @traitlets.observe("mode")
    def _turned(self, _: object) -> None:
        with self._lock:
            if not self._showing:
                self._again()

    @traitlets.observe("asked")
    def _open(self, change: dict[str, Any]) -> None:
        asked = change["new"]
        if asked.get("by") == "kernel":
            self.connect()
            return
        with self._lock, self.hold_sync():
            self.situation, self.problem = "waiting", ""
            try:
                url = self._live.open(str(asked.get("origin", "")))
            except WebSocketError as error:
                self.situation, self.problem = "idle", visible(str(error))
                url = ""
            self.door = {"n": asked.get("n"), "url": url}

    @traitlets.observe("came")
    def _came(self, change: dict[str, Any]) -> None:
        with self._lock:
            self._look("browser" if change["new"].get("direct", True) else "proxy")

    def _look(self, who: str) -> None:
        """Show what the tap recorded since it was opened."""
        capture = self._live.seen()
        with self.hold_sync():
            if capture is None:
                self.situation = "unreachable"
                self.problem = self.problem or _UNREACHABLE
            else:
                self.situation = "seen"
                self._wires["live"] = recorded(capture, who)
            self._again()

    def _again(self) -> None:
        """Show the wire of the mode."""
        wire = self._wires[self.mode]
        showing, self._showing = self._showing, True
        try:
            with self.hold_sync():
                if self.mode == "practice":
                    self._practise()
                elif wire is not None:
                    self._show(tell(wire, origins=self._live.origins), whole=True)
                    self.who = wire.who
                else:
                    nothing = Story()
                    nothing.judge("…", "live", "Nothing has been recorded yet. Press “connect”.", "")
                    self._show(nothing)
        finally:
            self._showing = showing

    # ------------------------------------------------------------------------------- what is shown

    def _show(self, story: Story, *, whole: bool = False) -> None:
        """Set all that is drawn, and stay where the reader was, as far as that is still there."""
        at = self.steps[self.step] if 0 <= self.step < len(self.steps) else {"chapter": 0, "row": 0}
        was = self.chapters[at["chapter"]]["id"] if self.chapters else ""
        same = [
            number
            for number, step in enumerate(story.steps)
            if story.chapters[step["chapter"]]["id"] == was and step["row"] <= at["row"]
        ]
        last = max(len(story.steps) - 1, 0)
        with self.hold_sync():
            self.who = "client"
            self.chapters, self.steps, self.lanes = story.chapters, story.steps, story.lanes
            self.verdict = story.verdict
            self.step = last if whole else same[-1] if same else min(self.step, last)

    def __repr__(self) -> str:
        return f"<UpgradeView: {self.mode}, {self.verdict['verdict']}>"

    def still(self) -> str:
        """Draw the whole way, whatever the step; of a live connection only what is always the same."""
        wire = self._wires[self.mode]
        if self.mode == "live":
            seen = Story(verdict=dict(self.verdict)) if wire is None else tell(Wire(wire.client, wire.server))
            return story_html(seen, "live", changes=True)
        story = Story(list(self.chapters), [], list(self.lanes), dict(self.verdict))
        return story_html(story, "practice")

    def close(self) -> None:
        """Stop the server and the tap, and take the picture out of the page."""
        self._live.stop()
        super().close()


def visible_answer(data: bytes) -> str:
    r"""Write an answer's head, and its body if it has one, as lines that can be shown.

    Examples
    --------
    >>> visible_answer(b"HTTP/1.1 101 \r\nUpgrade: websocket\r\n\r\n\x81\x00")
    'HTTP/1.1 101 \nUpgrade: websocket'
    """
    head, _, body = data.partition(b"\r\n\r\n")
    if head[9:12] != b"101":
        head += b"\r\n\r\n" + body
    lines = head.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n").split("\n")
    return "\n".join(visible(line) for line in lines)


def _listed(typed: str) -> list[str]:
    return [name for part in typed.split(",") if (name := part.strip())]
