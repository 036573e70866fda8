"""One event of a sequence diagram, opened: every field of it in words, or the frame itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.explain import explain
from wslearn.frames import shorten
from wslearn.spans import count
from wslearn.widgets.frame_view import FrameView
from wslearn.widgets.shown import shown_spans, shown_verdict

if TYPE_CHECKING:
    from wslearn.net.capture import Capture
    from wslearn.spans import Explanation
    from wslearn.widgets.wire_event import WireEvent

__all__ = ["framed", "told_event"]

_OPCODES = {"text", "binary", "continuation", "close", "ping", "pong", "reserved"}
_TCP = "The stream of this side is at its end; the other side's may go on. WebSocket ends with a close frame."
_NOTE = "A remark between two arrows: no byte crossed here."
_IN_PLACE = "Legal where it stands: it was read with what came before it on this connection."


def framed(event: WireEvent, capture: Capture) -> FrameView | None:
    """Open a frame in a `FrameView`, behind the fragments of its message that came before it.

    Parameters
    ----------
    event
        Any.
    capture
        The connection that it was on.

    Returns
    -------
    FrameView or None
        ``None`` for what is no frame, and for a frame that means something else when it stands alone:
        its bytes were compressed with those of messages long gone, for example.
    """
    if event.kind not in _OPCODES:
        return None
    data = capture.bytes_from(event.sender)[event.message : event.start + event.size]
    view = FrameView(data, event.sender, deflate=_is_compressed(event, capture))
    view.chosen = len(view.frames) - 1
    if view.more or (view.told.fault is None) != (event.fault is None):
        view.close()
        return None
    return view


def _is_compressed(event: WireEvent, capture: Capture) -> bool:
    return not event.plain and capture.explain(event.sender).deflate is not None


def told_event(event: WireEvent, capture: Capture) -> dict[str, Any]:
    """Explain an event: ``title``, ``spans`` as `shown_spans` gives them, and ``verdict``.

    Parameters
    ----------
    event
        Any.
    capture
        The connection that it was on.
    """
    size = count(event.size, "byte")
    verdict = {"mark": "–", "verdict": "", "text": "", "note": size}
    spans: list[dict[str, Any]] = []
    if event.kind in {"note", "tcp"}:
        is_note = event.kind == "note"
        verdict |= {"verdict": "TCP", "text": _NOTE if is_note else _TCP, "note": "" if is_note else "§7.1.1"}
    elif event.kind == "bytes":
        spans = [_bytes(event, capture)]
        verdict |= {"verdict": "not judged", "text": event.text.partition(":")[0].capitalize() + "."}
    else:
        told, at = _explained(event, capture)
        spans = shown_spans(told, at, at + event.size)
        verdict = shown_verdict(told)
        if event.fault is None and not event.plain:
            verdict = {"mark": "✓", "verdict": "legal", "text": _IN_PLACE, "note": size}
        elif told.fault is not None and event.fault is None:
            # Any page is fetched like this: it is no handshake that went wrong.
            spans = [span | {"fault": False, "kind": span["kind"].replace("fault", "http")} for span in spans]
            verdict = {"mark": "–", "verdict": "HTTP", "text": "No WebSocket is asked for.", "note": size}
    return {"title": event.text, "spans": spans, "verdict": verdict}


def _explained(event: WireEvent, capture: Capture) -> tuple[Explanation, int]:
    """Explain an event, with all that came before it where that matters; give also where it stands there."""
    if event.kind != "http" and not event.plain:
        return capture.explain(event.sender), event.start
    data = capture.bytes_from(event.sender)[event.start : event.start + event.size]
    request = capture.request if event.sender == "server" else None
    return explain(data, event.sender, request=request), 0


def _bytes(event: WireEvent, capture: Capture) -> dict[str, Any]:
    data = capture.bytes_from(event.sender)[event.start : event.start + event.size]
    name, _, text = event.text.partition(": ")
    return {
        "start": event.start * 8,
        "stop": (event.start + event.size) * 8,
        "name": name,
        "value": text or shorten(data),
        "meaning": "No part of a WebSocket conversation.",
        "section": "",
        "kind": "flags",
        "fault": False,
        "part": "bytes",
    }
