"""The opening handshake, both sides (RFC 6455 §3, §4, §9.1, §10.2, §11.3)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wslearn import (
    Deflate,
    ExtensionOffer,
    HandshakeError,
    Headers,
    Request,
    Response,
    UsageError,
    accept_key,
    check_response,
    choose_subprotocol,
    client_request,
    refusal,
    server_response,
)
from wslearn.handshake import GUID, Target

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # §1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
REQUEST = {
    "Host": "server.example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}
RESPONSE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": ACCEPT}


def request(
    *more: tuple[str, str], method: str = "GET", version: str = "1.1", **changes: str | None
) -> Request:
    """Build §1.2's request: `changes` replace fields, or remove them with None; `more` stand behind."""
    return Request("/chat", changed(REQUEST, changes, more), method, version)


def response(
    *more: tuple[str, str], status: int = 101, version: str = "1.1", **changes: str | None
) -> Response:
    return Response(status, "Whatever", changed(RESPONSE, changes, more), b"", version)


def changed(
    fields: dict[str, str], changes: dict[str, str | None], more: tuple[tuple[str, str], ...]
) -> Headers:
    names = {name.replace("-", "_").lower(): name for name in fields}
    merged = {
        **fields,
        **{names.get(name, name.title().replace("_", "-")): new for name, new in changes.items()},
    }
    return Headers([*((name, value) for name, value in merged.items() if value is not None), *more])


class Named:
    """An extension that accepts every offer with one parameter, or declines them all."""

    def __init__(self, name: str, *, answers: bool = True) -> None:
        self.name = name
        self.answers = answers

    def accept(self, offer: ExtensionOffer) -> ExtensionOffer | None:
        return ExtensionOffer(offer.name, (("ok", None), *offer.parameters)) if self.answers else None


class TestSection3Uris:
    @pytest.mark.parametrize(
        ("url", "secure", "authority", "resource"),
        [
            ("ws://example.org", False, "example.org", "/"),
            ("ws://example.org/", False, "example.org", "/"),
            ("wss://example.org/chat?room=1&b", True, "example.org", "/chat?room=1&b"),
            ("ws://example.org?room=1", False, "example.org", "/?room=1"),
            ("ws://example.org/?", False, "example.org", "/"),
            ("ws://example.org:80/", False, "example.org", "/"),
            ("wss://example.org:443/", True, "example.org", "/"),
            ("ws://example.org:443/", False, "example.org:443", "/"),
            ("wss://example.org:80/", True, "example.org:80", "/"),
            ("ws://example.org:/", False, "example.org", "/"),
            ("WS://EXAMPLE.org:8080/A", False, "example.org:8080", "/A"),
            ("ws://[::1]:8080/", False, "[::1]:8080", "/"),
            ("wss://[2001:DB8::1]/", True, "[2001:db8::1]", "/"),
            ("ws://127.0.0.1:1/%20%23", False, "127.0.0.1:1", "/%20%23"),
        ],
    )
    def test_legal(self, url: str, secure: bool, authority: str, resource: str) -> None:
        target = Target.parse(url)
        assert (target.secure, target.authority, target.resource) == (secure, authority, resource)
        sent = client_request(url)
        assert (sent.headers["Host"], sent.target) == (authority, resource)

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("", "WebSocket URL"),
            ("example.org", "WebSocket URL"),
            ("//example.org/", "WebSocket URL"),
            ("http://example.org/", "WebSocket URL"),
            ("ws:/example.org", "WebSocket URL"),
            ("ws:///chat", "WebSocket URL"),
            ("ws://:80/chat", "WebSocket URL"),
            ("ws://example.org/#top", "fragment"),
            ("ws://example.org/#", "fragment"),
            ("ws://me@example.org/", "user"),
            ("ws://me:secret@example.org/", "user"),
            ("ws://example.org:65536/", "not a URL"),
            ("ws://example.org:x/", "not a URL"),
            ("ws://[::1/", "not a URL"),
            ("ws://example.org/a b", "ASCII"),
            ("ws://exa\nmple.org/", "ASCII"),
            ("ws://example.org/\r\nInjected:yes", "ASCII"),
            ("ws://exämple.org/", "ASCII"),
            ("ws://example.org/ä", "ASCII"),
        ],
    )
    def test_illegal(self, url: str, why: str) -> None:
        with pytest.raises(UsageError, match=why):
            client_request(url)

    @given(st.text(max_size=20) | st.text("ws:/[]@#?%a.1\r\n\t ", max_size=30).map("ws://".__add__))
    def test_any_text_is_a_request_or_a_documented_error(self, url: str) -> None:
        try:
            sent = client_request(url)
        except UsageError:
            return
        assert Request.parse(sent.serialize()) == sent


