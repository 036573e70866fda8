"""A client of plain HTTP on one TCP connection, that keeps its cookies as a browser does."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, Self

from wslearn.errors import UsageError

if TYPE_CHECKING:
    from types import TracebackType

    from wslearn.labs.cluster import Cluster

__all__ = ["Visitor"]


class Visitor:
    """One browser, in front of a cluster's balancer: a context manager.

    Parameters
    ----------
    cluster
        Where it goes.
    """

    def __init__(self, cluster: Cluster) -> None:
        context = cluster.ssl_context
        self._connection = (
            HTTPConnection("127.0.0.1", cluster.port, timeout=10)
            if context is None
            else HTTPSConnection("127.0.0.1", cluster.port, timeout=10, context=context)
        )
        self._cookies = SimpleCookie()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @property
    def cookies(self) -> dict[str, str]:
        """What it was given."""
        return {name: each.value for name, each in self._cookies.items()}

    def get(self, target: str) -> Any:
        """Ask for something, and give the JSON of the answer.

        Raises
        ------
        UsageError
            When it is refused.
        """
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._connection.request("GET", target, headers={"Cookie": cookie} if cookie else {})
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise UsageError(f"GET {target} was answered {response.status} {response.reason}.")
        for field in response.headers.get_all("Set-Cookie", []):
            self._cookies.load(field)
        return json.loads(body)
