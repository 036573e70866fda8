"""Certificates for `wss`, made for the run; and no test may leave a complaint in the log."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import trustme


class Tls(NamedTuple):
    """Who has a certificate for this machine, and who trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def tls() -> Tls:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Tls(server, client)


@pytest.fixture(autouse=True)
def _no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What goes wrong inside the event loop is only logged, there and in Tornado."""
    yield
    complaints = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.name.startswith(("asyncio", "tornado")) and record.levelno >= logging.WARNING
    ]
    assert [text for text in complaints if not text.startswith("SSL Error on")] == []
