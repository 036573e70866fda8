"""FrameView: a frame bit by bit, byte by byte and in words, to be edited (RFC 6455 §5.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from traitlets import Bool, Dict, Enum, Int, List, Unicode

from wslearn.connection import Role
from wslearn.deflate import Deflate
from wslearn.errors import UsageError
from wslearn.explain import explain
from wslearn.frames import MASK, Frame, Opcode
from wslearn.picture import explanation_html
from wslearn.spans import Explanation, count
from wslearn.vectors import FRAMES
from wslearn.widgets.draft import Draft, drafts
from wslearn.widgets.editable import Editable
from wslearn.widgets.presets import preset_groups, preset_of, presets
from wslearn.widgets.shown import shown_runs, shown_spans, shown_verdict
from wslearn.widgets.typed import (
    LIMIT,
    Form,
    form_of,
    read_hex,
    read_key,
    read_length,
    read_payload,
    write_payload,
)

__all__ = ["FrameView"]

_FRAMES = 100  # that can be edited; what is behind them is explained, and stays as it is
_EDITED = (
    "role",
    "deflate",
    "preset",
    "chosen",
    "header",
    "payload",
    "form",
    "length",
    "follows",
    "key",
    "raw",
)
_NAMES = {opcode.value: opcode.name.lower() for opcode in Opcode}


class FrameView(Editable):
    """A frame, or a run of frames, whose every bit and field can be edited.

    After each edit the frame is written anew and explained anew, by `wslearn.explain.explain`: an illegal
    frame says which rule it breaks, and which close code the peer would send. A length that was set by
    hand may disagree with the payload.

    Parameters
    ----------
    frame
        A `Frame`, or the bytes of one or more frames; those of §5.7's masked "Hello" if there are none.
    role
        Who sends them: ``"client"`` or ``"server"``. ``None`` goes by the first frame's MASK bit.
    deflate
        Whether permessage-deflate was agreed.

    Attributes
    ----------
    data : bytes
        All frames, as they stand on the wire. It never goes to the page as a whole.
    told : Explanation
        What `explain` says about them.
    role, deflate
        As above; they can be set, as can all that follow up to `raw`.
    preset : str
        A key of `wslearn.widgets.presets.presets`; empty after an edit.
    chosen : int
        The index of the frame that is shown and edited.
    header : str
        Its header in hex. Where a bit that is set asks for more bytes, they are added.
    payload, form : str
        Its payload as `form` says, ``"text"`` or ``"hex"``; empty where it is longer than can be typed.
    length : str
        The payload length that it announces, in bytes.
    follows : bool
        Whether the length follows the payload: not after it was set by hand.
    key : str
        Its masking key in hex; empty where MASK is 0.
    raw : str
        All frames in hex; empty where they are longer than can be typed.
    spans : list of dict
        What each bit of the chosen frame means. ``start`` and ``stop`` are bits of `data`.
    runs : list of dict
        The bytes of it that are shown: ``at`` (offset in `data`), ``wire`` and ``plain``, unmasked, in hex.
    frames : list of dict
        All frames: ``title``, ``at`` and ``size`` in bytes, ``fault``; the first 100 of them.
    more : int
        Bytes behind those.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``; at a fault ``close_code`` and ``section``.
    hint : str
        What a length that was set by hand leads to.

    Raises
    ------
    UsageError
        For another role.

    Examples
    --------
    >>> view = FrameView(bytes.fromhex("89 00"))
    >>> view.header = "09 00"
    >>> view.verdict["section"], view.verdict["close_code"]
    ('§5.5', 1002)
    """

    role: Enum[Role] = Enum[Role](("client", "server"), "client").tag(sync=True)
    deflate = Bool().tag(sync=True)
    preset = Unicode().tag(sync=True)
    chosen = Int().tag(sync=True)
    header = Unicode().tag(sync=True)
    payload = Unicode().tag(sync=True)
    form: Enum[Form] = Enum[Form](("text", "hex"), "text").tag(sync=True)
    length = Unicode().tag(sync=True)
    follows = Bool(True).tag(sync=True)
    key = Unicode().tag(sync=True)
    raw = Unicode().tag(sync=True)

    groups: List[dict[str, Any]] = List().tag(sync=True)
    opcodes: List[str] = List().tag(sync=True)
    frames: List[dict[str, Any]] = List().tag(sync=True)
    more = Int().tag(sync=True)
    spans: List[dict[str, Any]] = List().tag(sync=True)
    runs: List[dict[str, Any]] = List().tag(sync=True)
    payload_size = Int().tag(sync=True)
    verdict: Dict[str, Any] = Dict().tag(sync=True)
    hint = Unicode().tag(sync=True)

    data: bytes
    told: Explanation

    def __init__(
        self, frame: bytes | Frame = FRAMES[1].data, role: Role | None = None, *, deflate: bool = False
    ) -> None:
        data = frame.serialize() if isinstance(frame, Frame) else bytes(frame)
        if role not in {None, "client", "server"}:
            raise UsageError(f"The role says who sends the frame, 'client' or 'server'; it is {role!r}.")
        if role is None:
            role = "server" if len(data) > 1 and not data[1] & MASK else "client"
        super().__init__(
            _EDITED,
            role=role,
            deflate=deflate,
            groups=preset_groups(),
            opcodes=[f"{number:#x} {_NAMES.get(number, 'reserved')}" for number in range(16)],
        )
        self._editing = True
        self._load(data)
        self.preset = preset_of(data, role, deflate=deflate)
        self._editing = False

    def _edit_role(self, _: Role) -> None:
        self.preset = ""
        self._explain()

    def _edit_deflate(self, _: bool) -> None:
        self.preset = ""
        self._explain()

    def _edit_preset(self, key: str) -> None:
        if not key:
            return
        if key not in presets():
            raise UsageError(f"There is no preset “{key}”: choose one of the list.")
        preset = presets()[key]
        self.role, self.deflate = preset.sender, preset.deflate
        self._load(preset.wire(), preset.frame)

    def _edit_chosen(self, index: int) -> None:
        if not 0 <= index < len(self._drafts):
            self.chosen = 0
            self._show()
            raise UsageError(f"There are {count(len(self._drafts), 'frame')} here: choose one of them.")
        self.follows = self._draft.follows
        self.form = form_of(self._draft.payload[:LIMIT])
        self._show()

    def _edit_header(self, typed: str) -> None:
        draft = self._draft.with_header(read_hex(typed))
        self.follows = draft.follows
        self._replace(draft)

    def _edit_payload(self, typed: str) -> None:
        payload = read_payload(typed, self.form)
        draft = replace(self._draft, payload=payload)
        self._replace(draft.with_length(len(payload)) if self.follows else draft)

    def _edit_form(self, form: Form) -> None:
        payload = self._draft.payload[:LIMIT]
        if form == "text" and form_of(payload) == "hex":
            self.form = "hex"
            raise UsageError("These bytes are no text that could be printed: edit them as hex.")
        self._show()

    def _edit_length(self, typed: str) -> None:
        length = read_length(typed) if typed.strip() else len(self._draft.payload)
        self.follows = length == len(self._draft.payload)
        self._replace(self._draft.with_length(length))

    def _edit_follows(self, follows: bool) -> None:
        if follows:
            self._replace(self._draft.with_length(len(self._draft.payload)))

    def _edit_key(self, typed: str) -> None:
        self._replace(self._draft.with_key(read_key(typed)))

    def _edit_raw(self, typed: str) -> None:
        self.preset = ""
        self._load(read_hex(typed))

    @property
    def _draft(self) -> Draft:
        return self._drafts[self.chosen]

    def _load(self, data: bytes, chosen: int = 0) -> None:
        """Show other bytes; they stay as they are until the first edit."""
        self._drafts, self._rest = drafts(data, _FRAMES)
        self.chosen = min(chosen, len(self._drafts) - 1)
        self.follows = self._draft.follows
        self.form = form_of(self._draft.payload[:LIMIT])
        self.data = data
        self._explain()

    def _replace(self, draft: Draft) -> None:
        self._drafts[self.chosen] = draft
        self.preset = ""
        self.data = b"".join([*(each.serialize() for each in self._drafts), self._rest])
        self._explain()

    def _explain(self) -> None:
        self.told = explain(self.data, self.role, deflate=Deflate() if self.deflate else None)
        self._show()

    def _show(self) -> None:
        """Set all that is drawn."""
        draft, told = self._draft, self.told
        start = sum(each.size for each in self._drafts[: self.chosen])
        stop = min(start + draft.size, len(self.data))
        small = len(draft.payload) <= LIMIT
        with self.hold_sync():
            self.header = draft.header[: stop - start].hex(" ")
            self.payload = write_payload(draft.payload, self.form) if small else ""
            self.payload_size = len(draft.payload)
            self.length = f"{draft.announced}"
            self.key = draft.key.hex(" ") if draft.is_masked else ""
            self.raw = self.data.hex(" ") if len(self.data) <= LIMIT else ""
            self.hint = draft.about_length()
            self.frames = self._listed()
            self.more = len(self._rest)
            self.spans = shown_spans(told, start, stop)
            self.runs = shown_runs(self.data, draft, start)
            self.verdict = shown_verdict(told)

    def _listed(self) -> list[dict[str, Any]]:
        fault = next((span.start // 8 for span in self.told if span.fault), -1)
        listed, at = [], 0
        for draft in self._drafts:
            faulty = at <= fault < at + draft.size
            listed.append({"title": draft.gist(), "at": at, "size": draft.size, "fault": faulty})
            at += draft.size
        return listed

    def __repr__(self) -> str:
        way = "client → server" if self.role == "client" else "server → client"
        return f"<FrameView: {way}, {count(len(self.data), 'byte')}, {self.told.verdict}>"

    def still(self) -> str:
        """Draw the frames as they are now."""
        return explanation_html(self.told)
