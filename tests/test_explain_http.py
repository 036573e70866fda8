"""The opening handshake as spans (RFC 6455 §4)."""

from __future__ import annotations

import pytest

from wslearn import Deflate, HandshakeError, Request, client_request, refusal, server_response
from wslearn.connection import Role
from wslearn.explain_http import explain_head
from wslearn.http import MAX_HEAD_SIZE
from wslearn.spans import Explanation
from wslearn.vectors import (
    BAD_REQUESTS,
    BAD_RESPONSES,
    GOOD_REQUEST,
    GOOD_RESPONSE,
    HANDSHAKE_KEY,
    BadRequest,
    BadResponse,
)

REQUEST = Request.parse(GOOD_REQUEST)
PLAIN_BAD_REQUESTS = [bad for bad in BAD_REQUESTS if bad.origins is None]

BLAMED_IN_REQUEST = {
    "POST": "method",
    "HTTP/1.0": "HTTP version",
    "two words in the request line": "request line",
    "no Host": "the empty line",
    "empty Host": "Host",
    "two Hosts": "host",
    "no Upgrade": "the empty line",
    "another Upgrade": "Upgrade",
    "no Connection": "the empty line",
    "Connection without Upgrade": "Connection",
    "no key": "the empty line",
    "key of 15 bytes": "Sec-WebSocket-Key",
    "key that is not base64": "Sec-WebSocket-Key",
    "no version": "the empty line",
    "version 8": "Sec-WebSocket-Version",
    "extensions outside the grammar": "Sec-WebSocket-Extensions",
    "no subprotocol in the list": "Sec-WebSocket-Protocol",
    "bare LF": "X",
    "bare CR": "X",
    "NUL": "X",
    "blank before the colon": "X ",
    "line without a colon": "header field",
    "head too large": "head",
    "too many fields": "X",
}

BLAMED_IN_RESPONSE = {
    "refused": "status",
    "HTTP/1.0": "HTTP version",
    "no Upgrade": "the empty line",
    "another Upgrade": "Upgrade",
    "no Connection": "the empty line",
    "no accept key": "the empty line",
    "accept key of another request": "Sec-WebSocket-Accept",
    "subprotocol out of the blue": "Sec-WebSocket-Protocol",
    "extension out of the blue": "Sec-WebSocket-Extensions",
    "three words, not HTTP": "status line",
    "another protocol": "status line",
}


def told_of(
    data: bytes, role: Role, request: Request | None = None
) -> tuple[Explanation, int, Deflate | None]:
    """Explain a head, and check that no bit up to its end is left out."""
    told = Explanation(data, role)
    end, deflate = explain_head(told, request)
    place = 0
    for span in told:
        assert span.start == place < span.stop
        place = span.stop
    assert place == end * 8
    assert [span.fault for span in told if span.fault] == ([told.fault] if told.fault else [])
    return told, end, deflate


def blamed(told: Explanation) -> str:
    return next(span.name for span in told if span.fault)


class TestSection41TheClientsRequest:
    def test_every_word_and_line_is_named(self) -> None:
        told, end, _ = told_of(GOOD_REQUEST + b"\x81", "client")
        assert end == len(GOOD_REQUEST)
        assert [(span.name, span.value) for span in told] == [
            ("method", "GET"),
            ("request target", "/chat"),
            ("HTTP version", "HTTP/1.1"),
            ("Host", "server.example.com"),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", HANDSHAKE_KEY),
            ("Sec-WebSocket-Version", "13"),
            ("the empty line", ""),
        ]
        assert told.fault is None
        assert all(span.meaning and span.section and span.kind == "http" for span in told)

    def test_a_field_that_has_nothing_to_do_with_it(self) -> None:
        told, _, _ = told_of(GOOD_REQUEST.replace(b"Upgrade: w", b"DNT: 1\r\nUpgrade: w"), "client")
        assert next(span.meaning for span in told if span.name == "DNT") == "Not a matter of the handshake."

    def test_a_long_value_is_cut(self) -> None:
        field = b"X: " + b"x" * 999 + b"\r\nUpgrade: w"
        told, _, _ = told_of(GOOD_REQUEST.replace(b"Upgrade: w", field), "client")
        assert next(span.value for span in told if span.name == "X") == "x" * 160 + "…"


