"""What nobody should send to an application, and what it answers: tables."""

from __future__ import annotations

import json
from math import inf, nan
from typing import Any

from pycrdt import write_var_uint

from tests.labs.victims import Chat, Dashboard, Game, Notifications, Scores, Ticker, Victim
from tests.labs.writing import item, string
from wslearn.labs.apps.document import MOST
from wslearn.labs.apps.season import TOPICS
from wslearn.labs.apps.ysync import Cursor, Step, cursors, sync

SCRIPT = "<script>alert(1)</script>"
TURNED = "\u202eadA"  # what stands behind the mark is read from right to left
LARGE = 10**4000

KIND = '"type" must be one of'
_OBJECT = "A message is a JSON object, as text."
_ID = 'An "id" has 1 to 40 letters, digits and hyphens.'
_ROOM = "A room is called by 1 to 20 small letters, digits and hyphens."
_PERSON = "A person is called by 1 to 20 small letters, digits and hyphens."
_NAMED = "A name has 1 to 30 characters, all of which can be seen."
_CALLED = "A name has 1 to 12 characters, all of which can be seen."
_LONG = '"text" has at most 2,000 characters.'
_HALF = '"text" has half a character in it'
_NUMBERS = '"topics" says the last number that you have of each, or null.'
_NO_NUMBERS: list[Any] = [-1, -LARGE, True, 1.5, nan, inf, "1", "", []]
_NO_TOPICS = ["", " ", "league-x", SCRIPT, TURNED, "\x00"]

#: What no application of JSON messages understands: the answer, and what it is the answer to.
MESSAGES: list[tuple[str, list[str | bytes]]] = [
    (_OBJECT, ["", " ", "hello", "{", "{'type': 'join'}", '{"type": "join",}', "\x00", "{} {}", SCRIPT]),
    (_OBJECT, ["null", "true", "5", "-1e999", "NaN", "Infinity", '"join"', '"\\ud800"', "[]", "[{}]"]),
    (_OBJECT, ["\ufeff{}", "\u202e{}"]),
    (_OBJECT, ["[" * 10_000, "[" * 8000 + "]" * 8000, '{"a":' * 2500 + "1" + "}" * 2500]),
    (_OBJECT, ["9" * 10_000, '{"type": ' + "9" * 5000 + "}"]),
    (_OBJECT, [b"", b"{}", b'{"type": "join"}', b"\x00\xff"]),
    (KIND, ["{}", '{"type": null}', '{"type": 5}', '{"type": []}', '{"type": {}}', '{"type": NaN}']),
    (KIND, ['{"type": "dance"}', '{"type": ""}', '{"type": " join"}', '{"TYPE": "join"}']),
    (KIND, ['{"type": "\\ud800"}', '{"type": "\\u0000"}', '{"type": "__class__"}']),
    (KIND, [json.dumps({"type": SCRIPT}), json.dumps({"type": TURNED}), json.dumps({"type": "x" * 10_000})]),
    (KIND, ['{"type": "join", "type": "dance"}']),  # of two that have one name, the last counts
]

#: Something of each JSON type, and numbers that are no whole ones.
ANYTHING: list[Any] = [None, True, False, 1.5, 1.0, nan, inf, -inf, 7, "7", [], ["a"], {}, {"a": 1}]

#: Fields that nobody asked for.
MORE = f"""
    "admin": true, "__proto__": {{"x": 1}}, "": null, "nan": NaN, "large": 1e999, "number": -1, "why": "evil",
    "long": "{"x" * 5000}", "deep": {"[" * 400 + "]" * 400}, "\\ud800": "{SCRIPT}"
"""

