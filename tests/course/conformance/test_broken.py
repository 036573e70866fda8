"""Runs against broken servers of a few lines each: the right verdicts, and an end in time."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

import pytest

from tests.net.raw import Raw, listening
from wslearn import Connection, Frame, HandshakeError, Opcode
from wslearn.course.conformance.kinds import frames_of
from wslearn.course.conformance.score import Score, score
from wslearn.course.conformance.talk import Patience
from wslearn.net.thread import LoopThread

IMPATIENT = Patience(answer=1.0, pause=0.5, end=0.5)
RESPONSE = b"HTTP/1.1 %b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting longer for a server that is broken changes nothing but the time."""
    monkeypatch.setattr(sys.modules["wslearn.course.conformance.score"], "Patience", lambda: IMPATIENT)


@contextmanager
def broken(behave: Callable[[Raw], Awaitable[None]]) -> Iterator[str]:
    """Run a server of a few lines; give its URL."""

    async def quietly(raw: Raw) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, HandshakeError):
            await behave(raw)

    thread = LoopThread("broken server")
    serving = listening(quietly)
    try:
        yield thread.run(serving.__aenter__())
        thread.run(serving.__aexit__(None, None, None))
    finally:
        thread.stop()


def seen(run: Score) -> set[str]:
    return {result.seen for result in run}


async def echo(raw: Raw, change: Callable[[Frame], bytes] = Frame.serialize, *, leave: bool = False) -> None:
    """Be an echo server whose every frame is changed on its way out; `leave` TCP open at the end."""
    await raw.accept()
    connection = Connection("server")
    while not connection.deaf and (data := await raw.reader.read(1 << 20)):
        messages = [event for event in connection.receive(data) if isinstance(event, str | bytes)]
        out = b"".join(map(connection.send, messages)) + connection.bytes_to_send()
        raw.send(*map(change, frames_of(out)))
    if leave:
        await raw.reader.read()


def masked(frame: Frame) -> bytes:
    return replace(frame, masking_key=b"abcd").serialize()


def without_close(frame: Frame) -> bytes:
    return b"" if frame.opcode == Opcode.CLOSE else frame.serialize()


def closing_with_1011(frame: Frame) -> bytes:
    return frame.serialize() if frame.opcode != Opcode.CLOSE else bytes.fromhex("88 02 03 f3")


def talking_on(frame: Frame) -> bytes:
    return frame.serialize() + b"\x81\x00" * (frame.opcode == Opcode.CLOSE)


def silent_pongs(frame: Frame) -> bytes:
    return replace(frame, payload=b"").serialize() if frame.opcode == Opcode.PONG else frame.serialize()


async def say(raw: Raw, answer: bytes) -> None:
    """Answer the handshake with these bytes, and wait for the client to go."""
    await raw.reader.readuntil(b"\r\n\r\n")
    raw.send(answer)
    await raw.reader.read()


async def drip(raw: Raw, piece: bytes, first: bytes = b"") -> None:
    """Send a piece every now and then, for ever."""
    raw.send(first)
    while not raw.writer.is_closing():
        raw.send(piece)
        await raw.writer.drain()
        await asyncio.sleep(0.01)


class Flood:
    """Send without end; keep how much the client took, at most."""

    def __init__(self) -> None:
        self.taken = 0

    async def __call__(self, raw: Raw) -> None:
        await raw.accept()
        sent = 0
        try:
            while not raw.writer.is_closing():
                raw.send(b"\x82\x7e\xff\xff" + bytes(65535))
                await raw.writer.drain()
                sent += 65539
        finally:
            self.taken = max(self.taken, sent)


async def hang_up(raw: Raw) -> None:
    pass


async def say_nothing(raw: Raw) -> None:
    await raw.reader.read()


