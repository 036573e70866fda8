"""Exercises of lesson 11: which node, whose room, how many nodes, how fast they come."""

from __future__ import annotations

from wslearn.course.exercises.spreading.counting import BUSIEST_SECOND, NODES_NEEDED
from wslearn.course.exercises.spreading.placing import HOME_OF, LEAST_CONNECTIONS

__all__ = ["EXERCISES"]

EXERCISES = (NODES_NEEDED, LEAST_CONNECTIONS, BUSIEST_SECOND, HOME_OF)
