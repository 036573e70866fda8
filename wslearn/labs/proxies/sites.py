"""nginx and HAProxy: configurations to read, and to run where these programs are installed.

They are the files in the folders ``nginx`` and ``haproxy``, as somebody would write them: the proxy listens
on port 8080, and the server is on 8765. To run them, these two are replaced by free ports, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.labs.caddy import answers
from wslearn.labs.programs import Programs, free_port, wait_until
from wslearn.net.thread import Stoppable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslearn.labs.programs import Program
    from wslearn.net.tap import Tap
    from wslearn.net.thread import Handle

__all__ = ["SITES", "Site", "Sites", "find_program"]

_PROXY, _SERVER = "127.0.0.1:8080", "127.0.0.1:8765"
# Debian keeps servers where only the administrator's PATH leads.
_ALSO = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")


@dataclass(frozen=True)
class Site:
    """One configuration.

    Parameters
    ----------
    program
        ``"nginx"`` or ``"haproxy"``.
    file
        Its name in the program's folder.
    fault
        The name of the `Rule` that must find out what is wrong with it.
    """

    program: str
    file: str
    fault: str

    @property
    def text(self) -> str:
        """The configuration, as it stands in the package."""
        return (files("wslearn.labs.proxies") / self.program / self.file).read_text("utf-8")


#: The configurations, by name.
SITES: dict[str, Site] = {
    "nginx helpful": Site("nginx", "helpful.conf", "nothing"),
    "nginx plain": Site("nginx", "plain.conf", "the proxy speaks HTTP/1.0 to the server"),
    "nginx half": Site("nginx", "half.conf", "Upgrade is passed on, Connection is not"),
    "nginx impatient": Site("nginx", "impatient.conf", "idle timeout"),
    "nginx location": Site("nginx", "location.conf", "responses are buffered"),
    "nginx renaming": Site("nginx", "renaming.conf", "the origin is refused"),
    "haproxy helpful": Site("haproxy", "helpful.cfg", "nothing"),
    "haproxy impatient": Site("haproxy", "impatient.cfg", "idle timeout"),
}


class Sites(Stoppable):
    """All of `SITES` whose program is installed, to one server: a context manager, or call `stop`.

    They run as ordinary processes, with all their files in a temporary folder, on 127.0.0.1. The programs'
    own services, if there are any, are left alone.

    Parameters
    ----------
    server
        Where they lead: what `backend` gave, or a tap in front of it.

    Attributes
    ----------
    missing : list of str
        A sentence for each program that is not installed.

    Examples
    --------
    >>> from wslearn.labs.proxies import backend
    >>> with backend() as server, Sites(server) as sites:
    ...     len(list(sites)) == len(SITES) or bool(sites.missing)
    True
    """

    def __init__(self, server: Handle | Tap) -> None:
        programs = {site.program: find_program(site.program) for site in SITES.values()}
        self.missing = [
            f"{name} is not installed here, so its configurations are shown and not run."
            for name, found in programs.items()
            if found is None
        ]
        self._ports: dict[str, int] = {}
        self._programs = Programs()
        try:
            started = [
                self._start(name, site, program, server.port)
                for name, site in SITES.items()
                if (program := programs[site.program])
            ]
            for name, port, running in started:
                wait_until(partial(answers, port), running, f"port {port} answered")
                self._ports[name] = port
        except BaseException:
            self.stop()
            raise

    def _start(self, name: str, site: Site, program: str, server: int) -> tuple[str, int, Program]:
        port = free_port()
        folder = self._programs.folder / name.replace(" ", "-")
        folder.mkdir()
        text = site.text.replace(_PROXY, f"127.0.0.1:{port}").replace(_SERVER, f"127.0.0.1:{server}")
        (folder / "site.conf").write_text(text, "utf-8")
        if site.program == "nginx":
            shutil.copy(Path(__file__).with_name("nginx") / "frame.conf", folder)
            argv = [program, "-p", str(folder), "-c", "frame.conf", "-e", "stderr"]
        else:
            argv = [program, "-db", "-f", str(folder / "site.conf")]
        return name, port, self._programs.start(folder.name, argv)

    def __repr__(self) -> str:
        return f"<Sites {'running' if self._programs.running else 'stopped'}: {', '.join(self._ports)}>"

    def __iter__(self) -> Iterator[str]:
        """Give the names of those that run."""
        return iter(self._ports)

    def url(self, name: str, path: str = "/echo") -> str:
        """Give the URL of a WebSocket behind a site.

        Raises
        ------
        UsageError
            When there is none of that name, or its program is not installed.
        """
        if name not in SITES:
            raise UsageError(f"There is no site {name!r}. There is {', '.join(SITES)}.")
        if name not in self._ports:
            raise UsageError(" ".join(self.missing))
        return f"ws://127.0.0.1:{self._ports[name]}{path}"

    def stop(self) -> None:
        """End them. A second call does nothing."""
        self._programs.stop()


def find_program(name: str) -> str | None:
    """Find a program of this machine, also where only the administrator's PATH leads.

    Examples
    --------
    >>> find_program("no-such-proxy") is None
    True
    """
    if sys.platform == "win32":  # its nginx knows neither these signals nor these paths
        return None
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *_ALSO]))
