"""UpgradeView in Python: what is edited and what it leads to; what is recorded and what is shown of it."""

from __future__ import annotations

import threading

import pytest

from tests.markup import picture
from wslearn.errors import HandshakeError, UsageError
from wslearn.handshake import GUID, accept_key, refusal, server_response
from wslearn.http import Request, Response
from wslearn.net import Tap, connect, serve
from wslearn.net.thread import LoopThread
from wslearn.vectors import BAD_REQUESTS, BAD_RESPONSES, GOOD_REQUEST, HANDSHAKE_ACCEPT, HANDSHAKE_KEY
from wslearn.widgets import UpgradeView
from wslearn.widgets.upgrade_checks import client_checks, server_checks
from wslearn.widgets.upgrade_parts import Wire
from wslearn.widgets.upgrade_presets import handshakes, read_lines, write_lines
from wslearn.widgets.upgrade_story import tell
from wslearn.widgets.upgrade_view import visible_answer
from wslearn.widgets.upgrade_wires import Live

EVIL = "<img src=x onerror=alert(1)>"
# What each broken request is blamed for: the check that is marked.
BLAMED = {
    "POST": "method",
    "HTTP/1.0": "HTTP version",
    "no Host": "Host",
    "empty Host": "Host",
    "two Hosts": "Host",
    "no Upgrade": "Upgrade",
    "another Upgrade": "Upgrade",
    "no Connection": "Connection",
    "Connection without Upgrade": "Connection",
    "no key": "Sec-WebSocket-Key",
    "key of 15 bytes": "Sec-WebSocket-Key",
    "key that is not base64": "Sec-WebSocket-Key",
    "no version": "Sec-WebSocket-Version",
    "version 8": "Sec-WebSocket-Version",
    "a page from elsewhere": "Origin",
    "no subprotocol in the list": "Sec-WebSocket-Protocol",
}
REFUSED = {
    "refused": "status",
    "HTTP/1.0": "HTTP version",
    "three words, not HTTP": "HTTP response",
    "another protocol": "HTTP response",
    "no Upgrade": "Upgrade",
    "another Upgrade": "Upgrade",
    "no Connection": "Connection",
    "no accept key": "Sec-WebSocket-Accept",
    "accept key of another request": "Sec-WebSocket-Accept",
    "subprotocol out of the blue": "Sec-WebSocket-Protocol",
    "extension out of the blue": "Sec-WebSocket-Extensions",
}


def chapter(view: UpgradeView, name: str) -> list[tuple[str, str]]:
    """Name and value of each row of a chapter."""
    (found,) = [each for each in view.chapters if each["id"] == name]
    return [(row["name"], row["value"]) for row in found["rows"]]


def chapters(view: UpgradeView) -> list[str]:
    return list(dict.fromkeys(each["id"] for each in view.chapters))


def without(view: UpgradeView, name: str) -> list[list[str]]:
    return [field for field in view.fields if field[0] != name]


class TestChecks:
    @pytest.mark.parametrize("bad", BAD_REQUESTS, ids=lambda bad: bad.name)
    def test_the_broken_rule_of_a_request_is_marked(self, bad: object) -> None:
        assert isinstance(bad, type(BAD_REQUESTS[0]))
        judged, answer = server_checks(bad.data, origins=bad.origins)
        marks = [row["mark"] for row in judged.rows]
        at = marks.index("✗")
        assert marks == ["✓"] * at + ["✗"] + ["·"] * (len(marks) - at - 1)
        grammar = "Sec-WebSocket-Extensions" if "extensions" in bad.name else "HTTP request"
        assert judged.rows[at]["name"] == BLAMED.get(bad.name, grammar)
        assert judged.error is not None
        assert answer.serialize() == refusal(judged.error).serialize()

    @pytest.mark.parametrize("bad", BAD_RESPONSES, ids=lambda bad: bad.name)
    def test_the_broken_rule_of_an_answer_is_marked(self, bad: object) -> None:
        assert isinstance(bad, type(BAD_RESPONSES[0]))
        judged = client_checks(Request.parse(GOOD_REQUEST), bad.data)
        assert judged.rows[judged.broken]["name"] == REFUSED[bad.name]
        assert judged.rows[judged.broken]["mark"] == "✗"

    def test_compression_that_was_not_offered_like_this(self) -> None:
        extension = "Sec-WebSocket-Extensions: permessage-deflate"
        asked = Request.parse(GOOD_REQUEST[:-2] + f"{extension}\r\n\r\n".encode())
        answer = server_response(asked).serialize()[:-2]
        judged = client_checks(asked, answer + f"{extension}; client_max_window_bits=9\r\n\r\n".encode())
        assert judged.rows[judged.broken]["name"] == "Sec-WebSocket-Extensions"


