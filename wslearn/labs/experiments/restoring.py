"""A cluster is lent to an experiment: is it fit for it, and is it as it was afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.cluster.nodes import uncordon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslearn.labs.cluster import Cluster

__all__ = ["check_fit", "policy_of", "restored"]


def check_fit(cluster: Cluster, *, shared: bool) -> None:
    """Check that a cluster can be experimented with.

    Parameters
    ----------
    cluster
        It needs two nodes or more, all of which run.
    shared
        Whether it needs the chat and a backplane, too.

    Raises
    ------
    UsageError
        When it cannot: the message says what to do.
    """
    if not cluster.running:
        raise UsageError("This cluster is stopped. Start a new one: cluster()")
    if len(cluster.nodes) < 2:
        raise UsageError("This takes two nodes or more. Start such a cluster: cluster(nodes=3)")
    if stopped := [node.name for node in cluster.nodes if not node.running]:
        raise UsageError(f"{stopped[0]} does not run. Start it: c[{stopped[0]!r}].start()")
    if shared and ("chat" not in cluster.apps or cluster.broker is None):
        raise UsageError("This takes a cluster with the chat and a backplane. Start one: cluster()")


@contextmanager
def policy_of(cluster: Cluster, policy: str, *, sticky: bool = False) -> Iterator[None]:
    """Let a cluster balance by another policy, and by its own again afterwards.

    Where it is the same one there is nothing to do; otherwise its connections end, both times.
    """
    own = cluster.balancer.policy, cluster.balancer.sticky
    if own == (policy, sticky):
        yield
        return
    cluster.balance(policy, sticky=sticky)
    try:
        yield
    finally:
        cluster.balance(own[0], sticky=own[1])


@contextmanager
def restored(cluster: Cluster) -> Iterator[None]:
    """Let nodes be killed, stopped, cordoned and drained: all of them take clients again afterwards."""
    try:
        yield
    finally:
        for node in cluster.nodes:
            node.start()
        uncordon([node for node in cluster.nodes if node.stats().state != "ready"])
