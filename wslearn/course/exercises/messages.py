"""Exercises of lesson 05: messages in fragments, text as UTF-8, frames in a stream (RFC 6455 §5.4, §8.1)."""

from __future__ import annotations

from wslearn.course.exercises.stream.cutting import FRAGMENT, fragment
from wslearn.course.exercises.stream.joining import REASSEMBLE, reassemble
from wslearn.course.exercises.stream.take import TAKE_FRAMES, take_frames
from wslearn.course.exercises.stream.utf8 import UTF8_SO_FAR, utf8_so_far

__all__ = ["EXERCISES", "fragment", "reassemble", "take_frames", "utf8_so_far"]

EXERCISES = (FRAGMENT, REASSEMBLE, TAKE_FRAMES, UTF8_SO_FAR)
