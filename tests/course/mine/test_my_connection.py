"""A student's own functions as a server, over real connections."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import websockets

from tests.course.assembled import MODELS
from tests.markup import picture
from tests.net.on_loop import on_loop, until
from tests.net.raw import Raw, masked
from wslearn import Close, ConnectionClosed, Frame, HandshakeError, Opcode, UsageError
from wslearn.course.conformance.score import score
from wslearn.course.mine.my_connection import MyConnection, my_connection
from wslearn.errors import ProtocolError
from wslearn.masking import mask_bytewise
from wslearn.net import Limits, Server, WebSocket, connect, serve
from wslearn.net.apps import mount


def header(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
    """Write a header: the length in the wrong order."""
    bit = 0x80 if masking_key else 0
    if size < 126:
        return bytes((first_byte, bit | size)) + (masking_key or b"")
    return bytes((first_byte, bit | 126)) + size.to_bytes(2, "little") + (masking_key or b"")


def mask_integer(payload: bytes, masking_key: bytes) -> bytes:
    """Mask with the key reversed."""
    return mask_bytewise(payload, masking_key[::-1])


def parse_close(payload: bytes) -> Close:
    """Read a close frame, whatever its code."""
    return Close(int.from_bytes(payload[:2], "big"), payload[2:].decode())


def bring(**functions: Callable[..., Any]) -> MyConnection:
    for name, function in functions.items():
        function.__name__ = name
    return my_connection(*functions.values())


async def upper(ws: WebSocket) -> None:
    async for message in ws:
        assert isinstance(message, str)
        await ws.send(message.upper())


class TestWhatItIsGiven:
    def test_nothing(self) -> None:
        mine = my_connection()
        assert (mine.yours, mine.empty, mine.elsewhere, mine.faults) == ([], [], [], [])

    def test_functions_in_any_order(self) -> None:
        mine = my_connection(parse_close, header, mask_integer)
        assert mine.yours == ["header", "mask_integer", "parse_close"]
        assert mine.parts.mine == {"header", "mask_integer", "parse_close"}

    def test_the_library_s_own_are_not_yours(self) -> None:
        mine = my_connection(*(MODELS | {"header": header}).values())
        assert mine.yours == ["header"]
        assert mine.parts.mine == set(MODELS)

    def test_empty_ones_are_filled_in(self) -> None:
        def accept_key(key: str) -> str:  # type: ignore[empty-body]
            """Give the Sec-WebSocket-Accept."""

        def rotate(masking_key: bytes, consumed: int) -> bytes:
            raise NotImplementedError

        mine = my_connection(rotate, accept_key, header)
        assert (mine.empty, mine.yours) == (["accept_key", "rotate"], ["header"])
        assert mine.parts.mine == {"header"}

    def test_exercises_that_are_no_part(self) -> None:
        def backoff(attempt: int) -> float:
            return 1.0 * attempt

        mine = my_connection(backoff, header)
        assert (mine.elsewhere, mine.yours) == (["backoff"], ["header"])

    @pytest.mark.parametrize(
        ("functions", "why"),
        [
            ([b"\x81"], "Give the functions themselves, without calling them"),
            ([header, header], "header is there twice"),
            ([print], "No exercise asks for 'print'. It asks for accept_key, connection_tokens, "),
            ([lambda: 5], "No exercise asks for '<lambda>'"),
        ],
    )
    def test_what_cannot_be(self, functions: list[Any], why: str) -> None:
        with pytest.raises(UsageError, match=why):
            my_connection(*functions)

    def test_an_app_that_is_none(self) -> None:
        with pytest.raises(UsageError, match="app is an async function"):
            my_connection(app="echo")  # type: ignore[arg-type]


class TestWhatItShows:
    def test_as_text(self) -> None:
        def rotate() -> None:
            pass

        def fresh() -> int:
            return 1

        mine = my_connection(header, mask_integer, rotate, fresh)
        lines = repr(mine).splitlines()
        assert lines[0] == "my_connection: 2 parts of 28 yours, the library’s for the rest"
        assert lines[1:3] == ["  yours         header, mask_integer", "  not written   rotate"]
        assert lines[3].startswith("  library       accept_key, connection_tokens, ")
        assert lines[-1] == "  no part of it fresh"
        assert max(map(len, lines)) <= 100

    def test_as_html(self) -> None:
        mine = my_connection(header)
        shown = picture(mine._repr_html_()).text
        assert "header yours what stands before each payload sent" in shown
        assert "mask_bytewise library masking and unmasking" in shown
        assert "✓ no faults" in shown

    def test_faults(self) -> None:
        mine = bring(utf8_so_far=lambda data: "<b>")
        mine.connection("server").receive(masked(b"Hello", Opcode.TEXT)[:8])
        said = "utf8_so_far(b'He') gave '<b>', not a bool"
        assert repr(mine).splitlines()[-1] == f"  ✗ {said}"
        html = mine._repr_html_()
        assert f"utf8_so_far fault {said}" in picture(html).text
        assert "✗ 1 fault" in picture(html).text
        assert "<b>'" not in html


class TestMounted:
    def test_at_its_app_s_name(self) -> None:
        mine = my_connection(app=upper)
        assert list(mount(mine)) == ["/upper", "/echo"]
        apps = mount(my_connection())
        assert list(apps) == ["/echo"]
        assert isinstance(apps["/echo"].run, MyConnection)

    @on_loop
    async def test_beside_the_library(self) -> None:
        mine = bring(accept_key=lambda key: key)
        async with Server({"/mine": mine, "/theirs": upper}) as server:
            async with connect(server.url_of("/theirs")) as ws:
                await ws.send("Hello")
                assert await ws.recv() == "HELLO"
            with pytest.raises(HandshakeError, match="for this key it must be"):
                await connect(server.url_of("/mine"))

    def test_with_what_else_its_app_brings(self) -> None:
        class Chat:
            limits = Limits(max_queue=5)
            pages: tuple[()] = ()

            async def __call__(self, ws: WebSocket) -> None:
                pass

            async def aclose(self) -> None:
                pass

        chat = Chat()
        app = mount(my_connection(app=chat))["/app"]
        assert (app.limits, app.pages, app.aclose) == (chat.limits, (), chat.aclose)
        plain = mount(my_connection())["/echo"]
        assert (plain.limits, plain.aclose) == (None, None)
        with pytest.raises(AttributeError, match="has no 'colour'"):
            my_connection().colour  # noqa: B018 - looking is what is shown


class TestARealServer:
    @pytest.mark.parametrize("functions", [[], MODELS.values()], ids=["library", "brought"])
    def test_echoes(self, functions: list[Callable[..., Any]]) -> None:
        async def visit() -> None:
            async with connect(server.url, subprotocols=["chat"]) as ws:
                for message in ("", "Grüße", b"\xff" * 70000, "x" * 3_000_000):
                    await ws.send(message)
                    assert await ws.recv() == message
                await ws.ping()
                await ws.close(4000, "bye")
                assert ws.closed.received == Close(4000, "bye")
            async with websockets.connect(server.url, max_size=None) as other:  # it offers compression, too
                for text in ("Grüße", "x" * 1_000_000, "Grüße"):
                    await other.send(text)
                    assert await other.recv() == text
                await other.send(["Hel", "lo"])
                assert await other.recv() == "Hello"
                pong = await other.ping()
                await pong

        mine = my_connection(*functions)
        with serve(mine, subprotocols=["chat"]) as server:
            asyncio.run(visit())
            assert (server.errors, mine.faults) == ([], [])

    def test_with_an_app_of_its_own(self) -> None:
        async def visit() -> None:
            async with connect(server.url) as ws:
                await ws.send("Hello")
                assert await ws.recv() == "HELLO"

        with serve(my_connection(app=upper)) as server:
            assert server.url.endswith("/upper")
            asyncio.run(visit())

    @on_loop
    async def test_what_comes_with_the_handshake(self) -> None:
        def split_head(data: bytes) -> tuple[bytes, bytes] | None:
            head, end, rest = data.partition(b"\r\n\r\n")
            return (head + end, rest) if end else None

        async with Server(my_connection(split_head)) as server:
            raw = await Raw.upgrade(server.url, first=masked(b"at once"))
            assert await raw.frame() == Frame(Opcode.BINARY, b"at once")
            raw.hang_up()


class TestAWrongPartShows:
    @on_loop
    async def test_the_key_reversed(self) -> None:
        async with Server(my_connection(mask_integer)) as server, connect(server.url) as ws:
            frame = Frame(Opcode.BINARY, b"Hello", masking_key=bytes.fromhex("01 02 03 04"))
            await ws.send_raw(frame.serialize())
            both = bytes.fromhex("01 02 03 04 01"), bytes.fromhex("04 03 02 01 04")
            assert await ws.recv() == bytes(a ^ b ^ c for a, b, c in zip(b"Hello", *both, strict=True))

    @on_loop
    async def test_a_length_in_the_wrong_order(self) -> None:
        async with Server(my_connection(header)) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(masked(bytes(300)))
            assert await raw.reader.readexactly(4) == bytes.fromhex("82 7e 2c 01")
            raw.reset()
            await until(lambda: not server.connections)

    @pytest.mark.parametrize(
        ("code", "answer"), [(1005, b""), (1006, b"\x03\xee"), (1000, b"\x03\xe8"), (999, b"\x03\xe7")]
    )
    @on_loop
    async def test_codes_that_must_not_be_sent(self, code: int, answer: bytes) -> None:
        mine = my_connection(parse_close)
        async with Server(mine) as server:
            raw = await Raw.upgrade(server.url)
            raw.send(masked(code.to_bytes(2, "big"), Opcode.CLOSE))
            assert await raw.frame() == Frame(Opcode.CLOSE, answer)
            raw.hang_up()
        assert (mine.faults, list(server.errors)) == ([], [])

    @on_loop
    async def test_allowed_codes(self) -> None:
        async with Server(bring(may_be_sent=lambda code: code != 4000)) as server:
            for code, answer in ((4000, 1002), (1006, 1006), (4001, 4001)):
                raw = await Raw.upgrade(server.url)
                raw.send(masked(code.to_bytes(2, "big"), Opcode.CLOSE))
                frame = await raw.frame()
                assert frame is not None
                assert int.from_bytes(frame.payload[:2], "big") == answer
                raw.hang_up()

    def test_in_the_score(self) -> None:
        groups = {"echo", "masks and lengths"}
        right, wrong = score(my_connection(), only=groups), score(my_connection(header), only=groups)
        assert right.failed == ()
        assert "text, 126 bytes" in {result.name for result in wrong.failed}
        assert "text, 125 bytes" in {result.name for result in wrong.passed}


class TestFaultsOverTheWire:
    @on_loop
    async def test_end_one_connection_and_no_other(self) -> None:
        def reassemble(frames: list[Frame]) -> list[str | bytes]:
            if frames[0].payload == b"bad":
                raise KeyError("bad")
            return [b"".join(frame.payload for frame in frames)]

        mine = my_connection(reassemble)
        async with Server(mine) as server, connect(server.url) as other, connect(server.url) as ws:
            await ws.send(b"bad")
            with pytest.raises(ConnectionClosed, match="received 1011 INTERNAL_ERROR “reassemble raised Key"):
                await ws.recv()
            await other.send(b"good")
            assert await other.recv() == b"good"
        assert [fault.part for fault in mine.faults] == ["reassemble"]
        assert list(server.errors) == []

    @on_loop
    async def test_while_the_server_sends(self) -> None:
        def wrong(first_byte: int, size: int, masking_key: bytes | None = None) -> Any:
            return None if size == 3 else bytes((first_byte, size))

        mine = bring(header=wrong)
        async with Server(mine) as server, connect(server.url) as ws:
            await ws.send("four")
            assert await ws.recv() == "four"
            await ws.send("bad")
            with pytest.raises(ConnectionClosed, match="1011 INTERNAL_ERROR “header gave None, not bytes”"):
                await ws.recv()
        assert list(server.errors) == []

    @on_loop
    async def test_while_it_closes(self) -> None:
        async def leave(ws: WebSocket) -> None:
            await ws.close(1001)

        def wrong(first_byte: int, size: int, masking_key: bytes | None = None) -> bytes:
            return bytes((first_byte, size, 1 // 0))

        wrong.__name__ = "header"
        async with Server(my_connection(wrong, app=leave)) as server, connect(server.url) as ws:
            assert [message async for message in ws] == []
            with pytest.raises(ConnectionClosed, match=r"1011 .* “header raised ZeroDivisionError"):
                await ws.recv()
        assert list(server.errors) == []

    @on_loop
    async def test_in_the_handshake(self) -> None:
        mine = bring(accept_key=lambda key: key.encode())
        async with Server(mine) as server:
            for _ in range(2):
                with pytest.raises(
                    HandshakeError, match=r"accept_key\('.*'\) gave b'.*', not a str"
                ) as caught:
                    await connect(server.url)
                assert caught.value.status == 500
        assert len(mine.faults) == 2
        assert list(server.errors) == []

    def test_a_function_that_never_returns(self) -> None:
        def check_bits(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
            while second:
                pass

        async def visit() -> None:
            async with connect(server.url) as ws:
                await ws.send("Hello")
                with pytest.raises(ConnectionClosed, match="1011 INTERNAL_ERROR “check_bits did not return"):
                    await ws.recv()
            raw = await Raw.dial(server.port)
            raw.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await raw.response()).status == 200
            raw.hang_up()

        mine = my_connection(check_bits, patience=0.2)
        with serve(mine, limits=Limits(ping_interval=None)) as server:
            asyncio.run(visit())
        assert [str(fault) for fault in mine.faults] == [
            "check_bits(129, 133, from_client=True, rsv1_means=False) did not return within 0.2 s"
        ]
        assert "wslearn watch" in {thread.name for thread in threading.enumerate()}

    @on_loop
    async def test_a_part_may_refuse_with_any_code(self) -> None:
        def reassemble(frames: list[Frame]) -> list[str | bytes]:
            raise ProtocolError("Not on a Sunday.", close_code=4444, section="§1", field="payload")

        async with Server(my_connection(reassemble)) as server, connect(server.url) as ws:
            await ws.send("Hello")
            with pytest.raises(ConnectionClosed, match="received 4444 private “Not on a Sunday"):
                await ws.recv()


class TestAutobahn:
    @pytest.mark.timeout(180)
    def test_a_part_of_the_suite(self) -> None:
        run = score(my_connection(), only=["2.*", "5.*", "6.4.*", "7.*"], autobahn=True)
        assert len(run) == 11 + 20 + 4 + 37
        assert [str(result) for result in run if result.verdict not in {"pass", "informational"}] == []
        assert len(run.of("informational")) == 3
