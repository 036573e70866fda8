"""Exercise `parse_sse`: read a stream of events (HTML §9.2.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.labs.realtime.sse import parse_sse

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["PARSE_SSE"]


def _streams() -> SearchStrategy[tuple[str]]:
    from hypothesis import strategies as st

    line = st.sampled_from(
        [
            "data: a",
            "data:b",
            "data",
            "data:  c",
            "data: e\u2028f",
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


def _cut_with_splitlines(stream: str) -> list[tuple[str, str]]:
    whole = re.split(r"(?<=[\r\n])", stream)[:-1]
    return parse_sse("".join(f"{line}\n" for line in "".join(whole).splitlines()))


def _comment_read(stream: str) -> list[tuple[str, str]]:
    return parse_sse("\n".join(re.sub(r"^: ?", "", line) for line in _pieces(stream)))


def _empty_id_passed_over(stream: str) -> list[tuple[str, str]]:
    return parse_sse(re.sub(r"(?m)^id(: ?)?$", "?", "\n".join(_pieces(stream))))


PARSE_SSE = Exercise(
    model=parse_sse,
    lesson="01_why_not_http",
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
        (":data: b\ndata: a\n\n",),
        ("data : b\ndata: a\n\n",),
        ("id: 3\n\ndata: a\n\n",),
        ("id: 1\nid\ndata: a\n\n",),
        ("data\n\n",),
        ("data: a\r\n\r\n",),
        ("data: a\r\r",),
        ("retry: 5\ndata: a\nevent: x\n\n",),
        ("data: a\u2028b\n\n",),
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
        Misconception(
            "splitlines",
            r"You split with `splitlines()`, which also cuts at characters such as U+2028. In an event "
            r"stream a line ends with `\r\n`, `\n` or `\r`, and with nothing else (HTML §9.2.5).",
            _cut_with_splitlines,
        ),
        Misconception(
            "a comment read",
            "You read what stands behind a colon at the beginning of a line. Such a line is a comment, and "
            "is passed over as a whole (HTML §9.2.6).",
            _comment_read,
        ),
        Misconception(
            "an empty id passed over",
            "You keep the old `id` where a new one is empty. An `id` line without a value makes it empty: "
            "that is how a server says that there is nothing to come back to (HTML §9.2.6).",
            _empty_id_passed_over,
        ),
    ),
)
