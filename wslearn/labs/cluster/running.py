"""A cluster on this machine: nodes, a balancer in front of them, and a broker behind them.

::

                      ┌──────── node-1 ────────┐
    clients ── Caddy ─┼──────── node-2 ────────┼─ NATS
                      └──────── node-3 ────────┘

Each of them is a process of its own, on 127.0.0.1, and all of them end when the cluster is stopped, when
Python ends, and when it is killed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.cluster.balancer import Balancer, selection
from wslearn.labs.cluster.broker import Broker
from wslearn.labs.cluster.nodes import Node
from wslearn.labs.cluster.stats import ClusterStats
from wslearn.labs.node.node import app_names
from wslearn.labs.programs import Programs, executable
from wslearn.net.thread import Stoppable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

__all__ = ["Cluster", "cluster"]

_MOST_NODES = 8


class Cluster(Stoppable):
    """A running cluster; made by `cluster`, and a context manager.

    Attributes
    ----------
    nodes : tuple of Node
        The nodes.
    balancer : Balancer
        Caddy.
    broker : Broker or None
        NATS.
    """

    def __init__(
        self,
        nodes: int,
        policy: str,
        apps: Sequence[str],
        *,
        sticky: bool,
        tls: bool,
        backplane: bool,
    ) -> None:
        self.apps = tuple(apps)
        self._programs = Programs()
        try:
            self.broker = Broker(self._programs) if backplane else None
            url = self.broker.url if self.broker else None
            self.nodes = tuple(Node(self._programs, f"node-{n}", apps, url) for n in range(1, nodes + 1))
            for node in self.nodes:
                node.await_ready(move=True)
            ports = [node.port for node in self.nodes]
            self.balancer = Balancer(self._programs, ports, policy, sticky=sticky, tls=tls)
        except BaseException:
            self._programs.stop()
            raise

    def __repr__(self) -> str:
        if not self._programs.running:
            return "<cluster stopped>"
        running = sum(node.running for node in self.nodes)
        return f"<cluster of {len(self.nodes)} nodes, {running} running, {self.policy}>"

    def __getitem__(self, name: str) -> Node:
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(f"There is no {name!r}; there is {', '.join(node.name for node in self.nodes)}.")

    @property
    def running(self) -> bool:
        """Whether it can be used: some of its parts may have been killed."""
        return self._programs.running

    @property
    def policy(self) -> str:
        """How the balancer chooses a node, in words."""
        return self.balancer.policy + (", sticky" if self.balancer.sticky else "")

    @property
    def programs(self) -> Programs:
        """Where its processes belong to."""
        return self._programs

    @property
    def port(self) -> int:
        """The balancer's port."""
        return self.balancer.port

    @property
    def url(self) -> str:
        """The WebSocket URL of the first app, through the balancer."""
        return self.url_of(f"/{self.apps[0]}")

    @property
    def page(self) -> str:
        """The page of the first app for a browser, through the balancer."""
        return self.url.replace("ws", "http", 1)

    def url_of(self, path: str) -> str:
        """Give the WebSocket URL of a path, through the balancer."""
        return f"{'wss' if self.balancer.certificates else 'ws'}://127.0.0.1:{self.port}{path}"

    @property
    def ssl_context(self) -> ssl.SSLContext | None:
        """What a client of a cluster with TLS has to know to trust it; give it to `wslearn.net.connect`."""
        return self.balancer.certificates.context if self.balancer.certificates else None

    def balance(self, policy: str, *, sticky: bool = False) -> None:
        """Choose nodes by another policy from now on: Caddy starts again, and all connections end.

        Raises
        ------
        UsageError
            For a policy that there is not: the message lists those there are.
        """
        self.balancer.use(policy, sticky=sticky)

    def stats(self) -> ClusterStats:
        """Ask all nodes that run how they are."""
        return ClusterStats(
            self.policy,
            tuple(node.name for node in self.nodes),
            tuple(node.stats() for node in self.nodes if node.running),
        )

    def stop(self) -> None:
        """End all of it, and remove its folder. A second call does nothing."""
        self._programs.stop()


def cluster(
    nodes: int = 3,
    policy: str = "least_conn",
    app: str | Sequence[str] = "chat",
    *,
    sticky: bool = False,
    tls: bool = False,
    backplane: bool = True,
) -> Cluster:
    """Start a cluster, and wait until each part answers.

    Parameters
    ----------
    nodes
        How many, 1 to 8.
    policy
        How the balancer chooses a node for a new connection, see `wslearn.labs.cluster.balancer`.
    app
        The name of an app of `wslearn.labs.apps`, or several.
    sticky
        Whether a cookie leads a client back to the node it was at before.
    tls
        Whether clients speak TLS with the balancer: then `url` begins with ``wss``.
    backplane
        Whether the nodes share a broker. Without it each of them is alone.

    Returns
    -------
    Cluster
        With ``url``, ``nodes``, ``stats()`` and ``stop()``; a context manager.

    Raises
    ------
    UsageError
        For an argument that cannot work, or when an engine is not installed: the message says how to
        install it.

    Examples
    --------
    >>> with cluster(nodes=2) as c:
    ...     c, [node.stats().open for node in c.nodes]
    (<cluster of 2 nodes, 2 running, least_conn>, [0, 0])
    >>> c
    <cluster stopped>
    """
    apps = [app] if isinstance(app, str) else list(app)
    if nodes not in range(1, _MOST_NODES + 1):
        raise UsageError(f"nodes is a whole number from 1 to {_MOST_NODES}, not {nodes!r}.")
    if unknown := [each for each in apps or [""] if each not in app_names()]:
        raise UsageError(f"There is no app {unknown[0]!r}. There is {', '.join(app_names())}.")
    selection(policy, sticky=sticky)
    executable("caddy")
    if backplane:
        executable("nats-server")
    return Cluster(nodes, policy, apps, sticky=sticky, tls=tls, backplane=backplane)
