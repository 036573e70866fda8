"""From what a client sees to what is broken: a table of rules, the first that holds is the diagnosis.

The order matters. What did not even connect says nothing of timeouts; and a handshake that the server itself
refuses is not the proxy's fault, however much it looks like it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.labs.proxies.looking import Life, Seen

__all__ = ["RULES", "Diagnosis", "Rule", "diagnose"]

_ABNORMAL = 1006
_LATE = 0.3  # of a stream's time: what comes in less was kept, and sent on all at once


@dataclass(frozen=True)
class Rule:
    """What is seen, what it means, and what to do about it.

    Parameters
    ----------
    name
        What is broken.
    sign
        What is seen, in words.
    holds
        Whether it is.
    evidence
        What was seen, with its numbers.
    mend
        What to do.
    """

    name: str
    sign: str
    holds: Callable[[Seen], bool]
    evidence: Callable[[Seen], str]
    mend: str


@dataclass(frozen=True)
class Diagnosis:
    """What is broken on a path, how one can tell, and what to do.

    Parameters
    ----------
    name
        That of the `Rule`.
    evidence, mend
        In a sentence each.
    """

    name: str
    evidence: str
    mend: str

    def __str__(self) -> str:
        return f"{self.name}\n  seen: {self.evidence}\n  mend: {self.mend}"

    def _repr_html_(self) -> str:
        name, evidence, mend = (escape(text) for text in (self.name, self.evidence, self.mend))
        return f"<p><b>{name}</b><br>seen: {evidence}<br>mend: {mend}</p>"


def _lost(seen: Seen) -> bool:
    """Whether a handshake was answered as a plain request is, or as one with something missing."""
    if seen.answer == 404:  # most of the time just a wrong path
        return seen.direct == 101
    return seen.answer in {200, 400, 405, 426, 501}


def _cut(seen: Seen) -> bool:
    return seen.silent is not None and seen.silent.code == _ABNORMAL


def _cut_though_pinging(seen: Seen) -> bool:
    return _cut(seen) and seen.pinging is not None and seen.pinging.code == _ABNORMAL


def _at_once(seen: Seen) -> bool:
    return seen.streamed is not None and seen.streamed < _LATE


def _refusal(seen: Seen) -> str:
    by = next((f" (server: {value})" for name, value in seen.headers if name.lower() == "server"), "")
    # What the client says of a refusal begins with its status; so do the texts of many servers.
    said = re.sub(r"^The server refused the upgrade with (\d{3} [^.]*)\.\s*(\1\s*)?", "", seen.said)
    return f"{seen.answer} in place of 101{by}. {said}".strip()


def _lives(seen: Seen) -> str:
    lives = {"in silence": seen.silent, "with pings": seen.pinging}
    return "; ".join(f"{how} it was {_life(life)}" for how, life in lives.items() if life is not None)


def _life(life: Life) -> str:
    ended = "still open" if life.code is None else f"over, {life.code},"
    return f"{ended} after {life.seconds:.1f} s"


#: The rules, in the order in which they are tried.
RULES: tuple[Rule, ...] = (
    Rule(
        "nobody listens",
        "TCP is refused",
        lambda seen: seen.trouble == "refused",
        lambda seen: f"no TCP connection: {seen.said}",
        "See whether the address and the port are right, and whether the proxy runs.",
    ),
    Rule(
        "the certificate is not trusted",
        "the TLS handshake fails",
        lambda seen: seen.trouble == "certificate",
        lambda seen: seen.said,
        "Give the client the authority that signed it, or the proxy a certificate for this name. "
        "Do not switch verification off.",
    ),
    Rule(
        "the forward proxy asks who you are",
        "407 to CONNECT",
        lambda seen: seen.trouble == "tunnel" and seen.answer == 407,
        lambda seen: seen.said,
        "Give the client user and password for the proxy.",
    ),
    Rule(
        "the forward proxy refuses the tunnel",
        "another answer than 2xx to CONNECT",
        lambda seen: seen.trouble == "tunnel",
        lambda seen: seen.said,
        "Ask for a port that it allows: many allow 443 alone, so serve wss there.",
    ),
    Rule(
        "the answer is held back",
        "no answer in time, and a stream of events comes all at once or not at all",
        lambda seen: seen.trouble == "silence" and _at_once(seen),
        lambda seen: f"no answer to the handshake; of a stream of events, {seen.streamed:.0%} of its pauses",
        "Switch the buffering of responses off on this path.",
    ),
    Rule(
        "no answer",
        "TCP connects, and then nothing comes",
        lambda seen: seen.trouble in {"silence", "hung up", "network"},
        lambda seen: seen.said,
        "Look into the log of the first proxy on the way: did the request arrive, and where did it go?",
    ),
    Rule(
        "the server itself refuses",
        "the same answer without the proxy",
        lambda seen: seen.direct is not None and seen.direct == seen.answer != 101,
        _refusal,
        "Mend the request or the server; the proxy only passes the refusal on.",
    ),
    Rule(
        "no server behind the proxy",
        "502, 503 or 504",
        lambda seen: seen.answer in {502, 503, 504},
        _refusal,
        "Start the server, or give the proxy its right address.",
    ),
    Rule(
        "the origin is refused",
        "403, and 101 without the Origin header",
        lambda seen: seen.answer == 403 and seen.without_origin == 101,
        _refusal,
        "Let the proxy pass the Host on as the browser wrote it, or tell the server which origins are "
        "welcome. Do not switch the check off.",
    ),
    Rule(
        "somebody on the way reads plain HTTP",
        "no 101 by ws, and 101 by wss",
        lambda seen: _lost(seen) and seen.secure == 101,
        lambda seen: f"{_refusal(seen)} By wss: {seen.secure}.",
        "Use wss: what is encrypted cannot be changed on the way.",
    ),
    Rule(
        "the proxy speaks HTTP/1.0 to the server",
        "an error that names HTTP/1.0",
        lambda seen: _lost(seen) and "HTTP/1.0" in seen.said,
        _refusal,
        "Let it speak 1.1 (nginx: proxy_http_version 1.1), and pass Upgrade and Connection on.",
    ),
    Rule(
        "Upgrade is passed on, Connection is not",
        "an error that names Connection",
        lambda seen: _lost(seen) and re.search(r"\bConnection is '(?!Upgrade)", seen.said) is not None,
        _refusal,
        'Write "Connection: Upgrade" towards the server, where the client asked for an upgrade.',
    ),
    Rule(
        "the upgrade is dropped",
        "an error or a page in place of 101",
        _lost,
        _refusal,
        "Let the proxy pass Upgrade and Connection on.",
    ),
    Rule(
        "refused",
        "any other answer than 101",
        lambda seen: seen.answer is not None and not seen.opened,
        _refusal,
        "Read what the answer says.",
    ),
    Rule(
        "no echo",
        "101, and then nothing comes back",
        lambda seen: seen.opened and seen.echo is None,
        lambda seen: f"it opens with {seen.answer}, and a message is not answered in time",
        "See whether the server echoes without the proxy. If it does, somebody holds frames back.",
    ),
    Rule(
        "limited life",
        "1006 after a while, with pings too",
        _cut_though_pinging,
        _lives,
        "Reconnect with backoff, and resume; and raise the limit, if it is yours to raise.",
    ),
    Rule(
        "idle timeout",
        "1006 after a while in silence; with pings it stays open",
        _cut,
        _lives,
        "Send pings more often, or raise the timeout "
        "(nginx: proxy_read_timeout; HAProxy: timeout tunnel; Caddy: read_timeout).",
    ),
    Rule(
        "the server closes",
        "another code than 1006: a close frame came",
        lambda seen: seen.silent is not None and seen.silent.code is not None,
        _lives,
        "Proxies that copy bytes write no close frames: ask the program at the other end why.",
    ),
    Rule(
        "responses are buffered",
        "the WebSocket is well, and a stream of events comes all at once",
        _at_once,
        lambda seen: f"an echo at once; of a stream of events, {seen.streamed:.0%} of its pauses",
        "Nothing for the WebSocket. For event streams and long polling, switch buffering off "
        "(nginx: proxy_buffering off).",
    ),
    Rule(
        "nothing",
        "101, an echo, and it stays open",
        lambda seen: seen.opened,
        lambda seen: f"101; the echo took {seen.echo or 0:.3f} s; {_lives(seen)}",
        "Nothing to do.",
    ),
)


def diagnose(seen: Seen) -> Diagnosis:
    """Name the part that is likely broken: that of the first of the `RULES` that holds.

    Examples
    --------
    >>> from wslearn.labs.proxies.looking import Life, Seen
    >>> seen = Seen(answer=101, echo=0.001, silent=Life(60.0, 1006), pinging=Life(90.0))
    >>> print(diagnose(seen).name)
    idle timeout
    >>> diagnose(seen).evidence
    'in silence it was over, 1006, after 60.0 s; with pings it was still open after 90.0 s'
    """
    for rule in RULES:
        if rule.holds(seen):
            return Diagnosis(rule.name, rule.evidence(seen), rule.mend)
    return Diagnosis("unknown", "nothing was seen", "Look at the path first.")
