"""The handshakes of the tables: each bad one differs from the good one, and is refused as the table says."""

from __future__ import annotations

import pytest

from wslearn import HandshakeError, Request, Response, accept_key, check_response, server_response
from wslearn.http import split_head
from wslearn.vectors_http import (
    BAD_REQUESTS,
    BAD_RESPONSES,
    GOOD_REQUEST,
    GOOD_RESPONSE,
    HANDSHAKE_ACCEPT,
    HANDSHAKE_KEY,
    BadRequest,
    BadResponse,
)


class TestSection13OpeningHandshake:
    def test_key_and_accept(self) -> None:
        assert accept_key(HANDSHAKE_KEY) == HANDSHAKE_ACCEPT

    def test_the_good_ones_are_accepted(self) -> None:
        request, response = Request.parse(GOOD_REQUEST), Response.parse(GOOD_RESPONSE)
        assert server_response(request).serialize() == GOOD_RESPONSE
        check_response(request, response)


class TestSection42WhatAServerRefuses:
    @pytest.mark.parametrize("bad", BAD_REQUESTS, ids=[bad.name for bad in BAD_REQUESTS])
    def test_with_the_status_of_the_table(self, bad: BadRequest) -> None:
        with pytest.raises(HandshakeError) as caught:
            read_and_answer(bad)
        assert (caught.value.status, caught.value.section) == (bad.status, bad.section)

    def test_a_refused_version_is_told_the_right_one(self) -> None:
        for bad in BAD_REQUESTS:
            if bad.status == 426:
                with pytest.raises(HandshakeError) as caught:
                    read_and_answer(bad)
                assert ("Sec-WebSocket-Version", "13") in caught.value.headers

    def test_every_header_is_missing_once(self) -> None:
        names = {line.partition(b":")[0] for line in GOOD_REQUEST.split(b"\r\n")[1:-2]}
        missing = {
            name for name in names if any(b"\r\n" + name + b":" not in bad.data for bad in BAD_REQUESTS)
        }
        assert missing == names

    def test_all_differ(self) -> None:
        assert len({bad.data for bad in BAD_REQUESTS} | {GOOD_REQUEST}) == len(BAD_REQUESTS) + 1
        assert len({bad.name for bad in BAD_REQUESTS}) == len(BAD_REQUESTS)
        assert {bad.status for bad in BAD_REQUESTS} == {400, 403, 405, 426, 431}


class TestSection41WhatAClientDoesNotAccept:
    @pytest.mark.parametrize("bad", BAD_RESPONSES, ids=[bad.name for bad in BAD_RESPONSES])
    def test_by_the_section_of_the_table(self, bad: BadResponse) -> None:
        with pytest.raises(HandshakeError) as caught:
            check_response(Request.parse(GOOD_REQUEST), Response.parse(bad.data))
        assert caught.value.section == bad.section

    def test_all_differ(self) -> None:
        assert len({bad.data for bad in BAD_RESPONSES} | {GOOD_RESPONSE}) == len(BAD_RESPONSES) + 1
        assert len({bad.name for bad in BAD_RESPONSES}) == len(BAD_RESPONSES)


def read_and_answer(bad: BadRequest) -> Response:
    """Do what a server does with what it reads."""
    cut = split_head(bad.data)
    assert cut is not None, "a server would wait for more"
    return server_response(Request.parse(cut[0]), origins=bad.origins)
