"""One bad frame, six servers: what other implementations really answer to the tables of `wslearn.vectors`.

::

    "1002"         a close frame with this code, then TCP closes
    "1006 echoed"  the illegal close code itself comes back
    "no code"      an empty close frame, then TCP closes
    "drop"         TCP closes without a close frame, or without an answer to the handshake
    "echo"         the frame is taken for a good one
    "nothing"      no answer within five seconds
    "400", "101"   an HTTP status: the handshake is refused, or accepted

The answers were recorded over loopback from echo servers written as each documentation shows: no
compression, a limit of 8 MiB on messages where the documentation names one, everything else as it comes.
picows hands out single frames, and its echo sends each one back. ``python -m tests.interop.record_peers``
records them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Literal

from wslearn.connection import Connection
from wslearn.errors import HandshakeError
from wslearn.handshake import server_response
from wslearn.http import Request, split_head
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import count

__all__ = ["LENIENT", "PEERS", "PEER_HANDSHAKES", "PEER_VERSIONS", "PeerTable"]

Judged = Literal["right", "allowed", "wrong"]

# Where a server may go on without breaking a rule of its own. A length in a longer form: §5.2 binds the
# sender. A gigabyte: §10.4 says SHOULD. Codes from 5000 on: §7.4.2 does not speak of them. Line ends, CR
# and NUL: RFC 9112 §2.2, RFC 9110 §5.5. An empty Host: RFC 9112 §3.2. A key that is base64 of another size:
# §4.2.2, item 4, lets a server off decoding it. How large a head may be, and whose
# pages may connect, is up to each server (§10.2).
LENIENT = frozenset(
    {
        *(
            "125 in 16 bits",
            "65,535 in 64 bits",
            "a gigabyte announced",
            "close code 5000",
            "close code 65535",
        ),
        *("bare LF", "bare CR", "NUL", "line without a colon", "empty Host", "no subprotocol in the list"),
        "key of 15 bytes",
        *("head too large", "too many fields", "a page from elsewhere"),
    }
)
_FAILURES = frozenset({"1002", "1003", "1007", "1008", "1009", "1011", "no code", "drop"})
_ACCEPTED = "101"
_US = "wslearn"
# Each column is as wide as its badges, which stay in one line.
_WIDE = "min-width: 68em; table-layout: auto"
_HEAD = "overflow-wrap: normal; padding-right: 8px"
_BADGE = "white-space: nowrap; margin-right: 8px"
_MARKS: dict[Judged, tuple[str, str]] = {
    "right": ("✓", "payload"),
    "allowed": ("~", "length"),
    "wrong": ("✗", "fault"),
}


@dataclass(frozen=True, slots=True)
class PeerTable:
    """What each server answers to each of the vectors; beside them this library, computed on the spot.

    Parameters
    ----------
    title
        What is sent.
    answers
        By the name of the vector; one for each server of `versions`, in their order.
    versions
        Of the servers, by name.

    Examples
    --------
    >>> PEERS.answer("not masked", "tornado"), PEERS.answer("not masked", "wslearn")
    ('echo', '1002')
    >>> PEERS.judge("not masked", "echo")
    'wrong'
    """

    title: str
    answers: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, str]

    @property
    def servers(self) -> tuple[str, ...]:
        """The columns: this library first."""
        return (_US, *self.versions)

    def answer(self, name: str, server: str) -> str:
        """Tell what a server answers to the vector of this name.

        Raises
        ------
        KeyError
            For a name or a server that is not in the table.
        """
        there = zip(self.versions, self.answers[name], strict=True)
        return {_US: _ours(name), **dict(there)}[server]

    def judge(self, name: str, answer: str) -> Judged:
        """Judge an answer.

        Returns
        -------
        str
            ``"right"``: as `wslearn.vectors` says. ``"allowed"``: the connection fails in another way, or
            goes on where the RFC lets it. ``"wrong"``: what is bad is taken for good.
        """
        if answer == _due(name):
            return "right"
        return "allowed" if _is_refused(answer) or name in LENIENT else "wrong"

    @property
    def telling(self) -> PeerTable:
        """Only the rows on which some server takes what is bad for good.

        Examples
        --------
        >>> "not masked" in PEERS.telling.answers, "reserved opcode 0x3" in PEERS.telling.answers
        (True, False)
        """
        rows = {name: answers for name, answers in self.answers.items() if not all(map(_is_refused, answers))}
        return PeerTable(self.title, rows, self.versions)

    @property
    def summary(self) -> str:
        """How often each server is wrong, in a sentence."""
        wrong = {
            server: sum(self.judge(name, self.answer(name, server)) == "wrong" for name in self.answers)
            for server in self.servers
        }
        said = ", ".join(f"{server} {number}" for server, number in wrong.items())
        return f"Wrong in so many of {count(len(self.answers), 'row')}: {said}."

    def __str__(self) -> str:
        rows = [[self.title, *self.servers], ["", "computed", *self.versions.values()]]
        for name in self.answers:
            answers = [self.answer(name, server) for server in self.servers]
            marked = [f"{_MARKS[self.judge(name, answer)][0]} {answer}" for answer in answers]
            rows.append([name, *marked])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, self.summary])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        columns = [(_US, "computed"), *self.versions.items()]
        heads = "".join(
            f'<th scope="col" style="{_HEAD}">{escape(name)} {escape(note)}</th>' for name, note in columns
        )
        head = f'<thead><tr><th scope="col" colspan="2">the client sends</th>{heads}</tr></thead>'
        rows = "".join(map(self._row, self.answers))
        table = f'<table class="wsl-lanes" style="{_WIDE}">{head}<tbody>{rows}</tbody></table>'
        # Where it is narrow the table can be moved, by keyboard too.
        part = (
            '<div class="wsl-part" style="overflow-x: auto" tabindex="0" role="region" aria-label="Answers">'
        )
        verdict = verdict_bar("–", "recorded", self.summary, count(len(self.versions), "server"))
        return card(self.title, "✓ right, ~ allowed, ✗ wrong", f"{part}{table}</div>", verdict)

    def _row(self, name: str) -> str:
        cells = []
        for server in self.servers:
            answer = self.answer(name, server)
            judged = self.judge(name, answer)
            mark, kind = _MARKS[judged]
            word = f'<span class="wsl-unseen">{judged}: </span>'
            badge = f'<span style="{_BADGE}" class="wsl-b wsl-{kind}">{mark} {word}{escape(answer)}</span>'
            cells.append(f"<td>{badge}</td>")
        return f'<tr><th scope="row" colspan="2">{escape(name)}</th>{"".join(cells)}</tr>'


def _is_refused(answer: str) -> bool:
    """Tell whether the connection fails, or the handshake: every status but 101 has three digits, too."""
    return answer in _FAILURES or (
        len(answer) == len(_ACCEPTED) and answer.isdecimal() and answer != _ACCEPTED
    )


@cache
def _due(name: str) -> str:
    """Tell what the table of vectors asks for."""
    from wslearn.vectors import BAD_FRAMES, BAD_REQUESTS

    codes = {bad.name: bad.close_code for bad in BAD_FRAMES}
    statuses = {bad.name: bad.status for bad in BAD_REQUESTS}
    return str({**codes, **statuses}[name])


@cache
def _ours(name: str) -> str:
    """Ask this library: the decoder, or the server's side of the handshake."""
    from wslearn.vectors import BAD_FRAMES, BAD_REQUESTS

    frames = {bad.name: bad.data for bad in BAD_FRAMES}
    if name in frames:
        return str(getattr(Connection("server").receive(frames[name])[-1], "close_code", "echo"))
    bad = next(bad for bad in BAD_REQUESTS if bad.name == name)
    try:
        head, _ = split_head(bad.data) or (bad.data, b"")
        return str(server_response(Request.parse(head), origins=bad.origins).status)
    except HandshakeError as error:
        return str(error.status)


