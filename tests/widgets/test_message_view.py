"""MessageView: a message in fragments, a receiver fed byte by byte (RFC 6455 §5.4, §8.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn import Close, Connection, Frame, Ping, ProtocolError, UsageError
from wslearn.connection import Role
from wslearn.widgets import MessageView
from wslearn.widgets.feeding import feed
from wslearn.widgets.fragments import EXAMPLES, characters


def fed_all(view: MessageView) -> MessageView:
    view.fed = view.size
    return view


class TestFragments:
    def test_they_are_what_a_connection_sends(self) -> None:
        view = MessageView("Hello", cuts=[1, 3], pings=[3])
        sender = Connection("client", masking_key=bytes.fromhex(view.key))
        sent = [
            sender.send("H", fin=False),
            sender.send("el", fin=False),
            sender.ping(b"ping 1"),
            sender.send("lo"),
        ]
        assert [frame["wire"] for frame in view.frames] == [wire.hex(" ") for wire in sent]
        assert view.stream == b"".join(sent)
        assert [frame["cut"] for frame in view.frames] == [1, 3, -1, 5]

    def test_a_character_in_two_frames(self) -> None:
        view = MessageView("é", cuts=[1], role="server")
        assert [frame["wire"] for frame in view.frames] == ["01 01 c3", "80 01 a9"]
        view.fed = 3
        assert view.verdict["verdict"] == "inside a character"
        view.fed = 6
        assert view.log[-1]["value"] == "str"
        assert view.log[-1]["meaning"] == "“é”"
        assert view.verdict["mark"] == "✓"

    def test_words_are_those_of_the_frame(self) -> None:
        for shown in MessageView("Grüße", cuts=[3], pings=[3]).frames:
            parsed = Frame.parse(bytes.fromhex(shown["wire"]))
            assert parsed is not None
            assert shown["text"] == str(parsed[0])

    @pytest.mark.parametrize("role", ["client", "server"])
    def test_role_decides_about_the_mask(self, role: Role) -> None:
        view = MessageView("Hi", cuts=[])
        view.role = role
        assert view.frames[0]["key"] == (4 if role == "client" else 0)
        assert fed_all(view).log[0]["value"] == "str"
        assert view.receiver.role != role

    def test_characters(self) -> None:
        groups = characters("aé€".encode() + b"\xff", text=True)
        assert [(each["text"], each["size"], each["fault"]) for each in groups] == [
            ("a", 1, False),
            ("é", 2, False),
            ("€", 3, False),
            ("", 1, True),
        ]
        assert [each["size"] for each in characters("é".encode(), text=False)] == [1, 1]

    def test_an_empty_message_is_one_frame(self) -> None:
        view = MessageView("", cuts=[])
        assert len(view.frames) == 1
        assert fed_all(view).log[0]["meaning"] == "“”"


class TestReceiver:
    @given(st.text(max_size=12), st.data())
    def test_any_cuts_give_the_message(self, text: str, data: st.DataObject) -> None:
        size = len(text.encode())
        cuts = data.draw(st.sets(st.integers(1, size - 1))) if size > 1 else set()
        view = MessageView(text, cuts=cuts, pings=cuts)
        receiver = Connection("server")
        events = receiver.receive(view.stream)
        assert events[-1] == text
        assert [type(event) for event in events[:-1]] == [Ping] * len(cuts)
        assert [event["name"] for event in feed(view.stream, "server").events] == ["Ping"] * len(cuts) + [
            "str"
        ]

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_what_it_holds_is_what_the_connection_holds(self, name: str) -> None:
        view = MessageView()
        view.example = name
        receiver = Connection("server")
        for fed in range(view.size + 1):
            if fed:
                receiver.receive(view.stream[fed - 1 : fed])
            view.fed = fed
            assert view.receiver.state is receiver.state
            if view.failed_at < 0:
                assert view.held[0]["value"] == (receiver.unread.hex(" ") or "–")
                so_far = receiver.unfinished
                assert view.held[1]["value"] == ("–" if so_far is None else so_far.hex(" ") or "empty")
        assert view.example == name

    def test_the_first_impossible_byte(self) -> None:
        view = MessageView(b"caf\xe9!", cuts=[])
        view.kind = "text"
        view.fed = view.size - 1
        assert view.failed_at == -1
        view.fed = view.size
        assert view.failed_at == view.size - 1
        assert view.verdict["mark"] == "✗"
        assert view.held[1]["meaning"].endswith("given up with the error")
        error, answer = view.log
        assert (error["value"], "1007" in error["meaning"]) == ("ProtocolError", True)
        events = Connection("server").receive(view.stream)
        assert isinstance(events[-1], ProtocolError)
        assert error["meaning"] == str(events[-1])
        sent = Frame.parse(bytes.fromhex(answer["value"].removeprefix("sends ")))
        assert sent is not None
        assert Close.parse(sent[0].payload).code == 1007

    def test_a_ping_is_answered_between_the_fragments(self) -> None:
        view = fed_all(MessageView("Hello", cuts=[3], pings=[3]))
        assert [row["value"].split()[0] for row in view.log] == ["Ping", "sends", "str"]
        assert view.log[1]["value"] == "sends " + Connection("server").pong(b"ping 1").hex(" ")

    def test_a_close_frame_ends_it(self) -> None:
        fed = feed(Connection("server").close(1001, "bye") + b"ignored", "client")
        assert [(event["name"], event["text"]) for event in fed.events] == [
            ("Close", "1001 GOING_AWAY “bye”")
        ]
        assert [answer["text"] for answer in fed.answers] == ["close 1001 GOING_AWAY “bye”"]

    def test_back_is_a_replay_from_the_start(self) -> None:
        view = MessageView("Hello", cuts=[3])
        seen = []
        for fed in range(view.size + 1):
            view.fed = fed
            seen.append((view.held, view.log, view.verdict))
        for fed in reversed(range(view.size + 1)):
            view.fed = fed
            assert (view.held, view.log, view.verdict) == seen[fed]

    def test_a_client_that_answers_masks(self) -> None:
        view = fed_all(MessageView("Hello", cuts=[3], pings=[3], role="server"))
        assert view.log[1]["value"].startswith("sends 8a 86 37 fa 21 3d")

    @pytest.mark.parametrize(("fed", "kept"), [(-1, 0), (999, 17)])
    def test_no_more_than_there_is(self, fed: int, kept: int) -> None:
        view = MessageView("Hello", cuts=[3])
        view.fed = fed
        assert view.fed == kept
        assert view.problem


class TestEdits:
    def test_an_edit_of_an_example_makes_it_your_own(self) -> None:
        view = MessageView()
        view.example = "binary"
        data = view.data
        view.example = ""
        assert (view.data, view.kind) == (data, "binary")
        view.example = "binary"
        view.cuts = [1]
        assert view.example == ""

    def test_an_edit_begins_anew(self) -> None:
        view = fed_all(MessageView("Hello", cuts=[3]))
        view.cuts = [4, 1]
        assert (view.cuts, view.fed, len(view.frames)) == ([1, 4], 0, 3)

    def test_a_cut_that_goes_takes_its_ping_along(self) -> None:
        view = MessageView("Hello", cuts=[1, 3], pings=[3])
        view.cuts = [1]
        assert view.pings == []

    def test_a_shorter_message_keeps_the_cuts_that_fit(self) -> None:
        view = MessageView("Hello", cuts=[1, 4], pings=[4])
        view.payload = "Hel"
        assert (view.cuts, view.pings, view.data) == ([1], [], b"Hel")

    def test_hex_and_text(self) -> None:
        view = MessageView("é", cuts=[])
        view.form = "hex"
        assert view.payload == "c3 a9"
        view.payload = "c3"
        view.form = "text"
        assert (view.form, bool(view.problem)) == ("hex", True)

    def test_a_key(self) -> None:
        view = MessageView("Hi", cuts=[])
        view.key = "00 00 00 00"
        assert view.frames[0]["wire"] == "81 82 00 00 00 00 48 69"
        view.key = "1"
        assert view.problem
        assert view.frames[0]["wire"] == "81 82 00 00 00 00 48 69"

    @pytest.mark.parametrize(
        ("trait", "value"),
        [
            ("cuts", [0]),
            ("cuts", [5]),
            ("pings", [2]),
            ("payload", "x" * 129),
            ("example", "none"),
            ("key", "12"),
        ],
    )
    def test_what_cannot_be_says_so(self, trait: str, value: object) -> None:
        view = MessageView("Hello", cuts=[3])
        stream = view.stream
        setattr(view, trait, value)
        assert view.problem
        assert view.stream == stream
        assert (view.cuts, view.pings) == ([3], [])

    def test_what_cannot_be_shown(self) -> None:
        with pytest.raises(UsageError, match="128 bytes"):
            MessageView("x" * 129)
        with pytest.raises(UsageError, match="here is none"):
            MessageView("x", cuts=[1])
        with pytest.raises(UsageError, match="role"):
            MessageView(role="proxy")  # type: ignore[arg-type]


class TestPicture:
    def test_repr_is_stable(self) -> None:
        view = MessageView("Hello", cuts=[3])
        assert repr(view) == "<MessageView: text, 5 bytes in 2 frames, fed 0 of 17: nothing fed yet>"
        assert repr(fed_all(view)) == "<MessageView: text, 5 bytes in 2 frames, fed 17 of 17: whole>"

    def test_still_picture(self) -> None:
        view = fed_all(MessageView("<img src=x onerror=alert(1)>", cuts=[4], pings=[4]))
        html = view.still()
        assert "<img" not in html
        assert "Ping" in html
        assert "✓ whole" in html
