"""Lesson 12, `connect_request`: asking a proxy for a tunnel (RFC 9110 §9.3.6, RFC 6455 §4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import HandshakeError
from wslearn.http import Request
from wslearn.net.tunnel import connect_request

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["CONNECT_REQUEST"]


def _targets() -> SearchStrategy[tuple[str, int, str]]:
    from hypothesis import strategies as st

    hosts = st.sampled_from(("example.org", "127.0.0.1", "::1", "fe80::7", "a"))
    ports = st.sampled_from((80, 443, 8765, 1, 65535))
    credentials = st.sampled_from(("", "ada:secret", "ada:", "ü:é"))
    return st.tuples(hosts, ports, credentials)


def _read(result: object, host: str, _port: int, _credentials: str = "") -> object:
    """Take a request apart: the order of its fields is free, and Host may go without the port."""
    if result is None:
        return None
    if not isinstance(result, bytes):
        return f"{type(result).__name__}, not bytes", result
    try:
        request = Request.parse(result)
    except HandshakeError:
        return "no request of HTTP", result
    bare = f"[{host}]" if ":" in host else host
    fields = []
    for name, value in request.headers:
        host_field = (name.lower(), value) == ("host", request.target)
        fields.append((name.lower(), bare if host_field else value))
    return request.method, request.target, request.version, sorted(fields)


def _replaced(host: str, port: int, credentials: str, before: str, after: str) -> bytes:
    return connect_request(host, port, credentials).replace(before.encode(), after.encode(), 1)


def _a_url(host: str, port: int, credentials: str = "") -> bytes:
    return _replaced(host, port, credentials, "CONNECT ", "CONNECT http://")


def _no_port(host: str, port: int, credentials: str = "") -> bytes:
    return _replaced(host, port, credentials, f":{port} HTTP", " HTTP")


def _only_odd_ports(host: str, port: int, credentials: str = "") -> bytes:
    return (_no_port if port in {80, 443} else connect_request)(host, port, credentials)


def _a_get(host: str, port: int, credentials: str = "") -> bytes:
    return _replaced(host, port, credentials, "CONNECT", "GET")


def _line_feeds(host: str, port: int, credentials: str = "") -> bytes:
    return connect_request(host, port, credentials).replace(b"\r\n", b"\n")


def _no_end(host: str, port: int, credentials: str = "") -> bytes:
    return connect_request(host, port, credentials)[:-2]


def _no_brackets(host: str, port: int, credentials: str = "") -> bytes:
    return connect_request(host, port, credentials).replace(f"[{host}]".encode(), host.encode())


def _no_host(host: str, port: int, credentials: str = "") -> bytes:
    line, _, rest = connect_request(host, port, credentials).partition(b"\r\n")
    return line + b"\r\n" + rest.partition(b"\r\n")[2]


def _as_text(host: str, port: int, credentials: str = "") -> str:
    return connect_request(host, port, credentials).decode()


def _not_encoded(host: str, port: int, credentials: str = "") -> bytes:
    plain = connect_request(host, port)
    return plain[:-2] + f"Proxy-Authorization: Basic {credentials}\r\n\r\n".encode() if credentials else plain


def _for_the_server(host: str, port: int, credentials: str = "") -> bytes:
    return _replaced(host, port, credentials, "Proxy-Authorization", "Authorization")


def _asked_for_nothing(host: str, port: int, _credentials: str = "") -> bytes:
    return connect_request(host, port)


CONNECT_REQUEST = Exercise(
    model=connect_request,
    lesson="12_proxies",
    section="RFC 9110 §9.3.6, RFC 6455 §4.1",
    examples=(
        ("example.org", 443),
        ("example.org", 80),
        ("127.0.0.1", 8765),
        ("::1", 443),
        ("example.com", 80, "ednamode:nocapes!"),
        ("a", 1, "ada:"),
        ("::1", 65535, "ü:é"),
    ),
    inputs=_targets,
    hints=(
        "A request as any other: a line, the fields, an empty line. Only the target differs.",
        "The target is host, colon, port, and nothing else: no scheme, no path. The port is always there.",
        "`Host` says the same. Every line ends with `\\r\\n`, and an empty one ends the head.",
        "The colons of an IPv6 address would be mistaken for that of the port: write `[::1]:443`.",
        (
            "Credentials go into `Proxy-Authorization: Basic …`, in base64: "
            "`base64.b64encode(credentials.encode()).decode()`. Without any, there is no such field."
        ),
    ),
    misconceptions=(
        Misconception(
            "a URL for the target",
            "You ask for a URL. CONNECT asks for a connection, not for a resource: its target is host and "
            "port (RFC 9110 §9.3.6).",
            _a_url,
        ),
        Misconception(
            "no port",
            "You leave the port out. There is no usual one for CONNECT, so it is always written "
            "(RFC 9110 §9.3.6).",
            _no_port,
        ),
        Misconception(
            "usual ports left out",
            "You leave out 80 and 443, as in a URL. CONNECT knows no scheme, so nobody could say which one "
            "was meant (RFC 9110 §9.3.6).",
            _only_odd_ports,
        ),
        Misconception(
            "a GET",
            "You send a GET. With it the proxy would fetch something; the method that asks for a tunnel is "
            "CONNECT (RFC 9110 §9.3.6).",
            _a_get,
        ),
        Misconception(
            "line feeds alone",
            r"You end lines with `\n`. A line of HTTP ends with `\r\n` (RFC 9112 §2.1).",
            _line_feeds,
        ),
        Misconception(
            "no empty line",
            "Your request has no end: behind the last field comes an empty line (RFC 9112 §2.1). Without it, "
            "the proxy waits for more.",
            _no_end,
        ),
        Misconception(
            "an IPv6 address without brackets",
            "You write an IPv6 address without brackets. Then nobody can tell its colons from that of the "
            "port (RFC 3986 §3.2.2).",
            _no_brackets,
        ),
        Misconception(
            "no Host",
            "You leave out `Host`. Every request of HTTP/1.1 has one (RFC 9112 §3.2).",
            _no_host,
        ),
        Misconception(
            "text, not bytes",
            "You return text. What goes into a socket is bytes: `.encode()` it.",
            _as_text,
        ),
        Misconception(
            "credentials as they are",
            "You write user and password as they are. `Basic` wants them in base64 (RFC 7617 §2).",
            _not_encoded,
        ),
        Misconception(
            "Authorization in place of Proxy-Authorization",
            "You use `Authorization`. That is for the server at the end; the proxy reads "
            "`Proxy-Authorization` (RFC 9110 §11.7.2).",
            _for_the_server,
        ),
        Misconception(
            "credentials left out",
            "You do nothing with the credentials. A proxy that asks for them answers 407 (RFC 9110 §15.5.8).",
            _asked_for_nothing,
        ),
    ),
    normal=_read,
)
