"""The line-based client: what is typed goes out, what comes in is shown, and the end of either is the end."""

import asyncio
import io
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from wslearn import ConnectionClosed, Deflate, HandshakeError, UsageError
from wslearn.console import HELP, read_hex, talk
from wslearn.net import Handle, WebSocket, serve


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    with serve() as handle:
        yield handle


class Typed:
    """Somebody at a keyboard: each line when its turn comes, and no end until then."""

    def __init__(self) -> None:
        self._lines: queue.Queue[bytes] = queue.Queue()
        self.reader: threading.Thread | None = None

    def type(self, line: bytes) -> None:
        self._lines.put(line)

    def readline(self) -> bytes:
        self.reader = threading.current_thread()
        return self._lines.get()


class Session:
    """One conversation, and all that it said."""

    def __init__(self, url: str, typed: bytes | Typed, **options: Any) -> None:
        self.said: list[str] = []
        self.noted: list[str] = []
        lines = io.BytesIO(typed) if isinstance(typed, bytes) else typed
        options = {"wait": 0.2, **options}
        self.closed: ConnectionClosed = asyncio.run(
            talk(url, lines, say=self.said.append, note=self.noted.append, **options)
        )


class TestHex:
    @pytest.mark.parametrize(
        "text", ["810548", "81 05 48", "81:05:48", "0x81 0X05,0x48", "8105\n48\t", r"\x81\x05\x48"]
    )
    def test_takes_what_people_copy(self, text: str) -> None:
        assert read_hex(text) == bytes((0x81, 0x05, 0x48))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("81 0g", "'g' is not a hexadecimal digit. Write bytes as 81 05 48 65 6c 6c 6f."),
            ("81 5", "3 hexadecimal digits: a byte has two, so the last one is half."),
        ],
    )
    def test_says_what_is_wrong(self, text: str, message: str) -> None:
        with pytest.raises(UsageError) as caught:
            read_hex(text)
        assert str(caught.value) == message


class TestLines:
    def test_lines_go_out_and_messages_come_in(self, server: Handle) -> None:
        session = Session(server.url, b"Hello\n\nna\xc3\xafve\r\nthe last one")
        assert session.said == ["← Hello", "← ", "← naïve", "← the last one"]
        assert session.noted == [
            f"connected to {server.url}",
            "closed: received 1000 NORMAL_CLOSURE, sent 1000 NORMAL_CLOSURE; this side began",
        ]

    def test_nothing_to_send_is_fine(self, server: Handle) -> None:
        assert Session(server.url, b"").closed.code == 1000

    def test_all_answers_to_many_lines_arrive(self, server: Handle) -> None:
        lines = [f"line {number}" for number in range(2000)]
        session = Session(server.url, "\n".join(lines).encode(), wait=0.5)
        assert session.said == [f"← {line}" for line in lines]

    def test_bytes_are_shown_in_hexadecimal(self, server: Handle) -> None:
        session = Session(server.url, b"/binary 00 ff\n/binary " + b"ab" * 100 + b"\n")
        assert session.said == ["← binary, 2 bytes: 00 ff", f"← binary, 100 bytes: {'ab ' * 64}…"]

    def test_no_message_can_command_the_terminal(self, server: Handle) -> None:
        assert Session(server.url, b"\x1b[2Jgone?").said == ["← ·[2Jgone?"]

    def test_a_doubled_slash_is_one(self, server: Handle) -> None:
        assert Session(server.url, b"//etc").said == ["← /etc"]


class TestCommands:
    def test_ping(self, server: Handle) -> None:
        noted = Session(server.url, b"/ping\n").noted
        assert noted[1].startswith("pong after ")
        assert noted[1].endswith(" ms")

    def test_help(self, server: Handle) -> None:
        assert Session(server.url, b"/help\n").noted[1] == HELP

    @pytest.mark.parametrize(
        ("line", "sent"),
        [
            (b"/close", "1000 NORMAL_CLOSURE"),
            (b"/close 4001", "4001 private"),
            (b"/close 1001 good bye", "1001 GOING_AWAY “good bye”"),
        ],
    )
    def test_close_is_the_end(self, line: bytes, sent: str, server: Handle) -> None:
        session = Session(server.url, line + b"\nnever sent\n", wait=60)
        assert str(session.closed.sent) == sent
        assert session.closed.received == session.closed.sent
        assert session.closed.received_first is False
        assert session.said == []

    @pytest.mark.parametrize(
        ("line", "note"),
        [
            (b"/close x", "A close code is a number, not 'x': /close 1000 bye"),
            (b"/close 1005 why", "A reason needs a code"),
            (b"/close 1006", "Close code 1006 must not be sent"),
            (b"/binary 0", "1 hexadecimal digit:"),
            (b"/cloze", "There is no command /cloze. /help shows what there is; // sends a slash."),
        ],
    )
    def test_a_slip_is_told_and_forgiven(self, line: bytes, note: str, server: Handle) -> None:
        session = Session(server.url, line + b"\nstill here\n")
        assert session.noted[1].startswith(note)
        assert session.said == ["← still here"]


