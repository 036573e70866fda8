"""The handshake against the `websockets` package, both ways round (RFC 6455 §4, RFC 7692 §7.1)."""

from __future__ import annotations

from itertools import product

import pytest
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame as PeerFrame
from websockets.frames import Opcode as PeerOpcode
from websockets.http11 import Request as PeerRequest
from websockets.http11 import Response as PeerResponse
from websockets.server import ServerProtocol
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from tests.peers import websockets_frame
from tests.test_handshake import request
from wslearn import (
    Connection,
    Deflate,
    HandshakeError,
    Request,
    Response,
    check_response,
    client_request,
    refusal,
    server_response,
)
from wslearn.deflate import agreed
from wslearn.http import split_head

URL = "ws://example.org:8080/chat?room=1"
TEXT = "Hello, hello, hello: " * 100

BITS = (None, 9, 12, 15)
SWITCHES = (False, True)
#: server_no_context_takeover, client_no_context_takeover, server_max_window_bits, client_max_window_bits
WISHES = list(product(SWITCHES, SWITCHES, BITS, BITS))


def answered_by_peer(data: bytes, server: ServerProtocol) -> Response:
    """Let websockets read a request and answer it."""
    server.receive_data(data)
    (seen,) = server.events_received()
    assert isinstance(seen, PeerRequest)
    server.send_response(server.accept(seen))
    return Response.parse(server.data_to_send()[0])


def asked_by_peer(client: ClientProtocol) -> Request:
    """Let websockets write a request."""
    client.send_request(client.connect())
    head = split_head(b"".join(client.data_to_send()))
    assert head is not None
    return Request.parse(head[0])


def read_by_peer(answer: Response, client: ClientProtocol) -> Exception | None:
    """Let websockets check an answer; return what it has against it."""
    client.receive_data(answer.serialize())
    (seen,) = client.events_received()
    assert isinstance(seen, PeerResponse)
    return client.handshake_exc


class TestTheirServer:
    def test_accepts_our_request_and_we_its_answer(self) -> None:
        server = ServerProtocol(
            origins=[Origin("https://example.org")], subprotocols=[Subprotocol("b"), Subprotocol("a")]
        )
        sent = client_request(URL, origin="https://example.org", subprotocols=["a", "b"])
        answer = answered_by_peer(sent.serialize(), server)
        check_response(sent, answer)
        assert server.handshake_exc is None
        assert answer.headers["Sec-WebSocket-Protocol"] == "b"  # its own order of preference

    @pytest.mark.parametrize(
        ("sent", "ours", "theirs"),
        [
            (request(method="POST"), 405, 405),
            (request(origin="https://evil.example"), 403, 403),
            (request(sec_websocket_key="AAAA"), 400, 400),
            (request(origin="https://example.org", sec_websocket_extensions="a; b="), 400, 400),
            (request(origin="https://example.org", sec_websocket_protocol="a b"), 400, 400),
            # They part: 426 is §4.4's word for a version, websockets says it of a missing upgrade.
            (request(sec_websocket_version="8"), 426, 400),
            (request(upgrade="h2c"), 400, 426),
            (request(version="1.0"), 400, 505),
        ],
    )
    def test_refuses_what_we_refuse(self, sent: Request, ours: int, theirs: int) -> None:
        origins = ["https://example.org"]
        with pytest.raises(HandshakeError) as caught:
            server_response(sent, origins=origins)
        peer = ServerProtocol(origins=[Origin(origin) for origin in origins], subprotocols=[Subprotocol("a")])
        answer = answered_by_peer(sent.serialize(), peer)
        assert (caught.value.status, answer.status) == (ours, theirs)
        with pytest.raises(HandshakeError, match=str(theirs)):
            check_response(sent, answer)


class TestTheirClient:
    def test_writes_a_request_that_we_accept_and_takes_our_answer(self) -> None:
        client = ClientProtocol(
            parse_uri(URL),
            origin=Origin("https://example.org"),
            subprotocols=[Subprotocol("a"), Subprotocol("b")],
        )
        asked = asked_by_peer(client)
        assert (asked.target, asked.headers["Host"]) == ("/chat?room=1", "example.org:8080")
        answer = server_response(asked, subprotocols=["b", "a"], origins=["https://example.org"])
        assert read_by_peer(answer, client) is None
        assert client.subprotocol == "a"  # the client's order of preference

    def test_takes_our_refusal(self) -> None:
        client = ClientProtocol(parse_uri(URL), origin=Origin("https://evil.example"))
        with pytest.raises(HandshakeError) as caught:
            server_response(asked_by_peer(client), origins=["https://example.org"])
        error = read_by_peer(refusal(caught.value), client)
        assert "HTTP 403" in str(error)

    @pytest.mark.parametrize("old", ["websocket", "Upgrade", "accept"])
    def test_refuses_what_we_refuse(self, old: str) -> None:
        client = ClientProtocol(parse_uri(URL))
        asked = asked_by_peer(client)
        wire = server_response(asked).serialize()
        accept = server_response(asked).headers["Sec-WebSocket-Accept"]
        broken = Response.parse(wire.replace((accept if old == "accept" else old).encode(), b"other"))
        with pytest.raises(HandshakeError):
            check_response(asked, broken)
        assert read_by_peer(broken, client) is not None


