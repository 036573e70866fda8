"""Exercises of lesson 08: permessage-deflate (RFC 7692)."""

from __future__ import annotations

from wslearn.course.exercises.packing.deflating import DEFLATE_MESSAGE, deflate_message
from wslearn.course.exercises.packing.inflating import INFLATE_MESSAGE, inflate_message
from wslearn.course.exercises.packing.offers import ACCEPT_OFFER, accept_offer

__all__ = ["EXERCISES", "accept_offer", "deflate_message", "inflate_message"]

EXERCISES = (ACCEPT_OFFER, DEFLATE_MESSAGE, INFLATE_MESSAGE)
