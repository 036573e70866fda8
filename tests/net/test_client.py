"""The client: what it accepts, what it refuses, and what it says when it cannot connect."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter

import pytest

from tests.net.conftest import Tls
from tests.net.on_loop import on_loop
from tests.net.raw import Behave, Raw, answers, listening, masked
from wslearn import (
    ConnectionClosed,
    Deflate,
    Frame,
    HandshakeError,
    Headers,
    Opcode,
    Response,
    UsageError,
    accept_key,
    server_response,
)
from wslearn.net import Limits, Server, WebSocket, connect


def upgrades(**changed: str) -> Behave:
    """Make a server whose 101 has these header fields instead of the right ones."""

    async def behave(raw: Raw) -> None:
        request = await raw.request()
        fields = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Accept": accept_key(request.headers["Sec-WebSocket-Key"]),
        } | changed
        names = {"Accept", "Protocol", "Extensions"}
        headers = [
            (f"Sec-WebSocket-{name}" if name in names else name, text) for name, text in fields.items()
        ]
        raw.send(Response(101, "Switching Protocols", Headers(headers)).serialize())
        await raw.frames()

    return behave


class TestConnecting:
    @on_loop
    async def test_nothing_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        with pytest.raises(ConnectionRefusedError):
            await connect(f"ws://127.0.0.1:{port}/")

    @on_loop
    async def test_no_such_host(self) -> None:
        with pytest.raises(socket.gaierror):
            await connect("ws://no-such-host.invalid/")

    @pytest.mark.parametrize(
        "url", ["http://example.org/", "ws://", "ws://u:p@h/", "ws://h/#f", "ws://h:99999/", "h"]
    )
    def test_no_such_url(self, url: str) -> None:
        with pytest.raises(UsageError):
            connect(url)

    @on_loop
    async def test_each_address_of_a_name_is_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that this machine has no protocol for, one where nobody listens, and the right one."""
        async with Server() as server:
            loop = asyncio.get_running_loop()
            there = await loop.getaddrinfo("127.0.0.1", server.port, type=socket.SOCK_STREAM)
            nowhere = await loop.getaddrinfo("127.0.0.1", 1, type=socket.SOCK_STREAM)
            unknown = (12345, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1))
            found: list[object] = [unknown, *nowhere, *there]

            async def getaddrinfo(*args: object, **options: object) -> list[object]:
                return found

            monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
            async with connect("ws://example.org/echo") as ws:
                assert ws.remote_address == ("127.0.0.1", server.port)
            found.pop()
            with pytest.raises(OSError, match="Address family not supported"):
                await connect("ws://example.org/echo")

    @on_loop
    async def test_an_origin_a_header_and_a_key(self) -> None:
        seen: list[Headers] = []

        async def behave(raw: Raw) -> None:
            request = await raw.request()
            seen.append(request.headers)
            raw.send(server_response(request).serialize())
            await raw.frames()

        key = "dGhlIHNhbXBsZSBub25jZQ=="
        async with listening(behave) as url:
            ws = await connect(url, origin="http://here", headers=[("Authorization", "Bearer x")], key=key)
            ws.abort()
        assert [seen[0][name] for name in ("Origin", "Authorization", "Sec-WebSocket-Key")] == [
            "http://here",
            "Bearer x",
            key,
        ]

    @on_loop
    async def test_a_masking_key_for_pictures(self) -> None:
        frames: list[Frame | None] = []

        async def behave(raw: Raw) -> None:
            await raw.accept()
            frames.extend([await raw.frame(), await raw.frame()])

        async with listening(behave) as url:
            ws = await connect(url, masking_key=b"abcd")
            await ws.send("one")
            await ws.send("two")
            await ws.wait_closed()
        assert frames == [Frame(Opcode.TEXT, text, masking_key=b"abcd") for text in (b"one", b"two")]

    @on_loop
    async def test_section_4_1_nothing_is_sent_before_the_answer(self) -> None:
        """The client "MUST wait for a response": before, there is nothing to send on."""
        asked, answer = asyncio.Event(), asyncio.Event()

        async def behave(raw: Raw) -> None:
            request = await raw.request()
            asked.set()
            await answer.wait()
            raw.send(server_response(request).serialize())
            assert await raw.frame() == Frame(Opcode.TEXT, b"Hello", masking_key=b"abcd")

        async with listening(behave) as url:
            connecting = asyncio.ensure_future(connect(url, masking_key=b"abcd"))
            await asked.wait()
            early = connecting.done()
            answer.set()
            ws = await connecting
            await ws.send("Hello")
            await ws.wait_closed()
        assert not early

    @on_loop
    async def test_section_4_1_one_at_a_time(self) -> None:
        """ "There MUST be no more than one connection in a CONNECTING state", and one that fails is none."""
        connecting: set[Raw] = set()
        seen = []
        answer = asyncio.Event()

        async def behave(raw: Raw) -> None:
            connecting.add(raw)
            seen.append(len(connecting))
            request = await raw.request()
            await answer.wait()
            connecting.remove(raw)
            if len(seen) > 1:
                raw.send(server_response(request).serialize())
                await raw.frames()

        async with listening(behave) as url, listening(upgrades()) as elsewhere:
            attempts = [asyncio.ensure_future(connect(url)) for _ in range(5)]
            (await connect(elsewhere)).abort()  # another port is another server: it need not wait
            answer.set()
            results = await asyncio.gather(*attempts, return_exceptions=True)
            for result in results:
                if isinstance(result, WebSocket):
                    result.abort()
        assert seen == [1] * 5
        assert Counter(map(type, results)) == {HandshakeError: 1, WebSocket: 4}

    @on_loop
    async def test_over_tls(self, tls: Tls) -> None:
        async def behave(raw: Raw) -> None:
            await raw.accept()
            raw.send(Frame(Opcode.TEXT, b"x" * 40000).serialize())
            await raw.frames()

        async with listening(behave, tls.server) as url:
            async with connect(url, ssl_context=tls.client, limits=Limits(close_timeout=0.1)) as ws:
                assert await ws.recv() == "x" * 40000
            assert ws.state.name == "CLOSED"


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "status", "says"),
        [
            (
                (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 11\r\n\r\nNot ", b"for you"),
                403,
                "403 Forbidden. Not for you",
            ),
            (
                (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 90\r\n\r\nNot all",),
                403,
                "403 Forbidden. Not all",
            ),
            ((b"HTTP/1.1 404 Not Found\r\n\r\n",), 404, "404 Not Found."),
            (
                (b"HTTP/1.1 404 Not Found\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",),
                404,
                "404 Not Found.",
            ),
            ((b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: -1\r\n\r\n",), 302, "302 Found."),
            ((b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe!",), 200, "��!"),
            ((b"SSH-2.0-OpenSSH_9.2\r\n\r\n",), 502, "Not an HTTP status line"),
            ((b"HTTP/1.1 101 Switching Protocols\r\nno colon\r\n\r\n",), 502, "without a colon"),
            ((b"HTTP/1.1 200 OK\r\nA: " + b"a" * 20000,), 502, "The head exceeds"),
            ((b"HTTP/1.1 101 Swit",), 502, "closed the TCP connection without an answer"),
            ((), 502, "closed the TCP connection without an answer"),
        ],
    )
    @on_loop
    async def test_are_explained(self, answer: tuple[bytes, ...], status: int, says: str) -> None:
        async with listening(answers(*answer)) as url:
            with pytest.raises(HandshakeError) as caught:
                await connect(url)
        assert caught.value.status == status
        assert says in str(caught.value)

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"Accept": "AAAA"}, "Sec-WebSocket-Accept is 'AAAA'"),
            ({"Upgrade": "h2c"}, "Upgrade is 'h2c'"),
            ({"Connection": "close"}, "Connection is 'close'"),
            ({"Protocol": "chat"}, "a subprotocol that was not offered"),
            ({"Extensions": "permessage-deflate"}, "an extension that was not offered"),
            (
                {"Extensions": "permessage-deflate; server_max_window_bits=99"},
                "an extension that was not offered",
            ),
        ],
    )
    @on_loop
    async def test_of_an_answer_that_is_not_right(self, changed: dict[str, str], says: str) -> None:
        async with listening(upgrades(**changed)) as url:
            with pytest.raises(HandshakeError, match=says):
                await connect(url)

    @on_loop
    async def test_of_parameters_that_were_not_offered(self) -> None:
        async with listening(upgrades(Extensions="permessage-deflate; server_max_window_bits=99")) as url:
            with pytest.raises(HandshakeError, match="does not fit the offer"):
                await connect(url, deflate=Deflate())

    @on_loop
    async def test_of_a_server_that_resets_the_connection(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.request()
            raw.reset()

        async with listening(behave) as url:
            with pytest.raises(HandshakeError, match="without an answer"):
                await connect(url)

    @pytest.mark.parametrize(
        "said", [b"", b"HTTP/1.1 101 Swi", b"HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\n"]
    )
    @on_loop
    async def test_of_a_server_that_takes_too_long(self, said: bytes) -> None:
        async def behave(raw: Raw) -> None:
            await raw.request()
            raw.send(said)
            await raw.frames()

        async with listening(behave) as url:
            with pytest.raises(
                TimeoutError, match=r"The handshake with 127\.0\.0\.1:\d+ was not done in 0\.05 s\."
            ):
                await connect(url, limits=Limits(open_timeout=0.05))

    @on_loop
    async def test_of_a_server_that_does_not_even_accept(self) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            address = full.getsockname()
            queued = [socket.socket() for _ in range(4)]
            for sock in queued:
                sock.setblocking(False)
                sock.connect_ex(address)
            with pytest.raises(TimeoutError):
                await connect(f"ws://127.0.0.1:{address[1]}/", limits=Limits(open_timeout=0.05))
            for sock in queued:
                sock.close()

    @on_loop
    async def test_of_a_tls_server_that_speaks_no_tls(self, tls: Tls) -> None:
        async def behave(raw: Raw) -> None:
            await raw.reader.read()

        async with listening(behave) as url:
            with pytest.raises(TimeoutError):
                await connect(
                    url.replace("ws:", "wss:"), ssl_context=tls.client, limits=Limits(open_timeout=0.05)
                )


class TestTheFirstBytes:
    @pytest.mark.parametrize("turns", range(4))
    @on_loop
    async def test_a_message_behind_the_101(self, turns: int) -> None:
        """In the same segment, or in the next one, whenever that comes."""

        async def behave(raw: Raw) -> None:
            response = server_response(await raw.request()).serialize()
            hello = Frame(Opcode.TEXT, b"hello").serialize()
            if not turns:
                raw.send(response + hello)
            else:
                raw.send(response)
                for _ in range(turns - 1):
                    await asyncio.sleep(0)
                raw.send(hello)
            await raw.frames()

        async with listening(behave) as url:
            for _ in range(10):
                ws = await connect(url)
                assert await ws.recv() == "hello"
                ws.abort()

    @on_loop
    async def test_a_101_byte_by_byte(self) -> None:
        async def behave(raw: Raw) -> None:
            for byte in server_response(await raw.request()).serialize():
                raw.send(bytes((byte,)))
                await asyncio.sleep(0)

        async with listening(behave) as url:
            ws = await connect(url)
            with pytest.raises(ConnectionClosed, match="received no close frame"):
                await ws.recv()

    @on_loop
    async def test_a_rule_broken_at_once(self) -> None:
        async def behave(raw: Raw) -> None:
            raw.send(server_response(await raw.request()).serialize() + masked(b"x"))
            await raw.frames()

        async with listening(behave) as url, connect(url) as ws:
            with pytest.raises(ConnectionClosed, match="sent 1002"):
                await ws.recv()


class TestLeaving:
    @on_loop
    async def test_the_block_closes(self) -> None:
        async with Server() as server:
            with pytest.raises(ZeroDivisionError):
                await self._fail(server.url)
            async with connect(server.url) as ws:
                pass
            assert ws.closed.code == 1000

    @staticmethod
    async def _fail(url: str) -> None:
        async with connect(url):
            raise ZeroDivisionError

    @on_loop
    async def test_cancelled_while_connecting(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.request()
            assert await raw.ended()

        async with listening(behave) as url:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await connect(url)