class TestRfc7692Section71TheirServer:
    """Each of our 64 wishes meets a server that asks for more and one that does not."""

    @pytest.mark.parametrize("server", [(False, False, None, None), (True, True, 10, 10)])
    @pytest.mark.parametrize("wish", WISHES)
    def test_agrees(
        self,
        wish: tuple[bool, bool, int | None, int | None],
        server: tuple[bool, bool, int | None, int | None],
    ) -> None:
        ours = deflate(*wish)
        peer = ServerProtocol(extensions=[ServerPerMessageDeflateFactory(*server)])
        sent = client_request(URL, extensions=[ours.offer()])
        answer = answered_by_peer(sent.serialize(), peer)
        check_response(sent, answer)
        chosen = agreed(sent, answer, ours)
        assert chosen is not None
        (extension,) = peer.extensions
        assert isinstance(extension, PerMessageDeflate)
        assert extension.local_no_context_takeover == chosen.server_no_context_takeover
        assert extension.local_max_window_bits == chosen.server_max_window_bits
        assert extension.remote_max_window_bits == chosen.client_max_window_bits
        talk(Connection("client", deflate=chosen), extension)


class TestRfc7692Section71TheirClient:
    @pytest.mark.parametrize("server", [Deflate(), Deflate(True, True, 10, 10)])
    @pytest.mark.parametrize("wish", WISHES)
    def test_agrees(self, wish: tuple[bool, bool, int | None, int | None], server: Deflate) -> None:
        for asks_for_bits in (wish[3], True):
            peer = ClientProtocol(
                parse_uri(URL), extensions=[ClientPerMessageDeflateFactory(*wish[:3], asks_for_bits)]
            )
            asked = asked_by_peer(peer)
            answer = server_response(asked, extensions=[server])
            assert read_by_peer(answer, peer) is None
            chosen = agreed(asked, answer, server)
            assert chosen is not None
            (extension,) = peer.extensions
            assert isinstance(extension, PerMessageDeflate)
            assert extension.remote_no_context_takeover == chosen.server_no_context_takeover
            assert extension.remote_max_window_bits == chosen.server_max_window_bits
            assert extension.local_max_window_bits <= chosen.client_max_window_bits
            talk(Connection("server", deflate=chosen), extension)

    def test_8_bits_are_legal_and_more_than_websockets_can(self) -> None:
        """§7.1.2 has 8 to 15; zlib has no raw window of 256 bytes, so websockets refuses it."""
        peer = ClientProtocol(parse_uri(URL), extensions=[ClientPerMessageDeflateFactory()])
        answer = server_response(asked_by_peer(peer), extensions=[Deflate(client_max_window_bits=8)])
        assert answer.headers["Sec-WebSocket-Extensions"].endswith("client_max_window_bits=8")
        assert "Unsupported extension" in str(read_by_peer(answer, peer))


def deflate(
    server_no_takeover: bool, client_no_takeover: bool, server_bits: int | None, client_bits: int | None
) -> Deflate:
    return Deflate(server_no_takeover, client_no_takeover, server_bits or 15, client_bits or 15)


def talk(connection: Connection, extension: PerMessageDeflate) -> None:
    """Send messages both ways, several times: each side inflates what the other compressed."""
    is_client = connection.role == "client"
    for message in (TEXT, "", TEXT.encode() * 100, "ä" * 1000) * 2:
        payload = message.encode() if isinstance(message, str) else message
        opcode = PeerOpcode.TEXT if isinstance(message, str) else PeerOpcode.BINARY
        theirs = PeerFrame(opcode, payload).serialize(mask=not is_client, extensions=[extension])
        assert connection.receive(theirs) == [message]
        read = websockets_frame(connection.send(message), masked=is_client, extensions=[extension])
        assert (read.opcode, bytes(read.data), read.rsv1) == (opcode, payload, False)
