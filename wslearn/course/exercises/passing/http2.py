"""Lesson 12, `extended_connect`: asking for a WebSocket on a stream of HTTP/2 (RFC 8441 §4, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.handshake import Target
from wslearn.labs.http2.client import extended_connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = ["EXTENDED_CONNECT"]

Fields = list[tuple[str, str]]


def _urls() -> SearchStrategy[tuple[str, list[str]]]:
    from hypothesis import strategies as st

    schemes = st.sampled_from(("wss", "ws"))
    hosts = st.sampled_from(("example.org", "127.0.0.1:8765", "[::1]:8443", "a:443", "a:80"))
    paths = st.sampled_from(("", "/", "/chat", "/chat?room=1", "/?a=b"))
    url = st.tuples(schemes, hosts, paths).map(lambda parts: f"{parts[0]}://{parts[1]}{parts[2]}")
    return st.tuples(url, st.lists(st.sampled_from(("v1", "v2", "chat")), unique=True, max_size=2))


def _sorted(result: object, *_arguments: object) -> object:
    """Bring fields into order, where those that begin with a colon come first, as they must.

    Subprotocols may stand in one field or in several, with or without blanks (RFC 6455 §11.3.4).
    """
    if not isinstance(result, list) or not all(isinstance(part, str) for field in result for part in field):
        return result
    first = [field for field in result if field[0].startswith(":")]
    if result[: len(first)] != first:
        return result
    offered = [field[1] for field in result if field[0] == "sec-websocket-protocol"]
    others = [field for field in result if field[0] != "sec-websocket-protocol"]
    words = [word.strip(" \t") for value in offered for word in value.split(",")]
    return sorted([*others, *([("sec-websocket-protocol", ", ".join(words))] if offered else [])])


def _changed(url: str, subprotocols: Sequence[str], name: str, value: str) -> Fields:
    return [(each, value if each == name else was) for each, was in extended_connect(url, subprotocols)]


def _a_get(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return _changed(url, subprotocols, ":method", "GET")


def _scheme_of_the_url(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return _changed(url, subprotocols, ":scheme", url.partition(":")[0])


def _with_upgrade(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return [*extended_connect(url, subprotocols), ("upgrade", "websocket"), ("connection", "upgrade")]


def _with_key(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return [*extended_connect(url, subprotocols), ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")]


def _with_host(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return [
        ("host" if name == ":authority" else name, value)
        for name, value in extended_connect(url, subprotocols)
    ]


def _as_a_tunnel(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return [field for field in extended_connect(url, subprotocols) if field[0] not in {":scheme", ":path"}]


def _no_protocol(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return [field for field in extended_connect(url, subprotocols) if field[0] != ":protocol"]


def _capitals(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    fields = extended_connect(url, subprotocols)
    return [(name.title().replace("socket", "Socket"), value) for name, value in fields]


def _path_alone(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return _changed(url, subprotocols, ":path", Target.parse(url).resource.partition("?")[0])


def _no_version(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return [field for field in extended_connect(url, subprotocols) if field[0] != "sec-websocket-version"]


def _no_port(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return _changed(url, subprotocols, ":authority", Target.parse(url).host)


def _always_https(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return _changed(url, subprotocols, ":scheme", "https")


def _mixed(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    return extended_connect(url, subprotocols)[::-1]


def _empty_list(url: str, subprotocols: Sequence[str] = ()) -> Fields:
    fields = [field for field in extended_connect(url, ()) if field[0] != "sec-websocket-protocol"]
    return [*fields, ("sec-websocket-protocol", ", ".join(subprotocols))]


EXTENDED_CONNECT = Exercise(
    model=extended_connect,
    lesson="12_proxies",
    section="RFC 8441 §4, §5",
    examples=(
        ("wss://example.org/",),
        ("wss://example.org/chat",),
        ("wss://example.org",),
        ("ws://example.org/chat",),
        ("wss://127.0.0.1:8443/chat?room=1",),
        ("wss://example.org/", ["v1"]),
        ("wss://example.org/", ["v2", "v1"]),
    ),
    inputs=_urls,
    hints=(
        "Five fields begin with a colon: `:method`, `:protocol`, `:scheme`, `:path` and `:authority`.",
        "They come before all others. Names are in lower case, and Host, Upgrade and Connection are gone.",
        (
            "HTTP/2 knows no `wss`: `:scheme` is `https`, or `http` for `ws`. "
            "`Target.parse(url)` gives `secure`, `resource` and `authority`."
        ),
        "`sec-websocket-version` is 13, as ever. Key and Accept do not exist here.",
        '`sec-websocket-protocol` is there only where there are subprotocols: `", ".join(subprotocols)`.',
    ),
    misconceptions=(
        Misconception(
            "a GET",
            "You ask with GET. There is no upgrade in HTTP/2; a stream that goes both ways is asked for with "
            "CONNECT (RFC 8441 §4).",
            _a_get,
        ),
        Misconception(
            "the URL's scheme",
            "You write `wss` or `ws` for the scheme. HTTP/2 has `https` and `http` in their places "
            "(RFC 8441 §5).",
            _scheme_of_the_url,
        ),
        Misconception(
            "https for both",
            "You write `https` for `ws`, too. Its scheme is `http` (RFC 8441 §5).",
            _always_https,
        ),
        Misconception(
            "no version",
            "You leave out `sec-websocket-version`. It is sent as ever, 13 (RFC 8441 §5).",
            _no_version,
        ),
        Misconception(
            "the port lost",
            "You drop the port. `:authority` has host and port, as the URL has (RFC 9113 §8.3.1).",
            _no_port,
        ),
        Misconception(
            "Upgrade and Connection",
            "You keep Upgrade and Connection. In HTTP/2 they make a request malformed (RFC 9113 §8.2.2); "
            "`:protocol` says what Upgrade said.",
            _with_upgrade,
        ),
        Misconception(
            "a Sec-WebSocket-Key",
            "You send a key. It is not used here: that the server understands, it has said in its SETTINGS "
            "(RFC 8441 §5).",
            _with_key,
        ),
        Misconception(
            "Host in place of :authority",
            "You write Host. In HTTP/2 host and port are in `:authority` (RFC 8441 §5, RFC 9113 §8.3.1).",
            _with_host,
        ),
        Misconception(
            "a tunnel's CONNECT",
            "You leave out `:scheme` and `:path`, as for a tunnel through a proxy. With `:protocol` they "
            "must be there (RFC 8441 §4).",
            _as_a_tunnel,
        ),
        Misconception(
            "no :protocol",
            "You leave out `:protocol`. It is what makes this CONNECT an extended one (RFC 8441 §4).",
            _no_protocol,
        ),
        Misconception(
            "capital letters",
            "You write names with capitals. In HTTP/2 field names are in lower case, and others make the "
            "request malformed (RFC 9113 §8.2.1).",
            _capitals,
        ),
        Misconception(
            "the query lost",
            "You drop the query. `:path` has path and query (RFC 9113 §8.3.1).",
            _path_alone,
        ),
        Misconception(
            "fields with a colon behind others",
            "You put a field that begins with a colon behind one that does not. They all come first "
            "(RFC 9113 §8.3).",
            _mixed,
        ),
        Misconception(
            "an empty list of subprotocols",
            "You write `sec-websocket-protocol` where there are no subprotocols. Then the field is left out "
            "(RFC 6455 §4.1, item 10).",
            _empty_list,
        ),
    ),
    normal=_sorted,
    see=(Target.parse,),
)
