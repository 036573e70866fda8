"""The server as a process of its own: ``python -m wslearn.labs.realtime PORT``."""

from __future__ import annotations

import asyncio
import sys

from wslearn.labs.files import allow_files
from wslearn.labs.realtime.server import Feed, apps
from wslearn.net.server import Server


async def main(port: int) -> None:
    """Serve until the process is ended."""
    allow_files()
    async with Server(apps(Feed()), port=port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
