"""Independent implementations, each asked the same question: what is this frame?"""

from __future__ import annotations

from collections.abc import Sequence

from websockets.exceptions import ProtocolError as Refused
from websockets.extensions import Extension
from websockets.frames import Frame as WebsocketsFrame
from websockets.streams import StreamReader
from wsproto.frame_protocol import FrameDecoder, ParseFailed


def websockets_frame(data: bytes, *, masked: bool, extensions: Sequence[Extension] = ()) -> WebsocketsFrame:
    """Read one frame, all of which is there, with the `websockets` package."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    reading = WebsocketsFrame.parse(reader.read_exact, mask=masked, extensions=extensions)
    try:
        next(reading)
    except StopIteration as done:
        frame: WebsocketsFrame = done.value
        return frame
    raise AssertionError(f"websockets asks for more than {data!r}")


def websockets_refuses(data: bytes, *, masked: bool) -> bool:
    """Tell whether `websockets` refuses a frame."""
    try:
        websockets_frame(data, masked=masked)
    except Refused:
        return True
    return False


def wsproto_refuses(data: bytes, *, masked: bool) -> bool:
    """Tell whether wsproto refuses a frame by what is there of it."""
    decoder = FrameDecoder(client=not masked)
    decoder.receive_bytes(data)
    try:
        decoder.process_buffer()
    except ParseFailed:
        return True
    return False
