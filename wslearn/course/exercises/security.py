"""Exercises of lesson 09: whose page, whose user, how fast (RFC 6455 §10)."""

from __future__ import annotations

from wslearn.course.exercises.guarding.origins import ORIGIN_ALLOWED
from wslearn.course.exercises.guarding.rates import TAKE_TOKEN
from wslearn.course.exercises.guarding.tickets import READ_TICKET

__all__ = ["EXERCISES"]

EXERCISES = (ORIGIN_ALLOWED, READ_TICKET, TAKE_TOKEN)
