"""Cross-site hijacking in a real Chromium: what a page of another origin can read, and what stops it.

What lesson 09 says of browsers is shown here: which cookies go along with a handshake, that the same-origin
policy does not hold for WebSockets, and that a page has no say in the header fields.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext

from tests.browser.chromium import FLAGS
from tests.notebooks.lesson import FOLDER, read
from wslearn.course.sites import Site, attack_page, login_page
from wslearn.net import LOOPBACK_ORIGINS, WebSocket, serve
from wslearn.net.thread import LoopThread

pytestmark = pytest.mark.needs("chromium")

SECRET = "Ada, your balance is 1,024"
HERE = "127.0.0.1"
NAMES = ("app.bank.test", "blog.bank.test", "evil.test")
#: As safe as a cookie can be: no script reads it, and no other site sends it along.
STRICT = "bank=c0ffee; Path=/; HttpOnly; SameSite=Strict"
#: As many are: nothing said about other sites.
PLAIN = "bank=c0ffee; Path=/"
READ = f"This page has read: {SECRET}"
REFUSED = "This page has read nothing. Close code 1006"
UNKNOWN = "This page has read nothing. Close code 1008"


@dataclass
class Bank:
    """A WebSocket that tells a secret to whoever has the cookie, and notes what browsers sent."""

    origins: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)

    async def account(self, ws: WebSocket) -> None:
        headers = ws.request.headers
        self.origins.append(headers.get("Origin"))
        self.cookies.append(headers.get("Cookie"))
        self.authorizations.append(headers.get("Authorization"))
        if "bank" not in SimpleCookie(headers.get("Cookie")):
            await ws.close(1008, "log in first")
            return
        await ws.send(SECRET)
        await ws.wait_closed()


@pytest.fixture(scope="module")
def named(started: Chromium) -> Iterator[Chromium]:
    """A Chromium for which some names are this machine: other sites, and not only other ports."""
    rules = ", ".join([*(f"MAP {name} {HERE}" for name in NAMES), "MAP * ~NOTFOUND", f"EXCLUDE {HERE}"])
    flags = [f"--host-resolver-rules={rules}" if "host-resolver" in flag else flag for flag in FLAGS]
    browser = started.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
    yield browser
    browser.close()


@pytest.fixture
def student(named: Chromium) -> Iterator[BrowserContext]:
    """A browser with nothing remembered, which in the end has asked no other machine for anything."""
    asked: list[str] = []
    context = named.new_context()
    context.on("request", lambda request: asked.append(request.url))
    yield context
    context.close()
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith("data:")}
    assert hosts
    assert hosts <= {HERE, *NAMES}


def attack(
    student: BrowserContext,
    *,
    origins: Collection[str] | None,
    cookie: str = STRICT,
    bank_host: str = HERE,
    evil_host: str = HERE,
) -> tuple[str, list[str], Bank]:
    """Log in, then visit the attacker; give what his page says, what he got, and what the bank saw."""
    bank = Bank()
    with (
        serve(bank.account, origins=origins) as server,
        Site({"/": login_page()}, headers=[("Set-Cookie", cookie)]) as door,
        Site({"/": attack_page(server.url.replace(HERE, bank_host))}) as evil,
    ):
        page = student.new_page()
        page.goto(door.url.replace(HERE, bank_host))
        assert page.inner_text("h1") == "The bank"
        page.goto(evil.url.replace(HERE, evil_host))
        status = page.get_by_role("status")
        page.wait_for_function("status => status.textContent !== '…'", arg=status.element_handle())
        said = status.inner_text()
        page.close()
        return said, evil.received, bank


class TestHijack:
    def test_without_a_check_another_origin_reads_the_secret(self, student: BrowserContext) -> None:
        """Another port is another origin, and the same site: the strictest cookie goes along."""
        said, loot, bank = attack(student, origins=None)
        assert said == READ
        assert loot == [SECRET]
        assert bank.cookies == ["bank=c0ffee"]
        assert bank.origins[0].startswith(f"http://{HERE}:")

    def test_with_a_check_it_is_refused(self, student: BrowserContext) -> None:
        said, loot, bank = attack(student, origins={"https://bank.example"})
        assert said == REFUSED
        assert loot == []
        assert bank.cookies == []

    def test_the_check_names_ports_too(self, student: BrowserContext) -> None:
        """What `serve` allows unless told otherwise, any port here, is for lessons and not for banks."""
        said, _, _ = attack(student, origins=LOOPBACK_ORIGINS)
        assert said == READ

    def test_the_bank_s_own_page_still_connects(self, student: BrowserContext) -> None:
        bank = Bank()
        with (
            Site({"/": login_page()}, headers=[("Set-Cookie", STRICT)]) as door,
            serve(bank.account, origins={door.origin}) as server,
        ):
            page = student.new_page()
            page.goto(door.url)
            assert page.evaluate(ONE_MESSAGE, server.url) == SECRET
            page.close()


@pytest.fixture
def lesson() -> Iterator[dict[str, Any]]:
    """What the lesson's cells leave behind, run as far as the links for the student's own browser."""
    loop, names = LoopThread("lesson"), dict[str, Any]()
    for cell in read(FOLDER / "09_security.ipynb").cells:
        if cell.cell_type == "code":
            code = compile(cell.source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            waiting = eval(code, names)
            if waiting is not None:
                loop.run(waiting)
        if "steps" in names:
            break
    yield names
    for name in ("bank", "evil", "late", "careless", "careful"):
        names[name].stop()
    loop.stop()


def test_the_links_of_the_lesson(lesson: dict[str, Any], student: BrowserContext) -> None:
    page = student.new_page()
    said = []
    for url in lesson["steps"].values():
        page.goto(url)
        page.wait_for_function("() => document.querySelector('[role=status]')?.textContent !== '…'")
        said.append(page.inner_text("body"))
    page.close()
    assert "You are logged in" in said[0]
    assert READ in said[1]
    assert REFUSED in said[2]
    assert lesson["evil"].received == [SECRET]
    assert lesson["late"].received == []


class TestCookies:
    """Which cookies a browser sends along: a second lock, and not the first."""

    @pytest.mark.parametrize("cookie", [STRICT, PLAIN], ids=["strict", "plain"])
    def test_another_subdomain_is_the_same_site(self, cookie: str, student: BrowserContext) -> None:
        said, _, bank = attack(
            student, origins=None, cookie=cookie, bank_host="app.bank.test", evil_host="blog.bank.test"
        )
        assert said == READ
        assert bank.cookies == ["bank=c0ffee"]

    @pytest.mark.parametrize("cookie", [STRICT, PLAIN], ids=["strict", "plain"])
    def test_another_site_comes_without_them(self, cookie: str, student: BrowserContext) -> None:
        said, loot, bank = attack(
            student, origins=None, cookie=cookie, bank_host="app.bank.test", evil_host="evil.test"
        )
        assert said == UNKNOWN
        assert loot == []
        assert bank.cookies == [""]
        assert bank.origins[0].startswith("http://evil.test:")


ONE_MESSAGE = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url)
  socket.onmessage = ({ data }) => { resolve(data); socket.close() }
  socket.onclose = ({ code }) => resolve(code)
})"""
FETCHED = """(url) => fetch(url, {credentials: 'include'})
  .then((answer) => answer.text(), (error) => error.name)"""
