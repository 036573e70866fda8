"""Spans and the plain text of an explanation."""

from __future__ import annotations

import pytest

from wslearn import Frame, ProtocolError
from wslearn.spans import MARKS, Explanation, Part, Span, count, visible

FIN = Span(0, 1, "FIN", "0", "More fragments of this message follow.", "§5.2", "flags")


class TestSpan:
    def test_reads_as_a_sentence(self) -> None:
        assert str(FIN) == "FIN 0: More fragments of this message follow. (§5.2)"

    def test_at_fault_says_the_rule_instead_of_the_meaning(self) -> None:
        error = ProtocolError("No\x1bescape.", close_code=1002, section="§5.5", field="fin")
        assert FIN.at_fault(error) == Span(0, 1, "FIN", "0", "No·escape.", "§5.5", "fault", error)


class TestVisible:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [("plain", "plain"), ("a\r\nb\0", "a··b·"), ("\u202egpj", "·gpj"), ("é 😀", "é 😀"), ("", "")],
    )
    def test_nothing_moves_the_cursor(self, text: str, shown: str) -> None:
        assert visible(text) == shown

    def test_is_cut(self) -> None:
        assert visible("x" * 10**6, 3) == "xxx…"
        assert visible("xxx", 3) == "xxx"


class TestCount:
    @pytest.mark.parametrize(
        ("number", "said"), [(0, "0 bytes"), (1, "1 byte"), (2, "2 bytes"), (1234, "1,234 bytes")]
    )
    def test_singular_and_plural(self, number: int, said: str) -> None:
        assert count(number, "byte") == said


class TestExplanation:
    def test_parts_go_on_where_the_one_before_ended(self) -> None:
        told = Explanation(b"\x01\x00", "server")
        told.add("first", [FIN, FIN])
        frame = Frame(1)
        told.add("second", [FIN], frame)
        assert told.parts == [Part("first", 0, 2), Part("second", 2, 3, frame)]
        assert told == [FIN] * 3
        assert told.frames == [frame]

    def test_plain_text(self) -> None:
        told = Explanation(b"\x09\x01x", "server")
        error = ProtocolError("Broken.", close_code=1002, section="§5.5", field="fin")
        told.add(
            "frame 1",
            [
                FIN.at_fault(error),
                Span(4, 8, "opcode", "0x9 ping", "Asks.", "§5.5.2", "opcode"),
                Span(16, 24, "payload", "“x”", "As it is.", "§5.2", "payload"),
            ],
        )
        told.verdict, told.summary = "protocol error", "It is broken."
        assert str(told).splitlines() == [
            "byte  bits  field    value     meaning",
            "0     0     ✗ FIN    0         Broken. (§5.5)",
            "0     4–7   opcode   0x9 ping  Asks. (§5.5.2)",
            "2     all   payload  “x”       As it is. (§5.2)",
            "✗ protocol error: It is broken.",
        ]
        assert repr(told) == str(told)

    def test_plain_text_of_nothing(self) -> None:
        assert str(Explanation(b"", "client")).endswith("… nothing: There are no bytes to explain.")
        assert MARKS["legal"] == "✓"

    def test_plain_text_is_cut(self) -> None:
        told = Explanation(bytes(1000), "client")
        told.add("many", [FIN] * 205)
        assert "… and 5 more fields" in str(told)
        assert len(str(told).splitlines()) == 203

    def test_is_drawn(self) -> None:
        assert "nothing" in Explanation(b"", "client")._repr_html_()