class TestPractice:
    def test_it_begins_with_the_handshake_of_the_rfc(self) -> None:
        view = UpgradeView()
        ids = ["tcp", "request", "checks", "key", "answer", "client", "switch", "frames"]
        assert chapters(view) == ids
        assert chapter(view, "key") == [
            ("Sec-WebSocket-Key", HANDSHAKE_KEY),
            ("+ GUID", HANDSHAKE_KEY + GUID),
            ("SHA-1, 20 bytes", "b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea"),
            ("Base64", HANDSHAKE_ACCEPT),
        ]
        assert [lane["parts"][0][1] for lane in view.lanes][-2:] == ["text “Hello”, masked", "text “Hello”"]
        assert repr(view) == "<UpgradeView: practice, accepted>"

    def test_a_step_for_each_header_and_each_check(self) -> None:
        view = UpgradeView()
        named = [view.chapters[step["chapter"]]["id"] for step in view.steps]
        assert named.count("request") == len(view.fields) + 2
        assert named.count("checks") == 11
        assert named.count("frames") == 2
        for lane in view.lanes:
            assert [step for step, _ in lane["parts"]] == sorted(step for step, _ in lane["parts"])

    @pytest.mark.parametrize("name", [field[0] for field in UpgradeView().fields])
    def test_a_header_that_is_removed(self, name: str) -> None:
        view = UpgradeView()
        view.fields = without(view, name)
        with pytest.raises(HandshakeError) as caught:
            server_response(Request.parse(write_lines(view.request_line, view.fields)))
        answer = refusal(caught.value)
        assert view.answer == visible_answer(answer.serialize())
        assert view.verdict["text"] == caught.value.args[0]
        assert chapters(view)[-2:] == ["answer", "end"]
        assert chapter(view, "answer")[-1] == ("body", " ".join(answer.body.decode().split()))
        assert (view.preset, view.problem) == ("", "")

    def test_the_version_that_the_server_speaks_is_named(self) -> None:
        view = UpgradeView()
        view.fields = [[name, "8" if name.endswith("Version") else value] for name, value in view.fields]
        assert ("Sec-WebSocket-Version", "13") in chapter(view, "answer")
        assert view.verdict["note"] == "426, §4.2.1"

    def test_a_header_that_is_typed_and_one_that_is_still_empty(self) -> None:
        view = UpgradeView()
        view.fields = [*view.fields, ["", ""]]
        assert view.verdict["verdict"] == "accepted"
        view.fields = [*view.fields[:-1], ["Bad Name", "x"]]
        assert view.answer.startswith("HTTP/1.1 400")

    def test_who_is_let_in_and_what_is_spoken(self) -> None:
        view = UpgradeView(preset="browser")
        assert view.verdict["verdict"] == "accepted"
        view.origins = "https://example.org"
        assert view.verdict["note"] == "403, §4.2.2, §10.2"
        (origin,) = [row for row in view.chapters[1]["rows"] if row["name"] == "Origin"]
        assert origin["mark"] == "✗"
        view.preset = "subprotocols"
        assert "Sec-WebSocket-Protocol: superchat" in view.answer
        view.subprotocols = ""
        assert "Sec-WebSocket-Protocol" not in view.answer

    @pytest.mark.parametrize("key", list(handshakes()))
    def test_each_preset(self, key: str) -> None:
        view = UpgradeView(preset=key)
        chosen = handshakes()[key]
        assert (
            write_lines(view.request_line, view.fields)
            == chosen.request
            == write_lines(*read_lines(chosen.request))
        )
        verdict = {"requests that are accepted": "accepted", "requests that are refused": "refused"}
        assert view.verdict["verdict"] == verdict.get(chosen.group, "failed")
        assert picture(view.still()).text.startswith("From HTTP to WebSocket practice")
        if chosen.answer:
            view.request_line = view.request_line.replace("/chat", "/other")
            assert view.verdict["verdict"] == "accepted"  # after an edit the server answers by itself

    def test_the_reader_stays_where_he_was(self) -> None:
        view = UpgradeView()
        view.step = 5
        view.fields = without(view, "Host")
        assert view.steps[view.step]["title"].startswith("Sec-WebSocket-Version")
        view.step = len(view.steps) - 1
        view.preset = "§1.3"
        assert 0 <= view.step < len(view.steps)

    def test_what_cannot_be_a_header_says_so(self) -> None:
        view = UpgradeView()
        before = view.answer
        view.fields = [["X", "a\r\nEvil: b"]]
        assert view.problem == "A header is one line: take out the line end, or add another header."
        view.fields = [["X"]]
        assert view.problem.startswith("A header is a name and a value")
        assert view.answer == before
        view.preset = "nothing"
        assert view.problem == "There is no handshake “nothing”: choose one of the list."
        view.preset = "§1.3"
        assert view.problem == ""

    def test_another_preset_is_a_usage_error(self) -> None:
        with pytest.raises(UsageError, match="There is no handshake 'x'"):
            UpgradeView(preset="x")

    def test_markup_stays_text(self) -> None:
        view = UpgradeView()
        view.request_line = f"GET /{EVIL} HTTP/1.1"
        view.fields = [[EVIL, EVIL], *view.fields]
        assert EVIL not in view.still()
        assert "&lt;img src=x" in view.still()

    def test_the_still_is_always_the_same(self) -> None:
        assert UpgradeView().still() == UpgradeView().still()


