"""The conversations of a conformance run: a case goes out over TCP, and what comes back is kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from wslearn.closing import may_be_sent
from wslearn.connection import Connection, Pong
from wslearn.course.conformance.good import close
from wslearn.course.conformance.judge import NO_CODE, Seen
from wslearn.course.conformance.kinds import Answers, Case, Refuses
from wslearn.course.conformance.wire import FLOOD, Wire
from wslearn.errors import HandshakeError, ProtocolError, UsageError
from wslearn.frames import Frame, Opcode
from wslearn.handshake import Target, check_response
from wslearn.http import Request, Response, split_head

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Patience", "aim", "converse", "nobody_listens"]

_AT_ONCE = 32  # connections
_BODY = 4096  # bytes of a refusal that are kept
_HERE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client waits, in seconds.

    Parameters
    ----------
    answer
        For the answer to the handshake, again for what a case expects, again for the close frame.
    pause
        Between two turns of a case.
    end
        For the server to close TCP when all is said (RFC 6455 §7.1.1).
    """

    answer: float = 3.0
    pause: float = 1.0
    end: float = 1.0


def aim(url: str) -> Target:
    """Read a URL, and see that it leads to this machine without TLS.

    Raises
    ------
    UsageError
        When it does not.

    Examples
    --------
    >>> aim("ws://127.0.0.1:8765/echo").resource
    '/echo'
    """
    target = Target.parse(url)
    if target.secure:
        raise UsageError("The score reads bytes, not TLS records: give it a ws:// URL.")
    if target.host not in _HERE:
        raise UsageError(
            f"The score sends what is illegal, to servers on this machine only: not {target.host}."
        )
    return target


def nobody_listens(url: str) -> UsageError:
    """Make the error of a run on a dead port."""
    return UsageError(f"Nobody listens at {url}: start the server, then ask for the score again.")


async def converse(
    url: str,
    cases: Sequence[Case],
    patience: Patience = Patience(),
) -> list[Seen]:
    """Hold one conversation for each case, several at once.

    Parameters
    ----------
    url
        Of a server on this machine.
    cases
        What is sent.
    patience
        How long to wait.

    Returns
    -------
    list of Seen
        In the order of the cases.

    Raises
    ------
    UsageError
        When nobody listens, or for a URL that leads elsewhere.
    """
    target = aim(url)
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(case: Case) -> Seen | None:
        async with free:
            return await _one(target, case, patience)

    found = await asyncio.gather(*map(one, cases))
    if not any(found):
        raise nobody_listens(url)
    return [seen or Seen(refusal="nobody listened any more") for seen in found]


