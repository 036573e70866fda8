"""Is everything here that the course needs? Each check says what it found, and how to mend what fails."""

from __future__ import annotations

import asyncio
import html
import importlib
import re
import shutil
import socket
import sys
import tempfile
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from wslearn.errors import UsageError, WebSocketError
from wslearn.masking import accelerators

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Check", "Checks", "examine"]

_PYTHON = (3, 11)
_NEEDED = {"click": "8.1.7", "tornado": "6.4.2"}
_LAB = {
    "jupyterlab": "4.3",
    "ipykernel": "6.29",
    "ipywidgets": "8.1.5",
    "anywidget": "0.9.18",
    "numpy": "1.26",
    "hypothesis": "6.130",
    "platformdirs": "4.3",
    "psutil": "6.0",
    "pycrdt": "0.12",
    "pyyaml": "6.0",
    "trustme": "1.2",
}
_MODULES = {"pyyaml": "yaml"}  # where a package is imported under another name
_INSTALL = 'python -m pip install --upgrade "wslearn[lab]"'
_KERNEL = "python3"  # what the lessons name in their metadata
# The lessons open up to a thousand connections, and both ends of each are in one process.
_DESCRIPTORS = 2560


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name
        What it is; the same on every machine.
    ok
        Whether the course can run with it.
    found
        What there is on this machine.
    mend
        What to do when it is not ok, else empty.

    Examples
    --------
    >>> print(Check("tornado", False, "missing", "python -m pip install tornado"))
    mend  tornado               missing
          python -m pip install tornado
    """

    name: str
    ok: bool
    found: str
    mend: str = ""

    def __str__(self) -> str:
        line = f"{'ok' if self.ok else 'mend':4}  {self.name:20}  {self.found}"
        return line if self.ok else f"{line}\n      {self.mend}"


class Checks(list[Check]):
    """What `examine` found.

    As text it has everything. As HTML and as `repr` it has only what is the same on every machine where
    all is well, so that a notebook with it in its output stays as it is.

    Examples
    --------
    >>> Checks([Check("Python", True, "3.11.7")])
    [ok: Python]
    """

    @property
    def ok(self) -> bool:
        """Whether nothing needs mending."""
        return all(check.ok for check in self)

    def __repr__(self) -> str:
        verdicts = (f"{'ok' if check.ok else 'mend'}: {check.name}" for check in self)
        return f"[{', '.join(verdicts)}]"

    def __str__(self) -> str:
        wrong = sum(not check.ok for check in self)
        summary = f"To mend: {wrong} of {len(self)}." if wrong else "All is well."
        return "\n".join([*map(str, self), summary])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:left">{html.escape(check.name)}</td>'
            f'<td style="text-align:left">{"✓ ok" if check.ok else f"✗ {html.escape(check.mend)}"}</td></tr>'
            for check in self
        )
        return f"<table><thead><tr><th>check</th><th>verdict</th></tr></thead><tbody>{rows}</tbody></table>"


def examine(folder: Path | None = None) -> Checks:
    """Look at everything that the course needs.

    It takes a second or two, listens on 127.0.0.1 for a moment, and leaves nothing behind.

    Parameters
    ----------
    folder
        Where the student's copy of the lessons is, if not in its usual place.

    Examples
    --------
    >>> [check.name for check in examine()][:3]
    ['Python', 'click', 'tornado']
    """
    checks = Checks([_python()])
    checks += [_package(name, least) for name, least in {**_NEEDED, **_LAB}.items()]
    checks += [_masking(), _port(), _echo(), _kernel(), _descriptors(), *_lessons(folder), _browser()]
    return checks


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, _PYTHON))
    mend = f"Install Python {wanted} or newer: python.org/downloads"
    return _check("Python", sys.version_info >= _PYTHON, found, mend)


def _check(name: str, ok: bool, found: str, mend: str) -> Check:
    return Check(name, ok, found, "" if ok else mend)


def _package(name: str, least: str) -> Check:
    try:
        importlib.import_module(_MODULES.get(name, name))
        version = metadata.version(name)
    except ImportError as error:  # PackageNotFoundError is one
        return Check(name, False, f"cannot be imported: {error}", _INSTALL)
    return _check(name, _numbers(version) >= _numbers(least), f"{version} (at least {least})", _INSTALL)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def _masking() -> Check:
    found = " and ".join(accelerators())
    return Check("masking", True, found or "the standard library alone: as right, and slower")


def _port() -> Check:
    mend = "Something keeps programs from listening on 127.0.0.1: look at firewall and sandbox settings."
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return Check("free port", True, f"such as {server.getsockname()[1]}")
    except OSError as error:
        return Check("free port", False, str(error), mend)


def _echo() -> Check:
    name = "echo over loopback"
    try:
        # A notebook's own thread has a running loop already, so this one needs a thread of its own.
        with ThreadPoolExecutor(1) as pool:
            latency = pool.submit(lambda: asyncio.run(_say_hello())).result()
    except (WebSocketError, OSError, RuntimeError, ImportError) as error:
        mend = "Mend what is wrong above first; else a firewall keeps programs from reaching 127.0.0.1."
        return Check(name, False, f"{type(error).__name__}: {error}", mend)
    return Check(name, True, f"“Hello” there and back in {latency * 1000:.1f} ms")


async def _say_hello() -> float:
    from wslearn.net import connect, serve

    loop = asyncio.get_running_loop()
    with serve() as server:
        async with asyncio.timeout(10), connect(server.url) as ws:
            start = loop.time()
            await ws.send("Hello")
            if (answer := await ws.recv()) != "Hello":
                raise UsageError(f"The echo of 'Hello' is {answer!r}.")
            return loop.time() - start


def _kernel() -> Check:
    mend = f"python -m ipykernel install --sys-prefix --name {_KERNEL}"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError as error:
        return Check("Jupyter kernel", False, str(error), _INSTALL)
    try:
        spec = KernelSpecManager().get_kernel_spec(_KERNEL)
    except NoSuchKernel:
        return Check("Jupyter kernel", False, f"none is called {_KERNEL}", mend)
    program = spec.argv[0]
    if program in {"python", "python3"}:
        program = sys.executable  # as Jupyter reads it
    return _check("Jupyter kernel", shutil.which(program) is not None, f"{_KERNEL}: {program}", mend)


def _descriptors() -> Check:
    name = "open files"
    try:
        import resource
    except ImportError:
        return Check(name, True, "this system sets no limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    now, most = ("no limit" if limit == unlimited else str(limit) for limit in (soft, hard))
    # A process may raise its own soft limit up to the hard one.
    ok = hard == unlimited or hard >= _DESCRIPTORS
    mend = f"Ask for at least {_DESCRIPTORS}, in limits.conf or from whoever runs this machine."
    return _check(name, ok, f"{now} now, {most} at most", mend)


def _lessons(folder: Path | None) -> Iterator[Check]:
    from wslearn.lessons import find_lessons, home

    place = folder or Path.cwd()
    try:
        source = find_lessons()
    except UsageError as error:
        yield Check("lessons", False, str(error), _INSTALL)
    else:
        place = home(source, folder)
        yield Check("lessons", True, str(source.folder))
    there = next(path for path in (place, *place.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            yield Check("folder for your work", True, str(place))
    except OSError as error:
        mend = "Choose a folder that you may write to: wslearn lab --folder FOLDER"
        yield Check("folder for your work", False, f"{there}: {error.strerror or error}", mend)


def _browser() -> Check:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return Check("browser", True, "none found here: open the URL that wslearn lab prints")
    return Check("browser", True, "found")
