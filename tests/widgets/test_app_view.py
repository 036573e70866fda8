"""AppView in Python: what is shown of which server, and whose pages it lets in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.markup import picture
from tests.notebooks.faults import PASSING
from wslearn import HandshakeError, UsageError
from wslearn.labs.apps.chat import chat
from wslearn.net import connect, serve
from wslearn.net.thread import Handle
from wslearn.widgets.app_view import AppView

HUB = "https://hub.example.org"


@pytest.fixture
def server() -> Iterator[Handle]:
    with serve({"/chat": chat()}) as server:
        yield server


async def _knock(url: str, origin: str) -> None:
    async with connect(url, origin=origin):
        pass


def test_it_says_what_would_be_there(server: Handle) -> None:
    view = AppView(server, "/chat", [""])
    assert repr(view) == "<AppView: /chat, 1 page>"
    assert "1 page of the app at /chat" in picture(view.still()).text
    assert not any(pattern.search(view.still()) for pattern in PASSING.values())
    assert view.url == server.url_of("/chat")


def test_the_origin_of_its_page_is_let_in_and_no_other(server: Handle) -> None:
    view = AppView(server, "/chat")
    with pytest.raises(HandshakeError):
        asyncio.run(_knock(view.url, HUB))
    view.set_state({"origin": HUB})
    assert view.let_in == HUB
    asyncio.run(_knock(view.url, HUB))
    with pytest.raises(HandshakeError):
        asyncio.run(_knock(view.url, "https://other.example.org"))


def test_it_hears_that_the_server_has_stopped(server: Handle) -> None:
    view = AppView(server, "/chat")
    assert view.running
    server.stop()
    assert not view.running


def test_bad_arguments(server: Handle) -> None:
    with pytest.raises(UsageError, match=r"no app at '/chess' on this server\. There is /chat, /echo"):
        AppView(server, "/chess")
    for queries in ([], [""] * 5, "?room=kitchen"):
        with pytest.raises(UsageError, match="1 to 4 pages"):
            AppView(server, "/chat", queries)
    with pytest.raises(UsageError, match=r"what serve\(\) gave, not 'ws:"):
        AppView(server.url, "/chat")  # type: ignore[arg-type]
    server.stop()
    with pytest.raises(UsageError, match="This server has stopped"):
        AppView(server, "/chat")
