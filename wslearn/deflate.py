"""permessage-deflate (RFC 7692): messages compressed one by one, on a shared history.

It is an extension as RFC 6455 §9 has them: registered, offered by the client, in use once the server
accepted it, and with no other parameters than its own (RFC 6455 §9.1).

::

    Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover;
                              server_max_window_bits=12; client_max_window_bits

A compressed message has RSV1 set on its first frame. Its payload is raw DEFLATE, flushed to a whole
byte, without the four bytes 00 00 ff ff that such a flush always ends with (§7.2.1).
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wslearn.errors import HandshakeError, UsageError
from wslearn.extensions import ExtensionOffer, parse_extensions

if TYPE_CHECKING:
    from collections.abc import Collection

    from wslearn.connection import Role
    from wslearn.http import Request, Response

__all__ = ["TAIL", "Deflate", "DeflateCodec", "agreed"]

NAME = "permessage-deflate"
TAIL = b"\x00\x00\xff\xff"
_GROWTH = 1032  # bytes that one byte of DEFLATE can become: four matches of two bits, 258 bytes each
_STEP = 4096  # bytes; what zlib leaves over behind a last block it copies, so give it little at a time
_WINDOW_BITS = re.compile(r"8|9|1[0-5]")  # §7.1.2: decimal, no leading zero
_NO_TAKEOVER = ("server_no_context_takeover", "client_no_context_takeover")
_MAX_BITS = ("server_max_window_bits", "client_max_window_bits")


@dataclass(frozen=True, slots=True)
class Deflate:
    """What one side wants of permessage-deflate, or what both agreed on (RFC 7692 §7.1).

    Parameters
    ----------
    server_no_context_takeover, client_no_context_takeover
        Whether that side forgets its history after each message: less memory, weaker compression.
    server_max_window_bits, client_max_window_bits
        How far back that side's history may reach: 2**bits bytes, 8 to 15.
    level
        How hard to try, 1 to 9 (zlib). Small messages gain nothing from more than 1.
    memory_level
        Memory for compressing, 1 to 9 (zlib): about 2**(memory_level + 9) bytes.

    Raises
    ------
    UsageError
        For a number outside its range.

    Examples
    --------
    >>> str(Deflate().offer())
    'permessage-deflate; client_max_window_bits'
    >>> wish = Deflate(server_max_window_bits=10)
    >>> str(wish.accept(ExtensionOffer("permessage-deflate")))
    'permessage-deflate; server_max_window_bits=10'
    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = 15
    client_max_window_bits: int = 15
    level: int = 1
    memory_level: int = 5

    def __post_init__(self) -> None:
        for name, low, high, why in (
            *((bits, 8, 15, " (RFC 7692 §7.1.2)") for bits in _MAX_BITS),
            ("level", 1, 9, ""),
            ("memory_level", 1, 9, ""),
        ):
            if not low <= getattr(self, name) <= high:
                raise UsageError(f"{name} is {low} to {high}, not {getattr(self, name)}{why}.")

    @property
    def name(self) -> str:
        """The extension token."""
        return NAME

    def offer(self) -> ExtensionOffer:
        """Write the client's offer (§7.1)."""
        parameters = self.parameters()
        if self.client_max_window_bits == 15:  # without a value: the server may choose (§7.1.2.2)
            parameters.append(("client_max_window_bits", None))
        return ExtensionOffer(NAME, tuple(parameters))

    def accept(self, offer: ExtensionOffer) -> ExtensionOffer | None:
        """Answer a client's offer as the server, or decline it with ``None`` (§7, §7.1, §5.1).

        An offer with an unknown parameter, a repeated one or an illegal value is declined, as §7 asks.
        """
        asked = _read(offer, may_lack_value=True)
        if asked is None:
            return None
        offered, client_bits = dict(offer.parameters), self.client_max_window_bits
        if "client_max_window_bits" not in offered:
            client_bits = 15  # §7.1.2.2: a client that did not say it can must not be told to
        agreed = replace(
            self,
            server_no_context_takeover=self.server_no_context_takeover or asked.server_no_context_takeover,
            client_no_context_takeover=self.client_no_context_takeover or asked.client_no_context_takeover,
            server_max_window_bits=min(self.server_max_window_bits, asked.server_max_window_bits),
            client_max_window_bits=min(client_bits, asked.client_max_window_bits),
        )
        # §7.1.2.1: this one is accepted "by including" it, even where its value says nothing
        return ExtensionOffer(NAME, tuple(agreed.parameters(offered.keys() & {"server_max_window_bits"})))

    def parameters(self, spoken: Collection[str] = ()) -> list[tuple[str, str | None]]:
        """List the parameters to be written: those that say something, and those in `spoken`."""
        parameters: list[tuple[str, str | None]] = [
            (name, None) for name in _NO_TAKEOVER if getattr(self, name)
        ]
        windows = [(name, getattr(self, name)) for name in _MAX_BITS]
        return parameters + [(name, str(bits)) for name, bits in windows if bits < 15 or name in spoken]

    def codec(self, role: Role) -> DeflateCodec:
        """Start compressing and inflating for one side of one connection.

        Examples
        --------
        >>> client, server = Deflate().codec("client"), Deflate().codec("server")
        >>> compressed = client.compress(b"Hello", fin=True)
        >>> compressed.hex(" ")
        'f2 48 cd c9 c9 07 00'
        >>> server.inflate(compressed, 100) + server.end(100)
        b'Hello'
        """
        return DeflateCodec(self, role)


