"""HTTP heads (RFC 9112): read strictly, written so that nothing can be smuggled in."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cost import growth
from tests.feeding import attempt
from wslearn import HandshakeError, Headers, Request, Response, UsageError
from wslearn.http import MAX_FIELDS, MAX_HEAD_SIZE, split_head
from wslearn.picture import message_html

CONTROLS = [chr(code) for code in (*range(0x20), 0x7F) if chr(code) != "\t"]

tokens = st.text("!#$%&'*+-.^_`|~09AZaz", min_size=1, max_size=12)
values = st.text([chr(code) for code in (9, *range(0x20, 0x7F), *range(0x80, 0x100))], max_size=20)
fields = st.lists(st.tuples(tokens, values.map(lambda value: value.strip(" \t"))), max_size=6)


class TestRfc9110Section5Headers:
    HEADERS = Headers([("Upgrade", " websocket\t"), ("Vary", "a"), ("VARY", "b, ,C"), ("Empty", "")])

    def test_names_have_no_case(self) -> None:
        assert self.HEADERS["uPGRADE"] == "websocket"
        assert "upgrade" in self.HEADERS
        assert Headers((name.swapcase(), value) for name, value in self.HEADERS) == self.HEADERS

    def test_repeated_fields_join(self) -> None:
        assert self.HEADERS["vary"] == "a, b, ,C"
        assert self.HEADERS.all("vary") == ["a", "b, ,C"]
        assert self.HEADERS.tokens("vary") == ["a", "b", "c"]

    def test_what_is_not_there(self) -> None:
        assert "Host" not in self.HEADERS
        assert 1 not in self.HEADERS
        assert self.HEADERS.get("Host") == ""
        assert self.HEADERS.get("Host", "none") == "none"
        assert self.HEADERS.all("Host") == self.HEADERS.tokens("Host") == self.HEADERS.tokens("Empty") == []
        with pytest.raises(KeyError):
            self.HEADERS["Host"]

    def test_order_is_kept(self) -> None:
        assert [name for name, _ in self.HEADERS] == ["Upgrade", "Vary", "VARY", "Empty"]
        assert len(self.HEADERS) == 4
        assert self.HEADERS.serialize() == b"Upgrade: websocket\r\nVary: a\r\nVARY: b, ,C\r\nEmpty: \r\n"
        assert repr(self.HEADERS).startswith("Headers([('Upgrade', 'websocket'), ")

    def test_other_values_are_other_headers(self) -> None:
        assert Headers([("A", "1")]) != Headers([("A", "2")])
        assert Headers() != []

    def test_copies_other_headers(self) -> None:
        assert Headers(self.HEADERS) == self.HEADERS


class TestHeaderInjection:
    """Security: neither side can be made to write, or to take, a field that nobody meant."""

    @pytest.mark.parametrize("control", CONTROLS, ids=repr)
    def test_no_control_character_in_what_is_built(self, control: str) -> None:
        with pytest.raises(UsageError, match="control character"):
            Headers([("Cookie", f"a{control}Injected: yes")])
        with pytest.raises(UsageError, match="token"):
            Headers([(f"Cookie{control}", "a")])
        with pytest.raises(UsageError, match="request line"):
            Request(f"/{control}Injected:yes").serialize()
        with pytest.raises(UsageError, match="status line"):
            Response(403, f"No{control}Injected: yes").serialize()

    @pytest.mark.parametrize("control", CONTROLS, ids=repr)
    def test_no_control_character_in_what_is_read(self, control: str) -> None:
        for head in (f"GET / HTTP/1.1\r\nCookie: a{control}b\r\n\r\n", f"GET /{control}b HTTP/1.1\r\n\r\n"):
            with pytest.raises(HandshakeError) as caught:
                Request.parse(head.encode("latin-1"))
            assert caught.value.status == 400

    @pytest.mark.parametrize(
        ("method", "target", "version"),
        [
            ("GET /x", "/", "1.1"),
            ("", "/", "1.1"),
            ("GET", "", "1.1"),
            ("GET", "/a b", "1.1"),
            ("GET", "/é", "1.1"),
            ("GET", "/", "1.1\r\nX: y"),
        ],
    )
    def test_no_other_request_line(self, method: str, target: str, version: str) -> None:
        with pytest.raises(UsageError, match="request line"):
            Request(target, method=method, version=version).serialize()

    @pytest.mark.parametrize("text", ["€", "\ud800"])
    def test_a_value_is_latin_1(self, text: str) -> None:
        with pytest.raises(UsageError):
            Headers([("Cookie", text)])


class TestRfc9112Section3Request:
    def test_parse(self) -> None:
        head = b"GET /chat?room=1 HTTP/1.1\r\nHost:\t example.org \r\nX-Name: J\xfcrgen\r\n\r\n"
        request = Request.parse(head)
        assert request == Request("/chat?room=1", Headers([("Host", "example.org"), ("X-Name", "Jürgen")]))
        assert (request.method, request.version, request.path) == ("GET", "1.1", "/chat")

    @pytest.mark.parametrize(
        ("target", "path"),
        [
            ("/", "/"),
            ("/a/b?c=/d", "/a/b"),
            ("http://example.org/chat?x", "/chat"),
            ("HTTPS://example.org:8443", "/"),
            ("/http://example.org/", "/http://example.org/"),
            ("*", "*"),
        ],
    )
    def test_section_3_2_path_of_either_form(self, target: str, path: str) -> None:
        assert Request(target).path == path

    @pytest.mark.parametrize(
        "head",
        [
            b"",
            b"\r\n",
            b"\r\n\r\n",
            b"GET / HTTP/1.1",
            b"GET / HTTP/1.1\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n",
            b"GET / HTTP/1.1\n\n",
            b"GET / HTTP/1.1\nHost: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\nX: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            b"GET / HTTP/1.1\r\n: a\r\n\r\n",
            b"GET / HTTP/1.1\r\n folded: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n\r\n",
            b"GET / HTTP/1.1\r\nH\xf6st: a\r\n\r\n",
            b"GET  / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1 \r\n\r\n",
            b"GET / http/1.1\r\n\r\n",
            b"GET / HTTP/1\r\n\r\n",
            b"GET / HTTP/1.10\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\n\r\n",
            b"GET /\r\n\r\n",
            b"G(T / HTTP/1.1\r\n\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        ],
    )
    def test_anything_else_is_400(self, head: bytes) -> None:
        with pytest.raises(HandshakeError) as caught:
            Request.parse(head)
        assert caught.value.status == 400

    @given(st.builds(Request, tokens.map("/".__add__), fields.map(Headers), tokens))
    def test_what_is_written_reads_back(self, request: Request) -> None:
        assert Request.parse(request.serialize()) == request

    @given(st.binary(max_size=200))
    @example(b"GET / HTTP/1.1\r\nA: \x85\r\n\r\n")
    def test_any_bytes_are_a_request_or_a_documented_error(self, data: bytes) -> None:
        seen = attempt(lambda: Request.parse(data), HandshakeError)
        if isinstance(seen, HandshakeError):
            assert seen.status == 400
        else:
            assert Request.parse(seen.serialize()) == seen


class TestRfc9112Section4Response:
    def test_parse(self) -> None:
        response = Response.parse(b"HTTP/1.0 403 Not \xfcbrig\r\nServer: x\r\n\r\nNo.\r\n\r\nReally.")
        assert response == Response(
            403, "Not übrig", Headers([("Server", "x")]), b"No.\r\n\r\nReally.", version="1.0"
        )

    @pytest.mark.parametrize("line", [b"HTTP/1.1 101", b"HTTP/1.1 101 "])
    def test_the_reason_may_be_missing(self, line: bytes) -> None:
        assert Response.parse(line + b"\r\n\r\n") == Response(101, "")

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"HTTP/1.1 101 Switching Protocols\r\n",
            b"HTTP/1.1 1O1 Switching Protocols\r\n\r\n",
            b"HTTP/1.1 099 What\r\n\r\n",
            b"HTTP/1.1 1010 What\r\n\r\n",
            b"HTTP/1.1  101 What\r\n\r\n",
            b"ICY 200 OK\r\n\r\n",
            b"HTTP/1.1 101 \x00\r\n\r\n",
            b"HTTP/1.1 101 Fine\r\nno colon\r\n\r\n",
            b"HTTP/1.1 101 Fine\r\nX: " + b"x" * MAX_HEAD_SIZE + b"\r\n\r\n",
        ],
    )
    def test_anything_else_is_a_bad_gateway(self, data: bytes) -> None:
        with pytest.raises(HandshakeError) as caught:
            Response.parse(data)
        assert caught.value.status == 502

    @pytest.mark.parametrize("status", [99, 1000, -1])
    def test_no_other_status_is_written(self, status: int) -> None:
        with pytest.raises(UsageError, match="status line"):
            Response(status, "What").serialize()

    @given(
        st.builds(Response, st.integers(100, 999), values, fields.map(Headers), st.binary(max_size=50)),
    )
    def test_what_is_written_reads_back(self, response: Response) -> None:
        assert Response.parse(response.serialize()) == response

    @given(st.binary(max_size=100).map(b"HTTP/1.1 ".__add__) | st.binary(max_size=100))
    def test_any_bytes_are_a_response_or_a_documented_error(self, data: bytes) -> None:
        seen = attempt(lambda: Response.parse(data), HandshakeError)
        assert seen.status == 502 if isinstance(seen, HandshakeError) else 100 <= seen.status <= 999


class TestRfc6585Section5Limits:
    """A head is limited before it is read, whether it ever ends or not."""

    START = b"GET / HTTP/1.1\r\n"

    def head(self, size: int) -> bytes:
        return self.START + b"X: " + b"x" * (size - len(self.START) - 7) + b"\r\n\r\n"

    def test_as_large_as_allowed(self) -> None:
        head = self.head(MAX_HEAD_SIZE)
        assert len(head) == MAX_HEAD_SIZE
        assert split_head(head + b"frame") == (head, b"frame")
        assert Request.parse(head).path == "/"

    def test_one_byte_too_large(self) -> None:
        for read in (split_head, Request.parse):
            with pytest.raises(HandshakeError) as caught:
                read(self.head(MAX_HEAD_SIZE + 1))
            assert caught.value.status == 431

    def test_endless(self) -> None:
        assert split_head(b"x" * (MAX_HEAD_SIZE - 1)) is None
        with pytest.raises(HandshakeError) as caught:
            split_head(b"x" * MAX_HEAD_SIZE)
        assert caught.value.status == 431

    def test_count_of_fields(self) -> None:
        line = b"A: b\r\n"
        assert len(Request.parse(self.START + MAX_FIELDS * line + b"\r\n").headers) == MAX_FIELDS
        with pytest.raises(HandshakeError) as caught:
            Request.parse(self.START + (MAX_FIELDS + 1) * line + b"\r\n")
        assert caught.value.status == 431

    @pytest.mark.parametrize("filler", [b"\r\n", b"\r\r", b"\n\n", b": ", b" :"])
    def test_the_largest_heads_cost_no_more_than_their_size(self, filler: bytes) -> None:
        def refuse(size: int) -> None:
            for _ in range(10):
                with pytest.raises(HandshakeError):
                    Request.parse(b"GET / HTTP/1.1\r\nA" + filler * (size // 2) + b"\0\r\n\r\n")

        assert growth(refuse, 1000, 16000) < 64


class TestPictures:
    @pytest.mark.parametrize("message", [Request("/", Headers([("Host", "a")])), Response(101, "Fine")])
    def test_a_notebook_shows_them(self, message: Request | Response) -> None:
        assert message._repr_html_() == message_html(message)


class TestSplitHead:
    HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    def test_whole(self) -> None:
        assert split_head(self.HEAD) == (self.HEAD, b"")

    def test_byte_by_byte(self) -> None:
        for end in range(len(self.HEAD)):
            assert split_head(self.HEAD[:end]) is None

    def test_with_frames_behind(self) -> None:
        assert split_head(self.HEAD + b"\x81\x00\r\n\r\n") == (self.HEAD, b"\x81\x00\r\n\r\n")
