"""A prediction is kept when it is compared, and only then."""

from pathlib import Path

import pytest

from wslearn.course.contents import Lesson
from wslearn.course.course_map import course_map
from wslearn.course.predict import predict
from wslearn.course.progress import progress


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WSLEARN_DATA", str(tmp_path))
    return tmp_path


def test_without_a_prediction_nothing_is_kept(folder: Path) -> None:
    view = predict("How many bytes?", unit="bytes")
    assert repr(view.compare(11)) == "You made no prediction. It is 11 bytes."
    view.guesses = ["5"]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("more", [(), (None,), ([],)])
def test_what_is_kept(more: tuple[list[str] | None, ...]) -> None:
    view = predict("How many bytes?", *more, unit="bytes")
    view.guesses = ["5"]
    view.compare(11)
    (kept,) = progress().predictions
    assert (kept["question"], kept["guess"], kept["actual"]) == ("How many bytes?", "5 bytes", "11 bytes")
    assert kept["is_right"] is False


def test_of_a_table() -> None:
    view = predict("How long?", rows=(0, 126), row="payload")
    view.guesses = ["2", ""]
    view.compare({0: 2, 126: 4})
    view.guesses = ["2", "4"]
    view.compare({0: 2, 126: 4})
    assert [(row["guess"], row["actual"], row["is_right"]) for row in progress().predictions] == [
        ("0: 2; 126: –", "0: 2; 126: 4", False),
        ("0: 2; 126: 4", "0: 2; 126: 4", True),
    ]


def test_it_is_counted_by_its_question() -> None:
    view = predict("Which `byte`?", ("81", "82"))
    view.guesses = ["81"]
    view.compare("82")
    lesson = Lesson("03_frames", "03 · Frames", True, ("Which `byte`?", "And then?"))
    assert course_map(progress(), [lesson], (), ()).stops[0].predictions == (1, 2)
