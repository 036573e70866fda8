"""What a process uses, and the kernel for all of them, read from outside: the process need not help."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import psutil

from wslearn.errors import UsageError

__all__ = ["Gauge", "kernel_memory"]

_PAGE = 4096  # bytes of what /proc/net/sockstat counts


class Gauge:
    """A look at one process.

    Parameters
    ----------
    pid
        Which.

    Raises
    ------
    UsageError
        From its methods, when the process is gone.

    Examples
    --------
    >>> import os
    >>> me = Gauge(os.getpid())
    >>> me.memory() > 1_000_000, me.files() > 2, me.cpu() > 0
    (True, True, True)
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def _process(self) -> psutil.Process:
        try:
            return psutil.Process(self._pid)
        except psutil.NoSuchProcess:
            raise UsageError("The process that is looked at is gone.") from None

    def cpu(self) -> float:
        """Give the seconds of processor time that all its threads have used, of program and kernel."""
        if sys.platform == "linux":  # psutil reads /proc, which counts in steps of 10 ms
            try:
                return time.clock_gettime((~self._pid << 3) | 2)
            except OSError:
                raise UsageError("The process that is looked at is gone.") from None
        times = self._process().cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Give the bytes of its resident memory: what is in RAM now."""
        return int(self._process().memory_info().rss)

    def files(self) -> int:
        """Give the number of its open file descriptors; on Windows, of its handles."""
        process = self._process()
        if sys.platform == "win32":
            return int(process.num_handles())
        return int(process.num_fds())


def kernel_memory() -> int | None:
    """Give the bytes that the kernel of Linux holds for itself, sockets among them; ``None`` elsewhere.

    It is that of the whole machine, so it says something only as a difference, while little else happens.

    Examples
    --------
    >>> kernel_memory() is None or kernel_memory() > 1_000_000
    True
    """
    try:
        memory, sockets = (Path(f"/proc/{name}").read_text("ascii") for name in ("meminfo", "net/sockstat"))
    except OSError:
        return None
    objects = re.search(r"^Slab:\s+(\d+) kB", memory, re.MULTILINE)
    buffers = re.search(r"^TCP: .*\bmem (\d+)", sockets, re.MULTILINE)
    if objects is None or buffers is None:
        return None
    return int(objects[1]) * 1024 + int(buffers[1]) * _PAGE
