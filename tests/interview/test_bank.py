"""The interview's items: each file against the schema, every link, and what a schema cannot say."""

import json
import random
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.course.rfc_sections import SECTIONS
from wslearn.course.bank import Item, Question, read_items
from wslearn.course.contents import LESSONS
from wslearn.errors import UsageError
from wslearn.interview.bank import (
    FOLDER,
    KINDS,
    TOPICS,
    Card,
    Design,
    Estimate,
    Given,
    Open,
    bank,
    item,
    kind_of,
)
from wslearn.lessons import find_lessons

FILES = sorted(FOLDER.glob("*.yaml"))
SCHEMA = json.loads((FOLDER / "schema.json").read_text("utf-8"))
MORE = "More than one is right."
ITEMS = bank()
OURS = [each for path in FILES for each in read_items(path, KINDS)]
every_item = pytest.mark.parametrize("each", OURS, ids=lambda each: each.id)


def of(kind: type[Item]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "each", [each for each in OURS if isinstance(each, kind)], ids=lambda each: each.id
    )


def faults(items: object) -> list[str]:
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(items)
    ]


def headings(lesson: str) -> set[str]:
    cells = json.loads((find_lessons().folder / f"{lesson}.ipynb").read_text("utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return set(re.findall(r"^#+ (.+)$", text, re.MULTILINE))


class TestBank:
    def test_how_many(self) -> None:
        assert len(ITEMS) >= 150

    def test_ids_and_questions_are_given_once(self) -> None:
        assert [name for name, number in Counter(each.id for each in ITEMS).items() if number > 1] == []
        asked = Counter(each.question for each in ITEMS)
        assert [text for text, number in asked.items() if number > 1] == []

    @pytest.mark.parametrize("topic", TOPICS)
    def test_five_of_three_kinds_for_each_topic(self, topic: str) -> None:
        kinds = Counter(kind_of(each) for each in ITEMS if each.topic == topic)
        assert kinds.total() >= 5, kinds
        assert len(kinds) >= 3, kinds

    @pytest.mark.parametrize("lesson", LESSONS[:-1])
    def test_five_of_three_kinds_for_each_lesson(self, lesson: str) -> None:
        kinds = Counter(kind_of(each) for each in ITEMS if each.lesson == lesson)
        assert kinds.total() >= 5, kinds
        assert len(kinds) >= 3, kinds

    def test_every_topic_is_one_of_ours(self) -> None:
        assert [(each.id, each.topic) for each in ITEMS if each.topic not in TOPICS] == []

    def test_an_id_finds_its_item(self) -> None:
        some = random.Random(1).choice(ITEMS)
        assert item(some.id) is some
        with pytest.raises(UsageError, match="no item 'no-such'"):
            item("no-such")


class TestFiles:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_schema(self, path: Path) -> None:
        assert faults(yaml.safe_load(path.read_text("utf-8"))) == []

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_its_name_is_the_topics(self, path: Path) -> None:
        assert {each.topic for each in read_items(path, KINDS)} == {path.stem.replace("_", " ")}

    def test_no_file_is_left_out(self) -> None:
        assert {path.stem.replace("_", " ") for path in FILES} <= TOPICS.keys()


class TestItems:
    @every_item
    def test_its_links_resolve(self, each: Item) -> None:
        assert each.lesson in LESSONS
        if each.see:
            lesson, _, heading = each.see.partition("#")
            assert heading in headings(lesson)
        rfc = ""
        for named, section in re.findall(r"(?:(RFC \d+) )?§([\d.]+)", each.section):
            rfc = named or rfc
            assert section in SECTIONS.get(rfc, {section}), f"{rfc} has no §{section}"

    @every_item
    def test_sentences(self, each: Item) -> None:
        assert each.question.endswith(("?", MORE, "."))
        assert each.reason.endswith(".")
        assert len(each.question) <= 600
        assert len(each.reason) <= 400

    @of(Card)
    def test_a_card_is_short(self, each: Card) -> None:
        assert len(each.answer) <= 300
        assert each.answer.endswith(".")

    @of(Question)
    def test_a_choice_is_sound(self, each: Question) -> None:
        assert 0 < len(each.right) < len(each.choices)
        assert (len(each.right) > 1) == each.question.endswith(MORE)
        assert len({choice.text for choice in each.choices}) == len(each.choices)
        assert len({choice.why for choice in each.choices}) == len(each.choices)
        lengths = [len(choice.text) for choice in each.choices]
        wrong = [size for at, size in enumerate(lengths) if at not in each.right]
        assert max(lengths[at] for at in each.right) <= 1.6 * max(wrong) + 12
        assert [choice.why for choice in each.choices if not choice.why.endswith((".", "?"))] == []

    @of(Open)
    def test_an_open_one_has_a_weak_and_a_strong_answer(self, each: Open) -> None:
        assert each.weak != each.strong
        assert len(each.strong) > len(each.weak)
        assert 150 <= len(each.strong) <= (2500 if isinstance(each, Design) else 1200)
        assert 3 <= len(each.points) <= 8
        assert [text for text in (each.weak, each.strong, each.answer) if not text.endswith((".", "?"))] == []
        assert [text for text in each.follow_ups if not text.endswith("?")] == []

    @of(Design)
    def test_a_design_is_asked_further(self, each: Design) -> None:
        assert len(each.follow_ups) >= 2
        assert len(each.points) >= 5

    @of(Estimate)
    def test_an_estimate_uses_what_is_given(self, each: Estimate) -> None:
        assert each.result() > 0
        for name, given in each.given.items():
            assert re.search(rf"\b{name}\b", each.formula), f"{name} is not used"
            assert each.result({name: given.value * 2}) != each.result()


def test_right_answers_are_not_always_in_the_same_place() -> None:
    places = [each.right[0] for each in OURS if isinstance(each, Question)]
    assert max(Counter(places).values()) <= 0.5 * len(places)
    assert not any(
        a == b == c == d for (a, b), (c, d) in zip(pairwise(places), pairwise(places[2:]), strict=False)
    )


class TestReading:
    GIVEN: ClassVar[dict[str, Any]] = {
        "id": "a-b",
        "kind": "estimate",
        "lesson": "11_scaling",
        "topic": "scaling",
        "difficulty": 1,
        "question": "How many?",
        "reason": "So.",
        "given": {"nodes": {"value": 3, "unit": "nodes"}},
        "formula": "ceil(nodes / 2) ** 2 - 1",
        "unit": "nodes",
        "steps": ["Half of 3 is 1.5."],
    }

    def read(self, folder: Path, **change: Any) -> Item:
        path = folder / "scaling.yaml"
        path.write_text(yaml.safe_dump([self.GIVEN | change]), encoding="utf-8")
        (made,) = read_items(path, KINDS)
        return made

    def test_an_estimate_is_computed(self, tmp_path: Path) -> None:
        made = self.read(tmp_path)
        assert isinstance(made, Estimate)
        assert made.given == {"nodes": Given(3.0, "nodes")}
        assert made.result() == 3
        assert made.result({"nodes": 7}) == 15

    @pytest.mark.parametrize(
        "formula",
        ["nodes +", "node * 2", "nodes / 0", "__import__('os')", "nodes.real", "'a'", "9.0 ** 999999"],
    )
    def test_another_formula_is_refused(self, tmp_path: Path, formula: str) -> None:
        with pytest.raises(UsageError, match=r"item 1 \(a-b\): the formula .* cannot be computed"):
            self.read(tmp_path, formula=formula)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("many", "given is 'many', which is not a mapping"),
            ({"nodes": 3}, "a given is not a mapping: 3"),
            ({"nodes": {"value": "3", "unit": "x"}}, "value is '3', which is not a number"),
            ({"nodes": {"value": 3}}, "a given lacks unit"),
        ],
    )
    def test_a_figure_is_a_number_with_a_unit(self, tmp_path: Path, given: Any, said: str) -> None:
        with pytest.raises(UsageError, match=re.escape(said)):
            self.read(tmp_path, given=given)
