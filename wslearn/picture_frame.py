"""The two drawings of a frame: its first bits in the RFC's diagram, and its bytes (RFC 6455 §5.2)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from wslearn.masking import mask, rotate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslearn.spans import Span

__all__ = ["bits_html", "bytes_html"]

# The fields below the bits: their label, the bits they cover, and the spans they stand for.
_LABELS = (
    ("FIN", "flags", range(1)),
    ("RSV1 2 3", "flags", range(1, 4)),
    ("opcode", "opcode", range(4, 8)),
    ("MASK", "flags", range(8, 9)),
    ("payload length", "length", range(9, 16)),
)
_HEAD, _TAIL = 64, 16  # bytes that are drawn of a long payload
_ROW = 16


def bits_html(data: bytes, spans: Sequence[Span]) -> str:
    """Draw the first two bytes of a frame bit by bit.

    Parameters
    ----------
    data
        The bytes that the spans count from.
    spans
        Those of one frame.

    Examples
    --------
    >>> from wslearn.explain import explain
    >>> told = explain(bytes.fromhex("89 00"))
    >>> bits_html(told.data, told).count("<td")
    21
    """
    first = spans[0].start
    there = min(spans[-1].stop - first, 16)
    numbers = "".join(f"<th>{bit}</th>" for bit in range(16))
    owner = {
        bit: number
        for number, span in enumerate(spans)
        for bit in range(span.start - first, span.stop - first)[:16]
    }
    cells = []
    for bit in range(16):
        if bit < there:
            value = data[(first + bit) // 8] >> (7 - bit % 8) & 1
            cells.append(f'<td class="wsl-b wsl-{spans[owner[bit]].kind} wsl-i{owner[bit]}">{value}</td>')
        else:
            cells.append("<td>·</td>")
    labels = []
    for label, kind, bits in _LABELS:
        numbered = {owner[bit]: None for bit in bits if bit in owner}
        fields = "".join(f" wsl-i{number}" for number in numbered)
        labels.append(f'<td class="wsl-l wsl-{kind}{fields}" colspan="{len(bits)}">{label}</td>')
    rows = f"<tr>{numbers}</tr><tr>{''.join(cells)}</tr><tr>{''.join(labels)}</tr>"
    return (
        f'<table class="wsl-bits" aria-label="The first two bytes, bit by bit"><tbody>{rows}</tbody></table>'
    )


def bytes_html(data: bytes, spans: Sequence[Span]) -> str:
    """Draw the bytes of a frame in hex and as text, the payload unmasked; of a long payload both ends.

    Parameters
    ----------
    data
        The bytes that the spans count from.
    spans
        Those of one frame.

    Examples
    --------
    >>> from wslearn.explain import explain
    >>> told = explain(bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))
    >>> "7f<small>H</small>" in bytes_html(told.data, told)
    True
    """
    start, stop = spans[0].start // 8, spans[-1].stop // 8
    if stop - start > _HEAD + _TAIL + _ROW:
        gap = f"… {stop - start - _HEAD - _TAIL:,} bytes more …"
        shown = [
            *_run(data, spans, start, start + _HEAD),
            f'<span class="wsl-gap">{gap}</span>',
            *_run(data, spans, stop - _TAIL, stop),
        ]
    else:
        shown = list(_run(data, spans, start, stop))
    label = "The bytes in hex and as text"
    return f'<div class="wsl-bytes" role="group" aria-label="{label}">{" ".join(shown)}</div>'


def _run(data: bytes, spans: Sequence[Span], start: int, stop: int) -> Iterator[str]:
    """Draw the cells of some bytes, with an offset before each eight of them."""
    plain = _unmasked(data, spans, start, stop)
    for at in range(start, stop):
        column = (at - start) % _ROW
        if column % 8 == 0:
            yield f'<span class="wsl-off{" wsl-half" if column else ""}">{at:04x}</span>'
        numbers = [
            number for number, span in enumerate(spans) if span.start < at * 8 + 8 and span.stop > at * 8
        ]
        blamed = next((number for number in numbers if spans[number].fault), numbers[-1])
        fields = " ".join(f"wsl-i{number}" for number in numbers)
        octet = plain[at - start]
        character = escape(chr(octet)) if 0x20 < octet < 0x7F else "␣" if octet == 0x20 else "·"
        kind = spans[blamed].kind
        yield f'<span class="wsl-b wsl-{kind} {fields}">{data[at]:02x}<small>{character}</small></span>'


def _unmasked(data: bytes, spans: Sequence[Span], start: int, stop: int) -> bytes:
    """Give the bytes with the part of them that is masked payload unmasked."""
    seen = data[start:stop]
    key = next((span for span in spans if span.name == "masking key"), None)
    if key is None or key.stop - key.start < 32:
        return seen
    masking_key, payload = data[key.start // 8 : key.stop // 8], max(key.stop // 8, start)
    turned = rotate(masking_key, payload - key.stop // 8)
    return seen[: payload - start] + mask(seen[payload - start :], turned)