class TestSection421WhatAServerRefuses:
    @pytest.mark.parametrize("bad", PLAIN_BAD_REQUESTS, ids=[bad.name for bad in PLAIN_BAD_REQUESTS])
    def test_the_fault_is_pinned_on_the_field(self, bad: BadRequest) -> None:
        told, _, _ = told_of(bad.data, "client")
        assert isinstance(told.fault, HandshakeError)
        assert (told.fault.status, told.fault.section) == (bad.status, bad.section)
        assert blamed(told) == BLAMED_IN_REQUEST[bad.name]

    def test_the_second_host_is_the_one_too_many(self) -> None:
        told, _, _ = told_of(GOOD_REQUEST.replace(b"Upgrade: w", b"host: evil\r\nUpgrade: w"), "client")
        assert next(span.value for span in told if span.fault) == "evil"

    def test_a_field_named_as_a_word_of_the_start_line(self) -> None:
        told, _, _ = told_of(b"POST / HTTP/1.1\r\nmethod: GET\r\n\r\n", "client")
        assert told[0].fault is told.fault

    def test_behind_a_field_too_many_nothing_is_read(self) -> None:
        told, end, _ = told_of(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", "client")
        assert end == len(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 129)
        assert told[-1].fault is told.fault

    def test_a_head_without_end(self) -> None:
        told, end, _ = told_of(b"GET / HTTP/1.1\r\n" + b"x" * 20000, "client")
        assert (end, blamed(told)) == (MAX_HEAD_SIZE, "head")


class TestNotAllThere:
    @pytest.mark.parametrize(("data", "role"), [(GOOD_REQUEST, "client"), (GOOD_RESPONSE, "server")])
    def test_cut_anywhere(self, data: bytes, role: Role) -> None:
        for size in range(5, len(data)):
            told, end, _ = told_of(data[:size], role)
            assert (end, told.fault) == (size, None)
            assert 1 <= told.missing <= len(data) - size
            assert "not there yet" in told[-1].meaning

    @pytest.mark.parametrize(("behind", "missing"), [(b"", 4), (b"\r", 3), (b"\r\n", 2), (b"\r\n\r", 1)])
    def test_the_least_that_is_missing(self, behind: bytes, missing: int) -> None:
        told, _, _ = told_of(b"GET / HTTP/1.1\r\nHost: a" + behind, "client")
        assert told.missing == missing

    def test_a_bare_line_feed_ends_nothing(self) -> None:
        told, _, _ = told_of(b"GET / HTTP/1.1\nHost: a\n\n", "client")
        assert [span.name for span in told] == ["request line"]
        assert told.missing == 4


class TestSection41TheServersAnswer:
    def test_every_word_and_line_is_named(self) -> None:
        told, _, deflate = told_of(GOOD_RESPONSE, "server")
        assert [span.name for span in told] == [
            "HTTP version",
            "status",
            "reason phrase",
            "Upgrade",
            "Connection",
            "Sec-WebSocket-Accept",
            "the empty line",
        ]
        assert (told.fault, deflate) == (None, None)

    @pytest.mark.parametrize("line", [b"HTTP/1.1 101", b"HTTP/1.1 101 "])
    def test_without_a_reason_phrase(self, line: bytes) -> None:
        told, _, _ = told_of(GOOD_RESPONSE.replace(b"HTTP/1.1 101 Switching Protocols", line), "server")
        assert told.fault is None
        assert told[1].value == "101"

    @pytest.mark.parametrize("bad", BAD_RESPONSES, ids=[bad.name for bad in BAD_RESPONSES])
    def test_the_fault_is_pinned_on_the_field(self, bad: BadResponse) -> None:
        told, _, _ = told_of(bad.data, "server", REQUEST)
        assert told.fault is not None
        assert told.fault.section == bad.section
        assert blamed(told) == BLAMED_IN_RESPONSE[bad.name]

    @pytest.mark.parametrize(
        "name", ["refused", "HTTP/1.0", "no Upgrade", "another Upgrade", "no Connection", "no accept key"]
    )
    def test_some_faults_need_no_request(self, name: str) -> None:
        bad = next(bad for bad in BAD_RESPONSES if bad.name == name)
        told, _, _ = told_of(bad.data, "server")
        assert blamed(told) == BLAMED_IN_RESPONSE[name]

    @pytest.mark.parametrize("name", ["accept key of another request", "subprotocol out of the blue"])
    def test_the_rest_is_taken_on_trust(self, name: str) -> None:
        bad = next(bad for bad in BAD_RESPONSES if bad.name == name)
        assert told_of(bad.data, "server")[0].fault is None

    def test_two_accept_keys(self) -> None:
        twice = GOOD_RESPONSE.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Accept: x\r\n\r\n")
        told, _, _ = told_of(twice, "server")
        assert "this one has 2" in str(told.fault)

    def test_a_head_that_does_not_parse(self) -> None:
        told, _, _ = told_of(GOOD_RESPONSE.replace(b"Upgrade: w", b"X\r\nUpgrade: w"), "server")
        assert blamed(told) == "header field"


class TestSection91Extensions:
    def test_the_answer_says_what_was_agreed(self) -> None:
        request = client_request("ws://example.org/", extensions=[Deflate().offer()])
        wish = Deflate(server_max_window_bits=10, client_max_window_bits=9, server_no_context_takeover=True)
        data = server_response(request, extensions=[wish]).serialize()
        for known in (None, request):
            agreed = told_of(data, "server", known)[2]
            assert agreed is not None
            assert (agreed.server_max_window_bits, agreed.client_max_window_bits) == (10, 9)

    def test_an_answer_that_no_offer_allows(self) -> None:
        wrong = b"\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n\r\n"
        told, _, deflate = told_of(GOOD_RESPONSE.replace(b"\r\n\r\n", wrong), "server")
        assert (blamed(told), deflate) == ("Sec-WebSocket-Extensions", None)


class TestRefusalsHaveABody:
    DATA = refusal(HandshakeError("No Host.", status=400, section="§4.2.1")).serialize()

    def test_the_body_is_a_part_of_its_own(self) -> None:
        told, end, _ = told_of(self.DATA + b"next", "server")
        assert end == len(self.DATA)
        assert [part.title for part in told.parts] == ["response", "body"]
        assert told[-1].value == "400 Bad Request No Host. (HTTP 400, §4.2.1)"
        assert (blamed(told), told.missing) == ("status", 0)

    def test_a_body_that_is_not_all_there(self) -> None:
        told, end, _ = told_of(self.DATA[:-3], "server")
        assert (end, told.missing) == (len(self.DATA) - 3, 3)
        assert "Still missing: 3 bytes." in told[-1].meaning

    def test_none_of_it_is_there(self) -> None:
        told, _, _ = told_of(b"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n", "server")
        assert (told[-1].name, told.missing) == ("the empty line", 5)

    def test_without_a_length_it_is_all_that_comes(self) -> None:
        told, end, _ = told_of(b"HTTP/1.1 403 No\r\n\r\nGo \x1baway.", "server")
        assert (told[-1].value, end) == ("Go ·away.", 28)

    @pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified", b"100 Continue"])
    def test_some_statuses_have_none(self, status: bytes) -> None:
        told, end, _ = told_of(b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\nxxxxx", "server")
        assert (told[-1].name, end) == ("the empty line", len(told.data) - 5)