# What follows is written by tests/interop/record_peers.py.
PEER_VERSIONS: dict[str, str] = {
    "websockets": "17.4",
    "wsproto": "1.3.2",
    "tornado": "6.6.1",
    "aiohttp": "3.14.5",
    "picows": "2.3.1",
    "autobahn": "26.10.2",
}
_FRAMES: dict[str, tuple[str, ...]] = {
    "not masked": ("1002", "1002", "echo", "echo", "1002", "drop"),
    "125 in 16 bits": ("echo", "1002", "echo", "echo", "1002", "drop"),
    "65,535 in 64 bits": ("echo", "1002", "echo", "echo", "1002", "drop"),
    "64-bit length with its top bit set": ("1009", "1002", "1009", "1009", "1002", "drop"),
    "a gigabyte announced": ("1009", "nothing", "1009", "1009", "1009", "nothing"),
    "RSV1, and nothing negotiated": ("1002", "1002", "drop", "1002", "echo", "drop"),
    "RSV2, and nothing negotiated": ("1002", "1002", "drop", "1002", "echo", "drop"),
    "RSV3, and nothing negotiated": ("1002", "1002", "drop", "1002", "echo", "drop"),
    "reserved opcode 0x3": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0x4": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0x5": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0x6": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0x7": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0xb": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0xc": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0xd": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0xe": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "reserved opcode 0xf": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "fragmented ping": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "fragmented close": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "ping of 126 bytes": ("1002", "1002", "drop", "1002", "1002", "drop"),
    "continuation of nothing": ("1002", "1002", "drop", "1002", "echo", "drop"),
    "continuation of a whole message": ("1002", "1002", "drop", "1002", "echo", "drop"),
    "new text inside fragments": ("1002", "1002", "drop", "1002", "echo", "drop"),
    "new text after an empty fragment": ("1002", "1002", "drop", "echo", "echo", "drop"),
    "a byte that UTF-8 never has": ("1007", "1007", "drop", "1007", "echo", "drop"),
    "overlong form of /": ("1007", "1007", "drop", "1007", "echo", "drop"),
    "half of a surrogate pair": ("1007", "1007", "drop", "1007", "echo", "drop"),
    "a character beyond U+10FFFF": ("1007", "1007", "drop", "1007", "echo", "drop"),
    "text that ends inside a character": ("1007", "1007", "drop", "1007", "echo", "drop"),
    "fragments that end inside a character": ("1007", "1007", "drop", "1007", "echo", "drop"),
    "close payload of one byte": ("1002", "1002", "no code", "1002", "1002", "drop"),
    "close code 0": ("1002", "1002", "0 echoed", "1002", "0 echoed", "drop"),
    "close code 999": ("1002", "1002", "999 echoed", "1002", "1002", "drop"),
    "close code 1004": ("1002", "1002", "1004 echoed", "1002", "1002", "drop"),
    "close code 1005": ("1002", "1002", "1005 echoed", "1002", "1002", "drop"),
    "close code 1006": ("1002", "1002", "1006 echoed", "1000", "1006 echoed", "drop"),
    "close code 1015": ("1002", "1002", "1015 echoed", "1002", "1002", "drop"),
    "close code 1016": ("1002", "1002", "1016 echoed", "1002", "1002", "drop"),
    "close code 1100": ("1002", "1002", "1100 echoed", "1002", "1002", "drop"),
    "close code 2000": ("1002", "1002", "2000 echoed", "1002", "1002", "drop"),
    "close code 2999": ("1002", "1002", "2999 echoed", "1002", "1002", "drop"),
    "close code 5000": ("1002", "1002", "5000 echoed", "1000", "5000 echoed", "drop"),
    "close code 65535": ("1002", "1002", "65535 echoed", "1000", "65535 echoed", "drop"),
    "close reason that is not UTF-8": ("1007", "1007", "drop", "1007", "1007", "drop"),
}
_HANDSHAKES: dict[str, tuple[str, ...]] = {
    "POST": ("405", "400", "405", "405", "400", "405"),
    "HTTP/1.0": ("505", "101", "101", "101", "400", "505"),
    "two words in the request line": ("drop", "400", "400", "101", "400", "400"),
    "no Host": ("101", "400", "400", "400", "101", "400"),
    "empty Host": ("101", "101", "400", "101", "101", "101"),
    "two Hosts": ("101", "400", "400", "400", "101", "400"),
    "no Upgrade": ("426", "400", "400", "400", "400", "200"),
    "another Upgrade": ("426", "400", "400", "400", "400", "400"),
    "no Connection": ("426", "400", "400", "400", "400", "400"),
    "Connection without Upgrade": ("426", "400", "400", "400", "400", "400"),
    "no key": ("400", "400", "400", "400", "400", "400"),
    "key of 15 bytes": ("400", "101", "101", "400", "400", "400"),
    "key that is not base64": ("400", "101", "101", "400", "400", "400"),
    "no version": ("400", "400", "426", "400", "400", "400"),
    "version 8": ("400", "426", "426", "101", "101", "101"),
    "extensions outside the grammar": ("101", "101", "101", "101", "101", "101"),
    "no subprotocol in the list": ("400", "101", "101", "101", "101", "400"),
    "bare LF": ("drop", "101", "101", "400", "400", "101"),
    "bare CR": ("drop", "400", "400", "400", "400", "101"),
    "NUL": ("drop", "400", "400", "400", "400", "101"),
    "blank before the colon": ("drop", "400", "400", "400", "400", "101"),
    "line without a colon": ("drop", "400", "400", "400", "400", "101"),
    "head too large": ("431", "101", "101", "400", "drop", "101"),
    "too many fields": ("431", "101", "101", "400", "400", "101"),
    "a page from elsewhere": ("101", "101", "403", "101", "101", "101"),
}
PEERS = PeerTable("One bad frame", _FRAMES, PEER_VERSIONS)
PEER_HANDSHAKES = PeerTable("One bad handshake", _HANDSHAKES, PEER_VERSIONS)
