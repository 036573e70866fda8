"""`mock` begins an interview, or goes on with the one that was left."""

import pytest

from tests.interview.rehearsing import Clock
from wslearn.errors import UsageError
from wslearn.interview import mock, reports
from wslearn.interview.rehearsal import Rehearsal
from wslearn.widgets.mock_view import MockView


def begun(view: MockView) -> Rehearsal:
    view.step("begin")
    assert view.held
    return view.held


class TestMock:
    def test_it_begins_when_it_is_told_to(self) -> None:
        view = mock(30, ["short"], ["masking", "tls"])
        assert repr(view) == "<mock interview: 30 minutes, not begun>"
        assert view.choice == {"minutes": 30, "kinds": ["short"], "topics": ["masking", "tls"]}
        assert view.held is None
        assert {item.topic for item in begun(view).items} == {"masking", "tls"}
        assert repr(view) == "<mock interview: 30 minutes, asking>"

    def test_the_same_seed_asks_the_same(self) -> None:
        asked = []
        for _ in range(2):
            view = mock(15, seed=5)
            asked.append([item.id for item in begun(view).items])
            view.step("end")
        assert asked[0] == asked[1]

    def test_without_a_seed_it_asks_what_was_asked_least(self) -> None:
        names: list[str] = []
        for _ in range(3):
            view = mock(15, ["short"])
            names += [item.id for item in begun(view).items]
            view.step("end")
        assert len(set(names)) == len(names)

    def test_the_same_call_goes_on(self) -> None:
        clock = Clock()
        view = mock(15, clock=clock)
        first = begun(view)
        view.typed = [0, 0, "said"]
        clock.time += 40
        view.look()
        again = mock(15, clock=clock)
        assert again.held
        assert again.held.id == first.id
        assert (again.kept, again.clock["elapsed"], again.clock["running"]) == ("said", 40, False)
        assert mock(30, clock=clock).held is None
        again.step("end")
        assert mock(15).phase == "scoring"
        again.step("finish")
        assert mock(15).held is None

    def test_all_reports_are_there(self) -> None:
        held = []
        for text in ("one", "two"):
            view = mock(15)
            begun(view)
            view.typed = [0, 0, text]
            view.step("end")
            view.step("finish")
            held.append(view.report)
        assert [told.marks[0].answers[0] for told in reports()] == ["one", "two"]
        assert reports() == tuple(held)

    def test_bad_wishes(self) -> None:
        with pytest.raises(UsageError, match="15, 30 or 45"):
            mock(20)
        with pytest.raises(UsageError, match="no topic 'mask'"):
            mock(15, topics=["mask"])
