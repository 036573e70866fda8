"""What every test shares: the programs of the system that some need, and how to leave one out by name."""

import gc
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from tests.jupyter_home import jupyter_home

TOOLS = ("chromium", "haproxy", "nginx", "node", "tshark")
# Debian keeps servers where only the administrator's PATH leads.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])

# A deadline measures how busy the machine is, not the code. In CI, hypothesis makes its choices repeatable.
settings.register_profile("wslearn", settings.default, deadline=None)
settings.load_profile("wslearn")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--without", action="append", choices=TOOLS, default=[], help="skip the tests that need this program"
    )


def pytest_configure(config: pytest.Config) -> None:
    # nbval starts the kernels of notebooks/ in this very process's environment; and no test, and no
    # example in a docstring, records anything among the progress of the person at the keyboard.
    home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    config.add_cleanup(home.cleanup)
    os.environ.update(jupyter_home(Path(home.name)))
    # A shell that starts this in the background has Ctrl-C ignored, here and in all programs of the tests.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    # Ten thousand tests are a large heap, and they stay: no collection of garbage need look at them again.
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        (tool,) = marker.args
        assert tool in TOOLS, f"needs({tool!r}): not one of {TOOLS}"
        if tool in item.config.getoption("without"):
            pytest.skip(f"left out by name: --without={tool}")
        # Playwright may have a Chromium of its own, which is not on the path.
        if tool != "chromium" and shutil.which(tool, path=PLACES) is None:
            pytest.fail(f"{tool} is missing: run tests/system_tools.sh {tool}, or pass --without={tool}")
