"""One Chromium a module: while Playwright runs, its thread cannot run an event loop of the tests' own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Browser, chromium
from tests.browser.lab import WHOLE, jupyterlab
from tests.browser.widget_page import WIDTH, WidgetPage, widget_page


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with chromium() as browser:
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


@pytest.fixture(scope="session")
def widget_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("widgets")


@pytest.fixture(scope="session")
def widget_lab(widget_folder: Path) -> Iterator[str]:
    """One JupyterLab for all tests of widgets: only its start is slow, and they share nothing in it."""
    with jupyterlab(widget_folder, settings=WHOLE) as url:
        yield url


@pytest.fixture(scope="module")
def _widget_page(
    request: pytest.FixtureRequest, window: Browser, widget_lab: str, widget_folder: Path
) -> Iterator[WidgetPage]:
    name = Path(request.node.path).with_suffix(".ipynb").name
    with widget_page(window, widget_lab, widget_folder, name) as opened:
        yield opened


@pytest.fixture
def lab_page(_widget_page: WidgetPage) -> Iterator[WidgetPage]:
    """An empty notebook in the light theme, in which nobody called on another machine or complained."""
    _widget_page.clear()
    _widget_page.theme("light")
    _widget_page.width(WIDTH)
    yield _widget_page
    leaks, complaints = _widget_page.browser.leaks(), _widget_page.complaints()
    _widget_page.clear()
    assert leaks == []
    assert complaints == []
