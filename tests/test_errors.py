"""The tree of errors, and what each of them carries."""

from __future__ import annotations

import pytest

from wslearn import Close, ConnectionClosed, HandshakeError, ProtocolError, UsageError, WebSocketError


class TestTree:
    @pytest.mark.parametrize("kind", [UsageError, HandshakeError, ProtocolError, ConnectionClosed])
    def test_one_except_catches_all(self, kind: type[Exception]) -> None:
        assert issubclass(kind, WebSocketError)

    def test_misuse_and_a_breach_are_different_things(self) -> None:
        assert not issubclass(UsageError, ProtocolError)
        assert not issubclass(ProtocolError, UsageError)


class TestSection42HandshakeError:
    def test_carries_the_refusal(self) -> None:
        error = HandshakeError(
            "Only 13.", status=426, section="§4.4", headers=[("Sec-WebSocket-Version", "13")]
        )
        assert (error.status, error.section) == (426, "§4.4")
        assert error.headers == (("Sec-WebSocket-Version", "13"),)
        assert str(error) == "Only 13. (HTTP 426, §4.4)"

    def test_has_no_headers_unless_told(self) -> None:
        assert HandshakeError("No Host.", status=400, section="§4.2.1").headers == ()


class TestSection71ProtocolError:
    ERROR = ProtocolError("Reserved.", close_code=1002, section="§5.2", field="opcode")

    def test_carries_rule_and_code(self) -> None:
        assert (self.ERROR.close_code, self.ERROR.section, self.ERROR.field) == (1002, "§5.2", "opcode")
        assert str(self.ERROR) == "Reserved. (close code 1002, §5.2)"

    def test_is_equal_to_the_same_fault(self) -> None:
        same = ProtocolError("Reserved.", close_code=1002, section="§5.2", field="opcode")
        assert same == self.ERROR
        assert hash(self.ERROR) == hash(same)

    @pytest.mark.parametrize(
        "other",
        [
            ProtocolError("Other.", close_code=1002, section="§5.2", field="opcode"),
            ProtocolError("Reserved.", close_code=1007, section="§5.2", field="opcode"),
            ProtocolError("Reserved.", close_code=1002, section="§5.5", field="opcode"),
            ProtocolError("Reserved.", close_code=1002, section="§5.2", field="fin"),
            "Reserved. (close code 1002, §5.2)",
        ],
    )
    def test_differs_from_another(self, other: object) -> None:
        assert other != self.ERROR


class TestSection715ConnectionClosed:
    """§7.1.5, §7.1.6: code and reason are the peer's."""

    def test_both_close_frames(self) -> None:
        received, sent = Close(1001, "bye"), Close(1000)
        error = ConnectionClosed(received=received, sent=sent, received_first=True)
        assert (error.received, error.sent, error.received_first) == (received, sent, True)
        assert (error.code, error.reason) == (1001, "bye")
        assert str(error) == "received 1001 GOING_AWAY “bye”, sent 1000 NORMAL_CLOSURE"

    def test_no_close_frame_is_1006(self) -> None:
        error = ConnectionClosed(received=None, sent=None)
        assert (error.code, error.reason, error.received_first) == (1006, "", None)
        assert str(error) == "received no close frame, sent no close frame"
