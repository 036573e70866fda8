"""The cases of a conformance run: complete, as legal as they say, and with Autobahn's right numbers."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import Any

import pytest

from wslearn import Connection, HandshakeError, Ping, Pong, ProtocolError, Request, Response, server_response
from wslearn.closing import Close, may_be_sent
from wslearn.course.conformance.autobahn import command, read_reports
from wslearn.course.conformance.cases import CASES, GROUPS, Answers, Case, Fails, Refuses, select
from wslearn.course.conformance.good import framed
from wslearn.course.conformance.kinds import frames_of
from wslearn.errors import UsageError
from wslearn.frames import Opcode
from wslearn.http import split_head
from wslearn.net import Limits, serve
from wslearn.vectors import BAD_FRAMES, BAD_REQUESTS
from wslearn.vectors_peers import LENIENT

GOOD = [case for case in CASES if isinstance(case.expected, Answers)]
BAD = [case for case in CASES if isinstance(case.expected, Fails)]
NAMED = [case for case in CASES if case.autobahn]


def by_name(name: str) -> Case:
    (found,) = (case for case in CASES if case.name == name)
    return found


class TestTheTable:
    def test_every_vector_that_a_client_may_send_is_a_case(self) -> None:
        names = {case.name for case in CASES}
        assert {bad.name for bad in BAD_REQUESTS} <= names
        assert {bad.name for bad in BAD_FRAMES if bad.sender == "client"} <= names

    def test_numbers_count_from_one_through_the_groups(self) -> None:
        assert [case.number for case in CASES] == list(range(1, len(CASES) + 1))
        groups = [case.group for case in CASES]
        assert tuple(dict.fromkeys(groups)) == GROUPS
        assert groups == sorted(groups, key=GROUPS.index)

    def test_names_are_unique_and_no_conversation_is_held_twice(self) -> None:
        assert max(Counter(case.name for case in CASES).values()) == 1
        assert len({(case.request, case.turns, case.chop) for case in CASES}) == len(CASES)

    def test_one_number_of_autobahn_stands_for_one_case(self) -> None:
        assert max(Counter(case.autobahn for case in NAMED).values()) == 1

    def test_every_length_form_is_echoed_on_both_sides_of_its_limits(self) -> None:
        sizes = {len(heard) for case in GOOD if case.group == "echo" for heard in texts(case)}
        assert {0, 125, 126, 65535, 65536} <= sizes

    def test_every_legal_close_code_of_the_protocol_is_answered(self) -> None:
        legal = {code for code in range(1000, 3000) if may_be_sent(code)} | {3000, 3999, 4000, 4999}
        sent = {
            int.from_bytes(frame.payload[:2], "big")
            for case in GOOD
            for frame in frames_of(b"".join(case.turns))
            if frame.opcode == Opcode.CLOSE and frame.payload
        }
        assert sent == legal

    def test_what_the_rfc_bears_is_never_a_failure(self) -> None:
        for case in CASES:
            if not isinstance(case.expected, Answers):
                assert (case.expected.otherwise != "fail") == (case.name in LENIENT), case.name

    def test_a_case_says_what_it_is(self) -> None:
        number = by_name("not masked").number
        assert str(by_name("not masked")) == f"{number} masks and lengths: not masked → close 1002"
        assert by_name("the request of §1.3").wanted == "HTTP 101; close 1000"
        assert by_name("version 8").wanted == "HTTP 426"


def texts(case: Case) -> list[str | bytes]:
    assert isinstance(case.expected, Answers)
    return [heard for heard in case.expected.heard if isinstance(heard, str | bytes)]


class TestTheBytes:
    """Judged by the library's own decoder, which other tests hold to other implementations."""

    @pytest.mark.parametrize("case", GOOD, ids=str)
    def test_what_must_be_answered_is_legal(self, case: Case) -> None:
        assert isinstance(case.expected, Answers)
        server_response(Request.parse(case.request))
        events = Connection("server").receive(b"".join(case.turns))
        answers = [Pong(event.payload) if isinstance(event, Ping) else event for event in events]
        is_asked = isinstance(events[-1], Close) if events else False
        assert not any(isinstance(event, ProtocolError) for event in events)
        assert is_asked == case.closes
        heard = [event for event in answers if not isinstance(event, Close)]
        unasked = [Pong(frame.payload) for frame in frames_of(b"".join(case.turns)) if frame.opcode == 0xA]
        for pong in unasked:  # they came from the client: nobody answers them
            heard.remove(pong)
        assert tuple(heard) == case.expected.heard

    @pytest.mark.parametrize("case", BAD, ids=str)
    def test_what_must_fail_fails_with_the_code_that_is_asked_for(self, case: Case) -> None:
        assert isinstance(case.expected, Fails)
        *before, error = Connection("server").receive(b"".join(case.turns))
        assert isinstance(error, ProtocolError)
        assert error.close_code in case.expected.codes
        assert tuple(before) == case.expected.heard

    @pytest.mark.parametrize("case", [case for case in BAD if len(case.turns) > 1], ids=str)
    def test_the_first_turn_is_enough_to_fail(self, case: Case) -> None:
        assert isinstance(Connection("server").receive(case.turns[0])[-1], ProtocolError)

    @pytest.mark.parametrize("case", [case for case in CASES if isinstance(case.expected, Refuses)], ids=str)
    def test_what_must_be_refused_is_refused(self, case: Case) -> None:
        assert isinstance(case.expected, Refuses)
        with pytest.raises(HandshakeError) as caught:
            answer(case.request)
        assert caught.value.status == case.expected.status

    def test_a_lone_header_is_followed_by_what_it_announces(self) -> None:
        for name, size in (("125 in 16 bits", 125), ("65,535 in 64 bits", 65535)):
            first, rest = by_name(name).turns
            assert len(first + rest) == 2 + (2 if size == 125 else 8) + 4 + size
        (lone,) = by_name("a gigabyte announced").turns
        assert len(lone) == 14

    def test_reserved_bits_are_where_they_belong(self) -> None:
        assert [framed(Opcode.TEXT, rsv=rsv)[0] & 0x70 for rsv in (1, 2, 4, 7)] == [0x10, 0x20, 0x40, 0x70]


