"""One Chromium a module: while Playwright runs, its thread cannot run an event loop of the tests' own."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Browser, chromium


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
