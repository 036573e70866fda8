"""The lessons as a course: exercises in their places, claims that something shows, solutions that work."""

import ast
import inspect
import re
import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks import afterwards
from tests.notebooks.claims import unproven
from tests.notebooks.execution import execute
from tests.notebooks.faults import GALLERY
from tests.notebooks.lesson import FOLDER, lessons, read
from wslearn.course.exercise import Exercise, exercises
from wslearn.course.guard import is_stub
from wslearn.course.helping import source

LESSONS = [path for path in lessons() if path.name != GALLERY]
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


def tagged(notebook: NotebookNode, tag: str) -> list[tuple[int, NotebookNode]]:
    return [(n, cell) for n, cell in enumerate(notebook.cells) if tag in cell.metadata.get("tags", ())]


def defined(cell: NotebookNode) -> str:
    """Name the one function that an exercise cell defines; it may import before."""
    functions = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
    assert len(functions) == 1, cell.source
    return functions[0].name


@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.name)
def test_an_exercise_stands_in_its_lesson_as_a_stub_and_is_checked_after(exercise: Exercise) -> None:
    notebook = read(FOLDER / f"{exercise.lesson}.ipynb")
    places = [(n, cell) for n, cell in tagged(notebook, "exercise") if defined(cell) == exercise.name]
    assert len(places) == 1
    ((place, cell),) = places
    namespace: dict[str, object] = {}
    exec("from __future__ import annotations\n" + cell.source, namespace)
    stub = namespace[exercise.name]
    assert callable(stub)
    assert is_stub(stub)
    assert list(inspect.signature(stub).parameters) == list(inspect.signature(exercise.model).parameters)
    checks = [n for n, other in tagged(notebook, "check") if f"check({exercise.name})" in other.source]
    assert len(checks) == 1
    assert checks[0] > place


@each_lesson
class TestLesson:
    def test_its_exercises_are_the_course_s(self, lesson: Path) -> None:
        here = {exercise.name for exercise in exercises() if exercise.lesson == lesson.stem}
        assert {defined(cell) for _, cell in tagged(read(lesson), "exercise")} == here
        assert here

    def test_it_ends_with_a_quiz(self, lesson: Path) -> None:
        notebook = read(lesson)
        quizzes = tagged(notebook, "quiz")
        assert [cell.source for _, cell in quizzes if f'quiz("{lesson.stem}")' in cell.source]
        assert quizzes[-1][0] > 0.8 * len(notebook.cells)

    def test_what_it_claims_is_shown_or_cited(self, lesson: Path) -> None:
        assert list(unproven(read(lesson))) == []

    @pytest.mark.timeout(180)
    def test_it_runs_with_every_exercise_solved_and_leaves_nothing(
        self, lesson: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        temporary, folder = tmp_path / "temporary", tmp_path / "notebooks"
        temporary.mkdir()
        monkeypatch.setenv("TMPDIR", str(temporary))  # the kernel's
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        notebook = read(lesson)
        by_name = {exercise.name: exercise for exercise in exercises()}
        for _, cell in tagged(notebook, "exercise"):
            cell.source = source(by_name[defined(cell)].model)
        shutil.copy(afterwards.__file__, folder)
        notebook.cells.insert(0, new_code_cell("import afterwards\n\nheard_before = afterwards.listening()"))
        notebook.cells.append(new_code_cell("print('left:', afterwards.left_at_last(heard_before))"))
        execute(notebook, folder)
        assert "".join(output.text for output in notebook.cells[-1].outputs) == "left: []\n"
        for _, cell in tagged(notebook, "check"):
            said = str(cell.outputs)
            names = re.findall(r"check\((\w+)\)", cell.source)
            assert names, cell.source
            for name in names:
                assert f"{name}: right" in said, said


class TestClaims:
    """That a claim which nothing shows is found."""

    @staticmethod
    def claims(text: str, code: str = "", printed: str = "") -> list[str]:
        cell = new_code_cell(code, outputs=[new_output("stream", text=printed)])
        return list(unproven(new_notebook(cells=[new_markdown_cell("# T"), new_markdown_cell(text), cell])))

    @pytest.mark.parametrize(
        ("text", "claim"),
        [
            ("It takes 126 bytes.", "126"),
            ("A limit of 65,536.", "65,536"),
            ("The first byte is 0x81.", "0x81"),
            ("The answer carries Sec-WebSocket-Accept.", "Sec-WebSocket-Accept"),
            ("Two blocks (§5.2).\n\nAnd 1002 in this one.", "1002"),
        ],
    )
    def test_found(self, text: str, claim: str) -> None:
        assert self.claims(text, "x = 1260") == [f"cell 1: {claim}"]

    @pytest.mark.parametrize(
        "text",
        [
            "It takes 126 bytes (§5.2).",
            "See RFC 7692: 15 bits.",
            "Lesson 03 and [this](03_frames.ipynb) and 04_masking.",
            "Two of 12.",
            "As printed: 65,536 and 1002.",
            "`Sec-WebSocket-Key` is in the code.",
        ],
    )
    def test_not_found(self, text: str) -> None:
        assert self.claims(text, "'Sec-WebSocket-Key'", "65_536 bytes, 1002") == []
