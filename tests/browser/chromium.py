"""A real Chromium that can reach 127.0.0.1 and nothing else, and tells what it tried to reach."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
HERE = {"127.0.0.1"}
# These carry their content with them, or take it from the page.
INSIDE = {"about", "blob", "chrome-extension", "data"}


@dataclass
class Browser:
    """One window of Chromium and what was seen in it."""

    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def page(self) -> Page:
        """Open a tab whose requests, console and uncaught errors are recorded."""
        page = self.context.new_page()
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("console", self._hear)
        page.on("pageerror", self._catch)
        return page

    def _catch(self, error: Error) -> None:
        """Take note of an uncaught error, but for one of JupyterLab's own.

        Its list of cells now and then removes a node that it has moved already. The code of a widget comes
        from a blob, and would stand in the stack.
        """
        frames = re.findall(r"\w+:\S+:\d+:\d+", error.stack or "")
        jupyterlab = frames and all("/static/lab/jlab_core." in frame for frame in frames)
        if not (jupyterlab and "Failed to execute 'removeChild'" in str(error)):
            self.complaints.append(f"uncaught: {error}")

    def leaks(self) -> list[str]:
        """List the requests that went, or would have gone, to another machine."""
        parts = ((url, urlsplit(url)) for url in self.requests)
        return [url for url, part in parts if part.scheme not in INSIDE and part.hostname not in HERE]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


@contextmanager
def launched() -> Iterator[Chromium]:
    """Start Chromium, Debian's or Playwright's own; end it."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        try:
            yield started
        finally:
            started.close()


@contextmanager
def window_of(started: Chromium, width: int = 1200, height: int = 900) -> Iterator[Browser]:
    """Open a window with nothing remembered; close it at the end."""
    context = started.new_context(viewport={"width": width, "height": height})
    browser = Browser(context)
    context.on("request", lambda request: browser.requests.append(request.url))
    yield browser
    context.close()


@contextmanager
def chromium(width: int = 1200, height: int = 900) -> Iterator[Browser]:
    """Start Chromium for one window."""
    with launched() as started, window_of(started, width, height) as browser:
        yield browser
