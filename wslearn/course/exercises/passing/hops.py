"""Lesson 12, `hop_by_hop`: what a proxy must not pass on (RFC 9110 §7.6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.http import Headers

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["HOP_BY_HOP", "hop_by_hop"]

Fields = list[tuple[str, str]]


def hop_by_hop(headers: list[tuple[str, str]]) -> set[str]:
    """Name the fields of a message that are for the next hop alone, so that a proxy does not pass them on.

    Parameters
    ----------
    headers
        Names and values, in order.

    Returns
    -------
    set of str
        The names in lower case, of fields that are there.

    Examples
    --------
    >>> sorted(hop_by_hop([("Host", "a"), ("Connection", "X-Id, close"), ("X-Id", "7"), ("TE", "trailers")]))
    ['connection', 'te', 'x-id']
    """
    always = {"connection", "proxy-connection", "keep-alive", "te", "transfer-encoding", "upgrade"}
    named = Headers(headers).tokens("Connection")
    return {name.lower() for name, _ in headers} & {*always, *named}


_ALWAYS = {"connection", "proxy-connection", "keep-alive", "te", "transfer-encoding", "upgrade"}
_HANDSHAKE = [
    ("Host", "example.org"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
]


def _messages() -> SearchStrategy[tuple[Fields]]:
    from hypothesis import strategies as st

    others = ("Host", "Upgrade", "TE", "Keep-Alive", "X-Id", "x-hop", "Via", "Transfer-Encoding", "Trailer")
    plain = st.tuples(st.sampled_from(others), st.sampled_from(("a", "1")))
    options = st.lists(st.sampled_from(("close", "X-Id", "X-HOP", "upgrade", "keep-alive")), max_size=3)
    spelled = st.sampled_from(("Connection", "connection"))
    named = st.tuples(spelled, options.map(", ".join) | options.map(",".join))
    return st.tuples(st.lists(plain | named, max_size=6))


def _names(headers: Fields) -> set[str]:
    return {name.lower() for name, _ in headers}


def _fixed_list(headers: Fields) -> set[str]:
    return _names(headers) & _ALWAYS


def _named_only(headers: Fields) -> set[str]:
    return _names(headers) & {"connection", *Headers(headers).tokens("Connection")}


def _as_spelled(headers: Fields) -> set[str]:
    values = [value for name, value in headers if name == "Connection"]
    named = {token.strip(" \t") for value in values for token in value.split(",")}
    return {name for name, _ in headers if name in named or name.lower() in _ALWAYS}


def _not_there(headers: Fields) -> set[str]:
    return (_names(headers) & _ALWAYS) | set(Headers(headers).tokens("Connection"))


def _as_they_came(headers: Fields) -> set[str]:
    return {name for name, _ in headers if name.lower() in hop_by_hop(headers)}


def _a_dictionary(headers: Fields) -> set[str]:
    fields = dict(headers)
    named = {word.strip(" \t").lower() for word in fields.get("Connection", "").split(",")}
    return {name.lower() for name in fields} & {*_ALWAYS, *named}


def _blanks_left_on(headers: Fields) -> set[str]:
    values = [value for name, value in headers if name.lower() == "connection"]
    return _names(headers) & {*_ALWAYS, *(word.lower() for value in values for word in value.split(","))}


def _what_goes_on(headers: Fields) -> set[str]:
    return _names(headers) - hop_by_hop(headers)


def _itself_kept(headers: Fields) -> set[str]:
    return hop_by_hop(headers) - {"connection"}


def _last_one_only(headers: Fields) -> set[str]:
    last = [(name, value) for name, value in headers if name.lower() == "connection"][-1:]
    return _names(headers) & {*_ALWAYS, *Headers(last).tokens("Connection")}


def _one_word(headers: Fields) -> set[str]:
    named = {value.lower() for name, value in headers if name.lower() == "connection"}
    return _names(headers) & {*_ALWAYS, *named}


def _websocket_too(headers: Fields) -> set[str]:
    return hop_by_hop(headers) | {name for name in _names(headers) if name.startswith("sec-websocket")}


HOP_BY_HOP = Exercise(
    model=hop_by_hop,
    lesson="12_proxies",
    section="RFC 9110 §7.6.1",
    examples=(
        ([],),
        ([("Host", "a")],),
        ([("Connection", "close")],),
        ([("connection", "X-Id"), ("x-id", "7")],),
        ([("Connection", "X-Id"), ("X-ID", "7"), ("X-Other", "8")],),
        ([("Connection", "X-Id,close"), ("X-Id", "7")],),
        ([("Connection", "close , X-Id"), ("X-Id", "7")],),
        ([("Connection", "X-Id"), ("Connection", "close"), ("X-Id", "7")],),
        ([("Keep-Alive", "timeout=5"), ("TE", "trailers"), ("Via", "1.1 a")],),
        ([("Transfer-Encoding", "chunked"), ("Proxy-Connection", "keep-alive")],),
        (_HANDSHAKE,),
        ([*_HANDSHAKE[:2], *_HANDSHAKE[3:]],),
    ),
    inputs=_messages,
    hints=(
        "Two kinds go: a few fields that always do, and those that the sender names. Where does it do so?",
        "`Connection` is a list of names with commas, in any case, and it may be there more than once.",
        (
            "The ones that always go: `Connection` itself, `Proxy-Connection`, `Keep-Alive`, `TE`, "
            "`Transfer-Encoding` and `Upgrade`."
        ),
        (
            "A word in `Connection` need not be a field of this message: `close` is none. Give only names "
            "that are there: `{name.lower() for name, _ in headers} & …`."
        ),
    ),
    misconceptions=(
        Misconception(
            "a fixed list alone",
            "You drop a fixed list. `Connection` can name any field as meant for the next hop, and a proxy "
            "has to drop those as well (RFC 9110 §7.6.1).",
            _fixed_list,
        ),
        Misconception(
            "the named ones alone",
            "You drop what `Connection` names, and nothing else. Some fields are known to be for one hop "
            "even where it does not name them: `Upgrade`, `TE`, `Keep-Alive` … (RFC 9110 §7.6.1).",
            _named_only,
        ),
        Misconception(
            "names as they are spelled",
            "You compare names as they are spelled. Field names have no case, and neither have the words in "
            "`Connection` (RFC 9110 §5.1, §7.6.1). Bring both into lower case.",
            _as_spelled,
        ),
        Misconception(
            "names as they came",
            "You give names as they came. They are wanted in lower case: field names have no case "
            "(RFC 9110 §5.1), so a program brings them into one form before it compares them.",
            _as_they_came,
        ),
        Misconception(
            "a dictionary",
            "You make a dictionary of the fields. It knows `Connection` and not `connection`, and keeps one "
            "field of each name, where there may be several (RFC 9110 §5.1, §5.3).",
            _a_dictionary,
        ),
        Misconception(
            "what goes on",
            "You give the fields that are passed on. Asked for are those that stay behind.",
            _what_goes_on,
        ),
        Misconception(
            "names that are not there",
            "You give words of `Connection` that are no field of this message, such as `close`. Give the "
            "names of fields that are there.",
            _not_there,
        ),
        Misconception(
            "Connection itself passed on",
            "You keep `Connection`. It speaks of one connection, and the next one is another: a proxy "
            "removes it, or writes its own (RFC 9110 §7.6.1).",
            _itself_kept,
        ),
        Misconception(
            "the last Connection alone",
            "You read one `Connection` field. There may be several, and they count as one list "
            "(RFC 9110 §5.3).",
            _last_one_only,
        ),
        Misconception(
            "the whole value as one word",
            "You take the value of `Connection` for one word. It is a list: cut it at the commas, and take "
            "the blanks off (RFC 9110 §5.6.1).",
            _one_word,
        ),
        Misconception(
            "blanks left on",
            "You cut the value of `Connection` at its commas, and leave the blanks on. There may be some on "
            "both sides of a comma, and they belong to no name (RFC 9110 §5.6.1).",
            _blanks_left_on,
        ),
        Misconception(
            "Sec-WebSocket fields dropped",
            "You drop the `Sec-WebSocket-…` fields. Nothing marks them as meant for one hop, so they go "
            "through. That is how a server sees that a proxy dropped the rest.",
            _websocket_too,
        ),
    ),
    see=(Headers.tokens,),
)