#: Values of the right type that an application does not take, by type and field; and the answer.
VALUES: list[tuple[type[Victim], str, str, list[Any], str]] = [
    (Chat, "join", "room", ["", " ", "Lobby", "a" * 21, "../x", "a\n", "%00", "\x00", "é"], _ROOM),
    (Chat, "join", "room", [SCRIPT, TURNED], _ROOM),
    (Chat, "join", "name", ["", " \t\n", "x" * 31, "A\x00", "A\nB", TURNED, "\u200b"], _NAMED),
    (Chat, "join", "name", ["A\ud800"], '"name" has half a character in it'),
    (Chat, "join", "last", [-1, -(2**64), -LARGE], '"last" is the number of the last message you saw, or 0.'),
    (Chat, "join", "seen", [None, 5, [[]], True], '"seen" is the id of the last message you saw, or "".'),
    (Chat, "say", "id", ["", " ", "a 1", "a\n", "x" * 41, SCRIPT, "\ud800"], _ID),
    (Chat, "say", "text", ["", " \t\r\n\u3000"], "There is nothing in it."),
    (Chat, "say", "text", ["x" * 2001], _LONG),
    (Chat, "say", "text", ["\ud800", "\udc00\ud800"], _HALF),
    (Notifications, "join", "person", ["", " ", "Ada!", "a" * 21, SCRIPT, "\x00"], _PERSON),
    (
        Notifications,
        "join",
        "last",
        [-1, -LARGE],
        '"last" is the number of the last event you know of, or 0.',
    ),
    (Notifications, "notify", "to", ["", " ", "Ada", "a" * 21, TURNED, "../x"], _PERSON),
    (Notifications, "notify", "id", ["", "ack:1", "x" * 41, "\ud800"], _ID),
    (Notifications, "notify", "text", ["", " \n"], "There is nothing in it."),
    (Notifications, "notify", "text", ["x" * 2001], _LONG),
    (Notifications, "notify", "text", ["a\udfff"], _HALF),
    (Notifications, "ack", "id", ["", "a b", SCRIPT], _ID),
    (Dashboard, "watch", "every", [-1, 0, 99, 10_001, 2**64, LARGE], '"every" is 100 to 10000 milliseconds.'),
    (Dashboard, "drawn", "tick", [-1, -(2**64), -LARGE], '"tick" is that of the last figures you were sent.'),
    (Game, "play", "name", ["", "  ", "x" * 13, "A\x00", TURNED, "\u2066"], _CALLED),
    (Game, "play", "name", ["\ud800"], '"name" has half a character in it'),
    (Game, "play", "token", ["", "F" * 32, "f" * 31, "f" * 33, SCRIPT], "A token has 32 hexadecimal digits."),
    (Game, "move", "number", [-1, 0, 2**31, 2**64, LARGE], "Moves are numbered from 1 on."),
    (
        Game,
        "move",
        "x",
        [2, -9, 10**9, 2**64, LARGE],
        "A move is one step, −1, 0 or 1 in each direction, and not",
    ),
    (Game, "move", "y", [-2, -LARGE], "A move is one step, −1, 0 or 1 in each direction, and not 0, -"),
    (Scores, "follow", "topics", [{"league-x": 0}], "There is no topic 'league-x'. There is, for example,"),
    (
        Scores,
        "follow",
        "topics",
        [{SCRIPT: None}, {"\ud800": 1}, {"": 1}, {"x" * 9000: 1}],
        "There is no topic",
    ),
    (Scores, "follow", "topics", [dict.fromkeys(sorted(TOPICS)[:13])], "A page has 12 topics at most"),
    (Scores, "follow", "topics", [{"league-north": last} for last in _NO_NUMBERS], _NUMBERS),
    (Scores, "follow", "log", ["x" * 2001], '"log" has at most 2,000 characters.'),
    (Scores, "subscribe", "topic", _NO_TOPICS, "There is no topic"),
    (Scores, "subscribe", "topic", ["x" * 2001], '"topic" has at most 2,000 characters.'),
    (Scores, "unsubscribe", "topic", _NO_TOPICS, "There is no topic"),
    (Ticker, "join", "mode", ["", " ", "Latest", SCRIPT, TURNED], '"mode" is "latest" or "every".'),
]

#: Where a page says that it has seen more than there ever was: that is no fault of the page.
BEYOND: list[tuple[type[Victim], dict[str, Any], dict[str, Any]]] = [
    (Chat, {"last": 2**64}, {"type": "gap", "from": 1}),
    (Chat, {"last": LARGE, "seen": SCRIPT}, {"type": "gap", "from": 1}),
    (Notifications, {"last": 2**64}, {"type": "joined", "waiting": [], "last": 0}),
    (Scores, {"topics": {"league-north": 2**64}}, {"type": "state", "gap": True}),
]


def _update(content: bytes, reference: int = 4, **options: Any) -> bytes:
    return sync(Step.UPDATE, item(reference, content, **options))


def _cursor(state: str) -> bytes:
    return b"\x01" + string(f"\x01\x03\x01{string(state).decode()}")


