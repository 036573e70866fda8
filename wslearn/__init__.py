"""WebSockets, byte by byte: the protocol as a small library to read, run and rebuild (RFC 6455, RFC 7692)."""

from wslearn.closing import Close, CloseCode
from wslearn.connection import TRANSITIONS, Connection, Event, Ping, Pong, State, Step
from wslearn.deflate import Deflate
from wslearn.errors import ConnectionClosed, HandshakeError, ProtocolError, UsageError, WebSocketError
from wslearn.explain import explain
from wslearn.extensions import ExtensionOffer
from wslearn.frames import Frame, Opcode
from wslearn.handshake import accept_key, check_response, client_request, refusal, server_response
from wslearn.http import Headers, Request, Response
from wslearn.masking import mask
from wslearn.spans import Span

__all__ = [
    "TRANSITIONS",
    "Close",
    "CloseCode",
    "Connection",
    "ConnectionClosed",
    "Deflate",
    "Event",
    "ExtensionOffer",
    "Frame",
    "HandshakeError",
    "Headers",
    "Opcode",
    "Ping",
    "Pong",
    "ProtocolError",
    "Request",
    "Response",
    "Span",
    "State",
    "Step",
    "UsageError",
    "WebSocketError",
    "accept_key",
    "check_response",
    "client_request",
    "explain",
    "mask",
    "refusal",
    "server_response",
]
