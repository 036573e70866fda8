"""The verdicts: each rule of the judge, and the words for what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wslearn.connection import Pong
from wslearn.course.conformance.good import close, framed
from wslearn.course.conformance.judge import NO_CODE, Seen, judge, tell
from wslearn.course.conformance.kinds import Answers, Case, Fails, Refuses
from wslearn.frames import Opcode

ECHO = Case("echo", "Hello", Answers(("Hello",)), "§5.6", turns=(framed(Opcode.TEXT, b"Hello"),))
CLOSED = Case("closing", "close 3000", Answers(codes=(1000, 3000)), "§7.4", turns=(close(b"\x0b\xb8"),))
LATER = Case("closing", "close 1014", Answers(codes=(1000, 1014), borne=(1002,)), "§7.4")
BAD_TEXT = Case("UTF-8", "bad", Fails((1007,)), "§8.1", turns=(framed(Opcode.TEXT, b"\xff"),))
BAD_CODE = Case("closing", "close code 999", Fails((1002,)), "§7.4", turns=(close(b"\x03\xe7"),))
EARLY = Case("UTF-8", "early", Fails((1007,), early=True), "§8.1", turns=(b"first", b"second"))
AFTER = Case("reserved bits", "after", Fails((1002,), heard=("Hello",)), "§5.2", turns=(b"both",))
LENIENT = Case("masks and lengths", "long form", Fails((1002,), otherwise="non-strict"), "§5.2")
OPEN = Case("closing", "close code 5000", Fails((1002,), otherwise="informational"), "§7.4")
NO_HOST = Case("opening handshake", "no Host", Refuses(400), "§4.2.1")
HUGE = Case("opening handshake", "huge", Refuses(431, "informational"), "RFC 6585 §5")
SHAKEN = Case("opening handshake", "good", Answers(), "§4.2")

ECHOED = Seen(heard=["Hello"], close=1000, asked=True, turns=1, ended=True)
FAILED = Seen(close=1007, turns=1, ended=True)
IGNORED = Seen(turns=1, overdue=True)
DROPPED = Seen(turns=1, ended=True)


class TestAnswers:
    @pytest.mark.parametrize(
        ("seen", "verdict"),
        [
            (ECHOED, "pass"),
            (replace(ECHOED, close=NO_CODE), "pass"),  # Autobahn: "1000 or empty"
            (replace(ECHOED, close=1001), "non-strict"),
            (replace(ECHOED, ended=False), "non-strict"),  # the server should close TCP first
            (replace(ECHOED, close=None), "fail"),
            (replace(ECHOED, heard=["Hellp"]), "fail"),
            (replace(ECHOED, heard=[b"Hello"]), "fail"),
            (replace(ECHOED, heard=["Hello", Pong()]), "fail"),
            (replace(ECHOED, heard=[]), "fail"),
            (replace(ECHOED, close=1006), "fail"),  # must never be sent
            (replace(ECHOED, fault="A server must not mask its frames."), "fail"),
            (replace(ECHOED, behind=2), "fail"),
            (Seen(refusal="no answer", overdue=True), "fail"),
            (IGNORED, "fail"),
            (DROPPED, "fail"),
        ],
    )
    def test_an_echo(self, seen: Seen, verdict: str) -> None:
        assert judge(ECHO, seen) == verdict

    @pytest.mark.parametrize(("code", "verdict"), [(3000, "pass"), (1000, "pass"), (1001, "fail")])
    def test_a_wrong_code_in_the_closing_handshake_is_a_failure(self, code: int, verdict: str) -> None:
        assert judge(CLOSED, replace(FAILED, close=code)) == verdict

    @pytest.mark.parametrize(("code", "verdict"), [(1014, "pass"), (1002, "non-strict"), (1011, "fail")])
    def test_a_code_that_was_registered_later_may_be_unknown(self, code: int, verdict: str) -> None:
        assert judge(LATER, replace(FAILED, close=code)) == verdict


class TestFails:
    @pytest.mark.parametrize(
        ("seen", "verdict"),
        [
            (FAILED, "pass"),
            (DROPPED, "pass"),  # §7.1.7: a close frame SHOULD be sent
            (replace(FAILED, close=NO_CODE), "pass"),
            (replace(FAILED, close=1002), "non-strict"),
            (replace(FAILED, ended=False), "non-strict"),
            (replace(FAILED, heard=["?"]), "fail"),
            (replace(FAILED, asked=True, close=1000), "fail"),
            (IGNORED, "fail"),
            (Seen(refusal="no answer", overdue=True), "fail"),
        ],
    )
    def test_invalid_text(self, seen: Seen, verdict: str) -> None:
        assert judge(BAD_TEXT, seen) == verdict

    @pytest.mark.parametrize(
        ("code", "verdict"), [(1002, "pass"), (None, "pass"), (1000, "fail"), (999, "fail"), (1007, "fail")]
    )
    def test_a_bad_close_code_must_not_be_answered_with_another(self, code: int, verdict: str) -> None:
        assert judge(BAD_CODE, replace(FAILED, close=code)) == verdict

    @pytest.mark.parametrize(("turns", "verdict"), [(1, "pass"), (2, "non-strict")])
    def test_text_that_fails_only_at_its_end(self, turns: int, verdict: str) -> None:
        assert judge(EARLY, replace(FAILED, turns=turns)) == verdict
        assert judge(EARLY, replace(DROPPED, turns=turns)) == verdict

    def test_what_came_before_the_fault_should_be_answered(self) -> None:
        assert judge(AFTER, Seen(heard=["Hello"], close=1002, turns=1, ended=True)) == "pass"
        assert judge(AFTER, Seen(close=1002, turns=1, ended=True)) == "non-strict"
        assert judge(AFTER, Seen(heard=["Hello", Pong()], close=1002, turns=1, ended=True)) == "fail"

    def test_what_the_rfc_leaves_to_the_server(self) -> None:
        assert judge(LENIENT, replace(ECHOED)) == "non-strict"
        assert judge(LENIENT, IGNORED) == "non-strict"
        assert judge(LENIENT, replace(FAILED, close=1002)) == "pass"
        assert judge(LENIENT, replace(ECHOED, fault="masked")) == "fail"
        assert judge(OPEN, replace(FAILED, close=5000)) == "informational"
        assert judge(OPEN, Seen(refusal="no answer")) == "fail"


class TestRefuses:
    @pytest.mark.parametrize(
        ("seen", "verdict"),
        [
            (Seen(status=400), "pass"),
            (Seen(status=426), "non-strict"),
            (Seen(status=200), "non-strict"),
            (Seen(refusal="no answer, and TCP closed", ended=True), "non-strict"),
            (Seen(status=101), "fail"),
            (Seen(refusal="no answer", overdue=True), "fail"),
            (Seen(refusal="not HTTP", answer=b"SSH-2.0", ended=True), "fail"),
        ],
    )
    def test_a_handshake_without_a_host(self, seen: Seen, verdict: str) -> None:
        assert judge(NO_HOST, seen) == verdict

    def test_limits_are_the_servers_own(self) -> None:
        assert [judge(HUGE, Seen(status=status)) for status in (431, 101)] == ["pass", "informational"]


class TestWords:
    @pytest.mark.parametrize(
        ("case", "seen", "words"),
        [
            (ECHO, ECHOED, "text, 5 bytes; close 1000"),
            (ECHO, replace(ECHOED, heard=[b"Hello"]), "unexpected: binary, 5 bytes; close 1000"),
            (ECHO, replace(ECHOED, close=NO_CODE), "text, 5 bytes; close without a code"),
            (ECHO, replace(ECHOED, ended=False), "text, 5 bytes; close 1000; TCP left open"),
            (ECHO, replace(ECHOED, behind=2), "text, 5 bytes; close 1000; goes on after it"),
            (ECHO, replace(ECHOED, fault="Masked."), "Masked."),
            (ECHO, IGNORED, "no answer within 3 s"),
            (ECHO, DROPPED, "TCP closed, no close frame"),
            (ECHO, Seen(heard=["a", "b"], overdue=True), "unexpected answers; no answer within 3 s"),
            (ECHO, Seen(refusal="no answer", overdue=True), "no answer within 3 s"),
            (ECHO, Seen(refusal="no answer, and TCP closed", ended=True), "no answer, and TCP closed"),
            (ECHO, Seen(refusal="refused\x1b[2J", status=403), "refused·[2J"),
            (SHAKEN, Seen(close=1000, ended=True), "HTTP 101; close 1000"),
            (BAD_TEXT, replace(ECHOED, heard=["?"]), "unexpected: text, 1 byte; close 1000, only when asked"),
            (EARLY, replace(FAILED, turns=2), "close 1007, late"),
            (EARLY, replace(FAILED, turns=1), "close 1007"),
            (NO_HOST, Seen(status=101), "HTTP 101"),
            (NO_HOST, Seen(refusal="no whole answer", overdue=True), "no answer within 3 s"),
        ],
    )
    def test_each(self, case: Case, seen: Seen, words: str) -> None:
        assert tell(case, seen, 3.0) == words

    def test_how_much_came_without_end_is_not_told(self) -> None:
        """It would differ from run to run."""
        some, more = (Seen(heard=["x"] * number, overdue=True, turns=1) for number in (7, 8))
        assert tell(ECHO, some, 3.0) == tell(ECHO, more, 3.0)
