"""Exercises of lesson 10: the core of each pattern, in one function (above RFC 6455 §1.5)."""

from __future__ import annotations

from wslearn.course.exercises.using.latest import CONFLATE, conflate
from wslearn.course.exercises.using.merging import MERGE, merge
from wslearn.course.exercises.using.once import APPEND_ONCE, STILL_OWED, append_once, still_owed
from wslearn.course.exercises.using.sampling import SAMPLE, sample
from wslearn.course.exercises.using.ticks import TICK, tick
from wslearn.course.exercises.using.topics import RECIPIENTS, recipients

__all__ = ["EXERCISES", "append_once", "conflate", "merge", "recipients", "sample", "still_owed", "tick"]

EXERCISES = (APPEND_ONCE, STILL_OWED, SAMPLE, TICK, MERGE, RECIPIENTS, CONFLATE)
