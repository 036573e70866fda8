"""What is left in a kernel after the last cell of a lesson. The kernel imports a copy of this file."""

import tempfile
import threading
import time
from pathlib import Path

import psutil

STAYS = "wslearn watch"  # one for all calls of what a learner wrote; between them it waits
PATIENCE = 3.0  # seconds; the pictures of a tap notice at their next look that it has stopped


def listening(process: psutil.Process | None = None) -> set[tuple[str, int]]:
    """List where a process listens, or this one."""
    connections = (process or psutil.Process()).net_connections("inet")
    addresses = [each.laddr for each in connections if each.status == psutil.CONN_LISTEN]
    return {(str(host), int(port)) for host, port in addresses}


def left(before: set[tuple[str, int]]) -> list[str]:
    """Say what the course has left: `before` is where the process listened without it."""
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("wslearn")]
    return [
        *(f"thread: {name}" for name in threads if name != STAYS),
        *(f"port: {host}:{port}" for host, port in sorted(listening() - before)),
        *(f"program: {each.cmdline()}" for each in psutil.Process().children(recursive=True)),
        *(f"folder: {each.name}" for each in Path(tempfile.gettempdir()).glob("wslearn*")),
    ]


def left_at_last(before: set[tuple[str, int]]) -> list[str]:
    """Say what is left, and stays."""
    until = time.monotonic() + PATIENCE
    while (found := left(before)) and time.monotonic() < until:
        time.sleep(0.02)
    return found
