"""The ways to push, what can be needed of them, and the rules that say where each is out.

This is the table that `wslearn.interview.deciding` decides by. It is meant to be read, and disputed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AND", "COSTS", "NEEDS", "RULES", "WAYS", "Needs", "Rule"]

#: The ways, the simplest first, and what each is.
WAYS = {
    "polling": "The client asks again every so often, with a request each time.",
    "SSE": "The client asks once, and the response does not end; the client speaks by requests.",
    "long polling": "The client asks, and the server answers when there is something to say.",
    "gRPC streaming": "Streams of messages on HTTP/2, after a schema that both ends compile.",
    "WebSocket": "One connection, on which both ends send messages at any time.",
    "WebTransport": "Streams and datagrams on HTTP/3: what is lost need not hold up what follows.",
}

#: What each costs where it is taken.
COSTS = {
    "polling": "Most requests bring nothing, and an event comes half an interval late.",
    "SSE": "One way, and text alone. Over HTTP/1.1 a browser opens about six connections to a host, for all "
    "its tabs.",
    "long polling": "A request for each answer. It names the last event that came, so that none is lost "
    "between two.",
    "gRPC streaming": "A schema and its tools on both ends, and a balancer that knows HTTP/2.",
    "WebSocket": "A connection's state on the server, reconnecting and resuming of your own, and proxies "
    "that must let it through: use wss.",
    "WebTransport": "HTTP/3 on the server, UDP on the way, and a second way for networks that block it.",
}

#: What can be needed: each need's values, and what they mean.
NEEDS: dict[str, dict[str, str]] = {
    "direction": {
        "server": "the server speaks unasked; clients seldom do",
        "both": "both speak, at any time",
    },
    "rate": {
        "rare": "less than one event a minute to a client",
        "steady": "up to about ten a second",
        "fast": "more than ten a second",
    },
    "latency": {
        "minutes": "an event may come minutes late",
        "seconds": "an event may come a few seconds late",
        "instant": "an event comes within about 200 ms",
    },
    "clients": {"few": "hundreds", "many": "tens of thousands", "huge": "millions"},
    "network": {
        "open": "nothing on the way interferes",
        "mobile": "packets get lost, addresses change, batteries run down",
        "blocked": "something on the way lets only plain requests and whole responses through",
    },
    "infrastructure": {
        "servers": "processes that stay",
        "functions": "nothing of ours outlives a request",
    },
    "browser": {
        "any": "every browser in use",
        "current": "browsers of today; others may get a second way",
        "none": "programs of ours on both ends",
    },
    "loss": {"never": "every event counts", "newest": "a late value is useless"},
}


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What an application needs; the values are those of `NEEDS`.

    Raises
    ------
    UsageError
        For another value: the message names those there are.

    Examples
    --------
    >>> Needs(direction="sideways")
    Traceback (most recent call last):
    wslearn.errors.UsageError: direction is one of server, both; not 'sideways'.
    """

    direction: str = "server"
    rate: str = "steady"
    latency: str = "instant"
    clients: str = "few"
    network: str = "open"
    infrastructure: str = "servers"
    browser: str = "any"
    loss: str = "never"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, str) or value not in NEEDS[field.name]:
                raise UsageError(f"{field.name} is one of {', '.join(NEEDS[field.name])}; not {value!r}.")


#: Between the needs of a rule, which have to come together.
AND = "; "


@dataclass(frozen=True)
class Rule:
    """Where one way is out.

    Parameters
    ----------
    way
        One of `WAYS`.
    where
        Needs, and those of their values with which it is out: all of them together.
    why
        The reason, in a sentence or two.
    costly
        Whether it would work, at a price: where nothing else is left, it is taken.
    """

    way: str
    where: Mapping[str, tuple[str, ...]]
    why: str
    costly: bool = False

    def applies(self, needs: Needs) -> bool:
        """Whether the way is out for these needs."""
        return all(getattr(needs, need) in values for need, values in self.where.items())

    @property
    def when(self) -> str:
        """Say where it applies.

        Examples
        --------
        >>> RULES[1].when
        'latency: seconds; clients: many or huge'
        """
        return AND.join(f"{need}: {' or '.join(values)}" for need, values in self.where.items())

    @property
    def verdict(self) -> str:
        """``"out"`` or ``"at a price"``."""
        return "at a price" if self.costly else "out"


_STAYS = "A request or connection has to stay open until something happens, and nothing of ours does."
_SPEAKS = ("steady", "fast")
_IN_ORDER = "TCP keeps the order: one lost packet holds up all that follows, until it is out of date."
_LATE = {"loss": ("newest",), "rate": ("fast",), "latency": ("instant",), "network": ("mobile",)}

#: Where each way is out.
RULES = (
    Rule(
        "polling",
        {"latency": ("instant",)},
        "What happens waits for the next question, half an interval on average.",
    ),
    Rule(
        "polling",
        {"latency": ("seconds",), "clients": ("many", "huge")},
        "Tens of thousands that ask every few seconds are thousands of requests a second, and most of them "
        "bring nothing.",
        costly=True,
    ),
    Rule(
        "polling",
        {"latency": ("seconds",), "network": ("mobile",)},
        "Each question wakes the phone's radio, which stays awake for some seconds and drains the battery.",
        costly=True,
    ),
    Rule(
        "SSE",
        {"direction": ("both",), "rate": _SPEAKS},
        "It goes one way: each thing that the client says is a request, with all its headers.",
        costly=True,
    ),
    Rule("SSE", {"infrastructure": ("functions",)}, _STAYS),
    Rule(
        "SSE",
        {"network": ("blocked",)},
        "What collects a whole response before it passes it on waits for the end of this one for ever.",
    ),
    Rule("SSE", _LATE, _IN_ORDER, costly=True),
    Rule(
        "long polling",
        {"rate": ("fast",), "latency": ("instant",)},
        "Every answer ends a request. More than ten times a second, the client asks nearly all the time.",
        costly=True,
    ),
    Rule(
        "long polling",
        {"direction": ("both",), "rate": _SPEAKS},
        "It goes one way: each thing that the client says is one more request, with all its headers.",
        costly=True,
    ),
    Rule("long polling", {"infrastructure": ("functions",)}, _STAYS),
    Rule(
        "gRPC streaming",
        {"browser": ("any", "current")},
        "A page has no access to HTTP/2's frames. What there is for pages, gRPC-Web, streams from the server "
        "alone.",
    ),
    Rule("gRPC streaming", {"infrastructure": ("functions",)}, _STAYS),
    Rule(
        "gRPC streaming",
        {"network": ("blocked",)},
        "It needs HTTP/2 from end to end, and what it sends is no whole response.",
    ),
    Rule("gRPC streaming", _LATE, _IN_ORDER, costly=True),
    Rule(
        "WebSocket",
        {"infrastructure": ("functions",)},
        "The connection stays, and nothing of ours does. A gateway that you rent has to hold it, and call a "
        "function for each message.",
        costly=True,
    ),
    Rule("WebSocket", {"network": ("blocked",)}, "The upgrade does not come through."),
    Rule("WebSocket", _LATE, _IN_ORDER, costly=True),
    Rule(
        "WebTransport",
        {"browser": ("any",)},
        "Not every browser in use has it: all of the large ones do only since 2026.",
    ),
    Rule("WebTransport", {"infrastructure": ("functions",)}, _STAYS),
    Rule("WebTransport", {"network": ("blocked",)}, "It runs on UDP, which is blocked first of all."),
)
