"""Programs of a lab start, are waited for, and end: whatever happens to whoever started them."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from wslearn import UsageError
from wslearn.labs import keeper
from wslearn.labs.programs import Programs, executable, free_port, wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    """import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)""",
]


def soon(question: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not question() and time.monotonic() < until:
        time.sleep(0.02)
    return question()


@pytest.fixture
def programs() -> Iterator[Programs]:
    with Programs() as programs:
        yield programs


class TestProgram:
    def test_runs_and_stops(self, programs: Programs) -> None:
        sleeper = programs.start("sleeper", SLEEP)
        assert sleeper.running
        assert psutil.pid_exists(sleeper.pid)
        sleeper.stop()
        assert not sleeper.running
        assert sleeper.code == -signal.SIGTERM
        assert not psutil.pid_exists(sleeper.pid)
        sleeper.stop()

    def test_is_killed_when_it_does_not_listen(self, programs: Programs) -> None:
        stubborn = programs.start("stubborn", STUBBORN)
        assert soon(lambda: "deaf" in stubborn.log)
        stubborn.stop(0.1)
        assert stubborn.code == -signal.SIGKILL

    def test_kill_asks_nobody(self, programs: Programs) -> None:
        sleeper = programs.start("sleeper", SLEEP)
        sleeper.kill()
        assert sleeper.code == -signal.SIGKILL

    def test_ends_by_itself(self, programs: Programs) -> None:
        program = programs.start("short", [sys.executable, "-c", "raise SystemExit('no luck')"])
        assert soon(lambda: not program.running)
        assert program.code == 1
        assert program.log == "no luck"

    def test_its_name_is_its_own_while_it_runs(self, programs: Programs) -> None:
        first = programs.start("sleeper", SLEEP)
        with pytest.raises(UsageError, match="sleeper runs already"):
            programs.start("sleeper", SLEEP)
        first.kill()
        assert programs.start("sleeper", SLEEP).pid != first.pid

    def test_gets_variables_and_the_folder(self, programs: Programs) -> None:
        script = "import os; print(os.environ['COLOUR'], os.getcwd())"
        program = programs.start("told", [sys.executable, "-c", script], {"COLOUR": "blue"})
        assert soon(lambda: not program.running)
        assert program.log == f"blue {programs.folder.resolve()}"

    def test_one_that_is_not_there(self, programs: Programs) -> None:
        with pytest.raises(UsageError, match=r"nobody cannot be started: .*No such file"):
            programs.start("nobody", ["/no/such/program"])


class TestEnd:
    def gone(self, pid: int, folder: Path) -> bool:
        return soon(lambda: not psutil.pid_exists(pid) and not folder.exists())

    def test_stop_ends_all_and_removes_the_folder(self) -> None:
        programs = Programs()
        started = [programs.start(name, argv) for name, argv in (("a", SLEEP), ("b", SLEEP))]
        assert programs.folder.is_dir()
        programs.stop()
        assert all(self.gone(program.pid, programs.folder) for program in started)
        with pytest.raises(UsageError, match="are stopped"):
            programs.start("c", SLEEP)
        programs.stop()

    @pytest.mark.parametrize("how", ["kill", "exit", "interrupt"])
    def test_the_end_of_the_one_who_started_them(self, how: str) -> None:
        script = f"""
import os, signal, sys, time
from wslearn.labs.programs import Programs
programs = Programs()
print(programs.start("sleeper", {SLEEP!r}).pid, programs.folder, flush=True)
input()
if {how!r} == "interrupt":  # as a kernel's, sent to its whole group
    signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
    os.killpg(os.getpgid(0), signal.SIGINT)
    time.sleep(0.3)
    print(programs.running, flush=True)
    input()