def agreed(request: Request, response: Response, wish: Deflate | None = None) -> Deflate | None:
    """Read what the handshake agreed on from its 101 (RFC 7692 §7.1); both sides use this.

    Parameters
    ----------
    request, response
        The two halves of the handshake.
    wish
        This side's settings, for level and memory level.

    Returns
    -------
    Deflate or None
        ``None`` when permessage-deflate is not in use.

    Raises
    ------
    HandshakeError
        When the answer does not fit the offer: a client fails the connection then.

    Examples
    --------
    >>> from wslearn.handshake import client_request, server_response
    >>> request = client_request("ws://example.org/", extensions=[Deflate().offer()])
    >>> response = server_response(request, extensions=[Deflate(client_max_window_bits=9)])
    >>> agreed(request, response).client_max_window_bits
    9
    """
    answers = [
        offer
        for offer in parse_extensions(response.headers.get("Sec-WebSocket-Extensions"))
        if offer.name == NAME
    ]
    if not answers:
        return None
    chosen = _read(answers[0])
    offers = [
        offer
        for offer in parse_extensions(request.headers.get("Sec-WebSocket-Extensions"))
        if offer.name == NAME
    ]
    if chosen is None or not any(_fits(chosen, answers[0], offer) for offer in offers):
        raise HandshakeError(
            f"The answer does not fit the offer: {answers[0]}.",
            status=response.status,
            section="RFC 7692 §7.1",
        )
    wish = wish or Deflate()
    return replace(chosen, level=wish.level, memory_level=wish.memory_level)


def _read(offer: ExtensionOffer, *, may_lack_value: bool = False) -> Deflate | None:
    """Read the four parameters of §7.1; ``None`` where they are not as they must be."""
    values: dict[str, bool | int] = {}
    for name, value in offer.parameters:
        if name in values:
            return None
        if name in _NO_TAKEOVER and value is None:
            values[name] = True
        elif name in _MAX_BITS and value is not None and _WINDOW_BITS.fullmatch(value):
            values[name] = int(value)
        elif name == "client_max_window_bits" and value is None and may_lack_value:
            values[name] = 15
        else:
            return None
    return Deflate(**values)  # type: ignore[arg-type]