#: What the editor does not take: it closes with this code, for this reason.
BYTES: list[tuple[int, str, list[str | bytes]]] = [
    (1008, "The messages of y-protocols are binary ones.", ["", "hello", "{}", SCRIPT]),
    (1007, "This is no message of y-protocols: 09", [b"\x09"]),
    (1007, "This is no message of y-protocols: 00 09", [b"\x00\x09"]),
    (1007, "It is shorter than it says.", [b"", b"\x00\x02\x05\x00", b"\x01\x05\x01\x05"]),
    (1007, "It is shorter than it says.", [sync(Step.STATE, b"\xff"), sync(Step.UPDATE, b"\xff\xff")]),
    (1007, "It is shorter than it says.", [sync(Step.STATE, write_var_uint(2**53 - 1))]),
    (1007, "It is shorter than it says.", [sync(Step.UPDATE, write_var_uint(2**53 - 1) * 3)]),
    (1007, "It is longer than it says.", [b"\x00\x02\x00\x00", b"\x03\x00"]),
    (1007, "An update is longer than it says.", [sync(Step.UPDATE, b"\x00\x00\x00")]),
    (1007, "A number is too large.", [b"\x00\x02" + b"\xff" * 20, _update(string("a"), client=2**53)]),
    (1007, "A number is too large.", [cursors(Cursor(2**53, 1, {})), cursors(Cursor(3, 2**53, {}))]),
    (1007, "Nobody writes so much.", [sync(Step.UPDATE, b"\x00\x01\x05\x01\x00" + write_var_uint(2**40))]),
    (1007, "Only plain text is written here.", [_update(b"\x09", 7), _update(string("a"), key="b")]),
    (1007, 'Lines end in "\\n" here.', [_update(string("a\r\n")), _update(string(""))]),
    (1007, "A text is no UTF-8.", [_update(b"\x01\xff"), _update(b"\x03\xed\xa0\x80")]),
    (1007, 'Only the text called "text" is written here.', [_update(string("a"), root=SCRIPT)]),
    (1009, "The document is full: 256 KiB, with all that was", [_update(string("x" * (MOST - 20)))]),
    (1007, "It counts 5 cursors, and has 0.", [b"\x01\x01\x05"]),
    (1007, "It counts 1 cursors, and has more.", [b"\x01\x0b\x01" + b"\x03\x01\x02{}" * 2]),
    (1007, "A message has at most 1000 cursors, not 1001.", [cursors(*[Cursor(3, 1, {})] * 1001)]),
    (1007, "A message has at most 1000 cursors, not 10", [b"\x01\x03" + write_var_uint(10**6)]),
    (1007, "A cursor says at most 1000 characters.", [cursors(Cursor(3, 1, {"name": "x" * 1000}))]),
    (1007, "A cursor is a JSON object, or null.", [_cursor(text) for text in ("", "5", "[]", '"a"', "{")]),
    (1007, "A cursor is a JSON object, or null.", [cursors(Cursor(3, 1, {"at": n})) for n in (nan, inf)]),
]

#: What is no frame of a client at all.
FRAMES: list[tuple[int, str, bytes]] = [
    (1007, "A text message must be UTF-8.", b"\x81\x82mask\x92\x9e"),
    (1002, "mask", b"\x81\x02{}"),
    (1002, "Opcode 0x3 is reserved.", b"\x83\x80mask"),
    (1002, "continu", b"\x80\x80mask"),
]

#: Messages of which no more comes: a head, half a head, half a payload, one fragment, a thousand empty ones.
HALVES = [
    b"\x81",
    b"\x81\xfe\x10",
    b"\x81\x85mask\x00",
    b"\x01\x82mask{",
    b"\x02\x80mask" + b"\x00\x80mask" * 1000,
]

#: What may stand behind the path without harm: only the editor looks at it, for ``doc``.
QUERIES = [
    "?",
    "?room=",
    "?%00",
    "?room=%00&room=b",
    "?%ff%fe",
    "?&&==",
    f"?{'x' * 7000}",
    "?<script>",
    "?a[]=1",
]
DOCUMENTS = ["", "+", "Poem", "a" * 21, "a" * 5000, "a/b", "%00", "%ff", "%3Cscript%3E", "%E2%80%AEadA"]
PATHS = ["/", "%00", "%2e%2e/", "/../%00", "//", "/<script>", f"/{'a' * 5000}"]
#: Before the path, RFC 9112 §3.2.2 allows the server; what it is called, nobody asks.
SERVERS = [("http://[", 101), ("http://[::1", 101), ("HTTP://x", 101), ("http://\u2100", 400)]
