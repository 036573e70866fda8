"""WireView in Python: what is asked of it, and what it tells the page."""

import asyncio
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.markup import picture
from tests.widgets.test_wire_reader import (
    DEFLATED,
    DEFLATED_ANSWER,
    KEY,
    capture,
    from_client,
    opened,
)
from wslearn.errors import HandshakeError, UsageError
from wslearn.frames import Frame, Opcode
from wslearn.net import Capture, Tap, connect, serve
from wslearn.net.pcapng import pcapng
from wslearn.net.record import Budget
from wslearn.widgets import WireView, wire_log, wire_view
from wslearn.widgets.wire_log import WireLog

EVIL = b"<img src=x onerror=alert(1)>"


@pytest.fixture
def shown() -> Iterator[list[WireView]]:
    """Views to be closed at the end."""
    views: list[WireView] = []
    yield views
    for view in views:
        view.close()


def listeners() -> int:
    return sum(thread.name == "wslearn wire view" for thread in threading.enumerate())


def full(messages: int = 100) -> Capture:
    seen = opened()
    for number in range(messages):
        seen.record("client", from_client(Opcode.TEXT, b"%d" % number))
    return seen


def texts(view: WireView) -> list[str]:
    return [row["text"] for row in view.page["rows"]]


def at(view: WireView, text: str) -> int:
    return next(number for number, event in enumerate(view.events) if event.text.startswith(text))


class TestSource:
    def test_another_source_is_refused(self) -> None:
        with pytest.raises(UsageError, match="a Tap or a Capture"):
            WireView("ws://127.0.0.1")  # type: ignore[arg-type]

    def test_a_tap_with_two_connections(self, shown: list[WireView]) -> None:
        async def talk(url: str) -> None:
            async with connect(url) as ws:
                await ws.send("hi")
                assert await ws.recv() == "hi"

        with serve() as server, Tap(server) as tap:
            shown.append(view := WireView(tap))
            for number in (1, 2):
                asyncio.run(talk(tap.url))
                tap.wait(number).wait()
            said = [event.text for event in view.events if event.kind == "text"]
            assert said == ["text “hi”, masked", "text “hi”"] * 2
            assert view.page["connections"] == ["1 /echo", "2 /echo"]
            assert repr(view) == "<WireView: 12 events on 2 connections>"
            view.connection = 2
            assert {row["connection"] for row in view.page["rows"]} == {2}
            assert view.pcapng() == pcapng(tap.connections[1:])
            view.connection = 0
            assert view.pcapng() == pcapng(tap.connections)

    def test_a_tap_that_cannot_reach_its_target_says_so(self, shown: list[WireView]) -> None:
        async def knock(url: str) -> None:
            with pytest.raises(HandshakeError, match="without an answer"):
                await connect(url)

        with serve() as server:
            target = server.url
        with Tap(target) as tap:
            shown.append(view := WireView(tap))
            assert view.page["verdict"]["verdict"] == "waiting"
            asyncio.run(knock(tap.url))
            assert view.events == []
            assert view.page["verdict"]["verdict"] == "no connection"


