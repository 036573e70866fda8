"""The lessons are found, and copied without ever losing what a student wrote."""

import json
from pathlib import Path

import pytest

from wslearn.errors import UsageError
from wslearn.lessons import MANIFEST, START, Source, copy_lessons, find_lessons, home


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The lessons as a wheel brings them: one, and a picture that it shows."""
    folder = tmp_path / "site" / "wslearn" / "_notebooks"
    (folder / "pictures").mkdir(parents=True)
    (folder / START).write_text("first edition")
    (folder / "pictures" / "frame.svg").write_text("<svg/>")
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "work" / "mine"


class TestFind:
    def test_a_wheel_has_them_inside(self, course: Path) -> None:
        assert find_lessons(course.parent) == Source(course, in_place=False)

    def test_a_checkout_has_them_beside(self, tmp_path: Path) -> None:
        beside = tmp_path / "notebooks"
        beside.mkdir()
        (beside / START).touch()
        assert find_lessons(tmp_path / "wslearn") == Source(beside, in_place=True)

    def test_a_stranger_of_the_same_name_beside_a_wheel_is_not_taken(self, course: Path) -> None:
        stranger = course.parent.parent / "notebooks"
        stranger.mkdir()
        (stranger / START).touch()
        assert find_lessons(course.parent).folder == course

    def test_an_installation_without_lessons_is_said_to_be_broken(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"no 00_start_here\.ipynb .* Install wslearn again\."):
            find_lessons(tmp_path)


class TestHome:
    def test_is_the_checkout_itself(self, course: Path) -> None:
        assert home(Source(course, in_place=True)) == course

    def test_is_below_the_current_folder_otherwise(
        self, course: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(course)
        assert home(Source(course, in_place=False)) == course / "wslearn-notebooks"

    @pytest.mark.parametrize("in_place", [True, False])
    def test_is_what_was_asked_for(self, in_place: bool, course: Path, mine: Path) -> None:
        assert home(Source(course, in_place), mine) == mine


class TestCopy:
    def test_the_first_time_everything_is_new(self, course: Path, mine: Path) -> None:
        assert copy_lessons(course, mine) == f"Lessons in {mine}: 2 new."
        assert (mine / START).read_text() == "first edition"
        assert (mine / "pictures" / "frame.svg").read_text() == "<svg/>"

    def test_leaves_nothing_else_behind(self, course: Path, mine: Path) -> None:
        (course / ".ipynb_checkpoints").mkdir()
        (course / ".ipynb_checkpoints" / START).touch()
        copy_lessons(course, mine)
        names = {path.relative_to(mine).as_posix() for path in mine.rglob("*")}
        assert names == {START, "pictures", "pictures/frame.svg", MANIFEST}

    def test_the_second_time_nothing_happens(self, course: Path, mine: Path) -> None:
        copy_lessons(course, mine)
        assert copy_lessons(course, mine) == f"Lessons in {mine}: 2 up to date."

    def test_an_unchanged_file_is_updated(self, course: Path, mine: Path) -> None:
        copy_lessons(course, mine)
        (course / START).write_text("second edition")
        assert copy_lessons(course, mine) == f"Lessons in {mine}: 1 updated, 1 up to date."
        assert (mine / START).read_text() == "second edition"

    def test_a_deleted_file_comes_back(self, course: Path, mine: Path) -> None:
        copy_lessons(course, mine)
        (mine / START).unlink()
        assert copy_lessons(course, mine) == f"Lessons in {mine}: 1 new, 1 up to date."

    def test_a_changed_file_is_kept(self, course: Path, mine: Path) -> None:
        copy_lessons(course, mine)
        (mine / START).write_text("my answers")
        assert copy_lessons(course, mine) == f"Lessons in {mine}: 1 up to date, 1 kept as you changed it."
        assert (mine / START).read_text() == "my answers"
        assert not list(mine.glob("*.new.*"))

    def test_a_newer_version_of_a_changed_file_comes_beside_it_once(self, course: Path, mine: Path) -> None:
        copy_lessons(course, mine)
        (mine / START).write_text("my answers")
        (course / START).write_text("second edition")
        assert copy_lessons(course, mine).endswith(
            "1 kept as you changed it; newer versions beside yours: 00_start_here.new.ipynb."
        )
        assert (mine / START).read_text() == "my answers"
        assert (mine / "00_start_here.new.ipynb").read_text() == "second edition"
        assert copy_lessons(course, mine).endswith("1 kept as you changed it.")

    def test_a_changed_newer_version_is_kept_as_well(self, course: Path, mine: Path) -> None:
        copy_lessons(course, mine)
        (mine / START).write_text("my answers")
        (course / START).write_text("second edition")
        copy_lessons(course, mine)
        (mine / "00_start_here.new.ipynb").write_text("my second answers")
        (course / START).write_text("third edition")
        assert copy_lessons(course, mine).endswith("1 kept as you changed it.")
        assert (mine / START).read_text() == "my answers"
        assert (mine / "00_start_here.new.ipynb").read_text() == "my second answers"

    def test_a_file_that_was_there_before_is_the_students(self, course: Path, mine: Path) -> None:
        mine.mkdir(parents=True)
        (mine / START).write_text("my own notes")
        assert "00_start_here.new.ipynb" in copy_lessons(course, mine)
        assert (mine / START).read_text() == "my own notes"

    @pytest.mark.parametrize("manifest", ["", "[]", "{"])
    def test_without_its_manifest_what_differs_is_the_students(
        self, manifest: str, course: Path, mine: Path
    ) -> None:
        copy_lessons(course, mine)
        (mine / MANIFEST).write_text(manifest)
        (course / START).write_text("second edition")
        assert "1 kept as you changed it" in copy_lessons(course, mine)
        assert (mine / START).read_text() == "first edition"
        assert json.loads((mine / MANIFEST).read_text())["pictures/frame.svg"]

    def test_a_place_that_cannot_be_written_to_is_named(self, course: Path, mine: Path) -> None:
        mine.parent.mkdir()
        mine.write_text("a file where the folder should be")
        with pytest.raises(
            UsageError, match=r"Cannot write the lessons \(File exists: .*mine\)\. .* --folder"
        ):
            copy_lessons(course, mine)

    def test_an_empty_course_is_no_news(self, tmp_path: Path, mine: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert copy_lessons(tmp_path / "empty", mine) == f"Lessons in {mine}: none."
