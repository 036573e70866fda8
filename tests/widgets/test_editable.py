"""Edits come one at a time, and a bad one says so."""

import threading

import pytest
from traitlets import Int

from wslearn.errors import UsageError
from wslearn.widgets.editable import Editable


class Halves(Editable):
    """An even number and its half."""

    number = Int().tag(sync=True)
    half = Int().tag(sync=True)
    edits = 0

    def _edit_number(self, number: int) -> None:
        if number % 2:
            raise UsageError("An odd number has no half: take an even one.")
        self.edits += 1
        self.half = number // 2

    def _edit_half(self, half: int) -> None:
        self.edits += 1
        self.number = 2 * half


def test_an_edit_sets_off_no_other() -> None:
    view = Halves(["number", "half"])
    view.number = 8
    assert (view.half, view.edits) == (4, 1)
    view.half = 5
    assert (view.number, view.edits) == (10, 2)


def test_a_bad_edit_and_a_good_one() -> None:
    view = Halves(["number", "half"])
    view.number = 7
    assert (view.number, view.half, view.problem) == (7, 0, "An odd number has no half: take an even one.")
    view.number = 6
    assert (view.half, view.problem) == (3, "")


def test_a_mistake_of_the_widget_is_not_hidden() -> None:
    view = Halves(["edits", "number"])
    view._edit_number = None  # type: ignore[method-assign, assignment]
    with pytest.raises(TypeError):
        view.number = 2
    assert view._editing is False


def test_edits_from_two_threads_both_count() -> None:
    view = Halves(["number", "half"])
    begun, go_on = threading.Event(), threading.Event()
    plain = view._edit_number

    def slow(number: int) -> None:
        begun.set()
        go_on.wait(5)
        plain(number)

    view._edit_number = slow  # type: ignore[method-assign]
    first = threading.Thread(target=lambda: setattr(view, "number", 4))
    second = threading.Thread(target=lambda: setattr(view, "half", 9))
    first.start()
    begun.wait(5)
    second.start()
    go_on.set()
    first.join(5)
    second.join(5)
    assert view.edits == 2
