"""The short set of Autobahn cases against wslearn, and the judge that reads its verdicts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conformance.suite import FULL, SHORT, Selection, Verdict, faults, fuzz_client, fuzz_server, table


class TestBothRoles:
    @pytest.mark.timeout(SHORT.seconds + 30)
    def test_server(self, tmp_path: Path) -> None:
        found = faults(fuzz_server(SHORT, tmp_path), SHORT)
        assert not found, "\n".join(found)

    @pytest.mark.timeout(SHORT.seconds + 30)
    def test_client(self, tmp_path: Path) -> None:
        found = faults(asyncio.run(fuzz_client(SHORT, tmp_path)), SHORT)
        assert not found, "\n".join(found)


class TestJudge:
    """A run is never taken for clean because something is missing from its report."""

    GOOD = Verdict("1.1.1", "OK", "OK", "as expected")
    ONE = Selection(("1.1.1",), {1: 1}, 1)

    def test_the_suite_has_517_cases(self) -> None:
        assert sum(FULL.owed.values()) == 517
        assert sum(SHORT.owed.values()) == 301 + 48

    def test_a_clean_run(self) -> None:
        assert faults([self.GOOD], self.ONE) == []

    def test_an_empty_report(self) -> None:
        assert faults([], self.ONE) == ["section 1: 0 of 1 cases reported"]

    @pytest.mark.parametrize("behavior", ["NON-STRICT", "UNIMPLEMENTED", "FAILED", "ERROR", "INFORMATIONAL"])
    def test_a_case_that_is_not_ok(self, behavior: str) -> None:
        verdict = replace(self.GOOD, behavior=behavior)
        assert faults([verdict], self.ONE) == [f"1.1.1: {behavior}, close OK: as expected"]

    def test_a_close_that_is_not_ok(self) -> None:
        verdict = replace(self.GOOD, close="UNCLEAN")
        assert faults([verdict], self.ONE) == ["1.1.1: OK, close UNCLEAN: as expected"]

    def test_the_cases_that_the_rfc_leaves_open(self) -> None:
        verdict = Verdict("7.13.1", "INFORMATIONAL", "INFORMATIONAL", "left open")
        assert faults([verdict], Selection(("7.13.1",), {7: 1}, 1)) == []

    def test_the_table_counts_by_section(self) -> None:
        lines = table([self.GOOD, Verdict("2.1", "FAILED", "UNCLEAN", "no pong")]).splitlines()
        assert [line.split() for line in lines] == [
            ["section", "OK", "FAILED", "bad", "close"],
            ["1", "1", "0", "0"],
            ["2", "0", "1", "1"],
            ["all", "1", "1", "1"],
        ]
