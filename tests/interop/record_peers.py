"""Record what six servers answer to bad frames and bad handshakes: ``python -m tests.interop.record_peers``.

It starts the echo servers of `tests.bench.echo_servers`, talks to them as the conformance score does, and
writes the tables at the end of `wslearn.vectors_peers` anew.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from wslearn import vectors_peers
from wslearn.course.conformance.cases import CASES, Case, Fails, Refuses
from wslearn.course.conformance.judge import NO_CODE, Seen
from wslearn.course.conformance.kinds import frames_of
from wslearn.course.conformance.talk import Patience, converse
from wslearn.frames import Opcode
from wslearn.vectors import BAD_FRAMES, BAD_REQUESTS

SERVERS = ("websockets", "wsproto", "tornado", "aiohttp", "picows", "autobahn")
MODULE = Path(vectors_peers.__file__)
PATIENCE = Patience(answer=5.0)
MARK = "# What follows is written by tests/interop/record_peers.py.\n"
_NAMES = {bad.name for bad in BAD_FRAMES} | {bad.name for bad in BAD_REQUESTS}
_CASES = [case for case in CASES if case.name in _NAMES]


class Recorded(NamedTuple):
    """The answers of each server, by the name of the vector."""

    versions: Mapping[str, str]
    frames: Mapping[str, tuple[str, ...]]
    handshakes: Mapping[str, tuple[str, ...]]


def installed() -> dict[str, str]:
    """Name the versions of the servers that are there."""
    there = {}
    for name in SERVERS:
        try:
            there[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return there


def answer(case: Case, seen: Seen) -> str:
    """Say in a word what a server did; the words stand in `wslearn.vectors_peers`."""
    if isinstance(case.expected, Refuses):
        return str(seen.status or ("drop" if seen.ended else "nothing"))
    assert isinstance(case.expected, Fails)
    assert not seen.refusal, seen.refusal
    if seen.close is not None and not seen.asked:
        sent = next((frame for frame in frames_of(case.turns[0]) if frame.opcode == Opcode.CLOSE), None)
        is_echo = sent is not None and seen.close == int.from_bytes(sent.payload[:2], "big") != 1002
        return "no code" if seen.close == NO_CODE else f"{seen.close}{' echoed' * is_echo}"
    if seen.fault or tuple(seen.heard) not in {case.expected.heard, ()}:
        return "echo"
    return "drop" if seen.ended else "nothing"


async def listen_to(name: str) -> list[str]:
    """Start a server, hold all conversations with it, and end it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.echo_servers", name),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        found = await converse(f"ws://127.0.0.1:{port}/echo", _CASES, PATIENCE)
    finally:
        process.kill()
        await process.wait()
    return [answer(case, seen) for case, seen in zip(_CASES, found, strict=True)]


async def record(names: list[str]) -> Recorded:
    """Listen to several servers at once."""
    columns = await asyncio.gather(*map(listen_to, names))
    rows = dict(zip([case.name for case in _CASES], zip(*columns, strict=True), strict=True))
    frames = {bad.name: rows[bad.name] for bad in BAD_FRAMES if bad.name in rows}
    handshakes = {bad.name: rows[bad.name] for bad in BAD_REQUESTS}
    versions = installed()
    return Recorded({name: versions[name] for name in names}, frames, handshakes)


def written(recorded: Recorded) -> str:
    """Give the module with these tables, as ruff formats it."""
    kept, _, _ = MODULE.read_text("utf-8").partition(MARK)
    text = (
        f"{kept}{MARK}"
        f"PEER_VERSIONS: dict[str, str] = {recorded.versions!r}\n"
        f"_FRAMES: dict[str, tuple[str, ...]] = {recorded.frames!r}\n"
        f"_HANDSHAKES: dict[str, tuple[str, ...]] = {recorded.handshakes!r}\n"
        'PEERS = PeerTable("One bad frame", _FRAMES, PEER_VERSIONS)\n'
        'PEER_HANDSHAKES = PeerTable("One bad handshake", _HANDSHAKES, PEER_VERSIONS)\n'
    )
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(MODULE), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def main() -> None:
    missing = set(SERVERS) - set(installed())
    if missing:
        sys.exit(f"Install them first: {', '.join(sorted(missing))}")
    MODULE.write_text(written(asyncio.run(record(list(SERVERS)))), "utf-8")


if __name__ == "__main__":
    main()
