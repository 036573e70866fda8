"""The wire, explained as it passes: whole parts, once each, however the bytes come."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from wslearn import Deflate, Frame, Opcode
from wslearn.connection import Role
from wslearn.explain import explain
from wslearn.net import serve
from wslearn.wire import Watched, Wire


def speak(url: str, see: Callable[[Role, bytes], None], *messages: str, **options: Any) -> None:
    """Send messages to an echo server, each when the one before came back, and close."""

    async def conversation() -> None:
        async with Watched(url, see, **options) as ws:
            for message in messages:
                await ws.send(message)
                assert await ws.recv() == message

    asyncio.run(conversation())


class TestWatched:
    @pytest.mark.parametrize("path", ["/echo", "/tornado"])
    @pytest.mark.parametrize("tls", [False, True])
    def test_sees_the_plain_bytes_of_both_directions(self, tls: bool, path: str) -> None:
        seen: dict[Role, bytes] = {"client": b"", "server": b""}

        def see(role: Role, data: bytes) -> None:
            seen[role] += data

        authority = trustme.CA()
        served, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
        authority.issue_cert("127.0.0.1").configure_cert(served)
        authority.configure_trust(trusting)
        with serve(ssl_context=served if tls else None) as server:
            speak(server.url_of(path), see, "Hello", ssl_context=trusting if tls else None)
        request, _, frames = seen["client"].partition(b"\r\n\r\n")
        assert request.startswith(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:".encode())
        assert Frame.parse(frames) is not None
        response, _, frames = seen["server"].partition(b"\r\n\r\n")
        assert response.startswith(b"HTTP/1.1 101 ")
        assert frames == bytes.fromhex("81 05 48 65 6c 6c 6f 88 02 03 e8")


class TestBothDirections:
    @pytest.mark.parametrize(
        "wish", [None, Deflate(), Deflate(server_no_context_takeover=True, client_no_context_takeover=True)]
    )
    def test_compressed_or_not_every_part_is_legal_and_told_once(self, wish: Deflate | None) -> None:
        said: list[str] = []
        with serve() as server:
            speak(server.url, Wire(said.append).see, "Hello", "Hello", "Hello", deflate=wish)
        assert [text.split(",")[0] for text in said] == [
            "→ request",
            "← response",
            *(f"{arrow} frame {number}" for number in range(1, 5) for arrow in "→←"),
        ]
        assert "✗" not in "".join(said)
        assert ("Compressed" in "".join(said)) is (wish is not None)


class TestOneDirection:
    KEY = bytes(4)

    @staticmethod
    def watched() -> tuple[Wire, list[str]]:
        said: list[str] = []
        return Wire(said.append), said

    def test_a_frame_is_told_once_it_is_whole(self) -> None:
        wire, said = self.watched()
        for byte in Frame(Opcode.TEXT, b"Hello", masking_key=self.KEY).serialize():
            assert said == []
            wire.see("client", bytes((byte,)))
        assert [text.splitlines()[0] for text in said] == [
            "→ frame 1, 11 bytes: 81 85 00 00 00 00 48 65 6c 6c 6f"
        ]

    @pytest.mark.parametrize("cut", range(1, 14))
    def test_fragments_are_understood_however_they_come(self, cut: int) -> None:
        wire, said = self.watched()
        data = b"".join(
            frame.serialize()
            for frame in (
                Frame(Opcode.TEXT, b"Hel", fin=False),
                Frame(Opcode.PING, b""),
                Frame(Opcode.CONTINUATION, b"lo"),
                Frame(Opcode.TEXT, b""),
            )
        )
        assert len(data) == 13
        wire.see("server", data[:cut])
        wire.see("server", data[cut:])
        assert [text.split(",")[0] for text in said] == [f"← frame {number}" for number in range(1, 5)]
        assert "✗" not in "".join(said)

    def test_what_is_read_no_more_is_told_once(self) -> None:
        wire, said = self.watched()
        wire.see("server", bytes.fromhex("83 00"))
        wire.see("server", b"more")
        wire.see("server", b"and more")
        assert [text.split(",")[0] for text in said] == ["← frame 1", "← not read any more"]
        assert "  ✗ opcode" in said[0]

    def test_the_end_of_a_stream_is_nothing(self) -> None:
        wire, said = self.watched()
        wire.see("server", b"")
        assert said == []

    @pytest.mark.parametrize("role", ["client", "server"])
    def test_history_is_kept_only_where_it_is_needed(
        self, role: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[int] = []

        def counting(data: bytes, *args: Any, **options: Any) -> Any:
            seen.append(len(data))
            return explain(data, *args, **options)

        monkeypatch.setattr("wslearn.wire.explain", counting)
        wire, _ = self.watched()
        frame = Frame(
            Opcode.BINARY, b"x" * 10, masking_key=self.KEY if role == "client" else None
        ).serialize()
        for _ in range(3):
            wire.see(role, frame)
        assert seen == [len(frame)] * 3
