"""A server's answer made of parts: as the library's, and what wrong parts make of it (RFC 6455 §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.course.assembled import MODELS
from wslearn import (
    Deflate,
    ExtensionOffer,
    HandshakeError,
    Headers,
    Request,
    Response,
    UsageError,
    check_response,
    refusal,
    server_response,
)
from wslearn.course.mine.my_connection import MyConnection, my_connection
from wslearn.handshake import Target
from wslearn.vectors import BAD_REQUESTS, BAD_RESPONSES, GOOD_REQUEST, GOOD_RESPONSE, BadRequest, BadResponse

BROUGHT = my_connection(*MODELS.values())
KINDS = {"library": my_connection(), "brought": BROUGHT}
both_kinds = pytest.mark.parametrize("kind", KINDS)
ASKED = Request.parse(GOOD_REQUEST)
FIELDS = dict(ASKED.headers)


def answered(respond: Callable[..., Response], request: Request, **options: Any) -> tuple[int, bytes]:
    """Give the status, and the whole answer."""
    try:
        answer = respond(request, **options)
    except HandshakeError as error:
        answer = refusal(error)
    return answer.status, answer.serialize()


def asking(**changes: str) -> Request:
    """Write a good request with some header fields changed or added."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    return Request("/chat", Headers({**FIELDS, **named}.items()))


def bring(**functions: Callable[..., Any]) -> MyConnection:
    for name, function in functions.items():
        function.__name__ = name
    return my_connection(*functions.values())


