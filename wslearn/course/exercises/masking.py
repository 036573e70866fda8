"""Exercises of lesson 04: masking (RFC 6455 §5.3)."""

from __future__ import annotations

from wslearn.course.exercises.masks.bytewise import MASK_BYTEWISE
from wslearn.course.exercises.masks.integer import MASK_INTEGER
from wslearn.course.exercises.masks.turned import ROTATE

__all__ = ["EXERCISES"]

EXERCISES = (MASK_BYTEWISE, MASK_INTEGER, ROTATE)
