"""Exercises of lesson 01: events in an HTTP response that does not end (HTML §9.2)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.labs.realtime.sse import parse_sse, sse_event

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["EXERCISES"]

LESSON = "01_why_not_http"


# ------------------------------------------------------------------------------------------- sse_event


def _events_to_write() -> SearchStrategy[tuple[int, str]]:
    from hypothesis import strategies as st

    text = st.text(alphabet="abé€ :\n\r\u2028", max_size=12)
    return st.tuples(st.integers(1, 10**6), text)


def _as_the_library(result: object, *_values: object) -> object:
    """Write an event that is whole as the library does: the order of its lines and their ends are free."""
    if not isinstance(result, str):
        return result
    events = parse_sse(result)
    whole = _pieces(result)[-2:] == ["", ""] and all(number.isdecimal() for number, _ in events)
    return "".join(sse_event(int(number), data) for number, data in events) if whole else result


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


def _as_json(number: int, data: str) -> str:
    return f"id: {number}\ndata: {json.dumps(data)}\n\n"


def _stripped(number: int, data: str) -> str:
    return sse_event(number, data.strip())


SSE_EVENT = Exercise(
    model=sse_event,
    lesson=LESSON,
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


# ------------------------------------------------------------------------------------------- parse_sse


def _streams() -> SearchStrategy[tuple[str]]:
    from hypothesis import strategies as st

    line = st.sampled_from(
        [
            "data: a",
            "data:b",
            "data",
            "data:  c",
            "id: 1",
            "id: 2",
            "id",
            ": data: d",
            "retry: 5",
            "data : e",
            "",
        ]
    )
    lines = st.lists(st.tuples(line, st.sampled_from(["\n", "\r\n", "\r"])).map("".join), max_size=7)
    return st.tuples(lines.map("".join))


def _pieces(stream: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", stream)


def _rest_too(stream: str) -> list[tuple[str, str]]:
    return parse_sse(stream + "\n\n")


def _joined_without_breaks(stream: str) -> list[tuple[str, str]]:
    return [(number, data.replace("\n", "")) for number, data in parse_sse(stream)]


def _last_line_only(stream: str) -> list[tuple[str, str]]:
    return [(number, data.rpartition("\n")[2]) for number, data in parse_sse(stream)]


def _all_blanks(stream: str) -> list[tuple[str, str]]:
    return parse_sse("\n".join(re.sub(r"^data:\s+", "data:", line) for line in _pieces(stream)))


def _blank_needed(stream: str) -> list[tuple[str, str]]:
    return parse_sse("\n".join("?" if re.match(r"\w+:\S", line) else line for line in _pieces(stream)))


def _each_its_own_id(stream: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    number, data = "", list[str]()
    for line in _pieces(stream)[:-1]:
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
        elif field == "id":
            number = value.removeprefix(" ")
        elif not line:
            found += [(number, "\n".join(data))] if data else []
            number, data = "", []
    return found


def _line_feeds_only(stream: str) -> list[tuple[str, str]]:
    return parse_sse(stream.replace("\r", "\ufffd"))


PARSE_SSE = Exercise(
    model=parse_sse,
    lesson=LESSON,
    section="HTML §9.2.6",
    examples=(
        ("",),
        ("data: a\n\n",),
        ("data: a\n",),
        ("id: 1\ndata: a\n\n",),
        ("data: a\ndata: b\n\n",),
        ("data:a\n\n",),
        ("data:  a\n\n",),
        ("data: a:b\n\n",),
        ("id: 1\ndata: a\n\ndata: b\n\n",),
        (": ping\n\ndata: a\n\n",),
        ("id: 3\n\ndata: a\n\n",),
        ("data\n\n",),
        ("data: a\r\n\r\n",),
        ("data: a\r\r",),
        ("retry: 5\ndata: a\nevent: x\n\n",),
        ("data: a\n\n\ndata: b\n\ndata: c",),
    ),
    inputs=_streams,
    hints=(
        (
            "Go through the stream line by line, and keep two things: the last `id`, and the `data` lines so "
            "far."
        ),
        (
            "An empty line ends an event: hand out what you have, if there was a `data` line, and begin a "
            "new list."
        ),
        (
            "A line is a field name, a colon and a value: `field, _, value = line.partition(':')`. One "
            "blank behind the colon is dropped: `value.removeprefix(' ')`. A line that begins with a colon "
            "is a comment."
        ),
        (
            r"Lines end with `\r\n`, `\r` or `\n`: `re.split(r'\r\n|\r|\n', stream)`. The last piece has no "
            r"end yet."
        ),
        r"Join the `data` lines with `\n`. The `id` stays for the events after it, until another one comes.",
    ),
    misconceptions=(
        Misconception(
            "handed out before its end",
            "You hand out an event whose empty line did not come. Its next `data:` line may still be under "
            "way (HTML §9.2.6).",
            _rest_too,
        ),
        Misconception(
            "data lines joined without a break",
            r"You join the `data` lines with nothing between them. Each stands for a line: put `\n` "
            r"between them (HTML §9.2.6).",
            _joined_without_breaks,
        ),
        Misconception(
            "the last data line only",
            "You keep the last `data` line of an event. All of them belong to it (HTML §9.2.6).",
            _last_line_only,
        ),
        Misconception(
            "all blanks dropped",
            "You drop all blanks behind the colon. Only one is not part of the value (HTML §9.2.6).",
            _all_blanks,
        ),
        Misconception(
            "a blank behind the colon expected",
            "You look for a colon and a blank. The blank may be missing (HTML §9.2.6).",
            _blank_needed,
        ),
        Misconception(
            "the id forgotten",
            "You forget the `id` when an event ends. It stays, for the events after it, until another "
            "comes: it is what `Last-Event-ID` will say (HTML §9.2.6).",
            _each_its_own_id,
        ),
        Misconception(
            "only the line feed",
            r"You split at `\n` alone. Lines may end with `\r\n` or `\r` as well (HTML §9.2.5).",
            _line_feeds_only,
        ),
    ),
)

EXERCISES = (SSE_EVENT, PARSE_SSE)