WITH_HEADERS = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url, [], {headers: {Authorization: "Bearer c0ffee"}})
  socket.onclose = ({ code }) => resolve(code)
})"""
FAULT = "(url) => { try { new WebSocket(url); return '' } catch (error) { return error.name } }"


class TestWhatAPageMay:
    def test_the_same_origin_policy_holds_for_fetch_and_not_for_websockets(
        self, student: BrowserContext
    ) -> None:
        bank = Bank()
        with (
            serve(bank.account, origins=None) as server,
            Site({"/": "the bank's own page"}, headers=[("Set-Cookie", STRICT)]) as door,
            Site({"/": "<p>the attacker's"}) as evil,
        ):
            page = student.new_page()
            page.goto(door.url)
            page.goto(evil.url)
            assert page.evaluate(FETCHED, door.url) == "TypeError"
            assert page.evaluate(ONE_MESSAGE, server.url) == SECRET
            page.close()

    def test_a_page_cannot_set_a_header_field(self, student: BrowserContext) -> None:
        """It says the URL and the subprotocols; what libraries outside of browsers take third is ignored."""
        bank = Bank()
        with serve(bank.account, origins=None) as server, Site({"/": "<p>a page"}) as site:
            page = student.new_page()
            page.goto(site.url)
            assert page.evaluate(WITH_HEADERS, server.url) == 1008
            assert bank.authorizations == [""]
            page.close()

    def test_an_insecure_websocket_from_a_secure_page_is_blocked(self, student: BrowserContext) -> None:
        """Mixed content: a page that came over TLS opens `wss` only, except to this machine itself."""
        with serve(Bank().account, origins=None) as server:
            page = student.new_page()
            page.route("https://app.bank.test/", lambda route: route.fulfill(body="<p>secure"))
            page.goto("https://app.bank.test/")
            assert page.evaluate("isSecureContext") is True
            assert page.evaluate(FAULT, server.url.replace(HERE, "evil.test")) == "SecurityError"
            page.close()