def _fits(chosen: Deflate, answer: ExtensionOffer, offer: ExtensionOffer) -> bool:
    """Tell whether an answer keeps within an offer (§7.1.1.1, §7.1.2.1, §7.1.2.2)."""
    asked = _read(offer, may_lack_value=True)
    if asked is None:
        return False
    said, offered = dict(answer.parameters), dict(offer.parameters)
    if "server_max_window_bits" in offered and "server_max_window_bits" not in said:
        return False
    if "client_max_window_bits" in said and (
        "client_max_window_bits" not in offered
        or chosen.client_max_window_bits > asked.client_max_window_bits
    ):
        return False
    return (
        chosen.server_no_context_takeover >= asked.server_no_context_takeover
        and chosen.server_max_window_bits <= asked.server_max_window_bits
    )


class DeflateCodec:
    """permessage-deflate at work on one connection (RFC 7692 §7.2).

    Parameters
    ----------
    deflate
        What was agreed on.
    role
        Which side this is.
    """

    __slots__ = ("_compressor", "_deflate", "_inflater", "_keep_in", "_keep_out", "_wbits_in", "_wbits_out")

    def __init__(self, deflate: Deflate, role: Role) -> None:
        server, client = (
            (not deflate.server_no_context_takeover, deflate.server_max_window_bits),
            (not deflate.client_no_context_takeover, deflate.client_max_window_bits),
        )
        (self._keep_out, self._wbits_out), (self._keep_in, self._wbits_in) = (
            (server, client) if role == "server" else (client, server)
        )
        self._deflate = deflate
        # Made when first needed: a history costs memory that an idle connection need not pay.
        self._compressor: zlib._Compress | None = None
        self._inflater: zlib._Decompress | None = None

    def compress(self, payload: bytes, *, fin: bool) -> bytes:
        """Compress the next fragment of a message (§7.2.1).

        Parameters
        ----------
        payload
            Any number of bytes.
        fin
            Whether the message ends with this fragment.
        """
        if self._compressor is None:
            # zlib has no raw window of 256 bytes. Without back references any window is kept.
            strategy = zlib.Z_HUFFMAN_ONLY if self._wbits_out == 8 else zlib.Z_DEFAULT_STRATEGY
            self._compressor = zlib.compressobj(
                self._deflate.level,
                zlib.DEFLATED,
                -max(self._wbits_out, 9),
                self._deflate.memory_level,
                strategy,
            )
        compressed = self._compressor.compress(payload) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
        if not fin:
            return compressed
        if not self._keep_out:
            self._compressor = None
        # A flush with nothing to flush is silent; an empty stored block says "nothing" (§7.2.3.6).
        return compressed[:-4] if compressed else b"\x00"

    def inflate(self, piece: bytes, room: int) -> bytes:
        """Inflate a piece of a message to at most `room` + 1 bytes: one more says that it is too much.

        Raises
        ------
        zlib.error
            When the bytes are not DEFLATE.
        """
        inflated = io.BytesIO()  # not a list: two bytes of a peer can be a block, and an object, of their own
        at = 0
        while at < len(piece) and room >= 0:
            # Too much and not DEFLATE are two faults. A step that cannot exceed the room meets the same
            # one first, however the bytes were cut into reads.
            step = piece[at : at + min(max(room // _GROWTH - 1, 1), _STEP)]
            if self._inflater is None:
                self._inflater = zlib.decompressobj(-max(self._wbits_in, 9))
            room -= inflated.write(self._inflater.decompress(step, room + 1))
            at += len(step)
            if self._inflater.eof:  # §7.2.3.4: a last block may come; the next one starts a new stream
                at -= len(self._inflater.unused_data)
                self._inflater = None
        return inflated.getvalue()

    def end(self, room: int) -> bytes:
        """Inflate what the end of a message still holds back: put the removed tail behind it (§7.2.2).

        Raises
        ------
        zlib.error
            When the bytes are not DEFLATE.
        """
        inflated = self.inflate(TAIL, room)
        if not self._keep_in:
            self._inflater = None
        return inflated
