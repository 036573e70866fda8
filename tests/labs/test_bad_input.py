"""Whatever comes in: who sent it is told what was wrong, nobody else notices, and nothing is left of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.resources import files
from typing import Any

import pytest

from tests.labs import bad_input
from tests.labs.bad_input import KIND, SCRIPT
from tests.labs.victims import Chat, Dashboard, Editor, Game, Notifications, Scores, Ticker, Victim, attacked
from tests.net.on_loop import on_loop, until
from tests.net.raw import Raw
from wslearn import ConnectionClosed, Deflate, HandshakeError, client_request
from wslearn.labs import feed
from wslearn.labs.apps.ysync import Cursor, Step, cursors, sync
from wslearn.net import WebSocket, connect

JSON = [Chat, Notifications, Dashboard, Game, Scores, Ticker]
ALL = [*JSON, Editor]
Log = pytest.LogCaptureFixture


@asynccontextmanager
async def attacker(victim: Victim, *, inside: bool, **options: Any) -> AsyncIterator[WebSocket]:
    """Connect, and be let in where that is wanted; in the end vanish."""
    query, here = "?doc=poem" if isinstance(victim, Editor) else "", victim.here()
    ws = await connect(victim.url + query, **options)
    if inside and not query:
        await ws.send(json.dumps(victim.first))
    if inside or query:
        await until(lambda: victim.here() > here)
    yield ws
    ws.abort()
    await until(lambda: victim.here() <= here)


async def answer(ws: WebSocket, message: str | bytes) -> str:
    """Give what a message is answered: why it is refused."""
    await ws.send(message)
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            async for heard in ws:
                if isinstance(heard, str) and "why" in (told := json.loads(heard)):
                    assert told["type"] == "refused"
                    return str(told["why"])
    pytest.fail(f"no answer to {message[:80]!r}: {ws.closed}")


async def end(ws: WebSocket) -> tuple[int, str]:
    """Give how the server ends a connection."""
    async for _ in ws:
        pass
    await ws.wait_closed()
    told = ws.closed.received
    assert told is not None
    assert told.code is not None
    return told.code, told.reason


@pytest.mark.parametrize("kind", JSON)
class TestMessages:
    @pytest.mark.parametrize("inside", [False, True])
    @on_loop
    async def test_what_is_none(self, kind: type[Victim], caplog: Log, inside: bool) -> None:
        async with attacked(kind, caplog) as victim, attacker(victim, inside=inside) as ws:
            for why, messages in bad_input.MESSAGES:
                for message in messages:
                    told = await answer(ws, message)
                    assert told.startswith(why), message[:80]
                    assert len(told) < 200
            if not inside:  # and yet it may come in
                await ws.send(json.dumps(victim.first))
                await until(lambda: victim.here() == 3)

    @on_loop
    async def test_fields_that_are_missing_or_of_another_type(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim:
            for name, fields in victim.good.items():
                async with attacker(victim, inside=victim.first["type"] != name) as ws:
                    for field, good in fields.items():
                        message = victim.message(name)
                        del message[field]
                        assert await answer(ws, json.dumps(message)) == f'In "{name}", "{field}" is missing.'
                        called = {str: "a text", int: "a whole number", dict: "an object"}[type(good)]
                        for value in bad_input.ANYTHING:
                            if type(value) is not type(good):
                                told = await answer(ws, json.dumps(victim.message(name, **{field: value})))
                                assert told.startswith(f'In "{name}", "{field}" must be {called}, not')
                                assert "None" not in told

    @on_loop
    async def test_values_that_it_does_not_take(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim:
            for name in victim.good:
                rows = [row for row in bad_input.VALUES if row[:2] == (kind, name)]
                async with attacker(victim, inside=victim.first["type"] != name) as ws:
                    for _, _, field, values, why in rows:
                        for value in values:
                            told = await answer(ws, json.dumps(victim.message(name, **{field: value})))
                            assert told.startswith(why), (field, value)
                            assert len(told) < 200

    @on_loop
    async def test_out_of_turn(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim:
            async with attacker(victim, inside=False) as ws:
                for name in [*victim.good][1:]:
                    told = await answer(ws, json.dumps(victim.message(name)))
                    assert told.startswith(f'The first message is "{victim.first["type"]}"')
            async with attacker(victim, inside=True) as ws:
                if kind is not Dashboard:  # there it changes the pace
                    told = await answer(ws, json.dumps(victim.first))
                    assert told.startswith(("You ", f'The first message is "{victim.first["type"]}"'))

    @on_loop
    async def test_fields_that_nobody_asked_for_go_nowhere(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim, attacker(victim, inside=False) as ws:
            await ws.send(f"{{{bad_input.MORE}, {json.dumps(victim.first)[1:]}")
            await until(lambda: victim.here() == 3)
            for name in [*victim.good][1:]:
                await ws.send(f"{{{bad_input.MORE}, {json.dumps(victim.message(name))[1:]}")
                assert (await answer(ws, "{}")).startswith(KIND)
                victim.words += [text] if (text := victim.good[name].get("text")) else []
            await victim.talk()
            assert "evil" not in str([page.heard for page in (victim.ada, victim.bob)])


class TestEditor:
    @on_loop
    async def test_bytes_that_it_does_not_take(self, caplog: Log) -> None:
        async with attacked(Editor, caplog) as victim:
            for code, reason, messages in bad_input.BYTES:
                for message in messages:
                    async with attacker(victim, inside=True) as ws:
                        await ws.send(message)
                        told = await end(ws)
                        assert told[0] == code, (message[:20], told)
                        assert told[1].startswith(reason), (message[:20], told)

    @on_loop
    async def test_a_cursor_said_a_thousand_times_is_told_once(self, caplog: Log) -> None:
        async with attacked(Editor, caplog) as victim, attacker(victim, inside=True) as ws:
            told: list[bytes] = []
            await victim.app._backplane.hear("editor-poem", told.append)
            await ws.send(cursors(*(Cursor(3, clock, {"at": clock}) for clock in range(1000))))
            await until(lambda: victim.pens[0].others.get(3) == Cursor(3, 999, {"at": 999}))
            assert len(told) == 1

    @on_loop
    async def test_names_that_are_none(self, caplog: Log) -> None:
        why = "A document is called by 1 to 20 small letters, digits and hyphens."
        async with attacked(Editor, caplog) as victim:
            for name in bad_input.DOCUMENTS:
                ws = await connect(f"{victim.url}?doc={name}")
                assert await end(ws) == (1008, why), name

    @on_loop
    async def test_two_names(self, caplog: Log) -> None:
        async with attacked(Editor, caplog) as victim:
            ws = await connect(f"{victim.url}?doc=poem&doc=other")
            assert await end(ws) == (1008, "One connection is for one document: name it once.")


@pytest.mark.parametrize("kind", ALL)
class TestSize:
    @on_loop
    async def test_more_than_the_limit(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim:
            announced = b"\x81\xff" + (2**63 - 1).to_bytes(8, "big") + b"mask"
            large: list[str | bytes] = ["x" * (victim.limit + 1), bytes(victim.limit + 1), "x" * (4 << 20)]
            for message in large:
                for deflate in (None, Deflate()):
                    async with attacker(victim, inside=True, deflate=deflate) as ws:
                        with suppress(ConnectionClosed):
                            await ws.send(message)
                        assert await end(ws) == (
                            1009,
                            f"The message exceeds the limit of {victim.limit} bytes.",
                        )
            async with attacker(victim, inside=True) as ws:
                await ws.send_raw(announced)
                assert (await end(ws))[0] == 1009

    @on_loop
    async def test_just_the_limit(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim, attacker(victim, inside=True) as ws:
            if kind is Editor:
                await ws.send(b"\x00\x02".ljust(victim.limit, b"\x00"))
                assert await end(ws) == (1007, "It is longer than it says.")
            else:
                assert await answer(ws, " " * (victim.limit - 2) + "{}") != ""


@pytest.mark.parametrize("kind", ALL)
class TestPace:
    @pytest.mark.parametrize("inside", [False, True])
    @on_loop
    async def test_too_many_messages(self, kind: type[Victim], caplog: Log, inside: bool) -> None:
        message = sync(Step.STATE, b"\0") if kind is Editor else '{"type": "dance"}'
        async with attacked(kind, caplog) as victim, attacker(victim, inside=inside) as ws:
            with suppress(ConnectionClosed):
                for _ in range(1000):
                    await ws.send(message)
            assert await end(ws) == (1008, "too many messages: at most 50 a second")

    @on_loop
    async def test_too_many_pings(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim, attacker(victim, inside=True) as ws:
            with suppress(ConnectionClosed):
                await ws.send_raw(b"\x89\x80mask" * 1000)
            assert await end(ws) == (1008, "too many messages: at most 50 a second")


@pytest.mark.parametrize("kind", ALL)
class TestHalves:
    @on_loop
    async def test_messages_that_never_end(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim, AsyncExitStack() as attackers:
            for data in bad_input.HALVES:
                ws = await attackers.enter_async_context(attacker(victim, inside=True))
                await ws.send_raw(data)
            await victim.talk()
            assert victim.here() == 2 + len(bad_input.HALVES)

    @on_loop
    async def test_fragments_without_end(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim, attacker(victim, inside=True) as ws:
            with suppress(ConnectionClosed):
                for _ in range(200):
                    await ws.send(b"x" * 5000, fin=False)
            assert await end(ws) == (1009, f"The message exceeds the limit of {victim.limit} bytes.")

    @on_loop
    async def test_frames_that_are_none(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim:
            for code, reason, data in bad_input.FRAMES:
                async with attacker(victim, inside=True) as ws:
                    await ws.send_raw(data)
                    told = await end(ws)
                    assert told[0] == code
                    assert reason in told[1]


@pytest.mark.parametrize("kind", ALL)
class TestUrl:
    @on_loop
    async def test_what_stands_behind_the_path_does_no_harm(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim:
            for query in bad_input.QUERIES:
                ws = await connect(f"{victim.url}{query}&doc=poem")
                await ws.send(sync(Step.STATE, b"\0") if kind is Editor else json.dumps(victim.first))
                await until(lambda: victim.here() == 3)
                ws.abort()
                await until(lambda: victim.here() == 2)

    @on_loop
    async def test_paths_that_are_none(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim:
            for path in bad_input.PATHS:
                with pytest.raises(HandshakeError, match="404"):
                    await connect(victim.url + path)
            with pytest.raises(HandshakeError, match="431"):
                await connect(f"{victim.url}?{'x' * 100_000}")

    @on_loop
    async def test_the_server_in_the_target(self, kind: type[Victim], caplog: Log) -> None:
        async with attacked(kind, caplog) as victim:
            head = client_request(f"{victim.url}?doc=poem").serialize()
            for server, status in bad_input.SERVERS:
                raw = await Raw.dial(victim.server.port)
                raw.send(head.replace(b" /", f" {server}/".encode(), 1))
                assert (await raw.response()).status == status, server
                raw.reset()


class TestResume:
    @pytest.mark.parametrize(("kind", "fields", "heard"), bad_input.BEYOND)
    @on_loop
    async def test_beyond_the_end(
        self,
        kind: type[Victim],
        fields: dict[str, Any],
        heard: dict[str, Any],
        caplog: Log,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(feed, "_CATCH_UP", 0.05)
        async with attacked(kind, caplog) as victim, attacker(victim, inside=False) as ws:
            await ws.send(json.dumps(victim.first | fields))
            while json.loads(told := await ws.recv()) | heard != json.loads(told):
                pass


class TestText:
    @pytest.mark.parametrize(
        "text", [SCRIPT, f"\u202e{SCRIPT}", "a\x00b\x1b[31m", "\u200b", "'; DROP TABLE--"]
    )
    @pytest.mark.parametrize("kind", [Chat, Notifications])
    @on_loop
    async def test_is_text_for_all(self, kind: type[Victim], caplog: Log, text: str) -> None:
        async with attacked(kind, caplog) as victim, attacker(victim, inside=True) as ws:
            name = "say" if kind is Chat else "notify"
            await ws.send(json.dumps(victim.message(name, text=text)))
            victim.words.append(text)
            await until(lambda: victim.ada.of("event" if kind is Chat else "note")[1:] != [])

    @on_loop
    async def test_in_names(self, caplog: Log) -> None:
        async with attacked(Chat, caplog) as victim, attacker(victim, inside=False) as ws:
            await ws.send(json.dumps(victim.message("join", name="<b>Ada")))
            await ws.send(json.dumps(victim.message("say", text="Hello")))
            victim.words.append("Hello")
            await until(lambda: len(victim.ada.of("event")) == 2)
            assert victim.ada.of("event")[1]["event"]["name"] == "<b>Ada"

    def test_pages_have_no_other_way_to_show_it(self) -> None:
        """What a page makes of text must never be read as HTML, or as a program."""
        ways = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "setHTML",
            "document.write",
            "srcdoc",
            "eval(",
        ]
        ways += ["new Function", "createContextualFragment", "parseFromString", "javascript:"]
        pages = [each for each in files("wslearn.labs.apps.pages").iterdir() if each.name != "yjs.js"]
        assert len(pages) > 15
        for each in pages:
            assert [way for way in ways if way in each.read_text()] == [], each.name
