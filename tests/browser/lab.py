"""JupyterLab as a student starts it, on a copy of the lessons and with directories of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.jupyter_home import jupyter_home, lab_setting

JUPYTERLAB = (sys.executable, "-m", "jupyterlab")
FLAGS = (
    "--no-browser",
    "--ip=127.0.0.1",
    "--IdentityProvider.token=",
    "--LabApp.expose_app_in_browser=True",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
)
# What a person set, plugin by plugin.
Settings = dict[str, dict[str, object]]
# Otherwise JupyterLab draws only the cells near the window, and the height changes on the way down.
WHOLE: Settings = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none", "scrollPastEnd": False}
}
SECONDS_TO_START = 40
SECONDS_TO_STOP = 10


@contextmanager
def jupyterlab(
    notebooks: Path,
    command: Sequence[str] | None = None,
    settings: Settings | None = None,
) -> Iterator[str]:
    """Run JupyterLab in the folder `notebooks`, which it may change; yield its URL, stop it at the end.

    `command` starts it another way; `settings` maps plugins of JupyterLab to what a person set there.
    """
    start = command or (*JUPYTERLAB, f"--ServerApp.root_dir={notebooks}", *_root())
    # A kernel may write its last line into the directory while that is removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        environment = jupyter_home(home)
        lab_setting(environment, "@jupyterlab/apputils-extension:notification", fetchNews="false")
        for plugin, values in (settings or {}).items():
            lab_setting(environment, plugin, **values)
        log = home / "log"
        with log.open("wb") as written:
            process = subprocess.Popen(
                [*start, *FLAGS, f"--port={_free_port()}"],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                env=os.environ | environment,
            )
        try:
            yield _url(process, Path(environment["JUPYTER_RUNTIME_DIR"]), log)
        finally:
            _stop(process)


def copied(notebooks: Path, folder: Path) -> Path:
    """Copy the lessons: JupyterLab saves what it shows."""
    return Path(shutil.copytree(notebooks, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints")))


def _root() -> tuple[str, ...]:
    return ("--allow-root",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _url(process: "subprocess.Popen[bytes]", runtime: Path, log: Path) -> str:
    """Wait until the server has written where it listens: another port when the one asked for was taken."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        for found in runtime.glob("jpserver-*.json"):
            try:
                return str(json.loads(found.read_text())["url"])
            except ValueError:
                continue  # half written
        time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
