"""RaceView in Python: what is on the lanes is what arrived."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest

from tests.markup import picture
from tests.notebooks.faults import PASSING
from wslearn import UsageError
from wslearn.labs.realtime import PushServer
from wslearn.labs.realtime.clients import CLIENTS
from wslearn.widgets import RaceView


@pytest.fixture(scope="module")
def server() -> Iterator[PushServer]:
    with PushServer() as server:
        yield server


def test_before_the_first_race(server: PushServer) -> None:
    view = RaceView(server)
    assert repr(view) == "<RaceView: not started>"
    assert [lane["name"] for lane in view.lanes] == list(CLIENTS)
    assert "Press race" in picture(view.still()).text
    assert not any(pattern.search(view.still()) for pattern in PASSING.values())


def test_a_race(server: PushServer) -> None:
    view = RaceView(server, rate=20, interval=0.2, clients=3, duration=0.4)
    result = view.run()
    assert result.same
    assert view.verdict["verdict"] == "the same"
    assert not view.running
    for lane in view.lanes:
        numbers, happened, arrived = zip(*lane["dots"], strict=True)
        assert numbers == tuple(range(1, 9))
        assert all(0 < left < right <= view.span for left, right in zip(happened, arrived, strict=True))
        assert lane["told"].startswith("24 delivered · ")
    assert view.still().count('class="wsl-arrived"') == 32
    assert view.still().count("24 delivered") == 4
    view.rate, view.clients = 5, 1  # for the next one
    assert "20 events a second, a poll every 0.2 s, 3 clients each" in view.still()


def test_events_of_one_answer_are_counted(server: PushServer) -> None:
    view = RaceView(server, rate=20, interval=2, duration=0.3)
    view.run()
    polling = view.still().partition("<b>polling</b>")[2].partition("long polling")[0]
    assert re.search(r">[3-6]</i>", polling)


def test_it_is_live(server: PushServer) -> None:
    view = RaceView(server, rate=20, interval=0.3, duration=0.6)
    seen: list[int] = []
    view.observe(lambda change: seen.append(len(change["new"][3]["dots"])), "lanes")
    view.run()
    assert seen == sorted(seen)
    assert any(0 < count < 12 for count in seen)
    assert seen[-1] == 12


def test_the_page_starts_one(server: PushServer) -> None:
    view = RaceView(server, rate=10, interval=0.1, duration=0.2)
    done = threading.Event()
    view.observe(lambda change: None if change["new"] else done.set(), "running")
    view.set_state({"wanted": 1, "clients": 2})
    assert done.wait(10)
    assert view.clients == 2
    assert view.verdict["verdict"] == "the same"
    view.close()
    assert "wslearn race" not in {thread.name for thread in threading.enumerate()}


def test_one_at_a_time(server: PushServer) -> None:
    view = RaceView(server, rate=10, interval=0.1, duration=0.3)
    begun = threading.Event()
    view.observe(lambda change: begun.set() if change["new"] else None, "running")
    view.wanted = 1
    assert begun.wait(10)
    with pytest.raises(UsageError, match="A race is on"):
        view.run()
    view.close()


def test_what_the_page_sets_stays_in_range(server: PushServer) -> None:
    view = RaceView(server)
    view.set_state({"rate": 1e9, "interval": -1.0, "clients": 0})
    assert (view.rate, view.interval, view.clients) == (20, 0.1, 1)


def test_a_server_that_is_stopped() -> None:
    stopped = PushServer()
    stopped.stop()
    view = RaceView(stopped)
    with pytest.raises(UsageError, match="stopped"):
        view.run()
    assert "stopped" in view.problem
    assert view.verdict["verdict"] == "not started"
    view.wanted = 1
    view.close()
    assert not view.running


def test_bad_arguments(server: PushServer) -> None:
    with pytest.raises(UsageError, match="is a PushServer"):
        RaceView("ws://127.0.0.1")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="rate is from 1 to 20"):
        RaceView(server, rate=100)
    with pytest.raises(UsageError, match="duration"):
        RaceView(server, duration=0)
