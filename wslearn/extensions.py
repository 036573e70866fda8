"""Extensions: how they are offered and accepted in the handshake (RFC 6455 §9.1).

::

    Sec-WebSocket-Extensions = extension-list
    extension-list  = 1#extension
    extension       = extension-token *( ";" extension-param )
    extension-param = token [ "=" (token | quoted-string) ]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from wslearn.errors import HandshakeError
from wslearn.http import TOKEN

__all__ = ["Extension", "ExtensionOffer", "parse_extensions"]

_EXTENSION = re.compile(rf"[ \t]*({TOKEN})[ \t]*")
_PARAMETER = re.compile(rf';[ \t]*({TOKEN})[ \t]*(?:=[ \t]*(?:({TOKEN})|"((?:[^"\\]|\\.)*)")[ \t]*)?')
_TOKEN = re.compile(TOKEN)


@dataclass(frozen=True, slots=True)
class ExtensionOffer:
    """One element of Sec-WebSocket-Extensions: a name and its parameters in order (RFC 6455 §9.1).

    Parameters
    ----------
    name
        The extension token.
    parameters
        Pairs of a name and a value; the value is ``None`` where there is no ``=``.

    Examples
    --------
    >>> str(ExtensionOffer("permessage-deflate", (("server_max_window_bits", "10"),)))
    'permessage-deflate; server_max_window_bits=10'
    """

    name: str
    parameters: tuple[tuple[str, str | None], ...] = ()

    def __str__(self) -> str:
        return "; ".join(
            [self.name, *(name if value is None else f"{name}={value}" for name, value in self.parameters)]
        )


class Extension(Protocol):
    """What `server_response` asks of an extension; `wslearn.deflate.Deflate` is one."""

    @property
    def name(self) -> str:
        """The extension token."""

    def accept(self, offer: ExtensionOffer) -> ExtensionOffer | None:
        """Answer a client's offer, or decline it with ``None``."""


def parse_extensions(value: str) -> list[ExtensionOffer]:
    """Read the value of a Sec-WebSocket-Extensions header, quoted strings included (RFC 6455 §9.1).

    Parameters
    ----------
    value
        The header's value; repeated headers joined by commas.

    Raises
    ------
    HandshakeError
        With 400, when it does not follow the grammar.

    Examples
    --------
    >>> [offer] = parse_extensions('permessage-deflate; client_max_window_bits; server_max_window_bits="10"')
    >>> offer.parameters
    (('client_max_window_bits', None), ('server_max_window_bits', '10'))
    """
    offers = []
    at = 0
    while at < len(value):
        if value[at] in ", \t":  # RFC 9110 §5.6.1: empty elements of a list are ignored
            at += 1
            continue
        match = _EXTENSION.match(value, at)
        if match is None:
            raise _bad_extensions(value, at)
        name, at = match[1], match.end()
        parameters: list[tuple[str, str | None]] = []
        while match := _PARAMETER.match(value, at):
            token = match[2] if match[3] is None else re.sub(r"\\(.)", r"\1", match[3])
            if token is not None and not _TOKEN.fullmatch(token):
                # §4.3, §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF"
                raise _bad_extensions(value, match.start(3))
            parameters.append((match[1], token))
            at = match.end()
        if value[at : at + 1] not in {"", ","}:
            raise _bad_extensions(value, at)
        offers.append(ExtensionOffer(name, tuple(parameters)))
    return offers


def _bad_extensions(value: str, at: int) -> HandshakeError:
    message = (
        f"Sec-WebSocket-Extensions does not follow the grammar at character {at}: {value[at : at + 40]!r}."
    )
    return HandshakeError(message, status=400, section="§9.1")
