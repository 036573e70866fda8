"""The parts of the realtime lab by themselves: the event stream format, the events, the server's feed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn import UsageError
from wslearn.labs.files import allow_files
from wslearn.labs.realtime.server import Feed, apps
from wslearn.labs.realtime.sse import parse_sse, sse_event
from wslearn.labs.realtime.stream import Digest, Stream
from wslearn.labs.table import columns, figure, seconds
from wslearn.net.server import Server


class TestEventStream:
    """HTML §9.2."""

    @pytest.mark.parametrize(
        ("stream", "events"),
        [
            ("data: a\n\n", [("", "a")]),
            ("data: YHOO\ndata: +2\ndata: 10\n\n", [("", "YHOO\n+2\n10")]),
            (": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n", None),
            ("data\n\ndata\ndata\n\ndata:", [("", ""), ("", "\n")]),
            ("data:test\n\ndata: test\n\n", [("", "test"), ("", "test")]),
            ("id: 1\ndata: a\n\ndata: b\n\n", [("1", "a"), ("1", "b")]),
            ("id: 1\n\ndata: b\n\n", [("1", "b")]),
            ("id: a\0b\ndata: c\n\n", [("", "c")]),
            ("\ufeffdata: a\n\n", [("", "a")]),
            ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", [("", "a"), ("", "b"), ("", "c")]),
            ("event: x\nretry: 5\nother: y\ndata: a\n\n", [("", "a")]),
            ("data : a\n\n", []),
            ("data: a\n", []),
        ],
    )
    def test_examples(self, stream: str, events: list[tuple[str, str]] | None) -> None:
        if events is None:  # the standard's own example, whose last blank stays
            events = [("1", "first"), ("", "second"), ("", " third")]
        assert parse_sse(stream) == events

    @given(st.lists(st.tuples(st.integers(0, 10**9), st.text(max_size=20)), max_size=5))
    def test_what_is_written_is_read(self, events: list[tuple[int, str]]) -> None:
        stream = "".join(sse_event(number, data) for number, data in events)
        wanted = [(str(number), data.replace("\r\n", "\n").replace("\r", "\n")) for number, data in events]
        assert parse_sse(stream) == wanted


class TestStream:
    def test_events_differ(self) -> None:
        stream = Stream(size=16)
        data = [stream.data(number) for number in range(1, 500)]
        assert len(set(data)) == len(data)
        assert {len(each) for each in data} == {16}

    @pytest.mark.parametrize("numbers", [[1, 2], [1, 3, 2], [1, 2, 3, 3], [1, 2, 3, 4], []])
    def test_another_order_or_number_is_seen(self, numbers: list[int]) -> None:
        stream, digest = Stream(count=3), Digest()
        for number in numbers:
            digest.add(number, stream.data(number))
        assert digest.value != stream.digest

    def test_the_right_one_is_seen(self) -> None:
        stream, digest = Stream(count=3), Digest()
        for number in (1, 2, 3):
            digest.add(number, stream.data(number))
        assert digest.value == stream.digest

    @pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": "1"}, {"count": 1.5}, {"size": True}])
    def test_bad_arguments(self, wrong: dict[str, object]) -> None:
        with pytest.raises(UsageError, match=next(iter(wrong))):
            Stream(**wrong)  # type: ignore[arg-type]


async def _soon(question: Callable[[], bool]) -> bool:
    for _ in range(500):
        if question():
            return True
        await asyncio.sleep(0.01)
    return False


class TestFeed:
    def test_a_reset_ends_the_stream_that_is_on(self) -> None:
        async def scene() -> list[int]:
            feed = Feed()
            feed.begin(Stream(rate=100, count=50))
            await feed.after(2)
            feed.reset()
            assert feed.since(0) == []
            feed.begin(Stream(rate=1000, count=3))
            await feed.after(2)
            await asyncio.sleep(0.05)
            return [number for number, _ in feed.since(0)]

        assert asyncio.run(scene()) == [1, 2, 3]

    @pytest.mark.parametrize("path", ["long?after=0", "events"])
    def test_who_hangs_up_is_not_waited_with(self, path: str) -> None:
        def waiting() -> int:
            return sum("Feed.after" in repr(task.get_coro()) for task in asyncio.all_tasks())

        async def scene() -> None:
            async with Server(apps(Feed())) as server:
                _, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(f"GET /realtime/{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                assert await _soon(lambda: waiting() == 1)
                writer.close()
                assert await _soon(lambda: waiting() == 0)
                assert list(server.errors) == []

        asyncio.run(scene())


class TestWords:
    def test_times(self) -> None:
        assert [seconds(value) for value in (1.5, 0.0999, 2e-6)] == ["1.5 s", "99.9 ms", "2 µs"]

    def test_amounts(self) -> None:
        assert [figure(value) for value in (0.0, 0.25, 9.96, 10.4, 1e6)] == [
            "0",
            "0.25",
            "10",
            "10",
            "1,000,000",
        ]

    def test_columns(self) -> None:
        assert columns([("a", "b"), ("long", "1,000")]) == ["a         b", "long  1,000"]


def test_files_may_be_opened() -> None:
    assert allow_files() == allow_files() > 200
