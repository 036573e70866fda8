"""The editor and Yjs itself: its own WebSocket client takes part, and the page's file is what npm has."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.net.on_loop import on_loop
from wslearn.labs.apps.editor import editor
from wslearn.labs.backplane import Local
from wslearn.net import Server

HERE = Path(__file__).parent
BUNDLE = HERE.parent.parent / "wslearn/labs/apps/pages/yjs.js"

pytestmark = pytest.mark.needs("node")


class Peer:
    """Yjs in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def tell(self, **order: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def until(self, text: str, named: int = 0) -> Any:
        """Wait until it has this text, and knows of so many writers."""
        assert self._process.stdout
        self.tell(until=text, named=named)
        async with asyncio.timeout(15):
            return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def peer(server: Server, name: str) -> AsyncIterator[Peer]:
    process = await asyncio.create_subprocess_exec(
        *("node", "yjs_peer.mjs", server.url, "poem", name),
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Peer(process)
    finally:
        assert process.stdin
        process.stdin.close()
        async with asyncio.timeout(5):
            await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


@on_loop
async def test_yjs_takes_part() -> None:
    plane = Local()
    async with (
        Server(editor(plane)) as server,
        Server(editor(plane)) as other,
        peer(server, "Ada") as ada,
        peer(other, "Bob") as bob,
    ):
        ada.tell(write="Hello")
        assert (await bob.until("Hello", named=2))["names"] == ["Ada", "Bob"]
        bob.tell(write=" wörld 😀")
        await ada.until("Hello wörld 😀", named=2)
        ada.tell(offline=True)
        ada.tell(write="> ", at=0)
        bob.tell(write="!")
        await bob.until("Hello wörld 😀!", named=1)
        ada.tell(offline=False)
        for each in (ada, bob):
            await each.until("> Hello wörld 😀!")
    assert [*server.errors, *other.errors] == []


class TestBundle:
    """`npm run bundle` makes it; a new version of Yjs needs a new file."""

    def test_is_what_the_lock_says(self) -> None:
        made = subprocess.run(["node", "bundle.mjs"], cwd=HERE, capture_output=True, check=True)
        assert made.stdout.decode() == BUNDLE.read_text("utf-8"), "cd tests/interop; npm ci; npm run bundle"

    def test_names_what_is_in_it_and_its_licences(self) -> None:
        head, _, code = BUNDLE.read_text("utf-8").partition("*/\n")
        lock = json.loads((HERE / "package-lock.json").read_text("utf-8"))["packages"]
        named = dict(re.findall(r"^(\S+) ([\d.]+) \(MIT\)$", head, re.MULTILINE))
        assert named == {
            name: lock[f"node_modules/{name}"]["version"] for name in ("lib0", "y-protocols", "yjs")
        }
        assert head.count("Permission is hereby granted, free of charge") == 3
        assert head.count("Kevin Jahns") == 3
        assert "://" not in re.sub(r"https://github\.com/yjs/\S+", "", code)

    def test_every_package_is_pinned_by_its_content(self) -> None:
        lock = json.loads((HERE / "package-lock.json").read_text("utf-8"))["packages"]
        assert [name for name, package in lock.items() if name and "integrity" not in package] == []
