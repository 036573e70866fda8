"""Exercises of lesson 12: what proxies are asked for, what they drop, and how to find out which one did."""

from __future__ import annotations

from wslearn.course.exercises.passing.hops import HOP_BY_HOP
from wslearn.course.exercises.passing.http2 import EXTENDED_CONNECT
from wslearn.course.exercises.passing.keepalive import KEEPALIVE_FOR
from wslearn.course.exercises.passing.suspects import SUSPECT
from wslearn.course.exercises.passing.tunnel import CONNECT_REQUEST

__all__ = ["EXERCISES"]

EXERCISES = (HOP_BY_HOP, KEEPALIVE_FOR, SUSPECT, CONNECT_REQUEST, EXTENDED_CONNECT)
