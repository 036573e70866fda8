"""FrameView in Python: what is edited, and what it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.markup import picture
from wslearn.errors import UsageError
from wslearn.explain import explain
from wslearn.frames import Frame, Opcode
from wslearn.vectors import BAD_FRAMES, COMPRESSED, FRAMES
from wslearn.widgets import FrameView
from wslearn.widgets.presets import preset_groups, presets

if TYPE_CHECKING:
    from wslearn.connection import Role

EVIL = b"<img src=x onerror=alert(1)>"


def spans_of(view: FrameView) -> list[str]:
    return [f"{span['name']} {span['value']}" for span in view.spans]


class TestStart:
    def test_without_anything_it_shows_the_masked_hello(self) -> None:
        view = FrameView()
        assert view.data == FRAMES[1].data
        assert view.preset == "§5.7 a single-frame masked text message"
        assert (view.payload, view.form, view.length, view.key) == ("Hello", "text", "5", "37 fa 21 3d")
        assert view.verdict["verdict"] == "legal"
        assert repr(view) == "<FrameView: client → server, 11 bytes, legal>"

    def test_a_frame_or_its_bytes(self) -> None:
        frame = Frame(Opcode.PING, b"?", masking_key=b"abcd")
        assert FrameView(frame).data == FrameView(frame.serialize()).data == frame.serialize()

    def test_who_sends_it_is_guessed_by_the_mask(self) -> None:
        assert FrameView(FRAMES[0].data).role == "server"
        assert FrameView(FRAMES[0].data, "client").verdict["section"] == "§5.1"

    def test_another_role(self) -> None:
        with pytest.raises(UsageError, match="it is 'both'"):
            FrameView(b"", "both")  # type: ignore[arg-type]

    def test_no_bytes(self) -> None:
        view = FrameView(b"")
        assert view.verdict["verdict"] == "nothing"
        assert view.header == ""
        view.header = "80 00"
        assert view.data.hex() == "8000"

    def test_a_cut_header_stays_until_it_is_edited(self) -> None:
        view = FrameView(b"\x81", "client")
        assert (view.data, view.header, view.verdict["verdict"]) == (b"\x81", "81", "incomplete")


class TestEdits:
    @pytest.mark.parametrize(
        ("header", "section", "close_code", "wire"),
        [
            ("09 85 37 fa 21 3d", "§5.5", 1002, "09 85 37 fa 21 3d 7f 9f 4d 51 58"),
            ("c1 85 37 fa 21 3d", "§5.2", 1002, "c1 85 37 fa 21 3d 7f 9f 4d 51 58"),
            ("83 85 37 fa 21 3d", "§5.2", 1002, "83 85 37 fa 21 3d 7f 9f 4d 51 58"),
            ("81 05 37 fa 21 3d", "§5.1", 1002, "81 05 48 65 6c 6c 6f"),
            ("81 fe", "§5.2", 1002, "81 fe 00 05 37 fa 21 3d 7f 9f 4d 51 58"),
        ],
    )
    def test_bits(self, header: str, section: str, close_code: int, wire: str) -> None:
        view = FrameView()
        view.header = header
        assert view.data.hex(" ") == wire
        assert (view.verdict["section"], view.verdict["close_code"]) == (section, close_code)
        assert view.preset == ""
        assert any(span["fault"] for span in view.spans)

    def test_payload_and_its_length(self) -> None:
        view = FrameView()
        view.payload = "x" * 126
        assert view.header == "81 fe 00 7e 37 fa 21 3d"
        assert view.verdict["verdict"] == "legal"

    def test_payload_in_hex(self) -> None:
        view = FrameView()
        view.form = "hex"
        assert view.payload == "48 65 6c 6c 6f"
        view.payload = "ff"
        assert (view.verdict["section"], view.verdict["close_code"]) == ("§8.1", 1007)
        view.form = "text"
        assert str(view.form) == "hex"
        assert "edit them as hex" in view.problem

    def test_a_length_by_hand_stays_while_the_payload_changes(self) -> None:
        view = FrameView()
        view.length = "300"
        assert view.verdict["verdict"] == "incomplete"
        assert "295 bytes short" in view.hint
        view.payload = "Hello!"
        assert "294 bytes short" in view.hint
        view.follows = True
        assert (view.length, view.hint, view.verdict["verdict"]) == ("6", "", "legal")

    def test_a_length_that_is_too_short_leaves_another_frame(self) -> None:
        view = FrameView()
        view.length = "3"
        assert {span["part"] for span in view.spans} == {"frame 1", "frame 2"}
        assert "2 bytes too many" in view.hint
        view.length = ""
        assert view.data == FRAMES[1].data

    def test_key(self) -> None:
        view = FrameView(FRAMES[0].data, "client")
        view.key = "01 02 03 04"
        assert view.data == Frame(1, b"Hello", masking_key=bytes((1, 2, 3, 4))).serialize()

    def test_direction(self) -> None:
        view = FrameView()
        view.role = "server"
        assert view.verdict["text"].startswith("A server must not mask")

    def test_deflate(self) -> None:
        view = FrameView(COMPRESSED[0].data)
        assert view.verdict["section"] == "§5.2"
        view.deflate = True
        assert view.verdict["verdict"] == "legal"
        assert "“Hello”" in view.spans[-1]["meaning"]

    def test_all_bytes(self) -> None:
        view = FrameView()
        view.raw = "01 03 48 65 6c 80 02 6c 6f"
        assert [frame["title"] for frame in view.frames] == ["text “Hel”", "continuation “lo”"]

    @pytest.mark.parametrize(
        ("trait", "typed"),
        [
            ("key", "37 fa"),
            ("length", "-1"),
            ("raw", "8"),
            ("header", "8"),
            ("header", "81"),
            ("preset", "?"),
        ],
    )
    def test_bad_input_says_so_and_changes_nothing(self, trait: str, typed: str) -> None:
        view = FrameView()
        setattr(view, trait, typed)
        assert view.problem.endswith((".", "”."))
        assert view.data == FRAMES[1].data
        view.payload = "Hi"
        assert view.problem == ""

    @given(st.lists(st.tuples(st.integers(0, 15), st.booleans()), max_size=8))
    @settings(max_examples=60, deadline=None)
    def test_any_bits_give_what_explain_says(self, flips: list[tuple[int, bool]]) -> None:
        view = FrameView()
        for bit, text in flips:
            header = bytearray.fromhex(view.header)
            header[bit >> 3] ^= 0x80 >> bit % 8
            view.header = header.hex(" ")
            if text:
                view.payload = "Hi"
            told = explain(view.data, view.role)
            assert (told.verdict, told.summary) == (view.verdict["verdict"], view.verdict["text"])


class TestRuns:
    def test_one_of_several_is_edited(self) -> None:
        view = FrameView(FRAMES[2].data)
        view.chosen = 1
        assert (view.header, view.payload) == ("80 02", "lo")
        assert view.runs == [{"at": 5, "wire": "80026c6f", "plain": "80026c6f"}]
        view.payload = "p"
        assert view.data.hex(" ") == "01 03 48 65 6c 80 01 70"
        assert spans_of(view)[-1] == "payload “p”"

    def test_there_is_no_such_frame(self) -> None:
        view = FrameView(FRAMES[2].data)
        view.chosen = 7
        assert "2 frames" in view.problem
        assert view.chosen == 0

    def test_a_long_run_is_listed_in_part(self) -> None:
        data = Frame(Opcode.PING).serialize() * 130
        view = FrameView(data)
        assert (len(view.frames), view.more) == (100, 60)
        view.header = "8a 00"
        assert view.data == b"\x8a\x00" + data[2:]

    def test_where_the_fault_is(self) -> None:
        bad = next(each for each in BAD_FRAMES if each.name == "new text inside fragments")
        assert [frame["fault"] for frame in FrameView(bad.data, "client").frames] == [False, True]


class TestPresets:
    @pytest.mark.parametrize("key", [key for key in presets() if key.startswith(("§", "RFC", "opcode"))])
    def test_examples_are_legal(self, key: str) -> None:
        view = FrameView()
        view.preset = key
        assert view.verdict["verdict"] == "legal"
        assert view.data == presets()[key].wire()
        assert view.preset == key

    @pytest.mark.parametrize("bad", BAD_FRAMES, ids=lambda bad: bad.name)
    def test_bad_frames_earn_their_code(self, bad: Any) -> None:
        view = FrameView()
        view.preset = f"bad: {bad.name}"
        assert (view.verdict["close_code"], view.verdict["section"]) == (bad.close_code, bad.section)
        assert (view.data, view.role) == (bad.data, bad.sender)

    @pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 1 << 24])
    def test_boundaries_of_the_length(self, size: int) -> None:
        view = FrameView()
        view.preset = f"length {size}"
        assert (view.payload_size, view.verdict["verdict"]) == (size, "legal")

    def test_every_vector_is_listed(self) -> None:
        groups: list[Any] = preset_groups()
        listed = [key for group in groups for key, _ in group["presets"]]
        assert listed == list(presets())
        assert len(listed) == len(FRAMES) + len(COMPRESSED) + len(BAD_FRAMES) + 6 + 6

    def test_bytes_that_are_one_are_named(self) -> None:
        for example in FRAMES:
            assert FrameView(example.data, example.sender).preset == f"§5.7 {example.name}"


class TestLarge:
    def test_16_mib_never_go_to_the_page(self) -> None:
        view = FrameView()
        view.preset = f"length {1 << 24}"
        state = view.get_state([key for key in view.keys if not key.startswith("_")])
        assert len(repr(state)) < 20_000
        assert [len(run["wire"]) // 2 for run in view.runs] == [64, 16]
        assert view.runs[1]["at"] + 16 == len(view.data)
        assert bytes.fromhex(view.runs[1]["plain"]) == b"0123456789abcdef"
        assert (view.raw, view.payload) == ("", "")

    @pytest.mark.parametrize("role", ["client", "server"])
    def test_the_ends_are_those_of_the_wire(self, role: Role) -> None:
        key = b"abcd" if role == "client" else None
        data = Frame(Opcode.BINARY, bytes(range(256)) * 20, masking_key=key).serialize()
        view = FrameView(data, role)
        for run in view.runs:
            wire = bytes.fromhex(run["wire"])
            assert data[run["at"] : run["at"] + len(wire)] == wire
            assert len(run["plain"]) == len(run["wire"])


def test_the_still_picture_is_what_is_shown_now() -> None:
    view = FrameView(Frame(Opcode.TEXT, EVIL, masking_key=b"abcd"))
    view.header = view.header.replace("81", "09", 1)
    still = view.still()
    assert "§5.5" in still
    assert "<img" not in still
    assert EVIL.decode() in picture(still).text
    bundle = view._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["text/html"] == still
    assert bundle[0]["text/plain"] == repr(view)
