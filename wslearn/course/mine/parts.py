"""All the parts of a connection: the student's where there are any, the library's for the rest."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from wslearn import handshake, masking
from wslearn.closing import Close, CloseCode, may_be_sent
from wslearn.course.exercises.compression import accept_offer, deflate_message, inflate_message
from wslearn.course.exercises.frames import split_first_byte
from wslearn.course.exercises.handshake import connection_tokens
from wslearn.course.exercises.lifecycle import answer_ping, next_state
from wslearn.course.exercises.messages import fragment, reassemble, utf8_so_far
from wslearn.course.exercises.opening.answer import check_answer
from wslearn.course.exercises.opening.request import build_request
from wslearn.course.exercises.opening.server import request_status
from wslearn.course.mine.faults import Broken, Fault, guarded
from wslearn.course.mine.rules import RULES
from wslearn.errors import ProtocolError
from wslearn.extensions import parse_extensions
from wslearn.frames import MASK, Frame, check_bits, header, payload_length
from wslearn.http import Headers, split_head

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wslearn.http import Request

__all__ = ["Parts"]

_MOST_FAULTS = 20


class Parts:
    r"""Every function that a connection calls, by name.

    Those of the library stand here as they are, or as a method where they are made of other parts: so a
    student's `mask_bytewise` is used by the library's `parse_frame`, until the student brings a
    `parse_frame`, too.

    Parameters
    ----------
    mine
        A student's functions; each takes the place of the one of its name here.
    patience
        Seconds that one call of them may take.

    Examples
    --------
    >>> parts = Parts({"mask_bytewise": lambda payload, key: payload})  # a mask that masks nothing
    >>> parts.parse_frame(bytes.fromhex("81 82 37 fa 21 3d 48 69"))
    (Frame(TEXT, b'Hi', masking_key=b'7\xfa!='), b'')
    """

    accept_key = staticmethod(handshake.accept_key)
    connection_tokens = staticmethod(connection_tokens)
    build_request = staticmethod(build_request)
    check_answer = staticmethod(check_answer)
    choose_subprotocol = staticmethod(handshake.choose_subprotocol)
    parse_extensions = staticmethod(parse_extensions)
    split_first_byte = staticmethod(split_first_byte)
    header = staticmethod(header)
    payload_length = staticmethod(payload_length)
    check_bits = staticmethod(check_bits)
    mask_bytewise = staticmethod(masking.mask)  # it gives the same, at the speed of the fastest
    rotate = staticmethod(masking.rotate)
    fragment = staticmethod(fragment)
    reassemble = staticmethod(reassemble)
    utf8_so_far = staticmethod(utf8_so_far)
    may_be_sent = staticmethod(may_be_sent)
    answer_ping = staticmethod(answer_ping)
    next_state = staticmethod(next_state)
    split_head = staticmethod(split_head)
    deflate_message = staticmethod(deflate_message)
    inflate_message = staticmethod(inflate_message)
    accept_offer = staticmethod(accept_offer)
    origin_allowed = staticmethod(handshake.origin_allowed)

    def __init__(self, mine: Mapping[str, Callable[..., Any]] = {}, patience: float = 5.0) -> None:
        self.mine = frozenset(mine)
        self.faults: deque[Fault] = deque(maxlen=_MOST_FAULTS)
        for name, function in mine.items():
            setattr(self, name, guarded(name, function, RULES[name], self.faults, patience))

    @property
    def compress_alone(self) -> bool:
        """Whether each message is compressed by itself: a student's functions keep no history."""
        return bool(self.mine & {"deflate_message", "inflate_message"})

    def fail(self, name: str, what: str, *arguments: Any) -> NoReturn:
        """Take note of a part that gives the right type and still cannot be right.

        Raises
        ------
        Broken
            Always.
        """
        fault = Fault(name, what, arguments)
        self.faults.append(fault)
        raise Broken(fault)

    def request_status(self, request: Request) -> int:
        """Check a request as the library does, with Connection as `connection_tokens` reads it (§4.2.1)."""
        others = [field for field in request.headers if field[0].lower() != "connection"]
        words = self.connection_tokens(request.headers.get("Connection"))
        if "upgrade" in map(str.lower, words):
            others.append(("Connection", "Upgrade"))
        # Extensions are read by `parse_extensions`, which refuses for itself what it cannot read.
        fields = [field for field in others if field[0].lower() != "sec-websocket-extensions"]
        return request_status(replace(request, headers=Headers(fields)))

    def mask_integer(self, payload: bytes, masking_key: bytes) -> bytes:
        """Mask: in the fast way, where there is one (§5.3)."""
        return self.mask_bytewise(payload, masking_key)

    def take_frames(self, buffer: bytes) -> tuple[list[Frame], bytes]:
        """Take all whole frames from the front of a buffer (§6.2)."""
        frames = []
        while (parsed := self.parse_frame(buffer)) is not None:
            frame, buffer = parsed
            frames.append(frame)
        return frames, buffer

    def parse_frame(self, data: bytes) -> tuple[Frame, bytes] | None:
        """Read one frame from the front of what arrived (§5.2)."""
        if len(data) < 2 or (length := self.payload_length(data, 0)) is None:
            return None
        size, start = length
        masking_key = None
        if data[1] & MASK:
            masking_key = data[start : start + 4]
            start += 4
        if len(data) < start + size:
            return None
        fin, rsv1, rsv2, rsv3, opcode = self.split_first_byte(data[0])
        payload = data[start : start + size]
        if masking_key is not None:
            payload = self.mask_integer(payload, masking_key)
        return Frame(opcode, payload, fin, rsv1, rsv2, rsv3, masking_key), data[start + size :]

    def parse_close(self, payload: bytes) -> Close:
        """Read a close frame's payload, with the codes that `may_be_sent` allows (§5.5.1, §7.4)."""
        if len(payload) < 2:
            return Close.parse(payload)
        code = int.from_bytes(payload[:2], "big")
        if not self.may_be_sent(code):
            raise ProtocolError(
                f"Close code {code} must not be sent.", close_code=1002, section="§7.4", field="close code"
            )
        normal = CloseCode.NORMAL_CLOSURE.to_bytes(2, "big")
        return Close(code, Close.parse(normal + payload[2:]).reason)
