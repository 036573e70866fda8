"""What a machine and a process are doing, by psutil."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import psutil

__all__ = ["Machine"]

_WINDOW = 10  # measurements that a rate is taken over


@dataclass(frozen=True, slots=True)
class _Counters:
    """What only ever grows."""

    seconds: float
    cores: list[tuple[float, float]]  # seconds that each was busy, and seconds in all
    process: float  # seconds of CPU
    received: int  # bytes
    sent: int
    messages: int


class Machine:
    """The figures of this machine and this process; those that are rates, over the last ten measurements.

    Parameters
    ----------
    messages
        How many there were before.

    Examples
    --------
    >>> whole, own = Machine().measure(messages=5)
    >>> sorted(whole), sorted(own)
    (['cores', 'load', 'memory', 'network'], ['cpu', 'memory', 'messages'])
    """

    def __init__(self, messages: int = 0) -> None:
        self._process = psutil.Process()
        self._taken = deque([self._counters(messages)], maxlen=_WINDOW + 1)

    def measure(self, messages: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Measure.

        Parameters
        ----------
        messages
            How many there were so far.

        Returns
        -------
        tuple of dict
            Of the machine: ``cores``, in percent each; ``memory``, ``used`` and in all (``total``), in bytes;
            ``network``, ``received`` and ``sent``, in bytes a second, what stays inside the machine included;
            ``load``, how many processes ran or waited to, on average over 1, 5 and 15 minutes. Of the
            process: ``cpu``, in percent of one core; ``memory``, in bytes; ``messages`` a second.
        """
        self._taken.append(self._counters(messages))
        was, now = self._taken[0], self._taken[-1]
        passed = max(now.seconds - was.seconds, 1e-9)
        memory = psutil.virtual_memory()
        whole = {
            "cores": [_percent(*counts) for counts in zip(was.cores, now.cores, strict=False)],
            "memory": {"used": memory.total - memory.available, "total": memory.total},
            "network": {
                "received": round((now.received - was.received) / passed),
                "sent": round((now.sent - was.sent) / passed),
            },
            "load": [round(load, 2) for load in psutil.getloadavg()],
        }
        own = {
            "cpu": round(100 * (now.process - was.process) / passed, 1),
            "memory": self._process.memory_info().rss,
            "messages": round((now.messages - was.messages) / passed, 1),
        }
        return whole, own

    def _counters(self, messages: int) -> _Counters:
        process = self._process.cpu_times()
        network = psutil.net_io_counters()
        return _Counters(
            time.perf_counter(),
            [_busy(core._asdict()) for core in psutil.cpu_times(percpu=True)],
            process.user + process.system,
            network.bytes_recv,
            network.bytes_sent,
            messages,
        )


def _busy(core: dict[str, float]) -> tuple[float, float]:
    """Tell for how long a core was busy, and since when it counts; "guest" is counted as "user" already."""
    total = sum(seconds for name, seconds in core.items() if not name.startswith("guest"))
    return total - core["idle"] - core.get("iowait", 0.0), total


def _percent(was: tuple[float, float], now: tuple[float, float]) -> float:
    """Tell how busy a core was between two counts.

    Examples
    --------
    >>> _percent((1.0, 10.0), (1.5, 12.0)), _percent((1.0, 10.0), (1.0, 10.0))
    (25.0, 0.0)
    """
    passed = now[1] - was[1]
    return round(min(100.0, max(0.0, 100 * (now[0] - was[0]) / passed)), 1) if passed > 0 else 0.0
