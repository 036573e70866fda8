"""Lesson 09, `origin_allowed`: whose pages may connect (RFC 6455 §10.2)."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wslearn.course.exercise import Exercise, Misconception
from wslearn.handshake import origin_allowed

if TYPE_CHECKING:
    from collections.abc import Collection

    from hypothesis.strategies import SearchStrategy

__all__ = ["ORIGIN_ALLOWED"]

_BANK = "https://bank.example"
_HERE = "http://localhost:*"
_HOSTS = (
    "localhost",
    "bank.example",
    "evilbank.example",
    "bank.example.evil.example",
    "bankxexample",
    "[::1]",
)


def _pairs() -> SearchStrategy[tuple[str, list[str]]]:
    from hypothesis import strategies as st

    def origins(ports: tuple[str, ...]) -> SearchStrategy[str]:
        parts = st.tuples(
            st.sampled_from(("https://", "http://")), st.sampled_from(_HOSTS), st.sampled_from(ports)
        )
        return parts.map("".join)

    seen = origins(("", ":8888", ":8889")) | st.just("null")
    return st.tuples(seen, st.lists(origins(("", ":8888", ":*")), max_size=3))


def _exactly(origin: str, origins: Collection[str]) -> bool:
    return origin in origins


def _begins_with(origin: str, origins: Collection[str]) -> bool:
    return any(origin.startswith(each.removesuffix(":*")) for each in origins)


def _ends_with(origin: str, origins: Collection[str]) -> bool:
    host = urlsplit(origin).hostname or origin
    names = (urlsplit(each.removesuffix(":*")).hostname or each for each in origins)
    return any(host.endswith(name) for name in names)


def _contains(origin: str, origins: Collection[str]) -> bool:
    names = (urlsplit(each.removesuffix(":*")).hostname or each for each in origins)
    return any(name in origin for name in names)


def _host_alone(origin: str, origins: Collection[str]) -> bool:
    host = urlsplit(origin).hostname
    return host is not None and host in {urlsplit(each.removesuffix(":*")).hostname for each in origins}


def _port_ignored(origin: str, origins: Collection[str]) -> bool:
    plain = re.sub(r":(\d+|\*)$", "", origin)
    return plain in {re.sub(r":(\d+|\*)$", "", each) for each in origins}


def _star_for_all(origin: str, origins: Collection[str]) -> bool:
    return "*" in origins or origin_allowed(origin, origins)


def _null_welcome(origin: str, origins: Collection[str]) -> bool:
    return origin == "null" or origin_allowed(origin, origins)


def _as_a_pattern(origin: str, origins: Collection[str]) -> bool:
    return any(fnmatchcase(origin, each.replace("[", "[[]")) for each in origins)


def _as_fnmatch(origin: str, origins: Collection[str]) -> bool:
    return any(fnmatchcase(origin, each) for each in origins)


def _begins_before_a_star(origin: str, origins: Collection[str]) -> bool:
    stars = (each.removesuffix(":*") for each in origins if each.endswith(":*"))
    return origin in origins or any(origin.startswith(each) for each in stars)


def _begins_before_any_star(origin: str, origins: Collection[str]) -> bool:
    stars = (each[:-2] for each in origins if each.endswith("*"))
    return origin in origins or any(origin.startswith(each) for each in stars)


def _anything_for_a_port(origin: str, origins: Collection[str]) -> bool:
    stars = {each.removesuffix(":*") for each in origins if each.endswith(":*")}
    return origin in origins or origin in stars or origin.rpartition(":")[0] in stars


def _port_needed(origin: str, origins: Collection[str]) -> bool:
    return origin in origins or (re.search(r":\d+$", origin) is not None and origin_allowed(origin, origins))


def _all_or_some(origin: str, origins: Collection[str]) -> bool:
    return not origins or origin_allowed(origin, origins)


def _none_said(origin: str, origins: Collection[str]) -> bool:
    return not origin or origin_allowed(origin, origins)


def _as_a_regex(origin: str, origins: Collection[str]) -> bool:
    return origin_allowed(origin, origins) or any(
        re.fullmatch(each.replace("[", r"\[").replace(":*", r"(:\d+)?"), origin) for each in origins
    )


ORIGIN_ALLOWED = Exercise(
    model=origin_allowed,
    lesson="09_security",
    section="RFC 6455 §10.2",
    examples=(
        (_BANK, [_BANK]),
        (_BANK, []),
        ("", [_BANK]),
        ("http://bank.example", [_BANK]),
        (_BANK, ["http://bank.example"]),
        ("https://evil.example", [_BANK]),
        ("https://evilbank.example", [_BANK]),
        ("https://bank.example.evil.example", [_BANK]),
        ("https://evil.example", ["*"]),
        ("null", [_BANK]),
        ("null", ["*"]),
        ("https://bank.example:8443", [_BANK]),
        ("http://localhost", [_HERE]),
        ("http://localhost:8888", [_HERE]),
        ("https://localhost:8888", [_HERE]),
        ("http://localhost:8888", ["http://localhost:8889"]),
        ("http://localhost:8888", ["http://localhost:8889", "http://localhost:8888"]),
        ("http://localhost.evil.example", [_HERE]),
        ("http://localhost:8888.evil.example", [_HERE]),
        ("http://localhost:x", [_HERE]),
        ("http://[::1]:8888", ["http://[::1]:*"]),
        ("http://[::1]", ["http://[::1]:*"]),
        ("https://bankxexample", [_BANK]),
        ("https://www.bank.example", [_BANK, "https://shop.example"]),
    ),
    inputs=_pairs,
    hints=(
        (
            "An origin is three things: scheme, host, port. All three have to be the same, so compare the "
            "whole text."
        ),
        "`origin in origins` is nearly all of it. What is left is the port written `*`.",
        "Take the port off the end of the origin, put `:*` in its place, and look again.",
        r'`re.sub(r":\d+$", "", origin) + ":*"` is what would have to stand among the allowed ones.',
    ),
    misconceptions=(
        Misconception(
            "no star for the port",
            "You compare the whole text, and that is the safe way. What is missing is the port written "
            "`*`, which stands for any port, and for none.",
            _exactly,
        ),
        Misconception(
            "the port ignored",
            "You leave the port out of the comparison. Another port is another origin (RFC 6454 §4), and "
            "may be another program. Only `*` stands for any.",
            _port_ignored,
        ),
        *(
            Misconception(
                "a pattern of the shell",
                "You match `*` against any text. It stands for a port: digits, or nothing at all. What an "
                "attacker may choose must not match a pattern that you did not think through.",
                wrong,
            )
            for wrong in (_as_a_pattern, _as_fnmatch)
        ),
        *(
            Misconception(
                "the beginning compared before a star",
                "Where there is a star, you compare the beginning alone. `http://localhost.evil.example` "
                "begins with `http://localhost`, too: behind it there may be a port, or nothing.",
                wrong,
            )
            for wrong in (_begins_before_a_star, _begins_before_any_star)
        ),
        Misconception(
            "anything for a port",
            "You take whatever stands behind the last colon for a port. A port is a number.",
            _anything_for_a_port,
        ),
        Misconception(
            "a port needed",
            "You want a port where a `*` stands. It stands for any port, and for none: the scheme's usual "
            "port is left out (RFC 6454 §6.2).",
            _port_needed,
        ),
        Misconception(
            "everybody when nobody is named",
            "You let everybody in when the list is empty. An empty list allows nobody: who forgot to fill it "
            "should find that out, and not the attacker.",
            _all_or_some,
        ),
        Misconception(
            "an empty origin let in",
            "You let an empty origin in. It is none of the allowed ones. Whether a handshake without the "
            "field may connect is another question.",
            _none_said,
        ),
        Misconception(
            "a pattern with dots",
            "You made a regular expression of it, where a dot is any character: `bankxexample` passes for "
            "`bank.example`. Compare texts; where it must be a pattern, use `re.escape`.",
            _as_a_regex,
        ),
        Misconception(
            "the beginning compared",
            "You compare the beginning. An attacker registers a name that goes on after it: "
            "`https://bank.example.evil.example` begins with `https://bank.example`.",
            _begins_with,
        ),
        Misconception(
            "the host alone",
            "You compare the hosts. Scheme and port belong to the origin, too (RFC 6454 §4): a page that "
            "came over plain `http` may have been changed on the way.",
            _host_alone,
        ),
        Misconception(
            "the end compared",
            "You compare the end of the host. Anybody can register `evilbank.example`, which ends with "
            "`bank.example`. And scheme and port belong to the origin, too.",
            _ends_with,
        ),
        Misconception(
            "found anywhere in it",
            "You look for the allowed name anywhere in the origin. Attackers choose their own names, and "
            "yours fits into theirs. Compare the whole origin.",
            _contains,
        ),
        Misconception(
            "a star for everybody",
            "You let everybody in for a lone `*`. Here a star stands for a port and nothing else: whoever "
            "wants no check says so in another way.",
            _star_for_all,
        ),
        Misconception(
            "null let in",
            "You let `null` in. Browsers write it for pages without an origin of their own (RFC 6454 "
            "§6.2), and any attacker can put his page into a sandboxed frame.",
            _null_welcome,
        ),
    ),
)
