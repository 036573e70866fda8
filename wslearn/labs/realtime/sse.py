r"""Server-Sent Events: one HTTP response that does not end, and in it one event after another.

::

    HTTP/1.1 200 OK
    Content-Type: text/event-stream

    id: 1
    data: what the page gets

The format is that of the HTML Living Standard, §9.2: lines of UTF-8, each a field name, a colon and a value;
an empty line ends an event. A browser's `EventSource` connects again by itself, and then says in the header
``Last-Event-ID`` which event it saw last.
"""

from __future__ import annotations

import re

__all__ = ["parse_sse", "sse_event"]

_LINE_END = re.compile(r"\r\n|\r|\n")


def sse_event(number: int, data: str) -> str:
    r"""Write one event (HTML §9.2.5); on the wire it is UTF-8.

    Parameters
    ----------
    number
        What it is called, for those who come back: its ``id``.
    data
        Any text. A line break in it begins another ``data`` line.

    Examples
    --------
    >>> sse_event(7, "two\nlines")
    'id: 7\ndata: two\ndata: lines\n\n'
    """
    lines = [f"id: {number}", *(f"data: {line}" for line in _LINE_END.split(data))]
    return "".join(f"{line}\n" for line in [*lines, ""])


def parse_sse(stream: str) -> list[tuple[str, str]]:
    r"""Read the whole events of a stream, as an `EventSource` does (HTML §9.2.6).

    Parameters
    ----------
    stream
        What came so far.

    Returns
    -------
    list of tuple of str
        For each event the last ``id`` that was given up to it, and its data. An event that has no data, or
        whose empty line did not come yet, is not there.

    Examples
    --------
    >>> parse_sse("id: 7\ndata: two\ndata: lines\n\n: a comment\n\ndata: cut o")
    [('7', 'two\nlines')]
    """
    events: list[tuple[str, str]] = []
    number, data = "", list[str]()
    for line in _LINE_END.split(stream.removeprefix("\ufeff"))[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "id" and "\0" not in value:
            number = value
        elif not line:
            if data:
                events.append((number, "\n".join(data)))
            data = []
    return events