@pytest.mark.usefixtures("impatient")
class TestBrokenServers:
    def run(self, behave: Callable[[Raw], Awaitable[None]], *only: str) -> Score:
        began = time.monotonic()
        with broken(behave) as url:
            found = score(url, only=only or None)
        assert time.monotonic() - began < 30
        return found

    def test_the_good_one_that_the_others_are_made_from(self) -> None:
        assert self.run(echo, "echo", "closing", "ping and pong", "UTF-8").percent == 100

    def test_never_closes_tcp(self) -> None:
        run = self.run(partial(echo, leave=True), "echo", "UTF-8")
        assert {result.verdict for result in run} == {"non-strict"}
        assert all(result.seen.endswith("TCP left open") for result in run)

    def test_closes_tcp_at_once(self) -> None:
        run = self.run(hang_up)
        assert {result.verdict for result in run if result.expected.startswith("HTTP 4")} == {"non-strict"}
        assert {result.verdict for result in run if not result.expected.startswith("HTTP 4")} == {"fail"}
        assert seen(run) == {"no answer, and TCP closed"}
        assert run.percent == 0

    def test_drops_tcp_where_a_close_frame_is_due(self) -> None:
        run = self.run(partial(echo, change=without_close), "echo", "UTF-8")
        verdicts = {result.expected.rpartition("; ")[2]: result.verdict for result in run}
        assert verdicts == {"close 1000": "fail", "close 1007": "pass", "close 1007, at once": "pass"}

    def test_answers_200(self) -> None:
        run = self.run(partial(say, answer=RESPONSE % (b"200 OK", ACCEPT)), "echo", "opening handshake")
        assert {result.verdict for result in run if result.group == "echo"} == {"fail"}
        assert {r.seen for r in run if r.group == "echo"} == {"The server refused the upgrade with 200 OK."}
        assert {result.verdict for result in run if result.name == "no Host"} == {"non-strict"}

    def test_echoes_masked_frames(self) -> None:
        run = self.run(partial(echo, change=masked), "echo")
        assert {result.verdict for result in run} == {"fail"}
        assert seen(run) == {"A server must not mask its frames: MASK is 1."}

    def test_a_wrong_accept_key(self) -> None:
        run = self.run(partial(say, answer=RESPONSE % (b"101 Switching Protocols", b"A" * 28)), "echo")
        assert {result.verdict for result in run} == {"fail"}
        assert seen(run) == {
            f"Sec-WebSocket-Accept is {'A' * 28!r}; for this key it must be {ACCEPT.decode()!r}."
        }

    def test_accepts_every_handshake_and_says_nothing_more(self) -> None:
        answer = RESPONSE % (b"101 Switching Protocols", ACCEPT)
        run = self.run(partial(say, answer=answer), "opening handshake", "opcodes")
        assert {result.verdict for result in run if result.group == "opcodes"} == {"fail"}
        assert {result.seen for result in run if result.group == "opcodes"} == {"no answer within 1 s"}
        assert {result.verdict for result in run if result.name == "no key"} == {"fail"}

    @pytest.mark.parametrize("garbage", [b"\0\xff garbage", b"SSH-2.0-server\r\n\r\n", b"HTTP/9\r\n\r\n"])
    def test_garbage_instead_of_a_handshake(self, garbage: bytes) -> None:
        run = self.run(partial(say, answer=garbage), "echo", "opening handshake")
        assert {result.verdict for result in run} == {"fail"}
        assert "no answer" not in str(run)

    def test_garbage_instead_of_frames(self) -> None:
        answer = RESPONSE % (b"101 Switching Protocols", ACCEPT) + b"\xff" * 100
        run = self.run(partial(say, answer=answer), "echo", "opcodes")
        assert {result.verdict for result in run} == {"fail"}
        assert seen(run) == {"The most significant bit of a 64-bit length must be 0."}

    def test_never_answers(self) -> None:
        run = self.run(say_nothing)
        assert {result.verdict for result in run} == {"fail"}
        assert seen(run) == {"no answer within 1 s"}

    @pytest.mark.parametrize("piece", [b"H", b"HTTP/1.1 200 OK\r\n"])
    def test_a_handshake_that_never_ends(self, piece: bytes) -> None:
        run = self.run(partial(drip, piece=piece), "echo", "opening handshake")
        assert {result.verdict for result in run} == {"fail"}

    @pytest.mark.parametrize("piece", [b"\x81\x01x", b"\x8a\x00", b"\x89\x00"])
    def test_frames_that_never_end(self, piece: bytes) -> None:
        answer = RESPONSE % (b"101 Switching Protocols", ACCEPT)
        run = self.run(partial(drip, piece=piece, first=answer), "echo", "opcodes")
        assert {result.verdict for result in run} == {"fail"}
        first = run._repr_html_()
        assert self.run(partial(drip, piece=piece, first=answer), "echo", "opcodes")._repr_html_() == first

    def test_more_than_anybody_asked_for(self) -> None:
        flood = Flood()
        run = self.run(flood, "4.1.1")
        assert {result.verdict for result in run} == {"fail"}
        assert seen(run) == {"More than 4 MiB came back."}
        assert 4 << 20 <= flood.taken < 32 << 20  # what lies in the network counts, too

    def test_another_close_code_than_the_rules(self) -> None:
        run = self.run(partial(echo, change=closing_with_1011), "UTF-8", "closing")
        assert {result.verdict for result in run if result.group == "UTF-8"} == {"non-strict"}
        failed = {result.name for result in run.failed}
        assert "close 1000" in failed
        assert "close code 999" in failed
        assert "close 1011" not in failed

    def test_goes_on_after_its_close_frame(self) -> None:
        run = self.run(partial(echo, change=talking_on), "closing")
        assert {result.verdict for result in run} == {"fail", "informational"}
        assert "close 1000; goes on after it" in seen(run)

    def test_pongs_without_the_payload(self) -> None:
        run = self.run(partial(echo, change=silent_pongs), "2.*")
        assert {result.autobahn for result in run.failed} == {
            "2.2",
            "2.3",
            "2.4",
            "2.6",
            "2.9",
            "2.10",
            "2.11",
        }

    def test_a_server_that_ends_in_the_middle_of_the_run(self) -> None:
        left = iter(range(5))

        async def five_times(raw: Raw) -> None:
            if next(left, None) is not None:
                await echo(raw)

        run = self.run(five_times, "echo")
        assert len(run.passed) == 5
        assert len(run.failed) == len(run) - 5
