"""Caddy as eight proxies at once, each on a port of its own: one as it should be, and what goes wrong.

What is wrong with each is in its configuration, a few words of JSON, which `Path.handler` shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wslearn.errors import UsageError
from wslearn.labs.caddy import listener, reverse_proxy, start_caddy
from wslearn.labs.certificates import Certificates
from wslearn.labs.programs import Programs, executable, free_port
from wslearn.net.thread import Stoppable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from wslearn.labs.programs import Program
    from wslearn.net.tap import Tap
    from wslearn.net.thread import Handle

__all__ = ["PATHS", "Path", "Paths"]

PATIENCE = 1.0  # seconds that the impatient ones wait


@dataclass(frozen=True)
class Path:
    """One way to a server.

    Parameters
    ----------
    does
        What the proxy on it does.
    fault
        The name of the `Rule` that must find it out.
    handler
        Fields of Caddy's ``reverse_proxy``.
    tls
        Whether its clients speak TLS with it.
    to
        ``"server"``, or ``"nobody"``: a port on which nobody listens.
    """

    does: str
    fault: str
    handler: dict[str, Any] = field(default_factory=dict)
    tls: bool = False
    to: str = "server"


def _request(**changes: Any) -> dict[str, Any]:
    return {"headers": {"request": changes}}


def _transport(**options: Any) -> dict[str, Any]:
    return {"transport": {"protocol": "http", **options}}


#: The paths, by name.
PATHS: dict[str, Path] = {
    "helpful": Path("passes everything on", "nothing"),
    "stripping": Path(
        "drops Upgrade and Connection",
        "the upgrade is dropped",
        _request(delete=["Upgrade", "Connection"]),
    ),
    "impatient": Path(
        "hangs up when the server is silent for a second",
        "idle timeout",
        _transport(read_timeout=f"{PATIENCE:g}s"),
    ),
    "short": Path(
        "hangs up after a second, whatever happens", "limited life", {"stream_timeout": f"{PATIENCE:g}s"}
    ),
    "buffering": Path(
        "keeps an answer until it is whole", "the answer is held back", {"response_buffers": 65536}
    ),
    "renaming": Path(
        "writes the server's own address into Host",
        "the origin is refused",
        _request(set={"Host": ["{http.reverse_proxy.upstream.hostport}"]}),
    ),
    "lost": Path("leads to a port where nobody listens", "no server behind the proxy", to="nobody"),
    "tls": Path("ends TLS, and goes on without", "nothing", tls=True),  # HTTP/1.1 and HTTP/2
}


class Paths(Stoppable):
    """All of `PATHS` to one server: a context manager, or call `stop`.

    Where Caddy is not installed there are none, and `missing` says so.

    Parameters
    ----------
    server
        Where they lead: what `backend` gave, or a tap in front of it.

    Attributes
    ----------
    missing : str
        What to install; empty when Caddy is there.

    Examples
    --------
    >>> from wslearn.labs.proxies import backend
    >>> with backend() as server, Paths(server) as paths:
    ...     paths.url("tls").partition(":")[0]
    'wss'
    """

    def __init__(self, server: Handle | Tap) -> None:
        self._programs: Programs | None = None
        self._ports: dict[str, int] = {}
        self.missing = ""
        self._certificates: Certificates | None = None
        self._caddy: Program | None = None
        try:
            executable("caddy")
        except UsageError as error:
            self.missing = str(error)
            return
        self._programs = Programs()
        try:
            self._start(self._programs, server.port)
        except BaseException:
            self.stop()
            raise

    def _start(self, programs: Programs, port: int) -> None:
        certificates = self._certificates = Certificates(programs.folder)
        upstreams = {"server": f"127.0.0.1:{port}", "nobody": f"127.0.0.1:{free_port()}"}
        self._ports = {name: free_port() for name in PATHS}
        servers = [
            listener(
                self._ports[name],
                reverse_proxy([upstreams[path.to]], **path.handler),
                tls=path.tls,
                protocols=["h1", "h2"],
            )
            for name, path in PATHS.items()
        ]
        # Go's HTTP/2 understands extended CONNECT, and says so in its SETTINGS when told to (RFC 8441 §3).
        self._caddy = start_caddy(
            programs, servers, (certificates.chain, certificates.key), env={"GODEBUG": "http2xconnect=1"}
        )

    def __repr__(self) -> str:
        running = self._programs is not None and self._programs.running
        return f"<Paths {'running' if running else self.missing or 'stopped'}: {', '.join(self._ports)}>"

    def __iter__(self) -> Iterator[str]:
        """Give the names of those that are there."""
        return iter(self._ports)

    @property
    def trust(self) -> ssl.SSLContext | None:
        """What trusts the authority of ``tls``, and nobody else: a new one each time."""
        return None if self._certificates is None else self._certificates.context

    def port(self, name: str) -> int:
        """Give the port of a path.

        Raises
        ------
        UsageError
            When there is none of that name, or Caddy is not installed.
        """
        if self.missing:
            raise UsageError(self.missing)
        if name not in self._ports:
            raise UsageError(f"There is no path {name!r}. There is {', '.join(PATHS)}.")
        return self._ports[name]

    def url(self, name: str, path: str = "/echo") -> str:
        """Give the URL of a WebSocket behind a path.

        Raises
        ------
        UsageError
            As `port`.
        """
        return f"{'wss' if PATHS.get(name, PATHS['tls']).tls else 'ws'}://127.0.0.1:{self.port(name)}{path}"

    def stop(self) -> None:
        """End Caddy. A second call does nothing."""
        if self._caddy is not None:
            self._caddy.kill()  # asked politely, it would wait for connections that nobody uses any more
        if self._programs is not None:
            self._programs.stop()
