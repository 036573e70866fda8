"""Captures as a pcapng file, for Wireshark and its friends.

A tap sees what TCP delivers, not the packets that carried it. So the packets are made up here: one
connection of its own for each capture, with its three-way handshake, the recorded bytes in segments,
each acknowledged at once, and the end as it was. What a reader of the file sees of HTTP, TLS and
WebSocket is what was on the wire, at its time; what it sees of IP and TCP is a faultless network.

::

    section header | interface description | packet | packet | packet | …
    type 4 | length 4 | body, padded to 4 | length 4                           each block is such a frame
    packet body:  interface 4 | time 8, in ns | captured 4 | original 4 | IP header, TCP header, data
"""

from __future__ import annotations

import heapq
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from operator import itemgetter
from typing import TYPE_CHECKING

from wslearn.net.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wslearn.connection import Role
    from wslearn.net.capture import Capture
    from wslearn.net.record import End

__all__ = ["pcapng"]

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6  # kinds of blocks
_RAW_IP = 101  # LINKTYPE_RAW: no Ethernet around it
_END = bytes(4)  # of a list of options

_TCP = 6  # IP's number for it
_FIN, _SYN, _RST, _PSH, _ACK = 0x01, 0x02, 0x04, 0x08, 0x10
_SEGMENT = 65535 - 20 - 20  # bytes of data: as many as IPv4 can carry
_WINDOW = 65535
_HOPS = 64

_PEER: dict[Role, Role] = {"client": "server", "server": "client"}


def pcapng(captures: Iterable[Capture]) -> bytes:
    """Write captures as one file, its packets in the order of time.

    Parameters
    ----------
    captures
        The connections; those still open are written as far as they went.

    Returns
    -------
    bytes
        The file.

    Examples
    --------
    >>> pcapng([])[:4].hex()
    '0a0d0d0a'
    """
    software, name, nanoseconds = _option(4, b"wslearn"), _option(2, b"tap"), _option(9, b"\x09")
    blocks = [
        _block(_SECTION, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1) + software + _END),
        _block(_INTERFACE, struct.pack(">HHI", _RAW_IP, 0, 0) + name + nanoseconds + _END),
    ]
    for when, packet in heapq.merge(*map(_packets, captures), key=itemgetter(0)):
        size = len(packet)
        blocks.append(_block(_PACKET, struct.pack(">IQII", 0, when, size, size) + packet))
    return b"".join(blocks)


def _block(kind: int, body: bytes) -> bytes:
    body = _padded(body)
    size = struct.pack(">I", len(body) + 12)
    return struct.pack(">I", kind) + size + body + size


def _option(code: int, value: bytes) -> bytes:
    return struct.pack(">HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _packets(capture: Capture) -> Iterator[tuple[int, bytes]]:
    """Make up the packets of one connection; each with its time in nanoseconds since 1970."""
    tcp = _Conversation(capture)
    yield capture.began, tcp.packet("client", _SYN)
    yield capture.began, tcp.packet("server", _SYN | _ACK)
    yield capture.began, tcp.packet("client", _ACK)
    everything: list[Record | End] = [*capture.records, *capture.ends]
    for seen in sorted(everything, key=lambda each: each.time):
        when, sender = capture.began + round(seen.time * 1e9), seen.direction
        if isinstance(seen, Record):
            for at in range(0, len(seen.data), _SEGMENT):
                yield when, tcp.packet(sender, _PSH | _ACK, seen.data[at : at + _SEGMENT])
                yield when, tcp.packet(_PEER[sender], _ACK)
        elif seen.how == "FIN":
            tcp.skip(sender, capture.dropped[sender])
            yield when, tcp.packet(sender, _FIN | _ACK)
            yield when, tcp.packet(_PEER[sender], _ACK)
        else:  # not acknowledged: there is nobody left to hear it
            yield when, tcp.packet(sender, _RST | _ACK)


class _Conversation:
    """The two ends of one connection: addresses, and how far each has sent (RFC 9293 §3.4)."""

    def __init__(self, capture: Capture) -> None:
        hosts = {"client": _address(capture.client[0]), "server": _address(capture.server[0])}
        if hosts["client"].version != hosts["server"].version:
            hosts = {role: _as_ipv6(host) for role, host in hosts.items()}
        self._hosts = hosts
        self._ports = {"client": capture.client[1], "server": capture.server[1]}
        self._sent = {"client": 0, "server": 0}

    def skip(self, sender: Role, size: int) -> None:
        """Leave a gap for bytes that were not recorded: the reader of the file says what is missing."""
        self._sent[sender] += size

    def packet(self, sender: Role, flags: int, data: bytes = b"") -> bytes:
        """Write the next packet from one side."""
        peer = _PEER[sender]
        acknowledged = self._sent[peer] if flags & _ACK else 0
        source, target = self._hosts[sender].packed, self._hosts[peer].packed
        head = struct.pack(
            ">HHIIBBHHH",
            self._ports[sender],
            self._ports[peer],
            self._sent[sender] & 0xFFFFFFFF,
            acknowledged & 0xFFFFFFFF,
            5 << 4,
            flags,
            _WINDOW,
            0,
            0,
        )
        size = len(head) + len(data)
        # RFC 9293 §3.1, RFC 8200 §8.1: the two pseudo headers differ in zeros only, which add nothing.
        summed = _checksum(source + target + struct.pack(">II", size, _TCP) + head + data)
        self._sent[sender] += len(data) + bool(flags & (_SYN | _FIN))
        segment = head[:16] + summed + head[18:] + data
        if len(source) == 4:
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, 0, 0x4000, _HOPS, _TCP, 0) + source + target
            return ip[:10] + _checksum(ip) + ip[12:] + segment
        return struct.pack(">IHBB", 6 << 28, size, _TCP, _HOPS) + source + target + segment


def _address(host: str) -> IPv4Address | IPv6Address:
    return ip_address(host.partition("%")[0])


def _as_ipv6(host: IPv4Address | IPv6Address) -> IPv6Address:
    """Write an IPv4 address as IPv6 (RFC 4291 §2.5.5.2): one packet has one kind of address."""
    return host if isinstance(host, IPv6Address) else IPv6Address(f"::ffff:{host}")


def _checksum(data: bytes) -> bytes:
    """Compute the Internet checksum (RFC 1071).

    Adding 16-bit words with the carry brought round is reckoning modulo 65535; so the whole of the data
    can be one number.

    Examples
    --------
    >>> _checksum(bytes.fromhex("0001 f203 f4f5 f6f7")).hex()
    '220d'
    """
    number = int.from_bytes(_padded(data), "big")
    return struct.pack(">H", -number % 0xFFFF)
