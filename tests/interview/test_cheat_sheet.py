"""The cheat sheet says what the library and the bank say, and nothing of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest

from wslearn.closing import CloseCode
from wslearn.connection import TRANSITIONS
from wslearn.errors import UsageError
from wslearn.frames import Opcode
from wslearn.handshake import GUID
from wslearn.interview import cheat_sheet_parts
from wslearn.interview.bank import Design, Estimate, bank, item
from wslearn.interview.cheat_sheet import CheatSheet, cheat_sheet
from wslearn.interview.cheat_sheet_parts import ESTIMATES, PARTS, SAID
from wslearn.interview.ways import RULES, WAYS
from wslearn.net.limits import Limits
from wslearn.picture_card import plain


@pytest.fixture(scope="module")
def sheet() -> CheatSheet:
    return cheat_sheet()


def text(part: str) -> str:
    """Give what is read, with single blanks."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", part)).split())


@contextmanager
def changed(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(cheat_sheet_parts, name, value)
        yield


class TestTables:
    def test_every_part_has_something(self, sheet: CheatSheet) -> None:
        assert sheet.parts.keys() == PARTS.keys()
        assert min(len(text(part)) for part in sheet.parts.values()) > 100

    def test_handshake(self, sheet: CheatSheet) -> None:
        shown = text(sheet.parts["Opening handshake (§4)"])
        for words in (
            "GET /chat HTTP/1.1",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Extensions: permessage-deflate",
            "HTTP/1.1 101 Switching Protocols",
            GUID,
            "403 Forbidden a page from elsewhere",
            "426 Upgrade Required no version, version 8",
        ):
            assert words in shown

    def test_frame(self, sheet: CheatSheet) -> None:
        part = sheet.parts["Frame header: fields and bits (§5.2)"]
        bits = re.findall(r"<td>([^<]+)<br><b>(\d+)</b></td>", part)
        assert bits[:6] == [
            ("FIN", "1"),
            *((f"RSV{n}", "1") for n in (1, 2, 3)),
            ("opcode", "4"),
            ("MASK", "1"),
        ]
        assert [int(number) for _, number in bits[6:]] == [7, 16, 32]
        for words in (
            "up to 125 bytes header: server 2, client 6 bytes",
            "up to 65,535 bytes header: server 4, client 8 bytes",
            "up to 2⁶³ − 1 bytes header: server 10, client 14 bytes",
        ):
            assert words in text(part)

    def test_opcodes(self, sheet: CheatSheet) -> None:
        shown = text(sheet.parts["Opcodes (§5.2)"])
        for opcode in Opcode:
            assert f"0x{opcode:X} {opcode.name.lower()} " in shown
        assert "reserved 3, 4, 5, 6, 7, B, C, D, E, F" in shown
        assert "no message to continue" not in shown

    def test_close_codes(self, sheet: CheatSheet) -> None:
        sent, _, rest = text(sheet.parts["Close codes (§7.4)"]).partition("never in a frame")
        never, _, own = rest.partition("3000")
        assert {int(code) for code in re.findall(r"\d{4}", never)} == {1004, 1005, 1006, 1015}
        assert {int(code) for code in re.findall(r"\d{4}", sent + never)} == set(CloseCode)
        assert "1001 going away One side leaves: a server stops, a page is closed." in sent
        assert own == "–3999 registered by libraries4000–4999 private"

    def test_states(self, sheet: CheatSheet) -> None:
        shown = text(sheet.parts["States"])
        for state, steps in TRANSITIONS.items():
            for step, to in steps.items():
                assert (f"{step.value} → {to.value}" in shown) or to is state
        assert "closed for good" in shown

    def test_limits(self, sheet: CheatSheet) -> None:
        shown = text(sheet.parts["Limits, and this library's defaults"])
        for words in (
            "control frame 125 bytes",
            "close reason 123 bytes",
            "head 16,384 bytes, 128 fields",
            f"max_message_size {Limits().max_message_size:,} bytes",
            "ping_interval 20 s",
            "max_message_rate off",
            "max_connections 10,000",
        ):
            assert words in shown

    def test_ways(self, sheet: CheatSheet) -> None:
        shown = text(sheet.parts["Which way to push"])
        places = [shown.index(f"{way}. {plain(what)}") for way, what in WAYS.items()]
        assert places == sorted(places)
        for rule in RULES:
            assert rule.when in shown

    def test_the_marks_between_needs_are_told(self, sheet: CheatSheet) -> None:
        shown = text(sheet.parts["Which way to push"])
        assert shown.endswith("Between needs, “;” means and, “·” means or.")
        assert "direction: both; rate: steady or fast · infrastructure: functions" in shown or (
            "direction: both; rate: steady or fast · loss: newest" in shown
        )


class TestBank:
    def test_each_sentence_is_an_items_answer(self, sheet: CheatSheet) -> None:
        shown = text(sheet.parts["In a sentence"])
        assert sheet.parts["In a sentence"].count("<li>") == len(SAID)
        for name in SAID:
            assert plain(getattr(item(name), "answer")) in shown  # noqa: B009 - of several classes

    def test_each_estimate_is_computed(self, sheet: CheatSheet) -> None:
        part = sheet.parts["Reckoned"]
        assert part.count("<li>") == len(ESTIMATES)
        assert all(isinstance(item(name), Estimate) for name in ESTIMATES)
        assert "100 GB 10,000,000 connections, 10 kB" in text(part)

    def test_all_designs(self, sheet: CheatSheet) -> None:
        shown = text(sheet.parts["Designs"])
        designs = [each for each in bank() if isinstance(each, Design)]
        assert len(designs) >= 6
        assert all(each.answer.replace("`", "") in shown for each in designs)


class TestDrift:
    """What changes there changes here."""

    def test_a_code_that_may_not_be_sent_any_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with changed(monkeypatch, "may_be_sent", lambda code: code == 1000):
            shown = text(PARTS["Close codes (§7.4)"]())
        assert shown.index("never in a frame") < shown.index("1001 going away")

    def test_a_state(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with changed(monkeypatch, "TRANSITIONS", dict(list(TRANSITIONS.items())[:1])):
            assert "closing" not in text(PARTS["States"]())

    def test_a_rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with changed(monkeypatch, "RULES", ()):
            assert "Out with" not in text(PARTS["Which way to push"]())


class TestForms:
    def test_a_page_that_stands_alone(self, sheet: CheatSheet, tmp_path: Path) -> None:
        page = sheet.save(tmp_path / "sheet.html").read_text("utf-8")
        assert page == sheet.html()
        assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert "<script" not in page
        assert "http://" not in page
        assert not re.search(r"(?:src|href|url)\s*[=(]", page)

    def test_in_a_notebook_it_has_a_frame_of_its_own(self, sheet: CheatSheet) -> None:
        shown = sheet._repr_html_()
        assert "<style" not in shown
        assert shown.count("<iframe") == 1
        assert 'title="WebSocket cheat sheet" sandbox srcdoc="' in shown
        assert repr(sheet) == "<cheat sheet: one page, 10 parts>"

    def test_it_is_the_same_each_time(self, sheet: CheatSheet) -> None:
        assert cheat_sheet().html() == sheet.html()

    def test_no_notebook_is_overwritten(self, sheet: CheatSheet, tmp_path: Path) -> None:
        lesson = tmp_path / "13_interview.ipynb"
        lesson.write_text("my work")
        with pytest.raises(UsageError, match=r"saved as \.html, and '13_interview\.ipynb' is none\."):
            sheet.save(lesson)
        assert lesson.read_text() == "my work"

    def test_a_folder_that_is_not_there(self, sheet: CheatSheet, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="No such file"):
            sheet.save(tmp_path / "nowhere" / "sheet.html")
