"""The figures of a machine: they are what the system says, and rates are over a second."""

from __future__ import annotations

import time

import psutil
import pytest

from wslearn.labs.apps.machine import Machine, _busy, _percent


def test_what_the_system_says() -> None:
    whole, own = Machine().measure(0)
    assert len(whole["cores"]) == psutil.cpu_count()
    assert whole["memory"]["total"] == psutil.virtual_memory().total
    assert 0 < whole["memory"]["used"] < whole["memory"]["total"]
    assert whole["load"] == pytest.approx(psutil.getloadavg(), abs=0.2)
    assert own["memory"] == pytest.approx(psutil.Process().memory_info().rss, rel=0.1)


def test_the_work_of_this_process() -> None:
    machine, began, spent = Machine(), time.perf_counter(), time.process_time()
    while time.process_time() - spent < 0.3:
        pass
    whole, own = machine.measure(0)
    passed = time.perf_counter() - began
    # The system counts in hundredths of a second.
    assert own["cpu"] * passed / 100 == pytest.approx(0.3, abs=0.04)
    assert sum(whole["cores"]) * passed / 100 > 0.2


def test_rates_are_those_of_the_last_ten_measurements() -> None:
    machine = Machine(messages=1000)
    began = time.perf_counter()
    time.sleep(0.05)
    _, own = machine.measure(1010)
    assert own["messages"] == pytest.approx(10 / (time.perf_counter() - began), rel=0.1)
    for _ in range(10):
        _, own = machine.measure(1010)
    assert own["messages"] == 0


def test_what_counts_as_busy() -> None:
    core = {"user": 5.0, "system": 2.0, "idle": 3.0, "iowait": 1.0, "guest": 4.0, "guest_nice": 1.0}
    assert _busy(core) == (7.0, 11.0)
    assert _busy({"user": 5.0, "system": 2.0, "idle": 3.0}) == (7.0, 10.0)


def test_counters_that_went_back() -> None:
    assert _percent((5.0, 10.0), (4.0, 11.0)) == 0.0
    assert _percent((5.0, 10.0), (7.0, 11.0)) == 100.0