async def _one(target: Target, case: Case, patience: Patience) -> Seen | None:
    """Open a connection for a case; ``None`` when nobody listens."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(patience.answer):
            transport, wire = await loop.create_connection(Wire, target.host, target.port)
    except (OSError, TimeoutError):
        return None
    # Without the port, which is another one in each run: nobody has to look at it.
    host = target.authority.removesuffix(f":{target.port}").encode()
    request = case.request.replace(b" /chat", b" " + target.resource.encode(), 1)
    talk = _Talk(case, wire, patience, request.replace(b"server.example.com", host, 1))
    try:
        await talk.run()
    finally:
        transport.abort()
    return talk.seen


class _Talk:
    """One conversation; what it finds out is in `seen`."""

    def __init__(self, case: Case, wire: Wire, patience: Patience, request: bytes) -> None:
        self.seen = Seen(request=request)
        self._case = case
        self._wire = wire
        self._patience = patience
        self._client = Connection("client")
        self._at = 0  # how far the server's bytes are read

    async def run(self) -> None:
        seen, wire = self.seen, self._wire
        await self._shake_hands()
        if not seen.refusal and not isinstance(self._case.expected, Refuses):
            await self._exchange()
        seen.ended = wire.ended

    async def _exchange(self) -> None:
        """Send the frames of the case, and close."""
        seen, case, wire = self.seen, self._case, self._wire
        await self._send_turns()
        if await self._wait(self._settled) and not (self._over() or wire.ended or case.closes):
            seen.asked = True
            await self._write(close())
            await self._wait(self._over)
        if not seen.overdue:
            if seen.close is not None and not seen.asked and not case.closes:  # §5.5.1
                code = seen.close if may_be_sent(seen.close) else 1000
                await self._write(close(code.to_bytes(2, "big")))
            await wire.until(lambda: False, self._patience.end)
        self._over()
        seen.received = bytes(wire.data[len(seen.answer) :])
        seen.behind = len(wire.data) - self._at if seen.close is not None else 0
        if len(wire.data) > FLOOD:
            seen.fault = f"More than {FLOOD >> 20} MiB came back."

    async def _shake_hands(self) -> None:
        seen, wire = self.seen, self._wire
        await wire.write(seen.request, 0 if self._case.turns else self._case.chop)
        seen.overdue = not await wire.until(self._answered, self._patience.answer)
        data = bytes(wire.data)
        try:
            cut = split_head(data) if _may_be_http(data) else (data[:_BODY], b"")
            if cut is None:
                seen.refusal = "no whole answer" if data else "no answer"
                seen.refusal += ", and TCP closed" * wire.ended
                return
            seen.answer = cut[0]
            self._at = len(seen.answer)
            response = Response.parse(seen.answer)
            seen.status = response.status
            if response.status != HTTPStatus.SWITCHING_PROTOCOLS:
                await self._read_body(response)
            if not isinstance(self._case.expected, Refuses):
                check_response(Request.parse(self._case.request), response)
        except HandshakeError as error:
            seen.refusal = str(error.args[0])

    async def _read_body(self, response: Response) -> None:
        """Wait for what a refusal says to a person."""
        size = response.headers.get("Content-Length")
        stop = self._at + min(int(size) if size.isdecimal() else 0, _BODY)
        await self._wire.until(lambda: len(self._wire.data) >= stop, self._patience.end)
        self.seen.answer = bytes(self._wire.data[:stop])

    def _answered(self) -> bool:
        data = bytes(self._wire.data)
        return b"\r\n\r\n" in data or not _may_be_http(data)

    async def _send_turns(self) -> None:
        for number, turn in enumerate(self._case.turns):
            if number:
                heard = len(self.seen.heard)
                await self._wire.until(partial(self._more_than, heard), self._patience.pause)
                if self._over() or self._wire.ended:
                    return
            self.seen.turns += 1
            await self._write(turn, self._case.chop)

    def _more_than(self, heard: int) -> bool:
        return self._over() or len(self.seen.heard) > heard

    async def _write(self, data: bytes, chop: int = 0) -> None:
        self.seen.sent += data
        await self._wire.write(data, chop)

    async def _wait(self, done: Callable[[], object]) -> bool:
        self.seen.overdue = not await self._wire.until(done, self._patience.answer)
        return not self.seen.overdue

    def _over(self) -> bool:
        """Read on; tell whether the server closed, or broke a rule of its own."""
        seen, data = self.seen, bytes(self._wire.data[self._at :])
        try:
            while seen.close is None and not seen.fault and (parsed := Frame.parse(data)) is not None:
                frame, rest = parsed
                self._take(frame, data[: len(data) - len(rest)])
                self._at += len(data) - len(rest)
                data = rest
        except ProtocolError as error:
            seen.fault = str(error.args[0])
        return seen.close is not None or bool(seen.fault)

    def _take(self, frame: Frame, data: bytes) -> None:
        seen = self.seen
        if frame.opcode == Opcode.CLOSE and len(frame.payload) != 1:
            seen.close = int.from_bytes(frame.payload[:2], "big") if frame.payload else NO_CODE
        for event in self._client.receive(data):
            if isinstance(event, str | bytes | Pong):
                seen.heard.append(event)
            elif isinstance(event, ProtocolError) and (event.field != "close code" or seen.close is None):
                seen.fault = str(event.args[0])

    def _settled(self) -> bool:
        """Read on; tell whether the case has what it waits for, or can never have it."""
        if self._over():
            return True
        heard, expected = self.seen.heard, self._case.expected
        assert not isinstance(expected, Refuses)  # noqa: S101
        if heard != list(expected.heard[: len(heard)]):
            return True
        return isinstance(expected, Answers) and not self._case.closes and len(heard) == len(expected.heard)


def _may_be_http(data: bytes) -> bool:
    return data[:5] == b"HTTP/"[: len(data)]
