"""Autobahn's own cases as a score, and our verdicts beside theirs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.markup import Picture
from wslearn.course.conformance import autobahn
from wslearn.course.conformance.cases import CASES
from wslearn.course.conformance.score import Score, score
from wslearn.errors import UsageError
from wslearn.explain import explain
from wslearn.net import Handle, serve


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    with serve() as handle:
        yield handle


@pytest.fixture(scope="module")
def tornado(server: Handle) -> Score:
    """Tornado's handler, in the cases that ours name."""
    return score(
        server.url_of("/tornado"), autobahn=True, only=[case.autobahn for case in CASES if case.autobahn]
    )


class TestVerdicts:
    def test_are_ours_wherever_both_have_one(self, server: Handle, tornado: Score) -> None:
        ours = {result.autobahn: result.verdict for result in score(server.url_of("/tornado"), only="*")}
        assert {result.autobahn: result.verdict for result in tornado} == ours
        assert set(ours.values()) == {"pass", "non-strict", "fail", "informational"}

    @pytest.mark.parametrize(
        ("behavior", "close", "verdict"),
        [
            ("OK", "OK", "pass"),
            ("OK", "WRONG CODE", "non-strict"),
            ("OK", "FAILED BY CLIENT", "non-strict"),
            ("NON-STRICT", "OK", "non-strict"),
            ("OK", "UNCLEAN", "fail"),
            ("OK", "FAILED", "fail"),
            ("FAILED", "OK", "fail"),
            ("ERROR", "OK", "fail"),
            ("INFORMATIONAL", "INFORMATIONAL", "informational"),
            ("UNIMPLEMENTED", "UNIMPLEMENTED", "informational"),
        ],
    )
    def test_the_worse_of_autobahns_two_counts(self, behavior: str, close: str, verdict: str) -> None:
        report: dict[str, Any] = {
            "behavior": behavior,
            "behaviorClose": close,
            "description": "Send <b>this</b>",
            "expectation": "Answer that",
            "result": "As expected.",
            "resultClose": "Closed.",
            "remoteCloseCode": None,
            "wirelog": [],
        }
        result = autobahn._result(1, "3.1", report)
        assert (result.verdict, result.name, result.group) == (verdict, "Send this", "reserved bits")


class TestRun:
    def test_our_server(self, server: Handle) -> None:
        run = score(server, autobahn=True, only=["1.*", "12.1.1"])
        assert (run.percent, len(run)) == (100, 17)
        assert list(run.groups) == ["echo", "compression"]
        assert [result.number for result in run] == list(range(1, 18))

    def test_a_failure_has_its_bytes(self, tornado: Score) -> None:
        (failed,) = (result for result in tornado if result.autobahn == "7.9.5")
        assert failed.sent.hex(" ") == "88 82 37 fa 21 3d 34 14"
        assert failed.received.hex(" ") == "88 02 03 ee"
        assert (
            failed.seen
            == "FAILED, close WRONG CODE; The close code should have been 1002 or empty; it was 1006"
        )
        assert "close 1006" not in failed.expected
        assert "the bytes of case" in Picture(tornado._repr_html_()).text

    def test_the_same_each_time_though_the_suites_masks_differ(self, server: Handle) -> None:
        first, second = (score(server.url_of("/tornado"), autobahn=True, only="7.9.*") for _ in range(2))
        assert first.failed
        assert first._repr_html_() == second._repr_html_()
        assert str(first) == str(second)

    def test_what_no_case_is_called(self, server: Handle) -> None:
        with pytest.raises(UsageError, match=r"kosoku has run none of 99\.9: "):
            score(server, autobahn=True, only="99.9")

    def test_without_kosoku(self, server: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
        with pytest.raises(UsageError, match="install it with: pip install kosoku"):
            score(server, autobahn=True, only="1.1.1")


class TestOctets:
    def test_end_where_the_log_leaves_some_out(self) -> None:
        log = [["TO", [2, "8900"]], ["RO", [1, "8a"]], ["TO", [300, "81fe ..."]], ["TO", [1, "ff"]]]
        assert autobahn._octets(log, "TO") == bytes.fromhex("89 00 81 fe")
        assert autobahn._octets(log, "RO") == b"\x8a"

    def test_are_written_under_one_key(self) -> None:
        sent = bytes.fromhex("81 85 01 02 03 04 49 67 6f 68 6e 89 80 05 06 07 08")
        assert b"".join(autobahn._with_one_key(sent)) == bytes.fromhex(
            "81 85 37 fa 21 3d 7f 9f 4d 51 58 89 80 37 fa 21 3d"
        )
        assert explain(sent).verdict == "legal"
