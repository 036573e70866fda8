"""What can be asked of a capture; no network is needed for that."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, cast

import pytest

from wslearn import Connection, Frame, Opcode, UsageError, client_request, server_response
from wslearn.net import Capture, Record
from wslearn.net.record import Budget

if TYPE_CHECKING:
    from wslearn.connection import Role

MiB = 1 << 20


def capture_of(client: bytes = b"", server: bytes = b"") -> Capture:
    """Make a capture without a network."""
    capture = Capture(("127.0.0.1", 50000), ("127.0.0.1", 80), time.perf_counter_ns(), Budget(MiB))
    if client:
        capture.record("client", client)
    if server:
        capture.record("server", server)
    return capture


class TestCapture:
    request = client_request("ws://example.org/", key="dGhlIHNhbXBsZSBub25jZQ==")
    response = server_response(request)
    hello = Frame(Opcode.TEXT, b"Hello")

    def test_frames_as_far_as_they_are_whole(self) -> None:
        head = self.response.serialize()
        for cut in range(8):
            data = (self.hello.serialize() * 2)[: 7 + cut]
            frames = capture_of(self.request.serialize(), head + data).frames("server")
            assert frames == [self.hello] * (1 + cut // 7)

    def test_frames_up_to_one_without_a_legal_length(self) -> None:
        data = (
            self.response.serialize()
            + self.hello.serialize()
            + bytes.fromhex("82 7e 00 01")
            + self.hello.serialize()
        )
        assert capture_of(server=data).frames("server") == [self.hello]

    def test_waiting_for_frames(self) -> None:
        connection = Connection("client")
        capture = capture_of(self.request.serialize(), self.response.serialize() + self.hello.serialize())
        capture.record("client", connection.send("Hello"))
        assert capture.wait(frames=2) is capture
        with pytest.raises(TimeoutError):
            capture.wait(frames=2, sender="client", timeout=0.01)
        timer = threading.Timer(0.05, capture.record, ("client", connection.ping(b"x")))
        timer.start()
        assert len(capture.wait(frames=2, sender="client").frames("client")) == 2
        timer.join()
        capture.finish()
        assert capture.wait(frames=99).closed

    def test_a_compression_that_was_not_offered_is_not_taken_for_agreed(self) -> None:
        answer = self.response.serialize()[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        capture = capture_of(self.request.serialize() + Connection("client").send("Hello"), answer)
        assert capture.explain("client").events == ["Hello"]
        assert capture.explain("server").fault is not None

    @pytest.mark.parametrize(
        ("client", "server"), [(b"GET /\r\n\r\n", b"HTTP/\r\n\r\n"), (bytes(99_999), bytes(99_999))]
    )
    def test_what_is_not_http(self, client: bytes, server: bytes) -> None:
        capture = capture_of(client, server)
        assert (capture.request, capture.response) == (None, None)

    def test_unknown_sides(self) -> None:
        with pytest.raises(UsageError, match="'client' or 'server'"):
            capture_of().bytes_from(cast("Role", "proxy"))

    def test_its_text_and_picture_are_the_same_every_time(self) -> None:
        captures = []
        for _ in range(2):
            captures.append(
                capture_of(self.request.serialize(), self.response.serialize() + self.hello.serialize())
            )
            time.sleep(0.01)
        assert {repr(capture) for capture in captures} == {"<Capture GET />"}
        first, second = (capture._repr_html_() for capture in captures)
        assert first == second
        assert "Hello" in first

    def test_records_are_values(self) -> None:
        assert Record(0.5, "client", b"x") == Record(0.5, "client", b"x")