class TestListening:
    def test_what_comes_is_shown_without_asking_and_at_most_ten_times_a_second(
        self, shown: list[WireView]
    ) -> None:
        seen = opened()
        shown.append(view := WireView(seen))
        updates: list[Any] = []
        view.observe(updates.append, "page")
        began = time.monotonic()
        while time.monotonic() - began < 0.5:
            seen.record("client", from_client(Opcode.TEXT, b"tick"))
            time.sleep(0.002)
        took = time.monotonic() - began
        assert 2 <= len(updates) <= took / 0.1 + 1
        deadline = time.monotonic() + 5
        while view.page["events"] < len(seen.records):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert view.page["events"] == len(seen.records)

    def test_an_update_is_as_small_with_ten_thousand_events(self, shown: list[WireView]) -> None:
        sizes = []
        for messages in (100, 10_000):
            shown.append(view := WireView(full(messages)))
            view.window = [0, 1_000_000]
            sizes.append(len(str(view.page)))
            assert view.page["total"] == messages + 4
            assert len(view.page["rows"]) == 100
        assert sizes[1] < sizes[0] * 1.2

    def test_closing_ends_the_thread(self) -> None:
        before = listeners()
        view = WireView(opened())
        view.selected = 1
        assert listeners() == before + 1
        view.close()
        view.close()
        assert listeners() == before

    def test_many_threads_at_once(self, shown: list[WireView]) -> None:
        seen = opened()
        shown.append(view := WireView(seen))

        def record() -> None:
            for _ in range(500):
                seen.record("client", from_client(Opcode.TEXT, b"x"))

        def press() -> None:
            for number in range(100):
                view.set_state({"window": [number, 12], "kind": ["", "text"][number % 2]})

        threads = [threading.Thread(target=work) for work in (record, record, press, press)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        view.kind = ""
        assert len(view.events) == view.page["total"] == 1_004


class TestWindow:
    def test_the_newest_are_shown_while_it_follows(self, shown: list[WireView]) -> None:
        shown.append(view := WireView(full()))
        assert texts(view)[-1] == "text “99”, masked"
        assert view.page["first"] + len(view.page["rows"]) == view.page["total"] == 104

    def test_what_is_asked_for_comes_with_some_rows_around_it(self, shown: list[WireView]) -> None:
        shown.append(view := WireView(full()))
        view.follow = False
        view.window = [50, 11]
        assert (view.page["first"], len(view.page["rows"])) == (40, 31)
        assert [row["n"] for row in view.page["rows"]] == list(range(40, 71))

    @pytest.mark.parametrize("top", [0, 3, 10_000])
    def test_a_window_at_the_edge(self, top: int, shown: list[WireView]) -> None:
        shown.append(view := WireView(full()))
        view.follow = False
        view.window = [top, 11]
        assert len(view.page["rows"]) == 31
        assert view.page["first"] == (0 if top < 10 else 73)


class TestFilter:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"kind": "http"}, 2),
            ({"kind": "ping"}, 1),
            ({"kind": "text", "sender": "server"}, 1),
            ({"sender": "client"}, 4),
            ({"search": "HELLO"}, 2),
            ({"kind": "fault"}, 1),
            ({"connection": 2}, 0),
            ({}, 8),
        ],
    )
    def test_kind_direction_connection_and_text(
        self, asked: dict[str, Any], found: int, shown: list[WireView]
    ) -> None:
        seen = opened()
        seen.record("client", from_client(Opcode.PING))
        seen.record("client", from_client(Opcode.TEXT, b"hello"))
        seen.record("server", Frame(Opcode.TEXT, b"hello").serialize())
        seen.record("client", bytes.fromhex("83 80 00 00 00 00"))
        shown.append(view := WireView(seen))
        view.set_state(asked)
        assert view.page["total"] == found == len(view.page["rows"])


class TestPauseAndClear:
    def test_while_it_is_paused_the_rest_waits_and_none_is_lost(self, shown: list[WireView]) -> None:
        seen = opened()
        shown.append(view := WireView(seen))
        view.paused = True
        seen.record("client", from_client(Opcode.TEXT, b"meanwhile") * 5)
        assert len(view.events) == 9
        assert (view.page["total"], view.page["waiting"]) == (4, 5)
        assert view.page["verdict"]["verdict"] == "paused"
        view.kind = "text"
        assert view.page["total"] == 0
        view.paused = False
        assert (view.page["total"], view.page["waiting"]) == (5, 0)

    @pytest.mark.parametrize("paused", [False, True])
    def test_clear_empties_the_list_and_goes_on(self, paused: bool, shown: list[WireView]) -> None:
        shown.append(view := WireView(seen := full()))
        view.selected, view.paused = 5, paused
        view.clear()
        assert (view.page["total"], view.page["events"], view.selected, view.detail) == (0, 0, -1, {})
        seen.record("client", from_client(Opcode.TEXT, b"next"))
        assert [event.text for event in view.events] == ["text “next”, masked"]
        view.paused = False
        assert view.page["rows"][0]["time"] == "0.0 ms"

    def test_what_does_not_fit_in_is_counted(
        self, shown: list[WireView], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wire_log, "KEPT", 50)
        shown.append(view := WireView(full()))
        assert (view.page["total"], view.page["events"]) == (50, 102)
        assert "54 events did not fit in" in view.page["verdict"]["text"]


