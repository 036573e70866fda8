"""What six servers answer: the tables are complete, judged as they should be, and still true."""

from __future__ import annotations

import asyncio

import pytest

from tests.interop import record_peers
from tests.markup import Picture
from wslearn import vectors
from wslearn.vectors import BAD_FRAMES, BAD_REQUESTS, PEER_HANDSHAKES, PEER_VERSIONS, PEERS
from wslearn.vectors_peers import LENIENT, PeerTable

NAMES = {
    "frames": [bad.name for bad in BAD_FRAMES if bad.sender == "client"],
    "handshakes": [bad.name for bad in BAD_REQUESTS],
}
TABLES = [PEERS, PEER_HANDSHAKES]


class TestTheTables:
    def test_every_vector_is_there(self) -> None:
        assert [list(table.answers) for table in TABLES] == list(NAMES.values())

    def test_every_server_answers_each(self) -> None:
        assert tuple(PEER_VERSIONS) == record_peers.SERVERS
        for table in TABLES:
            assert {len(answers) for answers in table.answers.values()} == {len(PEER_VERSIONS)}
            assert table.versions == PEER_VERSIONS

    def test_this_library_is_right_on_every_row(self) -> None:
        for table in TABLES:
            answers = {name: table.answer(name, "wslearn") for name in table.answers}
            assert {table.judge(name, answer) for name, answer in answers.items()} == {"right"}

    def test_what_may_be_borne_is_among_the_vectors(self) -> None:
        assert {*NAMES["frames"], *NAMES["handshakes"]} >= LENIENT

    def test_vectors_gives_them(self) -> None:
        assert {"PEERS", "PEER_HANDSHAKES", "PEER_VERSIONS", "PeerTable"} <= set(vectors.__all__)

    @pytest.mark.parametrize(("name", "server"), [("no such frame", "tornado"), ("not masked", "nobody")])
    def test_who_or_what_is_not_there(self, name: str, server: str) -> None:
        with pytest.raises(KeyError):
            PEERS.answer(name, server)

    def test_what_is_known_of_the_servers(self) -> None:
        assert PEERS.answer("not masked", "tornado") == PEERS.answer("not masked", "aiohttp") == "echo"
        assert PEERS.answer("close code 1006", "tornado") == "1006 echoed"
        assert PEERS.answer("RSV1, and nothing negotiated", "wsproto") == "1002"
        assert PEER_HANDSHAKES.answer("key of 15 bytes", "wsproto") == "101"
        assert PEER_HANDSHAKES.answer("version 8", "tornado") == "426"


class TestJudge:
    @pytest.mark.parametrize(
        ("name", "answer", "judged"),
        [
            ("not masked", "1002", "right"),
            ("not masked", "1009", "allowed"),
            ("not masked", "drop", "allowed"),
            ("not masked", "no code", "allowed"),
            ("not masked", "echo", "wrong"),
            ("not masked", "nothing", "wrong"),
            ("not masked", "1000", "wrong"),
            ("close code 999", "999 echoed", "wrong"),
            ("125 in 16 bits", "echo", "allowed"),
            ("a gigabyte announced", "nothing", "allowed"),
        ],
    )
    def test_frames(self, name: str, answer: str, judged: str) -> None:
        assert PEERS.judge(name, answer) == judged

    @pytest.mark.parametrize(
        ("name", "answer", "judged"),
        [
            ("no Host", "400", "right"),
            ("no Host", "426", "allowed"),
            ("no Host", "drop", "allowed"),
            ("no Host", "101", "wrong"),
            ("no Host", "nothing", "wrong"),
            ("empty Host", "101", "allowed"),
        ],
    )
    def test_handshakes(self, name: str, answer: str, judged: str) -> None:
        assert PEER_HANDSHAKES.judge(name, answer) == judged


class TestPictures:
    SMALL = PeerTable(
        "Two <b>frames</b>", {"not masked": ("echo",), "close code 999": ("drop",)}, {"a&b": "1.0"}
    )

    def test_text(self) -> None:
        assert str(self.SMALL).splitlines() == [
            "Two <b>frames</b>  wslearn   a&b",
            "                   computed  1.0",
            "not masked         ✓ 1002    ✗ echo",
            "close code 999     ✓ 1002    ~ drop",
            "Wrong in so many of 2 rows: wslearn 0, a&b 1.",
        ]
        assert repr(self.SMALL) == str(self.SMALL)

    def test_picture(self) -> None:
        parsed = Picture(self.SMALL._repr_html_())
        assert "b" not in parsed.tags[: parsed.tags.index("table")]
        assert "Two <b>frames</b> ✓ right, ~ allowed, ✗ wrong" in parsed.text
        assert "the client sends wslearn computed a&b 1.0" in parsed.text
        assert "not masked ✓ right: 1002 ✗ wrong: echo" in parsed.text
        assert "close code 999 ✓ right: 1002 ~ allowed: drop" in parsed.text

    def test_marks_are_coloured_too(self) -> None:
        html = self.SMALL._repr_html_()
        assert 'wsl-fault">✗' in html
        assert 'wsl-length">~' in html
        assert html.count('wsl-payload">✓') == 2

    def test_only_the_rows_on_which_something_bad_passes(self) -> None:
        assert list(self.SMALL.telling.answers) == ["not masked"]
        assert len(PEERS.telling.answers) == 29


class TestRecording:
    def test_is_still_what_those_servers_answer(self) -> None:
        """Recorded anew from every server that is installed in the recorded version."""
        there = record_peers.installed()
        names = [name for name, version in PEER_VERSIONS.items() if there.get(name) == version]
        if not names:
            pytest.skip("none of the six servers is installed in the version that was recorded")
        recorded = asyncio.run(record_peers.record(names))
        for table, rows in ((PEERS, recorded.frames), (PEER_HANDSHAKES, recorded.handshakes)):
            now = {(name, server): rows[name][names.index(server)] for name in rows for server in names}
            assert now == {(name, server): table.answer(name, server) for name, server in now}

    def test_what_is_written_is_what_is_there(self) -> None:
        recorded = record_peers.Recorded(PEER_VERSIONS, PEERS.answers, PEER_HANDSHAKES.answers)
        assert record_peers.written(recorded) == record_peers.MODULE.read_text("utf-8")
