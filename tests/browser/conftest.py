"""One Chromium for all of this package, and no longer.

While Playwright runs, its thread cannot run an event loop of the tests' own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.chromium import Browser, launched, window_of
from tests.browser.lab import WHOLE, jupyterlab
from tests.browser.widget_page import WIDTH, WidgetPage, widget_page


@pytest.fixture(scope="package")
def started() -> Iterator[Chromium]:
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def window(started: Chromium) -> Iterator[Browser]:
    with window_of(started) as browser:
        yield browser


@pytest.fixture
def browser(window: Browser) -> Iterator[Browser]:
    """A window that, when the test is over, has reached for no other machine and has not complained."""
    window.requests.clear()
    window.complaints.clear()
    yield window
    assert window.requests, "no request was recorded"
    assert window.leaks() == []
    assert window.complaints == []
    for page in window.context.pages:
        page.close()


@pytest.fixture(scope="package")
def widget_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("widgets")


@pytest.fixture(scope="package")
def widget_tab(started: Chromium, widget_folder: Path) -> Iterator[WidgetPage]:
    """One JupyterLab for all tests of widgets, open in one tab: both are slow to start."""
    with (
        jupyterlab(widget_folder, settings=WHOLE) as lab,
        window_of(started) as browser,
        widget_page(browser, lab, widget_folder) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def module_page(request: pytest.FixtureRequest, widget_tab: WidgetPage) -> Iterator[WidgetPage]:
    """A notebook and a kernel of the module's own."""
    with widget_tab.notebook(Path(request.node.path).stem):
        yield widget_tab


@pytest.fixture
def lab_page(module_page: WidgetPage) -> Iterator[WidgetPage]:
    """An empty notebook in the light theme, in which nobody called on another machine or complained."""
    module_page.clear()
    module_page.theme("light")
    module_page.width(WIDTH)
    yield module_page
    leaks, complaints = module_page.browser.leaks(), module_page.complaints()
    module_page.clear()
    assert leaks == []
    assert complaints == []
