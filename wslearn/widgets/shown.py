"""What a page is given to draw: spans, the ends of the bytes and the verdict, as plain lists and dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.spans import MARKS, Explanation, count

if TYPE_CHECKING:
    from wslearn.widgets.draft import Draft

__all__ = ["shown_runs", "shown_spans", "shown_verdict"]

_HEAD, _TAIL = 64, 16  # bytes that are shown of a long frame
_SPANS = 60


def shown_spans(told: Explanation, start: int, stop: int) -> list[dict[str, Any]]:
    """List the spans that touch the bytes from `start` to `stop`, 60 at most.

    Examples
    --------
    >>> from wslearn.explain import explain
    >>> shown_spans(explain(bytes.fromhex("89 00")), 0, 2)[4]["value"]
    '0x9 ping'
    """
    listed: list[dict[str, Any]] = []
    for part in told.parts:
        for number in range(part.first, part.behind):
            span = told[number]
            if span.start < stop * 8 and span.stop > start * 8 and len(listed) < _SPANS:
                listed.append(
                    {
                        "start": span.start,
                        "stop": span.stop,
                        "name": span.name,
                        "value": span.value,
                        "meaning": span.meaning,
                        "section": span.section,
                        "kind": span.kind,
                        "fault": span.fault is not None,
                        "part": part.title,
                    }
                )
    return listed


def shown_runs(data: bytes, draft: Draft, at: int) -> list[dict[str, Any]]:
    """Give the bytes of a frame in hex, as they are and unmasked; of a long one its two ends.

    Parameters
    ----------
    data
        All bytes; where they end early, so does the frame.
    draft
        The frame.
    at
        Where it begins, in bytes.

    Examples
    --------
    >>> from wslearn.widgets.draft import Draft
    >>> data = bytes.fromhex("81 85 37 fa 21 3d 7f 9f")
    >>> shown_runs(data, Draft.read(data)[0], 0)[0]["plain"]
    '818537fa213d4865'
    """
    stop = min(at + draft.size, len(data))
    long = stop - at > _HEAD + 2 * _TAIL
    head, tail = draft.ends(_HEAD if long else stop - at, _TAIL)
    runs = [{"at": at, "wire": data[at : at + len(head)].hex(), "plain": head.hex()}]
    if long:
        runs.append({"at": stop - _TAIL, "wire": data[stop - _TAIL : stop].hex(), "plain": tail.hex()})
    return runs


def shown_verdict(told: Explanation) -> dict[str, Any]:
    """Give the last line of a picture, and the rule that is broken.

    Examples
    --------
    >>> from wslearn.explain import explain
    >>> shown_verdict(explain(bytes.fromhex("09 00")))["close_code"]
    1002
    """
    fault = told.fault
    return {
        "mark": MARKS.get(told.verdict, "✗"),
        "verdict": told.verdict,
        "text": told.summary,
        "note": fault.section if fault else count(len(told.data), "byte"),
        "section": fault.section if fault else "",
        "close_code": getattr(fault, "close_code", 0),
    }
