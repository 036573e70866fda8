"""Exercises of lesson 01: events in an HTTP response that does not end (HTML §9.2)."""

from __future__ import annotations

from wslearn.course.exercises.pushing.read import PARSE_SSE
from wslearn.course.exercises.pushing.written import SSE_EVENT

__all__ = ["EXERCISES"]

EXERCISES = (SSE_EVENT, PARSE_SSE)
