"""ConsoleView in Python: the kernel's client, its log, and what cannot be done."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.markup import picture
from wslearn.closing import CloseCode
from wslearn.errors import UsageError
from wslearn.frames import Frame, Opcode
from wslearn.net import Handle, WebSocket, serve
from wslearn.widgets import ConsoleView
from wslearn.widgets.console_log import LONGEST, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVIL = "<img src=x onerror=alert(1)>"
HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def until(reached: Callable[[], object], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "it did not come so far"
        time.sleep(0.005)


def rows(view: ConsoleView, *left_out: str) -> list[tuple[str, str, int, str]]:
    return [
        (row["way"], row["what"], row["size"], row["text"]) for row in view.log if row["what"] not in left_out
    ]


@pytest.fixture
def server() -> Iterator[Handle]:
    with serve() as running:
        yield running


@pytest.fixture
def view(server: Handle) -> Iterator[ConsoleView]:
    opened = ConsoleView(server)
    opened.do("connect")
    until(lambda: opened.state == "open")
    yield opened
    opened.close()


class TestTalk:
    def test_text_binary_ping_and_close(self, view: ConsoleView) -> None:
        view.do("text", "Grüße")
        until(lambda: len(rows(view, "http")) == 2)
        view.do("binary", "00 ff 1020")
        view.do("ping")
        until(lambda: "note" in [row["what"] for row in view.log])
        view.do("close", code="4000", reason="bye")
        until(lambda: view.state == "closed")
        assert [(way, what) for way, what, _, _ in rows(view)][:2] == [("→", "http"), ("←", "http")]
        said = rows(view, "http", "note", "ping", "pong")
        assert said == [
            ("→", "text", 7, "Grüße"),
            ("←", "text", 7, "Grüße"),
            ("→", "binary", 4, "00 ff 10 20"),
            ("←", "binary", 4, "00 ff 10 20"),
            ("→", "close", 5, "4000 private “bye”"),
            ("←", "close", 5, "4000 private “bye”"),
        ]
        assert [what for _, what, _, _ in rows(view) if what in {"ping", "pong"}] == ["ping", "pong"]
        assert view.log[-1]["text"].startswith("closed: received 4000")
        assert [row["n"] for row in view.log] == list(range(1, len(view.log) + 1))
        assert (view.problem, view.left_out) == ("", 0)
        assert repr(view) == f"<ConsoleView: kernel, closed, {len(view.log)} rows>"

    def test_a_raw_frame_that_is_one(self, view: ConsoleView) -> None:
        view.do("raw", "81 85 37 fa 21 3d 7f 9f 4d 51 58")
        until(lambda: len(rows(view, "http")) == 3)
        assert rows(view, "http")[1:] == [("→", "text", 5, "Hello"), ("←", "text", 5, "Hello")]

    def test_a_raw_frame_that_breaks_a_rule(self, view: ConsoleView) -> None:
        view.do("raw", Frame(Opcode.TEXT, b"Hello").serialize().hex())
        until(lambda: view.state == "closed")
        (fault,) = [row for row in view.log if row["fault"]]
        assert fault["text"].startswith("Hello ✗ A client must mask every frame")
        closes = [text for way, what, _, text in rows(view) if (way, what) == ("←", "close")]
        assert closes[0].startswith(f"{CloseCode.PROTOCOL_ERROR.value} ")

    def test_a_close_without_a_code(self, view: ConsoleView) -> None:
        view.do("close", code="")
        until(lambda: view.state == "closed")
        assert ("→", "close", 0, "1005 NO_STATUS_RECEIVED") in rows(view)

    def test_it_connects_again(self, view: ConsoleView) -> None:
        view.do("connect")
        assert view.problem == "There is a connection already: close it first."
        view.do("close")
        until(lambda: view.state == "closed")
        view.do("connect")
        until(lambda: view.state == "open")
        assert view.problem == ""

    def test_the_server_ends_it(self, view: ConsoleView, server: Handle) -> None:
        server.stop()
        until(lambda: view.state == "closed")
        assert any(row["what"] == "close" and row["text"].startswith("1001 ") for row in view.log)
        view.do("text", "late")
        until(lambda: view.problem == "There is no connection: press “connect” first.")


class TestLog:
    def test_only_the_newest_rows_are_kept(self) -> None:
        async def flood(ws: WebSocket) -> None:
            for number in range(1000):
                await ws.send(f"{number}")

        with serve(flood) as server:
            view = ConsoleView(server)
            view.do("connect")
            until(lambda: view.state == "closed" and view.log)
            assert len(view.log) == 300
            assert view.log[-1]["n"] == view.left_out + 300 > 1000
            view.do("clear")
            assert (view.log, view.left_out) == ([], 0)
            view.close()

    @pytest.mark.parametrize("piece", [1, 3, 1000])
    def test_bytes_come_in_any_pieces(self, piece: int) -> None:
        frames = [
            Frame(Opcode.TEXT, b"Hel", fin=False),
            Frame(Opcode.PING, b"?"),
            Frame(Opcode.CONTINUATION, b"lo"),
            Frame(Opcode.BINARY, bytes(300)),
            Frame(Opcode.CLOSE, b"\x03"),
            Frame(0x3, b"\xff"),
        ]
        data = HEAD + b"".join(frame.serialize() for frame in frames)
        reading = Reading("server")
        found: list[dict[str, Any]] = []
        for at in range(0, len(data), piece):
            found += reading.feed(data[at : at + piece])
        assert [(row["what"], row["size"], row["fault"]) for row in found] == [
            ("http", len(HEAD), False),
            ("text", 3, False),
            ("ping", 1, False),
            ("continuation", 2, False),
            ("binary", 300, False),
            ("close", 1, False),
            ("reserved 0x3", 1, True),
        ]
        assert found[1]["text"] == "Hel … more to come"
        assert "one byte" in found[5]["text"]

    def test_a_length_that_cannot_be_ends_it(self) -> None:
        reading = Reading("client")
        (_, row) = reading.feed(b"GET / HTTP/1.1\r\n\r\n\x82\xfe\x00\x05")
        assert row["fault"]
        assert "shortest" in row["text"] or "fewest" in row["text"] or "126" in row["text"]
        assert reading.feed(b"\x81\x80abcd") == []

    def test_a_refusal_is_not_taken_for_frames(self) -> None:
        (row,) = Reading("server").feed(b"HTTP/1.1 403 Forbidden\r\n\r\n\x81\x02Hi")
        assert row["text"] == "HTTP/1.1 403 Forbidden"

    def test_long_and_unprintable_text(self) -> None:
        reading = Reading("server")
        reading.feed(HEAD)
        (row,) = reading.feed(Frame(Opcode.TEXT, b"\x1b" + b"x" * 9000).serialize())
        assert row["text"] == "·" + "x" * (LONGEST - 1) + "…"


class TestWhatCannotBeDone:
    @pytest.mark.parametrize(
        ("order", "given", "problem"),
        [
            ("binary", {"text": "0g"}, "Hex has the digits 0–9 and a–f: take out “g”."),
            ("raw", {"text": "818"}, "A byte has two hex digits: one digit is missing."),
            ("close", {"code": "1006"}, "Close code 1006 must not be sent (§7.4)."),
            ("close", {"code": "ten"}, "A close code is a number such as 1000, not “ten” (§7.4)."),
            ("close", {"reason": "x" * 124}, "The reason takes 124 bytes"),
            ("shout", {}, "There is no order 'shout'."),
        ],
    )
    def test_a_bad_order(self, view: ConsoleView, order: str, given: dict[str, str], problem: str) -> None:
        before = len(view.log)
        view.do(order, **given)
        assert view.problem.startswith(problem)
        assert (view.state, len(view.log)) == ("open", before)

    def test_nothing_listens(self, server: Handle) -> None:
        url = server.url
        server.stop()
        view = ConsoleView(url)
        view.do("connect")
        until(lambda: view.problem)
        assert view.problem.startswith("Nothing listens there.")
        until(lambda: view.state == "closed")
        view.close()

    def test_the_server_refuses(self, server: Handle) -> None:
        view = ConsoleView(server.url_of("/nowhere"))
        view.do("connect")
        until(lambda: view.problem)
        assert view.problem.startswith("The server refused the upgrade with 404")
        view.close()

    def test_without_a_url_or_a_connection(self) -> None:
        view = ConsoleView()
        view.do("connect")
        assert view.problem.startswith("Type where to connect to")
        for order in ("text", "ping", "close"):
            view.do(order)
            assert view.problem == "There is no connection: press “connect” first."
        assert view.state == "closed"

    def test_the_browser_speaks(self) -> None:
        view = ConsoleView(speaks="browser")
        view.do("text", "Hello")
        assert view.problem.startswith("The browser speaks")
        with pytest.raises(UsageError, match="The kernel or the browser"):
            ConsoleView(speaks="phone")  # type: ignore[arg-type]


class TestPage:
    def test_each_order_is_followed_once(self, view: ConsoleView) -> None:
        one, two = {"id": "1", "do": "text", "text": "one"}, {"id": "2", "do": "text", "text": "two"}
        view.commands = [one]
        view.commands = [one, two, {"id": "3", "do": "ping", "by": "x"}]
        until(lambda: len(rows(view, "http", "ping", "pong")) >= 5)
        sent = [text for way, what, _, text in rows(view) if (way, what) == ("→", "text")]
        assert sent == ["one", "two"]

    def test_the_browsers_log_goes_on_in_the_kernel(self, server: Handle) -> None:
        view = ConsoleView(server, speaks="browser")
        view.commands = [{"id": "1", "do": "connect"}]
        assert view.state == "closed"
        row = {"n": 1, "at": 0.0, "way": "←", "what": "text", "size": 2, "text": "Hi", "fault": False}
        view.log = [row]
        view.speaks = "kernel"
        view.do("connect")
        until(lambda: view.state == "open")
        assert view.log[0] == row
        assert [each["n"] for each in view.log] == [1, 2, 3]
        view.close()

    def test_the_still_has_no_time_no_port_and_no_markup(self, server: Handle) -> None:
        stills = set()
        for _ in range(2):
            view = ConsoleView(server)
            view.do("connect")
            until(lambda: view.state == "open")  # noqa: B023
            view.do("text", EVIL)
            until(lambda: len(rows(view, "http")) == 2)  # noqa: B023
            stills.add(view.still())
            view.close()
        (html,) = stills
        assert EVIL in picture(html).text
        assert EVIL not in html
        assert str(server.port) not in html
        assert "no URL yet" in picture(ConsoleView().still()).text

    def test_it_ends_with_its_thread(self, server: Handle) -> None:
        before = threading.active_count()
        view = ConsoleView(server)
        view.do("connect")
        until(lambda: view.state == "open")
        view.close()
        until(lambda: threading.active_count() == before)
        until(lambda: server.connections == 0)