class TestTheOtherSide:
    def test_its_end_does_not_wait_for_another_line(self) -> None:
        async def bye(ws: WebSocket) -> None:
            await ws.send("bye")
            await ws.close(4000, "\x1benough")

        with serve(bye) as server:
            session = Session(server.url, Typed())
        assert session.said == ["← bye"]
        assert (
            session.noted[-1]
            == "closed: received 4000 private “·enough”, sent 4000 private “·enough”; the server began"
        )

    def test_a_cut_is_told(self) -> None:
        async def cut(ws: WebSocket) -> None:
            await ws.recv()
            ws.abort()

        typed = Typed()
        typed.type(b"Hello\n")
        with serve(cut) as server:
            session = Session(server.url, typed)
        assert session.closed.code == 1006
        assert session.noted[-1] == "closed: received no close frame, sent no close frame"

    def test_a_line_that_is_typed_after_the_end_goes_nowhere(self) -> None:
        async def bye(ws: WebSocket) -> None:
            await ws.close()

        typed = Typed()
        with serve(bye) as server:
            Session(server.url, typed)
        typed.type(b"too late\n")
        assert typed.reader is not None
        typed.reader.join(10)
        assert not typed.reader.is_alive()

    def test_endless_news_do_not_keep_it_open(self) -> None:
        async def ticker(ws: WebSocket) -> None:
            while True:
                await ws.send("tick")
                await asyncio.sleep(0.001)

        with serve(ticker) as server:
            session = Session(server.url, b"", wait=0.02)
        assert len(session.said) > 1
        assert session.closed.received_first is False

    @pytest.mark.timeout(30)
    def test_news_in_the_moment_of_the_end_do_not_keep_it_open(self) -> None:
        async def ticker(ws: WebSocket) -> None:
            while True:
                await ws.send("tick")
                await asyncio.sleep(0.001)

        said: list[str] = []

        def say(text: str) -> None:
            said.append(text)
            if len(said) == 30:
                time.sleep(0.6)  # the time is up while this message is being shown

        with serve(ticker) as server:
            closed = asyncio.run(talk(server.url, io.BytesIO(), say=say, note=say, wait=0.05))
        assert closed.received_first is False

    def test_a_refusal_is_raised(self, server: Handle) -> None:
        with pytest.raises(HandshakeError, match="403"):
            Session(server.url, b"", origin="https://evil.example")

    def test_subprotocol_and_extensions_are_told(self) -> None:
        with serve(subprotocols=["chat"]) as server:
            session = Session(server.url, b"Hello", subprotocols=["chat"], deflate=Deflate())
        assert session.noted[0].startswith(
            f"connected to {server.url}, subprotocol chat, permessage-deflate; "
        )
        assert session.said == ["← Hello"]

    def test_ctrl_c_closes(self, server: Handle) -> None:
        noted: list[str] = []

        async def interrupted() -> None:
            connected = asyncio.Event()

            def note(text: str) -> None:
                noted.append(text)
                connected.set()

            talking = asyncio.create_task(talk(server.url, Typed(), say=note, note=note))
            await connected.wait()
            await asyncio.sleep(0)
            talking.cancel()
            await talking

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(interrupted())
        assert noted[-1] == "closed: received 1000 NORMAL_CLOSURE, sent 1000 NORMAL_CLOSURE; this side began"


class TestExplained:
    def test_every_part_of_both_directions(self, server: Handle) -> None:
        said = Session(server.url, b"Hello\n", explained=True).said
        titles = [text.splitlines()[0].split(",")[0] for text in said]
        # Hello, a ping to know when the answers are there, close
        assert [title for title in titles if title.startswith("→")] == [
            "→ request",
            *(f"→ frame {number}" for number in (1, 2, 3)),
        ]
        assert [title for title in titles if title.startswith("←") and title != "← Hello"] == [
            "← response",
            *(f"← frame {number}" for number in (1, 2, 3)),
        ]
        assert "← Hello" in said
        # The pong may overtake the echo.
        (hello,) = (text.splitlines() for text in said if text.startswith("← frame") and "0x1 text" in text)
        assert hello[0].endswith(", 7 bytes: 81 05 48 65 6c 6c 6f")
        assert "    opcode 0x1 text: The payload is text in UTF-8. (§5.2, §11.8)" in hello

    def test_a_refusal_as_well(self, server: Handle) -> None:
        said: list[str] = []
        refused = talk(
            server.url,
            io.BytesIO(),
            say=said.append,
            note=said.append,
            explained=True,
            origin="https://evil.example",
        )
        with pytest.raises(HandshakeError):
            asyncio.run(refused)
        assert [text.split(",")[0] for text in said] == ["→ request", "← response", "← body"]
        assert "  ✗ status 403" in said[1]

    def test_compressed_messages_with_their_history(self, server: Handle) -> None:
        said = Session(server.url, b"Hello\nHello\nHello\n", explained=True, deflate=Deflate()).said
        assert [text for text in said if text.startswith("←") and "\n" not in text] == ["← Hello"] * 3
        assert "✗" not in "".join(said)

    def test_peers_of_another_make(self, server: Handle) -> None:
        said = Session(server.url_of("/tornado"), b"Hello\n", explained=True).said
        assert "← Hello" in said
        assert "✗" not in "".join(said)
