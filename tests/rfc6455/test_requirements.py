"""Every requirement of RFC 6455 §4–§10 is on the list, and obeyed, proven and taught where the list says."""

import hashlib
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat.v4
import pytest

from tests.rfc6455 import requirements
from tests.rfc6455.__main__ import main
from tests.rfc6455.requirements import Requirement, faults_of, holds, load, out_of_step
from tests.rfc6455.rfc import TEXT, places, sections
from tests.rfc6455.symbols import cited, is_cited, what_is_said

LISTED = load()
INCOMPLETE = "it needs where, test, lesson and term, or else not_ours"
PLACES = 126  # counted by hand, once


class TestTheList:
    def test_has_every_place_of_the_rfc_once(self) -> None:
        assert list(out_of_step(LISTED)) == []
        assert len(LISTED) == PLACES

    @pytest.mark.parametrize("entry", LISTED, ids=str)
    def test_is_true(self, entry: Requirement) -> None:
        assert list(faults_of(entry)) == []

    @pytest.mark.parametrize("number", [0, 40, PLACES - 1])
    def test_a_missing_entry_is_found(self, number: int) -> None:
        (fault,) = out_of_step(LISTED[:number] + LISTED[number + 1 :])
        assert fault.startswith(f"not in the list, or not in its turn: {LISTED[number]}: …")

    def test_an_entry_too_many_is_found(self) -> None:
        (fault,) = out_of_step([*LISTED, replace(LISTED[0], section="10.8")])
        assert fault == "§10.8, place 1: no such place in the RFC"

    @pytest.mark.parametrize(
        "words",
        [
            "",
            "the client MUST wait until that connection has been established",  # these are of place 4
            "MUST open a different connection",
            "open a connection, send an opening handshake, and read",
            "it MUST open a connection, send an opening handshake, and read the server's handshake",
        ],
    )
    def test_other_words_are_found(self, words: str) -> None:
        (fault,) = out_of_step([replace(LISTED[0], words=words), *LISTED[1:]])
        assert fault.startswith(f"§4.1, place 1: {words!r} are not twelve words at most of §4.1, place 1: …")


