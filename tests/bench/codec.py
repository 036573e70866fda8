"""The codec in memory: parsing, encoding, masking, and one byte at a time. CPU time of this process."""

from __future__ import annotations

import asyncio
import io
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial

from tests.bench.peers_in_memory import LIMIT, Parse, encoders, parsers
from tests.bench.rounds import OURS, Figure, interleave, timed
from wslearn import Connection, Frame, Opcode
from wslearn.masking import mask, mask_in_place

KEY = bytes.fromhex("37fa213d")
READ = 64 * 1024  # bytes of one read
SIZES = {16: "16 B", 125: "125 B", 1 << 10: "1 KiB", 1 << 14: "16 KiB", 1 << 16: "64 KiB", 1 << 20: "1 MiB"}
QUICK_SIZES = (16, 1 << 10, 1 << 16)

PARSE_BARS: dict[int, dict[str, float]] = {
    16: {"websockets": 6, "wsproto": 15, "aiohttp": 1, "picows": 1 / 1.2},
    125: {"websockets": 6, "wsproto": 15, "aiohttp": 1, "picows": 1 / 1.2},
    1 << 10: {"websockets": 3.5},
    1 << 14: {"websockets": 1},
    1 << 16: {"websockets": 1, "picows": 1},
    1 << 20: {"websockets": 1, "picows": 1},
}
ENCODE_BARS: dict[int, dict[str, float]] = {
    16: {"websockets": 3},
    125: {"websockets": 1},
    1 << 10: {"websockets": 1},
    1 << 14: {"websockets": 1},
}


def parse(quick: bool) -> list[Figure]:
    """Measure a masked binary stream, read in pieces of 64 KiB.

    A read is a fresh object each time, as the one that ``recv`` gives is: that copy is in everybody's
    time.
    """
    figures = []
    loop = asyncio.new_event_loop()
    for size in QUICK_SIZES if quick else SIZES:
        frame = _frame(size)
        # A stream that stays in the cache, as what a socket has just given does.
        count = max(4, min(8000, (1 << 20) // len(frame)))
        stream = frame * count
        contenders = {}
        for name, take in parsers(loop).items():
            assert take(_reads(stream)) == count, name
            contenders[name] = timed(partial(_take, take, stream), 2 * count)
        costs = interleave(contenders, 7 if quick else 15)
        figures.append(Figure(SIZES[size], "ns a message", costs, PARSE_BARS[size]))
    loop.close()
    return figures


def encode(quick: bool) -> list[Figure]:
    """Measure masked binary frames, each payload sent again and again."""
    figures = []
    loop = asyncio.new_event_loop()
    for size in QUICK_SIZES if quick else SIZES:
        payload = _payload(size)
        count = max(4, min(5000, (4 << 20) // size))
        contenders = {
            name: timed(partial(_repeat, count, write, payload), count)
            for name, write in encoders(loop).items()
        }
        costs = interleave(contenders, 7 if quick else 15)
        figures.append(Figure(SIZES[size], "ns a message", costs, ENCODE_BARS.get(size, {})))
    loop.close()
    return figures


def masking(quick: bool) -> list[Figure]:
    """Measure masking alone, beside a copy of the same bytes; a new object for every call."""
    from tornado.speedups import websocket_mask
    from websockets.speedups import apply_mask

    figures = []
    for size in (1 << 16,) if quick else (1 << 16, 1 << 20):
        payload = _payload(size)
        count = (32 << 20) // size
        ways: dict[str, Callable[[bytes], object]] = {
            OURS: lambda payload: mask(payload, KEY),
            "memory copy": lambda payload: bytes(memoryview(payload)),
            "in place": partial(_in_place, io.BytesIO(bytes(memoryview(payload)))),
            "websockets' C": lambda payload: apply_mask(payload, KEY),
            "Tornado's C": partial(websocket_mask, KEY),
        }
        contenders = {name: timed(partial(_repeat, count, way, payload), count) for name, way in ways.items()}
        costs = interleave(contenders, 9 if quick else 25)
        figures.append(Figure(SIZES[size], "ns a payload", costs, {"memory copy": 1 / 2}))
    return figures


def bytewise(quick: bool) -> list[Figure]:
    """Measure a message that comes one byte at a time: a short one beside a long one, and the memory."""
    short, long = 1 << 10, 1 << (18 if quick else 20)
    streams = {size: _frame(size) for size in (short, long)}

    def cost(size: int, times: int) -> float:
        stream = [streams[size][i : i + 1] for i in range(len(streams[size]))]
        receive = Connection("server", max_message_size=LIMIT).receive
        start = time.process_time_ns()
        for _ in range(times):
            for octet in stream:
                receive(octet)
        return (time.process_time_ns() - start) / len(stream) / times

    same = {OURS: partial(cost, long, 1), "in 1 KiB": partial(cost, short, long // short // 4)}
    per_byte = Figure(
        f"a byte in {SIZES.get(long, '256 KiB')}", "ns", interleave(same, 3), {"in 1 KiB": 1 / 1.25}
    )
    peak = _peak(streams[long]) / long
    return [per_byte, Figure("memory at its peak", "payloads", {OURS: [peak]}, at_most=2)]


def _peak(stream: bytes) -> float:
    """Take a stream in byte by byte; return the most bytes that were allocated at once."""
    receive = Connection("server", max_message_size=LIMIT).receive
    tracemalloc.start()
    for i in range(len(stream)):
        receive(stream[i : i + 1])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _payload(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def _frame(size: int) -> bytes:
    return Frame(Opcode.BINARY, _payload(size), masking_key=KEY).serialize()


def _reads(stream: bytes) -> Iterator[bytes]:
    view = memoryview(stream)
    return (bytes(view[at : at + READ]) for at in range(0, len(stream), READ))


def _take(take: Parse, stream: bytes) -> None:
    for _ in range(2):
        take(_reads(stream))


def _in_place(buffer: io.BytesIO, payload: bytes) -> None:
    """Mask the buffer's own bytes, as a connection does with a payload that came in pieces."""
    mask_in_place(buffer, 0, KEY)


def _repeat(count: int, work: Callable[[bytes], object], payload: bytes) -> None:
    for _ in range(count):
        work(payload)
