"""WebSockets over HTTP/2 (RFC 8441): many of them on one TCP connection, beside ordinary requests."""

from wslearn.labs.http2.client import Http2Client, extended_connect
from wslearn.labs.http2.server import Http2Server
from wslearn.labs.http2.websocket import Http2WebSocket

__all__ = ["Http2Client", "Http2Server", "Http2WebSocket", "extended_connect"]
