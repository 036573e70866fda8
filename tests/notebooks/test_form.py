"""Each lesson is in its one form, and each departure from the form is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tests.notebooks import specimen
from tests.notebooks.__main__ import main
from tests.notebooks.faults import BYTES, LINES_PER_CELL, faults
from tests.notebooks.lesson import WIDGET_VIEW, lessons, normalise, read, text


def test_there_are_lessons() -> None:
    assert [path.stem for path in lessons()][:1] == ["00_start_here"]


@pytest.mark.parametrize("lesson", lessons(), ids=lambda path: path.stem)
def test_lesson(lesson: Path) -> None:
    assert faults(lesson) == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return specimen.make(tmp_path_factory.mktemp("specimen"))


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path))


class TestForm:
    """Of the specimen, changed in one way at a time."""

    def test_as_made(self, copy: Path) -> None:
        assert faults(copy) == []

    def test_name(self, copy: Path) -> None:
        assert faults(copy.rename(copy.with_name("specimen.ipynb"))) == [
            "its name is not of the form NN_topic.ipynb"
        ]

    @pytest.mark.parametrize(
        "departure",
        [
            pytest.param(lambda nb: nb.cells[4].outputs[0].data.update({WIDGET_VIEW: {}}), id="widget view"),
            pytest.param(lambda nb: nb.cells[8].metadata.pop("jupyter"), id="tagged hide-input, not folded"),
            pytest.param(lambda nb: nb.metadata.update(widgets={}), id="widget state"),
            pytest.param(
                lambda nb: nb.metadata.language_info.update(version="3.11.2"), id="language version"
            ),
            pytest.param(
                lambda nb: nb.cells[1].metadata.update(execution={"iopub.status.idle": "x"}), id="timing"
            ),
            pytest.param(lambda nb: nb.cells[1].metadata.update(collapsed=True), id="state of the editor"),
            pytest.param(lambda nb: nb.cells[1].update(execution_count=None), id="stripped"),
            pytest.param(lambda nb: nb.cells[1].update(execution_count=7), id="run out of order"),
            pytest.param(lambda nb: nb.cells[2].update(id=nb.cells[1].id), id="one id twice"),
            pytest.param(lambda nb: nb.cells[1].update(source="\n" + nb.cells[1].source), id="blank line"),
            pytest.param(
                lambda nb: nb.cells[1].outputs.append(
                    NotebookNode(output_type="stream", name="stdout", text="!")
                ),
                id="one stream in two pieces",
            ),
            pytest.param(
                lambda nb: nb.cells[6].outputs[0].update(traceback=["File /x/y.py:1"]), id="a whole traceback"
            ),
        ],
    )
    def test_departure_is_found_and_mended(
        self, copy: Path, departure: Callable[[NotebookNode], None]
    ) -> None:
        notebook = read(copy)
        departure(notebook)
        copy.write_text(text(notebook), encoding="utf-8")
        assert faults(copy) == ["not in the form that `make notebooks` writes"]
        copy.write_text(text(normalise(notebook)), encoding="utf-8")
        assert faults(copy) == []

    @pytest.mark.parametrize("end", ["", "\n\n"])
    def test_one_newline_at_the_end(self, copy: Path, end: str) -> None:
        copy.write_text(copy.read_text(encoding="utf-8").rstrip("\n") + end, encoding="utf-8")
        assert faults(copy) == ["not in the form that `make notebooks` writes"]

    @pytest.mark.parametrize(
        ("number", "source", "fault"),
        [
            (0, "# Title\nminutes, able to", "does not say what it builds on"),
            (0, "# Title\nminutes, builds on", "does not say what the reader will be able to do"),
            (0, "# Title\nable to, builds on", "does not say how long it takes"),
            (0, "Title\nminutes, able to, builds on", "not a heading of the first level"),
            (1, "\n".join(["pass"] * (LINES_PER_CELL + 1)), "16 lines of code"),
            (1, "  ", "empty"),
            (1, "x = 1;", "semicolon"),
            (1, "# NBVAL_SKIP", "steers nbval"),
        ],
    )
    def test_source(self, copy: Path, number: int, source: str, fault: str) -> None:
        notebook = read(copy)
        notebook.cells[number].source = source
        (found,) = self.faults_of(copy, notebook)
        assert f"cell {number}: " in found
        assert fault in found

    def test_as_many_lines_as_allowed(self, copy: Path) -> None:
        notebook = read(copy)
        notebook.cells[1].source = "\n".join(["pass"] * LINES_PER_CELL)
        assert self.faults_of(copy, notebook) == []

    @pytest.mark.parametrize(
        ("number", "tags", "fault"),
        [
            (1, ["nbval-skip"], "cell 1: tags that the course does not know: ['nbval-skip']"),
            (1, ["raises-exception"], "cell 1: tagged raises-exception and raises nothing"),
            (6, [], "cell 6: ZeroDivisionError stored as its output"),
        ],
    )
    def test_tags(self, copy: Path, number: int, tags: list[str], fault: str) -> None:
        notebook = read(copy)
        notebook.cells[number].metadata = NotebookNode(tags=tags)
        assert self.faults_of(copy, notebook) == [fault]

    @pytest.mark.parametrize(
        ("output", "what"),
        [
            ("<Frame object at 0x7f1c2a3b4c50>", "an address in memory"),
            ("ws://127.0.0.1:43211/echo", "a port"),
            ("listening on port 43211", "a port"),
            ("/tmp/tmp8x2k/cert.pem", "a temporary path"),
            ("/home/ada/course", "a path of one machine"),
            (r"C:\Users\ada", "a path of one machine"),
            ("at 12:03:59", "a time of day"),
            ("on 2026-11-23", "a date"),
            ("Date: Mon, 23 Nov 2026", "a date"),
            ("took 1.27 ms", "a measured time"),
        ],
    )
    def test_output_that_differs_from_run_to_run(self, copy: Path, output: str, what: str) -> None:
        notebook = read(copy)
        notebook.cells[1].outputs[0].text = output
        (found,) = self.faults_of(copy, notebook)
        assert found.startswith(f"cell 1: its output holds {what}: ")
        notebook.cells[1].metadata = NotebookNode(tags=["nbval-ignore-output"])
        assert self.faults_of(copy, notebook) == []

    @pytest.mark.parametrize(
        "output",
        [
            "Sec-WebSocket-Version: 13",
            "81 85 37 fa 21 3d 7f 9f 4d 51 58",
            "0x81 0x05",
            "GET /home HTTP/1.1",
            "Host: example.com:8000",
            "65,536 bytes, 14 of them header",
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "RFC 6455 §5.2, 1.5 times",
        ],
    )
    def test_output_that_stays(self, copy: Path, output: str) -> None:
        notebook = read(copy)
        notebook.cells[1].outputs[0].text = output
        assert self.faults_of(copy, notebook) == []

    def test_size(self, copy: Path) -> None:
        notebook = read(copy)
        notebook.cells[1].outputs[0].text = "x" * BYTES
        (found,) = self.faults_of(copy, notebook)
        assert f"are more than {BYTES:,}" in found

    @staticmethod
    def faults_of(path: Path, notebook: NotebookNode) -> list[str]:
        path.write_text(text(normalise(notebook)), encoding="utf-8")
        return faults(path)


class TestMaking:
    def test_is_repeatable(self, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before = read(copy)
        assert main(["--folder", str(copy.parent), specimen.NAME]) == 0
        ignored = before.cells[7], read(copy).cells[7]
        assert len({cell.outputs[0].text for cell in ignored}) == 2, "it did not run"
        after = read(copy)
        after.cells[7] = before.cells[7]
        assert after == before
        assert f"{copy.name}: written, 9 cells in" in capsys.readouterr().out

    def test_a_cell_that_raises_leaves_the_file_alone(
        self, copy: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        notebook = read(copy)
        notebook.cells[8].source = "assert 1 + 1 == 3"
        broken = text(notebook)
        copy.write_text(broken, encoding="utf-8")
        assert main(["--folder", str(copy.parent)]) == 1
        assert copy.read_text(encoding="utf-8") == broken
        said = capsys.readouterr().err
        assert "90_specimen.ipynb: not written" in said
        assert "assert 1 + 1 == 3" in said
        assert "AssertionError" in said

    def test_an_edited_script_keeps_the_ids_of_its_cells(self, copy: Path) -> None:
        before = {cell.source: cell.id for cell in read(copy).cells}
        edited = specimen.SCRIPT.replace("6 * 7", "6 * 9") + "\n# %%\nprint('new')\n"
        after = {cell.source: cell.id for cell in read(specimen.make(copy.parent, edited)).cells}
        assert {source: after[source] for source in before if source in after} == {
            source: cell_id for source, cell_id in before.items() if source != "6 * 7"
        }
        assert len(set(after.values())) == len(before) + 1

    def test_ids_do_not_depend_on_the_run(self, made: Path, tmp_path: Path) -> None:
        again = read(specimen.make(tmp_path))
        assert [cell.id for cell in again.cells] == [cell.id for cell in read(made).cells]

    def test_check_writes_nothing(self, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--check", "--folder", str(copy.parent)]) == 0
        assert "1 lessons, all in form" in capsys.readouterr().out
        stripped = copy.read_text(encoding="utf-8").replace('"execution_count": 1', '"execution_count": null')
        copy.write_text(stripped, encoding="utf-8")
        assert main(["--check", "--folder", str(copy.parent)]) == 1
        assert "90_specimen.ipynb: not in the form" in capsys.readouterr().out
        assert copy.read_text(encoding="utf-8") == stripped

    def test_a_lesson_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match=r"no lesson 42_answer\.ipynb"):
            main(["--folder", str(tmp_path), "42_answer"])
