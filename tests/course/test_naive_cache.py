"""The cache of lesson 04: right for HTTP, and wrong about a WebSocket in the way that §10.3 describes."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn import Frame, Opcode, UsageError, mask
from wslearn.course.naive_cache import NaiveCache, Traffic
from wslearn.net import connect, serve

ASK = b"GET /ads.js HTTP/1.1\r\nHost: ads.example\r\n\r\n"
NAME = "ads.example/ads.js"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ngood"
EVIL = GOOD.replace(b"good", b"evil")
UPGRADE = b"GET /chat HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
KEY = bytes.fromhex("37fa213d")


@pytest.fixture
def kept() -> dict[str, bytes]:
    return {}


class TestHttp:
    """It is a cache like any other: this much is right."""

    @pytest.mark.parametrize("size", [5, 7, 16, 1000])
    def test_an_answer_is_kept_however_it_comes(self, kept: dict[str, bytes], size: int) -> None:
        traffic = Traffic(kept)
        onward = b"".join(traffic.requested(ASK[at : at + size])[0] for at in range(0, len(ASK), size))
        assert onward == ASK
        for at in range(0, len(GOOD), size):
            assert kept == {}
            traffic.answered(GOOD[at : at + size])
        assert kept == {NAME: GOOD}

    def test_what_is_kept_is_not_asked_for_again(self, kept: dict[str, bytes]) -> None:
        kept[NAME] = GOOD
        assert Traffic(kept).requested(ASK + UPGRADE) == (UPGRADE, GOOD)

    def test_answers_belong_to_requests_in_order(self, kept: dict[str, bytes]) -> None:
        traffic = Traffic(kept)
        other = ASK.replace(b"/ads.js", b"/other")
        traffic.requested(ASK + other)
        traffic.answered(b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n???" + GOOD + EVIL)
        assert kept == {"ads.example/other": GOOD}

    def test_an_answer_that_nobody_asked_for_is_not_kept(self, kept: dict[str, bytes]) -> None:
        traffic = Traffic(kept)
        traffic.answered(GOOD)
        traffic.requested(ASK)
        assert kept == {}
        traffic.answered(EVIL)
        assert kept == {NAME: EVIL}

    @given(st.lists(st.binary(max_size=20) | st.sampled_from([b"GET", b" /", b"\r\n\r\n"]), max_size=8))
    def test_all_else_goes_through_as_it_is(self, pieces: list[bytes]) -> None:
        traffic = Traffic({})
        onward, back = zip(*(traffic.requested(piece) for piece in [*pieces, b"\r\n\r\n"]), strict=True)
        assert b"".join(onward) == b"".join(pieces) + b"\r\n\r\n"
        assert set(back) == {b""}


class TestSection103:
    """A request inside a frame: without a mask it is one, with a mask it is not, unless the key is known."""

    @pytest.mark.parametrize(
        ("frame", "poisoned"),
        [
            (Frame(Opcode.TEXT, ASK), True),
            (Frame(Opcode.BINARY, b"before" + ASK + b"behind"), True),
            (Frame(Opcode.TEXT, ASK, masking_key=KEY), False),
            (Frame(Opcode.BINARY, mask(ASK, KEY), masking_key=KEY), True),
            (Frame(Opcode.BINARY, mask(ASK, KEY), masking_key=bytes(4)), False),
            (Frame(Opcode.TEXT, ASK, masking_key=bytes(4)), True),
        ],
        ids=["no mask", "no mask, in the middle", "mask", "known key", "another key", "key of zeros"],
    )
    def test_poisoning(self, kept: dict[str, bytes], frame: Frame, poisoned: bool) -> None:
        traffic = Traffic(kept)
        assert traffic.requested(UPGRADE) == (UPGRADE, b"")
        traffic.answered(SWITCHED)
        assert traffic.requested(frame.serialize()) == (frame.serialize(), b"")
        traffic.answered(EVIL)
        assert kept == ({NAME: EVIL} if poisoned else {})


@pytest.fixture
def cache(caplog: pytest.LogCaptureFixture) -> Iterator[NaiveCache]:
    cache = NaiveCache()
    yield cache
    cache.stop()
    records = [*caplog.get_records("call"), *caplog.get_records("teardown")]
    assert [record.getMessage() for record in records if record.levelno >= logging.WARNING] == []


class TestOnSockets:
    def test_a_websocket_goes_through(self, cache: NaiveCache) -> None:
        async def talk(port: int) -> str | bytes:
            async with connect(f"ws://127.0.0.1:{port}/echo") as ws:
                await ws.send("Hello")
                return await ws.recv()

        with serve() as server:
            assert asyncio.run(talk(cache.way_to(server.port))) == "Hello"
        assert cache.kept == {}

    def test_the_second_one_is_answered_by_the_cache(self, cache: NaiveCache) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = cache.way_to(listening.getsockname()[1])
            with socket.create_connection(("127.0.0.1", port)) as first:
                first.sendall(ASK)
                server, _ = listening.accept()
                with server:
                    assert server.recv(1000) == ASK
                    server.sendall(GOOD)
                    assert first.recv(1000) == GOOD
            assert repr(cache) == f"<NaiveCache keeps {NAME}>"
            with socket.create_connection(("127.0.0.1", port)) as second:
                second.sendall(ASK)
                assert second.recv(1000) == GOOD
                server, _ = listening.accept()
                with server:
                    second.shutdown(socket.SHUT_WR)
                    assert server.recv(1000) == b"", "it was asked again"

    def test_the_end_of_one_side_ends_the_other(self, cache: NaiveCache) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        port = cache.way_to(listening.getsockname()[1])
        with listening, socket.create_connection(("127.0.0.1", port)) as client:
            client.settimeout(5)
            listening.accept()[0].close()
            assert client.recv(1) == b""

    def test_a_server_that_is_not_there(self, cache: NaiveCache) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            free = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", cache.way_to(free))) as client:
            client.settimeout(5)
            assert client.recv(1) == b""

    def test_stopping_frees_everything(self, cache: NaiveCache) -> None:
        before = threading.active_count()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = cache.way_to(listening.getsockname()[1])
            with socket.create_connection(("127.0.0.1", port)) as client:
                server, _ = listening.accept()
                client.settimeout(5)
                cache.stop()
                cache.stop()
                assert client.recv(1) == b""
                server.close()
        assert threading.active_count() == before - 1
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        with pytest.raises(UsageError, match="was stopped"):
            cache.way_to(port)