class TestSection41ClientRequest:
    def test_fields_in_the_order_of_section_1_2(self) -> None:
        sent = client_request("ws://server.example.com/chat", key=KEY)
        assert sent.serialize() == (
            b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )

    def test_item_7_the_key_is_16_random_bytes(self) -> None:
        keys = {client_request("ws://a/").headers["Sec-WebSocket-Key"] for _ in range(100)}
        assert len(keys) == 100
        assert {len(base64.b64decode(key, validate=True)) for key in keys} == {16}

    @pytest.mark.parametrize(
        "key", ["", "short", "AAAA", KEY + "=", "x" * 24, "dGhlIHNhbXBsZSBub25jZQ", "é" * 24]
    )
    def test_item_7_no_other_key(self, key: str) -> None:
        with pytest.raises(UsageError, match="16 bytes"):
            client_request("ws://a/", key=key)

    def test_items_8_10_11_options(self) -> None:
        headers = client_request(
            "ws://a/",
            origin="https://example.org",
            subprotocols=["chat", "superchat"],
            extensions=[ExtensionOffer("a", (("b", "c"),)), ExtensionOffer("d")],
            headers=[("Authorization", "Bearer x")],
        ).headers
        assert headers["Origin"] == "https://example.org"
        assert headers["Sec-WebSocket-Protocol"] == "chat, superchat"
        assert headers["Sec-WebSocket-Extensions"] == "a; b=c, d"
        assert headers["Authorization"] == "Bearer x"

    @pytest.mark.parametrize("subprotocols", [["chat", "chat"], [""], ["a b"], ["a,b"], ["é"], ["a\r\nX: y"]])
    def test_item_10_subprotocols_are_unique_tokens(self, subprotocols: list[str]) -> None:
        with pytest.raises(UsageError, match="each named once"):
            client_request("ws://a/", subprotocols=subprotocols)

    @pytest.mark.parametrize("name", ["Host", "host", "Upgrade", "Sec-WebSocket-Key", "Origin"])
    def test_item_1_no_field_twice(self, name: str) -> None:
        """Two Hosts are no valid HTTP, and two keys no handshake."""
        with pytest.raises(UsageError, match=f"(?i)^{name} is there already"):
            client_request("ws://a/", origin="http://b", headers=[("X", "y"), (name, "c")])
        assert client_request("ws://a/", headers=[("Origin", "c")]).headers.all("Origin") == ["c"]
        with pytest.raises(UsageError, match="Sec-WebSocket-Accept is there already"):
            server_response(request(), headers=[("Sec-WebSocket-Accept", ACCEPT)])

    def test_nothing_is_injected(self) -> None:
        with pytest.raises(UsageError):
            client_request("ws://a/", origin="http://a\r\nCookie: b")
        with pytest.raises(UsageError):
            client_request("ws://a/", headers=[("Cookie", "a\nb")])
        with pytest.raises(UsageError):
            client_request("ws://a/", extensions=[ExtensionOffer("a\r\nb: c")])
        with pytest.raises(UsageError):
            server_response(request(), headers=[("Set-Cookie", "a\r\n\r\n<script>")])


