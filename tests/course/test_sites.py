"""Web sites of the lesson on security: two origins on one machine, as a browser sees them."""

from __future__ import annotations

import asyncio
import gc
import http.client
import socket
import threading

import pytest

from wslearn.course.sites import Site, attack_page, login_page
from wslearn.errors import UsageError

Answer = tuple[int, http.client.HTTPMessage, bytes]


def ask(site: Site, method: str, path: str, body: bytes | None = None) -> Answer:
    """Send one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    connection.request(method, path, body)
    answer = connection.getresponse()
    read = answer.status, answer.headers, answer.read()
    connection.close()
    return read


def talk(site: Site, data: bytes) -> bytes:
    """Send bytes, and read until the site hangs up."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(4096), b""))
        except OSError:  # it hung up before it had read everything
            return b""


class TestSite:
    def test_pages_and_their_headers(self) -> None:
        with Site({"/": "<p>é", "/two": "2"}, headers=[("Set-Cookie", "a=1; HttpOnly")]) as site:
            assert site.origin == f"http://127.0.0.1:{site.port}"
            assert site.url == site.origin + "/"
            status, headers, body = ask(site, "GET", "/?from=here")
            assert (status, body) == (200, "<p>é".encode())
            assert headers["Set-Cookie"] == "a=1; HttpOnly"
            assert headers["Content-Type"] == "text/html; charset=utf-8"
            assert ask(site, "GET", "/two")[2] == b"2"

    def test_what_is_not_there(self) -> None:
        with Site({"/": "here"}) as site:
            assert ask(site, "GET", "/there")[::2] == (404, b"")

    def test_what_is_posted_is_kept(self) -> None:
        with Site({"/": "here"}) as site:
            assert ask(site, "POST", "/loot", b"a secret")[0] == 200
            assert ask(site, "POST", "/loot", "größer".encode())[0] == 200
        assert site.received == ["a secret", "größer"]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"GET / HTTP/1.1\r\n",
            b"nonsense\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: ten\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nshort",
            b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000,
        ],
    )
    def test_who_speaks_no_http_is_not_answered(self, data: bytes) -> None:
        with Site({"/": "here"}) as site:
            assert talk(site, data) == b""
            assert site.received == []
            assert ask(site, "GET", "/")[2] == b"here"

    def test_a_body_has_a_largest_size(self) -> None:
        with Site({"/": "here"}) as site:
            head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
            assert talk(site, head % 65536 + bytes(65536)).startswith(b"HTTP/1.1 200 ")
            assert talk(site, head % 65537).startswith(b"HTTP/1.1 413 ")
            assert [len(body) for body in site.received] == [65536]

    def test_stopping_drops_who_waits_and_frees_the_port(self) -> None:
        before = threading.active_count()
        site = Site({"/": "here"})
        with socket.create_connection(("127.0.0.1", site.port), timeout=5) as idle:
            assert ask(site, "GET", "/")[0] == 200  # so the idle one has been accepted
            site.stop()
            site.stop()
            assert idle.recv(1) == b""
        assert threading.active_count() == before
        assert repr(site) == "<Site stopped: />"
        with Site({"/": "again"}, port=site.port) as again:
            assert ask(again, "GET", "/")[2] == b"again"
            with pytest.raises(UsageError, match="Cannot listen"):
                Site({"/": "taken"}, port=site.port)

    def test_stopping_leaves_no_socket_open(self) -> None:
        """Whoever connects in the last moment is dropped, too: an unclosed socket is an error here."""
        for number in range(60):
            with Site({"/": "here"}) as site:
                late = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(number % 4)]
            for connection in late:
                connection.close()
        gc.collect()

    def test_who_is_gone_before_he_is_accepted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        failures = [OSError("gone"), OSError("no file descriptor left")]
        loop_class = asyncio.SelectorEventLoop
        real = loop_class.sock_accept

        async def failing(loop: asyncio.SelectorEventLoop, listening: socket.socket) -> object:
            if failures:
                raise failures.pop()
            return await real(loop, listening)

        monkeypatch.setattr(loop_class, "sock_accept", failing)
        with Site({"/": "here"}) as site:
            assert ask(site, "GET", "/")[0] == 200
        assert failures == []

    def test_it_is_on_this_machine_only(self) -> None:
        with Site({"/": "here"}) as site:
            assert repr(site) == "<Site running: />"
            assert site._listening.getsockname()[0] == "127.0.0.1"


class TestPages:
    def test_the_login_has_no_script(self) -> None:
        assert "<script" not in login_page()

    def test_a_url_stays_inside_its_string(self) -> None:
        page = attack_page('ws://x/"</script><script>alert(1)//')
        assert page.count("<script>") == page.count("</script>") == 1
        assert '"ws://x/\\"\\u003c/script>\\u003cscript>alert(1)//"' in page
