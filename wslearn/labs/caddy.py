"""Caddy, as load balancer and as proxy: its configuration in JSON, and a process of it that leaves no trace.

It is never told to trust a certificate of its own, has no port for administration, and keeps its files in
the folder of its `Programs`.
"""

from __future__ import annotations

import json
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from wslearn.labs.programs import Programs, executable, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wslearn.labs.programs import Program

__all__ = ["answers", "listener", "reverse_proxy", "start_caddy"]

Config = dict[str, Any]


def reverse_proxy(upstreams: Sequence[str], **options: Any) -> Config:
    """Give a handler that passes requests on.

    Parameters
    ----------
    upstreams
        ``"127.0.0.1:8001"`` each.
    options
        Fields of Caddy's ``http.handlers.reverse_proxy``, such as `load_balancing` or `health_checks`.

    Examples
    --------
    >>> reverse_proxy(["127.0.0.1:8001"])["upstreams"]
    [{'dial': '127.0.0.1:8001'}]
    """
    return {"handler": "reverse_proxy", "upstreams": [{"dial": each} for each in upstreams], **options}


def listener(port: int, *handlers: Config, tls: bool = False, **options: Any) -> Config:
    """Give a server on one port of 127.0.0.1, all of whose requests go through the handlers in turn.

    Parameters
    ----------
    port
        Where it listens.
    handlers
        What it does, such as `reverse_proxy`.
    tls
        Whether it speaks TLS, with the certificate that `start_caddy` is given.
    options
        Fields of Caddy's ``http`` server, such as `idle_timeout`.
    """
    server: Config = {
        "listen": [f"127.0.0.1:{port}"],
        "routes": [{"handle": list(handlers)}],
        "automatic_https": {"disable": True},
        **options,
    }
    if tls:
        server["tls_connection_policies"] = [{}]
    return server


def start_caddy(
    programs: Programs,
    servers: Sequence[Config],
    certificate: tuple[Path, Path] | None = None,
    name: str = "caddy",
    env: Mapping[str, str] = {},
) -> Program:
    """Start Caddy, and wait until each of its ports answers.

    Parameters
    ----------
    programs
        Those it shall belong to.
    servers
        Made by `listener`.
    certificate
        The files of a certificate's chain and of its key, in PEM, for servers that speak TLS.
    name
        What it is called among the programs.
    env
        Variables beside those of this process.

    Raises
    ------
    UsageError
        When Caddy is not installed, or does not take the configuration: the message has what it printed.
    """
    program = executable("caddy")
    config: Config = {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "WARN"}}},
        "apps": {
            "http": {"grace_period": "1s", "servers": {f"s{n}": each for n, each in enumerate(servers)}}
        },
    }
    if certificate is not None:
        chain, key = map(str, certificate)
        config["apps"]["tls"] = {"certificates": {"load_files": [{"certificate": chain, "key": key}]}}
    path = programs.folder / f"{name}.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    home = str(programs.folder / name)
    running = programs.start(
        name,
        [program, "run", "--config", str(path)],
        {"XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home, "HOME": home, **env},
    )
    for server in servers:
        port = int(server["listen"][0].rpartition(":")[2])
        wait_until(partial(answers, port), running, f"port {port} answered")
    return running


def answers(port: int) -> bool:
    """Whether somebody listens on a port of 127.0.0.1."""
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