class TestSection421ReadingTheRequest:
    @pytest.mark.parametrize(
        "sent",
        [
            request(),
            request(upgrade="WebSocket"),
            request(upgrade="h2c, WEBSOCKET"),
            request(("Upgrade", "websocket"), upgrade="h2c"),
            request(connection="keep-alive, upgrade"),
            request(connection="keep-alive,\tUPGRADE\t,"),
            request(("Connection", "Upgrade"), connection="keep-alive"),
            request(origin="http://example.com"),
            request(("Cookie", "a=b"), ("Accept", "*/*")),
            request(sec_websocket_protocol="chat"),
            request(sec_websocket_protocol=" ,chat , superchat,"),
            request(sec_websocket_extensions="permessage-deflate; client_max_window_bits, x-foo"),
        ],
    )
    def test_accepted(self, sent: Request) -> None:
        answer = server_response(sent)
        assert (answer.status, answer.reason) == (101, "Switching Protocols")
        assert list(answer.headers) == [
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", ACCEPT),
        ]

    @pytest.mark.parametrize(
        ("sent", "status", "section"),
        [
            (request(method="POST"), 405, "§4.2.1"),
            (request(method="get"), 405, "§4.2.1"),
            (request(method="HEAD"), 405, "§4.2.1"),
            (request(version="1.0"), 400, "§4.2.1"),
            (request(version="0.9"), 400, "§4.2.1"),
            (request(version="2.0"), 400, "§4.2.1"),
            (request(host=None), 400, "§4.2.1"),
            (request(host=""), 400, "§4.2.1"),
            (request(("Host", "server.example.com")), 400, "§4.2.1"),
            (request(("HOST", "")), 400, "§4.2.1"),
            (request(upgrade=None), 400, "§4.2.1"),
            (request(upgrade=""), 400, "§4.2.1"),
            (request(upgrade="websockets"), 400, "§4.2.1"),
            (request(upgrade="web socket"), 400, "§4.2.1"),
            (request(connection=None), 400, "§4.2.1"),
            (request(connection="close"), 400, "§4.2.1"),
            (request(connection="not-upgrade"), 400, "§4.2.1"),
            (request(sec_websocket_key=None), 400, "§4.2.1"),
            (request(sec_websocket_key=""), 400, "§4.2.1"),
            (request(sec_websocket_key="not base64 at all!!!"), 400, "§4.2.1"),
            (request(sec_websocket_key="dGhlIHNhbXBsZSBub25j"), 400, "§4.2.1"),  # 15 bytes
            (request(sec_websocket_key="dGhlIHNhbXBsZSBub25jZTE="), 400, "§4.2.1"),  # 17 bytes
            (request(sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ"), 400, "§4.2.1"),
            (request(sec_websocket_key="dGhlIHNhbXBs ZSBub25jZQ=="), 400, "§4.2.1"),
            (request(sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==é"), 400, "§4.2.1"),
            (request(("Sec-WebSocket-Key", KEY)), 400, "§4.2.1"),
            (request(sec_websocket_version=None), 426, "§4.2.1"),
            (request(sec_websocket_version=""), 426, "§4.2.1"),
            (request(sec_websocket_version="8"), 426, "§4.2.1"),
            (request(sec_websocket_version="013"), 426, "§4.2.1"),
            (request(sec_websocket_version="13, 8"), 426, "§4.2.1"),
            (request(("Sec-WebSocket-Version", "8")), 426, "§4.2.1"),
            (request(sec_websocket_protocol=""), 400, "§4.3"),
            (request(sec_websocket_protocol=" , "), 400, "§4.3"),
            (request(sec_websocket_protocol="chat, ch at"), 400, "§4.3"),
            (request(sec_websocket_protocol='chat, "quoted"'), 400, "§4.3"),
            (request(sec_websocket_protocol="chât"), 400, "§4.3"),
            (request(sec_websocket_extensions=""), 400, "§9.1"),
            (request(sec_websocket_extensions=" ,"), 400, "§9.1"),
            (request(sec_websocket_extensions="a; b="), 400, "§9.1"),
            (request(("Sec-WebSocket-Extensions", "b c"), sec_websocket_extensions="a"), 400, "§9.1"),
        ],
    )
    def test_refused(self, sent: Request, status: int, section: str) -> None:
        with pytest.raises(HandshakeError) as caught:
            server_response(sent, subprotocols=["chat"])
        assert (caught.value.status, caught.value.section) == (status, section)


class TestSection422SendingTheResponse:
    def test_item_5_4_accept(self) -> None:
        assert GUID == "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        assert accept_key(KEY) == ACCEPT

    @pytest.mark.parametrize(
        ("offered", "spoken", "chosen"),
        [
            ("chat, superchat", ["superchat", "chat"], "chat"),
            ("chat, superchat", ["superchat"], "superchat"),
            ("chat", ["Chat"], ""),
            ("chat", [], ""),
            (None, ["chat"], ""),
        ],
    )
    def test_item_5_5_subprotocol(self, offered: str | None, spoken: list[str], chosen: str) -> None:
        answer = server_response(request(sec_websocket_protocol=offered), subprotocols=spoken)
        assert answer.headers.get("Sec-WebSocket-Protocol") == chosen
        assert ("Sec-WebSocket-Protocol" in answer.headers) == bool(chosen)
        assert choose_subprotocol([] if offered is None else offered.split(", "), spoken) == (chosen or None)

    @pytest.mark.parametrize(
        ("offered", "known", "agreed"),
        [
            ("a; x, b; y", [Named("b"), Named("a")], "a; ok; x, b; ok; y"),
            ("a; x, a; y", [Named("a")], "a; ok; x"),
            ("a, b", [Named("a", answers=False), Named("b")], "b; ok"),
            ("A", [Named("a")], ""),
            ("c", [Named("a")], ""),
        ],
    )
    def test_item_5_6_extensions(self, offered: str, known: list[Named], agreed: str) -> None:
        answer = server_response(request(sec_websocket_extensions=offered), extensions=known)
        assert answer.headers.get("Sec-WebSocket-Extensions") == agreed

    def test_repeated_headers_are_one_list(self) -> None:
        """§11.3.2, §11.3.4: split or combined, they mean the same."""
        sent = request(
            ("Sec-WebSocket-Protocol", "b"),
            ("Sec-WebSocket-Extensions", "y"),
            sec_websocket_protocol="a",
            sec_websocket_extensions="x",
        )
        answer = server_response(sent, subprotocols=["b"], extensions=[Named("y")])
        assert answer.headers["Sec-WebSocket-Protocol"] == "b"
        assert answer.headers["Sec-WebSocket-Extensions"] == "y; ok"

    def test_further_headers(self) -> None:
        assert server_response(request(), headers=[("Server", "x")]).headers["Server"] == "x"


class TestSection102Origin:
    ORIGINS = ("https://example.org", "http://localhost:*")

    @pytest.mark.parametrize("origin", [None, *ORIGINS, "http://localhost", "http://localhost:8888"])
    def test_let_in(self, origin: str | None) -> None:
        assert server_response(request(origin=origin), origins=self.ORIGINS).status == 101

    @pytest.mark.parametrize(
        "origin",
        [
            "",
            "null",
            "http://example.org",
            "https://example.org:8443",
            "https://example.org.evil.example",
            "https://evil.example/https://example.org",
            "https://localhost:8888",
            "http://localhost.evil.example:80",
            "http://localhost:",
            "http://localhost:1:2",
            "http://localhost:8888/",
            "http://localhost:x",
        ],
    )
    def test_kept_out(self, origin: str) -> None:
        with pytest.raises(HandshakeError) as caught:
            server_response(request(origin=origin), origins=self.ORIGINS)
        assert caught.value.status == 403

    def test_two_origins_are_none(self) -> None:
        with pytest.raises(HandshakeError) as caught:
            server_response(
                request(("Origin", "https://example.org"), origin="https://example.org"), origins=self.ORIGINS
            )
        assert caught.value.status == 403

    def test_no_list_lets_everyone_in(self) -> None:
        assert server_response(request(origin="https://evil.example")).status == 101
        with pytest.raises(HandshakeError):
            server_response(request(origin="https://example.org"), origins=())


class TestSection44Refusal:
    @pytest.mark.parametrize(
        ("sent", "start", "fields"),
        [
            (
                request(sec_websocket_version="8"),
                b"HTTP/1.1 426 Upgrade Required\r\n",
                {"sec-websocket-version": "13", "upgrade": "websocket", "connection": "Upgrade, close"},
            ),
            (
                request(method="PUT"),
                b"HTTP/1.1 405 Method Not Allowed\r\n",
                {"allow": "GET", "connection": "close"},
            ),
            (request(host=None), b"HTTP/1.1 400 Bad Request\r\n", {"connection": "close"}),
        ],
    )
    def test_is_an_answer_that_a_person_can_read(
        self, sent: Request, start: bytes, fields: dict[str, str]
    ) -> None:
        with pytest.raises(HandshakeError) as caught:
            server_response(sent)
        wire = refusal(caught.value).serialize()
        assert wire.startswith(start)
        answer = Response.parse(wire)
        assert {name: answer.headers[name] for name in fields} == fields
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert int(answer.headers["Content-Length"]) == len(answer.body)
        assert str(caught.value) in answer.body.decode()


class TestSection41ClientCheck:
    @pytest.mark.parametrize(
        "answer",
        [
            response(),
            response(upgrade="WebSocket", connection="keep-alive, upgrade"),
            response(sec_websocket_protocol="chat"),
            response(sec_websocket_extensions="permessage-deflate; server_no_context_takeover"),
            response(("Set-Cookie", "a=b")),
            Response(101, "", response().headers),
        ],
    )
    def test_accepted(self, answer: Response) -> None:
        check_response(
            request(
                sec_websocket_protocol="superchat, chat", sec_websocket_extensions="x, permessage-deflate"
            ),
            answer,
        )

    @pytest.mark.parametrize(
        ("answer", "why"),
        [
            (response(status=200), "refused the upgrade with 200"),
            (response(status=100), "refused the upgrade with 100"),
            (response(status=401), "refused the upgrade with 401"),
            (Response(403, "Forbidden", body=b"Not \xff you."), "Not \ufffd you"),
            (response(version="1.0"), "HTTP/1.0"),
            (response(upgrade=None), "Upgrade is ''"),
            (response(upgrade="h2c"), "Upgrade is 'h2c'"),
            (response(upgrade="websocket, h2c"), "Upgrade is"),
            (response(connection=None), "Connection is ''"),
            (response(connection="close"), "Connection is 'close'"),
            (response(sec_websocket_accept=None), "Accept is ''"),
            (response(sec_websocket_accept=ACCEPT.lower()), "must be"),
            (response(sec_websocket_accept=KEY), "must be"),
            (response(("Sec-WebSocket-Accept", ACCEPT)), "must be"),
            (response(sec_websocket_extensions="y"), "was not offered: 'y'"),
            (response(sec_websocket_extensions="x, y"), "was not offered: 'y'"),
            (response(sec_websocket_extensions="X"), "was not offered: 'X'"),
            (response(sec_websocket_extensions="x, x"), "twice"),
            (response(sec_websocket_extensions=""), "names no extension"),
            (response(sec_websocket_extensions="x; ="), "grammar"),
            (response(sec_websocket_protocol="other"), "was not offered: 'other'"),
            (response(sec_websocket_protocol="Chat"), "was not offered: 'Chat'"),
            (response(sec_websocket_protocol=""), "Not a list of subprotocols"),
            (response(sec_websocket_protocol="chat, superchat"), "more than one"),
            (response(("Sec-WebSocket-Protocol", "chat"), sec_websocket_protocol="chat"), "more than one"),
        ],
    )
    def test_failed(self, answer: Response, why: str) -> None:
        sent = request(sec_websocket_protocol="superchat, chat", sec_websocket_extensions="x")
        with pytest.raises(HandshakeError, match=why) as caught:
            check_response(sent, answer)
        assert caught.value.status == answer.status

    @pytest.mark.parametrize(
        "answer",
        [response(sec_websocket_protocol="chat"), response(sec_websocket_extensions="permessage-deflate")],
    )
    def test_items_5_and_6_nothing_unasked(self, answer: Response) -> None:
        with pytest.raises(HandshakeError, match="not offered"):
            check_response(request(), answer)


class TestBothSides:
    """Client and server meet in memory before they meet on a socket."""

    names = st.lists(st.text("abcXYZ-1", min_size=1, max_size=5), unique=True, max_size=4)

    @given(names, names, st.booleans())
    def test_what_one_writes_the_other_accepts(
        self, offered: list[str], spoken: list[str], deflate: bool
    ) -> None:
        sent = client_request(
            "ws://example.org/", subprotocols=offered, extensions=[Deflate().offer()] if deflate else []
        )
        read = Request.parse(sent.serialize())
        answer = server_response(read, subprotocols=spoken, extensions=[Deflate()])
        check_response(sent, Response.parse(answer.serialize()))
        assert answer.headers.get("Sec-WebSocket-Protocol") == next((n for n in offered if n in spoken), "")
        assert ("Sec-WebSocket-Extensions" in answer.headers) == deflate

    @given(
        st.sampled_from([*REQUEST, "Origin", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"]), st.data()
    )
    def test_any_value_is_answered_or_refused(self, name: str, data: st.DataObject) -> None:
        value = data.draw(
            st.text([chr(code) for code in (9, *range(32, 127), *range(128, 256))], max_size=30)
        )
        sent = Request("/", Headers([*((n, v) for n, v in REQUEST.items() if n != name), (name, value)]))
        try:
            answer = server_response(sent, subprotocols=["a"], extensions=[Deflate()], origins=["http://a:*"])
        except HandshakeError as error:
            answer = refusal(error)
            assert answer.status in {400, 403, 426}
        assert Response.parse(answer.serialize()) == answer
