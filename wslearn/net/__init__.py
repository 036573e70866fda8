"""The edge: `wslearn` on real sockets, carried by Tornado."""

from wslearn.net.apps import echo
from wslearn.net.capture import Capture
from wslearn.net.client import connect
from wslearn.net.limits import Limits
from wslearn.net.record import Record
from wslearn.net.server import LOOPBACK_ORIGINS, Server
from wslearn.net.tap import Tap
from wslearn.net.thread import Handle, serve
from wslearn.net.websocket import WebSocket

__all__ = [
    "LOOPBACK_ORIGINS",
    "Capture",
    "Handle",
    "Limits",
    "Record",
    "Server",
    "Tap",
    "WebSocket",
    "connect",
    "echo",
    "serve",
]