"""
        parent = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert parent.stdin is not None
        assert parent.stdout is not None
        pid, folder = parent.stdout.readline().split()
        if how == "kill":
            parent.kill()
        else:
            print("go on", file=parent.stdin, flush=True)
        if how == "interrupt":
            assert [parent.stdout.readline(), parent.stdout.readline()] == ["interrupted\n", "True\n"]
            print("go on", file=parent.stdin, flush=True)
        parent.wait(10)
        parent.stdin.close()
        parent.stdout.close()
        assert self.gone(int(pid), Path(folder))

    def test_the_keeper_asked_to_end(self) -> None:
        programs = Programs()
        sleeper = programs.start("sleeper", SLEEP)
        os.kill(programs._keeper.pid, signal.SIGTERM)
        assert self.gone(sleeper.pid, programs.folder)
        programs.stop()

    def test_the_keeper_asked_again_while_it_ends(self) -> None:
        programs = Programs()
        stubborn = programs.start("stubborn", STUBBORN)
        assert soon(lambda: "deaf" in stubborn.log)
        sleeper = programs.start("sleeper", SLEEP)
        os.kill(programs._keeper.pid, signal.SIGTERM)
        assert soon(lambda: not sleeper.running)  # so it is at its end, and waits for the other
        os.kill(programs._keeper.pid, signal.SIGTERM)
        assert self.gone(stubborn.pid, programs.folder)
        programs.stop()

    @pytest.mark.parametrize("delay", [tries * 0.0002 for tries in range(25)])
    def test_the_keeper_asked_in_the_middle_of_a_start(self, delay: float) -> None:
        mark = f"sleeper-{secrets.token_hex(8)}"
        argv = [sys.executable, "-I", "-S", keeper.__file__]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asked:
            assert asked.stdin is not None
            assert asked.stdout is not None
            folder = Path(json.loads(asked.stdout.readline())["folder"])
            print(json.dumps({"start": "sleeper", "argv": [*SLEEP, mark]}), file=asked.stdin, flush=True)
            time.sleep(delay)
            asked.terminate()
            told = asked.stdout.read().count('"sleeper"')
        assert told in {0, 2}  # not yet started, or started and ended
        assert asked.returncode == 0
        assert not folder.exists()
        there = psutil.process_iter(["cmdline"])
        assert not [each.pid for each in there if mark in (each.info["cmdline"] or ())]

    def test_the_keeper_does_not_go_before_it_has_told_the_end(self) -> None:
        script = """
import time
from wslearn.labs.keeper import Keeper, main
say = Keeper.say
def late(self, **told):
    time.sleep(0.5 if "ended" in told else 0)
    say(self, **told)
Keeper.say = late
main()
"""
        order = json.dumps({"start": "sleeper", "argv": SLEEP}) + "\n"
        argv = [sys.executable, "-c", script]
        told = subprocess.run(
            argv, input=order, capture_output=True, text=True, timeout=30, check=True
        ).stdout
        assert json.loads(told.splitlines()[-1]) == {"ended": "sleeper", "code": -signal.SIGTERM}


class TestWaiting:
    def test_until_it_answers(self, programs: Programs) -> None:
        sleeper = programs.start("sleeper", SLEEP)
        answers = ["yes", "nobody there", "no"]

        def ready() -> bool:
            answer = answers.pop()
            if answer == "nobody there":
                raise ConnectionRefusedError
            return answer == "yes"

        wait_until(ready, sleeper, "it answered")
        assert answers == []

    def test_one_that_ends_first(self, programs: Programs) -> None:
        program = programs.start("short", [sys.executable, "-c", "raise SystemExit('no luck')"])
        with pytest.raises(
            UsageError, match=r"short ended with code 1 before it answered\. It printed:\nno luck"
        ):
            wait_until(lambda: False, program, "it answered")

    def test_one_that_takes_too_long(self, programs: Programs) -> None:
        sleeper = programs.start("sleeper", SLEEP)
        with pytest.raises(UsageError, match=r"sleeper took too long .* It printed:\n\(nothing\)"):
            wait_until(lambda: False, sleeper, "it answered", seconds=0.1)


def test_an_extra_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(executable("caddy")).exists()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match=r'pip install "wslearn\[cluster\]"'):
        executable("no-caddy")


def test_ports() -> None:
    assert len({free_port() for _ in range(20)}) > 1
