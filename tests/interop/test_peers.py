"""Both directions with independent implementations: our client and their server, their client and ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.peers import Aiohttp, Node, Peer, Tornado, Websockets, Wsproto
from tests.interop.scenarios import SCENARIOS, SUBPROTOCOL, Scenario, echo_or_close, visit
from wslearn.net import Handle, serve
from wslearn.net.thread import LoopThread

PEERS: dict[str, Peer] = {
    "websockets": Websockets(),
    "wsproto": Wsproto(),
    "tornado": Tornado(),
    "aiohttp": Aiohttp(),
    "node-ws": Node(),
}


def marks(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.needs("node")] if name == "node-ws" else []


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    """Where the peers live."""
    thread = LoopThread("peers")
    yield thread
    thread.stop()


@pytest.fixture(scope="module")
def our_server() -> Iterator[Handle]:
    with serve(echo_or_close, subprotocols=[SUBPROTOCOL]) as server:
        yield server
        assert server.errors == []


@pytest.fixture(
    scope="module", params=[pytest.param(peer, id=name, marks=marks(name)) for name, peer in PEERS.items()]
)
def their_server(request: pytest.FixtureRequest, loop: LoopThread) -> Iterator[tuple[str, Peer]]:
    peer: Peer = request.param
    serving = peer.serve()
    yield loop.run(serving.__aenter__()), peer
    loop.run(serving.__aexit__(None, None, None))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_our_client_and_their_server(
    scenario: Scenario, their_server: tuple[str, Peer], loop: LoopThread
) -> None:
    url, peer = their_server
    assert loop.run(visit(url, scenario)) == scenario.transcript(answer=peer.answer)


@pytest.mark.parametrize(
    ("peer", "scenario"),
    [
        pytest.param(peer, scenario, id=f"{name}-{scenario}", marks=marks(name))
        for name, peer in PEERS.items()
        for scenario in SCENARIOS
        if not scenario.needs & peer.cannot
    ],
)
def test_their_client_and_our_server(
    peer: Peer, scenario: Scenario, loop: LoopThread, our_server: Handle
) -> None:
    assert loop.run(peer.visit(our_server.url, scenario)) == scenario.transcript()