class TestOneEntry:
    """Made up, and then wrong in one way at a time."""

    GOOD = Requirement(
        section="5.1",
        place=2,
        words="The server MUST close the connection",
        who="server",
        where=("wslearn/frames.py::check_bits",),
        test=("tests/rfc6455/test_requirements.py::TestOneEntry::test_good",),
        lesson="90_specimen",
        term="must mask",
    )

    @pytest.fixture(autouse=True)
    def lesson(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(requirements, "FOLDER", tmp_path)
        cells = [
            nbformat.v4.new_markdown_cell("Clients must\nmask (§5.1, item 1). And §5.20."),
            nbformat.v4.new_code_cell("# §5.3: a key"),
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        (tmp_path / "90_specimen.ipynb").write_text(nbformat.v4.writes(notebook), encoding="utf-8")

    def test_good(self) -> None:
        assert list(faults_of(self.GOOD)) == []
        not_ours = replace(self.GOOD, where=(), test=(), lesson="", term="", not_ours="It asks others.")
        assert list(faults_of(not_ours)) == []

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"who": "nobody"}, "who is 'nobody'"),
            ({"not_ours": "It asks others."}, INCOMPLETE),
            ({"where": ()}, INCOMPLETE),
            ({"test": ()}, INCOMPLETE),
            ({"lesson": ""}, INCOMPLETE),
            ({"where": ("wslearn/frames.py",)}, "there is no wslearn/frames.py"),
            ({"where": ("wslearn/none.py::check_bits",)}, "there is no wslearn/none.py::check_bits"),
            ({"where": ("wslearn/frames.py::Frame.none",)}, "there is no wslearn/frames.py::Frame.none"),
            ({"where": ("wslearn/closing.py::Close",)}, "wslearn/closing.py::Close does not cite §5.1"),
            ({"test": ("tests/test_frames.py::TestWords",)}, "there is no test tests/test_frames.py::TestW"),
            ({"test": ("tests/test_frames.py::test_none",)}, "there is no test tests/test_frames.py::test_"),
            ({"lesson": "91_other"}, "no cell of 91_other holds both §5.1 and 'must mask'"),
            ({"term": "key"}, "no cell of 90_specimen holds both §5.1 and 'key'"),
            ({"section": "5.2"}, "no cell of 90_specimen holds both §5.2 and 'must mask'"),
        ],
    )
    def test_wrong(self, change: dict[str, Any], fault: str) -> None:
        (found,) = faults_of(replace(self.GOOD, **change))
        assert found.startswith(fault)

    def test_unknown_fields_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "list.yaml").write_text("- {section: '5.1', palce: 2}\n", encoding="utf-8")
        with pytest.raises(AssertionError, match="palce"):
            load(tmp_path / "list.yaml")

    def test_the_program_says_what_is_missing(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = [0]
        monkeypatch.setattr("tests.rfc6455.__main__.faults", lambda _: ["§5.1, place 2: gone"] * found[0])
        assert main() == 0
        said = capsys.readouterr().out
        assert said.count("\n| §") == PLACES
        assert "| §5.1 | The server MUST close the connection" in said
        assert f"{PLACES} requirements" in said
        found = [1]
        assert main() == 1
        assert capsys.readouterr().out.endswith("§5.1, place 2: gone\n")


class TestTheText:
    def test_is_unmodified(self) -> None:
        digest = hashlib.sha256(TEXT.encode()).hexdigest()
        assert digest == "86625de8acbd77db2b44b2177e959d8049f910fca33dd9884f925a6af0db35a7"

    def test_its_sections(self) -> None:
        found = sections()
        assert [name for name in found if name.startswith("7.")] == [
            *("7.1", "7.1.1", "7.1.2", "7.1.3", "7.1.4", "7.1.5", "7.1.6", "7.1.7"),
            *("7.2", "7.2.1", "7.2.2", "7.2.3", "7.3", "7.4", "7.4.1", "7.4.2"),
        ]
        assert found["8.1"].startswith("8.1. Handling Errors in UTF-8-Encoded Data When an endpoint")
        assert found["8.1"].endswith("and during subsequent data exchange.")
        assert "handshake includes a base64-encoded value" in found["4.2.2"]
        assert "[Page" not in "".join(found.values())

    def test_a_sentence_across_two_pages(self) -> None:
        assert "with value 5.3. Client" not in sections()["5.3"]
        assert "both endpoints will have sent and received a Close frame and will not" in sections()["7.1.5"]

    def test_its_places(self) -> None:
        found = places()
        assert len(found) == PLACES
        assert {place.text[place.start : place.stop] for place in found} == {"MUST", "MUST NOT"}
        assert str(found[-1]).startswith(
            "§10.7, place 1: … Invalid Data Incoming data MUST always be validated"
        )


class TestSymbols:
    SOURCE = textwrap.dedent('''
        """A module (RFC 6455 §4)."""
        NUMBER = 1  # §5.1
        class Outer:
            """A class (§5–§7)."""
            def method(self):
                """A method (RFC 7692 §8.1)."""
            async def coroutine(self):
                pass  # §9
        ''')  # fmt: skip

    @pytest.mark.parametrize(
        ("symbol", "sections_"),
        [
            ("m.py::NUMBER", {"4", "5.1"}),
            ("m.py::Outer", {"4", "5", "6", "7", "9"}),
            ("m.py::Outer.method", {"4", "5", "6", "7"}),
            ("m.py::Outer::coroutine", {"4", "5", "6", "7", "9"}),
            ("m.py::other", None),
            ("m.py::Outer.other", None),
            ("m.py::NUMBER.other", None),
            ("m.py", None),
            ("n.py::NUMBER", None),
        ],
    )
    def test_what_they_cite(self, tmp_path: Path, symbol: str, sections_: set[str] | None) -> None:
        (tmp_path / "m.py").write_text(self.SOURCE, encoding="utf-8")
        said = what_is_said(tmp_path, symbol)
        assert (None if said is None else cited(said)) == sections_

    @pytest.mark.parametrize(
        ("section", "text", "is_it"),
        [
            ("5.5.1", "§5.5.1", True),
            ("5.5.1", "(RFC 6455 §5.5)", True),
            ("5.5.1", "§5", False),
            ("5.5.1", "§5.5.2, §5.5.10", False),
            ("5", "§5.1", False),
            ("6.1", "§5–§7", True),
            ("8.1", "RFC 7692 §8.1", False),
        ],
    )
    def test_a_section_is_cited_by_itself_or_by_the_one_around_it(
        self, section: str, text: str, is_it: bool
    ) -> None:
        assert is_cited(section, text) is is_it

    @pytest.mark.parametrize(
        ("text", "term", "is_it"),
        [
            ("Control\n  frames", "control frame", True),
            ("unmasked, then masked", "mask", True),
            ("unmasked", "mask", False),
            ("1005", "100", False),
            ("1005.", "1005", True),
            ("", "x", False),
        ],
    )
    def test_words_that_begin_with_a_term(self, text: str, term: str, is_it: bool) -> None:
        assert holds(text, term) is is_it
