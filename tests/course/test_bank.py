"""The question bank: each file against the schema, and what a schema cannot say."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.course.rfc_sections import SECTIONS, UNRULED
from wslearn.course.bank import FOLDER, Question, questions, quiz_questions, read_questions
from wslearn.course.contents import LESSONS
from wslearn.errors import UsageError

FILES = sorted(FOLDER.glob("*.yaml"))
SCHEMA = json.loads((FOLDER / "schema.json").read_text("utf-8"))
MORE = "More than one is right."
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
every_question = pytest.mark.parametrize("question", questions(), ids=lambda question: question.id)

GOOD = {
    "id": "a-b",
    "kind": "choice",
    "lesson": "02_handshake",
    "topic": "headers",
    "difficulty": 1,
    "section": "RFC 6455 §4.1",
    "question": "Is it `so`?",
    "choices": [{"text": "Yes.", "right": True, "why": "It is."}, {"text": "No.", "why": "It is not."}],
    "reason": "Because.",
}


def faults(items: object) -> list[str]:
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(items)
    ]


class TestFiles:
    @every_file
    def test_schema(self, path: Path) -> None:
        assert faults(yaml.safe_load(path.read_text("utf-8"))) == []

    @every_file
    def test_its_name_is_the_lessons(self, path: Path) -> None:
        assert path.stem in LESSONS
        assert {question.lesson for question in read_questions(path)} == {path.stem}

    @every_file
    def test_how_many(self, path: Path) -> None:
        """Three to five for a quiz, says the course."""
        assert 3 <= len(read_questions(path)) <= 5

    @every_file
    def test_the_right_answer_is_not_always_in_the_same_place(self, path: Path) -> None:
        places = Counter(place for question in read_questions(path) for place in question.right)
        assert len(places) >= 3 or len(read_questions(path)) == 3
        assert places.most_common(1)[0][1] <= 2, f"right at place {places.most_common(1)[0][0] + 1} too often"

    def test_ids_are_given_once(self) -> None:
        ids = Counter(question.id for question in questions())
        assert [name for name, number in ids.items() if number > 1] == []

    def test_questions_are_asked_once(self) -> None:
        asked = Counter(question.question for question in questions())
        assert [text for text, number in asked.items() if number > 1] == []


class TestQuestions:
    @every_question
    def test_a_text_rules_it(self, question: Question) -> None:
        assert question.section or question.lesson in UNRULED, "the protocol's lessons name their sections"
        rfc = ""
        for named, section in re.findall(r"(?:(RFC \d+) )?§([\d.]+)", question.section):
            rfc = named or rfc
            assert section in SECTIONS.get(rfc, {section}), f"{rfc} has no §{section}"

    @every_question
    def test_one_is_right_or_it_says_so(self, question: Question) -> None:
        assert (len(question.right) > 1) == question.question.endswith(MORE)

    @every_question
    def test_not_all_are_right(self, question: Question) -> None:
        assert len(question.right) < len(question.choices)

    @every_question
    def test_choices_differ(self, question: Question) -> None:
        assert len({choice.text for choice in question.choices}) == len(question.choices)
        assert len({choice.why for choice in question.choices}) == len(question.choices)

    @every_question
    def test_the_right_one_is_not_to_be_found_by_its_length(self, question: Question) -> None:
        lengths = [len(choice.text) for choice in question.choices]
        wrong = [size for at, size in enumerate(lengths) if at not in question.right]
        longest = max(lengths[at] for at in question.right)
        assert longest <= 1.6 * max(wrong) + 12, "the right answer is much longer than any wrong one"

    @every_question
    def test_sentences(self, question: Question) -> None:
        said = [question.reason, *(choice.why for choice in question.choices)]
        assert [text for text in said if not text.endswith((".", "?"))] == []
        assert question.question.endswith(("?", MORE))
        assert [text for text in (*said, question.question) if len(text) > 260] == []


class TestSchema:
    def test_it_is_one(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)
        assert faults([GOOD]) == []
        assert faults([{key: value for key, value in GOOD.items() if key != "section"}]) == []

    @pytest.mark.parametrize("key", sorted(GOOD.keys() - {"section"}))
    def test_nothing_is_missing(self, key: str) -> None:
        assert faults([{name: value for name, value in GOOD.items() if name != key}])

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "One two"},
            {"kind": "essay"},
            {"lesson": "handshake"},
            {"topic": "A topic"},
            {"difficulty": 4},
            {"difficulty": "1"},
            {"section": "§4.1"},
            {"section": "RFC 6455 4.1"},
            {"question": ""},
            {"question": "Is it `so?"},
            {"reason": " "},
            {"more": 1},
            {"choices": GOOD["choices"][:1]},  # type: ignore[index]
            {"choices": [{"text": "a", "why": "b"}] * 2},
            {"choices": [{"text": "a", "right": True}] * 2},
            {"choices": [{"text": "a", "why": "b", "right": False}, GOOD["choices"][0]]},  # type: ignore[index]
            {"choices": [{"text": "a", "why": "b", "note": "c"}, GOOD["choices"][0]]},  # type: ignore[index]
        ],
        ids=str,
    )
    def test_departures(self, change: dict[str, Any]) -> None:
        assert faults([GOOD | change])

    @pytest.mark.parametrize(
        "section", ["RFC 6455 §4.2.1, §4.4", "RFC 6455 §9, RFC 7692 §7.2.1", "RFC 9110 §7.8"]
    )
    def test_sections(self, section: str) -> None:
        assert faults([GOOD | {"section": section}]) == []


class TestReader:
    def read(self, tmp_path: Path, text: str) -> tuple[Question, ...]:
        path = tmp_path / "02_handshake.yaml"
        path.write_text(text, "utf-8")
        return read_questions(path)

    def test_what_it_makes(self, tmp_path: Path) -> None:
        (question,) = self.read(tmp_path, yaml.safe_dump([GOOD]))
        assert question.id == "a-b"
        assert [(choice.text, choice.right) for choice in question.choices] == [
            ("Yes.", True),
            ("No.", False),
        ]
        assert question.right == (0,)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"kind": "essay"}, "there is no kind 'essay'"),
            ({"reason": None}, "reason is None, which is not a text"),
            ({"difficulty": True}, "difficulty is True, which is not a whole number"),
            ({"choices": "Yes"}, "choices is 'Yes', which is not a list"),
            ({"choices": ["Yes"]}, "a choice is not a mapping: 'Yes'"),
            ({"choices": [{"text": "Yes."}]}, "a choice lacks why"),
            ({"choices": [{"text": 2, "why": "b"}]}, "text is 2, which is not a text"),
            ({"choices": [{"text": "a", "why": "b"}]}, "none of its choices is right"),
            ({"reasons": "Because."}, "a question has no 'reasons'"),
        ],
    )
    def test_a_broken_item_is_named(self, tmp_path: Path, change: dict[str, Any], said: str) -> None:
        with pytest.raises(UsageError) as raised:
            self.read(tmp_path, yaml.safe_dump([GOOD, GOOD | change]))
        assert str(raised.value) == f"02_handshake.yaml, item 2 (a-b): {said}."

    def test_what_is_missing_is_named(self, tmp_path: Path) -> None:
        item = {key: value for key, value in GOOD.items() if key not in {"id", "topic", "section"}}
        with pytest.raises(UsageError, match=r"item 1 \(without an id\): a question lacks id, topic\.$"):
            self.read(tmp_path, yaml.safe_dump([item]))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("a: b: c", "02_handshake.yaml is not YAML: "),
            ("a: b", "02_handshake.yaml is not a list of questions."),
            ("- text", "item 1 (without an id): it is not a mapping."),
        ],
    )
    def test_a_broken_file_is_named(self, tmp_path: Path, text: str, said: str) -> None:
        with pytest.raises(UsageError, match=re.escape(said)):
            self.read(tmp_path, text)

    def test_one_id_twice(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("one", "two"):
            (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump([GOOD]), "utf-8")
        monkeypatch.setattr("wslearn.course.bank.FOLDER", tmp_path)
        with pytest.raises(UsageError, match="two questions 'a-b'"):
            questions.__wrapped__()

    def test_a_lessons_own(self) -> None:
        own = quiz_questions("02_handshake")
        assert own
        assert {question.lesson for question in own} == {"02_handshake"}
        assert quiz_questions("13_nothing") == ()
        assert questions() is questions()
