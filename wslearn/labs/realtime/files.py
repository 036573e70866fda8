"""How many connections this process may hold: each takes a file descriptor."""

from __future__ import annotations

import sys

__all__ = ["allow_files"]

_ENOUGH = 16_384


def allow_files() -> int:
    """Raise this process's limit on open files as far as it may, and say what it is then.

    Examples
    --------
    >>> allow_files() >= 256
    True
    """
    if sys.platform == "win32":  # a socket is no file there
        return _ENOUGH
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _ENOUGH if hard == resource.RLIM_INFINITY else min(_ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return _ENOUGH if soft == resource.RLIM_INFINITY else soft
