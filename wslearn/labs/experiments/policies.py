"""Balancing connections that last: what a policy does with them when not all are alike.

A request is over in a moment, so nearly every policy shares requests out evenly. A WebSocket stays. Where
it was put once, there it is for hours, and no policy moves it. What a policy knows when it chooses is
then what matters: `round_robin` knows whose turn it is, `least_conn` knows how many each node has.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.bars import Bar, bars
from wslearn.labs.cluster.balancer import selection
from wslearn.labs.cluster.nodes import wait_for
from wslearn.labs.crowd.crowds import Crowd
from wslearn.labs.experiments.drawn import Drawn
from wslearn.labs.experiments.restoring import check_fit, policy_of, restored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wslearn.labs.cluster import Cluster

__all__ = ["Placement", "Placements", "late_node", "unequal_lives"]

_BOTH = ("round_robin", "least_conn")
_HUES = ("opcode", "key", "length", "flags")
_MOST = 1000


@dataclass(frozen=True)
class Placement:
    """Where the connections of one run were, after each stage.

    Parameters
    ----------
    policy
        Of the balancer.
    stages
        A name and the open connections of each node.
    """

    policy: str
    stages: tuple[tuple[str, dict[str, int]], ...]

    @property
    def last(self) -> dict[str, int]:
        """The open connections of each node in the end."""
        return self.stages[-1][1]

    @property
    def spread(self) -> int:
        """How many connections the fullest node has more than the emptiest one in the end."""
        return max(self.last.values()) - min(self.last.values())


@dataclass(frozen=True)
class Placements:
    """The same clients, placed by several policies: a table and a chart.

    Parameters
    ----------
    title
        What happened.
    placements
        One for each policy.
    """

    title: str
    placements: tuple[Placement, ...]

    def __getitem__(self, policy: str) -> Placement:
        for each in self.placements:
            if each.policy == policy:
                return each
        raise KeyError(
            f"{policy!r} was not tried; {', '.join(each.policy for each in self.placements)} were."
        )

    @property
    def drawn(self) -> Drawn:
        """How it is shown."""
        names = list(self.placements[0].last)
        rows, hues = [("policy", "stage", *names)], []
        for hue, each in zip(_HUES * len(self.placements), self.placements, strict=False):
            for stage, counts in each.stages:
                rows.append((each.policy, stage, *(f"{counts[name]:,}" for name in names)))
                hues.append(hue)
        charts = tuple(
            bars(
                f"{each.policy}: connections in the end", [Bar(name, hue, n) for name, n in each.last.items()]
            )
            for hue, each in zip(_HUES * len(self.placements), self.placements, strict=False)
        )
        said = [f"{each.policy} {each.spread:,}" for each in self.placements]
        sentence = f"Between the fullest node and the emptiest in the end: {', '.join(said)} connections."
        return Drawn(self.title, f"{len(names)} nodes", rows, hues, ("–", "compared", sentence), charts)

    def __repr__(self) -> str:
        return self.drawn.text

    def _repr_html_(self) -> str:
        return self.drawn.html


def late_node(cluster: Cluster, policies: Sequence[str] = _BOTH, clients: int = 120) -> Placements:
    """Let a node join late: those who are connected stay where they are, only new ones can go to it.

    Parameters
    ----------
    cluster
        With the chat, and at least two nodes that run.
    policies
        Those to compare.
    clients
        How many come before the last node does; half as many come after it.

    Raises
    ------
    UsageError
        For a cluster or a number that cannot work, or a policy that there is not.
    """
    *_, late = cluster.nodes

    def story(crowd: Crowd, stage: Callable[[str], None]) -> None:
        late.stop()
        crowd.join(clients)
        stage(f"{clients:,} come, {late.name} is not there")
        late.start()
        stage(f"{late.name} starts")
        crowd.join(clients // 2)
        stage(f"{clients // 2:,} more come")

    return _compare(cluster, policies, clients, "A node that joins late", story)


def unequal_lives(cluster: Cluster, policies: Sequence[str] = _BOTH, clients: int = 90) -> Placements:
    """Let every third client of three nodes stay and the others go, then let as many new ones come.

    Parameters
    ----------
    cluster, policies
        As in `late_node`.
    clients
        How many come at first, one after the other.

    Raises
    ------
    UsageError
        As `late_node`.
    """
    nodes = len(cluster.nodes)

    def story(crowd: Crowd, stage: Callable[[str], None]) -> None:
        crowd.join(clients, at_once=1)
        stage(f"{clients:,} come")
        crowd.keep_every(nodes)
        stage(f"one of {nodes} stays")
        crowd.join(clients - -(-clients // nodes), at_once=1)
        stage("as many come as went")

    return _compare(cluster, policies, clients, "Connections that last, and others", story)


def _compare(
    cluster: Cluster,
    policies: Sequence[str],
    clients: int,
    title: str,
    story: Callable[[Crowd, Callable[[str], None]], None],
) -> Placements:
    check_fit(cluster, shared=False)
    if not len(cluster.nodes) <= clients <= _MOST:
        raise UsageError(f"clients is a number from {len(cluster.nodes)} to {_MOST:,}, not {clients!r}.")
    for policy in policies:
        selection(policy, sticky=False)
    found = []
    with Crowd(cluster) as crowd:
        for policy in policies:
            stages: list[tuple[str, dict[str, int]]] = []

            def stage(name: str, stages: list[tuple[str, dict[str, int]]] = stages) -> None:
                stages.append((name, _settled(cluster, crowd)))

            with policy_of(cluster, policy), restored(cluster):
                story(crowd, stage)
                crowd.leave()
            found.append(Placement(policy, tuple(stages)))
    return Placements(title, tuple(found))


def _settled(cluster: Cluster, crowd: Crowd) -> dict[str, int]:
    """Count the connections, once the nodes have noticed who went."""
    with suppress(UsageError):  # somebody else is connected, too
        wait_for(lambda: sum(cluster.stats().open.values()) == crowd.report().connected, "all had gone", 3)
    return cluster.stats().open
