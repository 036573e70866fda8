"""A long line: what goes in on one side comes out on the other a while later, as on a cable across an ocean.

On one computer a round trip takes no time, so how many of them something needs cannot be seen. Behind a line
of 50 ms each round trip takes a tenth of a second, and time tells the number.
"""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress

from wslearn.labs.streams import StreamServer

__all__ = ["Line"]


class Line(StreamServer):
    """A line to a port of this machine, on a thread of its own: a context manager, or call `stop`.

    TCP connects to the near end of it, so the round trip of TCP's own handshake is not on the line.

    Parameters
    ----------
    port
        The server's.
    delay
        Seconds that each byte is on its way, in both directions.

    Attributes
    ----------
    port : int
        Of the near end, on 127.0.0.1.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve() as server, Line(server.port, delay=0.05) as line:
    ...     line.port != server.port
    True
    """

    def __init__(self, port: int, delay: float) -> None:
        self._to = port
        self._delay = delay
        super().__init__("wslearn line")

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
            with closing(far_writer):
                await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction: what comes in now leaves `delay` seconds from now, in order."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=1000)

        async def leave() -> None:
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(due - loop.time())
                if not data:
                    writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()

        leaving = asyncio.create_task(leave())
        try:
            while True:
                data = await reader.read(65536)
                await under_way.put((loop.time() + self._delay, data))
                if not data:
                    break
            await leaving
        finally:
            leaving.cancel()
