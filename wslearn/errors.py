"""Everything that can go wrong, in one tree.

::

    WebSocketError
    ├── UsageError            you misused the library: a wrong argument, or a call in the wrong state
    ├── HandshakeError        the opening handshake failed; carries the HTTP status (RFC 6455 §4)
    ├── ProtocolError         the peer broke a rule; carries the close code that it earns (RFC 6455 §7.4.1)
    └── ConnectionClosed      there is no connection any more; carries both close codes (RFC 6455 §7.1.5)

What you did wrong is *raised*. What the peer did wrong on an open connection comes back as the last
event of :meth:`wslearn.Connection.receive`, so that nothing which arrived before it is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.closing import Close

__all__ = ["ConnectionClosed", "HandshakeError", "ProtocolError", "UsageError", "WebSocketError"]


class WebSocketError(Exception):
    """Any error of this library."""


class UsageError(WebSocketError):
    """A call that cannot work, whatever the peer does: the message says what to do instead."""


class HandshakeError(WebSocketError):
    """The opening handshake failed (RFC 6455 §4.2, §4.1).

    Parameters
    ----------
    message
        What was wrong, for a person.
    status
        The HTTP status: the one a server refuses with, or the one a client was given.
    section
        The RFC section of the rule, such as ``"§4.2.1"``.
    headers
        Header fields that belong into the refusal, such as ``("Sec-WebSocket-Version", "13")``; or that came
        with it, such as ``("Retry-After", "5")``.

    Examples
    --------
    >>> HandshakeError("There is no Host header.", status=400, section="§4.2.1").status
    400
    """

    def __init__(
        self, message: str, *, status: int, section: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.section = section
        self.headers = tuple(headers)

    def __str__(self) -> str:
        return f"{self.args[0]} (HTTP {self.status}, {self.section})"


class ProtocolError(WebSocketError):
    """The peer broke a rule of the protocol (RFC 6455 §5, §7, §8.1).

    Parameters
    ----------
    message
        The rule and what was seen, for a person.
    close_code
        The code to fail the connection with: 1002, 1007 or 1009.
    section
        The RFC section of the rule, such as ``"§5.5"``.
    field
        The part of the frame at fault: ``"opcode"``, ``"rsv1"``, ``"payload length"``, …

    Examples
    --------
    >>> str(ProtocolError("A ping must not be fragmented.", close_code=1002, section="§5.5", field="fin"))
    'A ping must not be fragmented. (close code 1002, §5.5)'
    """

    def __init__(self, message: str, *, close_code: int, section: str, field: str) -> None:
        super().__init__(message)
        self.close_code = close_code
        self.section = section
        self.field = field

    def __str__(self) -> str:
        return f"{self.args[0]} (close code {self.close_code}, {self.section})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProtocolError):
            return NotImplemented
        return str(self) == str(other) and self.field == other.field

    def __hash__(self) -> int:
        return hash(str(self))


class ConnectionClosed(WebSocketError):
    """The connection is closed: nothing more can be sent or received (RFC 6455 §7.1.4).

    Parameters
    ----------
    received, sent
        The close frames of the peer and of this side, or ``None`` where there was none.
    received_first
        Whether the peer's came before ours; ``None`` unless both exist.

    Examples
    --------
    >>> ConnectionClosed(received=None, sent=None).code
    1006
    """

    def __init__(
        self, *, received: Close | None, sent: Close | None, received_first: bool | None = None
    ) -> None:
        self.received = received
        self.sent = sent
        self.received_first = received_first
        super().__init__(f"received {received or 'no close frame'}, sent {sent or 'no close frame'}")

    @property
    def code(self) -> int:
        """The Close Code of §7.1.5: the peer's, or 1006 when the peer sent no close frame."""
        return 1006 if self.received is None else self.received.code

    @property
    def reason(self) -> str:
        """The Close Reason of §7.1.6: the peer's, or empty."""
        return "" if self.received is None else self.received.reason
