"""The Autobahn testsuite's 517 cases against a server, through ``kosoku``, which carries and drives them.

kosoku runs as a program of its own: it brings a stand-in for the ``autobahn`` package, which must not
get in the way of the real one.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sysconfig
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wslearn.course.conformance.kinds import frames_of
from wslearn.course.conformance.score import Result
from wslearn.course.conformance.talk import Patience, aim, nobody_listens
from wslearn.errors import UsageError
from wslearn.spans import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wslearn.course.conformance.kinds import Verdict

__all__ = ["command", "find_kosoku", "fuzz", "read_reports"]

_NAMES = {
    1: "echo",
    2: "ping and pong",
    3: "reserved bits",
    4: "opcodes",
    5: "fragments",
    6: "UTF-8",
    7: "closing",
    9: "limits and speed",
    10: "fragments of the client's choice",
    12: "compression",
    13: "parameters of compression",
}
_PARALLEL = 4  # cases at a time
_WORDS = 120  # characters of a description
_LONGEST = 3600  # seconds for a run
_KEY = bytes.fromhex("37 fa 21 3d")
_TAG = re.compile(r"<[^>]*>")
_CLOSED_BADLY = {"FAILED", "UNCLEAN"}  # on the close; the others leave it with "non-strict"


def fuzz(url: str, only: str | int | Iterable[str | int] | None = None) -> list[Result]:
    """Run the suite against a server.

    Parameters
    ----------
    url
        Of the server.
    only
        Autobahn's numbers, such as ``"7.*"``; ``None`` for all 517 cases, which take about ten minutes.

    Returns
    -------
    list of Result
        In the suite's order.

    Raises
    ------
    UsageError
        When kosoku is not installed or knows no such case, and when nobody listens.
    """
    target = aim(url)
    words = ["*"] if only is None else [only] if isinstance(only, str | int) else list(only)
    if find_kosoku() is None:
        raise UsageError("The Autobahn testsuite needs kosoku; install it with: pip install kosoku")
    try:
        socket.create_connection((target.host, target.port), Patience().answer).close()
    except OSError:
        raise nobody_listens(url) from None
    with tempfile.TemporaryDirectory(prefix="wslearn-") as name:
        folder = Path(name)
        try:
            done = subprocess.run(  # noqa: S603 - the program of this environment, and no shell
                command("fuzzingclient", url, [str(word) for word in words], folder, parallel=_PARALLEL),
                timeout=_LONGEST,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UsageError(
                f"The suite took more than {_LONGEST} s; ask for a part of it by `only`."
            ) from None
        if not (folder / "index.json").exists():
            said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise UsageError(f"kosoku has run none of {', '.join(map(str, words))}: {said}")
        return [_result(number, *each) for number, each in enumerate(read_reports(folder), 1)]


def find_kosoku() -> str | None:
    """Find the program: in this environment, or on the path."""
    return shutil.which("kosoku", path=sysconfig.get_path("scripts")) or shutil.which("kosoku")


def command(mode: str, address: str, cases: Sequence[str], folder: Path, *, parallel: int) -> list[str]:
    """Write the command line that runs some cases and leaves the reports in `folder`."""
    included = [word for case in cases for word in ("-i", case)]
    program = find_kosoku() or "kosoku"
    return [program, "-m", mode, *included, "-p", str(parallel), "-o", str(folder), address]


def read_reports(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Read what kosoku, or the original wstest, left in `folder`: each case's number and report, in order."""
    index: dict[str, dict[str, dict[str, Any]]] = json.loads((folder / "index.json").read_text())
    reports = [
        (case, json.loads((folder / entry["reportfile"]).read_text()))
        for cases in index.values()
        for case, entry in cases.items()
    ]
    return sorted(reports, key=lambda report: [int(part) for part in report[0].split(".")])


def _result(number: int, case: str, report: dict[str, Any]) -> Result:
    verdict = _verdict(report["behavior"], report["behaviorClose"])
    seen = [f"{report['behavior']}, close {report['behaviorClose']}"]
    if verdict in {"fail", "non-strict"}:
        seen += dict.fromkeys([report["result"].rstrip("."), report["resultClose"].rstrip(".")])
    if report["remoteCloseCode"] is not None:
        seen.append(f"it was {report['remoteCloseCode']}")
    octets = {way: _octets(report["wirelog"], way) for way in ("TO", "RO")}
    return Result(
        number,
        _NAMES[int(case.partition(".")[0])],
        _plain(report["description"]),
        "",
        case,
        _plain(report["expectation"]),
        "; ".join(seen),
        verdict,
        sent=b"".join(_with_one_key(octets["TO"])),
        received=octets["RO"],
    )


def _verdict(behavior: str, close: str) -> Verdict:
    """Make one verdict of Autobahn's two, the worse of them; compression is optional."""
    if behavior in {"INFORMATIONAL", "UNIMPLEMENTED"}:
        return "informational"
    if behavior not in {"OK", "NON-STRICT"} or close in _CLOSED_BADLY:
        return "fail"
    return "pass" if behavior == close == "OK" else "non-strict"


def _plain(html: str) -> str:
    return visible(" ".join(_TAG.sub(" ", html).split()), _WORDS)


def _octets(log: Iterable[list[Any]], way: str) -> bytes:
    """Put together what was sent (``TO``) or received (``RO``), up to where the log leaves some out."""
    data = b""
    for entry in log:
        if entry[0] == way:
            size, text = entry[1]
            piece = bytes.fromhex(text.removesuffix(" ..."))
            data += piece
            if len(piece) < size:
                break
    return data


def _with_one_key(data: bytes) -> Iterator[bytes]:
    """Write frames again under one masking key: the suite takes random ones, new in each run."""
    for frame in frames_of(data):
        yield replace(frame, masking_key=_KEY).serialize()
