"""Close codes and the close frame's payload (RFC 6455 §7.4, §5.5.1).

::

    Close frame payload = [ status-code  [ reason ] ]
    status-code         = 2 bytes, unsigned, network byte order
    reason              = UTF-8, at most 123 bytes
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from wslearn.errors import ProtocolError, UsageError

__all__ = ["NO_STATUS", "Close", "CloseCode", "may_be_sent"]


class CloseCode(IntEnum):
    """The registered status codes (RFC 6455 §7.4.1, §11.7 and the IANA registry that it opens).

    Examples
    --------
    >>> CloseCode(1002).name, CloseCode.MESSAGE_TOO_BIG.value
    ('PROTOCOL_ERROR', 1009)
    """

    NORMAL_CLOSURE = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    RESERVED = 1004
    NO_STATUS_RECEIVED = 1005
    ABNORMAL_CLOSURE = 1006
    INVALID_FRAME_PAYLOAD_DATA = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014
    TLS_HANDSHAKE = 1015


# Codes that exist, and codes that may stand in a close frame, are two different sets: these four
# only ever describe what happened on this side (§7.4.1).
_NEVER_ON_THE_WIRE = frozenset({1004, 1005, 1006, 1015})


def may_be_sent(code: int) -> bool:
    """Tell whether a close frame may carry `code` (RFC 6455 §7.4.1, §7.4.2).

    1000–2999 are the protocol's own and only the registered ones may be used; 3000–3999 are
    registered by libraries, 4000–4999 are private.

    Parameters
    ----------
    code
        A status code.

    Returns
    -------
    bool

    Examples
    --------
    >>> [code for code in (999, 1000, 1005, 1014, 1016, 2999, 3000, 4999, 5000) if may_be_sent(code)]
    [1000, 1014, 3000, 4999]
    """
    return (1000 <= code <= 1014 and code not in _NEVER_ON_THE_WIRE) or 3000 <= code <= 4999


@dataclass(frozen=True, slots=True)
class Close:
    r"""A close frame, as an event and as a payload (RFC 6455 §5.5.1).

    Parameters
    ----------
    code
        The status code; 1005 stands for "the close frame had no payload" (§7.1.5).
    reason
        Text for a person, at most 123 bytes of UTF-8.

    Examples
    --------
    >>> Close(1000, "bye").serialize()
    b'\x03\xe8bye'
    >>> Close.parse(b"")
    Close(code=1005, reason='')
    """

    code: int = CloseCode.NORMAL_CLOSURE.value
    reason: str = ""

    def __str__(self) -> str:
        name = CloseCode(self.code).name if self.code in CloseCode.__members__.values() else "private"
        return f"{self.code} {name}" + (f" “{self.reason}”" if self.reason else "")

    def serialize(self) -> bytes:
        """Build the payload.

        Returns
        -------
        bytes
            Empty for 1005, else two bytes of code and the reason.

        Raises
        ------
        UsageError
            For a code that must not be sent, a reason over 123 bytes or that cannot be written as
            UTF-8, or a reason without a code.
        """
        if self.code == CloseCode.NO_STATUS_RECEIVED:
            if self.reason:
                raise UsageError("A reason needs a code: 1005 means an empty payload. Use 1000.")
            return b""
        if not may_be_sent(self.code):
            raise UsageError(
                f"Close code {self.code} must not be sent (§7.4). Use 1000, another registered code, "
                "or one of 3000–4999."
            )
        try:
            payload = self.code.to_bytes(2, "big") + self.reason.encode()
        except UnicodeEncodeError as error:
            why = f"{error.reason}, character {error.start}"
            raise UsageError(f"The reason cannot be written as UTF-8: {why}.") from None
        if len(payload) > 125:
            raise UsageError(
                f"The reason takes {len(payload) - 2} bytes; a close frame has room for 123 (§5.5)."
            )
        return payload

    @classmethod
    def parse(cls, payload: bytes) -> Close:
        """Read the payload of a received close frame.

        Parameters
        ----------
        payload
            0 to 125 bytes, unmasked.

        Raises
        ------
        ProtocolError
            With 1002 for a payload of one byte or a code that must not be sent, with 1007 for a
            reason that is not UTF-8.
        """
        if not payload:
            return NO_STATUS
        if len(payload) == 1:  # §5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer"
            raise ProtocolError(
                "A close payload of one byte: it is empty or starts with a two-byte code.",
                close_code=1002,
                section="§5.5.1",
                field="close code",
            )
        code = int.from_bytes(payload[:2], "big")
        if not may_be_sent(code):
            raise ProtocolError(
                f"Close code {code} must not be sent.", close_code=1002, section="§7.4", field="close code"
            )
        try:
            return cls(code, payload[2:].decode())
        except UnicodeDecodeError as error:  # §5.5.1: the reason is "UTF-8-encoded data"; §8.1
            raise ProtocolError(
                f"The close reason is not UTF-8: {error.reason} at byte {error.start}.",
                close_code=1007,
                section="§8.1",
                field="close reason",
            ) from None


NO_STATUS = Close(CloseCode.NO_STATUS_RECEIVED.value)
