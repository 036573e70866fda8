"""Whole runs: our server passes, Tornado's known faults are found, and what is no target is refused."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from wslearn.course.conformance.cases import CASES, select
from wslearn.course.conformance.score import Score, score
from wslearn.errors import UsageError
from wslearn.net import Handle, WebSocket, serve


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    with serve() as handle:
        yield handle
        assert handle.errors == []


@pytest.fixture(scope="module")
def tornado(server: Handle) -> Score:
    """Tornado's own handler, on the same port."""
    return score(server.url_of("/tornado"))


class TestOurServer:
    def test_passes_all(self, server: Handle) -> None:
        run = score(server)
        assert run.failed == run.of("non-strict") == ()
        assert run.percent == 100
        assert len(run) == len(CASES) == len(run.passed) + 2
        assert [result.number for result in run] == [case.number for case in CASES]

    def test_by_url_and_in_parts(self, server: Handle) -> None:
        run = score(server.url, only=["closing", "6.4.*"])
        assert set(run.groups) == {"UTF-8", "closing"}
        assert len(run) == len(select(["closing", "6.4.*"]))

    def test_what_is_not_served_yet_is_served_for_the_run(self) -> None:
        async def app(ws: WebSocket) -> None:
            async for message in ws:
                await ws.send(message)

        run = score(app)
        assert run.percent == 100
        assert run.errors == ()

    def test_the_errors_of_an_app_are_told_once(self) -> None:
        async def app(ws: WebSocket) -> None:
            async for message in ws:
                await ws.send(message[: 10 // (len(message) - 5)])

        run = score(app, only="echo")
        assert run.errors == ("GET /app: ZeroDivisionError: integer division or modulo by zero",)
        assert "ZeroDivisionError" in str(run)
        assert "ZeroDivisionError" in run._repr_html_()

    def test_inside_a_loop_that_runs_as_a_notebook_has_one(self, server: Handle) -> None:
        async def cell() -> Score:
            return score(server, only="echo")

        assert asyncio.run(cell()).percent == 100


class TestTornado:
    """Its faults as Autobahn finds them, and those that Autobahn has no case for."""

    def test_what_fails(self, tornado: Score) -> None:
        illegal = ("0", "999", "1004", "1005", "1006", "1015", "1016", "1100", "2000", "2999")
        assert {result.name for result in tornado.failed} == {
            *(f"close code {code}" for code in illegal),
            *("HTTP/1.0", "key that is not base64", "extensions outside the grammar"),
            "not masked",
        }

    def test_what_is_only_not_strict(self, tornado: Score) -> None:
        found = {result.autobahn or result.name for result in tornado.of("non-strict")}
        assert found == {
            *("6.4.1", "6.4.2", "6.4.3", "6.4.4"),
            *("125 in 16 bits", "65,535 in 64 bits", "64-bit length with its top bit set"),
            *("no subprotocol in the list", "key of 15 bytes"),
        }

    def test_a_drop_without_a_close_frame_passes_where_the_connection_must_fail(self, tornado: Score) -> None:
        (rsv1,) = (result for result in tornado if result.name == "RSV1, and nothing negotiated")
        assert (rsv1.verdict, rsv1.seen) == ("pass", "TCP closed, no close frame")

    def test_what_is_seen(self, tornado: Score) -> None:
        found = {result.name: result.seen for result in tornado}
        assert found["not masked"] == "unexpected: text, 5 bytes; close 1000, only when asked"
        assert found["close code 1006"] == "close 1006"
        assert found["HTTP/1.0"] == "HTTP 101"
        assert found["an impossible byte, and later the rest"] == "TCP closed, no close frame, late"


class TestTargets:
    def test_a_dead_port(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        for autobahn in (False, True):
            with pytest.raises(
                UsageError, match=f"^Nobody listens at ws://127.0.0.1:{port}/: start the server"
            ):
                score(f"ws://127.0.0.1:{port}/", autobahn=autobahn)

    def test_a_server_that_was_stopped(self) -> None:
        with serve() as server:
            pass
        with pytest.raises(UsageError, match=r"^Nobody listens"):
            score(server)

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("ws://example.org/", "this machine only: not example.org"),
            ("wss://127.0.0.1/", "not TLS records: give it a ws:// URL"),
            ("http://127.0.0.1/", "not a WebSocket URL"),
        ],
    )
    def test_what_is_no_target(self, url: str, why: str) -> None:
        with pytest.raises(UsageError, match=why):
            score(url)

    def test_what_cannot_be_served(self) -> None:
        with pytest.raises(UsageError, match="An app is a name, an async function"):
            score(3.14)

    def test_an_ipv6_address(self) -> None:
        with serve(host="::1") as server:
            assert score(server, only="opening handshake").percent == 100

    def test_a_path_with_a_query_reaches_the_server(self) -> None:
        asked: list[str] = []

        async def app(ws: WebSocket) -> None:
            asked.append(ws.request.target)
            async for message in ws:
                await ws.send(message)

        with serve(app) as server:
            score(server.url + "?room=1", only=[1, 2])
        assert asked == ["/app?room=1"] * 2
