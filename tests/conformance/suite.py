"""The Autobahn testsuite against wslearn, as a server and as a client.

The cases are Autobahn's own; ``kosoku`` drives them and writes one verdict per case.
``python -m tests.conformance`` runs all 517 of them in both roles.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from wslearn import Deflate
from wslearn.course.conformance.autobahn import command, read_reports
from wslearn.errors import ConnectionClosed
from wslearn.net import Limits, connect, serve

#: The number of cases in each section of the suite.
SECTIONS = {1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 10: 1, 12: 90, 13: 126}

#: The RFC leaves the answer open here, so the suite gives no other verdict to anyone.
INFORMATIONAL = frozenset({"7.1.6", "7.13.1", "7.13.2"})

#: Sections 12 and 13 climb one ladder of message sizes for each corpus or set of parameters.
LADDERS = {12: 5, 13: 7}

#: The ladders of section 13 whose server asks the client to forget its history. kosoku asks only a
#: client that offered to; RFC 7692 §7.1.1.2 makes that offer a hint that no server need wait for.
FORGETFUL_LADDERS = frozenset({2, 5, 6, 7})

#: A ping that the suite did not ask for ends a long case early, as failed.
QUIET = Limits(ping_interval=None)


@dataclass(frozen=True)
class Selection:
    """Which cases to run: names or globs, the count each section owes, and a limit in seconds."""

    cases: tuple[str, ...]
    owed: dict[int, int]
    seconds: float


def _short(sizes: tuple[int, ...]) -> Selection:
    plain = {section: count for section, count in SECTIONS.items() if section not in LADDERS}
    deflated = {section: rungs * len(sizes) for section, rungs in LADDERS.items()}
    names = tuple(
        f"{section}.{ladder}.{size}"
        for section, ladders in LADDERS.items()
        for ladder in range(1, ladders + 1)
        for size in sizes
    )
    return Selection(tuple(f"{section}.*" for section in plain) + names, plain | deflated, 120)


FULL = Selection(("*",), SECTIONS, 3600)

#: Every case without compression, and each compression ladder at 16, 64 and 256 bytes and at
#: 8 KiB in fragments of 256 bytes.
SHORT = _short((1, 2, 3, 11))


@dataclass(frozen=True)
class Verdict:
    """What the suite says of one case: of the messages, of the close, and in words."""

    case: str
    behavior: str
    close: str
    words: str

    @property
    def section(self) -> int:
        return int(self.case.partition(".")[0])

    @property
    def clean(self) -> bool:
        allowed = {"OK", "INFORMATIONAL"} if self.case in INFORMATIONAL else {"OK"}
        return {self.behavior, self.close} <= allowed

    def __str__(self) -> str:
        return f"{self.case}: {self.behavior}, close {self.close}: {self.words}"


def read_report(folder: Path) -> list[Verdict]:
    """Read what kosoku, or the original wstest, left in `folder`."""
    verdicts = []
    for case, report in read_reports(folder):
        words = " / ".join(dict.fromkeys((report["result"], report["resultClose"])))
        verdicts.append(Verdict(case, report["behavior"], report["behaviorClose"], words))
    return verdicts


def faults(verdicts: list[Verdict], selection: Selection) -> list[str]:
    """Say everything that keeps a run from passing; an empty list is a pass."""
    seen = Counter(verdict.section for verdict in verdicts)
    missing = [
        f"section {section}: {seen[section]} of {count} cases reported"
        for section, count in selection.owed.items()
        if seen[section] != count
    ]
    return missing + [str(verdict) for verdict in verdicts if not verdict.clean]


def table(verdicts: list[Verdict]) -> str:
    """Draw sections against verdicts; a close that is not as expected has its own column."""
    count: Counter[tuple[str, str]] = Counter()
    for verdict in verdicts:
        for row in (str(verdict.section), "all"):
            count[row, verdict.behavior] += 1
            count[row, "bad close"] += verdict.close not in ("OK", "INFORMATIONAL")
    rows = [*dict.fromkeys(str(verdict.section) for verdict in verdicts), "all"]
    columns = ["OK", *sorted({verdict.behavior for verdict in verdicts} - {"OK"}), "bad close"]
    head = "section" + "".join(f"{column:>15}" for column in columns)
    lines = [f"{row:>7}" + "".join(f"{count[row, column]:>15}" for column in columns) for row in rows]
    return "\n".join([head, *lines])


def fuzz_server(selection: Selection, folder: Path) -> list[Verdict]:
    """Drive the echo server of `wslearn.net` through the cases; reports go to `folder`."""
    with serve("echo", limits=QUIET) as server:
        # Its exit code says that a case failed; the verdicts say which, so they are what is judged.
        subprocess.run(
            command("fuzzingclient", server.url, selection.cases, folder, parallel=2),
            timeout=selection.seconds,
            capture_output=True,
            check=False,
        )
    return read_report(folder)


async def fuzz_client(selection: Selection, folder: Path) -> list[Verdict]:
    """Lead a client of `wslearn.net` through the cases; reports go to `folder`."""
    words = command("fuzzingserver", "127.0.0.1:0", selection.cases, folder, parallel=2)
    process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(selection.seconds):
            greeting = await process.stderr.readline()
            await lead_client(greeting.decode().split()[-1], selection)
            await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return read_report(folder)


async def lead_client(url: str, selection: Selection) -> None:
    """Echo through every case that the fuzzing server at `url` has, then ask for its report."""
    cases = iter(range(1, sum(selection.owed.values()) + 1))

    async def work() -> None:
        for case in cases:
            offer = Deflate(client_no_context_takeover=_is_forgetful(case, selection))
            await _echo(f"{url}/runCase?case={case}&agent=wslearn", offer)

    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(work())
    await _echo(f"{url}/updateReports?agent=wslearn", None)


def _is_forgetful(case: int, selection: Selection) -> bool:
    """Tell by its number in the run, where section 13 is the last, if a case is of such a ladder."""
    before = sum(selection.owed.values()) - selection.owed[13]
    ladder = (case - 1 - before) * LADDERS[13] // selection.owed[13] + 1
    return ladder in FORGETFUL_LADDERS


async def _echo(url: str, deflate: Deflate | None) -> None:
    client = await connect(url, deflate=deflate, limits=QUIET)
    try:
        async for message in client:
            await client.send(message)
    except ConnectionClosed:
        pass  # the suite hangs up on purpose, too; its report says if that was right
    finally:
        await client.close()
