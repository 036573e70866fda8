"""A real Chromium: as the client of every scenario that a page can play, and on our own page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

from tests.browser.chromium import FLAGS
from tests.interop.scenarios import SCENARIOS, SUBPROTOCOL, Scenario, echo_or_close
from wslearn.net import Handle, Limits, WebSocket, serve
from wslearn.net.thread import LoopThread

pytestmark = pytest.mark.needs("chromium")

T = TypeVar("T")

PLAY = (Path(__file__).parent / "browser.js").read_text("utf-8")

#: Chromium offers permessage-deflate always, and a page may close with 1000 and 3000–4999 only.
POSSIBLE = [
    scenario
    for scenario in SCENARIOS
    if not scenario.needs & {"fragments", "pings"} and scenario.code in {None, 1000, 3000, 4000}
]


class Chromium:
    """A browser on a thread of its own, and every address that it asked for."""

    def __init__(self, loop: LoopThread, playwright: Playwright, browser: Browser) -> None:
        self._loop = loop
        self._playwright = playwright
        self._browser = browser
        self.asked_for: list[str] = []

    @classmethod
    def start(cls, loop: LoopThread) -> Chromium:
        async def launch() -> Chromium:
            playwright = await async_playwright().start()
            # Playwright's own download, where the system has none.
            path = shutil.which("chromium")
            return cls(
                loop, playwright, await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            )

        return loop.run(launch())

    def stop(self) -> None:
        async def stop() -> None:
            await self._browser.close()
            await self._playwright.stop()

        self._loop.run(stop())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    @asynccontextmanager
    async def page(self, url: str) -> AsyncIterator[Page]:
        """Open a page, and note what it asks for."""
        context = await self._browser.new_context()
        context.on("request", lambda request: self.asked_for.append(request.url))
        page = await context.new_page()
        page.on("websocket", lambda socket: self.asked_for.append(socket.url))
        await page.goto(url)
        yield page
        await context.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    loop = LoopThread("chromium")
    browser = Chromium.start(loop)
    yield browser
    browser.stop()
    loop.stop()
    hosts = {urlsplit(url).hostname for url in browser.asked_for if not url.startswith("data:")}
    assert hosts == {"127.0.0.1"}


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    apps = {"/scenario": echo_or_close, "/fail": fail}
    limits = Limits(max_message_size=2 << 20)
    with serve(apps, subprotocols=[SUBPROTOCOL], limits=limits) as handle:
        yield handle


async def fail(ws: WebSocket) -> None:
    await ws.recv()
    raise ZeroDivisionError


async def how_it_ends(page: Page, url: str, message: str | int | None = None) -> list[Any]:
    """Open a WebSocket from a page, send a text, or that many bytes, and give how it ends."""
    ended: list[Any] = await page.evaluate(
        """([url, message]) => new Promise((resolve) => {
             const seen = []
             const socket = new WebSocket(url)
             socket.onopen = () => {
               seen.push('open')
               const sent = typeof message === 'number' ? new Uint8Array(message) : message
               if (sent !== null) socket.send(sent)
             }
             socket.onerror = () => seen.push('error')
             socket.onclose = ({ code, reason, wasClean }) => resolve([...seen, code, reason, wasClean])
           })""",
        [url, message],
    )
    return ended


class TestScenarios:
    @pytest.mark.parametrize("scenario", POSSIBLE, ids=str)
    def test_all_that_a_page_can_play(self, scenario: Scenario, chromium: Chromium, server: Handle) -> None:
        async def play() -> Any:
            async with chromium.page(server.page) as page:
                return await page.evaluate(PLAY, [server.url_of("/scenario"), scenario.as_json()])

        expected = scenario.transcript()
        expected[0][2] = True  # permessage-deflate, whether asked for or not
        assert chromium.run(play()) == expected

    def test_close_codes_of_failures(self, chromium: Chromium, server: Handle) -> None:
        async def play() -> None:
            async with chromium.page(server.page) as page:
                big = await how_it_ends(page, server.url_of("/echo"), (2 << 20) + 1)
                assert big == ["open", 1009, "The message exceeds the limit of 2097152 bytes.", True]
                failed = await how_it_ends(page, server.url_of("/fail"), "Hello")
                assert failed == ["open", 1011, "the application failed", True]

        chromium.run(play())

    def test_the_server_stops(self, chromium: Chromium) -> None:
        async def play() -> None:
            handle = await serve()
            async with chromium.page(handle.page) as page:
                await expect(page.locator("#state")).to_have_text("open")
                handle.stop()
                await expect(page.locator("#state")).to_have_text("closed with 1001 the server stops")

        chromium.run(play())


class TestOrigins:
    @pytest.mark.parametrize("path", ["/echo", "/tornado"])
    def test_a_page_from_nowhere_is_refused(self, path: str, chromium: Chromium, server: Handle) -> None:
        async def play() -> list[Any]:
            async with chromium.page("data:text/html,a page with the origin null") as page:
                return await how_it_ends(page, server.url_of(path))

        assert chromium.run(play()) == ["error", 1006, "", False]

    def test_a_page_of_another_server_on_this_machine_is_not(
        self, chromium: Chromium, server: Handle
    ) -> None:
        async def play() -> list[Any]:
            async with chromium.page(other.page) as page:
                return await how_it_ends(page, server.url_of("/fail"), "Hello")

        with serve() as other:
            assert chromium.run(play())[0] == "open"


class TestOurPage:
    def test_echoes_and_closes(self, chromium: Chromium, server: Handle) -> None:
        async def play() -> None:
            async with chromium.page(server.page) as page:
                complaints: list[str] = []
                page.on("console", lambda message: complaints.append(message.text))
                page.on("pageerror", lambda error: complaints.append(str(error)))
                await expect(page.locator("#state")).to_have_text("open")
                await expect(page.locator("#url")).to_have_text(server.url_of("/echo"))
                await page.get_by_label("Message", exact=True).fill("<b>Grüße</b>")
                await page.get_by_role("button", name="Send").click()
                lines = page.locator("#log li")
                await expect(lines).to_have_text(["← <b>Grüße</b>", "→ <b>Grüße</b>"])
                await page.get_by_role("button", name="Close").click()
                state = page.get_by_role("status")
                await expect(state).to_have_text("closed with 1000 the page says goodbye")
                await expect(page.get_by_role("button", name="Send")).to_be_disabled()
                assert complaints == []

        chromium.run(play())
