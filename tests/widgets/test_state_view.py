"""StateView: steps by hand, a live connection, the closing handshake (RFC 6455 §4.1, §7.1)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from wslearn import TRANSITIONS, Connection, Frame, State, Step, UsageError
from wslearn.net import connect, serve
from wslearn.widgets import StateView
from wslearn.widgets.closing_play import SCENARIOS, play
from wslearn.widgets.watch import watch


class TestSteps:
    def test_the_page_gets_the_whole_table(self) -> None:
        view = StateView()
        told = {(change["from"], change["step"]): change["to"] for change in view.table}
        assert told == {
            (before.name, step.name): after.name
            for before, known in TRANSITIONS.items()
            for step, after in known.items()
        }
        assert view.states == [state.name for state in State]

    @pytest.mark.parametrize("state", State)
    def test_each_step_does_what_the_table_says(self, state: State) -> None:
        for step in Step:
            view = StateView()
            view.connection.state = state
            view.take(step.name)
            after = TRANSITIONS[state].get(step)
            assert view.state == (after or state).name
            assert bool(view.problem) == (after is None)
            if after is None:
                with pytest.raises(UsageError) as refused:
                    Connection("client", state=state).step(step)
                assert view.problem == str(refused.value) == view.history[-1]["problem"]

    def test_allowed_steps(self) -> None:
        view = StateView()
        view.take("OPENED")
        allowed = {step["name"] for step in view.steps if step["allowed"]}
        assert allowed == {step.name for step in TRANSITIONS[State.OPEN]}
        assert view.verdict["verdict"] == "OPEN"

    def test_history_and_reset(self) -> None:
        view = StateView()
        for name in ("OPENED", "CLOSE_SENT", "CLOSE_SENT", "TCP_CLOSED"):
            view.take(name)
        assert [(taken["from"], taken["to"]) for taken in view.history] == [
            ("CONNECTING", "OPEN"),
            ("OPEN", "CLOSING"),
            ("CLOSING", "CLOSING"),
            ("CLOSING", "CLOSED"),
        ]
        view.take("reset")
        assert (view.state, view.history, view.problem) == ("CONNECTING", [], "")

    def test_history_is_capped_and_goes_on(self) -> None:
        view = StateView()
        view.take("OPENED")
        for _ in range(250):
            view.take("CLOSE_SENT")
        assert len(view.history) == 200
        view.take("TCP_CLOSED")
        assert view.state == "CLOSED"

    def test_an_order_that_comes_late_is_not_obeyed(self) -> None:
        view = StateView()
        view.take("OPENED")
        view.asked = ["TCP_CLOSED", 0]
        assert (view.state, view.problem) == ("OPEN", "")

    @pytest.mark.parametrize("asked", [["NAP", 0], ["OPENED"], [1, 2]])
    def test_a_wrong_order_says_so(self, asked: list[Any]) -> None:
        view = StateView()
        view.asked = asked
        assert view.problem
        assert view.state == "CONNECTING"


class TestLive:
    def test_follows_each_step_of_a_connection(self) -> None:
        client, server = Connection("client", state=State.CONNECTING), Connection("server")
        view = StateView(client)
        assert (view.mode, view.state) == ("live", "CONNECTING")
        client.opened()
        assert view.state == "OPEN"
        client.receive(server.close(1001, "bye"))
        assert view.state == "CLOSING"
        client.bytes_to_send()
        client.tcp_closed()
        assert [taken["step"] for taken in view.history] == [
            "OPENED",
            "CLOSE_RECEIVED",
            "CLOSE_SENT",
            "TCP_CLOSED",
        ]
        values = {row["name"]: row["value"] for row in view.side}
        assert values["close received"] == str(client.close_received) == "1001 GOING_AWAY “bye”"
        assert values["close sent"] == str(client.close_sent)
        assert values["its close frame"] == "received first"
        assert values["Close Code"] == f"{client.close_code}"

    def test_takes_no_orders(self) -> None:
        connection = Connection("client")
        view = StateView(connection)
        view.take("TCP_CLOSED")
        assert connection.state is State.OPEN
        assert view.problem == "A live connection takes its own steps."
        view.mode = "steps"
        assert (view.mode, bool(view.problem)) == ("live", True)
        assert StateView().mode == "steps"

    def test_two_views_of_one_connection(self) -> None:
        connection = Connection("server")
        one, two = StateView(connection), StateView(connection)
        connection.close(1000)
        assert one.history == two.history != []
        one.close()
        connection.tcp_closed()
        assert (one.state, two.state) == ("CLOSING", "CLOSED")

    def test_a_closed_view_leaves_the_connection_as_it_was(self) -> None:
        connection = Connection("server")
        view = StateView(connection)
        assert repr(connection) == "<Connection server OPEN>"
        view.close()
        assert type(connection) is Connection

    def test_other_changes_do_not_count(self) -> None:
        seen: list[Step | None] = []
        connection = Connection("server")
        stop = watch(connection, seen.append)
        connection.max_message_size = 10
        assert seen == []
        stop()
        connection.close()
        assert seen == []

    async def _talk(self) -> tuple[StateView, StateView]:
        views: list[StateView] = []

        async def app(ws: Any) -> None:
            views.append(StateView(ws))
            async for _ in ws:
                pass

        with serve(app) as server:
            async with connect(server.url) as ws:
                mine = StateView(ws)
                await ws.send("Hello")
                await ws.close(1000, "enough")
            await ws.wait_closed()
        return mine, views[0]

    def test_a_websocket_of_each_side(self) -> None:
        import asyncio

        mine, theirs = asyncio.run(self._talk())
        assert mine.connection.role == "client"
        assert (mine.state, theirs.state) == ("CLOSED", "CLOSED")
        assert [taken["step"] for taken in mine.history] == ["CLOSE_SENT", "CLOSE_RECEIVED", "TCP_CLOSED"]
        assert [taken["step"] for taken in theirs.history] == ["CLOSE_RECEIVED", "CLOSE_SENT", "TCP_CLOSED"]

    def test_steps_on_another_thread(self) -> None:
        connection = Connection("server")
        view = StateView(connection)
        thread = threading.Thread(target=connection.close)
        thread.start()
        thread.join()
        assert view.state == "CLOSING"


class TestClosingHandshake:
    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_the_bytes_are_real(self, scenario: str) -> None:
        for move in play(scenario, 3000, "bye"):
            if move["wire"]:
                sender = "client" if move["way"] == "→" else "server"
                parsed = Frame.parse(bytes.fromhex(move["wire"]))
                assert parsed is not None
                frame, rest = parsed
                frame.check(sender)
                assert rest == b""
                assert str(int.from_bytes(frame.payload[:2], "big")) in move["frame"]

    @pytest.mark.parametrize(
        ("scenario", "codes"),
        [("client", (3000, 3000)), ("server", (3000, 3000)), ("both", (1001, 3000)), ("cut", (1006, 1006))],
    )
    def test_each_side_ends_with_the_code_of_the_other(self, scenario: str, codes: tuple[int, int]) -> None:
        last = play(scenario, 3000, "")[-1]
        assert (last["client"]["code"], last["server"]["code"]) == codes
        assert last["client"]["state"] == last["server"]["state"] == "CLOSED"

    @pytest.mark.parametrize("scenario", ["client", "server", "both"])
    def test_the_server_closes_tcp_first(self, scenario: str) -> None:
        moves = play(scenario, 1000, "")
        closed = [role for move in moves for role in ("server", "client") if move[role]["state"] == "CLOSED"]
        assert closed == ["server", "server", "client"]
        assert "server closes TCP first" in moves[-3]["tcp"]

    def test_an_empty_close_frame_is_1005(self) -> None:
        move = play("client", 1005, "")[2]
        assert (move["server"]["code"], "never sent" in move["server"]["meaning"]) == (1005, True)

    def test_walking_through_it(self) -> None:
        view = StateView(scenario="server", reason="bye")
        assert view.mode == "closing"
        view.at = 99
        assert view.at == len(view.moves) - 1
        assert view.verdict["mark"] == "✓"
        view.scenario = "cut"
        assert view.at == 0
        view.at = 3
        assert view.verdict["mark"] == "✗"

    @pytest.mark.parametrize("code", ["1006", "x", "", "999999", "²"])
    def test_a_code_that_must_not_be_sent(self, code: str) -> None:
        view = StateView(scenario="client")
        before = view.moves
        view.code = code
        assert view.problem
        assert view.moves == before
        view.code = "1001"
        assert (view.problem, view.moves[-1]["server"]["code"]) == ("", 1001)

    def test_a_reason_that_is_too_long(self) -> None:
        view = StateView(scenario="client")
        view.reason = "ü" * 62
        assert "room for 123" in view.problem


class TestPicture:
    def test_reprs_are_stable(self) -> None:
        assert repr(StateView()) == "<StateView: steps, CONNECTING, 0 steps>"
        assert repr(StateView(Connection("client"))) == "<StateView: live, OPEN, 0 steps>"
        closing = StateView(scenario="both")
        closing.at = 1
        assert repr(closing) == "<StateView: both at once, move 1 of 6: CLOSING | OPEN>"

    def test_still_pictures(self) -> None:
        view = StateView(scenario="client", reason="<img src=x onerror=alert(1)>")
        view.at = 4
        for shown in (view, StateView(), StateView(Connection("server"))):
            html = shown.still()
            assert "▸ " in html
            assert "<img" not in html
            assert html == shown.still()
        assert "▸ CLOSING" in view.still()
        view.mode = "steps"
        view.take("CLOSE_SENT")
        assert "Not possible while CONNECTING" in view.still()

    def test_what_cannot_be_shown(self) -> None:
        with pytest.raises(UsageError, match="scenario"):
            StateView(scenario="never")  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="follow"):
            StateView("ws://")  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="1006"):
            StateView(code=1006)
