"""Something that many wait for and that is done once; and again, when it failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Once"]


class Once:
    """What is to be done once, by whoever is the first to need it; the others wait for the same.

    Whoever gives up waiting does not break it off for the others. When it fails, all who wait are told, and
    it is tried again for the next one: a broker that was away may be there by then.

    Parameters
    ----------
    act
        Does it.

    Examples
    --------
    >>> async def two():
    ...     done = []
    ...     async def act():
    ...         done.append("once")
    ...     once = Once(act)
    ...     await asyncio.gather(once(), once())
    ...     return done
    >>> asyncio.run(two())
    ['once']
    """

    def __init__(self, act: Callable[[], Awaitable[None]]) -> None:
        self._act = act
        self._task: asyncio.Future[None] | None = None

    async def __call__(self) -> None:
        """Do it, unless it is done; return when it is."""
        task = self._task
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._task = asyncio.ensure_future(self._act())
        await asyncio.shield(task)
