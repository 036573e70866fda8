"""MaskView: the masking of a payload, byte by byte and bit by bit (RFC 6455 §5.3, §10.3)."""

from __future__ import annotations

import re
from typing import Any

from traitlets import Bool, Dict, Enum, Int, List, Unicode

from wslearn.errors import HandshakeError, UsageError
from wslearn.frames import Frame, Opcode
from wslearn.http import Request, split_head
from wslearn.masking import mask
from wslearn.picture_card import card, row, verdict_bar, words
from wslearn.spans import count, visible
from wslearn.widgets.draft import EXAMPLE_KEY
from wslearn.widgets.editable import Editable
from wslearn.widgets.typed import LIMIT, Form, form_of, read_key, read_payload, write_payload

__all__ = ["ATTACK", "MaskView"]

ATTACK = b"GET /ads.js HTTP/1.1\r\nHost: ads.example\r\n\r\n"  # what §10.3 is about, in one line

_PAGE = 8  # columns: the key fits into them twice
_SHOWN = 96  # bytes of a frame in the comparison
_EDITED = ("payload", "form", "key", "step", "inverse", "cache")
_METHOD = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS) /")


class MaskView(Editable):
    """A payload, a masking key and their XOR in columns, to be walked through.

    Parameters
    ----------
    payload
        The payload: bytes, or text that stands for its UTF-8.
    key
        The masking key: four bytes.

    Attributes
    ----------
    data, masked : bytes
        The payload and the result of masking it. They never go to the page as a whole.
    payload, form : str
        The payload as `form` says, ``"text"`` or ``"hex"``; empty where it is longer than can be typed.
    key : str
        The masking key in hex.
    step : int
        The index of the byte that is looked at; 0 to `size` − 1.
    inverse : bool
        Whether the masked bytes are unmasked, instead of the payload masked.
    cache : bool
        Whether to compare what stands on the wire with and without masking (§10.3).
    size : int
        Bytes of payload.
    at : int
        The index of the first column that is shown.
    source, keys_used, result : str
        The columns in hex: what goes in, the key's bytes, and what comes out up to `step`.
    wires : list of dict
        The frame without and with masking: ``title``, ``wire`` in hex, the ``header``'s and the ``key``'s
        size in bytes, and what a cache makes of it: ``request`` and ``text``.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``.

    Raises
    ------
    UsageError
        For a key that is not four bytes long.

    Examples
    --------
    >>> view = MaskView("Hello")
    >>> view.step = 2
    >>> view.verdict["verdict"]
    '6c ⊕ 21 = 4d'
    """

    payload = Unicode().tag(sync=True)
    form: Enum[Form] = Enum[Form](("text", "hex"), "text").tag(sync=True)
    key = Unicode().tag(sync=True)
    step = Int().tag(sync=True)
    inverse = Bool().tag(sync=True)
    cache = Bool().tag(sync=True)

    size = Int().tag(sync=True)
    at = Int().tag(sync=True)
    source = Unicode().tag(sync=True)
    keys_used = Unicode().tag(sync=True)
    result = Unicode().tag(sync=True)
    wires: List[dict[str, Any]] = List().tag(sync=True)
    verdict: Dict[str, Any] = Dict().tag(sync=True)

    data: bytes
    masked: bytes

    def __init__(self, payload: bytes | str = b"Hello", key: bytes = EXAMPLE_KEY) -> None:
        super().__init__(_EDITED)
        self._other = ATTACK  # the payload of the picture that is not shown
        self._editing = True
        self._change(payload.encode() if isinstance(payload, str) else bytes(payload), bytes(key))
        self._editing = False

    def _edit_payload(self, typed: str) -> None:
        self._change(read_payload(typed, self.form), self._key, self.form)

    def _edit_form(self, form: Form) -> None:
        if form == "text" and form_of(self.data[:LIMIT]) == "hex":
            self.form = "hex"
            raise UsageError("These bytes are no text that could be printed: edit them as hex.")
        self._show()

    def _edit_key(self, typed: str) -> None:
        self._change(self.data, read_key(typed), self.form)

    def _edit_step(self, step: int) -> None:
        self.step = min(max(step, 0), max(self.size - 1, 0))
        self._show()
        if step != self.step:
            raise UsageError(
                f"The bytes are numbered from 0 to {max(self.size - 1, 0):,}: there is no {step:,}."
            )

    def _edit_inverse(self, _: bool) -> None:
        self.step = 0
        self._show()

    def _edit_cache(self, _: bool) -> None:
        payload, self._other = self._other, self.data
        self._change(payload, self._key)

    def _change(self, payload: bytes, key: bytes, form: Form | None = None) -> None:
        self.masked = mask(payload, key)  # first of all, because it refuses a bad key
        self.data, self._key = payload, key
        self.form = form or form_of(payload[:LIMIT])
        self.size = len(payload)
        self.step = min(self.step, max(self.size - 1, 0))
        self._show()

    def _show(self) -> None:
        """Set all that is drawn."""
        with self.hold_sync():
            small = self.size <= LIMIT
            self.payload = write_payload(self.data, self.form) if small else ""
            self.key = self._key.hex(" ")
            self.at = self.step - self.step % _PAGE
            columns = slice(self.at, self.at + _PAGE)
            source, result = (self.masked, self.data) if self.inverse else (self.data, self.masked)
            self.source = source[columns].hex(" ")
            self.keys_used = (self._key * 2)[: len(source[columns])].hex(" ")
            self.result = result[self.at : self.step + 1].hex(" ")
            self.wires = self._wires() if self.cache else []
            self.verdict = self._judge()

    def _judge(self) -> dict[str, Any]:
        if self.cache:
            return {
                "mark": "",
                "verdict": "why clients mask",
                "text": "A page chooses the payload, and a proxy that does not know WebSocket could take it "
                "for a request and keep the answer in its cache, for everybody. The mask is new for each "
                "frame and cannot be foreseen: so nobody chooses what stands on the wire.",
                "note": "§10.3",
            }
        if not self.data:
            text = "There is nothing to mask: type a payload."
            return {"mark": "–", "verdict": "empty", "text": text, "note": "§5.3"}
        text = "XOR again with the same key and the payload comes back."
        if self.inverse:
            text = "The same XOR with the same key: the payload is back."
        return {"mark": "", "verdict": self._sum(self.step), "text": text, "note": "§5.3"}

    def _pair(self, at: int) -> tuple[int, int, int]:
        source, result = (self.masked, self.data) if self.inverse else (self.data, self.masked)
        return source[at], self._key[at % 4], result[at]

    def _sum(self, at: int) -> str:
        return "{:02x} ⊕ {:02x} = {:02x}".format(*self._pair(at))

    def _wires(self) -> list[dict[str, Any]]:
        try:
            self.data.decode()
            opcode = Opcode.TEXT
        except UnicodeDecodeError:
            opcode = Opcode.BINARY
        shown = []
        for title, key in (("mask off", None), ("mask on", self._key)):
            wire = Frame(opcode, self.data, masking_key=key).serialize()
            request = _request_in(wire[: LIMIT * 4])
            text = (
                f"A cache sees a request: {request}."
                if request
                else "A cache sees nothing that begins like a request."
            )
            start = len(wire) - len(self.data) - (4 if key else 0)
            shown.append(
                {
                    "title": title,
                    "wire": wire[:_SHOWN].hex(" "),
                    "size": len(wire),
                    "header": start,
                    "key": 4 if key else 0,
                    "request": bool(request),
                    "text": text,
                }
            )
        return shown

    def __repr__(self) -> str:
        return f"<MaskView: {count(self.size, 'byte')} ⊕ {self.key}, byte {self.step}>"

    def still(self) -> str:
        """Draw the columns, or the comparison, as a table."""
        if self.cache:
            rows = [
                row(
                    each["title"],
                    each["wire"],
                    each["text"],
                    "§10.3",
                    f"wsl-{'fault' if each['request'] else 'payload'}",
                )
                for each in self.wires
            ]
        else:
            rows = [
                row(
                    f"byte {at:,}",
                    self._sum(at),
                    "{:08b} ⊕ {:08b} = {:08b}".format(*self._pair(at)),
                    f"key[{at % 4}]",
                    "wsl-payload" if at == self.step else "wsl-key",
                )
                for at in range(self.at, min(self.at + _PAGE, self.size))
            ]
        said = self.verdict
        body = f'<div class="wsl-part">{words(rows)}</div>'
        judged = verdict_bar(said["mark"], said["verdict"], said["text"], said["note"])
        return card("Masking", f"{count(self.size, 'byte')} ⊕ {self.key}", body, judged)


def _request_in(wire: bytes) -> str:
    """Read what a proxy would that looks for a request and knows no frames."""
    found = _METHOD.search(wire)
    if found is None:
        return ""
    try:
        cut = split_head(wire[found.start() :])
        request = cut and Request.parse(cut[0])
    except HandshakeError:
        return ""
    return (
        visible(f"{request.method} {request.target} for {request.headers.get('Host') or 'no host'}")
        if request
        else ""
    )
