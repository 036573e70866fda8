"""How many connections this process may hold: each takes a file descriptor."""

from __future__ import annotations

import sys

__all__ = ["allow_files", "most_files"]

_ENOUGH = 16_384
# Where nothing is said of a limit. macOS says nothing, and takes no more than its OPEN_MAX.
_UNLIMITED = 10_240 if sys.platform == "darwin" else 1 << 20


def most_files() -> int:
    """Say how many files a process of this user may open when it raises its own limit: the hard limit.

    Examples
    --------
    >>> most_files() >= 256
    True
    """
    if sys.platform == "win32":  # a socket is no file there
        return _UNLIMITED
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNLIMITED if hard == resource.RLIM_INFINITY else hard


def allow_files(wanted: int = _ENOUGH) -> int:
    """Raise this process's limit on open files as far as it may, and say what it is then.

    Every process has two: the soft limit, which counts, and the hard one, up to which it may raise the
    soft one by itself. Only an administrator raises the hard one.

    Parameters
    ----------
    wanted
        The soft limit is raised to this, or to the hard one where that is less; it is never lowered.

    Examples
    --------
    >>> allow_files() >= 256
    True
    """
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(wanted, most_files())
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return wanted if soft == resource.RLIM_INFINITY else soft
