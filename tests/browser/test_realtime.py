"""What lesson 01 says of browsers: the headers they send, EventSource, and six connections to a host."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Browser
from wslearn import Request
from wslearn.http import split_head
from wslearn.labs.realtime import PushServer, race, upstream
from wslearn.labs.realtime.process import Control
from wslearn.net import Tap
from wslearn.net.thread import LoopThread

pytestmark = pytest.mark.needs("chromium")

ASK_IN_ALL_WAYS = """async () => {
  await (await fetch('/realtime/poll?after=0')).text()
  await fetch('/realtime/say', { method: 'POST', body: 'x'.repeat(64) })
  const events = new EventSource('/realtime/events')
  const socket = new WebSocket(`ws://${location.host}/realtime?after=0`)
  await Promise.all([events, socket].map((each) => new Promise((open) => { each.onopen = open })))
  events.close(); socket.close()
}"""
LISTEN = """() => {
  window.ids = []
  window.source = new EventSource('/realtime/events')
  window.source.onmessage = (event) => { window.ids.push(event.lastEventId) }
  return new Promise((open) => { window.source.onopen = open })
}"""
# Eight of a kind that stay open, each with a URL of its own; and one poll behind them.
WAIT_EIGHT_TIMES = """async (kind) => {
  const left = new AbortController()
  const make = {
    EventSource: (n) => new EventSource(`/realtime/events?${n}`),
    WebSocket: (n) => new WebSocket(`ws://${location.host}/realtime?after=0&${n}`),
    'long poll': (n) => fetch(`/realtime/long?after=${n + 1000}`, { signal: left.signal }).catch(() => null),
  }[kind]
  const waiting = Array.from({ length: 8 }, (_, n) => make(n))
  await new Promise((go) => setTimeout(go, 1500))
  const poll = fetch('/realtime/poll?after=0&last').then(() => 'answered')
  const first = await Promise.race([poll, new Promise((go) => setTimeout(() => go('not answered'), 1000))])
  const open = waiting.filter((each) => each.readyState === 1).length
  left.abort()
  for (const each of waiting) each.close?.()
  return [open, first, await poll]
}"""


@pytest.fixture
def server() -> Iterator[PushServer]:
    with PushServer() as server:
        yield server


@pytest.fixture
def chrome(browser: Browser) -> Iterator[Browser]:
    """A window that may look for an icon: the server has none."""
    yield browser
    browser.complaints[:] = [each for each in browser.complaints if "favicon.ico" not in each]


def opened(browser: Browser, server: PushServer, port: int) -> Page:
    """Open a page of the server's own, so that its requests are no other site's."""
    page = browser.page()
    page.goto(f"http://{server.host}:{port}/realtime/poll?after=0")
    return page


def asked(tap: Tap) -> dict[str, set[str]]:
    """Give the names of the headers of the last request for each path."""
    found = {}
    for capture in tap.connections:
        rest = capture.bytes_from("client")
        while cut := split_head(rest):
            request = Request.parse(cut[0])
            found[request.path] = {name.lower() for name, _ in request.headers}
            if "Upgrade" in request.headers:
                break
            rest = cut[1][int(request.headers.get("Content-Length", "0")) :]
    return found


def publish(server: PushServer, count: int) -> None:
    """Let events happen, from the first."""

    async def begin() -> None:
        async with Control(server) as control:
            await control.tell(begin={"rate": 50, "count": count})

    thread = LoopThread("publish")
    try:
        thread.run(begin())
    finally:
        thread.stop()


def test_the_clients_send_the_headers_of_a_browser(
    server: PushServer, chrome: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tap((server.host, server.port)) as tap, Tap((server.host, server.port)) as other:
        opened(chrome, server, tap.port).evaluate(ASK_IN_ALL_WAYS)
        race(server, through=other, clients=1, rate=10, duration=0.1, interval=0.1)
        monkeypatch.setattr(server, "port", other.port)
        upstream(server, messages=1)
        browsers, ours = asked(tap), asked(other)
    assert ours["/realtime/poll"] == ours["/realtime/long"] == browsers["/realtime/poll"]
    assert ours["/realtime/say"] == browsers["/realtime/say"]
    assert ours["/realtime/events"] == browsers["/realtime/events"]
    # Nothing is compressed here, in any of the ways.
    assert ours["/realtime"] == browsers["/realtime"] - {"sec-websocket-extensions"}


def test_an_event_source_comes_back_and_says_what_it_has(server: PushServer, chrome: Browser) -> None:
    with Tap((server.host, server.port)) as tap:
        port = tap.port
        page = opened(chrome, server, port)
        page.evaluate(LISTEN)
        publish(server, 3)
        page.wait_for_function("() => window.ids.length === 3")
    with Tap((server.host, server.port), port=port) as tap:
        page.wait_for_function("() => window.source.readyState === 0")
        page.wait_for_function("() => window.source.readyState === 1")
        publish(server, 5)
        page.wait_for_function("() => window.ids.length === 5")
        (request,) = (each.request for each in tap.connections if each.request)
        assert page.evaluate("() => window.ids") == ["1", "2", "3", "4", "5"]
    assert request.path == "/realtime/events"
    assert request.headers["Last-Event-ID"] == "3"
    page.evaluate("() => window.source.close()")
    chrome.complaints.clear()  # of the connection that was cut


@pytest.mark.parametrize(
    ("kind", "open_of_eight", "first"),
    [("EventSource", 6, "not answered"), ("long poll", 0, "not answered"), ("WebSocket", 8, "answered")],
)
def test_six_connections_to_a_host(
    server: PushServer, chrome: Browser, kind: str, open_of_eight: int, first: str
) -> None:
    page = opened(chrome, server, server.port)
    assert page.evaluate(WAIT_EIGHT_TIMES, kind) == [open_of_eight, first, "answered"]
