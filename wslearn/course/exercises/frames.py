"""Exercises of lesson 03: a frame's header, bit by bit (RFC 6455 §5.2)."""

from __future__ import annotations

from wslearn.course.exercises.framing.bits import CHECK_BITS
from wslearn.course.exercises.framing.first_byte import SPLIT_FIRST_BYTE, split_first_byte
from wslearn.course.exercises.framing.length import PAYLOAD_LENGTH
from wslearn.course.exercises.framing.whole import PARSE_FRAME, parse_frame
from wslearn.course.exercises.framing.written import HEADER

__all__ = ["EXERCISES", "parse_frame", "split_first_byte"]

EXERCISES = (SPLIT_FIRST_BYTE, HEADER, PAYLOAD_LENGTH, PARSE_FRAME, CHECK_BITS)
