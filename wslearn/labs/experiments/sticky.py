"""What stickiness does and does not do: for a connection, for a session of requests, and for coming back.

"WebSockets need sticky sessions" is said often. An established WebSocket is one TCP connection to one
node, and stays there whatever the policy: the balancer chose once, at the handshake. Stickiness is about
the *next* connection: the next poll of a session that is made of requests, or the next WebSocket of a
client that was cut off. It matters where the node remembers something that no other node knows.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.experiments.drawn import Drawn
from wslearn.labs.experiments.restoring import check_fit, policy_of, restored
from wslearn.labs.experiments.visitor import Visitor
from wslearn.labs.node.node import SERVED_BY
from wslearn.net.client import connect
from wslearn.net.thread import LoopThread

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from wslearn.labs.cluster import Cluster
    from wslearn.net.websocket import WebSocket

__all__ = ["Answered", "Answers", "coming_back", "established", "polling"]

_MOST = 200


@dataclass(frozen=True)
class Answered:
    """Answers that one client got, in their order.

    Parameters
    ----------
    name
        What it did.
    nodes
        The node of each answer.
    counts
        What that node had counted; empty where nothing was counted.
    right
        Whether all went as if there were one server only.
    """

    name: str
    nodes: tuple[str, ...]
    counts: tuple[int, ...]
    right: bool


@dataclass(frozen=True)
class Answers:
    """What several clients were answered, as a table.

    Parameters
    ----------
    title, note
        What was tried.
    question
        What is answered with yes or no for each.
    tries
        One row each.
    sentence
        What it says.
    """

    title: str
    note: str
    question: str
    tries: tuple[Answered, ...]
    sentence: str

    def __getitem__(self, name: str) -> Answered:
        for each in self.tries:
            if each.name == name:
                return each
        raise KeyError(f"{name!r} was not tried; {', '.join(each.name for each in self.tries)} were.")

    @property
    def drawn(self) -> Drawn:
        """How it is shown."""
        counted = any(each.counts for each in self.tries)
        heads = ("", "answers", "by node", *(("counted",) if counted else ()), self.question)
        rows = [
            (
                each.name,
                str(len(each.nodes)),
                ", ".join(f"{node} {times}" for node, times in sorted(Counter(each.nodes).items())),
                *((" ".join(map(str, each.counts)),) if counted else ()),
                "yes" if each.right else "no",
            )
            for each in self.tries
        ]
        hues = ["payload" if each.right else "fault" for each in self.tries]
        return Drawn(self.title, self.note, [heads, *rows], hues, ("–", "compared", self.sentence))

    def __repr__(self) -> str:
        return self.drawn.text

    def _repr_html_(self) -> str:
        return self.drawn.html


def established(
    cluster: Cluster, policies: Sequence[str] = ("round_robin", "random", "least_conn"), messages: int = 12
) -> Answers:
    """Send messages on one WebSocket, and as many requests on one TCP connection, without stickiness.

    Parameters
    ----------
    cluster
        Of two nodes or more.
    policies
        Those to try.
    messages
        How many of either.

    Raises
    ------
    UsageError
        For a cluster or a number that cannot work, or a policy that there is not.
    """
    _check(cluster, messages)
    tries = []
    for policy in policies:
        with policy_of(cluster, policy):
            nodes = _run(_ask_whoami(cluster, messages))
            tries.append(Answered(f"{policy}, one WebSocket", nodes, (), len(set(nodes)) == 1))
            with Visitor(cluster) as visitor:
                nodes = tuple(visitor.get("/whoami")["node"] for _ in range(messages))
            tries.append(Answered(f"{policy}, requests", nodes, (), len(set(nodes)) == 1))
    sentence = "A WebSocket stays where it is. Requests are balanced one by one, even on one TCP connection."
    return Answers(
        "One connection", f"{messages} messages or requests each", "one node?", tuple(tries), sentence
    )


def polling(cluster: Cluster, polls: int = 12) -> Answers:
    """Poll a session that is kept in the memory of the node: without stickiness, and with it.

    Parameters
    ----------
    cluster
        As in `established`.
    polls
        How many requests.

    Raises
    ------
    UsageError
        As `established`.
    """
    _check(cluster, polls)
    tries, me = [], secrets.token_hex(4)
    for name, sticky in (("round_robin", False), ("round_robin, sticky", True)):
        with policy_of(cluster, "round_robin", sticky=sticky), Visitor(cluster) as visitor:
            told = [visitor.get(f"/count?me={me}-{sticky}") for _ in range(polls)]
            tries.append(_counted(name, told))
    sentence = "Each node counts its own polls. The cookie leads all of them to one node."
    return Answers("A session of requests", f"{polls} polls each", "right?", tuple(tries), sentence)


def coming_back(cluster: Cluster, messages: int = 4) -> Answers:
    """Send messages, lose the connection, come back, and send as many again: does the count go on.

    Without stickiness; with it; with it when the node is killed meanwhile; and without it, but with numbers
    that come from the backplane instead of the node's memory.

    Parameters
    ----------
    cluster
        As in `established`, with the chat.
    messages
        How many before and after.

    Raises
    ------
    UsageError
        As `established`.
    """
    check_fit(cluster, shared=True)
    _check(cluster, messages)
    me = secrets.token_hex(4)
    with policy_of(cluster, "round_robin"):
        memory = _counted("in memory", _run(_count_twice(cluster, f"{me}-1", messages)))
        log = _counted("in the log, resumed", _run(_resume(cluster, me, messages)))
    with policy_of(cluster, "round_robin", sticky=True), restored(cluster):
        sticky = _counted("in memory, sticky", _run(_count_twice(cluster, f"{me}-2", messages)))
        told = _run(_count_twice(cluster, f"{me}-3", messages, kill=True))
        killed = _counted("in memory, sticky, node killed", told)
    sentence = "A cookie finds the node again, as long as there is one. What must last is kept elsewhere."
    note = f"{messages} messages, a cut, {messages} more"
    return Answers("Coming back", note, "right?", (memory, sticky, killed, log), sentence)


def _check(cluster: Cluster, number: int) -> None:
    check_fit(cluster, shared=False)
    if number not in range(2, _MOST + 1):
        raise UsageError(f"Take 2 to {_MOST} messages, not {number!r}.")


def _counted(name: str, told: Sequence[dict[str, Any]]) -> Answered:
    counts = tuple(each["count"] for each in told)
    right = counts == tuple(range(1, len(counts) + 1))
    return Answered(name, tuple(each["node"] for each in told), counts, right)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    thread = LoopThread("wslearn experiment")
    try:
        return thread.run(work)
    finally:
        thread.stop()


async def _ask_whoami(cluster: Cluster, messages: int) -> tuple[str, ...]:
    async with connect(cluster.url_of("/whoami"), ssl_context=cluster.ssl_context) as ws:
        return tuple([(await _ask(ws, "Who are you?"))["node"] for _ in range(messages)])


async def _ask(ws: WebSocket, message: str) -> Any:
    await ws.send(message)
    async with asyncio.timeout(10):
        return json.loads(await ws.recv())


async def _count_twice(
    cluster: Cluster, me: str, messages: int, *, kill: bool = False
) -> list[dict[str, Any]]:
    """Count on two connections, one after the other; the second one brings the cookie of the first."""
    told, cookie = [], ""
    for turn in range(2):
        headers = [("Cookie", cookie)] if cookie else []
        url, context = cluster.url_of("/count"), cluster.ssl_context
        async with connect(url, headers=headers, ssl_context=context) as ws:
            cookie = ws.response.headers.get("Set-Cookie", "").partition(";")[0]
            told += [await _ask(ws, me) for _ in range(messages)]
            served_by = ws.response.headers[SERVED_BY]
            ws.abort()
        if kill and not turn:
            await asyncio.to_thread(cluster[served_by].kill)
    return told


async def _resume(cluster: Cluster, room: str, messages: int) -> list[dict[str, Any]]:
    """Say something in a chat room on two connections: the numbers are those of the room's log."""
    told: list[dict[str, Any]] = []
    for _ in range(2):
        async with connect(cluster.url_of("/chat"), ssl_context=cluster.ssl_context) as ws:
            last = told[-1]["count"] if told else 0
            await _ask(ws, json.dumps({"type": "join", "room": room, "name": "Ada", "last": last}))
            for number in range(messages):
                message = {"type": "say", "id": f"ada-{last + number}", "text": "Hello"}
                heard = await _ask(ws, json.dumps(message))
                told.append({"node": ws.response.headers[SERVED_BY], "count": heard["number"]})
            ws.abort()
    return told
