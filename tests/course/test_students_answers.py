"""Answers as students write them: a right one is called right, and a wrong one is shown as it was written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wslearn.course.checking import check
from wslearn.frames import Frame

FIRST_CHECK = """
from wslearn.course import check

def server_frame(text):
    payload = text.encode()
    return bytes([0x81, len(payload)]) + payload

print(check(server_frame))
"""


def request(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(line + end for line in (*lines, "")).encode()


def fields(host: str, key: str) -> list[str]:
    return [
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]


class TestBuildRequest:
    """RFC 6455 §4.1."""

    def test_connection_may_name_more_than_upgrade(self) -> None:
        def build_request(host: str, resource: str, key: str) -> bytes:
            lines = [f"GET {resource} HTTP/1.1", *fields(host, key)]
            return request(*lines).replace(b"Connection: ", b"Connection: keep-alive, ")

        assert check(build_request).verdict == "right"

    def test_order_case_and_blanks_are_free(self) -> None:
        def build_request(host: str, resource: str, key: str) -> bytes:
            lines = [line.replace(": ", ":", 1) for line in reversed(fields(host, key))]
            lines = [line.lower() if "Key" not in line else line for line in lines]
            return request(f"GET {resource} HTTP/1.1", "Origin: http://a.example", *lines)

        assert check(build_request).verdict == "right"

    @pytest.mark.parametrize("instead", ["Connection: close", "Connection: not-upgrade", "Connection:"])
    def test_connection_must_name_upgrade(self, instead: str) -> None:
        def build_request(host: str, resource: str, key: str) -> bytes:
            return request(f"GET {resource} HTTP/1.1", *fields(host, key)).replace(
                b"Connection: Upgrade", instead.encode()
            )

        assert check(build_request).verdict == "not yet"

    def test_what_was_written_is_shown(self) -> None:
        def build_request(host: str, resource: str, key: str) -> bytes:
            lines = [f"GET {resource} HTTP/1.1", f"HOST : {host}", *fields(host, key)[:0:-1]]
            return request(*lines, end="\n")

        assert r"yours     'GET / HTTP/1.1\nHOST : a.example\nUpgrade: websocket\n" in repr(
            check(build_request)
        )


class TestFrames:
    """RFC 6455 §5.2, §5.4."""

    def test_an_opcode_by_its_number_is_no_difference(self) -> None:
        def fragment(message: str | bytes, size: int) -> list[Frame]:
            payload = message.encode() if isinstance(message, str) else message
            opcode = 1 if isinstance(message, str) else 2
            pieces = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
            return [Frame(0 if at else opcode, piece, fin=False) for at, piece in enumerate(pieces)]

        report = repr(check(fragment))
        assert "yours     [Frame(Opcode.TEXT, fin=False)]" in report
        assert report.index("^") - report.index("yours") > len("yours     [Frame(Opcode.TEXT")

    def test_a_frame_s_bytes_are_shown_in_hexadecimal(self) -> None:
        def split_first_byte(byte: int) -> tuple[bool, bool, bool, bool, int]:
            return bool(byte & 1), False, False, False, 0

        def check_bits(first: int, second: int, *, from_client: bool, rsv1_means: bool = False) -> None:
            """Take everything."""
            assert first + second + from_client + rsv1_means >= 0

        assert check(split_first_byte).call == "split_first_byte(0x01)"
        assert check(check_bits).call == "check_bits(0x81, 0x05, from_client=True)"


def test_the_first_check_needs_no_table_of_characters(tmp_path: Path) -> None:
    environment = os.environ | {"WSLEARN_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_CHECK], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("server_frame: right")
    assert (tmp_path / "hypothesis").is_dir()  # where it would be
    assert list(tmp_path.rglob("charmap*")) == []
