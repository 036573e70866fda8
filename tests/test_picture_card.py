"""The parts that every picture is put together from."""

from __future__ import annotations

import pytest

from tests.markup import picture
from wslearn.picture_card import card, plain, prose, row, verdict_bar, words

EVIL = "<img src=x onerror=alert(1)>\"&'"


class TestCard:
    def test_bar_body_and_verdict_in_order(self) -> None:
        html = card("Title", "note", "<div>body</div>", verdict_bar("✓", "legal", "Summary.", "§5.2"))
        assert picture(html).text == "Title note body ✓ legal Summary. §5.2"

    def test_is_named_for_who_does_not_see_it(self) -> None:
        assert ("aria-label", "Title") in picture(card("Title", "", "", "")).attributes
        assert ("role", "figure") in picture(card("Title", "", "", "")).attributes

    def test_all_of_it_is_text(self) -> None:
        html = card(
            EVIL, EVIL, words([row(EVIL, EVIL, EVIL, EVIL, "wsl-flags")]), verdict_bar("✓", "v", EVIL, EVIL)
        )
        assert picture(html).texts.count(EVIL) == 8

    def test_the_style_sheet_touches_no_other_page(self) -> None:
        sheet = card("", "", "", "").partition("<style>")[2].partition("</style>")[0]
        assert "/*" not in sheet
        selectors = [
            rule.rpartition("{")[0]
            for rule in sheet.replace("@container (max-width: 639px) {", "").split("}")
        ]
        for selector in ",".join(filter(None, selectors)).split(","):
            assert "wsl-" in selector or ")" in selector, selector


class TestVerdictBar:
    @pytest.mark.parametrize(
        ("mark", "kind"), [("✓", "payload"), ("✗", "fault"), ("–", "flags"), ("…", "length")]
    )
    def test_says_it_in_words_and_in_colour(self, mark: str, kind: str) -> None:
        html = verdict_bar(mark, "done", "It is.", "§1")
        assert picture(html).text == f"{mark} done It is. §1"
        assert f"wsl-{kind}" in html


class TestWords:
    def test_a_table_with_named_columns_and_rows(self) -> None:
        html = words(
            [row("FIN", "1", "The last.", "§5.2", "wsl-flags"), row("opcode", "0x1", "", "", "wsl-opcode")]
        )
        parsed = picture(html)
        assert parsed.text == "field value meaning section FIN 1 The last. §5.2 opcode 0x1"
        assert parsed.attributes.count(("scope", "row")) == 2
        assert parsed.attributes.count(("scope", "col")) == 4


class TestProse:
    def test_backticks_mark_code_and_text_stays_text(self) -> None:
        assert prose("Is `a < b` & <b>?") == "Is <code>a &lt; b</code> &amp; &lt;b&gt;?"

    def test_plain(self) -> None:
        assert plain("Is `a < b`?") == "Is a < b?"