class TestLive:
    def test_nothing_runs_before_it_is_asked_for(self) -> None:
        before = threading.active_count()
        view = UpgradeView()
        view.mode = "live"
        assert threading.active_count() == before
        assert view.verdict["text"] == "Nothing has been recorded yet. Press “connect”."
        assert (view.steps, view.situation, repr(view)) == ([], "idle", "<UpgradeView: live, live>")
        assert "Nothing has been recorded" in view.still()

    def test_the_kernel_connects_and_all_ends(self) -> None:
        before = threading.active_count()
        view = UpgradeView()
        view.connect()
        assert (view.mode, view.who, view.situation, view.problem) == ("live", "kernel", "seen", "")
        assert view.step == len(view.steps) - 1
        texts = ["".join(text for _, text in lane["parts"]) for lane in view.lanes]
        assert texts[1].startswith("GET /echo HTTP/1.1 · Upgrade · Connection · Key · Version")
        assert texts[4:6] == ["text “Hello”, masked", "text “Hello”"]
        assert all(lane["when"].endswith(" ms") for lane in view.lanes if lane["way"] in "→←")
        key = dict(chapter(view, "request"))["Sec-WebSocket-Key"]
        assert dict(chapter(view, "answer"))["Sec-WebSocket-Accept"] == accept_key(key)
        assert "Hello" in view.still()
        assert "127.0.0.1" not in view.still()
        assert key not in view.still()
        again = view.still()
        view.connect()
        assert view.still() == again
        view.mode = "practice"
        assert view.who == "client"
        view.mode = "live"
        assert view.who == "kernel"
        view.close()
        view.close()
        assert threading.active_count() == before

    def test_what_the_page_asks_for(self) -> None:
        view = UpgradeView()
        view.asked = {"n": "1", "by": "browser", "origin": "https://hub.example"}
        assert view.situation == "waiting"
        assert view.door["n"] == "1"
        thread = LoopThread("a page")

        async def page() -> None:
            async with connect(view.door["url"], origin="https://hub.example") as ws:
                await ws.send("Hello")
                assert await ws.recv() == "Hello"

        thread.run(page())
        thread.stop()
        view.mode = "live"
        view.came = {"n": "1", "direct": False}
        assert (view.situation, view.who, view.verdict["verdict"]) == ("seen", "proxy", "accepted")
        assert ("Origin", "https://hub.example") in chapter(view, "request")
        view.close()

    def test_a_page_that_did_not_get_through(self) -> None:
        view = UpgradeView()
        view.mode = "live"
        view.asked = {"n": "1", "by": "browser", "origin": "http://127.0.0.1:8888"}
        view.came = {"n": "1", "direct": False}
        assert view.situation == "unreachable"
        assert "jupyter-server-proxy" in view.problem
        view.asked = {"n": "2", "by": "kernel"}
        assert (view.situation, view.problem, view.mode) == ("seen", "", "live")
        view.close()

    def test_a_server_that_is_given_is_not_stopped(self) -> None:
        with serve() as server:
            view = UpgradeView(server)
            view.connect()
            assert view.verdict["verdict"] == "accepted"
            view.close()
            assert server.running

    def test_a_server_that_is_not_there_or_that_refuses(self) -> None:
        with serve() as server:
            url = server.url
            nowhere = UpgradeView(server.url_of("/nowhere"))
            nowhere.connect()
            assert nowhere.situation == "seen"
            assert nowhere.verdict["verdict"] == "failed"
            assert nowhere.problem.startswith(
                "The kernel's client got no WebSocket either: The server refused"
            )
            nowhere.close()
        gone = UpgradeView(url)
        gone.connect()
        assert gone.situation == "unreachable"
        assert gone.problem.startswith("The kernel's client got no WebSocket either:")
        gone.close()

    def test_a_target_that_is_none(self) -> None:
        view = UpgradeView("nonsense")
        view.asked = {"n": "1", "by": "browser"}
        assert view.situation == "idle"
        assert view.problem.startswith("'nonsense' is no server's URL.")
        assert view.door == {"n": "1", "url": ""}
        with pytest.raises(UsageError, match="call open first"):
            Live().greet()
        assert Live().seen() is None

    def test_cookies_stay_secret(self) -> None:
        head = (
            GOOD_REQUEST[:-2]
            + b"Cookie: session=s3cret\r\nAuthorization: Bearer s3cret\r\nX-XSRFToken: s3cret\r\n\r\n"
        )
        story = tell(Wire(head, b"", lambda _role, _stop: 0.0))
        assert "s3cret" not in str((story.chapters, story.steps, story.lanes))

    def test_a_server_that_echoes_nothing(self) -> None:
        async def silent(ws: object) -> None:
            async for _ in ws:  # type: ignore[attr-defined]
                pass

        with serve(silent) as server, Tap(server) as tap:
            view = UpgradeView(tap.url)
            thread = LoopThread("a page")

            async def page() -> None:
                ws = await connect(view.door["url"])
                await ws.send("Hello")
                ws.abort()

            view.asked = {"n": "1", "by": "browser"}
            thread.run(page())
            thread.stop()
            view.mode = "live"
            view.came = {"n": "1", "direct": True}
            assert [lane["way"] for lane in view.lanes] == ["→", "→", "←", "switch", "→"]
            view.close()


def test_an_answer_is_shown_as_lines() -> None:
    answer = Response(403, "Forbidden", body=b"no\x1b[2J")
    assert visible_answer(answer.serialize()) == "HTTP/1.1 403 Forbidden\n\nno·[2J"
