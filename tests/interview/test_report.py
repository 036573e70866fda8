"""What comes of a mock interview: points, what to revise and where, in every form."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.course.drawn import drawn
from tests.interview.rehearsing import EVIL, ONE, THREE, TWO, Clock, rehearsal
from wslearn.errors import UsageError
from wslearn.interview.links import link
from wslearn.interview.rehearsal import Rehearsal
from wslearn.interview.report import Report, report
from wslearn.interview.report_picture import report_markdown, report_page


@pytest.fixture
def held() -> Rehearsal:
    """An interview with three of three points, one of three, and a question that it had no time for."""
    clock = Clock()
    made = rehearsal(clock)
    made.begun = "2026-03-02T12:00:00Z"
    made.resume()
    made.say(0, 0, f"first\n# {EVIL} *a*")
    made.next()
    clock.time += 65
    made.next()
    made.say(0, 2, "third")
    made.skip()
    clock.time += 30
    made.say(1, 0, "second")
    made.end()
    for point in range(3):
        made.tick(1, point, True)
    made.tick(0, 1, True)
    return made


@pytest.fixture
def told(held: Rehearsal) -> Report:
    return report(held)


class TestPoints:
    def test_by_topic_the_weakest_first(self, told: Report) -> None:
        assert [(topic.name, topic.got, topic.of) for topic in told.topics] == [
            ("masking", 1, 3),
            ("frames", 3, 3),
        ]
        assert told.score == "4 of 6 points"
        assert told.told == "2 questions in 1:35 of 15 minutes; no time for 1 more question"

    def test_what_to_revise(self, told: Report) -> None:
        (topic,) = told.revise
        assert topic.missing == ("q-one one.", "q-one three.")
        assert topic.links == (link("04_masking#Why"),)
        assert topic.links[0].href == "04_masking.ipynb#Why"
        assert topic.cards == 'cards("masking")'

    def test_each_question(self, told: Report) -> None:
        first, second = told.marks
        assert (first.item, first.seconds, first.had) == (ONE, 65, (False, True, False))
        assert first.answers == (f"first\n# {EVIL} *a*", "", "third")
        assert (second.item, second.missing) == (TWO, ())

    def test_a_lesson_is_named_once(self) -> None:
        held = rehearsal(Clock())
        held.items = (ONE, ONE)
        held.skip()
        held.say(1, 0, "a")
        held.end()
        (topic,) = report(held).topics
        assert (topic.of, len(topic.links)) == (6, 1)

    def test_only_what_was_missing_is_to_be_read(self) -> None:
        held = rehearsal(Clock())
        held.items = (ONE, replace(ONE, id="q-four", see="", points=("a", "b", "c")))
        held.skip()
        held.say(1, 0, "a")
        held.end()
        for point in range(3):
            held.tick(0, point, True)
        (topic,) = report(held).topics
        assert topic.links == (link("04_masking"),)

    def test_nothing_was_said(self) -> None:
        held = rehearsal(Clock())
        held.end()
        told = report(held)
        assert told.score == "nothing was scored"
        assert told.told == "0 questions in 0:00 of 15 minutes; no time for 3 more questions"
        assert drawn(told._repr_html_()).text.endswith(f"{told.score} {told.told}")

    def test_before_there_is_one(self) -> None:
        assert repr(Report()) == "There is no report yet: hold the interview, and score it."
        assert repr(Report()) in drawn(Report()._repr_html_()).text


class TestForms:
    def test_text(self, told: Report) -> None:
        assert repr(told).splitlines() == [
            "Mock interview: 4 of 6 points",
            told.told,
            "masking: 1 of 3",
            "  missing: q-one one.",
            "  missing: q-one three.",
            "frames: 3 of 3",
        ]

    def test_html(self, told: Report) -> None:
        shown = drawn(told._repr_html_())
        assert ("04_masking.ipynb#Why", "04 · Masking: Why") in shown.links
        for text in (
            "masking 1 of 3",
            'cards("masking")',
            "frames 3 of 3 nothing is missing",
            f"first # {EVIL} *a*",
            "And last? third",
            "✓ q-one two .",
            "✗ q-one three.",
            "Because of q-one < 2.",
            "short, masking, 1:05 of 3 minutes",
        ):
            assert text in shown.text
        assert "And then?" not in shown.text, "it was passed by"

    def test_markdown(self, told: Report) -> None:
        lines = report_markdown(told).splitlines()
        text, href = link("04_masking#Why")
        assert lines[0] == "# Mock interview 2026-03-02"
        for line in (
            "| masking | 1 of 3 |",
            f'- **masking**: [{text}]({href}), `cards("masking")`. Missing:',
            "  - q-one one.",
            "### 1. Why `q-one`?",
            "> first  ",
            r"> \# \<img src=x onerror=alert(1)\> \*a\*  ",
            "**And last?**",
            "- ✓ q-one `two`.",
            r"A strong answer: Because of `q-one` \< 2.",
        ):
            assert line in lines
        assert lines.index("### 1. Why `q-one`?") < lines.index("### 2. Why `q-two`?")

    def test_an_estimate(self) -> None:
        held = rehearsal(Clock())
        held.items = (THREE,)
        held.say(0, 0, "60")
        held.end()
        written = report_markdown(report(held))
        assert "- ✗ The result is within a factor of two of 60 nodes." in written
        assert "A strong answer: Twice 30. That is 60." in written

    def test_nothing_missing(self, held: Rehearsal) -> None:
        for point in range(3):
            held.tick(0, point, True)
        assert "Nothing was missing." in report_markdown(report(held))


class TestSaving:
    def test_a_page_that_stands_alone(self, told: Report, tmp_path: Path) -> None:
        path = told.save(tmp_path / "mine.html")
        page = path.read_text("utf-8")
        assert page == report_page(told)
        assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert told._repr_html_() in page
        assert "<script" not in page

    def test_markdown(self, told: Report, tmp_path: Path) -> None:
        assert told.save(str(tmp_path / "mine.md")).read_text("utf-8") == report_markdown(told)

    def test_no_notebook_is_overwritten(self, told: Report, tmp_path: Path) -> None:
        lesson = tmp_path / "13_interview.ipynb"
        lesson.write_text("my work")
        with pytest.raises(UsageError, match=r"as \.md or \.html, and '13_interview\.ipynb' is neither\."):
            told.save(lesson)
        assert lesson.read_text() == "my work"

    def test_a_folder_that_is_not_there(self, told: Report, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="No such file"):
            told.save(tmp_path / "nowhere" / "mine.md")
