"""The edge: `wslearn` on real sockets, carried by Tornado."""

from wslearn.net.client import connect
from wslearn.net.server import LOOPBACK_ORIGINS, Server, echo
from wslearn.net.thread import Handle, serve
from wslearn.net.websocket import Limits, WebSocket

__all__ = ["LOOPBACK_ORIGINS", "Handle", "Limits", "Server", "WebSocket", "connect", "echo", "serve"]
