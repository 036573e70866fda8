"""wsproto on asyncio's streams: the glue that it asks of everybody who uses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate

from tests.interop.scenarios import ASK, CODE, REASON, SUBPROTOCOL, Scenario, Transcript, closed, seen


class Glue:
    """One connection: whole messages out of wsproto's pieces, and its answers written."""

    def __init__(
        self, role: ConnectionType, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._ws = WSConnection(role)
        self._reader = reader
        self._writer = writer
        self._pieces: list[str | bytes] = []

    async def send(self, event: Event) -> None:
        self._writer.write(self._ws.send(event))
        await self._writer.drain()

    async def events(self) -> AsyncIterator[Event | str | bytes]:
        """Give messages whole, and everything else as it is, until the end."""
        while data := await self._reader.read(65536):
            self._ws.receive_data(data)
            for event in self._ws.events():
                if isinstance(event, TextMessage | BytesMessage):
                    self._pieces.append(event.data if isinstance(event, TextMessage) else bytes(event.data))
                    if event.message_finished:
                        yield self._pieces[0][:0].join(self._pieces)  # type: ignore[arg-type]
                        self._pieces = []
                else:
                    yield event


def message_event(message: str | bytes, *, fin: bool = True) -> TextMessage | BytesMessage:
    if isinstance(message, str):
        return TextMessage(data=message, message_finished=fin)
    return BytesMessage(data=message, message_finished=fin)


async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be the server of every scenario."""
    glue = Glue(ConnectionType.SERVER, reader, writer)
    async for event in glue.events():
        if isinstance(event, Request):
            chosen = SUBPROTOCOL if SUBPROTOCOL in event.subprotocols else None
            await glue.send(AcceptConnection(subprotocol=chosen, extensions=[PerMessageDeflate()]))
        elif event == ASK:
            await glue.send(CloseConnection(CODE, REASON))
        elif isinstance(event, str | bytes):
            await glue.send(message_event(event))
        elif isinstance(event, Ping):
            await glue.send(event.response())
        elif isinstance(event, CloseConnection):
            if event.code != CODE:
                await glue.send(event.response())
            break
    writer.close()


async def visit(url: str, scenario: Scenario) -> Transcript:
    """Be the client of a scenario."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    glue = Glue(ConnectionType.CLIENT, reader, writer)
    extensions = [PerMessageDeflate()] if scenario.deflate else []
    request = Request(
        host=address.netloc,
        target=address.path,
        extensions=list(extensions),
        subprotocols=list(scenario.subprotocols),
    )
    await glue.send(request)
    lines: Transcript = []
    async for event in glue.events():
        if isinstance(event, AcceptConnection):
            lines.append(["open", event.subprotocol or "", bool(event.extensions)])
        elif isinstance(event, str | bytes):
            lines.append(seen(event))
        elif isinstance(event, Pong):
            lines.append(["pong", bytes(event.payload).hex()])
        elif isinstance(event, CloseConnection):
            if scenario.code is None:
                await glue.send(event.response())
            lines.append(closed(event.code, event.reason, scenario))
        await _next_step(glue, scenario, len(lines))
    writer.close()
    return lines


async def _next_step(glue: Glue, scenario: Scenario, line: int) -> None:
    """Do what comes when so many lines are written: one thing after the other."""
    steps: list[list[Event]] = [[message_event(message)] for message in scenario.messages]
    if scenario.fragments:
        last = len(scenario.fragments) - 1
        steps.append([message_event(piece, fin=at == last) for at, piece in enumerate(scenario.fragments)])
    steps += [[Ping(payload)] for payload in scenario.pings]
    end = message_event(ASK) if scenario.code is None else CloseConnection(scenario.code, scenario.reason)
    steps.append([end])
    if line <= len(steps):
        for event in steps[line - 1]:
            await glue.send(event)