def answer(request: bytes) -> Response:
    """Do what a server does with what it reads."""
    head, _ = split_head(request) or (b"", b"")
    return server_response(Request.parse(head), origins=[])


class TestSelect:
    def test_everything(self) -> None:
        assert select(None) == CASES

    def test_by_group_by_number_and_by_autobahns_number(self) -> None:
        assert {case.group for case in select("UTF-8")} == {"UTF-8"}
        assert [case.number for case in select(7)] == [7]
        assert [case.autobahn for case in select("6.4.*")] == ["6.4.1", "6.4.2", "6.4.3", "6.4.4"]

    def test_several_in_the_order_of_the_table_and_each_once(self) -> None:
        numbers = [case.number for case in select([20, "opening handshake", 20, 7])]
        assert numbers == [case.number for case in CASES if case.group == "opening handshake"]

    def test_an_empty_number_of_autobahn_is_no_match_for_everything(self) -> None:
        assert select("*") == tuple(NAMED)

    @pytest.mark.parametrize("word", ["closings", "12.1.1", 0, 1000])
    def test_what_names_no_case(self, word: str | int) -> None:
        with pytest.raises(UsageError, match=r"names no case\. A group is one of opening handshake, echo"):
            select(["closing", word])


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What Autobahn itself sends and asks for in the cases that ours name."""
    folder = tmp_path_factory.mktemp("autobahn")
    numbers = [case.autobahn for case in NAMED]
    with serve(limits=Limits(ping_interval=None)) as server:
        words = command("fuzzingclient", server.url, numbers, folder, parallel=8)
        subprocess.run(words, timeout=100, capture_output=True, check=False)
    return dict(read_reports(folder))


class TestAutobahnsNumbers:
    """Held against what Autobahn's own cases send and ask for."""

    def test_all_of_them_exist(self, suite: dict[str, dict[str, Any]]) -> None:
        assert set(suite) == {case.autobahn for case in NAMED}

    def test_they_ask_for_the_same_close(self, suite: dict[str, dict[str, Any]]) -> None:
        for case in NAMED:
            assert not isinstance(case.expected, Refuses)
            expected = suite[case.autobahn]["expectedClose"]
            if case.autobahn not in {"7.13.1", "7.13.2"}:  # where any answer will do
                assert set(case.expected.codes) == set(expected["closeCode"]), case
            is_ours = isinstance(case.expected, Answers) or case.closes
            assert is_ours == expected["closedByMe"] or case.name == "close with all three bits", case

    @pytest.mark.parametrize("case", NAMED, ids=str)
    def test_they_send_the_same_kind_of_frames(self, case: Case, suite: dict[str, dict[str, Any]]) -> None:
        if case.autobahn.startswith("9."):  # too large for its log
            assert case.name.endswith("256 KiB")
            assert "256k" in suite[case.autobahn]["description"]
            return
        is_cut_short = isinstance(case.expected, Fails) and case.expected.early
        sent = case.turns[0] if is_cut_short else b"".join(case.turns)
        ours = {(f.opcode, f.fin, f.rsv1 * 4 + f.rsv2 * 2 + f.rsv3) for f in frames_of(sent)}
        assert ours <= sent_frames(suite[case.autobahn])


def sent_frames(report: dict[str, Any]) -> set[tuple[int, bool, int]]:
    """List the frames of a report's log: opcode, FIN, and the reserved bits as a number."""
    return {(entry[2], entry[3], entry[4]) for entry in report["wirelog"] if entry[0] == "TF"}
