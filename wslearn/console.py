"""A line-based client: lines that are typed go out as text messages, messages come in as lines."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import TYPE_CHECKING, Any, Protocol

from wslearn.errors import ConnectionClosed, UsageError
from wslearn.net.client import connect
from wslearn.spans import count, visible
from wslearn.wire import Watched, Wire, hex_dump

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.net.websocket import WebSocket

__all__ = ["HELP", "Lines", "read_hex", "talk"]

HELP = """\
A line is sent as a text message. A line that starts with a slash is a command:
  /ping                    send a ping, and say when its pong came
  /binary HEX              send a binary message, such as /binary 00 ff
  /close [CODE] [REASON]   close, with 1000 unless said otherwise
  /help                    show this
  //TEXT                   send a text message that starts with a slash
The end of the input (Ctrl-D) closes as well."""

_AHEAD = 64  # lines that are read before the server took those before them


class Lines(Protocol):
    """Where lines come from: a binary file, the standard input above all."""

    def readline(self) -> bytes | None:
        """Give the next line, and nothing at the end."""


def read_hex(text: str) -> bytes:
    r"""Read bytes written in hexadecimal, with whatever stands between them: blanks, colons, commas, 0x, \x.

    Raises
    ------
    UsageError
        For another character, or half a byte.

    Examples
    --------
    >>> read_hex("0x81 0x02 48:69") == read_hex("81024869") == bytes((0x81, 0x02, 0x48, 0x69))
    True
    """
    digits = re.sub(r"0[xX]|\\x|[\s:,_-]", "", text)
    if wrong := re.search(r"[^0-9a-fA-F]", digits):
        raise UsageError(f"{wrong[0]!r} is not a hexadecimal digit. Write bytes as 81 05 48 65 6c 6c 6f.")
    if len(digits) % 2:
        raise UsageError(
            f"{count(len(digits), 'hexadecimal digit')}: a byte has two, so the last one is half."
        )
    return bytes.fromhex(digits)


async def talk(
    url: str,
    lines: Lines,
    *,
    say: Callable[[str], None],
    note: Callable[[str], None],
    explained: bool = False,
    wait: float = 0.5,
    **options: Any,
) -> ConnectionClosed:
    """Connect, send each line, say each message, until either side ends it.

    Parameters
    ----------
    url
        Where to.
    lines
        What to send; read on a thread of its own.
    say
        Called with each message, and with each explanation.
    note
        Called with what is said beside that: connected, closed, help.
    explained
        Whether to explain every frame of both directions.
    wait
        After the last line: close when no message came for so many seconds. Ten times as long is the most
        that is waited, whatever the server sends.
    **options
        As for `connect`.

    Returns
    -------
    ConnectionClosed
        How it ended.

    Raises
    ------
    UsageError, HandshakeError, OSError
        As `connect` does.
    """
    ws = await (Watched(url, Wire(say).see, **options) if explained else connect(url, **options))
    extensions = ws.response.headers.get("Sec-WebSocket-Extensions")
    agreement = [what for what in (ws.subprotocol and f"subprotocol {ws.subprotocol}", extensions) if what]
    note(visible(", ".join([f"connected to {url}", *agreement])))
    conversation = _Conversation(ws, say, note, wait)
    try:
        await conversation.run(lines)
    finally:
        began = {True: "; the server began", False: "; this side began", None: ""}[ws.closed.received_first]
        note(visible(f"closed: {ws.closed}{began}"))
    return ws.closed


class _Conversation:
    def __init__(
        self, ws: WebSocket, say: Callable[[str], None], note: Callable[[str], None], wait: float
    ) -> None:
        self._ws = ws
        self._say = say
        self._note = note
        self._wait = wait
        self._news = asyncio.Event()

    async def run(self, lines: Lines) -> None:
        """Send and receive side by side; whichever ends first ends the connection."""
        receiving = asyncio.create_task(self._receive())
        sending = asyncio.create_task(self._send(_Queue(lines)))
        try:
            await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            await self._ws.close()
            await receiving

    async def _receive(self) -> None:
        async for message in self._ws:
            self._news.set()
            if isinstance(message, str):
                self._say(f"← {visible(message, len(message))}")
            else:
                self._say(f"← binary, {count(len(message), 'byte')}: {hex_dump(message)}")

    async def _send(self, lines: _Queue) -> None:
        try:
            while line := await lines.next():
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                if text.startswith("/") and not text.startswith("//"):
                    await self._obey(text)
                else:
                    await self._ws.send(text.removeprefix("/"))
            await self._until_quiet()
        except ConnectionClosed:
            return

    async def _obey(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        try:
            match command:
                case "/ping":
                    pong = asyncio.ensure_future(self._ws.ping())
                    pong.add_done_callback(self._on_pong)
                case "/binary":
                    await self._ws.send(read_hex(rest))
                case "/close":
                    code, _, reason = rest.strip().partition(" ")
                    if code and not code.isdecimal():
                        raise UsageError(f"A close code is a number, not {code!r}: /close 1000 bye")
                    await self._ws.close(int(code or 1000), reason)
                case "/help":
                    self._note(HELP)
                case _:
                    raise UsageError(
                        f"There is no command {command}. /help shows what there is; // sends a slash."
                    )
        except UsageError as error:
            self._note(visible(str(error)))

    def _on_pong(self, pong: asyncio.Future[float]) -> None:
        if not pong.cancelled() and pong.exception() is None:
            self._note(f"pong after {pong.result() * 1000:.1f} ms")

    async def _until_quiet(self) -> None:
        """Wait for the answers to the last lines. How many there will be, only the server knows."""
        try:
            async with asyncio.timeout(10 * self._wait):
                await self._ws.ping()  # there and back: from here on, quiet means that nothing more comes
                while True:
                    self._news.clear()
                    async with asyncio.timeout(self._wait):
                        await self._news.wait()
        except TimeoutError:  # no news for a while, or news without an end
            return


class _Queue:
    """Lines, read ahead on a thread of its own; an empty one, without even a line end, follows the last.

    The thread is a daemon: when the server ends the connection, nobody waits for one more line.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._read: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(_AHEAD)
        threading.Thread(target=self._read_all, name="wslearn lines", daemon=True).start()

    async def next(self) -> bytes:
        """Wait for the next line."""
        line = await self._read.get()
        self._room.release()
        return line

    def _read_all(self) -> None:
        line = b"\n"
        while line:
            line = self._lines.readline() or b""
            self._room.acquire()
            try:
                self._loop.call_soon_threadsafe(self._read.put_nowait, line)
            except RuntimeError:  # the loop has ended, and the connection with it
                return
