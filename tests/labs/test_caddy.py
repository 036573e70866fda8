"""Caddy: what it passes on, that it says what is wrong with its configuration, and that it leaves nothing."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import trustme

from tests.net.on_loop import on_loop
from wslearn.errors import UsageError
from wslearn.labs.caddy import answers, listener, reverse_proxy, start_caddy
from wslearn.labs.programs import Programs, free_port
from wslearn.net import Server, connect


@pytest.fixture
def programs() -> Iterator[Programs]:
    with Programs() as started:
        yield started


@on_loop
async def test_a_websocket_goes_through_in_the_clear_and_by_tls(programs: Programs, tmp_path: Path) -> None:
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(each.bytes() for each in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(str(key))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    clear, secret = free_port(), free_port()
    async with Server("echo") as server:
        proxy = reverse_proxy([f"127.0.0.1:{server.port}"])
        start_caddy(programs, [listener(clear, proxy), listener(secret, proxy, tls=True)], (chain, key))
        for url, context in ((f"ws://127.0.0.1:{clear}", None), (f"wss://127.0.0.1:{secret}", trust)):
            async with connect(f"{url}/echo", ssl_context=context) as ws:
                await ws.send("through")
                assert await ws.recv() == "through"
    programs.stop()
    with pytest.raises(ConnectionRefusedError):
        answers(clear)


def test_it_keeps_all_its_files_in_the_folder(programs: Programs) -> None:
    caddy = start_caddy(programs, [listener(free_port())])
    environment = psutil.Process(caddy.pid).environ()
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        assert Path(environment[name]) == programs.folder / "caddy"
    assert {each.name for each in programs.folder.iterdir()} == {"caddy", "caddy.json", "caddy.log"}
    programs.stop()
    assert not programs.folder.exists()


def test_a_wrong_configuration_is_told_with_caddys_own_words(programs: Programs) -> None:
    with pytest.raises(UsageError, match=r"(?s)caddy ended with code 1 before port \d+ answered.*teapot"):
        start_caddy(programs, [listener(free_port(), {"handler": "teapot"})])
