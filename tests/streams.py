"""Streams of frames for Hypothesis: mostly legal, so that they get far, and illegal in every way."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.feeding import wire
from wslearn import Close, Deflate, Frame, Opcode
from wslearn.connection import Role
from wslearn.frames import header

LIMIT = 400  # bytes in a message, so that messages over the limit are small too

Unit = list[Frame | bytes]

roles: st.SearchStrategy[Role] = st.sampled_from(["client", "server"])
deflates = st.builds(
    Deflate, st.booleans(), st.booleans(), st.integers(8, 15), st.integers(8, 15), memory_level=st.just(1)
)

data_opcodes = st.sampled_from([Opcode.TEXT, Opcode.BINARY])
control_opcodes = st.sampled_from([Opcode.PING, Opcode.PONG])
payloads = st.one_of(
    st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=8),
    st.sampled_from([size * b"x" for size in (0, 124, 125, 126, 127, 200, LIMIT - 1, LIMIT, LIMIT + 1)]),
    st.sampled_from(["é" * 70, "€" * 130, "😀" * 101]).map(str.encode),
)

messages = st.builds(Frame, data_opcodes, payloads)
controls = st.builds(Frame, control_opcodes, st.binary(max_size=125))
closes = st.builds(
    Frame,
    st.just(Opcode.CLOSE),
    st.builds(Close, st.sampled_from([1000, 1001, 1014, 3000, 4999, 1005])).map(Close.serialize)
    | st.binary(max_size=4)
    | st.integers(990, 1020).map(lambda code: code.to_bytes(2, "big")),
)
strange = st.builds(
    Frame,
    st.integers(0, 15),
    st.binary(max_size=4) | st.just(bytes(126)),
    fin=st.booleans(),
    rsv1=st.booleans(),
    rsv2=st.booleans(),
    rsv3=st.booleans(),
)


@st.composite
def fragmented(draw: st.DrawFn) -> Unit:
    """One message in fragments, cut anywhere, with control frames between them."""
    payload = draw(payloads)
    cuts = sorted(draw(st.lists(st.integers(0, len(payload)), min_size=1, max_size=4)))
    unit: Unit = []
    opcode: Opcode = draw(data_opcodes)
    for start, end in zip([0, *cuts], [*cuts, len(payload)], strict=True):
        unit += draw(st.lists(controls, max_size=1))
        unit.append(Frame(opcode, payload[start:end], fin=False))
        opcode = Opcode.CONTINUATION
    last = unit[-1]
    assert isinstance(last, Frame)
    last.fin = True
    return unit


@st.composite
def compressed(draw: st.DrawFn) -> Unit:
    """A message compressed on its own, whole or in two frames, sometimes with a byte changed."""
    payload = bytearray(
        Deflate().codec("client").compress(draw(payloads) * draw(st.integers(1, 3)), fin=True)
    )
    if draw(st.booleans()):
        payload[draw(st.integers(0, len(payload) - 1))] ^= draw(st.integers(0, 255))
    cut = draw(st.integers(0, len(payload)))
    first = Frame(draw(data_opcodes), bytes(payload[:cut]), fin=False, rsv1=True)
    return [first, Frame(Opcode.CONTINUATION, bytes(payload[cut:]))]


@st.composite
def announced(draw: st.DrawFn) -> Unit:
    """A frame in one of the two long forms of length, minimal or not, with some of its payload or all."""
    first = draw(st.sampled_from([0x81, 0x82]) | st.integers(0, 255))
    mask_bit = draw(st.sampled_from([0, 0x80]))
    form, width = draw(st.sampled_from([(126, 2), (127, 8)]))
    size = draw(st.integers(0, 300) | st.integers(0, 256**width - 1))
    payload = bytes(draw(st.integers(0, 310)))
    return [bytes((first, mask_bit | form)) + size.to_bytes(width, "big") + payload]


legal_units: st.SearchStrategy[Unit] = st.one_of(
    messages.map(lambda frame: [frame]), controls.map(lambda frame: [frame]), fragmented()
)
whole_units: st.SearchStrategy[Unit] = st.one_of(
    legal_units,
    legal_units,
    legal_units,
    closes.map(lambda frame: [frame]),
    strange.map(lambda frame: [frame]),
)
units: st.SearchStrategy[Unit] = st.one_of(
    legal_units,
    legal_units,
    compressed(),
    whole_units,
    announced(),
    st.binary(max_size=12).map(lambda raw: [raw]),
)


@st.composite
def streams(draw: st.DrawFn, receiver: Role, of: st.SearchStrategy[Unit] = units) -> bytes:
    """Bytes for one receiver; now and then masked as for the other."""
    data = b""
    for unit in draw(st.lists(of, max_size=8)):
        other: Role = "client" if receiver == "server" else "server"
        masked_for = other if draw(st.integers(0, 30)) == 30 else receiver
        data += wire(unit, masked_for)
    return data


def start(opcode: int, size: int, *, masked: bool) -> bytes:
    """The header of a whole message of `size` bytes."""
    return header(0x80 | opcode, size, b"mask" if masked else None)
