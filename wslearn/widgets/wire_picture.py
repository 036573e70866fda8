"""A sequence diagram that stands still: as HTML for a saved notebook, as SVG for slides."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from wslearn.picture import lane_row
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import count
from wslearn.widgets.wire_event import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.widgets.wire_event import WireEvent

__all__ = ["wire_html", "wire_svg"]

_DRAWN = 200  # events of a picture
_ROW = 40  # pixels
_TOP = 44
_WIDTH, _LEFT, _RIGHT = 900, 100, 800  # of an SVG, and where its two lifelines stand
_FONT = 'font-family="system-ui, DejaVu Sans, sans-serif" font-size="13"'
_CHARACTERS = 92  # that fit between them
_ARROWS = {"client": "→", "server": "←"}
# The hues of the style sheet, as they are on a white page.
_HUES = {
    "opcode": "#086ca7",
    "http": "#086ca7",
    "flags": "#676e7a",
    "length": "#b96f00",
    "key": "#974382",
    "payload": "#007e5c",
    "fault": "#b8311d",
}


def wire_html(events: Sequence[WireEvent], connections: int, verdict: str) -> str:
    """Draw what crossed, without the times and the ports: the same conversation gives the same picture.

    Parameters
    ----------
    events
        All of them; how TCP connections begin and end is left out, as it comes when it likes.
    connections
        How many there were.
    verdict
        One sentence.

    Examples
    --------
    >>> "client" in wire_html([], 0, "Nothing came.")
    True
    """
    shown = [event for event in events if event.kind not in {"note", "tcp"}]
    rows = ['<tr><th class="wsl-t">client</th><th></th><th class="wsl-t">server</th></tr>']
    for event in shown[:_DRAWN]:
        number = f"#{event.connection}" if connections > 1 else ""
        rows.append(lane_row(number, _ARROWS[event.sender], event.text, event.hue, f"{event.size:,} B"))
    if len(shown) > _DRAWN:
        rows.append(f"<tr><td></td><td>… and {len(shown) - _DRAWN:,} more</td><td></td></tr>")
    table = f'<table class="wsl-lanes"><tbody>{"".join(rows)}</tbody></table>'
    body = f'<div class="wsl-part">{table}</div>'
    size = count(sum(event.size for event in shown), "byte")
    faults = sum(event.fault is not None for event in shown)
    mark, word = ("✗", count(faults, "fault")) if faults else ("–", "so far")
    return card("Wire", count(connections, "connection"), body, verdict_bar(mark, word, verdict, size))


def wire_svg(events: Sequence[WireEvent], began: float) -> str:
    """Draw events as an SVG picture, 200 at most.

    Parameters
    ----------
    events
        Those to draw.
    began
        When the clock was 0, in seconds since 1970.

    Examples
    --------
    >>> wire_svg([], 0.0).startswith("<svg")
    True
    """
    shown = events[:_DRAWN]
    height = _TOP + _ROW * (len(shown) + (len(events) > _DRAWN)) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" {_FONT}>',
        "<title>What crossed the tap</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        *(f'<path d="M{x} 36V{height - 8}" stroke="#bdbdbd" stroke-width="2"/>' for x in (_LEFT, _RIGHT)),
        _text(_LEFT, 24, "client", anchor="middle", weight=600),
        _text(_RIGHT, 24, "server", anchor="middle", weight=600),
    ]
    for number, event in enumerate(shown):
        parts += _arrow(event, _TOP + _ROW * number, clock(event.time - began))
    if len(events) > _DRAWN:
        more = f"… and {len(events) - _DRAWN:,} more"
        parts.append(_text(_WIDTH // 2, _TOP + _ROW * len(shown) + 20, more, anchor="middle"))
    return "\n".join([*parts, "</svg>"])


def _arrow(event: WireEvent, top: int, when: str) -> list[str]:
    text = event.text[:_CHARACTERS] + "…" * (len(event.text) > _CHARACTERS)
    hue = _HUES[event.hue]
    if event.kind == "note":
        return [_text(_WIDTH // 2, top + 22, text, anchor="middle", fill=hue)]
    is_back = event.sender == "server"
    start, tip, back = (_RIGHT, _LEFT, 8) if is_back else (_LEFT, _RIGHT, -8)
    line, at = top + 26, top + 18
    return [
        _text(8, line, when, fill="#616161", size=11),
        _text(_RIGHT - 12, at, text, anchor="end") if is_back else _text(_LEFT + 12, at, text),
        f'<path d="M{start} {line}H{tip + back}" stroke="{hue}" stroke-width="2"/>',
        f'<path d="M{tip} {line}l{back} -5v10z" fill="{hue}"/>',
        _text(
            _WIDTH - 8, line, f"{event.size:,} B" if event.size else "", anchor="end", fill="#616161", size=11
        ),
    ]


def _text(x: int, y: int, text: str, *, anchor: str = "start", fill: str = "#212121", **more: int) -> str:
    extra = "".join(f' font-{name}="{value}"' for name, value in more.items())
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}"{extra}>{escape(text)}</text>'