class TestDetail:
    def test_a_frame_opens_in_a_frame_view(self, shown: list[WireView]) -> None:
        shown.append(view := WireView(full()))
        view.selected = 10
        frame = view._frame
        assert frame is not None
        assert (frame.payload, frame.role) == ("6", "client")
        assert view.detail["view"] == f"IPY_MODEL_{frame.model_id}"
        view.selected = 11
        assert frame.comm is None
        view.selected = -1
        assert view.detail == {}

    def test_a_fragment_opens_behind_those_before_it(self, shown: list[WireView]) -> None:
        seen = opened()
        seen.record("client", from_client(Opcode.TEXT, b"Hel", fin=False) + from_client(Opcode.PING))
        seen.record("client", from_client(Opcode.CONTINUATION, b"lo"))
        shown.append(view := WireView(seen))
        view.selected = at(view, "continuation")
        assert view._frame is not None
        assert (len(view._frame.frames), view._frame.chosen, view._frame.payload) == (3, 2, "lo")
        assert view.detail["verdict"]["verdict"] == "legal"

    def test_a_frame_that_cannot_be_read_alone_is_told_in_words(self, shown: list[WireView]) -> None:
        packer = zlib.compressobj(wbits=-15)
        seen = capture()
        seen.record("client", DEFLATED)
        seen.record("server", DEFLATED_ANSWER)
        for _ in range(2):
            packed = packer.compress(b"again and again ") + packer.flush(zlib.Z_SYNC_FLUSH)
            seen.record("client", Frame(Opcode.TEXT, packed[:-4], rsv1=True, masking_key=KEY).serialize())
        shown.append(view := WireView(seen))
        view.selected = len(view.events) - 2
        assert view._frame is not None
        view.selected = len(view.events) - 1
        assert view.detail["view"] == ""
        assert view.detail["verdict"]["verdict"] == "legal"
        assert "again and again" in view.detail["spans"][-1]["meaning"]

    @pytest.mark.parametrize(("text", "names"), [("GET", "Sec-WebSocket-Key"), ("101", "status")])
    def test_a_head_is_told_in_words(self, text: str, names: str, shown: list[WireView]) -> None:
        shown.append(view := WireView(opened()))
        view.selected = at(view, text)
        assert view.detail["view"] == ""
        assert names in {span["name"] for span in view.detail["spans"]}
        assert view.detail["verdict"]["mark"] == "✓"

    def test_a_frame_at_fault(self, shown: list[WireView]) -> None:
        seen = opened()
        seen.record("client", bytes.fromhex("81 01 41 ff"))
        shown.append(view := WireView(seen))
        assert (view.page["verdict"]["mark"], view.page["verdict"]["note"]) == ("✗", "§5.1")
        view.selected = at(view, "✗")
        assert view._frame is not None
        assert view._frame.verdict["close_code"] == view.detail["verdict"]["close_code"] == 1002
        view.selected += 1
        assert view.detail["spans"][0]["value"] == "ff"

    def test_a_page_that_is_fetched_and_the_ends_of_tcp(self, shown: list[WireView]) -> None:
        seen = capture()
        seen.record("client", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        seen.record("server", b"HTTP/1.1 200 OK\r\n\r\n" + EVIL)
        seen.end("server", "FIN")
        seen.finish()
        shown.append(view := WireView(seen))
        told = []
        for number in range(5):
            view.selected = number
            told.append(view.detail["verdict"]["verdict"])
            assert not any(span["fault"] for span in view.detail["spans"])
        assert told == ["TCP", "HTTP", "HTTP", "not judged", "TCP"]
        assert view.page["verdict"]["verdict"] == "quiet"

    @pytest.mark.parametrize("index", [-5, 1_000])
    def test_an_event_that_is_not_there(self, index: int, shown: list[WireView]) -> None:
        shown.append(view := WireView(opened()))
        view.selected = index
        assert (view.selected, view.detail) == (-1, {})


class TestExport:
    def test_as_pcapng(self, shown: list[WireView]) -> None:
        shown.append(view := WireView(seen := full()))
        view.wanted = "pcapng"
        assert view.download == {"name": "wire.pcapng", "data": pcapng([seen])}
        view.wanted = ""
        assert view.download == {}

    def test_as_a_picture_of_what_is_picked(self, shown: list[WireView]) -> None:
        seen = full(300)
        seen.record("client", from_client(Opcode.TEXT, EVIL))
        shown.append(view := WireView(seen))
        view.wanted = "svg"
        drawn = view.download["data"].decode()
        assert ElementTree.fromstring(drawn).tag.endswith("svg")
        assert drawn.count("masked</text>") == 196
        assert "… and 105 more" in drawn
        view.search = "img"
        assert "&lt;img src=x" in view.svg()

    def test_what_is_too_large_for_the_page_is_saved(
        self, shown: list[WireView], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(wire_view, "_DOWNLOAD", 100)
        shown.append(view := WireView(full()))
        for number in (1, 2):
            view.wanted = "pcapng"
            assert (view.wanted, view.download) == ("", {})
            assert f"saved as wire-{number}.pcapng" in view.notice
        assert (tmp_path / "wire-2.pcapng").read_bytes() == view.pcapng()
        monkeypatch.setattr(Path, "write_bytes", _refuse)
        view.wanted = "svg"
        assert "could not be saved: no room" in view.notice


def _refuse(*_: object) -> None:
    raise OSError("no room")


class TestStill:
    def test_it_is_the_same_each_time_and_has_no_ports(self, shown: list[WireView]) -> None:
        drawn = []
        for _ in range(2):
            shown.append(view := WireView(full(3)))
            drawn.append(view.still())
        assert drawn[0] == drawn[1]
        assert "50001" not in drawn[0]
        assert "text “2”, masked" in drawn[0]

    def test_payloads_stay_text_and_long_logs_are_cut(self, shown: list[WireView]) -> None:
        seen = full(250)
        seen.record("client", from_client(Opcode.TEXT, EVIL))
        shown.append(view := WireView(seen))
        drawn = picture(view.still())
        assert "… and 53 more" in view.still()
        assert drawn is not None
        assert "<img" not in view.still()

    def test_the_notebook_keeps_it(self, shown: list[WireView]) -> None:
        shown.append(view := WireView(full(1)))
        bundle = view._repr_mimebundle_()
        assert bundle is not None
        assert bundle[0]["text/html"] == view.still()
        assert bundle[0]["text/plain"] == "<WireView: 3 events on 1 connection>"


class TestMemory:
    def test_what_the_tap_could_not_keep_is_said(self, shown: list[WireView]) -> None:
        seen = Capture(("127.0.0.1", 1), ("127.0.0.1", 2), time.perf_counter_ns(), Budget(1_000))
        seen.record("client", b"GET / HTTP/1.1\r\n\r\n")
        seen.record("server", b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1_000))
        shown.append(view := WireView(seen))
        assert view.page["verdict"]["verdict"] == "incomplete"

    def test_a_thousand_events_are_read_in_one_go(self) -> None:
        log = WireLog(lambda: captures)
        captures = [full(1_500), full(10)]
        assert log.read()
        assert len(log.events) == 1_000
        log.read_all()
        assert len(log.events) == 1_518