values = st.text([chr(code) for code in (9, *range(32, 127), *range(128, 256))], max_size=20)
names = st.sampled_from([*FIELDS, "Origin", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"])
likely = st.sampled_from(
    [
        "keep-alive, Upgrade",
        "websocket",
        "http://a",
        "http://b, http://a",
        "b, a",
        ",",
        "permessage-deflate; client_max_window_bits, x",
        "permessage-deflate; server_max_window_bits=9",
        "permessage-deflate; server_max_window_bits=9; x",
    ]
)


class TestAnswersAsTheLibrary:
    @both_kinds
    @given(name=names, value=values | likely)
    def test_any_value(self, kind: str, name: str, value: str) -> None:
        request = Request("/", Headers([*((n, v) for n, v in FIELDS.items() if n != name), (name, value)]))
        options = {"subprotocols": ["a", "b"], "origins": ["http://a"]}
        if kind == "library":  # those who compress each message alone agree to less
            options["extensions"] = [Deflate()]  # type: ignore[list-item]
        mine = answered(KINDS[kind].server_response, request, **options)
        assert mine == answered(server_response, request, **options)

    @both_kinds
    @pytest.mark.parametrize("bad", BAD_REQUESTS, ids=[bad.name for bad in BAD_REQUESTS])
    def test_bad_requests(self, kind: str, bad: BadRequest) -> None:
        mine = KINDS[kind]

        def answer() -> Response:
            head, _ = mine.split_head(bad.data)
            return mine.server_response(Request.parse(head), origins=bad.origins)

        with pytest.raises(HandshakeError) as caught:
            answer()
        assert (caught.value.status, mine.faults) == (bad.status, [])

    @both_kinds
    def test_426_names_the_version(self, kind: str) -> None:
        with pytest.raises(HandshakeError) as caught:
            KINDS[kind].server_response(asking(Sec_WebSocket_Version="8"))
        assert ("Sec-WebSocket-Version", "13") in caught.value.headers

    def test_an_extension_that_is_none_of_ours(self) -> None:
        class Named:
            name = "x"

            def accept(self, offer: ExtensionOffer) -> ExtensionOffer | None:
                return offer if offer.parameters else None

        request = asking(Sec_WebSocket_Extensions="x, y, x; a, x; b")
        answer = BROUGHT.server_response(request, extensions=[Named()])
        assert answer.headers["Sec-WebSocket-Extensions"] == "x; a"

    @both_kinds
    def test_two_origins(self, kind: str) -> None:
        request = Request("/", Headers([*ASKED.headers, ("Origin", "http://a"), ("Origin", "http://a")]))
        with pytest.raises(HandshakeError, match="may not connect"):
            KINDS[kind].server_response(request, origins=["http://a"])


class TestCompressionWithoutHistory:
    BOTH = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    @pytest.mark.parametrize(
        ("offer", "agreed"),
        [
            ("", BOTH),
            ("; server_no_context_takeover", BOTH),
            (
                "; client_max_window_bits=10",
                "permessage-deflate; client_max_window_bits=10" + BOTH.removeprefix("permessage-deflate"),
            ),
            ("; server_max_window_bits=10", ""),
            ("; x", ""),
        ],
    )
    @pytest.mark.parametrize("own", [[], ["accept_offer"]])
    def test_is_what_functions_of_whole_messages_can_do(
        self, offer: str, agreed: str, own: list[str]
    ) -> None:
        mine = my_connection(*(MODELS[name] for name in [*own, "inflate_message"]))
        request = asking(Sec_WebSocket_Extensions=f"permessage-deflate{offer}")
        answer = mine.server_response(request, extensions=[Deflate(server_max_window_bits=12)])
        assert answer.headers.get("Sec-WebSocket-Extensions") == agreed
        assert ("Sec-WebSocket-Extensions" in answer.headers) == bool(agreed)

    def test_a_student_s_own_answer(self) -> None:
        given = list[int]()

        def accept_offer(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
            given.append(bits)
            return ExtensionOffer(offer.name, (("server_max_window_bits", str(bits)),))

        mine = bring(accept_offer=accept_offer)
        answer = mine.server_response(
            asking(Sec_WebSocket_Extensions="permessage-deflate"),
            extensions=[Deflate(server_max_window_bits=9)],
        )
        assert given == [9]
        assert answer.headers["Sec-WebSocket-Extensions"] == "permessage-deflate; server_max_window_bits=9"


class TestPartsThatAreWrong:
    def test_connection_tokens(self) -> None:
        mine = bring(connection_tokens=lambda value: [value])
        assert mine.server_response(asking()).status == 101
        with pytest.raises(HandshakeError, match="connection_tokens finds no Upgrade") as caught:
            mine.server_response(asking(Connection="keep-alive, Upgrade"))
        assert caught.value.status == 400

    def test_request_status(self) -> None:
        mine = bring(request_status=lambda request: 101)
        assert mine.server_response(asking(Sec_WebSocket_Version="8")).status == 101
        mine = bring(request_status=lambda request: 418)
        for request in (asking(), asking(Sec_WebSocket_Version="8")):
            with pytest.raises(HandshakeError, match="request_status gives 418"):
                mine.server_response(request)

    @pytest.mark.parametrize("status", [100, 200, 302, 499, 600])
    def test_a_status_that_is_no_refusal(self, status: int) -> None:
        with pytest.raises(HandshakeError, match=f"gave {status}, not 101, or the status of a refusal"):
            bring(request_status=lambda _: status).server_response(asking())

    def test_accept_key(self) -> None:
        answer = bring(accept_key=lambda key: key[::-1]).server_response(asking())
        with pytest.raises(HandshakeError, match="must be"):
            check_response(ASKED, answer)

    def test_origin_allowed(self) -> None:
        mine = bring(origin_allowed=lambda origin, origins: any(map(origin.startswith, origins)))
        assert mine.server_response(asking(Origin="http://a.evil"), origins=["http://a"]).status == 101

    def test_choose_subprotocol(self) -> None:
        mine = bring(choose_subprotocol=lambda offered, spoken: spoken[0])
        answer = mine.server_response(asking(Sec_WebSocket_Protocol="b"), subprotocols=["a", "b"])
        assert answer.headers["Sec-WebSocket-Protocol"] == "a"

    @pytest.mark.parametrize("part", ["accept_key", "choose_subprotocol"])
    def test_a_value_that_cannot_stand_in_a_header(self, part: str) -> None:
        mine = bring(**{part: lambda *_: "a\r\nSet-Cookie: b"})
        with pytest.raises(HandshakeError, match="cannot stand in a header") as caught:
            mine.server_response(asking(Sec_WebSocket_Protocol="a"))
        assert (caught.value.status, mine.faults[0].part) == (500, part)

    @pytest.mark.parametrize(
        ("part", "wrong"),
        [
            ("parse_extensions", lambda value: [ExtensionOffer("permessage-deflate")]),
            ("accept_offer", lambda offer, bits: ExtensionOffer("permessage-deflate")),
        ],
    )
    def test_an_agreement_that_no_client_takes(self, part: str, wrong: Callable[..., Any]) -> None:
        mine = bring(**{part: wrong})
        request = asking(Sec_WebSocket_Extensions="permessage-deflate; server_max_window_bits=9")
        with pytest.raises(HandshakeError, match="no client takes") as caught:
            mine.server_response(request, extensions=[Deflate()])
        assert (caught.value.status, mine.faults[0].part) == (500, part)

    def test_parse_extensions_may_refuse(self) -> None:
        def parse_extensions(value: str) -> list[ExtensionOffer]:
            raise HandshakeError("Not today.", status=400, section="§9.1")

        mine = bring(parse_extensions=parse_extensions)
        with pytest.raises(HandshakeError, match="Not today") as caught:
            mine.server_response(asking(Sec_WebSocket_Extensions="x"))
        assert (caught.value.status, mine.faults) == (400, [])

    @pytest.mark.parametrize(
        "offer",
        [
            "x",
            ExtensionOffer(5),  # type: ignore[arg-type]
            ExtensionOffer("x", [("a", "b")]),  # type: ignore[arg-type]
            ExtensionOffer("x", ("a",)),  # type: ignore[arg-type]
            ExtensionOffer("x", (("a", 5),)),  # type: ignore[arg-type]
        ],
    )
    def test_offers_that_are_none(self, offer: Any) -> None:
        mine = bring(parse_extensions=lambda value: [offer])
        with pytest.raises(HandshakeError, match="not a list of ExtensionOffer"):
            mine.server_response(asking(Sec_WebSocket_Extensions="x"))

    def test_split_head(self) -> None:
        mine = bring(split_head=lambda data: None if data else data)
        with pytest.raises(HandshakeError, match="gave None for a whole head") as caught:
            mine.split_head(GOOD_REQUEST)
        assert caught.value.status == 500
        early = bring(split_head=lambda data: (data[:-2], data[-2:]))
        head, rest = early.split_head(GOOD_REQUEST)
        assert (head, rest) == (GOOD_REQUEST[:-2], b"\r\n")


class TestTheClientsSide:
    @both_kinds
    def test_asks_as_the_library(self, kind: str) -> None:
        mine = KINDS[kind]
        asked = mine.client_request("ws://example.org:8080/chat?room=1")
        target = Target.parse("ws://example.org:8080/chat?room=1")
        assert (asked.target, asked.headers["Host"]) == (target.resource, target.authority)
        mine.check_response(asked, mine.server_response(asked))
        assert (
            mine.client_request("ws://a/").headers["Sec-WebSocket-Key"] != asked.headers["Sec-WebSocket-Key"]
        )

    @both_kinds
    @pytest.mark.parametrize("bad", BAD_RESPONSES, ids=[bad.name for bad in BAD_RESPONSES])
    def test_bad_responses(self, kind: str, bad: BadResponse) -> None:
        KINDS[kind].check_response(ASKED, Response.parse(GOOD_RESPONSE))
        with pytest.raises(HandshakeError):
            KINDS[kind].check_response(ASKED, Response.parse(bad.data))

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            (lambda *_: "GET /", "gave 'GET /', not bytes"),
            (lambda *_: b"Hello", "gave no request: The head is not ended by an empty line"),
        ],
    )
    def test_a_request_that_is_none(self, wrong: Callable[..., Any], why: str) -> None:
        mine = bring(build_request=wrong)
        with pytest.raises(UsageError, match=why):
            mine.client_request("ws://a/")
        assert [fault.part for fault in mine.faults] == ["build_request"]

    def test_a_check_that_does_not_work(self) -> None:
        mine = bring(check_answer=lambda *_: 1)
        with pytest.raises(UsageError, match="gave 1, not a bool"):
            mine.check_response(ASKED, Response.parse(GOOD_RESPONSE))
