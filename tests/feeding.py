"""The ways in which the same bytes can arrive: a rule that holds for one must hold for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import pytest

from wslearn import Close, Connection, Event, Frame, ProtocolError
from wslearn.connection import Role

T = TypeVar("T")
E = TypeVar("E", bound=Exception)
Arrive = Callable[[Connection, bytes], list[Event]]


def whole(connection: Connection, data: bytes) -> list[Event]:
    """All in one read."""
    return connection.receive(data)


def byte_by_byte(connection: Connection, data: bytes) -> list[Event]:
    """One byte in each read."""
    return in_pieces(connection, data, range(1, len(data)))


def with_more_behind(connection: Connection, data: bytes) -> list[Event]:
    """In one read that holds a byte of the next frame too; behind an end, anything at all."""
    events = connection.receive(data + b"\x8a")
    if events and isinstance(events[-1], Close | ProtocolError):
        assert connection.receive(b"\xff\xff\xff whatever comes behind an end does not count") == []
    return events


def in_pieces(connection: Connection, data: bytes, cuts: Iterable[int]) -> list[Event]:
    """In reads that end at `cuts`; the last one holds the rest."""
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [event for start, end in pairwise(places) for event in connection.receive(data[start:end])]


three_ways = pytest.mark.parametrize("arrive", [whole, byte_by_byte, with_more_behind])


def wire(frames: Iterable[Frame | bytes], receiver: Role) -> bytes:
    """Write frames as the peer of `receiver` does: masked for a server. Bytes stand as they are."""
    key = b"\x37\xfa\x21\x3d" if receiver == "server" else None
    return b"".join(
        replace(frame, masking_key=key).serialize() if isinstance(frame, Frame) else frame for frame in frames
    )


def read(data: bytes, sender: Role, *, rsv1_means: bool = False) -> list[Frame]:
    """Read what `sender` wrote, which must be whole and legal frames; masking keys are left out."""
    frames = []
    while data:
        parsed = Frame.parse(data)
        assert parsed is not None, f"not a whole frame: {data!r}"
        frame, data = parsed
        frame.check(sender, rsv1_means=rsv1_means)
        frames.append(replace(frame, masking_key=None))
    return frames


def attempt(call: Callable[[], T], error: type[E]) -> T | E:
    """Give what a call returns, or the error of this kind that it raises."""
    try:
        return call()
    except error as raised:
        return raised
