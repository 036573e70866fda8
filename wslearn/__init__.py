"""WebSockets, byte by byte: the protocol as a small library to read, run and rebuild (RFC 6455, RFC 7692)."""

from wslearn.closing import Close, CloseCode
from wslearn.connection import TRANSITIONS, Connection, Event, Ping, Pong, State, Step
from wslearn.deflate import Deflate
from wslearn.errors import ConnectionClosed, HandshakeError, ProtocolError, UsageError, WebSocketError
from wslearn.explain import explain
from wslearn.extensions import ExtensionOffer
from wslearn.frames import Frame, Opcode
from wslearn.handshake import (
    accept_key,
    check_response,
    choose_subprotocol,
    client_request,
    refusal,
    server_response,
)
from wslearn.http import Headers, Request, Response
from wslearn.masking import mask
from wslearn.reconnect import Replay, backoff, fresh
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
    "Replay",
    "Request",
    "Response",
    "Span",
    "State",
    "Step",
    "UsageError",
    "WebSocketError",
    "accept_key",
    "backoff",
    "check_response",
    "choose_subprotocol",
    "client_request",
    "explain",
    "fresh",
    "mask",
    "refusal",
    "server_response",
]
