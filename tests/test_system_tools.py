"""What is installed for the tests: by whom, and that no service of it ever runs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("system_tools.sh")
USED = ("sh", "cat", "chmod", "dirname", "env", "rm", "sleep", "tee", "touch")

#: Notes how it was called and whether services are forbidden then, and "installs" its last argument.
APT_GET = """#!/bin/sh
forbidden=no; if [ -x "$SBIN/policy-rc.d" ]; then "$SBIN/policy-rc.d" || forbidden=$?; fi
for last; do :; done
case " $* " in *" install "*)
    echo "install $last $forbidden" >> "$NOTES"
    [ -z "${SLOW:-}" ] || sleep 30
    [ -z "${FAIL:-}" ] || exit 100
    printf '#!/bin/sh\\n' > "$SBIN/$last"; chmod 755 "$SBIN/$last" ;;
*) echo "$last" >> "$NOTES" ;;
esac
"""
SYSTEMCTL = '#!/bin/sh\necho "systemctl $*" >> "$NOTES"\n'
ID = "#!/bin/sh\necho {}\n"


class Machine:
    """A machine with nothing on it, and an apt-get that only says what it would do."""

    def __init__(self, folder: Path, *, root: bool = True, apt: bool = True, systemd: bool = True) -> None:
        self.sbin, self.notes = folder / "sbin", folder / "notes"
        bin_ = folder / "bin"
        for each in (bin_, self.sbin):
            each.mkdir()
        for name in USED:
            (bin_ / name).symlink_to(shutil.which(name) or "")
        programs = {"id": ID.format(0 if root else 1000)}
        programs |= {"apt-get": APT_GET} if apt else {}
        programs |= {"systemctl": SYSTEMCTL} if systemd else {}
        for name, text in programs.items():
            (bin_ / name).write_text(text)
            (bin_ / name).chmod(0o755)
        self.env = {"PATH": str(bin_), "SBIN": str(self.sbin), "NOTES": str(self.notes)}

    @property
    def noted(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def run(self, *tools: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", str(SCRIPT), *tools],
            check=False,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=30,
        )


def test_services_are_neither_started_nor_enabled(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    run = machine.run("nginx", "haproxy")
    assert run.returncode == 0, run.stderr
    assert machine.noted == [
        "update",
        "install nginx 101",
        "systemctl disable --now nginx",
        "install haproxy 101",
        "systemctl disable --now haproxy",
    ]
    assert not (machine.sbin / "policy-rc.d").exists()


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    """And found where only the administrator's PATH leads."""
    machine = Machine(tmp_path)
    (machine.sbin / "nginx").write_text("#!/bin/sh\n")
    (machine.sbin / "nginx").chmod(0o755)
    run = machine.run("nginx")
    assert run.returncode == 0, run.stderr
    assert machine.noted == []


def test_a_policy_that_is_there_stays(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    policy = machine.sbin / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    policy.chmod(0o755)
    assert machine.run("nginx").returncode == 0
    assert machine.noted == ["update", "install nginx no", "systemctl disable --now nginx"]
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_an_installation_that_fails(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    run = machine.run("nginx", FAIL="yes")
    assert run.returncode == 1
    assert "make test WITHOUT=nginx" in run.stderr
    assert machine.noted == ["update", "install nginx 101"]
    assert not (machine.sbin / "policy-rc.d").exists()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption(tmp_path: Path, end: signal.Signals) -> None:
    machine = Machine(tmp_path)
    # A shell cannot trap what was ignored when it began, as an interruption is in the background.
    command = ["/usr/bin/env", "--default-signal", "/bin/sh", str(SCRIPT), "nginx"]
    run = subprocess.Popen(command, env=machine.env | {"SLOW": "yes"}, start_new_session=True)
    until = time.monotonic() + 20
    while "install nginx 101" not in machine.noted and time.monotonic() < until:
        time.sleep(0.02)
    assert (machine.sbin / "policy-rc.d").exists()
    os.killpg(run.pid, end)
    assert run.wait(20) == 128 + end
    assert not (machine.sbin / "policy-rc.d").exists()


@pytest.mark.parametrize("lacks", [{"root": False}, {"apt": False}])
def test_where_nothing_may_be_installed(tmp_path: Path, lacks: dict[str, bool]) -> None:
    machine = Machine(tmp_path, **lacks)
    run = machine.run("haproxy")
    assert run.returncode == 1
    assert "apt-get install haproxy" in run.stderr
    assert "make test WITHOUT=haproxy" in run.stderr
    assert machine.noted == []


def test_without_systemd(tmp_path: Path) -> None:
    machine = Machine(tmp_path, systemd=False)
    assert machine.run("nginx").returncode == 0
    assert machine.noted == ["update", "install nginx 101"]


def test_others_are_installed_as_before(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.run("tshark").returncode == 0
    assert machine.noted == ["update", "install tshark no"]


def test_a_program_that_nobody_knows(tmp_path: Path) -> None:
    run = Machine(tmp_path).run("teapot")
    assert run.returncode == 2
    assert "teapot: not one of chromium, haproxy, nginx, node, tshark" in run.stderr
