"""Cases that the tables of `wslearn.vectors` lack: what a server must bear, answer, or notice in time."""

from __future__ import annotations

import re

from wslearn.closing import Close
from wslearn.connection import Connection, Ping, Pong
from wslearn.course.conformance.kinds import Answers, Case, Fails, Heard, frames_of
from wslearn.frames import Frame, Opcode
from wslearn.vectors import FRAMES, GOOD_REQUEST

__all__ = ["close", "framed", "good_cases", "heard_from"]

KEY = bytes.fromhex("37 fa 21 3d")  # as in §5.7
CHOP = 997  # bytes, as in Autobahn's cases: a prime, so that no two frames are cut alike
_LEGAL = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)  # Autobahn's 7.7
_LATER = (1012, 1013, 1014)  # in IANA's registry since RFC 6455 was written
_HALF = "κόσμε".encode()  # eleven bytes, then one that no character begins with or goes on with
_SMALL = 200  # bytes
_IMPOSSIBLE, _REST = b"\xf4\x90\x80\x80", b"edited"


def framed(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
    """Write a client's frame; `rsv` holds the three reserved bits as a number.

    Examples
    --------
    >>> framed(Opcode.PING).hex(" "), framed(Opcode.PING, rsv=0b100).hex(" ")
    ('89 80 37 fa 21 3d', 'c9 80 37 fa 21 3d')
    """
    bits = {f"rsv{number}": bool(rsv & 0b1000 >> number) for number in (1, 2, 3)}
    return Frame(opcode, payload, fin=fin, masking_key=KEY, **bits).serialize()


def close(payload: bytes = b"\x03\xe8") -> bytes:
    """Write a client's close frame; 1000 unless said otherwise."""
    return framed(Opcode.CLOSE, payload)


def _fragments(payload: bytes, size: int) -> bytes:
    """Cut a text into fragments of `size` bytes."""
    starts = range(0, len(payload), size)
    return b"".join(
        framed(0 if start else Opcode.TEXT, payload[start : start + size], fin=start == starts[-1])
        for start in starts
    )


def heard_from(data: bytes) -> tuple[Heard, ...]:
    """Tell what an echo server answers to a client's frames, up to the first that is at fault.

    Examples
    --------
    >>> heard_from(framed(Opcode.PING, b"?") + framed(Opcode.TEXT, b"Hello") + framed(0x3))
    (Pong(payload=b'?'), 'Hello')
    """
    heard: list[Heard] = []
    for event in Connection("server").receive(data):
        if isinstance(event, str | bytes):
            heard.append(event)
        elif isinstance(event, Ping):
            heard.append(Pong(event.payload))
    return tuple(heard)


def _good(group: str, name: str, data: bytes, autobahn: str = "", section: str = "", chop: int = 0) -> Case:
    return Case(group, name, Answers(heard_from(data)), section, autobahn, (data,), chop=chop)


def good_cases() -> list[Case]:
    """List them all, not yet in the order of their groups."""
    return [
        *_handshakes(),
        *_examples(),
        *_echoes(),
        *_pings(),
        *_after_a_message(),
        *_fragmented(),
        *_utf8(),
        *_fail_fast(),
        *_closings(),
        *_after_the_close(),
    ]


def _handshakes() -> list[Case]:
    group, fields = "opening handshake", GOOD_REQUEST[:-2]
    other_case = GOOD_REQUEST.replace(b"Upgrade: websocket", b"UPGRADE:WebSocket").replace(
        b"Connection: Upgrade", b"connection: keep-alive, uPGRADE"
    )
    return [
        Case(group, "the request of §1.3", Answers(), "§4.2"),
        Case(group, "one byte at a time", Answers(), "§4.2", chop=1),
        Case(group, "names and tokens in another case", Answers(), "§4.2.1", request=other_case),
        Case(
            group,
            "a subprotocol and an extension nobody knows",
            Answers(),
            "§4.2.2",
            request=fields + b"Sec-WebSocket-Protocol: x-no\r\nSec-WebSocket-Extensions: x-no; a=1\r\n\r\n",
        ),
    ]


def _examples() -> list[Case]:
    """Take the RFC's own small examples, masked where a server sends them there."""
    groups = {"ping": "ping and pong", "pong": "ping and pong", "fragmented": "fragments"}
    found = {}
    for example in FRAMES:
        if len(example.data) < _SMALL:
            group = next((groups[word] for word in groups if word in example.name), "echo")
            name = re.sub("an? (.*?)(?:un)?masked ", r"a \1", example.name)
            data = b"".join(framed(f.opcode, f.payload, fin=f.fin) for f in frames_of(example.data))
            found[data] = _good(group, f"{example.section}: {name}", data, section=example.section)
    return list(found.values())


def _echoes() -> list[Case]:
    cases = []
    sizes = {1: 0, 2: 125, 3: 126, 6: 65535, 7: 65536, 8: 65536}  # by Autobahn's last number
    for kind, opcode, octet in ((1, Opcode.TEXT, b"*"), (2, Opcode.BINARY, b"\xfe")):
        for number, size in sizes.items():
            chop = CHOP * (number == 8)
            name = f"{opcode.name.lower()}, {size:,} bytes" + f", {CHOP} at a time" * bool(chop)
            data = framed(opcode, octet * size)
            cases.append(_good("echo", name, data, f"1.{kind}.{number}", "§5.6", chop))
    text = framed(Opcode.TEXT, b"*" * (256 << 10))
    binary = framed(Opcode.BINARY, b"\xfe" * (256 << 10))
    many = b"".join(framed(Opcode.TEXT, f"message {number}".encode()) for number in range(200))
    return [
        *cases,
        _good("echo", "text, one byte at a time", framed(Opcode.TEXT, b"Hello"), section="§5.2", chop=1),
        _good("echo", "text, 256 KiB", text, "9.1.2", "§5.6"),
        _good("echo", "binary, 256 KiB", binary, "9.2.2", "§5.6"),
        _good("echo", "200 texts in one go", many, section="§5.6"),
    ]


def _pings() -> list[Case]:
    ping, pong, full = Opcode.PING, Opcode.PONG, framed(Opcode.PING, b"\xfe" * 125)
    unasked = framed(pong, b"unsolicited pong payload")
    ten = b"".join(framed(ping, f"payload-{number}".encode()) for number in range(10))
    rows = [
        ("ping, empty", framed(ping), "2.1", "§5.5.2", 0),
        ("ping, 13 bytes", framed(ping, b"Hello, world!"), "2.2", "§5.5.2", 0),
        ("ping that is not UTF-8", framed(ping, b"\0\xff\xfe\xfd\xfc\xfb\0\xff"), "2.3", "§5.5.2", 0),
        ("ping, 125 bytes", full, "2.4", "§5.5", 0),
        ("ping, 125 bytes, one byte at a time", full, "2.6", "§5.5", 1),
        ("a pong that nobody asked for, empty", framed(pong), "2.7", "§5.5.3", 0),
        ("a pong that nobody asked for", unasked, "2.8", "§5.5.3", 0),
        ("such a pong, then a ping", unasked + framed(ping, b"ping payload"), "2.9", "§5.5.3", 0),
        ("10 pings", ten, "2.10", "§5.5.2", 0),
        ("10 pings, one byte at a time", ten, "2.11", "§5.5.2", 1),
    ]
    return [_good("ping and pong", *row) for row in rows]


def _after_a_message() -> list[Case]:
    """List what is wrong after a message that is right: its echo comes first."""
    group, hello = "reserved bits", b"Hello, world!"
    expected = Fails((1002,), heard=(hello.decode(),))
    cases = []
    for name, rsv, number, chop in (
        ("a text, one with RSV2, a ping", 0b010, "3.2", 0),
        ("a text, one with RSV1, a ping, one byte at a time", 0b100, "3.4", 1),
    ):
        data = framed(Opcode.TEXT, hello) + framed(Opcode.TEXT, hello, rsv=rsv) + framed(Opcode.PING)
        cases.append(Case(group, name, expected, "§5.2", number, (data,), chop=chop))
    all_three = framed(Opcode.CLOSE, rsv=0b111)
    return [*cases, Case(group, "close with all three bits", Fails((1002,)), "§5.2", "3.7", (all_three,))]


def _fragmented() -> list[Case]:
    group = "fragments"
    first, last = framed(Opcode.TEXT, b"fragment1", fin=False), framed(0, b"fragment2")
    ping = framed(Opcode.PING, b"ping payload")
    begin = first + framed(0, b"fragment2", fin=False) + framed(Opcode.PING, b"pongme 1!")
    end = (
        framed(0, b"fragment3", fin=False)
        + framed(0, b"fragment4", fin=False)
        + framed(Opcode.PING, b"pongme 2!")
        + framed(0, b"fragment5")
    )
    whole = "fragment1fragment2fragment3fragment4fragment5"
    answers = Answers((Pong(b"pongme 1!"), Pong(b"pongme 2!"), whole))
    bad_pong = framed(Opcode.PONG, b"fragment1", fin=False)
    return [
        _good(group, "two fragments", first + last, "5.3", "§5.4"),
        _good(group, "two fragments, one byte at a time", first + last, "5.5", "§5.4", chop=1),
        _good(group, "a ping between two fragments", first + ping + last, "5.6", "§5.4"),
        _good(group, "a ping between, one byte at a time", first + ping + last, "5.8", "§5.4", chop=1),
        Case(group, "a ping between, answered before the rest", answers, "§5.5.2", "5.19", (begin, end)),
        _good(group, "64 KiB in fragments of 1,300 bytes", _fragments(b"*" * 65536, 1300), "10.1.1", "§5.4"),
        Case(group, "fragmented pong", Fails((1002,)), "§5.5", "5.2", (bad_pong + last,)),
    ]


def _utf8() -> list[Case]:
    group, text = "UTF-8", "Hello-µ@ßöäüàá-UTF-8!!"
    cut = text.index("ü")
    data = text.encode()
    empty = framed(Opcode.TEXT, fin=False) + framed(0, fin=False) + framed(0)
    middle = framed(Opcode.TEXT, fin=False) + framed(0, b"middle frame payload", fin=False) + framed(0)
    halves = framed(Opcode.TEXT, text[:cut].encode(), fin=False) + framed(0, text[cut:].encode())
    bad = _HALF + b"\xed\xa0\x80" + _REST
    singles = {
        "U+0000": ("\0", "6.7.1"),
        "U+D7FF, before the surrogates": ("\ud7ff", "6.11.1"),
        "U+FFFE, a noncharacter": ("\ufffe", "6.22.1"),
        "U+10000, the first of four bytes": ("\U00010000", "6.7.4"),
        "U+10FFFF, the last character": ("\U0010ffff", "6.9.4"),
    }
    return [
        _good(group, "three empty fragments", empty, "6.1.2", "§5.6"),
        _good(group, "text between empty fragments", middle, "6.1.3", "§5.6"),
        _good(group, "letters of many languages", framed(Opcode.TEXT, data), "6.2.1", "§5.6"),
        _good(group, "cut between two characters", halves, "6.2.2", "§5.6"),
        _good(group, "cut inside characters", _fragments(data, 1), "6.2.3", "§5.6"),
        *(
            _good(group, name, framed(Opcode.TEXT, character.encode()), number, "§5.6")
            for name, (character, number) in singles.items()
        ),
        Case(
            group,
            "half of a surrogate pair, in fragments of one byte",
            Fails((1007,)),
            "§8.1",
            "6.3.2",
            (_fragments(bad, 1),),
        ),
    ]


def _fail_fast() -> list[Case]:
    """List texts that cannot become right any more, and whose end comes only after a while (§8.1)."""
    expected = Fails((1007,), early=True)
    bad, at = _HALF + _IMPOSSIBLE + _REST, len(_HALF)
    pieces = {
        "an impossible fragment": (at, at + 4, "6.4.1"),
        "an impossible byte": (at + 1, at + 2, "6.4.2"),
    }
    cases = []
    for name, (start, stop, number) in pieces.items():
        begun = framed(Opcode.TEXT, bad[:start], fin=False) + framed(0, bad[start:stop], fin=False)
        turns = (begun, framed(0, bad[stop:]))
        cases.append(Case("UTF-8", f"{name}, and later the rest", expected, "§8.1", number, turns))
    frame = framed(Opcode.TEXT, bad)
    header = len(frame) - len(bad)
    for stop, number in ((at + 4, "6.4.3"), (at + 2, "6.4.4")):
        turns = (frame[: header + stop], frame[header + stop :])
        name = f"the first {stop} bytes of a frame, and later the rest"
        cases.append(Case("UTF-8", name, expected, "§8.1", number, turns))
    return cases


def _closings() -> list[Case]:
    group = "closing"
    rows = [
        (Close(1000, "Hello World!").serialize(), "close with a reason", "7.3.4"),
        (Close(1000, "*" * 123).serialize(), "close with a reason of 123 bytes", "7.3.5"),
        (b"", "empty close", "7.3.1"),
    ]
    too_long = close(b"\x03\xe8" + b"*" * 124)
    return [
        *(Case(group, name, Answers(), "§5.5.1", number, (close(data),)) for data, name, number in rows),
        Case(group, "close with a reason of 124 bytes", Fails((1002,)), "§5.5", "7.3.6", (too_long,)),
        *(
            Case(
                group,
                f"close {code}",
                Answers(codes=tuple(dict.fromkeys((1000, code))), borne=(1002,) if code in _LATER else ()),
                "§7.4",
                f"7.7.{_LEGAL.index(code) + 1}" if code in _LEGAL else "",
                (close(code.to_bytes(2, "big")),),
            )
            for code in sorted({*_LEGAL, *_LATER})
        ),
    ]


def _after_the_close() -> list[Case]:
    """List what comes after a close frame, where nothing counts any more (§5.5.1)."""
    first = framed(Opcode.TEXT, b"fragment1", fin=False)
    rows = [
        ("two close frames", close() + close(b""), "7.1.2"),
        ("close, then a ping", close() + framed(Opcode.PING), "7.1.3"),
        ("close, then a text", close() + framed(Opcode.TEXT, b"Hello World!"), "7.1.4"),
        ("close inside fragments", first + close() + framed(0, b"fragment2"), "7.1.5"),
    ]
    return [Case("closing", name, Answers(), "§5.5.1", number, (data,)) for name, data, number in rows]
