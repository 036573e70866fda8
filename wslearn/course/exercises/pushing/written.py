"""Exercise `sse_event`: write an event of a stream (HTML §9.2.5)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.labs.realtime.sse import parse_sse, sse_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["SSE_EVENT"]


def _events_to_write() -> SearchStrategy[tuple[int, str]]:
    from hypothesis import strategies as st

    text = st.text(alphabet="abé€ :\n\r\u2028", max_size=12)
    return st.tuples(st.integers(1, 10**6), text)


def _as_the_library(result: object, number: int, data: str) -> object:
    """Write the right event as the library does: the order of its lines and their ends are free."""
    wanted = sse_event(number, data)
    return wanted if isinstance(result, str) and parse_sse(result) == parse_sse(wanted) else result


def _one_data_line(number: int, data: str) -> str:
    return f"id: {number}\ndata: {data}\n\n"


def _no_empty_line(number: int, data: str) -> str:
    return sse_event(number, data)[:-1]


def _bare_data(number: int, data: str) -> str:
    return f"id: {number}\n{data}\n\n"


def _no_id(_number: int, data: str) -> str:
    return sse_event(0, data).partition("\n")[2]


def _splitlines(number: int, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"id: {number}\n{lines}\n"


def _line_feed_only(number: int, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"id: {number}\n{lines}\n"


def _no_blank(number: int, data: str) -> str:
    return re.sub(r"(?m)^(id|data): ", r"\1:", sse_event(number, data))


def _as_json(number: int, data: str) -> str:
    return f"id: {number}\ndata: {json.dumps(data)}\n\n"


def _stripped(number: int, data: str) -> str:
    return sse_event(number, data.strip())


SSE_EVENT = Exercise(
    model=sse_event,
    lesson="01_why_not_http",
    section="HTML §9.2.5",
    examples=(
        (1, "a"),
        (1, ""),
        (12, "é€"),
        (7, "two\nlines"),
        (7, "two\r\nlines"),
        (7, "one\rmore"),
        (8, "a\n\nb"),
        (8, " b "),
        (9, "ends\n"),
        (9, "a\u2028b"),
        (10, '{"goal": "1:0"}'),
    ),
    inputs=_events_to_write,
    hints=(
        "An event is a few lines of text and an empty line. Look at the one that the server sent.",
        "The first line is `id: ` and the number. Then comes `data: ` and the text.",
        (
            "What if there is a line break in the text? What follows it would be a line without a field "
            "name, which the browser ignores. Each line of the text needs a `data: ` of its own."
        ),
        (
            r"A line of the stream ends with `\r\n`, `\n` or `\r`. Split the text at all three, and at "
            r"nothing else: `re.split(r'\r\n|\r|\n', data)`."
        ),
        (
            r"Put `id: …` and the `data: …` lines together, each with `\n` behind it, and one more `\n` at "
            r"the end."
        ),
    ),
    misconceptions=(
        Misconception(
            "one data line for all lines",
            "You write one `data:` in front of the whole text. After a line break in it the browser sees a "
            "line that is no field, and drops it. Each line needs its own `data:` (HTML §9.2.6).",
            _one_data_line,
        ),
        Misconception(
            "no empty line at the end",
            "Your event does not end. Only an empty line makes the browser hand it out (HTML §9.2.6): two "
            "line breaks, one behind the last `data:` line and one of its own.",
            _no_empty_line,
        ),
        Misconception(
            "the text without a field name",
            "You send the text as it is. A line of the stream is a field name, a colon and a value; "
            "without the name `data` the browser does not know what it is (HTML §9.2.5).",
            _bare_data,
        ),
        Misconception(
            "no id",
            "You leave out the `id`. Then a browser that connects again has no `Last-Event-ID` to send, "
            "and the server cannot know what it missed (HTML §9.2.6).",
            _no_id,
        ),
        Misconception(
            "splitlines",
            r"You split with `splitlines()`, which also cuts at characters such as U+2028 and drops a "
            r"break at the end. In an event stream a line ends with `\r\n`, `\n` or `\r`, and with nothing "
            r"else (HTML §9.2.5).",
            _splitlines,
        ),
        Misconception(
            "only the line feed",
            r"You split at `\n` alone. A `\r` ends a line of the stream, too, so what follows it is lost "
            "(HTML §9.2.5).",
            _line_feed_only,
        ),
        Misconception(
            "no blank behind the colon",
            "You write no blank behind the colon. That is allowed, until the text begins with one: a reader "
            "drops the first blank there is (HTML §9.2.6). Write one of your own.",
            _no_blank,
        ),
        Misconception(
            "JSON around it",
            "You write the data as JSON, with quotes around it. The format has no quoting: the text stands "
            "there as it is, line by line (HTML §9.2.5).",
            _as_json,
        ),
        Misconception(
            "blanks cut off",
            "You strip the text. A reader drops one blank behind the colon, the one that you wrote; all "
            "others belong to the data (HTML §9.2.6).",
            _stripped,
        ),
    ),
    normal=_as_the_library,
)
