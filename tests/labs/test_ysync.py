"""The messages of y-protocols: read strictly, and as other implementations write them."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import (
    Awareness,
    Doc,
    Text,
    create_awareness_message,
    create_sync_message,
    create_update_message,
    handle_sync_message,
)

from wslearn.labs.apps.ysync import ASK, Cursor, Kind, Malformed, Step, cursors, parse, parse_cursors, sync

numbers = st.integers(0, 2**53 - 1)
states = st.none() | st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20), max_size=3)


class TestSync:
    @given(st.sampled_from(Step), st.binary(max_size=300))
    def test_what_is_written_is_read(self, step: Step, payload: bytes) -> None:
        assert parse(sync(step, payload)) == (Kind.SYNC, step, payload)

    def test_pycrdt_writes_and_reads_the_same(self) -> None:
        doc = Doc({"text": Text("Hello")})
        assert create_sync_message(doc) == sync(Step.STATE, doc.get_state())
        assert create_update_message(doc.get_update()) == sync(Step.UPDATE, doc.get_update())
        asked = sync(Step.STATE, b"\0")[1:]
        assert handle_sync_message(asked, doc) == sync(Step.ANSWER, doc.get_update())

    @given(st.binary(max_size=40))
    def test_anything_is_a_message_or_malformed(self, data: bytes) -> None:
        try:
            kind, step, payload = parse(data)
        except Malformed:
            return
        assert data[0] == kind
        assert (step is None) == (kind is not Kind.SYNC)
        assert data.endswith(payload)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x00",
            b"\x00\x00",
            b"\x00\x03\x00",  # there is no step 3
            b"\x02\x00",  # "permission denied" is for servers to say
            b"\x03\x00",
            b"\x00\x02\x05\x00",  # shorter than it says
            b"\x00\x02\x01\x00\x00",  # longer than it says
            b"\x00\x02" + b"\xff" * 9,
        ],
    )
    def test_what_is_none(self, data: bytes) -> None:
        with pytest.raises(Malformed):
            parse(data)

    def test_numbers_without_end_cost_nothing(self) -> None:
        with pytest.raises(Malformed, match="too large"):
            parse(b"\x00\x02" + b"\xff" * 1_000_000)

    def test_a_question(self) -> None:
        assert parse(ASK) == (Kind.QUERY, None, b"")


class TestCursors:
    @given(st.lists(st.builds(Cursor, numbers, numbers, states), max_size=3))
    def test_what_is_written_is_read(self, each: list[Cursor]) -> None:
        kind, _, payload = parse(cursors(*each))
        assert kind is Kind.AWARENESS
        assert parse_cursors(payload) == each

    def test_pycrdt_writes_and_reads_the_same(self) -> None:
        here, there = Awareness(Doc(client_id=7)), Awareness(Doc(client_id=8))
        here.set_local_state({"user": {"name": "Ada"}})
        payload = here.encode_awareness_update([7])
        _, _, read = parse(create_awareness_message(payload))
        (cursor,) = parse_cursors(read)
        assert cursor == Cursor(7, 1, {"user": {"name": "Ada"}})
        there.apply_awareness_update(parse(cursors(cursor._replace(clock=2, state={"é": "ü"})))[2], "")
        assert there.states[7] == {"é": "ü"}

    @given(st.binary(max_size=40))
    def test_anything_is_cursors_or_malformed(self, data: bytes) -> None:
        with suppress(Malformed):
            assert all(each.client >= 0 for each in parse_cursors(data))

    @pytest.mark.parametrize(
        "state",
        ["[]", "5", "{", '{"a": NaN}', '{"a": -Infinity}', "[" * 900, json.dumps({"a": "x" * 1000})],
    )
    def test_a_state_that_a_browser_cannot_read(self, state: str) -> None:
        length = len(state)
        size = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
        with pytest.raises(Malformed, match="cursor"):
            parse_cursors(b"\x01\x05\x01" + size + state.encode())

    def test_a_count_that_is_not_so(self) -> None:
        with pytest.raises(Malformed, match="counts 2 cursors, and has 1"):
            parse_cursors(b"\x02\x05\x01\x04null")
