"""Caddy in front of several nodes: by which policy it chooses one, and how it finds out that one is gone.

==================== =======================================================================
``round_robin``      one after the other
``least_conn``       the one that serves the fewest connections now
``random``           any
``random_choose``    any two, and of these the one with fewer connections
``first``            the first one that is there
``ip_hash``          by the client's address: the same client, the same node
``uri_hash``         by the path and query
``header``           by a header field of the client: ``Client-Id``
``query``            by a word of the query: ``?room=…``
``cookie``           by a cookie, which the balancer sets: a *sticky session*
==================== =======================================================================

It looks at a node in two ways. *Active*: every 0.25 s it asks ``/node/health``. *Passive*: a node that
takes no connection gets none for 0.25 s, and who was to go there is sent to another one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil

from wslearn.errors import UsageError
from wslearn.labs.caddy import listener, reverse_proxy, start_caddy
from wslearn.labs.certificates import Certificates
from wslearn.labs.programs import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.labs.programs import Program, Programs

__all__ = ["POLICIES", "Balancer"]

#: The policies, each with what Caddy has to be told beside its name.
POLICIES: dict[str, dict[str, Any]] = {
    "round_robin": {},
    "least_conn": {},
    "random": {},
    "random_choose": {"choose": 2},
    "first": {},
    "ip_hash": {},
    "uri_hash": {},
    "header": {"field": "Client-Id"},
    "query": {"key": "room"},
    "cookie": {"name": "node"},
}

_INTERVAL = "250ms"
_HEALTH = {
    "active": {"uri": "/node/health", "interval": _INTERVAL, "timeout": "2s", "expect_status": 200},
    "passive": {"fail_duration": "250ms", "max_fails": 1},
}
_PATIENCE = {"try_duration": "5s", "try_interval": "50ms"}  # in which another node is tried
_PRIVATE = {  # what only those who run the nodes have to know
    "handler": "subroute",
    "routes": [
        {
            "match": [{"path": ["/node", "/node/*"]}],
            "handle": [{"handler": "static_response", "status_code": 404}],
            "terminal": True,
        }
    ],
}
_ATTEMPTS = 5  # ports that are tried when another program was faster


class Balancer:
    """The balancer of a cluster.

    Parameters
    ----------
    programs
        Those it shall belong to.
    upstreams
        The ports of the nodes.
    policy
        One of `POLICIES`.
    sticky
        Whether a cookie leads a client back to the node it was at; the policy chooses for new ones.
    tls
        Whether it speaks TLS with its clients; with the nodes it does not.

    Raises
    ------
    UsageError
        For a policy that there is not, or when Caddy is not installed.
    """

    def __init__(
        self, programs: Programs, upstreams: Sequence[int], policy: str, *, sticky: bool, tls: bool
    ) -> None:
        self._programs = programs
        self._upstreams = [f"127.0.0.1:{port}" for port in upstreams]
        self.certificates = Certificates(programs.folder) if tls else None
        self._program: Program
        self.policy, self.sticky = policy, sticky
        for attempt in range(_ATTEMPTS):
            self.port = free_port()
            try:
                self.start()
                return
            except UsageError as error:
                if "address already in use" not in str(error) or attempt == _ATTEMPTS - 1:
                    raise

    def __repr__(self) -> str:
        sticky = ", sticky" if self.sticky else ""
        return f"<balancer {'running' if self.running else 'stopped'}: {self.policy}{sticky}>"

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._program.running

    def start(self) -> None:
        """Start it, again on the port that it had, and wait until it listens."""
        balancing = {"selection_policy": selection(self.policy, sticky=self.sticky), **_PATIENCE}
        nodes = reverse_proxy(self._upstreams, load_balancing=balancing, health_checks=_HEALTH)
        front = listener(self.port, _PRIVATE, nodes, tls=self.certificates is not None)
        files = None if self.certificates is None else (self.certificates.chain, self.certificates.key)
        self._program = start_caddy(self._programs, [front], files)
        # Another program may have been faster: then it is that one which answers.
        wait_until(self._listens, self._program, "it listened")

    def _listens(self) -> bool:
        with suppress(psutil.Error):
            sockets = psutil.Process(self._program.pid).net_connections("tcp")
            return any(each.status == psutil.CONN_LISTEN and each.laddr.port == self.port for each in sockets)
        return False

    def use(self, policy: str, *, sticky: bool = False) -> None:
        """Go on with another policy. Whoever is connected has to connect again."""
        selection(policy, sticky=sticky)
        self.stop()
        self.policy, self.sticky = policy, sticky
        self.start()

    def kill(self) -> None:
        """End it as a crash would."""
        self._program.kill()

    def stop(self) -> None:
        """End it."""
        self._program.stop()


def selection(policy: str, *, sticky: bool) -> dict[str, Any]:
    """Give a policy as Caddy's configuration has it.

    Raises
    ------
    UsageError
        For a policy that there is not.

    Examples
    --------
    >>> selection("least_conn", sticky=False)
    {'policy': 'least_conn'}
    >>> selection("least_conn", sticky=True)
    {'policy': 'cookie', 'name': 'node', 'fallback': {'policy': 'least_conn'}}
    >>> selection("fairest", sticky=False)
    Traceback (most recent call last):
    wslearn.errors.UsageError: There is no policy 'fairest'. There is round_robin, least_conn, random, \
random_choose, first, ip_hash, uri_hash, header, query, cookie.
    """
    if policy not in POLICIES:
        raise UsageError(f"There is no policy {policy!r}. There is {', '.join(POLICIES)}.")
    told = {"policy": policy, **POLICIES[policy]}
    if not sticky or policy == "cookie":
        return told
    return {"policy": "cookie", **POLICIES["cookie"], "fallback": told}
