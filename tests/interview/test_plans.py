"""The study plans: their minutes add up, their links lead somewhere, and a lesson takes what it says."""

import json
import re
from html import unescape

import pytest

from tests.course.drawn import drawn
from tests.interview.test_bank import headings
from wslearn.course.bank import questions
from wslearn.course.contents import LESSONS
from wslearn.course.exercise import exercises
from wslearn.course.progress import record_answer, record_exercise
from wslearn.errors import UsageError
from wslearn.interview import plan
from wslearn.interview.plans import PLANS, Plan, Step
from wslearn.lessons import find_lessons

STEPS = [pytest.param(step, id=f"{step.when}, {step.see}") for _, steps in PLANS.values() for step in steps]
every_plan = pytest.mark.parametrize("name", PLANS)
every_step = pytest.mark.parametrize("step", STEPS)


class TestMinutes:
    @every_plan
    def test_they_add_up(self, name: str) -> None:
        assert plan(name).minutes == sum(step.minutes for step in plan(name).steps) == PLANS[name][0]

    @every_plan
    def test_no_step_is_longer_than_one_can_sit(self, name: str) -> None:
        assert all(5 <= step.minutes <= 60 for step in plan(name).steps)

    def test_two_weeks_are_an_hour_a_day(self) -> None:
        days = [sum(step.minutes for step in steps) for _, steps in plan("two weeks").parts]
        assert len(days) == 14
        assert all(55 <= day <= 65 for day in days)

    def test_a_card_that_is_said_aloud_has_a_minute(self) -> None:
        (step,) = (step for step in plan("two hours").steps if "new cards" in step.do)
        assert step.minutes >= {"Ten": 10, "Twenty": 20}[step.do.split()[0]]

    @every_step
    def test_a_whole_lesson_takes_what_it_says(self, step: Step) -> None:
        if not step.lesson:
            return
        cells = json.loads((find_lessons().folder / f"{step.lesson}.ipynb").read_text("utf-8"))["cells"]
        said = re.search(r"\*\*Time:\*\* (\d+) minutes", "".join(cells[0]["source"]))
        assert said
        assert step.minutes == int(said[1])


class TestLinks:
    @every_step
    def test_it_leads_somewhere(self, step: Step) -> None:
        lesson, _, heading = step.see.partition("#")
        assert lesson in LESSONS
        assert not heading or heading in headings(lesson)
        assert (find_lessons().folder / f"{lesson}.ipynb").is_file()
        assert step.link.href.partition("#")[0] == f"{lesson}.ipynb"

    def test_two_weeks_are_the_whole_course(self) -> None:
        assert [step.lesson for step in plan("two weeks").steps if step.lesson] == [*LESSONS[:-1]]

    def test_lessons_come_in_their_order(self) -> None:
        for name in ("weekend", "two weeks"):
            lessons = [step.lesson for step in plan(name).steps if step.lesson]
            assert lessons == sorted(lessons)


class TestDone:
    def test_a_lesson_that_is_done_is_marked(self) -> None:
        for exercise in exercises():
            if exercise.lesson == "00_start_here":
                record_exercise(exercise.name, exercise.lesson, "right")
        for question in questions():
            if question.lesson == "00_start_here":
                record_answer(question.id, question.lesson, [], True)
        shown = plan("weekend")
        assert shown.done == {"00_start_here"}
        assert [line for line in repr(shown).splitlines() if line.startswith("✓")] == [
            "✓  25 min  00 · Start here. The whole lesson."
        ]
        text = drawn(shown._repr_html_()).text
        assert "✓ done, 25 min 00 · Start here" in text
        assert text.endswith("20 steps, 10 h. 1 of 9 whole lessons are done.")

    def test_nothing_is_done_yet(self) -> None:
        assert not plan("weekend").done
        assert "✓" not in repr(plan("weekend"))


class TestShown:
    def test_text(self) -> None:
        made = Plan(
            "a while", (Step("Today", 25, "03_frames", "Read."), Step("Today", 50, "03_frames#Recall", "Do."))
        )
        assert repr(made).splitlines() == [
            "a while: 2 steps, 1 h 15 min",
            "Today, 1 h 15 min",
            "   25 min  03 · Frames. Read.",
            "   50 min  03 · Frames: Recall. Do.",
        ]

    @every_plan
    def test_html(self, name: str) -> None:
        made = plan(name)
        shown = drawn(made._repr_html_())
        assert [(unescape(href), text) for href, text in shown.links] == [
            (step.link.href, step.link.text) for step in made.steps
        ]

    def test_another_time(self) -> None:
        with pytest.raises(UsageError, match="a plan for two hours, weekend, two weeks; none for 'a year'"):
            plan("a year")
