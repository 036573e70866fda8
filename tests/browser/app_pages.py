"""Pages of an application, open in one Chromium, and its server: cut them off, and see that they agree.

    def test_two_pages(browser: Browser) -> None:                  # the fixture of conftest.py
        with app_pages(browser, chat, pages=2) as app:             # and all say that they are connected
            ada, bob = app.pages                                   # Playwright's pages
            ada.fill("#text", "Hello"); ada.keyboard.press("Enter")
            app.cut()                                              # kills every socket, on the server's side
            app.connected()                                        # they come back, in half a second or so
            log = app.agree(lambda page: page.inner_text("#log"))  # waits until it is the same, and not empty
            assert "Hello" in log
            assert app.axe(ada) == []                              # in light and in dark
            assert app.overflow(ada, 400) == []                    # the width of the window
            app.on_node(lambda: app.nodes[0].connections)          # whatever is asked on the servers' loop
            app.stop(1)                                            # of two nodes: closes its pages, stops it
            app.restart(0)                                         # on the same port; its pages come back
            app.shot(ada, Path("reports/chat.png"))

``app_pages(browser, chat, pages=2, nodes=2)`` gives each page a server of its own; the servers share one
`Local` backplane. `query` is put behind the address of a page: ``query=lambda n: f"?room=r{n}"``. A second
application, or one with settings of its own: ``app_pages(browser, lambda plane: chat(plane), ...)``. Of an
application whose page opens more than one WebSocket, say how many: ``sockets=2``.

At the end everything is stopped, and it fails if an application raised or a callback of the loop did. The
fixture fails if a page asked another machine for something, or if a console complained. So a page has

- ``<link rel="icon" href="data:,">``, or Chromium asks for an icon that is not there, and complains;
- all it shows inside ``<main>``, or axe-core misses it;
- a line ``.status[data-state=open]`` while it is connected, as `statusLine` of ``live.js`` makes it.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Page

from tests.browser.chromium import Browser
from tests.labs.shared import Shared
from wslearn.connection import State
from wslearn.labs.backplane import Backplane
from wslearn.net import Server
from wslearn.net.apps import App
from wslearn.net.thread import LoopThread

T = TypeVar("T")

SCHEMES: tuple[Any, ...] = ("light", "dark")
# Seconds. The first attempt to connect again waits half a second at most, the next one a second.
OPENS_WITHIN = AGREES_WITHIN = 10.0

OVERFLOW = """() => {
  const edge = document.documentElement.clientWidth
  const scrolls = (node) => ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(node).overflowX)
  const inside = (node) => {
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement)
      if (scrolls(at)) return true
    return false
  }
  const found = []
  for (const node of document.body.querySelectorAll('*')) {
    const box = node.getBoundingClientRect()
    if (box.width > 1 && box.right > edge + 1 && !inside(node))
      found.push(`${node.localName}#${node.id} ends ${Math.round(box.right - edge)} px beyond the window`)
  }
  const whole = document.scrollingElement
  if (whole.scrollWidth > edge + 1) found.push(`the page scrolls sideways by ${whole.scrollWidth - edge} px`)
  return found
}"""


@dataclass
class AppPages:
    """Pages of one application, and the servers that they are connected to."""

    nodes: list[Server]
    pages: list[Page]
    sockets: int
    _start: Callable[[int], Server]
    _thread: LoopThread

    def on_node(self, ask: Callable[[], T]) -> T:
        """Call a function on the servers' loop, where they and their applications live."""
        return self._thread.call(ask)

    def cut(self, node: int | None = None) -> int:
        """Kill the sockets of all nodes, or of one, without a close frame; say how many there were."""

        async def abort() -> int:
            nodes = self.nodes if node is None else [self.nodes[node]]
            sockets = [ws for each in nodes for ws in each.connections]
            for ws in sockets:
                ws.abort()
            await asyncio.gather(*(ws.wait_closed() for ws in sockets))
            return len(sockets)

        return self._thread.run(abort())

    def stop(self, node: int) -> None:
        """Close the pages of one node, and stop it for good."""
        for page in [page for number, page in enumerate(self.pages) if number % len(self.nodes) == node]:
            self.pages.remove(page)
            page.close()
        self._thread.run(self.nodes[node].stop())

    def restart(self, node: int) -> None:
        """Stop one node, and start another one on its port, which shares what is shared."""
        port = self.nodes[node].port
        self._thread.run(self.nodes[node].stop())
        self.nodes[node] = self._start(port)

    def connected(self) -> None:
        """Wait until every page says that it is connected, and the servers say so, too."""

        def open_now() -> int:
            return sum(ws.state is State.OPEN for node in self.nodes for ws in node.connections)

        deadline = time.monotonic() + OPENS_WITHIN
        while (found := self.on_node(open_now)) != len(self.pages) * self.sockets:
            assert time.monotonic() < deadline, f"{found} are connected of {self._state()}"
            self.pages[0].wait_for_timeout(20)
        for page in self.pages:
            for line in page.locator(".status").all():
                line.and_(page.locator("[data-state=open]")).wait_for()

    def _state(self) -> list[str]:
        errors = [error for node in self.nodes for error in node.errors]
        return [*(page.inner_text(".status") for page in self.pages), *errors]

    def agree(self, read: Callable[[Page], T], wanted: Callable[[T], object] = bool) -> T:
        """Wait until all pages show the same, and it is what is wanted; return it.

        `read` says what one page shows. `wanted` says whether that is it: anything but nothing, if not given.
        """
        deadline = time.monotonic() + AGREES_WITHIN
        while True:
            first, *others = shown = [read(page) for page in self.pages]
            if all(other == first for other in others) and wanted(first):
                return first
            assert time.monotonic() < deadline, f"the pages do not agree, or not on what is wanted: {shown}"
            self.pages[0].wait_for_timeout(30)

    def axe(self, page: Page) -> list[str]:
        """List what axe-core has against a page in light and dark, one line a kind of fault and element."""
        found = []
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            if not page.evaluate("() => 'axe' in window"):
                page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
            seen = page.evaluate("() => axe.run()")
            looked_at = {rule["id"] for kind in ("passes", "violations") for rule in seen[kind]}
            assert "color-contrast" in looked_at, f"axe-core saw no text; it looked at {looked_at}"
            found += [
                f"{scheme}: {fault['id']}: {fault['help']}: {node['html'][:200]} {node['failureSummary']}"
                for fault in seen["violations"]
                for node in fault["nodes"]
            ]
        page.emulate_media(color_scheme="light")
        return found

    def overflow(self, page: Page, width: int) -> list[str]:
        """List what sticks out of a window of this width at the right."""
        size = page.viewport_size
        assert size
        page.set_viewport_size({"width": width, "height": size["height"]})
        found = page.evaluate(OVERFLOW)
        page.set_viewport_size(size)
        return [str(line) for line in found]

    def shot(self, page: Page, path: Path, width: int = 1100, scheme: str = "light") -> Path:
        """Save a photograph of a whole page."""
        size = page.viewport_size
        assert size
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(size)
        return path


@contextmanager
def app_pages(
    browser: Browser,
    app: Callable[[Backplane], App],
    pages: int = 2,
    nodes: int = 1,
    query: Callable[[int], str] = lambda _: "",
    sockets: int = 1,
) -> Iterator[AppPages]:
    """Start an application on some nodes, and open pages of it: page n on node n, and round again."""
    thread, plane = LoopThread("nodes"), Shared()
    raised: list[str] = []
    thread.loop.set_exception_handler(
        lambda _, context: raised.append(f"{context['message']}: {context.get('exception')!r}")
    )
    servers: list[Server] = []

    def start(port: int = 0) -> Server:
        server = Server(app(plane), port=port)
        servers.append(server)
        thread.run(server.start())
        return server

    try:
        opened = AppPages([start() for _ in range(nodes)], [], sockets, start, thread)
        for number in range(pages):
            page = browser.page()
            page.goto(opened.nodes[number % nodes].url.replace("ws", "http", 1) + query(number))
            opened.pages.append(page)
        opened.connected()
        yield opened
        for page in opened.pages:
            page.close()
    finally:
        for server in servers:
            thread.run(server.stop())
        thread.stop()
    assert [error for server in servers for error in server.errors] + raised == []
